/* The end of an audit: verdicts of the checks, their findings in order, the score, and the frameworks' requirements. */
#include "audit/accept.h"
#include "audit/policy.h"

#include "base/enc.h"

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
    struct finding *f = part_note(w->au, part, &j, ref, 0, false, (struct str){ 0 });
    if (f)
        judge_explain(w->au, part, object, derived, &w->scratch, f);
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
    for (size_t i = 0; i < au->part.count; i++) {
        struct part_state *part = &au->part.item[i];
        for (size_t k = 0; part->def->policy && k < KIND_COUNT; k++) {
            if (kind_info((enum kind)k)->stage == STAGE_STREAM || kind_info((enum kind)k)->keep != KEEP_KEEP || !policy_part_wants(part->def, (enum kind)k))
                continue;
            for (size_t o = 0; o < au->cluster->kept[k].count; o++)
                judge_for_part(&w, part, au->cluster->kept[k].item[o], NULL);
        }
    }
    arena_release(&w.scratch);
}

/* ---- findings: pods under their topmost workload, in a fixed order */

static void merge_pods(struct audit *au, struct finding *into, const struct finding *from)
{
    into->pods += from->pods;
    into->in_template |= from->in_template;
    for (size_t k = 0; k < 3 && from->pod_name[k].n; k++) {
        for (size_t i = 0; i < 3; i++) {
            if (into->pod_name[i].n && str_cmp(from->pod_name[k], into->pod_name[i]) >= 0)
                continue;
            for (size_t m = 2; m > i; m--)
                into->pod_name[m] = into->pod_name[m - 1];
            into->pod_name[i] = from->pod_name[k];
            break;
        }
    }
    (void)au;
}

/* The finding that tells of both: the worse, then the earlier validation, then the template's. */
static bool tells_better(const struct pending *a, const struct pending *b)
{
    if (a->finding.outcome != b->finding.outcome)
        return a->finding.outcome > b->finding.outcome;
    if (a->finding.validation != b->finding.validation)
        return a->finding.validation < b->finding.validation;
    if (a->told_by_template != b->told_by_template)
        return a->told_by_template;
    return str_cmp(a->told_by_pod, b->told_by_pod) < 0;
}

/* Findings of replica sets and jobs go to the deployment and cron job above them. */
static void group_by_workload(struct audit *au, struct part_state *p)
{
    uint32_t *at = arena_array(au->arena, uint32_t, au->cluster->owner.count + 1);
    size_t kept = 0;
    for (size_t i = 0; i < p->pending.count; i++) {
        struct pending *x = p->pending.item[i];
        if (x->owner) {
            x->owner = cluster_top_owner(au->cluster, x->owner);
            x->finding.object = au->cluster->owner.item[x->owner - 1].ref;
            if (at[x->owner]) {
                struct pending *y = p->pending.item[at[x->owner] - 1];
                uint64_t failed = x->failed + y->failed;
                struct finding other = tells_better(x, y) ? y->finding : x->finding;
                if (tells_better(x, y))
                    *y = *x;
                y->failed = failed;
                merge_pods(au, &y->finding, &other);
                continue;
            }
            at[x->owner] = (uint32_t)kept + 1;
        }
        p->pending.item[kept++] = x;
    }
    p->pending.count = kept;
}

static int compare_pending(const void *a, const void *b)
{
    const struct finding *x = &(*(const struct pending *const *)a)->finding, *y = &(*(const struct pending *const *)b)->finding;
    int c = (int)y->outcome - (int)x->outcome; /* failures before unknowns */
    if (!c)
        c = str_cmp(x->object.ns, y->object.ns);
    if (!c)
        c = str_cmp(x->object.kind, y->object.kind);
    return c ? c : str_cmp(x->object.name, y->object.name);
}

