/* Why a piece of evidence could not be had, as a code. */
#include "base/cause.h"

static const struct {
    const char *name, *text;
} row[CAUSE_COUNT] = {
#define CAUSE(c, name, what) { name, what },
#include "base/cause.def"
#undef CAUSE
};

const char *cause_name(enum cause c)
{
    return row[c].name;
}

const char *cause_text(enum cause c)
{
    return row[c].text;
}

enum cause cause_find(struct str name)
{
    size_t c = 0;
    while (c < CAUSE_COUNT && !str_eq_c(name, row[c].name))
        c++;
    return (enum cause)c;
}
