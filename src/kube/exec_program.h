/* A child process for one question: started by path and argv, its output read under limits. Parts
 * of exec_plugin only. */
#ifndef KUBEVOUCH_KUBE_EXEC_PROGRAM_H
#define KUBEVOUCH_KUBE_EXEC_PROGRAM_H

#include "base/buf.h"

enum exec_outcome {
    EXEC_EXITED,      /* status is its exit status */
    EXEC_SIGNALLED,   /* status is the signal */
    EXEC_LATE,        /* killed after timeout_ms */
    EXEC_TOO_LONG,    /* killed: more output than output_bytes_max */
    EXEC_CANCELLED,   /* killed because *cancelled */
    EXEC_NOT_STARTED, /* status is errno */
};
struct exec_program {
    const char *path; /* no search */
    char *const *argv, *const *env;
    bool shares_stdin; /* otherwise it reads an empty input, in a process group of its own */
    int64_t timeout_ms;
    size_t output_bytes_max;
    volatile const int *cancelled; /* may be NULL */
};
/* Blocks until the program has ended, whatever it was. Output is appended to out, whose limit must
 * be at least EXEC_PROGRAM_STEP_BYTES above output_bytes_max. A program that leaves others behind
 * which hold its output open is not waited for. */
#define EXEC_PROGRAM_STEP_BYTES 4096
enum exec_outcome exec_program_run(const struct exec_program *p, struct buf *out, int *status);
/* The first executable file called name in the absolute folders of the search path
 * ("/usr/bin:/bin"), or NULL. */
char *exec_program_find(struct arena *a, struct str search_path, struct str name);

#endif
