/* Which component a pod runs, and with which command line. */
#include "analyze/control_plane/component.h"

#include "analyze/control_plane/flag_value.h"
#include "base/buf.h"
#include "base/map.h"
#include "cluster/object.h"
#include "cluster/taint.h"

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
    "busybox",   "catatonit", "chrt",      "dumb-init", "env",  "exec",
    "go-runner", "gosu",      "hyperkube", "ionice",    "nice", "numactl",
    "runuser",   "setsid",    "su-exec",   "taskset",   "tini", "timeout",
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

static void doubt_once(struct str *doubt, struct str text)
{
    if (!doubt->n)
        *doubt = text;
}

/* The container's environment: names to texts; what comes from elsewhere is null. more: there may
 * be names that are not here. */
struct environment {
    struct map seen; /* of struct value * */
    bool more;
};

/* Names that the kubelet gives every container for the Services it knows. Source: kubernetes.io,
 * Service, environment variables. */
static bool may_be_service(struct str name)
{
    static const char *const end[] = { "_SERVICE_HOST", "_SERVICE_PORT", "_PORT" };
    for (size_t i = 0; i < sizeof end / sizeof *end; i++)
        if (str_has_suffix(name, str_from_c(end[i])))
            return true;
    return str_contains(name, STR("_SERVICE_PORT_")) || str_contains(name, STR("_PORT_"));
}

/* $(NAME) as the kubelet replaces it: unknown names stay as they are, $$ is one $.
 * Source: kubernetes.io, Define a Command and Arguments for a Container. */
static struct str expand_kubelet(struct arena *a, struct str arg, const struct environment *env,
                                 struct str *doubt)
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
            const struct value *v = map_get(&env->seen, name);
            if (v && v->kind == VALUE_STRING)
                buf_add(&out, value_text(*v));
            else
                buf_add(&out, str_sub(arg, i, end + 1));
            if (v ? v->kind != VALUE_STRING : env->more || may_be_service(name))
                doubt_once(doubt,
                           str_printf(a, "an argument holds $(%.*s), whose value is kept elsewhere",
                                      STR_ARG(name)));
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

/* A value may name variables that stand before it. */
static void read_env(struct environment *env, struct arena *a, struct value container)
{
    const struct value *list = value_get(container, STR("env")),
                       *from = value_get(container, STR("envFrom"));
    map_init(&env->seen, a);
    env->more = from && !(from->kind == VALUE_NULL || (from->kind == VALUE_LIST && from->n == 0));
    for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->n; i++) {
        struct value e = value_item(*list, i);
        struct str name = value_text_at(e, "name", NULL), unsure = { 0 };
        const struct value *v = value_get(e, STR("value")),
                           *source = value_get(e, STR("valueFrom"));
        struct value *kept = arena_new(a, struct value);
        bool is_text = !v || v->kind == VALUE_NULL || v->kind == VALUE_STRING;
        struct str text = is_text && v ? expand_kubelet(a, value_text(*v), env, &unsure) : STR("");
        bool elsewhere = (source && source->kind != VALUE_NULL) || unsure.n || !is_text;
        *kept = elsewhere ? value_null() : value_str(text);
        if (name.n)
            map_put(&env->seen, name, kept);
    }
}

static struct value environment_value(struct arena *a, const struct environment *env)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < env->seen.count; i++)
        value_builder_put(&b, value_str(env->seen.entry[i].key),
                          *(struct value *)env->seen.entry[i].val);
    return value_builder_map(&b);
}

/* A recording masks values of flags, each as a word of its own; anywhere else a word that was not
 * seen may be any flag. */
static void add_masked(struct component_words *w, struct arena *a, struct str why)
{
    struct str before = w->word.count ? w->word.item[w->word.count - 1] : STR("");
    if (!str_has_prefix(before, STR("-")) || str_find_char(before, '=', 0) != SIZE_MAX)
        doubt_once(&w->doubt, why);
    *VEC_PUSH(&w->word, a) = taint_mask(a, STR(""));
}

static void add_words(struct component_words *w, struct arena *a, struct value container,
                      const char *key, const struct environment *env)
{
    const struct value *list = value_get(container, str_from_c(key));
    for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->n; i++) {
        if (w->word.count == COMPONENT_WORDS_MAX) {
            doubt_once(&w->doubt, STR("the command line has too many arguments"));
            return;
        }
        struct value item = value_item(*list, i);
        if (value_is_error(item)) {
            add_masked(w, a, item.as.error->text);
            continue;
        }
        *VEC_PUSH(&w->word, a) = expand_kubelet(a, value_text(item), env, &w->doubt);
    }
}

