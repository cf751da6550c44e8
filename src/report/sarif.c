/* report.sarif: failures with their places, as SARIF 2.1.0. */
#include "bench/attack.h"
#include "report/json_pieces.h"
#include "report/result_value.h"

#define PIECE_BYTES_MAX ((size_t)64 << 20)

struct writer {
    struct json_pieces p;
    const struct result *r;
};

static struct value message(struct arena *a, struct str text)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "text", value_str(text));
    return value_builder_map(&b);
}

static const char *level_of(enum severity s)
{
    return s >= SEVERITY_HIGH ? "error" : s == SEVERITY_MEDIUM ? "warning" : "note";
}

/* What code scanning sorts by: 0 to 10 (CVSS's bands). */
static const char *security_severity(enum severity s)
{
    static const char *const score[SEVERITY_COUNT] = { "0.0", "3.0", "5.5", "8.0", "9.5" };
    return score[s];
}

static struct value rule_of(struct arena *a, const struct check *c)
{
    struct value_builder b, config, properties, tags;
    value_builder_init(&config, a);
    value_builder_set(&config, "level", value_cstr(level_of(c->severity)));
    value_builder_init(&tags, a);
    value_builder_push(&tags, value_cstr("security"));
    for (size_t i = 0; i < c->tag_count; i++)
        value_builder_push(&tags, value_str(c->tag[i]));
    for (size_t i = 0; i < c->attack_count; i++)
        value_builder_push(
            &tags, value_str(str_printf(a, ATTACK_TAG "%.*s", STR_ARG(c->attack[i].technique))));
    value_builder_init(&properties, a);
    value_builder_set(&properties, "tags", value_builder_list(&tags));
    value_builder_set(&properties, "security-severity", value_cstr(security_severity(c->severity)));
    value_builder_init(&b, a);
    value_builder_set(&b, "id", value_str(c->id));
    value_builder_set(&b, "shortDescription", message(a, c->title));
    value_builder_set(&b, "fullDescription", message(a, c->rationale.n ? c->rationale : c->title));
    value_builder_set(&b, "help", message(a, c->remediation.n ? c->remediation : c->title));
    if (c->reference_count && reference_is_address(c->reference[0]))
        value_builder_set(&b, "helpUri", value_str(c->reference[0]));
    value_builder_set(&b, "defaultConfiguration", value_builder_map(&config));
    value_builder_set(&b, "properties", value_builder_map(&properties));
    return value_builder_map(&b);
}

/* A path as the reference that a URI takes: what is not plain is percent-encoded. */
static struct str uri_of(struct arena *a, const char *path)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(65536);
    const char *p = strncmp(path, "./", 2) == 0 ? path + 2 : path;
    for (; *p; p++) {
        unsigned char c = (unsigned char)*p;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("/._-~+@", c);
        if (plain)
            buf_add_char(&out, (char)c);
        else
            buf_addf(&out, "%%%02X", c);
    }
    return str_dup(a, buf_str(&out));
}

static struct value physical(struct arena *a, struct pos place)
{
    struct value_builder artifact, region, b;
    value_builder_init(&artifact, a);
    value_builder_set(&artifact, "uri", value_str(uri_of(a, place.file)));
    value_builder_init(&region, a);
    value_builder_set(&region, "startLine", value_int(place.line ? place.line : 1));
    value_builder_set(&region, "startColumn", value_int(place.column ? place.column : 1));
    value_builder_init(&b, a);
    value_builder_set(&b, "artifactLocation", value_builder_map(&artifact));
    value_builder_set(&b, "region", value_builder_map(&region));
    return value_builder_map(&b);
}

static struct value location_of(struct arena *a, const struct finding *f)
{
    struct value_builder logical, b;
    struct value *one = arena_array(a, struct value, 2);
    value_builder_init(&logical, a);
    value_builder_set(&logical, "fullyQualifiedName", value_str(object_ref_text(a, f->object)));
    value_builder_set(&logical, "kind", value_cstr("resource"));
    one[0] = value_builder_map(&logical);
    value_builder_init(&b, a);
    if (f->place.file)
        value_builder_set(&b, "physicalLocation", physical(a, f->place));
    value_builder_set(&b, "logicalLocations", value_list(one, 1));
    one[1] = value_builder_map(&b);
    return value_list(&one[1], 1);
}

