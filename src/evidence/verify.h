/* A bundle checked: whether it is as it was signed, whole, by whom, and judged as it says. */
#ifndef KUBEVOUCH_EVIDENCE_VERIFY_H
#define KUBEVOUCH_EVIDENCE_VERIFY_H

#include "evidence/bundle.h"

enum bundle_fault {
    FAULT_ALTERED,        /* a file, or the statement, is not as it was signed */
    FAULT_INCOMPLETE,     /* a file is missing, or one is there that was not signed */
    FAULT_REORDERED,      /* lines of a ledger are not in the order they were written in */
    FAULT_OTHER_SIGNER,   /* signed, with another key */
    FAULT_WRONGLY_JUDGED, /* what was recorded gives something else */
    FAULT_UNCHECKED,      /* no fault: what could not be checked */
    FAULT_COUNT
};
extern const char *const bundle_fault_name[FAULT_COUNT];
struct verify_row {
    enum bundle_fault fault;
    struct str text;
};
struct verify {
    struct arena *arena;
    VEC(struct verify_row) row;
    size_t files;            /* as signed and there */
    size_t checks, findings; /* that came out again as they were told */
};
void verify_tell(struct verify *v, enum bundle_fault fault, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool verify_has_fault(const struct verify *v);
/* Signature and files. key NULL: who signed is unchecked. ERR_NOT_FOUND, ERR_INPUT: it is no
 * bundle. */
bool verify_files(struct verify *v, struct str dir, const struct sign_key *key,
                  struct err *err) WARN_UNUSED;
/* A response to the bundle's request for a time-stamp: timestamp_check over the statement as it
 * stands there. And the request, if it is there, must be that statement's. */
bool verify_timestamp(struct str *when, struct verify *v, struct str dir, struct str response_file,
                      struct str ca_file, struct err *err) WARN_UNUSED;
/* What was told, and what came out of the recording when it was judged again. partial: what it was
 * judged by is not all in the bundle, so that a difference proves nothing. */
void verify_verdicts(struct verify *v, const struct document *told, const struct document *again,
                     bool partial);

#endif
