/* Benchmarks and frameworks that anybody may write: read, compiled, refused with a place, never a crash. */
#include "bench/benchmark.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct bench_faults faults = { 0 };
    struct benchmark b;
    struct framework f;
    struct str text = { (const char *)data, size };
    struct err err = { 0 };
    struct value params;
    if (benchmark_parse(&b, &a, text, "fuzz.yaml", &faults)) {
        bool *selected = arena_array(&a, bool, b.check_count);
        struct selection all = { 0 };
        if (!benchmark_select(&b, &all, selected, &err) || !benchmark_params(&b, NULL, 0, &a, &params, &err))
            __builtin_trap();
    } else if (faults.text.count == 0) {
        __builtin_trap(); /* refused without a reason */
    }
    size_t before = faults.text.count;
    if (!framework_parse(&f, &a, text, "fuzz.yaml", &faults) && faults.text.count == before)
        __builtin_trap();
    arena_release(&a);
    return 0;
}
