/* What a report says of the run itself: id, times, identity's rights, and notes on what was judged.
 */
#include "cli/auditing.h"
#include "cli/data.h"

#include "analyze/control_plane/component.h"
#include "base/http_date.h"
#include "bench/edition.h"
#include "cluster/kubelets.h"
#include "cluster/node_facts.h"
#include "cluster/third_party.h"

#include <unistd.h>

static void random_uuid(char out[40])
{
    uint8_t b[16];
    enc_random(b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    (void)snprintf(out, 40, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                   b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
                   b[13], b[14], b[15]);
}

void run_record_start(struct run_info *r, const struct options *o, const struct audit_source *s,
                      struct arena *a)
{
    char host[256] = "";
    (void)gethostname(host, sizeof host - 1);
    random_uuid(r->id);
    r->tool_version = STR(PACKAGE_VERSION);
    r->command_line = o->command_line;
    r->started = clock_now();
    r->host_name = str_dup(a, str_from_c(host));
    r->source = s->name;
    r->source_text = s->text;
    r->cluster_name = o->cluster_name;
    r->purpose = o->purpose;
    r->evidence_reference = o->evidence_reference;
    r->leading_framework = o->framework;
    r->profile = o->profile;
    r->clock_skew_ms = INT64_MIN;
}

/* ---- rights: what was granted, from what was answered */

static struct str checks_reading(const struct result *r, enum kind k, struct arena *a)
{
    VEC(struct str) id = { 0 };
    for (size_t i = 0; i < r->check_count; i++) {
        const struct check *c = r->check[i].check;
        if (check_reads_kind(c, k))
            *VEC_PUSH(&id, a) = c->id;
    }
    return str_join(a, id.item, id.count, STR(", "));
}

static void note_rights(struct result *r, const struct collected *c, struct arena *a)
{
    r->right = arena_array(a, struct access_right, KIND_COUNT + EXCESS_RIGHT_COUNT);
    for (size_t k = 0; k < KIND_COUNT; k++) {
        const struct coverage *cov = &r->cluster->coverage[k];
        if (cov->state == COVERAGE_NOT_ASKED || cov->state == COVERAGE_NOT_SERVED)
            continue;
        struct access_right *x = &r->right[r->right_count++];
        bool answered = cov->state == COVERAGE_COMPLETE || cov->state == COVERAGE_CUT ||
                        cov->state == COVERAGE_DAMAGED;
        *x = (struct access_right){ .verb = STR("list"),
                                    .group = str_from_c(kind_info((enum kind)k)->group),
                                    .resource = str_from_c(kind_info((enum kind)k)->resource),
                                    .known = answered || cov->state == COVERAGE_DENIED,
                                    .allowed = answered,
                                    .checks = checks_reading(r, (enum kind)k, a) };
    }
    for (size_t i = 0; i < EXCESS_RIGHT_COUNT; i++) {
        const struct excess_right *e = &c->excess[i];
        if (e->verb)
            r->right[r->right_count++] = (struct access_right){ .verb = str_from_c(e->verb),
                                                                .group = str_from_c(e->group),
                                                                .resource = str_from_c(e->resource),
                                                                .known = e->known,
                                                                .allowed = e->allowed };
    }
}

/* ---- notes: what a reader must know beside the verdicts */

typedef VEC(struct str) notes;

static void note_version(notes *n, const struct result *r, struct arena *a)
{
    int64_t from, to;
    if (r->cluster->minor < 0)
        *VEC_PUSH(n, a) = STR("The server's version is not known: whether the benchmark covers it "
                              "could not be checked.");
    else if (edition_range(r->bench->kubernetes, &from, &to) &&
             !edition_covers(r->bench->kubernetes, r->cluster->minor))
        *VEC_PUSH(n, a) =
            str_printf(a, "The benchmark is written for Kubernetes %.*s; the server is %.*s.",
                       STR_ARG(r->bench->kubernetes), STR_ARG(r->cluster->git_version));
    if (r->bench->superseded_by.title.n)
        *VEC_PUSH(n, a) =
            str_printf(a, "There is a newer edition of the benchmark%s: %.*s.",
                       edition_covers(r->bench->superseded_by.kubernetes, r->cluster->minor)
                           ? ", written for this server's version"
                           : "",
                       STR_ARG(edition_text(a, r->bench)));
}

static void note_benchmark(notes *n, const struct options *o, const struct result *r,
                           struct arena *a)
{
    char hex[SHA256_HEX_BYTES];
    if (!o->benchmark.n)
        return;
    sha256_hex(r->bench->sha256, hex);
    if (data_is_only_named_so(a, r->bench->id, str_from_c(hex)))
        *VEC_PUSH(n, a) = str_printf(a,
                                     "The benchmark calls itself %.*s and is not the one of that "
                                     "name that comes with this program: its checks may ask less.",
                                     STR_ARG(r->bench->id));
}

static void note_lists(notes *n, const struct result *r, struct arena *a)
{
    for (size_t k = 0; k < KIND_COUNT; k++) {
        const struct coverage *c = &r->cluster->coverage[k];
        if (c->json_reason.n)
            *VEC_PUSH(n, a) =
                str_printf(a,
                           "The list of %s was read again as JSON, because protobuf has what this "
                           "version does not know: %.*s.",
                           kind_info((enum kind)k)->resource, STR_ARG(c->json_reason));
        if (c->inconsistent || c->restarts > (c->json_reason.n ? 1u : 0u))
            *VEC_PUSH(n, a) = str_printf(a,
                                         "The list of %s was begun again %u times; what is judged "
                                         "is what was seen in any of the readings.",
                                         kind_info((enum kind)k)->resource, c->restarts);
    }
    for (size_t i = 0; i < r->cluster->stale_groups.count && !r->cluster->is_open; i++)
        *VEC_PUSH(n, a) =
            str_printf(a, "API group %.*s is served by an aggregated server that does not answer.",
                       STR_ARG(r->cluster->stale_groups.item[i]));
}

static void note_excess(notes *n, const struct collected *c, struct arena *a)
{
    for (size_t i = 0; i < EXCESS_RIGHT_COUNT; i++)
        if (c->excess[i].known && c->excess[i].allowed)
            *VEC_PUSH(n, a) =
                str_printf(a,
                           "The identity of this audit can also %s; an audit does not need that "
                           "(deploy/base/cronjob.yaml has the least role).",
                           c->excess[i].what);
}

static struct str group_text(struct arena *a, struct value group)
{
    const struct value *examples = value_get(group, STR("examples")),
                       *differs = value_get(group, STR("differs"));
    int64_t nodes = value_int_at(group, 0, "nodes", NULL);
    VEC(struct str) name = { 0 }, key = { 0 };
    for (uint32_t i = 0; i < examples->n; i++)
        *VEC_PUSH(&name, a) = value_text(value_item(*examples, i));
    for (uint32_t i = 0; i < differs->n; i++)
        *VEC_PUSH(&key, a) = value_text(value_item(*differs, i));
    return str_printf(a, "%lld node%s (%.*s%s)%s%.*s", (long long)nodes, nodes == 1 ? "" : "s",
                      STR_ARG(str_join(a, name.item, name.count, STR(", "))),
                      nodes > (int64_t)name.count ? ", ..." : "", key.count ? " differing in " : "",
                      STR_ARG(str_join(a, key.item, key.count, STR(", "))));
}

static void note_unusual_addresses(notes *n, const struct cluster *c, struct arena *a)
{
    enum { NODES_SHOWN = 5 };
    VEC(struct str) name = { 0 };
    size_t count = 0;
    for (size_t i = 0; i < c->kept[KIND_NODES].count; i++) {
        if (!kubelets_is_unusual(c->kept[KIND_NODES].item[i]))
            continue;
        if (count++ < NODES_SHOWN)
            *VEC_PUSH(&name, a) =
                value_text_at(c->kept[KIND_NODES].item[i], "metadata", "name", NULL);
    }
    if (count)
        *VEC_PUSH(n, a) =
            str_printf(a,
                       "%zu node%s to be asked at an address of no private range (%.*s%s): a "
                       "kubelet writes its own address, so what answered there "
                       "was believed by its certificate alone.",
                       count, count == 1 ? " was" : "s were",
                       STR_ARG(str_join(a, name.item, name.count, STR(", "))),
                       count > NODES_SHOWN ? ", ..." : "");
}

/* How kubelets were asked bears on how safe the audit itself was; and that they differ is a finding
 * of its own. */
static void note_kubelets(notes *n, const struct cluster *c, struct arena *a)
{
    const struct kubelets *k = &c->kubelets;
    enum { GROUPS_SHOWN = 10 };
    VEC(struct str) text = { 0 };
    if (k->way == KUBELET_PROXY)
        *VEC_PUSH(n, a) = STR("Kubelets were asked by way of the API server: get on nodes/proxy, "
                              "which this takes, is as good as root on every node. "
                              "--kubelet direct takes get on nodes/configz alone.");
    if (k->way == KUBELET_DIRECT && k->insecure)
        *VEC_PUSH(n, a) =
            STR("The credential of this audit was sent to kubelets whose certificate was not "
                "verified (--kubelet-insecure-skip-tls-verify): "
                "whoever answered there may use it, and whose answers these are is not proven.");
    else if (k->way == KUBELET_DIRECT)
        *VEC_PUSH(n, a) =
            STR("Each kubelet whose certificate was verified was given this audit's credential: a "
                "token is then known to the nodes, so let it be short-lived.");
    if (k->way == KUBELET_DIRECT)
        note_unusual_addresses(n, c, a);
    if (k->config.count < 2)
        return;
    struct value groups = facts_kubelet_groups(a, k);
    for (uint32_t i = 0; i < groups.n && i < GROUPS_SHOWN; i++)
        *VEC_PUSH(&text, a) = group_text(a, value_item(groups, i));
    *VEC_PUSH(n, a) = str_printf(a, "The kubelets run with %u different configurations: %.*s%s.",
                                 groups.n, STR_ARG(str_join(a, text.item, text.count, STR("; "))),
                                 groups.n > GROUPS_SHOWN ? "; ..." : "");
}

/* Instances that differ, and an API server that answered /flagz without it being known which one it
 * is. */
static void note_control_plane(notes *n, const struct cluster *c, struct arena *a)
{
    enum { SHOWN = 5 };
    struct component_list list;
    bool told[COMPONENT_KIND_COUNT] = { false };
    component_find(&list, a, c);
    for (size_t i = 0; i < list.found.count; i++) {
        const struct component *x = &list.found.item[i];
        struct value differs = component_differences(a, &list, x);
        struct buf text CLEANUP(buf_release) = BUF_INIT(65536);
        struct str name = component_text(a, x);
        if (x->source == COMPONENT_FROM_FLAGZ)
            *VEC_PUSH(n, a) =
                STR("/flagz was answered by one API server; which one of those behind the address "
                    "it was, and whether there are others, is not known.");
        if (!differs.n || told[x->kind])
            continue;
        told[x->kind] = true;
        for (uint32_t k = 0; k < differs.n && k < SHOWN; k++)
            buf_addf(&text, "%s%.*s", k ? "; " : "", STR_ARG(value_text(value_item(differs, k))));
        *VEC_PUSH(n, a) =
            str_printf(a, "The instances of %s are configured differently. In %.*s %.*s%s.",
                       component_name(x->kind), STR_ARG(name), (int)text.n, text.p,
                       differs.n > SHOWN ? "; ..." : "");
    }
}

/* "3 a Helm template that was not rendered; helm template CHART | kubevouch scan -" */
static void note_passed(notes *n, const struct manifest_set *m, struct arena *a)
{
    VEC(struct str) row = { 0 };
    for (size_t p = 0; p < MANIFEST_PASS_COUNT; p++) {
        const char *hint = manifest_pass_hint((enum manifest_pass)p);
        if (m->passed_count[p])
            *VEC_PUSH(&row, a) = str_printf(a, "%zu times %s%s%s%s", m->passed_count[p],
                                            manifest_pass_what((enum manifest_pass)p),
                                            *hint ? " (" : "", hint, *hint ? ")" : "");
    }
    if (row.count)
        *VEC_PUSH(n, a) = str_printf(a, "Passed over, and listed with -v: %.*s.",
                                     STR_ARG(str_join(a, row.item, row.count, STR("; "))));
}

static void note_twice(notes *n, const struct manifest_index *x, struct arena *a)
{
    enum { SHOWN = 20 };
    for (size_t i = 0; i < x->twice.count && i < SHOWN; i++)
        *VEC_PUSH(n, a) = str_printf(
            a, "%.*s stands twice: at %.*s, and at %.*s, which %s.", STR_ARG(x->twice.item[i].what),
            STR_ARG(x->twice.item[i].first), STR_ARG(x->twice.item[i].last),
            x->twice.item[i].is_part ? "is no whole object, so both are judged" : "counts");
    if (x->twice_count > SHOWN)
        *VEC_PUSH(n, a) =
            str_printf(a, "%zu more objects stand twice; the last counts.", x->twice_count - SHOWN);
    for (size_t i = 0; i < x->set.twice.count && i < SHOWN; i++)
        *VEC_PUSH(n, a) = str_printf(a, "%.*s.", STR_ARG(x->set.twice.item[i]));
}

/* What was read of files, what could not be, and what nobody looked at. */
static void note_manifests(notes *n, const struct result *r, const struct manifest_index *x,
                           struct arena *a)
{
    enum { SHOWN = 20 };
    const struct manifest_set *m = &x->set;
    VEC(struct str) other = { 0 };
    *VEC_PUSH(n, a) = str_printf(a,
                                 "These are %zu objects in %zu file%s, not a cluster: what an API "
                                 "server would add, change or refuse, and what else "
                                 "runs there, was not seen.",
                                 m->object_count, m->file_count, m->file_count == 1 ? "" : "s");
    for (size_t i = 0; i < m->fault.count && i < SHOWN; i++)
        *VEC_PUSH(n, a) = str_printf(a, "Not read: %.*s", STR_ARG(m->fault.item[i].text));
    if (m->fault_count > SHOWN)
        *VEC_PUSH(n, a) =
            str_printf(a, "Not read: %zu more documents or objects.", m->fault_count - SHOWN);
    for (size_t i = 0; i < m->other.count && i < SHOWN; i++)
        *VEC_PUSH(&other, a) =
            str_printf(a, "%zu %.*s", m->other.item[i].count, STR_ARG(m->other.item[i].what));
    if (other.count)
        *VEC_PUSH(n, a) = str_printf(a, "No check looks at these objects: %.*s%s.",
                                     STR_ARG(str_join(a, other.item, other.count, STR(", "))),
                                     m->other.count > SHOWN ? ", ..." : "");
    if (r->outside_count)
        *VEC_PUSH(n, a) = str_printf(a,
                                     "%zu checks need a cluster; these files do not tell, and they "
                                     "stand outside the score: %.*s.",
                                     r->outside_count, STR_ARG(r->outside));
    note_twice(n, x, a);
    note_passed(n, m, a);
}

/* Facts of nodes that the cluster does not have are not judged, and not passed over. */
static void note_strangers(notes *n, const struct result *r, struct arena *a)
{
    struct kind_set nodes = { 0 };
    VEC(struct str) name = { 0 };
    size_t count = 0;
    kind_set_add(&nodes, KIND_NODES);
    if (cluster_first_gap(r->cluster, nodes) != KIND_NONE)
        return;
    for (size_t i = 0; r->nodes && i < r->nodes->count; i++) {
        struct str node = r->nodes->node[i].node_name;
        if (cluster_find(r->cluster, KIND_NODES, (struct str){ 0 }, node))
            continue;
        if (count++ < 10)
            *VEC_PUSH(&name, a) = node;
    }
    if (count)
        *VEC_PUSH(n, a) = str_printf(a,
                                     "Facts of %zu nodes were given that this cluster does not "
                                     "have, and were not judged: %.*s%s.",
                                     count, STR_ARG(str_join(a, name.item, name.count, STR(", "))),
                                     count > name.count ? " and others" : "");
}

static void note_third_party(notes *n, const struct result *r, struct arena *a)
{
    size_t joined = 0, all = r->third_party ? r->third_party->result.count : 0;
    for (size_t i = 0; i < r->check_count; i++)
        joined += r->check[i].third_party_count;
    if (all)
        *VEC_PUSH(n, a) =
            str_printf(a,
                       "%zu results of other tools were given; %zu stand beside the check they are "
                       "about and decide none, %zu are of controls "
                       "or versions that have no sure counterpart among these checks.",
                       all, joined, all > joined ? all - joined : 0);
}

static void note_skew(struct result *r, notes *n, struct arena *a)
{
    struct instant theirs;
    if (!str_eq(r->run.source, STR("live")) || !http_date_parse(r->cluster->server_date, &theirs))
        return;
    r->run.clock_skew_ms = (r->run.started.s - theirs.s) * 1000;
    if (r->run.clock_skew_ms > 5000 || r->run.clock_skew_ms < -5000)
        *VEC_PUSH(n, a) =
            str_printf(a, "This machine's clock and the server's differ by %lld seconds.",
                       (long long)(r->run.clock_skew_ms / 1000));
}

static struct value changed_params(const struct result *r, struct arena *a)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < r->bench->param_count; i++) {
        const struct value *v = value_get(r->params, r->bench->param[i].name);
        if (v && !value_equal(*v, r->bench->param[i].def))
            value_builder_put(&b, value_str(r->bench->param[i].name), *v);
    }
    return value_builder_map(&b);
}

