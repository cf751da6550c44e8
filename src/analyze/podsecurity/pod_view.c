/* Reads a pod for the Pod Security Standards: the containers in the API server's order, fields by
 * their types. */
#include "analyze/podsecurity/pod_view.h"

struct str pod_view_below(struct pod_view *p, struct str path, const char *key)
{
    return str_printf(p->arena, "%.*s.%s", STR_ARG(path), key);
}

static void note_fault(struct pod_view *p, struct str path, struct value v)
{
    if (p->fault.n)
        return;
    if (v.kind == VALUE_ERROR)
        p->fault = v.as.error->text; /* who read the object has said what is wrong with it */
    else
        p->fault = str_printf(p->arena, "%.*s is of type %s, which no API server takes there",
                              STR_ARG(path), value_kind_name((enum value_kind)v.kind));
}

/* The field if it is there and of kind; null: absent, or a fault. */
static struct value field(struct pod_view *p, struct value parent, struct str path, const char *key,
                          enum value_kind kind)
{
    const struct value *v = value_get(parent, str_from_c(key));
    if (!v || v->kind == VALUE_NULL)
        return value_null();
    if (v->kind == kind)
        return *v;
    note_fault(p, pod_view_below(p, path, key), *v);
    return value_null();
}

struct value pod_view_map(struct pod_view *p, struct value parent, struct str path, const char *key)
{
    return field(p, parent, path, key, VALUE_MAP);
}

struct value pod_view_list(struct pod_view *p, struct value parent, struct str path,
                           const char *key)
{
    struct value v = field(p, parent, path, key, VALUE_LIST);
    return v.kind == VALUE_LIST ? v : value_list(NULL, 0);
}

enum pod_flag pod_view_flag(struct pod_view *p, struct value parent, struct str path,
                            const char *key)
{
    struct value v = field(p, parent, path, key, VALUE_BOOL);
    if (v.kind == VALUE_NULL)
        return POD_FLAG_UNSET;
    return v.as.b ? POD_FLAG_TRUE : POD_FLAG_FALSE;
}

struct str pod_view_text(struct pod_view *p, struct value parent, struct str path, const char *key,
                         bool *set)
{
    struct value v = field(p, parent, path, key, VALUE_STRING);
    if (set)
        *set = v.kind == VALUE_STRING;
    return value_text(v);
}

bool pod_view_int(struct pod_view *p, struct value parent, struct str path, const char *key,
                  int64_t *out)
{
    struct value v = field(p, parent, path, key, VALUE_INT);
    if (v.kind == VALUE_INT)
        *out = v.as.i;
    return v.kind == VALUE_INT;
}

struct value pod_view_item(struct pod_view *p, struct value list, struct str path, uint32_t i)
{
    struct value v = value_item(list, i);
    if (v.kind != VALUE_MAP && v.kind != VALUE_NULL)
        note_fault(p, str_printf(p->arena, "%.*s[%u]", STR_ARG(path), i), v);
    return v.kind == VALUE_MAP ? v : value_null();
}

struct str pod_view_word(struct pod_view *p, struct value list, struct str path, uint32_t i)
{
    struct value v = value_item(list, i);
    if (v.kind != VALUE_STRING && v.kind != VALUE_NULL)
        note_fault(p, str_printf(p->arena, "%.*s[%u]", STR_ARG(path), i), v);
    return value_text(v);
}

static void add_containers(struct pod_view *p, const char *key)
{
    struct value list = pod_view_list(p, p->spec, STR("spec"), key);
    struct str path = pod_view_below(p, STR("spec"), key);
    for (uint32_t i = 0; i < list.n; i++) {
        struct value object = pod_view_item(p, list, path, i);
        struct container_view *c = VEC_PUSH(&p->container, p->arena);
        c->path = str_printf(p->arena, "%.*s[%u]", STR_ARG(path), i);
        c->object = object;
        c->name = pod_view_text(p, object, c->path, "name", NULL);
        c->security = pod_view_map(p, object, c->path, "securityContext");
    }
}

void pod_view_open(struct pod_view *p, struct arena *a, struct value pod)
{
    *p = (struct pod_view){ .arena = a };
    struct value metadata = pod_view_map(p, pod, STR("pod"), "metadata");
    p->annotations = pod_view_map(p, metadata, STR("metadata"), "annotations");
    p->spec = pod_view_map(p, pod, STR("pod"), "spec");
    p->security = pod_view_map(p, p->spec, STR("spec"), "securityContext");
    p->volumes = pod_view_list(p, p->spec, STR("spec"), "volumes");
    add_containers(p, "initContainers");
    add_containers(p, "containers");
    add_containers(p, "ephemeralContainers");
    struct value os = pod_view_map(p, p->spec, STR("spec"), "os");
    p->windows = str_eq_c(pod_view_text(p, os, STR("spec.os"), "name", NULL), "windows");
    p->user_namespace = pod_view_flag(p, p->spec, STR("spec"), "hostUsers") == POD_FLAG_FALSE;
}
