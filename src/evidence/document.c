/* report.json as evidence: strictly read, and no more of it than is compared. */
#include "evidence/document.h"

#include "base/file.h"
#include "value/json_read.h"

#define SKIP(name)            \
    {                         \
        .key = STR_INIT(name) \
    }
#define SKIP_IN(name, list)                                                 \
    {                                                                       \
        .key = STR_INIT(name), .child = list, .child_count = COUNT_OF(list) \
    }
/* Prose and evidence, the most of a document. */
static const struct json_skip of_check[] = { SKIP("description"),  SKIP("rationale"),
                                             SKIP("remediation"),  SKIP("questions"),
                                             SKIP("requirements"), SKIP("calls"),
                                             SKIP("thirdParty") };
static const struct json_skip of_finding[] = { SKIP("expression"), SKIP("evidence"),
                                               SKIP("explained"),  SKIP("observation"),
                                               SKIP("title"),      SKIP("podExamples"),
                                               SKIP("location") };
static const struct json_skip of_tables[] = { SKIP("expressions"), SKIP("values"),
                                              SKIP("evidence") };
static const struct json_skip left_out[] = {
    SKIP_IN("checks", of_check),
    SKIP_IN("findings", of_finding),
    SKIP("calls"),
    SKIP("frameworks"),
    SKIP("sections"),
    SKIP("coverage"),
    SKIP("rights"),
    SKIP("nodeFacts"),
    SKIP("files"),
    SKIP("scopes"),
    SKIP_IN("tables", of_tables),
};

enum verdict document_verdict(struct str word)
{
    for (size_t v = 0; v < VERDICT_COUNT; v++)
        if (str_eq_c(word, verdict_name((enum verdict)v)))
            return (enum verdict)v;
    return VERDICT_COUNT;
}

struct str document_object_text(struct arena *a, struct value object)
{
    struct str kind = value_text_at(object, "kind", NULL),
               ns = value_text_at(object, "namespace", NULL),
               name = value_text_at(object, "name", NULL);
    return str_printf(a, "%.*s%s%.*s%s%.*s", STR_ARG(kind), kind.n ? " " : "", STR_ARG(ns),
                      ns.n ? "/" : "", STR_ARG(name));
}

/* Each field with its length before it: no name can be two of them. */
struct str document_place(struct arena *a, struct str check, struct str part, struct value object)
{
    static const char *const key[] = { "apiVersion", "kind", "namespace", "name" };
    struct str field[COUNT_OF(key)];
    for (size_t i = 0; i < COUNT_OF(key); i++)
        field[i] = value_text_at(object, key[i], NULL);
    /* The cluster is called what the kubeconfig's context is called, which is not its own. */
    if (str_eq_c(field[1], "cluster") && !field[0].n)
        field[3] = (struct str){ 0 };
    return str_printf(a, "%zu:%.*s,%zu:%.*s,%zu:%.*s,%zu:%.*s,%zu:%.*s,%zu:%.*s", check.n,
                      STR_ARG(check), part.n, STR_ARG(part), field[0].n, STR_ARG(field[0]),
                      field[1].n, STR_ARG(field[1]), field[2].n, STR_ARG(field[2]), field[3].n,
                      STR_ARG(field[3]));
}

static bool some_part_has_gap(struct value part)
{
    for (uint32_t i = 0; part.kind == VALUE_LIST && i < part.n; i++)
        if (value_int_at(value_item(part, i), 0, "unknown", NULL) > 0 ||
            str_eq_c(value_text_at(value_item(part, i), "verdict", NULL), "unknown"))
            return true;
    return false;
}

