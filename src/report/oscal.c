/* oscal-assessment-results.json: assessment results of OSCAL 1.1.3. Only what was decided is a
 * finding there: OSCAL has no third state, and what was not seen is not satisfied by anything. */
#include "report/json_pieces.h"

#include "base/shown.h"

#define PIECE_BYTES_MAX ((size_t)64 << 20)

struct writing {
    struct json_pieces p;
    const struct result *r;
    const char *collected;
};

/* One line, never empty. */
static struct value line(struct arena *a, struct str s)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(s.n * 12 + 64);
    shown_line(&out, s);
    struct str t = str_trim(buf_str(&out));
    return t.n ? value_str(str_dup(a, t)) : value_cstr("-");
}

/* Of version 5's form, out of the run and a name within it: the same report has the same ones. */
static struct value uuid_of(struct arena *a, const struct result *r, const char *what,
                            struct str name)
{
    uint8_t d[SHA256_BYTES];
    sha256_of(str_printf(a, "%s %s %.*s", r->run.id, what, STR_ARG(name)), d);
    d[6] = (uint8_t)((d[6] & 0x0f) | 0x50);
    d[8] = (uint8_t)((d[8] & 0x3f) | 0x80);
    return value_str(str_printf(
        a, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", d[0], d[1], d[2],
        d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13], d[14], d[15]));
}

/* A token: begins with a letter, and holds letters, digits, ".", "-" and "_". */
static struct value control_of(struct arena *a, const struct result *r, const struct check *c)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(1024);
    struct str text = str_printf(a, "%.*s_%.*s", STR_ARG(r->bench->id), STR_ARG(c->id));
    buf_add_c(&out, "c-");
    for (size_t i = 0; i < text.n; i++) {
        char x = text.p[i];
        bool good = (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || (x >= '0' && x <= '9') ||
                    x == '.' || x == '-' || x == '_';
        buf_add_char(&out, good ? x : '_');
    }
    return value_str(str_dup(a, buf_str(&out)));
}

static struct value pair(struct arena *a, const char *key, struct value v)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, key, v);
    return value_builder_map(&b);
}

static struct value one(struct arena *a, struct value v)
{
    struct value *item = arena_new(a, struct value);
    *item = v;
    return value_list(item, 1);
}

static void put_key(struct writing *w, const char *lead, struct value v)
{
    json_piece_text(&w->p, lead);
    json_piece(&w->p, v);
}

static struct value metadata_of(struct arena *a, const struct result *r)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "title",
                      line(a, str_printf(a, "%.*s, %.*s", STR_ARG(r->bench->title),
                                         STR_ARG(r->run.cluster_name.n ? r->run.cluster_name
                                                                       : r->run.source_text))));
    value_builder_set(&b, "last-modified", value_str(clock_format_rfc3339(a, r->run.finished)));
    value_builder_set(&b, "version", value_str(str_from_c(r->run.id)));
    value_builder_set(&b, "oscal-version", value_cstr("1.1.3"));
    return value_builder_map(&b);
}

static struct value controls_of(struct arena *a, const struct result *r)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < r->check_count; i++)
        value_builder_push(&list, pair(a, "control-id", control_of(a, r, r->check[i].check)));
    struct value selected = r->check_count ? pair(a, "include-controls", value_builder_list(&list))
                                           : pair(a, "include-all", value_map(a, NULL, 0));
    return pair(a, "control-selections", one(a, selected));
}

static struct value observation_id(struct arena *a, const struct result *r,
                                   const struct check_result *c, const struct finding *f)
{
    return f ? uuid_of(a, r, "finding", str_from_c(f->fingerprint))
             : uuid_of(a, r, "check", c->check->id);
}

static struct value observation_of(struct arena *a, const struct writing *w,
                                   const struct check_result *c, const struct finding *f)
{
    struct value_builder b;
    enum verdict v = f ? f->outcome : c->verdict;
    struct str told = f ? f->message : c->reason,
               object = f ? object_ref_text(a, f->object) : STR("");
    value_builder_init(&b, a);
    value_builder_set(&b, "uuid", observation_id(a, w->r, c, f));
    value_builder_set(&b, "title",
                      line(a, str_printf(a, "%.*s %s", STR_ARG(c->check->id), verdict_label(v))));
    value_builder_set(&b, "description",
                      line(a, str_printf(a, "%.*s%s%.*s", STR_ARG(object), object.n ? ": " : "",
                                         STR_ARG(told.n ? told : c->check->title))));
    value_builder_set(&b, "methods", one(a, value_cstr("TEST")));
    value_builder_set(&b, "collected", value_cstr(w->collected));
    return value_builder_map(&b);
}

static void put_observations(struct writing *w)
{
    const struct result *r = w->r;
    bool comma = false;
    for (size_t i = 0; i < r->check_count && w->p.ok; i++) {
        const struct check_result *c = &r->check[i];
        for (size_t k = 0; k < (c->finding_count ? c->finding_count : 1) && w->p.ok; k++) {
            struct finding f;
            w->p.ok = !c->finding_count ||
                      result_finding(r, &f, c->first_finding + k, &w->p.scratch, w->p.err);
            if (w->p.ok)
                put_key(w, comma ? ",\n " : ",\n\"observations\": [\n ",
                        observation_of(&w->p.scratch, w, c, c->finding_count ? &f : NULL));
            comma = true;
        }
    }
    json_piece_text(&w->p, comma ? "\n]" : "");
}

