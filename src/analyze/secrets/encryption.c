/* Reading an EncryptionConfiguration, and which provider writes what. */
#include "analyze/secrets/encryption_check.h"
#include "base/duration.h"
#include "base/enc.h"
#include "base/names.h"
#include "value/yaml.h"

static const char *const kind_name[ENCRYPTION_KIND_COUNT] = {
    [ENCRYPTION_AESGCM] = "aesgcm",
    [ENCRYPTION_AESCBC] = "aescbc",
    [ENCRYPTION_SECRETBOX] = "secretbox",
    [ENCRYPTION_IDENTITY] = "identity",
    [ENCRYPTION_KMS] = "kms",
};

const char *encryption_kind_name(enum encryption_kind k)
{
    return kind_name[k];
}

/* ---- "secrets", "*.apps", "*." ---- */

struct group_resource encryption_parse_resource(struct str s)
{
    struct group_resource g = { .group = STR("") };
    if (!str_cut(s, '.', &g.resource, &g.group))
        g.group = STR("");
    return g;
}

static bool same(struct group_resource a, struct group_resource b)
{
    return str_eq(a.group, b.group) && str_eq(a.resource, b.resource);
}

struct str encryption_resource_text(struct arena *a, struct group_resource g)
{
    if (!g.group.n)
        return str_eq_c(g.resource, "*") ? STR("*.") : g.resource;
    return str_printf(a, "%.*s.%.*s", STR_ARG(g.resource), STR_ARG(g.group));
}

/* The first rule for exactly g; NULL if there is none. */
static const struct encryption_rule *rule_for(const struct encryption_config *c,
                                              struct group_resource g)
{
    for (size_t i = 0; i < c->rule_count; i++) {
        for (size_t k = 0; k < c->rule[i].resource_count; k++) {
            if (same(encryption_parse_resource(c->rule[i].resource[k]), g))
                return &c->rule[i];
        }
    }
    return NULL;
}

const struct encryption_provider *encryption_writer(const struct encryption_config *c,
                                                    struct str group, struct str resource)
{
    struct group_resource step[] = { { group, resource },
                                     { group, STR("*") },
                                     { STR("*"), STR("*") } };
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        const struct encryption_rule *rule = rule_for(c, step[i]);
        if (rule)
            return rule->provider_count ? &rule->provider[0] : NULL;
    }
    return NULL;
}

/* Rules are taken in order; one that comes behind a wildcard which has it already could never
 * count. Lists are short, and bounded by ENCRYPTION_BYTES_MAX; the sets keep a long one linear. */
static void find_masked(struct encryption_config *c, struct arena *a)
{
    struct map group_star;
    map_init(&group_star, a);
    bool all_star = false;
    for (size_t i = 0; i < c->rule_count && !c->masked.n; i++) {
        for (size_t k = 0; k < c->rule[i].resource_count && !c->masked.n; k++) {
            struct group_resource g = encryption_parse_resource(c->rule[i].resource[k]);
            struct group_resource by = { g.group, STR("*") };
            bool masked = map_has(&group_star, g.group);
            if (!masked && all_star) {
                by.group = STR("*");
                masked = true;
            }
            struct str text = encryption_resource_text(a, g),
                       by_text = encryption_resource_text(a, by);
            if (masked)
                c->masked = str_printf(a, "resource \"%.*s\" is masked by earlier rule \"%.*s\"",
                                       STR_ARG(text), STR_ARG(by_text));
            if (str_eq_c(g.resource, "*")) {
                map_put(&group_star, g.group, &group_star);
                all_star = all_star || str_eq_c(g.group, "*");
            }
        }
    }
}

/* ---- the document ---- */

struct reader {
    struct arena *arena;
    struct err *err;
};

static bool wrong(const struct reader *r, const struct node *n, const char *what,
                  const char *expected)
{
    return err_set_at(r->err, ERR_INPUT, n->pos, "%s must be %s", what, expected);
}

static bool is_null(const struct node *n)
{
    return !n || (n->kind == NODE_SCALAR && n->scalar.kind == VALUE_NULL);
}

