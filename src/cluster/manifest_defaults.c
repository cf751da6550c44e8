/* What an API server fills in where an object in a file says nothing. */
#include "cluster/manifest_defaults.h"

#include "cluster/workload.h"

enum default_type {
    DEFAULT_TEXT,
    DEFAULT_TEXTS,
    DEFAULT_INT,
    DEFAULT_COUNT,
    DEFAULT_BOOL,
    DEFAULT_MAP
};
#define POD      NULL
#define TEXT(t)  DEFAULT_TEXT, t, 0
#define TEXTS(t) DEFAULT_TEXTS, t, 0
#define INT(n)   DEFAULT_INT, NULL, n
#define COUNT(n) DEFAULT_COUNT, NULL, n
#define YES      DEFAULT_BOOL, NULL, 1
#define NO       DEFAULT_BOOL, NULL, 0
#define EMPTY    DEFAULT_MAP, NULL, 0
struct default_row {
    const char *kind; /* NULL: of pods */
    const char *where, *field;
    enum default_type type;
    const char *text;
    int64_t number;
    const char *other, *words; /* other NULL: always */
};
static const struct default_row row[] = {
#define DEFAULT(kind, where, field, value) { kind, where, field, value, NULL, NULL },
#define DEFAULT_IF(kind, where, field, value, other, words) \
    { kind, where, field, value, other, words },
#include "cluster/manifest_default.def"
};
static const struct value_map no_entries;

static bool is_there(const struct value *v)
{
    return v && v->kind != VALUE_NULL;
}

static struct value value_of(struct arena *a, const struct default_row *r)
{
    struct value text = value_cstr(r->text ? r->text : "");
    struct value *item;
    switch (r->type) {
    case DEFAULT_TEXT:
        return text;
    case DEFAULT_TEXTS:
        item = arena_new(a, struct value);
        *item = text;
        return value_list(item, 1);
    case DEFAULT_INT:
    case DEFAULT_COUNT:
        return value_int(r->number);
    case DEFAULT_BOOL:
        return value_bool(r->number != 0);
    case DEFAULT_MAP:
        break;
    }
    return (struct value){ .kind = VALUE_MAP, .as.map = &no_entries };
}

/* What the field says is nothing: of texts and of some numbers Kubernetes cannot tell a zero from
 * what is left out. */
static bool says_nothing(const struct default_row *r, const struct value *v)
{
    return !is_there(v) || (r->type == DEFAULT_TEXT && v->kind == VALUE_STRING && !v->n) ||
           (r->type == DEFAULT_COUNT && v->kind == VALUE_INT && v->as.i == 0);
}

static bool applies(const struct default_row *r, struct value map)
{
    if (!r->other)
        return true;
    const struct value *v = value_get(map, str_from_c(r->other));
    struct str rest = str_from_c(r->words), word;
    if (!rest.n)
        return !is_there(v);
    while (v && v->kind == VALUE_STRING && str_next_field(&rest, ' ', &word))
        if (str_eq(word, value_text(*v)))
            return true;
    return false;
}

/* map with the entry set. */
static struct value with_entry(struct arena *a, struct value map, struct str key, struct value v)
{
    struct value_builder b;
    bool there = false;
    value_builder_init(&b, a);
    for (uint32_t i = 0; i < map.n; i++) {
        bool same = str_eq(value_text(map.as.map->entry[i].key), key);
        value_builder_put(&b, map.as.map->entry[i].key, same ? v : map.as.map->entry[i].val);
        there |= same;
    }
    if (!there)
        value_builder_put(&b, value_str(key), v);
    return value_builder_map(&b);
}

/* What is to happen to a map that a path leads to; false: nothing. */
typedef bool change(struct arena *a, const struct default_row *r, struct value map,
                    struct value *out);

static bool follow(struct arena *a, const struct default_row *r, change *fn, struct value at,
                   struct str path, struct value *out);

