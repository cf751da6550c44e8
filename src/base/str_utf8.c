/* UTF-8: one code point at a place, and whether a whole text is valid. */
#include "base/str.h"

/* What may follow a first byte, from the Unicode Standard, table 3-7 (well-formed UTF-8). */
struct lead {
    unsigned char first, last, length, second_min, second_max;
};
static const struct lead lead[] = {
    { 0xC2, 0xDF, 2, 0x80, 0xBF }, { 0xE0, 0xE0, 3, 0xA0, 0xBF }, { 0xE1, 0xEC, 3, 0x80, 0xBF },
    { 0xED, 0xED, 3, 0x80, 0x9F }, { 0xEE, 0xEF, 3, 0x80, 0xBF }, { 0xF0, 0xF0, 4, 0x90, 0xBF },
    { 0xF1, 0xF3, 4, 0x80, 0xBF }, { 0xF4, 0xF4, 4, 0x80, 0x8F },
};

static const struct lead *lead_of(unsigned char first)
{
    for (size_t i = 0; i < sizeof lead / sizeof lead[0]; i++) {
        if (first >= lead[i].first && first <= lead[i].last) {
            return &lead[i];
        }
    }
    return NULL;
}

size_t str_utf8_at(struct str s, size_t at, uint32_t *code_point)
{
    if (at >= s.n) {
        return 0;
    }
    const unsigned char *p = (const unsigned char *)s.p + at;
    if (p[0] < 0x80) {
        *code_point = p[0];
        return 1;
    }
    const struct lead *l = lead_of(p[0]);
    if (!l || s.n - at < l->length || p[1] < l->second_min || p[1] > l->second_max) {
        return 0;
    }
    uint32_t point = (uint32_t)p[0] & (0x7Fu >> l->length);
    for (size_t i = 1; i < l->length; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
        point = point << 6 | (p[i] & 0x3Fu);
    }
    *code_point = point;
    return l->length;
}

/* First offset at or after from that does not start eight ASCII bytes. */
static size_t skip_ascii(struct str s, size_t from)
{
    while (s.n - from >= 8) {
        uint64_t word;
        memcpy(&word, s.p + from, 8);
        if (word & 0x8080808080808080ull) {
            break;
        }
        from += 8;
    }
    return from;
}

bool str_is_utf8(struct str s)
{
    for (size_t at = 0; at < s.n;) {
        at = skip_ascii(s, at);
        if (at == s.n) {
            break;
        }
        uint32_t point;
        size_t n = str_utf8_at(s, at, &point);
        if (n == 0) {
            return false;
        }
        at += n;
    }
    return true;
}

size_t str_utf8_length(struct str s)
{
    size_t count = 0;
    for (size_t at = 0; at < s.n;) {
        size_t plain = skip_ascii(s, at);
        count += plain - at;
        at = plain;
        if (at == s.n) {
            break;
        }
        uint32_t point;
        size_t n = str_utf8_at(s, at, &point);
        at += n ? n : 1;
        count++;
    }
    return count;
}

size_t str_utf8_encode(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    size_t n = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    uint32_t mark = 0xF00u >> n & 0xFFu; /* 110xxxxx, 1110xxxx, 11110xxx */
    out[0] = (char)(mark | code_point);
    return n;
}