/* The API server decodes this file strictly: a key it does not know stops it. known ends with NULL.
 */
static bool has_only(const struct reader *r, const struct node *map, const char *const *known,
                     const char *what)
{
    size_t count = 0;
    while (known[count])
        count++;
    for (size_t i = 0; i + 1 < map->child_count; i += 2) {
        struct str key = map->child[i].text;
        if (map->child[i].kind != NODE_SCALAR || names_find(known, count, key) < 0)
            return err_set_at(r->err, ERR_INPUT, map->child[i].pos, "unknown key \"%.*s\" in %s",
                              STR_ARG(key), what);
    }
    return true;
}

static const char *const document_key[] = { "apiVersion", "kind", "resources", NULL };
static const char *const rule_key[] = { "resources", "providers", NULL };
static const char *const provider_key[] = {
    "aesgcm", "aescbc", "secretbox", "identity", "kms", NULL
};
static const char *const keys_key[] = { "keys", NULL };
static const char *const key_key[] = { "name", "secret", NULL };
static const char *const kms_key[] = { "apiVersion", "name",    "cachesize",
                                       "endpoint",   "timeout", NULL };

/* A text member; missing or null is empty. */
static bool read_text(const struct reader *r, const struct node *map, const char *key,
                      struct str *out)
{
    const struct node *n = node_get(map, key);
    *out = STR("");
    if (is_null(n))
        return true;
    if (n->kind != NODE_SCALAR || n->scalar.kind != VALUE_STRING)
        return wrong(r, n, key, "text");
    *out = str_dup(r->arena, value_text(n->scalar));
    return true;
}

static bool read_key(const struct reader *r, const struct node *n, struct raw_key *out)
{
    if (n->kind != NODE_MAP)
        return wrong(r, n, "a key", "a map with name and secret");
    const struct node *secret = node_get(n, "secret");
    if (!has_only(r, n, key_key, "a key") || !read_text(r, n, "name", &out->name))
        return false;
    if (is_null(secret))
        return true;
    if (secret->kind != NODE_SCALAR || secret->scalar.kind != VALUE_STRING)
        return wrong(r, secret, "secret", "text");
    struct str text = value_text(secret->scalar);
    struct buf bytes = BUF_INIT(ENCRYPTION_BYTES_MAX);
    out->has_secret = text.n > 0;
    out->is_base64 = enc_base64_decode(&bytes, text, false) && !bytes.over;
    out->secret_bytes = bytes.n;
    buf_wipe(&bytes);
    buf_release(&bytes);
    return true;
}

static bool read_keys(const struct reader *r, const struct node *n, struct raw_provider *out)
{
    const struct node *keys = n->kind == NODE_MAP ? node_get(n, "keys") : NULL;
    if (n->kind != NODE_MAP)
        return wrong(r, n, "a provider", "a map");
    if (!has_only(r, n, keys_key, "a provider"))
        return false;
    if (is_null(keys))
        return true;
    if (keys->kind != NODE_LIST)
        return wrong(r, keys, "keys", "a list");
    out->key = arena_array(r->arena, struct raw_key, keys->child_count);
    out->key_count = keys->child_count;
    for (size_t i = 0; i < keys->child_count; i++) {
        if (!is_null(&keys->child[i]) && !read_key(r, &keys->child[i], &out->key[i]))
            return false;
    }
    return true;
}

