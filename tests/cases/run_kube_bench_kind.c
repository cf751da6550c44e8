/* What kube-bench found on a cluster that kind made, control by control of the benchmark of that time, and what we say of the same
 * cluster by CIS 2.0.1: its defaults as mirror pods, kubelet answer and node facts, audited whole. */
#include "cases/cases.h"

#include "audit/audit.h"
#include "cluster/manifests.h"
#include "cluster/node_facts_read.h"
#include "value/yaml.h"

static struct arena keep;
static struct benchmark bench;
static struct result audited;

/* ---- the cluster */

struct kind_cluster {
    VEC(struct value) object;
    struct value answers;
    struct node_facts facts;
    struct node_evidence nodes;
};

static bool read_documents(struct kind_cluster *k, struct str text, const char *name)
{
    struct node *doc;
    size_t count;
    struct err err = { 0 };
    if (!yaml_read(&doc, &count, &keep, text, name, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct value v = node_value(&keep, &doc[i]);
        const struct value *answers = value_get(v, STR("answers")), *items = value_get(v, STR("items"));
        if (answers) {
            k->answers = *answers;
        } else if (str_eq_c(value_text_at(v, "kind", NULL), "NodeFacts")) {
            if (!node_facts_of_node(&k->facts, &keep, &doc[i], &err)) {
                fprintf(stderr, "%s:%u: %s\n", name, err.pos.line, err.text);
                return false;
            }
            k->nodes = (struct node_evidence){ .node = &k->facts, .count = 1 };
        } else if (items && items->kind == VALUE_LIST) {
            for (uint32_t n = 0; n < items->n; n++)
                *VEC_PUSH(&k->object, &keep) = value_item(*items, n);
        } else {
            *VEC_PUSH(&k->object, &keep) = v;
        }
    }
    return true;
}

/* The roles and bindings that every API server makes: whatever a version adds, its tests record them. */
static bool read_cluster(struct kind_cluster *k, struct cases *c, struct str own)
{
    static const char *const bootstrap[] = { "cluster-roles.yaml",    "cluster-role-bindings.yaml",
                                             "controller-roles.yaml", "controller-role-bindings.yaml",
                                             "namespace-roles.yaml",  "namespace-role-bindings.yaml" };
    struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)1 << 20);
    struct err err = { 0 };
    for (size_t i = 0; i < sizeof bootstrap / sizeof *bootstrap; i++)
        if (!read_documents(k, cases_file(c, &keep, "rbac/bootstrap", str_from_c(bootstrap[i])), bootstrap[i]))
            return false;
    if (!file_read(str_to_c(&keep, own), &b, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return false;
    }
    return read_documents(k, str_dup(&keep, buf_str(&b)), "kind.yaml") && k->nodes.count == 1;
}

static bool audit_cluster(struct kind_cluster *k)
{
    struct cluster *cluster = arena_new(&keep, struct cluster);
    struct collected collected = { .cluster = cluster };
    struct client_limits limits;
    struct client client;
    struct err err = { 0 };
    struct audit_options o = { .nodes = &k->nodes };
    cluster_init(cluster, &keep);
    bool ok = clock_parse_rfc3339(STR("2027-01-01T00:00:00Z"), &cluster->now) && benchmark_params(&bench, NULL, 0, &keep, &o.params, &err);
    struct audit *au = audit_open(&keep, &bench, cluster, &o);
    struct collect_observer observer = { .object = audit_object, .early_done = audit_early_done, .ctx = au };
    struct collect_options needs = audit_needs(au);
    needs.kubelets = KUBELET_PROXY;
    needs.no_probes = true; /* kube-bench judged 1.2 by flags alone */
    client_limits_default(&limits);
    client_init(&client, manifests_of(&keep, k->object.item, k->object.count, k->answers), &keep, &limits);
    ok = ok && collect_run(&collected, &client, &needs, &observer, &err) && audit_finish(au, NULL, 0, &audited, &err);
    if (!ok)
        fprintf(stderr, "the audit could not be made: %s\n", err.text);
    return ok;
}

/* ---- which control is which, and where we say otherwise */

