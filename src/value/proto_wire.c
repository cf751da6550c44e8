/* Protobuf's wire format: numbers, lengths, and messages of a few fields. */
#include "value/proto_wire.h"

bool proto_varint_long(struct proto_span *s, uint64_t *out)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < PROTO_VARINT_BYTES_MAX && s->at + i < s->end; i++) {
        unsigned char c = (unsigned char)s->at[i];
        if (i == PROTO_VARINT_BYTES_MAX - 1 && c > 1)
            return false;
        v |= (uint64_t)(c & 0x7F) << (7 * i);
        if (c < 0x80) {
            s->at += i + 1;
            *out = v;
            return true;
        }
    }
    return false;
}

bool proto_pass(struct proto_span *s, unsigned wire)
{
    uint64_t ignored;
    struct proto_span inner;
    size_t n = wire == WIRE_64 ? 8 : 4;
    switch (wire) {
    case WIRE_VARINT:
        return proto_varint(s, &ignored);
    case WIRE_LENGTH:
        return proto_length(s, &inner);
    case WIRE_64:
    case WIRE_32:
        if ((size_t)(s->end - s->at) < n)
            return false;
        s->at += n;
        return true;
    default:
        return false;
    }
}

bool proto_small_read(struct proto_small *out, struct proto_span s, unsigned fields,
                      unsigned lengths)
{
    unsigned seen = 0;
    *out = (struct proto_small){ 0 };
    while (s.at < s.end) {
        uint32_t number;
        unsigned wire;
        if (!proto_tag(&s, &number, &wire) || number > PROTO_SMALL_FIELDS ||
            !(fields & 1u << number) || (seen & 1u << number))
            return false;
        seen |= 1u << number;
        bool is_length = (lengths & 1u << number) != 0;
        if (wire != (is_length ? WIRE_LENGTH : WIRE_VARINT))
            return false;
        if (is_length ? !proto_length(&s, &out->text[number])
                      : !proto_varint(&s, &out->number[number]))
            return false;
    }
    return true;
}
