/* Who can write what a fact or a detection rests on. */
#include "analyze/forger.h"

static const char *const name[FORGER_COUNT] = {
#define FORGER(e, name, writes) [FORGER_##e] = name,
#include "analyze/forger.def"
#undef FORGER
};

const char *forger_name(enum forger f)
{
    INVARIANT(f < FORGER_COUNT);
    return name[f];
}

struct str forger_set_text(struct arena *a, struct forger_set s)
{
    struct str part[FORGER_COUNT];
    size_t count = 0;
    for (size_t f = 0; f < FORGER_COUNT; f++)
        if (forger_set_has(s, (enum forger)f))
            part[count++] = str_from_c(name[f]);
    return str_join(a, part, count, STR(", "));
}
