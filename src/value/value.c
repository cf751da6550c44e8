/* One immutable 16-byte tagged value for JSON, YAML and CEL. */
#include "value/value.h"

#include "base/buf.h"
#include "value/value_number.h"

/* Below this a look at every entry is faster than hashing the key. */
#define INDEX_COUNT_MIN 16

static struct value text_value(enum value_kind kind, struct str s)
{
    INVARIANT(s.n <= UINT32_MAX);
    return (struct value){ .kind = (uint8_t)kind, .n = (uint32_t)s.n, .as.s = s.p };
}

struct value value_str(struct str s)
{
    return text_value(VALUE_STRING, s);
}

struct value value_cstr(const char *c)
{
    return text_value(VALUE_STRING, str_from_c(c));
}

struct value value_bytes(struct str s)
{
    return text_value(VALUE_BYTES, s);
}

struct value value_list(const struct value *item, size_t count)
{
    INVARIANT(count <= UINT32_MAX);
    return (struct value){ .kind = VALUE_LIST, .n = (uint32_t)count, .as.item = item };
}

struct value value_strs(struct arena *a, const struct str *s, size_t count)
{
    struct value *item = arena_array(a, struct value, count);
    for (size_t i = 0; i < count; i++)
        item[i] = value_str(s[i]);
    return value_list(item, count);
}

struct value value_timestamp(struct instant t)
{
    return (struct value){ .kind = VALUE_TIMESTAMP, .n = (uint32_t)t.ns, .as.i = t.s };
}

struct value value_duration(int64_t s, int32_t ns)
{
    return (struct value){ .kind = VALUE_DURATION, .n = (uint32_t)ns, .as.i = s };
}

struct value value_optional(struct arena *a, struct value boxed)
{
    struct value *box = arena_new(a, struct value);
    *box = boxed;
    return (struct value){ .kind = VALUE_OPTIONAL, .as.boxed = box };
}

struct value value_optional_none(void)
{
    return (struct value){ .kind = VALUE_OPTIONAL };
}

struct value value_opaque(struct arena *a, const struct value_opaque_type *type, const void *self)
{
    struct value_opaque *o = arena_new(a, struct value_opaque);
    *o = (struct value_opaque){ .type = type, .self = self };
    return (struct value){ .kind = VALUE_OPAQUE, .as.opaque = o };
}

static struct value error_of(struct arena *a, struct value_error e, const char *fmt, va_list ap)
    PRINTF_LIKE(3, 0);
static struct value error_of(struct arena *a, struct value_error e, const char *fmt, va_list ap)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(VALUE_ERROR_BYTES_MAX);
    va_list again;
    va_copy(again, ap);
    buf_vaddf(&text, fmt, ap);
    if (text.over) {
        char cut[VALUE_ERROR_BYTES_MAX - 8];
        (void)vsnprintf(cut, sizeof cut, fmt, again);
        buf_reset(&text);
        buf_addf(&text, "%s...", cut);
    }
    va_end(again);
    struct value_error *kept = arena_new(a, struct value_error);
    *kept = e;
    kept->text = str_dup(a, buf_str(&text));
    return (struct value){ .kind = VALUE_ERROR, .as.error = kept };
}

struct value value_error(struct arena *a, enum value_error_code code, uint32_t offset,
                         const char *fmt, ...)
{
    static const enum cause cause[] = { [VALUE_ERROR_EVAL] = CAUSE_NOT_EVALUATED,
                                        [VALUE_ERROR_UNAVAILABLE] = CAUSE_OTHER,
                                        [VALUE_ERROR_LIMIT] = CAUSE_LIMIT };
    va_list ap;
    va_start(ap, fmt);
    struct value v = error_of(
        a, (struct value_error){ .code = code, .cause = cause[code], .offset = offset }, fmt, ap);
    va_end(ap);
    return v;
}

struct value value_unavailable(struct arena *a, enum cause cause, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct value v =
        error_of(a,
                 (struct value_error){
                     .code = VALUE_ERROR_UNAVAILABLE, .cause = cause, .offset = UINT32_MAX },
                 fmt, ap);
    va_end(ap);
    return v;
}

/* A hash that is equal for keys that value_equal calls equal: 1, 1u and 1.0 are one key. */
static uint32_t key_hash(struct value key)
{
    struct value_number number;
    uint64_t word[2] = { 0 };
    if (key.kind == VALUE_STRING) {
        return value_key_hash(value_text(key));
    }
    if (value_number_of(key, &number)) {
        word[0] = number.magnitude;
        word[1] = (uint64_t)number.form;
    } else if (key.kind == VALUE_BOOL) {
        word[0] = key.as.b;
        word[1] = 16;
    }
    return (uint32_t)str_hash(str_of((const char *)word, sizeof word), str_hash_seed());
}

