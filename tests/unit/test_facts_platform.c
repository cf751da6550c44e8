/* Facts of the control plane and of what runs beside workloads: by flags, metrics and files; plugins, engines, stores. */
#include "unit/facts_rig.h"

#include "analyze/secrets/encryption.h"

/* ---- the control plane ---- */

static const struct {
    const char *args[2]; /* of up to two API servers */
    const char *metrics; /* YAML */
    int minor;
    const char *configured, *provider, *plain;
} encryption_row[] = {
#define ENC       "--encryption-provider-config=/e"
#define WHOLE     "process_start_time_seconds: [{value: 1.0}]"
#define OPS(rows) "{" WHOLE ", apiserver_storage_transformation_operations_total: [" rows "]}"
#define OP(type, prefix, resource, count) \
    "{resource: " resource ", status: OK, transformation_type: " type ", transformer_prefix: '" prefix "', value: " count "}"
    { { "", NULL }, "{" WHOLE "}", 35, "false", "identity", "unavailable" },
    { { "", NULL }, "null", 35, "false", "identity", "unavailable" },
    { { ENC, NULL }, "null", 35, "true", "unavailable", "unavailable" },
    { { ENC, "" }, "null", 35, "false", "identity", "unavailable" },
    { { ENC, ENC }, "{" WHOLE "}", 35, "true", "unavailable", "0" },
    { { NULL, NULL }, "null", 35, "unavailable", "unavailable", "unavailable" },
    { { NULL, NULL }, "{" WHOLE "}", 35, "false", "identity", "unavailable" },
    { { NULL, NULL }, "{" WHOLE "}", 30, "unavailable", "unavailable", "0" },
    { { NULL, NULL }, "{}", 35, "unavailable", "unavailable", "unavailable" },
    { { NULL, NULL },
      "{" WHOLE ", apiserver_encryption_config_controller_last_config_info: [{hash: x, value: 1.0}]}",
      35,
      "true",
      "unavailable",
      "0" },
    { { ENC, NULL },
      OPS(OP("to_storage", "k8s:enc:aescbc:v1:", "secrets", "2.0") "," OP("to_storage", "key1:", "secrets",
                                                                          "2.0") "," OP("from_storage", "identity", "secrets", "5.0")),
      35,
      "true",
      "aescbc",
      "5" },
    { { ENC, NULL },
      OPS(OP("to_storage", "k8s:enc:kms:v2:", "secrets", "2.0") "," OP("to_storage", "", "secrets", "1.0")),
      35,
      "true",
      "identity",
      "0" },
    { { ENC, NULL },
      OPS(OP("to_storage", "k8s:enc:kms:v2:", "secrets", "2.0") "," OP("to_storage", "", "configmaps", "1.0")),
      35,
      "true",
      "kms-v2",
      "0" },
    { { ENC, NULL }, OPS(OP("to_storage", "k8s:enc:aesgcm:v1:", "secrets", "0.0")), 35, "true", "unavailable", "0" },
    { { ENC, NULL }, OPS(OP("to_storage", "k8s:enc:new:v9:", "secrets", "1.0")), 35, "true", "other", "0" },
    { { ENC, NULL }, OPS(OP("to_storage", "k8s:enc:kms:v1:", "''", "1.0")), 30, "true", "kms-v1", "0" },
    { { ENC, NULL },
      OPS(OP("to_storage", "k8s:enc:kms:v1:", "''", "1.0") "," OP("to_storage", "", "''", "1.0")),
      30,
      "true",
      "unavailable",
      "0" },
    { { ENC, NULL }, "{apiserver_storage_transformation_operations_total: [7, {}, {value: x}]}", 35, "true", "unavailable", "unavailable" },
};

