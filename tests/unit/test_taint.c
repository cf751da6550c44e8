/* Taint by origin: through every function of the language, over every expression of the shipped benchmarks, and what is a secret at all. */
#include "analyze/control_plane/component.h"
#include "base/file.h"
#include "cel/overload.h"
#include "cluster/project.h"
#include "cluster/redact.h"
#include "planted.h"
#include "unit/from_yaml.h"

#include <dirent.h>
#include <stdlib.h>

static struct arena arena;

static void teardown(void)
{
    arena_release(&arena);
}

static struct str source_dir(void)
{
    const char *given = getenv("srcdir");
    return str_from_c(given ? given : ".");
}

/* ---- every function */

/* Texts that some functions take for more than text; "7q" is in all of them. */
static const char *const text_row[] = { PLANTED,
                                        "77177",
                                        "7.71.77.71",
                                        "7.71.0.0/16",
                                        ("https://x.example/" PLANTED "?q=" PLANTED),
                                        "2077-07-17T07:17:07Z",
                                        "7717s",
                                        "7.71.77",
                                        "77177Mi",
                                        "true",
                                        "dns1123Label",
                                        ("%s" PLANTED) };
static const char *const digits_row[] = { "77177", "7.71", "77", "7717" };

static struct value argument_of(uint16_t kinds, struct value text, bool clean)
{
    struct value v = value_null(), *item = arena_array(&arena, struct value, 2);
    item[0] = text;
    item[1] = text;
    if (kinds & K_STRING)
        v = text;
    else if (kinds & K_BYTES)
        v = value_bytes(value_text(text));
    else if (kinds & K_LIST)
        v = value_list(item, 2);
    else if (kinds & K_MAP) {
        struct value_entry *e = arena_array(&arena, struct value_entry, 1);
        *e = (struct value_entry){ text, text };
        v = value_map(&arena, e, 1);
    } else if (kinds & K_OPTIONAL)
        v = value_optional(&arena, text);
    else if (kinds & K_INT)
        return value_int(0);
    else if (kinds & K_UINT)
        v = value_uint(77177);
    else if (kinds & K_DOUBLE)
        v = value_double(77177.5);
    else if (kinds & K_TIMESTAMP)
        v = value_timestamp((struct instant){ .s = 771777177 });
    else if (kinds & K_DURATION)
        v = value_duration(77177, 0);
    /* lists and maps that expressions build hold marked parts */
    return clean || (kinds & (K_LIST | K_MAP)) ? v : taint_mark(&arena, v);
}

static struct cel_program *program_of(const struct overload *o)
{
    static const struct cel_variable variable[] = {
        { STR_INIT("a0"), NULL }, { STR_INIT("a1"), NULL }, { STR_INIT("a2"), NULL }, { STR_INIT("a3"), NULL }
    };
    static const struct cel_env env = { .variable = variable, .variable_count = 4, .lenient = true };
    struct buf text CLEANUP(buf_release) = BUF_INIT(512);
    struct cel_program *p;
    struct err err = { 0 };
    size_t count = o->arg_count == OVERLOAD_VARIADIC ? 2 : o->arg_count, from = 0;
    if (o->style == OVERLOAD_OPERATOR) {
        struct str arg[] = { STR("a0"), STR("a1") };
        overload_put_call(&text, str_from_c(o->name), false, arg, count);
    } else {
        if (o->style == OVERLOAD_MEMBER)
            buf_addf(&text, "a%zu.", from++);
        buf_addf(&text, "%s(", o->name);
        for (size_t i = from; i < count; i++)
            buf_addf(&text, "%sa%zu", i > from ? ", " : "", i);
        buf_add_char(&text, ')');
    }
    ck_assert_msg(cel_compile(&p, &arena, str_dup(&arena, buf_str(&text)), (struct pos){ "t", 1, 1 }, &env, &err), "%s: %s", text.p,
                  err.text);
    return p;
}

static bool shows_digits(struct str text)
{
    for (size_t i = 0; i < sizeof digits_row / sizeof *digits_row; i++)
        if (str_contains(text, str_from_c(digits_row[i])))
            return true;
    return false;
}