struct value value_map(struct arena *a, const struct value_entry *entry, size_t count)
{
    /* one for all: a list of half a million of them is somebody's attack */
    static const struct value_map empty = { 0 };
    INVARIANT(count <= UINT32_MAX / 8);
    if (!count)
        return (struct value){ .kind = VALUE_MAP, .as.map = &empty };
    struct value_map *m = arena_new(a, struct value_map);
    *m = (struct value_map){ .entry = entry, .count = (uint32_t)count };
    if (count >= INDEX_COUNT_MIN) {
        uint32_t slot_count = 2 * INDEX_COUNT_MIN;
        while (slot_count < 2 * count) {
            slot_count *= 2;
        }
        uint32_t *index = arena_array(a, uint32_t, slot_count);
        m->index_mask = slot_count - 1;
        for (uint32_t i = 0; i < m->count; i++) {
            uint32_t at = key_hash(entry[i].key) & m->index_mask;
            while (index[at]) {
                at = (at + 1) & m->index_mask;
            }
            index[at] = i + 1;
        }
        m->index = index;
    }
    return (struct value){ .kind = VALUE_MAP, .n = m->count, .as.map = m };
}

void value_builder_init(struct value_builder *b, struct arena *a)
{
    *b = (struct value_builder){ .arena = a };
}

void value_builder_put(struct value_builder *b, struct value key, struct value val)
{
    INVARIANT(!b->item);
    if (b->count == b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 8;
        b->entry =
            arena_grow(b->arena, b->entry, b->cap * sizeof *b->entry, cap * sizeof *b->entry);
        b->cap = cap;
    }
    b->entry[b->count++] = (struct value_entry){ .key = key, .val = val };
}

void value_builder_set(struct value_builder *b, const char *key, struct value val)
{
    value_builder_put(b, value_cstr(key), val);
}

void value_builder_push(struct value_builder *b, struct value val)
{
    INVARIANT(!b->entry);
    if (b->count == b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 8;
        b->item = arena_grow(b->arena, b->item, b->cap * sizeof *b->item, cap * sizeof *b->item);
        b->cap = cap;
    }
    b->item[b->count++] = val;
}

struct value value_builder_map(struct value_builder *b)
{
    INVARIANT(!b->item);
    return value_map(b->arena, b->entry, b->count);
}

struct value value_builder_list(struct value_builder *b)
{
    INVARIANT(!b->entry);
    return value_list(b->item, b->count);
}

static bool is_key(const struct value_entry *e, struct str key)
{
    return e->key.kind == VALUE_STRING && e->key.n == key.n &&
           (key.n == 0 || memcmp(e->key.as.s, key.p, key.n) == 0);
}

uint32_t value_key_hash(struct str key)
{
    return (uint32_t)str_hash(key, str_hash_seed());
}

static const struct value *get_indexed(const struct value_map *m, struct str key, uint32_t hash)
{
    uint32_t at = hash & m->index_mask;
    for (; m->index[at]; at = (at + 1) & m->index_mask) {
        const struct value_entry *e = &m->entry[m->index[at] - 1];
        if (is_key(e, key)) {
            return &e->val;
        }
    }
    return NULL;
}

static const struct value *get_among_few(const struct value_map *m, struct str key)
{
    for (uint32_t i = 0; i < m->count; i++) {
        if (is_key(&m->entry[i], key)) {
            return &m->entry[i].val;
        }
    }
    return NULL;
}

const struct value *value_get(struct value v, struct str key)
{
    if (v.kind != VALUE_MAP) {
        return NULL;
    }
    return v.as.map->index ? get_indexed(v.as.map, key, value_key_hash(key))
                           : get_among_few(v.as.map, key);
}

const struct value *value_get_hashed(struct value v, struct str key, uint32_t hash)
{
    if (v.kind != VALUE_MAP) {
        return NULL;
    }
    return v.as.map->index ? get_indexed(v.as.map, key, hash) : get_among_few(v.as.map, key);
}

const struct value *value_get_key(struct value v, struct value key)
{
    if (key.kind == VALUE_STRING) {
        return value_get(v, value_text(key));
    }
    if (v.kind != VALUE_MAP) {
        return NULL;
    }
    const struct value_map *m = v.as.map;
    if (!m->index) {
        for (uint32_t i = 0; i < m->count; i++) {
            if (value_equal(m->entry[i].key, key)) {
                return &m->entry[i].val;
            }
        }
        return NULL;
    }
    for (uint32_t at = key_hash(key) & m->index_mask; m->index[at]; at = (at + 1) & m->index_mask) {
        const struct value_entry *e = &m->entry[m->index[at] - 1];
        if (value_equal(e->key, key)) {
            return &e->val;
        }
    }
    return NULL;
}

