/* The expression language: groups of lines in tests/cel/<area>.test, every row of overload.def by its
 * example, and what takes C to ask (limits, schemas, lazy variables, explanations).
 *
 * A group of a .test file, with a blank line after it:
 *     program                  (a line that ends in " \" goes on in the next one)
 *     variables as JSON        ({} for none)
 *     its value as CEL, or "error at OFFSET: TEXT"
 * After "%%FAIL" the third line is the compiler's "LINE:COLUMN: TEXT", and a fourth has a caret under the
 * column. After "%%LENIENT" a group is compiled without the checker. Lines that begin with "#" say why. */
#include "base/file.h"
#include "cel/ast.h"
#include "cel/lib.h"
#include "cel/parse.h"
#include "cel/unparse.h"
#include "value/json_read.h"

#include <check.h>
#include <dirent.h>

#define COUNT(table)  (sizeof(table) / sizeof(table)[0])
#define VARIABLES_MAX 16

static struct arena arena;

static void setup(void)
{
    arena = (struct arena){ 0 };
}
static void teardown(void)
{
    arena_release(&arena);
}

struct names {
    struct cel_variable variable[VARIABLES_MAX];
    struct value value[VARIABLES_MAX];
    size_t count;
};

static void read_names(struct names *n, struct str json)
{
    struct value object;
    struct err err = { 0 };
    if (!json_read(&object, &arena, json, NULL, NULL, 0, &err))
        ck_abort_msg("variables %.*s: %s", STR_ARG(json), err.text);
    ck_assert_uint_le(object.n, VARIABLES_MAX);
    *n = (struct names){ .count = object.n };
    for (size_t i = 0; i < n->count; i++) {
        n->variable[i].name = value_text(object.as.map->entry[i].key);
        n->value[i] = object.as.map->entry[i].val;
    }
}

/* ---- the files */

struct group {
    struct str program, variables, want, carets;
    bool fail, lenient;
    unsigned line;
};
struct reader {
    const char *path;
    struct str left;
    unsigned line;
};

static bool next_line(struct reader *r, struct str *out)
{
    if (!r->left.n)
        return false;
    size_t end = str_find_char(r->left, '\n', 0);
    *out = str_sub(r->left, 0, end == SIZE_MAX ? r->left.n : end);
    r->left = end == SIZE_MAX ? (struct str){ 0 } : str_sub(r->left, end + 1, r->left.n);
    r->line++;
    return true;
}

/* The next line that is neither blank nor a comment. */
static bool next_start(struct reader *r, struct str *out)
{
    while (next_line(r, out))
        if (out->n && !str_has_prefix(*out, STR("#")))
            return true;
    return false;
}

static bool next_group(struct reader *r, struct group *g)
{
    *g = (struct group){ 0 };
    if (!next_start(r, &g->program))
        return false;
    g->fail = str_eq(g->program, STR("%%FAIL"));
    g->lenient = str_eq(g->program, STR("%%LENIENT"));
    if ((g->fail || g->lenient) && !next_line(r, &g->program))
        return false;
    g->line = r->line;
    while (str_has_suffix(g->program, STR(" \\"))) {
        struct str more;
        ck_assert(next_line(r, &more));
        g->program = str_printf(&arena, "%.*s\n%.*s", STR_ARG(str_sub(g->program, 0, g->program.n - 2)), STR_ARG(more));
    }
    ck_assert_msg(next_line(r, &g->variables) && next_line(r, &g->want) && (!g->fail || next_line(r, &g->carets)),
                  "%s:%u: the group is cut", r->path, g->line);
    return true;
}

static struct str value_line(struct value v)
{
    if (value_is_error(v))
        return str_printf(&arena, "error at %u: %.*s", v.as.error->offset, STR_ARG(v.as.error->text));
    return cel_value_text(&arena, v, 4000);
}

/* The value, or the compiler's message and carets. */
static void run_group(const struct group *g, struct str *got, struct str *carets)
{
    struct names n;
    struct cel_program *p;
    struct err err = { 0 };
    read_names(&n, g->variables);
    struct cel_env env = { .variable = n.variable, .variable_count = n.count, .lenient = g->lenient };
    *carets = (struct str){ 0 };
    if (!cel_compile(&p, &arena, g->program, (struct pos){ "t", 1, 1 }, &env, &err)) {
        *got = str_printf(&arena, "%u:%u: %s", err.pos.line, err.pos.column, err.text);
        *carets = str_printf(&arena, "%*s^", (int)err.pos.column - 1, "");
        return;
    }
    struct cel_activation act = { .var = n.value, .cost_left = CEL_COST_MAX };
    *got = value_line(cel_eval(p, &act, &arena));
}

