/* Facts that rest on /metrics alone: they tell of the one API server that answered, since its
 * start. */
#include "analyze/facts_state.h"

static int64_t count_of(struct value row)
{
    const struct value *v = value_get(row, STR("value"));
    if (!v || v->kind != VALUE_DOUBLE || !(v->as.d > 0))
        return 0;
    return v->as.d < 9e15 ? (int64_t)v->as.d : INT64_C(9000000000000000);
}

/* All series of a family added up; unavailable when it has none. */
static struct value total(const struct facts *f, const char *family)
{
    struct value rows = facts_metric(f, family);
    int64_t sum = 0;
    for (uint32_t i = 0; i < rows.n; i++) {
        int64_t n = count_of(value_item(rows, i));
        sum = sum > INT64_MAX - n ? INT64_MAX : sum + n;
    }
    return rows.n ? value_int(sum) : facts_gap_metrics(f, f->arena);
}

static int by_text(const void *a, const void *b)
{
    return str_cmp(value_text(*(const struct value *)a), value_text(*(const struct value *)b));
}

/* ---- audit records */

/* The handler that counts requests by level is only there with a policy, and the requests of this
 * audit were made before. Source: k8s.io/apiserver pkg/endpoints/filters/audit.go; measured on
 * v1.35.4. */
struct value make_auditing(struct facts *f)
{
    struct value rows = facts_metric(f, "apiserver_audit_level_total"),
                 errors = facts_metric(f, "apiserver_audit_error_total");
    struct value_builder b, levels, evidence;
    int64_t lost = 0;
    value_builder_init(&b, f->arena);
    value_builder_init(&levels, f->arena);
    value_builder_init(&evidence, f->arena);
    for (uint32_t i = 0; i < rows.n; i++) {
        struct str level = value_text_at(value_item(rows, i), "level", NULL);
        value_builder_put(&levels, value_str(level), value_int(count_of(value_item(rows, i))));
        facts_say(&evidence, f->arena,
                  "metric apiserver_audit_level_total: %lld requests at level %.*s",
                  (long long)count_of(value_item(rows, i)), STR_ARG(level));
    }
    for (uint32_t i = 0; i < errors.n; i++)
        lost += count_of(value_item(errors, i));
    struct value events = total(f, "apiserver_audit_event_total"), policy = value_bool(true);
    if (!rows.n)
        policy = facts_metrics_whole(f) && !value_is_error(events) ? value_bool(false)
                                                                   : facts_gap_metrics(f, f->arena);
    if (!value_is_error(events))
        facts_say(&evidence, f->arena,
                  "metric apiserver_audit_event_total: %lld records handed to a backend (it does "
                  "not say whether log or webhook)",
                  (long long)events.as.i);
    if (policy.kind == VALUE_BOOL && !policy.as.b)
        facts_say(&evidence, f->arena,
                  "no series of metric apiserver_audit_level_total: the API server that answered "
                  "has no audit policy");
    value_builder_set(&b, "policy", policy);
    value_builder_set(&b, "none", value_bool(policy.kind == VALUE_BOOL && !policy.as.b));
    value_builder_set(&b, "levels", value_builder_map(&levels));
    value_builder_set(&b, "events", events);
    value_builder_set(&b, "errors", value_int(lost));
    value_builder_set(&b, "evidence", value_builder_list(&evidence));
    return value_builder_map(&b);
}

/* ---- admission */

/* Webhooks and policies are counted under their own names in other families. */
struct value make_admission_plugins(struct facts *f)
{
    struct value rows =
        facts_metric(f, "apiserver_admission_controller_admission_duration_seconds_count");
    struct value_builder b, running, evidence;
    value_builder_init(&b, f->arena);
    value_builder_init(&running, f->arena);
    value_builder_init(&evidence, f->arena);
    for (uint32_t i = 0; i < rows.n; i++)
        if (count_of(value_item(rows, i)) > 0)
            value_builder_push(&running,
                               value_str(value_text_at(value_item(rows, i), "name", NULL)));
    if (running.count)
        qsort(running.item, running.count, sizeof *running.item, by_text);
    if (running.count)
        facts_say(&evidence, f->arena,
                  "metric apiserver_admission_controller_admission_duration_seconds counts %zu "
                  "plugins at work in the API server that answered; "
                  "one that is missing may be on and have met no request",
                  running.count);
    value_builder_set(&b, "running", value_builder_list(&running));
    value_builder_set(&b, "evidence", value_builder_list(&evidence));
    return value_builder_map(&b);
}

/* ---- credentials in use */

struct value make_tokens(struct facts *f)
{
    struct value_builder b;
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "legacy", total(f, "serviceaccount_legacy_tokens_total"));
    value_builder_set(&b, "stale", total(f, "serviceaccount_stale_tokens_total"));
    value_builder_set(&b, "valid", total(f, "serviceaccount_valid_tokens_total"));
    value_builder_set(&b, "clientCertificates",
                      total(f, "apiserver_client_certificate_expiration_seconds_count"));
    return value_builder_map(&b);
}