static void fingerprint(const struct audit *au, struct finding *f)
{
    const struct check *c = &au->bench->check[f->check];
    const struct check_part *part = &c->part[f->part];
    /* The cluster is called what the kubeconfig's context is called, which is not its own. */
    struct str name = str_eq(part->over, STR("cluster")) ? (struct str){ 0 } : f->object.name;
    struct str field[] = { au->bench->id, c->id, part->name, f->object.api_version, f->object.kind, f->object.ns, name,
                           f->validation < part->validation_count ? part->validation[f->validation].expression.text
                                                                  : (struct str){ 0 } };
    struct sha256 h;
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX_BYTES];
    sha256_open(&h);
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        sha256_add(&h, field[i]);
        sha256_add(&h, str_of("\0", 1));
    }
    sha256_close(&h, digest);
    sha256_hex(digest, hex);
    memcpy(f->fingerprint, hex, sizeof f->fingerprint - 1);
}

/* ---- verdicts */

static void part_verdict(struct audit *au, struct part_state *p)
{
    struct part_result *r = &p->result;
    enum kind gap = cluster_first_gap(au->cluster, p->def->needs);
    struct str of_policy = p->def->policy ? policy_gap(au->arena, p->def) : (struct str){ 0 };
    if (r->failed)
        r->verdict = VERDICT_FAIL;
    else if (gap != KIND_NONE) {
        r->verdict = VERDICT_UNKNOWN;
        r->reason = au->cluster->coverage[gap].reason;
    } else if (of_policy.n) {
        r->verdict = VERDICT_UNKNOWN;
        r->reason = of_policy;
    } else if (r->unknown) {
        r->verdict = VERDICT_UNKNOWN;
        for (size_t i = 0; i < p->pending.count && !r->reason.n; i++)
            if (p->pending.item[i]->finding.outcome == VERDICT_UNKNOWN)
                r->reason = p->pending.item[i]->finding.message;
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
static struct str only_sentence(const struct part_state *p)
{
    for (size_t i = 0; i < p->pending.count; i++)
        if (p->pending.item[i]->finding.outcome == p->result.verdict)
            return p->pending.item[i]->finding.message;
    return p->result.verdict == VERDICT_PASS ? STR("the cluster meets it") : p->result.reason;
}

static struct str part_sentence(struct audit *au, const struct part_state *p)
{
    const struct check_part *def = p->def;
    const struct part_result *r = &p->result;
    struct str all = population_text(au, def, r);
    struct str sentence = { 0 };
    if (str_eq(def->over, STR("cluster")) && r->verdict != VERDICT_UNKNOWN)
        return def->name.n ? str_printf(au->arena, "%.*s: %.*s", STR_ARG(def->name), STR_ARG(only_sentence(p))) : only_sentence(p);
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
}

/* Of files: it asks of a running cluster, and nothing in them tells. */
static bool is_outside(const struct audit *au, const struct check_result *c)
{
    if (!au->cluster->is_open || (c->verdict != VERDICT_UNKNOWN && c->verdict != VERDICT_MANUAL))
        return false;
    for (size_t i = 0; i < c->check->part_count; i++) {
        const struct check_part *def = &c->check->part[i];
        bool says_nothing = c->part[i].verdict == VERDICT_UNKNOWN || c->part[i].verdict == VERDICT_NOT_APPLICABLE || c->part[i].verdict == VERDICT_MANUAL;
        bool is_of_cluster = def->table && table_is_of_cluster(def->table);
        if (!says_nothing || (!is_of_cluster && (def->policy || c->part[i].population || c->part[i].verdict == VERDICT_UNKNOWN)))
            return false;
    }
    return true;
}

/* What is outside has no findings. */
static void drop_findings_outside(struct audit *au, struct result *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < out->check_count; i++)
        if (out->check[i].is_outside)
            out->check[i].finding_count = 0;
    uint32_t *now = arena_array(au->arena, uint32_t, out->finding_count);
    for (size_t i = 0; i < out->finding_count; i++) {
        now[i] = (uint32_t)kept;
        if (!out->check[out->finding[i].check].is_outside)
            out->finding[kept++] = out->finding[i];
    }
    for (size_t i = 0; i < out->check_count; i++)
        for (size_t k = 0; k < out->check[i].finding_count; k++)
            out->check[i].finding[k] = now[out->check[i].finding[k]];
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

static void finish_findings(struct audit *au, struct result *out)
{
    size_t total = 0;
    for (size_t i = 0; i < au->part.count; i++) {
        group_by_workload(au, &au->part.item[i]);
        accept_waivers(au, &au->part.item[i]);
        if (au->part.item[i].pending.count)
            qsort(au->part.item[i].pending.item, au->part.item[i].pending.count, sizeof(struct pending *), compare_pending);
        total += au->part.item[i].pending.count;
    }
    out->finding = arena_array(au->arena, struct finding, total);
    for (size_t i = 0; i < au->part.count; i++) {
        for (size_t k = 0; k < au->part.item[i].pending.count; k++) {
            struct finding *f = &out->finding[out->finding_count++];
            *f = au->part.item[i].pending.item[k]->finding;
            fingerprint(au, f);
        }
    }
}

static void finish_checks(struct audit *au, struct result *out)
{
    const struct benchmark *b = au->bench;
    out->check = arena_array(au->arena, struct check_result, b->check_count);
    size_t part = 0, finding = 0;
    for (size_t i = 0; i < b->check_count; i++) {
        if (!au->selected[i])
            continue;
        struct check_result *c = &out->check[out->check_count++];
        c->check = &b->check[i];
        c->part = arena_array(au->arena, struct part_result, c->check->part_count);
        for (size_t p = 0; p < c->check->part_count; p++, part++) {
            part_verdict(au, &au->part.item[part]);
            part_shown(au, &au->part.item[part]);
            c->part[p] = au->part.item[part].result;
        }
        size_t first = finding;
        while (finding < out->finding_count && out->finding[finding].check == i)
            out->finding[finding++].check = (uint32_t)(out->check_count - 1);
        c->finding_count = finding - first;
        c->finding = arena_array(au->arena, uint32_t, c->finding_count);
        for (size_t k = 0; k < c->finding_count; k++)
            c->finding[k] = (uint32_t)(first + k);
        check_verdict(au, c, &au->part.item[part - c->check->part_count]);
        note_calls(au, c);
        c->is_outside = is_outside(au, c);
        out->incomplete |= c->verdict == VERDICT_UNKNOWN && !c->is_outside;
    }
    if (au->cluster->is_open)
        drop_findings_outside(au, out);
    name_outside(au, out);
}

static void finish_scores(struct audit *au, struct result *out)
{
    enum verdict *v = arena_array(au->arena, enum verdict, out->check_count);
    size_t inside = 0;
    for (size_t i = 0; i < out->check_count; i++)
        if (!out->check[i].is_outside)
            v[inside++] = out->check[i].verdict;
    out->score = score_of(v, inside);
    out->section_score = arena_array(au->arena, struct score, au->bench->section_count);
    for (size_t s = 0; s < au->bench->section_count; s++) {
        size_t n = 0;
        struct str id = au->bench->section[s].id;
        for (size_t i = 0; i < out->check_count; i++) {
            struct str in = out->check[i].check->section;
            bool below = str_eq(in, id) || (in.n > id.n && in.p[id.n] == '.' && str_has_prefix(in, id));
            if (below && !out->check[i].is_outside)
                v[n++] = out->check[i].verdict;
        }
        out->section_score[s] = score_of(v, n);
    }
}

static void finish_frameworks(struct audit *au, struct result *out, const struct framework *framework, size_t framework_count)
{
    struct judged_check *check = arena_array(au->arena, struct judged_check, out->check_count);
    for (size_t i = 0; i < out->check_count; i++)
        check[i] = (struct judged_check){ out->check[i].check, out->check[i].verdict, out->check[i].is_outside };
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
    if (!walk_populations(au, err))
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
    finish_scores(au, out);
    finish_frameworks(au, out, framework, framework_count);
    return true;
}
