/* EncryptionConfiguration (apiserver.config.k8s.io/v1, and EncryptionConfig v1 before it): which
 * provider writes which resource to etcd, and what the API server would refuse about it.
 *
 * Keys are looked at (present, base64, length) and never kept or shown.
 * Source: kubernetes.io, Encrypting Confidential Data at Rest; apiserver
 * pkg/apis/apiserver/validation. */
#ifndef KUBEVOUCH_ANALYZE_SECRETS_ENCRYPTION_H
#define KUBEVOUCH_ANALYZE_SECRETS_ENCRYPTION_H

#include "base/vec.h"
#include "value/value.h"

enum encryption_kind {
    ENCRYPTION_AESGCM,
    ENCRYPTION_AESCBC,
    ENCRYPTION_SECRETBOX,
    ENCRYPTION_IDENTITY,
    ENCRYPTION_KMS,
    ENCRYPTION_KIND_COUNT
};
const char *encryption_kind_name(enum encryption_kind k); /* "aesgcm" ..., as in the file */

struct encryption_provider {
    enum encryption_kind kind;
    struct str kms_name, kms_version; /* of KMS: "v1" or "v2", defaulted */
    size_t key_count;
};
struct encryption_rule {
    struct str *resource; /* "secrets", "*.apps", "*." ... */
    size_t resource_count;
    struct encryption_provider *provider;
    size_t provider_count;
};
struct encryption_config {
    struct encryption_rule *rule;
    size_t rule_count;
    VEC(struct str) error; /* field errors as the API server words them */
    char sha256[65];       /* of the file, in hex: the API server's metrics show it too */
    /* a rule that an earlier one hides: the API server would not start; empty: none */
    struct str masked;
};
static inline bool encryption_is_valid(const struct encryption_config *c)
{
    return c->error.count == 0 && c->masked.n == 0;
}

#define ENCRYPTION_BYTES_MAX ((size_t)1 << 20)
/* Reads YAML or JSON. False and ERR_INPUT when it is no such document at all (not one document,
 * another kind, a member of the wrong type); otherwise *out, faults and all. reload:
 * --encryption-provider-config-automatic-reload is in use, which makes the rules for KMS names
 * stricter. */
bool encryption_read(struct encryption_config *out, struct arena *a, struct str text,
                     const char *file, bool reload, struct err *err) WARN_UNUSED;
/* What writes group/resource: the first provider of the rule for the resource itself, else for its
 * whole group, else for everything. NULL: no rule, hence written plain. */
const struct encryption_provider *encryption_writer(const struct encryption_config *c,
                                                    struct str group, struct str resource);

#endif
