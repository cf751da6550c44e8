/* Findings as values: flat, for lines that stand alone, and with references to the tables of
 * report.json. */
#include "report/finding_value.h"
#include "bench/commands.h"

#include "value/json_doc.h"
#include "value/set.h"

#define KEY_BYTES_MAX ((size_t)64 << 20)

static size_t count_instances(const struct observation *o)
{
    size_t n = 0;
    while (n < sizeof o->instance / sizeof *o->instance && o->instance[n].n)
        n++;
    return n;
}

struct value observation_value(struct arena *a, const struct observation *o, struct str wanted,
                               bool grouped)
{
    struct value_builder b;
    value_builder_init(&b, a);
    if (grouped) {
        value_builder_set(&b, "verdict", value_cstr(verdict_name(o->outcome)));
        set_count(&b, "count", o->count);
        value_builder_set(&b, "instances", value_strs(a, o->instance, count_instances(o)));
    } else {
        set_str(&b, "instance", o->instance[0]);
    }
    set_str(&b, "grade", o->grade);
    set_str(&b, "source", o->source);
    if (o->has_seen)
        value_builder_set(&b, "seen", value_str(o->seen));
    set_str(&b, "wanted", wanted);
    if (o->defaulted >= 0)
        value_builder_set(&b, "default", value_bool(o->defaulted > 0));
    return value_builder_map(&b);
}

static struct value waiver_value(struct arena *a, const struct waiver *x)
{
    struct value_builder b;
    value_builder_init(&b, a);
    set_str(&b, "by", x->by);
    set_str(&b, "reason", x->reason);
    value_builder_set(&b, "expires", value_str(clock_format_rfc3339(a, x->expires)));
    return value_builder_map(&b);
}

static struct value object_value(struct arena *a, const struct object_ref *o)
{
    struct value_builder b;
    value_builder_init(&b, a);
    set_str(&b, "apiVersion", o->api_version);
    set_str(&b, "kind", o->kind);
    set_str(&b, "namespace", o->ns);
    set_str(&b, "name", o->name);
    set_str(&b, "uid", o->uid);
    set_str(&b, "resourceVersion", o->resource_version);
    return value_builder_map(&b);
}

static struct value place_value(struct arena *a, struct pos p)
{
    struct value_builder b;
    value_builder_init(&b, a);
    set_str(&b, "file", str_from_c(p.file));
    if (p.line) {
        set_count(&b, "line", p.line);
        set_count(&b, "column", p.column);
    }
    return value_builder_map(&b);
}

static size_t count_pods(const struct finding *f)
{
    return f->pod_name[2].n ? 3 : f->pod_name[1].n ? 2 : f->pod_name[0].n ? 1 : 0;
}

/* ---- flat */