START_TEST(encryption_is_what_was_seen)
{
    for (int i = 0; i < 2 && encryption_row[_i].args[i]; i++)
        add_apiserver(i ? "kube-apiserver-b" : "kube-apiserver-a", encryption_row[_i].args[i]);
    cluster.metrics = from_yaml(&arena, encryption_row[_i].metrics);
    if (cluster.metrics.kind == VALUE_NULL)
        cluster.endpoint[ENDPOINT_METRICS].state = COVERAGE_DENIED;
    cluster.minor = encryption_row[_i].minor;
    struct value v = fact("encryption");
    ck_assert_text(show(at(v, "configured")), encryption_row[_i].configured);
    ck_assert_text(show(at(v, "secretsProvider")), encryption_row[_i].provider);
    ck_assert_text(show(at(v, "readsPlain")), encryption_row[_i].plain);
    ck_assert_text(show(at(v, "valid")), "unavailable");
}
END_TEST

START_TEST(pods_not_seen_leave_encryption_open)
{
    add_apiserver("kube-apiserver-a", ENC);
    deny(KIND_PODS);
    ck_assert_text(show(at(fact("encryption"), "configured")), "unavailable");
    add_apiserver("kube-apiserver-b", "");
    ck_assert_text(show(at(fact("encryption"), "configured")), "false"); /* witnessed */
}
END_TEST

/* hash_suffix: of the metric that tells the file in force; NULL: the given file's; "": there is no such metric. */
static struct value encryption_with_file(const char *provider, const char *hash_suffix)
{
    struct encryption_config c;
    struct err err = { 0 };
    struct str text = str_printf(
        &arena,
        "kind: EncryptionConfiguration\napiVersion: apiserver.config.k8s.io/v1\nresources: [{resources: [secrets], providers: [%s]}]\n",
        provider);
    ck_assert_msg(encryption_read(&c, &arena, text, "f", false, &err), "%s", err.text);
    struct str metrics =
        str_printf(&arena, "{" WHOLE ", apiserver_encryption_config_controller_last_config_info: [{hash: 'sha256:%s', value: 1.0}]}",
                   hash_suffix ? hash_suffix : c.sha256);
    cluster.metrics = hash_suffix && !*hash_suffix ? value_null() : from_yaml(&arena, str_to_c(&arena, metrics));
    struct facts *f = facts_open(&arena, &cluster);
    facts_give_encryption(f, &c);
    facts_complete(f);
    for (size_t i = 0; i < fact_count; i++) {
        if (!strcmp(fact_info[i].name, "encryption"))
            return facts_get(f, i);
    }
    return value_null();
}

START_TEST(a_file_counts_unless_another_is_in_force)
{
    const char *kms = "{kms: {apiVersion: v2, name: vault, endpoint: 'unix:///x'}}",
               *short_key = "{aescbc: {keys: [{name: k, secret: c2hvcnQ=}]}}";
    struct value v = encryption_with_file(kms, NULL);
    ck_assert_text(show(at(v, "secretsProvider")), "kms-v2");
    ck_assert_text(show(at(v, "valid")), "true");
    v = encryption_with_file(kms, "beef");
    ck_assert_text(show(at(v, "secretsProvider")), "unavailable");
    v = encryption_with_file(kms, "");
    ck_assert_text(show(at(v, "secretsProvider")), "kms-v2");
    /* no API server starts with it, so it shows nothing */
    v = encryption_with_file(short_key, "");
    ck_assert_text(show(at(v, "secretsProvider")), "unavailable");
    ck_assert_text(show(at(v, "valid")), "false");
}
END_TEST

static const struct {
    const char *args, *metrics, *always, *rbac, *modes, *pod_security;
} server_row[] = {
    { "--authorization-mode=Node", "{}", "false", "false", "[Node]", "true" },
    { "'--authorization-mode=Node,RBAC'", "{}", "false", "true", "[Node,RBAC]", "true" },
    { "", "{}", "true", "false", "[AlwaysAllow]", "true" },
    { "--authorization-config=/x", "{}", "unavailable", "unavailable", "[]", "true" },
    { "--authorization-config=/x", "{apiserver_authorization_decisions_total: [{type: RBAC, value: 1.0}]}", "unavailable", "true", "[RBAC]",
      "true" },
    { NULL, "{apiserver_authorization_decisions_total: [{type: AlwaysAllow, value: 1.0}]}", "true", "unavailable", "[AlwaysAllow]",
      "unavailable" },
    { NULL, "{pod_security_evaluations_total: [{mode: enforce, value: 3.0}]}", "unavailable", "unavailable", "[]", "true" },
    { NULL, "{pod_security_evaluations_total: [{mode: enforce, value: 0.0}, {mode: audit, value: 3.0}]}", "unavailable", "unavailable",
      "[]", "unavailable" },
    { "'--disable-admission-plugins=X,PodSecurity', --authorization-mode=RBAC",
      "{pod_security_evaluations_total: [{mode: enforce, value: 3.0}]}", "false", "true", "[RBAC]", "false" },
};