static bool is_decided(const struct check_result *c)
{
    return c->verdict == VERDICT_PASS || c->verdict == VERDICT_FAIL || c->verdict == VERDICT_WAIVED;
}

static struct value target_of(struct arena *a, const struct result *r, const struct check_result *c)
{
    struct value_builder b, status;
    value_builder_init(&status, a);
    value_builder_set(&status, "state",
                      value_cstr(c->verdict == VERDICT_PASS ? "satisfied" : "not-satisfied"));
    value_builder_set(&status, "reason",
                      value_cstr(c->verdict == VERDICT_PASS   ? "pass"
                                 : c->verdict == VERDICT_FAIL ? "fail"
                                                              : "other"));
    if (c->verdict == VERDICT_WAIVED)
        value_builder_set(&status, "remarks",
                          value_cstr("It fails, and named persons accepted it until a date."));
    value_builder_init(&b, a);
    value_builder_set(&b, "type", value_cstr("objective-id"));
    value_builder_set(&b, "target-id", control_of(a, r, c->check));
    value_builder_set(&b, "status", value_builder_map(&status));
    return value_builder_map(&b);
}

static void put_finding(struct writing *w, const struct check_result *c)
{
    struct arena *a = &w->p.scratch;
    put_key(w, "{\"uuid\": ", uuid_of(a, w->r, "result", c->check->id));
    put_key(w, ", \"title\": ",
            line(a, str_printf(a, "%.*s %.*s", STR_ARG(c->check->id), STR_ARG(c->check->title))));
    put_key(w, ", \"description\": ", line(a, c->reason.n ? c->reason : c->check->title));
    put_key(w, ", \"target\": ", target_of(a, w->r, c));
    json_piece_text(&w->p, ", \"related-observations\": [");
    for (size_t k = 0; k < (c->finding_count ? c->finding_count : 1) && w->p.ok; k++) {
        struct finding f;
        w->p.ok = !c->finding_count || result_finding(w->r, &f, c->first_finding + k, a, w->p.err);
        if (w->p.ok)
            put_key(w, k ? ", " : "",
                    pair(a, "observation-uuid",
                         observation_id(a, w->r, c, c->finding_count ? &f : NULL)));
    }
    json_piece_text(&w->p, "]}");
}

static void put_findings(struct writing *w)
{
    bool comma = false;
    for (size_t i = 0; i < w->r->check_count && w->p.ok; i++) {
        if (!is_decided(&w->r->check[i]))
            continue;
        json_piece_text(&w->p, comma ? ",\n " : ",\n\"findings\": [\n ");
        comma = true;
        put_finding(w, &w->r->check[i]);
    }
    json_piece_text(&w->p, comma ? "\n]" : "");
}

static struct value plan_of(struct arena *a, const struct result *r)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "uuid", uuid_of(a, r, "plan", r->bench->id));
    value_builder_set(
        &b, "title",
        line(a, str_printf(a, "%.*s %.*s", STR_ARG(r->bench->title), STR_ARG(r->bench->version))));
    value_builder_set(
        &b, "description",
        value_cstr(
            "There is no assessment plan in OSCAL: the benchmark's checks are what was assessed."));
    return pair(a, "resources", one(a, value_builder_map(&b)));
}

bool report_oscal(const struct result *r, struct sink *out, struct err *err)
{
    struct arena keep CLEANUP(arena_release) = { 0 };
    struct writing w = { .r = r,
                         .p = { .out = out, .err = err, .ok = true },
                         .collected =
                             str_to_c(&keep, clock_format_rfc3339(&keep, r->cluster->now)) };
    struct arena *a = &w.p.scratch;
    buf_init(&w.p.text, PIECE_BYTES_MAX);
    put_key(&w, "{\"assessment-results\": {\n\"uuid\": ", uuid_of(a, r, "report", STR("")));
    put_key(&w, ",\n\"metadata\": ", metadata_of(a, r));
    put_key(&w, ",\n\"import-ap\": ",
            pair(a, "href",
                 value_str(str_printf(a, "#%.*s",
                                      STR_ARG(value_text(uuid_of(a, r, "plan", r->bench->id)))))));
    put_key(&w, ",\n\"results\": [{\n\"uuid\": ", uuid_of(a, r, "run", STR("")));
    put_key(&w, ",\n\"title\": ", line(a, r->bench->title));
    put_key(&w,
            ",\n\"description\": ", line(a, r->note_count ? r->note[0] : r->bench->description));
    put_key(&w, ",\n\"start\": ", value_str(clock_format_rfc3339(a, r->run.started)));
    put_key(&w, ",\n\"end\": ", value_str(clock_format_rfc3339(a, r->run.finished)));
    put_key(&w, ",\n\"reviewed-controls\": ", controls_of(a, r));
    put_observations(&w);
    put_findings(&w);
    put_key(&w, "}],\n\"back-matter\": ", plan_of(a, r));
    json_piece_text(&w.p, "}}\n");
    buf_release(&w.p.text);
    arena_release(&w.p.scratch);
    return w.p.ok;
}
