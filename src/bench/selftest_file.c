/* A benchmark's tests: FILE.test.yaml beside each of its files, objects with what each check must
 * say of them. */
#include "bench/selftest_file.h"

#include "base/file.h"
#include "base/names.h"
#include "value/decode.h"
#include "value/faults.h"

#define SELFTEST_BYTES_MAX ((size_t)8 << 20)

struct case_doc {
    struct str name, expect, metrics;
    struct pos pos, expect_pos, objects_pos;
    struct decode_strs findings;
    const struct node *findings_node;
    bool alone;
    struct value params, answers, objects;
    const struct node *node_facts;
};
struct check_doc {
    struct str check;
    struct pos pos;
    struct decode_list cases;
};
struct file_doc {
    struct value given;
    struct str metrics;
    struct decode_list tests;
};

static bool decode_findings(void *member, const struct node *n, struct arena *a, struct err *err)
{
    struct case_doc *c =
        (struct case_doc *)(void *)((char *)member - offsetof(struct case_doc, findings_node));
    (void)a;
    if (n->kind != NODE_LIST)
        return err_set_at(err, ERR_INPUT, n->pos,
                          "findings: expected a list of objects, like \"Pod default/p\"");
    c->findings_node = n;
    return true;
}

static const struct decode_field case_field[] = {
    DECODE_AT(STR, struct case_doc, name, "name", DECODE_REQUIRED, pos),
    DECODE_AT(STR, struct case_doc, expect, "expect", DECODE_REQUIRED, expect_pos),
    { .key = "findings",
      .type = DECODE_FN,
      .offset = offsetof(struct case_doc, findings_node),
      .fn = decode_findings },
    DECODE(BOOL, struct case_doc, alone, "alone", 0),
    DECODE(STR, struct case_doc, metrics, "metrics", 0),
    DECODE(VALUE, struct case_doc, answers, "answers", 0),
    DECODE(VALUE, struct case_doc, params, "params", 0),
    DECODE(NODE, struct case_doc, node_facts, "nodeFacts", 0),
    DECODE_AT(VALUE, struct case_doc, objects, "objects", DECODE_REQUIRED, objects_pos),
};
static const struct decode_table case_table =
    DECODE_TABLE("a case", case_field, struct case_doc, 0);
static const struct decode_field check_field[] = {
    DECODE_AT(STR, struct check_doc, check, "check", DECODE_REQUIRED, pos),
    DECODE_ITEMS(struct check_doc, cases, "cases", DECODE_REQUIRED, case_table),
};
static const struct decode_table check_table =
    DECODE_TABLE("the tests of a check", check_field, struct check_doc, 0);
static const struct decode_field file_field[] = {
    DECODE(VALUE, struct file_doc, given, "given", 0),
    DECODE(STR, struct file_doc, metrics, "metrics", 0),
    DECODE_ITEMS(struct file_doc, tests, "tests", DECODE_REQUIRED, check_table),
};
static const struct decode_table file_table =
    DECODE_TABLE("a benchmark's tests", file_field, struct file_doc, 0);

static const char *const expected[] = { "pass", "fail", "manual", "unknown", "not-applicable" };

static bool is_expected(struct str s)
{
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        if (str_eq_c(s, expected[i]))
            return true;
    return false;
}

/* Each names a path, and no other keys: a misspelt one would leave a test without its evidence. */
static bool answer_is_sound(struct value row)
{
    static const char *const key[] = { "path", "method", "status",     "anonymous",
                                       "body", "error",  "certificate" };
    if (row.kind != VALUE_MAP || !value_text_at(row, "path", NULL).n)
        return false;
    for (uint32_t i = 0; i < row.n; i++)
        if (names_find(key, COUNT_OF(key), value_text(row.as.map->entry[i].key)) < 0)
            return false;
    return true;
}

/* metrics: of the file. */
static struct value load_answers(const struct reading *r, const struct case_doc *d,
                                 struct str metrics)
{
    struct value_builder list;
    value_builder_init(&list, r->arena);
    if (d->metrics.n || d->alone)
        metrics = d->metrics;
    if (metrics.n) {
        struct value_builder b;
        value_builder_init(&b, r->arena);
        value_builder_set(&b, "path", value_cstr("/metrics"));
        value_builder_set(&b, "body", value_str(metrics));
        value_builder_push(&list, value_builder_map(&b));
    }
    if (d->answers.kind != VALUE_NULL && d->answers.kind != VALUE_LIST)
        (void)fault_at(r, d->pos,
                       "answers: expected a list of {path, method, status, anonymous, body}");
    for (uint32_t i = 0; d->answers.kind == VALUE_LIST && i < d->answers.n; i++) {
        if (!answer_is_sound(value_item(d->answers, i)))
            (void)fault_at(
                r, d->pos,
                "answers: number %u is not {path, method, status, anonymous, body} with a path",
                i + 1);
        value_builder_push(&list, value_item(d->answers, i));
    }
    return value_builder_list(&list);
}

