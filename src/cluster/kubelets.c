/* Each node's kubelet asked for the configuration it runs with (/configz): by its own port, or by
 * way of the API server. */
#include "cluster/kubelets.h"

#include "base/ip.h"
#include "value/json_doc.h"

/* One request in flight; takes the next node when it has its answer. */
struct asking {
    struct get_job job;
    struct kubelets_run *run;
    size_t row;
    bool as_stranger; /* this, or next: the same kubelet once more, without credentials */
};
struct kubelets_run {
    struct cluster *cluster;
    struct client *client;
    struct map known; /* configuration as JSON -> its index + 1 */
    size_t next;
    int64_t deadline_ms;
    struct arena scratch;
};

/* RFC 1123 subdomain: source apimachinery pkg/util/validation. */
bool kubelets_is_node_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i], before = i ? name.p[i - 1] : '.';
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        bool joint = (c == '-' || c == '.') && before != '.' && !(c == '.' && before == '-');
        if (!word && !joint)
            return false;
    }
    return name.n > 0 && name.n <= 253 && name.p[name.n - 1] != '-' && name.p[name.n - 1] != '.';
}

static void refuse(struct kubelets_run *r, struct kubelet_row *row, const char *remedy,
                   const char *fmt, ...) PRINTF_LIKE(4, 5);
static void refuse(struct kubelets_run *r, struct kubelet_row *row, const char *remedy,
                   const char *fmt, ...)
{
    char text[700];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    row->reason =
        str_printf(r->cluster->arena, "kubelet of node %.*s: %s", STR_ARG(row->node), text);
    row->remedy = str_from_c(remedy);
}

/* ---- where a kubelet is */

/* The first InternalIP: what the API server itself prefers. Empty: there is none in digits. */
static struct str internal_address(struct value node, bool *six)
{
    const struct value *list = value_at(node, "status", "addresses", NULL);
    struct ip ip;
    for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->n; i++) {
        struct value at = value_item(*list, i);
        struct str text = value_text_at(at, "address", NULL);
        if (!str_eq_c(value_text_at(at, "type", NULL), "InternalIP") || !ip_parse(&ip, text, NULL))
            continue;
        *six = ip.n == 16;
        return text;
    }
    return (struct str){ 0 };
}

static bool is_in(struct str address, const char *const *range)
{
    struct ip ip;
    struct cidr c;
    if (!ip_parse(&ip, address, NULL))
        return false;
    for (; *range; range++)
        if (cidr_parse(&c, str_from_c(*range)) && cidr_contains(&c, &ip))
            return true;
    return false;
}

/* Where no node can be: a Node that claims one would have this audit talk to a cloud's metadata
 * service, or to many. */
static bool is_nowhere(struct str address)
{
    static const char *const range[] = { "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/128",
                                         "fe80::/10", "ff00::/8",       NULL };
    return is_in(address, range);
}

bool kubelets_is_unusual(struct value node)
{
    /* RFC 1918, 6598 and 4193: what clusters number their nodes from. */
    static const char *const usual[] = { "10.0.0.0/8",    "172.16.0.0/12", "192.168.0.0/16",
                                         "100.64.0.0/10", "fc00::/7",      NULL };
    bool six;
    struct str address = internal_address(node, &six);
    return address.n && !is_in(address, usual);
}

/* "10.0.0.7:10250" in a; empty when the Node does not say. */
static struct str kubelet_address(struct arena *a, struct value node)
{
    bool six = false;
    struct str address = internal_address(node, &six);
    int64_t port =
        value_int_at(node, 0, "status", "daemonEndpoints", "kubeletEndpoint", "Port", NULL);
    if (!address.n || port < 1 || port > 65535)
        return (struct str){ 0 };
    return str_printf(a, "%s%.*s%s:%lld", six ? "[" : "", STR_ARG(address), six ? "]" : "",
                      (long long)port);
}

