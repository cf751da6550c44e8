/* A benchmark out of its document: linked, its expressions compiled, all faults gathered. */
#include "base/map.h"
#include "bench/attack.h"
#include "bench/derive.h"
#include "bench/edition.h"
#include "bench/environment.h"
#include "bench/kinds.h"
#include "cel/overload.h"
#include "value/scalar.h"

#define PARTS_MAX 32u

const char *const severity_name[SEVERITY_COUNT + 1] = { "info", "low",      "medium",
                                                        "high", "critical", NULL };

/* A benchmark while it is made of its document. */
struct loading {
    struct reading read;
    const struct bench_sources *files;
    struct benchmark *bench;
    struct environment environment; /* its names are grown part by part */
    size_t fixed_count;             /* object ... facts.* */
    unsigned *param_level;          /* of each parameter: that of its file */
    struct reading *home;           /* of each shared variable: the file it stands in */
    VEC(struct typing) typing;      /* one a population met so far */
    struct typing *current;
    struct expression_doc filter[FILTERS_MAX]; /* of the check that is loaded */
};
/* The types of the shared variables over one population; each is found out when first used there.
 */
struct typing {
    struct str over;
    const struct cel_schema **type;
    bool *known;
};

/* ---- expressions */

static struct pos place_of_fault(const struct loading *l, struct str text, struct pos start,
                                 struct pos within)
{
    size_t offset = 0;
    uint32_t line = 1;
    if (start.file && strcmp(start.file, l->read.name) != 0)
        return start; /* of a base's row: its text is not here */
    while (line < within.line && offset < text.n)
        line += text.p[offset++] == '\n';
    return scalar_place(l->read.text, start, offset + (within.column ? within.column - 1 : 0));
}

static bool compile(struct loading *l, struct expression *out, struct str name, struct str text,
                    struct pos pos, const struct cel_env *env)
{
    struct err err = { 0 };
    *out = (struct expression){ .name = name, .text = text, .pos = pos };
    if (!pos.line) /* missing or faulty: told already */
        return false;
    if (cel_compile(&out->program, l->read.arena, text, (struct pos){ l->read.name, 1, 1 }, env,
                    &err))
        return true;
    return fault_at(&l->read, place_of_fault(l, text, pos, err.pos), "%s", err.text);
}

/* kind: what the expression must be able to give, as a bit. */
static void compile_to(struct loading *l, struct expression *out, struct str name, struct str text,
                       struct pos pos, const struct cel_env *env, unsigned kind)
{
    if (compile(l, out, name, text, pos, env) && !(cel_result(out->program)->kinds & kind))
        (void)fault_at(&l->read, pos, "the expression never gives %s",
                       kind == K_BOOL ? "true or false, as it must" : "a text, as it must");
}

static struct expression *compile_list(struct loading *l, const struct decode_list *docs,
                                       const struct cel_env *env, unsigned kind, size_t *count)
{
    const struct expression_doc *doc = docs->item;
    struct expression *e = arena_array(l->read.arena, struct expression, docs->count);
    for (size_t i = 0; i < docs->count; i++)
        compile_to(l, &e[i], doc[i].name, doc[i].text, doc[i].pos, env, kind);
    *count = docs->count;
    return e;
}

/* Variables see those before them: each is compiled in the environment so far, then added to it.
 * own: of one part, whose population is known. */
static void compile_variables(struct loading *l, const struct decode_list *docs,
                              struct cel_env *env, bool own, struct expression *e)
{
    const struct expression_doc *doc = docs->item;
    for (size_t i = 0; i < docs->count; i++) {
        struct str name = str_printf(l->read.arena, "variables.%.*s", STR_ARG(doc[i].name));
        for (size_t k = 0; k < env->variable_count; k++)
            if (doc[i].name.n && str_eq(env->variable[k].name, name))
                (void)fault_at(&l->read, doc[i].pos, "variable \"%.*s\" is defined twice",
                               STR_ARG(doc[i].name));
        (void)compile(l, &e[i], doc[i].name, doc[i].text, doc[i].pos, env);
        if (!doc[i].name.n) /* its name is at fault: nothing is like it */
            name = (struct str){ 0 };
        l->environment.variable[env->variable_count++] =
            (struct cel_variable){ name, own && e[i].program ? cel_result(e[i].program) : NULL };
    }
}

