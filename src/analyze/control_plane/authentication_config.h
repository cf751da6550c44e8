/* The file that --authentication-config of an API server names: whose tokens it takes, and what it
 * makes of them.
 *
 * Source: k8s.io/apiserver pkg/apis/apiserver (AuthenticationConfiguration: v1, v1beta1, v1alpha1),
 * loaded strictly as that one is. */
#ifndef KUBEVOUCH_ANALYZE_CONTROL_PLANE_AUTHENTICATION_CONFIG_H
#define KUBEVOUCH_ANALYZE_CONTROL_PLANE_AUTHENTICATION_CONFIG_H

#include "value/decode.h"

/* How a name is made: claim with its prefix, or an expression. */
struct claim_mapping {
    struct str claim, prefix, expression;
};
/* One authenticator: a row of jwt. */
struct token_issuer {
    struct {
        struct str url, discovery_url, certificate_authority, match_policy, egress;
        struct decode_strs audiences;
    } issuer;
    struct {
        struct claim_mapping username, groups;
        struct value uid, extra;
    } mapping;
    struct value claim_rules, user_rules; /* lists, or null */
};
struct authentication_config {
    struct str version, kind;
    struct decode_list jwt; /* of struct token_issuer */
    struct value anonymous;
    char sha256[65]; /* of the text */
};

#define AUTHENTICATION_CONFIG_BYTES_MAX ((size_t)1 << 20)

/* ERR_INPUT with file and place for what the API server would refuse by its shape: unknown keys,
 * other kinds and versions. */
bool authentication_config_read(struct authentication_config *out, struct arena *a, struct str text,
                                const char *file, struct err *err) WARN_UNUSED;

#endif