static bool follow_items(struct arena *a, const struct default_row *r, change *fn,
                         struct value list, struct str rest, struct value *out)
{
    struct value *item = NULL;
    for (uint32_t i = 0; i < list.n; i++) {
        struct value made;
        if (!follow(a, r, fn, value_item(list, i), rest, &made))
            continue;
        if (!item) {
            item = arena_array(a, struct value, list.n);
            for (uint32_t k = 0; k < list.n; k++)
                item[k] = value_item(list, k);
        }
        item[i] = made;
    }
    if (item)
        *out = value_list(item, list.n);
    return item != NULL;
}

static bool follow(struct arena *a, const struct default_row *r, change *fn, struct value at,
                   struct str path, struct value *out)
{
    struct str step, rest = path;
    struct value made;
    if (at.kind != VALUE_MAP)
        return false;
    if (!str_next_field(&rest, '.', &step))
        return fn(a, r, at, out);
    bool each = str_has_suffix(step, STR("[]"));
    struct str key = each ? str_sub(step, 0, step.n - 2) : step;
    const struct value *next = value_get(at, key);
    if (!next || (each && next->kind != VALUE_LIST))
        return false;
    if (!(each ? follow_items(a, r, fn, *next, rest, &made) : follow(a, r, fn, *next, rest, &made)))
        return false;
    *out = with_entry(a, at, key, made);
    return true;
}

static bool set_where_absent(struct arena *a, const struct default_row *r, struct value map,
                             struct value *out)
{
    if (!says_nothing(r, value_get(map, str_from_c(r->field))) || !applies(r, map))
        return false;
    *out = with_entry(a, map, str_from_c(r->field), value_of(a, r));
    return true;
}

/* "a", "a.b", "a__b", "a--b": one step of a repository's path. */
static bool is_step(struct str s)
{
    char sign = 0;
    size_t run = 1; /* of the signs just seen; nothing begins with one */
    for (size_t i = 0; i < s.n; i++) {
        bool is_sign = strchr("._-", s.p[i]) != NULL;
        if (is_sign && i == 0)
            return false;
        run = !is_sign ? 0 : run + 1;
        if (run > 1 && (s.p[i] != sign || sign == '.' || (sign == '_' && run > 2)))
            return false;
        sign = s.p[i];
    }
    return s.n && run == 0 && str_consists_of(s, STR_LOWER STR_DIGITS "._-");
}

/* Whether the first step of a name is a registry, as Docker tells it. */
static bool is_registry(struct str s)
{
    bool has_upper = false;
    for (size_t i = 0; i < s.n; i++)
        has_upper |= s.p[i] >= 'A' && s.p[i] <= 'Z';
    return has_upper || str_find_char(s, '.', 0) != SIZE_MAX ||
           str_find_char(s, ':', 0) != SIZE_MAX || str_eq_c(s, "localhost");
}

/* A name as runtimes take it, its tag split off; in another Kubernetes finds no tag. */
static bool is_repository(struct str name)
{
    struct str rest = name, step;
    bool first = true, ok = name.n != 0, any = false;
    while (ok && str_next_field(&rest, '/', &step)) {
        bool is_host = first && step.n != name.n && is_registry(step);
        ok = is_host ? str_consists_of(step, STR_LOWER STR_UPPER STR_DIGITS ".:-") : is_step(step);
        any |= !is_host;
        first = false;
    }
    return ok && any && name.p[name.n - 1] != '/';
}

/* Always for :latest, and for neither tag nor digest; IfNotPresent otherwise (core/v1,
 * SetDefaults_Container). */
static bool is_newest(struct str image)
{
    size_t at = str_find_char(image, '@', 0);
    struct str name = str_sub(image, 0, at == SIZE_MAX ? image.n : at);
    size_t slash = str_find_last_char(name, '/'),
           colon = str_find_char(name, ':', slash == SIZE_MAX ? 0 : slash);
    struct str tag = colon == SIZE_MAX ? (struct str){ 0 } : str_sub(name, colon + 1, name.n);
    if (!is_repository(str_sub(name, 0, colon == SIZE_MAX ? name.n : colon)))
        return false;
    return colon == SIZE_MAX ? at == SIZE_MAX : str_eq_c(tag, "latest");
}

