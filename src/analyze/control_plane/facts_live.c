/* Facts that the API server shows by its behaviour: what it answers strangers, its own checks, the
 * authorities it publishes. */
#include "analyze/facts_state.h"
#include "tls/certificate.h"
#include "value/json_doc.h"

/* ---- strangers */

static const char *const access_name[] = {
    [ANONYMOUS_UNKNOWN] = "unknown",
    [ANONYMOUS_REFUSED] = "refused",
    [ANONYMOUS_KNOWN] = "known",
    [ANONYMOUS_SERVED] = "served",
};

static bool is_health(const char *path)
{
    return !strcmp(path, "/livez") || !strcmp(path, "/readyz");
}

static struct value anonymous_answers(const struct facts *f, struct value_builder *evidence)
{
    struct value_builder list, b;
    value_builder_init(&list, f->arena);
    for (size_t i = 0; f->cluster->anonymous && i < PROBE_PATH_COUNT; i++) {
        const struct probe_answer *p = &f->cluster->anonymous[i];
        value_builder_init(&b, f->arena);
        value_builder_set(&b, "path", value_cstr(p->path));
        value_builder_set(&b, "status", value_int(p->status));
        value_builder_set(&b, "access", value_cstr(access_name[p->access]));
        value_builder_push(&list, value_builder_map(&b));
        if (p->access == ANONYMOUS_UNKNOWN)
            facts_say(evidence, f->arena, "GET %s without credentials: %.*s", p->path,
                      STR_ARG(p->reason));
        else
            facts_say(evidence, f->arena, "GET %s without credentials: %d, %s", p->path, p->status,
                      access_name[p->access]);
    }
    return value_builder_list(&list);
}

/* What was seen stands; that all are refused takes all of them. */
static struct value anonymous_access(const struct facts *f)
{
    const struct probe_answer *answer = f->cluster->anonymous;
    if (!answer)
        return facts_gap_endpoint(f, f->arena, ENDPOINT_ANONYMOUS);
    enum anonymous_access most = probe_verdict(answer);
    for (size_t i = 0; most < ANONYMOUS_KNOWN && i < PROBE_PATH_COUNT; i++)
        if (answer[i].access == ANONYMOUS_UNKNOWN)
            return facts_gap_endpoint(f, f->arena, ENDPOINT_ANONYMOUS);
    return value_cstr(access_name[most]);
}

static struct value health_only(const struct facts *f, struct value access)
{
    const struct probe_answer *answer = f->cluster->anonymous;
    bool health = false, other_open = false, other_unknown = false;
    if (value_is_error(access))
        return access;
    for (size_t i = 0; i < PROBE_PATH_COUNT; i++) {
        bool open = answer[i].access >= ANONYMOUS_KNOWN;
        if (is_health(answer[i].path))
            health = health || open;
        else
            other_open = other_open || open;
        other_unknown =
            other_unknown || (!is_health(answer[i].path) && answer[i].access == ANONYMOUS_UNKNOWN);
    }
    if (health && !other_open && other_unknown)
        return facts_gap_endpoint(f, f->arena, ENDPOINT_ANONYMOUS);
    return value_bool(health && !other_open);
}

struct value make_anonymous(struct facts *f)
{
    struct value_builder b, evidence;
    value_builder_init(&b, f->arena);
    value_builder_init(&evidence, f->arena);
    struct value access = anonymous_access(f);
    value_builder_set(&b, "access", access);
    value_builder_set(&b, "healthOnly", health_only(f, access));
    value_builder_set(&b, "answers", anonymous_answers(f, &evidence));
    if (f->cluster->anonymous)
        facts_say(&evidence, f->arena,
                  "seen through the address of this audit: another API server behind it, or one "
                  "reached by another way, may differ, and "
                  "paths that were not tried may be open");
    value_builder_set(&b, "evidence", value_builder_list(&evidence));
    return value_builder_map(&b);
}

struct value make_probes(struct facts *f)
{
    struct value_builder b;
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "tried",
                      value_bool(f->cluster->endpoint[ENDPOINT_TLS].state != COVERAGE_NOT_ASKED));
    return value_builder_map(&b);
}

/* apiServers is made before, at the same stage: its row stands above. */
struct value make_api_servers_seen(struct facts *f)
{
    struct value seen = f->value[FACT_apiServers];
    if (!facts_listed(f, KIND_PODS))
        return facts_gap_kind(f, f->arena, KIND_PODS);
    return seen.kind == VALUE_LIST ? seen : value_list(NULL, 0);
}

/* ---- /readyz?verbose */

