/* JSON's way to escape characters above U+FFFF, which YAML does not have. */
#include "value/yaml_surrogate.h"

#include "value/json_doc.h"

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The code unit of the escape "\uXXXX" at the start of s, or 0. */
static uint32_t code_unit(struct str s)
{
    if (s.n < 6 || s.p[0] != '\\' || s.p[1] != 'u') {
        return 0;
    }
    uint32_t unit = 0;
    for (size_t i = 2; i < 6; i++) {
        char c = s.p[i];
        if (!is_hex(c)) {
            return 0;
        }
        unit = unit << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return unit;
}

/* The code point of the pair of escapes at the start of s, or 0. */
static uint32_t surrogate_pair(struct str s)
{
    uint32_t high = code_unit(s);
    if (high < 0xD800 || high > 0xDBFF) {
        return 0;
    }
    uint32_t low = code_unit(str_sub(s, 6, s.n));
    return low >= 0xDC00 && low <= 0xDFFF ? 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00) : 0;
}

static bool has_pair(struct str text)
{
    for (size_t at = 0; (at = str_find(text, STR("\\u"), at)) != SIZE_MAX; at += 2) {
        if (surrogate_pair(str_sub(text, at, text.n))) {
            return true;
        }
    }
    return false;
}

/* In JSON a backslash can only be an escape; in YAML it may be itself, so nothing else is touched.
 */
static bool is_json(struct str text)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct value v;
    return json_doc_read(&v, &scratch, text, NULL, NULL);
}

bool yaml_join_surrogates(struct buf *out, struct str text)
{
    if (!has_pair(text) || !is_json(text)) {
        return false;
    }
    size_t copied = 0;
    for (size_t at = 0; (at = str_find_char(text, '\\', at)) != SIZE_MAX;) {
        uint32_t code_point = surrogate_pair(str_sub(text, at, text.n));
        if (code_point) {
            buf_add(out, str_sub(text, copied, at));
            buf_addf(out, "\\U%08x", code_point);
            copied = at + 12;
        }
        at += code_point ? 12 : 2;
    }
    buf_add(out, str_sub(text, copied, text.n));
    return true;
}