static bool set_policy_of(struct arena *a, struct value map, const char *of, const char *field,
                          struct value *out)
{
    const struct value *image = value_get(map, str_from_c(of)),
                       *policy = value_get(map, str_from_c(field));
    bool has_policy = is_there(policy) && (policy->kind != VALUE_STRING || policy->n);
    if (has_policy || !image || image->kind != VALUE_STRING)
        return false;
    *out = with_entry(a, map, str_from_c(field),
                      value_cstr(is_newest(value_text(*image)) ? "Always" : "IfNotPresent"));
    return true;
}

static bool set_pull_policy(struct arena *a, const struct default_row *r, struct value container,
                            struct value *out)
{
    (void)r;
    return set_policy_of(a, container, "image", "imagePullPolicy", out);
}

static bool set_volume_policy(struct arena *a, const struct default_row *r, struct value image,
                              struct value *out)
{
    (void)r;
    return set_policy_of(a, image, "reference", "pullPolicy", out);
}

/* A volume of nothing is an emptyDir (core/v1, SetDefaults_Volume). */
static bool set_source(struct arena *a, const struct default_row *r, struct value volume,
                       struct value *out)
{
    (void)r;
    for (uint32_t i = 0; i < volume.n; i++)
        if (!str_eq_c(value_text(volume.as.map->entry[i].key), "name") &&
            volume.as.map->entry[i].val.kind != VALUE_NULL)
            return false;
    *out = with_entry(a, volume, STR("emptyDir"),
                      (struct value){ .kind = VALUE_MAP, .as.map = &no_entries });
    return true;
}

static struct value with_pod_defaults(struct arena *a, struct value spec)
{
    static const struct {
        const char *where;
        change *fn;
    } own[] = { { "containers[]", set_pull_policy },
                { "initContainers[]", set_pull_policy },
                { "volumes[].image", set_volume_policy },
                { "volumes[]", set_source } };
    for (size_t i = 0; i < COUNT_OF(row); i++)
        if (!row[i].kind)
            (void)follow(a, &row[i], set_where_absent, spec, str_from_c(row[i].where), &spec);
    for (size_t i = 0; i < COUNT_OF(own); i++)
        (void)follow(a, NULL, own[i].fn, spec, str_from_c(own[i].where), &spec);
    return spec;
}

/* The account's older name is the newer one, or the other way about where that is left out
 * (core/v1, conversion.go). */
static struct value with_account(struct arena *a, struct value spec)
{
    struct str name = value_text_at(spec, "serviceAccountName", NULL),
               older = value_text_at(spec, "serviceAccount", NULL);
    if (name.n && !str_eq(name, older))
        return with_entry(a, spec, STR("serviceAccount"), value_str(name));
    return older.n && !name.n ? with_entry(a, spec, STR("serviceAccountName"), value_str(older))
                              : spec;
}

static bool set_pod(struct arena *a, const struct default_row *r, struct value spec,
                    struct value *out)
{
    (void)r;
    *out = with_account(a, with_pod_defaults(a, spec));
    return true;
}

static bool set_name_label(struct arena *a, const struct default_row *r, struct value meta,
                           struct value *out)
{
    const struct value *labels = value_get(meta, STR("labels")),
                       *name = value_get(meta, STR("name"));
    struct value old = labels && labels->kind != VALUE_NULL
                           ? *labels
                           : (struct value){ .kind = VALUE_MAP, .as.map = &no_entries };
    (void)r;
    if (!name || old.kind != VALUE_MAP)
        return false;
    *out = with_entry(a, meta, STR("labels"),
                      with_entry(a, old, STR("kubernetes.io/metadata.name"), *name));
    return true;
}

/* ---- of single kinds */

/* to gets what from has and it has not. */
static bool merged(struct arena *a, struct value from, struct value to, struct value *out)
{
    bool any = false;
    for (uint32_t i = 0; i < from.n; i++) {
        struct str key = value_text(from.as.map->entry[i].key);
        if (is_there(value_get(to, key)))
            continue;
        to = with_entry(a, to, key, from.as.map->entry[i].val);
        any = true;
    }
    *out = to;
    return any;
}

