/* Recorded command lines of components, and what CIS checks say of them, put to the shipped benchmark's own checks: each line becomes
 * the mirror pod, or the kubelet, of a cluster that is audited whole. */
#include "cases/cases.h"
#include "cases/kubelet_lines.h"

#include "audit/audit.h"
#include "cluster/manifests.h"
#include "value/yaml.h"

#ifndef TEST_BENCHMARK
#define TEST_BENCHMARK "benchmarks/cis-kubernetes-2.0.1.yaml"
#endif

static struct arena keep;
static struct benchmark bench;

/* ---- a cluster of one command line */

/* The Kubernetes that each version of the benchmark is written for: defaults go by it. Control numbers are the same in all of them
 * and in 2.0.1, as far as the component has checks there. */
static const struct {
    const char *benchmark;
    const char *minor;
} version_row[] = { { "cis-1.10", "28" }, { "cis-1.11", "31" }, { "cis-1.12", "34" } };

static const char *minor_of(struct str benchmark)
{
    for (size_t i = 0; i < sizeof version_row / sizeof *version_row; i++)
        if (str_eq_c(benchmark, version_row[i].benchmark))
            return version_row[i].minor;
    return "35";
}

static struct value texts(struct arena *a, const char *first, struct value rest)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_push(&b, value_cstr(first));
    for (uint32_t i = 0; rest.kind == VALUE_LIST && i < rest.n; i++)
        value_builder_push(&b, value_item(rest, i));
    return value_builder_list(&b);
}

static struct value parsed(struct arena *a, struct str json)
{
    struct value v;
    struct err err = { 0 };
    if (!json_doc_read(&v, a, json, "fixture", &err)) {
        fprintf(stderr, "%s\n", err.text);
        return value_null();
    }
    return v;
}

/* The mirror pod of a component whose command line is args. */
static struct value mirror_pod(struct arena *a, const char *component, struct value args)
{
    struct value pod = parsed(
        a, str_printf(
               a,
               "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"%s-cp-1\",\"namespace\":\"kube-system\",\"annotations\":"
               "{\"kubernetes.io/"
               "config.mirror\":\"x\"},\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"name\":\"cp-1\",\"uid\":\"u\"}]}}",
               component));
    struct value_builder container, containers, spec, b;
    value_builder_init(&container, a);
    value_builder_set(&container, "name", value_cstr(component));
    value_builder_set(&container, "command", texts(a, component, args));
    value_builder_init(&containers, a);
    value_builder_push(&containers, value_builder_map(&container));
    value_builder_init(&spec, a);
    value_builder_set(&spec, "nodeName", value_cstr("cp-1"));
    value_builder_set(&spec, "containers", value_builder_list(&containers));
    value_builder_init(&b, a);
    for (uint32_t i = 0; i < pod.n; i++)
        value_builder_put(&b, pod.as.map->entry[i].key, pod.as.map->entry[i].val);
    value_builder_set(&b, "spec", value_builder_map(&spec));
    return value_builder_map(&b);
}

/* The rows of etcd tell nothing of the API server beside it, whose authority must be another one (2.7). */
static struct value neighbour(struct arena *a)
{
    return mirror_pod(a, "kube-apiserver", parsed(a, STR("[\"--client-ca-file=/neighbour/ca.crt\"]")));
}

static bool audit_of(struct result *r, struct arena *a, const struct value *object, size_t count, struct value answers,
                     const bool *selected)
{
    struct cluster *cluster = arena_new(a, struct cluster);
    struct collected collected = { .cluster = cluster };
    struct client_limits limits;
    struct client client;
    struct err err = { 0 };
    struct audit_options o = { .selected = selected };
    cluster_init(cluster, a);
    bool ok = benchmark_params(&bench, NULL, 0, a, &o.params, &err);
    struct audit *au = audit_open(a, &bench, cluster, &o);
    struct collect_observer observer = { .object = audit_object, .early_done = audit_early_done, .ctx = au };
    struct collect_options needs = audit_needs(au);
    needs.no_probes = true;         /* of a server that is not there */
    needs.kubelets = KUBELET_PROXY; /* where there is a Node */
    client_limits_default(&limits);
    client_init(&client, manifests_of(a, object, count, answers), a, &limits);
    ok = ok && collect_run(&collected, &client, &needs, &observer, &err) && audit_finish(au, NULL, 0, r, &err);
    if (!ok)
        fprintf(stderr, "the audit could not be made: %s\n", err.text);
    return ok;
}

