/* What the function libraries share: errors as values, charging for work, arguments by kind.
 *
 * Every library function has the shape of cel_function and a row in overload.def. The dispatcher
 * has matched the kinds of the row's columns before it calls; a function checks what the columns
 * cannot say (which opaque type, ranges, the items of a list). Errors are values at the call's
 * offset. */
#ifndef KUBEVOUCH_CEL_LIB_H
#define KUBEVOUCH_CEL_LIB_H

#include "base/enc.h"
#include "cel/lib_decl.h"
#include "cel/overload.h"

/* An error value at the call. Text says what is wrong with the input. */
struct value lib_error(struct cel_call *call, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The arguments' kinds fit no overload. */
struct value lib_no_overload(struct cel_call *call);

/* Charges for work or output of that many bytes (10 bytes a unit, as Kubernetes counts strings) or
 * items (1 each). False: the budget is spent, and *over is the error value to return. */
bool lib_charge_bytes(struct cel_call *call, uint64_t bytes, struct value *over) WARN_UNUSED;
bool lib_charge_items(struct cel_call *call, uint64_t items, struct value *over) WARN_UNUSED;

/* The library's own data behind v, or NULL if v is not of that type. */
const void *lib_opaque(struct value v, const struct value_opaque_type *type);
/* A buf's content as a string value in the arena; releases the buf. */
struct value lib_take_text(struct cel_call *call, struct buf *b);
/* A list of the items' strings. */
struct value lib_str_list(struct cel_call *call, const struct str *item, size_t count);

/* Copies s to out, returns its length. */
size_t lib_put(char *out, struct str s);
#define CEL_VALUE_DEPTH_MAX 1000u
/* Charges for walking all of v, however often a part of it occurs: what writes or compares it would
 * walk that far. A value nested deeper than CEL_VALUE_DEPTH_MAX is an error: walks recurse. */
bool lib_charge_walk(struct cel_call *call, struct value v, struct value *over) WARN_UNUSED;
/* Charges for value_equal(a, b): the walk of both when they may be equal, else one unit. */
bool lib_charge_equal(struct cel_call *call, struct value a, struct value b,
                      struct value *over) WARN_UNUSED;
/* CEL's equality, charged so. */
bool lib_equal(struct cel_call *call, struct value a, struct value b, bool *equal,
               struct value *over) WARN_UNUSED;

/* One UTF-8 sequence at p[at]; an invalid byte counts as one code point, U+FFFD. Never 0 before the
 * end. */
size_t lib_utf8_step(struct str s, size_t at, uint32_t *code_point);
/* Byte offset of code point index, s.n if index is the length, SIZE_MAX beyond. */
size_t lib_utf8_offset(struct str s, uint64_t index);

/* The order (-1, 0, 1) of two quantities, of two versions. False: arg[0] and arg[1] are not two of
 * them. */
bool cel_quantity_order(struct cel_call *call, const struct value *arg, int *order) WARN_UNUSED;
bool cel_semver_order(const struct value *arg, int *order) WARN_UNUSED;

/* The libraries' opaque types. */
extern const struct value_opaque_type cel_ip_type, cel_cidr_type, cel_quantity_type,
    cel_semver_type, cel_url_type, cel_format_type;

#endif