START_TEST(authorization_and_pod_security)
{
    if (server_row[_i].args)
        add_apiserver("kube-apiserver-a", server_row[_i].args);
    cluster.metrics = from_yaml(&arena, server_row[_i].metrics);
    struct value v = fact("authorization");
    ck_assert_text(show(at(v, "alwaysAllow")), server_row[_i].always);
    ck_assert_text(show(at(v, "rbac")), server_row[_i].rbac);
    ck_assert_text(show(at(v, "modes")), server_row[_i].modes);
    ck_assert_text(show(at(fact("podSecurityAdmission"), "on")), server_row[_i].pod_security);
}
END_TEST

START_TEST(api_servers_are_rows)
{
    add_apiserver("kube-apiserver-b", "--profiling");
    add_apiserver("kube-apiserver-a", ENC);
    struct facts *f = facts_now();
    struct rows r = rows_of(f, "apiservers");
    ck_assert_uint_eq(r.object.count, 2);
    ck_assert_text(show(r.object.item[0]), "{name=kube-apiserver-a,pod=kube-apiserver-a,namespace=kube-system,node=n1}");
    ck_assert_text(show(at(r.derived.item[0], "encryption")), "{configured=true,file=/e,automaticReload=false}");
    ck_assert_text(show(at(r.derived.item[1], "flags")), "{profiling=true}");
    ck_assert_uint_eq(fact("apiServers").n, 2);
}
END_TEST

/* ---- add-ons ---- */

static const struct {
    const char *ns, *name, *image, *names, *enforces;
} plugin_row[] = {
    { "kube-system", "calico-node", "docker.io/calico/node:v3.28", "[calico]", "true" },
    { "calico-system", "calico-node", "corp.example/mirror/calico-node@sha256:00", "[calico]", "null" },
    { "shop-system", "calico-node", "docker.io/calico/node:v3.28", "[]", "null" },
    { "shop", "agent", "docker.io/calico/node:v3.28", "[]", "null" },
    { "shop", "agent", "ghcr.io/flannel-io/flannel:v0.26", "[]", "null" },
    { "shop", "agent", "x/aws-network-policy-agent:v1", "[]", "null" },
    { "kube-system", "canal", "rancher/hardened-calico:v3", "[calico]", "true" },
    { "kube-system", "cilium", "quay.io/cilium/cilium:v1.16", "[cilium]", "true" },
    { "kube-system", "tetragon", "quay.io/cilium/tetragon:v1", "[]", "null" },
    { "kube-system", "anetd", "gke.gcr.io/x:1", "[gke-dataplane-v2]", "true" },
    { "dev", "cilium", "example/app:1", "[]", "null" },
    { "kube-flannel", "kube-flannel-ds", "ghcr.io/flannel-io/flannel:v0.26", "[flannel]", "false" },
    { "kube-system", "aws-node", "602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:v1.19", "[aws-vpc-cni]", "false" },
    { "kube-system", "aws-np", "602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon/aws-network-policy-agent:v1",
      "[aws-network-policy-agent]", "null" },
    { "kube-system", "kindnet", "docker.io/kindest/kindnetd:v20240202-8f1494ea", "[kindnet]", "false" },
    { "kube-system", "kindnet", "docker.io/kindest/kindnetd:v20250214-acbabc1a", "[kindnet]", "true" },
    { "kube-system", "kindnet", "docker.io/kindest/kindnetd:latest", "[kindnet]", "null" },
    { "kube-system", "kube-router", "x:5000/cloudnativelabs/kube-router", "[kube-router]", "true" },
    { "openshift-ovn-kubernetes", "ovnkube-node", "quay.io/openshift@sha256:0", "[ovn-kubernetes]", "null" },
    { "kube-system", "antrea-agent", "antrea/antrea-agent-ubuntu:v2", "[antrea]", "true" },
    { "kube-system", "weave-net", "weaveworks/weave-npc:2", "[weave]", "true" },
    { "kube-system", "azure-npm", "mcr.microsoft.com/containernetworking/azure-npm:v1", "[azure-npm]", "true" },
};

