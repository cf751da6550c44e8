/* An expression that somebody asks over a population, with a benchmark's parameters and variables.
 */
#include "bench/asked.h"

#include "bench/environment.h"
#include "value/faults.h"

struct asking {
    struct reading read;
    const struct benchmark *bench;
    struct environment environment;
    struct check_part *part;
};

static bool find_population(struct asking *q, enum kind kind)
{
    struct check_part *p = q->part;
    p->table = p->over.n ? table_find(p->over) : NULL;
    p->kind = !p->over.n ? kind : p->table ? p->table->kind : kind_by_resource(p->over);
    if (!p->over.n || p->table || p->kind != KIND_NONE)
        return true;
    const char **known = arena_array(q->read.arena, const char *, KIND_COUNT + table_count);
    for (size_t i = 0; i < KIND_COUNT; i++)
        known[i] = kind_info((enum kind)i)->resource;
    for (size_t i = 0; i < table_count; i++)
        known[KIND_COUNT + i] = table_info[i].name;
    struct reading r = q->read;
    r.name = "--over";
    r.text = p->over;
    return fault_at(&r, (struct pos){ r.name, 1, 1 },
                    "no population \"%.*s\": expected the plural name of a resource or a table "
                    "(pods, roles, subjects, cluster ...)%.*s",
                    STR_ARG(p->over),
                    STR_ARG(fault_hint(&q->read, known, KIND_COUNT + table_count, p->over)));
}

/* Shared variables are compiled anew where they fit the population, for their types; one that does
 * not fit is an error value when it is asked for, as in a check. */
static void take_variables(struct asking *q)
{
    for (size_t i = 0; i < q->bench->variable_count; i++) {
        const struct expression *e = &q->bench->variable[i];
        struct cel_env env = q->environment.env;
        struct cel_program *p;
        struct err err = { 0 };
        bool fits = cel_compile(&p, q->read.arena, e->text, (struct pos){ 0 }, &env, &err);
        q->environment.variable[env.variable_count] =
            (struct cel_variable){ str_printf(q->read.arena, "variables.%.*s", STR_ARG(e->name)),
                                   fits ? cel_result(p) : NULL };
        q->environment.env.variable_count++;
    }
}

static void add_reads(struct asking *q, const struct cel_program *program, bool *seen)
{
    size_t fixed = SLOT_FIXED_COUNT + fact_count, slots = fixed + q->bench->variable_count;
    bool *used = arena_array(q->read.arena, bool, slots);
    struct check_part *p = q->part;
    cel_used_variables(program, used);
    for (size_t s = 0; s < slots; s++) {
        if (!used[s] || seen[s])
            continue;
        seen[s] = true;
        if (s == SLOT_DERIVED && p->table) {
            kind_set_merge(&p->reads, p->table->needs);
            kind_set_merge(&p->reads, p->table->wants);
        } else if (s == SLOT_NAMESPACE_OBJECT) {
            kind_set_add(&p->reads, KIND_NAMESPACES);
        } else if (s >= SLOT_FIXED_COUNT && s < fixed) {
            kind_set_merge(&p->reads, fact_info[s - SLOT_FIXED_COUNT].needs);
            endpoint_set_merge(&p->endpoints, fact_info[s - SLOT_FIXED_COUNT].endpoints);
        } else if (s >= fixed && q->bench->variable[s - fixed].program) {
            add_reads(q, q->bench->variable[s - fixed].program, seen);
        }
    }
}

/* Rows of a made-up table are made from all that it needs. */
static void add_population(struct check_part *p)
{
    if (p->kind != KIND_NONE)
        kind_set_add(&p->needs, p->kind);
    if (p->table && p->kind == KIND_NONE) {
        kind_set_merge(&p->needs, p->table->needs);
        kind_set_merge(&p->reads, p->table->wants);
    }
    if (p->table)
        endpoint_set_merge(&p->endpoints, p->table->endpoints);
    kind_set_merge(&p->reads, p->needs);
}

bool benchmark_ask(struct benchmark *out, const struct benchmark *b, struct arena *a,
                   struct str over, enum kind kind, struct str expression, struct faults *faults)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct check *check = arena_new(a, struct check);
    struct asking q = { .read = { a, expression, "EXPRESSION", faults },
                        .bench = b,
                        .part = arena_new(a, struct check_part) };
    struct validation *v = arena_new(a, struct validation);
    struct err err = { 0 };
    q.part->over = over;
    if (!find_population(&q, kind))
        return false;
    environment_open(&q.environment, a, &scratch, b->variable_count);
    environment_set_params(&q.environment, b->param, b->param_count);
    environment_set_population(&q.environment, q.part->table, q.part->kind);
    take_variables(&q);
    v->expression = (struct expression){ .text = expression, .pos = { "EXPRESSION", 1, 1 } };
    if (!cel_compile(&v->expression.program, a, expression, v->expression.pos, &q.environment.env,
                     &err))
        return fault_err(&q.read, &err);
    add_population(q.part);
    add_reads(&q, v->expression.program,
              arena_array(a, bool, SLOT_FIXED_COUNT + fact_count + b->variable_count));
    q.part->validation = v;
    q.part->validation_count = 1;
    *check = (struct check){ .id = STR("eval"),
                             .section = STR(""),
                             .title = STR("eval"),
                             .level = 1,
                             .part = q.part,
                             .part_count = 1 };
    *out = *b;
    out->check = check;
    out->check_count = 1;
    return true;
}
