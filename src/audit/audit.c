/* Applies a benchmark to a cluster while it is collected. */
#include "audit/found.h"

#include "base/names.h"
#include "bench/least_rights.h"
#include "bench/statements.h"
#include "cluster/owner.h"
#include "vap/canary.h"

/* Pod templates are judged as the pods they make, in every part over pods. */
static bool part_wants(const struct part_state *p, enum kind kind, bool as_pod)
{
    if (p->def->policy) /* what is admitted is the object itself; its pods are judged as pods */
        return !as_pod && policy_part_wants(p->def->policy, kind);
    return as_pod ? p->def->kind == KIND_PODS : p->def->kind == kind;
}

static size_t slots_max(const struct benchmark *b)
{
    size_t most = 0;
    for (size_t c = 0; c < b->check_count; c++)
        for (size_t p = 0; p < b->check[c].part_count; p++)
            if (b->check[c].part[p].variable_count > most)
                most = b->check[c].part[p].variable_count;
    return SLOT_FIXED_COUNT + fact_count + b->variable_count + most;
}

static void release_shared(void *audit)
{
    arena_release(&((struct audit *)audit)->shared_arena);
}

struct audit *audit_open(struct arena *a, const struct benchmark *b, struct cluster *cluster,
                         const struct audit_options *o)
{
    struct audit *au = arena_new(a, struct audit);
    au->arena = a;
    au->bench = b;
    au->cluster = cluster;
    au->params = o->params;
    au->params_asked = o->params_asked;
    au->ask = o->ask;
    au->found = found_open(a, o->spool_dir);
    au->encryption = o->encryption;
    au->admission = o->admission;
    au->authentication = o->authentication;
    au->scopes = o->scopes;
    au->statements = o->statements;
    au->cluster_name = o->cluster_name;
    if (o->statements) {
        au->attestation_used = arena_array(a, bool, o->statements->attestation.count);
        au->waiver_used = arena_array(a, uint64_t, o->statements->waiver.count);
        au->approval_used = arena_array(a, bool, o->statements->approval.count);
    }
    au->nodes = o->nodes;
    au->selected = arena_array(a, bool, b->check_count);
    au->slot = arena_array(a, struct value, slots_max(b));
    au->slot_state = arena_array(a, uint8_t, slots_max(b));
    au->shared = arena_array(a, struct shared_value, b->variable_count + 1);
    arena_defer(a, release_shared, au);
    for (size_t c = 0; c < b->check_count; c++) {
        au->selected[c] = !o->selected || o->selected[c];
        for (size_t p = 0; au->selected[c] && p < b->check[c].part_count; p++) {
            struct part_state *s = VEC_PUSH(&au->part, a);
            s->check = (uint32_t)c;
            s->part = (uint32_t)p;
            s->def = &b->check[c].part[p];
            s->result.share = arena_array(a, struct share, s->def->filter_count);
        }
    }
    return au;
}

struct collect_options audit_needs(const struct audit *au)
{
    struct bench_reads r = benchmark_reads(au->bench, au->selected);
    if (au->scopes)
        kind_set_merge(&r.kinds, benchmark_scope_kinds());
    return (
        struct collect_options){ .kinds = r.kinds, .endpoints = r.endpoints, .want_rights = true };
}

/* ---- whose grants are read */

static bool tells(const struct expression *e, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (str_contains(e[i].text, str_from_c(word)))
            return true;
    return false;
}

static bool part_tells(const struct check_part *p, const char *word)
{
    bool told = tells(p->match, p->match_count, word) || tells(p->except, p->except_count, word) ||
                tells(p->variable, p->variable_count, word) ||
                tells(p->evidence, p->evidence_count, word) || tells(&p->seen, 1, word) ||
                tells(&p->defaulted, 1, word) || tells(&p->provenance, 1, word);
    for (size_t i = 0; i < p->validation_count && !told; i++)
        told = tells(&p->validation[i].expression, 1, word) ||
               tells(&p->validation[i].message_expression, 1, word);
    return told;
}

/* A part over accounts or pods that names grants, or a variable of the whole benchmark that leads
 * to them. */
static bool parts_tell(const struct audit *au, const char *word)
{
    for (size_t i = 0; i < au->part.count; i++) {
        const struct check_part *p = au->part.item[i].def;
        if (!p->policy && (p->kind == KIND_PODS || p->kind == KIND_SERVICEACCOUNTS) &&
            part_tells(p, word))
            return true;
    }
    return false;
}

