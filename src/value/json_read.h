/* The fast JSON reader for bytes from an API server.
 *
 * Values are built in an arena; text without escapes points into the input, which must outlive them.
 * RFC 8259, UTF-8 checked, \u0000 allowed, duplicate keys: last wins, one value and white space only.
 * Integers out of int64 become doubles when they fit one. Every limit is in struct json_limits. */
#ifndef KUBEVOUCH_VALUE_JSON_READ_H
#define KUBEVOUCH_VALUE_JSON_READ_H

#include "value/value.h"

struct json_limits {
    uint32_t depth;      /* nesting; 0: JSON_DEPTH_MAX */
    size_t bytes;        /* of the input; 0: JSON_BYTES_MAX */
};
#define JSON_DEPTH_MAX 192
#define JSON_BYTES_MAX ((size_t)64 << 20)

/* What to leave out while reading: a tree of keys. A key with no child list is skipped wholly, at any
 * cost less than building it. Applied from the root of the value read. */
struct json_skip {
    struct str key;
    const struct json_skip *child;
    size_t child_count;
};

/* Reads all of text into *out. ERR_INPUT with the byte offset in the text, ERR_LIMIT. */
bool json_read(struct value *out, struct arena *a, struct str text, const struct json_limits *limits,
               const struct json_skip *skip, size_t skip_count, struct err *err) WARN_UNUSED;

/* Splits a Kubernetes List as its bytes arrive: {"kind":..,"metadata":{..},"items":[ITEM,ITEM,..]}.
 * Any order of the top-level keys, any white space. Feed it chunks; it calls item once per element of
 * "items" with that element's bytes (valid during the call only), and meta once per other top-level
 * key. Holds at most one item (item_bytes_max) in memory. */
struct json_list_split {
    struct buf *pending;      /* set by json_list_split_open */
    size_t item_bytes_max;
    uint64_t item_count, byte_count;
    bool (*item)(void *ctx, struct str bytes, struct err *err);
    bool (*meta)(void *ctx, struct str key, struct str bytes, struct err *err);
    /* An item over item_bytes_max: its bytes are skipped, this is called, and reading goes on. */
    bool (*oversize)(void *ctx, uint64_t item_index, struct err *err);
    void *ctx;
    struct json_split_state *state;
};
bool json_list_split_open(struct json_list_split *s, struct arena *a, struct err *err) WARN_UNUSED;
bool json_list_split_feed(struct json_list_split *s, struct str chunk, struct err *err) WARN_UNUSED;
/* Fails with ERR_INPUT if the document is not whole. */
bool json_list_split_end(struct json_list_split *s, struct err *err) WARN_UNUSED;
void json_list_split_close(struct json_list_split *s);

#endif
