/* Which component a pod runs, and with which command line. */
#include "analyze/control_plane/component.h"

#include "base/buf.h"
#include "base/map.h"
#include "cluster/object.h"

static const char *const component_kind_name[COMPONENT_KIND_COUNT] = {
    [COMPONENT_APISERVER] = "kube-apiserver",
    [COMPONENT_CONTROLLER_MANAGER] = "kube-controller-manager",
    [COMPONENT_SCHEDULER] = "kube-scheduler",
    [COMPONENT_ETCD] = "etcd",
    [COMPONENT_KUBE_PROXY] = "kube-proxy",
};
/* What hyperkube called them. */
static const char *const hyperkube_name[COMPONENT_KIND_COUNT] = {
    [COMPONENT_APISERVER] = "apiserver",
    [COMPONENT_CONTROLLER_MANAGER] = "controller-manager",
    [COMPONENT_SCHEDULER] = "scheduler",
    [COMPONENT_KUBE_PROXY] = "proxy",
};

const char *component_name(enum component_kind k)
{
    return component_kind_name[k];
}

/* Programs that run the one named in their arguments. */
static const char *const wrapper[] = {
    "busybox", "catatonit", "chrt",    "dumb-init", "env",    "exec",    "go-runner", "gosu", "hyperkube",
    "ionice",  "nice",      "numactl", "runuser",   "setsid", "su-exec", "taskset",   "tini", "timeout",
};
static const char *const shell[] = { "ash", "bash", "dash", "sh" };

static bool is_one_of(const char *const *name, size_t count, struct str s)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq_c(s, name[i]))
            return true;
    }
    return false;
}
#define IS_ONE_OF(list, s) is_one_of((list), sizeof(list) / sizeof *(list), (s))

static struct str base_name(struct str path)
{
    size_t slash = str_find_last_char(path, '/');
    return slash == SIZE_MAX ? path : str_sub(path, slash + 1, path.n);
}

static bool kind_of_program(struct str program, bool under_hyperkube, enum component_kind *out)
{
    struct str base = base_name(program);
    for (size_t k = 0; k < COMPONENT_KIND_COUNT; k++) {
        if (str_eq_c(base, component_kind_name[k]) ||
            (under_hyperkube && hyperkube_name[k] && str_eq_c(base, hyperkube_name[k]))) {
            *out = (enum component_kind)k;
            return true;
        }
    }
    return false;
}

/* The container's environment as a map of texts; names whose values come from elsewhere are null. */
static struct value read_env(struct arena *a, struct value container)
{
    struct map seen;
    map_init(&seen, a);
    const struct value *env = value_get(container, STR("env"));
    for (uint32_t i = 0; env && env->kind == VALUE_LIST && i < env->n; i++) {
        struct value e = value_item(*env, i);
        struct str name = value_text_at(e, "name", NULL);
        const struct value *v = value_get(e, STR("value"));
        bool elsewhere = value_get(e, STR("valueFrom")) != NULL;
        struct value *kept = arena_new(a, struct value);
        *kept = elsewhere ? value_null() : value_str(v ? value_text(*v) : STR(""));
        if (name.n)
            map_put(&seen, name, kept);
    }
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < seen.count; i++)
        value_builder_put(&b, value_str(seen.entry[i].key), *(struct value *)seen.entry[i].val);
    return value_builder_map(&b);
}

static void doubt_once(struct str *doubt, struct str text)
{
    if (!doubt->n)
        *doubt = text;
}

/* $(NAME) as the kubelet replaces it: unknown names stay as they are, $$ is one $.
 * Source: kubernetes.io, Define a Command and Arguments for a Container. */
static struct str expand_kubelet(struct arena *a, struct str arg, struct value env, struct str *doubt)
{
    if (str_find_char(arg, '$', 0) == SIZE_MAX)
        return arg;
    struct buf out = BUF_INIT(COMPONENT_WORD_BYTES_MAX);
    for (size_t i = 0; i < arg.n; i++) {
        char next = i + 1 < arg.n ? arg.p[i + 1] : 0;
        size_t end = next == '(' ? str_find_char(arg, ')', i) : SIZE_MAX;
        if (arg.p[i] == '$' && next == '$') {
            buf_add_char(&out, '$');
            i++;
        } else if (arg.p[i] == '$' && end != SIZE_MAX) {
            struct str name = str_sub(arg, i + 2, end);
            const struct value *v = value_get(env, name);
            if (v && v->kind == VALUE_STRING)
                buf_add(&out, value_text(*v));
            else
                buf_add(&out, str_sub(arg, i, end + 1));
            if (v && v->kind != VALUE_STRING)
                doubt_once(doubt, str_printf(a, "an argument holds $(%.*s), whose value is kept elsewhere", STR_ARG(name)));
            i = end;
        } else {
            buf_add_char(&out, arg.p[i]);
        }
    }
    if (out.over)
        doubt_once(doubt, STR("an argument is too long"));
    struct str copy = str_dup(a, buf_str(&out));
    buf_release(&out);
    return copy;
}

static void add_words(struct component_words *w, struct arena *a, struct value container, const char *key,
                      struct value env)
{
    const struct value *list = value_get(container, str_from_c(key));
    for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->n; i++) {
        if (w->word.count == COMPONENT_WORDS_MAX) {
            doubt_once(&w->doubt, STR("the command line has too many arguments"));
            return;
        }
        *VEC_PUSH(&w->word, a) = expand_kubelet(a, value_text(value_item(*list, i)), env, &w->doubt);
    }
}

