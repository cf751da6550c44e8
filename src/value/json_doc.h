/* JSON that we write, and small documents that we read: the boundary to jansson, in one file. */
#ifndef KUBEVOUCH_VALUE_JSON_DOC_H
#define KUBEVOUCH_VALUE_JSON_DOC_H

#include "base/buf.h"
#include "value/value.h"

/* Jansson takes its memory from base/memory.h from now on: before the first document. */
void json_doc_use_memory(void);

#define JSON_DOC_BYTES_MAX ((size_t)64 << 20)
#define JSON_DOC_DEPTH_MAX 192
/* A whole document with duplicate keys refused, copied into the arena. ERR_INPUT with line and
 * column, ERR_LIMIT. Integers must fit an int64_t. */
bool json_doc_read(struct value *out, struct arena *a, struct str text, const char *file,
                   struct err *err) WARN_UNUSED;

enum json_doc_flags {
    JSON_DOC_INDENT = 1, /* two spaces; otherwise one line */
    JSON_DOC_SORTED = 2, /* keys sorted; otherwise in the value's order */
};
/* Appends v as JSON: control characters escaped, bad UTF-8 shown as U+FFFD, timestamps and
 * durations as text, bytes as base64, NaN and infinities as "NaN", "Infinity" and "-Infinity".
 * Errors and opaque values are written as their text, an optional as what it holds or null, what is
 * tainted (taint.h) as its type and size. No newline at the end. */
void json_doc_write(struct buf *out, struct value v, unsigned flags);

#endif
