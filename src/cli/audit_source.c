/* Where an audit's answers come from: a live server, a recording, or files. */
#include "cli/auditing.h"

#include "base/file.h"
#include "base/log.h"
#include "base/names.h"
#include "base/shown.h"
#include "cluster/manifests.h"
#include "kube/http.h"

#include <sys/utsname.h>
#include <unistd.h>

/* Without --request-timeout a stalled request is ended by the transport's stall limit, not by a
 * clock. */
#define REQUEST_TIMEOUT_MS 0
#define FAULTS_TOLD_MAX    20u

static const char *environment(const char *name)
{
    return getenv(name);
}

static bool token_from_file(struct kube_overrides *k, struct str path, struct arena *run,
                            struct err *err)
{
    struct buf text CLEANUP(buf_wipe) = BUF_INIT((size_t)1 << 20);
    if (!file_read(str_to_c(run, path), &text, err))
        return err_prefix(err, "--token-file");
    k->token = str_dup(run, str_trim(buf_str(&text)));
    return k->token.n || err_set(err, ERR_INPUT, "--token-file %.*s is empty", STR_ARG(path));
}

static void http_options_of(struct http_options *h, const struct options *o,
                            volatile const int *cancelled, int64_t deadline_ms, struct arena *run)
{
    struct utsname host;
    const char *machine = uname(&host) == 0 ? host.machine : "unknown";
    *h = (struct http_options){
        .user_agent = str_printf(run, "kubevouch/%s (linux/%s)", PACKAGE_VERSION, machine),
        .in_flight = (uint32_t)o->parallel,
        .connect_timeout_ms = o->connect_timeout_s * 1000,
        .stall_timeout_ms = o->stall_timeout_s * 1000,
        .plugin_timeout_ms = o->plugin_timeout_s * 1000,
        .deadline_ms = deadline_ms,
        .default_timeout_ms = REQUEST_TIMEOUT_MS,
        .http2 = o->http2,
        .exec_policy = str_eq(o->exec_plugin, STR("deny")) ? EXEC_DENY : EXEC_ALLOW,
        .stdin_is_terminal = isatty(STDIN_FILENO),
        .cancelled = cancelled,
        .kubelet_ca_file = o->kubelet_ca,
        .kubelet_insecure = o->kubelet_insecure,
    };
}

static bool open_live(struct audit_source *out, const struct options *o,
                      volatile const int *cancelled, int64_t deadline_ms, struct arena *run,
                      struct err *err)
{
    struct kube_overrides k = o->kube;
    struct kube_environment env = { .get = environment };
    struct kube_settings *s = arena_new(run, struct kube_settings);
    struct http_options h;
    if (o->token_file.n && !token_from_file(&k, o->token_file, run, err))
        return false;
    http_options_of(&h, o, cancelled, deadline_ms, run);
    if (!kube_settings_load(s, run, &k, &env, err))
        return false;
    if (s->request_timeout_ms)
        h.default_timeout_ms = s->request_timeout_ms;
    if (h.default_timeout_ms && h.default_timeout_ms < h.connect_timeout_ms)
        h.connect_timeout_ms = h.default_timeout_ms;
    if (!http_open(&out->transport, run, s, &h, err))
        return false;
    struct str url = kube_settings_url(s, run);
    if (str_find(url, STR("://"), 0) == SIZE_MAX)
        log_line(LOG_WARN,
                 "the server \"%.*s\" has no scheme: as for kubectl it means http://, and no "
                 "credential is sent; write https:// before it",
                 STR_ARG(shown_url(run, url)));
    out->name = STR("live");
    out->text = out->server_url = shown_url(run, url);
    out->context_name = s->in_cluster ? STR("(in-cluster)") : s->context_name;
    out->credential_kind = http_credential_kind(out->transport);
    out->kubelets_insecure = o->kubelet_insecure;
    out->connection = http_connection_trust(out->transport);
    if (out->connection == CONNECTION_UNVERIFIED)
        log_line(LOG_WARN,
                 "the certificate of %.*s is not checked (insecure-skip-tls-verify): whoever "
                 "answers there gets this audit's credential (%.*s), "
                 "and whose answers these are is not proven",
                 STR_ARG(out->text), STR_ARG(out->credential_kind));
    if (out->kubelets_insecure)
        log_line(LOG_WARN,
                 "the certificates of kubelets are not checked "
                 "(--kubelet-insecure-skip-tls-verify): whoever answers at a node's address gets "
                 "this audit's credential (%.*s)",
                 STR_ARG(out->credential_kind));
    return true;
}

/* How kubelets are asked: as given, and as it was done for what is replayed. */
static bool read_kubelet_way(struct audit_source *out, const struct options *o, struct err *err)
{
    int way = KUBELET_NONE;
    if (o->kubelet.n && (way = names_find(kubelet_way_name, KUBELET_WAY_COUNT, o->kubelet)) < 0)
        return err_set(err, ERR_USAGE, "--kubelet: expected none, direct or proxy, got \"%.*s\"",
                       STR_ARG(o->kubelet));
    if (way != KUBELET_NONE && o->manifests.n)
        return err_set(err, ERR_USAGE,
                       "--kubelet asks running kubelets: it does not go with --manifests");
    if (way != KUBELET_DIRECT && (o->kubelet_ca.n || o->kubelet_insecure))
        return err_set(err, ERR_USAGE,
                       "--kubelet-certificate-authority and --kubelet-insecure-skip-tls-verify go "
                       "with --kubelet direct");
    out->kubelets =
        !o->kubelet.n && out->snapshot ? out->snapshot->kubelets : (enum kubelet_way)way;
    return true;
}

