/* What the API server's validation says of an EncryptionConfiguration, in its words: an operator
 * finds the same line in the server's log. */
#include "analyze/secrets/encryption_check.h"
#include "base/duration.h"
#include "value/json_doc.h"

struct check {
    struct encryption_config *out;
    struct arena *arena;
    bool reload;
    struct map kms_names;
};

static void add_error(struct check *c, struct str text)
{
    if (c->out->error.count < ENCRYPTION_ERRORS_MAX)
        *VEC_PUSH(&c->out->error, c->arena) = text;
}

static void required(struct check *c, struct str path, const char *detail)
{
    add_error(c, str_printf(c->arena, "%.*s: Required value: %s", STR_ARG(path), detail));
}

/* shown is the bad value as JSON. */
static void invalid(struct check *c, struct str path, struct str shown, const char *detail)
{
    add_error(c, str_printf(c->arena, "%.*s: Invalid value: %.*s: %s", STR_ARG(path),
                            STR_ARG(shown), detail));
}

static struct str json_of(struct check *c, struct value v)
{
    struct buf out = BUF_INIT(ENCRYPTION_BYTES_MAX);
    json_doc_write(&out, v, 0);
    struct str s =
        out.over ? STR("(too long to show)") : str_trim(str_dup(c->arena, buf_str(&out)));
    buf_release(&out);
    return s;
}

static struct str quoted(struct check *c, struct str s)
{
    return json_of(c, value_str(s));
}

#define PATH(c, ...) str_printf((c)->arena, __VA_ARGS__)

/* ---- resources ---- */

static struct str show_list(struct check *c, const struct raw_rule *rule)
{
    return json_of(c, value_strs(c->arena, rule->resource, rule->resource_count));
}

/* Two of one list that are the same, or one a wildcard that takes in the other. Sets instead of
 * pairs: a list of a hundred thousand names costs no more than reading it. */
static void check_overlap(struct check *c, const struct raw_rule *rule, struct str path)
{
    struct map exact, group_count;
    map_init(&exact, c->arena);
    map_init(&group_count, c->arena);
    bool duplicate = false, overlap = false;
    for (size_t i = 0; i < rule->resource_count; i++) {
        struct group_resource g = encryption_parse_resource(rule->resource[i]);
        bool created;
        map_at(&exact, encryption_resource_text(c->arena, g), &created);
        duplicate = duplicate || !created;
        void **n = map_at(&group_count, g.group, NULL);
        *n = (void *)((uintptr_t)*n + 1);
    }
    for (size_t i = 0; i < rule->resource_count; i++) {
        struct group_resource g = encryption_parse_resource(rule->resource[i]);
        if (!str_eq_c(g.resource, "*"))
            continue;
        bool all = str_eq_c(g.group, "*");
        uintptr_t in_group = (uintptr_t)map_get(&group_count, g.group);
        /* A second *.* or *.group is a duplicate; what else there is lies under it. */
        uintptr_t same = 0;
        for (size_t k = 0; k < rule->resource_count; k++)
            same += str_eq(rule->resource[k], rule->resource[i]);
        overlap = overlap || (all ? rule->resource_count > same : in_group > same);
        if (overlap || same > 1)
            break;
    }
    if (duplicate)
        invalid(c, path, show_list(c, rule),
                "the same resource cannot be specified multiple times");
    if (overlap)
        invalid(c, path, show_list(c, rule),
                "using overlapping resources such as 'secrets' and '*.' in the same resource list "
                "is not allowed as they "
                "will be masked");
}

static bool has_capital(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= 'A' && s.p[i] <= 'Z')
            return true;
    }
    return false;
}

/* NULL: nothing wrong with the name. */
static const char *name_fault(struct str name)
{
    static const char *const no_rest[] = { "apiserveripinfo", "serviceipallocations",
                                           "servicenodeportallocations" };
    struct group_resource g = encryption_parse_resource(name);
    if (has_capital(name))
        return "resource name should not contain capital letters";
    if (str_eq_c(name, "*"))
        return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all "
               "resources";
    for (size_t i = 0; i < sizeof no_rest / sizeof *no_rest; i++) {
        if (str_eq_c(name, no_rest[i]))
            return "resources which do not have REST API/s cannot be encrypted";
    }
    if (str_eq_c(g.group, "events.k8s.io"))
        return "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use "
               "'events' instead in the "
               "config file";
    if (str_eq_c(g.group, "extensions"))
        return "'extensions' group has been removed and cannot be used for encryption";
    if (str_eq_c(g.group, "*") && !str_eq_c(g.resource, "*"))
        return "encrypting the same resource across groups is not supported";
    return NULL;
}

static void check_resources(struct check *c, const struct raw_rule *rule, size_t i)
{
    struct str path = PATH(c, "resources[%zu].resources", i);
    if (!rule->resource_count)
        required(c, path,
                 str_to_c(c->arena, PATH(c, "at least one %.*s is required", STR_ARG(path))));
    check_overlap(c, rule, path);
    for (size_t k = 0; k < rule->resource_count; k++) {
        const char *fault = name_fault(rule->resource[k]);
        if (fault)
            invalid(c, PATH(c, "%.*s[%zu]", STR_ARG(path), k), quoted(c, rule->resource[k]), fault);
    }
}