enum why { WHY_NONE, WHY_GONE, WHY_STRICTER, WHY_FILES, WHY_NO_FILE, WHY_FLAGS, WHY_KUBELET, WHY_OBJECTS, WHY_COUNT };
static const char *const why_text[WHY_COUNT] = {
    [WHY_NONE] = "the same verdict",
    [WHY_GONE] = "no control of 2.0.1 asks for it",
    [WHY_STRICTER] = "2.0.1 asks for mode 0600, where 0644 was enough",
    [WHY_FILES] = "kube-bench leaves it to a person; node facts tell the file's mode and owner",
    [WHY_NO_FILE] = "kube-bench leaves it to a person; node facts tell that there is no such file",
    [WHY_FLAGS] = "kube-bench leaves it to a person; the API server's flags and the defaults of its version decide",
    [WHY_KUBELET] = "kube-bench leaves it to a person; what the kubelet runs with decides",
    [WHY_OBJECTS] = "kube-bench leaves it to a person; the objects that the API shows decide",
};
/* The old control, a word of its title (another version's numbers are another thing), the control of 2.0.1 or NULL, and our
 * verdict where it is another; VERDICT_COUNT: the same. */
static const struct {
    const char *old, *word, *control;
    enum verdict ours;
    enum why why;
} row_of[] = {
    { "1.1.1", "API server", "1.1.1", VERDICT_COUNT, WHY_NONE },
    { "1.1.2", "API server", "1.1.2", VERDICT_COUNT, WHY_NONE },
    { "1.1.3", "controller manager", "1.1.3", VERDICT_COUNT, WHY_NONE },
    { "1.1.4", "controller manager", "1.1.4", VERDICT_COUNT, WHY_NONE },
    { "1.1.5", "scheduler", "1.1.5", VERDICT_COUNT, WHY_NONE },
    { "1.1.6", "scheduler", "1.1.6", VERDICT_COUNT, WHY_NONE },
    { "1.1.7", "etcd pod", "1.1.7", VERDICT_COUNT, WHY_NONE },
    { "1.1.8", "etcd pod", "1.1.8", VERDICT_COUNT, WHY_NONE },
    { "1.1.9", "Container Network Interface", "1.1.9", VERDICT_FAIL, WHY_FILES },
    { "1.1.10", "Container Network Interface", "1.1.10", VERDICT_PASS, WHY_FILES },
    { "1.1.11", "etcd data", "1.1.11", VERDICT_COUNT, WHY_NONE },
    { "1.1.12", "etcd data", "1.1.12", VERDICT_COUNT, WHY_NONE },
    { "1.1.13", "admin.conf", "1.1.13", VERDICT_COUNT, WHY_NONE },
    { "1.1.14", "admin.conf", "1.1.14", VERDICT_COUNT, WHY_NONE },
    { "1.1.15", "scheduler.conf", "1.1.15", VERDICT_COUNT, WHY_NONE },
    { "1.1.16", "scheduler.conf", "1.1.16", VERDICT_COUNT, WHY_NONE },
    { "1.1.17", "controller-manager.conf", "1.1.17", VERDICT_COUNT, WHY_NONE },
    { "1.1.18", "controller-manager.conf", "1.1.18", VERDICT_COUNT, WHY_NONE },
    { "1.1.19", "PKI directory", "1.1.19", VERDICT_COUNT, WHY_NONE },
    { "1.1.20", "PKI certificate", "1.1.20", VERDICT_COUNT, WHY_NONE },
    { "1.1.21", "PKI key", "1.1.21", VERDICT_COUNT, WHY_NONE },
    { "1.2.1", "--anonymous-auth", "1.2.1", VERDICT_FAIL, WHY_FLAGS },
    { "1.2.2", "--token-auth-file", "1.2.2", VERDICT_COUNT, WHY_NONE },
    { "1.2.3", "kubelet-https", NULL, VERDICT_COUNT, WHY_GONE },
    { "1.2.4", "--kubelet-client-certificate", "1.2.4", VERDICT_COUNT, WHY_NONE },
    { "1.2.5", "--kubelet-certificate-authority", "1.2.5", VERDICT_COUNT, WHY_NONE },
    { "1.2.6", "AlwaysAllow", "1.2.6", VERDICT_COUNT, WHY_NONE },
    { "1.2.7", "Node", "1.2.7", VERDICT_COUNT, WHY_NONE },
    { "1.2.8", "RBAC", "1.2.8", VERDICT_COUNT, WHY_NONE },
    { "1.2.9", "EventRateLimit", "1.2.9", VERDICT_FAIL, WHY_FLAGS },
    { "1.2.10", "AlwaysAdmit", "1.2.10", VERDICT_COUNT, WHY_NONE },
    { "1.2.11", "AlwaysPullImages", "1.2.11", VERDICT_FAIL, WHY_FLAGS },
    { "1.2.12", "SecurityContextDeny", NULL, VERDICT_COUNT, WHY_GONE },
    { "1.2.13", "ServiceAccount", "1.2.12", VERDICT_COUNT, WHY_NONE },
    { "1.2.14", "NamespaceLifecycle", "1.2.13", VERDICT_COUNT, WHY_NONE },
    { "1.2.15", "PodSecurityPolicy", NULL, VERDICT_COUNT, WHY_GONE },
    { "1.2.16", "NodeRestriction", "1.2.14", VERDICT_COUNT, WHY_NONE },
    { "1.2.17", "insecure-bind-address", NULL, VERDICT_COUNT, WHY_GONE },
    { "1.2.18", "insecure-port", NULL, VERDICT_COUNT, WHY_GONE },
    { "1.2.19", "secure-port", NULL, VERDICT_COUNT, WHY_GONE },
    { "1.2.20", "--profiling", "1.2.15", VERDICT_COUNT, WHY_NONE },
    { "1.2.21", "--audit-log-path", "1.2.16", VERDICT_COUNT, WHY_NONE },
    { "1.2.22", "--audit-log-maxage", "1.2.17", VERDICT_COUNT, WHY_NONE },
    { "1.2.23", "--audit-log-maxbackup", "1.2.18", VERDICT_COUNT, WHY_NONE },
    { "1.2.24", "--audit-log-maxsize", "1.2.19", VERDICT_COUNT, WHY_NONE },
    { "1.2.25", "--request-timeout", "1.2.20", VERDICT_PASS, WHY_FLAGS },
    { "1.2.26", "--service-account-lookup", "1.2.21", VERDICT_COUNT, WHY_NONE },
    { "1.2.27", "--service-account-key-file", "1.2.22", VERDICT_COUNT, WHY_NONE },
    { "1.2.28", "--etcd-certfile", "1.2.23", VERDICT_COUNT, WHY_NONE },
    { "1.2.29", "--tls-cert-file", "1.2.24", VERDICT_COUNT, WHY_NONE },
    { "1.2.30", "--client-ca-file", "1.2.25", VERDICT_COUNT, WHY_NONE },
    { "1.2.31", "--etcd-cafile", "1.2.26", VERDICT_COUNT, WHY_NONE },
    { "1.2.32", "--encryption-provider-config", "1.2.27", VERDICT_FAIL, WHY_FLAGS },
    { "1.2.33", "encryption providers", "1.2.28", VERDICT_FAIL, WHY_FLAGS },
    { "1.2.34", "Cryptographic Ciphers", "1.2.29", VERDICT_FAIL, WHY_FLAGS },
    { "1.3.1", "--terminated-pod-gc-threshold", "1.3.1", VERDICT_FAIL, WHY_FLAGS },
    { "1.3.2", "--profiling", "1.3.2", VERDICT_COUNT, WHY_NONE },
    { "1.3.3", "--use-service-account-credentials", "1.3.3", VERDICT_COUNT, WHY_NONE },
    { "1.3.4", "--service-account-private-key-file", "1.3.4", VERDICT_COUNT, WHY_NONE },
    { "1.3.5", "--root-ca-file", "1.3.5", VERDICT_COUNT, WHY_NONE },
    { "1.3.6", "RotateKubeletServerCertificate", "1.3.6", VERDICT_COUNT, WHY_NONE },
    { "1.3.7", "--bind-address", "1.3.7", VERDICT_COUNT, WHY_NONE },
    { "1.4.1", "--profiling", "1.4.1", VERDICT_COUNT, WHY_NONE },
    { "1.4.2", "--bind-address", "1.4.2", VERDICT_COUNT, WHY_NONE },
    { "3.1.1", "Client certificate", "3.1.1", VERDICT_COUNT, WHY_NONE },
    { "3.2.1", "minimal audit policy", "3.2.1", VERDICT_FAIL, WHY_FLAGS },
    { "3.2.2", "key security concerns", "3.2.2", VERDICT_FAIL, WHY_FLAGS },
    { "4.1.1", "service file permissions", "4.1.1", VERDICT_FAIL, WHY_STRICTER },
    { "4.1.2", "service file ownership", "4.1.2", VERDICT_COUNT, WHY_NONE },
    { "4.1.3", "proxy kubeconfig", "4.1.3", VERDICT_NOT_APPLICABLE, WHY_NO_FILE },
    { "4.1.4", "proxy kubeconfig", "4.1.4", VERDICT_NOT_APPLICABLE, WHY_NO_FILE },
    { "4.1.5", "kubelet.conf", "4.1.5", VERDICT_COUNT, WHY_NONE },
    { "4.1.6", "kubelet.conf", "4.1.6", VERDICT_COUNT, WHY_NONE },
    { "4.1.7", "certificate authorities", "4.1.7", VERDICT_COUNT, WHY_NONE },
    { "4.1.8", "certificate authorities", "4.1.8", VERDICT_COUNT, WHY_NONE },
    { "4.1.9", "--config", "4.1.9", VERDICT_FAIL, WHY_STRICTER },
    { "4.1.10", "--config", "4.1.10", VERDICT_COUNT, WHY_NONE },
    { "4.2.1", "anonymous-auth", "4.2.1", VERDICT_COUNT, WHY_NONE },
    { "4.2.2", "AlwaysAllow", "4.2.2", VERDICT_COUNT, WHY_NONE },
    { "4.2.3", "--client-ca-file", "4.2.3", VERDICT_COUNT, WHY_NONE },
    { "4.2.4", "--read-only-port", "4.2.4", VERDICT_COUNT, WHY_NONE },
    { "4.2.5", "--streaming-connection-idle-timeout", "4.2.5", VERDICT_COUNT, WHY_NONE },
    { "4.2.6", "protect-kernel-defaults", NULL, VERDICT_COUNT, WHY_GONE },
    { "4.2.7", "--make-iptables-util-chains", "4.2.6", VERDICT_COUNT, WHY_NONE },
    { "4.2.8", "--hostname-override", "4.2.7", VERDICT_COUNT, WHY_NONE },
    { "4.2.9", "--event-qps", "4.2.8", VERDICT_PASS, WHY_KUBELET },
    { "4.2.10", "--tls-cert-file", "4.2.9", VERDICT_FAIL, WHY_KUBELET },
    { "4.2.11", "--rotate-certificates", "4.2.10", VERDICT_COUNT, WHY_NONE },
    { "4.2.12", "RotateKubeletServerCertificate", "4.2.11", VERDICT_COUNT, WHY_NONE },
    { "4.2.13", "Cryptographic Ciphers", "4.2.12", VERDICT_FAIL, WHY_KUBELET },
    { "5.1.1", "cluster-admin", "5.1.1", VERDICT_PASS, WHY_OBJECTS },
    { "5.1.2", "secrets", "5.1.2", VERDICT_PASS, WHY_OBJECTS },
    { "5.1.3", "wildcard", "5.1.3", VERDICT_FAIL, WHY_OBJECTS },
    { "5.1.4", "create pods", "5.1.4", VERDICT_FAIL, WHY_OBJECTS },
    { "5.1.5", "default service accounts", "5.1.5", VERDICT_FAIL, WHY_OBJECTS },
    { "5.1.6", "Tokens", "5.1.6", VERDICT_FAIL, WHY_OBJECTS },
    { "5.1.7", "system:masters", "5.1.7", VERDICT_COUNT, WHY_NONE },
    { "5.1.8", "Impersonate", "5.1.8", VERDICT_PASS, WHY_OBJECTS },
    { "5.2.1", "privileged", "5.2.2", VERDICT_FAIL, WHY_OBJECTS },
    { "5.2.2", "process ID", "5.2.3", VERDICT_FAIL, WHY_OBJECTS },
    { "5.2.3", "IPC", "5.2.4", VERDICT_FAIL, WHY_OBJECTS },
    { "5.2.4", "network namespace", "5.2.5", VERDICT_FAIL, WHY_OBJECTS },
    { "5.2.5", "allowPrivilegeEscalation", "5.2.6", VERDICT_FAIL, WHY_OBJECTS },
    { "5.2.6", "root containers", "5.2.7", VERDICT_FAIL, WHY_OBJECTS },
    { "5.2.7", "NET_RAW", "5.2.8", VERDICT_FAIL, WHY_OBJECTS },
    { "5.2.8", "added capabilities", NULL, VERDICT_COUNT, WHY_GONE },
    { "5.2.9", "capabilities assigned", "5.2.9", VERDICT_FAIL, WHY_OBJECTS },
    { "5.3.1", "CNI", "5.3.1", VERDICT_FAIL, WHY_OBJECTS },
    { "5.3.2", "Network Policies", "5.3.2", VERDICT_FAIL, WHY_OBJECTS },
    { "5.4.1", "environment variables", "5.4.1", VERDICT_PASS, WHY_OBJECTS },
    { "5.4.2", "external secret", "5.4.2", VERDICT_COUNT, WHY_NONE },
    { "5.5.1", "ImagePolicyWebhook", "5.5.1", VERDICT_FAIL, WHY_OBJECTS },
    { "5.7.1", "boundaries", "5.6.1", VERDICT_COUNT, WHY_NONE },
    { "5.7.2", "seccomp", "5.6.2", VERDICT_FAIL, WHY_OBJECTS },
    { "5.7.3", "Security Context", "5.6.3", VERDICT_FAIL, WHY_OBJECTS },
    { "5.7.4", "default namespace", "5.6.4", VERDICT_PASS, WHY_OBJECTS },
};
static size_t why_seen[WHY_COUNT];

