/* What kube-bench's own tests say a test means, put to our parsers and our language: each row becomes the expression that a check
 * here would have, over the flags, configuration file, environment or file mode that the row's command prints. */
#include "cases/cases.h"

#include "analyze/control_plane/component.h"
#include "audit/audit.h"
#include "cluster/manifests.h"
#include "cluster/node_facts_read.h"
#include "value/yaml.h"

/* What comes of a row here. Only HOLDS is a PASS. */
enum outcome {
    OUTCOME_HOLDS,
    OUTCOME_HOLDS_NOT,
    OUTCOME_UNKNOWN, /* there is nothing that could be compared */
    OUTCOME_REFUSED, /* the expression is refused when it is loaded, before anything is judged */
    OUTCOME_MANUAL,
    OUTCOME_UNSELECTED,
    OUTCOME_COUNT
};
static const char *const outcome_name[] = { "pass", "fail", "unknown", "refused", "manual", "not selected" };

/* ---- what the row's commands print */

struct shown {
    struct value flags, config, environ, modes;
};

/* The text that "echo ..." or "printf ..." prints; of other commands nothing, as no file of theirs is here. */
static struct str printed(struct str command)
{
    struct str program, rest;
    if (!str_cut(command, ' ', &program, &rest) || !(str_eq_c(program, "echo") || str_eq_c(program, "printf")))
        return STR("");
    rest = str_trim(rest);
    if (rest.n >= 2 && (rest.p[0] == '\'' || rest.p[0] == '"') && rest.p[rest.n - 1] == rest.p[0])
        rest = str_sub(rest, 1, rest.n - 1);
    return rest;
}

static size_t words(struct str text, struct str *out, size_t cap)
{
    size_t n = 0, at = 0;
    while (at < text.n && n < cap) {
        size_t from = at;
        while (at < text.n && text.p[at] != ' ' && text.p[at] != '\n')
            at++;
        if (at > from)
            out[n++] = str_sub(text, from, at);
        at++;
    }
    return n;
}

/* kube-bench finds a flag's name anywhere in the output, and its tests leave the dashes out where nothing else is printed. */
static struct value flags_of(struct arena *a, struct str line)
{
    struct str arg[64];
    bool dashed = false;
    size_t n = words(line, arg, sizeof arg / sizeof *arg);
    for (size_t i = 0; i < n; i++)
        dashed = dashed || str_has_prefix(arg[i], STR("-"));
    for (size_t i = 0; i < n && !dashed; i++)
        arg[i] = str_printf(a, "--%.*s", STR_ARG(arg[i]));
    return component_flags(a, arg, n);
}

static struct value environ_of(struct arena *a, struct str text)
{
    struct value_builder b;
    struct str word[64], name, val;
    size_t n = words(text, word, sizeof word / sizeof *word);
    value_builder_init(&b, a);
    for (size_t i = 0; i < n; i++)
        if (str_cut(word[i], '=', &name, &val))
            value_builder_put(&b, value_str(name), value_str(val));
    return value_builder_map(&b);
}

static struct value config_of(struct arena *a, struct str text)
{
    struct node *doc;
    size_t n;
    struct err err = { 0 };
    struct value v = value_null();
    if (!yaml_read(&doc, &n, a, text, "config", &err))
        fprintf(stderr, "%s\n", err.text);
    else if (n)
        v = node_value(a, &doc[0]);
    return v.kind == VALUE_MAP ? v : value_map(a, NULL, 0);
}