static bool open_snapshot(struct audit_source *out, const char *dir, struct arena *run,
                          struct err *err)
{
    struct snapshot *s = arena_new(run, struct snapshot);
    if (!snapshot_read(s, run, dir, err))
        return false;
    *out = (struct audit_source){
        .transport = snapshot_transport(run, s),
        .snapshot = s,
        .name = STR("snapshot"),
        .text = str_printf(run, "recorded %.*s from %.*s",
                           STR_ARG(clock_format_rfc3339(run, (struct instant){ s->recorded.s, 0 })),
                           STR_ARG(shown_url(run, s->server_url))),
        .connection = s->connection,
        .server_url = shown_url(run, s->server_url),
        .context_name = s->context_name,
        .credential_kind = s->credential_kind,
    };
    return true;
}

/* Every one with -v, otherwise the first of each kind, and how many more. */
static void tell_manifests(const struct manifest_index *x)
{
    const struct manifest_set *m = &x->set;
    size_t most = log_is_on(LOG_DEBUG) ? SIZE_MAX : FAULTS_TOLD_MAX;
    for (size_t i = 0; i < m->fault.count && i < most; i++)
        log_line(LOG_WARN, "%.*s", STR_ARG(m->fault.item[i].text));
    if (m->fault_count > most)
        log_line(LOG_WARN, "%zu more faults in the manifests", m->fault_count - most);
    for (size_t i = 0; i < x->twice.count && i < most; i++)
        log_line(LOG_WARN, "%.*s: %.*s stands twice, first at %.*s: %s",
                 STR_ARG(x->twice.item[i].last), STR_ARG(x->twice.item[i].what),
                 STR_ARG(x->twice.item[i].first),
                 x->twice.item[i].is_part ? "this one is no whole object, so both are judged"
                                          : "this one counts");
    if (x->twice_count > most)
        log_line(LOG_WARN, "%zu more objects stand twice", x->twice_count - most);
    for (size_t i = 0; i < m->twice.count && i < most; i++)
        log_line(LOG_WARN, "%.*s", STR_ARG(m->twice.item[i]));
    for (size_t i = 0; i < m->passed.count; i++)
        log_line(LOG_DEBUG, "passed over: %.*s: %s", STR_ARG(m->passed.item[i].where),
                 manifest_pass_what(m->passed.item[i].why));
}

static bool open_manifests(struct audit_source *out, const struct options *o, struct arena *run,
                           struct err *err)
{
    bool many = o->path.count != 0;
    struct manifest_ask ask = { .path = many ? o->path.item : &o->manifests,
                                .path_count = many ? o->path.count : 1,
                                .exclude = o->leave_out.item,
                                .exclude_count = o->leave_out.count,
                                .ns = o->kube.ns,
                                .values_max = (uint32_t)o->max_yaml_values,
                                .whole = o->whole,
                                .gather = out->gather };
    struct str text = many ? str_join(run, o->path.item, o->path.count, STR(" ")) : o->manifests;
    *out = (struct audit_source){ .name = STR("manifests"),
                                  .text = text,
                                  .server_url = STR("(none: manifests)"),
                                  .credential_kind = STR("none") };
    if (!manifests_open(&out->transport, run, &ask, err))
        return false;
    out->manifests = manifests_index(out->transport);
    tell_manifests(out->manifests);
    return true;
}

static bool open_any(struct audit_source *out, const struct options *o, const char *snapshot_dir,
                     volatile const int *cancelled, int64_t deadline_ms, struct arena *run,
                     struct err *err)
{
    if ((snapshot_dir || o->manifests.n) && o->record.n)
        return err_set(err, ERR_USAGE,
                       "--record keeps a live cluster's answers: it does not go with --snapshot or "
                       "--manifests");
    if (snapshot_dir && o->manifests.n)
        return err_set(err, ERR_USAGE, "--snapshot and --manifests are two sources: give one");
    if (snapshot_dir)
        return open_snapshot(out, snapshot_dir, run, err);
    if (!o->manifests.n)
        return open_live(out, o, cancelled, deadline_ms, run, err);
    return open_manifests(out, o, run, err);
}

bool audit_source_open(struct audit_source *out, const struct options *o, const char *snapshot_dir,
                       volatile const int *cancelled, int64_t deadline_ms, struct arena *run,
                       struct err *err)
{
    return open_any(out, o, snapshot_dir, cancelled, deadline_ms, run, err) &&
           read_kubelet_way(out, o, err);
}

void audit_source_note(const struct audit_source *s, struct cluster *c)
{
    c->server_url = s->server_url;
    c->context_name = s->context_name;
    c->credential_kind = s->credential_kind;
    c->connection = s->connection;
    for (size_t k = 0; s->manifests && k < KIND_COUNT; k++)
        if (c->coverage[k].state == COVERAGE_CUT)
            c->coverage[k].remedy =
                STR("repair or remove what the reason names, then run the audit again");
    if (s->snapshot)
        c->server_certificate_sha256 = s->snapshot->certificate_sha256;
    else if (str_eq(s->name, STR("live")))
        c->server_certificate_sha256 = http_server_certificate_sha256(s->transport);
}