/* How a shell is called: with which script, and whether it may set variables of its own accord. */
struct shell_call {
    struct str script;
    bool reads_files; /* -l, -i: of a login, or for people */
    bool exports;     /* -a */
};

static bool has_char(struct str s, char c)
{
    return str_find_char(s, c, 0) != SIZE_MAX;
}

/* A shell's script among its arguments: with -c the first word that is no option. -o and -O,
 * --rcfile and --init-file take a word. */
static struct shell_call read_shell_call(const struct component_words *w, size_t from)
{
    struct shell_call call = { 0 };
    bool command = false, ended = false;
    for (size_t i = from; i < w->word.count; i++) {
        struct str s = w->word.item[i];
        if (ended || s.n < 2 || (s.p[0] != '-' && s.p[0] != '+')) {
            call.script = command ? s : STR("");
            return call;
        }
        if (str_eq_c(s, "--")) {
            ended = true;
        } else if (str_has_prefix(s, STR("--"))) {
            call.reads_files = call.reads_files || str_eq_c(s, "--login");
            i += str_eq_c(s, "--rcfile") || str_eq_c(s, "--init-file");
        } else {
            command = command || (s.p[0] == '-' && has_char(s, 'c'));
            call.reads_files = call.reads_files || has_char(s, 'l') || has_char(s, 'i');
            call.exports = call.exports || has_char(s, 'a') ||
                           (has_char(s, 'o') && i + 1 < w->word.count &&
                            str_eq_c(w->word.item[i + 1], "allexport"));
            i += has_char(s, 'o') || has_char(s, 'O');
        }
    }
    return call;
}

/* Where the component's program stands in the words; false if it is not run by them. *shell_at: a
 * shell that a wrapper runs before any component was met, else SIZE_MAX. */
static bool find_program(const struct component_words *w, enum component_kind *kind, size_t *at,
                         size_t *shell_at)
{
    *shell_at = SIZE_MAX;
    if (!w->word.count)
        return false;
    *at = 0;
    if (kind_of_program(w->word.item[0], false, kind))
        return true;
    struct str first = base_name(w->word.item[0]);
    if (IS_ONE_OF(shell, first))
        *shell_at = 0;
    if (!IS_ONE_OF(wrapper, first))
        return false;
    for (*at = 1; *at < w->word.count; ++*at) {
        if (kind_of_program(w->word.item[*at], str_eq_c(first, "hyperkube"), kind))
            return true;
        if (IS_ONE_OF(shell, base_name(w->word.item[*at]))) {
            *shell_at = *at;
            return false;
        }
    }
    return false;
}

bool component_runs(const struct component_words *w)
{
    enum component_kind kind;
    size_t at, shell_at;
    return find_program(w, &kind, &at, &shell_at);
}

/* The variables that the command line sets beside those of the container. */
static void add_set(struct environment *env, struct arena *a, const struct component_words *w)
{
    for (size_t i = 0; i < w->set.count; i++) {
        struct value *kept = arena_new(a, struct value);
        *kept = w->set.item[i].value;
        map_put(&env->seen, w->set.item[i].name, kept);
    }
}

static struct environment copy_environment(struct arena *a, const struct environment *env)
{
    struct environment copy = { .more = env->more };
    map_init(&copy.seen, a);
    for (size_t i = 0; i < env->seen.count; i++)
        map_put(&copy.seen, env->seen.entry[i].key, env->seen.entry[i].val);
    return copy;
}

/* The words of the script's command that runs a component, in place of the shell's own. */
static void read_script(struct component_words *w, struct arena *a, const struct environment *env,
                        size_t shell_at)
{
    component_env_front(w, a, shell_at);
    struct environment of_shell = copy_environment(a, env);
    add_set(&of_shell, a, w);
    struct shell_call call = read_shell_call(w, shell_at + 1);
    struct component_words inner = { 0 };
    component_split_shell(&inner, a, call.script, environment_value(a, &of_shell));
    if (call.reads_files || map_has(&of_shell.seen, STR("BASH_ENV")))
        doubt_once(&inner.env_doubt,
                   STR("its shell reads files before the script, which may set variables"));
    if (inner.env_doubt.n && has_char(call.script, '$'))
        doubt_once(&inner.doubt, inner.env_doubt);
    if (call.exports)
        doubt_once(&inner.env_doubt, STR("its shell exports all that the script sets (-a)"));
    if (w->doubt.n)
        inner.doubt = w->doubt;
    if (w->env_doubt.n)
        inner.env_doubt = w->env_doubt;
    for (size_t i = 0; i < inner.set.count; i++)
        *VEC_PUSH(&w->set, a) = inner.set.item[i];
    w->word.item = inner.word.item;
    w->word.count = inner.word.count;
    w->word.cap = inner.word.cap;
    w->doubt = inner.doubt;
    w->env_doubt = inner.env_doubt;
}