/* The modes that stat(1) prints, as kubevouch node-facts tells them: what is no mode is refused there. */
static struct value modes_of(struct arena *a, struct str text)
{
    struct value_builder b;
    struct str word[64], name, mode;
    size_t n = words(text, word, sizeof word / sizeof *word);
    value_builder_init(&b, a);
    for (size_t i = 0; i < n; i++) {
        struct node_facts f;
        struct err err = { 0 };
        if (!str_cut(word[i], '=', &name, &mode) || !str_eq_c(name, "permissions"))
            continue;
        struct str doc = str_printf(
            a,
            "kind: NodeFacts\nschemaVersion: 1\nnodeName: node-1\ncollectedAt: '2026-12-31T00:00:00Z'\ntoolVersion: t\nroot: /\n"
            "mounts: []\nprocessesVisible: true\nprocesses: []\nfiles:\n- {role: cni, path: /f, platform: kubeadm, source: default, "
            "state: present, type: file, mode: '0%.*s', uid: 0, gid: 0, size: 1}\n",
            STR_ARG(mode));
        if (!node_facts_parse(&f, a, doc, "facts", &err))
            return value_error(a, VALUE_ERROR_UNAVAILABLE, 0, "%s", err.text);
        value_builder_push(&b, value_int(f.file.item[0].mode));
    }
    return value_builder_list(&b);
}

/* ---- the expression */

/* "{.a.b}" as ".?a.?b" behind what it is of. A brace that is not closed stays one, so that it is refused. */
static struct str accessor(struct arena *a, const char *of, struct str path)
{
    struct str step, out = str_printf(a, "(%s", of);
    bool closed = str_has_suffix(path, STR("}"));
    path = str_sub(path, str_has_prefix(path, STR("{.")) ? 2 : 0, closed ? path.n - 1 : path.n);
    while (str_next_field(&path, '.', &step))
        out = str_printf(a, "%.*s.?%.*s", STR_ARG(out), STR_ARG(step));
    return str_printf(a, "%.*s%s", STR_ARG(out), closed ? ")" : "");
}

/* What the test looks at, best first: the command line, the configuration file, the environment. */
static struct str looked_at(struct arena *a, struct value item)
{
    struct str flag = value_text_at(item, "Flag", NULL), path = value_text_at(item, "Path", NULL), env = value_text_at(item, "Env", NULL),
               out = { 0 };
    while (str_has_prefix(flag, STR("-")))
        flag = str_sub(flag, 1, flag.n);
    if (flag.n)
        out = str_printf(a, "flags[?'%.*s']", STR_ARG(flag));
    if (path.n)
        out = str_printf(a, out.n ? "%.*s.or(%.*s)" : "%.*s%.*s", STR_ARG(out), STR_ARG(accessor(a, "config", path)));
    if (env.n)
        out = str_printf(a, out.n ? "%.*s.or(environ[?'%.*s'])" : "%.*senviron[?'%.*s']", STR_ARG(out), STR_ARG(env));
    return out;
}

/* op of kube-bench: CEL over x, the text seen, and w, the text wanted. */
static const struct {
    const char *op, *text;
} operator_row[] = {
    { "eq", "x == w" },
    { "noteq", "x != w" },
    { "gt", "int(x) > int(w)" },
    { "gte", "int(x) >= int(w)" },
    { "lt", "int(x) < int(w)" },
    { "lte", "int(x) <= int(w)" },
    { "has", "x.contains(w)" },
    { "nothave", "!x.contains(w)" },
    { "regex", "x.matches(w)" },
    { "valid_elements", "x != '' && x.split(',').all(e, e in w.split(','))" },
    { "bitmask", "modes != [] && modes.all(m, modeWithin(m, '0' + w))" },
};

/* An operator that we do not have either goes into the expression as it stands. */
static struct str compared(struct arena *a, struct str op)
{
    for (size_t i = 0; i < sizeof operator_row / sizeof *operator_row; i++)
        if (str_eq_c(op, operator_row[i].op))
            return str_from_c(operator_row[i].text);
    return str_printf(a, "x %.*s w", STR_ARG(op));
}

static struct str literal(struct arena *a, struct str s)
{
    return str_contains(s, STR("'")) || str_contains(s, STR("\\")) ? STR("(a text that needs escapes)")
                                                                   : str_printf(a, "'%.*s'", STR_ARG(s));
}

