/* Files: read whole under a limit, written so that a crash leaves the old one or the new one. */
#ifndef KUBEVOUCH_BASE_FILE_H
#define KUBEVOUCH_BASE_FILE_H

#include "base/buf.h"

/* Appends the file's bytes to out, whose limit bounds them. A pipe or socket is not opened, as
 * nobody may ever write into it; one that this process was given (/dev/stdin, /dev/fd/N) is.
 * ERR_IO, ERR_NOT_FOUND, ERR_LIMIT. */
bool file_read(const char *path, struct buf *out, struct err *err) WARN_UNUSED;
/* A file that somebody else's document names, in pieces of at most piece_bytes and never whole in
 * memory: dir/name must be a regular file inside dir, without links, "..", or a name that begins
 * with "/"; ERR_INPUT where it is not. False from piece ends the reading, which is no error. What
 * was handed over before an error stays. */
bool file_stream_inside(const char *dir, struct str name, size_t piece_bytes,
                        bool (*piece)(void *ctx, struct str bytes), void *ctx,
                        struct err *err) WARN_UNUSED;
/* Writes a temporary file beside path, fsyncs it, renames it over path, fsyncs the folder. What is
 * made is for whom the umask lets read it. */
bool file_write_atomic(const char *path, struct str bytes, struct err *err) WARN_UNUSED;

/* The same for output too large to hold: open, add, then commit or abandon. A pipe or device is
 * written in place; what is a link to one is refused. */
struct file_writer {
    int fd;
    bool open;
    const char *path, *tmp_path; /* in arena; tmp_path is NULL for a pipe or device */
    struct arena arena;
    struct buf pending;
};
bool file_writer_open(struct file_writer *w, const char *path, struct err *err) WARN_UNUSED;
bool file_writer_add(struct file_writer *w, struct str bytes, struct err *err) WARN_UNUSED;
bool file_writer_commit(struct file_writer *w, struct err *err) WARN_UNUSED;
/* Removes the temporary file if it was not committed. Accepts a zeroed or closed writer. */
void file_writer_abandon(struct file_writer *w);

/* Files that change together: all are written beside their places, and take them when every one is
 * on the disk, or none does. A zeroed set is empty. */
#define FILE_SET_MAX 32u
struct file_set {
    struct file_writer file[FILE_SET_MAX];
    size_t count;
};
/* One more file, open for file_writer_add; NULL with err. Only regular files can change together.
 * It belongs to the set. */
struct file_writer *file_set_add(struct file_set *s, const char *path, struct err *err);
/* False: the old files stand as they stood. The set is empty afterwards. */
bool file_set_commit(struct file_set *s, struct err *err) WARN_UNUSED;
/* Accepts a committed or a zeroed set. */
void file_set_abandon(struct file_set *s);
/* Removes what runs that were killed left in the folder: temporary files of this program that
 * nobody holds any more. */
void file_sweep(const char *dir);

/* Makes the folder and its parents, as the umask says; fine if it is there. */
bool file_make_dir(const char *path, struct err *err) WARN_UNUSED;
/* The folder part of path, "." if none. */
struct str file_dir_of(struct str path);
/* base/name, unless name is absolute. */
struct str file_join(struct arena *a, struct str base, struct str name);

#endif