/* ---- what is configured */

struct value make_feature_gates(struct facts *f)
{
    struct value rows = facts_metric(f, "kubernetes_feature_enabled");
    struct value_builder b;
    struct map seen;
    value_builder_init(&b, f->arena);
    map_init(&seen, f->arena);
    if (!rows.n)
        return facts_gap_metrics(f, f->arena);
    for (uint32_t i = 0; i < rows.n; i++) {
        struct str name = value_text_at(value_item(rows, i), "name", NULL);
        bool created;
        (void)map_at(&seen, name, &created);
        if (created && name.n)
            value_builder_put(&b, value_str(name), value_bool(count_of(value_item(rows, i)) > 0));
    }
    return value_builder_map(&b);
}

static const struct {
    const char *config, *family;
} hash_row[] = {
    { "authentication", "apiserver_authentication_config_controller_last_config_info" },
    { "authorization", "apiserver_authorization_config_controller_last_config_info" },
    { "encryption", "apiserver_encryption_config_controller_last_config_info" },
};

struct value make_config_hashes(struct facts *f)
{
    struct value_builder list, b;
    value_builder_init(&list, f->arena);
    for (size_t i = 0; i < COUNT_OF(hash_row); i++) {
        struct value rows = facts_metric(f, hash_row[i].family);
        for (uint32_t k = 0; k < rows.n; k++) {
            value_builder_init(&b, f->arena);
            value_builder_set(&b, "config", value_cstr(hash_row[i].config));
            value_builder_set(
                &b, "server",
                value_str(value_text_at(value_item(rows, k), "apiserver_id_hash", NULL)));
            value_builder_set(&b, "hash",
                              value_str(value_text_at(value_item(rows, k), "hash", NULL)));
            value_builder_push(&list, value_builder_map(&b));
        }
    }
    return value_builder_list(&list);
}

/* ---- the file behind --authentication-config */

static struct value mapping_value(struct arena *a, const struct claim_mapping *m)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "claim", value_str(m->claim));
    value_builder_set(&b, "prefix", value_str(m->prefix));
    value_builder_set(&b, "expression", value_str(m->expression));
    return value_builder_map(&b);
}

static struct value issuer_value(struct arena *a, const struct token_issuer *i)
{
    struct value_builder b, audiences;
    value_builder_init(&audiences, a);
    for (size_t k = 0; k < i->issuer.audiences.count; k++)
        value_builder_push(&audiences, value_str(i->issuer.audiences.item[k]));
    value_builder_init(&b, a);
    value_builder_set(&b, "url", value_str(i->issuer.url));
    value_builder_set(&b, "audiences", value_builder_list(&audiences));
    value_builder_set(&b, "username", mapping_value(a, &i->mapping.username));
    value_builder_set(&b, "groups", mapping_value(a, &i->mapping.groups));
    value_builder_set(&b, "claimRules",
                      value_int(i->claim_rules.kind == VALUE_LIST ? i->claim_rules.n : 0));
    value_builder_set(&b, "userRules",
                      value_int(i->user_rules.kind == VALUE_LIST ? i->user_rules.n : 0));
    return value_builder_map(&b);
}

/* Every server that tells a digest tells another one than the copy's: "sha256:...". */
static struct str other_hash(const struct facts *f, const char *sha256)
{
    struct value rows =
        facts_metric(f, "apiserver_authentication_config_controller_last_config_info");
    struct str other = { 0 };
    for (uint32_t k = 0; k < rows.n; k++) {
        struct str hash = value_text_at(value_item(rows, k), "hash", NULL);
        if (str_has_suffix(hash, str_from_c(sha256)))
            return (struct str){ 0 };
        other = hash;
    }
    return other;
}

struct value make_authentication_config(struct facts *f)
{
    const struct authentication_config *c = f->given_authentication;
    if (!c)
        return facts_unavailable_for(
            f->arena, CAUSE_NOT_ASKED,
            "what the file behind --authentication-config says is not shown by the API: give a "
            "copy of it with --authentication-config");
    struct str other = other_hash(f, c->sha256);
    if (other.n)
        return facts_unavailable(f->arena,
                                 "the copy given with --authentication-config (sha256:%s) is not "
                                 "the file that is in force (%.*s)",
                                 c->sha256, STR_ARG(other));
    struct value_builder b, issuers;
    const struct token_issuer *issuer = c->jwt.item;
    const struct value *enabled = value_get(c->anonymous, STR("enabled"));
    value_builder_init(&issuers, f->arena);
    for (size_t i = 0; i < c->jwt.count; i++)
        value_builder_push(&issuers, issuer_value(f->arena, &issuer[i]));
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "issuers", value_builder_list(&issuers));
    value_builder_set(
        &b, "anonymous",
        enabled && enabled->kind == VALUE_BOOL
            ? *enabled
            : facts_unavailable(
                  f->arena,
                  "the file of --authentication-config leaves strangers to --anonymous-auth"));
    value_builder_set(&b, "sha256", value_str(str_from_c(c->sha256)));
    return value_builder_map(&b);
}
