/* A folder of evidence that is whole and cannot be changed unseen.
 *
 *   report.json ...        what the audit wrote
 *   benchmark/ inputs.json what it was judged by
 *   recording/             what was judged (bundles that are full)
 *   SHA256SUMS             every other file, as sha256sum -c reads it
 *   statement.dsse.json    an in-toto statement of every file's digest in a DSSE envelope, signed;
 * statement.json: unsigned statement.tsq          the request for a time-stamp of that file (RFC
 * 3161), to send to an authority
 */
#ifndef KUBEVOUCH_EVIDENCE_BUNDLE_H
#define KUBEVOUCH_EVIDENCE_BUNDLE_H

#include "base/vec.h"
#include "evidence/document.h"
#include "evidence/sign.h"

#define BUNDLE_SUMS         "SHA256SUMS"
#define BUNDLE_SIGNED       "statement.dsse.json"
#define BUNDLE_UNSIGNED     "statement.json"
#define BUNDLE_REQUEST      "statement.tsq"
#define BUNDLE_PAYLOAD_TYPE "application/vnd.in-toto+json"
#define BUNDLE_FILES_MAX    200000u

struct bundle_file {
    struct str name;               /* below the folder, with "/" */
    char sha256[SHA256_HEX_BYTES]; /* empty: no regular file, or it cannot be read */
};
struct bundle_list {
    VEC(struct bundle_file) item; /* by name; without the statement and the request */
};
/* Every file below dir. ERR_IO, ERR_LIMIT. */
bool bundle_list(struct bundle_list *out, struct arena *a, struct str dir,
                 struct err *err) WARN_UNUSED;
/* Writes SHA256SUMS and the statement over what stands in dir; key NULL: unsigned. */
bool bundle_seal(struct arena *a, struct str dir, const struct document *report,
                 const struct sign_key *key, struct err *err) WARN_UNUSED;
/* A file of a bundle, never by way of a link; its bytes are added to out, whose limit bounds them.
 */
bool bundle_read(struct buf *out, struct arena *a, struct str dir, struct str name,
                 struct err *err) WARN_UNUSED;
/* What is signed of a payload: DSSE's pre-authentication encoding. */
void bundle_encode(struct buf *out, struct str payload);

#endif
