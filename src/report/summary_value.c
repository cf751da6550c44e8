/* The summary of report.json: the score, and what was counted. */
#include "report/result_value.h"
#include "report/tally.h"

/* Those that are not zero, the worst first. */
static struct value by_verdict(struct arena *a, const uint64_t count[VERDICT_COUNT])
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (int v = VERDICT_COUNT - 1; v >= 0; v--)
        if (count[v])
            value_builder_set(&b, verdict_name((enum verdict)v), value_int((int64_t)count[v]));
    return value_builder_map(&b);
}

static struct value by_severity(struct arena *a, const uint64_t count[SEVERITY_COUNT])
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
        if (count[s])
            value_builder_set(&b, severity_name[s], value_int((int64_t)count[s]));
    return value_builder_map(&b);
}

/* key: what it is counted for, NULL: what is left; of namespaces no checks are counted. */
static struct value counts_value(struct arena *a, const char *key, struct str name,
                                 const struct counts *c, bool of_checks)
{
    struct value_builder b;
    value_builder_init(&b, a);
    if (key)
        value_builder_set(&b, key, value_str(name));
    if (of_checks)
        value_builder_set(&b, "checks", by_verdict(a, c->checks));
    value_builder_set(&b, "findings", by_verdict(a, c->findings));
    value_builder_set(&b, "failures", by_severity(a, c->failures));
    return value_builder_map(&b);
}

static struct value severities_value(struct arena *a, const struct tally *t)
{
    struct value_builder b, one;
    value_builder_init(&b, a);
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--) {
        value_builder_init(&one, a);
        value_builder_set(&one, "severity", value_cstr(severity_name[s]));
        value_builder_set(&one, "checks", by_verdict(a, t->severity[s].checks));
        value_builder_set(&one, "findings", by_verdict(a, t->severity[s].findings));
        value_builder_push(&b, value_builder_map(&one));
    }
    return value_builder_list(&b);
}

static struct value causes_value(struct arena *a, const struct tally *t)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t c = 0; c < CAUSE_COUNT; c++)
        if (t->cause[c])
            value_builder_set(&b, cause_name((enum cause)c), value_int((int64_t)t->cause[c]));
    return value_builder_map(&b);
}

static void set_counts(struct value_builder *b, const struct result *r, const struct tally *t)
{
    struct arena *a = b->arena;
    struct value_builder section, framework, place;
    value_builder_init(&section, a);
    value_builder_init(&framework, a);
    value_builder_init(&place, a);
    for (size_t i = 0; i < r->bench->section_count; i++)
        value_builder_push(
            &section, counts_value(a, "section", r->bench->section[i].id, &t->section[i], true));
    for (size_t i = 0; i < r->framework_count; i++)
        value_builder_push(&framework, counts_value(a, "framework", r->framework[i].framework->id,
                                                    &t->framework[i], true));
    for (size_t i = 0; i < t->place_count; i++)
        value_builder_push(
            &place, counts_value(a, "namespace", t->place[i].name, &t->place[i].counts, false));
    value_builder_set(b, "bySeverity", severities_value(a, t));
    value_builder_set(b, "bySection", value_builder_list(&section));
    value_builder_set(b, "byFramework", value_builder_list(&framework));
    value_builder_set(b, "byNamespace", value_builder_list(&place));
    if (t->has_elsewhere)
        value_builder_set(b, "otherNamespaces",
                          counts_value(a, NULL, (struct str){ 0 }, &t->elsewhere, false));
    value_builder_set(b, "unknownByCause", causes_value(a, t));
}

bool summary_value(struct value *out, struct arena *a, const struct result *r, struct err *err)
{
    struct value_builder b;
    struct tally t;
    if (!tally_make(&t, a, r, err))
        return false;
    value_builder_init(&b, a);
    value_builder_set(&b, "score", score_value(a, &r->score));
    value_builder_set(&b, "scoreFormula", value_cstr(SCORE_FORMULA));
    value_builder_set(&b, "incomplete", value_bool(r->incomplete));
    if (r->broken_off_count)
        value_builder_set(&b, "brokenOff", value_strs(a, r->broken_off, r->broken_off_count));
    value_builder_set(&b, "checks", value_int((int64_t)r->check_count));
    value_builder_set(&b, "findings", value_int((int64_t)r->finding_count));
    if (r->has_baseline)
        value_builder_set(&b, "newFailures", value_int((int64_t)t.fresh));
    set_counts(&b, r, &t);
    value_builder_set(&b, "notes", value_strs(a, r->note, r->note_count));
    value_builder_set(&b, "statementNotes",
                      value_strs(a, r->statement_note, r->statement_note_count));
    value_builder_set(&b, "serverWarnings",
                      value_strs(a, r->cluster->warnings.item, r->cluster->warnings.count));
    *out = value_builder_map(&b);
    return true;
}