/* A shell's script among its arguments: what follows -c (or -ec, -xc ...). */
static struct str shell_script(const struct component_words *w, size_t from)
{
    for (size_t i = from; i + 1 < w->word.count; i++) {
        struct str s = w->word.item[i];
        if (s.n >= 2 && s.p[0] == '-' && s.p[1] != '-' && s.p[s.n - 1] == 'c')
            return w->word.item[i + 1];
    }
    return STR("");
}

/* Where the component's program stands in the words; false if it is not run by them. */
static bool find_program(const struct component_words *w, enum component_kind *kind, size_t *at)
{
    if (!w->word.count)
        return false;
    *at = 0;
    if (kind_of_program(w->word.item[0], false, kind))
        return true;
    struct str first = base_name(w->word.item[0]);
    if (!IS_ONE_OF(wrapper, first))
        return false;
    for (*at = 1; *at < w->word.count; ++*at) {
        if (kind_of_program(w->word.item[*at], str_eq_c(first, "hyperkube"), kind))
            return true;
    }
    return false;
}

/* The words behind "exec" and "NAME=value" in a script's command are what is run. */
static bool find_in_script(struct component_words *w, struct arena *a, struct value env, size_t from,
                           enum component_kind *kind, size_t *at)
{
    struct component_words inner = { 0 };
    component_split_shell(&inner, a, shell_script(w, from), env);
    if (w->doubt.n)
        inner.doubt = w->doubt;
    *w = inner;
    return find_program(w, kind, at);
}

/* An image's own entry point: told by the image when only flags are given. */
static bool kind_of_image(struct str image, enum component_kind *out)
{
    struct str path, digest;
    str_cut(image, '@', &path, &digest);
    struct str base = base_name(path), name, tag;
    str_cut(base, ':', &name, &tag);
    return kind_of_program(name, false, out);
}

/* etcd reads ETCD_NAME from its environment where a flag is not given, and nothing else than its
 * file when --config-file is. Source: etcd.io, Configuration options. */
static struct value with_etcd_env(struct arena *a, struct value flags, struct value env)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; i < flags.n; i++)
        value_builder_put(&b, flags.as.map->entry[i].key, flags.as.map->entry[i].val);
    for (uint32_t i = 0; i < env.n; i++) {
        struct str name = value_text(env.as.map->entry[i].key);
        struct value v = env.as.map->entry[i].val;
        if (!str_has_prefix(name, STR("ETCD_")) || name.n == 5 || v.kind != VALUE_STRING)
            continue;
        char *flag = str_to_c(a, str_lower_ascii(a, str_sub(name, 5, name.n)));
        for (char *p = flag; *p; p++)
            *p = *p == '_' ? '-' : *p;
        if (!value_get(value_builder_map(&b), str_from_c(flag)))
            value_builder_put(&b, value_cstr(flag), v);
    }
    return value_builder_map(&b);
}

static bool component_of_container(struct component *out, struct arena *a, struct value container)
{
    struct component_words w = { 0 };
    struct value env = read_env(a, container);
    add_words(&w, a, container, "command", env);
    bool has_command = w.word.count > 0;
    add_words(&w, a, container, "args", env);
    size_t at = 0, first_flag;
    struct str first = w.word.count ? base_name(w.word.item[0]) : STR("");
    bool found = IS_ONE_OF(shell, first) ? find_in_script(&w, a, env, 1, &out->kind, &at)
                                         : find_program(&w, &out->kind, &at);
    first_flag = at + 1;
    if (!found && !has_command && w.word.count && str_has_prefix(w.word.item[0], STR("-"))) {
        found = kind_of_image(value_text_at(container, "image", NULL), &out->kind);
        first_flag = 0;
    }
    if (!found)
        return false;
    out->container = value_text_at(container, "name", NULL);
    out->flags = component_flags(a, w.word.item + first_flag, w.word.count - first_flag);
    out->doubt = w.doubt;
    if (out->kind == COMPONENT_ETCD) {
        out->flags = with_etcd_env(a, out->flags, env);
        if (value_get(out->flags, STR("config-file")))
            doubt_once(&out->doubt, STR("etcd ignores its flags when --config-file is given"));
    }
    return true;
}

bool component_of_pod(struct component *out, struct arena *a, struct value pod)
{
    return object_is_mirror(pod) && component_of_manifest(out, a, pod);
}

bool component_of_manifest(struct component *out, struct arena *a, struct value pod)
{
    const struct value *containers = value_at(pod, "spec", "containers", NULL);
    for (uint32_t i = 0; containers && containers->kind == VALUE_LIST && i < containers->n; i++) {
        struct component c = {
            .pod = value_text_at(pod, "metadata", "name", NULL),
            .ns = value_text_at(pod, "metadata", "namespace", NULL),
            .node = value_text_at(pod, "spec", "nodeName", NULL),
            .address = value_text_at(pod, "status", "hostIP", NULL),
            .source = COMPONENT_FROM_POD,
        };
        if (component_of_container(&c, a, value_item(*containers, i))) {
            *out = c;
            return true;
        }
    }
    return false;
}
