/* Any bytes as another tool's results: refused, or results that each name a tool, a control of theirs and a word. */
#include "audit/third_party.h"
#include "cluster/third_party_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct third_party t = { 0 };
    struct err err = { 0 };
    bool ok = third_party_parse(&t, &a, str_of((const char *)data, size), "import", (struct instant){ 1, 0 }, &err);
    INVARIANT(ok || ((err.code == ERR_INPUT || err.code == ERR_LIMIT) && err.text[0]));
    for (size_t i = 0; i < t.result.count; i++) {
        const struct third_party_result *x = &t.result.item[i];
        INVARIANT(x->tool.n && x->id.n && x->verdict.n && third_party_text(&a, x).n);
        INVARIANT(!x->dated_by_file || x->seen.s == 1);
    }
    arena_release(&a);
    return 0;
}