/* x and w stand for what is seen and wanted: the language has no cel.bind, but comprehensions over one item. */
static struct str bound(struct arena *a, struct str seen, struct str wanted, struct str text)
{
    return str_printf(a, "[%.*s].exists(x, [%.*s].exists(w, %.*s))", STR_ARG(seen), STR_ARG(literal(a, wanted)), STR_ARG(text));
}

static struct str item_expression(struct arena *a, struct value item)
{
    struct str of = looked_at(a, item);
    bool set = value_bool_at(item, false, "Set", NULL);
    const struct value *op = value_at(item, "Compare", "Op", NULL);
    if (!set)
        return str_printf(a, "!%.*s.hasValue()", STR_ARG(of));
    if (!op)
        return str_printf(a, "%.*s.hasValue()", STR_ARG(of));
    struct str seen = str_printf(a, "string(%.*s.orValue(''))", STR_ARG(of));
    struct str compare = bound(a, seen, value_text_at(item, "Compare", "Value", NULL), compared(a, value_text(*op)));
    return str_printf(a, "%.*s.hasValue() && %.*s", STR_ARG(of), STR_ARG(compare));
}

static struct str tests_expression(struct arena *a, struct value tests)
{
    const struct value *items = value_at(tests, "TestItems", NULL);
    const char *op = str_eq_c(value_text_at(tests, "BinOp", NULL), "or") ? " || " : " && ";
    struct str out = { 0 };
    for (uint32_t i = 0; items && items->kind == VALUE_LIST && i < items->n; i++)
        out = str_printf(a, "%.*s%s(%.*s)", STR_ARG(out), i ? op : "", STR_ARG(item_expression(a, value_item(*items, i))));
    return out;
}

static enum outcome evaluated(struct arena *a, struct str text, const struct shown *seen, struct err *why)
{
    static const char *const name[] = { "flags", "config", "environ", "modes" };
    const struct value var[] = { seen->flags, seen->config, seen->environ, seen->modes };
    struct cel_variable variable[sizeof name / sizeof *name] = { 0 };
    struct cel_program *p;
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        variable[i].name = str_from_c(name[i]);
    struct cel_env env = { .variable = variable,
                           .variable_count = sizeof name / sizeof *name,
                           .function = facts_function,
                           .function_count = facts_function_count };
    if (!cel_compile(&p, a, text, (struct pos){ "row", 1, 1 }, &env, why))
        return OUTCOME_REFUSED;
    struct cel_activation act = { .var = var, .cost_left = CEL_COST_MAX };
    struct value v = cel_eval(p, &act, a);
    if (v.kind == VALUE_BOOL)
        return v.as.b ? OUTCOME_HOLDS : OUTCOME_HOLDS_NOT;
    (void)err_set(why, ERR_INPUT, "%.*s", STR_ARG(cel_value_text(a, v, 200)));
    return OUTCOME_UNKNOWN;
}

/* ---- where we say more than that a test does not pass */

static const struct {
    enum outcome ours;
    const char *why;
} listed[] = {
    { OUTCOME_UNKNOWN, "what is no number is not compared with one, and what is no mode is none: UNKNOWN, which is no PASS" },
    { OUTCOME_REFUSED, "an operator or a path that is none is refused when the benchmark is loaded, with its place" },
};
static size_t listed_seen[OUTCOME_COUNT];

static bool is_number(struct str s)
{
    bool ok = s.n > 0;
    for (size_t i = 0; i < s.n; i++)
        ok = ok && s.p[i] >= '0' && s.p[i] <= '9';
    return ok;
}

/* What must come of a comparison that kube-bench calls false. */
static enum outcome false_comparison(struct str op, struct str seen, struct str wanted)
{
    static const char *const ordering[] = { "gt", "gte", "lt", "lte", "bitmask" };
    bool known = false;
    for (size_t i = 0; i < sizeof operator_row / sizeof *operator_row; i++)
        known = known || str_eq_c(op, operator_row[i].op);
    if (!known)
        return OUTCOME_REFUSED;
    for (size_t i = 0; i < sizeof ordering / sizeof *ordering; i++)
        if (str_eq_c(op, ordering[i]) && !(is_number(seen) && is_number(wanted)))
            return OUTCOME_UNKNOWN;
    return OUTCOME_HOLDS_NOT;
}