static struct value version_of(struct arena *a, const char *minor)
{
    return parsed(a, str_printf(a, "[{\"path\":\"/version\",\"body\":{\"gitVersion\":\"v1.%s.0\",\"minor\":\"%s\"}}]", minor, minor));
}

/* ---- where kube-bench is wrong, or judges what a command line does not hold */

/* component, control, a flag ("" any) that has to be absent or to have value for the row to be meant, and why we say otherwise. */
enum when { WHEN_ALWAYS, WHEN_ABSENT, WHEN_IS, WHEN_ABOVE };
static const struct {
    const char *component, *control;
    enum when when;
    const char *flag, *value; /* value: a prefix; a whole number */
    const char *expected;     /* what kube-bench says: "pass" or "fail" */
    const char *why;
} known[] = {
    { "kube-controller-manager", "1.3.7", WHEN_ABSENT, "bind-address", "", "pass", "without --bind-address it listens on every address" },
    { "kube-scheduler", "1.4.2", WHEN_ABSENT, "bind-address", "", "pass", "without --bind-address it listens on every address" },
    { "kube-controller-manager", "1.3.1", WHEN_ABOVE, "terminated-pod-gc-threshold", "12500", "pass",
      "more than the default keeps more, kube-bench takes any value" },
    { "kube-controller-manager", "1.3.7", WHEN_IS, "bind-address", "::1", "fail", "the loopback address of IPv6 is one too" },
    { "kube-scheduler", "1.4.2", WHEN_IS, "bind-address", "::1", "fail", "the loopback address of IPv6 is one too" },
    { "kube-apiserver", "1.2.6", WHEN_IS, "authorization-mode", "Node,Zeta", "pass",
      "no API server starts with a mode that it does not know: nothing can be said" },
    { "kube-apiserver", "1.2.6", WHEN_IS, "authorization-mode", "RBAC,Zeta", "pass",
      "no API server starts with a mode that it does not know: nothing can be said" },
    { "kube-apiserver", "1.2.6", WHEN_IS, "authorization-mode", "RBAC,node", "pass",
      "no API server starts with a mode that it does not know: nothing can be said" },
    { "kube-apiserver", "1.2.9", WHEN_ABSENT, "admission-control-config-file", "", "pass",
      "EventRateLimit has no limits without its configuration file, and does not start" },
    { "kube-apiserver", "1.2.28", WHEN_IS, "encryption-provider-config", "", "fail",
      "what the file says is not in a command line; kube-bench found no file to read" },
    { "etcd", "2.4", WHEN_ABSENT, "listen-peer-urls", "", "pass", "a single member that listens to itself has no peers: not applicable" },
    { "etcd", "2.4", WHEN_ABSENT, "listen-peer-urls", "", "fail", "a single member that listens to itself has no peers: not applicable" },
    { "etcd", "2.5", WHEN_ABSENT, "listen-peer-urls", "", "pass", "a single member that listens to itself has no peers: not applicable" },
    { "etcd", "2.5", WHEN_ABSENT, "listen-peer-urls", "", "fail", "a single member that listens to itself has no peers: not applicable" },
};

static size_t known_seen[sizeof known / sizeof *known];

static struct str flag_in(struct value flags, const char *flag, bool *found)
{
    const struct value *v = value_get(flags, str_from_c(flag));
    *found = v != NULL;
    return v ? value_text(*v) : STR("");
}

static bool is_above(struct str text, const char *limit)
{
    int64_t n, most;
    return str_to_int64(text, &n) && str_to_int64(str_from_c(limit), &most) && n > most;
}

/* A flag that the component would refuse decides nothing: UNKNOWN, where kube-bench compares its text, or asks only whether the word is
 * there. */
static size_t refused_seen;

static bool is_refused(const char *got, struct value flags)
{
    bool any = false;
    for (uint32_t i = 0; flags.kind == VALUE_MAP && i < flags.n; i++)
        any = any || value_is_error(flags.as.map->entry[i].val);
    bool listed = any && !strcmp(got, "unknown");
    refused_seen += listed;
    return listed;
}

