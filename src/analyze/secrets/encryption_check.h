/* The parts of encryption.c that are one file each: what was read, and its field errors. */
#ifndef KUBEVOUCH_ANALYZE_SECRETS_ENCRYPTION_CHECK_H
#define KUBEVOUCH_ANALYZE_SECRETS_ENCRYPTION_CHECK_H

#include "analyze/secrets/encryption.h"
#include "base/map.h"

/* The document as it was read, defaults filled in, without its keys. */
struct raw_key {
    struct str name;
    bool has_secret, is_base64;
    size_t secret_bytes;
};
struct raw_keys {
    struct raw_key *item;
    size_t count;
};
struct raw_provider {
    bool has[ENCRYPTION_KIND_COUNT];
    struct raw_keys keys_of[ENCRYPTION_KIND_COUNT];
    struct raw_key *key; /* while reading one */
    size_t key_count;
    struct str kms_name, kms_version, endpoint;
    int64_t timeout_ns, cache_size;
    bool has_cache_size;
};
struct raw_rule {
    struct str *resource;
    size_t resource_count;
    struct raw_provider *provider;
    size_t provider_count;
};
struct raw_config {
    struct raw_rule *rule;
    size_t rule_count;
};

struct group_resource {
    struct str group, resource;
};
struct group_resource encryption_parse_resource(struct str s);
struct str encryption_resource_text(struct arena *a, struct group_resource g);

/* Adds to out->error what the API server's validation finds wrong. At most ENCRYPTION_ERRORS_MAX.
 */
#define ENCRYPTION_ERRORS_MAX 1000u
void encryption_check(struct encryption_config *out, struct arena *a, const struct raw_config *c,
                      bool reload);

#endif
