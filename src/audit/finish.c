/* The end of an audit: verdicts of the checks, their findings in order, the score, and the frameworks' requirements. */
#include "audit/accept.h"
#include "audit/found.h"

/* ---- whole-cluster populations */

/* One population, and each of its rows for every part that is over it. */
struct walk {
    struct audit *au;
    const struct check_part *first; /* the first part over it: says which population it is */
    struct arena scratch;
};

static bool is_same_population(const struct check_part *a, const struct check_part *b)
{
    return a->table == b->table && a->kind == b->kind;
}

/* "apiserver" of apiservers, "nodeprocess" of nodeprocesses. */
static struct str one_of(struct str plural)
{
    size_t ending = str_has_suffix(plural, STR("sses")) ? 2 : str_has_suffix(plural, STR("s")) ? 1 : 0;
    return str_sub(plural, 0, plural.n - ending);
}

static void judge_for_part(struct walk *w, struct part_state *part, struct value object, const struct value *derived)
{
    arena_reset(&w->scratch);
    struct object_ref ref = object_ref_of(object);
    if (!ref.kind.n) /* a made-up row: subjects have kind and name of their own, others only a table */
        ref.kind = value_text_at(object, "kind", NULL).n ? value_text_at(object, "kind", NULL) : one_of(part->def->over);
    if (!ref.name.n) {
        ref.name = value_text_at(object, "name", NULL).n ? value_text_at(object, "name", NULL) : value_text_at(object, "pod", NULL);
        ref.ns = value_text_at(object, "namespace", NULL);
    }
    if (w->au->ask) {
        judge_ask(w->au, part, object, derived, ref, &w->scratch);
        return;
    }
    struct judgement j = judge(w->au, part, object, derived, &w->scratch);
    struct pending *found = part_note(w->au, part, &j, ref, 0, false, (struct str){ 0 });
    if (!found)
        return;
    struct explanation why;
    judge_explain(&why, w->au, part, &j, object, derived, &w->scratch);
    found_tell(w->au, found, &j, ref, false, (struct str){ 0 }, &why, &w->scratch);
}

static bool judge_row(void *ctx, struct value object, struct value derived, struct err *err)
{
    struct walk *w = ctx;
    (void)err;
    for (size_t i = 0; i < w->au->part.count; i++)
        if (is_same_population(w->au->part.item[i].def, w->first))
            judge_for_part(w, &w->au->part.item[i], object, &derived);
    return true;
}

static bool walk_population(struct audit *au, const struct check_part *first, struct err *err)
{
    struct walk w = { .au = au, .first = first };
    bool ok = true;
    if (au->ask && au->ask->whole) {
        au->ask->whole(au->ask->ctx, au->facts, au->cluster);
    } else if (first->table) {
        ok = facts_walk(au->facts, first->table, judge_row, &w, err);
    } else {
        for (size_t i = 0; i < au->cluster->kept[first->kind].count; i++)
            (void)judge_row(&w, au->cluster->kept[first->kind].item[i], value_null(), err);
    }
    arena_release(&w.scratch);
    return ok;
}

static bool is_streamed(const struct check_part *p)
{
    return p->kind != KIND_NONE && kind_info(p->kind)->stage == STAGE_STREAM;
}

/* Every population that is not judged while it streams, once. */
static bool walk_populations(struct audit *au, struct err *err)
{
    for (size_t i = 0; i < au->part.count; i++) {
        const struct check_part *def = au->part.item[i].def;
        bool done = is_streamed(def) || def->policy;
        for (size_t k = 0; k < i && !done; k++)
            done = is_same_population(au->part.item[k].def, def);
        if (!done && !walk_population(au, def, err))
            return false;
    }
    return true;
}