static const char *known_reason(struct str component, struct str control, const char *expected, struct value flags)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        bool there;
        if (!str_eq_c(component, known[i].component) || !str_eq_c(control, known[i].control) || strcmp(expected, known[i].expected) != 0)
            continue;
        struct str v = known[i].flag[0] ? flag_in(flags, known[i].flag, &there) : (there = false, STR(""));
        if (known[i].when == WHEN_ALWAYS || (known[i].when == WHEN_ABSENT && !there) ||
            (known[i].when == WHEN_IS && there && str_has_prefix(v, str_from_c(known[i].value))) ||
            (known[i].when == WHEN_ABOVE && there && is_above(v, known[i].value))) {
            known_seen[i]++;
            return known[i].why;
        }
    }
    return NULL;
}

/* ---- kube-bench/index */

static const struct check_result *result_of(const struct result *r, struct str id)
{
    for (size_t i = 0; i < r->check_count; i++)
        if (str_eq(r->check[i].check->id, id))
            return &r->check[i];
    return NULL;
}

static void select_listed(bool *selected, struct value ids)
{
    for (uint32_t i = 0; ids.kind == VALUE_LIST && i < ids.n; i++) {
        const struct check *c = benchmark_find(&bench, value_text(value_item(ids, i)));
        if (c)
            selected[c - bench.check] = true;
    }
}

static bool compare(const struct result *r, struct value row, struct value ids, const char *expected, struct value flags)
{
    bool ok = true;
    struct str component = value_text_at(row, "input", "component", NULL);
    for (uint32_t i = 0; ids.kind == VALUE_LIST && i < ids.n; i++) {
        struct str id = value_text(value_item(ids, i));
        const struct check_result *c = result_of(r, id);
        const char *got = c ? verdict_name(c->verdict) : "no such check";
        if (!strcmp(got, expected))
            continue;
        const char *why = known_reason(component, id, expected, flags);
        if (why || is_refused(got, flags))
            continue;
        ok = false;
        if (getenv("CASES_VERBOSE"))
            printf("%.*s %.*s %.*s: kube-bench says %s, we %s: %.*s\n", STR_ARG(value_text_at(row, "id", NULL)), STR_ARG(component),
                   STR_ARG(id), expected, got, c ? (int)c->reason.n : 0, c ? c->reason.p : "");
    }
    return ok;
}

static struct value flags_of(struct arena *a, struct str component, struct value args)
{
    struct str *arg = arena_array(a, struct str, args.kind == VALUE_LIST ? args.n : 0);
    for (uint32_t i = 0; args.kind == VALUE_LIST && i < args.n; i++)
        arg[i] = value_text(value_item(args, i));
    return (str_eq_c(component, "etcd") ? component_go_flags : component_flags)(a, arg, args.kind == VALUE_LIST ? args.n : 0);
}

static bool index_case(struct cases *c, struct value row, struct arena *a)
{
    struct result r = { 0 };
    const struct value *args = value_at(row, "input", "args", NULL), *pass = value_at(row, "expect", "pass", NULL),
                       *fail = value_at(row, "expect", "fail", NULL);
    struct str component = value_text_at(row, "input", "component", NULL);
    bool *selected = arena_array(a, bool, bench.check_count);
    (void)c;
    if (!args || !pass || !fail)
        return false;
    select_listed(selected, *pass);
    select_listed(selected, *fail);
    struct value object[] = { mirror_pod(a, str_to_c(a, component), *args), neighbour(a) };
    size_t count = str_eq_c(component, "etcd") ? 2 : 1;
    if (!audit_of(&r, a, object, count, version_of(a, minor_of(value_text_at(row, "params", "benchmark", NULL))), selected))
        return false;
    struct value flags = flags_of(a, component, *args);
    bool passed = compare(&r, row, *pass, "pass", flags);
    return compare(&r, row, *fail, "fail", flags) && passed;
}

/* 4.2.7 asks for the command line itself, which kubevouch node-facts shows; 4.2.15 is no control of 2.0.1. */
static bool is_shown_elsewhere(struct str control)
{
    return str_eq_c(control, "4.2.7") || str_eq_c(control, "4.2.15");
}

static size_t kubelet_known_seen[KUBELET_LINE_KNOWN + 1];