static unsigned run_file(const char *path)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(1 << 20);
    struct err err = { 0 };
    struct group g;
    unsigned wrong = 0, groups = 0;
    ck_assert_msg(file_read(path, &text, &err), "%s", err.text);
    struct reader r = { path, str_dup(&arena, buf_str(&text)), 0 };
    for (; next_group(&r, &g); groups++) {
        struct str got, carets;
        run_group(&g, &got, &carets);
        if (str_eq(got, g.want) && str_eq(carets, g.carets))
            continue;
        wrong++;
        fprintf(stderr, "%s:%u: %.*s\n  want %.*s\n  got  %.*s\n       %.*s\n", path, g.line, STR_ARG(g.program), STR_ARG(g.want),
                STR_ARG(got), STR_ARG(carets));
    }
    ck_assert_msg(groups > 0, "%s has no groups", path);
    return wrong;
}

START_TEST(test_files)
{
    const char *top = getenv("srcdir");
    struct str folder_path = str_printf(&arena, "%s/tests/cel", top ? top : ".");
    DIR *folder = opendir(str_to_c(&arena, folder_path));
    unsigned wrong = 0, files = 0;
    ck_assert_ptr_nonnull(folder);
    for (const struct dirent *e; (e = readdir(folder)) != NULL;) {
        if (!str_has_suffix(str_from_c(e->d_name), STR(".test")))
            continue;
        struct str path = str_printf(&arena, "%.*s/%s", STR_ARG(folder_path), e->d_name);
        wrong += run_file(str_to_c(&arena, path));
        files++;
    }
    closedir(folder);
    ck_assert_uint_gt(files, 0);
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* ---- the table of functions */

static struct value evaluate(struct str source, uint16_t *kinds)
{
    struct cel_env env = { 0 };
    struct cel_activation act = { .cost_left = CEL_COST_MAX };
    struct cel_program *p;
    struct err err = { 0 };
    if (!cel_compile(&p, &arena, source, (struct pos){ "t", 1, 1 }, &env, &err))
        ck_abort_msg("%.*s: %s", STR_ARG(source), err.text);
    if (kinds)
        *kinds = cel_result(p)->kinds;
    return cel_eval(p, &act, &arena);
}

START_TEST(test_row_example)
{
    const struct overload *row = &overload[_i];
    uint16_t kinds;
    struct value got = evaluate(str_from_c(row->example), &kinds), want = evaluate(str_from_c(row->result), NULL);
    ck_assert_msg(!value_is_error(got) && got.kind == want.kind && value_equal(got, want), "%s: %s gives %.*s, not %s", row->name,
                  row->example, STR_ARG(value_line(got)), row->result);
    ck_assert_msg(kinds & KIND_BIT(got.kind), "%s: the checker does not expect a %s", row->example, value_kind_name(got.kind));
    ck_assert_uint_gt(strlen(row->summary), 2);
}
END_TEST

START_TEST(test_difference)
{
    const struct cel_difference *row = &cel_difference[_i];
    struct group g = { .variables = STR("{\"x\": {\"nothing\": null, \"text\": \"a\"}}"), .lenient = true };
    struct str got, carets;
    ck_assert_uint_gt(strlen(row->summary), 10);
    ck_assert_int_eq(row->example != NULL, row->result != NULL);
    if (!row->example)
        return;
    g.program = str_from_c(row->example);
    run_group(&g, &got, &carets);
    bool error = str_eq_c(STR("error"), row->result);
    ck_assert_msg(error ? str_has_prefix(got, STR("error at ")) : str_eq_c(got, row->result), "%s gives %.*s", row->example, STR_ARG(got));
}
END_TEST

/* Rows of one name and style stand together, or overload_find would miss some. */
START_TEST(test_rows_together)
{
    size_t found = 0;
    for (size_t i = 0; i < overload_count; i++) {
        size_t count;
        const struct overload *first = overload_find(str_from_c(overload[i].name), overload[i].style == OVERLOAD_MEMBER, &count);
        ck_assert_msg(first && first <= &overload[i] && &overload[i] < first + count, "%s stands apart", overload[i].name);
        found += first == &overload[i] ? count : 0;
        ck_assert(overload[i].arg_count <= OVERLOAD_ARGS_MAX || overload[i].arg_count == OVERLOAD_VARIADIC);
    }
    ck_assert_uint_eq(found, overload_count);
}
END_TEST

/* ---- text again */

static const struct {
    const char *text, *normal; /* NULL: the same */
} unparse_row[] = {
    { "a.b.c[0].d(e, 'f')", NULL },
    { "((a))", "a" },
    { "(a + b) * c - (d - e) - f", NULL },
    { "a + (b * c)", "a + b * c" },
    { "a && (b && c) || d", NULL },
    { "(a || b) && !c", NULL },
    { "(a ? b : c) ? d : (e ? f : g)", "(a ? b : c) ? d : e ? f : g" },
    { "-5", NULL },
    { "-(5)", NULL },
    { "--5", "-(-5)" },
    { "---a", "-a" },
    { "!!!!a", "a" },
    { "-(5).f()", "-(5.f())" },
    { "!(-a)", NULL },
    { "-(-a)", NULL },
    { "!(-5)", NULL },
    { "- -(5)", "5" },
    { "has(a.?b) && has(c.`d-e`)", NULL },
    { "a.`b`.`in`", "a.b.`in`" },
    { "a.?b[?c].d", NULL },
    { "[?a, b,]", "[?a, b]" },
    { "{?'k': v, 1u: b'\\xff', 2.5: \"it's\",}", "{?'k': v, 1u: b'\\xff', 2.5: 'it\\'s'}" },
    { "a.all(x, x) && a.exists(i, v, v) && a.existsOne(x, x)", "a.all(x, x) && a.exists(i, v, v) && a.exists_one(x, x)" },
    { "a.map(x, x > 0, x + 1).filter(y, y)", NULL },
    { "a.transformMap(k, v, k, v).transformMapEntry(k, v, {k: v}).transformList(k, v, v)", NULL },
    { "a.sortBy(e, -e.f)", NULL },
    { "cel.bind(x, a, x.optMap(y, y).optFlatMap(z, z))", NULL },
    { ".a.b == [.c]", NULL },
    { "\"\"\"a\r\nb\"\"\"", "'a\\nb'" },
};

START_TEST(test_unparse)
{
    struct str text = str_from_c(unparse_row[_i].text), again;
    const char *want = unparse_row[_i].normal ? unparse_row[_i].normal : unparse_row[_i].text;
    struct cel_limits limits = { 0 };
    struct ast *root, *second;
    struct err err = { 0 };
    ck_assert_msg(parse_expression(&root, &arena, text, &limits, &err), "%s", err.text);
    ck_assert(unparse(&again, &arena, root, &err));
    ck_assert_msg(str_eq_c(again, want), "got %.*s", STR_ARG(again));
    ck_assert(parse_expression(&second, &arena, again, &limits, &err));
    ck_assert(unparse_same(root, second));
}
END_TEST

START_TEST(test_unparse_tells_trees_apart)
{
    static const char *const text[] = { "a",
                                        ".a",
                                        "a.b",
                                        "a.?b",
                                        "has(a.b)",
                                        "a[b]",
                                        "a[?b]",
                                        "[a]",
                                        "[?a]",
                                        "{a: b}",
                                        "{?a: b}",
                                        "1",
                                        "1u",
                                        "1.0",
                                        "'1'",
                                        "b'1'",
                                        "null",
                                        "-a",
                                        "!a",
                                        "a.f()",
                                        "f(a)",
                                        "a + b",
                                        "b + a",
                                        "a && b",
                                        "a || b",
                                        "a && b && c",
                                        "(a && b) && c",
                                        "a.all(x, x)",
                                        "a.exists(x, x)",
                                        "a.all(y, y)",
                                        "a.all(x, y, x)",
                                        "a.map(x, x)",
                                        "a.map(x, x, x)",
                                        "cel.bind(a, b, c)",
                                        "b.optMap(a, c)",
                                        "b.optFlatMap(a, c)" };
    struct ast *tree[COUNT(text)];
    struct cel_limits limits = { 0 };
    struct err err = { 0 };
    for (size_t i = 0; i < COUNT(text); i++)
        ck_assert_msg(parse_expression(&tree[i], &arena, str_from_c(text[i]), &limits, &err), "%s: %s", text[i], err.text);
    for (size_t i = 0; i < COUNT(text); i++)
        for (size_t k = 0; k < COUNT(text); k++)
            ck_assert_msg(unparse_same(tree[i], tree[k]) == (i == k), "%s and %s", text[i], text[k]);
}
END_TEST

/* ---- limits */

static struct str repeat(const char *before, const char *core, const char *after, size_t times)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(1 << 20);
    for (size_t i = 0; i < times; i++)
        buf_add_c(&b, before);
    buf_add_c(&b, core);
    for (size_t i = 0; i < times; i++)
        buf_add_c(&b, after);
    return str_dup(&arena, buf_str(&b));
}

