/* Encryption at rest: what the API servers' flags, their metrics and a file given as evidence say.
 */
#include "analyze/facts_state.h"

#define TRANSFORMATIONS "apiserver_storage_transformation_operations_total"
#define CONFIG_INFO     "apiserver_encryption_config_controller_last_config_info"

/* Ways of writing, from weakest to strongest. */
enum provider { IDENTITY, OTHER, AESGCM, KMS_V1, AESCBC, SECRETBOX, KMS_V2, NOT_A_PROVIDER };
static const char *const provider_name[] = {
    [IDENTITY] = "identity", [OTHER] = "other",         [AESGCM] = "aesgcm", [KMS_V1] = "kms-v1",
    [AESCBC] = "aescbc",     [SECRETBOX] = "secretbox", [KMS_V2] = "kms-v2", [NOT_A_PROVIDER] = "",
};
static const struct {
    struct str prefix;
    enum provider provider;
} prefix_row[] = {
    { STR_INIT("k8s:enc:aescbc:v1:"), AESCBC },       { STR_INIT("k8s:enc:aesgcm:v1:"), AESGCM },
    { STR_INIT("k8s:enc:secretbox:v1:"), SECRETBOX }, { STR_INIT("k8s:enc:kms:v1:"), KMS_V1 },
    { STR_INIT("k8s:enc:kms:v2:"), KMS_V2 },          { STR_INIT("k8s:enc:"), OTHER },
};

/* Inner transformers count the same operation again under the name of their key ("key1:"). */
static enum provider provider_of_prefix(struct str prefix)
{
    if (!prefix.n || str_eq_c(prefix, "identity"))
        return IDENTITY;
    for (size_t i = 0; i < sizeof prefix_row / sizeof *prefix_row; i++) {
        if (str_has_prefix(prefix, prefix_row[i].prefix))
            return prefix_row[i].provider;
    }
    return NOT_A_PROVIDER;
}

static enum provider provider_of_config(const struct encryption_provider *p)
{
    if (!p)
        return IDENTITY;
    switch (p->kind) {
    case ENCRYPTION_AESGCM:
        return AESGCM;
    case ENCRYPTION_AESCBC:
        return AESCBC;
    case ENCRYPTION_SECRETBOX:
        return SECRETBOX;
    case ENCRYPTION_IDENTITY:
        return IDENTITY;
    case ENCRYPTION_KMS:
        return str_eq_c(p->kms_version, "v2") ? KMS_V2 : KMS_V1;
    case ENCRYPTION_KIND_COUNT:
        break;
    }
    return OTHER;
}

struct encryption_state {
    struct facts *facts;
    struct value_builder evidence, errors, servers;
    size_t with, without; /* instances with the flag, and without */
    bool all_seen, metric_shows, metric_denies, given_counts;
    bool wrote[NOT_A_PROVIDER]; /* Secrets, by provider */
    bool mixed_resources;       /* rows do not say of which resource they are (before 1.32) */
    int64_t plain_reads;
    struct value writes, reads;
};

static int64_t count_of(struct value row)
{
    const struct value *v = value_get(row, STR("value"));
    if (!v || v->kind != VALUE_DOUBLE || !(v->as.d > 0))
        return 0;
    return v->as.d < 9e15 ? (int64_t)v->as.d : INT64_C(9000000000000000);
}

static void note_operation(struct encryption_state *s, enum provider p, bool write,
                           struct str resource, int64_t count)
{
    if (count == 0 || !(resource.n == 0 || str_eq_c(resource, "secrets")))
        return;
    if (write)
        s->wrote[p] = true;
    else if (p == IDENTITY)
        s->plain_reads = s->plain_reads > INT64_MAX - count ? INT64_MAX : s->plain_reads + count;
    s->mixed_resources = s->mixed_resources || resource.n == 0;
}

