/* Applies what persons state (bench/statements.h) to what the checks found: a valid waiver turns
 * failing findings into WAIVED, a valid attestation turns MANUAL into ATTESTED, or into FAIL where
 * it says that the control is not satisfied. Nothing else changes a verdict, and neither ever makes
 * a PASS. */
#ifndef KUBEVOUCH_AUDIT_ACCEPT_H
#define KUBEVOUCH_AUDIT_ACCEPT_H

#include "audit/part.h"

/* cluster: a statement's; empty: any. */
bool accept_is_for(const struct audit *au, struct str cluster);
/* The part's failing findings that somebody waives; its counts follow. Before the part's verdict.
 */
void accept_waivers(struct audit *au, struct part_state *p);
/* A check's verdict and reason, once they are rolled up from its parts. */
void accept_attestation(struct audit *au, struct check_result *c);
/* Statements that had no effect, one sentence each, for the report's notes; in out->statement_note.
 */
void accept_notes(struct audit *au, struct result *out);

#endif