/* What map says under from goes to what it says under to. */
static bool merge_fields(struct arena *a, struct value map, const char *from, const char *to,
                         struct value *out)
{
    const struct value *f = value_get(map, str_from_c(from)), *t = value_get(map, str_from_c(to));
    struct value there =
                     is_there(t) ? *t : (struct value){ .kind = VALUE_MAP, .as.map = &no_entries },
                 made;
    if (!f || f->kind != VALUE_MAP || there.kind != VALUE_MAP || !merged(a, *f, there, &made))
        return false;
    *out = with_entry(a, map, str_from_c(to), made);
    return true;
}

/* What a container may take it asks for; of pods alone, not of their templates. */
static bool set_requests(struct arena *a, const struct default_row *r, struct value resources,
                         struct value *out)
{
    (void)r;
    return merge_fields(a, resources, "limits", "requests", out);
}

/* Of a pod in its node's network every port is the node's. */
static bool set_host_port(struct arena *a, const struct default_row *r, struct value port,
                          struct value *out)
{
    const struct value *host = value_get(port, STR("hostPort")),
                       *own = value_get(port, STR("containerPort"));
    (void)r;
    if (!own || own->kind != VALUE_INT ||
        (is_there(host) && (host->kind != VALUE_INT || host->as.i)))
        return false;
    *out = with_entry(a, port, STR("hostPort"), *own);
    return true;
}

static struct value with_pod_alone(struct arena *a, struct value pod)
{
    static const char *const list[] = { "containers", "initContainers" };
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct str at = str_printf(a, "spec.%s[].resources", list[i]),
                   port = str_printf(a, "spec.%s[].ports[]", list[i]);
        (void)follow(a, NULL, set_requests, pod, at, &pod);
        if (value_bool_at(pod, false, "spec", "hostNetwork", NULL))
            (void)follow(a, NULL, set_host_port, pod, port, &pod);
    }
    return pod;
}

static bool set_target_port(struct arena *a, const struct default_row *r, struct value port,
                            struct value *out)
{
    const struct value *target = value_get(port, STR("targetPort")),
                       *own = value_get(port, STR("port"));
    bool is_zero = is_there(target) && ((target->kind == VALUE_INT && !target->as.i) ||
                                        (target->kind == VALUE_STRING && !target->n));
    (void)r;
    if (!own || own->kind != VALUE_INT || (is_there(target) && !is_zero))
        return false;
    *out = with_entry(a, port, STR("targetPort"), *own);
    return true;
}

/* A policy is for what comes in, and for what goes out if it says anything of that. */
static bool set_policy_types(struct arena *a, const struct default_row *r, struct value spec,
                             struct value *out)
{
    const struct value *types = value_get(spec, STR("policyTypes")),
                       *egress = value_get(spec, STR("egress"));
    struct value *item = arena_array(a, struct value, 2);
    (void)r;
    if (is_there(types) && (types->kind != VALUE_LIST || types->n))
        return false;
    item[0] = value_cstr("Ingress");
    item[1] = value_cstr("Egress");
    bool both = egress && egress->kind == VALUE_LIST && egress->n;
    *out = with_entry(a, spec, STR("policyTypes"), value_list(item, both ? 2 : 1));
    return true;
}

/* Of a container: its greatest is what it gets, which is what it asks for; what it asks for is at
 * least the smallest. */
static bool set_limits(struct arena *a, const struct default_row *r, struct value limit,
                       struct value *out)
{
    static const char *const way[][2] = { { "max", "default" },
                                          { "default", "defaultRequest" },
                                          { "min", "defaultRequest" } };
    bool any = false;
    (void)r;
    if (!str_eq_c(value_text_at(limit, "type", NULL), "Container"))
        return false;
    for (size_t i = 0; i < COUNT_OF(way); i++)
        any |= merge_fields(a, limit, way[i][0], way[i][1], &limit);
    *out = limit;
    return any;
}

/* A Job that says neither how many nor how many at once is one pod. */
static bool set_completions(struct arena *a, const struct default_row *r, struct value spec,
                            struct value *out)
{
    bool many = is_there(value_get(spec, STR("completions")));
    (void)r;
    if (is_there(value_get(spec, STR("parallelism"))))
        return false;
    if (!many)
        spec = with_entry(a, spec, STR("completions"), value_int(1));
    *out = with_entry(a, spec, STR("parallelism"), value_int(1));
    return true;
}

