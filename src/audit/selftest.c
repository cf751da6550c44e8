/* Runs a benchmark's tests: each case is a whole audit of its objects, by one check. */
#include "audit/selftest.h"

#include "audit/audit.h"
#include "cluster/kind_schema.h"
#include "cluster/manifests.h"
#include "cluster/node_facts_read.h"

/* 2027-01-01T00:00:00Z: certificates in tests never age. */
#define SELFTEST_NOW_S INT64_C(1798761600)

static struct value params_of(struct arena *a, const struct benchmark *b, struct value changed)
{
    struct value_builder m;
    value_builder_init(&m, a);
    for (size_t i = 0; i < b->param_count; i++) {
        const struct value *v = value_get(changed, b->param[i].name);
        value_builder_put(&m, value_str(b->param[i].name), v ? *v : b->param[i].def);
    }
    return value_builder_map(&m);
}

static struct transport *transport_of(struct arena *a, const struct selftest_file *f,
                                      const struct selftest_case *c)
{
    size_t given = c->alone || f->given.kind != VALUE_LIST ? 0 : f->given.n;
    struct value *all = arena_array(a, struct value, given + c->objects.n);
    for (size_t i = 0; i < given; i++)
        all[i] = value_item(f->given, i);
    for (size_t i = 0; i < c->objects.n; i++)
        all[given + i] = value_item(c->objects, i);
    return manifests_of(a, all, given + c->objects.n, c->answers);
}

static enum kubelet_way kubelet_way_of(struct value answers)
{
    for (uint32_t i = 0; answers.kind == VALUE_LIST && i < answers.n; i++) {
        struct str path = value_text_at(value_item(answers, i), "path", NULL);
        if (transport_is_kubelet(path))
            return KUBELET_DIRECT;
        if (str_has_suffix(path, STR("/proxy/configz")))
            return KUBELET_PROXY;
    }
    return KUBELET_NONE;
}

/* NULL: none are given. */
static bool node_evidence_of(struct node_evidence **out, struct arena *a,
                             const struct selftest_case *c, struct err *err)
{
    *out = NULL;
    if (!c->node_facts)
        return true;
    struct node_evidence *e = arena_new(a, struct node_evidence);
    e->node = arena_array(a, struct node_facts, c->node_facts->child_count);
    e->max_age_s = NODE_FACTS_MAX_AGE_HOURS * 3600;
    for (; e->count < c->node_facts->child_count; e->count++)
        if (!node_facts_of_node(&e->node[e->count], a, &c->node_facts->child[e->count], err))
            return false;
    *out = e;
    return true;
}

/* A case without any is of objects in files: nothing was probed. */
static bool has_probes(struct value answers)
{
    for (uint32_t i = 0; answers.kind == VALUE_LIST && i < answers.n; i++) {
        struct value row = value_item(answers, i);
        if (value_bool_at(row, false, "anonymous", NULL) ||
            str_eq_c(value_text_at(row, "method", NULL), "TLS"))
            return true;
    }
    return false;
}

bool selftest_audit(struct result *r, struct arena *a, const struct benchmark *b,
                    const struct selftest_file *f, const struct check *check,
                    const struct selftest_case *c, const struct selftest_between *between,
                    struct err *err)
{
    struct cluster *cluster = arena_new(a, struct cluster);
    struct collected collected = { .cluster = cluster };
    bool *selected = arena_array(a, bool, b->check_count);
    struct client_limits limits;
    struct client client;
    cluster_init(cluster, a);
    cluster->now.s = SELFTEST_NOW_S;
    cluster->schemas = between ? between->schemas : NULL;
    selected[check - b->check] = true;
    struct audit_options o = { .selected = selected, .params = params_of(a, b, c->params) };
    struct node_evidence *nodes;
    if (!node_evidence_of(&nodes, a, c, err))
        return false;
    o.nodes = nodes;
    if (nodes && between && between->nodes)
        between->nodes(between->ctx, nodes);
    struct audit *au = audit_open(a, b, cluster, &o);
    struct collect_observer observer = { .object = audit_object,
                                         .early_done = audit_early_done,
                                         .ctx = au };
    struct collect_options needs = audit_needs(au);
    needs.kubelets = kubelet_way_of(c->answers);
    needs.no_probes = !has_probes(c->answers);
    client_limits_default(&limits);
    struct transport *t = transport_of(a, f, c);
    client_init(&client, between && between->over ? between->over(between->ctx, a, t) : t, a,
                &limits);
    return collect_run(&collected, &client, &needs, &observer, err) &&
           audit_finish(au, NULL, 0, r, err);
}

/* "" when it is as expected. */
static struct str compare(struct arena *a, const struct result *r, const struct selftest_case *c)
{
    struct finding f;
    struct err err = { 0 };
    const struct check_result *got = &r->check[0];
    if (!str_eq_c(c->expect, verdict_name(got->verdict)))
        return str_printf(a, "expected %.*s, got %s: %.*s", STR_ARG(c->expect),
                          verdict_name(got->verdict), STR_ARG(got->reason));
    if (!c->has_findings)
        return (struct str){ 0 };
    size_t told = 0;
    for (size_t i = 0; i < r->finding_count; i++) {
        if (!result_finding(r, &f, i, a, &err))
            return str_dup(a, str_from_c(err.text));
        if (f.outcome != got->verdict)
            continue;
        struct str name = object_ref_text(a, f.object);
        bool wanted = false;
        for (size_t k = 0; k < c->finding_count; k++)
            wanted |= str_eq(name, c->finding[k]);
        if (!wanted)
            return str_printf(a, "found %.*s, which is not among the expected findings: %.*s",
                              STR_ARG(name), STR_ARG(f.message));
        told++;
    }
    return told == c->finding_count
               ? (struct str){ 0 }
               : str_printf(a, "expected %zu findings, got %zu", c->finding_count, told);
}

bool selftest_run(struct selftest_count *out, const struct benchmark *b,
                  const struct selftest_file *f, selftest_told *told, void *ctx, struct err *err)
{
    struct arena scratch CLEANUP(arena_release) = { 0 }, kept CLEANUP(arena_release) = { 0 };
    struct selftest_count n = { 0 };
    struct kind_schemas schemas;
    struct selftest_between between = { .schemas = &schemas };
    kind_schemas_open(&schemas, &kept, &kept);
    for (size_t i = 0; i < f->check_count; i++) {
        const struct check *check = benchmark_find(b, f->check[i].check);
        for (size_t k = 0; k < f->check[i].count; k++) {
            struct result r = { 0 };
            arena_reset(&scratch);
            if (!selftest_audit(&r, &scratch, b, f, check, &f->check[i].item[k], &between, err))
                return err_prefix(err, "check %.*s, case \"%.*s\"", STR_ARG(check->id),
                                  STR_ARG(f->check[i].item[k].name));
            struct str text = compare(&scratch, &r, &f->check[i].item[k]);
            if (text.n)
                told(ctx, &f->check[i], &f->check[i].item[k], text);
            n.passed += text.n == 0;
            n.failed += text.n != 0;
        }
    }
    *out = n;
    return true;
}
