/* Documents into C structs by field tables: no chains of comparisons, no silent fields. */
#include "value/decode.h"

#include "base/buf.h"
#include "base/names.h"

struct decoding {
    struct arena *arena;
    struct err *err;   /* the first fault, where it ends the reading */
    decode_tell *tell; /* each fault, where it does not; NULL otherwise */
    void *ctx;
};

/* Always false. */
static bool PRINTF_LIKE(3, 4) fault(struct decoding *d, struct pos pos, const char *fmt, ...)
{
    struct err own = { 0 };
    char text[sizeof own.text];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)err_set_at(d->tell ? &own : d->err, ERR_INPUT, pos, "%s", text);
    if (d->tell)
        d->tell(d->ctx, &own);
    return false;
}

/* The bits of one word say which fields were seen. */
#define FIELDS_MAX 64

static const char *kind_of(const struct node *n)
{
    if (n->kind != NODE_SCALAR) {
        return n->kind == NODE_MAP ? "a map" : "a list";
    }
    switch ((enum value_kind)n->scalar.kind) {
    case VALUE_NULL:
        return "null";
    case VALUE_BOOL:
        return "a bool";
    case VALUE_INT:
    case VALUE_UINT:
    case VALUE_DOUBLE:
        return "a number";
    case VALUE_STRING:
    case VALUE_BYTES:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_TIMESTAMP:
    case VALUE_DURATION:
    case VALUE_TYPE:
    case VALUE_OPTIONAL:
    case VALUE_OPAQUE:
    case VALUE_ERROR:
        break;
    }
    return "a string";
}

static bool wrong_kind(const char *key, const char *wanted, const struct node *n,
                       struct decoding *d)
{
    bool quotes =
        n->kind == NODE_SCALAR && n->scalar.kind != VALUE_NULL && str_eq_c(STR("a string"), wanted);
    return fault(d, n->pos, "\"%s\" must be %s, not %s%s", key, wanted, kind_of(n),
                 quotes ? "; put it in quotes" : "");
}

static bool is_scalar(const struct node *n, enum value_kind kind)
{
    return n->kind == NODE_SCALAR && n->scalar.kind == kind;
}

static bool decode_str(void *member, const struct decode_field *f, const struct node *n,
                       struct decoding *d)
{
    if (!is_scalar(n, VALUE_STRING)) {
        return wrong_kind(f->key, "a string", n, d);
    }
    *(struct str *)member = value_text(n->scalar);
    return true;
}

static bool decode_text(void *member, const struct decode_field *f, const struct node *n,
                        struct decoding *d)
{
    if (n->kind != NODE_SCALAR) {
        return wrong_kind(f->key, "a single value", n, d);
    }
    *(struct str *)member = n->text;
    return true;
}

static bool decode_bool(void *member, const struct decode_field *f, const struct node *n,
                        struct decoding *d)
{
    if (!is_scalar(n, VALUE_BOOL)) {
        return wrong_kind(f->key, "true or false", n, d);
    }
    *(bool *)member = n->scalar.as.b;
    return true;
}

static bool decode_int(void *member, const struct decode_field *f, const struct node *n,
                       struct decoding *d)
{
    if (is_scalar(n, VALUE_UINT)) {
        return fault(d, n->pos, "\"%s\" must be a whole number up to %lld, not %.*s", f->key,
                     (long long)INT64_MAX, STR_ARG(str_sub(n->text, 0, 100)));
    }
    if (is_scalar(n, VALUE_DOUBLE)) {
        return fault(d, n->pos, "\"%s\" must be a whole number, not %.*s", f->key,
                     STR_ARG(str_sub(n->text, 0, 100)));
    }
    if (!is_scalar(n, VALUE_INT)) {
        return wrong_kind(f->key, "a whole number", n, d);
    }
    *(int64_t *)member = n->scalar.as.i;
    return true;
}