struct value make_readyz(struct facts *f)
{
    struct value_builder b, checks, kms, row;
    value_builder_init(&b, f->arena);
    value_builder_init(&checks, f->arena);
    value_builder_init(&kms, f->arena);
    if (f->cluster->endpoint[ENDPOINT_READYZ].state != COVERAGE_COMPLETE)
        return facts_gap_endpoint(f, f->arena, ENDPOINT_READYZ);
    for (size_t i = 0; i < f->cluster->ready.count; i++) {
        const struct ready_check *c = &f->cluster->ready.item[i];
        value_builder_init(&row, f->arena);
        value_builder_set(&row, "name", value_str(c->name));
        value_builder_set(&row, "ok", value_bool(c->ok));
        value_builder_push(&checks, value_builder_map(&row));
        if (str_has_prefix(c->name, STR("kms-provider")))
            value_builder_push(&kms, value_str(c->name));
    }
    value_builder_set(&b, "checks", value_builder_list(&checks));
    value_builder_set(&b, "kms", value_builder_list(&kms));
    return value_builder_map(&b);
}

/* ---- ConfigMap extension-apiserver-authentication */

static struct value authorities(struct facts *f, struct value data, const char *key,
                                struct value_builder *evidence)
{
    struct str pem = str_trim(value_text_at(data, key, NULL));
    struct err err = { 0 };
    struct value list;
    if (!pem.n) {
        facts_say(evidence, f->arena, "it has no %s", key);
        return value_list(NULL, 0);
    }
    if (!certificates_read(&list, f->arena, pem, f->cluster->now, key, &err))
        return facts_unavailable_for(f->arena, CAUSE_MALFORMED,
                                     "ConfigMap kube-system/extension-apiserver-authentication: %s",
                                     err.text);
    for (uint32_t i = 0; i < list.n; i++) {
        struct value c = value_item(list, i);
        struct str subject = value_text_at(c, "subject", NULL),
                   end = value_text_at(c, "notAfter", NULL),
                   kind = value_text_at(c, "keyAlgorithm", NULL);
        facts_say(evidence, f->arena, "%s: %.*s, %.*s %lld bits, %s %.*s", key, STR_ARG(subject),
                  STR_ARG(kind), (long long)value_int_at(c, 0, "keyBits", NULL),
                  value_bool_at(c, false, "expired", NULL) ? "expired" : "until", STR_ARG(end));
    }
    return list;
}

static struct value shared_ca(struct value clients, struct value front)
{
    if (value_is_error(clients) || value_is_error(front))
        return value_is_error(clients) ? clients : front;
    for (uint32_t i = 0; i < clients.n; i++)
        for (uint32_t k = 0; k < front.n; k++)
            if (str_eq(value_text_at(value_item(clients, i), "sha256", NULL),
                       value_text_at(value_item(front, k), "sha256", NULL)))
                return value_bool(true);
    return value_bool(false);
}

struct value make_published_authorities(struct facts *f)
{
    struct value_builder b, evidence;
    struct err ignored = { 0 };
    value_builder_init(&b, f->arena);
    value_builder_init(&evidence, f->arena);
    const struct value *data = value_get(f->cluster->extension_auth, STR("data"));
    if (f->cluster->endpoint[ENDPOINT_EXTENSION_AUTH].state != COVERAGE_COMPLETE || !data ||
        data->kind != VALUE_MAP)
        return facts_gap_endpoint(f, f->arena, ENDPOINT_EXTENSION_AUTH);
    struct value clients = authorities(f, *data, "client-ca-file", &evidence);
    struct value front = authorities(f, *data, "requestheader-client-ca-file", &evidence);
    struct value names = value_list(NULL, 0);
    struct str text = value_text_at(*data, "requestheader-allowed-names", NULL);
    if (text.n &&
        (!json_doc_read(&names, f->arena, text, "requestheader-allowed-names", &ignored) ||
         names.kind != VALUE_LIST))
        names = facts_unavailable_for(f->arena, CAUSE_MALFORMED,
                                      "requestheader-allowed-names is not a JSON list");
    facts_say(&evidence, f->arena,
              "ConfigMap kube-system/extension-apiserver-authentication is written by the API "
              "servers themselves, which leave in it what an "
              "earlier configuration had");
    value_builder_set(&b, "clientCas", clients);
    value_builder_set(&b, "frontProxyCas", front);
    value_builder_set(&b, "sharedCa", shared_ca(clients, front));
    value_builder_set(&b, "allowedNames", names);
    value_builder_set(&b, "evidence", value_builder_list(&evidence));
    return value_builder_map(&b);
}