/* No title and no expression of the benchmark has the word: nothing that is judged depends on it. */
static bool is_asked_nowhere(const char *word)
{
    for (size_t i = 0; i < bench.check_count; i++) {
        const struct check *c = &bench.check[i];
        if (str_contains(c->title, str_from_c(word)))
            return false;
        for (size_t p = 0; p < c->part_count; p++)
            for (size_t v = 0; v < c->part[p].validation_count; v++)
                if (str_contains(c->part[p].validation[v].expression.text, str_from_c(word)))
                    return false;
    }
    return true;
}

static struct str reason_of(const char *id)
{
    for (size_t i = 0; i < audited.check_count; i++)
        if (str_eq_c(audited.check[i].check->id, id))
            return audited.check[i].reason;
    return (struct str){ 0 };
}

static enum verdict verdict_of(const char *id)
{
    for (size_t i = 0; i < audited.check_count; i++)
        if (str_eq_c(audited.check[i].check->id, id))
            return audited.check[i].verdict;
    return VERDICT_COUNT;
}

/* WARN is what a person has to look at. */
static enum verdict verdict_of_state(struct str state)
{
    return str_eq_c(state, "PASS")   ? VERDICT_PASS
           : str_eq_c(state, "FAIL") ? VERDICT_FAIL
           : str_eq_c(state, "WARN") ? VERDICT_MANUAL
                                     : VERDICT_COUNT;
}

