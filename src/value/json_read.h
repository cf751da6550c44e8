/* The fast JSON reader for bytes from an API server.
 *
 * Values are built in an arena; text without escapes points into the input, which must outlive
 * them. RFC 8259 to the letter, UTF-8 checked, \u0000 allowed, halves of surrogate pairs refused;
 * duplicate keys: last wins, in the first one's place; one value and white space only. Integers out
 * of int64 become doubles; a number beyond every double is refused. */
#ifndef KUBEVOUCH_VALUE_JSON_READ_H
#define KUBEVOUCH_VALUE_JSON_READ_H

#include "value/value.h"

struct json_limits {
    uint32_t depth; /* nesting; 0: JSON_DEPTH_MAX */
    size_t bytes;   /* of the input; 0: JSON_BYTES_MAX; 2 GiB at most */
};
#define JSON_DEPTH_MAX 192
/* No limits.depth above this counts: reading, and much that walks values, is recursive. */
#define JSON_DEPTH_CEILING 2048
#define JSON_BYTES_MAX     ((size_t)64 << 20)

/* What to leave out while reading: a tree of keys. A key with no child list is skipped wholly: its
 * value is checked as strictly as any other, but nothing is built of it. Applied from the root of
 * the value read; a list passes what applies to it on to each of its items. */
struct json_skip {
    struct str key;
    const struct json_skip *child;
    size_t child_count;
};

/* Reads all of text into *out. limits may be NULL. ERR_INPUT with the byte offset in the text,
 * ERR_LIMIT; a failed read leaves nothing in the arena. Takes at most about 30 times the text's
 * bytes. */
bool json_read(struct value *out, struct arena *a, struct str text,
               const struct json_limits *limits, const struct json_skip *skip, size_t skip_count,
               struct err *err) WARN_UNUSED;

/* Splits a Kubernetes List as its bytes arrive: {"kind":..,"metadata":{..},"items":[ITEM,ITEM,..]}.
 * Any order of the top-level keys, any white space. Feed it chunks, cut anywhere; it calls item
 * once per element of "items" with that element's bytes (valid during the call only), and meta once
 * per other top-level key (unescaped) with its value's. "items": null is an empty list; a second
 * "items" is refused.
 *
 * It checks the list's own punctuation and leaves what is between to json_read: an item ends at the
 * next comma or bracket that stands outside its quotes and brackets, so a malformed item reaches
 * the callback as it is and does not harm the others, as long as quotes and brackets (whichever
 * kind) are balanced. Where they are not, or the list itself is malformed: ERR_INPUT with the byte
 * offset in the document. Holds at most one item (item_bytes_max) or one other value
 * (JSON_LIST_META_BYTES_MAX) in memory, and that only where a chunk's end cuts it. */
struct json_list_split {
    struct buf *pending;   /* set by json_list_split_open */
    size_t item_bytes_max; /* 0: JSON_BYTES_MAX */
    /* called for so far, oversize ones too; while item runs: before this one */
    uint64_t item_count;
    uint64_t byte_count; /* fed so far */
    bool has_items;      /* "items" was there, as a list or null */
    /* Each may be NULL; without oversize, such an item is ERR_LIMIT. One that fails stops the
     * split. */
    bool (*item)(void *ctx, struct str bytes, struct err *err);
    bool (*meta)(void *ctx, struct str key, struct str bytes, struct err *err);
    /* An item over item_bytes_max: its bytes are skipped, this is called, and reading goes on. */
    bool (*oversize)(void *ctx, uint64_t item_index, struct err *err);
    void *ctx;
    struct json_split_state *state;
};
/* A top-level key, or a top-level value other than "items". */
#define JSON_LIST_META_BYTES_MAX ((size_t)1 << 20)
/* Begins a document. The arena must live until json_list_split_close. */
bool json_list_split_open(struct json_list_split *s, struct arena *a, struct err *err) WARN_UNUSED;
/* After a failure, every further call fails too. */
bool json_list_split_feed(struct json_list_split *s, struct str chunk, struct err *err) WARN_UNUSED;
/* Fails with ERR_INPUT if the document is not whole. */
bool json_list_split_end(struct json_list_split *s, struct err *err) WARN_UNUSED;
/* Gives back what open and feed took; may be called again. */
void json_list_split_close(struct json_list_split *s);

#endif