static struct value suppression(struct arena *a, const struct waiver *x)
{
    struct value_builder b;
    struct value *one = arena_new(a, struct value);
    value_builder_init(&b, a);
    value_builder_set(&b, "kind", value_cstr("external"));
    value_builder_set(&b, "status", value_cstr("accepted"));
    value_builder_set(&b, "justification",
                      value_str(str_printf(a, "%.*s: %.*s", STR_ARG(x->by), STR_ARG(x->reason))));
    *one = value_builder_map(&b);
    return value_list(one, 1);
}

static struct value result_of(struct arena *a, const struct result *r, const struct finding *f)
{
    const struct check *c = r->check[f->check].check;
    struct value_builder b, prints;
    value_builder_init(&prints, a);
    value_builder_set(&prints, "kubevouch/v1", value_str(str_from_c(f->fingerprint)));
    value_builder_init(&b, a);
    value_builder_set(&b, "ruleId", value_str(c->id));
    value_builder_set(&b, "kind", value_cstr("fail"));
    value_builder_set(&b, "level", value_cstr(level_of(c->severity)));
    value_builder_set(&b, "message",
                      message(a, str_printf(a, "%.*s: %.*s", STR_ARG(object_ref_text(a, f->object)),
                                            STR_ARG(f->message))));
    value_builder_set(&b, "locations", location_of(a, f));
    value_builder_set(&b, "partialFingerprints", value_builder_map(&prints));
    if (r->has_baseline)
        value_builder_set(&b, "baselineState", value_cstr(f->is_new ? "new" : "unchanged"));
    if (f->waiver)
        value_builder_set(&b, "suppressions", suppression(a, f->waiver));
    return value_builder_map(&b);
}

static bool is_told(const struct finding *f)
{
    return f->outcome == VERDICT_FAIL || f->outcome == VERDICT_WAIVED;
}

/* The i-th finding, until the next piece; false: it is not told of here, or cannot be had. */
static bool told_finding(struct finding *f, struct writer *w, size_t i)
{
    w->p.ok = w->p.ok && result_finding_glance(w->r, f, i, &w->p.scratch, w->p.err);
    if (!w->p.ok || !is_told(f))
        return false;
    w->p.ok = result_finding(w->r, f, i, &w->p.scratch, w->p.err);
    return w->p.ok;
}

static bool has_told(struct writer *w, const struct check_result *c)
{
    bool any = false;
    struct finding f;
    for (size_t i = 0; i < c->finding_count && !any && w->p.ok; i++) {
        w->p.ok = result_finding_glance(w->r, &f, c->first_finding + i, &w->p.scratch, w->p.err);
        any = w->p.ok && is_told(&f);
    }
    return any;
}

bool report_sarif(const struct result *r, struct sink *out, struct err *err)
{
    struct writer w = { .r = r, .p = { .out = out, .err = err, .ok = true } };
    bool comma = false;
    buf_init(&w.p.text, PIECE_BYTES_MAX);
    json_piece_text(
        &w.p,
        "{\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n\"version\": "
        "\"2.1.0\",\n\"runs\": [{\"tool\": {\"driver\": {\"name\": \"kubevouch\", \"version\": ");
    json_piece(&w.p, value_str(r->run.tool_version));
    json_piece_text(&w.p, ", \"rules\": [");
    for (size_t i = 0; i < r->check_count; i++) {
        if (!has_told(&w, &r->check[i]))
            continue;
        json_piece_text(&w.p, comma ? ",\n " : "\n ");
        comma = true;
        json_piece(&w.p, rule_of(&w.p.scratch, r->check[i].check));
    }
    json_piece_text(&w.p, "]}},\n\"columnKind\": \"unicodeCodePoints\",\n\"results\": [");
    comma = false;
    for (size_t i = 0; i < r->finding_count; i++) {
        struct finding f;
        if (!told_finding(&f, &w, i))
            continue;
        json_piece_text(&w.p, comma ? ",\n " : "\n ");
        comma = true;
        json_piece(&w.p, result_of(&w.p.scratch, r, &f));
    }
    json_piece_text(&w.p, "]}]}\n");
    buf_release(&w.p.text);
    arena_release(&w.p.scratch);
    return w.p.ok;
}