/* The path to ask, or empty with the row's reason. */
static struct str path_of(struct kubelets_run *r, size_t index)
{
    struct cluster *c = r->cluster;
    struct value node = c->kept[KIND_NODES].item[index];
    struct kubelet_row *row = &c->kubelets.row.item[index];
    struct str address = kubelet_address(c->arena, node);
    if (!kubelets_is_node_name(row->node)) {
        refuse(r, row, "look at the Node object: the API server gives out no such name",
               "its name is not that of a node");
        return (struct str){ 0 };
    }
    if (c->kubelets.way == KUBELET_PROXY)
        return str_printf(c->arena, "/api/v1/nodes/%.*s/proxy/configz", STR_ARG(row->node));
    bool six;
    if (address.n && is_nowhere(internal_address(node, &six))) {
        refuse(r, row, "find out what wrote the address into the Node's status",
               "the Node claims the address %.*s, where no node can be", STR_ARG(address));
        return (struct str){ 0 };
    }
    if (!address.n)
        refuse(r, row,
               "look at status.addresses and status.daemonEndpoints of the Node: the kubelet "
               "writes them when it starts",
               "the Node has no InternalIP in digits, or no kubelet port");
    return address.n ? str_printf(c->arena, "https://%.*s/configz", STR_ARG(address)) : address;
}

/* Two Nodes at one address: one of them would be judged by what the other's kubelet says, and a
 * kubelet writes its own Node's address. Neither is asked. */
static void refuse_shared(struct kubelets_run *r)
{
    struct cluster *c = r->cluster;
    const char *remedy = "find out which of the Nodes is really at the address, and what wrote it "
                         "into the other's status";
    struct map claimed;
    map_init(&claimed, c->arena);
    for (size_t i = 0; i < c->kubelets.row.count; i++) {
        struct str address = kubelet_address(c->arena, c->kept[KIND_NODES].item[i]);
        struct kubelet_row *row = &c->kubelets.row.item[i],
                           *first = address.n ? map_get(&claimed, address) : NULL;
        if (address.n && !first)
            map_put(&claimed, address, row);
        if (!first)
            continue;
        refuse(r, row, remedy, "Node %.*s claims the same address, %.*s", STR_ARG(first->node),
               STR_ARG(address));
        if (!first->reason.n)
            refuse(r, first, remedy, "Node %.*s claims the same address, %.*s", STR_ARG(row->node),
                   STR_ARG(address));
    }
}

/* ---- what it says */

static const char *remedy_of(const struct kubelets_run *r, const struct get_job *job)
{
    bool direct = r->cluster->kubelets.way == KUBELET_DIRECT;
    enum err_code code = job->err.code;
    if (code == ERR_DENIED || code == ERR_AUTH)
        return direct
                   ? "grant get on nodes/configz (kubelets before 1.33 ask for get on nodes/proxy)"
                   : "grant get on nodes/proxy, or take --kubelet direct";
    if (code == ERR_TLS)
        return "give the kubelet a certificate of the cluster's CA (serverTLSBootstrap, and "
               "approve its request), name the CA that signed it "
               "(--kubelet-certificate-authority), or take --kubelet proxy";
    if (code == ERR_NOT_FOUND)
        return "the kubelet serves no /configz: enableDebuggingHandlers may be off";
    if (code == ERR_LIMIT)
        return "raise --kubelet-timeout";
    return direct ? "let this machine reach the kubelets' port, or take --kubelet proxy"
                  : "run the audit again when the node is back";
}

/* A kubelet's certificate names its node, when the cluster's own signer made it. "" when it names
 * none. */
static struct str node_of_certificate(const struct tls_peer *p)
{
    struct str subject = str_from_c(p->subject), mark = STR("CN = system:node:"), name, rest;
    size_t at = str_find(subject, mark, 0);
    if (!p->seen || at == SIZE_MAX)
        return (struct str){ 0 };
    (void)str_cut(str_sub(subject, at + mark.n, subject.n), ',', &name, &rest);
    return name;
}

/* kubeletconfig of the answer; null and a reason when it is not believable. Both keys are always
 * there: without them an empty object would say that all is well. */
