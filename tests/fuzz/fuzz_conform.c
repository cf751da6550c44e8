/* Any JSON as an object of any kind: what is made of it has no null where Kubernetes' types have none, is made again of itself, and
 * a fault names its place. */
#include "cluster/conform.h"
#include "cluster/kind_schema.h"
#include "value/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_error(struct value v)
{
    bool found = v.kind == VALUE_ERROR;
    for (uint32_t i = 0; v.kind == VALUE_LIST && i < v.n && !found; i++)
        found = has_error(value_item(v, i));
    for (uint32_t i = 0; v.kind == VALUE_MAP && i < v.n && !found; i++)
        found = has_error(v.as.map->entry[i].val);
    return found;
}

static void check_flag(struct value object, const char *field)
{
    const struct value *v = value_at(object, "spec", field, NULL);
    INVARIANT(!v || v->kind == VALUE_BOOL || v->kind == VALUE_ERROR);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum kind kind[] = { KIND_PODS, KIND_CRONJOBS, KIND_NETWORKPOLICIES, KIND_ROLES, KIND_ADMISSIONPOLICIES };
    struct arena a CLEANUP(arena_release) = { 0 };
    struct kind_schemas schemas;
    struct value object;
    struct err err = { 0 };
    if (!json_read(&object, &a, str_of((const char *)data, size), NULL, NULL, 0, &err))
        return 0;
    kind_schemas_open(&schemas, &a, &a);
    for (size_t i = 0; i < COUNT_OF(kind); i++) {
        const struct cel_schema *s = kind_schema(&schemas, kind[i]);
        struct conform_result r = conform_object(&a, s, object);
        INVARIANT((r.fault.n > 0) == has_error(r.object));
        if (kind[i] == KIND_PODS)
            check_flag(r.object, "hostPID");
        if (r.fault.n)
            continue;
        struct conform_result again = conform_object(&a, s, r.object);
        INVARIANT(!again.fault.n && (again.object.as.map == r.object.as.map || r.object.kind != VALUE_MAP));
    }
    return 0;
}
