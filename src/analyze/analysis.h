/* The socket of the analyses: each folder of this room is one row of analyses.def. What an analysis
 * knows of the whole cluster it builds here, by itself: from the objects that are kept before the
 * many are read, from each of the many as it goes by, and from both at the end. Facts and
 * populations are then made from it (facts.def, tables.def). */
#ifndef KUBEVOUCH_ANALYZE_ANALYSIS_H
#define KUBEVOUCH_ANALYZE_ANALYSIS_H

#include "analyze/facts.h"

/* An object of the STREAM stage. */
struct seen_object {
    enum kind kind;
    struct value object;
    /* by an object that was listed, of that uid, and that selects it: it is seen itself */
    bool owned;
    uint32_t owner;        /* that one, in cluster.owner from 1; 0: not owned */
    struct arena *scratch; /* emptied behind each analysis */
};
struct analysis {
    const char *name;              /* of its folder */
    void (*open)(struct facts *f); /* after the EARLY stage; the rows above have been opened */
    void (*see)(struct facts *f, const struct seen_object *seen);
    void (*close)(struct facts *f); /* after the STREAM stage; the rows above have been closed */
    const char *summary;            /* what it looks at */
};
extern const struct analysis analyses[];
extern const size_t analysis_count;

#define NOTHING      analysis_nothing
#define NOTHING_SEEN analysis_nothing_seen
#define ANALYSIS(name, opens, sees, closes, summary)            \
    void opens(struct facts *f);                                \
    void sees(struct facts *f, const struct seen_object *seen); \
    void closes(struct facts *f);
#include "analyze/analyses.def"
#undef ANALYSIS

#endif