static bool settle(struct value row, struct str text, enum outcome got, enum outcome want, const struct err *why)
{
    listed_seen[got]++;
    if (got != want && getenv("CASES_VERBOSE"))
        printf("%.*s: wanted %s, got %s: %.*s: %s\n", STR_ARG(value_text_at(row, "id", NULL)), outcome_name[want], outcome_name[got],
               STR_ARG(text), why->text);
    return got == want;
}

/* ---- the tables */

static bool compare_case(struct value row, struct arena *a)
{
    struct str op = value_text_at(row, "op", NULL), seen = value_text_at(row, "flag_value", NULL),
               wanted = value_text_at(row, "compare_value", NULL);
    struct err why = { 0 };
    struct str arg = str_printf(a, "--value=%.*s", STR_ARG(seen));
    struct shown shown = { .flags = component_flags(a, &arg, 1),
                           .config = value_map(a, NULL, 0),
                           .environ = value_map(a, NULL, 0),
                           .modes = modes_of(a, str_printf(a, "permissions=%.*s", STR_ARG(seen))) };
    struct str text = bound(a, STR("flags['value']"), wanted, compared(a, op));
    enum outcome want = value_bool_at(row, false, "expect", "result", NULL) ? OUTCOME_HOLDS : false_comparison(op, seen, wanted);
    return settle(row, text, evaluated(a, text, &shown, &why), want, &why);
}

static struct str joined(struct arena *a, const struct value *list)
{
    struct str out = { 0 };
    for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->n; i++)
        out = str_printf(a, "%.*s%s%.*s", STR_ARG(out), i ? "," : "", STR_ARG(value_text(value_item(*list, i))));
    return out;
}

static bool elements_case(struct value row, struct arena *a)
{
    struct err why = { 0 };
    struct str arg = str_printf(a, "--value=%.*s", STR_ARG(joined(a, value_at(row, "source_list", NULL))));
    struct shown shown = { .flags = component_flags(a, &arg, 1), .config = value_null(), .environ = value_null(), .modes = value_null() };
    struct str text = bound(a, STR("flags['value']"), joined(a, value_at(row, "valid_list", NULL)), compared(a, STR("valid_elements")));
    enum outcome want = value_bool_at(row, false, "expect", "valid", NULL) ? OUTCOME_HOLDS : OUTCOME_HOLDS_NOT;
    return settle(row, text, evaluated(a, text, &shown, &why), want, &why);
}

/* Go's structures as the row tells them, named as in the files they were read from: {"$t", "v"} is v, and first letters are small
 * where the path has them so. */
static struct value as_file(struct arena *a, struct value v, bool small)
{
    struct value_builder b;
    const struct value *inner = v.kind == VALUE_MAP && value_get(v, STR("$t")) ? value_get(v, STR("v")) : NULL;
    if (inner)
        return as_file(a, *inner, small);
    value_builder_init(&b, a);
    for (uint32_t i = 0; v.kind == VALUE_LIST && i < v.n; i++)
        value_builder_push(&b, as_file(a, value_item(v, i), small));
    for (uint32_t i = 0; v.kind == VALUE_MAP && i < v.n; i++) {
        struct str key = value_text(v.as.map->entry[i].key);
        char *name = str_to_c(a, key);
        if (small && name[0] >= 'A' && name[0] <= 'Z')
            name[0] = (char)(name[0] - 'A' + 'a');
        value_builder_put(&b, value_cstr(name), as_file(a, v.as.map->entry[i].val, small));
    }
    return v.kind == VALUE_MAP ? value_builder_map(&b) : v.kind == VALUE_LIST ? value_builder_list(&b) : v;
}