static bool decode_strs(void *member, const struct decode_field *f, const struct node *n,
                        struct decoding *d)
{
    if (n->kind != NODE_LIST) {
        return wrong_kind(f->key, "a list of strings", n, d);
    }
    struct str *item = arena_array(d->arena, struct str, n->child_count);
    bool ok = true;
    for (size_t i = 0; i < n->child_count && (ok || d->tell); i++) {
        if (is_scalar(&n->child[i], VALUE_STRING)) {
            item[i] = value_text(n->child[i].scalar);
        } else {
            ok = fault(d, n->child[i].pos, "item %zu of \"%s\" must be a string, not %s", i + 1,
                       f->key, kind_of(&n->child[i]));
        }
    }
    *(struct decode_strs *)member = (struct decode_strs){ .item = item, .count = n->child_count };
    return ok;
}

static bool decode_as_node(void *member, const struct decode_field *f, const struct node *n,
                           struct decoding *d)
{
    (void)f, (void)d;
    *(const struct node **)member = n;
    return true;
}

static bool decode_value(void *member, const struct decode_field *f, const struct node *n,
                         struct decoding *d)
{
    (void)f;
    *(struct value *)member = node_value(d->arena, n);
    return true;
}

/* "use one of a, b or c" is what helps most when nothing is near. */
static bool unknown_name(const struct decode_field *f, size_t count, const struct node *n,
                         struct decoding *d)
{
    struct str given = str_sub(n->text, 0, 100);
    const char *nearest = names_nearest(f->name, count, n->text);
    if (nearest) {
        return fault(d, n->pos, "\"%.*s\" is no \"%s\"; did you mean \"%s\"?", STR_ARG(given),
                     f->key, nearest);
    }
    struct buf all CLEANUP(buf_release) = BUF_INIT(300);
    const char *between = "";
    for (size_t i = 0; i < count; i++) {
        if (f->name[i][0]) {
            buf_addf(&all, "%s%s", between, f->name[i]);
            between = ", ";
        }
    }
    return fault(d, n->pos, "\"%.*s\" is no \"%s\"; use one of %.*s%s", STR_ARG(given), f->key,
                 STR_ARG(buf_str(&all)), all.over ? ", ..." : "");
}

static bool decode_enum(void *member, const struct decode_field *f, const struct node *n,
                        struct decoding *d)
{
    size_t count = 0;
    while (f->name[count]) {
        count++;
    }
    if (n->kind != NODE_SCALAR || n->scalar.kind == VALUE_NULL) {
        return wrong_kind(f->key, "a string", n, d);
    }
    /* As written, so that a name such as "off" needs no quotes. */
    int found = names_find(f->name, count, n->text);
    if (found < 0) {
        return unknown_name(f, count, n, d);
    }
    *(int *)member = found;
    return true;
}

static bool decode_map(void *out, const struct decode_table *table, const struct node *n,
                       struct decoding *d);

static bool decode_struct(void *member, const struct decode_field *f, const struct node *n,
                          struct decoding *d)
{
    return decode_map(member, f->table, n, d);
}

static bool decode_items(void *member, const struct decode_field *f, const struct node *n,
                         struct decoding *d)
{
    INVARIANT(f->table->item_size > 0);
    if (n->kind != NODE_LIST) {
        return wrong_kind(f->key, "a list", n, d);
    }
    char *item = arena_alloc_array(d->arena, n->child_count, f->table->item_size);
    bool ok = true;
    for (size_t i = 0; i < n->child_count && (ok || d->tell); i++) {
        ok &= decode_map(item + i * f->table->item_size, f->table, &n->child[i], d);
    }
    *(struct decode_list *)member = (struct decode_list){ .item = item, .count = n->child_count };
    return ok;
}

static bool decode_by_fn(void *member, const struct decode_field *f, const struct node *n,
                         struct decoding *d)
{
    struct err why = { 0 };
    return f->fn(member, n, d->arena, &why) || fault(d, why.pos, "%s", why.text);
}

typedef bool decode_fn(void *member, const struct decode_field *f, const struct node *n,
                       struct decoding *d);
