/* The scores of a result, from the verdicts of its checks: of all, and of each section. */
#include "audit/result.h"

void result_score(struct result *r, struct arena *a)
{
    enum verdict *v = arena_array(a, enum verdict, r->check_count);
    size_t inside = 0;
    for (size_t i = 0; i < r->check_count; i++)
        if (!r->check[i].is_outside)
            v[inside++] = r->check[i].verdict;
    r->score = score_of(v, inside);
    r->section_score = arena_array(a, struct score, r->bench->section_count);
    for (size_t s = 0; s < r->bench->section_count; s++) {
        size_t n = 0;
        for (size_t i = 0; i < r->check_count; i++)
            if (section_holds(r->bench->section[s].id, r->check[i].check) &&
                !r->check[i].is_outside)
                v[n++] = r->check[i].verdict;
        r->section_score[s] = score_of(v, n);
    }
}
