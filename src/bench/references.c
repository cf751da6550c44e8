/* Public documentation that a check names: addresses that a page can link to, and none left out. */
#include "bench/benchmark.h"
#include "value/faults.h"

#define ADDRESS_BYTES_MAX 300u

bool reference_is_address(struct str s)
{
    const struct str scheme = STR("https://");
    if (!str_has_prefix(s, scheme) || s.n == scheme.n || s.n > ADDRESS_BYTES_MAX)
        return false;
    return s.p[scheme.n] != '/' &&
           str_consists_of(s, STR_LOWER STR_UPPER STR_DIGITS "-._~/?#=&%+:@,;()!*");
}

void benchmark_lint_references(const struct benchmark *b, struct arena *a, struct faults *faults)
{
    bool any = false;
    for (size_t i = 0; i < b->check_count; i++)
        any |= b->check[i].reference_count > 0;
    for (size_t i = 0; i < b->check_count; i++) {
        const struct check *c = &b->check[i];
        struct reading r = benchmark_reading(b, c->pos, a, faults);
        if (any && !c->reference_count)
            (void)fault_at(&r, c->pos,
                           "check %.*s names no documentation (references), as other checks of "
                           "the benchmark do",
                           STR_ARG(c->id));
        for (size_t k = 0; k < c->reference_count; k++)
            if (!reference_is_address(c->reference[k]))
                (void)fault_at(&r, c->pos,
                               "check %.*s: \"%.*s\" is no address of documentation: "
                               "https://, then letters, digits and the signs of addresses",
                               STR_ARG(c->id), STR_ARG(c->reference[k]));
    }
}
