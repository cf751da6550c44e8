/* The fast JSON reader for bytes from an API server. */
#include "value/json_read.h"

#include "value/json_cursor.h"
#include "value/json_scan.h"

/* Sizes below this keep every count of entries in a uint32_t with room to spare. */
#define BYTES_CEILING ((size_t)INT32_MAX)
/* Slots on the stack before scratch memory is taken: the nested containers of an ordinary object.
 */
#define STACK_SLOTS 512
/* Up to this many entries, each new key is compared with those before it; larger maps are put right
 * when they end. value_map has its index from the same count on. */
#define SMALL_MAP_MAX 16

/* Children of open containers lie on one stack of slots, in order: a list's item takes one, a map's
 * entry two (key, value). A container that ends moves its slots to the arena in one piece:
 *
 *   slot: ... | outer map: k v k v k | inner list: i i i | <- count
 */
struct reader {
    struct json_cursor c;
    struct arena *arena;
    struct value *slot;
    size_t count, cap;
    struct arena spare; /* slots beyond the stack's, and what ending a large map needs */
    uint32_t depth, depth_max;
};

struct skips {
    const struct json_skip *skip;
    size_t count;
};

static const struct value_map empty_map;

static bool read_value(struct reader *r, struct skips skips, struct value *out);
static bool check_value(struct reader *r);

bool json_fail(const struct json_cursor *c, const char *at, const char *what)
{
    unsigned long long offset = (unsigned long long)(at - c->start);
    if (at == c->end)
        return err_set(c->err, ERR_INPUT, "byte %llu: %s; the text ends here", offset, what);
    unsigned char byte = (unsigned char)*at;
    if (byte > 0x20 && byte < 0x7F)
        return err_set(c->err, ERR_INPUT, "byte %llu: %s; found \"%c\"", offset, what, byte);
    return err_set(c->err, ERR_INPUT, "byte %llu: %s; found byte 0x%02X", offset, what, byte);
}

static void skip_space(struct json_cursor *c)
{
    while (c->at < c->end && json_is_space(*c->at))
        c->at++;
}

/* The next byte that is not white space, left where it is; 0 at the end. */
static inline char peek(struct json_cursor *c)
{
    if (c->at < c->end && (unsigned char)*c->at > ' ')
        return *c->at;
    skip_space(c);
    return c->at < c->end ? *c->at : '\0';
}

static bool enter(struct reader *r)
{
    if (r->depth >= r->depth_max)
        return err_set(r->c.err, ERR_LIMIT, "byte %llu: nested deeper than %u levels",
                       (unsigned long long)(r->c.at - r->c.start), r->depth_max);
    r->depth++;
    r->c.at++;
    return true;
}

/* Past the bracket that ends a container. */
static void leave(struct reader *r)
{
    r->depth--;
    r->c.at++;
}

/* ---- the stack of slots ---- */

static void slots_grow(struct reader *r)
{
    struct value *slot = arena_array(&r->spare, struct value, 2 * r->cap);
    memcpy(slot, r->slot, r->count * sizeof *slot);
    r->slot = slot;
    r->cap *= 2;
}

static inline void push(struct reader *r, struct value v)
{
    if (r->count == r->cap)
        slots_grow(r);
    r->slot[r->count++] = v;
}

static bool is_same_key(struct value a, struct value b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.as.s, b.as.s, a.n) == 0);
}

/* Keys seen in one map, as a set of 64 bits: a bit that is not set means a new key for certain. */
static uint64_t key_bit(struct value key)
{
    const unsigned char *p = (const unsigned char *)key.as.s;
    if (key.n == 0)
        return 1;
    return 1ull << ((key.n * 7u + p[0] + p[key.n - 1] * 5u + p[key.n / 2] * 3u) & 63);
}

/* Slot of the value under key in the map that begins at slot from, or SIZE_MAX. */
static size_t slot_of_key(const struct reader *r, size_t from, struct value key)
{
    for (size_t i = from; i < r->count; i += 2) {
        if (is_same_key(r->slot[i], key))
            return i + 1;
    }
    return SIZE_MAX;
}

/* ---- ending a container ---- */

/* Leaves one entry a key: the first one's place, the last one's value. Hashed with the process's
 * seed, so that nobody can prepare keys that collide. Gives the number of entries left. */