/* Rows of one direction as the fact shows them. */
static struct value read_operations(struct encryption_state *s, const char *type)
{
    struct value rows = facts_metric(s->facts, TRANSFORMATIONS);
    struct value_builder list;
    value_builder_init(&list, s->facts->arena);
    for (uint32_t i = 0; i < rows.n; i++) {
        struct value row = value_item(rows, i);
        struct str prefix = value_text_at(row, "transformer_prefix", NULL);
        struct str resource = value_text_at(row, "resource", NULL);
        enum provider p = provider_of_prefix(prefix);
        if (p == NOT_A_PROVIDER ||
            !str_eq_c(value_text_at(row, "transformation_type", NULL), type) ||
            !str_eq_c(value_text_at(row, "status", NULL), "OK"))
            continue;
        note_operation(s, p, !strcmp(type, "to_storage"), resource, count_of(row));
        struct value_builder b;
        value_builder_init(&b, s->facts->arena);
        value_builder_set(&b, "resource", value_str(resource));
        value_builder_set(&b, "prefix", value_str(prefix));
        value_builder_set(&b, "provider", value_cstr(provider_name[p]));
        value_builder_set(&b, "count", value_int(count_of(row)));
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

static void read_servers(struct encryption_state *s)
{
    struct facts *f = s->facts;
    for (size_t i = 0; i < f->apiserver.count; i++) {
        const struct component *c = &f->apiserver.item[i];
        struct str file = value_text_at(c->flags, "encryption-provider-config", NULL),
                   text = component_text(f->arena, c);
        struct str unsure =
            c->doubt.n
                ? c->doubt
                : component_refused(c, (const char *const[]){ "encryption-provider-config" }, 1);
        if (unsure.n) {
            s->all_seen = false;
            facts_say(&s->evidence, f->arena, "the configuration of %.*s is not wholly known: %.*s",
                      STR_ARG(text), STR_ARG(unsure));
            continue;
        }
        s->with += file.n > 0;
        s->without += file.n == 0;
        facts_say(&s->evidence, f->arena, "%.*s: %s%.*s", STR_ARG(text),
                  file.n ? "--encryption-provider-config=" : "no --encryption-provider-config",
                  STR_ARG(file));
        struct value_builder b;
        value_builder_init(&b, f->arena);
        value_builder_set(&b, "pod", value_str(c->pod));
        value_builder_set(&b, "file", value_str(file));
        value_builder_set(&b, "configured", value_bool(file.n > 0));
        value_builder_push(&s->servers, value_builder_map(&b));
    }
}

/* config_info is there from the start since 1.34; transformations only with a configuration, but
 * not before the first of them. */
#define CONFIG_INFO_MINOR 34
static void read_metrics(struct encryption_state *s)
{
    struct facts *f = s->facts;
    bool info = facts_metric(f, CONFIG_INFO).n > 0,
         operations = facts_metric(f, TRANSFORMATIONS).n > 0;
    s->metric_shows = info || operations;
    s->metric_denies =
        !s->metric_shows && facts_metrics_whole(f) && f->cluster->minor >= CONFIG_INFO_MINOR;
    if (info)
        facts_say(&s->evidence, f->arena,
                  "metric " CONFIG_INFO
                  " is there: the API server that answered has an EncryptionConfiguration");
    if (operations)
        facts_say(&s->evidence, f->arena,
                  "metric " TRANSFORMATIONS
                  " is there: the API server that answered transforms what it stores");
    if (s->metric_denies)
        facts_say(&s->evidence, f->arena,
                  "metrics " CONFIG_INFO " and " TRANSFORMATIONS
                  " are missing: the API server that answered has "
                  "no EncryptionConfiguration");
}

/* With automatic reload there is one check for all plugins, and it is there without any. Source:
 * k8s.io/apiserver pkg/server/options/encryptionconfig. */
static void read_ready(struct encryption_state *s)
{
    for (size_t i = 0; i < s->facts->cluster->ready.count; i++) {
        const struct ready_check *c = &s->facts->cluster->ready.item[i];
        if (str_eq_c(c->name, "kms-providers"))
            facts_say(&s->evidence, s->facts->arena,
                      "/readyz?verbose has check kms-providers (%s): the encryption configuration "
                      "is reloaded by itself; this does "
                      "not show a KMS",
                      c->ok ? "ok" : "failed");
        else if (str_has_prefix(c->name, STR("kms-provider-")))
            facts_say(&s->evidence, s->facts->arena,
                      "/readyz?verbose has check %.*s (%s): a KMS plugin is configured",
                      STR_ARG(c->name), c->ok ? "ok" : "failed");
    }
}

/* The file given counts unless the server's own hash says that another one is in force. */
static void read_given(struct encryption_state *s)
{
    struct facts *f = s->facts;
    if (!f->given)
        return;
    struct value rows = facts_metric(f, CONFIG_INFO);
    bool other = rows.n > 0, same = false;
    for (uint32_t i = 0; i < rows.n; i++)
        same = same || str_has_suffix(value_text_at(value_item(rows, i), "hash", NULL),
                                      str_from_c(f->given->sha256));
    /* no API server starts with it, so it is not in force */
    bool refused = !encryption_is_valid(f->given);
    s->given_counts = same || (!other && !refused);
    facts_say(
        &s->evidence, f->arena, "the EncryptionConfiguration given has SHA-256 %s: %s",
        f->given->sha256,
        same      ? "the API server that answered has this file in force"
        : other   ? "the API server that answered has another one in force, so it does not count"
        : refused ? "no API server starts with it, so it is in force nowhere and does not count"
                  : "nothing shows whether this file is in force");
    for (size_t i = 0; i < f->given->error.count; i++)
        value_builder_push(&s->errors, value_str(f->given->error.item[i]));
    if (f->given->masked.n)
        value_builder_push(&s->errors, value_str(f->given->masked));
}

static struct value configured(const struct encryption_state *s)
{
    struct facts *f = s->facts;
    if (s->without || (s->metric_denies && !s->with))
        return value_bool(false);
    if (s->with && s->all_seen)
        return value_bool(true);
    if (!facts_listed(f, KIND_PODS))
        return facts_gap_kind(f, f->arena, KIND_PODS);
    if (!f->apiserver.count && (s->metric_shows || s->given_counts))
        return value_bool(true);
    if (f->apiserver.count)
        return facts_unavailable(f->arena, "the command line of an API server is not wholly known");
    return facts_gap_metrics(f, f->arena);
}

static struct value secrets_provider(const struct encryption_state *s, struct value is_configured)
{
    struct facts *f = s->facts;
    if (is_configured.kind == VALUE_BOOL && !is_configured.as.b)
        return value_cstr(provider_name[IDENTITY]);
    int weakest = NOT_A_PROVIDER, kinds = 0;
    for (int p = 0; p < NOT_A_PROVIDER; p++) {
        weakest = s->wrote[p] && weakest == NOT_A_PROVIDER ? p : weakest;
        kinds += s->wrote[p];
    }
    if (s->mixed_resources && kinds > 1)
        return facts_unavailable(f->arena, "the API server's metrics do not say which resource "
                                           "each provider wrote (they do from 1.32 on); "
                                           "give the file with --encryption-config");
    if (s->given_counts) {
        int given = (int)provider_of_config(encryption_writer(f->given, STR(""), STR("secrets")));
        weakest = given < weakest ? given : weakest;
    }
    if (weakest != NOT_A_PROVIDER)
        return value_cstr(provider_name[weakest]);
    if (f->cluster->endpoint[ENDPOINT_METRICS].state != COVERAGE_COMPLETE)
        return facts_gap_metrics(f, f->arena);
    return facts_unavailable(f->arena, "the API server that answered has written no Secret since "
                                       "it started, or its encryption configuration "
                                       "leaves Secrets out: its metrics do not show a provider; "
                                       "write any Secret and run again, or give the "
                                       "file with --encryption-config");
}

static struct value reads_plain(const struct encryption_state *s, struct value is_configured)
{
    struct facts *f = s->facts;
    if (is_configured.kind == VALUE_BOOL && !is_configured.as.b)
        return facts_unavailable(
            f->arena, "encryption at rest is not configured: nothing counts plain reads");
    if (s->plain_reads == 0 && !facts_metrics_whole(f))
        return facts_gap_metrics(f, f->arena);
    return value_int(s->plain_reads);
}

struct value make_encryption(struct facts *f)
{
    struct encryption_state s = { .facts = f, .all_seen = facts_listed(f, KIND_PODS) };
    value_builder_init(&s.evidence, f->arena);
    value_builder_init(&s.errors, f->arena);
    value_builder_init(&s.servers, f->arena);
    read_servers(&s);
    read_metrics(&s);
    read_ready(&s);
    read_given(&s);
    s.writes = read_operations(&s, "to_storage");
    s.reads = read_operations(&s, "from_storage");
    struct value is_configured = configured(&s);
    struct value_builder b;
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "configured", is_configured);
    value_builder_set(&b, "secretsProvider", secrets_provider(&s, is_configured));
    value_builder_set(&b, "readsPlain", reads_plain(&s, is_configured));
    value_builder_set(
        &b, "valid",
        f->given ? value_bool(encryption_is_valid(f->given))
                 : facts_unavailable(f->arena, "no file was given with --encryption-config"));
    value_builder_set(&b, "writes", s.writes);
    value_builder_set(&b, "reads", s.reads);
    value_builder_set(&b, "servers", value_builder_list(&s.servers));
    value_builder_set(&b, "errors", value_builder_list(&s.errors));
    value_builder_set(&b, "evidence", value_builder_list(&s.evidence));
    return value_builder_map(&b);
}

/* ---- KMS plugins ---- */

static void add_plugin(struct map *seen, struct arena *a, struct str name, const char *version,
                       const char *evidence)
{
    bool created;
    void **at = map_at(seen, name, &created);
    if (!created || !name.n)
        return;
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "name", value_str(str_dup(a, name)));
    value_builder_set(&b, "version", value_cstr(version));
    value_builder_set(&b, "evidence", value_cstr(evidence));
    struct value *row = arena_new(a, struct value);
    *row = value_builder_map(&b);
    *at = row;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(value_text_at(*(const struct value *)a, "name", NULL),
                   value_text_at(*(const struct value *)b, "name", NULL));
}

