/* Kubelets asked for their configuration: what may be sent to whom, what an answer is worth, and that one node's
 * trouble stays its own. */
#include "cluster/kubelets.h"

#include "cluster/node_config.h"
#include "kube/memory_transport.h"
#include "kube/rig.h"
#include "unit/from_yaml.h"

#include <unistd.h>

#define DIRECT_ROWS 14

#define GOOD                                                                                                               \
    "{\"kubeletconfig\":{\"authentication\":{\"anonymous\":{\"enabled\":false}},\"authorization\":{\"mode\":\"Webhook\"}," \
    "\"podPidsLimit\":-1,\"nodeStatusMaxImages\":50}}"
#define OTHER                                                                                                                              \
    "{\"kubeletconfig\":{\"podPidsLimit\":-1,\"authorization\":{\"mode\":\"AlwaysAllow\"},\"authentication\":{\"anonymous\":{\"enabled\":" \
    "true}}}}"
/* GOOD with its keys in another order, and another key that is not kept */
#define SAME                                                                                                                     \
    "{\"kubeletconfig\":{\"podPidsLimit\":-1,\"authorization\":{\"mode\":\"Webhook\"},\"providerID\":\"x\",\"authentication\":{" \
    "\"anonymous\":{\"enabled\":false}}}}"

static struct fake_pki pki;
static struct arena arena;
static struct cluster cluster;

static void setup(void)
{
    cluster_init(&cluster, &arena);
    cluster.coverage[KIND_NODES].state = COVERAGE_COMPLETE;
}

static void teardown(void)
{
    arena_release(&arena);
}

static void add_node(const char *name, const char *address, int port)
{
    struct str text =
        str_printf(&arena,
                   "{metadata: {name: \"%s\"}, status: {addresses: [{type: Hostname, address: h}, {type: InternalIP, address: \"%s\"}], "
                   "daemonEndpoints: {kubeletEndpoint: {Port: %d}}}}",
                   name, address, port);
    *VEC_PUSH(&cluster.kept[KIND_NODES], &arena) = from_yaml(&arena, str_to_c(&arena, text));
}

static const struct kubelet_row *row(size_t i)
{
    ck_assert_uint_lt(i, cluster.kubelets.row.count);
    return &cluster.kubelets.row.item[i];
}

static void says(size_t i, const char *words)
{
    ck_assert_uint_eq(row(i)->config, 0);
    ck_assert_msg(str_contains(row(i)->reason, str_from_c(words)), "\"%.*s\" does not say \"%s\"", STR_ARG(row(i)->reason), words);
    ck_assert_uint_gt(row(i)->remedy.n, 0);
}

static void ask(struct client *c, enum kubelet_way way)
{
    kubelets_read(&cluster, c, &(struct collect_options){ .kubelets = way });
}

/* ---- what may be sent ---- */

static const struct {
    const char *path;
    bool allowed;
} path_row[] = {
    { "https://10.0.0.7:10250/configz", true },
    { "https://[fd00::7]:10250/configz", true },
    { "https://10.0.0.7:10250/pods", false },
    { "https://10.0.0.7:10250/run/a/b/c", false },
    { "https://10.0.0.7:10250/configz?a=b", false },
    { "https://10.0.0.7:10250/configz/../pods", false },
    { "https://10.0.0.7/configz", false },
    { "https://10.0.0.7:0/configz", false },
    { "https://10.0.0.7:65536/configz", false },
    { "https://node.example:10250/configz", false },
    { "https://me:pw@10.0.0.7:10250/configz", false },
    { "https://10.0.0.7:10250#/configz", false },
    { "https://[10.0.0.7]:10250/configz", false },
    { "https://fd00::7:10250/configz", false },
    { "https://[fe80::1%eth0]:10250/configz", false },
    { "http://10.0.0.7:10250/configz", false },
    { "https:///configz", false },
    { "https://:10250/configz", false },
    { "/api/v1/nodes/a/proxy/configz", true },
    { "/api/v1/nodes/a/proxy/run/x", false },
};

START_TEST(paths)
{
    struct err err = { 0 };
    ck_assert_msg(transport_allows(HTTP_GET, str_from_c(path_row[_i].path), &err) == path_row[_i].allowed, "%s: %s", path_row[_i].path,
                  err.text);
    ck_assert(!transport_allows(HTTP_POST_SELF_REVIEW, str_from_c(path_row[_i].path), &err));
}
END_TEST