static size_t unite_keys(struct reader *r, size_t from)
{
    size_t entry_count = (r->count - from) / 2, kept = 0, slot_count = 64;
    struct value *entry = r->slot + from; /* key, value, key, value ... */
    struct arena_mark mark = arena_mark(&r->spare);
    uint64_t seed = str_hash_seed();
    while (slot_count < 2 * entry_count)
        slot_count *= 2;
    /* number of the entry, from 1 */
    uint32_t *index = arena_array(&r->spare, uint32_t, slot_count);
    for (size_t i = 0; i < entry_count; i++) {
        struct value key = entry[2 * i];
        size_t at = str_hash(value_text(key), seed) & (slot_count - 1);
        while (index[at] && !is_same_key(entry[2 * (index[at] - 1)], key))
            at = (at + 1) & (slot_count - 1);
        if (!index[at]) {
            index[at] = (uint32_t)++kept;
            entry[2 * (kept - 1)] = key;
        }
        entry[2 * (index[at] - 1) + 1] = entry[2 * i + 1];
    }
    arena_reset_to(&r->spare, mark);
    return kept;
}

static void end_map(struct reader *r, size_t from, struct value *out)
{
    size_t count = (r->count - from) / 2;
    leave(r);
    if (count == 0) {
        *out = (struct value){ .kind = VALUE_MAP, .as.map = &empty_map };
        return;
    }
    if (count > SMALL_MAP_MAX)
        count = unite_keys(r, from);
    if (count < SMALL_MAP_MAX) {
        struct {
            struct value_map map;
            struct value_entry entry[];
        } * whole;
        size_t entry_bytes = count * sizeof whole->entry[0];
        whole = arena_alloc(r->arena, sizeof *whole + entry_bytes);
        memcpy(whole->entry, r->slot + from, entry_bytes);
        whole->map = (struct value_map){ .entry = whole->entry, .count = (uint32_t)count };
        *out = (struct value){ .kind = VALUE_MAP, .n = (uint32_t)count, .as.map = &whole->map };
    } else {
        struct value_entry *entry = arena_array(r->arena, struct value_entry, count);
        memcpy(entry, r->slot + from, count * sizeof *entry);
        *out = value_map(r->arena, entry, count);
    }
    r->count = from;
}

static void end_list(struct reader *r, size_t from, struct value *out)
{
    size_t count = r->count - from;
    leave(r);
    struct value *item = NULL;
    if (count) {
        item = arena_array(r->arena, struct value, count);
        memcpy(item, r->slot + from, count * sizeof *item);
    }
    *out = value_list(item, count);
    r->count = from;
}

/* ---- reading ---- */

static const struct json_skip *skip_of(struct skips skips, struct value key)
{
    for (size_t i = 0; i < skips.count; i++) {
        if (str_eq(skips.skip[i].key, value_text(key)))
            return &skips.skip[i];
    }
    return NULL;
}

/* Key, colon and the white space around them. key NULL: only checks. */
static bool read_key(struct reader *r, struct value *key)
{
    if (peek(&r->c) != '"')
        return json_fail(&r->c, r->c.at, "expected a key in double quotes");
    if (!json_string_read(&r->c, r->arena, key))
        return false;
    if (peek(&r->c) != ':')
        return json_fail(&r->c, r->c.at, "expected \":\" after the key");
    r->c.at++;
    return true;
}

/* After an item or entry: true and *more past a comma, true and not *more at the close. */
static inline bool read_separator(struct json_cursor *c, char close, const char *expected,
                                  bool *more)
{
    char next = peek(c);
    *more = next == ',';
    if (*more) {
        c->at++;
        return true;
    }
    return next == close || json_fail(c, c->at, expected);
}

static bool read_entry(struct reader *r, struct skips skips, size_t from, uint64_t *seen)
{
    struct value key, val;
    struct skips below = { 0 };
    if (!read_key(r, &key))
        return false;
    if (skips.count) {
        const struct json_skip *skip = skip_of(skips, key);
        if (skip && skip->child_count == 0)
            return check_value(r);
        if (skip)
            below = (struct skips){ skip->child, skip->child_count };
    }
    if (r->count - from < 2 * SMALL_MAP_MAX) {
        uint64_t bit = key_bit(key);
        size_t same = *seen & bit ? slot_of_key(r, from, key) : SIZE_MAX;
        *seen |= bit;
        if (same != SIZE_MAX) {
            if (!read_value(r, below, &val))
                return false;
            r->slot[same] = val;
            return true;
        }
    }
    /* The key's slot is taken first: what is nested in the value comes and goes above it. */
    push(r, key);
    if (!read_value(r, below, &val))
        return false;
    push(r, val);
    return true;
}

static bool read_map(struct reader *r, struct skips skips, struct value *out)
{
    size_t from = r->count;
    uint64_t seen = 0;
    if (!enter(r))
        return false;
    for (bool more = peek(&r->c) != '}'; more;) {
        if (!read_entry(r, skips, from, &seen) ||
            !read_separator(&r->c, '}', "expected \",\" or \"}\" after a map's entry", &more))
            return false;
    }
    end_map(r, from, out);
    return true;
}