START_TEST(network_plugins)
{
    add_workload(KIND_DAEMONSETS, plugin_row[_i].ns, plugin_row[_i].name, plugin_row[_i].image);
    struct value v = fact("networkPlugin");
    ck_assert_text(show(at(v, "names")), plugin_row[_i].names);
    ck_assert_text(show(at(v, "enforces")), plugin_row[_i].enforces);
    /* The same unseen: only what was witnessed stands. */
    deny(KIND_DAEMONSETS);
    v = fact("networkPlugin");
    ck_assert_text(value_is_error(v) ? STR("unavailable") : show(at(v, "enforces")),
                   !strcmp(plugin_row[_i].enforces, "true") ? "true" : "unavailable");
}
END_TEST

/* Whether the administrator's policies are enforced too, by the plugin and its version. */
static const struct {
    const char *ns, *name, *image, *admin;
} admin_row[] = {
    { "kube-system", "calico-node", "docker.io/calico/node:v3.30.0", "true" },
    { "kube-system", "calico-node", "docker.io/calico/node:v3.29.4", "null" },
    { "kube-system", "calico-node", "docker.io/calico/node:v3.30.2-amd64", "true" },
    { "kube-system", "calico-node", "docker.io/calico/node:v3.28.3", "null" },
    { "kube-system", "calico-node", "docker.io/calico/node:latest", "null" },
    { "calico-system", "calico-node", "docker.io/calico/node:v3.30.0", "null" },
    { "kube-system", "cilium", "quay.io/cilium/cilium:v1.18.0", "null" },
    { "kube-system", "ovnkube-node", "ghcr.io/ovn-kubernetes/ovn-kubernetes/ovn-kube-u:master", "true" },
    { "kube-system", "antrea-agent", "antrea/antrea-agent-ubuntu:v2", "null" },
    { "kube-system", "kube-flannel-ds", "ghcr.io/flannel-io/flannel:v0.26", "null" },
};

START_TEST(plugins_and_the_administrators_policies)
{
    add_workload(KIND_DAEMONSETS, admin_row[_i].ns, admin_row[_i].name, admin_row[_i].image);
    ck_assert_text(show(at(fact("networkPlugin"), "enforcesAdmin")), admin_row[_i].admin);
}
END_TEST

START_TEST(several_plugins)
{
    add_workload(KIND_DEPLOYMENTS, "kube-system", "calico-node", "calico/node:v3");
    ck_assert_text(show(at(fact("networkPlugin"), "names")), "[]"); /* no agent on the nodes */
    add_workload(KIND_DAEMONSETS, "kube-system", "kube-flannel-ds", "flannel/flannel:v1");
    keep(KIND_CRDS, "{metadata: {name: felixconfigurations.crd.projectcalico.org}}");
    struct value v = fact("networkPlugin");
    ck_assert_text(show(at(v, "names")), "[calico,flannel]");
    ck_assert_text(show(at(v, "enforces")), "null");
}
END_TEST

#define EVERY_POD "rules: [{operations: [CREATE, UPDATE], apiGroups: [''], apiVersions: [v1], resources: [pods, pods/ephemeralcontainers]}]"
#define PODS_RULE "rules: [{operations: [CREATE], apiGroups: [''], resources: [pods]}]"