static struct value read_configz(struct kubelets_run *r, struct kubelet_row *row, struct str body)
{
    struct err err = { 0 };
    struct value v;
    struct json_limits limits = { .depth = r->client->limits.json_depth };
    if (!json_read(&v, &r->scratch, body, &limits, NULL, 0, &err)) {
        refuse(r, row, "look at what answers there", "its answer is not JSON: %s", err.text);
        return value_null();
    }
    const struct value *config = value_get(v, STR("kubeletconfig"));
    const struct value *anonymous =
        config ? value_at(*config, "authentication", "anonymous", "enabled", NULL) : NULL;
    if (anonymous && anonymous->kind == VALUE_BOOL &&
        value_text_at(*config, "authorization", "mode", NULL).n)
        return kubelet_project(&r->scratch, *config);
    refuse(r, row, "look at what answers there", "its answer is not a kubelet's configuration");
    return value_null();
}

/* Keeps it once; false when it is too large to be one. */
static bool intern(struct kubelets_run *r, struct kubelet_row *row, struct str text)
{
    struct cluster *c = r->cluster;
    bool created;
    void **at = map_at(&r->known, text, &created);
    if (created) {
        struct err err = { 0 };
        struct value config;
        struct str copy = str_dup(c->arena, text);
        if (!json_read(&config, c->arena, copy, NULL, NULL, 0, &err))
            return false;
        *VEC_PUSH(&c->kubelets.config, c->arena) = config;
        *at = (void *)(uintptr_t)c->kubelets.config.count;
    }
    row->config = (uint32_t)(uintptr_t)*at;
    return true;
}

static bool is_right_node(struct kubelets_run *r, struct kubelet_row *row, const struct tls_peer *p)
{
    struct str named = node_of_certificate(p);
    if (!named.n || p->verify_error != 0 || str_eq(named, row->node))
        return true;
    refuse(r, row,
           "find out which Node is really at the address, and what wrote it into this one's status",
           "the kubelet at its address has the certificate of node %.*s", STR_ARG(named));
    return false;
}

/* Whether strangers are let in shows without any right, and to whatever certificate: nothing is
 * given away. */
static struct str on_stranger_end(struct kubelet_row *row, const struct get_job *job)
{
    struct str named = node_of_certificate(&job->peer);
    row->stranger_status = job->status;
    row->stranger_verified =
        job->peer.seen && job->peer.verify_error == 0 && (!named.n || str_eq(named, row->node));
    return STR("{}\n");
}

static bool deserves_stranger(const struct kubelets_run *r, const struct get_job *job)
{
    enum err_code code = job->err.code;
    return r->cluster->kubelets.way == KUBELET_DIRECT && job->call_seq &&
           (code == ERR_DENIED || code == ERR_AUTH || code == ERR_TLS);
}

static struct str on_end(struct get_job *job, struct str body)
{
    struct asking *q = job->ctx;
    struct kubelets_run *r = q->run;
    struct kubelet_row *row = &r->cluster->kubelets.row.item[q->row];
    if (job->no_credentials)
        return on_stranger_end(row, job);
    q->as_stranger = deserves_stranger(r, job);
    struct buf text CLEANUP(buf_release) = BUF_INIT(KUBELET_CONFIG_BYTES);
    row->call = job->call_seq;
    if (!is_right_node(r, row, &job->peer))
        return STR("{}");
    row->certificate = job->call_seq ? r->client->calls.item[job->call_seq - 1].peer : NULL;
    if (job->err.code != ERR_NONE) {
        refuse(r, row, remedy_of(r, job), "%s", job->err.text);
        return body;
    }
    arena_reset(&r->scratch);
    struct value config = read_configz(r, row, body);
    if (config.kind != VALUE_MAP)
        return STR("{}");
    json_doc_write(&text, config, JSON_DOC_SORTED);
    if (text.over || !intern(r, row, buf_str(&text))) {
        refuse(r, row, "look at what answers there", "its configuration is over %zu bytes",
               KUBELET_CONFIG_BYTES);
        return STR("{}");
    }
    return str_printf(&r->scratch, "{\"kubeletconfig\":%.*s}\n", STR_ARG(buf_str(&text)));
}

