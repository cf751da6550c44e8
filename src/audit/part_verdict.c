/* The verdict of one part of a check, and the sentence that says it. */
#include "audit/ending.h"
#include "audit/found.h"

/* The part's first finding of the verdict; an empty one: none has it. */
static struct finding first_of(struct audit *au, const struct part_state *p, enum verdict v)
{
    struct finding f;
    /* a spool that cannot be read ends the audit: audit_finish asks it */
    struct err ignored = { 0 };
    for (size_t i = 0; i < p->finding_count; i++)
        if (found_at(au->found, p->first_finding + i)->outcome == (unsigned)v)
            return found_read(&f, au, p->first_finding + i, au->arena, &ignored)
                       ? f
                       : (struct finding){ 0 };
    return (struct finding){ 0 };
}

static void part_unknown(struct part_result *r, enum cause cause, struct str reason)
{
    r->verdict = VERDICT_UNKNOWN;
    r->cause = cause;
    r->reason = reason;
}

void part_verdict(struct audit *au, struct part_state *p)
{
    struct part_result *r = &p->result;
    enum kind gap = cluster_first_gap(au->cluster, p->def->needs);
    struct str of_policy =
        p->def->policy ? policy_part_gap(p->def->policy, au->arena) : (struct str){ 0 };
    if (r->failed)
        r->verdict = VERDICT_FAIL;
    else if (gap != KIND_NONE) {
        part_unknown(r, coverage_cause(&au->cluster->coverage[gap]),
                     au->cluster->coverage[gap].reason);
    } else if (of_policy.n) {
        part_unknown(r, p->def->policy->policy->fault.n ? CAUSE_MALFORMED : CAUSE_OUT_OF_SIGHT,
                     of_policy);
    } else if (r->unknown) {
        struct finding first = first_of(au, p, VERDICT_UNKNOWN);
        part_unknown(r, first.cause, first.message);
    } else if (r->waived)
        r->verdict = VERDICT_WAIVED;
    else if (r->manual)
        r->verdict = VERDICT_MANUAL;
    else if (r->population)
        r->verdict = VERDICT_PASS;
    else {
        r->verdict = VERDICT_NOT_APPLICABLE;
        r->reason = r->excepted ? STR("every object there is was excepted by parameter")
                    : p->def->policy && p->def->policy->cannot.n
                        ? p->def->policy->cannot
                        : STR("there is no object to judge");
    }
}

/* "1 networkpolicy", "1 storageclass", "3 subjects". */
static struct str counted(struct audit *au, uint64_t n, struct str plural)
{
    struct str one = str_has_suffix(plural, STR("ies"))
                         ? str_printf(au->arena, "%.*sy", STR_ARG(str_sub(plural, 0, plural.n - 3)))
                         : audit_singular(plural);
    return str_printf(au->arena, "%llu %.*s", (unsigned long long)n,
                      STR_ARG(n == 1 ? one : plural));
}

static struct str population_text(struct audit *au, const struct check_part *def,
                                  const struct part_result *r)
{
    uint64_t objects = r->population - r->templates;
    struct str templates = counted(au, r->templates, STR("workload templates"));
    if (!r->templates)
        return counted(au, objects, def->over);
    if (!objects)
        return templates;
    return str_printf(au->arena, "%llu (%.*s and %.*s)", (unsigned long long)r->population,
                      STR_ARG(counted(au, objects, def->over)), STR_ARG(templates));
}

/* A population of one row, the cluster: what was found says it all. */
static struct str only_sentence(struct audit *au, const struct part_state *p)
{
    struct str said = first_of(au, p, p->result.verdict).message;
    return said.n                              ? said
           : p->result.verdict == VERDICT_PASS ? STR("the cluster meets it")
                                               : p->result.reason;
}

struct str part_sentence(struct audit *au, const struct part_state *p)
{
    const struct check_part *def = p->def;
    const struct part_result *r = &p->result;
    struct str all = population_text(au, def, r);
    struct str sentence = { 0 };
    if (str_eq(def->over, STR("cluster")) && r->verdict != VERDICT_UNKNOWN)
        return def->name.n ? str_printf(au->arena, "%.*s: %.*s", STR_ARG(def->name),
                                        STR_ARG(only_sentence(au, p)))
                           : only_sentence(au, p);
    switch (r->verdict) {
    case VERDICT_FAIL:
        sentence =
            str_printf(au->arena, "%llu of %.*s %s not meet it", (unsigned long long)r->failed,
                       STR_ARG(all), r->failed == 1 ? "does" : "do");
        break;
    case VERDICT_UNKNOWN:
        sentence = str_printf(au->arena, "not decided: %.*s", STR_ARG(r->reason));
        break;
    case VERDICT_MANUAL:
        sentence = str_printf(au->arena, "%llu of %.*s %s a person to decide",
                              (unsigned long long)r->manual, STR_ARG(all),
                              r->manual == 1 ? "needs" : "need");
        break;
    case VERDICT_PASS:
        sentence = r->population == 1 ? str_printf(au->arena, "%.*s meets it", STR_ARG(all))
                                      : str_printf(au->arena, "all of %.*s meet it", STR_ARG(all));
        break;
    case VERDICT_WAIVED:
        sentence =
            str_printf(au->arena, "%llu of %.*s %s not meet it, and are waived",
                       (unsigned long long)r->waived, STR_ARG(all), r->waived == 1 ? "does" : "do");
        break;
    case VERDICT_NOT_APPLICABLE:
    case VERDICT_ATTESTED:
    case VERDICT_COUNT:
        sentence = r->reason;
        break;
    }
    if (r->waived && r->verdict != VERDICT_WAIVED)
        sentence = str_printf(au->arena, "%.*s (%llu waived)", STR_ARG(sentence),
                              (unsigned long long)r->waived);
    if (r->excepted && r->population)
        sentence = str_printf(au->arena, "%.*s (%llu excepted by parameter)", STR_ARG(sentence),
                              (unsigned long long)r->excepted);
    return def->name.n ? str_printf(au->arena, "%.*s: %.*s", STR_ARG(def->name), STR_ARG(sentence))
                       : sentence;
}