/* What is made of marked values is marked, errors quote nothing, and what is evaluated is what it was. */
START_TEST(every_function_carries_the_mark)
{
    const struct overload *o = &overload[_i];
    if (o->name[0] == '@')
        return; /* nobody can write it */
    struct cel_program *p = program_of(o);
    for (size_t t = 0; t < sizeof text_row / sizeof *text_row; t++) {
        struct value text = value_cstr(text_row[t]), marked[4], clean[4];
        for (size_t i = 0; i < 4; i++) {
            uint16_t kinds = o->arg_count == OVERLOAD_VARIADIC ? o->kind[0] : i < o->arg_count ? o->kind[i] : K_STRING;
            marked[i] = argument_of(kinds, taint_mark(&arena, text), false);
            clean[i] = argument_of(kinds, text, true);
        }
        struct cel_activation one = { .var = marked, .cost_left = CEL_COST_MAX }, other = { .var = clean, .cost_left = CEL_COST_MAX };
        struct value v = cel_eval(p, &one, &arena), w = cel_eval(p, &other, &arena);
        ck_assert_msg(!value_shows_planted(&arena, v), "%.*s of \"%s\"", STR_ARG(cel_source(p)), text_row[t]);
        ck_assert_msg(v.kind == w.kind, "%.*s of \"%s\"", STR_ARG(cel_source(p)), text_row[t]);
        if (v.kind == VALUE_ERROR)
            ck_assert_msg(!shows_digits(v.as.error->text), "%.*s of \"%s\": %.*s", STR_ARG(cel_source(p)), text_row[t],
                          STR_ARG(v.as.error->text));
        else
            ck_assert_msg(value_equal(v, w) || (v.kind == VALUE_DOUBLE && v.as.d != v.as.d), "%.*s of \"%s\"", STR_ARG(cel_source(p)),
                          text_row[t]);
        bool measure = str_contains(str_from_c(o->name), STR("size")) || str_contains(str_from_c(o->name), STR("ndexOf"));
        bool content = v.kind == VALUE_STRING || v.kind == VALUE_BYTES || v.kind == VALUE_OPAQUE || v.kind == VALUE_TIMESTAMP ||
                       v.kind == VALUE_DURATION || v.kind == VALUE_UINT || v.kind == VALUE_DOUBLE;
        bool any = false;
        for (size_t i = 0; i < (o->arg_count == OVERLOAD_VARIADIC ? 2 : o->arg_count); i++)
            any |= taint_within(marked[i]);
        if (content && any && !measure)
            ck_assert_msg(taint_is(v), "%.*s of \"%s\" lost the mark", STR_ARG(cel_source(p)), text_row[t]);
    }
}
END_TEST

/* ---- expressions */

static const struct {
    const char *text, *want;
} expression_row[] = {
    { "t", "(string of 9 bytes)" },
    { "[t, 'a']", "[(string of 9 bytes), 'a']" },
    { "{'a': t}", "{'a': (string of 9 bytes)}" },
    { "{t: 1}", "(map of 1)" },
    { "l", "(list of 2)" },
    { "l[0]", "(string of 9 bytes)" },
    { "l[?0]", "optional.of((string of 9 bytes))" },
    { "l.map(x, x)[1]", "(string of 9 bytes)" },
    { "l.filter(x, x != '')", "[(string of 9 bytes), (string of 9 bytes)]" },
    { "l.map(x, x + 'a')[0]", "(string of 10 bytes)" },
    { "['a', t].join('-')", "(string of 11 bytes)" },
    { "'%s'.format([[['a', t]]])", "(string of 16 bytes)" },
    { "m.k", "(string of 9 bytes)" },
    { "m.transformList(k, v, k + v)", "[(string of 10 bytes)]" },
    { "m.map(k, k)", "[(string of 1 byte)]" },
    { "cel.bind(x, t, x + x)", "(string of 18 bytes)" },
    { "optional.of(t).orValue('')", "(string of 9 bytes)" },
    { "optional.of('a').optMap(x, x + t)", "optional.of((string of 10 bytes))" },
    { "true ? t : ''", "(string of 9 bytes)" },
    { "t == 'a'", "false" },
    { "t.contains('7')", "true" },
    { "size(t)", "9" },
    { "type(t)", "string" },
    { "has(m.k)", "true" },
    { "'a' + 'b'", "'ab'" },
    { "n + 1", "(int)" },
    { "string(n)", "(string of 5 bytes)" },
    { "duration(string(n) + 's')", "(duration)" },
    { "{'a': 1}[t]", "error: no such key: (string of 9 bytes)" },
    { "int(t)", "error: int cannot take this value, which is not quoted" },
    { "'a'.matches(t + '(')", "error: matches cannot take this value, which is not quoted" },
    { "sets.contains(missing, ['b'])", "error: gone" },
    { "missing.indexOf('b')", "error: gone" },
    { "'b' in missing", "error: gone" },
    { "missing == ['a', 'b']", "error: gone" },
    { "size(missing)", "2" },
};