/* Some item at the path, of every list on the way ("[*]"), is what is expected. */
static struct str path_expression(struct arena *a, struct str path, struct str expected)
{
    struct str out = { 0 }, step;
    char of[16] = "config";
    size_t depth = 0;
    while (str_cut(path, '[', &step, &path)) {
        out = str_printf(a, "%.*s%.*s.orValue([]).exists(v%zu, ", STR_ARG(out),
                         STR_ARG(accessor(a, of, str_printf(a, "%.*s}", STR_ARG(step)))), depth);
        (void)snprintf(of, sizeof of, "v%zu", depth++);
        path = str_sub(path, str_has_prefix(path, STR("*].")) ? 3 : 0, path.n);
    }
    out = str_printf(a, "%.*s%.*s == optional.of(%.*s)", STR_ARG(out), STR_ARG(accessor(a, of, step)), STR_ARG(literal(a, expected)));
    while (depth--)
        out = str_printf(a, "%.*s)", STR_ARG(out));
    return out;
}

static bool path_case(struct value row, struct arena *a)
{
    const struct value *doc = value_at(row, "row", "jsonInterface", NULL);
    struct str path = value_text_at(row, "row", "jsonPath", NULL);
    struct err why = { 0 };
    bool small = path.n > 2 && path.p[2] >= 'a' && path.p[2] <= 'z', fails = value_bool_at(row, false, "row", "expectedToFail", NULL);
    if (!doc || !path.n)
        return false;
    struct shown shown = { .flags = value_null(), .config = as_file(a, *doc, small), .environ = value_null(), .modes = value_null() };
    struct str text = path_expression(a, path, value_text_at(row, "row", "expectedResult", NULL));
    enum outcome want = !fails ? OUTCOME_HOLDS : str_has_suffix(path, STR("}")) ? OUTCOME_HOLDS_NOT : OUTCOME_REFUSED;
    return settle(row, text, evaluated(a, text, &shown, &why), want, &why);
}

/* A check that somebody must answer, one that is not selected, and one whose failing is for somebody to look at: as a benchmark has
 * them. */
static enum outcome audited(struct arena *a, const char *body, bool is_selected)
{
    struct benchmark *b = arena_new(a, struct benchmark);
    struct faults faults = { 0 };
    struct cluster *cluster = arena_new(a, struct cluster);
    struct collected collected = { .cluster = cluster };
    struct client_limits limits;
    struct client client;
    struct result r = { 0 };
    struct err err = { 0 };
    struct audit_options o = { .selected = &is_selected };
    struct str text = str_printf(
        a,
        "benchmark: b\nversion: '1'\ntitle: t\nkubernetes: '1.30'\ndescription: d\nsections: [{id: '1', title: s}]\n"
        "profiles: [{id: L1, title: p, level: 1}]\nchecks:\n- {id: '1.1', section: '1', title: t, level: 1, role: r, severity: low, "
        "assessment: manual, rationale: r, remediation: m, over: cluster, %s}\n",
        body);
    cluster_init(cluster, a);
    if (!benchmark_parse(b, a, text, "row", &faults) || !benchmark_params(b, NULL, 0, a, &o.params, &err))
        return OUTCOME_REFUSED;
    struct audit *au = audit_open(a, b, cluster, &o);
    struct collect_observer observer = { .object = audit_object, .early_done = audit_early_done, .ctx = au };
    struct collect_options needs = audit_needs(au);
    client_limits_default(&limits);
    client_init(&client, manifests_of(a, NULL, 0, value_null()), a, &limits);
    if (!collect_run(&collected, &client, &needs, &observer, &err) || !audit_finish(au, NULL, 0, &r, &err))
        return OUTCOME_UNKNOWN;
    if (!r.check_count)
        return OUTCOME_UNSELECTED;
    return r.check[0].verdict == VERDICT_MANUAL ? OUTCOME_MANUAL : r.check[0].verdict == VERDICT_PASS ? OUTCOME_HOLDS : OUTCOME_HOLDS_NOT;
}