static bool read_kms(const struct reader *r, const struct node *n, struct raw_provider *out)
{
    if (n->kind != NODE_MAP)
        return wrong(r, n, "kms", "a map");
    struct str timeout;
    if (!has_only(r, n, kms_key, "kms") || !read_text(r, n, "apiVersion", &out->kms_version) ||
        !read_text(r, n, "name", &out->kms_name) || !read_text(r, n, "endpoint", &out->endpoint) ||
        !read_text(r, n, "timeout", &timeout))
        return false;
    const struct node *size = node_get(n, "cachesize");
    if (!is_null(size)) {
        if (size->kind != NODE_SCALAR || size->scalar.kind != VALUE_INT ||
            size->scalar.as.i > INT32_MAX || size->scalar.as.i < INT32_MIN)
            return wrong(r, size, "cachesize", "a whole number");
        out->has_cache_size = true;
        out->cache_size = size->scalar.as.i;
    }
    if (is_null(node_get(n, "timeout")))
        out->timeout_ns = INT64_C(3000000000);
    else if (!duration_parse(timeout, &out->timeout_ns))
        return wrong(r, node_get(n, "timeout"), "timeout", "a duration such as 3s");
    if (!out->kms_version.n)
        out->kms_version = STR("v1");
    if (str_eq_c(out->kms_version, "v1") && !out->has_cache_size) {
        out->has_cache_size = true;
        out->cache_size = 1000;
    }
    return true;
}

static bool read_provider(const struct reader *r, const struct node *n, struct raw_provider *out)
{
    if (is_null(n))
        return true;
    if (n->kind != NODE_MAP)
        return wrong(r, n, "a provider", "a map");
    if (!has_only(r, n, provider_key, "a provider"))
        return false;
    for (size_t k = 0; k < ENCRYPTION_KIND_COUNT; k++) {
        const struct node *p = node_get(n, kind_name[k]);
        if (is_null(p))
            continue;
        out->has[k] = true;
        struct raw_provider part = { 0 };
        bool ok = k == ENCRYPTION_KMS ? read_kms(r, p, out)
                  : k == ENCRYPTION_IDENTITY
                      ? (p->kind == NODE_MAP || wrong(r, p, "identity", "a map"))
                      : read_keys(r, p, &part);
        if (!ok)
            return false;
        out->keys_of[k] = (struct raw_keys){ part.key, part.key_count };
    }
    return true;
}

static bool read_rule(const struct reader *r, const struct node *n, struct raw_rule *out)
{
    if (is_null(n))
        return true;
    if (n->kind != NODE_MAP)
        return wrong(r, n, "an item of resources", "a map with resources and providers");
    if (!has_only(r, n, rule_key, "an item of resources"))
        return false;
    const struct node *resources = node_get(n, "resources"), *providers = node_get(n, "providers");
    if (!is_null(resources)) {
        if (resources->kind != NODE_LIST)
            return wrong(r, resources, "resources", "a list of names");
        out->resource = arena_array(r->arena, struct str, resources->child_count);
        out->resource_count = resources->child_count;
        for (size_t i = 0; i < resources->child_count; i++) {
            const struct node *name = &resources->child[i];
            if (!is_null(name) && (name->kind != NODE_SCALAR || name->scalar.kind != VALUE_STRING))
                return wrong(r, name, "a resource", "text");
            out->resource[i] =
                is_null(name) ? STR("") : str_dup(r->arena, value_text(name->scalar));
        }
    }
    if (is_null(providers))
        return true;
    if (providers->kind != NODE_LIST)
        return wrong(r, providers, "providers", "a list");
    out->provider = arena_array(r->arena, struct raw_provider, providers->child_count);
    out->provider_count = providers->child_count;
    for (size_t i = 0; i < providers->child_count; i++) {
        if (!read_provider(r, &providers->child[i], &out->provider[i]))
            return false;
    }
    return true;
}

