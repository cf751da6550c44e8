/* IP addresses and prefixes, parsed as strictly as Go's net/netip: no leading zeros, no missing
 * parts. */
#include "base/ip.h"

/* A decimal number of 1 to 3 digits up to 255, without a leading zero. */
static bool parse_octet(struct str s, uint8_t *out)
{
    int64_t n;
    if (!s.n || s.n > 3 || (s.n > 1 && s.p[0] == '0') || s.p[0] == '-' || !str_to_int64(s, &n) ||
        n > 255)
        return false;
    *out = (uint8_t)n;
    return true;
}

static bool parse_v4(uint8_t out[4], struct str text)
{
    struct str field;
    for (int i = 0; i < 4; i++) {
        bool more = str_cut(text, '.', &field, &text);
        if (more != (i < 3) || !parse_octet(field, &out[i]))
            return false;
    }
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Up to 4 hex digits at s.p[*at]. */
static bool parse_group(struct str s, size_t *at, uint32_t *out)
{
    size_t from = *at;
    uint32_t v = 0;
    for (; *at < s.n && *at - from < 5 && hex_digit(s.p[*at]) >= 0; (*at)++)
        v = v << 4 | (uint32_t)hex_digit(s.p[*at]);
    *out = v;
    return *at > from && *at - from <= 4;
}

/* Moves what follows the "::" (at byte gap) to the end, with zeros between. */
static void open_gap(uint8_t byte[16], size_t gap, size_t used)
{
    size_t tail = used - gap;
    memmove(byte + 16 - tail, byte + gap, tail);
    memset(byte + gap, 0, 16 - used);
}

static bool parse_v6(uint8_t out[16], struct str s)
{
    size_t used = 0, at = 0, gap = SIZE_MAX;
    if (s.n >= 2 && s.p[0] == ':' && s.p[1] == ':') {
        gap = 0;
        at = 2;
    }
    while (at < s.n && used < 16) {
        size_t start = at;
        uint32_t group;
        if (!parse_group(s, &at, &group))
            return false;
        if (at < s.n && s.p[at] == '.') { /* the last 32 bits as IPv4; only at the end */
            if (used > 12 || (gap == SIZE_MAX && used != 12) ||
                !parse_v4(out + used, str_sub(s, start, s.n)))
                return false;
            used += 4;
            at = s.n;
            break;
        }
        out[used++] = (uint8_t)(group >> 8);
        out[used++] = (uint8_t)group;
        if (at == s.n)
            break;
        if (s.p[at++] != ':' || at == s.n) /* a single colon must be followed by something */
            return false;
        if (s.p[at] == ':') {
            if (gap != SIZE_MAX)
                return false;
            gap = used;
            at++;
        }
    }
    if (at < s.n || (gap == SIZE_MAX) != (used == 16))
        return false;
    if (gap != SIZE_MAX)
        open_gap(out, gap, used);
    return true;
}

bool ip_parse(struct ip *out, struct str text, struct str *zone)
{
    struct ip ip = { .n = 4 };
    if (text.n > IP_BYTES_MAX)
        return false;
    size_t dot = str_find_char(text, '.', 0), colon = str_find_char(text, ':', 0), mark;
    if (colon == SIZE_MAX) {
        if (dot == SIZE_MAX || !parse_v4(ip.byte, text))
            return false;
        if (zone)
            *zone = STR("");
    } else {
        if (dot < colon)
            return false;
        struct str address = text, rest = STR("");
        mark = str_find_char(text, '%', 0);
        if (mark != SIZE_MAX) {
            address = str_sub(text, 0, mark);
            rest = str_sub(text, mark + 1, text.n);
            if (!zone || !rest.n)
                return false;
        }
        ip.n = 16;
        if (!parse_v6(ip.byte, address))
            return false;
        if (zone)
            *zone = rest;
    }
    *out = ip;
    return true;
}

bool ip_is_v4_in_v6(const struct ip *ip)
{
    static const uint8_t prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    return ip->n == 16 && !memcmp(ip->byte, prefix, sizeof prefix);
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
    return a->n == b->n && !memcmp(a->byte, b->byte, a->n);
}

static uint32_t group_of(const struct ip *ip, size_t i)
{
    return (uint32_t)ip->byte[2 * i] << 8 | ip->byte[2 * i + 1];
}

/* The longest run of at least two zero groups, the first of equals: [*from, *to). */
static void longest_zeros(const struct ip *ip, size_t *from, size_t *to)
{
    *from = *to = 8;
    for (size_t i = 0; i < 8; i++) {
        size_t end = i;
        while (end < 8 && !group_of(ip, end))
            end++;
        if (end - i >= 2 && end - i > *to - *from) {
            *from = i;
            *to = end;
        }
    }
}

struct str ip_text(struct arena *a, const struct ip *ip)
{
    char text[48];
    size_t n = 0, from, to;
    if (ip->n == 4)
        return str_printf(a, "%u.%u.%u.%u", ip->byte[0], ip->byte[1], ip->byte[2], ip->byte[3]);
    longest_zeros(ip, &from, &to);
    for (size_t i = 0; i < 8; i++) {
        if (i == from && to > from) {
            text[n++] = ':';
            text[n++] = ':';
            i = to - 1;
            continue;
        }
        if (i && i != to)
            text[n++] = ':';
        n += (size_t)snprintf(text + n, sizeof text - n, "%x", group_of(ip, i));
    }
    return str_dup(a, str_of(text, n));
}

bool cidr_parse(struct cidr *out, struct str text)
{
    size_t slash = text.n > IP_BYTES_MAX ? SIZE_MAX : str_find_last_char(text, '/');
    struct cidr c;
    int64_t bits;
    if (slash == SIZE_MAX || !ip_parse(&c.ip, str_sub(text, 0, slash), NULL))
        return false;
    struct str digits = str_sub(text, slash + 1, text.n);
    if (!digits.n || digits.p[0] < '0' || digits.p[0] > '9' ||
        (digits.n > 1 && digits.p[0] == '0') || !str_to_int64(digits, &bits) || bits > c.ip.n * 8)
        return false;
    c.bits = (uint8_t)bits;
    *out = c;
    return true;
}

struct cidr cidr_masked(const struct cidr *c)
{
    struct cidr m = *c;
    for (size_t i = 0; i < m.ip.n; i++) {
        size_t kept = m.bits > i * 8 ? m.bits - i * 8 : 0;
        if (kept < 8)
            m.ip.byte[i] = (uint8_t)(m.ip.byte[i] & (0xff00u >> kept));
    }
    return m;
}

bool cidr_contains(const struct cidr *c, const struct ip *ip)
{
    struct cidr wide = { .ip = *ip, .bits = c->bits };
    if (c->ip.n != ip->n)
        return false;
    struct cidr a = cidr_masked(c), b = cidr_masked(&wide);
    return ip_equal(&a.ip, &b.ip);
}
