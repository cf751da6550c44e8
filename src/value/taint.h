/* Taint by origin: a value that came out of a place where people leave credentials is marked, and
 * is shown by its type and size alone.
 *
 * The mark is a bit of struct value that is no part of its meaning: equality, order and evaluation
 * do not see it. A marked list or map holds marked parts, so that what is selected out of it is
 * marked without anyone's doing; a list or map that an expression builds holds them as they are.
 * What makes new text out of values (the language's functions) marks it by taint_carry. Whoever
 * writes values as text (cel_value_text, json_doc_write) writes taint_text for a marked one;
 * whoever takes the bytes themselves (value_text) asks taint_is before they are shown. */
#ifndef KUBEVOUCH_VALUE_TAINT_H
#define KUBEVOUCH_VALUE_TAINT_H

#include "value/value.h"

#define VALUE_TAINTED 1u

static inline bool taint_is(struct value v)
{
    return (v.flags & VALUE_TAINTED) != 0;
}
/* What a writer hides as a whole: also a map with a marked key, of which several would be written
 * the same. */
bool taint_hides(struct value v);
/* v marked, and every part of it; what has no content (null, bool, type, error) is not. Lists and
 * maps are made anew in a. */
struct value taint_mark(struct arena *a, struct value v);
/* Whether v or a part of it is marked. Walks at most TAINT_PARTS_MAX parts: of more the answer is
 * yes. */
#define TAINT_PARTS_MAX 1000000u
bool taint_within(struct value v);
/* made, which a function made of the arguments, marked where they are: of a marked argument
 * everything is, and text is also of a list or map that holds a marked part. An error that such
 * arguments led to may quote them: its text becomes one that names its function alone. */
struct value taint_carry(struct arena *a, struct value made, const struct value *arg, size_t count,
                         struct str function);
/* What is shown of a marked value: "(string of 24 bytes)", "(list of 3)", "(map of 2)", "(int)". */
struct str taint_text(struct arena *a, struct value v);

#endif
