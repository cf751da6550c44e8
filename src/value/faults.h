/* Faults of a document while it is read: gathered, each with its place and the line it stands in.
 */
#ifndef KUBEVOUCH_VALUE_FAULTS_H
#define KUBEVOUCH_VALUE_FAULTS_H

#include "base/vec.h"
#include "value/yaml.h"

struct fault {
    struct pos pos;  /* file: as it was read; line 0: of the whole file */
    struct str text; /* "FILE:LINE:COLUMN: TEXT", and the line with a caret under it */
};
struct faults {
    VEC(struct fault) item;
    VEC(const char *) file; /* in the order of reading */
};
/* By file in the order of reading, line and column; what is told twice, once. */
void faults_sort(struct faults *f);

/* The document being read and where its faults go. */
struct reading {
    struct arena *arena;
    struct str text;  /* of the file */
    const char *name; /* of the file */
    struct faults *faults;
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
struct str fault_hint(const struct reading *r, const char *const *name, size_t count,
                      struct str given);
/* The bytes of a file, at most max of them; what cannot be read is a fault. */
bool faults_file_read(struct str *out, struct arena *a, const char *path, size_t max,
                      struct faults *faults) WARN_UNUSED;
/* The one document of the text, or a fault. */
const struct node *read_document(const struct reading *r);

#endif
