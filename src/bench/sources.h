/* The files that a benchmark is written in: the one that is named, and those that it includes. */
#ifndef KUBEVOUCH_BENCH_SOURCES_H
#define KUBEVOUCH_BENCH_SOURCES_H

#include "bench/document.h"
#include "bench/faults.h"

#define BENCH_BYTES_MAX ((size_t)8 << 20)
#define BENCH_SOURCES_MAX 64u

struct bench_source {
    struct reading read;
    struct benchmark_doc doc; /* of an included file: params, variables and checks only */
};
struct bench_sources {
    VEC(struct bench_source) item; /* the named file first, then the included ones as they are listed */
};
/* text is that of name. Included files are read from the folder of name; they include none themselves. False
 * with each fault of a file that cannot be read or is not as it must be; what could be read is in *out. */
bool bench_sources_read(struct bench_sources *out, struct arena *a, struct str text, const char *name,
                        struct bench_faults *faults) WARN_UNUSED;
/* The bytes of a file, at most BENCH_BYTES_MAX. */
bool bench_file_read(struct arena *a, const char *path, struct bench_faults *faults, struct str *out) WARN_UNUSED;
/* "5.2.9" before "5.2.10": runs of digits by their value. */
int bench_id_compare(struct str a, struct str b);

#endif
