/* The reader for protobuf as Kubernetes writes it. */
#include "value/proto_read.h"

#include "base/buf.h"
#include "base/enc.h"
#include "value/json_scan.h"
#include "value/proto_wire.h"

#define BYTES_CEILING ((size_t)INT32_MAX)
#define STACK_SLOTS   512
/* value_map has an index from this count on. */
#define INDEXED_MAP_MIN 16
/* A kind that no value has: the field is not there. And: it is not to be. */
#define SLOT_ABSENT  0xFF
#define SLOT_SKIPPED 0xFE

/* As json_read's: the fields of open messages, and items of open lists and maps above them, lie on
 * one stack of slots. */
struct reader {
    const char *start;
    struct arena *arena;
    struct value *slot;
    size_t count, cap;
    struct arena spare;
    uint32_t depth, depth_max;
    const struct json_limits *limits;
    struct err *err;
};

struct skips {
    const struct json_skip *skip;
    size_t count;
};

static bool read_message(struct reader *r, const struct proto_message *m, struct proto_span s,
                         struct skips skips, struct value *out);

/* ---- faults ---- */

static bool fail(const struct reader *r, const char *at, const struct proto_message *m,
                 const char *what)
{
    return err_set(r->err, ERR_INPUT, "byte %llu, in %s: %s", (unsigned long long)(at - r->start),
                   m->name, what);
}

static bool fail_field(const struct reader *r, const char *at, const struct proto_message *m,
                       uint32_t number, const char *what)
{
    return err_set(r->err, ERR_INPUT, "byte %llu: field %u of %s %s",
                   (unsigned long long)(at - r->start), number, m->name, what);
}

static bool enter(struct reader *r, const char *at)
{
    if (r->depth >= r->depth_max)
        return err_set(r->err, ERR_LIMIT, "byte %llu: nested deeper than %u levels",
                       (unsigned long long)(at - r->start), r->depth_max);
    r->depth++;
    return true;
}

/* ---- slots ---- */

static void slots_grow(struct reader *r, size_t wanted)
{
    size_t cap = 2 * r->cap + wanted;
    struct value *slot = arena_array(&r->spare, struct value, cap);
    memcpy(slot, r->slot, r->count * sizeof *slot);
    r->slot = slot;
    r->cap = cap;
}

static inline void push(struct reader *r, struct value v)
{
    if (r->count == r->cap)
        slots_grow(r, 1);
    r->slot[r->count++] = v;
}

/* One slot a field, empty but for what is constant or left out. */
static size_t open_fields(struct reader *r, const struct proto_message *m, struct skips skips)
{
    size_t base = r->count;
    if (r->cap - r->count < m->count)
        slots_grow(r, m->count);
    struct value *slot = r->slot + base;
    r->count += m->count;
    for (size_t i = 0; i < m->count; i++) {
        slot[i] = (struct value){ .kind = SLOT_ABSENT };
        for (size_t k = 0; k < skips.count; k++)
            if (skips.skip[k].child_count == 0 &&
                str_eq(skips.skip[k].key, value_text(m->field[i].key)))
                slot[i].kind = SLOT_SKIPPED;
    }
    return base;
}

static struct skips skips_below(struct skips skips, struct value key)
{
    for (size_t i = 0; i < skips.count; i++)
        if (str_eq(skips.skip[i].key, value_text(key)))
            return (struct skips){ skips.skip[i].child, skips.skip[i].child_count };
    return (struct skips){ 0 };
}

/* ---- values ---- */

static bool is_ascii(const char *p, const char *end)
{
    uint64_t all = 0;
    for (; end - p >= 8; p += 8)
        all |= json_word(p);
    while (p < end)
        all |= (unsigned char)*p++;
    return (all & JSON_WORD_OF(0x80)) == 0;
}

static bool text_of(struct proto_span s, struct value *out)
{
    struct str text = str_of(s.at, (size_t)(s.end - s.at));
    if (!is_ascii(s.at, s.end) && !str_is_utf8(text))
        return false;
    *out = (struct value){ .kind = VALUE_STRING, .n = (uint32_t)text.n, .as.s = text.p };
    return true;
}

static struct value base64_of(struct reader *r, struct proto_span s)
{
    struct str bytes = str_of(s.at, (size_t)(s.end - s.at));
    struct buf coded CLEANUP(buf_release) = BUF_INIT(bytes.n / 3 * 4 + 8);
    enc_base64(&coded, bytes);
    return value_str(str_dup(r->arena, buf_str(&coded)));
}