static const struct {
    const char *before, *core, *after;
    size_t good, bad; /* so many times it is accepted, so many times refused */
    const char *text; /* of the refusal */
} nesting_row[] = {
    { "(", "1", ")", CEL_DEPTH_MAX - 1, CEL_DEPTH_MAX, "the expression is nested deeper than 200 levels" },
    { "[", "", "]", CEL_DEPTH_MAX - 1, CEL_DEPTH_MAX + 1, "the expression is nested deeper than 200 levels" },
    { "!(", "true", ")", CEL_DEPTH_MAX - 1, CEL_DEPTH_MAX, "the expression is nested deeper than 200 levels" },
    { "true ? 1 : ", "1", "", CEL_DEPTH_MAX - 1, CEL_DEPTH_MAX, "the expression is nested deeper than 200 levels" },
    { "1 + ", "1", "", CEL_DEPTH_MAX - 1, CEL_DEPTH_MAX, "the expression is nested deeper than 200 levels" },
    { "", "'a'", ".trim()", CEL_DEPTH_MAX - 1, CEL_DEPTH_MAX, "the expression is nested deeper than 200 levels" },
    { "true && ", "true", "", 5000, CEL_NODES_MAX, "the expression has too many parts" },
    { "", "0x", "f", 15, 17, "the integer is out of range" },
};

