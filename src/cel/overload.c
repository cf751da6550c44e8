/* Every function of the language: one row an overload (overload.def). */
#include "cel/overload.h"

#include "base/names.h"
#include "cel/lib_core.h"
#include "cel/lib_decl.h"
#include "cel/operator.h"

const struct overload overload[] = {
#define A(...)      \
    {               \
        __VA_ARGS__ \
    }
#define OVERLOAD(name, style, count, kinds, gives, fn, prepare, summary, example, result) \
    { name, OVERLOAD_##style, count, kinds, gives, fn, prepare, summary, example, result },
#include "cel/overload.def"
#undef OVERLOAD
#undef A
};
const size_t overload_count = sizeof overload / sizeof *overload;

const struct cel_form cel_form[] = {
#define MACRO(package, name, args, vars, expand, macro, form, summary, example, result) \
    { form, summary, example, result },
#define FORM(form, summary, example, result) { form, summary, example, result },
#include "cel/macro.def"
#undef MACRO
#undef FORM
};
const size_t cel_form_count = sizeof cel_form / sizeof *cel_form;

const struct cel_difference cel_difference[] = {
#define DIFFERENCE(summary, example, result) { summary, example, result },
#include "cel/difference.def"
#undef DIFFERENCE
};
const size_t cel_difference_count = sizeof cel_difference / sizeof *cel_difference;

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

/* "_+_" is written between its arguments, "-_" before the one it has, "@in" is the word. */
static bool put_operator(struct buf *out, struct str name, const struct str *arg, size_t arg_count)
{
    bool in = str_eq(name, STR("@in"));
    bool after = name.n > 1 && name.p[name.n - 1] == '_', between = after && name.p[0] == '_';
    if (arg_count == 2 && (in || between)) {
        struct str sign = in ? STR("in") : str_sub(name, 1, name.n - 1);
        buf_addf(out, "%.*s %.*s %.*s", STR_ARG(arg[0]), STR_ARG(sign), STR_ARG(arg[1]));
        return true;
    }
    if (arg_count != 1 || !after || between)
        return false;
    buf_addf(out, "%c%.*s", name.p[0], STR_ARG(arg[0]));
    return true;
}

void overload_put_call(struct buf *out, struct str name, bool member, const struct str *arg,
                       size_t arg_count)
{
    if (put_operator(out, name, arg, arg_count))
        return;
    if (member)
        buf_addf(out, "%.*s.", STR_ARG(arg[0]));
    buf_addf(out, "%.*s(", STR_ARG(name));
    for (size_t i = member; i < arg_count; i++)
        buf_addf(out, "%s%.*s", i > member ? ", " : "", STR_ARG(arg[i]));
    buf_add_char(out, ')');
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