/* The component among the words, or in the script of a shell that they run. */
static bool find_component(struct component_words *w, struct arena *a,
                           const struct environment *env, enum component_kind *kind, size_t *at)
{
    size_t shell_at;
    bool found = find_program(w, kind, at, &shell_at);
    if (!found && shell_at != SIZE_MAX) {
        read_script(w, a, env, shell_at);
        found = find_program(w, kind, at, &shell_at);
    }
    if (found)
        component_env_front(w, a, *at);
    return found;
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

/* "ETCD_CERT_FILE" is cert-file; empty when the name is none of etcd's. */
static struct str etcd_flag(struct arena *a, struct str name)
{
    if (!str_has_prefix(name, STR("ETCD_")) || name.n == 5)
        return (struct str){ 0 };
    char *flag = str_to_c(a, str_sub(name, 5, name.n));
    for (char *p = flag; *p; p++) {
        if (*p >= 'a' && *p <= 'z')
            return (struct str){ 0 };
        *p = *p == '_' ? '-' : *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
    }
    return str_from_c(flag);
}

/* etcd reads ETCD_NAME from its environment where a flag is not given and the variable is not
 * empty, and nothing else than its file when --config-file is. Source: etcd.io, Configuration
 * options; go.etcd.io/etcd pkg/flags. */
static struct value with_etcd_env(struct arena *a, struct value flags,
                                  const struct environment *env)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; i < flags.n; i++)
        value_builder_put(&b, flags.as.map->entry[i].key, flags.as.map->entry[i].val);
    for (size_t i = 0; i < env->seen.count; i++) {
        struct str name = env->seen.entry[i].key, flag = etcd_flag(a, name);
        struct value v = *(struct value *)env->seen.entry[i].val;
        if (!flag.n || value_get(flags, flag) || (v.kind == VALUE_STRING && !value_text(v).n))
            continue;
        value_builder_put(
            &b, value_str(flag),
            value_is_error(v) ? v
            : v.kind == VALUE_STRING
                ? component_flag_marked(flag, flag_value_add(a, flag, NULL, value_text(v)))
                : value_error(a, VALUE_ERROR_UNAVAILABLE, UINT32_MAX,
                              "the value of %.*s, which sets --%.*s, is kept elsewhere",
                              STR_ARG(name), STR_ARG(flag)));
    }
    return value_builder_map(&b);
}

struct str component_refused(const struct component *c, const char *const *flag, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct value *v = value_get(c->flags, str_from_c(flag[i]));
        if (v && value_is_error(*v))
            return v->as.error->text;
    }
    return (struct str){ 0 };
}

/* Whether the text holds what a variable of the container says; etcd's own are flags themselves,
 * and short ones say nothing. */
static bool holds_variable(struct str text, const struct environment *env)
{
    for (size_t i = 0; i < env->seen.count; i++) {
        struct str value = value_text(*(const struct value *)env->seen.entry[i].val);
        if (value.n >= 4 && !str_has_prefix(env->seen.entry[i].key, STR("ETCD_")) &&
            str_contains(text, value))
            return true;
    }
    return false;
}

/* Looking for every variable in every flag: what is longer than real ones is marked unseen. */
#define VARIABLE_SEARCH_BYTES_MAX ((size_t)4 << 20)

static size_t search_bytes(struct value flags, const struct environment *env)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < flags.n; i++)
        bytes +=
            flags.as.map->entry[i].val.kind == VALUE_STRING ? flags.as.map->entry[i].val.n + 1u : 1;
    return env->seen.count > VARIABLE_SEARCH_BYTES_MAX ? SIZE_MAX : bytes * env->seen.count;
}

/* Variables are where people keep credentials: a flag that is made of one is marked, whatever it is
 * called. */