static bool read_check(struct document *d, struct document_check *c, struct value v,
                       struct err *err)
{
    const struct value *part = value_get(v, STR("parts"));
    *c = (struct document_check){ .id = value_text_at(v, "id", NULL),
                                  .title = value_text_at(v, "title", NULL),
                                  .severity = value_text_at(v, "severity", NULL),
                                  .reason = value_text_at(v, "reason", NULL),
                                  .verdict = document_verdict(value_text_at(v, "verdict", NULL)),
                                  .part = part ? *part : value_null() };
    if (!c->id.n)
        return err_set(err, ERR_INPUT, "%.*s: a check has no id", STR_ARG(d->name));
    if (c->verdict == VERDICT_COUNT)
        return err_set(err, ERR_INPUT, "%.*s: check %.*s has no verdict that kubevouch knows",
                       STR_ARG(d->name), STR_ARG(c->id));
    if (map_has(&d->check_by_id, c->id))
        return err_set(err, ERR_INPUT, "%.*s: check %.*s stands there twice", STR_ARG(d->name),
                       STR_ARG(c->id));
    /* A remedy stands where evidence is missing, also beside a failure that was seen all the same.
     */
    c->has_gap = c->verdict == VERDICT_UNKNOWN || value_text_at(v, "remedy", NULL).n ||
                 value_bool_at(v, false, "outside", NULL) || some_part_has_gap(c->part);
    map_put(&d->check_by_id, c->id, c);
    return true;
}

/* What stands at the key: itself in version 1, and a row of the table from 2 on. Null where there
 * is none. */
static struct value told(struct value finding, const char *key, struct value tables,
                         const char *table)
{
    const struct value *v = value_get(finding, str_from_c(key));
    if (!v || tables.kind != VALUE_MAP)
        return v ? *v : value_null();
    const struct value *rows = value_get(tables, str_from_c(table));
    bool there = v->kind == VALUE_INT && rows && rows->kind == VALUE_LIST && v->as.i >= 0 &&
                 (uint64_t)v->as.i < rows->n;
    return there ? value_item(*rows, (uint32_t)v->as.i) : value_null();
}

static bool read_finding(struct document *d, struct document_finding *f, struct value v,
                         struct value tables, struct arena *a, struct err *err)
{
    *f = (struct document_finding){ .fingerprint = value_text_at(v, "fingerprint", NULL),
                                    .check = value_text_at(v, "check", NULL),
                                    .part = value_text_at(v, "part", NULL),
                                    .message = value_text(told(v, "message", tables, "messages")),
                                    .verdict = document_verdict(value_text_at(v, "verdict", NULL)),
                                    .object = told(v, "object", tables, "objects") };
    if (!f->fingerprint.n || f->verdict == VERDICT_COUNT || f->object.kind != VALUE_MAP)
        return err_set(err, ERR_INPUT,
                       "%.*s: a finding of check \"%.*s\" lacks its fingerprint, verdict or object",
                       STR_ARG(d->name), STR_ARG(f->check));
    if (!map_has(&d->check_by_id, f->check))
        return err_set(err, ERR_INPUT,
                       "%.*s: a finding names check \"%.*s\", which is not among its checks",
                       STR_ARG(d->name), STR_ARG(f->check));
    f->place = document_place(a, f->check, f->part, f->object);
    return true;
}

static bool list_of(struct value *out, struct value root, const char *key, const struct document *d,
                    struct err *err)
{
    const struct value *list = value_get(root, str_from_c(key));
    if (!list || list->kind != VALUE_LIST)
        return err_set(err, ERR_INPUT, "%.*s is no report.json of kubevouch: it has no %s",
                       STR_ARG(d->name), key);
    *out = *list;
    return true;
}