/* ---- types of shared variables */

static struct typing *typing_over(struct loading *l, struct str over)
{
    for (size_t i = 0; i < l->typing.count; i++)
        if (str_eq(l->typing.item[i].over, over))
            return &l->typing.item[i];
    struct typing *t = VEC_PUSH(&l->typing, l->read.arena);
    *t = (struct typing){
        over, arena_array(l->read.arena, const struct cel_schema *, l->bench->variable_count),
        arena_array(l->read.arena, bool, l->bench->variable_count)
    };
    return t;
}

/* A shared variable is written once for every population: what it may be, and whether it fits, is
 * asked again for each that uses it. */
static const struct cel_schema *type_of_shared(void *ctx, uint32_t slot)
{
    struct loading *l = ctx;
    struct typing *t = l->current;
    size_t index = slot - l->fixed_count;
    struct err err = { 0 };
    struct cel_program *p;
    if (slot < l->fixed_count || index >= l->bench->variable_count ||
        !l->bench->variable[index].program)
        return NULL;
    const struct expression *e = &l->bench->variable[index];
    if (!t)
        return cel_result(e->program);
    if (t->known[index])
        return t->type[index];
    t->known[index] = true;
    struct cel_env env = *l->bench->env;
    struct reading reader = l->read;
    env.variable_count = slot;
    l->read = l->home[index];
    if (cel_compile(&p, l->read.arena, e->text, (struct pos){ l->read.name, 1, 1 }, &env, &err))
        t->type[index] = cel_result(p);
    else
        (void)fault_at(&l->read, place_of_fault(l, e->text, e->pos, err.pos), "over %.*s: %s",
                       STR_ARG(t->over), err.text);
    l->read = reader;
    return t->type[index];
}

static void set_population(struct loading *l, const struct check_part *p)
{
    environment_set_population(&l->environment, p->table, p->kind);
    l->current = typing_over(l, p->over);
}

/* ---- parts */

static void find_population(struct loading *l, struct check_part *p, struct pos pos)
{
    p->table = table_find(p->over);
    p->kind = p->table ? p->table->kind : kind_by_resource(p->over);
    if (p->table || p->kind != KIND_NONE || !pos.line)
        return;
    const char **known = arena_array(l->read.arena, const char *, KIND_COUNT + table_count);
    for (size_t i = 0; i < KIND_COUNT; i++)
        known[i] = kind_info((enum kind)i)->resource;
    for (size_t i = 0; i < table_count; i++)
        known[KIND_COUNT + i] = table_info[i].name;
    (void)fault_at(
        &l->read, pos,
        "no population \"%.*s\": expected the plural name of a resource that is collected (pods, "
        "networkpolicies ...) or a table (subjects, apiservers, cluster ...)%.*s",
        STR_ARG(p->over), STR_ARG(fault_hint(&l->read, known, KIND_COUNT + table_count, p->over)));
}

/* What the population itself rests on. */
static void add_needs(struct check_part *p)
{
    if (p->kind != KIND_NONE)
        kind_set_add(&p->needs, p->kind);
    if (p->kind == KIND_PODS) /* pods are judged as their workloads' templates too */
        for (size_t k = 0; k < KIND_COUNT; k++)
            if (kind_has_pod_template((enum kind)k))
                kind_set_add(&p->needs, (enum kind)k);
    kind_set_merge(&p->reads, p->needs);
}

/* What is derived for a table's rows: owed by a part that names derived, or whose rows are made up.
 */
static void add_table_needs(struct check_part *p, bool names_derived)
{
    if (!p->table || (p->kind != KIND_NONE && !names_derived))
        return;
    kind_set_merge(&p->needs, p->table->needs);
    kind_set_merge(&p->reads, p->table->needs);
    kind_set_merge(&p->reads, p->table->wants);
    endpoint_set_merge(&p->endpoints, p->table->endpoints);
}

/* The facts and shared variables that one expression names. Shared variables' own names are
 * followed. at: the part's own expression that led here. */
