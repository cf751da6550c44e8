/* Regular expressions: RE2 behind plain C, with Go's syntax (the one Kubernetes' CEL has).
 *
 * Matching takes time linear in the text and bounded memory, whatever the pattern. A compiled
 * pattern is immutable: any number of threads may match with it. */
#ifndef KUBEVOUCH_CEL_REGEX_H
#define KUBEVOUCH_CEL_REGEX_H

#include "base/str.h"

struct regex;

#define REGEX_PATTERN_BYTES_MAX 16384u
#define REGEX_MEMORY_BYTES_MAX  (4 << 20)
#define REGEX_GROUPS_MAX        64u

/* NULL with *problem in the arena: the pattern is wrong or too large. Free with regex_free. */
struct regex *regex_compile(struct str pattern, struct arena *a, struct str *problem) WARN_UNUSED;
void regex_free(struct regex *r);
/* Capturing groups. */
size_t regex_group_count(const struct regex *r);
/* Its instructions: a search may go through all of them at each byte of the text. */
size_t regex_size(const struct regex *r);

/* Bytes [from, to) of the text; from is SIZE_MAX for a group that took no part. */
struct regex_span {
    size_t from, to;
};
/* The leftmost match at or after byte from: span[0], then its groups, span_count in all (at most
 * REGEX_GROUPS_MAX + 1). */
bool regex_find(const struct regex *r, struct str text, size_t from, struct regex_span *span,
                size_t span_count);

/* Every match in turn, as Go finds them all: an empty match right after another one is left out. */
struct regex_walk {
    size_t at, last_end;
    bool done;
};
#define REGEX_WALK_START   \
    {                      \
        0, SIZE_MAX, false \
    }
bool regex_next(struct regex_walk *w, const struct regex *r, struct str text,
                struct regex_span *span, size_t span_count);

#endif