/* Timestamp: seconds (1) and nanoseconds (2). Nothing at all, and the year 1, are no time: null. */
static bool read_time(struct reader *r, struct proto_span s, bool micro, struct value *out)
{
    struct proto_small t;
    if (!proto_small_read(&t, s, 1u << 1 | 1u << 2, 0))
        return false;
    int64_t seconds = (int64_t)t.number[1], ns = micro ? (int32_t)t.number[2] : 0;
    const int64_t first = INT64_C(-62135596800), last = INT64_C(253402300799);
    if (s.at == s.end || (seconds == first && ns < 1000)) {
        *out = value_null();
        return true;
    }
    if (seconds < first || seconds > last || ns < 0 || ns > 999999999)
        return false;
    struct civil c = clock_civil(seconds);
    char text[48];
    int n = snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", (int)c.year, c.month,
                     c.day, c.hour, c.minute, c.second);
    n += micro ? snprintf(text + n, sizeof text - (size_t)n, ".%06dZ", (int)(ns / 1000))
               : snprintf(text + n, sizeof text - (size_t)n, "Z");
    *out = value_str(str_dup(r->arena, str_of(text, (size_t)n)));
    return true;
}

/* type (1): 0 for the number (2), 1 for the text (3). */
static bool read_int_or_string(struct proto_span s, struct value *out)
{
    struct proto_small v;
    if (!proto_small_read(&v, s, 1u << 1 | 1u << 2 | 1u << 3, 1u << 3) || v.number[1] > 1)
        return false;
    if (v.number[1] == 1)
        return text_of(v.text[3], out);
    *out = value_int((int32_t)v.number[2]);
    return true;
}

static bool read_quantity(struct proto_span s, struct value *out)
{
    struct proto_small q;
    if (!proto_small_read(&q, s, 1u << 1, 1u << 1) || !text_of(q.text[1], out))
        return false;
    if (out->n == 0)
        *out = value_str(STR("0"));
    return true;
}

static bool read_raw_json(struct reader *r, struct proto_span s, struct value *out)
{
    struct proto_small raw;
    if (!proto_small_read(&raw, s, 1u << 1, 1u << 1))
        return false;
    struct str text = str_of(raw.text[1].at, (size_t)(raw.text[1].end - raw.text[1].at));
    struct json_limits limits = { .depth = r->depth_max - r->depth,
                                  .bytes = r->limits ? r->limits->bytes : 0 };
    if (!raw.text[1].at) {
        *out = value_null();
        return true;
    }
    return limits.depth && json_read(out, r->arena, text, &limits, NULL, 0, r->err);
}

static struct value list_end(struct reader *r, size_t from)
{
    size_t count = r->count - from;
    struct value *item = count ? arena_array(r->arena, struct value, count) : NULL;
    if (count)
        memcpy(item, r->slot + from, count * sizeof *item);
    r->count = from;
    return value_list(item, count);
}

/* items (1), texts. */
static bool read_strings(struct reader *r, struct proto_span s, struct value *out)
{
    size_t from = r->count;
    while (s.at < s.end) {
        uint32_t number;
        unsigned wire;
        struct proto_span inner;
        struct value v;
        if (!proto_tag(&s, &number, &wire) || number != 1 || wire != WIRE_LENGTH ||
            !proto_length(&s, &inner) || !text_of(inner, &v))
            return false;
        push(r, v);
    }
    *out = list_end(r, from);
    return true;
}

/* ---- fields ---- */

static bool is_varint(const struct proto_field *f)
{
    return f->type == PROTO_BOOL || f->type == PROTO_INT32 || f->type == PROTO_INT64;
}

static bool read_number(const struct proto_field *f, struct proto_span *s, struct value *out)
{
    uint64_t v;
    if (!proto_varint(s, &v))
        return false;
    *out = f->type == PROTO_BOOL
               ? value_bool(v != 0)
               : value_int(f->type == PROTO_INT32 ? (int64_t)(int32_t)(uint32_t)v : (int64_t)v);
    return true;
}

