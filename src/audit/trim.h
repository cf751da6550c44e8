/* What a finding keeps of a judgement: whoever may write objects decides how long names, rules and
 * annotations are, and a report must stay one that a person and a program can open. */
#ifndef KUBEVOUCH_AUDIT_TRIM_H
#define KUBEVOUCH_AUDIT_TRIM_H

#include "value/value.h"

#define FINDING_MESSAGE_BYTES  2000u
#define FINDING_TEXT_BYTES     1000u  /* of one text in the evidence */
#define FINDING_LIST_ITEMS     50u    /* of one list or map in the evidence */
#define FINDING_EVIDENCE_BYTES 16384u /* of all texts and values of the evidence, about */

/* A copy in a of at most max bytes and a note of what was left out, cut between characters. */
struct str trim_text(struct arena *a, struct str text, size_t max);
/* A copy in a within the limits above; what is left out is told in its place. */
struct value trim_evidence(struct arena *a, struct value evidence);

#endif
