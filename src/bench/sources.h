/* The files that a benchmark is written in: the one that is named, and those that it includes. */
#ifndef KUBEVOUCH_BENCH_SOURCES_H
#define KUBEVOUCH_BENCH_SOURCES_H

#include "base/map.h"
#include "bench/document.h"
#include "value/faults.h"

#define BENCH_BYTES_MAX   ((size_t)8 << 20)
#define BENCH_SOURCES_MAX 64u

#define BENCH_BASES_MAX 8u

struct bench_source {
    struct reading read;
    struct benchmark_doc doc; /* of an included file: params, variables and checks only */
    unsigned level; /* 0: of the benchmark itself, 1: of its base, 2: of the base's base ... */
};
struct bench_sources {
    /* those of the base, then the named file, then the included ones as they are listed */
    VEC(struct bench_source) item;
    size_t first;                     /* the named file's */
    struct str id;                    /* "cis-kubernetes-2.0.1" */
    const struct bench_sources *base; /* NULL: none */
    struct map check;                 /* id -> struct derived_check (derive.h) */
};
/* text is that of name. Included files and the base are read from the folder of name; included
 * files include none themselves. False with each fault of a file that cannot be read or is not as
 * it must be; what could be read is in *out. */
bool bench_sources_read(struct bench_sources *out, struct arena *a, struct str text,
                        const char *name, struct faults *faults) WARN_UNUSED;
/* "5.2.9" before "5.2.10": runs of digits by their value. */
int bench_id_compare(struct str a, struct str b);

#endif
