/* Any bytes as the API server's configuration of its admission plugins. */
#include "analyze/podsecurity/admission_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct admission_config c;
    struct err err = { 0 };
    struct str text = str_of((const char *)data, size);
    if (admission_config_read(&c, &a, text, "fuzz", &err)) {
        INVARIANT(c.configures || (!c.usernames.item.count && !c.namespaces.item.count && !c.runtime_classes.item.count));
        INVARIANT(c.defaults.enforce.level <= POD_SECURITY_RESTRICTED);
    }
    struct admission_config d = { 0 };
    struct err other = { 0 };
    if (admission_config_add(&d, &a, text, "fuzz", &other))
        INVARIANT(d.configures);
    arena_release(&a);
    return 0;
}
