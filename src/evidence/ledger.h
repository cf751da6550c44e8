/* A ledger of runs: one line of JSON an audit, each with the hash of the one before it, and the
 * verdicts that changed.
 *
 *   DIR/ledger.jsonl   {"sequence":1,...,"changed":[...],"previous":"<hash>","hash":"<hash>"}
 *
 * hash is the SHA-256 of the line's bytes before ,"hash":" - previous that of the line before, or
 * 64 zeros. Where a key was given, its id and its signature over "kubevouch ledger line " and the
 * hash follow. A check that is as it was in the cluster's last run by the same benchmark is left
 * out of changed, so that what held at each run comes out by reading from the start. */
#ifndef KUBEVOUCH_EVIDENCE_LEDGER_H
#define KUBEVOUCH_EVIDENCE_LEDGER_H

#include "audit/result.h"
#include "evidence/verify.h"

#define LEDGER_FILE      "ledger.jsonl"
#define LEDGER_BYTES_MAX ((size_t)1 << 30)
/* Failing objects that a line names of one check; how many there are stands beside them. */
#define LEDGER_OBJECTS_MAX 50u
#define LEDGER_NOT_RUN     "not-run"

struct ledger_object {
    struct str kind, ns, name;
};
/* One check as one run left it. */
struct ledger_check {
    struct str id, title, severity;
    enum verdict verdict;         /* VERDICT_COUNT: it was not among the checks of this run */
    struct ledger_object *object; /* of VERDICT_FAIL and VERDICT_WAIVED: which ones, each once */
    size_t object_count;
    uint64_t findings;         /* of that verdict */
    struct str objects_sha256; /* of all of them, also those that are not named */
};
struct ledger_run {
    uint64_t sequence;       /* from 1 */
    struct instant observed; /* when the audit began; of a recording, when that was made */
    /* rules: SHA-256 of benchmark and parameters, as one text */
    struct str run_id, cluster, cluster_id, benchmark, rules;
    struct str report_sha256, hash, previous, key_id, signature;
    struct str hashed; /* the bytes that hash is of */
    bool whole;        /* no evidence was missing */
    struct ledger_check *changed;
    size_t changed_count;
    struct ledger_run *next; /* of the same cluster by the same benchmark, as the ledger has them */
};
/* One cluster by one benchmark. */
struct ledger_stream {
    struct ledger_run *first, *last;
    size_t count;
    struct map state; /* check -> const struct ledger_check, after the last run */
};
struct ledger {
    struct arena *arena;
    VEC(struct ledger_run *) run; /* as the file has them */
    struct map stream;            /* ledger_stream_key -> struct ledger_stream */
    size_t torn_bytes; /* at the end of the file: a line that was not written to its end */
    bool is_open;      /* the last line is whole but for its end of line */
};
struct str ledger_stream_key(struct arena *a, struct str cluster_id, struct str cluster,
                             struct str benchmark);
/* Reads text, which must live as long; what is wrong goes to v: altered, incomplete, reordered;
 * with a key, signatures too. What is read of a ledger with faults is not to be used. */
void ledger_read(struct ledger *out, struct arena *a, struct str text, const struct sign_key *key,
                 struct verify *v);
/* The bytes of DIR/ledger.jsonl while nobody writes it. ERR_NOT_FOUND, ERR_IO, ERR_LIMIT. */
bool ledger_load(struct buf *out, struct arena *a, struct str dir, struct err *err) WARN_UNUSED;
/* The line of a run, without an end of line: what it changes against state (NULL: nothing was
 * before). torn_bytes: told in it as repaired. */
bool ledger_line(struct buf *out, struct arena *a, const struct result *r, const struct ledger *l,
                 size_t torn_bytes, const struct sign_key *key, struct err *err) WARN_UNUSED;
/* Adds the run to DIR/ledger.jsonl, which is made if missing; waits for other writers, repairs a
 * torn last line, and syncs. key NULL: unsigned. ERR_INPUT: the ledger is at fault, and nothing was
 * added. *repaired: bytes of a torn line that were taken off. */
bool ledger_append(size_t *repaired, struct arena *a, struct str dir, const struct result *r,
                   const struct sign_key *key, struct err *err) WARN_UNUSED;
/* What is signed of a line. */
struct str ledger_signed_text(struct arena *a, struct str hash);

#endif