static bool read_head(struct document *d, struct value root, struct err *err)
{
    struct str version = value_text_at(root, "schemaVersion", NULL);
    const struct value *params = value_get(root, STR("params")),
                       *counts = value_at(root, "summary", "score", "counts", NULL);
    if (!str_has_prefix(version, STR("1.")) && !str_has_prefix(version, STR("2.")))
        return err_set(err, ERR_INPUT,
                       "%.*s is no report.json of kubevouch, or of a version that is not known: "
                       "schemaVersion is \"%.*s\"",
                       STR_ARG(d->name), STR_ARG(version));
    d->run_id = value_text_at(root, "run", "id", NULL);
    d->started = value_text_at(root, "run", "started", NULL);
    d->finished = value_text_at(root, "run", "finished", NULL);
    d->source = value_text_at(root, "run", "source", NULL);
    d->cluster_id = value_text_at(root, "target", "clusterId", NULL);
    d->cluster_name = value_text_at(root, "target", "name", NULL);
    d->server = value_text_at(root, "target", "server", NULL);
    d->benchmark_id = value_text_at(root, "benchmark", "id", NULL);
    d->benchmark_version = value_text_at(root, "benchmark", "version", NULL);
    d->benchmark_sha256 = value_text_at(root, "benchmark", "sha256", NULL);
    d->params = params ? *params : value_null();
    d->counts = counts ? *counts : value_null();
    if (!d->run_id.n || !d->benchmark_id.n)
        return err_set(err, ERR_INPUT, "%.*s is no report.json of kubevouch: it has no %s",
                       STR_ARG(d->name), d->run_id.n ? "benchmark.id" : "run.id");
    return true;
}

bool document_parse(struct document *out, struct arena *a, struct str text, struct str name,
                    struct err *err)
{
    const struct json_limits limits = { .depth = 200, .bytes = DOCUMENT_BYTES_MAX };
    struct document d = { .name = name };
    struct value root, checks, findings, tables = value_null();
    if (!json_read(&root, a, text, &limits, left_out, COUNT_OF(left_out), err))
        return err_prefix(err, "%.*s", STR_ARG(name));
    if (!read_head(&d, root, err) || !list_of(&checks, root, "checks", &d, err) ||
        !list_of(&findings, root, "findings", &d, err))
        return false;
    if (str_has_prefix(value_text_at(root, "schemaVersion", NULL), STR("2."))) {
        const struct value *t = value_get(root, STR("tables"));
        if (!t || t->kind != VALUE_MAP)
            return err_set(err, ERR_INPUT, "%.*s is no report.json of kubevouch: it has no tables",
                           STR_ARG(name));
        tables = *t;
    }
    map_init(&d.check_by_id, a);
    d.check = arena_array(a, struct document_check, checks.n);
    d.finding = arena_array(a, struct document_finding, findings.n);
    for (; d.check_count < checks.n; d.check_count++)
        if (!read_check(&d, &d.check[d.check_count], value_item(checks, d.check_count), err))
            return false;
    for (; d.finding_count < findings.n; d.finding_count++)
        if (!read_finding(&d, &d.finding[d.finding_count], value_item(findings, d.finding_count),
                          tables, a, err))
            return false;
    *out = d;
    return true;
}

bool document_agrees(const struct document *d, struct err *err)
{
    int64_t count[VERDICT_COUNT] = { 0 };
    for (size_t i = 0; i < d->check_count; i++)
        count[d->check[i].verdict]++;
    for (size_t v = 0; v < VERDICT_COUNT; v++)
        if (value_int_at(d->counts, 0, verdict_name((enum verdict)v), NULL) != count[v])
            return err_set(err, ERR_INPUT,
                           "%.*s: the counts in its summary are not those of its checks",
                           STR_ARG(d->name));
    for (size_t i = 0; i < d->finding_count; i++) {
        const struct document_finding *f = &d->finding[i];
        const struct document_check *c = map_get(&d->check_by_id, f->check);
        if (f->verdict == VERDICT_FAIL && c->verdict == VERDICT_PASS)
            return err_set(err, ERR_INPUT, "%.*s: check %.*s passes, and a finding of it fails",
                           STR_ARG(d->name), STR_ARG(c->id));
    }
    return true;
}

bool document_read(struct document *out, struct arena *a, struct str path, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(DOCUMENT_BYTES_MAX);
    return file_read(str_to_c(a, path), &text, err) &&
           document_parse(out, a, str_dup(a, buf_str(&text)), path, err);
}
