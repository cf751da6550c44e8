/* What of a text may be shown: credentials in a URL may not, and characters that change how others
 * are read are named. */
#include "base/shown.h"

struct str shown_url(struct arena *a, struct str url)
{
    size_t scheme = str_find(url, STR("//"), 0), from = scheme == SIZE_MAX ? 0 : scheme + 2,
           end = from, query;
    while (end < url.n && !strchr("/?#", url.p[end])) {
        end++;
    }
    for (query = end; query < url.n && !strchr("?#", url.p[query]);) {
        query++;
    }
    const char *asked = query < url.n ? "?(redacted)" : "";
    size_t at = str_find_last_char(str_sub(url, 0, end), '@');
    if (at == SIZE_MAX || at < from) {
        /* of a password that holds what ends an authority, or of a path */
        at = str_find_last_char(url, '@');
    }
    /* without a scheme and a colon it is no URL and holds no password: a mistyped address is told
     * as it was typed */
    if (scheme == SIZE_MAX && at != SIZE_MAX && at < query &&
        str_find_char(str_sub(url, 0, at), ':', 0) == SIZE_MAX) {
        return str_printf(a, "%.*s%s", STR_ARG(str_sub(url, 0, query)), asked);
    }
    if (at != SIZE_MAX && at > query) {
        return str_printf(a, "%.*s(redacted)", STR_ARG(str_sub(url, 0, from)));
    }
    if (at == SIZE_MAX || at < from) {
        return str_printf(a, "%.*s%s", STR_ARG(str_sub(url, 0, query)), asked);
    }
    return str_printf(a, "%.*s(redacted)%.*s%s", STR_ARG(str_sub(url, 0, from)),
                      STR_ARG(str_sub(url, at, query)), asked);
}

static const struct {
    uint32_t first, last;
} deceptive[] = {
#define DECEPTIVE(first, last, what) { first, last },
#include "base/deceptive.def"
#undef DECEPTIVE
};

enum shown_class shown_class(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
        return SHOWN_CONTROL;
    }
    for (size_t i = 0; c >= deceptive[0].first && i < COUNT_OF(deceptive); i++) {
        if (c <= deceptive[i].last) {
            return c >= deceptive[i].first ? SHOWN_DECEPTIVE : SHOWN_PLAIN;
        }
    }
    return SHOWN_PLAIN;
}

void shown_line(struct buf *out, struct str s)
{
    for (size_t at = 0; at < s.n;) {
        uint32_t c;
        size_t n = str_utf8_at(s, at, &c);
        enum shown_class class = n ? shown_class(c) : SHOWN_CONTROL;
        if (n == 0) {
            buf_addf(out, "\\x%02x", (unsigned char)s.p[at]);
        } else if (c == '\n' || c == '\t' || c == '\r') {
            buf_add_char(out, ' ');
        } else if (class == SHOWN_CONTROL) {
            buf_addf(out, "\\x%02x", c);
        } else if (class == SHOWN_DECEPTIVE) {
            buf_addf(out, "\\u{%x}", c);
        } else {
            buf_add(out, str_sub(s, at, at + n));
        }
        at += n ? n : 1;
    }
}