static bool read_document(const struct reader *r, const struct node *n, struct raw_config *out)
{
    static const struct {
        const char *api_version, *kind;
    } known[] = { { "apiserver.config.k8s.io/v1", "EncryptionConfiguration" },
                  { "v1", "EncryptionConfig" } };
    struct str api_version, kind;
    if (n->kind != NODE_MAP)
        return wrong(r, n, "an EncryptionConfiguration", "a map");
    if (!read_text(r, n, "apiVersion", &api_version) || !read_text(r, n, "kind", &kind))
        return false;
    bool is_known = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is_known = is_known ||
                   (str_eq_c(api_version, known[i].api_version) && str_eq_c(kind, known[i].kind));
    if (!is_known)
        return err_set_at(r->err, ERR_INPUT, n->pos,
                          "kind \"%.*s\" of \"%.*s\" is not an EncryptionConfiguration of "
                          "apiserver.config.k8s.io/v1",
                          STR_ARG(kind), STR_ARG(api_version));
    if (!has_only(r, n, document_key, "the EncryptionConfiguration"))
        return false;
    const struct node *rules = node_get(n, "resources");
    if (is_null(rules))
        return true;
    if (rules->kind != NODE_LIST)
        return wrong(r, rules, "resources", "a list");
    out->rule = arena_array(r->arena, struct raw_rule, rules->child_count);
    out->rule_count = rules->child_count;
    for (size_t i = 0; i < rules->child_count; i++) {
        if (!read_rule(r, &rules->child[i], &out->rule[i]))
            return false;
    }
    return true;
}

static void keep_rules(struct encryption_config *out, struct arena *a, const struct raw_config *raw)
{
    out->rule = arena_array(a, struct encryption_rule, raw->rule_count);
    out->rule_count = raw->rule_count;
    for (size_t i = 0; i < raw->rule_count; i++) {
        const struct raw_rule *from = &raw->rule[i];
        struct encryption_rule *to = &out->rule[i];
        *to = (struct encryption_rule){ .resource = from->resource,
                                        .resource_count = from->resource_count };
        to->provider = arena_array(a, struct encryption_provider, from->provider_count);
        for (size_t p = 0; p < from->provider_count; p++) {
            for (size_t k = 0; k < ENCRYPTION_KIND_COUNT; k++) {
                if (!from->provider[p].has[k])
                    continue;
                to->provider[to->provider_count++] = (struct encryption_provider){
                    .kind = (enum encryption_kind)k,
                    .kms_name = from->provider[p].kms_name,
                    .kms_version = from->provider[p].kms_version,
                    .key_count = from->provider[p].keys_of[k].count,
                };
                break;
            }
        }
    }
}

/* Overwrites what stands under "secret" anywhere in the tree: keys must not stay in memory. */
static void wipe(const struct node *n)
{
    for (size_t i = 0; i < n->child_count; i++) {
        const struct node *child = &n->child[i];
        if (n->kind == NODE_MAP && i % 2 == 1 && child->kind == NODE_SCALAR &&
            str_eq_c(n->child[i - 1].text, "secret")) {
            struct str s = value_text(child->scalar);
            enc_wipe((void *)(uintptr_t)s.p, s.n);
            enc_wipe((void *)(uintptr_t)child->text.p, child->text.n);
        }
        wipe(child);
    }
}

bool encryption_read(struct encryption_config *out, struct arena *a, struct str text,
                     const char *file, bool reload, struct err *err)
{
    if (text.n > ENCRYPTION_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "%s: an EncryptionConfiguration of more than %zu bytes",
                       file, ENCRYPTION_BYTES_MAX);
    /* The tree goes into a copy of its own that is overwritten: the reader may point into the text.
     */
    struct arena own = { 0 };
    struct str copy = str_dup(&own, text);
    struct node *doc;
    size_t doc_count;
    struct reader r = { .arena = a, .err = err };
    struct raw_config raw = { 0 };
    bool ok = yaml_read(&doc, &doc_count, &own, copy, file, err);
    if (ok) {
        ok = doc_count == 1 ? read_document(&r, &doc[0], &raw)
                            : err_set(err, ERR_INPUT, "%s: %s", file,
                                      doc_count ? "holds more than one document" : "is empty");
        for (size_t i = 0; i < doc_count; i++)
            wipe(&doc[i]);
    }
    enc_wipe((void *)(uintptr_t)copy.p, copy.n);
    arena_release(&own);
    if (!ok)
        return false;
    *out = (struct encryption_config){ 0 };
    uint8_t digest[SHA256_BYTES];
    sha256_of(text, digest);
    sha256_hex(digest, out->sha256);
    encryption_check(out, a, &raw, reload);
    keep_rules(out, a, &raw);
    find_masked(out, a);
    return true;
}