/* One value with a length; of a list one item, of a map one entry's. */
static bool read_inner(struct reader *r, const struct proto_field *f, struct proto_span inner,
                       struct skips below, struct value *out)
{
    switch ((enum proto_type)f->type) {
    case PROTO_STRING:
        return text_of(inner, out);
    case PROTO_BYTES:
        *out = base64_of(r, inner);
        return true;
    case PROTO_MESSAGE:
        return read_message(r, f->of, inner, below, out);
    case PROTO_STRINGS:
        return read_strings(r, inner, out);
    case PROTO_TIME:
        return read_time(r, inner, false, out);
    case PROTO_MICRO_TIME:
        return read_time(r, inner, true, out);
    case PROTO_QUANTITY:
        return read_quantity(inner, out);
    case PROTO_INT_OR_STRING:
        return read_int_or_string(inner, out);
    case PROTO_RAW_JSON:
        return read_raw_json(r, inner, out);
    case PROTO_BOOL:
    case PROTO_INT32:
    case PROTO_INT64:
        break;
    }
    return false;
}

static bool read_one(struct reader *r, const struct proto_field *f, struct proto_span *s,
                     struct skips below, struct value *out)
{
    struct proto_span inner;
    if (is_varint(f))
        return read_number(f, s, out);
    return proto_length(s, &inner) && read_inner(r, f, inner, below, out);
}

/* Past the tag of one more of the same field, if that is what comes next. */
static bool take_same(struct proto_span *s, uint32_t number, unsigned wire)
{
    struct proto_span ahead = *s;
    uint32_t next;
    unsigned next_wire;
    if (ahead.at == ahead.end || !proto_tag(&ahead, &next, &next_wire) || next != number ||
        next_wire != wire)
        return false;
    *s = ahead;
    return true;
}

static bool read_list(struct reader *r, const struct proto_field *f, unsigned wire,
                      struct proto_span *s, struct skips below, struct value *out)
{
    size_t from = r->count;
    if (!enter(r, s->at))
        return false;
    do {
        struct value v;
        if (!read_one(r, f, s, below, &v))
            return false;
        push(r, v);
    } while (take_same(s, f->number, wire));
    r->depth--;
    *out = list_end(r, from);
    return true;
}

static struct value map_end(struct reader *r, size_t from)
{
    size_t count = (r->count - from) / 2;
    struct value_entry *entry = arena_array(r->arena, struct value_entry, count ? count : 1);
    memcpy(entry, r->slot + from, count * sizeof *entry);
    r->count = from;
    return value_map(r->arena, entry, count);
}

static bool is_before(struct value a, struct value b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.as.s, b.as.s, n) : 0;
    return order ? order < 0 : a.n < b.n;
}

static bool is_left_out(struct skips skips, struct value key)
{
    for (size_t i = 0; i < skips.count; i++)
        if (skips.skip[i].child_count == 0 && str_eq(skips.skip[i].key, value_text(key)))
            return true;
    return false;
}

/* An entry is a message of key (1) and value (2). Kubernetes writes them sorted, so that none is
 * there twice. */
static bool read_map(struct reader *r, const struct proto_field *f, struct proto_span *s,
                     struct skips below, struct value *out)
{
    size_t from = r->count;
    struct value before = { 0 };
    if (!enter(r, s->at))
        return false;
    do {
        struct proto_span inner;
        struct proto_small e;
        struct value key, v;
        unsigned lengths = is_varint(f) ? 1u << 1 : 1u << 1 | 1u << 2;
        if (!proto_length(s, &inner) || !proto_small_read(&e, inner, 1u << 1 | 1u << 2, lengths) ||
            !text_of(e.text[1], &key))
            return false;
        if (before.kind == VALUE_STRING && !is_before(before, key))
            return false;
        before = key;
        if (is_left_out(below, key))
            continue;
        if (is_varint(f))
            return false; /* no such map is known */
        push(r, key);
        if (!read_inner(r, f, e.text[2], skips_below(below, key), &v))
            return false;
        push(r, v);
    } while (take_same(s, f->number, WIRE_LENGTH));
    r->depth--;
    *out = map_end(r, from);
    return true;
}

static bool read_field(struct reader *r, const struct proto_field *f, unsigned wire,
                       struct proto_span *s, struct skips skips, struct value *out)
{
    struct skips below = { 0 };
    if (skips.count)
        below = f->shape == PROTO_INLINE ? skips : skips_below(skips, f->key);
    switch (f->shape) {
    case PROTO_LIST:
        return read_list(r, f, wire, s, below, out);
    case PROTO_MAP:
        return read_map(r, f, s, below, out);
    default:
        return read_one(r, f, s, below, out);
    }
}

