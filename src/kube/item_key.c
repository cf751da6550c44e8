/* Who an object is, found in its bytes without reading the whole of them. */
#include "kube/item_key.h"

#define SEEN_SLOTS_MIN ((size_t)256)

struct scan {
    struct str text;
    size_t at;
};

static char peek(struct scan *s)
{
    while (s->at < s->text.n && (s->text.p[s->at] == ' ' || s->text.p[s->at] == '\n' ||
                                 s->text.p[s->at] == '\t' || s->text.p[s->at] == '\r'))
        s->at++;
    return s->at < s->text.n ? s->text.p[s->at] : '\0';
}

static bool take(struct scan *s, char c)
{
    if (peek(s) != c)
        return false;
    s->at++;
    return true;
}

static bool take_string(struct scan *s, struct str *out)
{
    if (!take(s, '"'))
        return false;
    size_t start = s->at;
    while (s->at < s->text.n) {
        char c = s->text.p[s->at++];
        if (c == '"') {
            *out = str_sub(s->text, start, s->at - 1);
            return true;
        }
        if (c == '\\')
            s->at++;
    }
    return false;
}

/* Past one value of any kind; brackets are counted, not matched by kind. */
static bool skip_value(struct scan *s)
{
    struct str ignored;
    size_t depth = 0;
    do {
        char c = peek(s);
        if (c == '"') {
            if (!take_string(s, &ignored))
                return false;
            continue;
        }
        if (c == '\0' || (depth == 0 && (c == '}' || c == ']' || c == ',')))
            return false;
        s->at++;
        if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
        } else if (depth == 0) {
            while (s->at < s->text.n && !strchr(",}] \n\t\r", s->text.p[s->at]))
                s->at++;
        }
    } while (depth > 0);
    return true;
}

/* To the next key of the object that is being read; the value is next. first: before any key. */
static bool next_key(struct scan *s, bool first, struct str *key)
{
    if (!first && !take(s, ','))
        return false;
    return take_string(s, key) && take(s, ':');
}

static bool read_metadata(struct scan *s, struct str *ns, struct str *name)
{
    struct str key;
    if (!take(s, '{'))
        return false;
    for (bool first = true; next_key(s, first, &key); first = false) {
        struct str *out = str_eq_c(key, "name") ? name : str_eq_c(key, "namespace") ? ns : NULL;
        if (!(out && peek(s) == '"' ? take_string(s, out) : skip_value(s)))
            return false;
        /* API servers write the name first: the rest, managedFields and all, is not walked. */
        if (name->n && ns->n)
            return true;
    }
    return take(s, '}');
}

bool item_key_read(struct str bytes, struct str *ns, struct str *name)
{
    struct scan s = { .text = bytes };
    struct str key, found_ns = { 0 }, found_name = { 0 };
    if (!take(&s, '{'))
        return false;
    for (bool first = true; next_key(&s, first, &key); first = false) {
        if (!str_eq_c(key, "metadata")) {
            if (!skip_value(&s))
                return false;
            continue;
        }
        if (!read_metadata(&s, &found_ns, &found_name) || found_name.n == 0)
            return false;
        *ns = found_ns;
        *name = found_name;
        return true;
    }
    return false;
}

static void seen_put(struct seen_hash *slot, size_t slot_count, struct seen_hash h)
{
    size_t at = (size_t)h.a & (slot_count - 1);
    while (slot[at].a | slot[at].b)
        at = (at + 1) & (slot_count - 1);
    slot[at] = h;
}

static void seen_grow(struct seen_set *s)
{
    size_t slot_count = s->slot_count ? s->slot_count * 2 : SEEN_SLOTS_MIN;
    struct arena grown = { 0 };
    struct seen_hash *slot = arena_array(&grown, struct seen_hash, slot_count);
    for (size_t i = 0; i < s->slot_count; i++)
        if (s->slot[i].a | s->slot[i].b)
            seen_put(slot, slot_count, s->slot[i]);
    arena_release(&s->arena);
    s->arena = grown;
    s->slot = slot;
    s->slot_count = slot_count;
}

bool seen_add(struct seen_set *s, struct str ns, struct str name)
{
    uint64_t seed = str_hash_seed(), other = ~seed * 0x9e3779b97f4a7c15ull;
    struct seen_hash h = { str_hash(name, str_hash(ns, seed)),
                           str_hash(name, str_hash(ns, other)) };
    if ((h.a | h.b) == 0)
        h.b = 1;
    /* At most two thirds full. */
    if (s->count * 3 >= s->slot_count * 2)
        seen_grow(s);
    for (size_t at = (size_t)h.a & (s->slot_count - 1);; at = (at + 1) & (s->slot_count - 1)) {
        if ((s->slot[at].a | s->slot[at].b) == 0) {
            s->slot[at] = h;
            s->count++;
            return true;
        }
        if (s->slot[at].a == h.a && s->slot[at].b == h.b)
            return false;
    }
}

void seen_release(struct seen_set *s)
{
    arena_release(&s->arena);
    *s = (struct seen_set){ 0 };
}