static decode_fn *const decode_by_type[] = {
    [DECODE_STR] = decode_str,
    [DECODE_TEXT] = decode_text,
    [DECODE_BOOL] = decode_bool,
    [DECODE_INT] = decode_int,
    [DECODE_STRS] = decode_strs,
    [DECODE_NODE] = decode_as_node,
    [DECODE_VALUE] = decode_value,
    [DECODE_ENUM] = decode_enum,
    [DECODE_STRUCT] = decode_struct,
    /* never looked up */
    [DECODE_LIST] = decode_items,
    [DECODE_FN] = decode_by_fn,
    [DECODE_FAULTY] = NULL,
};
_Static_assert(sizeof decode_by_type / sizeof decode_by_type[0] == DECODE_FAULTY + 1,
               "every type has its function");

static bool unknown_key(const struct decode_table *table, const struct node *key,
                        struct decoding *d)
{
    const char *name[FIELDS_MAX];
    for (size_t i = 0; i < table->field_count; i++) {
        name[i] = table->field[i].key;
    }
    const char *nearest = names_nearest(name, table->field_count, key->text);
    struct str given = str_sub(key->text, 0, 100);
    if (nearest) {
        return fault(d, key->pos, "unknown key \"%.*s\" in %s; did you mean \"%s\"?",
                     STR_ARG(given), table->what, nearest);
    }
    return fault(d, key->pos, "unknown key \"%.*s\" in %s", STR_ARG(given), table->what);
}

static bool decode_field(void *out, const struct decode_field *f, const struct node *n,
                         struct decoding *d)
{
    if (is_scalar(n, VALUE_NULL)) {
        if ((f->flags & DECODE_REQUIRED) && !(f->flags & DECODE_NULL_OK)) {
            return fault(d, n->pos, "\"%s\" needs a value", f->key);
        }
        return true;
    }
    if (!decode_by_type[f->type]((char *)out + f->offset, f, n, d)) {
        return false;
    }
    if (f->pos_offset_plus1) {
        *(struct pos *)(void *)((char *)out + (f->pos_offset_plus1 - 1)) = n->pos;
    }
    return true;
}

static bool has_required(const struct decode_table *table, uint64_t seen, const struct node *n,
                         struct decoding *d)
{
    bool ok = true;
    for (size_t i = 0; i < table->field_count && (ok || d->tell); i++) {
        if ((table->field[i].flags & DECODE_REQUIRED) && !(seen >> i & 1)) {
            ok = fault(d, n->pos, "%s needs the key \"%s\"", table->what, table->field[i].key);
        }
    }
    return ok;
}

static bool decode_map(void *out, const struct decode_table *table, const struct node *n,
                       struct decoding *d)
{
    INVARIANT(table->field_count <= FIELDS_MAX);
    bool ok = n->kind == NODE_MAP ||
              fault(d, n->pos, "%s must be a map, not %s", table->what, kind_of(n));
    uint64_t seen = 0;
    for (size_t i = 0; n->kind == NODE_MAP && i + 1 < n->child_count && (ok || d->tell); i += 2) {
        const struct node *key = &n->child[i];
        size_t at = 0;
        while (at < table->field_count && (table->field[at].type == DECODE_FAULTY ||
                                           !str_eq_c(key->text, table->field[at].key))) {
            at++;
        }
        if (at == table->field_count) {
            ok &= (table->flags & DECODE_ALLOW_UNKNOWN) || unknown_key(table, key, d);
            continue;
        }
        seen |= UINT64_C(1) << at;
        ok &= decode_field(out, &table->field[at], &n->child[i + 1], d);
    }
    if (n->kind == NODE_MAP && (ok || d->tell)) {
        ok &= has_required(table, seen, n, d);
    }
    for (size_t i = 0; !ok && i < table->field_count; i++) {
        if (table->field[i].type == DECODE_FAULTY) {
            *(bool *)((char *)out + table->field[i].offset) = true;
        }
    }
    return ok;
}

bool decode_node(void *out, const struct decode_table *table, const struct node *n, struct arena *a,
                 struct err *err)
{
    struct decoding d = { .arena = a, .err = err };
    return decode_map(out, table, n, &d);
}

bool decode_node_all(void *out, const struct decode_table *table, const struct node *n,
                     struct arena *a, decode_tell *tell, void *ctx)
{
    struct decoding d = { .arena = a, .tell = tell, .ctx = ctx };
    return decode_map(out, table, n, &d);
}