static void add_reads(struct loading *l, struct check_part *p, const struct expression *e,
                      struct pos at, bool *seen, size_t slots)
{
    bool *used = arena_array(l->read.arena, bool, slots);
    if (!e->program)
        return;
    cel_used_variables(e->program, used);
    seen[SLOT_DERIVED] = seen[SLOT_DERIVED] || used[SLOT_DERIVED];
    for (size_t s = SLOT_FIXED_COUNT; s < slots; s++) {
        if (!used[s] || seen[s])
            continue;
        seen[s] = true;
        if (s < l->fixed_count) {
            const struct fact_info *f = &fact_info[s - SLOT_FIXED_COUNT];
            kind_set_merge(&p->reads, f->needs);
            endpoint_set_merge(&p->endpoints, f->endpoints);
            bool streamed = p->kind != KIND_NONE && kind_info(p->kind)->stage == STAGE_STREAM;
            if (f->after_stream && streamed)
                (void)fault_at(
                    &l->read, at,
                    "facts.%s is known only after %.*s have gone by: judge it over \"cluster\"",
                    f->name, STR_ARG(p->over));
        } else if (s - l->fixed_count < l->bench->variable_count) {
            add_reads(l, p, &l->bench->variable[s - l->fixed_count], at, seen, slots);
        }
    }
}

static void add_all_reads(struct loading *l, struct check_part *p, size_t slots)
{
    bool *seen = arena_array(l->read.arena, bool, slots);
    const struct {
        const struct expression *e;
        size_t n;
    } set[] = {
        { p->match, p->match_count },       { p->except, p->except_count },
        { p->variable, p->variable_count }, { p->evidence, p->evidence_count },
        { p->filter, p->filter_count },
    };
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        for (size_t k = 0; k < set[i].n; k++)
            add_reads(l, p, &set[i].e[k], set[i].e[k].pos, seen, slots);
    for (size_t i = 0; i < p->validation_count; i++) {
        const struct validation *v = &p->validation[i];
        add_reads(l, p, &v->expression, v->expression.pos, seen, slots);
        add_reads(l, p, &v->message_expression, v->message_expression.pos, seen, slots);
    }
    add_reads(l, p, &p->seen, p->seen.pos, seen, slots);
    add_reads(l, p, &p->defaulted, p->defaulted.pos, seen, slots);
    add_reads(l, p, &p->provenance, p->provenance.pos, seen, slots);
    add_table_needs(p, seen[SLOT_DERIVED]);
}

/* Every {params.NAME} must be a parameter. */
static void check_wanted(struct loading *l, const struct part_doc *d)
{
    const struct str mark = STR(WANTED_PARAM);
    for (size_t at = str_find(d->wanted, mark, 0); at != SIZE_MAX;
         at = str_find(d->wanted, mark, at + mark.n)) {
        struct str name, rest;
        bool found = false;
        (void)str_cut(str_sub(d->wanted, at + mark.n, d->wanted.n), '}', &name, &rest);
        for (size_t i = 0; i < l->bench->param_count; i++)
            found |= str_eq(l->bench->param[i].name, name);
        if (!found)
            (void)fault_at(&l->read, d->wanted_pos, "wanted: no parameter \"%.*s\"", STR_ARG(name));
    }
}

static void load_shown(struct loading *l, struct check_part *p, const struct part_doc *d,
                       const struct cel_env *env)
{
    const struct {
        struct expression *out;
        const char *key;
        struct str text;
        struct pos pos;
    } row[] = {
        { &p->seen, "seen", d->seen, d->seen_pos },
        { &p->defaulted, "defaulted", d->defaulted, d->defaulted_pos },
        { &p->provenance, "provenance", d->provenance, d->provenance_pos },
    };
    p->wanted = d->wanted;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (row[i].text.n)
            (void)compile(l, row[i].out, str_from_c(row[i].key), row[i].text, row[i].pos, env);
    if (d->seen.n && p->kind != KIND_NONE && kind_info(p->kind)->stage == STAGE_STREAM)
        (void)fault_at(&l->read, d->seen_pos,
                       "\"seen\" is for populations of few: %.*s are judged as they go by",
                       STR_ARG(p->over));
    if (!d->seen.n && (d->wanted.n || d->defaulted.n))
        (void)fault_at(
            &l->read, d->over_pos,
            "\"wanted\" and \"defaulted\" tell of the value in \"seen\", which is missing");
    check_wanted(l, d);
}

