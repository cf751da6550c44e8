/* The kubelets of a cluster: the configuration that each said it runs with, or why it was not had.
 */
#include "cluster/kubelet.h"

const char *const kubelet_way_name[KUBELET_WAY_COUNT + 1] = { "none", "direct", "proxy", NULL };

const struct kubelet_key_info kubelet_key_info[KUBELET_KEY_COUNT] = {
#define KUBELET_KEY(e, path, flag, type, in_file, by_flags) \
    { path, flag, KUBELET_##type, in_file, by_flags },
#include "cluster/kubelet_key.def"
#undef KUBELET_KEY
};

enum keeping { KEEP_NOTHING, KEEP_SOME, KEEP_ALL };

static enum keeping keeping_of(struct str path)
{
    for (size_t i = 0; i < KUBELET_KEY_COUNT; i++) {
        struct str key = str_from_c(kubelet_key_info[i].path);
        if (str_eq(key, path))
            return KEEP_ALL;
        if (key.n > path.n && key.p[path.n] == '.' && str_has_prefix(key, path))
            return KEEP_SOME;
    }
    return KEEP_NOTHING;
}

/* No deeper than the paths of the table are. */
static struct value project(struct arena *a, struct value v, struct str prefix)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; v.kind == VALUE_MAP && i < v.n; i++) {
        struct value key = v.as.map->entry[i].key, val = v.as.map->entry[i].val;
        struct str path = str_printf(a, "%.*s%s%.*s", STR_ARG(prefix), prefix.n ? "." : "",
                                     STR_ARG(value_text(key)));
        enum keeping k = keeping_of(path);
        if (k == KEEP_ALL)
            value_builder_put(&b, key, val);
        else if (k == KEEP_SOME)
            value_builder_put(&b, key, project(a, val, path));
    }
    return value_builder_map(&b);
}

struct value kubelet_project(struct arena *a, struct value config)
{
    return project(a, config, (struct str){ 0 });
}
