/* Techniques of attackers that checks stand in the way of, by the ids of MITRE ATT&CK. A tag of a
 * check, and no framework: nobody is asked to meet it. */
#ifndef KUBEVOUCH_BENCH_ATTACK_H
#define KUBEVOUCH_BENCH_ATTACK_H

#include "base/str.h"

#define ATTACK_TAG "attack:"

/* NULL: none that is known (bench/attack.def). */
const char *attack_name(struct str technique);
/* All ids, ended by NULL. */
extern const char *const attack_id[];
/* Whether a tag asks for the technique: "attack:T1552" for T1552 and all below it, "attack:*" for
 * any. */
bool attack_asked(struct str tag, struct str technique);

#endif
