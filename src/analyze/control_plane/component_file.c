/* Which file of the node a component's path is: two spellings, or two mounts, may be one file. */
#include "analyze/control_plane/component.h"

#include "base/buf.h"

#define PATH_BYTES_MAX 4096u

struct str component_path_clean(struct arena *a, struct str path)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(PATH_BYTES_MAX);
    struct str part, rest = path;
    bool rooted = path.n && path.p[0] == '/';
    VEC(struct str) kept = { 0 };
    while (str_next_field(&rest, '/', &part)) {
        bool up = str_eq_c(part, "..");
        if (!part.n || str_eq_c(part, "."))
            continue;
        if (up && kept.count && !str_eq_c(kept.item[kept.count - 1], ".."))
            kept.count--;
        else if (!up || !rooted)
            *VEC_PUSH(&kept, a) = part;
    }
    for (size_t i = 0; i < kept.count; i++) {
        if (rooted || i)
            buf_add_char(&out, '/');
        buf_add(&out, kept.item[i]);
    }
    if (!kept.count)
        buf_add_char(&out, rooted ? '/' : '.');
    return out.over ? path : str_dup(a, buf_str(&out));
}

static struct value list_at(struct value v, const char *key)
{
    const struct value *list = value_get(v, str_from_c(key));
    return list && list->kind == VALUE_LIST ? *list : value_list(NULL, 0);
}

static struct value named(struct value list, struct str name)
{
    for (uint32_t i = 0; i < list.n; i++)
        if (str_eq(value_text_at(value_item(list, i), "name", NULL), name))
            return value_item(list, i);
    return value_null();
}

/* The folder of the node behind a mount, and what of path stands below it. */
static struct str behind_mount(struct arena *a, struct value spec, struct value mount,
                               struct str rest)
{
    struct value volume = named(list_at(spec, "volumes"), value_text_at(mount, "name", NULL));
    struct str host = value_text_at(volume, "hostPath", "path", NULL),
               sub = value_text_at(mount, "subPath", NULL);
    struct str from =
        host.n
            ? host
            : str_printf(a, "volume %.*s of the pod:", STR_ARG(value_text_at(mount, "name", NULL)));
    return component_path_clean(
        a, str_printf(a, "%.*s/%.*s/%.*s", STR_ARG(from), STR_ARG(sub), STR_ARG(rest)));
}

struct str component_file(struct arena *a, const struct component *c, struct str path)
{
    path = component_path_clean(a, path);
    struct value mounts =
        list_at(named(list_at(c->spec, "containers"), c->container), "volumeMounts");
    struct str found = path;
    size_t longest = 0;
    for (uint32_t i = 0; i < mounts.n; i++) {
        struct value mount = value_item(mounts, i);
        struct str at = component_path_clean(a, value_text_at(mount, "mountPath", NULL));
        bool below =
            str_has_prefix(path, at) && (path.n == at.n || path.p[at.n] == '/' || at.n == 1);
        if (!below || at.n < longest)
            continue;
        longest = at.n;
        found = behind_mount(a, c->spec, mount, str_sub(path, at.n, path.n));
    }
    return found;
}