static enum outcome outcome_of_state(struct str state)
{
    return str_eq_c(state, "PASS")   ? OUTCOME_HOLDS
           : str_eq_c(state, "FAIL") ? OUTCOME_HOLDS_NOT
           : str_eq_c(state, "WARN") ? OUTCOME_MANUAL
                                     : OUTCOME_UNSELECTED;
}

static bool tests_case(struct value row, struct value check, enum outcome want, struct arena *a)
{
    const struct value *tests = value_get(check, STR("Tests"));
    bool given = str_eq_c(value_text_at(row, "table", NULL), "TestTestExecute");
    struct str audit = given ? value_text_at(row, "row", "str", NULL) : printed(value_text_at(check, "Audit", NULL));
    struct str config = given ? value_text_at(row, "row", "strConfig", NULL) : printed(value_text_at(check, "AuditConfig", NULL));
    struct err why = { 0 };
    if (!tests)
        return false;
    struct shown shown = { flags_of(a, audit), config_of(a, config), environ_of(a, printed(value_text_at(check, "AuditEnv", NULL))),
                           modes_of(a, audit) };
    struct str text = tests_expression(a, *tests);
    return settle(row, text, evaluated(a, text, &shown, &why), want, &why);
}

/* A check that is not scored fails for somebody to look at. */
static bool run_case(struct value row, struct arena *a)
{
    const struct value *check = value_at(row, "row", "check", NULL);
    struct str type = check ? value_text_at(*check, "Type", NULL) : STR("");
    enum outcome want = outcome_of_state(value_text_at(row, "row", "Expected", NULL));
    struct err why = { 0 };
    if (check && value_get(*check, STR("Tests")) && value_bool_at(*check, false, "Scored", NULL))
        return tests_case(row, *check, want, a);
    const char *body = str_eq_c(type, "manual") ? "attestation: true, questions: [Who?], validations: [{expression: 'true', message: m}]"
                                                : "validations: [{expression: 'false', message: m, otherwise: manual}]";
    return settle(row, str_from_c(body), audited(a, body, !str_eq_c(type, "skip")), want, &why);
}

/* These tables tell in words what must come: "... -> pass", "... -> fails", "... failing". */
static bool words_case(struct value row, struct arena *a)
{
    const struct value *check = value_get(row, STR("row"));
    struct str text = check ? value_text_at(*check, "Text", NULL) : STR("");
    bool passes = str_has_suffix(text, STR("-> pass"));
    if (!check || (!passes && !str_contains(text, STR("fail"))))
        return false;
    return tests_case(row, *check, passes ? OUTCOME_HOLDS : OUTCOME_HOLDS_NOT, a);
}

/* Every row of its test must pass there. */
static bool execute_case(struct value row, struct arena *a)
{
    const struct value *check = value_at(row, "row", "check", NULL);
    return check && tests_case(row, *check, OUTCOME_HOLDS, a);
}

static bool any_case(struct cases *c, struct value row, struct arena *a)
{
    static const struct {
        const char *table;
        bool (*fn)(struct value row, struct arena *a);
    } table[] = {
        { "TestCompareOp", compare_case },      { "TestAllElementsValid", elements_case },
        { "TestExecuteJSONPath", path_case },   { "TestExecuteJSONPathOnEncryptionConfig", path_case },
        { "TestCheck_Run", run_case },          { "TestCheckAuditEnv", words_case },
        { "TestCheckAuditConfig", words_case }, { "TestTestExecute", execute_case },
    };
    (void)c;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (str_eq_c(value_text_at(row, "table", NULL), table[i].table))
            return table[i].fn(row, a);
    return false;
}

int main(int argc, char **argv)
{
    struct cases c;
    if (!cases_open(&c, argc, argv))
        return 2;
    cases_run(&c, "kube-bench/semantics", any_case);
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++)
        printf("listed: %s, %zu times: %s\n", outcome_name[listed[i].ours], listed_seen[listed[i].ours], listed[i].why);
    return cases_close(&c);
}