START_TEST(policy_engines)
{
    ck_assert_text(show(fact("policyEngines")), "[]");
    keep(KIND_VALIDATINGWEBHOOKS,
         "{metadata: {name: kv}, webhooks: [{name: validate.kyverno.svc-fail, " PODS_RULE
         "}, {name: validate.kyverno.svc-ignore, failurePolicy: Ignore, " PODS_RULE "}, {name: cert-manager, " PODS_RULE "}, 7]}");
    keep(KIND_VALIDATINGWEBHOOKS, "{metadata: {name: gk}, webhooks: [{name: check-ignore-label.gatekeeper.sh, rules: [{operations: "
                                  "[CREATE], apiGroups: [''], resources: [namespaces]}]}]}");
    keep(KIND_ADMISSIONPOLICIES,
         "{metadata: {name: p1}, spec: {matchConstraints: {resourceRules: [{operations: ['*'], apiGroups: ['*'], resources: ['*']}]}}}");
    keep(KIND_ADMISSIONPOLICIES, "{metadata: {name: p2}, spec: {failurePolicy: Ignore}}");
    keep(KIND_ADMISSIONBINDINGS, "{metadata: {name: b1}, spec: {policyName: p1, validationActions: [Deny, Audit]}}");
    keep(KIND_ADMISSIONBINDINGS, "{metadata: {name: b2}, spec: {policyName: p2, validationActions: [Warn]}}");
    struct value v = fact("policyEngines");
    VEC(struct str) part = { 0 };
    for (uint32_t i = 0; i < v.n; i++) {
        struct value e = value_item(v, i);
        *VEC_PUSH(&part, &arena) =
            str_printf(&arena, "%.*s %.*s %.*s %.*s", STR_ARG(value_text(at(e, "object"))), STR_ARG(show(at(e, "judgesPods"))),
                       STR_ARG(show(at(e, "enforcing"))), STR_ARG(value_text(at(e, "failurePolicy"))));
    }
    ck_assert_text(str_join(&arena, part.item, part.count, STR("; ")),
                   "gk/check-ignore-label.gatekeeper.sh false null Fail; kv/validate.kyverno.svc-fail true null Fail; "
                   "kv/validate.kyverno.svc-ignore true false Ignore; "
                   "p1 true true Fail; p2 false false Ignore");
}
END_TEST

static const struct {
    const char *webhook, *enforcing;
} reach_row[] = {
    { EVERY_POD, "true" },
    { "rules: [{operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*']}]", "true" },
    { "namespaceSelector: {}, objectSelector: {}, matchConditions: [], " EVERY_POD, "true" },
    { "namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system, verifier]}]}, "
      "clientConfig: {service: {namespace: verifier, name: s}}, " EVERY_POD,
      "true" },
    { "namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system, "
      "verifier]}]}, " EVERY_POD,
      "false" },
    { "namespaceSelector: {matchLabels: {verify: 'yes'}}, " EVERY_POD, "false" },
    { "objectSelector: {matchLabels: {verify: 'yes'}}, " EVERY_POD, "null" },
    { "matchConditions: [{name: n, expression: 'false'}], " EVERY_POD, "null" },
    { "failurePolicy: Ignore, " EVERY_POD, "false" },
    { "rules: [{operations: [CREATE, UPDATE], apiGroups: [apps], apiVersions: [v1], resources: [deployments]}]", "false" },
    { "rules: [{operations: [UPDATE], apiGroups: [''], apiVersions: [v1], resources: [pods, pods/ephemeralcontainers]}]", "false" },
    { "rules: [{operations: [CREATE, UPDATE], apiGroups: [''], apiVersions: [v2], resources: [pods, pods/ephemeralcontainers]}]", "false" },
    { "rules: [{operations: [CREATE, UPDATE], apiGroups: [''], apiVersions: [v1], scope: Cluster, resources: [pods, "
      "pods/ephemeralcontainers]}]",
      "false" },
    { "rules: [{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [pods, pods/ephemeralcontainers]}]", "null" },
    { "rules: [{operations: [CREATE, UPDATE], apiGroups: [''], apiVersions: [v1], resources: [pods]}]", "null" },
    { "rules: []", "false" },
};

START_TEST(a_verifier_counts_as_far_as_it_is_asked)
{
    keep(KIND_NAMESPACES, "{metadata: {name: shop, labels: {kubernetes.io/metadata.name: shop}}}");
    keep(KIND_NAMESPACES, "{metadata: {name: verifier, labels: {kubernetes.io/metadata.name: verifier}}}");
    keep(KIND_NAMESPACES, "{metadata: {name: kube-system, labels: {kubernetes.io/metadata.name: kube-system}}}");
    keep(KIND_VALIDATINGWEBHOOKS,
         str_to_c(&arena, str_printf(&arena, "{metadata: {name: k}, webhooks: [{name: connaisseur.x, %s}]}", reach_row[_i].webhook)));
    ck_assert_text(show(at(value_item(fact("imageVerifiers"), 0), "enforcing")), reach_row[_i].enforcing);
}
END_TEST

