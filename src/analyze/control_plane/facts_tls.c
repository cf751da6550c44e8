/* What TLS handshakes with the API server showed. */
#include "analyze/facts_state.h"
#include "tls/certificate.h"

static struct value text_value(const struct facts *f, const char *key)
{
    return value_str(value_text_at(f->cluster->tls, key, NULL));
}

/* A server that has a client CA asks every client for a certificate; one that does not ask is not
 * it. Source: k8s.io/apiserver pkg/server/secure_serving.go. A path in front of /api is a proxy's
 * too. */
static struct value direct(const struct facts *f)
{
    struct str prefix = value_text_at(f->cluster->tls, "prefix", NULL);
    const struct coverage *published = &f->cluster->endpoint[ENDPOINT_EXTENSION_AUTH];
    if (prefix.n)
        return facts_unavailable(f->arena,
                                 "the server's URL has a path (%.*s): a proxy stands in front of "
                                 "the API server, and ends TLS",
                                 STR_ARG(prefix));
    if (value_bool_at(f->cluster->tls, false, "clientCertificateAsked", NULL))
        return value_bool(true);
    if (published->state != COVERAGE_COMPLETE)
        return facts_unavailable(f->arena,
                                 "the server asks for no client certificate: it has no client CA, "
                                 "or something in front of it ends TLS, and the authorities "
                                 "that would tell could not be read: %.*s",
                                 STR_ARG(published->reason));
    if (str_trim(value_text_at(f->cluster->extension_auth, "data", "client-ca-file", NULL)).n)
        return facts_unavailable(f->arena,
                                 "the server asks for no client certificate although the cluster "
                                 "has a client CA: something in front of the API server "
                                 "seems to end TLS, and what was seen is that one's");
    return value_bool(true);
}

static const struct {
    const char *version, *key;
} version_row[] = {
    { "TLS 1.0", "tls10" }, { "TLS 1.1", "tls11" }, { "TLS 1.2", "tls12" }, { "TLS 1.3", "tls13" }
};
#define VERSION_COUNT (sizeof version_row / sizeof *version_row)

static struct value versions(struct facts *f, struct value_builder *evidence)
{
    const struct value *rows = value_get(f->cluster->tls, STR("versions"));
    struct value_builder b;
    value_builder_init(&b, f->arena);
    for (size_t v = 0; v < VERSION_COUNT; v++) {
        struct str answer = STR("not asked");
        const struct value *offered = NULL;
        for (uint32_t i = 0; rows && rows->kind == VALUE_LIST && i < rows->n; i++) {
            if (!str_eq_c(value_text_at(value_item(*rows, i), "version", NULL),
                          version_row[v].version))
                continue;
            answer = value_text_at(value_item(*rows, i), "answer", NULL);
            offered = value_get(value_item(*rows, i), STR("offered"));
        }
        bool known = offered && offered->kind == VALUE_BOOL;
        value_builder_set(
            &b, version_row[v].key,
            known ? *offered
                  : facts_unavailable(f->arena, "whether the server takes %s is not clear: %.*s",
                                      version_row[v].version, STR_ARG(answer)));
        facts_say(evidence, f->arena, "%s: %s (%.*s)", version_row[v].version,
                  !known          ? "not clear"
                  : offered->as.b ? "taken"
                                  : "not taken",
                  STR_ARG(answer));
    }
    return value_builder_map(&b);
}

static struct value list_at(const struct facts *f, const char *key)
{
    const struct value *v = value_get(f->cluster->tls, str_from_c(key));
    return v && v->kind == VALUE_LIST ? *v : value_list(NULL, 0);
}

static struct value suites_whole(struct facts *f)
{
    struct str fault = value_text_at(f->cluster->tls, "suitesFault", NULL);
    if (value_bool_at(f->cluster->tls, false, "suitesWhole", NULL))
        return value_bool(true);
    return facts_unavailable(f->arena, "not all cipher suites could be tried: %.*s",
                             STR_ARG(fault));
}

