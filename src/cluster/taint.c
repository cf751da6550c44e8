/* Which parts of an object may hold a credential, and which flags of a component do. */
#include "cluster/taint.h"

#define MASK_BEGIN           "(masked: "
#define MASK_END             " bytes)"
#define ANNOTATION_BYTES_MAX 512u

/* ---- places of objects */

static const struct {
    struct str key;
    const char *above; /* NULL: any */
} place[] = {
#define TAINTED(key, above) { STR_INIT(key), above },
#include "cluster/taint.def"
#undef TAINTED
};

bool taint_is_place(struct str key, struct str above)
{
    for (size_t i = 0; i < COUNT_OF(place); i++)
        if (key.n == place[i].key.n && memcmp(key.p, place[i].key.p, key.n) == 0 &&
            (!place[i].above || str_eq_c(above, place[i].above)))
            return true;
    return false;
}

struct str taint_mask(struct arena *a, struct str text)
{
    return str_printf(a, MASK_BEGIN "%zu" MASK_END, text.n);
}

bool taint_is_mask(struct str text)
{
    /* the latter: in older recordings */
    static const struct str begin[] = { STR_INIT(MASK_BEGIN), STR_INIT("(redacted, ") };
    struct str end = STR(MASK_END);
    uint64_t bytes;
    for (size_t i = 0; i < COUNT_OF(begin); i++)
        if (text.n > begin[i].n + end.n && str_has_prefix(text, begin[i]) &&
            str_has_suffix(text, end))
            return str_to_uint64(str_sub(text, begin[i].n, text.n - end.n), &bytes);
    return false;
}

/* Masked texts of v, which is marked as a whole, become errors. True: *out differs. */
static bool unmask(struct arena *a, struct value v, struct value *out)
{
    bool differs = false;
    *out = v;
    if (v.kind == VALUE_STRING && taint_is_mask(value_text(v))) {
        *out = value_unavailable(a, CAUSE_MASKED,
                                 "the recording masks this value (a command line, variable, "
                                 "header, annotation or the like): "
                                 "audit the cluster itself");
        return true;
    }
    if (v.kind != VALUE_LIST && v.kind != VALUE_MAP)
        return false;
    struct value *made = arena_array(a, struct value, v.n);
    for (uint32_t i = 0; i < v.n; i++)
        differs |=
            unmask(a, v.kind == VALUE_LIST ? value_item(v, i) : v.as.map->entry[i].val, &made[i]);
    if (!differs)
        return false;
    if (v.kind == VALUE_LIST) {
        *out = value_list(made, v.n);
    } else {
        struct value_entry *entry = arena_array(a, struct value_entry, v.n);
        for (uint32_t i = 0; i < v.n; i++)
            entry[i] = (struct value_entry){ v.as.map->entry[i].key, made[i] };
        *out = value_map(a, entry, v.n);
    }
    out->flags = v.flags;
    return true;
}

static struct value marked(struct arena *a, struct value v)
{
    struct value all = taint_mark(a, v), out;
    return unmask(a, all, &out) ? out : all;
}

static bool walk(struct arena *a, struct value v, struct str above, struct value *out);

static bool walk_list(struct arena *a, struct value v, struct str above, struct value *out)
{
    struct value *item = NULL; /* made with the first difference */
    for (uint32_t i = 0; i < v.n; i++) {
        struct value made;
        if (!walk(a, value_item(v, i), above, &made))
            continue;
        if (!item) {
            item = arena_array(a, struct value, v.n);
            memcpy(item, v.as.item, v.n * sizeof *item);
        }
        item[i] = made;
    }
    if (item)
        *out = value_list(item, v.n);
    return item != NULL;
}