static void load_validations(struct loading *l, struct check_part *p,
                             const struct decode_list *docs, const struct cel_env *env)
{
    const struct validation_doc *doc = docs->item;
    p->validation = arena_array(l->read.arena, struct validation, docs->count);
    p->validation_count = docs->count;
    for (size_t i = 0; i < docs->count; i++) {
        struct validation *v = &p->validation[i];
        v->message = doc[i].message;
        v->otherwise = (enum otherwise)doc[i].otherwise;
        compile_to(l, &v->expression, (struct str){ 0 }, doc[i].expression, doc[i].expression_pos,
                   env, K_BOOL);
        if (doc[i].message_expression.n)
            compile_to(l, &v->message_expression, (struct str){ 0 }, doc[i].message_expression,
                       doc[i].message_expression_pos, env, K_STRING);
        if (!doc[i].message_expression.n && !doc[i].message.n && !doc[i].faulty)
            (void)fault_at(&l->read, doc[i].expression_pos,
                           "a validation needs a message or a messageExpression");
    }
}

/* Pods are told of by their workload: which of them a filter took is not kept. */
static void load_filters(struct loading *l, struct check_part *p, const struct check *c,
                         const struct cel_env *env)
{
    struct decode_list docs = { l->filter, c->filter_count };
    if (c->filter_count && p->kind == KIND_PODS)
        (void)fault_at(
            &l->read, l->filter[0].pos,
            "only: pods are told of by their workload, and are not told apart afterwards");
    p->filter = compile_list(l, &docs, env, K_BOOL, &p->filter_count);
}

static void load_part(struct loading *l, struct check_part *p, const struct part_doc *d,
                      const struct check *c)
{
    struct cel_env env = *l->bench->env;
    p->name = d->name;
    p->over = d->over;
    find_population(l, p, d->over_pos);
    add_needs(p);
    set_population(l, p);
    p->variable = arena_array(l->read.arena, struct expression, d->variable.count);
    p->variable_count = d->variable.count;
    compile_variables(l, &d->variable, &env, true, p->variable);
    p->match = compile_list(l, &d->match, &env, K_BOOL, &p->match_count);
    p->except = compile_list(l, &d->except, &env, K_BOOL, &p->except_count);
    p->evidence = compile_list(l, &d->evidence, &env, K_ANY, &p->evidence_count);
    load_validations(l, p, &d->validation, &env);
    load_shown(l, p, d, &env);
    load_filters(l, p, c, &env);
    add_all_reads(l, p, env.variable_count);
    if (!d->validation.count && d->over_pos.line)
        (void)fault_at(&l->read, d->over_pos, "a part without validations judges nothing");
}

/* ---- checks */

/* An id that is faulty itself may be any. */
static void check_section(struct loading *l, const struct check_doc *d)
{
    const struct benchmark *b = l->bench;
    const char **known = arena_array(l->read.arena, const char *, b->section_count);
    bool found = !b->section_count || !d->section_pos.line;
    for (size_t i = 0; i < b->section_count; i++) {
        found |= !b->section[i].id.n || str_eq(b->section[i].id, d->section);
        known[i] = str_to_c(l->read.arena, b->section[i].id);
    }
    if (!found)
        (void)fault_at(&l->read, d->section_pos, "no section \"%.*s\" in this benchmark%.*s",
                       STR_ARG(d->section),
                       STR_ARG(fault_hint(&l->read, known, b->section_count, d->section)));
}

static void check_level(struct loading *l, const struct check_doc *d)
{
    const struct benchmark *b = l->bench;
    bool found = !b->profile_count || !d->level_pos.line;
    for (size_t i = 0; i < b->profile_count; i++)
        found |= !b->profile[i].level || b->profile[i].level == d->level;
    if (!found)
        (void)fault_at(&l->read, d->level_pos, "check %.*s is of level %lld, which no profile has",
                       STR_ARG(d->id), (long long)d->level);
}

