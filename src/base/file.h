/* Files: read whole under a limit, written so that a crash leaves the old one or the new one. */
#ifndef KUBEVOUCH_BASE_FILE_H
#define KUBEVOUCH_BASE_FILE_H

#include "base/buf.h"

/* Appends the file's bytes to out, whose limit bounds them. ERR_IO, ERR_NOT_FOUND, ERR_LIMIT. */
bool file_read(const char *path, struct buf *out, struct err *err) WARN_UNUSED;
/* Writes path.tmp.PID beside path, fsyncs it, renames it over path, fsyncs the folder. */
bool file_write_atomic(const char *path, struct str bytes, struct err *err) WARN_UNUSED;

/* The same for output too large to hold: open, add, then commit or abandon. */
struct file_writer {
    int fd;
    bool open;
    const char *path, *tmp_path;  /* in arena; tmp_path is NULL for a pipe or device, written in place */
    struct arena arena;
    struct buf pending;
};
bool file_writer_open(struct file_writer *w, const char *path, struct err *err) WARN_UNUSED;
bool file_writer_add(struct file_writer *w, struct str bytes, struct err *err) WARN_UNUSED;
bool file_writer_commit(struct file_writer *w, struct err *err) WARN_UNUSED;
/* Removes the temporary file if it was not committed. Accepts a zeroed or closed writer. */
void file_writer_abandon(struct file_writer *w);

/* Makes the folder and its parents, mode 0755; fine if it is there. */
bool file_make_dir(const char *path, struct err *err) WARN_UNUSED;
/* The folder part of path, "." if none. */
struct str file_dir_of(struct str path);
/* base/name, unless name is absolute. */
struct str file_join(struct arena *a, struct str base, struct str name);

#endif
