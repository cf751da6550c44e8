/* Documents into C structs by field tables: no chains of comparisons, no silent fields.
 *
 *   static const struct decode_field cluster_field[] = {
 *       DECODE(STR, struct cluster, server, "server", DECODE_REQUIRED), ...
 *   };
 * Unknown keys are errors with a suggestion (unless DECODE_ALLOW_UNKNOWN in the table's flags), and
 * so are missing required keys, duplicate keys and wrong types: all with file:line:column. */
#ifndef KUBEVOUCH_VALUE_DECODE_H
#define KUBEVOUCH_VALUE_DECODE_H

#include "value/yaml.h"

enum decode_type {
    DECODE_STR,    /* struct str; the scalar must be a string */
    DECODE_TEXT,   /* struct str; any scalar, as written */
    DECODE_BOOL,   /* bool */
    DECODE_INT,    /* int64_t */
    DECODE_STRS,   /* struct decode_strs: a list of strings */
    DECODE_NODE,   /* const struct node *: decoded later by the caller */
    DECODE_VALUE,  /* struct value: any tree */
    DECODE_ENUM,   /* int, by .name[] */
    DECODE_STRUCT, /* the member is a struct; .table decodes it */
    DECODE_LIST,   /* struct decode_list of structs of .item_size; .table decodes each */
    DECODE_FN,     /* .fn does it */
    /* bool, key "": no key of the document, but whether decoding this struct met a fault */
    DECODE_FAULTY,
};
enum decode_flags {
    DECODE_REQUIRED = 1,
    DECODE_NULL_OK = 2, /* a null leaves the member untouched; the default for optional fields */
    DECODE_ALLOW_UNKNOWN = 4, /* of a table: unknown keys are ignored */
};
struct decode_strs {
    struct str *item;
    size_t count;
};
struct decode_list {
    void *item;
    size_t count;
};
struct decode_table;
struct decode_field {
    const char *key;
    enum decode_type type;
    unsigned flags;
    size_t offset;
    const char *const *name; /* ENUM: text by value, NULL ends */
    const struct decode_table *table;
    bool (*fn)(void *member, const struct node *n, struct arena *a, struct err *err);
    /* if not 0: a struct pos member that gets the value's position if it could be decoded, offset +
     * 1 */
    size_t pos_offset_plus1;
};
struct decode_table {
    const char *what; /* "a cluster", for messages */
    const struct decode_field *field;
    size_t field_count, item_size;
    unsigned flags;
};
#define DECODE(t, S, member, k, f)                                                  \
    {                                                                               \
        .key = (k), .type = DECODE_##t, .flags = (f), .offset = offsetof(S, member) \
    }
/* The same, and where its value stands goes into the struct pos place. */
#define DECODE_AT(t, S, member, k, f, place)                                         \
    {                                                                                \
        .key = (k), .type = DECODE_##t, .flags = (f), .offset = offsetof(S, member), \
        .pos_offset_plus1 = offsetof(S, place) + 1                                   \
    }
/* One of the texts of names; a map into the struct member; a list of maps. */
#define DECODE_NAMED(S, member, k, f, names)                                          \
    {                                                                                 \
        .key = (k), .type = DECODE_ENUM, .flags = (f), .offset = offsetof(S, member), \
        .name = (names)                                                               \
    }
#define DECODE_NAMED_AT(S, member, k, f, names, place)                                \
    {                                                                                 \
        .key = (k), .type = DECODE_ENUM, .flags = (f), .offset = offsetof(S, member), \
        .name = (names), .pos_offset_plus1 = offsetof(S, place) + 1                   \
    }
#define DECODE_PART(S, member, k, f, tab)                                               \
    {                                                                                   \
        .key = (k), .type = DECODE_STRUCT, .flags = (f), .offset = offsetof(S, member), \
        .table = &(tab)                                                                 \
    }
#define DECODE_ITEMS(S, member, k, f, tab)                                            \
    {                                                                                 \
        .key = (k), .type = DECODE_LIST, .flags = (f), .offset = offsetof(S, member), \
        .table = &(tab)                                                               \
    }
/* Initializes a table of the fields in an array; f: DECODE_ALLOW_UNKNOWN or 0. */
#define DECODE_TABLE(text, fields, S, f)                   \
    {                                                      \
        (text), (fields), COUNT_OF(fields), sizeof(S), (f) \
    }

/* Fills *out (zeroed or preset with defaults by the caller) from a map. A table has at most 64
 * fields; one used by DECODE_LIST has an item_size. On failure *out may be filled in part: a caller
 * that goes on with it decodes into a copy. */
bool decode_node(void *out, const struct decode_table *table, const struct node *n, struct arena *a,
                 struct err *err) WARN_UNUSED;

/* The same for a linter: goes on after a fault and tells each, in the order of the text but for
 * missing keys. What is faulty stays as it was before, and so does its position. False: there was
 * one. */
typedef void decode_tell(void *ctx, const struct err *fault);
bool decode_node_all(void *out, const struct decode_table *table, const struct node *n,
                     struct arena *a, decode_tell *tell, void *ctx) WARN_UNUSED;

#endif