static const struct {
    const char *name;
    bool good;
} name_row[] = {
    { "worker-1", true }, { "ip-10-0-0-7.eu.example", true },
    { "a", true },        { "1", true },
    { "", false },        { "a/../b", false },
    { "..", false },      { "a..b", false },
    { "-a", false },      { "a-", false },
    { "a.", false },      { "a-.b", false },
    { "a.-b", false },    { "A", false },
    { "a%2fb", false },   { "a b", false },
    { "a?b", false },
};

START_TEST(node_names)
{
    ck_assert_msg(kubelets_is_node_name(str_from_c(name_row[_i].name)) == name_row[_i].good, "%s", name_row[_i].name);
}
END_TEST

/* ---- what an answer is worth ---- */

START_TEST(nobody_is_asked_unasked)
{
    struct memory_transport m;
    struct client c;
    add_node("a", "10.0.0.1", 10250);
    memory_transport_init(&m, (const struct memory_answer[]){ { 0 } });
    client_init(&c, &m.base, &arena, NULL);
    ask(&c, KUBELET_NONE);
    ck_assert_uint_eq(m.sent_count, 0);
    ck_assert_uint_eq(cluster.kubelets.row.count, 0);
    ck_assert_int_eq(cluster.endpoint[ENDPOINT_KUBELETS].state, COVERAGE_NOT_ASKED);
}
END_TEST

START_TEST(each_answer_is_its_nodes_own)
{
    static const struct memory_answer script[] = {
        { .path = "/api/v1/nodes/a/proxy/configz", .status = 200, .body = GOOD },
        { .path = "/api/v1/nodes/b/proxy/configz", .status = 403, .body = "{\"kind\":\"Status\",\"message\":\"nodes is forbidden\"}" },
        { .path = "/api/v1/nodes/c/proxy/configz", .status = 200, .body = "{\"kubeletconfig\":{}}" },
        { .path = "/api/v1/nodes/d/proxy/configz", .status = 200, .body = GOOD, .err = ERR_NET, .loss = LOSS_CUT, .cut_bytes = 60 },
        { .path = "/api/v1/nodes/e/proxy/configz", .status = 200, .body = "{}" },
        { .path = "/api/v1/nodes/f/proxy/configz", .status = 200, .body = "[1]" },
        { .path = "/api/v1/nodes/g/proxy/configz", .status = 503, .body = "down" },
        { .path = "/api/v1/nodes/h/proxy/configz", .status = 200, .body = SAME },
        { .path = "/api/v1/nodes/i/proxy/configz", .status = 200, .body = OTHER },
        { .path = "/api/v1/nodes/j/proxy/configz",
          .status = 200,
          .body =
              "{\"kubeletconfig\":{\"authentication\":{\"anonymous\":{\"enabled\":\"false\"}},\"authorization\":{\"mode\":\"Webhook\"}}}" },
        { .path = "/api/v1/nodes/k/proxy/configz", .status = 200, .body = "<html>log in</html>", .type = "text/html" },
        { 0 },
    };
    struct memory_transport m;
    struct client c;
    struct client_limits l;
    for (char n = 'a'; n <= 'k'; n++)
        add_node(str_to_c(&arena, str_printf(&arena, "%c", n)), str_to_c(&arena, str_printf(&arena, "10.0.0.%d", n)), 10250);
    add_node("../l", "10.0.1.1", 10250);
    memory_transport_init(&m, script);
    client_limits_default(&l);
    client_init(&c, &m.base, &arena, &l);
    ask(&c, KUBELET_PROXY);
    ck_assert_uint_eq(cluster.kubelets.row.count, 12);
    ck_assert_uint_eq(row(0)->config, row(7)->config);
    ck_assert_uint_ne(row(0)->config, row(8)->config);
    ck_assert_uint_gt(row(8)->config, 0);
    ck_assert_uint_eq(cluster.kubelets.config.count, 2);
    says(1, "forbidden");
    ck_assert(str_contains(row(1)->remedy, STR("nodes/proxy")));
    says(2, "not a kubelet's configuration");
    says(3, "kubelet of node d");
    says(4, "not a kubelet's configuration");
    says(5, "not a kubelet's configuration");
    says(6, "503");
    says(9, "not a kubelet's configuration");
    says(10, "kubelet of node k");
    says(11, "not that of a node");
    for (size_t i = 0; i < m.sent_count; i++)
        ck_assert_ptr_eq(strstr(m.sent[i].path, "../l"), NULL);
    ck_assert_uint_le(m.most_pending, l.in_flight);
    const struct coverage *cov = &cluster.endpoint[ENDPOINT_KUBELETS];
    ck_assert_int_eq(cov->state, COVERAGE_CUT);
    ck_assert_uint_eq(cov->items, 3);
    ck_assert(str_contains(cov->reason, STR("9 of 12")));
    ck_assert_ptr_eq(value_at(cluster.kubelets.config.item[0], "nodeStatusMaxImages", NULL), NULL);
}
END_TEST