/* The object's map at path, if it has no entry, is the labels of its template. */
static struct value with_labels(struct arena *a, struct value object, const char *map,
                                const char *field)
{
    const struct value *labels = value_at(object, "spec", "template", "metadata", "labels", NULL),
                       *in = value_get(object, str_from_c(map)),
                       *there = in ? value_get(*in, str_from_c(field)) : NULL;
    if (!labels || labels->kind != VALUE_MAP || !labels->n || !in || in->kind != VALUE_MAP ||
        (is_there(there) && there->n))
        return object;
    return with_entry(a, object, str_from_c(map), with_entry(a, *in, str_from_c(field), *labels));
}

/* From outside a Service of a node's or a balancer's is reached, and one with addresses of its own.
 */
static bool set_external(struct arena *a, const struct default_row *r, struct value spec,
                         struct value *out)
{
    const struct value *policy = value_get(spec, STR("externalTrafficPolicy")),
                       *addresses = value_get(spec, STR("externalIPs"));
    struct str type = value_text_at(spec, "type", NULL);
    bool is_reached =
        str_eq_c(type, "NodePort") || str_eq_c(type, "LoadBalancer") ||
        (str_eq_c(type, "ClusterIP") && addresses && addresses->kind == VALUE_LIST && addresses->n);
    (void)r;
    if (!is_reached || (is_there(policy) && (policy->kind != VALUE_STRING || policy->n)))
        return false;
    *out = with_entry(a, spec, STR("externalTrafficPolicy"), value_cstr("Cluster"));
    return true;
}

/* A definition's kind in the other forms that it is asked for by. */
static bool set_names(struct arena *a, const struct default_row *r, struct value names,
                      struct value *out)
{
    struct str kind = value_text_at(names, "kind", NULL);
    (void)r;
    if (!kind.n)
        return false;
    if (!value_text_at(names, "singular", NULL).n)
        names = with_entry(a, names, STR("singular"), value_str(str_lower_ascii(a, kind)));
    if (!value_text_at(names, "listKind", NULL).n)
        names = with_entry(a, names, STR("listKind"),
                           value_str(str_printf(a, "%.*sList", STR_ARG(kind))));
    *out = names;
    return true;
}

static const struct {
    enum kind kind;
    const char *where;
    change *fn;
} of_kind[] = {
    { KIND_CRDS, "spec.names", set_names },
    { KIND_SERVICES, "spec", set_external },
    { KIND_SERVICES, "spec.ports[]", set_target_port },
    { KIND_NETWORKPOLICIES, "spec", set_policy_types },
    { KIND_LIMITRANGES, "spec.limits[]", set_limits },
    { KIND_JOBS, "spec", set_completions },
    { KIND_NAMESPACES, "metadata", set_name_label },
};

static struct value with_own_defaults(struct arena *a, enum kind k, struct value object)
{
    for (size_t i = 0; i < COUNT_OF(of_kind); i++)
        if (of_kind[i].kind == k)
            (void)follow(a, NULL, of_kind[i].fn, object, str_from_c(of_kind[i].where), &object);
    if (k == KIND_PODS)
        return with_pod_alone(a, object);
    if (k == KIND_REPLICATIONCONTROLLERS)
        object = with_labels(a, object, "spec", "selector");
    if (k == KIND_REPLICATIONCONTROLLERS || k == KIND_JOBS)
        object = with_labels(a, object, "metadata", "labels");
    return object;
}

struct value manifest_with_defaults(struct arena *a, enum kind k, struct value object)
{
    const char *name = kind_info(k)->name;
    for (size_t i = 0; i < COUNT_OF(row); i++)
        if (row[i].kind && strcmp(row[i].kind, name) == 0 && !kind_info(k)->versions[0])
            (void)follow(a, &row[i], set_where_absent, object, str_from_c(row[i].where), &object);
    const char *template = workload_template_path(k);
    struct str pod = k == KIND_PODS ? STR("spec")
                     : template     ? str_printf(a, "%s.spec", template)
                                    : (struct str){ 0 };
    if (pod.n)
        (void)follow(a, NULL, set_pod, object, pod, &object);
    return with_own_defaults(a, k, object);
}