static bool walk_map(struct arena *a, struct value v, struct str above, struct value *out)
{
    struct value_entry *entry = NULL;
    for (uint32_t i = 0; i < v.n; i++) {
        const struct value_entry *e = &v.as.map->entry[i];
        struct str key = value_text(e->key);
        struct value made = e->val;
        bool is_place = taint_is_place(key, above);
        if (is_place)
            made = marked(a, e->val);
        else if (!walk(a, e->val, key, &made))
            continue;
        if (!entry) {
            entry = arena_array(a, struct value_entry, v.n);
            memcpy(entry, v.as.map->entry, v.n * sizeof *entry);
        }
        entry[i].val = made;
    }
    if (entry)
        *out = value_map(a, entry, v.n);
    return entry != NULL;
}

/* True: *out differs from v. Recursion is bounded: the reader limits nesting (JSON_DEPTH_MAX). */
static bool walk(struct arena *a, struct value v, struct str above, struct value *out)
{
    *out = v;
    return v.kind == VALUE_LIST ? walk_list(a, v, above, out)
                                : v.kind == VALUE_MAP && walk_map(a, v, above, out);
}

struct value taint_object(struct arena *a, struct value object)
{
    struct value out;
    (void)walk(a, object, STR(""), &out);
    return out;
}

/* ---- flags */

static const char *const secret_word[] = {
#define SECRET(word) word,
#define PLAIN(word)
#include "cluster/flag_secret.def"
};
static const char *const plain_word[] = {
#define SECRET(word)
#define PLAIN(word) word,
#include "cluster/flag_secret.def"
};

static bool is_among(struct str word, const char *const *row, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_nocase(word, str_from_c(row[i])))
            return true;
    return false;
}

static bool is_secret_name(struct str name)
{
    struct str rest = name, word, last = { 0 };
    bool secret = false;
    while (str_next_field(&rest, '-', &word)) {
        struct str part = word, inner;
        while (str_next_field(&part, '_', &inner))
            secret |= is_among(inner, secret_word, COUNT_OF(secret_word));
        last = word;
    }
    return secret && !is_among(last, plain_word, COUNT_OF(plain_word));
}

static bool is_one_byte_class(struct str s, const char *more)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c && strchr(more, c))))
            return false;
    }
    return true;
}

/* "/etc/kubernetes/pki/front-proxy-client.key": where a key is, not what. */
static bool is_file_name(struct str s)
{
    return s.n > 1 && s.p[0] == '/' && is_one_byte_class(s, "/._-") &&
           (str_find_char(s, '/', 1) != SIZE_MAX || str_find_char(s, '.', 1) != SIZE_MAX);
}

static bool has_word(struct str value, const char *word)
{
    struct str w = str_from_c(word);
    for (size_t at = 0; at + w.n <= value.n; at++)
        if (str_eq_nocase(str_sub(value, at, at + w.n), w))
            return true;
    return false;
}

static bool looks_secret(struct str value)
{
    static const char *const word[] = { "password=", "passwd=", "token=",    "secret=",
                                        "bearer ",   "basic ",  "-----begin" };
    size_t scheme = str_find(value, STR("://"), 0);
    if (scheme != SIZE_MAX && (str_find_char(value, '@', scheme) != SIZE_MAX ||
                               str_find_char(value, '?', scheme) != SIZE_MAX))
        return true;
    for (size_t i = 0; i < COUNT_OF(word); i++)
        if (has_word(value, word[i]))
            return true;
    return false;
}

bool taint_flag_is_secret(struct str name, struct str value)
{
    if (!value.n || str_eq_c(value, "true") || str_eq_c(value, "false"))
        return false;
    return looks_secret(value) || (is_secret_name(name) && !is_file_name(value));
}

/* ---- annotations */

bool taint_annotation_is_plain(struct str key, struct str value)
{
    static const struct {
        const char *key, *value;
    } row[] = {
#define ANNOTATION(key, value) { key, value },
#include "cluster/annotation_plain.def"
    };
    for (size_t i = 0; value.n <= ANNOTATION_BYTES_MAX && i < COUNT_OF(row); i++)
        if (str_glob(str_from_c(row[i].key), key) && str_glob(str_from_c(row[i].value), value) &&
            is_one_byte_class(value, ":/@._+=,-"))
            return true;
    return false;
}