START_TEST(expressions_show_type_and_size)
{
    static const struct cel_variable variable[] = {
        { STR_INIT("t"), NULL }, { STR_INIT("l"), NULL }, { STR_INIT("m"), NULL }, { STR_INIT("n"), NULL }, { STR_INIT("missing"), NULL }
    };
    static const struct cel_env env = { .variable = variable, .variable_count = 5 };
    struct value item[] = { value_cstr(PLANTED), value_cstr(PLANTED) },
                 gone[] = { value_cstr("a"), value_error(&arena, VALUE_ERROR_UNAVAILABLE, UINT32_MAX, "gone") };
    struct value_entry entry = { value_cstr("k"), value_cstr(PLANTED) };
    struct value var[] = { taint_mark(&arena, item[0]), taint_mark(&arena, value_list(item, 2)),
                           taint_mark(&arena, value_map(&arena, &entry, 1)), taint_mark(&arena, value_int(77177)), value_list(gone, 2) };
    struct cel_activation act = { .var = var, .cost_left = CEL_COST_MAX };
    struct cel_program *p;
    struct err err = { 0 };
    ck_assert_msg(cel_compile(&p, &arena, str_from_c(expression_row[_i].text), (struct pos){ "t", 1, 1 }, &env, &err), "%s", err.text);
    struct value v = cel_eval(p, &act, &arena);
    struct str got = cel_value_text(&arena, v, 1000);
    ck_assert_msg(str_eq_c(got, expression_row[_i].want), "%s: %.*s", expression_row[_i].text, STR_ARG(got));
    ck_assert(!value_shows_planted(&arena, v));
}
END_TEST

/* ---- every expression of the shipped benchmarks, over the recorded objects */

struct showing {
    const struct benchmark *b;
    const struct check_part *part;
    struct value object, params, *slot;
    uint8_t *state;
    struct cel_activation act;
};

static bool resolve(void *ctx, uint32_t slot, struct value *out, struct arena *scratch)
{
    struct showing *s = ctx;
    if (slot == SLOT_OBJECT || slot == SLOT_NAMESPACE_OBJECT)
        *out = s->object;
    else if (slot == SLOT_PARAMS)
        *out = s->params;
    else if (slot < SLOT_FIXED_COUNT + fact_count)
        *out = value_error(scratch, VALUE_ERROR_UNAVAILABLE, UINT32_MAX, "no fact is known here");
    else {
        size_t at = slot - SLOT_FIXED_COUNT - fact_count;
        const struct expression *e = at < s->b->variable_count ? &s->b->variable[at] : &s->part->variable[at - s->b->variable_count];
        *out = cel_eval(e->program, &s->act, scratch);
    }
    return true;
}

static size_t shown;

static void show(struct showing *s, const struct expression *e, struct arena *scratch)
{
    struct str part;
    if (!e->program)
        return;
    shown++;
    ck_assert_msg(!program_shows_planted(e->program, &s->act, scratch, &part), "%s:%u: %.*s shows what was planted", e->pos.file,
                  e->pos.line, STR_ARG(part));
}