/* Kinds that are kept whole, for the parts of policies. */
static void walk_for_policies(struct audit *au)
{
    struct walk w = { .au = au };
    for (size_t k = 0; k < KIND_COUNT; k++) {
        if (kind_info((enum kind)k)->stage == STAGE_STREAM || kind_info((enum kind)k)->keep != KEEP_KEEP)
            continue;
        for (size_t o = 0; o < au->cluster->kept[k].count; o++)
            for (size_t i = 0; i < au->part.count; i++)
                if (au->part.item[i].def->policy && policy_part_wants(au->part.item[i].def->policy, (enum kind)k))
                    judge_for_part(&w, &au->part.item[i], au->cluster->kept[k].item[o], NULL);
    }
    arena_release(&w.scratch);
}

/* ---- verdicts */

/* The part's first finding of the verdict; an empty one: none has it. */
static struct finding first_of(struct audit *au, const struct part_state *p, enum verdict v)
{
    struct finding f;
    struct err ignored = { 0 }; /* a spool that cannot be read ends the audit: audit_finish asks it */
    for (size_t i = 0; i < p->finding_count; i++)
        if (found_at(au->found, p->first_finding + i)->outcome == (unsigned)v)
            return found_read(&f, au, p->first_finding + i, au->arena, &ignored) ? f : (struct finding){ 0 };
    return (struct finding){ 0 };
}

static void part_unknown(struct part_result *r, enum cause cause, struct str reason)
{
    r->verdict = VERDICT_UNKNOWN;
    r->cause = cause;
    r->reason = reason;
}

static void part_verdict(struct audit *au, struct part_state *p)
{
    struct part_result *r = &p->result;
    enum kind gap = cluster_first_gap(au->cluster, p->def->needs);
    struct str of_policy = p->def->policy ? policy_part_gap(p->def->policy, au->arena) : (struct str){ 0 };
    if (r->failed)
        r->verdict = VERDICT_FAIL;
    else if (gap != KIND_NONE) {
        part_unknown(r, coverage_cause(&au->cluster->coverage[gap]), au->cluster->coverage[gap].reason);
    } else if (of_policy.n) {
        part_unknown(r, p->def->policy->policy->fault.n ? CAUSE_MALFORMED : CAUSE_OUT_OF_SIGHT, of_policy);
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
                    : p->def->policy && p->def->policy->cannot.n ? p->def->policy->cannot
                                : STR("there is no object to judge");
    }
}

static void part_shown(struct audit *au, struct part_state *p)
{
    p->result.wanted = part_wanted(au, p->def);
    p->result.observation = p->observation.item;
    p->result.observation_count = p->observation.count;
}

/* "1 networkpolicy", "1 storageclass", "3 subjects". */
static struct str counted(struct audit *au, uint64_t n, struct str plural)
{
    struct str one = str_has_suffix(plural, STR("ies")) ? str_printf(au->arena, "%.*sy", STR_ARG(str_sub(plural, 0, plural.n - 3)))
                                                        : one_of(plural);
    return str_printf(au->arena, "%llu %.*s", (unsigned long long)n, STR_ARG(n == 1 ? one : plural));
}

static struct str population_text(struct audit *au, const struct check_part *def, const struct part_result *r)
{
    uint64_t objects = r->population - r->templates;
    struct str templates = counted(au, r->templates, STR("workload templates"));
    if (!r->templates)
        return counted(au, objects, def->over);
    if (!objects)
        return templates;
    return str_printf(au->arena, "%llu (%.*s and %.*s)", (unsigned long long)r->population, STR_ARG(counted(au, objects, def->over)),
                      STR_ARG(templates));
}

/* A population of one row, the cluster: what was found says it all. */
static struct str only_sentence(struct audit *au, const struct part_state *p)
{
    struct str said = first_of(au, p, p->result.verdict).message;
    return said.n ? said : p->result.verdict == VERDICT_PASS ? STR("the cluster meets it") : p->result.reason;
}

