/* Regular expressions: RE2 behind plain C, with Go's syntax (the one Kubernetes' CEL has). */
#include "cel/regex.h"

#include "base/buf.h"
#include "cel/re2.h"

/* struct regex is never defined: a pointer to it is RE2's own object. */
static struct regex *of_re2(void *re)
{
    return re;
}

/* Go's syntax differs in two places from the library's: "(?<name>" is allowed, "\C" (any byte) is
 * not. Writes the pattern in the library's syntax; false on "\C". */
static bool translate(struct buf *out, struct str s)
{
    bool in_class = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        struct str rest = str_sub(s, i, s.n);
        if (c == '\\') {
            size_t n = 2;
            if (str_has_prefix(rest, STR("\\C")))
                return false;
            if (str_has_prefix(rest, STR("\\Q"))) {
                size_t end = str_find(rest, STR("\\E"), 2);
                n = end == SIZE_MAX ? rest.n : end + 2;
            }
            buf_add(out, str_sub(rest, 0, n));
            i += n - 1;
            continue;
        }
        if (c == '[' && !in_class) {
            /* A ']' right after the opening (or after '^') is itself. */
            size_t n = str_has_prefix(rest, STR("[^")) ? 2 : 1;
            n += n < rest.n && rest.p[n] == ']';
            buf_add(out, str_sub(rest, 0, n));
            i += n - 1;
            in_class = true;
            continue;
        }
        if (c == ']')
            in_class = false;
        buf_add_char(out, c);
        if (!in_class && str_has_prefix(rest, STR("(?<"))) {
            buf_add_c(out, "?P<");
            i += 2;
        }
    }
    return true;
}

struct regex *regex_compile(struct str pattern, struct arena *a, struct str *problem)
{
    char error[256] = "";
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)REGEX_PATTERN_BYTES_MAX * 2);
    if (pattern.n > REGEX_PATTERN_BYTES_MAX) {
        *problem = str_printf(a, "the pattern is longer than %u bytes", REGEX_PATTERN_BYTES_MAX);
        return NULL;
    }
    if (!translate(&text, pattern)) {
        *problem = STR("invalid escape sequence: \\C");
        return NULL;
    }
    void *re =
        re2_compile(text.n ? text.p : "", text.n, REGEX_MEMORY_BYTES_MAX, error, sizeof error);
    if (!re) {
        *problem = str_printf(a, "%s", error);
        return NULL;
    }
    if ((size_t)re2_group_count(re) > REGEX_GROUPS_MAX) {
        re2_free(re);
        *problem = str_printf(a, "the pattern has more than %u groups", REGEX_GROUPS_MAX);
        return NULL;
    }
    return of_re2(re);
}

void regex_free(struct regex *r)
{
    re2_free(r);
}

size_t regex_group_count(const struct regex *r)
{
    return (size_t)re2_group_count(r);
}

size_t regex_size(const struct regex *r)
{
    return (size_t)re2_program_size(r);
}

bool regex_find(const struct regex *r, struct str text, size_t from, struct regex_span *span,
                size_t span_count)
{
    size_t offset[2 * (REGEX_GROUPS_MAX + 1)];
    INVARIANT(span_count <= REGEX_GROUPS_MAX + 1);
    if (from > text.n || !re2_find(r, text.n ? text.p : "", text.n, from, offset, (int)span_count))
        return false;
    for (size_t i = 0; i < span_count; i++)
        span[i] = (struct regex_span){ .from = offset[2 * i], .to = offset[2 * i + 1] };
    return true;
}

bool regex_next(struct regex_walk *w, const struct regex *r, struct str text,
                struct regex_span *span, size_t span_count)
{
    while (!w->done) {
        if (w->at > text.n || !regex_find(r, text, w->at, span, span_count)) {
            w->done = true;
            break;
        }
        bool accept = true;
        size_t end = span[0].to;
        if (end == w->at) { /* an empty match where the search began: step over one code point */
            uint32_t cp;
            size_t n = w->at < text.n ? str_utf8_at(text, w->at, &cp) : 0;
            accept = span[0].from != w->last_end;
            w->at += n ? n : 1;
        } else {
            w->at = end;
        }
        w->last_end = end;
        if (accept)
            return true;
    }
    return false;
}
