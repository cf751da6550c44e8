/* What an API server fills in where an object in a file says nothing. */
#include "cluster/manifest_defaults.h"

#include "cluster/workload.h"

enum default_type { DEFAULT_TEXT, DEFAULT_INT, DEFAULT_BOOL, DEFAULT_MAP };
#define POD     NULL
#define TEXT(t) DEFAULT_TEXT, t, 0
#define INT(n)  DEFAULT_INT, NULL, n
#define YES     DEFAULT_BOOL, NULL, 1
#define NO      DEFAULT_BOOL, NULL, 0
#define EMPTY   DEFAULT_MAP, NULL, 0
struct default_row {
    const char *kind; /* NULL: of pods */
    const char *where, *field;
    enum default_type type;
    const char *text;
    int64_t number;
};
static const struct default_row row[] = {
#define DEFAULT(kind, where, field, value) { kind, where, field, value },
#include "cluster/manifest_default.def"
};

static struct value value_of(const struct default_row *r)
{
    static const struct value_map no_entries;
    switch (r->type) {
    case DEFAULT_TEXT:
        return value_cstr(r->text);
    case DEFAULT_INT:
        return value_int(r->number);
    case DEFAULT_BOOL:
        return value_bool(r->number != 0);
    case DEFAULT_MAP:
        break;
    }
    return (struct value){ .kind = VALUE_MAP, .as.map = &no_entries };
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
    const struct value *v = value_get(map, str_from_c(r->field));
    if (v && v->kind != VALUE_NULL)
        return false;
    *out = with_entry(a, map, str_from_c(r->field), value_of(r));
    return true;
}

/* Always for :latest and for no tag, IfNotPresent otherwise (core/v1, SetDefaults_Container). */
static bool set_pull_policy(struct arena *a, const struct default_row *r, struct value container,
                            struct value *out)
{
    const struct value *image = value_get(container, STR("image")),
                       *policy = value_get(container, STR("imagePullPolicy"));
    (void)r;
    if ((policy && policy->kind != VALUE_NULL) || !image || image->kind != VALUE_STRING)
        return false;
    struct str name = value_text(*image);
    size_t slash = str_find_last_char(name, '/');
    struct str last = slash == SIZE_MAX ? name : str_sub(name, slash + 1, name.n);
    bool newest = str_find_char(last, '@', 0) == SIZE_MAX &&
                  (str_find_char(last, ':', 0) == SIZE_MAX || str_has_suffix(last, STR(":latest")));
    *out = with_entry(a, container, STR("imagePullPolicy"),
                      value_cstr(newest ? "Always" : "IfNotPresent"));
    return true;
}

/* A volume of nothing is an emptyDir (core/v1, SetDefaults_Volume). */
static bool set_source(struct arena *a, const struct default_row *r, struct value volume,
                       struct value *out)
{
    static const struct value_map no_entries;
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
                { "volumes[]", set_source } };
    for (size_t i = 0; i < COUNT_OF(row); i++)
        if (!row[i].kind)
            (void)follow(a, &row[i], set_where_absent, spec, str_from_c(row[i].where), &spec);
    for (size_t i = 0; i < COUNT_OF(own); i++)
        (void)follow(a, NULL, own[i].fn, spec, str_from_c(own[i].where), &spec);
    return spec;
}

static bool set_pod(struct arena *a, const struct default_row *r, struct value spec,
                    struct value *out)
{
    (void)r;
    *out = with_pod_defaults(a, spec);
    return true;
}

static bool set_name_label(struct arena *a, const struct default_row *r, struct value meta,
                           struct value *out)
{
    const struct value *labels = value_get(meta, STR("labels")),
                       *name = value_get(meta, STR("name"));
    static const struct value_map no_entries;
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
    if (k == KIND_NAMESPACES)
        (void)follow(a, NULL, set_name_label, object, STR("metadata"), &object);
    return object;
}