static struct str part_sentence(struct audit *au, const struct part_state *p)
{
    const struct check_part *def = p->def;
    const struct part_result *r = &p->result;
    struct str all = population_text(au, def, r);
    struct str sentence = { 0 };
    if (str_eq(def->over, STR("cluster")) && r->verdict != VERDICT_UNKNOWN)
        return def->name.n ? str_printf(au->arena, "%.*s: %.*s", STR_ARG(def->name), STR_ARG(only_sentence(au, p))) : only_sentence(au, p);
    switch (r->verdict) {
    case VERDICT_FAIL:
        sentence = str_printf(au->arena, "%llu of %.*s %s not meet it", (unsigned long long)r->failed, STR_ARG(all), r->failed == 1 ? "does" : "do");
        break;
    case VERDICT_UNKNOWN:
        sentence = str_printf(au->arena, "not decided: %.*s", STR_ARG(r->reason));
        break;
    case VERDICT_MANUAL:
        sentence = str_printf(au->arena, "%llu of %.*s %s a person to decide", (unsigned long long)r->manual, STR_ARG(all),
                              r->manual == 1 ? "needs" : "need");
        break;
    case VERDICT_PASS:
        sentence = r->population == 1 ? str_printf(au->arena, "%.*s meets it", STR_ARG(all)) : str_printf(au->arena, "all of %.*s meet it", STR_ARG(all));
        break;
    case VERDICT_WAIVED:
        sentence = str_printf(au->arena, "%llu of %.*s %s not meet it, and are waived", (unsigned long long)r->waived, STR_ARG(all), r->waived == 1 ? "does" : "do");
        break;
    case VERDICT_NOT_APPLICABLE:
    case VERDICT_ATTESTED:
    case VERDICT_COUNT:
        sentence = r->reason;
        break;
    }
    if (r->waived && r->verdict != VERDICT_WAIVED)
        sentence = str_printf(au->arena, "%.*s (%llu waived)", STR_ARG(sentence), (unsigned long long)r->waived);
    if (r->excepted && r->population)
        sentence = str_printf(au->arena, "%.*s (%llu excepted by parameter)", STR_ARG(sentence), (unsigned long long)r->excepted);
    return def->name.n ? str_printf(au->arena, "%.*s: %.*s", STR_ARG(def->name), STR_ARG(sentence)) : sentence;
}

/* What a fact was made of and could not be had: the first of its kinds, or of its single answers. */
static struct str remedy_of_facts(const struct audit *au, const struct check *def)
{
    for (size_t i = 0; i < def->part_count; i++) {
        enum kind gap = cluster_first_gap(au->cluster, def->part[i].reads);
        if (gap != KIND_NONE)
            return au->cluster->coverage[gap].remedy;
        for (size_t e = 0; e < ENDPOINT_COUNT; e++) {
            const struct coverage *c = &au->cluster->endpoint[e];
            if (endpoint_set_has(def->part[i].endpoints, (enum endpoint)e) && c->state != COVERAGE_COMPLETE && c->remedy.n)
                return c->remedy;
        }
    }
    return (struct str){ 0 };
}

static void check_verdict(struct audit *au, struct check_result *c, const struct part_state *part)
{
    const struct check *def = c->check;
    c->verdict = def->attestation ? VERDICT_MANUAL : def->unanswered.n ? VERDICT_UNKNOWN : VERDICT_NOT_APPLICABLE;
    struct str *reason = arena_array(au->arena, struct str, def->part_count);
    size_t reasons = 0;
    for (size_t i = 0; i < def->part_count; i++) {
        c->verdict = verdict_roll_up(c->verdict, c->part[i].verdict);
        reason[reasons++] = part_sentence(au, &part[i]);
        if (c->part[i].verdict == VERDICT_UNKNOWN && c->cause == CAUSE_NONE)
            c->cause = c->part[i].cause;
        enum kind gap = cluster_first_gap(au->cluster, def->part[i].needs);
        if (gap != KIND_NONE && !c->remedy.n)
            c->remedy = au->cluster->coverage[gap].remedy;
    }
    c->reason = str_join(au->arena, reason, reasons, STR("; "));
    if (c->verdict == VERDICT_UNKNOWN && !c->remedy.n)
        c->remedy = remedy_of_facts(au, def);
    if (def->attestation && c->verdict == VERDICT_MANUAL)
        c->reason = c->reason.n ? str_printf(au->arena, "a person must attest; what the API shows: %.*s", STR_ARG(c->reason))
                                : STR("a person must attest");
    if (def->unanswered.n && c->verdict == VERDICT_UNKNOWN) {
        c->reason = STR("the Kubernetes API does not show it");
        c->cause = CAUSE_OUT_OF_SIGHT;
        c->remedy = def->unanswered;
    }
    /* A failure that was seen stays one, accepted or not, whatever the cluster says of its platform. */
    struct str why;
    if (c->verdict != VERDICT_FAIL && c->verdict != VERDICT_WAIVED && !audit_is_applicable(au, def, &why)) {
        c->verdict = VERDICT_NOT_APPLICABLE;
        c->reason = why;
        c->remedy = (struct str){ 0 };
    }
    accept_attestation(au, c);
    if (c->verdict != VERDICT_UNKNOWN)
        c->cause = CAUSE_NONE;
}

