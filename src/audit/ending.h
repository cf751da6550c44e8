/* What the files share that end an audit: populations walked, verdicts of parts and of checks. */
#ifndef KUBEVOUCH_AUDIT_ENDING_H
#define KUBEVOUCH_AUDIT_ENDING_H

#include "audit/part.h"

/* Every population that is not judged while it streams, once. Fails as facts_walk. */
bool audit_walk_populations(struct audit *au, struct err *err) WARN_UNUSED;
/* Kinds that are kept whole, for the parts of policies. */
void audit_walk_for_policies(struct audit *au);
/* "apiserver" of apiservers, "nodeprocess" of nodeprocesses; part of plural. */
struct str audit_singular(struct str plural);

/* p's verdict, cause and reason, of its counts and of what was not seen. After its findings were
 * gathered and waived. */
void part_verdict(struct audit *au, struct part_state *p);
/* "3 of 5 pods do not meet it (1 waived)". */
struct str part_sentence(struct audit *au, const struct part_state *p);

/* c's verdict, cause, reason and remedy: of its parts (as many as the check has), of what people
 * attest, of what the benchmark says of the platform. */
void check_verdict(struct audit *au, struct check_result *c, const struct part_state *part);
/* The calls that it rests on. */
void check_calls(struct audit *au, struct check_result *c);

/* Of files: it asks of a running cluster, and nothing in them tells. */
bool check_is_outside(const struct audit *au, const struct check_result *c);
/* Those of checks that are outside. */
void outside_drop_findings(struct audit *au, struct result *out);
void outside_name(struct audit *au, struct result *out);

#endif