static void load_parts(struct loading *l, struct check *c, const struct check_doc *d)
{
    bool single = d->single.over.n || d->single.validation.count;
    if (d->single.validation.count && !d->single.over.n && !d->faulty)
        (void)fault_at(&l->read, d->id_pos,
                       "check %.*s has \"validations\" but not \"over\", what they are about",
                       STR_ARG(d->id));
    if (single && d->part.count) {
        (void)fault_at(&l->read, d->single.over_pos, "check %.*s has both \"over\" and \"parts\"",
                       STR_ARG(d->id));
        return;
    }
    bool silent = d->attestation || d->unanswered.n;
    if (!single && !d->part.count && !silent && d->faulty)
        return;
    if (!single && !d->part.count && !silent) {
        (void)fault_at(&l->read, d->id_pos,
                       "check %.*s judges nothing: give it \"over\" and \"validations\", "
                       "\"parts\", \"attestation: true\" or \"unanswered\"",
                       STR_ARG(d->id));
        return;
    }
    c->part_count = single ? 1 : d->part.count;
    if (c->part_count > PARTS_MAX) {
        (void)fault_at(&l->read, d->id_pos, "check %.*s has more than %u parts", STR_ARG(d->id),
                       PARTS_MAX);
        c->part_count = 0;
        return;
    }
    c->part = arena_array(l->read.arena, struct check_part, c->part_count);
    for (size_t i = 0; i < c->part_count; i++)
        load_part(l, &c->part[i], single ? &d->single : &((const struct part_doc *)d->part.item)[i],
                  c);
}

static struct not_applicable *compile_rule(struct loading *l, struct str expression, struct pos pos,
                                           struct str reason)
{
    struct not_applicable *n = arena_new(l->read.arena, struct not_applicable);
    struct cel_env env = *l->bench->env;
    bool *used = arena_array(l->read.arena, bool, env.variable_count);
    env.variable_count = l->fixed_count;
    n->reason = reason;
    compile_to(l, &n->expression, (struct str){ 0 }, expression, pos, &env, K_BOOL);
    if (n->expression.program)
        cel_used_variables(n->expression.program, used);
    for (size_t s = 0; s < l->fixed_count; s++) {
        if (!used[s] || s == SLOT_PARAMS)
            continue;
        if (s < SLOT_FIXED_COUNT) {
            (void)fault_at(&l->read, pos,
                           "whether a check applies is told by facts and params alone");
            continue;
        }
        kind_set_merge(&n->kinds, fact_info[s - SLOT_FIXED_COUNT].needs);
        endpoint_set_merge(&n->endpoints, fact_info[s - SLOT_FIXED_COUNT].endpoints);
    }
    return n;
}

/* The filter of that text, from 1; 0: there are too many. */
static uint32_t filter_of(struct loading *l, struct check *c, const struct requirement_doc *q)
{
    for (size_t i = 0; i < c->filter_count; i++)
        if (str_eq(l->filter[i].text, q->only.expression))
            return (uint32_t)i + 1;
    if (c->filter_count == FILTERS_MAX) {
        (void)fault_at(&l->read, q->only.expression_pos,
                       "check %.*s narrows its requirements in more than %u ways", STR_ARG(c->id),
                       FILTERS_MAX);
        return 0;
    }
    l->filter[c->filter_count++] =
        (struct expression_doc){ .text = q->only.expression, .pos = q->only.expression_pos };
    return (uint32_t)c->filter_count;
}

static void load_requirements(struct loading *l, struct check *c, const struct decode_list *docs)
{
    const struct requirement_doc *doc = docs->item;
    c->requirement = arena_array(l->read.arena, struct requirement_ref, docs->count);
    c->requirement_count = docs->count;
    for (size_t i = 0; i < docs->count; i++)
        c->requirement[i] = (struct requirement_ref){
            .framework = doc[i].framework,
            .requirement = doc[i].requirement,
            .strength = (enum strength)doc[i].strength,
            .only = doc[i].only.text,
            .only_expression = doc[i].only.expression,
            .filter = doc[i].only.expression_pos.line ? filter_of(l, c, &doc[i]) : 0,
            .when = doc[i].when.expression_pos.line
                        ? compile_rule(l, doc[i].when.expression, doc[i].when.expression_pos,
                                       doc[i].when.text)
                        : NULL,
            .rationale = doc[i].rationale,
            .framework_pos = doc[i].framework_pos,
            .pos = doc[i].pos,
            .strength_pos = doc[i].strength_pos,
            .rationale_pos = doc[i].rationale_pos,
        };
}

