/* Schemas out of OpenAPI v3 documents. */
#include "cel/schema.h"

#include "cel/overload.h"

#define REFERENCE "#/components/schemas/"

static const struct cel_schema anything = { .kinds = K_ANY, .open = true };

static const struct cel_schema *make(struct schema_document *d, struct value s, unsigned depth);

bool schema_document_open(struct schema_document *d, struct arena *a, struct value document,
                          struct err *err)
{
    const struct value *components = value_at(document, "components", "schemas", NULL);
    if (!components || components->kind != VALUE_MAP)
        return err_set(err, ERR_INPUT, "no components.schemas: this is not an OpenAPI v3 document");
    *d = (struct schema_document){ .arena = a, .components = *components };
    map_init(&d->made, a);
    return true;
}

static const struct cel_schema *referenced(struct schema_document *d, struct str name,
                                           unsigned depth)
{
    struct cel_schema *made = map_get(&d->made, name);
    const struct value *s = value_get(d->components, name);
    if (made || !s || depth > SCHEMA_DEPTH_MAX)
        return made ? made : s ? &anything : NULL;
    made = arena_new(d->arena, struct cel_schema);
    map_put(&d->made, name, made); /* before its parts: they may refer to it */
    *made = anything;
    const struct cel_schema *whole = make(d, *s, depth + 1);
    *made = *whole;
    return made;
}

static int field_order(const void *a, const void *b)
{
    return str_cmp(((const struct cel_schema_field *)a)->name,
                   ((const struct cel_schema_field *)b)->name);
}

static const struct cel_schema *make_map(struct schema_document *d, struct value s, unsigned kinds,
                                         unsigned depth)
{
    const struct value *fields = value_get(s, STR("properties")),
                       *values = value_get(s, STR("additionalProperties"));
    struct cel_schema *out = arena_new(d->arena, struct cel_schema);
    out->kinds = (uint16_t)kinds;
    out->open =
        !fields || values || value_bool_at(s, false, "x-kubernetes-preserve-unknown-fields", NULL);
    if (values && values->kind == VALUE_MAP && !fields)
        out->held = make(d, *values, depth + 1);
    if (!fields || fields->kind != VALUE_MAP)
        return out;
    struct cel_schema_field *field = arena_array(d->arena, struct cel_schema_field, fields->n);
    for (uint32_t i = 0; i < fields->n; i++)
        field[i] =
            (struct cel_schema_field){ value_text(fields->as.map->entry[i].key),
                                       make(d, fields->as.map->entry[i].val, depth + 1), NULL };
    qsort(field, fields->n, sizeof *field, field_order);
    out->field = field;
    out->field_count = fields->n;
    return out;
}

static const struct cel_schema *make_list(struct schema_document *d, struct value s, unsigned kinds,
                                          unsigned depth)
{
    const struct value *items = value_get(s, STR("items"));
    struct cel_schema *out = arena_new(d->arena, struct cel_schema);
    *out = (struct cel_schema){ .kinds = (uint16_t)kinds,
                                .held = items ? make(d, *items, depth + 1) : NULL };
    return out;
}

/* A JSON number without a fraction is read as an int. */
static unsigned kinds_of_type(struct str type)
{
    static const struct {
        const char *type;
        unsigned kinds;
    } row[] = { { "string", K_STRING },         { "boolean", K_BOOL }, { "integer", K_INT },
                { "number", K_INT | K_DOUBLE }, { "array", K_LIST },   { "object", K_MAP } };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (str_eq_c(type, row[i].type))
            return row[i].kinds;
    return K_ANY;
}

/* What any of the choices may be: text or a number, or anything when a choice is more than that. */
static unsigned kinds_of_choice(struct value choices)
{
    unsigned kinds = 0;
    for (uint32_t i = 0; choices.kind == VALUE_LIST && i < choices.n; i++)
        kinds |= kinds_of_type(value_text_at(choices.as.item[i], "type", NULL));
    return kinds && !(kinds & (K_LIST | K_MAP)) ? kinds : K_ANY;
}

static const struct cel_schema *make(struct schema_document *d, struct value s, unsigned depth)
{
    struct str reference = value_text_at(s, "$ref", NULL);
    const struct value *all = value_get(s, STR("allOf")), *one = value_get(s, STR("oneOf"));
    if (depth > SCHEMA_DEPTH_MAX || s.kind != VALUE_MAP)
        return &anything;
    if (str_has_prefix(reference, STR(REFERENCE))) {
        const struct cel_schema *to =
            referenced(d, str_sub(reference, sizeof REFERENCE - 1, reference.n), depth);
        return to ? to : &anything;
    }
    if (all && all->kind == VALUE_LIST && all->n == 1)
        return make(d, all->as.item[0], depth + 1);
    unsigned kinds = kinds_of_type(value_text_at(s, "type", NULL));
    if (value_bool_at(s, false, "x-kubernetes-int-or-string", NULL))
        kinds = K_INT | K_STRING;
    else if (one)
        kinds = kinds_of_choice(*one);
    if (kinds == K_ANY || all)
        return &anything;
    unsigned null = value_bool_at(s, false, "nullable", NULL) ? K_NULL : 0;
    if (kinds == K_MAP)
        return make_map(d, s, kinds | null, depth);
    return make_list(d, s, kinds | null, depth);
}

const struct cel_schema *schema_of(struct schema_document *d, struct str component)
{
    return referenced(d, component, 0);
}

const struct cel_schema *schema_of_kind(struct schema_document *d, struct str group,
                                        struct str version, struct str kind)
{
    for (uint32_t i = 0; i < d->components.n; i++) {
        const struct value_entry *e = &d->components.as.map->entry[i];
        const struct value *names = value_get(e->val, STR("x-kubernetes-group-version-kind"));
        for (uint32_t k = 0; names && names->kind == VALUE_LIST && k < names->n; k++) {
            struct value n = names->as.item[k];
            struct str named = value_text_at(n, "version", NULL);
            if (str_eq(value_text_at(n, "kind", NULL), kind) &&
                str_eq(value_text_at(n, "group", NULL), group) &&
                (!version.n || str_eq(named, version)))
                return schema_of(d, value_text(e->key));
        }
    }
    return NULL;
}
