/* The reader for protobuf as Kubernetes writes it: the same value as json_read makes of the same
 * object's JSON.
 *
 * What a message's fields are called in JSON, and which are left out when they are empty, is told
 * by descriptors (kube/proto_table.h has those of Kubernetes' API). Protobuf does not tell an empty
 * list or map from none at all: where JSON keeps the key, it is null, as it is of any object that
 * came out of an API server's storage.
 *
 * Strict, so that nothing is seen that is not what JSON would show: a field that the descriptor
 * lacks, of another wire type, or there twice, is a fault; so are keys of a map out of order,
 * lengths beyond the message, and text that is not UTF-8. Sources: protobuf.dev, "Encoding";
 * kubernetes.io, API Concepts, "Kubernetes Protobuf encoding". */
#ifndef KUBEVOUCH_VALUE_PROTO_READ_H
#define KUBEVOUCH_VALUE_PROTO_READ_H

#include "value/json_read.h"

enum proto_shape {
    PROTO_ONE,     /* always sent: where it is not, it is empty */
    PROTO_POINTER, /* empty is another thing than not there */
    PROTO_LIST,
    PROTO_MAP,      /* from text */
    PROTO_INLINE,   /* a message whose fields are those of the outer one */
    PROTO_CONSTANT, /* not sent */
};
enum proto_type {
    PROTO_STRING,
    PROTO_BYTES, /* base64 in JSON */
    PROTO_BOOL,
    PROTO_INT32,
    PROTO_INT64,
    PROTO_MESSAGE,
    PROTO_STRINGS,    /* a message that is a list of texts in JSON */
    PROTO_TIME,       /* RFC 3339 to the second; zero is null */
    PROTO_MICRO_TIME, /* to the microsecond */
    PROTO_QUANTITY,   /* text */
    PROTO_INT_OR_STRING,
    PROTO_RAW_JSON, /* a message that holds JSON */
};
enum proto_empty {
    PROTO_KEPT, /* null, "", 0, false */
    PROTO_OMITTED,
    PROTO_ZERO_OMITTED, /* a time of zero too */
};

struct proto_field {
    struct value key; /* in JSON; of an inline message none. PROTO_CONSTANT: see text */
    uint16_t number;
    uint8_t shape, type, empty;
    const struct proto_message *of;
    const char *text; /* of PROTO_CONSTANT */
};
struct proto_message {
    const char *name;
    const struct proto_field *field; /* in the order of JSON */
    size_t count;
};

/* Reads one message into *out, a map. Text points into bytes, which must outlive it. limits as
 * json_read's; skip too, but what is left out is passed over by its length, unread. ERR_INPUT with
 * the byte offset, ERR_LIMIT; a failed read leaves nothing in the arena. */
bool proto_read(struct value *out, struct arena *a, struct str bytes,
                const struct proto_message *message, const struct json_limits *limits,
                const struct json_skip *skip, size_t skip_count, struct err *err) WARN_UNUSED;

/* The name and namespace of an object, found in its bytes without reading the whole of them: fields
 * 1 and 3 of field 1. False: no name. */
bool proto_object_key(struct str bytes, struct str *ns, struct str *name);

/* Splits a list in Kubernetes' envelope as its bytes arrive: "k8s\0", a message with the type
 * (field 1) and the list (field 2), which has metadata (field 1) and items (field 2). Feed it
 * chunks, cut anywhere; it calls item once an item with that item's bytes (valid during the call
 * only), and meta with those of the other two. Anything else is ERR_INPUT, and so is an end before
 * the list's, or without one of the three. Holds at most one item (item_bytes_max) or one other
 * part (JSON_LIST_META_BYTES_MAX), where a chunk's end cuts it. */
struct proto_list_split {
    size_t item_bytes_max; /* 0: JSON_BYTES_MAX */
    /* called for so far, oversize ones too; while item runs: before this one */
    uint64_t item_count;
    uint64_t byte_count; /* fed so far */
    bool (*item)(void *ctx, struct str bytes, struct err *err);
    bool (*type)(void *ctx, struct str bytes, struct err *err);
    bool (*meta)(void *ctx, struct str bytes, struct err *err);
    /* An item over item_bytes_max: its bytes are skipped, this is called, and reading goes on. */
    bool (*oversize)(void *ctx, uint64_t item_index, struct err *err);
    void *ctx;
    struct proto_split_state *state;
};
/* Begins a document. The arena must live until proto_list_split_close. */
void proto_list_split_open(struct proto_list_split *s, struct arena *a);
/* After a failure, every further call fails too. */
bool proto_list_split_feed(struct proto_list_split *s, struct str chunk,
                           struct err *err) WARN_UNUSED;
bool proto_list_split_end(struct proto_list_split *s, struct err *err) WARN_UNUSED;
/* Gives back what open and feed took; may be called again. */
void proto_list_split_close(struct proto_list_split *s);

#endif
