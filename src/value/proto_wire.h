/* Protobuf's wire format, read from a span of bytes; shared by the files of value/proto_*. */
#ifndef KUBEVOUCH_VALUE_PROTO_WIRE_H
#define KUBEVOUCH_VALUE_PROTO_WIRE_H

#include "base/str.h"

enum proto_wire { WIRE_VARINT, WIRE_64, WIRE_LENGTH, WIRE_GROUP, WIRE_GROUP_END, WIRE_32 };
#define PROTO_VARINT_BYTES_MAX 10
/* What an answer of Kubernetes in protobuf begins with. */
#define PROTO_MAGIC      "k8s\0"
#define PROTO_NUMBER_MAX 536870911u

/* What is left to read of a message. */
struct proto_span {
    const char *at, *end;
};

/* A varint of several bytes. */
bool proto_varint_long(struct proto_span *s, uint64_t *out);

/* False, with s where it was, if no whole varint of 64 bits is there. */
static inline bool proto_varint(struct proto_span *s, uint64_t *out)
{
    if (s->at < s->end && (unsigned char)*s->at < 0x80) {
        *out = (unsigned char)*s->at++;
        return true;
    }
    return proto_varint_long(s, out);
}

/* A field's number and wire type. */
static inline bool proto_tag(struct proto_span *s, uint32_t *number, unsigned *wire)
{
    uint64_t tag;
    if (!proto_varint(s, &tag) || tag >> 3 == 0 || tag >> 3 > PROTO_NUMBER_MAX)
        return false;
    *number = (uint32_t)(tag >> 3);
    *wire = (unsigned)tag & 7;
    return true;
}

/* What a length says, as a span of its own; s goes on behind it. */
static inline bool proto_length(struct proto_span *s, struct proto_span *inner)
{
    uint64_t n;
    if (!proto_varint(s, &n) || n > (uint64_t)(s->end - s->at))
        return false;
    *inner = (struct proto_span){ s->at, s->at + n };
    s->at += n;
    return true;
}

/* Past a field's value. Groups are not known. */
bool proto_pass(struct proto_span *s, unsigned wire);

/* Small messages, which are not of the API's own shapes: up to four fields, each a number or a
 * length. */
#define PROTO_SMALL_FIELDS 4
struct proto_small {
    uint64_t number[PROTO_SMALL_FIELDS + 1];
    struct proto_span text[PROTO_SMALL_FIELDS + 1];
};
/* Numbers are of those fields that lengths does not name: bit n for field n. A field that is not
 * there is 0, or empty. False: any other field, one twice, or of the other wire type. */
bool proto_small_read(struct proto_small *out, struct proto_span s, unsigned fields,
                      unsigned lengths);

#endif