START_TEST(test_nesting)
{
    struct err err = { 0 };
    struct cel_program *p;
    struct cel_env env = { .limits = { .source_bytes = 1 << 20 } };
    struct str good = repeat(nesting_row[_i].before, nesting_row[_i].core, nesting_row[_i].after, nesting_row[_i].good);
    struct str bad = repeat(nesting_row[_i].before, nesting_row[_i].core, nesting_row[_i].after, nesting_row[_i].bad);
    ck_assert_msg(cel_compile(&p, &arena, good, (struct pos){ "t", 1, 1 }, &env, &err), "%s", err.text);
    struct cel_activation act = { .cost_left = CEL_COST_MAX };
    ck_assert(!value_is_error(cel_eval(p, &act, &arena)));
    ck_assert(!cel_compile(&p, &arena, bad, (struct pos){ "t", 1, 1 }, &env, &err));
    ck_assert_str_eq(err.text, nesting_row[_i].text);
}
END_TEST

START_TEST(test_too_long)
{
    struct err err = { 0 };
    struct cel_program *p;
    struct cel_env env = { 0 };
    struct str text = repeat(" ", "1", "", CEL_SOURCE_BYTES_MAX);
    ck_assert(!cel_compile(&p, &arena, text, (struct pos){ "t", 1, 1 }, &env, &err));
    ck_assert_str_eq(err.text, "the expression has 65537 bytes, more than 65536");
    ck_assert_int_eq(err.code, ERR_LIMIT);
}
END_TEST

/* Small expressions that would take for ever or fill the memory. The budget ends each of them soon. */
static const char *const hungry_row[] = {
    "lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, true)))",
    "lists.range(9999).map(a, lists.range(9999).map(b, lists.range(9999)))",
    "lists.range(9999).all(a, lists.range(9999).filter(b, 1 / 0 == 1).size() == 0 || true)",
    "cel.bind(a, 'x' + 'x', cel.bind(b, a + a + a + a + a + a + a + a, cel.bind(c, b + b + b + b + b + b + b + b, "
    "lists.range(999999).map(i, c + c + c + c + c + c + c + c))))",
    "cel.bind(a, [1, 1], cel.bind(b, [a, a, a, a], cel.bind(c, [b, b, b, b], cel.bind(d, [c, c, c, c], cel.bind(e, [d, d, d, d], "
    "cel.bind(f, [e, e, e, e], cel.bind(g, [f, f, f, f], cel.bind(h, [g, g, g, g], cel.bind(i, [h, h, h, h], cel.bind(j, [i, i, i, i], "
    "cel.bind(k, [j, j, j, j], k == [j, j, j, j])))))))))))",
    "lists.range(30000).transformMapEntry(i, v, {string(i): v}).size() + lists.range(30000).transformMapEntry(i, v, {string(i): v}).size()",
    "lists.range(100000).exists(i, i in lists.range(100000).map(j, -1 - j))",
    "cel.bind(r, lists.range(99999), r.all(a, r.filter(b, 1 / 0 == 1).size() == 0 || true))",
    "lists.range(999999).all(i, ('a' + string(i)).matches('^(a+)+' + string(i)))",
};

