/* The identity of an object, and reading its well-known fields. */
#include "cluster/object.h"

struct object_ref object_ref_of(struct value object)
{
    return (struct object_ref){
        .api_version = value_text_at(object, "apiVersion", NULL),
        .kind = value_text_at(object, "kind", NULL),
        .ns = value_text_at(object, "metadata", "namespace", NULL),
        .name = value_text_at(object, "metadata", "name", NULL),
        .uid = value_text_at(object, "metadata", "uid", NULL),
        .resource_version = value_text_at(object, "metadata", "resourceVersion", NULL),
    };
}

struct object_ref object_ref_dup(struct arena *a, struct object_ref r)
{
    return (struct object_ref){
        .api_version = str_dup(a, r.api_version),
        .kind = str_dup(a, r.kind),
        .ns = str_dup(a, r.ns),
        .name = str_dup(a, r.name),
        .uid = str_dup(a, r.uid),
        .resource_version = str_dup(a, r.resource_version),
    };
}

struct str object_ref_text(struct arena *a, struct object_ref r)
{
    if (r.ns.n)
        return str_printf(a, "%.*s %.*s/%.*s", STR_ARG(r.kind), STR_ARG(r.ns), STR_ARG(r.name));
    return str_printf(a, "%.*s %.*s", STR_ARG(r.kind), STR_ARG(r.name));
}

bool object_controller(struct value object, struct object_ref *out)
{
    const struct value *owners = value_at(object, "metadata", "ownerReferences", NULL);
    if (!owners || owners->kind != VALUE_LIST)
        return false;
    for (size_t i = 0; i < owners->n; i++) {
        struct value o = value_item(*owners, i);
        if (!value_bool_at(o, false, "controller", NULL))
            continue;
        *out = (struct object_ref){
            .api_version = value_text_at(o, "apiVersion", NULL),
            .kind = value_text_at(o, "kind", NULL),
            .ns = value_text_at(object, "metadata", "namespace", NULL),
            .name = value_text_at(o, "name", NULL),
            .uid = value_text_at(o, "uid", NULL),
        };
        return out->kind.n && out->name.n;
    }
    return false;
}

bool object_is_mirror(struct value pod)
{
    if (!value_at(pod, "metadata", "annotations", "kubernetes.io/config.mirror", NULL))
        return false;
    const struct value *owners = value_at(pod, "metadata", "ownerReferences", NULL);
    struct str node = value_text_at(pod, "spec", "nodeName", NULL);
    for (uint32_t i = 0; owners && owners->kind == VALUE_LIST && i < owners->n; i++) {
        struct value o = value_item(*owners, i);
        if (str_eq_c(value_text_at(o, "kind", NULL), "Node") &&
            str_eq_c(value_text_at(o, "apiVersion", NULL), "v1") &&
            str_eq(value_text_at(o, "name", NULL), node))
            return node.n > 0;
    }
    return false;
}

/* serviceAccount is the older name, and counts where the newer is not set (conversion.go of
 * core/v1). */
struct str object_service_account(struct value pod)
{
    struct str name = value_text_at(pod, "spec", "serviceAccountName", NULL);
    return name.n ? name : value_text_at(pod, "spec", "serviceAccount", NULL);
}
