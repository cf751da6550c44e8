/* Reading the findings of a result, one at a time. */
#include "audit/result.h"

static void add_what_came_later(const struct result *r, struct finding *f, size_t i)
{
    if (r->place)
        f->place = r->place[i];
    if (r->is_new)
        f->is_new = r->is_new[i];
}

bool result_finding(const struct result *r, struct finding *out, size_t i, struct arena *a,
                    struct err *err)
{
    if (!r->findings.read(r->findings.ctx, out, i, a, err))
        return false;
    add_what_came_later(r, out, i);
    return true;
}

bool result_finding_glance(const struct result *r, struct finding *out, size_t i, struct arena *a,
                           struct err *err)
{
    if (!r->findings.glance(r->findings.ctx, out, i, a, err))
        return false;
    add_what_came_later(r, out, i);
    return true;
}
