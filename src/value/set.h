/* Keys of a map that is being made, for documents that we write: texts and counts. */
#ifndef KUBEVOUCH_VALUE_SET_H
#define KUBEVOUCH_VALUE_SET_H

#include "value/value.h"

/* Sets key unless the text is empty: absent, not "". */
static inline void set_str(struct value_builder *b, const char *key, struct str s)
{
    if (s.n)
        value_builder_set(b, key, value_str(s));
}

static inline void set_count(struct value_builder *b, const char *key, uint64_t n)
{
    value_builder_set(b, key, value_int((int64_t)n));
}

#endif