struct value make_kms_providers(struct facts *f)
{
    struct map seen;
    map_init(&seen, f->arena);
    for (size_t i = 0; f->given && i < f->given->rule_count; i++) {
        for (size_t p = 0; p < f->given->rule[i].provider_count; p++) {
            const struct encryption_provider *e = &f->given->rule[i].provider[p];
            if (e->kind == ENCRYPTION_KMS)
                add_plugin(&seen, f->arena, e->kms_name,
                           str_eq_c(e->kms_version, "v2") ? "v2" : "v1",
                           "named in the EncryptionConfiguration given");
        }
    }
    /* Only KMS v2 counts its keys by provider. */
    struct value rows = facts_metric(f, "apiserver_envelope_encryption_key_id_hash_total");
    for (uint32_t i = 0; i < rows.n; i++)
        add_plugin(&seen, f->arena, value_text_at(value_item(rows, i), "provider_name", NULL), "v2",
                   "metric apiserver_envelope_encryption_key_id_hash_total");
    struct value_builder list;
    value_builder_init(&list, f->arena);
    for (size_t i = 0; i < seen.count; i++) {
        if (seen.entry[i].val)
            value_builder_push(&list, *(struct value *)seen.entry[i].val);
    }
    if (!list.count && !facts_metrics_whole(f))
        return facts_gap_metrics(f, f->arena);
    if (list.count)
        qsort(list.item, list.count, sizeof *list.item, by_name);
    return value_builder_list(&list);
}