static void say_suites(struct facts *f, struct value_builder *evidence)
{
    struct value rows = list_at(f, "suites");
    for (uint32_t i = 0; i < rows.n; i++) {
        struct str version = value_text_at(value_item(rows, i), "version", NULL),
                   name = value_text_at(value_item(rows, i), "name", NULL);
        facts_say(evidence, f->arena, "takes %.*s (%.*s)", STR_ARG(name), STR_ARG(version));
    }
}

static struct value chain(struct facts *f, struct value_builder *evidence)
{
    struct value pems = list_at(f, "chain");
    struct value_builder list;
    value_builder_init(&list, f->arena);
    for (uint32_t i = 0; i < pems.n; i++) {
        struct err err = { 0 };
        struct value one;
        if (!certificates_read(&one, f->arena, value_text(value_item(pems, i)), f->cluster->now,
                               "the server's chain", &err))
            return facts_unavailable(f->arena, "%s", err.text);
        struct value c = value_item(one, 0);
        struct str subject = value_text_at(c, "subject", NULL),
                   issuer = value_text_at(c, "issuer", NULL),
                   end = value_text_at(c, "notAfter", NULL);
        struct str kind = value_text_at(c, "keyAlgorithm", NULL);
        facts_say(evidence, f->arena, "certificate %u: %.*s by %.*s, %.*s %lld bits, until %.*s",
                  i + 1, STR_ARG(subject), STR_ARG(issuer), STR_ARG(kind),
                  (long long)value_int_at(c, 0, "keyBits", NULL), STR_ARG(end));
        value_builder_push(&list, c);
    }
    return value_builder_list(&list);
}

struct value make_tls(struct facts *f)
{
    struct value_builder b, evidence;
    value_builder_init(&b, f->arena);
    value_builder_init(&evidence, f->arena);
    if (f->cluster->tls.kind != VALUE_MAP)
        return facts_gap_endpoint(f, f->arena, ENDPOINT_TLS);
    struct str server = value_text_at(f->cluster->tls, "server", NULL),
               proxy = value_text_at(f->cluster->tls, "proxy", NULL);
    struct str fault = value_text_at(f->cluster->tls, "verifyFault", NULL);
    facts_say(
        &evidence, f->arena,
        "%lld connections to %.*s%s%.*s: of several API servers behind it one answered, or more",
        (long long)value_int_at(f->cluster->tls, 0, "connections", NULL), STR_ARG(server),
        proxy.n ? " through proxy " : "", STR_ARG(proxy));
    struct value offered = versions(f, &evidence), certificates = chain(f, &evidence);
    say_suites(f, &evidence);
    bool has_leaf = certificates.kind == VALUE_LIST && certificates.n;
    value_builder_set(&b, "direct", direct(f));
    value_builder_set(&b, "server", value_str(server));
    value_builder_set(&b, "proxy", value_str(proxy));
    value_builder_set(&b, "versions", offered);
    value_builder_set(&b, "suites", list_at(f, "suites"));
    value_builder_set(&b, "suitesWhole", suites_whole(f));
    value_builder_set(&b, "chain", certificates);
    value_builder_set(&b, "leaf",
                      has_leaf ? value_item(certificates, 0)
                      : value_is_error(certificates)
                          ? certificates
                          : facts_gap_endpoint(f, f->arena, ENDPOINT_TLS));
    value_builder_set(&b, "trusted", value_bool(!fault.n));
    value_builder_set(&b, "trustFault", text_value(f, "verifyFault"));
    value_builder_set(
        &b, "clientCertificateAsked",
        value_bool(value_bool_at(f->cluster->tls, false, "clientCertificateAsked", NULL)));
    value_builder_set(&b, "clientCas", list_at(f, "clientCas"));
    value_builder_set(&b, "evidence", value_builder_list(&evidence));
    return value_builder_map(&b);
}
