/* Writing HTML so that nothing from a cluster can become markup. */
#include "report/html.h"

#include "report/report_css.h"
#include "report/safe.h"

#define PIECE_BYTES        ((size_t)64 << 10)
#define HTML_BUF_BYTES_MAX ((size_t)64 << 20)
#define VALUE_TEXT_BYTES   2000u

void html_flush(struct html *h)
{
    h->ok = h->ok && buf_ok(&h->b, "one piece of the HTML report", h->err) &&
            h->out->add(h->out, buf_str(&h->b), h->err);
    buf_reset(&h->b);
    arena_reset(&h->scratch);
}

bool html_finding(struct html *h, struct finding *out, size_t i)
{
    h->ok = h->ok && result_finding(h->r, out, i, &h->scratch, h->err);
    return h->ok;
}

void html_add(struct html *h, struct str markup)
{
    buf_add(&h->b, markup);
}

void html_text(struct html *h, struct str text)
{
    safe_html(&h->b, text);
}

struct str html_name(struct str name)
{
    return str_trim(name).n ? name : STR("(a name of blanks)");
}

void html_c(struct html *h, const char *text)
{
    safe_html(&h->b, str_from_c(text));
}

void html_number(struct html *h, uint64_t n)
{
    /* Thousands are parted by a thin no-break space: numbers are read, not computed with. */
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    for (int i = 0; i < count; i++) {
        if (i && (count - i) % 3 == 0)
            buf_add_c(&h->b, "\xe2\x80\xaf");
        buf_add_char(&h->b, digits[i]);
    }
}

void html_percent(struct html *h, int permille)
{
    buf_addf(&h->b, "%d.%d\xe2\x80\xaf%%", permille / 10, permille % 10);
}

void html_value(struct html *h, struct value v)
{
    if (v.kind == VALUE_STRING)
        html_text(h, str_sub(value_text(v), 0, VALUE_TEXT_BYTES));
    else
        html_text(h, cel_value_text(&h->scratch, v, VALUE_TEXT_BYTES));
}

void html_heading(struct html *h, int below)
{
    buf_addf(&h->b, "<h%d>", h->check_level + below);
}

void html_heading_end(struct html *h, int below)
{
    buf_addf(&h->b, "</h%d>\n", h->check_level + below);
}

void html_anchor(struct html *h, struct str id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (c == '.')
            buf_add_char(&h->b, '-');
        else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            buf_add_char(&h->b, c);
        else
            buf_addf(&h->b, "_%02x", (unsigned char)c);
    }
}

void html_check_anchor(struct html *h, struct str id)
{
    html_raw(h, "check-");
    html_anchor(h, id);
}

void html_part(struct html *h, const char *anchor, const char *text)
{
    html_raw(h, "<h2 id=\"");
    html_c(h, anchor);
    html_raw(h, "\">");
    html_c(h, text);
    html_raw(h, "</h2>\n<p class=\"back\"><a href=\"#top\">Back to the top</a></p>\n");
}

void html_check_link(struct html *h, const struct check *c)
{
    html_raw(h, "<a href=\"#");
    html_check_anchor(h, c->id);
    html_raw(h, "\">");
    html_text(h, c->id);
    html_raw(h, "</a>");
}

void html_verdict(struct html *h, enum verdict v)
{
    static const char *const icon[VERDICT_COUNT] = {
        [VERDICT_NOT_APPLICABLE] = "\xe2\x80\x93", [VERDICT_PASS] = "\xe2\x9c\x93",
        [VERDICT_ATTESTED] = "\xe2\x98\x9d",       [VERDICT_WAIVED] = "\xe2\x89\x88",
        [VERDICT_MANUAL] = "\xe2\x9c\x8e",         [VERDICT_UNKNOWN] = "?",
        [VERDICT_FAIL] = "\xe2\x9c\x97",
    };
    html_raw(h, "<span class=\"v ");
    html_c(h, verdict_name(v));
    html_raw(h, "\"><span aria-hidden=\"true\">");
    html_c(h, icon[v]);
    html_raw(h, "</span> ");
    html_c(h, verdict_label(v));
    html_raw(h, "</span>");
}

