/* Nulls and wrong types of an object, by the bundled schema of its kind. */
#include "cluster/conform.h"

#include "cel/overload.h"

#define CONFORM_DEPTH_MAX 64u

/* Where a value stands: a chain of steps up to the object. */
struct place {
    const struct place *up;
    struct str name; /* of a field; empty: item index of a list */
    uint32_t index;
    unsigned depth;
};
struct conform {
    struct arena *arena;
    struct str fault;
    bool is_structural;
};

static bool conform(struct conform *c, const struct cel_schema *s, struct value v,
                    const struct place *at, struct value *out);

/* Fields that the program itself reads, beside what expressions read. */
static bool is_structural(struct str name)
{
    static const char *const field[] = {
        "metadata",
        "ownerReferences",
        "serviceAccount",
        "serviceAccountName",
        "automountServiceAccountToken",
        "nodeName",
        "image",
        "command",
        "args",
        "template",
        "jobTemplate",
        "selector",
    };
    for (size_t i = 0; i < COUNT_OF(field); i++)
        if (str_eq_c(name, field[i]))
            return true;
    return false;
}

static struct str place_text(struct arena *a, const struct place *at)
{
    if (!at || !at->up)
        return at && at->name.n ? at->name : STR("the object");
    struct str above = at->up->up ? place_text(a, at->up) : (struct str){ 0 };
    if (!at->name.n)
        return str_printf(a, "%.*s[%u]", STR_ARG(above), at->index);
    return above.n ? str_printf(a, "%.*s.%.*s", STR_ARG(above), STR_ARG(str_sub(at->name, 0, 100)))
                   : at->name;
}

/* A label or an annotation. */
static bool is_word_of_metadata(const struct place *at)
{
    return at->up && (str_eq_c(at->up->name, "labels") || str_eq_c(at->up->name, "annotations"));
}

/* Who reads it learns what is wrong; texts of a tenant are not quoted. */
static struct value refused(struct conform *c, struct value v, const struct place *at)
{
    struct str where = place_text(c->arena, at);
    struct value error = value_unavailable(
        c->arena, CAUSE_MALFORMED, "%.*s is of type %s, which no API server takes there",
        STR_ARG(where), value_kind_name((enum value_kind)v.kind));
    if (!c->fault.n)
        c->fault = error.as.error->text;
    if (is_word_of_metadata(at))
        c->is_structural |= str_eq_c(at->name, "kubernetes.io/config.mirror");
    else
        for (const struct place *p = at; p && p->up; p = p->up)
            c->is_structural |= is_structural(p->name);
    return error;
}

/* What Go makes of null for a type. */
static struct value empty_of(const struct cel_schema *s)
{
    static const struct value_map no_entries;
    if (s->kinds & K_MAP)
        return (struct value){ .kind = VALUE_MAP, .as.map = &no_entries };
    if (s->kinds & K_LIST)
        return value_list(NULL, 0);
    if (s->kinds & K_STRING)
        return s->kinds & K_INT ? value_cstr("0") : value_cstr("");
    return s->kinds & K_BOOL ? value_bool(false) : value_int(0);
}

static const struct cel_schema *field_schema(const struct cel_schema *s, struct str name)
{
    size_t low = 0, high = s->field_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = str_cmp(name, s->field[mid].name);
        if (order == 0)
            return s->field[mid].schema;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return s->held;
}

static bool is_typed(const struct cel_schema *s)
{
    return s && s->kinds != K_ANY;
}

/* One entry or item: true if *out differs from v. *gone: it is not there at all. */
static bool conform_part(struct conform *c, const struct cel_schema *s, struct value v,
                         bool is_field, const struct place *at, struct value *out, bool *gone)
{
    *out = v;
    *gone = false;
    if (!is_typed(s))
        return false;
    if (v.kind == VALUE_NULL && !(s->kinds & K_NULL)) {
        *gone = is_field;
        *out = empty_of(s);
        return true;
    }
    return conform(c, s, v, at, out);
}

static bool conform_map(struct conform *c, const struct cel_schema *s, struct value v,
                        const struct place *at, struct value *out)
{
    struct value_entry *entry = NULL; /* made with the first difference */
    const struct value_map *m = v.as.map;
    size_t kept = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        struct place here = { at, value_text(m->entry[i].key), 0, at->depth + 1 };
        const struct cel_schema *of = field_schema(s, here.name);
        struct value made;
        bool gone;
        if (conform_part(c, of, m->entry[i].val, of != s->held, &here, &made, &gone) && !entry) {
            entry = arena_array(c->arena, struct value_entry, m->count);
            for (uint32_t k = 0; k < i; k++)
                entry[kept++] = m->entry[k];
        }
        if (entry && !gone)
            entry[kept++] = (struct value_entry){ m->entry[i].key, made };
    }
    if (entry)
        *out = value_map(c->arena, entry, kept);
    return entry != NULL;
}

static bool conform_list(struct conform *c, const struct cel_schema *s, struct value v,
                         const struct place *at, struct value *out)
{
    struct value *item = NULL;
    for (uint32_t i = 0; i < v.n; i++) {
        struct place here = { at, { 0 }, i, at->depth + 1 };
        struct value made;
        bool gone;
        if (!conform_part(c, s->held, value_item(v, i), false, &here, &made, &gone))
            continue;
        if (!item) {
            item = arena_array(c->arena, struct value, v.n);
            for (uint32_t k = 0; k < v.n; k++)
                item[k] = value_item(v, k);
        }
        item[i] = made;
    }
    if (item)
        *out = value_list(item, v.n);
    return item != NULL;
}

/* A double that is whole, for a place that takes ints. */
static bool is_whole(struct value v)
{
    return v.kind == VALUE_DOUBLE && v.as.d >= -9007199254740992.0 &&
           v.as.d <= 9007199254740992.0 && (double)(int64_t)v.as.d == v.as.d;
}

static bool conform(struct conform *c, const struct cel_schema *s, struct value v,
                    const struct place *at, struct value *out)
{
    *out = v;
    if (s->kinds & (1u << v.kind)) {
        if (at->depth >= CONFORM_DEPTH_MAX)
            return false;
        if (v.kind == VALUE_MAP && (s->field_count || is_typed(s->held)))
            return conform_map(c, s, v, at, out);
        return v.kind == VALUE_LIST && is_typed(s->held) && conform_list(c, s, v, at, out);
    }
    if ((s->kinds & K_INT) && is_whole(v))
        *out = value_int((int64_t)v.as.d);
    else
        *out = refused(c, v, at);
    return true;
}

struct conform_result conform_object(struct arena *a, const struct cel_schema *schema,
                                     struct value object)
{
    struct conform c = { .arena = a };
    struct conform_result r = { .object = object };
    struct place top = { 0 };
    if (is_typed(schema))
        (void)conform(&c, schema, object, &top, &r.object);
    r.fault = c.fault;
    r.is_structural = c.is_structural;
    return r;
}