/* Of files: it asks of a running cluster, and nothing in them tells. */
static bool is_outside(const struct audit *au, const struct check_result *c)
{
    if (!au->cluster->is_open || (c->verdict != VERDICT_UNKNOWN && c->verdict != VERDICT_MANUAL))
        return false;
    for (size_t i = 0; i < c->check->part_count; i++) {
        const struct check_part *def = &c->check->part[i];
        bool says_nothing = c->part[i].verdict == VERDICT_UNKNOWN || c->part[i].verdict == VERDICT_NOT_APPLICABLE || c->part[i].verdict == VERDICT_MANUAL;
        bool is_of_cluster = def->table && def->table->about == TABLE_OF_CLUSTER;
        if (!says_nothing || (!is_of_cluster && (def->policy || c->part[i].population || c->part[i].verdict == VERDICT_UNKNOWN)))
            return false;
    }
    return true;
}

/* What is outside has no findings. */
static void drop_findings_outside(struct audit *au, struct result *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < out->check_count; i++) {
        struct check_result *c = &out->check[i];
        size_t count = c->is_outside ? 0 : c->finding_count;
        memmove(au->found->order + kept, au->found->order + c->first_finding, count * sizeof *au->found->order);
        c->first_finding = kept;
        c->finding_count = count;
        kept += count;
    }
    out->finding_count = kept;
}

static void name_outside(struct audit *au, struct result *out)
{
    struct check_at *at = arena_array(au->arena, struct check_at, out->check_count);
    for (size_t i = 0; i < out->check_count; i++)
        if (out->check[i].is_outside)
            at[out->outside_count++] = (struct check_at){ out->check[i].check, i };
    if (out->outside_count)
        out->outside = check_ids_text(au->arena, at, out->outside_count);
}

static void note_calls(struct audit *au, struct check_result *c)
{
    struct kind_set reads = { 0 };
    struct endpoint_set endpoints = { 0 };
    for (size_t i = 0; i < c->check->part_count; i++) {
        kind_set_merge(&reads, c->check->part[i].reads);
        endpoint_set_merge(&endpoints, c->check->part[i].endpoints);
    }
    VEC(uint32_t) call = { 0 };
    for (size_t k = 0; k < KIND_COUNT; k++) {
        const struct coverage *cov = &au->cluster->coverage[k];
        for (uint32_t s = cov->first_call; kind_set_has(reads, (enum kind)k) && s && s <= cov->last_call; s++)
            *VEC_PUSH(&call, au->arena) = s;
    }
    for (size_t e = 0; e < ENDPOINT_COUNT; e++) {
        const struct coverage *cov = &au->cluster->endpoint[e];
        for (uint32_t s = cov->first_call; endpoint_set_has(endpoints, (enum endpoint)e) && s && s <= cov->last_call; s++)
            *VEC_PUSH(&call, au->arena) = s;
    }
    c->call = call.item;
    c->call_count = call.count;
}

/* ---- the result */