START_TEST(test_budget)
{
    struct value v = evaluate(str_from_c(hungry_row[_i]), NULL);
    ck_assert_msg(value_is_error(v), "it ended: %.*s", STR_ARG(value_line(v)));
    ck_assert_int_eq(v.as.error->code, VALUE_ERROR_LIMIT);
    ck_assert_uint_lt(arena.used_bytes, (size_t)256 << 20);
}
END_TEST

/* Keys are compared with all that were before them. */
START_TEST(test_budget_of_keys)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(1 << 20);
    buf_add_c(&b, "lists.range(20).all(i, {0: i");
    for (int i = 1; i < 6000; i++)
        buf_addf(&b, ", %d: i", i);
    buf_add_c(&b, "}.size() == 6000)");
    struct value v = evaluate(buf_str(&b), NULL);
    ck_assert(value_is_error(v) && v.as.error->code == VALUE_ERROR_LIMIT);
}
END_TEST

/* Ordinary checks take no memory at all. */
static const char *const frugal_row[] = {
    "pod.name in ['web', 'api'] || pod.name == ''",
    "pod.?labels.?app.orValue('') == 'web'",
    "pod.?spec.orValue({}).?nothing.orValue([]).all(x, x == 1)",
    "pod.containers.all(c, has(c.image) && c.image.startsWith('r/') && !c.?tty.orValue(false))",
    "pod.containers.exists_one(c, c.image == 'r/b') && pod.containers[?1].hasValue()",
    "pod.containers.size() > 1 ? pod.containers[1].image.matches('^r/[a-z]$') : true",
};

START_TEST(test_no_memory)
{
    struct names n;
    struct arena scratch = { 0 };
    struct cel_program *p;
    struct err err = { 0 };
    read_names(&n, STR("{\"pod\": {\"name\": \"web\", \"labels\": {\"app\": \"web\"}, \"containers\": [{\"image\": \"r/a\"}, {\"image\": "
                       "\"r/b\"}]}}"));
    struct cel_env env = { .variable = n.variable, .variable_count = n.count };
    ck_assert_msg(cel_compile(&p, &arena, str_from_c(frugal_row[_i]), (struct pos){ "t", 1, 1 }, &env, &err), "%s", err.text);
    struct cel_activation act = { .var = n.value, .cost_left = CEL_COST_MAX };
    struct value v = cel_eval(p, &act, &scratch);
    ck_assert(v.kind == VALUE_BOOL && v.as.b);
    ck_assert_uint_eq(scratch.used_bytes, 0);
    arena_release(&scratch);
}
END_TEST

/* The budget's end cannot be absorbed. */
START_TEST(test_budget_is_not_absorbed)
{
    struct value v = evaluate(STR("lists.range(999999).all(i, lists.range(9).all(k, true)) || true"), NULL);
    ck_assert(value_is_error(v) && v.as.error->code == VALUE_ERROR_LIMIT);
}
END_TEST

/* ---- schemas */

static const struct cel_schema text_schema = { .kinds = K_STRING }, bool_schema = { .kinds = K_BOOL },
                               port_schema = { .kinds = K_INT | K_STRING };
static const struct cel_schema labels_schema = { .kinds = K_MAP, .held = &text_schema };
static const struct cel_schema_field container_field[] = {
    { STR_INIT("image"), &text_schema, NULL },
    { STR_INIT("name"), &text_schema, NULL },
    { STR_INIT("port"), &port_schema, NULL },
    { STR_INIT("tty"), &bool_schema, NULL },
};
static const struct cel_schema container_schema = { .kinds = K_MAP, .field = container_field, .field_count = COUNT(container_field) };
static const struct cel_schema containers_schema = { .kinds = K_LIST, .held = &container_schema };
static const struct cel_schema_field pod_field[] = {
    { STR_INIT("containers"), &containers_schema, NULL },
    { STR_INIT("initContainers"), &containers_schema, NULL },
    { STR_INIT("labels"), &labels_schema, NULL },
    { STR_INIT("status"), NULL, NULL },
};
static const struct cel_schema pod_schema = { .kinds = K_MAP, .field = pod_field, .field_count = COUNT(pod_field) };

