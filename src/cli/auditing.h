/* One audit from options to reports: what the commands audit and demo share. */
#ifndef KUBEVOUCH_CLI_AUDITING_H
#define KUBEVOUCH_CLI_AUDITING_H

#include "audit/audit.h"
#include "cli/command.h"
#include "cluster/manifest_index.h"
#include "cluster/snapshot.h"

/* snapshot_dir NULL: a live cluster (or o->manifests). */
enum exit_status auditing_run(const struct options *o, const char *snapshot_dir, struct arena *run,
                              struct err *err);

/* The same, into a report.json in memory; nothing is written or printed. */
bool auditing_document(struct buf *out, const struct options *o, const char *snapshot_dir,
                       struct arena *run, struct err *err) WARN_UNUSED;

/* --bundle: whether what the options ask for can be one; and the bundle of what was judged, out of
 * snapshot if there is one. */
bool bundle_may_be(const struct options *o, struct arena *run, struct err *err) WARN_UNUSED;
/* The folder that the bundle is written in: itself, or where it waits to be packed. */
struct str bundle_folder(const struct options *o, struct arena *run);
bool bundle_out(const struct result *r, const struct options *o, const struct snapshot *snapshot,
                struct arena *run, struct err *err) WARN_UNUSED;

/* --ledger: whether what the options ask for can stand in one; and the line of what was judged. */
bool ledger_may_be(const struct options *o, struct arena *run, struct err *err) WARN_UNUSED;
bool ledger_out(const struct result *r, const struct options *o, struct arena *run,
                struct err *err) WARN_UNUSED;

/* Evaluates what b asks (bench/asked.h) over the cluster instead of judging; EXIT_INCOMPLETE, with
 * err, if some of its population could not be read. */
enum exit_status auditing_ask(const struct options *o, const struct benchmark *b,
                              struct value params, const struct audit_asking *ask,
                              struct arena *run, struct err *err);

/* Where the answers come from, opened by the options. deadline_ms: clock_monotonic_ms by which
 * requests end; 0: none. */
struct audit_source {
    struct kind_gather *gather; /* set before it is opened: of what files hold; NULL: nothing */
    struct transport *transport;
    struct snapshot *snapshot;        /* set for a recorded cluster */
    struct manifest_index *manifests; /* set for objects in files */
    struct str name, text;            /* "live", "https://..." */
    struct str server_url, context_name, credential_kind;
    enum connection_trust connection; /* of a recording: when it was made */
    enum kubelet_way kubelets;
    bool kubelets_insecure; /* nor the kubelets', though the credential is sent to them */
};
bool audit_source_open(struct audit_source *out, const struct options *o, const char *snapshot_dir,
                       volatile const int *cancelled, int64_t deadline_ms, struct arena *run,
                       struct err *err) WARN_UNUSED;
/* What is known only after the first connection. */
void audit_source_note(const struct audit_source *s, struct cluster *c);

/* Everything of a result that is about the run itself: id, times, identity's rights, notes. */
void run_record_start(struct run_info *r, const struct options *o, const struct audit_source *s,
                      struct arena *a);
void run_record_finish(struct result *r, const struct options *o, const struct audit_source *s,
                       const struct collected *c, int64_t began_ms, struct arena *a);

/* The reports that options ask for, all of them or none. */
struct reports_written {
    struct str first; /* the one to read */
    char **path;      /* of each renderer; NULL: it was not asked for */
    size_t count;
};
/* --output -: one report, to standard output; what else is told goes to standard error then. */
bool reports_to_stdout(const struct options *o);
/* Whether the options can be met together; ERR_USAGE. */
bool reports_may_be(const struct options *o, struct err *err) WARN_UNUSED;
/* Where the reports go there is room for what was found until then; NULL: the folder for temporary
 * files. */
const char *reports_spool_dir(const struct options *o, struct arena *a);
bool reports_write(struct reports_written *out, const struct result *r, const struct options *o,
                   struct arena *a, struct err *err) WARN_UNUSED;
/* --baseline: sets what is new of *r, and adds a note. False: it cannot be read, or is no report.
 * With --keep, and no other named, the run before is the baseline if it was of this cluster: none,
 * or none that can be read, is then no error. */
bool baseline_compare(struct result *r, const struct options *o, struct arena *a,
                      struct err *err) WARN_UNUSED;
/* Some failure is new, and as severe as --fail-on says if it does. */
bool baseline_has_new(const struct result *r, const struct options *o);
enum exit_status reports_status(const struct result *r, const struct options *o, struct err *err);

#endif
