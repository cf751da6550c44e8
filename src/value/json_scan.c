/* Looking at many bytes of JSON at once: SSE2 where the machine has it (every x86-64), else eight
 * bytes in a word. */
#include "value/json_scan.h"

const char *json_nesting_scan_bytes(struct json_nesting *n, const char *p, const char *end)
{
    for (; p < end; p++) {
        if (n->in_string) {
            if (n->escaped)
                n->escaped = false;
            else if (*p == '\\')
                n->escaped = true;
            else if (*p == '"')
                n->in_string = false;
        } else if (*p == '"') {
            n->in_string = true;
        } else if (*p == '{' || *p == '[') {
            n->depth++;
        } else if ((*p == '}' || *p == ']') && --n->depth == 0) {
            return p + 1;
        }
    }
    return p;
}

/* The bytes after an odd run of backslashes. *carry: whether the byte before the block was such a
 * run's end, then whether this block's end is. Runs that start on an odd bit are added to the
 * backslashes, so that a carry falls out of each just past its end; the parity of that place tells
 * the run's length. */
static uint64_t escaped_bytes(uint64_t backslash, bool *carry)
{
    const uint64_t even = 0x5555555555555555u;
    uint64_t before = *carry ? 1 : 0;
    backslash &= ~before;
    uint64_t follows = backslash << 1 | before;
    uint64_t odd_starts = backslash & ~even & ~follows;
    uint64_t ends;
    *carry = __builtin_add_overflow(odd_starts, backslash, &ends);
    return (even ^ ends << 1) & follows;
}

/* Bit i of the result: the parity of bits 0..i. */
static uint64_t prefix_parity(uint64_t bits)
{
    for (unsigned shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

/* Without the POPCNT instruction, which the baseline machine lacks. */
static uint64_t bit_count(uint64_t bits)
{
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (bits * 0x0101010101010101u) >> 56;
}

/* Backslashes mean something in strings only. A block that has one outside (bad JSON) is left to
 * the byte scan, so that both agree on every input. */
static bool is_stray_backslash(struct json_block b, uint64_t in_string)
{
    return (b.backslash & ~in_string) != 0;
}

/* Takes the brackets of one block in order. The bit of the close that makes depth zero, or -1. */
static int closing_bit(uint64_t *depth, uint64_t open, uint64_t close)
{
    for (uint64_t left = open | close; left; left &= left - 1) {
        int bit = __builtin_ctzll(left);
        *depth += (open >> bit & 1) * 2 - 1; /* plus or minus one */
        if (*depth == 0)
            return bit;
    }
    return -1;
}

const char *json_nesting_scan(struct json_nesting *n, const char *p, const char *end)
{
    while (end - p >= JSON_BLOCK_BYTES) {
        struct json_block b = json_block_at(p);
        bool escaped = n->escaped;
        uint64_t quote = b.quote;
        if (b.backslash || escaped)
            quote &= ~escaped_bytes(b.backslash, &escaped);
        uint64_t in_string = prefix_parity(quote) ^ (n->in_string ? UINT64_MAX : 0);
        if (is_stray_backslash(b, in_string)) {
            p = json_nesting_scan_bytes(n, p, p + JSON_BLOCK_BYTES);
            if (n->depth == 0)
                return p;
            continue;
        }
        uint64_t open = b.open & ~in_string, close = b.close & ~in_string;
        uint64_t closes = bit_count(close);
        if (closes >= n->depth) {
            int bit = closing_bit(&n->depth, open, close);
            if (bit >= 0) {
                n->in_string = n->escaped = false;
                return p + bit + 1;
            }
        } else {
            n->depth += bit_count(open) - closes;
        }
        n->in_string = in_string >> 63;
        n->escaped = escaped;
        p += JSON_BLOCK_BYTES;
    }
    return json_nesting_scan_bytes(n, p, end);
}

const char *json_quote_scan(struct json_nesting *n, const char *p, const char *end)
{
    while (p < end) {
        if (n->escaped) {
            n->escaped = false;
            p++;
            continue;
        }
        p = json_plain_end(p, end);
        if (p == end)
            break;
        char c = *p++;
        n->escaped = c == '\\';
        if (c == '"') {
            n->in_string = false;
            break;
        }
    }
    return p;
}
