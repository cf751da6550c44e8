/* Ways in from outside: objects, and the rows that they come to. */
#include "analyze/exposure/exposure.h"
#include "cluster/object.h"
#include "unit/from_yaml.h"

static struct arena arena;

static void teardown(void)
{
    arena_release(&arena);
}

#define NODE(address)         "{status: {addresses: [{type: ExternalIP, address: " address "}]}}"
#define INNER                 NODE("10.0.0.1")
#define OUTER                 NODE("198.51.100.7")
#define META                  "metadata: {name: x, namespace: shop}"
#define SERVICE(spec, status) "{" META ", spec: {" spec "}, status: {" status "}}"
#define PODS(ports)           "spec: {containers: [{name: c, ports: [" ports "]}]}"

/* Each way as "text [internet]", one after the other with "; " between. */
static const struct {
    enum kind kind;
    const char *node, *object, *want;
} row[] = {
    { KIND_SERVICES, INNER, SERVICE("type: ClusterIP, ports: [{port: 80}]", ""), "" },
    { KIND_SERVICES, INNER, SERVICE("ports: [{port: 80}]", ""), "" },
    { KIND_SERVICES, INNER, SERVICE("type: LoadBalancer, ports: [{port: 80}]", ""), "load-balancer TCP 80 [null]" },
    { KIND_SERVICES, INNER,
      SERVICE("type: LoadBalancer, ports: [{port: 53, protocol: UDP}]", "loadBalancer: {ingress: [{ip: 198.51.100.1}]}"),
      "load-balancer UDP 53 at 198.51.100.1 [true]" },
    { KIND_SERVICES, INNER,
      SERVICE("type: LoadBalancer, ports: [{port: 80}]", "loadBalancer: {ingress: [{ip: 10.1.1.1}, {ip: 'fd00::1'}]}"),
      "load-balancer TCP 80 at 10.1.1.1, fd00::1 [false]" },
    { KIND_SERVICES, INNER,
      SERVICE("type: LoadBalancer, ports: [{port: 80}]", "loadBalancer: {ingress: [{ip: 10.1.1.1}, {ip: '2a00:1450::1'}]}"),
      "load-balancer TCP 80 at 10.1.1.1, 2a00:1450::1 [true]" },
    { KIND_SERVICES, INNER, SERVICE("type: LoadBalancer, ports: [{port: 80}]", "loadBalancer: {ingress: [{hostname: internal-a.example}]}"),
      "load-balancer TCP 80 at internal-a.example [null]" },
    { KIND_SERVICES, INNER,
      SERVICE("type: LoadBalancer, loadBalancerSourceRanges: [192.0.2.0/24], ports: [{port: 80, nodePort: 30080}]", ""),
      "load-balancer TCP 80, only from 192.0.2.0/24 [null]; node-port TCP 30080 [null]" },
    { KIND_SERVICES, OUTER, SERVICE("type: NodePort, ports: [{port: 80, nodePort: 30080}, {port: 81}]", ""), "node-port TCP 30080 [true]" },
    { KIND_SERVICES, OUTER, SERVICE("type: NodePort, ports: [{port: 81}]", ""), "node-port [true]" },
    { KIND_SERVICES, OUTER, SERVICE("externalIPs: [10.0.0.9], ports: [{port: 80}]", ""), "external-ip TCP 80 at 10.0.0.9 [false]" },
    { KIND_SERVICES, INNER, SERVICE("externalIPs: [203.0.113.9, 10.0.0.9], ports: [{port: 80}]", ""),
      "external-ip TCP 80 at 203.0.113.9, 10.0.0.9 [true]" },
    { KIND_SERVICES, INNER, "{" META "}", "" },
    { KIND_SERVICES, INNER, SERVICE("type: [LoadBalancer], ports: {a: b}, externalIPs: 10.0.0.1", ""), "" },
    { KIND_INGRESSES, INNER,
      "{" META ", spec: {rules: [{host: a.example, http: {paths: [{backend: {service: {name: web, port: {number: 80}}}}]}}, {}]}}",
      "ingress TCP 80 for a.example, *, to Service shop/web port 80 [null]" },
    { KIND_INGRESSES, INNER,
      "{" META ", spec: {tls: [{}], defaultBackend: {service: {name: web, port: {name: http}}}}, status: {loadBalancer: {ingress: [{ip: "
      "198.51.100.1}]}}}",
      "ingress TCP 80, TCP 443 at 198.51.100.1 for *, to Service shop/web port http [true]" },
    { KIND_INGRESSES, INNER, "{" META ", spec: {rules: {a: b}}}", "ingress TCP 80 for * [null]" },
    { KIND_GATEWAYS, INNER,
      "{" META ", spec: {listeners: [{port: 443, protocol: HTTPS, hostname: '*.example'}, {port: 53, protocol: UDP}]}, status: {addresses: "
      "[{value: 198.51.100.1}]}}",
      "gateway TCP 443, UDP 53 at 198.51.100.1 for *.example, * [true]" },
    { KIND_HTTPROUTES, INNER,
      "{" META ", spec: {parentRefs: [{name: g}], hostnames: [a.example], rules: [{backendRefs: [{name: web, port: 80}, {name: db, "
      "namespace: other}]}]}}",
      "route for a.example, to Service shop/web port 80, Service other/db [null]" },
    { KIND_PODS, OUTER, "{" META ", " PODS("{containerPort: 80}") "}", "" },
    { KIND_PODS, OUTER, "{" META ", " PODS("{containerPort: 80, hostPort: 8080}") "}", "host-port TCP 8080 at 0.0.0.0 [true]" },
    { KIND_PODS, INNER, "{" META ", " PODS("{containerPort: 80, hostPort: 8080}") "}", "host-port TCP 8080 at 0.0.0.0 [null]" },
    { KIND_PODS, OUTER, "{" META ", " PODS("{containerPort: 80, hostPort: 8080, hostIP: 127.0.0.1}") "}",
      "host-port TCP 8080 at 127.0.0.1 [false]" },
    { KIND_PODS, OUTER, "{" META ", " PODS("{containerPort: 80, hostPort: 8080}") ", status: {phase: Succeeded}}", "" },
    { KIND_PODS, OUTER,
      "{" META ", spec: {hostNetwork: true, containers: [{name: c, ports: [{containerPort: 80, protocol: UDP, hostIP: 127.0.0.1}]}]}}",
      "host-network UDP 80 at 0.0.0.0 [true]" },
    { KIND_PODS, INNER, "{" META ", spec: {hostNetwork: true, containers: [{name: c}]}}", "host-network [null]" },
    { KIND_PODS, OUTER, "{" META ", spec: {initContainers: [{name: c, restartPolicy: Always, ports: [{containerPort: 1, hostPort: 81}]}]}}",
      "host-port TCP 81 at 0.0.0.0 [true]" },
    { KIND_DAEMONSETS, OUTER, "{" META ", spec: {template: {" PODS("{containerPort: 80, hostPort: 8080}") "}}}",
      "host-port TCP 8080 at 0.0.0.0 [true]" },
    { KIND_REPLICASETS, OUTER,
      "{metadata: {name: x, namespace: shop, ownerReferences: [{kind: Deployment, name: d, controller: true, apiVersion: apps/v1}]}, spec: "
      "{template: {" PODS("{containerPort: 80, hostPort: 8080}") "}}}",
      "" },
    { KIND_NAMESPACES, OUTER, "{" META "}", "" },
};

