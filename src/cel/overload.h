/* Every function of the language: one row an overload (overload.def). The parser, the resolver, the
 * evaluator, the manual page and its tests read the same row. */
#ifndef KUBEVOUCH_CEL_OVERLOAD_H
#define KUBEVOUCH_CEL_OVERLOAD_H

#include "base/buf.h"
#include "cel/program.h"

/* Which kinds an argument may have, as bits. */
#define KIND_BIT(k) (1u << (k))
enum overload_kinds {
    K_BOOL = KIND_BIT(VALUE_BOOL),
    K_INT = KIND_BIT(VALUE_INT),
    K_UINT = KIND_BIT(VALUE_UINT),
    K_DOUBLE = KIND_BIT(VALUE_DOUBLE),
    K_STRING = KIND_BIT(VALUE_STRING),
    K_BYTES = KIND_BIT(VALUE_BYTES),
    K_LIST = KIND_BIT(VALUE_LIST),
    K_MAP = KIND_BIT(VALUE_MAP),
    K_TIMESTAMP = KIND_BIT(VALUE_TIMESTAMP),
    K_DURATION = KIND_BIT(VALUE_DURATION),
    K_TYPE = KIND_BIT(VALUE_TYPE),
    K_OPTIONAL = KIND_BIT(VALUE_OPTIONAL),
    K_OPAQUE = KIND_BIT(VALUE_OPAQUE),
    K_NULL = KIND_BIT(VALUE_NULL),
    K_NUMBER = K_INT | K_UINT | K_DOUBLE,
    K_ANY = KIND_BIT(VALUE_ERROR) - 1,
};
#define OVERLOAD_ARGS_MAX 4
/* Any number of arguments from 1 on, each of kind[0]. */
#define OVERLOAD_VARIADIC 255

/* A row's result: kinds as bits, or one of these. "Holds": a list its items, a map its values, an
 * optional its value. */
enum overload_gives {
    GIVES_SELF = 1 << 16, /* as argument 0 */
    GIVES_SELF_OR_LAST,   /* as argument 0 or as the last one */
    GIVES_HELD,           /* what argument 0 holds */
    GIVES_HELD_OR_LAST,   /* what argument 0 holds, or as the last argument */
    GIVES_BOX_SELF,       /* an optional of argument 0 */
    GIVES_BOX_HELD,       /* an optional of what argument 0 holds */
};

enum overload_style { OVERLOAD_GLOBAL, OVERLOAD_MEMBER, OVERLOAD_OPERATOR };
struct overload {
    const char *name;  /* "size", "math.greatest", "_+_" */
    uint8_t style;     /* enum overload_style */
    uint8_t arg_count; /* the receiver included */
    uint16_t kind[OVERLOAD_ARGS_MAX];
    uint32_t gives; /* kinds, or enum overload_gives */
    cel_function *fn;
    /* What can be made once of constant arguments (null where an argument is not constant); NULL:
     * nothing. */
    const void *(*prepare)(struct arena *a, const struct value *constant, size_t count,
                           struct err *err);
    const char *summary;          /* for the manual page */
    const char *example, *result; /* an expression and what it gives: run as a test */
};
extern const struct overload overload[];
extern const size_t overload_count;

/* What is no function: operators that do not evaluate all of their parts, fields, elements, macros
 * (macro.def). */
struct cel_form {
    const char *form; /* as it is written: "x.all(e, test)" */
    const char *summary;
    const char *example, *result;
};
extern const struct cel_form cel_form[];
extern const size_t cel_form_count;

/* A deliberate difference from cel-spec (difference.def). */
struct cel_difference {
    const char *summary;
    const char *example, *result; /* NULL: none; result may be "error" */
};
extern const struct cel_difference cel_difference[];
extern const size_t cel_difference_count;

/* The rows of one name and style, together in the table; NULL and 0 if there is none. */
const struct overload *overload_find(struct str name, bool member, size_t *count);
/* Whether any function's name begins with package + "." ("math"). */
bool overload_is_package(struct str package);
/* A call as it is written, with texts in the places of its arguments: "int + string", "x.size()".
 */
void overload_put_call(struct buf *out, struct str name, bool member, const struct str *arg,
                       size_t arg_count);
/* The nearest function name to a misspelt one, or NULL. */
const char *overload_nearest(struct str name, bool member);

/* Takes cost from the evaluation's budget. False: it is spent. */
static inline bool cel_charge(struct cel_call *call, uint64_t cost)
{
    if (!call->cost_left)
        return true;
    if (*call->cost_left < cost) {
        *call->cost_left = 0;
        return false;
    }
    *call->cost_left -= cost;
    return true;
}

#endif