static const struct value *value_at_va(struct value v, va_list ap)
{
    const struct value *found = NULL;
    for (const char *key; (key = va_arg(ap, const char *)) != NULL; v = *found) {
        found = value_get(v, str_from_c(key));
        if (!found) {
            return NULL;
        }
    }
    return found;
}

const struct value *value_at(struct value v, ...)
{
    va_list ap;
    va_start(ap, v);
    const struct value *found = value_at_va(v, ap);
    va_end(ap);
    return found;
}

struct str value_text_at(struct value v, ...)
{
    va_list ap;
    va_start(ap, v);
    const struct value *found = value_at_va(v, ap);
    va_end(ap);
    return found && found->kind == VALUE_STRING ? value_text(*found) : (struct str){ 0 };
}

bool value_bool_at(struct value v, int otherwise, ...)
{
    va_list ap;
    va_start(ap, otherwise);
    const struct value *found = value_at_va(v, ap);
    va_end(ap);
    return found && found->kind == VALUE_BOOL ? found->as.b : otherwise != 0;
}

int64_t value_int_at(struct value v, int64_t otherwise, ...)
{
    va_list ap;
    va_start(ap, otherwise);
    const struct value *found = value_at_va(v, ap);
    va_end(ap);
    return found && found->kind == VALUE_INT ? found->as.i : otherwise;
}

struct str value_duration_text(struct arena *a, struct value duration)
{
    int64_t s = duration.as.i;
    int32_t ns = (int32_t)duration.n;
    const char *sign = s < 0 || ns < 0 ? "-" : "";
    unsigned long long whole = s < 0 ? 0 - (unsigned long long)s : (unsigned long long)s;
    char fraction[12] = "";
    if (ns) {
        int n = snprintf(fraction, sizeof fraction, ".%09d", (ns < 0 ? -ns : ns) % 1000000000);
        while (n > 0 && fraction[n - 1] == '0') {
            fraction[--n] = '\0';
        }
    }
    return str_printf(a, "%s%llu%ss", sign, whole, fraction);
}

const char *value_kind_name(enum value_kind kind)
{
    static const char *const name[] = {
        [VALUE_NULL] = "null",           [VALUE_BOOL] = "bool",         [VALUE_INT] = "int",
        [VALUE_UINT] = "uint",           [VALUE_DOUBLE] = "double",     [VALUE_STRING] = "string",
        [VALUE_BYTES] = "bytes",         [VALUE_LIST] = "list",         [VALUE_MAP] = "map",
        [VALUE_TIMESTAMP] = "timestamp", [VALUE_DURATION] = "duration", [VALUE_TYPE] = "type",
        [VALUE_OPTIONAL] = "optional",   [VALUE_OPAQUE] = "opaque",     [VALUE_ERROR] = "error",
    };
    _Static_assert(sizeof name / sizeof name[0] == VALUE_ERROR + 1, "every kind has a name");
    return (size_t)kind < sizeof name / sizeof name[0] ? name[kind] : "unknown";
}

static struct value dup_list(struct arena *a, struct value v)
{
    struct value *item = arena_array(a, struct value, v.n);
    for (uint32_t i = 0; i < v.n; i++) {
        item[i] = value_dup(a, v.as.item[i]);
    }
    return value_list(item, v.n);
}

static struct value dup_map(struct arena *a, struct value v)
{
    struct value_entry *entry = arena_array(a, struct value_entry, v.n);
    for (uint32_t i = 0; i < v.n; i++) {
        entry[i].key = value_dup(a, v.as.map->entry[i].key);
        entry[i].val = value_dup(a, v.as.map->entry[i].val);
    }
    return value_map(a, entry, v.n);
}

static struct value dup_error(struct arena *a, const struct value_error *e)
{
    struct value_error *copy = arena_new(a, struct value_error);
    *copy = *e;
    copy->text = str_dup(a, e->text);
    return (struct value){ .kind = VALUE_ERROR, .as.error = copy };
}

struct value value_dup(struct arena *a, struct value v)
{
    struct value copy = v;
    switch ((enum value_kind)v.kind) {
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_UINT:
    case VALUE_DOUBLE:
    case VALUE_TIMESTAMP:
    case VALUE_DURATION:
        break;
    case VALUE_STRING:
    case VALUE_BYTES:
    case VALUE_TYPE:
        copy.as.s = str_to_c(a, str_of(v.as.s, v.n));
        break;
    case VALUE_LIST:
        copy = dup_list(a, v);
        break;
    case VALUE_MAP:
        copy = dup_map(a, v);
        break;
    case VALUE_OPTIONAL:
        copy = v.as.boxed ? value_optional(a, value_dup(a, *v.as.boxed)) : v;
        break;
    case VALUE_OPAQUE:
        copy = value_opaque(a, v.as.opaque->type, v.as.opaque->self);
        break;
    case VALUE_ERROR:
        copy = dup_error(a, v.as.error);
        break;
    }
    copy.flags = v.flags;
    return copy;
}