static const struct {
    const char *text, *fault; /* NULL: none */
} schema_row[] = {
    { "pod.containers.all(c, c.image != '')", NULL },
    { "pod.contaners.all(c, true)", "no field \"contaners\"; did you mean \"containers\"?" },
    { "pod.containers.all(c, c.imag != '')", "no field \"imag\"; did you mean \"image\"?" },
    { "pod.containers[0].nmae == ''", "no field \"nmae\"; did you mean \"name\"?" },
    { "pod['containers'][0]['nmae'] == ''", "no field \"nmae\"; did you mean \"name\"?" },
    { "has(pod.xyzzy)", "no field \"xyzzy\"" },
    { "pod.?initContainers.orValue([]).exists(c, c.nam == 'a')", "no field \"nam\"; did you mean \"name\"?" },
    { "(pod.containers + pod.?initContainers.orValue([])).filter(c, c.tyy)", "no field \"tyy\"; did you mean \"tty\"?" },
    { "pod.containers.map(c, c.image).exists(i, i.size() > 3)", NULL },
    { "pod.containers.map(c, c.image).exists(i, i > 3)", "no such overload: string > int" },
    { "pod.containers.exists(c, c.tty == 'yes')", "bool is never equal to string" },
    { "pod.containers.exists(c, c.port == 'http' || c.port == 80)", NULL },
    { "pod.containers.exists(c, c.image in [1, 2])", "string is never equal to int" },
    { "pod.containers[0].image == null", NULL },
    { "pod.labels.anything.startsWith('a') && pod.labels['b'] != ''", NULL },
    { "pod.labels.anything + 1 == 2", "no such overload: string + int" },
    { "pod.labels.all(k, v, k + v != '')", NULL },
    { "pod.status.anything.at.all", NULL },
    { "pod.containers.filter(c, c.tty)[0].first", "no field \"first\"" },
    { "cel.bind(c, pod.containers[0], c.image && true)", "expected a bool, not string" },
    { "pod.containers.first().optMap(c, c.image).orValue('') == ''", NULL },
    { "pod.containers.first().optMap(c, c.img).orValue('') == ''", "no field \"img\"" },
    { "pod.containers.sortBy(c, c.name).map(c, c.nam)", "no field \"nam\"; did you mean \"name\"?" },
    { "pod.containers.transformMap(i, c, c.tty ? c.name : 'x').exists(k, k == 0)", NULL },
    { "pod.?containers[?0].?image.orValue('x') == 'x'", NULL },
    { "pod.?containers[?0].?imae.orValue('x') == 'x'", "no field \"imae\"; did you mean \"image\"?" },
    { "(pod.containers.size() > 0 ? pod.containers[0] : {}).imag == ''", "no field \"imag\"; did you mean \"image\"?" },
    { "dyn(pod).anything", NULL },
};

START_TEST(test_schema)
{
    const struct cel_variable variable = { .name = STR("pod"), .schema = &pod_schema };
    struct cel_env env = { .variable = &variable, .variable_count = 1 };
    struct cel_program *p;
    struct err err = { 0 };
    bool ok = cel_compile(&p, &arena, str_from_c(schema_row[_i].text), (struct pos){ "t", 1, 1 }, &env, &err);
    ck_assert_str_eq(ok ? "" : err.text, schema_row[_i].fault ? schema_row[_i].fault : "");
}
END_TEST

static const struct {
    const char *text;
    unsigned kinds;
} result_row[] = {
    { "1 + 1", K_INT },
    { "x", K_ANY },
    { "x ? 1 : 'a'", K_INT | K_STRING },
    { "x == 1 && x.y", K_BOOL },
    { "x.map(e, e)", K_LIST },
    { "[1, 2].max()", K_INT },
    { "x.?a", K_OPTIONAL },
    { "[1].first().orValue(2.0)", K_INT | K_DOUBLE },
    { "'a' + x", K_STRING },
    { "x + [1]", K_LIST },
    { "x.reverse()", K_LIST | K_STRING },
    { "{'a': [true]}.a[0]", K_BOOL },
    { "dyn(1)", K_ANY },
};

START_TEST(test_result_kinds)
{
    const struct cel_variable variable = { .name = STR("x") };
    struct cel_env env = { .variable = &variable, .variable_count = 1 };
    struct cel_program *p;
    struct err err = { 0 };
    ck_assert_msg(cel_compile(&p, &arena, str_from_c(result_row[_i].text), (struct pos){ "t", 1, 1 }, &env, &err), "%s", err.text);
    ck_assert_uint_eq(cel_result(p)->kinds, result_row[_i].kinds);
}
END_TEST

/* ---- the host's side */

static struct value twice(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    ck_assert_uint_eq(arg_count, 1);
    ck_assert_str_eq(call->host, "host");
    if (arg[0].kind != VALUE_INT)
        return lib_error(call, "twice() takes a whole number");
    return value_int(2 * arg[0].as.i);
}

struct lazy {
    unsigned asked;
};

static bool resolve(void *ctx, uint32_t slot, struct value *out, struct arena *scratch)
{
    struct lazy *l = ctx;
    (void)scratch;
    if (slot != 1)
        return false;
    l->asked++;
    *out = value_int(21);
    return true;
}

