/* Kubernetes' URL library. A URL must be absolute or a path from the root. */
#include "cel/lib.h"
#include "cel/url.h"

static struct str url_value_text(const void *self, struct arena *a)
{
    return url_text(self, a);
}

static bool url_values_equal(const void *x, const void *y)
{
    struct arena a = { 0 };
    bool equal = str_eq(url_text(x, &a), url_text(y, &a));
    arena_release(&a);
    return equal;
}

const struct value_opaque_type cel_url_type = {
    .name = "kubernetes.URL",
    .equal = url_values_equal,
    .text = url_value_text,
};

struct value cel_url(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct str text = value_text(arg[0]), problem;
    struct value over;
    struct url *u = arena_new(call->scratch, struct url);
    if (!lib_charge_bytes(call, (uint64_t)text.n * 4, &over))
        return over;
    text = str_dup(call->scratch, text);
    /* Read twice, as Kubernetes does: a request target must be absolute, and only the second
     * reading knows fragments. */
    if (!url_parse_request(u, call->scratch, text, &problem) ||
        !url_parse(u, call->scratch, text, &problem))
        return lib_error(call, "URL parse error during conversion from string: %.*s",
                         STR_ARG(problem));
    return value_opaque(call->scratch, &cel_url_type, u);
}

struct value cel_is_url(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct url u;
    struct str problem;
    struct value over;
    if (!lib_charge_bytes(call, (uint64_t)arg[0].n * 2, &over))
        return over;
    return value_bool(url_parse_request(&u, call->scratch, value_text(arg[0]), &problem));
}

/* The parts of a URL, one function each. */
#define URL_PART(name, part)                                                            \
    struct value name(struct cel_call *call, const struct value *arg, size_t arg_count) \
    {                                                                                   \
        const struct url *u = lib_opaque(arg[0], &cel_url_type);                        \
        (void)arg_count;                                                                \
        return u ? value_str(part) : lib_no_overload(call);                             \
    }
URL_PART(cel_url_scheme, u->scheme)
URL_PART(cel_url_host, u->host)
URL_PART(cel_url_hostname, url_hostname(u))
URL_PART(cel_url_port, url_port(u))
URL_PART(cel_url_escaped_path, url_escaped_path(u, call->scratch))

/* Values by key: the index of key in them, added at the end if new. */
static size_t slot_of(struct value_builder *keys, struct str key)
{
    for (size_t i = 0; i < keys->count; i++)
        if (str_eq(value_text(keys->item[i]), key))
            return i;
    value_builder_push(keys, value_str(key));
    return keys->count - 1;
}

#define URL_QUERY_KEYS_MAX 1000u

/* {key: [value, ...]}; parts with a bad escape or a ';' are left out, as net/url does. */
struct value cel_url_query(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    const struct url *u = lib_opaque(arg[0], &cel_url_type);
    struct value over;
    if (!u)
        return lib_no_overload(call);
    if (!lib_charge_bytes(call, (uint64_t)u->raw_query.n * 2, &over))
        return over;
    struct value_builder keys, map;
    struct value_builder *list =
        arena_array(call->scratch, struct value_builder, URL_QUERY_KEYS_MAX);
    struct str rest = u->raw_query, part, key, val;
    value_builder_init(&keys, call->scratch);
    while (str_next_field(&rest, '&', &part)) {
        str_cut(part, '=', &key, &val);
        if (!part.n || str_find_char(part, ';', 0) != SIZE_MAX ||
            !url_unescape_query(&key, call->scratch, key) ||
            !url_unescape_query(&val, call->scratch, val))
            continue;
        if (!lib_charge_items(call, keys.count / 10 + 1, &over))
            return over;
        size_t known = keys.count, slot = slot_of(&keys, key);
        if (slot == URL_QUERY_KEYS_MAX)
            return lib_error(call, "the URL's query has more than %u different keys",
                             URL_QUERY_KEYS_MAX);
        if (slot == known)
            value_builder_init(&list[slot], call->scratch);
        value_builder_push(&list[slot], value_str(val));
    }
    value_builder_init(&map, call->scratch);
    for (size_t i = 0; i < keys.count; i++)
        value_builder_put(&map, keys.item[i], value_builder_list(&list[i]));
    return value_builder_map(&map);
}
