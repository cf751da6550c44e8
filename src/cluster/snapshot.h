/* A recorded cluster: the answers of an API server in a folder, written by the recorder and
 * replayed as a transport, so that an audit of it is the same code as a live one.
 *
 *   DIR/snapshot.json      what was recorded, when, from where: one row per answer
 *   DIR/answers/NAME.json  the bodies, as an audit sees them: projected, and masked (redact.h) */
#ifndef KUBEVOUCH_CLUSTER_SNAPSHOT_H
#define KUBEVOUCH_CLUSTER_SNAPSHOT_H

#include "cluster/collect.h"

#define SNAPSHOT_VERSION         1
#define SNAPSHOT_INDEX_BYTES_MAX ((size_t)16 << 20)

/* One recorded answer. */
struct snapshot_answer {
    struct str verb, path, request_body, content_type, date, file;
    bool anonymous; /* asked without credentials; what a stranger could read is not kept */
    int64_t status; /* 0: no answer came; error says why */
    struct str error;
    struct value certificate; /* that a kubelet showed: map, or null */
    struct snapshot_received {
        struct str audit_id, sha256, started; /* empty: not told */
        int64_t bytes, duration_ms;
    } received; /* as it came from the server */
};
struct snapshot {
    struct str dir, recorded_at, server_url, context_name, credential_kind, certificate_sha256;
    enum connection_trust connection; /* when it was recorded */
    struct instant recorded;
    enum kubelet_way kubelets; /* how they were asked */
    struct snapshot_answer *answer;
    size_t answer_count;
};
/* Reads the index. ERR_NOT_FOUND, ERR_INPUT naming the folder and the field. */
bool snapshot_read(struct snapshot *out, struct arena *a, const char *dir,
                   struct err *err) WARN_UNUSED;
/* Replays it. snapshot must outlive the transport. */
struct transport *snapshot_transport(struct arena *a, const struct snapshot *s);

/* Writes a snapshot while an audit runs: its hooks are the observer's. */
struct recorder;
bool recorder_open(struct recorder **out, struct arena *a, const char *dir,
                   struct err *err) WARN_UNUSED;
void recorder_answer(struct recorder *r, const struct call *call, struct str request_body,
                     struct str body);
void recorder_list_item(struct recorder *r, enum kind kind, struct str path, struct value object);
void recorder_list_end(struct recorder *r, enum kind kind, const struct list_job *job,
                       const struct call *call);
/* Writes the index last; a recording that was broken off has none and is refused when read. The
 * first failure of any hook is told here. */
bool recorder_close(struct recorder *r, const struct cluster *c, struct instant now,
                    struct err *err) WARN_UNUSED;

#endif
