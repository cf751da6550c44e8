/* Looking at many bytes of JSON at once: SSE2 where the machine has it (every x86-64), else eight
 * bytes in a word. Both are compiled and tested everywhere; JSON_SCAN_PORTABLE picks the second. */
#ifndef KUBEVOUCH_VALUE_JSON_SCAN_H
#define KUBEVOUCH_VALUE_JSON_SCAN_H

#include "base/str.h"

#include <endian.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* White space of RFC 8259, section 2. */
static inline bool json_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* A plain byte stands for itself in a string: not a quote, a backslash, a control character, nor a
 * part of a longer UTF-8 sequence. */
static inline bool json_is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* ---- eight bytes in a word, the first in the lowest bits ---- */

#define JSON_WORD_OF(byte) (0x0101010101010101u * (uint64_t)(byte))

static inline uint64_t json_word(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return le64toh(word);
}

/* 0x80 in each byte of the result whose byte in word is zero; exact, no carries between bytes. */
static inline uint64_t json_word_zero(uint64_t word)
{
    const uint64_t low = JSON_WORD_OF(0x7F);
    return ~(((word & low) + low) | word | low);
}

/* Gathers the 0x80 bits of eight bytes into the eight lowest bits. */
static inline uint64_t json_word_gather(uint64_t marks)
{
    return ((marks >> 7) * 0x0102040810204080u) >> 56;
}

/* First byte in [p, end) that is not plain, or end. */
static inline const char *json_plain_end_portable(const char *p, const char *end)
{
    for (; end - p >= 8; p += 8) {
        uint64_t word = json_word(p);
        uint64_t marks = json_word_zero(word ^ JSON_WORD_OF('"')) |
                         json_word_zero(word ^ JSON_WORD_OF('\\')) |
                         json_word_zero(word & JSON_WORD_OF(0xE0)) | (word & JSON_WORD_OF(0x80));
        if (marks)
            return p + __builtin_ctzll(marks) / 8;
    }
    while (p < end && json_is_plain(*p))
        p++;
    return p;
}

/* 64 bytes by what they are; bit i for byte i. */
struct json_block {
    uint64_t quote, backslash;
    uint64_t open, close; /* brackets and braces */
};
#define JSON_BLOCK_BYTES 64

static inline struct json_block json_block_portable(const char *p)
{
    struct json_block b = { 0 };
    for (unsigned at = 0; at < JSON_BLOCK_BYTES; at += 8) {
        uint64_t word = json_word(p + at);
        uint64_t folded = word | JSON_WORD_OF(0x20); /* "[" becomes "{", "]" becomes "}" */
        b.quote |= json_word_gather(json_word_zero(word ^ JSON_WORD_OF('"'))) << at;
        b.backslash |= json_word_gather(json_word_zero(word ^ JSON_WORD_OF('\\'))) << at;
        b.open |= json_word_gather(json_word_zero(folded ^ JSON_WORD_OF('{'))) << at;
        b.close |= json_word_gather(json_word_zero(folded ^ JSON_WORD_OF('}'))) << at;
    }
    return b;
}

/* ---- sixteen bytes in a register ---- */

#if defined(__SSE2__)
static inline __m128i json_load16(const char *p)
{
    __m128i bytes;
    memcpy(&bytes, p, sizeof bytes);
    return bytes;
}

static inline uint64_t json_mask16(__m128i bytes, char c)
{
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
}

static inline const char *json_plain_end_sse2(const char *p, const char *end)
{
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'),
                  space = _mm_set1_epi8(' ');
    for (; end - p >= 16; p += 16) {
        __m128i bytes = json_load16(p);
        /* Compared as signed, control characters and bytes from 0x80 on are both below a space. */
        __m128i stop = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
            _mm_cmplt_epi8(bytes, space));
        unsigned mask = (unsigned)_mm_movemask_epi8(stop);
        if (mask)
            return p + __builtin_ctz(mask);
    }
    while (p < end && json_is_plain(*p))
        p++;
    return p;
}

static inline struct json_block json_block_sse2(const char *p)
{
    struct json_block b = { 0 };
    for (unsigned at = 0; at < JSON_BLOCK_BYTES; at += 16) {
        __m128i bytes = json_load16(p + at);
        __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
        b.quote |= json_mask16(bytes, '"') << at;
        b.backslash |= json_mask16(bytes, '\\') << at;
        b.open |= json_mask16(folded, '{') << at;
        b.close |= json_mask16(folded, '}') << at;
    }
    return b;
}
#endif

#if defined(__SSE2__) && !defined(JSON_SCAN_PORTABLE)
#define json_plain_end json_plain_end_sse2
#define json_block_at  json_block_sse2
#else
#define json_plain_end json_plain_end_portable
#define json_block_at  json_block_portable
#endif

/* Where a scan stands between brackets and quotes. Kinds of brackets are not told apart. */
struct json_nesting {
    uint64_t depth;
    bool in_string, escaped; /* escaped: the next byte follows a backslash in a string */
};
/* Goes on until depth is zero outside strings: gives the byte after the one that closed it, or end
 * with depth still above zero. n->depth must be above zero. Keeps its place in n between calls. */
const char *json_nesting_scan(struct json_nesting *n, const char *p, const char *end);
/* The same byte by byte: what the other must agree with. */
const char *json_nesting_scan_bytes(struct json_nesting *n, const char *p, const char *end);

/* With n in a string: gives the byte after its closing quote, or end with n->in_string still set.
 */
const char *json_quote_scan(struct json_nesting *n, const char *p, const char *end);

#endif