static void load_attack(struct loading *l, struct check *c, const struct decode_list *docs)
{
    const struct attack_doc *doc = docs->item;
    c->attack = arena_array(l->read.arena, struct attack_ref, docs->count);
    c->attack_count = docs->count;
    for (size_t i = 0; i < docs->count; i++) {
        c->attack[i] =
            (struct attack_ref){ doc[i].technique, doc[i].reason, doc[i].pos, doc[i].reason_pos };
        size_t known = 0;
        while (attack_id[known])
            known++;
        if (doc[i].pos.line && !attack_name(doc[i].technique))
            (void)fault_at(
                &l->read, doc[i].pos,
                "no technique \"%.*s\" of ATT&CK for containers that kubevouch knows%.*s",
                STR_ARG(doc[i].technique),
                STR_ARG(fault_hint(&l->read, (const char **)(uintptr_t)attack_id, known,
                                   doc[i].technique)));
        for (size_t k = 0; k < i && doc[i].pos.line; k++)
            if (str_eq(doc[k].technique, doc[i].technique))
                (void)fault_at(&l->read, doc[i].pos, "check %.*s names technique %.*s twice",
                               STR_ARG(c->id), STR_ARG(doc[i].technique));
    }
}

static void load_check(struct loading *l, struct check *c, const struct check_doc *d)
{
    *c = (struct check){
        .id = d->id,
        .section = d->section,
        .title = d->title,
        .description = d->description,
        .rationale = d->rationale,
        .remediation = d->remediation,
        .pos = d->id_pos.line ? d->id_pos : (struct pos){ l->read.name, 1, 1 },
        .level = (int)d->level,
        .role = d->role,
        .severity = (enum severity)d->severity,
        .assessment = d->assessment,
        .attestation = d->attestation,
        .unanswered = d->unanswered,
        .like = d->like,
        .question = d->question.item,
        .question_count = d->question.count,
        .tag = d->tag.item,
        .tag_count = d->tag.count,
        .reference = d->reference.item,
        .reference_count = d->reference.count,
        .command = d->command.item,
        .command_count = d->command.count,
        .no_command = d->no_command,
    };
    const struct derived_check *line = map_get(&l->files->check, d->id);
    if (line)
        c->origin = line->origin, c->inherited = line->inherited;
    check_section(l, d);
    check_level(l, d);
    if (d->unanswered.n && (d->single.over.n || d->part.count || d->attestation))
        (void)fault_at(&l->read, d->id_pos, "check %.*s is \"unanswered\" and yet judges something",
                       STR_ARG(d->id));
    if (d->assessment_pos.line && !str_eq_c(d->assessment, "manual") &&
        !str_eq_c(d->assessment, "automated"))
        (void)fault_at(&l->read, d->assessment_pos,
                       "assessment of check %.*s must be \"manual\" or \"automated\"",
                       STR_ARG(d->id));
    if (d->attestation && !d->question.count && !d->faulty)
        (void)fault_at(&l->read, d->attestation_pos,
                       "check %.*s wants an attestation but asks no questions", STR_ARG(d->id));
    load_attack(l, c, &d->attack);
    load_requirements(l, c, &d->requirement); /* before the parts, which hold their filters */
    load_parts(l, c, d);
}

static size_t most_variables(const struct benchmark_doc *d)
{
    size_t most = 0;
    const struct check_doc *c = d->check.item;
    for (size_t i = 0; i < d->check.count; i++) {
        const struct part_doc *p = c[i].part.item;
        if (c[i].single.variable.count > most)
            most = c[i].single.variable.count;
        for (size_t k = 0; k < c[i].part.count; k++)
            if (p[k].variable.count > most)
                most = p[k].variable.count;
    }
    return most;
}

