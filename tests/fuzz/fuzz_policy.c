/* Policies that anybody may write, or a hostile server may send: read, compiled, matched and evaluated, never a crash. */
#include "bench/policy_benchmark.h"
#include "vap/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A pod with little in it, as a create of it. */
static void make_object(struct policy_object *o, struct arena *a)
{
    struct value_builder meta, object;
    value_builder_init(&meta, a);
    value_builder_set(&meta, "name", value_cstr("p"));
    value_builder_set(&meta, "namespace", value_cstr("n"));
    value_builder_init(&object, a);
    value_builder_set(&object, "apiVersion", value_cstr("v1"));
    value_builder_set(&object, "kind", value_cstr("Pod"));
    value_builder_set(&object, "metadata", value_builder_map(&meta));
    *o = (struct policy_object){ .object = value_builder_map(&object),
                                 .version = STR("v1"),
                                 .resource = STR("pods"),
                                 .kind = STR("Pod"),
                                 .name = STR("p"),
                                 .ns = STR("n"),
                                 .namespaced = true };
    o->namespace_object = o->object;
}

static void evaluate(const struct policy *p, const struct policy_object *o, struct arena *a)
{
    struct policy_run run;
    struct str why = { 0 };
    if (policy_matches(&p->constraints, o, a, &why) == POLICY_MATCH_UNKNOWN && !why.n)
        __builtin_trap(); /* unknown without a reason */
    policy_run_open(&run, p, o, value_null(), a);
    (void)policy_run_conditions(&run);
    for (size_t i = 0; i < p->validation_count; i++) {
        struct policy_decision d = policy_run_validation(&run, i);
        if (d.outcome != POLICY_ADMITS && !d.message.n)
            __builtin_trap(); /* refused without a word */
    }
    (void)policy_run_annotations(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct faults faults = { 0 };
    struct policies set = { 0 };
    struct benchmark b;
    struct policy_object o;
    if (!policies_parse(&set, &a, (struct str){ (const char *)data, size }, "fuzz.yaml", &faults)) {
        if (!faults.item.count)
            __builtin_trap(); /* refused without a reason */
    } else if (policies_link(&set, &a, &faults)) {
        make_object(&o, &a);
        policies_benchmark(&b, &a, &set, false);
        for (size_t i = 0; i < set.policy.count; i++)
            evaluate(set.policy.item[i], &o, &a);
        if (!policies_check_types(&set, &a, &faults) && !faults.item.count)
            __builtin_trap(); /* at fault without a reason */
    }
    arena_release(&a);
    return 0;
}
