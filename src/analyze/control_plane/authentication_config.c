/* AuthenticationConfiguration, read as strictly as the API server reads it. */
#include "analyze/control_plane/authentication_config.h"

#include "base/enc.h"

#define GROUP "apiserver.config.k8s.io/"

static const struct decode_field issuer_field[] = {
    DECODE(STR, struct token_issuer, issuer.url, "url", DECODE_REQUIRED),
    DECODE(STR, struct token_issuer, issuer.discovery_url, "discoveryURL", 0),
    DECODE(STR, struct token_issuer, issuer.certificate_authority, "certificateAuthority", 0),
    DECODE(STRS, struct token_issuer, issuer.audiences, "audiences", 0),
    DECODE(STR, struct token_issuer, issuer.match_policy, "audienceMatchPolicy", 0),
    DECODE(STR, struct token_issuer, issuer.egress, "egressSelectorType", 0),
};
static const struct decode_table issuer_table =
    DECODE_TABLE("an issuer", issuer_field, struct token_issuer, 0);
static const struct decode_field claim_field[] = {
    DECODE(STR, struct claim_mapping, claim, "claim", 0),
    DECODE(STR, struct claim_mapping, prefix, "prefix", 0),
    DECODE(STR, struct claim_mapping, expression, "expression", 0),
};
static const struct decode_table claim_table =
    DECODE_TABLE("a claim's mapping", claim_field, struct claim_mapping, 0);
static const struct decode_field mapping_field[] = {
    DECODE_PART(struct token_issuer, mapping.username, "username", DECODE_REQUIRED, claim_table),
    DECODE_PART(struct token_issuer, mapping.groups, "groups", 0, claim_table),
    DECODE(VALUE, struct token_issuer, mapping.uid, "uid", 0),
    DECODE(VALUE, struct token_issuer, mapping.extra, "extra", 0),
};
static const struct decode_table mapping_table =
    DECODE_TABLE("claimMappings", mapping_field, struct token_issuer, 0);

/* Both tables fill the row around the member: their structs have no name of their own. */
static bool read_issuer(void *member, const struct node *n, struct arena *a, struct err *err)
{
    return decode_node((char *)member - offsetof(struct token_issuer, issuer), &issuer_table, n, a,
                       err);
}
static bool read_mapping(void *member, const struct node *n, struct arena *a, struct err *err)
{
    return decode_node((char *)member - offsetof(struct token_issuer, mapping), &mapping_table, n,
                       a, err);
}

static const struct decode_field jwt_field[] = {
    { .key = "issuer",
      .type = DECODE_FN,
      .flags = DECODE_REQUIRED,
      .offset = offsetof(struct token_issuer, issuer),
      .fn = read_issuer },
    { .key = "claimMappings",
      .type = DECODE_FN,
      .flags = DECODE_REQUIRED,
      .offset = offsetof(struct token_issuer, mapping),
      .fn = read_mapping },
    DECODE(VALUE, struct token_issuer, claim_rules, "claimValidationRules", 0),
    DECODE(VALUE, struct token_issuer, user_rules, "userValidationRules", 0),
};
static const struct decode_table jwt_table =
    DECODE_TABLE("an authenticator of jwt", jwt_field, struct token_issuer, 0);
static const struct decode_field config_field[] = {
    DECODE(STR, struct authentication_config, version, "apiVersion", DECODE_REQUIRED),
    DECODE(STR, struct authentication_config, kind, "kind", DECODE_REQUIRED),
    DECODE_ITEMS(struct authentication_config, jwt, "jwt", 0, jwt_table),
    DECODE(VALUE, struct authentication_config, anonymous, "anonymous", 0),
};
static const struct decode_table config_table =
    DECODE_TABLE("an AuthenticationConfiguration", config_field, struct authentication_config, 0);

static bool is_list_or_nothing(struct value v)
{
    return v.kind == VALUE_NULL || v.kind == VALUE_LIST;
}

bool authentication_config_read(struct authentication_config *out, struct arena *a, struct str text,
                                const char *file, struct err *err)
{
    struct authentication_config c = { .anonymous = value_null() };
    struct node *doc;
    size_t count;
    uint8_t digest[SHA256_BYTES];
    if (text.n > AUTHENTICATION_CONFIG_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "%s: an AuthenticationConfiguration of more than %zu bytes",
                       file, AUTHENTICATION_CONFIG_BYTES_MAX);
    if (!yaml_read(&doc, &count, a, text, file, err))
        return false;
    if (count != 1)
        return err_set(err, ERR_INPUT, "%s: %s", file,
                       count ? "holds more than one document" : "is empty");
    if (!decode_node(&c, &config_table, &doc[0], a, err))
        return false;
    if (!str_eq_c(c.kind, "AuthenticationConfiguration") ||
        !(str_eq_c(c.version, GROUP "v1") || str_eq_c(c.version, GROUP "v1beta1") ||
          str_eq_c(c.version, GROUP "v1alpha1")))
        return err_set_at(err, ERR_INPUT, doc[0].pos,
                          "the document must be kind AuthenticationConfiguration of " GROUP "v1");
    const struct token_issuer *issuer = c.jwt.item;
    for (size_t i = 0; i < c.jwt.count; i++)
        if (!is_list_or_nothing(issuer[i].claim_rules) || !is_list_or_nothing(issuer[i].user_rules))
            return err_set_at(err, ERR_INPUT, doc[0].pos,
                              "jwt[%zu]: rules of validation must be a list", i);
    sha256_of(text, digest);
    sha256_hex(digest, c.sha256);
    *out = c;
    return true;
}