static struct value with_marked_variables(struct arena *a, struct value flags,
                                          const struct environment *env)
{
    struct value_entry *entry = arena_array(a, struct value_entry, flags.n);
    bool all = search_bytes(flags, env) > VARIABLE_SEARCH_BYTES_MAX;
    for (uint32_t i = 0; i < flags.n; i++) {
        entry[i] = flags.as.map->entry[i];
        if (entry[i].val.kind == VALUE_STRING &&
            (all || holds_variable(value_text(entry[i].val), env)))
            entry[i].val.flags |= VALUE_TAINTED;
    }
    return value_map(a, entry, flags.n);
}

static void read_flags(struct component *out, struct arena *a, const struct component_words *w,
                       size_t first, const struct environment *env)
{
    bool etcd = out->kind == COMPONENT_ETCD;
    out->flags = (etcd ? component_go_flags : component_flags)(a, w->word.item + first,
                                                               w->word.count - first);
    out->flags = with_marked_variables(a, out->flags, env);
    out->doubt = w->doubt;
    if (etcd) {
        struct environment own = copy_environment(a, env);
        add_set(&own, a, w);
        out->flags = with_etcd_env(a, out->flags, &own);
        if (value_get(out->flags, STR("config-file")))
            doubt_once(&out->doubt, STR("etcd ignores its flags when --config-file is given"));
        if (env->more)
            doubt_once(
                &out->doubt,
                STR("its environment is kept elsewhere (envFrom), and etcd reads flags from it"));
        if (w->env_doubt.n)
            doubt_once(&out->doubt, str_printf(a, "%.*s, and etcd reads flags from its environment",
                                               STR_ARG(w->env_doubt)));
    }
    /* files that replace the other flags */
    doubt_once(&out->doubt,
               component_refused(
                   out, (const char *const[]){ "config", "config-file", "openshift-config" }, 3));
}

static bool component_of_container(struct component *out, struct arena *a, struct value container)
{
    struct component_words w = { 0 };
    struct environment env;
    read_env(&env, a, container);
    add_words(&w, a, container, "command", &env);
    bool has_command = w.word.count > 0;
    add_words(&w, a, container, "args", &env);
    size_t at = 0;
    bool only_flags = !has_command && w.word.count && str_has_prefix(w.word.item[0], STR("-"));
    bool found = only_flags ? kind_of_image(value_text_at(container, "image", NULL), &out->kind)
                            : find_component(&w, a, &env, &out->kind, &at);
    if (!found)
        return false;
    out->container = value_text_at(container, "name", NULL);
    read_flags(out, a, &w, only_flags ? 0 : at + 1, &env);
    return true;
}

bool component_of_pod(struct component *out, struct arena *a, struct value pod)
{
    return object_is_mirror(pod) && component_of_manifest(out, a, pod);
}

bool component_of_manifest(struct component *out, struct arena *a, struct value pod)
{
    struct component_list all = { 0 };
    component_add_all(&all, a, pod);
    if (all.found.count)
        *out = all.found.item[0];
    return all.found.count > 0;
}

static bool has_kind(const struct component_list *list, size_t from, enum component_kind kind)
{
    for (size_t i = from; i < list->found.count; i++)
        if (list->found.item[i].kind == kind)
            return true;
    return false;
}

/* Init containers end before the others begin, but for those that restart always. Source:
 * kubernetes.io, Sidecar Containers. */
static bool runs_on(struct value container, bool init)
{
    return !init || str_eq_c(value_text_at(container, "restartPolicy", NULL), "Always");
}

void component_add_all(struct component_list *out, struct arena *a, struct value pod)
{
    static const char *const list[] = { "containers", "initContainers" };
    size_t before = out->found.count;
    for (size_t l = 0; l < COUNT_OF(list); l++) {
        const struct value *containers = value_at(pod, "spec", list[l], NULL);
        for (uint32_t i = 0; containers && containers->kind == VALUE_LIST && i < containers->n;
             i++) {
            struct component c = {
                .pod = value_text_at(pod, "metadata", "name", NULL),
                .ns = value_text_at(pod, "metadata", "namespace", NULL),
                .node = value_text_at(pod, "spec", "nodeName", NULL),
                .address = value_text_at(pod, "status", "hostIP", NULL),
                .source = COMPONENT_FROM_POD,
                .spec = value_get(pod, STR("spec")) ? *value_get(pod, STR("spec")) : value_null(),
            };
            if (!runs_on(value_item(*containers, i), l == 1) ||
                !component_of_container(&c, a, value_item(*containers, i)))
                continue;
            c.further = has_kind(out, before, c.kind);
            *VEC_PUSH(&out->found, a) = c;
        }
    }
}