/* A parameter of the base may be given another default. */
static void load_params(struct loading *l, const struct param_doc *doc, size_t count,
                        unsigned level)
{
    struct benchmark *b = l->bench;
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < b->param_count && (!doc[i].name.n || !str_eq(b->param[k].name, doc[i].name)))
            k++;
        if (k < b->param_count && l->param_level[k] <= level)
            (void)fault_at(&l->read, doc[i].pos, "parameter \"%.*s\" is defined twice",
                           STR_ARG(doc[i].name));
        else if (k < b->param_count && b->param[k].def.kind != doc[i].def.kind)
            (void)fault_at(&l->read, doc[i].pos,
                           "parameter \"%.*s\" of the base has a default of another type",
                           STR_ARG(doc[i].name));
        if (k < b->param_count && l->param_level[k] > level) {
            b->param[k] =
                (struct param){ doc[i].name, doc[i].description,
                                doc[i].widens ? (enum widens)doc[i].widens : b->param[k].widens,
                                doc[i].def, doc[i].pos };
            l->param_level[k] = level;
            continue;
        }
        l->param_level[b->param_count] = level;
        b->param[b->param_count++] =
            (struct param){ doc[i].name, doc[i].description, (enum widens)doc[i].widens, doc[i].def,
                            doc[i].pos };
    }
}

static void load_checks(struct loading *l, const struct check_doc *doc, size_t count,
                        struct map *by_id)
{
    struct benchmark *b = l->bench;
    for (size_t i = 0; i < count; i++) {
        struct check *c = &b->check[b->check_count++];
        if (doc[i].id.n && map_has(by_id, doc[i].id))
            (void)fault_at(&l->read, doc[i].id_pos, "check \"%.*s\" is defined twice",
                           STR_ARG(doc[i].id));
        map_put(by_id, doc[i].id, c);
        load_check(l, c, &doc[i]);
    }
}

/* ---- what does not apply */

static const struct derived_check *ancestor(const struct loading *l, const struct check *c,
                                            unsigned level)
{
    const struct derived_check *d = map_get(&l->files->check, c->id);
    unsigned at = 0;
    for (; d && at < level; d = d->parent)
        at += d->levels;
    return at == level ? d : NULL;
}

static void add_rule(struct loading *l, struct check *c, const struct not_applicable *n)
{
    const struct not_applicable **more =
        arena_array(l->read.arena, const struct not_applicable *, c->not_applicable_count + 1);
    for (size_t i = 0; i < c->not_applicable_count; i++)
        more[i] = c->not_applicable[i];
    more[c->not_applicable_count++] = n;
    c->not_applicable = more;
}

/* A rule of a base is about the checks that are like those it names. */
static void load_not_applicable(struct loading *l, const struct not_applicable_doc *d,
                                unsigned level)
{
    const struct not_applicable *n = compile_rule(l, d->expression, d->pos, d->reason);
    for (size_t g = 0; g < d->check.count; g++) {
        bool any = level > 0;
        for (size_t i = 0; i < l->bench->check_count; i++) {
            const struct derived_check *up = ancestor(l, &l->bench->check[i], level);
            if (!up || !str_glob(d->check.item[g], up->id))
                continue;
            any = true;
            add_rule(l, &l->bench->check[i], n);
        }
        if (!any)
            (void)fault_at(&l->read, d->pos,
                           "notApplicable: no check of this benchmark matches \"%.*s\"",
                           STR_ARG(d->check.item[g]));
    }
}

static int by_check_id(const void *a, const void *b)
{
    return bench_id_compare(((const struct check *)a)->id, ((const struct check *)b)->id);
}

/* Room for what all files hold, and the names of the environment. */
static void make_room(struct loading *l, const struct bench_sources *files, struct arena *scratch)
{
    size_t param = 0, variable = 0, check = 0, own = 0;
    struct sha256 digest;
    struct benchmark *b = l->bench;
    sha256_open(&digest);
    b->source = arena_array(l->read.arena, struct str, files->item.count);
    b->source_text = arena_array(l->read.arena, struct str, files->item.count);
    b->digested = arena_array(l->read.arena, struct str, files->item.count);
    b->digested_text = arena_array(l->read.arena, struct str, files->item.count);
    for (size_t i = 0; i < files->item.count; i++) {
        const struct bench_source *s = &files->item.item[i];
        size_t most = most_variables(&s->doc);
        b->source_text[b->source_count] = s->read.text;
        sha256_add(&digest, s->read.text);
        b->digested_text[b->digested_count] = s->read.text;
        b->digested[b->digested_count++] = str_from_c(s->read.name);
        param += s->doc.param.count, variable += s->doc.variable.count;
        if (s->level == 0) {
            b->source[b->source_count++] = str_from_c(s->read.name);
            check += s->doc.check.count;
        }
        own = most > own ? most : own;
    }
    sha256_close(&digest, b->sha256);
    b->param = arena_array(l->read.arena, struct param, param);
    b->variable = arena_array(l->read.arena, struct expression, variable);
    b->check = arena_array(l->read.arena, struct check, check);
    l->param_level = arena_array(l->read.arena, unsigned, param);
    l->home = arena_array(l->read.arena, struct reading, variable);
    environment_open(&l->environment, l->read.arena, scratch, variable + own);
}