static bool reads_account_grants(const struct audit *au)
{
    const struct benchmark *b = au->bench;
    VEC(const char *) word = { 0 };
    bool *named = arena_array(au->arena, bool, b->variable_count);
    *VEC_PUSH(&word, au->arena) = "grants";
    for (size_t w = 0; w < word.count; w++) {
        if (parts_tell(au, word.item[w]))
            return true;
        for (size_t i = 0; i < b->variable_count; i++) {
            if (named[i] || !tells(&b->variable[i], 1, word.item[w]))
                continue;
            named[i] = true;
            *VEC_PUSH(&word, au->arena) = str_to_c(
                au->arena, str_printf(au->arena, "variables.%.*s", STR_ARG(b->variable[i].name)));
        }
    }
    return false;
}

void audit_early_done(void *audit)
{
    struct audit *au = audit;
    au->facts = facts_open(au->arena, au->cluster);
    facts_give_scopes(au->facts, au->scopes);
    for (size_t i = 0; i < au->part.count; i++)
        if (au->part.item[i].def->table)
            facts_want(au->facts, au->part.item[i].def->table);
    if (!reads_account_grants(au) && !au->ask)
        facts_leave_account_grants(au->facts);
    if (au->encryption)
        facts_give_encryption(au->facts, au->encryption);
    if (au->admission)
        facts_give_admission(au->facts, au->admission);
    if (au->authentication)
        facts_give_authentication(au->facts, au->authentication);
    facts_give_nodes(au->facts, au->nodes);
    struct pod_admission_judge canaries = canary_judge(au->arena, au->cluster, au->facts);
    facts_give_pod_admission(au->facts, &canaries);
}

static void begin_sharing(struct audit *au)
{
    arena_reset(&au->shared_arena);
    for (size_t i = 0; i < au->bench->variable_count; i++)
        au->shared[i].is_made = false;
    au->is_sharing = true;
}

static void judge_streamed(struct audit *au, enum kind kind, struct value object,
                           struct object_ref ref, uint32_t owner, bool as_pod,
                           struct arena *scratch)
{
    struct str pod_name = kind == KIND_PODS ? ref.name : (struct str){ 0 };
    /* of pods most parts read it, and it is dear */
    struct value made = kind == KIND_PODS || as_pod
                            ? facts_derived(au->facts, KIND_PODS, object, scratch)
                            : value_null();
    const struct value *derived = made.kind == VALUE_NULL ? NULL : &made;
    begin_sharing(au);
    for (size_t i = 0; i < au->part.count; i++) {
        struct part_state *p = &au->part.item[i];
        if (!part_wants(p, kind, as_pod))
            continue;
        struct arena_mark mark = arena_mark(scratch);
        if (au->ask) {
            if (!as_pod)
                judge_ask(au, p, object, derived, ref, scratch);
            arena_reset_to(scratch, mark);
            continue;
        }
        struct judgement j = judge(au, p, object, derived, scratch);
        struct pending *found = part_note(au, p, &j, ref, owner, as_pod, pod_name);
        if (found) {
            struct explanation why;
            judge_explain(&why, au, p, &j, object, derived, scratch);
            found_tell(au, found, &j, ref, as_pod, pod_name, &why, scratch);
        }
        arena_reset_to(scratch, mark);
    }
    au->is_sharing = false;
}

void audit_object(void *audit, enum kind kind, struct value object, struct arena *scratch)
{
    struct audit *au = audit;
    if (kind_info(kind)->stage != STAGE_STREAM || au->found->spool.err.code != ERR_NONE)
        return; /* judged from what is kept, when every fact is known */
    facts_see(au->facts, kind, object, scratch);
    if (au->ask && au->ask->see)
        au->ask->see(au->ask->ctx, au->facts, kind, object, scratch);
    struct object_ref ref = object_ref_of(object);
    uint32_t owner = 0;
    struct value pod;
    (void)cluster_owner(au->cluster, object, &owner, NULL);
    judge_streamed(au, kind, object, ref, kind == KIND_PODS ? owner : 0, false, scratch);
    /* what a workload owns is made from its template */
    if (kind_has_pod_template(kind) && !owner && workload_as_pod(&pod, scratch, kind, object))
        judge_streamed(au, kind, pod, ref, cluster_owner_index(au->cluster, ref), true, scratch);
}

void audit_read_params(struct audit *au, struct client *client, const struct discovery *served)
{
    VEC(const struct policy_part *) part = { 0 };
    for (size_t i = 0; i < au->part.count; i++)
        if (au->part.item[i].def->policy)
            *VEC_PUSH(&part, au->arena) = au->part.item[i].def->policy;
    policy_params_read(&au->policy_params, au->arena, part.item, part.count, client, served);
}