static void show_part(const struct benchmark *b, const struct check_part *part, struct value params, struct value object,
                      struct arena *scratch)
{
    struct showing s = { .b = b, .part = part, .object = object, .params = params };
    s.slot = arena_array(scratch, struct value, SLOT_FIXED_COUNT + fact_count + b->variable_count + part->variable_count);
    s.act = (struct cel_activation){ .var = s.slot, .resolve = resolve, .ctx = &s };
    for (size_t i = 0; i < b->variable_count; i++)
        show(&s, &b->variable[i], scratch);
    for (size_t i = 0; i < part->variable_count; i++)
        show(&s, &part->variable[i], scratch);
    for (size_t i = 0; i < part->match_count; i++)
        show(&s, &part->match[i], scratch);
    for (size_t i = 0; i < part->except_count; i++)
        show(&s, &part->except[i], scratch);
    for (size_t i = 0; i < part->validation_count; i++) {
        show(&s, &part->validation[i].expression, scratch);
        show(&s, &part->validation[i].message_expression, scratch);
    }
    for (size_t i = 0; i < part->evidence_count; i++)
        show(&s, &part->evidence[i], scratch);
}

static struct str read_text(struct str path)
{
    struct buf text = BUF_INIT((size_t)64 << 20);
    struct err err = { 0 };
    ck_assert_msg(file_read(str_to_c(&arena, path), &text, &err), "%s", err.text);
    struct str s = str_dup(&arena, buf_str(&text));
    buf_release(&text);
    return s;
}

/* Up to this many objects of a kind: the first have all that others have. */
#define OBJECTS_MAX 12u
static struct value object_of[KIND_COUNT][OBJECTS_MAX];
static size_t object_count[KIND_COUNT];

static void read_objects(void)
{
    struct str dir = str_printf(&arena, "%.*s/tests/clusters/mix/answers", STR_ARG(source_dir()));
    DIR *d = opendir(str_to_c(&arena, dir));
    const struct dirent *e;
    ck_assert_ptr_nonnull(d);
    memset(object_count, 0, sizeof object_count); /* those of a test before went with its arena */
    shown = 0;
    while ((e = readdir(d)) != NULL) {
        struct str name = str_from_c(e->d_name);
        for (size_t k = 0; k < KIND_COUNT; k++) {
            const struct kind_info *info = kind_info((enum kind)k);
            struct value list;
            struct err err = { 0 };
            struct str end = *info->group ? str_printf(&arena, "%s-v1-%s.json", info->group, info->resource)
                                          : str_printf(&arena, "-api-v1-%s.json", info->resource);
            if (!str_has_suffix(name, end))
                continue;
            ck_assert_msg(json_doc_read(&list, &arena, read_text(str_printf(&arena, "%.*s/%s", STR_ARG(dir), e->d_name)), e->d_name, &err),
                          "%s", err.text);
            const struct value *items = value_get(list, STR("items"));
            for (uint32_t i = 0; items && i < items->n && object_count[k] < OBJECTS_MAX; i++) {
                struct value object = project_object(
                    &arena, (enum kind)k, *info->group ? str_printf(&arena, "%s/v1", info->group) : STR("v1"), value_item(*items, i));
                struct value planted = plant(&arena, object, STR(""));
                ck_assert(value_shows_planted(&arena, planted));
                object_of[k][object_count[k]++] = taint_object(&arena, planted);
            }
        }
    }
    (void)closedir(d);
}

static const char *const benchmark_row[] = { "cis-kubernetes-2.0.1", "cis-gke-1.9", "cis-openshift-1.9", "pss",
                                             "disa-stig-kubernetes", "nsa-cisa-1.2" };