static bool compare_kubelet(const struct result *r, struct value row, struct value ids, const char *expected, struct value config)
{
    bool ok = true;
    for (uint32_t i = 0; ids.kind == VALUE_LIST && i < ids.n; i++) {
        struct str id = value_text(value_item(ids, i));
        const struct check_result *c = result_of(r, id);
        const char *got = c ? verdict_name(c->verdict) : "no such check";
        size_t why;
        if (!strcmp(got, expected) || is_shown_elsewhere(id))
            continue;
        if (kubelet_lines_reason(config, id, expected, got, &why)) {
            kubelet_known_seen[why]++;
            continue;
        }
        ok = false;
        if (getenv("CASES_VERBOSE"))
            printf("%.*s kubelet %.*s: kube-bench says %s, we %s\n", STR_ARG(value_text_at(row, "id", NULL)), STR_ARG(id), expected, got);
    }
    return ok;
}

static bool kubelet_case(struct value row, struct arena *a)
{
    struct result r = { 0 };
    const struct value *args = value_at(row, "input", "args", NULL), *file = value_at(row, "input", "config", NULL);
    const struct value *pass = value_at(row, "expect", "pass", NULL), *fail = value_at(row, "expect", "fail", NULL);
    bool *selected = arena_array(a, bool, bench.check_count);
    if (!args || args->kind != VALUE_LIST || !pass || !fail)
        return false;
    select_listed(selected, *pass);
    select_listed(selected, *fail);
    struct value config = kubelet_lines_config(a, *args, file);
    struct value node = parsed(a, STR("{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"n1\"}}"));
    if (!audit_of(&r, a, &node, 1, kubelet_lines_answers(a, config), selected))
        return false;
    bool passed = compare_kubelet(&r, row, *pass, "pass", config);
    return compare_kubelet(&r, row, *fail, "fail", config) && passed;
}

static bool any_case(struct cases *c, struct value row, struct arena *a)
{
    return str_eq_c(value_text_at(row, "input", "component", NULL), "kubelet") ? kubelet_case(row, a) : index_case(c, row, a);
}

/* ---- regolibrary: whole pods, as kubescape's own tests have them */

/* Where kubescape's rule is another one. */
static const struct {
    const char *id, *why;
} rego_known[] = {
    { "rego-r0278", "1.2.9: EventRateLimit has no limits without its configuration file, and does not start" },
    { "rego-r0244", "1.2.29: kubescape takes suites in CBC mode, with SHA-1" },
    { "rego-r0314", "1.2.18: kubescape asks to review every value; 10 is the least that is wanted" },
    { "rego-r0316", "1.2.19: kubescape asks to review every value; 100 is the least that is wanted" },
};

/* base with what over says on top; maps are merged. */
static struct value merged(struct arena *a, struct value base, struct value over)
{
    struct value_builder b;
    if (base.kind != VALUE_MAP || over.kind != VALUE_MAP)
        return over;
    value_builder_init(&b, a);
    for (uint32_t i = 0; i < base.n; i++) {
        const struct value *v = value_get(over, value_text(base.as.map->entry[i].key));
        value_builder_put(&b, base.as.map->entry[i].key, v ? merged(a, base.as.map->entry[i].val, *v) : base.as.map->entry[i].val);
    }
    for (uint32_t i = 0; i < over.n; i++)
        if (!value_get(base, value_text(over.as.map->entry[i].key)))
            value_builder_put(&b, over.as.map->entry[i].key, over.as.map->entry[i].val);
    return value_builder_map(&b);
}

/* The pod as the kubelet shows it: the tests leave out what makes it a mirror pod, and give several one name. */
static struct value as_mirror(struct arena *a, struct value pod, uint32_t at)
{
    struct value_builder b;
    struct str text = str_printf(a,
                                 "{\"metadata\":{\"name\":\"%.*s-%u\",\"annotations\":{\"kubernetes.io/"
                                 "config.mirror\":\"x\"},\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"Node\","
                                 "\"name\":\"n\",\"uid\":\"u\"}]},\"spec\":{\"nodeName\":\"n\"}}",
                                 STR_ARG(value_text_at(pod, "metadata", "name", NULL)), at);
    value_builder_init(&b, a);
    return merged(a, pod, parsed(a, text));
}

static bool has_apiserver(struct value pod)
{
    return str_has_prefix(value_text_at(pod, "metadata", "name", NULL), STR("kube-apiserver"));
}

