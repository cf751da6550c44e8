/* Reading the parts of a report.json: the reverse of result_value.h. */
#ifndef KUBEVOUCH_REPORT_STORED_VALUE_H
#define KUBEVOUCH_REPORT_STORED_VALUE_H

#include "audit/result.h"
#include "bench/benchmark.h"

/* While one is read: the first fault stays, and nothing is read after it. */
struct stored_reading {
    struct arena *a;
    const char *name; /* of the document */
    struct err *err;
    bool ok;
    struct result *r;
    struct benchmark *bench;
    struct cluster *cluster;
};
bool stored_fault(struct stored_reading *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* What stands at a key; empty, 0, false, an empty list where nothing does. */
struct str stored_text(struct value v, const char *key);
uint64_t stored_count(struct value v, const char *key);
bool stored_flag(struct value v, const char *key);
struct value stored_list(struct value v, const char *key);
struct str *stored_texts(struct stored_reading *s, struct value v, const char *key, size_t *count);
struct instant stored_time(struct stored_reading *s, struct value v, const char *key);
/* Which of the words stands at the key; a fault where none of them does. what: "a verdict". */
int stored_word(struct stored_reading *s, struct value v, const char *key, const char *const *word,
                size_t count, const char *what);
enum verdict stored_verdict(struct stored_reading *s, struct value v);
enum cause stored_cause(struct stored_reading *s, struct value v);
void stored_observation(struct stored_reading *s, struct observation *out, struct value v);
struct waiver *stored_waiver(struct stored_reading *s, struct value v);

/* By key of the document, in this order: run, target, identity, benchmark, params, sections,
 * checks, then the rest. */
void stored_head(struct stored_reading *s, struct value root);
void stored_checks(struct stored_reading *s, struct value checks);
void stored_frameworks(struct stored_reading *s, struct value root);
void stored_evidence(struct stored_reading *s, struct value root);

#endif