START_TEST(nodes_that_claim_one_address_are_not_believed)
{
    static const struct memory_answer script[] = { { .path = "*", .status = 200, .body = GOOD }, { 0 } };
    struct memory_transport m;
    struct client c;
    add_node("a", "10.0.0.1", 10250);
    add_node("b", "10.0.0.2", 10250);
    add_node("c", "10.0.0.1", 10250);
    add_node("d", "10.0.0.1", 10251);
    add_node("e", "10.0.0.1", 10250);
    memory_transport_init(&m, script);
    client_init(&c, &m.base, &arena, NULL);
    ask(&c, _i ? KUBELET_PROXY : KUBELET_DIRECT);
    says(0, "claims the same address");
    says(2, "claims the same address");
    says(4, "claims the same address");
    ck_assert_uint_eq(row(1)->config, 1);
    ck_assert_uint_eq(row(3)->config, 1);
    ck_assert_uint_eq(m.sent_count, 2);
}
END_TEST

START_TEST(nodes_without_an_address_are_not_asked_directly)
{
    struct memory_transport m;
    struct client c;
    add_node("a", "node.example", 10250);
    add_node("b", "10.0.0.1", 0);
    add_node("c", "10.0.0.1/x", 10250);
    add_node("d", "10.0.0.1:80", 10250);
    add_node("e", "fd00::7", 10250);
    add_node("f", "169.254.169.254", 10250);
    add_node("g", "fe80::1", 10250);
    memory_transport_init(
        &m, (const struct memory_answer[]){ { .path = "https://[fd00::7]:10250/configz", .status = 200, .body = GOOD }, { 0 } });
    client_init(&c, &m.base, &arena, NULL);
    ask(&c, KUBELET_DIRECT);
    for (size_t i = 0; i < 4; i++)
        says(i, "no InternalIP in digits");
    says(5, "where no node can be");
    says(6, "where no node can be");
    ck_assert_uint_eq(row(4)->config, 1);
    ck_assert_uint_eq(m.sent_count, 1);
    ck_assert(!kubelets_is_unusual(cluster.kept[KIND_NODES].item[4]));
    add_node("h", "8.8.8.8", 10250);
    add_node("i", "172.31.255.1", 10250);
    ck_assert(kubelets_is_unusual(cluster.kept[KIND_NODES].item[7]));
    ck_assert(!kubelets_is_unusual(cluster.kept[KIND_NODES].item[8]));
}
END_TEST

START_TEST(many_nodes_need_little)
{
    static const struct memory_answer script[] = { { .path = "*", .status = 200, .body = GOOD }, { 0 } };
    struct memory_transport *m = arena_new(&arena, struct memory_transport);
    struct client c;
    for (int i = 0; i < 5000; i++)
        add_node(str_to_c(&arena, str_printf(&arena, "n%d", i)), str_to_c(&arena, str_printf(&arena, "10.%d.%d.1", i / 250, i % 250)),
                 10250);
    size_t before = arena.used_bytes;
    memory_transport_init(m, script);
    m->many = true;
    client_init(&c, &m->base, &arena, NULL);
    ask(&c, KUBELET_DIRECT);
    ck_assert_uint_eq(cluster.endpoint[ENDPOINT_KUBELETS].items, 5000);
    ck_assert_uint_eq(cluster.kubelets.config.count, 1);
    ck_assert_uint_le(m->most_pending, KUBELETS_IN_FLIGHT);
    ck_assert_msg(arena.used_bytes - before < (size_t)16 << 20, "%zu bytes for 5,000 nodes", arena.used_bytes - before);
}
END_TEST