/* ---- providers ---- */

/* The provider as the server's log would show it; keys are never shown. */
static struct str show_provider(struct check *c, const struct raw_provider *p)
{
    static const struct {
        const char *name;
        enum encryption_kind kind;
    } field[] = {
        { "AESGCM", ENCRYPTION_AESGCM },
        { "AESCBC", ENCRYPTION_AESCBC },
        { "Secretbox", ENCRYPTION_SECRETBOX },
        { "Identity", ENCRYPTION_IDENTITY },
    };
    struct value_builder b, kms;
    value_builder_init(&b, c->arena);
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        struct value_builder keys, body;
        value_builder_init(&body, c->arena);
        value_builder_init(&keys, c->arena);
        for (size_t k = 0; k < p->keys_of[field[i].kind].count; k++) {
            struct value_builder key;
            value_builder_init(&key, c->arena);
            value_builder_set(&key, "Name", value_str(p->keys_of[field[i].kind].item[k].name));
            value_builder_set(&key, "Secret", value_cstr("REDACTED"));
            value_builder_push(&keys, value_builder_map(&key));
        }
        if (field[i].kind != ENCRYPTION_IDENTITY)
            value_builder_set(&body, "Keys", keys.count ? value_builder_list(&keys) : value_null());
        value_builder_set(&b, field[i].name,
                          p->has[field[i].kind] ? value_builder_map(&body) : value_null());
    }
    value_builder_init(&kms, c->arena);
    value_builder_set(&kms, "APIVersion", value_str(p->kms_version));
    value_builder_set(&kms, "Name", value_str(p->kms_name));
    value_builder_set(&kms, "CacheSize",
                      p->has_cache_size ? value_int(p->cache_size) : value_null());
    value_builder_set(&kms, "Endpoint", value_str(p->endpoint));
    value_builder_set(&kms, "Timeout", value_str(duration_text(c->arena, p->timeout_ns)));
    value_builder_set(&b, "KMS", p->has[ENCRYPTION_KMS] ? value_builder_map(&kms) : value_null());
    return json_of(c, value_builder_map(&b));
}

static void check_keys(struct check *c, const struct raw_keys *keys, struct str path,
                       bool secretbox)
{
    if (!keys->count)
        required(c, path, "at least one keys is required");
    for (size_t i = 0; i < keys->count; i++) {
        const struct raw_key *key = &keys->item[i];
        struct str secret = PATH(c, "%.*s[%zu].secret", STR_ARG(path), i);
        bool length_ok = secretbox ? key->secret_bytes == 32
                                   : key->secret_bytes == 16 || key->secret_bytes == 24 ||
                                         key->secret_bytes == 32;
        if (!key->name.n)
            required(c, PATH(c, "%.*s[%zu].name", STR_ARG(path), i),
                     "name is a mandatory field for a key");
        if (!key->has_secret)
            required(c, secret, "secret is a mandatory field for a key");
        else if (!key->is_base64)
            invalid(c, secret, STR("\"REDACTED\""), "secrets must be base64 encoded");
        else if (!length_ok)
            invalid(c, secret, STR("\"REDACTED\""),
                    str_to_c(
                        c->arena,
                        PATH(c, "secret is not of the expected length, got %zu, expected one of %s",
                             key->secret_bytes, secretbox ? "[32]" : "[16 24 32]")));
    }
}

static void check_kms_name(struct check *c, const struct raw_provider *p, struct str path)
{
    bool v1 = str_eq_c(p->kms_version, "v1");
    struct str shown = quoted(c, p->kms_name);
    if (!p->kms_name.n)
        required(c, path, "name is a mandatory field for a provider");
    if (!v1 && str_find_char(p->kms_name, ':', 0) != SIZE_MAX)
        invalid(c, path, shown,
                str_to_c(c->arena, PATH(c, "invalid KMS provider name %.*s, must not contain ':'",
                                        STR_ARG(p->kms_name))));
    if ((c->reload || !v1) && map_has(&c->kms_names, p->kms_name))
        invalid(c, path, shown,
                str_to_c(c->arena, PATH(c, "duplicate KMS provider name %.*s, names must be unique",
                                        STR_ARG(p->kms_name))));
    map_put(&c->kms_names, p->kms_name, c);
}