/* ---- messages ---- */

/* Fields come in the order of their numbers, and mostly stand in that order: the search goes on
 * where the last one ended. */
static const struct proto_field *find_field(const struct proto_message *m, uint32_t number,
                                            size_t *at)
{
    for (size_t i = 0; i < m->count; i++) {
        size_t k = *at + i < m->count ? *at + i : *at + i - m->count;
        if (m->field[k].number == number) {
            *at = k + 1;
            return &m->field[k];
        }
    }
    return NULL;
}

static bool read_fields(struct reader *r, const struct proto_message *m, size_t base,
                        struct proto_span s, struct skips skips)
{
    size_t at = 0;
    while (s.at < s.end) {
        const char *begin = s.at;
        uint32_t number;
        unsigned wire;
        if (!proto_tag(&s, &number, &wire))
            return fail(r, begin, m, "no field's number and type");
        const struct proto_field *f = find_field(m, number, &at);
        if (!f)
            return fail_field(r, begin, m, number, "is not known");
        if (wire != (is_varint(f) ? WIRE_VARINT : WIRE_LENGTH))
            return fail_field(r, begin, m, number, "is of another type than is known");
        size_t slot = base + (size_t)(f - m->field);
        if (r->slot[slot].kind == SLOT_SKIPPED) {
            if (!proto_pass(&s, wire))
                return fail_field(r, begin, m, number, "is longer than what holds it");
            continue;
        }
        if (r->slot[slot].kind != SLOT_ABSENT)
            return fail_field(r, begin, m, number, "is there twice");
        struct value v;
        if (!read_field(r, f, wire, &s, skips, &v))
            return fail_field(r, begin, m, number, "cannot be read"); /* the inner fault stands */
        r->slot[slot] = v;
    }
    return true;
}

static bool is_empty(const struct proto_field *f, struct value v)
{
    if (f->shape != PROTO_ONE)
        /* a list or map that is there has something in it, if only what is left out */
        return false;
    switch ((enum proto_type)f->type) {
    case PROTO_STRING:
    case PROTO_BYTES:
        return v.n == 0;
    case PROTO_BOOL:
        return !v.as.b;
    case PROTO_INT32:
    case PROTO_INT64:
        return v.as.i == 0;
    case PROTO_STRINGS:
        return v.n == 0;
    case PROTO_TIME:
    case PROTO_MICRO_TIME:
        return f->empty == PROTO_ZERO_OMITTED && v.kind == VALUE_NULL;
    case PROTO_MESSAGE:
    case PROTO_QUANTITY:
    case PROTO_INT_OR_STRING:
    case PROTO_RAW_JSON:
        break;
    }
    return false;
}

/* What JSON has where the field is not there. */
static struct value absent(const struct proto_field *f)
{
    const struct value nothing = { .kind = SLOT_ABSENT };
    if (f->shape == PROTO_CONSTANT)
        return value_cstr(f->text);
    if (f->empty != PROTO_KEPT || f->shape == PROTO_INLINE)
        return nothing;
    if (f->shape != PROTO_ONE)
        return value_null();
    switch ((enum proto_type)f->type) {
    case PROTO_STRING:
        return value_str(STR(""));
    case PROTO_BOOL:
        return value_bool(false);
    case PROTO_INT32:
    case PROTO_INT64:
        return value_int(0);
    case PROTO_BYTES:
        return value_null();
    case PROTO_MESSAGE:
    case PROTO_STRINGS:
    case PROTO_TIME:
    case PROTO_MICRO_TIME:
    case PROTO_QUANTITY:
    case PROTO_INT_OR_STRING:
    case PROTO_RAW_JSON:
        break; /* always sent: a server without it does not know the field */
    }
    return nothing;
}

/* What JSON has of each field, in its slot; gives how many entries there are. */
static size_t settle(const struct proto_message *m, struct value *slot)
{
    size_t count = 0;
    for (size_t i = 0; i < m->count; i++) {
        const struct proto_field *f = &m->field[i];
        if (slot[i].kind == SLOT_SKIPPED)
            slot[i].kind = SLOT_ABSENT;
        else if (slot[i].kind == SLOT_ABSENT)
            slot[i] = absent(f);
        else if (f->empty != PROTO_KEPT && is_empty(f, slot[i]))
            slot[i].kind = SLOT_ABSENT;
        if (slot[i].kind != SLOT_ABSENT)
            count += f->shape == PROTO_INLINE ? slot[i].n : 1;
    }
    return count;
}

