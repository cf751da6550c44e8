/* Benchmarks and frameworks that anybody may write: read, compiled, refused with a place, never a crash. */
#include "bench/benchmark.h"
#include "cluster/kind_own.h"

#include <stdlib.h>

/* Beside the files that a benchmark may name as its base. */
static const char *file_name(struct arena *a)
{
    struct str src = str_from_c(getenv("srcdir"));
    return str_to_c(a, str_printf(a, "%.*s/tests/derive/fuzz.yaml", STR_ARG(src.n ? src : STR("."))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct faults faults = { 0 };
    struct benchmark b = { 0 };
    struct framework f;
    struct str text = { (const char *)data, size };
    struct err err = { 0 };
    struct value params;
    if (benchmark_parse(&b, &a, text, file_name(&a), &faults)) {
        bool *selected = arena_array(&a, bool, b.check_count);
        struct selection all = { 0 };
        if (!benchmark_select(&b, &all, selected, &err) || !benchmark_params(&b, NULL, 0, &a, &params, &err))
            __builtin_trap();
    } else if (faults.item.count == 0) {
        __builtin_trap();        /* refused without a reason */
    } else if (b.source_count) { /* what a linter does with what could be read */
        if (!benchmark_check_frameworks(&b, NULL, 0, &a, &faults))
            faults_sort(&faults);
    }
    size_t before = faults.item.count;
    faults_sort(&faults);
    before = faults.item.count;
    if (!framework_parse(&f, &a, text, "fuzz.yaml", &faults) && faults.item.count == before)
        __builtin_trap();
    kind_forget_own(); /* or the ninth input with kinds would be refused for the eight before it */
    arena_release(&a);
    return 0;
}