static bool read_finding(void *audit, struct finding *out, size_t i, struct arena *a, struct err *err)
{
    return found_read(out, audit, i, a, err);
}

static bool glance_at_finding(void *audit, struct finding *out, size_t i, struct arena *a, struct err *err)
{
    (void)a, (void)err;
    found_glance(out, audit, i);
    return true;
}

static void finish_findings(struct audit *au, struct result *out)
{
    found_gather(au);
    for (size_t i = 0; i < au->part.count; i++)
        accept_waivers(au, &au->part.item[i]);
    found_sort(au);
    out->findings = (struct finding_source){ read_finding, glance_at_finding, au, au->found->spool.dir };
    out->finding_count = au->found->count;
}

static void finish_checks(struct audit *au, struct result *out)
{
    const struct benchmark *b = au->bench;
    out->check = arena_array(au->arena, struct check_result, b->check_count);
    size_t part = 0;
    for (size_t i = 0; i < b->check_count; i++) {
        if (!au->selected[i])
            continue;
        struct check_result *c = &out->check[out->check_count];
        c->check = &b->check[i];
        c->part = arena_array(au->arena, struct part_result, c->check->part_count);
        c->first_finding = part < au->part.count ? au->part.item[part].first_finding : out->finding_count;
        for (size_t p = 0; p < c->check->part_count; p++, part++) {
            struct part_state *state = &au->part.item[part];
            state->check_result = (uint32_t)out->check_count;
            part_verdict(au, state);
            part_shown(au, state);
            c->part[p] = state->result;
            c->finding_count += state->finding_count;
        }
        out->check_count++;
        check_verdict(au, c, &au->part.item[part - c->check->part_count]);
        check_share(au, c);
        note_calls(au, c);
        c->is_outside = is_outside(au, c);
        out->incomplete |= c->verdict == VERDICT_UNKNOWN && !c->is_outside;
    }
    if (au->cluster->is_open)
        drop_findings_outside(au, out);
    name_outside(au, out);
}

/* NULL: no requirement of the check is evidence under a condition. */
static struct judged_condition *conditions_of(struct audit *au, const struct check *c)
{
    struct judged_condition *out = NULL;
    for (size_t i = 0; i < c->requirement_count; i++) {
        if (!c->requirement[i].when)
            continue;
        if (!out)
            out = arena_array(au->arena, struct judged_condition, c->requirement_count);
        out[i].state = audit_condition(au, c->requirement[i].when, &out[i].why);
    }
    return out;
}

static void finish_frameworks(struct audit *au, struct result *out, const struct framework *framework, size_t framework_count)
{
    struct judged_check *check = arena_array(au->arena, struct judged_check, out->check_count);
    for (size_t i = 0; i < out->check_count; i++)
        check[i] = (struct judged_check){ .check = out->check[i].check, .verdict = out->check[i].verdict, .is_outside = out->check[i].is_outside,
                                          .share = out->check[i].share, .condition = conditions_of(au, out->check[i].check) };
    out->framework = arena_array(au->arena, struct framework_result, framework_count);
    out->framework_count = framework_count;
    for (size_t i = 0; i < framework_count; i++)
        out->framework[i] = framework_judge(au->arena, &framework[i], check, out->check_count);
}

bool audit_finish(struct audit *au, const struct framework *framework, size_t framework_count, struct result *out,
                  struct err *err)
{
    if (!au->facts)
        au->facts = facts_open(au->arena, au->cluster);
    facts_complete(au->facts);
    if (!spool_ok(&au->found->spool, err) || !walk_populations(au, err))
        return false;
    walk_for_policies(au);
    out->scopes = facts_scopes(au->facts, au->arena);
    out->cluster = au->cluster;
    out->nodes = au->nodes;
    out->bench = au->bench;
    out->params = au->params;
    finish_findings(au, out);
    finish_checks(au, out);
    accept_notes(au, out);
    result_score(out, au->arena);
    finish_frameworks(au, out, framework, framework_count);
    return spool_ok(&au->found->spool, err);
}
