/* Who can write what a fact or a detection rests on (forger.def): a column of facts.def,
 * tables.def, platform/detect.def and platform.def. */
#ifndef KUBEVOUCH_ANALYZE_FORGER_H
#define KUBEVOUCH_ANALYZE_FORGER_H

#include "base/str.h"

enum forger {
#define FORGER(e, name, writes) FORGER_##e,
#include "analyze/forger.def"
#undef FORGER
    FORGER_COUNT
};
struct forger_set {
    unsigned bits;
};
/* A row of a table: BY2(SERVER, ADMIN). A row without it does not compile. */
#define BY(e)              (1u << FORGER_##e)
#define BY1(a)             BY(a)
#define BY2(a, b)          (BY(a) | BY(b))
#define BY3(a, b, c)       (BY2(a, b) | BY(c))
#define BY4(a, b, c, d)    (BY3(a, b, c) | BY(d))
#define BY5(a, b, c, d, e) (BY4(a, b, c, d) | BY(e))

static inline bool forger_set_has(struct forger_set s, enum forger f)
{
    return (s.bits >> f & 1u) != 0;
}
const char *forger_name(enum forger f); /* "cluster administrator" */
/* "API server, one node". */
struct str forger_set_text(struct arena *a, struct forger_set s);

#endif
