/* Any bytes as the answer of /flagz: refused with a line, or read as flags whose names and values are text. */
#include "analyze/control_plane/component.h"
#include "cluster/control_plane.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct value flags;
    struct err err = { 0 };
    bool ok = flagz_read(&flags, &a, str_of((const char *)data, size), &err);
    INVARIANT(ok || ((err.code == ERR_INPUT || err.code == ERR_LIMIT) && err.text[0]));
    for (uint32_t i = 0; ok && i < flags.n; i++) {
        INVARIANT(flags.as.map->entry[i].key.kind == VALUE_STRING && flags.as.map->entry[i].val.kind == VALUE_STRING);
        INVARIANT(flags.as.map->entry[i].val.n <= FLAGZ_VALUE_BYTES_MAX);
    }
    if (ok) {
        struct value defaulted, read = component_flagz(&a, flags);
        struct component c = { .kind = COMPONENT_APISERVER, .source = COMPONENT_FROM_FLAGZ, .flags = read, .in_force = read };
        INVARIANT(read.n <= flags.n && component_effective(&a, &c, 35, &defaulted).n >= read.n);
    }
    arena_release(&a);
    return 0;
}
