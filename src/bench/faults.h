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
/* The file whose document this is, in the order of faults: once for each, before its faults. */
void fault_file(const struct reading *r);
/* "FILE:LINE:COLUMN: TEXT" and the line with a caret. Always false. */
bool fault_at(const struct reading *r, struct pos pos, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same of an error that has its place. */
bool fault_err(const struct reading *r, const struct err *err);
/* The same for decode_node_all: ctx is the struct reading. */
void fault_decoded(void *ctx, const struct err *err);
/* '; did you mean "x"?' for a slip of one of the names, or empty text. */
struct str fault_hint(const struct reading *r, const char *const *name, size_t count, struct str given);
/* The one document of the text, or a fault. */
const struct node *read_document(const struct reading *r);

#endif