static struct value explained_value(struct arena *a, const struct finding *f)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < f->explained_count; i++) {
        struct value_builder b;
        value_builder_init(&b, a);
        set_str(&b, "expression", f->explained[i].text);
        value_builder_set(&b, "value", value_str(f->explained[i].value));
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

struct str finding_command(struct arena *a, const struct check *d, const struct finding *f)
{
    struct command_object o = { f->object.api_version, f->object.kind, f->object.ns,
                                f->object.name,        f->in_template, f->evidence };
    return f->outcome == VERDICT_FAIL ? command_for(a, d, &o) : (struct str){ 0 };
}

void finding_set_flat(struct value_builder *b, const struct result *r, const struct finding *f)
{
    struct arena *a = b->arena;
    const struct check *d = r->check[f->check].check;
    const struct check_part *part = &d->part[f->part];
    value_builder_set(b, "fingerprint", value_str(str_from_c(f->fingerprint)));
    set_str(b, "check", d->id);
    set_str(b, "part", part->name);
    set_str(b, "title", d->title);
    value_builder_set(b, "severity", value_cstr(severity_name[d->severity]));
    value_builder_set(b, "verdict", value_cstr(verdict_name(f->outcome)));
    set_str(b, "cause", str_from_c(cause_name(f->cause)));
    value_builder_set(b, "object", object_value(a, &f->object));
    set_str(b, "message", f->message);
    if (f->place.file)
        value_builder_set(b, "location", place_value(a, f->place));
    if (r->has_baseline && f->outcome == VERDICT_FAIL)
        value_builder_set(b, "new", value_bool(f->is_new));
    if (f->validation < part->validation_count)
        set_str(b, "expression", part->validation[f->validation].expression.text);
    if (f->pods)
        set_count(b, "pods", f->pods);
    if (count_pods(f))
        value_builder_set(b, "podExamples", value_strs(a, f->pod_name, count_pods(f)));
    if (str_eq_c(part->over, "pods"))
        value_builder_set(b, "inTemplate", value_bool(f->in_template));
    if (f->observation)
        value_builder_set(
            b, "observation",
            observation_value(a, f->observation, r->check[f->check].part[f->part].wanted, false));
    if (f->evidence.kind == VALUE_MAP)
        value_builder_set(b, "evidence", f->evidence);
    set_str(b, "command", finding_command(a, d, f));
    if (f->waiver)
        value_builder_set(b, "waiver", waiver_value(a, f->waiver));
    if (f->explained_count)
        value_builder_set(b, "explained", explained_value(a, f));
}

/* ---- with references */

/* Each field with its length before it: no object is another one. */
static struct value object_row(struct arena *a, struct tables *t, const struct object_ref *o)
{
    struct str key =
        str_printf(a, "%zu:%.*s,%zu:%.*s,%zu:%.*s,%zu:%.*s,%zu:%.*s,%zu:%.*s", o->api_version.n,
                   STR_ARG(o->api_version), o->kind.n, STR_ARG(o->kind), o->ns.n, STR_ARG(o->ns),
                   o->name.n, STR_ARG(o->name), o->uid.n, STR_ARG(o->uid), o->resource_version.n,
                   STR_ARG(o->resource_version));
    return tables_value(t, TABLE_OBJECTS, key, object_value(a, o));
}

static struct value evidence_row(struct tables *t, struct value evidence)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(KEY_BYTES_MAX);
    json_doc_write(&text, evidence, 0);
    return tables_value(t, TABLE_EVIDENCE, buf_str(&text), evidence);
}

/* [[expression, value], ...] */
static struct value explained_rows(struct arena *a, struct tables *t, const struct finding *f)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < f->explained_count; i++) {
        struct value *pair = arena_array(a, struct value, 2);
        pair[0] = tables_text(t, TABLE_EXPRESSIONS, f->explained[i].text);
        pair[1] = tables_text(t, TABLE_VALUES, f->explained[i].value);
        value_builder_push(&list, value_list(pair, 2));
    }
    return value_builder_list(&list);
}

/* Of a pod by itself the one example is the object. */
static bool is_own_example(const struct finding *f)
{
    return f->pods == 1 && count_pods(f) == 1 && str_eq_c(f->object.kind, "Pod") &&
           str_eq(f->pod_name[0], f->object.name);
}

struct value finding_value(struct arena *a, const struct result *r, const struct finding *f,
                           struct tables *t)
{
    const struct check *d = r->check[f->check].check;
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "fingerprint", value_str(str_from_c(f->fingerprint)));
    set_str(&b, "check", d->id);
    set_str(&b, "part", d->part[f->part].name);
    value_builder_set(&b, "verdict", value_cstr(verdict_name(f->outcome)));
    set_str(&b, "cause", str_from_c(cause_name(f->cause)));
    value_builder_set(&b, "object", object_row(a, t, &f->object));
    if (f->message.n)
        value_builder_set(&b, "message", tables_text(t, TABLE_MESSAGES, f->message));
    if (f->place.file)
        value_builder_set(&b, "location", place_value(a, f->place));
    if (r->has_baseline && f->outcome == VERDICT_FAIL)
        value_builder_set(&b, "new", value_bool(f->is_new));
    if (f->validation)
        set_count(&b, "validation", f->validation);
    if (f->pods)
        set_count(&b, "pods", f->pods);
    if (count_pods(f) && !is_own_example(f))
        value_builder_set(&b, "podExamples", value_strs(a, f->pod_name, count_pods(f)));
    if (f->in_template)
        value_builder_set(&b, "inTemplate", value_bool(true));
    if (f->observation)
        value_builder_set(&b, "observation",
                          observation_value(a, f->observation, (struct str){ 0 }, false));
    if (f->evidence.kind == VALUE_MAP)
        value_builder_set(&b, "evidence", evidence_row(t, f->evidence));
    if (f->waiver)
        value_builder_set(&b, "waiver", waiver_value(a, f->waiver));
    if (f->explained_count)
        value_builder_set(&b, "explained", explained_rows(a, t, f));
    return value_builder_map(&b);
}
