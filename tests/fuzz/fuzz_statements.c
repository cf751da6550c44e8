/* Any bytes as a file of attestations and waivers: taken, or refused with a reason. */
#include "bench/statements.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct check check[] = { { .id = STR_INIT("5.1.7") }, { .id = STR_INIT("5.2.2") } };
    struct benchmark b = { .id = STR_INIT("b-1"), .check = check, .check_count = 2 };
    struct statements s = { 0 };
    struct faults faults = { 0 };
    bool ok = statements_parse(&s, &a, str_of((const char *)data, size), "fuzz.yaml", &b, &faults);
    INVARIANT(ok == (faults.item.count == 0));
    for (size_t i = 0; i < s.attestation.count; i++)
        INVARIANT(s.attestation.item[i].by.n && s.attestation.item[i].expires.s > s.attestation.item[i].date.s);
    for (size_t i = 0; i < s.waiver.count; i++)
        INVARIANT(s.waiver.item[i].object.n && s.waiver.item[i].reason.n);
    arena_release(&a);
    return 0;
}
