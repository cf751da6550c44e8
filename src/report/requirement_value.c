/* The frameworks' requirements and the exceptions as values, by the keys of report.json. */
#include "report/result_value.h"
#include "value/set.h"

static struct value share_value(struct arena *a, const struct share *s)
{
    const struct {
        const char *key;
        uint64_t n;
    } row[] = { { "population", s->population }, { "passed", s->passed },   { "failed", s->failed },
                { "waived", s->waived },         { "unknown", s->unknown }, { "manual", s->manual },
                { "unsure", s->unsure } };
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < COUNT_OF(row); i++)
        set_count(&b, row[i].key, row[i].n);
    return value_builder_map(&b);
}

static void set_condition(struct value_builder *b, const struct requirement_pair *p)
{
    if (p->condition == CONDITION_NONE)
        return;
    set_str(b, "when", p->ref->when->reason);
    value_builder_set(b, "condition", value_cstr(pair_condition_name(p->condition)));
    set_str(b, "unseen", p->unseen);
}

static struct value pairs_value(struct arena *a, const struct result *r,
                                const struct requirement_result *q)
{
    struct value_builder list, b;
    value_builder_init(&list, a);
    for (size_t i = 0; i < q->pair_count; i++) {
        const struct check_result *c = &r->check[q->pair[i].check];
        value_builder_init(&b, a);
        set_str(&b, "check", c->check->id);
        value_builder_set(&b, "verdict", value_cstr(verdict_name(q->pair[i].verdict)));
        value_builder_set(&b, "strength", value_cstr(strength_name[q->pair[i].ref->strength]));
        set_str(&b, "only", q->pair[i].ref->only);
        if (q->pair[i].share)
            value_builder_set(&b, "rows", share_value(a, q->pair[i].share));
        set_condition(&b, &q->pair[i]);
        set_str(&b, "rationale", q->pair[i].ref->rationale);
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

static struct value verdicts_value(struct arena *a, const struct requirement_result *q)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (int v = VERDICT_COUNT - 1; v >= 0; v--)
        if (q->verdict[v])
            set_count(&b, verdict_name((enum verdict)v), q->verdict[v]);
    return value_builder_map(&b);
}

static struct value strengths_value(struct arena *a, const struct requirement_result *q)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (int s = STRENGTH_COUNT - 1; s >= 0; s--)
        if (q->strength[s])
            set_count(&b, strength_name[s], q->strength[s]);
    return value_builder_map(&b);
}

static struct value marks_value(struct arena *a, const struct requirement *q)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < q->mark_count; i++)
        value_builder_push(&list, value_str(q->mark[i]->id));
    return value_builder_list(&list);
}

static struct value run_evidence_value(struct arena *a, const struct requirement *q)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "strength", value_cstr(strength_name[q->run_strength]));
    set_str(&b, "rationale", q->run_rationale);
    return value_builder_map(&b);
}

static struct value requirement_value(struct arena *a, const struct result *r,
                                      const struct requirement_result *q)
{
    const struct requirement *d = q->requirement;
    struct value_builder b;
    value_builder_init(&b, a);
    set_str(&b, "id", d->id);
    set_str(&b, "title", d->title);
    if (d->mark_count)
        value_builder_set(&b, "marks", marks_value(a, d));
    value_builder_set(&b, "evidence", value_cstr(evidenceable_name[d->evidenceable]));
    if (d->evidenceable == EVIDENCE_NONE)
        value_builder_set(&b, "reason", value_cstr(no_evidence_name[d->reason]));
    set_str(&b, "when", d->when);
    set_str(&b, "notShown", d->not_shown);
    value_builder_set(&b, "found", value_cstr(found_name(q->found)));
    value_builder_set(&b, "contributes", value_bool(q->contributes));
    if (d->by_run)
        value_builder_set(&b, "run", run_evidence_value(a, d));
    if (q->pair_count) {
        value_builder_set(&b, "verdicts", verdicts_value(a, q));
        value_builder_set(&b, "strengths", strengths_value(a, q));
    }
    if (q->uncounted)
        set_count(&b, "notCounted", q->uncounted);
    value_builder_set(&b, "checks", pairs_value(a, r, q));
    return value_builder_map(&b);
}

static struct value mark_texts_value(struct arena *a, const struct framework *f)
{
    struct value_builder list, b;
    value_builder_init(&list, a);
    for (size_t i = 0; i < f->mark_count; i++) {
        value_builder_init(&b, a);
        set_str(&b, "id", f->mark[i].id);
        set_str(&b, "text", f->mark[i].text);
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

static struct value conclusions_value(struct arena *a, const struct framework *f)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < f->conclusion_count; i++)
        value_builder_push(&list, value_str(f->conclusion[i]));
    return value_builder_list(&list);
}

struct value framework_value(struct arena *a, const struct result *r, size_t framework)
{
    const struct framework_result *f = &r->framework[framework];
    struct value_builder b, list, found;
    value_builder_init(&b, a);
    set_str(&b, "id", f->framework->id);
    set_str(&b, "title", f->framework->title);
    set_str(&b, "version", f->framework->version);
    char hex[SHA256_HEX_BYTES];
    sha256_hex(f->framework->sha256, hex);
    value_builder_set(&b, "sha256", value_str(str_dup(a, str_from_c(hex))));
    value_builder_set(&b, "marks", mark_texts_value(a, f->framework));
    value_builder_set(&b, "conclusions", conclusions_value(a, f->framework));
    value_builder_init(&found, a);
    for (size_t i = 0; i < FOUND_COUNT; i++)
        set_count(&found, found_name((enum found)i), f->found[i]);
    value_builder_set(&b, "found", value_builder_map(&found));
    set_count(&b, "requirementsContributed", f->contributed);
    set_count(&b, "requirementsConditional", f->conditional);
    set_count(&b, "requirementsWithout", f->framework->requirement_count - f->contributed);
    value_builder_init(&list, a);
    for (size_t i = 0; i < f->framework->requirement_count; i++)
        value_builder_push(&list, requirement_value(a, r, &f->requirement[i]));
    value_builder_set(&b, "requirements", value_builder_list(&list));
    return value_builder_map(&b);
}

struct value exception_value(struct arena *a, const struct result *r, size_t exception)
{
    const struct exception *e = &r->exception[exception];
    struct value_builder b;
    value_builder_init(&b, a);
    set_str(&b, "check", e->check);
    set_str(&b, "object", e->object);
    set_str(&b, "parameter", e->param);
    set_str(&b, "value", e->value);
    set_str(&b, "reason", e->reason);
    set_str(&b, "owner", e->owner);
    set_str(&b, "approver", e->approver);
    set_str(&b, "ticket", e->ticket);
    set_str(&b, "compensatingControl", e->compensating);
    if (e->created.s)
        value_builder_set(&b, "created", value_str(clock_format_rfc3339(a, e->created)));
    if (e->expires.s)
        value_builder_set(&b, "expires", value_str(clock_format_rfc3339(a, e->expires)));
    value_builder_set(&b, "state", value_cstr(exception_state_name(e->state)));
    value_builder_set(&b, "approved", value_bool(e->approved));
    if (e->check.n)
        set_count(&b, "findings", e->findings);
    return value_builder_map(&b);
}