START_TEST(no_expression_of_a_benchmark_shows_it)
{
    struct benchmark b;
    struct faults faults = { 0 };
    struct value params;
    struct err err = { 0 };
    char *file = str_to_c(&arena, str_printf(&arena, "%.*s/benchmarks/%s.yaml", STR_ARG(source_dir()), benchmark_row[_i]));
    read_objects();
    ck_assert(object_count[KIND_PODS] && object_count[KIND_DEPLOYMENTS] && object_count[KIND_NAMESPACES]);
    ck_assert(benchmark_load(&b, &arena, file, &faults) && benchmark_params(&b, NULL, 0, &arena, &params, &err));
    for (size_t c = 0; c < b.check_count; c++) {
        for (size_t i = 0; i < b.check[c].part_count; i++) {
            const struct check_part *part = &b.check[c].part[i];
            for (size_t k = 0; part->kind != KIND_NONE && k < object_count[part->kind]; k++) {
                struct arena scratch CLEANUP(arena_release) = { 0 };
                show_part(&b, part, params, object_of[part->kind][k], &scratch);
            }
        }
    }
    ck_assert_uint_gt(shown, 20);
}
END_TEST

/* ---- what is a secret */

START_TEST(places_are_marked_and_others_are_not)
{
    struct value v = from_yaml(
        &arena,
        "metadata: {name: x, labels: {a: b}, annotations: {k: v}}\n"
        "spec: {parameters: {a: b}, containers: [{name: c, image: i, command: [x], args: [y], env: [{name: E, value: v}, {name: F}],\n"
        "  livenessProbe: {httpGet: {path: /p, port: 1, httpHeaders: [{name: H, value: v}]}}, volumeMounts: [{name: m, mountPath: /m}]}],\n"
        "  volumes: [{name: v, csi: {driver: d, volumeAttributes: {a: b}}, flexVolume: {options: {a: b}}, hostPath: {path: /h}}], options: "
        "[o]}\n"
        "data: {a: b}\nparameters: {a: b}\n");
    struct buf text CLEANUP(buf_release) = BUF_INIT(4096);
    json_doc_write(&text, taint_object(&arena, v), 0);
    const char *want = "{\"metadata\":{\"name\":\"x\",\"labels\":{\"a\":\"b\"},\"annotations\":\"(map of "
                       "1)\"},\"spec\":{\"parameters\":{\"a\":\"b\"},\"containers\":"
                       "[{\"name\":\"c\",\"image\":\"i\",\"command\":\"(list of 1)\",\"args\":\"(list of "
                       "1)\",\"env\":[{\"name\":\"E\",\"value\":\"(string of 1 byte)\"},{\"name\":\"F\"}],"
                       "\"livenessProbe\":{\"httpGet\":{\"path\":\"(string of 2 "
                       "bytes)\",\"port\":1,\"httpHeaders\":[{\"name\":\"H\",\"value\":\"(string of 1 byte)\"}]}},"
                       "\"volumeMounts\":[{\"name\":\"m\",\"mountPath\":\"/"
                       "m\"}]}],\"volumes\":[{\"name\":\"v\",\"csi\":{\"driver\":\"d\",\"volumeAttributes\":\"(map of 1)\"},"
                       "\"flexVolume\":{\"options\":\"(map of 1)\"},\"hostPath\":{\"path\":\"/h\"}}],\"options\":[\"o\"]},\"data\":\"(map "
                       "of 1)\",\"parameters\":\"(map of 1)\"}";
    ck_assert_str_eq(text.p, want);
    ck_assert(value_equal(taint_object(&arena, v), v)); /* the mark is no part of the value */
    ck_assert(taint_is(*value_at(value_dup(&arena, taint_object(&arena, v)), "data", "a", NULL)));
}
END_TEST

