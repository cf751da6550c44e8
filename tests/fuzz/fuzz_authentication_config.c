/* Any bytes as the file behind --authentication-config. */
#include "analyze/control_plane/authentication_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct authentication_config c;
    struct err err = { 0 };
    if (authentication_config_read(&c, &a, str_of((const char *)data, size), "fuzz", &err)) {
        const struct token_issuer *issuer = c.jwt.item;
        for (size_t i = 0; i < c.jwt.count; i++)
            INVARIANT(issuer[i].claim_rules.kind == VALUE_NULL || issuer[i].claim_rules.kind == VALUE_LIST);
    }
    arena_release(&a);
    return 0;
}