static bool is_ours(struct value row)
{
    const struct value *cis = value_get(row, STR("cis"));
    struct str id = cis && cis->kind == VALUE_LIST && cis->n ? value_text(value_item(*cis, 0)) : STR("");
    bool is_flags = str_has_prefix(id, STR("1.2.")) || str_has_prefix(id, STR("1.3.")) || str_has_prefix(id, STR("1.4.")) ||
                    str_has_prefix(id, STR("2."));
    return is_flags && str_eq_c(value_text_at(row, "scope", NULL), "api");
}

static bool rego_case(struct cases *c, struct value row, struct arena *a)
{
    VEC(struct value) object = { 0 };
    const struct value *files = value_get(row, STR("input_files")), *cis = value_get(row, STR("cis")),
                       *fails = value_at(row, "expect", "fails", NULL);
    bool *selected = arena_array(a, bool, bench.check_count), api = false;
    struct result r = { 0 };
    for (uint32_t i = 0; files && files->kind == VALUE_LIST && i < files->n; i++) {
        struct node *doc;
        size_t count;
        struct err err = { 0 };
        if (!yaml_read(&doc, &count, a, cases_file(c, a, "regolibrary", value_text(value_item(*files, i))), "case", &err)) {
            fprintf(stderr, "%s\n", err.text);
            return false;
        }
        for (size_t k = 0; k < count; k++) {
            struct value v = node_value(a, &doc[k]);
            api |= has_apiserver(v);
            *VEC_PUSH(&object, a) = as_mirror(a, v, i);
        }
    }
    if (!api)
        *VEC_PUSH(&object, a) = neighbour(a);
    if (!cis || !fails || fails->kind != VALUE_LIST)
        return false;
    select_listed(selected, *cis);
    if (!audit_of(&r, a, object.item, object.count, version_of(a, "34"), selected) || !r.check_count)
        return false;
    bool ok = r.check[0].verdict == (fails->n ? VERDICT_FAIL : VERDICT_PASS);
    for (size_t i = 0; !ok && i < sizeof rego_known / sizeof *rego_known; i++)
        ok = str_eq_c(value_text_at(row, "id", NULL), rego_known[i].id);
    if (!ok && getenv("CASES_VERBOSE"))
        printf("%.*s %.*s: kubescape says %s, we %s: %.*s (%.*s)\n", STR_ARG(value_text_at(row, "id", NULL)), STR_ARG(r.check[0].check->id),
               fails->n ? "fail" : "pass", verdict_name(r.check[0].verdict), STR_ARG(r.check[0].reason),
               STR_ARG(value_text_at(row, "source", NULL)));
    return ok;
}

int main(int argc, char **argv)
{
    struct cases c;
    struct faults faults = { 0 };
    const char *srcdir = getenv("srcdir");
    if (!cases_open(&c, argc, argv))
        return 2;
    char *path = str_to_c(&keep, file_join(&keep, str_from_c(srcdir ? srcdir : ".."), STR(TEST_BENCHMARK)));
    if (!benchmark_load(&bench, &keep, path, &faults)) {
        for (size_t i = 0; i < faults.item.count; i++)
            fprintf(stderr, "%.*s\n", STR_ARG(faults.item.item[i].text));
        return 2;
    }
    cases_run(&c, "kube-bench/index", any_case);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        printf("listed: %s %s, kube-bench says %s, %zu times: %s\n", known[i].component, known[i].control, known[i].expected, known_seen[i],
               known[i].why);
    printf("listed: %zu times: a value, or the want of one, that the component refuses: UNKNOWN\n", refused_seen);
    for (size_t i = 0; i <= KUBELET_LINE_KNOWN; i++)
        printf("listed: kubelet %s, %zu times: %s\n", i < KUBELET_LINE_KNOWN ? kubelet_line_known[i].control : "any", kubelet_known_seen[i],
               i < KUBELET_LINE_KNOWN ? kubelet_line_known[i].why : "a value that no kubelet would start with: nothing can be said");
    c.counts = is_ours;
    cases_run(&c, "regolibrary/index", rego_case);
    for (size_t i = 0; i < sizeof rego_known / sizeof *rego_known; i++)
        printf("listed: %s, %s\n", rego_known[i].id, rego_known[i].why);
    arena_release(&keep);
    return cases_close(&c);
}
