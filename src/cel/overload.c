#include "cel/overload.h"

#include "base/names.h"
#include "cel/lib_core.h"
#include "cel/lib_decl.h"
#include "cel/operator.h"

const struct overload overload[] = {
#define A(...) { __VA_ARGS__ }
#define OVERLOAD(name, style, count, kinds, gives, fn, prepare, summary, example, result) \
    { name, OVERLOAD_##style, count, kinds, gives, fn, prepare, summary, example, result },
#include "cel/overload.def"
#undef OVERLOAD
#undef A
};
const size_t overload_count = sizeof overload / sizeof *overload;

const struct overload *overload_find(struct str name, bool member, size_t *count)
{
    *count = 0;
    const struct overload *first = NULL;
    for (size_t i = 0; i < overload_count; i++) {
        if ((overload[i].style == OVERLOAD_MEMBER) != member || !str_eq_c(name, overload[i].name)) {
            if (first)
                break;
            continue;
        }
        if (!first)
            first = &overload[i];
        ++*count;
    }
    return first;
}

bool overload_is_package(struct str package)
{
    for (size_t i = 0; i < overload_count; i++) {
        struct str name = str_from_c(overload[i].name);
        if (name.n > package.n && name.p[package.n] == '.' && str_has_prefix(name, package))
            return true;
    }
    return false;
}

const char *overload_nearest(struct str name, bool member)
{
    const char *known[sizeof overload / sizeof *overload];
    size_t count = 0;
    for (size_t i = 0; i < overload_count; i++)
        if (overload[i].style == (member ? OVERLOAD_MEMBER : OVERLOAD_GLOBAL))
            known[count++] = overload[i].name;
    return names_nearest(known, count, name);
}