START_TEST(what_a_recording_masks_is_missing)
{
    struct str mask = taint_mask(&arena, STR("secret"));
    ck_assert_msg(str_eq_c(mask, "(masked: 6 bytes)"), "%.*s", STR_ARG(mask));
    struct value v = taint_object(&arena, from_yaml(&arena, "metadata: {name: '(masked: 6 bytes)', annotations: {k: '(masked: 6 bytes)', "
                                                            "l: x}}\nspec: {args: [a, '(masked: 1 bytes)']}\n"));
    ck_assert_int_eq(value_at(v, "metadata", "annotations", "k", NULL)->as.error->code, VALUE_ERROR_UNAVAILABLE);
    ck_assert(str_eq_c(value_text_at(v, "metadata", "annotations", "l", NULL), "x"));
    /* no place of secrets */
    ck_assert(str_eq_c(value_text_at(v, "metadata", "name", NULL), "(masked: 6 bytes)"));
    ck_assert(value_item(*value_at(v, "spec", "args", NULL), 1).kind == VALUE_ERROR && taint_is(*value_at(v, "spec", "args", NULL)));
    ck_assert(!taint_is_mask(STR("(masked: x bytes)")) && !taint_is_mask(STR("(masked:  bytes)")) &&
              !taint_is_mask(STR("a (masked: 6 bytes)")) && !taint_is_mask(STR("")));
}
END_TEST

static struct str redacted(const char *yaml, bool shows_flags)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(1 << 16);
    json_doc_write(&text, redact_object(&arena, from_yaml(&arena, yaml), shows_flags), 0);
    return str_dup(&arena, buf_str(&text));
}

#define CONTAINER(rest) "spec: {containers: [{name: c, image: r/kube-apiserver:v1, " rest "}]}"
#define REDACTED(rest)  "{\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"r/kube-apiserver:v1\"," rest "}]}}"

static const struct {
    const char *yaml;
    bool shows_flags;
    const char *want;
} redact_row[] = {
    { CONTAINER("command: [kube-apiserver, --token=abc, --v=2]"), false,
      REDACTED("\"command\":[\"(masked: 14 bytes)\",\"(masked: 11 bytes)\",\"(masked: 5 bytes)\"]") },
    { CONTAINER("command: [kube-apiserver, --token=abc, --v=2]"), true,
      REDACTED("\"command\":[\"kube-apiserver\",\"--token\",\"(masked: 3 bytes)\",\"--v=2\"]") },
    { CONTAINER("command: [kube-apiserver, --token], args: [abc, --v, '2']"), true,
      REDACTED("\"command\":[\"kube-apiserver\",\"--token\"],\"args\":[\"(masked: 3 bytes)\",\"--v\",\"2\"]") },
    { CONTAINER("args: ['--etcd-servers=https://u:p@h:1']"), true, REDACTED("\"args\":[\"--etcd-servers\",\"(masked: 15 bytes)\"]") },
    { CONTAINER("args: [sh, -c, 'kube-apiserver --v=2']"), true, REDACTED("\"args\":[\"sh\",\"-c\",\"kube-apiserver --v=2\"]") },
    { CONTAINER("args: [sh, -c, 'kube-apiserver --token abc']"), true, REDACTED("\"args\":[\"sh\",\"-c\",\"(masked: 26 bytes)\"]") },
    { CONTAINER("args: [sh, -c, 'kube-apiserver --token=\"abc\"']"), true, REDACTED("\"args\":[\"sh\",\"-c\",\"(masked: 28 bytes)\"]") },
    { CONTAINER("env: [{name: ETCD_NAME, value: nn}, {name: ETCD_PASSWORD, value: p}, {name: X, value: yy}]"), true,
      REDACTED("\"env\":[{\"name\":\"ETCD_NAME\",\"value\":\"nn\"},{\"name\":\"ETCD_PASSWORD\",\"value\":\"(masked: 1 "
               "bytes)\"},{\"name\":\"X\",\"value\":\"(masked: 2 bytes)\"}]") },
    { CONTAINER("livenessProbe: {exec: {command: [a]}}, lifecycle: {preStop: {httpGet: {path: /p, httpHeaders: [{name: H, value: v}]}}}"),
      true,
      REDACTED(
          "\"livenessProbe\":{\"exec\":{\"command\":[\"(masked: 1 bytes)\"]}},\"lifecycle\":{\"preStop\":{\"httpGet\":{\"path\":\"(masked: "
          "2 bytes)\",\"httpHeaders\":[{\"name\":\"H\",\"value\":\"(masked: 1 bytes)\"}]}}}") },
    { "spec: {containers: [{name: c, image: sidecar, args: [--v=2]}]}", true,
      "{\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"sidecar\",\"args\":[\"(masked: 5 bytes)\"]}]}}" },
    { "metadata: {annotations: {note: a, seccomp.security.alpha.kubernetes.io/pod: unconfined, other: '(masked: 9 bytes)'}}", false,
      "{\"metadata\":{\"annotations\":{\"note\":\"(masked: 1 "
      "bytes)\",\"seccomp.security.alpha.kubernetes.io/pod\":\"unconfined\",\"other\":\"(masked: 9 bytes)\"}}}" },
    { "spec: {volumes: [{name: v, csi: {volumeAttributes: {a: b}}}]}", false,
      "{\"spec\":{\"volumes\":[{\"name\":\"v\",\"csi\":{\"volumeAttributes\":{\"a\":\"(masked: 1 bytes)\"}}}]}}" },
};

