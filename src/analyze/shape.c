/* The shapes that the summaries of the tables tell people, read as schemas. */
#include "analyze/shape.h"

#include "base/vec.h"
#include "cel/overload.h"

#define SHAPE_DEPTH_MAX 16
#define FIELDS_MAX      64

struct shaping {
    struct arena *arena;
    struct str rest; /* what is still to be read */
    struct err *err;
};

static const struct {
    const char *name;
    struct cel_schema schema;
} word_row[] = {
    { "string", { .kinds = K_STRING } }, { "int", { .kinds = K_INT } },
    { "bool", { .kinds = K_BOOL } },     { "double", { .kinds = K_DOUBLE | K_INT } },
    { "any", { .kinds = K_ANY } },
};
const struct shape_info shape_info[] = {
#define SHAPE(name, shape) { #name, shape },
#include "analyze/shape.def"
#undef SHAPE
};
const size_t shape_count = sizeof shape_info / sizeof *shape_info;

/* before: the type of the field before, for "the same". NULL: err is set. */
static const struct cel_schema *read_type(struct shaping *s, const struct cel_schema *before,
                                          int depth);

static void *fault(struct shaping *s, const char *expected)
{
    (void)err_set(s->err, ERR_INPUT, "expected %s at \"%.*s\"", expected,
                  STR_ARG(str_sub(s->rest, 0, 60)));
    return NULL;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void skip_space(struct shaping *s)
{
    while (s->rest.n && s->rest.p[0] == ' ')
        s->rest = str_sub(s->rest, 1, s->rest.n);
}

static bool take(struct shaping *s, const char *text)
{
    skip_space(s);
    if (!str_has_prefix(s->rest, str_from_c(text)))
        return false;
    s->rest = str_sub(s->rest, strlen(text), s->rest.n);
    return true;
}

static struct str take_word(struct shaping *s)
{
    size_t n = 0;
    skip_space(s);
    while (n < s->rest.n && is_word(s->rest.p[n]))
        n++;
    struct str word = str_sub(s->rest, 0, n);
    s->rest = str_sub(s->rest, n, s->rest.n);
    return word;
}

/* "(words (for people))" */
static void skip_comment(struct shaping *s)
{
    int open = 0;
    struct str after = str_sub(s->rest, s->rest.n && s->rest.p[0] == ' ', s->rest.n);
    if (!after.n || after.p[0] != '(')
        return;
    for (size_t i = 0; i < after.n; i++) {
        open += after.p[i] == '(' ? 1 : after.p[i] == ')' ? -1 : 0;
        if (open)
            continue;
        s->rest = str_sub(after, i + 1, after.n);
        return;
    }
}

/* ---- types */

static const struct cel_schema *read_named(struct shaping *s, int depth)
{
    struct str at = s->rest, word = take_word(s);
    for (size_t i = 0; i < sizeof word_row / sizeof *word_row; i++)
        if (str_eq_c(word, word_row[i].name))
            return &word_row[i].schema;
    for (size_t i = 0; i < shape_count; i++) {
        struct shaping of = { s->arena, str_from_c(shape_info[i].shape), s->err };
        if (str_eq_c(word, shape_info[i].name))
            return read_type(&of, NULL, depth + 1);
    }
    s->rest = at;
    return fault(
        s,
        "a type (string, int, bool, double, any, [T], {name: T}, 'text' or a name in shape.def)");
}

/* 'x', 'y' or 'z' */
static const struct cel_schema *read_texts(struct shaping *s)
{
    do {
        size_t end = str_find_char(s->rest, '\'', 0);
        if (end == SIZE_MAX)
            return fault(s, "the end of a quoted text");
        s->rest = str_sub(s->rest, end + 1, s->rest.n);
    } while (take(s, ", '") || take(s, "or '"));
    return &word_row[0].schema;
}

static const struct cel_schema *read_list(struct shaping *s, const struct cel_schema *before,
                                          int depth)
{
    if (before && before->kinds == K_LIST && take(s, "the same]"))
        return before;
    const struct cel_schema *held = read_type(s, before, depth + 1);
    if (!held || !take(s, "]"))
        return held ? fault(s, "\"]\"") : NULL;
    struct cel_schema *t = arena_new(s->arena, struct cel_schema);
    *t = (struct cel_schema){ .kinds = K_LIST, .held = held };
    return t;
}

static int field_order(const void *a, const void *b)
{
    return str_cmp(((const struct cel_schema_field *)a)->name,
                   ((const struct cel_schema_field *)b)->name);
}

static const struct cel_schema *map_of(struct shaping *s, const struct cel_schema_field *field,
                                       size_t count)
{
    struct cel_schema *t = arena_new(s->arena, struct cel_schema);
    *t = (struct cel_schema){ .kinds = K_MAP };
    if (count == 1 && str_eq(field->name, STR("name"))) {
        t->open = true;
        t->held = field->schema;
        return t;
    }
    struct cel_schema_field *sorted = arena_array(s->arena, struct cel_schema_field, count);
    memcpy(sorted, field, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, field_order);
    t->field = sorted;
    t->field_count = count;
    return t;
}

static const struct cel_schema *read_map(struct shaping *s, int depth)
{
    struct cel_schema_field field[FIELDS_MAX] = { 0 };
    size_t count = 0, typed = 0; /* names without a type yet: [typed, count) */
    const struct cel_schema *before = NULL;
    do {
        if (count == FIELDS_MAX)
            return fault(s, "fewer fields");
        field[count].name = take_word(s);
        if (!field[count++].name.n)
            return fault(s, "a field's name");
        skip_comment(s);
        if (!take(s, ":"))
            continue;
        if (!(before = read_type(s, before, depth + 1)))
            return NULL;
        while (typed < count)
            field[typed++].schema = before;
    } while (take(s, ","));
    if (typed < count)
        return fault(s, "\":\" and a type");
    return take(s, "}") ? map_of(s, field, count) : fault(s, "\",\" or \"}\"");
}

static const struct cel_schema *read_one(struct shaping *s, const struct cel_schema *before,
                                         int depth)
{
    if (depth > SHAPE_DEPTH_MAX)
        return fault(s, "a flatter shape");
    if (take(s, "["))
        return read_list(s, before, depth);
    if (take(s, "{"))
        return read_map(s, depth);
    if (take(s, "'"))
        return read_texts(s);
    if (before && take(s, "the same"))
        return before;
    return read_named(s, depth);
}

/* What is one or the other; kept apart only by kind, so two maps leave their fields open. */
static const struct cel_schema *either(struct shaping *s, const struct cel_schema *a,
                                       const struct cel_schema *b)
{
    struct cel_schema *t = arena_new(s->arena, struct cel_schema);
    const struct cel_schema *holder = a->held || a->field ? a : b;
    *t = *holder;
    t->kinds = a->kinds | b->kinds;
    return t;
}

static const struct cel_schema *read_type(struct shaping *s, const struct cel_schema *before,
                                          int depth)
{
    static const struct cel_schema null = { .kinds = K_NULL };
    const struct cel_schema *t = read_one(s, before, depth), *other;
    while (t && s->rest.n) {
        if (s->rest.p[0] == '|' && take(s, "|")) {
            other = read_one(s, before, depth);
            t = other ? either(s, t, other) : NULL;
        } else if (s->rest.p[0] == '?' && take(s, "?")) {
            t = either(s, t, &null);
        } else if (s->rest.p[0] != '!' || !take(s, "!")) {
            break;
        }
    }
    if (t)
        skip_comment(s);
    return t;
}

/* ---- summaries */

bool shape_of_fact(const struct cel_schema **out, struct arena *a, const struct fact_info *fact,
                   struct err *err)
{
    struct shaping s = { a, str_from_c(fact->summary), err };
    *out = read_type(&s, NULL, 0);
    return *out || err_prefix(err, "fact %s", fact->name);
}

static const struct cel_schema *shape_after(struct shaping *s, const char *head, bool *kind)
{
    size_t at = str_find(s->rest, str_from_c(head), 0);
    if (at == SIZE_MAX)
        return fault(s, head);
    s->rest = str_sub(s->rest, at + strlen(head), s->rest.n);
    *kind = take(s, "the ");
    return *kind ? NULL : read_type(s, NULL, 0);
}

static bool derived_as(const struct cel_schema **derived, struct shaping *s)
{
    struct str name = take_word(s);
    const struct table_info *other = table_find(name);
    const struct cel_schema *object;
    if (!other || !strstr(other->summary, "derived: {"))
        return fault(s, "a table's name") != NULL;
    return shape_of_table(&object, derived, s->arena, other, s->err);
}

bool shape_of_table(const struct cel_schema **object, const struct cel_schema **derived,
                    struct arena *a, const struct table_info *table, struct err *err)
{
    struct shaping s = { a, str_from_c(table->summary), err };
    bool kind, is_kind;
    *derived = NULL;
    *object = shape_after(&s, "object: ", &kind);
    if (!*object && !kind)
        return err_prefix(err, "table %s, object", table->name);
    size_t at = str_find(s.rest, STR("derived: as "), 0);
    if (at != SIZE_MAX) {
        s.rest = str_sub(s.rest, at + strlen("derived: as "), s.rest.n);
        return derived_as(derived, &s) || err_prefix(err, "table %s, derived", table->name);
    }
    *derived = shape_after(&s, "derived: ", &is_kind);
    return *derived || err_prefix(err, "table %s, derived", table->name);
}

bool shape_of_function(struct cel_host_function *f, struct arena *a, struct err *err)
{
    struct shaping s = { a, str_from_c(f->summary), err };
    const struct cel_schema *arg[CEL_HOST_ARGS_MAX] = { 0 }, *result = NULL;
    bool ok =
        str_eq_c(take_word(&s), f->name) && take(&s, "(") && f->arg_count <= CEL_HOST_ARGS_MAX;
    for (uint8_t i = 0; ok && i < f->arg_count; i++) {
        ok = (arg[i] = read_type(&s, NULL, 0)) != NULL;
        (void)take_word(&s); /* what it is called */
        ok = ok && take(&s, i + 1 < f->arg_count ? "," : ")");
    }
    ok = ok && take(&s, "->") && (result = read_type(&s, NULL, 0));
    if (!ok)
        return err->code != ERR_NONE
                   ? err_prefix(err, "function %s", f->name)
                   : err_set(
                         err, ERR_INPUT,
                         "function %s: its summary does not begin \"%s(TYPE name, ...) -> TYPE\"",
                         f->name, f->name);
    memcpy(f->arg, arg, sizeof arg);
    f->result = result;
    return true;
}
