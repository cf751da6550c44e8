/* A place in JSON text, and what is read there. Inside the value room only. */
#ifndef KUBEVOUCH_VALUE_JSON_CURSOR_H
#define KUBEVOUCH_VALUE_JSON_CURSOR_H

#include "value/value.h"

struct json_cursor {
    const char *start, *at, *end;
    struct err *err;
};

/* ERR_INPUT: "byte N: what, found "x"". Always returns false. */
bool json_fail(const struct json_cursor *c, const char *at, const char *what);

/* A string, with c->at on its quote; checks it whole. Text without escapes points into the input,
 * other text is decoded into the arena. out NULL: checks only. */
bool json_string_read(struct json_cursor *c, struct arena *a, struct value *out) WARN_UNUSED;

/* A number, with c->at on "-" or a digit: INT when it is written as an integer and fits, else
 * DOUBLE, correctly rounded. One beyond every double is refused. */
bool json_number_read(struct json_cursor *c, struct value *out) WARN_UNUSED;

#endif