START_TEST(a_recording_keeps_the_shape)
{
    struct str got = redacted(redact_row[_i].yaml, redact_row[_i].shows_flags);
    ck_assert_msg(str_eq_c(got, redact_row[_i].want), "%.*s", STR_ARG(got));
}
END_TEST

/* What is replayed: the flag is an error, others are as they were; a word that may be any flag throws doubt on all. */
START_TEST(masked_flags_are_missing)
{
    static const struct {
        const char *container;
        bool doubt;
    } row[] = {
        { CONTAINER("command: [kube-apiserver, --token=abc, --anonymous-auth=false]"), false },
        { CONTAINER("command: [kube-apiserver, --token, abc, --anonymous-auth=false]"), false },
        { CONTAINER("command: [kube-apiserver, --anonymous-auth=false, '(masked: 3 bytes)', --token, '(masked: 3 bytes)']"), true },
    };
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        struct component c;
        struct value pod = taint_object(&arena, redact_object(&arena, from_yaml(&arena, row[i].container), true));
        ck_assert(component_of_manifest(&c, &arena, pod));
        const struct value *token = value_get(c.flags, STR("token")), *anonymous = value_get(c.flags, STR("anonymous-auth"));
        ck_assert(token && token->kind == VALUE_ERROR && token->as.error->code == VALUE_ERROR_UNAVAILABLE);
        ck_assert(anonymous && str_eq_c(value_text(*anonymous), "false"));
        ck_assert_msg((c.doubt.n > 0) == row[i].doubt, "%zu: %.*s", i, STR_ARG(c.doubt));
    }
}
END_TEST

static const struct {
    const char *path, *body, *want;
} answer_row[] = {
    { "/flagz", "{\"kind\":\"Flagz\",\"flags\":{\"v\":\"2\",\"some-token\":\"abc\"}}",
      "{\"kind\":\"Flagz\",\"flags\":{\"v\":\"2\",\"some-token\":\"CLASSIFIED\"}}" },
    { "/flagz", "kube-apiserver flags\nWarning: x\n\nv=2\nsome-token: abc\n",
      "kube-apiserver flags\nWarning: x\n\nv=2\nsome-token: CLASSIFIED\n" },
    { "/api/v1/namespaces/kube-system/configmaps/kube-proxy",
      "{\"data\":{\"config.conf\":\"a\",\"kubeconfig.conf\":\"b\"},\"metadata\":{\"annotations\":{\"a\":\"b\"}}}",
      "{\"data\":{\"config.conf\":\"a\",\"kubeconfig.conf\":\"(masked: 1 bytes)\"},\"metadata\":{\"annotations\":{\"a\":\"(masked: 1 "
      "bytes)\"}}}" },
    { "/api/v1/namespaces/shop/configmaps/limits", "{\"data\":{\"most\":\"3\"},\"binaryData\":{\"a\":\"b\"}}",
      "{\"data\":{\"most\":\"3\"},\"binaryData\":{\"a\":\"(masked: 1 bytes)\"}}" },
    { "/version", "{\"major\":  \"1\"}", "{\"major\":  \"1\"}" },
    { "/readyz?verbose", "[+]ping ok\n", "[+]ping ok\n" },
    { "/broken", "{\"a\":", "{\"a\":" },
};

