/* Whether the API servers that were seen leave an admission plugin out, by their command lines. */
#include "analyze/facts_state.h"

#define POLICY_API "admissionregistration.k8s.io/v1"

/* Source: kubernetes.io, kube-apiserver --runtime-config: api/all and api/ga stand behind what
 * names the API itself. */
static bool has_no_api(struct str runtime_config)
{
    if (component_list_has(runtime_config, POLICY_API "=false"))
        return true;
    return (component_list_has(runtime_config, "api/all=false") ||
            component_list_has(runtime_config, "api/ga=false")) &&
           !component_list_has(runtime_config, POLICY_API "=true") &&
           !component_list_has(runtime_config, POLICY_API);
}

static bool is_off(const struct component *c, const char *plugin, const char *gate_off)
{
    struct str old = value_text_at(c->flags, "admission-control", NULL);
    return component_list_has(value_text_at(c->flags, "disable-admission-plugins", NULL), plugin) ||
           /* in doubt too: what is not seen switches nothing on */
           (old.n && !component_list_has(old, plugin)) ||
           component_list_has(value_text_at(c->flags, "feature-gates", NULL), gate_off) ||
           has_no_api(value_text_at(c->flags, "runtime-config", NULL));
}

enum plugin_seen facts_admission_plugin(const struct facts *f, const char *plugin)
{
    static const char *const asked[] = { "admission-control", "disable-admission-plugins",
                                         "feature-gates", "runtime-config" };
    enum plugin_seen seen = PLUGIN_NOT_SEEN_OFF;
    char gate_off[64];
    snprintf(gate_off, sizeof gate_off, "%s=false", plugin);
    for (size_t i = 0; i < f->apiserver.count; i++) {
        const struct component *c = &f->apiserver.item[i];
        if (is_off(c, plugin, gate_off))
            return PLUGIN_OFF;
        if (component_refused(c, asked, COUNT_OF(asked)).n)
            seen = PLUGIN_UNREAD;
    }
    return seen;
}
