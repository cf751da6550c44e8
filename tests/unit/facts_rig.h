/* A cluster made of YAML, its facts and rows, and values as short texts: for tests of facts. */
#ifndef KUBEVOUCH_TESTS_FACTS_RIG_H
#define KUBEVOUCH_TESTS_FACTS_RIG_H

#include "analyze/facts.h"
#include "unit/from_yaml.h"

static struct arena arena;
static struct cluster cluster;

/* A cluster of which everything was seen, and nothing is there. */
static inline void setup(void)
{
    cluster_init(&cluster, &arena);
    for (size_t k = 0; k < KIND_COUNT; k++)
        cluster.coverage[k].state = COVERAGE_COMPLETE;
    for (size_t e = 0; e < ENDPOINT_COUNT; e++)
        cluster.endpoint[e].state = COVERAGE_COMPLETE;
    cluster.minor = 35;
}

static inline void teardown(void)
{
    arena_release(&arena);
}

static inline void keep(enum kind kind, const char *yaml)
{
    *VEC_PUSH(&cluster.kept[kind], &arena) = from_yaml(&arena, yaml);
}

static inline void deny(enum kind kind)
{
    cluster.coverage[kind] =
        (struct coverage){ .state = COVERAGE_DENIED, .reason = STR("things: forbidden"), .remedy = STR("grant list on things") };
}

static inline void add_workload(enum kind kind, const char *ns, const char *name, const char *image)
{
    struct workload_row *row = VEC_PUSH(&cluster.workload, &arena);
    *row = (struct workload_row){
        .kind = kind, .ref = { .ns = str_from_c(ns), .name = str_from_c(name) }, .account = STR("agent"), .desired = -1, .ready = -1
    };
    row->image = arena_new(&arena, struct str);
    *row->image = str_from_c(image);
    row->image_count = 1;
}

static inline void add_pod(const char *ns, const char *account)
{
    cluster_count_pod(&cluster, str_from_c(ns), str_from_c(account), POD_TOKEN_BY_ACCOUNT);
}

static inline void add_apiserver(const char *name, const char *args)
{
    struct str text = str_printf(&arena,
                                 "{kind: Pod, metadata: {name: %s, namespace: kube-system, annotations: {kubernetes.io/config.mirror: x}, "
                                 "ownerReferences: [{apiVersion: v1, kind: Node, name: n1}]}, "
                                 "spec: {nodeName: n1, containers: [{name: c, command: [kube-apiserver, %s]}]}}",
                                 name, args);
    *VEC_PUSH(&cluster.component_pod, &arena) = from_yaml(&arena, str_to_c(&arena, text));
}

static inline struct facts *facts_now(void)
{
    struct facts *f = facts_open(&arena, &cluster);
    facts_complete(f);
    return f;
}

static inline struct value fact(const char *name)
{
    struct facts *f = facts_now();
    for (size_t i = 0; i < fact_count; i++) {
        if (!strcmp(fact_info[i].name, name))
            return facts_get(f, i);
    }
    ck_abort_msg("no fact %s", name);
    return value_null();
}

static inline struct value at(struct value v, const char *key)
{
    const struct value *found = value_get(v, str_from_c(key));
    ck_assert_msg(found != NULL, "no %s", key);
    return *found;
}

/* A value as a short text: what tests compare. */
static inline struct str show(struct value v)
{
    if (v.kind == VALUE_BOOL)
        return v.as.b ? STR("true") : STR("false");
    if (v.kind == VALUE_INT)
        return str_printf(&arena, "%lld", (long long)v.as.i);
    if (v.kind == VALUE_STRING)
        return value_text(v);
    if (v.kind == VALUE_ERROR)
        return v.as.error->code == VALUE_ERROR_UNAVAILABLE ? STR("unavailable") : STR("error");
    if (v.kind == VALUE_NULL)
        return STR("null");
    struct value_builder b;
    value_builder_init(&b, &arena);
    VEC(struct str) part = { 0 };
    for (uint32_t i = 0; v.kind == VALUE_LIST && i < v.n; i++)
        *VEC_PUSH(&part, &arena) = show(value_item(v, i));
    for (uint32_t i = 0; v.kind == VALUE_MAP && i < v.n; i++) {
        struct str val = show(v.as.map->entry[i].val);
        *VEC_PUSH(&part, &arena) = str_printf(&arena, "%.*s=%.*s", STR_ARG(value_text(v.as.map->entry[i].key)), STR_ARG(val));
    }
    struct str inner = str_join(&arena, part.item, part.count, STR(","));
    return str_printf(&arena, v.kind == VALUE_LIST ? "[%.*s]" : "{%.*s}", STR_ARG(inner));
}

struct rows {
    VEC(struct value) object;
    VEC(struct value) derived;
};

static inline bool take_row(void *ctx, struct value object, struct value derived, struct err *err)
{
    struct rows *rows = ctx;
    (void)err;
    *VEC_PUSH(&rows->object, &arena) = value_dup(&arena, object);
    *VEC_PUSH(&rows->derived, &arena) = value_dup(&arena, derived);
    return true;
}

static inline struct rows rows_of(struct facts *f, const char *table)
{
    struct rows rows = { 0 };
    struct err err = { 0 };
    const struct table_info *t = table_find(str_from_c(table));
    ck_assert_ptr_nonnull(t);
    ck_assert_msg(facts_walk(f, t, take_row, &rows, &err), "%s", err.text);
    return rows;
}

#endif