static const struct {
    const char *text, *want;
    unsigned asked; /* how often the lazy variable was wanted */
} host_row[] = {
    { "twice(plain)", "14", 0 },
    { "plain.twice() + lazy.value", "35", 1 },
    { "plain == 7 || lazy.value == 0", "true", 0 },
    { "twice('a')", "error at 0: twice() takes a whole number", 0 },
    { "plain > 0 ? plain : lazy.value", "7", 0 },
    { "missing == 1", "error at 4294967295: it is not there", 0 },
    { "missing == 1 || true", "true", 0 },
    { "1 / 0 == 1 || missing == 1", "error at 4294967295: it is not there", 0 },
    { "missing == 1 || 1 / 0 == 1", "error at 4294967295: it is not there", 0 },
    { "!(missing == 1 && plain == 7)", "error at 4294967295: it is not there", 0 },
    { "missing == 1 && plain == 8", "false", 0 },
    { "has(missing.a)", "error at 4294967295: it is not there", 0 },
    { "missing.?a.orValue(1)", "error at 4294967295: it is not there", 0 },
    { "missing[0]", "error at 4294967295: it is not there", 0 },
    { "missing.all(x, true)", "error at 4294967295: it is not there", 0 },
    { "[1, 2].all(x, missing)", "error at 4294967295: it is not there", 0 },
    { "[1, 2].exists(x, x == 2 || missing)", "true", 0 },
    { "[missing].size()", "error at 4294967295: it is not there", 0 },
    /* holes: a list with a part that is missing */
    { "holes == [1, 2]", "error at 4294967295: it is not there", 0 },
    { "holes == [3, 2]", "false", 0 },
    { "holes != [1, 2]", "error at 4294967295: it is not there", 0 },
    { "holes.size() == 2", "true", 0 },
    { "1 in holes", "true", 0 },
    { "2 in holes", "error at 4294967295: it is not there", 0 },
    { "!(2 in holes)", "error at 4294967295: it is not there", 0 },
    { "{'a': holes} == {'a': [1, 2]}", "error at 4294967295: it is not there", 0 },
    { "{'a': holes} == {'b': [1, 2]}", "false", 0 },
    { "holes.all(x, x > 0)", "error at 4294967295: it is not there", 0 },
    { "holes.exists(x, x == 1)", "true", 0 },
    { "holes.filter(x, x != 1)", "error at 4294967295: it is not there", 0 },
    { "holes.map(x, 1)", "[1, 1]", 0 },
};

START_TEST(test_host)
{
    static const struct cel_host_function function[] = { { .name = "twice", .arg_count = 1, .fn = twice },
                                                         { .name = "twice", .member = true, .arg_count = 1, .fn = twice } };
    static const struct cel_variable variable[] = {
        { .name = STR_INIT("plain") }, { .name = STR_INIT("lazy.value") }, { .name = STR_INIT("missing") }, { .name = STR_INIT("holes") }
    };
    struct value missing = value_error(&arena, VALUE_ERROR_UNAVAILABLE, UINT32_MAX, "it is not there");
    struct value hole[] = { value_int(1), missing };
    struct value var[] = { value_int(7), value_null(), missing, value_list(hole, 2) };
    struct cel_env env = { .variable = variable, .variable_count = 4, .function = function, .function_count = 2 };
    struct lazy l = { 0 };
    char host[] = "host";
    struct cel_activation act = { .var = var, .resolve = resolve, .ctx = &l, .host = host, .cost_left = CEL_COST_MAX };
    struct cel_program *p;
    struct err err = { 0 };
    ck_assert_msg(cel_compile(&p, &arena, str_from_c(host_row[_i].text), (struct pos){ "t", 1, 1 }, &env, &err), "%s", err.text);
    struct str got = value_line(cel_eval(p, &act, &arena));
    ck_assert_msg(str_eq_c(got, host_row[_i].want), "got %.*s", STR_ARG(got));
    ck_assert_uint_eq(l.asked, host_row[_i].asked);
}
END_TEST

START_TEST(test_used_variables)
{
    static const struct cel_variable variable[] = { { .name = STR_INIT("a") }, { .name = STR_INIT("b") }, { .name = STR_INIT("b.c") } };
    struct cel_env env = { .variable = variable, .variable_count = 3 };
    bool used[3] = { 0 };
    struct cel_program *p;
    struct err err = { 0 };
    ck_assert(cel_compile(&p, &arena, STR("[1].all(a, a > 0) || b.c.d == {'x': b.c}.x"), (struct pos){ "t", 1, 1 }, &env, &err));
    cel_used_variables(p, used);
    ck_assert(!used[0] && !used[1] && used[2]);
}
END_TEST

