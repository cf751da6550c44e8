/* Where the program's own data is: benchmarks, frameworks, the recorded cluster. */
#ifndef KUBEVOUCH_CLI_DATA_H
#define KUBEVOUCH_CLI_DATA_H

#include "bench/benchmark.h"

/* The shipped ones. */
#define DATA_BENCHMARK_DEFAULT "cis-kubernetes-2.0.1"
extern const char *const data_framework[];
extern const size_t data_framework_count;

/* The path of name ("benchmarks/x.yaml") in the first folder that has it: $KUBEVOUCH_DATA_DIR,
 * beside the program (its folder, data/ in it, ../share/kubevouch), the installed place. */
bool data_path(char **out, struct arena *a, const char *name, struct err *err) WARN_UNUSED;
/* The names of the shipped benchmarks, sorted; none where they cannot be listed. */
void data_benchmark_names(struct str **name, size_t *count, struct arena *a);
/* A benchmark by file or shipped name, and the shipped frameworks, each requirement checked. Faults
 * are printed; err then only says how many. */
bool data_benchmark(struct benchmark *out, struct arena *a, struct str file_or_name,
                    struct err *err) WARN_UNUSED;
/* A benchmark with the id of a shipped one, and other content: by its digest in lower-case
 * hexadecimal digits. False where no shipped one has that id, or its files cannot be read. */
bool data_is_only_named_so(struct arena *a, struct str id, struct str sha256);
bool data_frameworks(struct framework **out, size_t *count, struct arena *a,
                     const struct benchmark *b, struct err *err) WARN_UNUSED;
/* The same for lint: faults are gathered, and then nothing is given; false only if the program's
 * data is not there. */
bool data_frameworks_checked(struct framework **out, size_t *count, struct arena *a,
                             const struct benchmark *b, struct faults *faults,
                             struct err *err) WARN_UNUSED;
/* Prints them in the order of their places; err says how many in what. Always false. */
bool data_tell_faults(struct faults *faults, const char *what, struct err *err);

#endif
