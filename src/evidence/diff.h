/* What changed from one report to another: new, fixed, unchanged, changed otherwise, and what
 * cannot be compared, with the cause.
 *
 * What was not seen is never told as fixed or as new. */
#ifndef KUBEVOUCH_EVIDENCE_DIFF_H
#define KUBEVOUCH_EVIDENCE_DIFF_H

#include "base/buf.h"
#include "evidence/document.h"

enum change {
    CHANGE_NEW, /* fails now, and was decided otherwise before */
    /* failed before, and passes now; of a finding: it is no longer found, mended or gone */
    CHANGE_FIXED,
    CHANGE_OTHER, /* another verdict, neither of these: waived, not applicable, for a person */
    CHANGE_UNCHANGED,
    CHANGE_INCOMPARABLE, /* cause says why */
    CHANGE_COUNT
};
extern const char *const change_name[CHANGE_COUNT];

/* Two checks that are the same one in two benchmarks; an empty id: the other has none. */
struct diff_pair {
    struct str from, to;
};
struct diff_options {
    bool any_cluster;             /* other clusters are compared too */
    const struct diff_pair *pair; /* across benchmarks; NULL: none is known of */
    size_t pair_count;
};
struct diff_check {
    enum change change;
    const struct document_check *from, *to; /* NULL: not there */
    struct str cause;
};
struct diff_finding {
    enum change change;
    const struct document_finding *from, *to;
    const struct document_check *check; /* its check in the later report, or in the earlier */
    struct str cause;
};
struct diff {
    const struct document *from, *to;
    struct str *note;
    size_t note_count;
    struct diff_check *check; /* in the later report's order, then what only the earlier has */
    size_t check_count;
    struct diff_finding *finding; /* failures and what is waived of either */
    size_t finding_count;
    size_t checks_by[CHANGE_COUNT], findings_by[CHANGE_COUNT];
    size_t failures_untold; /* failures of the later one that cannot be told to be new or old */
};
/* ERR_USAGE for reports of two clusters. */
bool diff_make(struct diff *out, struct arena *a, const struct document *from,
               const struct document *to, const struct diff_options *o,
               struct err *err) WARN_UNUSED;
/* The whole as one document, and for people; text of others is safe for a terminal. */
struct value diff_value(struct arena *a, const struct diff *d);
void diff_text(struct buf *out, struct arena *a, const struct diff *d);

#endif