static void put_entries(const struct proto_message *m, const struct value *slot,
                        struct value_entry *entry)
{
    for (size_t i = 0; i < m->count; i++) {
        if (slot[i].kind == SLOT_ABSENT)
            continue;
        if (m->field[i].shape != PROTO_INLINE) {
            *entry++ = (struct value_entry){ m->field[i].key, slot[i] };
        } else if (slot[i].n) {
            memcpy(entry, slot[i].as.map->entry, slot[i].n * sizeof *entry);
            entry += slot[i].n;
        }
    }
}

static struct value message_end(struct reader *r, const struct proto_message *m, size_t base)
{
    static const struct value_map empty_map;
    struct value out = { .kind = VALUE_MAP, .as.map = &empty_map };
    struct value *slot = r->slot + base;
    size_t count = settle(m, slot);
    if (count >= INDEXED_MAP_MIN) {
        struct value_entry *entry = arena_array(r->arena, struct value_entry, count);
        put_entries(m, slot, entry);
        out = value_map(r->arena, entry, count);
    } else if (count) {
        struct {
            struct value_map map;
            struct value_entry entry[];
        } * whole;
        whole = arena_alloc(r->arena, sizeof *whole + count * sizeof whole->entry[0]);
        put_entries(m, slot, whole->entry);
        whole->map = (struct value_map){ .entry = whole->entry, .count = (uint32_t)count };
        out.n = (uint32_t)count;
        out.as.map = &whole->map;
    }
    r->count = base;
    return out;
}

static bool read_message(struct reader *r, const struct proto_message *m, struct proto_span s,
                         struct skips skips, struct value *out)
{
    if (!enter(r, s.at))
        return false;
    size_t base = open_fields(r, m, skips);
    if (!read_fields(r, m, base, s, skips))
        return false;
    *out = message_end(r, m, base);
    r->depth--;
    return true;
}

bool proto_read(struct value *out, struct arena *a, struct str bytes,
                const struct proto_message *message, const struct json_limits *limits,
                const struct json_skip *skip, size_t skip_count, struct err *err)
{
    struct value stack[STACK_SLOTS];
    struct value whole;
    struct str input = bytes.p ? bytes : STR("");
    struct reader r = { .start = input.p,
                        .arena = a,
                        .slot = stack,
                        .cap = STACK_SLOTS,
                        .limits = limits,
                        .err = err };
    size_t bytes_max = limits && limits->bytes ? limits->bytes : JSON_BYTES_MAX;
    r.depth_max = limits && limits->depth ? limits->depth : JSON_DEPTH_MAX;
    if (r.depth_max > JSON_DEPTH_CEILING)
        r.depth_max = JSON_DEPTH_CEILING;
    if (bytes_max > BYTES_CEILING)
        bytes_max = BYTES_CEILING;
    if (input.n > bytes_max)
        return err_set(err, ERR_LIMIT, "%zu bytes of protobuf, more than the %zu there may be",
                       input.n, bytes_max);
    struct arena_mark before = arena_mark(a);
    struct proto_span s = { input.p, input.p + input.n };
    bool ok = read_message(&r, message, s, (struct skips){ skip, skip_count }, &whole);
    arena_release(&r.spare);
    if (!ok) {
        arena_reset_to(a, before);
        return false;
    }
    *out = whole;
    return true;
}

/* The first length under this number. */
static bool find_length(struct proto_span s, uint32_t number, struct proto_span *out)
{
    while (s.at < s.end) {
        uint32_t n;
        unsigned wire;
        if (!proto_tag(&s, &n, &wire))
            return false;
        if (n == number && wire == WIRE_LENGTH)
            return proto_length(&s, out);
        if (!proto_pass(&s, wire))
            return false;
    }
    return false;
}

bool proto_object_key(struct str bytes, struct str *ns, struct str *name)
{
    struct proto_span meta, text, space = { 0 };
    if (bytes.n == 0 || !find_length((struct proto_span){ bytes.p, bytes.p + bytes.n }, 1, &meta) ||
        !find_length(meta, 1, &text) || text.at == text.end)
        return false;
    *name = str_of(text.at, (size_t)(text.end - text.at));
    *ns = find_length(meta, 3, &space) ? str_of(space.at, (size_t)(space.end - space.at))
                                       : (struct str){ 0 };
    return true;
}
