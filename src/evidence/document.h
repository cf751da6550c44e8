/* What evidence is made of: the verdicts and findings of a written report (report.json), read
 * strictly.
 *
 * The one place that knows where they stand in the document, whichever 1.x or 2.x version of it. */
#ifndef KUBEVOUCH_EVIDENCE_DOCUMENT_H
#define KUBEVOUCH_EVIDENCE_DOCUMENT_H

#include "audit/verdict.h"
#include "base/map.h"
#include "value/value.h"

#define DOCUMENT_BYTES_MAX ((size_t)512 << 20)

struct document_check {
    struct str id, title, severity, reason;
    enum verdict verdict;
    /* undecided, or some of its evidence could not be had: what is not among its findings may be
     * there */
    bool has_gap;
    struct value part; /* list of its parts as written, or null */
};
struct document_finding {
    struct str fingerprint, check, part, message;
    enum verdict verdict;
    struct value object; /* map of apiVersion, kind, namespace, name */
    /* check, part and object without the expression: what is the same where benchmarks differ */
    struct str place;
};
struct document {
    struct str name;     /* as it was asked for */
    struct value counts; /* of checks by verdict, as its summary tells them; null: it does not */
    struct str run_id, started, finished, source, cluster_id, cluster_name, server, benchmark_id,
        benchmark_version, benchmark_sha256;
    struct document_check *check;
    size_t check_count;
    struct document_finding *finding;
    size_t finding_count;
    struct map check_by_id; /* -> struct document_check */
    struct value params;    /* list of {name, value}, or null */
};
/* ERR_INPUT naming what is missing or wrong. name is for messages; text must live as long as the
 * document. */
bool document_parse(struct document *out, struct arena *a, struct str text, struct str name,
                    struct err *err) WARN_UNUSED;
/* False with a reason: its summary counts other verdicts than its checks have, or a check passes
 * that a finding fails: somebody has been at it. */
bool document_agrees(const struct document *d, struct err *err) WARN_UNUSED;
/* As document_parse, of a file; "-" is no name here. ERR_IO, ERR_NOT_FOUND, ERR_LIMIT beside. */
bool document_read(struct document *out, struct arena *a, struct str path,
                   struct err *err) WARN_UNUSED;
/* "namespace/name" with its kind before it, for people. */
struct str document_object_text(struct arena *a, struct value object);
/* check, part and object as one text. */
struct str document_place(struct arena *a, struct str check, struct str part, struct value object);
/* VERDICT_COUNT: no such word. */
enum verdict document_verdict(struct str word);

#endif
