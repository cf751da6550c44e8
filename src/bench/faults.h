/* Faults of a document while it is read: gathered, each with its place and the line it stands in. */
#ifndef KUBEVOUCH_BENCH_FAULTS_H
#define KUBEVOUCH_BENCH_FAULTS_H

#include "bench/benchmark.h"

/* The document being read and where its faults go. */
struct reading {
    struct arena *arena;
    struct str text;      /* of the file */
    const char *name;     /* of the file */
    struct bench_faults *faults;
};
/* "FILE:LINE:COLUMN: TEXT" and the line with a caret. Always false. */
bool fault_at(const struct reading *r, struct pos pos, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same of an error that has its place. */
bool fault_err(const struct reading *r, const struct err *err);
/* The one document of the text, or a fault. */
const struct node *read_document(const struct reading *r);

#endif
