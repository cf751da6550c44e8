/* One immutable 16-byte tagged value for JSON, YAML and CEL.
 *
 * Values are passed by value and own nothing: text, lists and maps point into an arena or into the
 * bytes they were parsed from, and live as long as those. Lists and maps are never changed after
 * they are built. Integers keep their JSON/CEL kind: 1 is INT, 1.0 is DOUBLE, UINT comes from CEL.
 * An error is a value too (CEL's semantics): it is absorbed by && and ||, otherwise it spreads. */
#ifndef KUBEVOUCH_VALUE_VALUE_H
#define KUBEVOUCH_VALUE_VALUE_H

#include "base/cause.h"
#include "base/clock.h"
#include "base/str.h"

enum value_kind {
    VALUE_NULL, /* a zeroed struct value is null */
    VALUE_BOOL,
    VALUE_INT,
    VALUE_UINT,
    VALUE_DOUBLE,
    VALUE_STRING, /* UTF-8 by contract of the reader that made it */
    VALUE_BYTES,
    VALUE_LIST,
    VALUE_MAP,
    VALUE_TIMESTAMP, /* n nanoseconds beside as.i seconds since 1970 */
    VALUE_DURATION,  /* as.i seconds and n nanoseconds with the same sign: (int32_t)n */
    VALUE_TYPE,      /* a CEL type, by name */
    VALUE_OPTIONAL,  /* as.boxed, NULL for none */
    VALUE_OPAQUE,    /* a library's own type: as.opaque */
    VALUE_ERROR,     /* as.error */
};

struct value_entry;
struct value_map;
struct value_error;
struct value_opaque;

struct value {
    uint8_t kind;
    uint8_t flags; /* VALUE_TAINTED (taint.h) or 0; not part of equality */
    /* string, bytes: bytes; list: items; map: entries; timestamp, duration: nanoseconds */
    uint32_t n;
    union {
        bool b;
        int64_t i;
        uint64_t u;
        double d;
        const char *s;
        const struct value *item;
        const struct value_map *map;
        const struct value *boxed;
        const struct value_opaque *opaque;
        const struct value_error *error;
    } as;
};
_Static_assert(sizeof(struct value) == 16, "values are passed in two registers");

struct value_entry {
    struct value key, val;
};
/* Entries in the order of the source. Duplicate keys: the reader's business (json_read: last wins,
 * as everywhere in Kubernetes). index is a hash table over larger maps, NULL for small ones. */
struct value_map {
    const struct value_entry *entry;
    const uint32_t *index;
    uint32_t count, index_mask;
};

enum value_error_code {
    /* the expression's own fault: no such key, overflow, no matching overload ... */
    VALUE_ERROR_EVAL,
    /* the evidence could not be had: the verdict is UNKNOWN, text says what is missing */
    VALUE_ERROR_UNAVAILABLE,
    VALUE_ERROR_LIMIT, /* budget, depth or size exceeded */
};
struct value_error {
    enum value_error_code code;
    enum cause cause; /* never CAUSE_NONE */
    uint32_t offset;  /* byte offset in the expression, UINT32_MAX if none */
    struct str text;
};
/* Types that a library adds (quantity, ip, semver ...). */
struct value_opaque_type {
    const char *name; /* as CEL's type() shows it */
    bool (*equal)(const void *a, const void *b);
    struct str (*text)(const void *self, struct arena *a);
};
struct value_opaque {
    const struct value_opaque_type *type;
    const void *self;
};

/* Makers. String and bytes borrow; longer than UINT32_MAX is an invariant (readers limit before).
 */