/* ---- over TLS: to whom a credential goes ---- */

struct direct_row {
    const char *name;
    const struct fake_cert *cert;
    bool insecure, other_ca, as;
    bool sent;          /* a request arrived, with the token */
    bool own;           /* the certificate is a kubelet's for all we know */
    const char *reason; /* NULL: the configuration was read */
};

/* How many requests arrived with a credential in them, and how many without. */
static size_t count_requests(struct rig *r, bool with_token)
{
    size_t n = 0;
    for (size_t i = 0; i < fake_api_request_count(r->api); i++) {
        char *sent = fake_api_request(r->api, i);
        CONTAINS(sent, "GET /configz\n");
        bool has =
            strstr(sent, "good-token") != NULL || strcasestr(sent, "\nauthorization:") != NULL || strcasestr(sent, "impersonate") != NULL;
        n += has == with_token;
        free(sent);
    }
    return n;
}

static void run_direct(const struct direct_row *d)
{
    struct rig r;
    static const struct fake_answer script[] = {
        { .path = "/configz", .want_header = "Authorization: Bearer good-token", .status = 200, .body = GOOD },
        { .path = "/configz", .status = 401, .body = "Unauthorized", .type = "text/plain" },
        { 0 }
    };
    rig_open(&r, &pki, &(struct fake_options){ .script = script, .cert = d->cert });
    r.options.kubelet_insecure = d->insecure;
    if (d->as)
        r.settings.user.as = STR("jane");
    char path[] = "/tmp/kubevouch-ca-XXXXXX";
    if (d->other_ca) {
        int fd = mkstemp(path);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write(fd, pki.other_ca.cert, strlen(pki.other_ca.cert)), (int)strlen(pki.other_ca.cert));
        (void)close(fd);
        r.options.kubelet_ca_file = str_from_c(path);
    }
    ck_assert_msg(rig_connect(&r), "%s", r.err.text);
    add_node("a", "127.0.0.1", fake_api_port(r.api));
    ask(&r.client, KUBELET_DIRECT);
    ck_assert_msg(count_requests(&r, true) == d->sent, "%s: %zu requests with the token arrived", d->name, count_requests(&r, true));
    /* A stranger's question follows where there was no answer: it gives nothing away. */
    ck_assert_uint_eq(count_requests(&r, false), !d->sent);
    ck_assert_int_eq(row(0)->stranger_status, d->sent ? 0 : 401);
    ck_assert_msg(row(0)->stranger_verified == d->as, "%s", d->name);
    if (d->reason)
        says(0, d->reason);
    else
        ck_assert_msg(row(0)->config == 1, "%s: %.*s", d->name, STR_ARG(row(0)->reason));
    ck_assert_msg(d->as || row(0)->certificate != NULL, "%s: the certificate was not looked at", d->name);
    if (row(0)->certificate)
        ck_assert_msg((row(0)->certificate->verify_error == 0) == (d->sent && !d->insecure), "%s", d->name);
    ck_assert_msg(!row(0)->certificate || tls_peer_is_attributable(row(0)->certificate) == d->own, "%s: whose it is", d->name);
    if (d->other_ca)
        (void)unlink(path);
    rig_close(&r);
}