START_TEST(answers_of_one_document)
{
    struct str got = redact_answer(&arena, str_from_c(answer_row[_i].path), str_from_c(answer_row[_i].body));
    ck_assert_msg(str_eq_c(got, answer_row[_i].want), "%.*s", STR_ARG(got));
}
END_TEST

static const struct {
    const char *name, *value;
    bool secret;
} flag_row[] = {
    { "token", "abcdef", true },
    { "oidc-client-secret", "x", true },
    { "etcd-password", "p", true },
    { "api-key", "k", true },
    { "some_secret", "p", true },
    { "token-auth-file", "/etc/tokens.csv", false },
    { "tls-private-key-file", "/etc/k8s/pki/apiserver.key", false },
    { "kubelet-client-key", "/etc/kubernetes/pki/k.key", false },
    { "kubelet-client-key", "MIIEvQIBADANBg", true },
    { "enable-bootstrap-token-auth", "true", false },
    { "service-account-max-token-expiration", "1h", false },
    { "authentication-token-webhook-cache-ttl", "2m", false },
    { "concurrent-serviceaccount-token-syncs", "5", false },
    { "service-account-issuer", "https://kubernetes.default.svc", false },
    { "etcd-servers", "https://user:pass@10.0.0.1:2379", true },
    { "etcd-servers", "https://10.0.0.1:2379", false },
    { "anything", "Bearer abc", true },
    { "dsn", "host=a password=b", true },
    { "hook", "https://x/y?sig=abc", true },
    { "authorization-mode", "Node,RBAC", false },
    { "token", "", false },
    { "monkey", "x", false },
    { "v", "2", false },
};

START_TEST(flags_that_are_secrets)
{
    bool got = taint_flag_is_secret(str_from_c(flag_row[_i].name), str_from_c(flag_row[_i].value));
    ck_assert_msg(got == flag_row[_i].secret, "--%s=%s", flag_row[_i].name, flag_row[_i].value);
}
END_TEST

static const struct {
    const char *key, *value;
    bool plain;
} annotation_row[] = {
    { "eks.amazonaws.com/role-arn", "arn:aws:iam::123456789012:role/shop", true },
    { "eks.amazonaws.com/role-arn", "hunter2", false },
    { "iam.gke.io/gcp-service-account", "a@b.iam.gserviceaccount.com", true },
    { "iam.gke.io/gcp-service-account", "a b@c.iam.gserviceaccount.com", false },
    { "container.apparmor.security.beta.kubernetes.io/web", "unconfined", true },
    { "container.apparmor.security.beta.kubernetes.io/web", "localhost/x", false },
    { "note", "unconfined", false },
};

START_TEST(annotations_that_are_plain)
{
    bool got = taint_annotation_is_plain(str_from_c(annotation_row[_i].key), str_from_c(annotation_row[_i].value));
    ck_assert_msg(got == annotation_row[_i].plain, "%s: %s", annotation_row[_i].key, annotation_row[_i].value);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("taint");
    TCase *t = tcase_create("taint");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, every_function_carries_the_mark, 0, (int)overload_count);
    tcase_add_loop_test(t, expressions_show_type_and_size, 0, (int)COUNT_OF(expression_row));
    tcase_add_loop_test(t, no_expression_of_a_benchmark_shows_it, 0, (int)COUNT_OF(benchmark_row));
    tcase_add_test(t, places_are_marked_and_others_are_not);
    tcase_add_test(t, what_a_recording_masks_is_missing);
    tcase_add_loop_test(t, a_recording_keeps_the_shape, 0, (int)COUNT_OF(redact_row));
    tcase_add_loop_test(t, answers_of_one_document, 0, (int)COUNT_OF(answer_row));
    tcase_add_test(t, masked_flags_are_missing);
    tcase_add_loop_test(t, flags_that_are_secrets, 0, (int)COUNT_OF(flag_row));
    tcase_add_loop_test(t, annotations_that_are_plain, 0, (int)COUNT_OF(annotation_row));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