static void note_connection(notes *n, const struct cluster *c, struct arena *a)
{
    if (c->connection == CONNECTION_UNVERIFIED)
        *VEC_PUSH(n, a) =
            str_printf(a,
                       "The server's certificate was not checked (insecure-skip-tls-verify): whose "
                       "answers these are is not proven, and whoever "
                       "answered was sent this audit's credential (%.*s).",
                       STR_ARG(c->credential_kind));
    if (c->connection == CONNECTION_PLAIN)
        *VEC_PUSH(n, a) = STR("The server was asked over plain http: whose answers these are is "
                              "not proven; no credential was sent.");
}

void run_record_finish(struct result *r, const struct options *o, const struct audit_source *s,
                       const struct collected *c, int64_t began_ms, struct arena *a)
{
    notes n = { 0 };
    if (s->manifests)
        note_manifests(&n, r, s->manifests, a);
    else if (r->nodes)
        *VEC_PUSH(&n, a) = STR("This is the state at one point in time, as the API server told it, "
                               "and as the facts of nodes told it when each was collected.");
    else
        *VEC_PUSH(&n, a) = STR("This is the state at one point in time, as the API server told it; "
                               "files on nodes were not read.");
    if (r->nodes && r->nodes->unread.n)
        *VEC_PUSH(&n, a) = r->nodes->unread;
    note_strangers(&n, r, a);
    note_third_party(&n, r, a);
    note_connection(&n, r->cluster, a);
    note_version(&n, r, a);
    note_benchmark(&n, o, r, a);
    note_skew(r, &n, a);
    note_lists(&n, r, a);
    note_excess(&n, c, a);
    note_control_plane(&n, r->cluster, a);
    note_kubelets(&n, r->cluster, a);
    r->params_changed = changed_params(r, a);
    if (r->params_changed.n)
        *VEC_PUSH(&n, a) = str_printf(a,
                                      "%u parameters of the benchmark were changed for this run; "
                                      "the table of parameters names them.",
                                      r->params_changed.n);
    for (size_t i = 0; i < r->statement_note_count; i++)
        *VEC_PUSH(&n, a) = r->statement_note[i];
    r->note = n.item;
    r->note_count = n.count;
    if (!s->manifests)
        note_rights(r, c, a);
    r->run.finished = clock_now();
    r->run.wall_ms = clock_monotonic_ms() - began_ms;
}
