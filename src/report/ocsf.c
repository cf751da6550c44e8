/* findings.ocsf.jsonl: compliance findings of the Open Cybersecurity Schema Framework (class 2003
 * of 1.5.0), one a line: each finding, and each check that has none. */
#include "report/json_pieces.h"

#define PIECE_BYTES_MAX ((size_t)64 << 20)

/* severity_id and its caption. */
static const char *const caption[SEVERITY_COUNT] = { "Informational", "Low", "Medium", "High",
                                                     "Critical" };

static struct value named(struct arena *a, const char *key, struct str text)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, key, value_str(text));
    return value_builder_map(&b);
}

static struct value remediation_of(struct arena *a, const struct check *c)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "desc", value_str(c->remediation));
    if (c->reference_count)
        value_builder_set(&b, "references", value_strs(a, c->reference, c->reference_count));
    return value_builder_map(&b);
}

static struct value one(struct arena *a, struct value v)
{
    struct value *item = arena_new(a, struct value);
    *item = v;
    return value_list(item, 1);
}

static struct value metadata_of(struct arena *a, const struct result *r)
{
    struct value_builder b, product;
    value_builder_init(&product, a);
    value_builder_set(&product, "name", value_cstr("kubevouch"));
    value_builder_set(&product, "vendor_name", value_cstr("kubevouch"));
    value_builder_set(&product, "version", value_str(r->run.tool_version));
    value_builder_init(&b, a);
    value_builder_set(&b, "version", value_cstr("1.5.0"));
    value_builder_set(&b, "product", value_builder_map(&product));
    value_builder_set(&b, "correlation_uid", value_str(str_from_c(r->run.id)));
    return value_builder_map(&b);
}

/* Only a verdict that was seen is Pass; what is undecided is Unknown, and the rest Other with its
 * own word. */
static int64_t status_of(enum verdict v)
{
    return v == VERDICT_PASS ? 1 : v == VERDICT_FAIL ? 3 : v == VERDICT_UNKNOWN ? 0 : 99;
}

static struct value compliance_of(struct arena *a, const struct result *r, const struct check *c,
                                  enum verdict v, struct str detail)
{
    struct value_builder b, list;
    int64_t status = status_of(v);
    value_builder_init(&b, a);
    value_builder_set(&b, "control", value_str(c->id));
    value_builder_set(&b, "standards",
                      one(a, value_str(str_printf(a, "%.*s %.*s", STR_ARG(r->bench->title),
                                                  STR_ARG(r->bench->version)))));
    value_builder_init(&list, a);
    for (size_t i = 0; i < c->requirement_count; i++)
        value_builder_push(
            &list, value_str(str_printf(a, "%.*s %.*s", STR_ARG(c->requirement[i].framework),
                                        STR_ARG(c->requirement[i].requirement))));
    value_builder_set(&b, "requirements", value_builder_list(&list));
    value_builder_set(&b, "status_id", value_int(status));
    value_builder_set(&b, "status",
                      value_cstr(status == 1   ? "Pass"
                                 : status == 3 ? "Fail"
                                 : status == 0 ? "Unknown"
                                               : verdict_label(v)));
    if (detail.n)
        value_builder_set(&b, "status_detail", value_str(detail));
    return value_builder_map(&b);
}

static struct value info_of(struct arena *a, const struct check *c, struct str uid)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "uid", value_str(uid));
    value_builder_set(&b, "title", value_str(c->title));
    value_builder_set(&b, "desc", value_str(c->rationale.n ? c->rationale : c->title));
    return value_builder_map(&b);
}

static struct value resource_of(struct arena *a, const struct object_ref *o, struct str cluster)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "type", value_str(o->kind));
    value_builder_set(&b, "name", value_str(o->name));
    if (o->ns.n)
        value_builder_set(&b, "namespace", value_str(o->ns));
    value_builder_set(&b, "group", named(a, "name", cluster));
    return value_builder_map(&b);
}

/* f NULL: of the check as a whole. */
static struct value event_of(struct arena *a, const struct result *r, const struct check_result *c,
                             const struct finding *f)
{
    struct value_builder b;
    struct str cluster = r->run.cluster_name.n      ? r->run.cluster_name
                         : r->cluster->cluster_id.n ? r->cluster->cluster_id
                                                    : r->run.source_text;
    struct str uid = f ? str_from_c(f->fingerprint)
                       : str_printf(a, "%.*s/%.*s", STR_ARG(r->bench->id), STR_ARG(c->check->id));
    enum verdict v = f ? f->outcome : c->verdict;
    value_builder_init(&b, a);
    value_builder_set(&b, "activity_id", value_int(1));
    value_builder_set(&b, "activity_name", value_cstr("Create"));
    value_builder_set(&b, "category_uid", value_int(2));
    value_builder_set(&b, "category_name", value_cstr("Findings"));
    value_builder_set(&b, "class_uid", value_int(2003));
    value_builder_set(&b, "class_name", value_cstr("Compliance Finding"));
    value_builder_set(&b, "type_uid", value_int(200301));
    value_builder_set(&b, "type_name", value_cstr("Compliance Finding: Create"));
    value_builder_set(&b, "time",
                      value_int(r->run.finished.s * 1000 + r->run.finished.ns / 1000000));
    value_builder_set(&b, "severity_id", value_int((int64_t)c->check->severity + 1));
    value_builder_set(&b, "severity", value_cstr(caption[c->check->severity]));
    value_builder_set(&b, "message", value_str(f ? f->message : c->reason));
    value_builder_set(&b, "metadata", metadata_of(a, r));
    value_builder_set(&b, "finding_info", info_of(a, c->check, uid));
    value_builder_set(&b, "compliance",
                      compliance_of(a, r, c->check, v, f ? f->message : c->reason));
    if (c->check->remediation.n)
        value_builder_set(&b, "remediation", remediation_of(a, c->check));
    if (f)
        value_builder_set(&b, "resources", one(a, resource_of(a, &f->object, cluster)));
    return value_builder_map(&b);
}

bool report_ocsf(const struct result *r, struct sink *out, struct err *err)
{
    struct json_pieces p = { .out = out, .err = err, .ok = true };
    buf_init(&p.text, PIECE_BYTES_MAX);
    for (size_t i = 0; i < r->check_count && p.ok; i++) {
        const struct check_result *c = &r->check[i];
        if (!c->finding_count) {
            json_piece(&p, event_of(&p.scratch, r, c, NULL));
            json_piece_text(&p, "\n");
        }
        for (size_t k = 0; k < c->finding_count && p.ok; k++) {
            struct finding f;
            p.ok = result_finding(r, &f, c->first_finding + k, &p.scratch, err);
            if (p.ok)
                json_piece(&p, event_of(&p.scratch, r, c, &f));
            json_piece_text(&p, "\n");
        }
    }
    buf_release(&p.text);
    arena_release(&p.scratch);
    return p.ok;
}
