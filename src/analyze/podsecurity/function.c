/* podSecurity(): the Pod Security Standards as checks ask for them. */
#include "analyze/facts_state.h"
#include "analyze/podsecurity/pod_security.h"

static struct value fault(struct cel_call *call, const char *text)
{
    return value_error(call->scratch, VALUE_ERROR_EVAL, call->offset, "%s", text);
}

/* A workload as the pod it makes; anything else is taken for a pod. False: its template is not
 * there. */
static bool pod_of(struct value *out, struct arena *a, struct value object)
{
    enum kind kind =
        kind_by_api(value_text_at(object, "apiVersion", NULL), value_text_at(object, "kind", NULL));
    *out = object;
    return kind == KIND_NONE || !kind_has_pod_template(kind) ||
           workload_as_pod(out, a, kind, object);
}

/* latest is what the server knows, and what this program knows. */
static int version_in_force(const struct facts *f, int version)
{
    int minor = f ? f->cluster->minor : -1;
    return minor >= 0 && version > minor ? minor : version;
}

static struct value violation_value(struct arena *a, const struct pod_security_violation *v)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "control", value_cstr(v->control));
    value_builder_set(&b, "level", value_cstr(pod_security_level_name(v->level)));
    value_builder_set(&b, "reason", value_str(v->reason));
    value_builder_set(&b, "detail", value_str(v->detail));
    return value_builder_map(&b);
}

struct value facts_fn_pod_security(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    enum pod_security_level level;
    int version;
    struct value pod;
    struct value_builder list;
    for (size_t i = 0; i < arg_count; i++)
        if (value_is_error(arg[i]))
            return arg[i];
    if (arg[0].kind != VALUE_MAP || !pod_security_level_of(&level, value_text(arg[1])) ||
        !pod_security_version_of(&version, value_text(arg[2])))
        return fault(call, "podSecurity() takes an object, a level (privileged, baseline, "
                           "restricted) and a version (v1.35, latest)");
    if (!pod_of(&pod, call->scratch, arg[0]))
        return value_error(call->scratch, VALUE_ERROR_UNAVAILABLE, call->offset,
                           "the object has no pod template");
    struct pod_security_result r =
        pod_security_evaluate(call->scratch, pod, level, version_in_force(call->host, version));
    value_builder_init(&list, call->scratch);
    for (size_t i = 0; i < r.violation.count; i++)
        value_builder_push(&list, violation_value(call->scratch, &r.violation.item[i]));
    if (!r.fault.n)
        return value_builder_list(&list);
    struct value unread =
        value_error(call->scratch, VALUE_ERROR_UNAVAILABLE, call->offset, "%.*s", STR_ARG(r.fault));
    value_builder_push(&list, unread); /* who looks for one control must not find it met */
    return r.violation.count ? value_builder_list(&list) : unread;
}