static bool read_list(struct reader *r, struct skips skips, struct value *out)
{
    size_t from = r->count;
    if (!enter(r))
        return false;
    for (bool more = peek(&r->c) != ']'; more;) {
        struct value v;
        if (!read_value(r, skips, &v))
            return false;
        push(r, v);
        if (!read_separator(&r->c, ']', "expected \",\" or \"]\" after a list's item", &more))
            return false;
    }
    end_list(r, from, out);
    return true;
}

static bool read_word(struct json_cursor *c, struct str word, struct value v, struct value *out)
{
    if ((size_t)(c->end - c->at) < word.n || memcmp(c->at, word.p, word.n) != 0)
        return json_fail(c, c->at, "expected a value");
    c->at += word.n;
    *out = v;
    return true;
}

/* What is neither a container nor a string; next is the byte at c->at. */
static bool read_scalar(struct json_cursor *c, char next, struct value *out)
{
    switch (next) {
    case 't':
        return read_word(c, STR("true"), value_bool(true), out);
    case 'f':
        return read_word(c, STR("false"), value_bool(false), out);
    case 'n':
        return read_word(c, STR("null"), value_null(), out);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return json_number_read(c, out);
    default:
        return json_fail(c, c->at, "expected a value");
    }
}

static bool read_value(struct reader *r, struct skips skips, struct value *out)
{
    char next = peek(&r->c);
    switch (next) {
    case '"':
        return json_string_read(&r->c, r->arena, out);
    case '{':
        return read_map(r, skips, out);
    case '[':
        return read_list(r, skips, out);
    default:
        return read_scalar(&r->c, next, out);
    }
}

/* ---- what is left out: checked as strictly, built of nothing ---- */

static bool check_map(struct reader *r)
{
    if (!enter(r))
        return false;
    for (bool more = peek(&r->c) != '}'; more;) {
        if (!read_key(r, NULL) || !check_value(r) ||
            !read_separator(&r->c, '}', "expected \",\" or \"}\" after a map's entry", &more))
            return false;
    }
    leave(r);
    return true;
}

static bool check_list(struct reader *r)
{
    if (!enter(r))
        return false;
    for (bool more = peek(&r->c) != ']'; more;) {
        if (!check_value(r) ||
            !read_separator(&r->c, ']', "expected \",\" or \"]\" after a list's item", &more))
            return false;
    }
    leave(r);
    return true;
}

static bool check_value(struct reader *r)
{
    struct value ignored;
    char next = peek(&r->c);
    switch (next) {
    case '"':
        return json_string_read(&r->c, NULL, NULL);
    case '{':
        return check_map(r);
    case '[':
        return check_list(r);
    default:
        return read_scalar(&r->c, next, &ignored);
    }
}

/* ---- the whole text ---- */

static bool read_text(struct reader *r, struct skips skips, size_t bytes_max, struct value *out)
{
    size_t bytes = (size_t)(r->c.end - r->c.start);
    if (bytes > bytes_max)
        return err_set(r->c.err, ERR_LIMIT, "%zu bytes of JSON, more than the %zu there may be",
                       bytes, bytes_max);
    if (!read_value(r, skips, out))
        return false;
    (void)peek(&r->c);
    return r->c.at == r->c.end || json_fail(&r->c, r->c.at, "expected nothing after the value");
}

bool json_read(struct value *out, struct arena *a, struct str text,
               const struct json_limits *limits, const struct json_skip *skip, size_t skip_count,
               struct err *err)
{
    struct json_limits given = limits ? *limits : (struct json_limits){ 0 };
    struct value stack[STACK_SLOTS];
    struct value whole;
    struct str input = text.p ? text : STR("");
    struct reader r = {
        .c = { .start = input.p, .at = input.p, .end = input.p + input.n, .err = err },
        .arena = a,
        .slot = stack,
        .cap = STACK_SLOTS,
        .depth_max = given.depth ? given.depth : JSON_DEPTH_MAX,
    };
    size_t bytes_max = given.bytes ? given.bytes : JSON_BYTES_MAX;
    if (r.depth_max > JSON_DEPTH_CEILING)
        r.depth_max = JSON_DEPTH_CEILING;
    if (bytes_max > BYTES_CEILING)
        bytes_max = BYTES_CEILING;
    struct arena_mark before = arena_mark(a);
    bool ok = read_text(&r, (struct skips){ skip, skip_count }, bytes_max, &whole);
    arena_release(&r.spare);
    if (!ok) {
        arena_reset_to(a, before);
        return false;
    }
    *out = whole;
    return true;
}