/* The scheme of a URL as Go's net/url reads it. NULL, and *fault, if it cannot be parsed at all. */
static bool url_scheme(struct str url, struct str *scheme, const char **fault)
{
    *scheme = STR("");
    for (size_t i = 0; i < url.n; i++) {
        unsigned char b = (unsigned char)url.p[i];
        if (b < 0x20 || b == 0x7f) {
            *fault = "net/url: invalid control character in URL";
            return false;
        }
    }
    for (size_t i = 0; i < url.n; i++) {
        char b = url.p[i];
        bool letter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
        bool later = (b >= '0' && b <= '9') || b == '+' || b == '-' || b == '.';
        if (b == ':' && i == 0) {
            *fault = "missing protocol scheme";
            return false;
        }
        if (b == ':')
            *scheme = str_sub(url, 0, i);
        if (b == ':' || (!letter && !(later && i)))
            break;
    }
    size_t colon = str_find_char(url, ':', 0), slash = str_find_char(url, '/', 0);
    if (!scheme->n && colon != SIZE_MAX && (slash == SIZE_MAX || colon < slash)) {
        *fault = "first path segment in URL cannot contain colon";
        return false;
    }
    return true;
}

static void check_kms_endpoint(struct check *c, struct str endpoint, struct str path)
{
    struct str scheme;
    const char *fault = "";
    struct str shown = quoted(c, endpoint);
    if (!endpoint.n)
        invalid(c, path, shown, "endpoint is a mandatory field for a kms");
    else if (!url_scheme(endpoint, &scheme, &fault))
        invalid(
            c, path, shown,
            str_to_c(c->arena, PATH(c, "invalid endpoint for kms provider, error: parse %.*s: %s",
                                    STR_ARG(shown), fault)));
    else if (!str_eq_nocase(scheme, STR("unix")))
        invalid(
            c, path, shown,
            str_to_c(c->arena,
                     PATH(c, "unsupported scheme \"%.*s\" for KMS provider, only unix is supported",
                          STR_ARG(str_lower_ascii(c->arena, scheme)))));
}

static void check_kms(struct check *c, const struct raw_provider *p, struct str path)
{
    bool v1 = str_eq_c(p->kms_version, "v1"), v2 = str_eq_c(p->kms_version, "v2");
    struct str size = PATH(c, "%lld", (long long)p->cache_size);
    check_kms_name(c, p, PATH(c, "%.*s.name", STR_ARG(path)));
    if (p->timeout_ns <= 0)
        invalid(c, PATH(c, "%.*s.timeout", STR_ARG(path)),
                quoted(c, duration_text(c->arena, p->timeout_ns)),
                "timeout should be a positive value");
    check_kms_endpoint(c, p->endpoint, PATH(c, "%.*s.endpoint", STR_ARG(path)));
    if (!v1 && p->has_cache_size)
        invalid(c, PATH(c, "%.*s.cachesize", STR_ARG(path)), size,
                "cachesize is not supported in v2");
    if (v1 && p->cache_size == 0)
        invalid(c, PATH(c, "%.*s.cachesize", STR_ARG(path)), size,
                "cachesize should be a positive value, or negative to disable");
    if (!v1 && !v2)
        invalid(c, PATH(c, "%.*s.apiVersion", STR_ARG(path)), quoted(c, p->kms_version),
                "unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported");
}

static void check_provider(struct check *c, const struct raw_provider *p, struct str path)
{
    size_t found = 0;
    for (size_t k = 0; k < ENCRYPTION_KIND_COUNT; k++)
        found += p->has[k];
    if (found == 0)
        invalid(c, path, show_provider(c, p),
                "provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, "
                "Secretbox, Identity");
    if (found > 1)
        invalid(c, path, show_provider(c, p),
                "more than one provider specified in a single element, should split into different "
                "list elements");
    /* Of several, the server looks at the first in this order. */
    if (p->has[ENCRYPTION_KMS])
        check_kms(c, p, PATH(c, "%.*s.kms", STR_ARG(path)));
    else if (p->has[ENCRYPTION_AESGCM])
        check_keys(c, &p->keys_of[ENCRYPTION_AESGCM], PATH(c, "%.*s.aesgcm.keys", STR_ARG(path)),
                   false);
    else if (p->has[ENCRYPTION_AESCBC])
        check_keys(c, &p->keys_of[ENCRYPTION_AESCBC], PATH(c, "%.*s.aescbc.keys", STR_ARG(path)),
                   false);
    else if (p->has[ENCRYPTION_SECRETBOX])
        check_keys(c, &p->keys_of[ENCRYPTION_SECRETBOX],
                   PATH(c, "%.*s.secretbox.keys", STR_ARG(path)), true);
}

void encryption_check(struct encryption_config *out, struct arena *a,
                      const struct raw_config *config, bool reload)
{
    struct check c = { .out = out, .arena = a, .reload = reload };
    map_init(&c.kms_names, a);
    if (!config->rule_count)
        required(&c, STR("resources"), "at least one resources is required");
    for (size_t i = 0; i < config->rule_count; i++) {
        const struct raw_rule *rule = &config->rule[i];
        struct str providers = PATH(&c, "resources[%zu].providers", i);
        check_resources(&c, rule, i);
        if (!rule->provider_count)
            required(&c, providers,
                     str_to_c(a, PATH(&c, "at least one %.*s is required", STR_ARG(providers))));
        for (size_t k = 0; k < rule->provider_count; k++)
            check_provider(&c, &rule->provider[k], PATH(&c, "%.*s[%zu]", STR_ARG(providers), k));
    }
}
