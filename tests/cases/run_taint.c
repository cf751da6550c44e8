/* The admission policies of others' cases over their objects with markers planted: no expression, no variable and no part of one shows
 * what came out of a place of secrets, and each gives what it gives of the same object without marks.
 * usage: run_taint CASES [FAILING-IDS-FILE] */
#include "cases/cases.h"

#include "cel/program.h"
#include "planted.h"
#include "value/json_read.h"

#define NAMES_MAX 64u

struct over {
    struct cel_variable variable[NAMES_MAX];
    struct value plain[NAMES_MAX], marked[NAMES_MAX];
    size_t count;
};

static void add(struct over *o, struct str name, struct value plain, struct value marked)
{
    if (o->count == NAMES_MAX)
        return;
    o->variable[o->count] = (struct cel_variable){ .name = name };
    o->plain[o->count] = plain;
    o->marked[o->count++] = marked;
}

/* False: it shows a marker, or the mark changed what it gives. */
static bool try(struct over *o, struct arena *a, struct str text, struct value *plain, struct value *marked)
{
    struct cel_env env = { .variable = o->variable, .variable_count = o->count, .lenient = true };
    struct cel_program *p;
    struct err err = { 0 };
    struct str part;
    *plain = *marked = value_null();
    if (!cel_compile(&p, a, text, (struct pos){ "case", 1, 1 }, &env, &err))
        return true; /* told by run_cel */
    struct cel_activation one = { .var = o->plain, .cost_left = CEL_COST_MAX }, other = { .var = o->marked, .cost_left = CEL_COST_MAX };
    *plain = cel_eval(p, &one, a);
    *marked = cel_eval(p, &other, a);
    bool same = plain->kind == marked->kind && (plain->kind == VALUE_ERROR || value_equal(*plain, *marked));
    if (same && !program_shows_planted(p, &other, a, &part))
        return true;
    fprintf(stderr, "%s: %.*s\n", same ? "shows what was planted" : "gives something else where it is marked", STR_ARG(same ? part : text));
    return false;
}

static bool all(struct over *o, struct arena *a, const struct value *list)
{
    struct value plain, marked;
    bool ok = true;
    for (uint32_t i = 0; list && i < list->n; i++)
        ok &= try(o, a, value_text(value_item(*list, i)), &plain, &marked);
    return ok;
}

static bool policy_case(struct cases *c, struct value row, struct arena *a)
{
    struct over o = { .count = 0 };
    struct err err = { 0 };
    struct value object;
    const struct value *file = value_get(row, STR("input_files")), *vars = value_get(row, STR("variables"));
    struct str text = cases_file(c, a, "cel", value_text(value_item(*file, 0)));
    bool ok = true;
    if (!json_read(&object, a, text, NULL, NULL, 0, &err))
        return false;
    struct value planted = plant(a, object, STR("")), seen = taint_object(a, planted);
    add(&o, STR("object"), planted, seen);
    add(&o, STR("oldObject"), value_null(), value_null());
    add(&o, STR("namespaceObject"), planted, seen);
    for (uint32_t i = 0; i < vars->n; i++) {
        struct value plain, marked;
        ok &= try(&o, a, value_text_at(value_item(*vars, i), "expression", NULL), &plain, &marked);
        add(&o, str_printf(a, "variables.%.*s", STR_ARG(value_text_at(value_item(*vars, i), "name", NULL))), plain, marked);
    }
    return all(&o, a, value_get(row, STR("conditions"))) && all(&o, a, value_get(row, STR("expressions"))) && ok &&
           !value_shows_planted(a, seen) && value_shows_planted(a, planted);
}

int main(int argc, char **argv)
{
    struct cases c;
    struct arena lines = { 0 }, a = { 0 };
    size_t passed = 0, total = 0;
    if (!cases_open(&c, argc, argv))
        return 2;
    struct str rest = cases_file(&c, &lines, "cel", STR("policies.jsonl")), line;
    while (str_next_field(&rest, '\n', &line)) {
        struct value row;
        struct err err = { 0 };
        if (!str_trim(line).n)
            continue;
        bool ok = json_doc_read(&row, &a, line, "policies", &err) && policy_case(&c, row, &a);
        total++;
        passed += ok;
        if (!ok)
            fprintf(stderr, "taint/policies: %.*s\n", STR_ARG(value_text_at(row, "id", NULL)));
        if (!ok && c.failing)
            fprintf(c.failing, "taint %.*s\n", STR_ARG(value_text_at(row, "id", NULL)));
        arena_reset(&a);
    }
    printf("cases: taint/policies %zu/%zu\n", passed, total);
    c.any_failed = passed < total || !total;
    arena_release(&lines);
    arena_release(&a);
    return cases_close(&c);
}
