/* Strings of JSON: escapes undone, invalid bytes refused. */
#include "value/json_cursor.h"
#include "value/json_scan.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four hexadecimal digits at p, or -1. */
static int32_t hex_unit(const char *p, const char *end)
{
    if (end - p < 4)
        return -1;
    int32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static bool is_high_surrogate(int32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}
static bool is_low_surrogate(int32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* What one letter after a backslash stands for, or 0. */
static char escape_letter(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

/* Checks the escape whose backslash is at p; gives the byte after it, or NULL with the error set.
 */
static const char *check_escape(const struct json_cursor *c, const char *p)
{
    if (p + 1 < c->end && escape_letter(p[1]))
        return p + 2;
    if (p + 1 == c->end || p[1] != 'u') {
        (void)json_fail(c, p + 1, "a backslash must be followed by one of \" \\ / b f n r t u");
        return NULL;
    }
    int32_t unit = hex_unit(p + 2, c->end);
    if (unit < 0) {
        (void)json_fail(c, p, "\\u must be followed by four hexadecimal digits");
        return NULL;
    }
    if (!is_high_surrogate(unit) && !is_low_surrogate(unit))
        return p + 6;
    bool is_pair = is_high_surrogate(unit) && c->end - p >= 12 && p[6] == '\\' && p[7] == 'u' &&
                   is_low_surrogate(hex_unit(p + 8, c->end));
    if (!is_pair) {
        (void)json_fail(c, p, "half of a surrogate pair, which is no character");
        return NULL;
    }
    return p + 12;
}

/* Decodes one checked escape to out; gives the byte after it. */
static const char *decode_escape(const char *p, const char *end, char **out)
{
    char letter = escape_letter(p[1]);
    if (letter) {
        *(*out)++ = letter;
        return p + 2;
    }
    int32_t unit = hex_unit(p + 2, end);
    p += 6;
    if (is_high_surrogate(unit)) {
        unit = 0x10000 + ((unit - 0xD800) << 10) + (hex_unit(p + 2, end) - 0xDC00);
        p += 6;
    }
    *out += str_utf8_encode((uint32_t)unit, *out);
    return p;
}

/* Copies up to the first backslash or end, a word at a time; *out needs a word of room behind it.
 */
static const char *copy_plain(const char *p, const char *end, char **out)
{
    for (; end - p >= 8; p += 8, *out += 8) {
        uint64_t marks = json_word_zero(json_word(p) ^ JSON_WORD_OF('\\'));
        memcpy(*out, p, 8);
        if (marks) {
            size_t n = (size_t)__builtin_ctzll(marks) / 8;
            *out += n;
            return p + n;
        }
    }
    while (p < end && *p != '\\')
        *(*out)++ = *p++;
    return p;
}

/* Checked text with escapes, decoded into the arena. No escape is shorter than what it stands for.
 */
static struct str decode(struct arena *a, struct str raw)
{
    char *text = arena_alloc(a, raw.n + 8), *out = text;
    const char *end = raw.p + raw.n;
    for (const char *p = copy_plain(raw.p, end, &out); p < end; p = copy_plain(p, end, &out))
        p = decode_escape(p, end, &out);
    return str_of(text, (size_t)(out - text));
}

/* Length of the UTF-8 sequence at p, which begins with a byte from 0x80 on; 0 if it is none. Two
 * and three bytes, the scripts of the world, are told here at once; the rest is left to
 * str_utf8_at. */
static size_t sequence_length(const char *p, const char *end)
{
    uint32_t ignored;
    unsigned char first = (unsigned char)p[0];
    bool has_three = end - p >= 3;
    if (has_three && first >= 0xC2 && first <= 0xDF && (p[1] & 0xC0) == 0x80)
        return 2;
    if (has_three && first >= 0xE1 && first <= 0xEC && (p[1] & 0xC0) == 0x80 &&
        (p[2] & 0xC0) == 0x80)
        return 3;
    return str_utf8_at(str_of(p, (size_t)(end - p)), 0, &ignored);
}

/* Checks one byte that is not plain, or the sequence it begins; gives the byte after, or NULL. */
static const char *check_special(const struct json_cursor *c, const char *p)
{
    if (*p == '\\')
        return check_escape(c, p);
    if ((unsigned char)*p < 0x20) {
        (void)json_fail(c, p, "a control character in a string must be written as an escape");
        return NULL;
    }
    size_t n = sequence_length(p, c->end);
    if (n == 0)
        (void)json_fail(c, p, "not UTF-8");
    return n ? p + n : NULL;
}

bool json_string_read(struct json_cursor *c, struct arena *a, struct value *out)
{
    const char *start = c->at + 1;
    bool has_escape = false;
    const char *p = json_plain_end(start, c->end);
    while (p == c->end || *p != '"') {
        if (p == c->end)
            return json_fail(c, p, "the text ends inside a string");
        has_escape |= *p == '\\';
        p = check_special(c, p);
        if (!p)
            return false;
        /* What is not plain comes in runs: other scripts, quotes within quotes. */
        if (p < c->end && json_is_plain(*p))
            p = json_plain_end(p, c->end);
    }
    c->at = p + 1;
    if (out) {
        struct str text = str_of(start, (size_t)(p - start));
        if (has_escape)
            text = decode(a, text);
        *out = (struct value){ .kind = VALUE_STRING, .n = (uint32_t)text.n, .as.s = text.p };
    }
    return true;
}