static void ask_next(struct get_job *job)
{
    struct asking *q = job->ctx;
    struct kubelets_run *r = q->run;
    struct kubelets *k = &r->cluster->kubelets;
    job->no_credentials = q->as_stranger;
    q->as_stranger = false;
    if (job->no_credentials) {
        client_get_start(r->client, job);
        return;
    }
    while (r->next < k->row.count) {
        q->row = r->next++;
        if (k->row.item[q->row].reason.n)
            continue;
        job->path = path_of(r, q->row);
        job->node = r->cluster->kubelets.way == KUBELET_DIRECT ? k->row.item[q->row].node
                                                               : (struct str){ 0 };
        if (!job->path.n)
            continue;
        client_get_start(r->client, job);
        return;
    }
}

static void run(struct kubelets_run *r)
{
    struct client *c = r->client;
    uint32_t in_flight = c->limits.in_flight;
    if (r->cluster->kubelets.way == KUBELET_DIRECT && in_flight < KUBELETS_IN_FLIGHT)
        c->limits.in_flight = KUBELETS_IN_FLIGHT;
    struct asking *q = arena_array(r->cluster->arena, struct asking, c->limits.in_flight);
    for (uint32_t i = 0; i < c->limits.in_flight; i++) {
        q[i].run = r;
        q[i].job = (struct get_job){ .accept = STR("application/json"),
                                     .body_bytes = KUBELET_ANSWER_BYTES,
                                     .timeout_ms = KUBELET_REQUEST_MS,
                                     .deadline_ms = r->deadline_ms,
                                     .on_end = on_end,
                                     .on_next = ask_next,
                                     .ctx = &q[i] };
        ask_next(&q[i].job);
    }
    client_run(c);
    for (uint32_t i = 0; i < c->limits.in_flight; i++)
        client_get_release(&q[i].job);
    c->limits.in_flight = in_flight;
}

static void sum_up(struct cluster *c)
{
    struct coverage *cov = &c->endpoint[ENDPOINT_KUBELETS];
    const struct kubelet_row *first = NULL;
    for (size_t i = 0; i < c->kubelets.row.count; i++) {
        const struct kubelet_row *row = &c->kubelets.row.item[i];
        cov->items += row->config != 0;
        if (!row->config && !first)
            first = row;
        if (row->call && (!cov->first_call || row->call < cov->first_call))
            cov->first_call = row->call;
        if (row->call > cov->last_call)
            cov->last_call = row->call;
    }
    cov->state = !first ? COVERAGE_COMPLETE : cov->items ? COVERAGE_CUT : COVERAGE_FAILED;
    if (!first)
        return;
    cov->reason = str_printf(c->arena, "%llu of %zu kubelets were not read; the first: %.*s",
                             (unsigned long long)(c->kubelets.row.count - cov->items),
                             c->kubelets.row.count, STR_ARG(first->reason));
    cov->remedy = first->remedy;
    cov->cause = CAUSE_NO_KUBELET_ANSWER;
}

void kubelets_read(struct cluster *cluster, struct client *client,
                   const struct collect_options *options)
{
    struct kubelets_run r = { .cluster = cluster, .client = client };
    struct kubelets *k = &cluster->kubelets;
    k->way = options->kubelets;
    k->insecure = options->kubelets_insecure && k->way == KUBELET_DIRECT;
    if (k->way == KUBELET_NONE) {
        cluster->endpoint[ENDPOINT_KUBELETS].remedy =
            STR("give --kubelet direct (takes get on nodes/configz)");
        return;
    }
    r.deadline_ms =
        clock_monotonic_ms() + (options->kubelets_ms > 0 ? options->kubelets_ms : KUBELETS_MS);
    map_init(&r.known, cluster->arena);
    for (size_t i = 0; i < cluster->kept[KIND_NODES].count; i++) {
        struct kubelet_row *row = VEC_PUSH(&k->row, cluster->arena);
        row->node = value_text_at(cluster->kept[KIND_NODES].item[i], "metadata", "name", NULL);
    }
    refuse_shared(&r);
    run(&r);
    sum_up(cluster);
    arena_release(&r.scratch);
}
