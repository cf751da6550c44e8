/* A value's digest: the same whatever the order of its keys. */
#include "base/enc.h"
#include "value/value_number.h"

/* The canonical form, one tag byte before each value, counts and numbers as 8 bytes big-endian:
 *
 *   N | B 0/1 | + magnitude | - magnitude | D bits | S length bytes | Y length bytes | L count
 * item... | M count (key value)... in key order | T s ns | U s ns | C length name | O 0 | O 1 value
 *   | Q length type length text | E code length text
 *
 * Values that value_equal calls equal have one digest (a NaN too, though it equals nothing). */
#define STAGE_BYTES 4096

struct digester {
    struct sha256 hash;
    struct arena scratch;
    size_t staged;
    char stage[STAGE_BYTES];
};

static void flush(struct digester *d)
{
    sha256_add(&d->hash, str_of(d->stage, d->staged));
    d->staged = 0;
}

static void add_bytes(struct digester *d, struct str s)
{
    if (s.n > STAGE_BYTES - d->staged) {
        flush(d);
    }
    if (s.n > STAGE_BYTES) {
        sha256_add(&d->hash, s);
    } else if (s.n) {
        memcpy(d->stage + d->staged, s.p, s.n);
        d->staged += s.n;
    }
}

static void add_word(struct digester *d, uint64_t word)
{
    char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)(word >> (56 - 8 * i) & 0xFF);
    }
    add_bytes(d, str_of(bytes, sizeof bytes));
}

static void add_tagged(struct digester *d, char tag, uint64_t word)
{
    add_bytes(d, str_of(&tag, 1));
    add_word(d, word);
}

static void add_text(struct digester *d, char tag, struct str s)
{
    add_tagged(d, tag, s.n);
    add_bytes(d, s);
}

/* Any total order of unequal keys will do: numbers are one kind here. */
static int compare_keys(const void *left, const void *right)
{
    const struct value a = (*(const struct value_entry *const *)left)->key;
    const struct value b = (*(const struct value_entry *const *)right)->key;
    int order = 0;
    if (!value_compare(a, b, &order)) {
        order = (a.kind > b.kind) - (a.kind < b.kind);
    }
    return order;
}

static void add_value(struct digester *d, struct value v);

static void add_map(struct digester *d, struct value v)
{
    struct arena_mark mark = arena_mark(&d->scratch);
    const struct value_entry **sorted = arena_array(&d->scratch, const struct value_entry *, v.n);
    for (uint32_t i = 0; i < v.n; i++) {
        sorted[i] = &v.as.map->entry[i];
    }
    qsort(sorted, v.n, sizeof *sorted, compare_keys);
    add_tagged(d, 'M', v.n);
    for (uint32_t i = 0; i < v.n; i++) {
        add_value(d, sorted[i]->key);
        add_value(d, sorted[i]->val);
    }
    arena_reset_to(&d->scratch, mark);
}

static void add_number(struct digester *d, struct value v)
{
    static const char tag[] = {
        [NUMBER_WHOLE] = '+', [NUMBER_NEGATIVE] = '-', [NUMBER_OTHER] = 'D'
    };
    struct value_number number;
    INVARIANT(value_number_of(v, &number));
    add_tagged(d, tag[number.form], number.magnitude);
}

static void add_opaque(struct digester *d, const struct value_opaque *o)
{
    struct arena_mark mark = arena_mark(&d->scratch);
    add_text(d, 'Q', str_from_c(o->type->name));
    add_text(d, 'S', o->type->text(o->self, &d->scratch));
    arena_reset_to(&d->scratch, mark);
}

static void add_value(struct digester *d, struct value v)
{
    switch ((enum value_kind)v.kind) {
    case VALUE_NULL:
        add_bytes(d, STR("N"));
        break;
    case VALUE_BOOL:
        add_bytes(d, v.as.b ? STR("B\1") : STR("B\0"));
        break;
    case VALUE_INT:
    case VALUE_UINT:
    case VALUE_DOUBLE:
        add_number(d, v);
        break;
    case VALUE_STRING:
        add_text(d, 'S', value_text(v));
        break;
    case VALUE_BYTES:
        add_text(d, 'Y', value_text(v));
        break;
    case VALUE_LIST:
        add_tagged(d, 'L', v.n);
        for (uint32_t i = 0; i < v.n; i++) {
            add_value(d, v.as.item[i]);
        }
        break;
    case VALUE_MAP:
        add_map(d, v);
        break;
    case VALUE_TIMESTAMP:
    case VALUE_DURATION:
        add_tagged(d, v.kind == VALUE_TIMESTAMP ? 'T' : 'U', (uint64_t)v.as.i);
        add_word(d, v.n);
        break;
    case VALUE_TYPE:
        add_text(d, 'C', str_of(v.as.s, v.n));
        break;
    case VALUE_OPTIONAL:
        add_tagged(d, 'O', v.as.boxed != NULL);
        if (v.as.boxed) {
            add_value(d, *v.as.boxed);
        }
        break;
    case VALUE_OPAQUE:
        add_opaque(d, v.as.opaque);
        break;
    case VALUE_ERROR:
        add_tagged(d, 'E', (uint64_t)v.as.error->code);
        add_text(d, 'S', v.as.error->text);
        break;
    }
}

void value_digest(struct value v, uint8_t out[32])
{
    _Static_assert(SHA256_BYTES == 32, "the header says 32");
    struct digester d = { .staged = 0 };
    sha256_open(&d.hash);
    add_value(&d, v);
    flush(&d);
    sha256_close(&d.hash, out);
    arena_release(&d.scratch);
}