/* All parameters before all variables before all checks: a check may use what stands in another
 * file. */
static void load_sources(struct loading *l, const struct bench_sources *files, struct cel_env *env)
{
    struct benchmark *b = l->bench;
    struct map by_id;
    map_init(&by_id, l->read.arena);
    for (size_t i = 0; i < files->item.count; i++)
        kinds_declare(&files->item.item[i].read, &files->item.item[i].doc.kind);
    for (size_t i = 0; i < files->item.count; i++) {
        l->read = files->item.item[i].read;
        load_params(l, files->item.item[i].doc.param.item, files->item.item[i].doc.param.count,
                    files->item.item[i].level);
    }
    environment_set_params(&l->environment, b->param, b->param_count);
    for (size_t i = 0; i < files->item.count; i++) {
        const struct decode_list *docs = &files->item.item[i].doc.variable;
        struct expression *e = &b->variable[b->variable_count];
        l->read = files->item.item[i].read;
        for (size_t k = 0; k < docs->count; k++)
            l->home[b->variable_count++] = l->read;
        compile_variables(l, docs, env, false, e);
    }
    for (size_t i = files->first; i < files->item.count; i++) {
        l->read = files->item.item[i].read;
        load_checks(l, files->item.item[i].doc.check.item, files->item.item[i].doc.check.count,
                    &by_id);
    }
    for (size_t i = 0; i < files->item.count; i++) {
        const struct bench_source *s = &files->item.item[i];
        l->read = s->read;
        for (size_t k = 0; k < s->doc.not_applicable.count; k++)
            load_not_applicable(
                l, &((const struct not_applicable_doc *)s->doc.not_applicable.item)[k], s->level);
    }
    if (b->check_count)
        qsort(b->check, b->check_count, sizeof *b->check, by_check_id);
}

bool benchmark_parse(struct benchmark *out, struct arena *a, struct str text, const char *name,
                     struct faults *faults)
{
    struct benchmark b = { .file = str_from_c(name) };
    struct bench_sources files = { 0 };
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct loading l = { .read = { a, text, name, faults }, .bench = &b };
    size_t before = faults->item.count;
    if (!bench_sources_read(&files, a, text, name, faults) && !files.item.count)
        return false;
    const struct benchmark_doc *d = &files.item.item[files.first].doc;
    l.files = &files;
    b.base = files.base ? files.base->id : (struct str){ 0 };
    b.id = str_printf(a, "%.*s-%.*s", STR_ARG(d->id), STR_ARG(d->version));
    b.title = d->title, b.version = d->version, b.kubernetes = d->kubernetes,
    b.description = d->description;
    edition_check(&files.item.item[files.first].read, &d->superseded_by, b.version);
    b.superseded_by = d->superseded_by.edition;
    b.section = d->section.item, b.section_count = d->section.count;
    b.profile = d->profile.item, b.profile_count = d->profile.count;
    make_room(&l, &files, &scratch);
    struct cel_env *env = arena_new(a, struct cel_env);
    *env = l.environment.env;
    l.fixed_count = env->variable_count;
    env->schema_of = type_of_shared;
    env->schema_ctx = &l;
    b.env = env;
    load_sources(&l, &files, env);
    if (!b.check_count && faults->item.count == before)
        (void)fault_at(&files.item.item[files.first].read, (struct pos){ name, 1, 1 },
                       "the benchmark has no checks");
    env->schema_of = NULL;
    *out = b;
    return faults->item.count == before;
}

bool benchmark_load(struct benchmark *out, struct arena *a, const char *path, struct faults *faults)
{
    struct str text;
    return faults_file_read(&text, a, path, BENCH_BYTES_MAX, faults) &&
           benchmark_parse(out, a, text, path, faults);
}