START_TEST(a_credential_goes_to_verified_kubelets_only)
{
    const struct direct_row table[] = {
        { .name = "by the cluster's CA, for the node", .cert = &pki.kubelet, .sent = true, .own = true },
        { .name = "by the cluster's CA, but nobody's", .cert = &pki.server, .reason = "not the node's own" },
        { .name = "by the cluster's CA, for another node", .cert = &pki.kubelet_b, .reason = "not the node's own" },
        { .name = "by the kubelet itself", .cert = &pki.kubelet_own, .reason = "no credential was sent", .own = true },
        { .name = "by another CA of the same name", .cert = &pki.server_other, .reason = "no credential was sent" },
        { .name = "by a stranger", .cert = &pki.server_stranger, .reason = "no credential was sent" },
        { .name = "expired", .cert = &pki.server_expired, .reason = "expired", .own = true },
        { .name = "for another address", .cert = &pki.server_misnamed, .reason = "IP address mismatch", .own = true },
        { .name = "by a stranger, told not to look", .cert = &pki.server_stranger, .insecure = true, .sent = true },
        { .name = "for another address, told not to look", .cert = &pki.server_misnamed, .insecure = true, .sent = true, .own = true },
        { .name = "by the CA that was named, with the node's name",
          .cert = &pki.kubelet_other,
          .other_ca = true,
          .sent = true,
          .own = true },
        { .name = "by the CA that was named, without it", .cert = &pki.server_other, .other_ca = true, .reason = "not the node's own" },
        { .name = "by the cluster's CA, where another was named",
          .cert = &pki.kubelet,
          .other_ca = true,
          .reason = "no credential was sent" },
        { .name = "impersonating", .cert = &pki.kubelet, .as = true, .own = true, .reason = "impersonation" },
    };
    ck_assert_int_eq(ROWS(table), DIRECT_ROWS);
    run_direct(&table[_i]);
}
END_TEST

/* A client certificate is as much of a credential: the handshake ends before it is shown. */
START_TEST(a_client_certificate_is_not_shown_to_another_address)
{
    struct rig r;
    static const struct fake_answer script[] = { { .path = "/configz", .status = 200, .body = GOOD }, { 0 } };
    rig_open(&r, &pki,
             &(struct fake_options){ .script = script, .cert = _i ? &pki.server_misnamed : &pki.kubelet, .tls = FAKE_TLS_WANTS_CLIENT });
    r.settings.user.token = (struct str){ 0 };
    r.settings.user.cert_data = str_from_c(pki.client.cert);
    r.settings.user.key_data = str_from_c(pki.client.key);
    ck_assert_msg(rig_connect(&r), "%s", r.err.text);
    add_node("a", "127.0.0.1", fake_api_port(r.api));
    ask(&r.client, KUBELET_DIRECT);
    if (_i)
        says(0, "no credential was sent");
    else
        ck_assert_msg(row(0)->config == 1, "%.*s", STR_ARG(row(0)->reason));
    ck_assert_uint_eq(fake_api_request_count(r.api), _i ? 0 : 1);
    rig_close(&r);
}
END_TEST

START_TEST(all_of_them_have_an_end)
{
    struct rig r;
    struct fake_api *slow;
    static const struct fake_answer stall[] = { { .path = "/configz", .status = 200, .body = GOOD, .fault = FAKE_STALL, .cut_bytes = 5 },
                                                { 0 } };
    static const struct fake_answer script[] = { { .path = "/configz", .status = 200, .body = GOOD }, { 0 } };
    rig_open(&r, &pki, &(struct fake_options){ .script = script, .cert = &pki.kubelet });
    slow = fake_api_open(&(struct fake_options){ .script = stall, .cert = &pki.server });
    ck_assert_msg(rig_connect(&r), "%s", r.err.text);
    add_node("slow", "127.0.0.1", fake_api_port(slow));
    add_node("a", "127.0.0.1", fake_api_port(r.api));
    add_node("c", "127.0.0.1", 1);
    int64_t began = clock_monotonic_ms();
    kubelets_read(&cluster, &r.client, &(struct collect_options){ .kubelets = KUBELET_DIRECT, .kubelets_ms = 400 });
    ck_assert_int_lt(clock_monotonic_ms() - began, 3000);
    says(0, "kubelet of node slow");
    ck_assert_uint_eq(row(1)->config, 1);
    says(2, "connection refused");
    /* and none of it is held against the API server */
    ck_assert(!r.client.lost);
    ck_assert_uint_eq(http_server_certificate_sha256(r.transport).n, 0);
    fake_api_close(slow);
    rig_close(&r);
}
END_TEST

/* ---- ConfigMaps ---- */

static struct str told;
static void hear(void *ctx, const struct call *call, struct str request, struct str body)
{
    (void)ctx;
    (void)request;
    if (str_has_suffix(call->path, STR("kubelet-config")))
        told = str_dup(&arena, body);
}