static void load_case(const struct reading *r, struct selftest_case *c, const struct case_doc *d,
                      struct str metrics)
{
    *c = (struct selftest_case){ .name = d->name,
                                 .expect = d->expect,
                                 .pos = d->pos,
                                 .alone = d->alone,
                                 .answers = load_answers(r, d, metrics),
                                 .params = d->params,
                                 .objects = d->objects,
                                 .has_findings = d->findings_node != NULL,
                                 .node_facts = d->node_facts };
    if (d->node_facts && d->node_facts->kind != NODE_LIST)
        (void)fault_at(r, d->node_facts->pos,
                       "nodeFacts: expected a list of what kubevouch node-facts prints");
    if (d->expect_pos.line && !is_expected(d->expect))
        (void)fault_at(r, d->expect_pos,
                       "expect: \"%.*s\" is none of pass, fail, manual, unknown, not-applicable",
                       STR_ARG(d->expect));
    if (d->objects_pos.line && d->objects.kind != VALUE_LIST)
        (void)fault_at(r, d->objects_pos, "objects: expected a list of objects");
    if (!d->findings_node)
        return;
    c->finding = arena_array(r->arena, struct str, d->findings_node->child_count);
    for (size_t i = 0; i < d->findings_node->child_count; i++)
        c->finding[c->finding_count++] = d->findings_node->child[i].text;
}

static void check_params(const struct reading *r, const struct benchmark *b,
                         const struct selftest_case *c)
{
    for (uint32_t i = 0; c->params.kind == VALUE_MAP && i < c->params.n; i++) {
        struct str name = value_text(c->params.as.map->entry[i].key);
        bool known = false;
        for (size_t k = 0; k < b->param_count; k++)
            known |= str_eq(b->param[k].name, name);
        if (!known)
            (void)fault_at(r, c->pos,
                           "case \"%.*s\" sets parameter \"%.*s\", which %.*s does not have",
                           STR_ARG(c->name), STR_ARG(name), STR_ARG(b->id));
    }
}

bool check_is_tested_here(const struct check *c)
{
    return !c->inherited && !c->unanswered.n && !(c->attestation && c->like.n && !c->part_count);
}

/* A check is tested when something fails it and something does not; in the tests of its own file.
 */
static void check_coverage(const struct reading *r, const struct benchmark *b, struct str source,
                           const struct selftest_file *f)
{
    for (size_t i = 0; i < b->check_count; i++) {
        bool fails = false, holds = false, manual = false, needs_fail = false;
        struct pos place = { r->name, 1, 1 };
        const struct check *c = &b->check[i];
        if (!str_eq_c(source, c->pos.file) || !check_is_tested_here(c))
            continue;
        for (size_t p = 0; p < c->part_count; p++)
            for (size_t v = 0; v < c->part[p].validation_count; v++)
                needs_fail |= c->part[p].validation[v].otherwise == OTHERWISE_FAIL;
        for (size_t k = 0; k < f->check_count; k++) {
            if (str_eq(f->check[k].check, c->id))
                place = f->check[k].pos;
            for (size_t n = 0; str_eq(f->check[k].check, c->id) && n < f->check[k].count; n++) {
                fails |= str_eq(f->check[k].item[n].expect, STR("fail"));
                holds |= str_eq(f->check[k].item[n].expect, STR("pass"));
                manual |= str_eq(f->check[k].item[n].expect, STR("manual"));
            }
        }
        if ((needs_fail && !fails) || (!c->attestation && !holds) ||
            ((c->attestation || !needs_fail) && !manual))
            (void)fault_at(r, place, "check %.*s lacks a %s case", STR_ARG(c->id),
                           needs_fail && !fails        ? "failing"
                           : !c->attestation && !holds ? "passing"
                                                       : "manual");
    }
}

static void no_such_check(const struct reading *r, const struct benchmark *b,
                          const struct check_doc *d)
{
    const char **known = arena_array(r->arena, const char *, b->check_count);
    for (size_t i = 0; i < b->check_count; i++)
        known[i] = str_to_c(r->arena, b->check[i].id);
    (void)fault_at(r, d->pos, "no check \"%.*s\" in %.*s%.*s", STR_ARG(d->check), STR_ARG(b->id),
                   STR_ARG(fault_hint(r, known, b->check_count, d->check)));
}

bool selftest_load(struct selftest_file *out, struct arena *a, const char *path,
                   const struct benchmark *b, struct str source, struct faults *faults)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(SELFTEST_BYTES_MAX);
    struct err err = { 0 };
    struct file_doc d = { 0 };
    size_t before = faults->item.count;
    if (!file_read(path, &text, &err))
        return fault_at(&(struct reading){ .arena = a, .name = path, .faults = faults },
                        (struct pos){ 0 }, "%s: each file with checks has its tests beside it",
                        err.text);
    struct reading r = { a, str_dup(a, buf_str(&text)), path, faults };
    const struct node *doc = read_document(&r);
    if (!doc)
        return false;
    bool whole = decode_node_all(&d, &file_table, doc, a, fault_decoded, &r);
    struct selftest_file f = { .given = d.given,
                               .check = arena_array(a, struct selftest_check, d.tests.count),
                               .check_count = d.tests.count };
    const struct check_doc *c = d.tests.item;
    for (size_t i = 0; i < d.tests.count; i++) {
        f.check[i] =
            (struct selftest_check){ c[i].check, c[i].pos,
                                     arena_array(a, struct selftest_case, c[i].cases.count),
                                     c[i].cases.count };
        if (c[i].pos.line && !benchmark_find(b, c[i].check))
            no_such_check(&r, b, &c[i]);
        for (size_t k = 0; k < c[i].cases.count; k++) {
            load_case(&r, &f.check[i].item[k], &((const struct case_doc *)c[i].cases.item)[k],
                      d.metrics);
            check_params(&r, b, &f.check[i].item[k]);
        }
    }
    if (whole) /* a case that could not be read may be the one that is missing */
        check_coverage(&r, b, source, &f);
    if (faults->item.count != before)
        return false;
    *out = f;
    return true;
}