/* Errors point into the file that holds the expression. */
START_TEST(test_place_in_file)
{
    struct cel_env env = { 0 };
    struct cel_program *p;
    struct err err = { 0 };
    ck_assert(!cel_compile(&p, &arena, STR("1 + nope"), (struct pos){ "b.yaml", 12, 9 }, &env, &err));
    ck_assert_str_eq(err.pos.file, "b.yaml");
    ck_assert_uint_eq(err.pos.line, 12);
    ck_assert_uint_eq(err.pos.column, 13);
    err = (struct err){ 0 };
    ck_assert(!cel_compile(&p, &arena, STR("1 +\n  nope"), (struct pos){ "b.yaml", 12, 9 }, &env, &err));
    ck_assert_uint_eq(err.pos.line, 13);
    ck_assert_uint_eq(err.pos.column, 3);
}
END_TEST

START_TEST(test_explain)
{
    static const struct {
        const char *part, *value;
    } want[] = {
        { "(a.b > 1) && a.c.all(x, x != 3)", "false" },
        { "a.c.all(x, x != 3)", "false" },
        { "x != 3", "false" },
        { "x", "3" },
        { "a.c", "[2, 3, 4]" },
        { "(a.b > 1)", "true" },
        { "a.b", "2" },
        { "a", "{'b': 2, 'c': [2, 3, 4]}" },
    };
    struct names n;
    struct cel_program *p;
    struct cel_explained row[16];
    struct err err = { 0 };
    read_names(&n, STR("{\"a\": {\"b\": 2, \"c\": [2, 3, 4]}}"));
    struct cel_env env = { .variable = n.variable, .variable_count = n.count };
    struct str source = str_from_c(want[0].part);
    ck_assert(cel_compile(&p, &arena, source, (struct pos){ "t", 1, 1 }, &env, &err));
    struct cel_activation act = { .var = n.value, .cost_left = CEL_COST_MAX };
    size_t count = cel_explain(p, &act, &arena, row, COUNT(row));
    for (size_t i = 0; i < COUNT(want); i++) {
        bool found = false;
        for (size_t k = 0; k < count; k++)
            found |= str_eq_c(str_sub(source, row[k].offset, row[k].offset + row[k].length), want[i].part) &&
                     str_eq_c(cel_value_text(&arena, row[k].value, 100), want[i].value);
        ck_assert_msg(found, "%s is not shown to be %s", want[i].part, want[i].value);
    }
    ck_assert(row[0].offset == 0 && row[0].length == source.n);
    ck_assert_uint_eq(cel_explain(p, &act, &arena, row, 2), count);
}
END_TEST

START_TEST(test_value_text_cut)
{
    struct value v = value_cstr("\xc3\xbc\xc3\xbc\xc3\xbc");
    for (size_t limit = 0; limit < 10; limit++) {
        struct str s = cel_value_text(&arena, v, limit);
        ck_assert(str_is_utf8(s));
        ck_assert_uint_le(s.n, limit + 3);
        ck_assert(limit >= 8 ? str_eq_c(s, "'\xc3\xbc\xc3\xbc\xc3\xbc'") : str_has_suffix(s, STR("...")));
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cel");
    TCase *t = tcase_create("cel");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_files);
    tcase_add_loop_test(t, test_row_example, 0, (int)overload_count);
    tcase_add_loop_test(t, test_difference, 0, (int)cel_difference_count);
    tcase_add_test(t, test_rows_together);
    tcase_add_loop_test(t, test_unparse, 0, COUNT(unparse_row));
    tcase_add_test(t, test_unparse_tells_trees_apart);
    tcase_add_loop_test(t, test_nesting, 0, COUNT(nesting_row));
    tcase_add_test(t, test_too_long);
    tcase_add_loop_test(t, test_budget, 0, COUNT(hungry_row));
    tcase_add_test(t, test_budget_of_keys);
    tcase_add_loop_test(t, test_no_memory, 0, COUNT(frugal_row));
    tcase_add_test(t, test_budget_is_not_absorbed);
    tcase_add_loop_test(t, test_schema, 0, COUNT(schema_row));
    tcase_add_loop_test(t, test_result_kinds, 0, COUNT(result_row));
    tcase_add_loop_test(t, test_host, 0, COUNT(host_row));
    tcase_add_test(t, test_used_variables);
    tcase_add_test(t, test_place_in_file);
    tcase_add_test(t, test_explain);
    tcase_add_test(t, test_value_text_cut);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