START_TEST(a_verifier_counts_where_webhooks_are_asked)
{
    keep(KIND_VALIDATINGWEBHOOKS, "{metadata: {name: k}, webhooks: [{name: connaisseur.x, " EVERY_POD "}]}");
    add_apiserver("kube-apiserver-a", "--disable-admission-plugins=MutatingAdmissionWebhook");
    ck_assert_text(show(at(value_item(fact("imageVerifiers"), 0), "enforcing")), "true");
    add_apiserver("kube-apiserver-b", "--disable-admission-plugins=ValidatingAdmissionWebhook");
    ck_assert_text(show(at(value_item(fact("imageVerifiers"), 0), "enforcing")), "false");
}
END_TEST

START_TEST(verifiers_and_stores)
{
    ck_assert_text(show(fact("imageVerifiers")), "[]");
    ck_assert_text(show(fact("secretStores")), "[]");
    add_apiserver("kube-apiserver-a", "--enable-admission-plugins=ImagePolicyWebhook, --admission-control-config-file=/x");
    keep(KIND_MUTATINGWEBHOOKS, "{metadata: {name: c}, webhooks: [{name: connaisseur-svc.connaisseur.svc, failurePolicy: Fail, " EVERY_POD
                                "}, {name: vault.hashicorp.com}]}");
    keep(KIND_CSIDRIVERS, "{metadata: {name: secrets-store.csi.k8s.io}}");
    keep(KIND_CRDS, "{metadata: {name: externalsecrets.external-secrets.io}}");
    struct value v = fact("imageVerifiers");
    ck_assert_uint_eq(v.n, 2);
    ck_assert_text(value_text(at(value_item(v, 0), "name")), "ImagePolicyWebhook");
    ck_assert_text(value_text(at(value_item(v, 1), "name")), "connaisseur");
    ck_assert_text(show(at(value_item(v, 0), "enforcing")), "true");
    ck_assert_text(show(at(value_item(v, 1), "enforcing")), "true");
    v = fact("secretStores");
    ck_assert_uint_eq(v.n, 3);
    ck_assert_text(value_text(at(value_item(v, 0), "name")), "external-secrets");
    ck_assert_text(show(at(value_item(v, 0), "copies")), "true");
    ck_assert_text(value_text(at(value_item(v, 2), "name")), "vault-injector");
    add_apiserver("kube-apiserver-b", "");
    ck_assert_text(show(at(value_item(fact("imageVerifiers"), 0), "enforcing")), "false");
    cluster.kept[KIND_MUTATINGWEBHOOKS].count = 0;
    cluster.component_pod.count = 0;
    deny(KIND_MUTATINGWEBHOOKS);
    ck_assert_text(show(fact("imageVerifiers")), "unavailable");
}
END_TEST

#define COUNT(x) (int)(sizeof(x) / sizeof *(x))

int main(void)
{
    Suite *s = suite_create("facts_platform");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, encryption_is_what_was_seen, 0, COUNT(encryption_row));
    tcase_add_test(t, pods_not_seen_leave_encryption_open);
    tcase_add_test(t, a_file_counts_unless_another_is_in_force);
    tcase_add_loop_test(t, authorization_and_pod_security, 0, COUNT(server_row));
    tcase_add_test(t, api_servers_are_rows);
    tcase_add_loop_test(t, network_plugins, 0, COUNT(plugin_row));
    tcase_add_loop_test(t, plugins_and_the_administrators_policies, 0, COUNT(admin_row));
    tcase_add_test(t, several_plugins);
    tcase_add_test(t, policy_engines);
    tcase_add_loop_test(t, a_verifier_counts_as_far_as_it_is_asked, 0, COUNT(reach_row));
    tcase_add_test(t, a_verifier_counts_where_webhooks_are_asked);
    tcase_add_test(t, verifiers_and_stores);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