static inline struct value value_null(void)
{
    return (struct value){ .kind = VALUE_NULL };
}
static inline struct value value_bool(bool b)
{
    return (struct value){ .kind = VALUE_BOOL, .as.b = b };
}
static inline struct value value_int(int64_t i)
{
    return (struct value){ .kind = VALUE_INT, .as.i = i };
}
static inline struct value value_uint(uint64_t u)
{
    return (struct value){ .kind = VALUE_UINT, .as.u = u };
}
static inline struct value value_double(double d)
{
    return (struct value){ .kind = VALUE_DOUBLE, .as.d = d };
}
struct value value_str(struct str s);
struct value value_cstr(const char *c);
struct value value_bytes(struct str s);
struct value value_list(const struct value *item, size_t count);
/* A list of texts, which are not copied. */
struct value value_strs(struct arena *a, const struct str *s, size_t count);
/* Keys must be unique; builds the index in the arena when count is large. */
struct value value_map(struct arena *a, const struct value_entry *entry, size_t count);
struct value value_timestamp(struct instant t);
struct value value_duration(int64_t s, int32_t ns);
struct value value_optional(struct arena *a, struct value boxed);
struct value value_optional_none(void);
struct value value_opaque(struct arena *a, const struct value_opaque_type *type, const void *self);
/* Text over VALUE_ERROR_BYTES_MAX is cut, with "..." at the end. */
#define VALUE_ERROR_BYTES_MAX 2048
struct value value_error(struct arena *a, enum value_error_code code, uint32_t offset,
                         const char *fmt, ...) PRINTF_LIKE(4, 5);
/* VALUE_ERROR_UNAVAILABLE without an offset, for the cause. value_error's own cause is OTHER of
 * unavailable ones, LIMIT, or NOT_EVALUATED. */
struct value value_unavailable(struct arena *a, enum cause cause, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Building in steps; the arena keeps what was added. */
struct value_builder {
    struct arena *arena;
    struct value_entry *entry;
    struct value *item;
    size_t count, cap;
};
void value_builder_init(struct value_builder *b, struct arena *a);
void value_builder_put(struct value_builder *b, struct value key, struct value val);
/* key is a literal or lives as long as the value. */
void value_builder_set(struct value_builder *b, const char *key, struct value val);
void value_builder_push(struct value_builder *b, struct value val);
struct value value_builder_map(struct value_builder *b);
struct value value_builder_list(struct value_builder *b);

/* Reading. */
static inline struct str value_text(struct value v)
{
    return v.kind == VALUE_STRING || v.kind == VALUE_BYTES ? (struct str){ v.as.s, v.n }
                                                           : (struct str){ 0 };
}
static inline bool value_is_error(struct value v)
{
    return v.kind == VALUE_ERROR;
}
/* Pointer to the value under a string key, or NULL (also when v is not a map). */
const struct value *value_get(struct value v, struct str key);
/* The same with the key's hash made before, for a key that is looked for again and again. The hash
 * is good within this process. */
uint32_t value_key_hash(struct str key);
const struct value *value_get_hashed(struct value v, struct str key, uint32_t hash);
/* The same for any key, with CEL's key equality (1 == 1u == 1.0). */
const struct value *value_get_key(struct value v, struct value key);
/* By path of string keys: value_at(pod, "metadata", "name", NULL). NULL if any step is missing. */
const struct value *value_at(struct value v, ...) __attribute__((sentinel));
/* Text at the path, empty if missing or not a string. */
struct str value_text_at(struct value v, ...) __attribute__((sentinel));
/* otherwise is a bool (an int here because the last named parameter must not be promoted). */
bool value_bool_at(struct value v, int otherwise, ...) __attribute__((sentinel));
int64_t value_int_at(struct value v, int64_t otherwise, ...) __attribute__((sentinel));
static inline struct value value_item(struct value v, size_t i)
{
    return v.as.item[i];
}

/* CEL's equality: numbers by mathematical value across int, uint and double; NaN unequal; lists and
 * maps by content; different kinds unequal. Never fails. Depth is the reader's limit. */
bool value_equal(struct value a, struct value b);
/* -1, 0, 1 for two values of one ordered kind (numbers across kinds); false if they have no order.
 */
bool value_compare(struct value a, struct value b, int *order);
/* A duration as protobuf and CEL write it: "3600s", "-1.5s". */
struct str value_duration_text(struct arena *a, struct value duration);
const char *value_kind_name(enum value_kind kind);
/* A deep copy into the arena: what must outlive the bytes it was parsed from. What an opaque value
 * points to is shared, not copied. */
struct value value_dup(struct arena *a, struct value v);
/* SHA-256 of a canonical form (sorted keys), for fingerprints. */
void value_digest(struct value v, uint8_t out[32]);

#endif