static bool kind_case(struct cases *c, struct value row, struct arena *a)
{
    struct str control = value_text_at(row, "control", NULL), text = value_text_at(row, "text", NULL);
    enum verdict theirs = verdict_of_state(value_text_at(row, "state", NULL));
    size_t at = 0;
    (void)c, (void)a;
    while (at < sizeof row_of / sizeof *row_of && !(str_eq_c(control, row_of[at].old) && str_contains(text, str_from_c(row_of[at].word))))
        at++;
    if (at == sizeof row_of / sizeof *row_of || theirs == VERDICT_COUNT)
        return false;
    why_seen[row_of[at].why]++;
    if (!row_of[at].control)
        return is_asked_nowhere(row_of[at].word);
    enum verdict want = row_of[at].ours == VERDICT_COUNT ? theirs : row_of[at].ours, got = verdict_of(row_of[at].control);
    if (got != want && getenv("CASES_VERBOSE"))
        printf("%.*s, %s here: kube-bench says %s, we %s: %.*s\n", STR_ARG(control), row_of[at].control, verdict_name(theirs),
               got == VERDICT_COUNT ? "nothing" : verdict_name(got), STR_ARG(reason_of(row_of[at].control)));
    return got == want && (row_of[at].ours == VERDICT_COUNT || theirs != row_of[at].ours);
}

int main(int argc, char **argv)
{
    struct cases c;
    struct kind_cluster k = { 0 };
    struct faults faults = { 0 };
    const char *srcdir = getenv("srcdir");
    struct str top = str_from_c(srcdir ? srcdir : "..");
    if (!cases_open(&c, argc, argv))
        return 2;
    if (!benchmark_load(&bench, &keep, str_to_c(&keep, file_join(&keep, top, STR("benchmarks/cis-kubernetes-2.0.1.yaml"))), &faults))
        return 2;
    if (!read_cluster(&k, &c, file_join(&keep, top, STR("tests/cases/kind.yaml"))) || !audit_cluster(&k))
        return 2;
    cases_run(&c, "kube-bench/kind_expected_states", kind_case);
    for (int w = WHY_GONE; w < WHY_COUNT; w++) {
        printf("listed: %zu times: %s:", why_seen[w], why_text[w]);
        for (size_t i = 0; i < sizeof row_of / sizeof *row_of; i++)
            if (row_of[i].why == (enum why)w)
                printf(" %s", row_of[i].old);
        printf("\n");
    }
    arena_release(&keep);
    return cases_close(&c);
}