START_TEST(test_row)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct exposures x;
    struct str got = { 0 };
    exposures_init(&x, &arena);
    exposures_add_node(&x, from_yaml(&arena, row[_i].node));
    struct value object = from_yaml(&arena, row[_i].object);
    struct object_ref owner;
    exposures_add(&x, row[_i].kind, object, object_controller(object, &owner), &scratch);
    for (size_t i = 0; i < x.way.count; i++) {
        struct value internet = exposure_internet(&x, x.way.item[i]);
        got = str_printf(&arena, "%.*s%s%.*s [%s]", STR_ARG(got), i ? "; " : "", STR_ARG(exposure_text(&arena, x.way.item[i])),
                         internet.kind == VALUE_NULL ? "null"
                         : internet.as.b             ? "true"
                                                     : "false");
    }
    ck_assert_text(got, row[_i].want);
}
END_TEST

/* Pods of one owner with the same ports are one row, those of another owner, or with other ports, are not. */
START_TEST(test_pods_alike)
{
    static const char *const pod[] = {
        "{metadata: {name: a1, namespace: shop, ownerReferences: [{kind: DaemonSet, name: a, controller: true, apiVersion: "
        "apps/v1}]}, " PODS("{hostPort: 1}") "}",
        "{metadata: {name: a2, namespace: shop, ownerReferences: [{kind: DaemonSet, name: a, controller: true, apiVersion: "
        "apps/v1}]}, " PODS("{hostPort: 1}") "}",
        "{metadata: {name: a3, namespace: shop, ownerReferences: [{kind: DaemonSet, name: a, controller: true, apiVersion: "
        "apps/v1}]}, " PODS("{hostPort: 2}") "}",
        "{metadata: {name: a4, namespace: other, ownerReferences: [{kind: DaemonSet, name: a, controller: true, apiVersion: "
        "apps/v1}]}, " PODS("{hostPort: 1}") "}",
        "{metadata: {name: a, namespace: shop}, " PODS("{hostPort: 1}") "}",
    };
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct exposures x;
    exposures_init(&x, &arena);
    for (size_t i = 0; i < sizeof pod / sizeof *pod; i++)
        exposures_add(&x, KIND_PODS, from_yaml(&arena, pod[i]), false, &scratch);
    ck_assert_uint_eq(x.way.count, 4);
    ck_assert_text(x.way.item[0]->name, "a1");
    ck_assert_uint_eq(x.way.item[0]->pods, 2);
    ck_assert_uint_eq(x.way.item[1]->pods, 1);
}
END_TEST

START_TEST(test_public)
{
    static const struct {
        const char *text;
        bool public;
    } address[] = {
        { "10.255.255.255", false },
        { "11.0.0.0", true },
        { "172.15.0.1", true },
        { "172.16.0.1", false },
        { "172.32.0.1", true },
        { "192.168.1.1", false },
        { "100.64.0.1", false },
        { "100.128.0.1", true },
        { "127.0.0.1", false },
        { "169.254.169.254", false },
        { "8.8.8.8", true },
        { "255.255.255.255", false },
        { "::1", false },
        { "fd12::1", false },
        { "fe80::1", false },
        { "2001:4860::1", true },
        { "ff02::1", false },
    };
    for (size_t i = 0; i < sizeof address / sizeof *address; i++) {
        struct ip ip;
        ck_assert(ip_parse(&ip, str_from_c(address[i].text), NULL));
        ck_assert_msg(ip_is_public(&ip) == address[i].public, "%s", address[i].text);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("exposure");
    TCase *t = tcase_create("rows");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_loop_test(t, test_row, 0, sizeof row / sizeof *row);
    tcase_add_test(t, test_pods_alike);
    tcase_add_test(t, test_public);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