void html_fact(struct html *h, const char *name, struct str text)
{
    if (!text.n)
        return;
    html_raw(h, "<div><dt>");
    html_c(h, name);
    html_raw(h, "</dt><dd>");
    html_text(h, text);
    html_raw(h, "</dd></div>\n");
}

/* The policy forbids everything but this very style sheet. */
static void put_policy(struct html *h, struct str style)
{
    uint8_t digest[SHA256_BYTES];
    struct buf hash CLEANUP(buf_release) = BUF_INIT(128);
    sha256_of(style, digest);
    enc_base64(&hash, str_of((const char *)digest, sizeof digest));
    html_raw(h, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "style-src 'sha256-");
    html_add(h, buf_str(&hash));
    html_raw(h, "'; img-src data:; base-uri 'none'; form-action 'none'\">\n");
}

void html_page_head(struct html *h, struct str title, struct str rules)
{
    /* Validators take the digest without blanks at the end, browsers with them. */
    struct str style = str_trim(str_printf(&h->scratch, "%s%.*s", report_css, STR_ARG(rules)));
    html_raw(h, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put_policy(h, style);
    html_raw(h, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
                "name=\"generator\" content=\"kubevouch ");
    html_text(h, h->r ? h->r->run.tool_version : STR(PACKAGE_VERSION));
    html_raw(h, "\">\n<link rel=\"icon\" href=\"data:,\">\n<title>");
    html_text(h, title);
    html_raw(h, "</title>\n<style>");
    html_add(h, style);
    html_raw(h, "</style>\n</head>\n<body id=\"top\">\n<a class=\"skip\" href=\"#main\">Skip to "
                "the results</a>\n");
}

/* A title is what a browser's tab and a printed page's head show: the cluster's name, cut, and the
 * day. */
static struct str title_of(struct arena *a, const struct result *r)
{
    enum { NAME_BYTES = 40 };
    struct str name = r->run.cluster_name.n ? r->run.cluster_name : r->run.source_text;
    return str_printf(a, "%.*s%s \xc2\xb7 %.10s", STR_ARG(str_sub(name, 0, NAME_BYTES)),
                      name.n > NAME_BYTES ? "..." : "", clock_format_rfc3339(a, r->run.finished).p);
}

static void put_page(struct html *h)
{
    html_head(h);
    html_flush(h);
    html_frameworks(h, true);
    html_filter(h);
    html_checks(h);
    html_filter_end(h);
    html_scopes(h);
    html_frameworks(h, false);
    html_exceptions(h);
    html_evidence(h);
    html_raw(h, "</main>\n<footer>\n<p>Made by kubevouch ");
    html_text(h, h->r->run.tool_version);
    html_raw(h, " from what Population and Calls list. This file loads nothing and runs "
                "nothing.</p>\n</footer>\n</body>\n</html>\n");
    html_flush(h);
}

bool report_html(const struct result *r, struct sink *out, struct err *err)
{
    struct html h = {
        .r = r, .out = out, .err = err, .b = BUF_INIT(HTML_BUF_BYTES_MAX), .ok = true
    };
    struct arena page CLEANUP(arena_release) = { 0 };
    struct buf rules CLEANUP(buf_release) = BUF_INIT(HTML_BUF_BYTES_MAX);
    if (!tally_make(&h.tally, &page, r, err))
        return false;
    html_findings_open(&h);
    html_filter_open(&h, &page);
    html_filter_rules(&rules, &h);
    html_paper_rules(&rules, r);
    html_page_head(&h, title_of(&page, r), buf_str(&rules));
    put_page(&h);
    buf_release(&h.b);
    arena_release(&h.scratch);
    return h.ok;
}