static const struct collect_options both_config_maps = {
    .endpoints = { (uint64_t)2 << ENDPOINT_KUBELET_CONFIG | (uint64_t)2 << ENDPOINT_KUBE_PROXY_CONFIG },
};

START_TEST(config_maps_are_kept_in_part)
{
    const struct memory_answer script[] = {
        { .path = endpoint_path(ENDPOINT_KUBELET_CONFIG),
          .status = 200,
          .body = "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"kubelet-config\"},\"data\":{\"kubelet\":"
                  "\"readOnlyPort: 10255\\nstaticPodURLHeader: {Authorization: [s3cret]}\\n\"}}" },
        { .path = endpoint_path(ENDPOINT_KUBE_PROXY_CONFIG),
          .status = 200,
          .body = "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"data\":{\"config.conf\":\"metricsBindAddress: "
                  "0.0.0.0:10249\\n\",\"kubeconfig.conf\":\"token: s3cret\"}}" },
        { 0 },
    };
    struct memory_transport m;
    struct client c;
    memory_transport_init(&m, script);
    client_init(&c, &m.base, &arena, NULL);
    c.replied = hear;
    node_config_read(&cluster, &c, &both_config_maps);
    ck_assert_int_eq(value_int_at(cluster.kubelets.intent, 0, "readOnlyPort", NULL), 10255);
    ck_assert_text(value_text_at(cluster.kube_proxy_config, "metricsBindAddress", NULL), "0.0.0.0:10249");
    ck_assert_int_eq(cluster.endpoint[ENDPOINT_KUBELET_CONFIG].state, COVERAGE_COMPLETE);
    ck_assert(str_contains(told, STR("10255")));
    ck_assert(!str_contains(told, STR("s3cret")));
}
END_TEST

static const struct {
    int status;
    const char *body;
    enum coverage_state state;
} config_row[] = {
    { 404, "{}", COVERAGE_NOT_SERVED },
    { 403, "{}", COVERAGE_DENIED },
    { 200, "{\"data\":{}}", COVERAGE_CUT },
    { 200, "{\"data\":{\"kubelet\":\"[1, 2]\"}}", COVERAGE_CUT },
    { 200, "{\"data\":{\"kubelet\":\"a: [\"}}", COVERAGE_CUT },
    { 200, "{\"data\":{\"kubelet\":\"a: 1\\n---\\nb: 2\\n\"}}", COVERAGE_CUT },
    { 200, "nonsense", COVERAGE_CUT },
};

START_TEST(config_maps_that_are_not_there)
{
    struct memory_answer script[] = {
        { .path = endpoint_path(ENDPOINT_KUBELET_CONFIG), .status = config_row[_i].status, .body = config_row[_i].body }, { 0 }
    };
    struct memory_transport m;
    struct client c;
    memory_transport_init(&m, script);
    client_init(&c, &m.base, &arena, NULL);
    node_config_read(&cluster, &c, &both_config_maps);
    ck_assert_int_eq(cluster.endpoint[ENDPOINT_KUBELET_CONFIG].state, config_row[_i].state);
    ck_assert_int_eq(cluster.kubelets.intent.kind, VALUE_NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kubelets");
    TCase *t = tcase_create("kubelets");
    fake_pki_make(&pki);
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, paths, 0, ROWS(path_row));
    tcase_add_loop_test(t, node_names, 0, ROWS(name_row));
    tcase_add_test(t, nobody_is_asked_unasked);
    tcase_add_test(t, each_answer_is_its_nodes_own);
    tcase_add_loop_test(t, nodes_that_claim_one_address_are_not_believed, 0, 2);
    tcase_add_test(t, nodes_without_an_address_are_not_asked_directly);
    tcase_add_test(t, many_nodes_need_little);
    tcase_add_loop_test(t, a_credential_goes_to_verified_kubelets_only, 0, DIRECT_ROWS);
    tcase_add_loop_test(t, a_client_certificate_is_not_shown_to_another_address, 0, 2);
    tcase_add_test(t, all_of_them_have_an_end);
    tcase_add_test(t, config_maps_are_kept_in_part);
    tcase_add_loop_test(t, config_maps_that_are_not_there, 0, ROWS(config_row));
    suite_add_tcase(suite, t);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    fake_pki_free(&pki);
    return failed ? 1 : 0;
}
