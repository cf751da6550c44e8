/* What kubevouch-cel(7) says: every example gives what stands beside it, and is an example of its own row. */
#include "cel/eval.h"
#include "cel/parse.h"
#include "cel/program.h"
#include "cel/resolve.h"

#include <check.h>

#define NODES_MAX 64

static struct arena arena;

static void setup(void)
{
    arena = (struct arena){ 0 };
}
static void teardown(void)
{
    arena_release(&arena);
}

/* Values in the order they were found, with what they are of. */
struct watching {
    const struct overload *row;
    const struct ast *node[NODES_MAX];
    struct value value[NODES_MAX];
    size_t count;
    bool called;
};

static const struct value *value_of(const struct watching *w, const struct ast *n)
{
    for (size_t i = w->count; i-- > 0;)
        if (w->node[i] == n)
            return &w->value[i];
    return NULL;
}

static bool takes(const struct overload *o, const struct value *const *arg, size_t count)
{
    if (o->arg_count != OVERLOAD_VARIADIC && o->arg_count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!(KIND_BIT(arg[i]->kind) & o->kind[o->arg_count == OVERLOAD_VARIADIC ? 0 : i]))
            return false;
    return true;
}

/* A call is the row's if it is the first of its name that takes the kinds of the arguments. */
static void watch(void *ctx, const struct ast *n, struct value v)
{
    struct watching *w = ctx;
    const struct value *arg[OVERLOAD_ARGS_MAX];
    ck_assert_uint_lt(w->count, NODES_MAX);
    bool candidate =
        n->kind == AST_CALL && w->row >= n->overload && w->row < n->overload + n->overload_count && n->arg_count <= OVERLOAD_ARGS_MAX;
    for (uint32_t i = 0; candidate && i < n->arg_count; i++) {
        arg[i] = value_of(w, n->arg[i]);
        candidate = arg[i] != NULL;
    }
    const struct overload *first = n->overload;
    while (candidate && first < w->row && !takes(first, arg, n->arg_count))
        first++;
    w->called |= candidate && first == w->row && takes(first, arg, n->arg_count);
    w->node[w->count] = n;
    w->value[w->count++] = v;
}

START_TEST(an_example_is_of_its_row)
{
    const struct overload *row = &overload[_i];
    struct cel_env env = { 0 };
    struct cel_activation act = { .cost_left = CEL_COST_MAX };
    struct watching w = { .row = row };
    struct evaluation e = { .act = &act, .scratch = &arena, .seen = watch, .seen_ctx = &w };
    struct err err = { 0 };
    struct ast *root;
    uint32_t locals;
    struct str source = str_from_c(row->example);
    ck_assert_msg(parse_expression(&root, &arena, source, &env.limits, &err) &&
                      resolve_expression(root, &arena, source, &env, &locals, &err),
                  "%s: %s", row->example, err.text);
    e.local = arena_array(&arena, struct value, locals + 1);
    (void)eval(&e, root);
    ck_assert_msg(w.called, "\"%s\" is no call of its row: %s, %s", row->example, row->name, row->summary);
}
END_TEST

static struct value evaluate(const char *source)
{
    struct cel_env env = { 0 };
    struct cel_activation act = { .cost_left = CEL_COST_MAX };
    struct cel_program *p;
    struct err err = { 0 };
    ck_assert_msg(cel_compile(&p, &arena, str_from_c(source), (struct pos){ "t", 1, 1 }, &env, &err), "%s: %s", source, err.text);
    return cel_eval(p, &act, &arena);
}

START_TEST(a_form_gives_what_is_said)
{
    const struct cel_form *row = &cel_form[_i];
    struct value got = evaluate(row->example), want = evaluate(row->result);
    ck_assert_msg(!value_is_error(got) && got.kind == want.kind && value_equal(got, want), "%s gives %.*s, not %s", row->example,
                  STR_ARG(cel_value_text(&arena, got, 200)), row->result);
    ck_assert_uint_gt(strlen(row->form), 2);
    ck_assert_uint_gt(strlen(row->summary), 2);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cel manual");
    TCase *t = tcase_create("manual");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, an_example_is_of_its_row, 0, (int)overload_count);
    tcase_add_loop_test(t, a_form_gives_what_is_said, 0, (int)cel_form_count);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
