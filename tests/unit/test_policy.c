/* Admission policies: read strictly, matched as the API server matches, evaluated as for a create. */
#include "audit/audit.h"
#include "bench/policy_benchmark.h"
#include "cluster/manifests.h"
#include "unit/from_yaml.h"
#include "vap/types.h"

static struct arena arena;

static void teardown(void)
{
    arena_release(&arena);
}

#define POLICY(name, spec) \
    "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: " name "}\nspec:\n" spec "---\n"
#define BINDING(name, policy, rest)                                                                                     \
    "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: " name "}\n" \
    "spec: {policyName: " policy ", validationActions: [Deny]" rest "}\n---\n"
#define RULE(rest)       "  matchConstraints: {resourceRules: [{" rest "}]}\n"
#define PODS             RULE("apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]")
#define SAYS(expression) "  validations: [{expression: \"" expression "\"}]\n"

static struct str first_fault(const struct faults *f)
{
    return f->item.count ? f->item.item[0].text : (struct str){ 0 };
}

static struct policies *read(const char *text)
{
    struct policies *p = arena_new(&arena, struct policies);
    struct faults faults = { 0 };
    bool ok = policies_parse(p, &arena, str_from_c(text), "p.yaml", &faults) && policies_link(p, &arena, &faults);
    ck_assert_msg(ok, "%.*s in: %s", STR_ARG(first_fault(&faults)), text);
    return p;
}

/* ---- reading */

static const struct {
    const char *text, *want; /* want: part of the first fault */
} fault_row[] = {
    { POLICY("p", PODS "  validatons: []\n" SAYS("true")),
      "p.yaml:6:3: unknown key \"validatons\" in a policy's spec; did you mean \"validations\"?" },
    { POLICY("p", PODS SAYS("object.spec.x ==")), "p.yaml:6:" },
    { POLICY("p", PODS SAYS("objekt.spec")), "objekt" },
    { POLICY("p", PODS SAYS("'a'")), "never gives true or false" },
    { POLICY("p", PODS SAYS("params.x")), "params" },
    { POLICY("p", PODS), "neither validations nor auditAnnotations" },
    { POLICY("p", "  matchConstraints: {}\n" SAYS("true")), "needs resourceRules" },
    { POLICY("p", PODS "  failurePolicy: Sometimes\n" SAYS("true")), "failurePolicy" },
    { POLICY("p", "  matchConstraints: {resourceRules: [{apiGroups: ['']}]}\n" SAYS("true")), "needs the key" },
    { POLICY("p", "  matchConstraints: {objectSelector: [a], resourceRules: []}\n" SAYS("true")),
      "objectSelector must be a label selector" },
    { POLICY("p", PODS SAYS("true")) POLICY("p", PODS SAYS("true")), "is there twice" },
    { POLICY("p", PODS SAYS("facts.x == 1")), "facts" },
    { POLICY("p", PODS SAYS("has(variables.nothing)")), "variables" },
    { POLICY("p", PODS SAYS("variables.?nothing.hasValue()")), "variables" },
    { POLICY("p",
             PODS "  matchConditions: [{name: c, expression: 'variables.v'}]\n  variables: [{name: v, expression: 'true'}]\n" SAYS("true")),
      "variables" },
    { BINDING("b", "p", ", paramRef: {name: a, selector: {}, parameterNotFoundAction: Deny}"), "both name and selector" },
    { BINDING("b", "p", ", paramRef: {name: a}"), "parameterNotFoundAction" },
    { BINDING("b", "p", ", paramRef: {parameterNotFoundAction: Deny}"), "needs name or selector" },
    { "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: b}\n"
      "spec: {policyName: p, validationActions: [Refuse]}\n",
      "not \"Refuse\"" },
    { "apiVersion: admissionregistration.k8s.io/v1alpha1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: p}\nspec: {}\n",
      "v1 and v1beta1" },
    { "just text", "expected an object" },
    { "a: [", "p.yaml:" },
};

START_TEST(faults_have_a_place)
{
    struct policies p = { 0 };
    struct faults faults = { 0 };
    bool ok = policies_parse(&p, &arena, str_from_c(fault_row[_i].text), "p.yaml", &faults) && policies_link(&p, &arena, &faults);
    ck_assert_msg(!ok, "was read: %s", fault_row[_i].text);
    ck_assert_uint_gt(faults.item.count, 0);
    ck_assert_msg(str_find(first_fault(&faults), str_from_c(fault_row[_i].want), 0) != SIZE_MAX, "got %.*s", STR_ARG(first_fault(&faults)));
}
END_TEST

/* What is read for an audit, and refused when it is created: by lint. */
static const struct {
    const char *text, *want;
} created_row[] = {
    { POLICY("p", PODS SAYS("object.spec.x")), "cannot tell that the expression gives true or false" },
    { POLICY("p", PODS SAYS("object.?x.orValue(false)")), "cannot tell" },
    { POLICY("p", PODS "  validations: [{expression: 'true', messageExpression: object.metadata.name}]\n"),
      "cannot tell that the expression gives a text" },
    { POLICY("p", PODS SAYS("1 == 1.0")), "what is compared is of one type" },
    { POLICY("p", PODS SAYS("'a' == null")), "what is compared is of one type" },
    { POLICY("p", PODS SAYS("[1, 'a'].size() == 2")), "elements of one list or map are of one type" },
    { POLICY("p", PODS SAYS("[object.x, 1].size() == 2")), "elements of one list or map are of one type" },
    { POLICY("p", PODS SAYS("{'a': 1, 2: 2}.size() == 2")), "keys of one map are of one type" },
    { POLICY("p", PODS SAYS("(true ? 1 : 'a') == 1")), "both branches are of one type" },
    { POLICY("p", PODS SAYS("base64.encode(b'a') == 'a'")), "base64.encode" },
    { POLICY("p", PODS SAYS("cel.bind(a, 1, a == 1)")), "cel.bind is not declared" },
    { POLICY("p", PODS SAYS("cidr('10.0.0.0/8') == ip('10.0.0.1')")), "what is compared is of one type" },
    { POLICY("p", PODS SAYS("authorizer == 1")), "what is compared is of one type" },
    { POLICY("p", PODS SAYS("['a'].indexOf(1) == 0")), "no such overload" },
    { POLICY("p", PODS SAYS("sets.contains([1], ['a'])")), "no such overload" },
    { POLICY("p", PODS SAYS("optional.of(true).orValue(1) == 1")), "no such overload" },
    { POLICY("p", PODS SAYS("1 in {'a': 1}")), "of the keys' type" },
    { POLICY("p", PODS SAYS("duration('x') > duration('1m')")), "duration" },
    { POLICY("p", RULE("apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods], scope: ''") SAYS("true")),
      "scope is" },
    { BINDING("b", "p", ", paramRef: {name: a/b, parameterNotFoundAction: Deny}"), "cannot be the name" },
    { POLICY("p", PODS SAYS("request.foo == 'a'")), "no field \"foo\"" },
    { POLICY("p", PODS SAYS("namespaceObject.metadata.foo == 'a'")), "no field \"foo\"" },
    { POLICY("P", PODS SAYS("true")), "a policy's name" },
    { POLICY("p", PODS "  validations: [{expression: 'true', reason: Conflict}]\n"), "reason is Forbidden" },
    { POLICY("p", PODS "  validations: [{expression: 'true', message: '  '}]\n"), "message is blank" },
    { POLICY("p", PODS "  validations: [{expression: 'true', message: \"a\\nb\"}]\n"), "line break" },
    { POLICY("p", PODS "  validations: [{expression: '  '}]\n"), "p.yaml:6:" },
    { POLICY("p", PODS "  variables: [{name: in, expression: '1'}]\n" SAYS("true")), "reserved word" },
    { POLICY("p", PODS "  matchConditions: [{name: c, expression: 'true'}, {name: c, expression: 'true'}]\n" SAYS("true")),
      "match condition \"c\" is there twice" },
    { POLICY("p", PODS "  auditAnnotations: [{key: 'a/b', valueExpression: \"'x'\"}]\n"), "audit annotation \"p/a/b\"" },
    { POLICY("p", PODS "  paramKind: {apiVersion: a/b/c, kind: Foo}\n" SAYS("true")), "two slashes" },
    { POLICY("p", RULE("apiGroups: ['*', ''], apiVersions: [v1], operations: [CREATE], resources: [pods]") SAYS("true")),
      "stands alone in apiGroups" },
    { POLICY("p", RULE("apiGroups: [''], apiVersions: [v1], operations: [PATCH], resources: [pods]") SAYS("true")), "not \"PATCH\"" },
    { POLICY("p", RULE("apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods/*, pods/log]") SAYS("true")),
      "covered by a wildcard" },
    { POLICY("p", RULE("apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods], scope: cluster") SAYS("true")),
      "scope is" },
    { POLICY("p", "  matchConstraints: {objectSelector: {matchExpressions: [{key: a, operator: In}]}, resourceRules: [{apiGroups: [''], "
                  "apiVersions: [v1], "
                  "operations: [CREATE], resources: [pods]}]}\n" SAYS("true")),
      "needs values" },
    { "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: b}\n"
      "spec: {policyName: p, validationActions: [Deny, Warn]}\n",
      "Deny and Warn" },
};

START_TEST(what_a_server_refuses_on_creation_is_a_fault_of_lint_alone)
{
    struct policies audited = { 0 }, p = { .as_created = true };
    struct faults none = { 0 }, faults = { 0 };
    const char *text = created_row[_i].text;
    bool is_blank = str_find(str_from_c(text), STR("'  '}]"), 0) != SIZE_MAX && str_find(str_from_c(text), STR("message"), 0) == SIZE_MAX;
    ck_assert_msg(is_blank || policies_parse(&audited, &arena, str_from_c(text), "p.yaml", &none), "%.*s in: %s",
                  STR_ARG(first_fault(&none)), text);
    ck_assert_msg(!policies_parse(&p, &arena, str_from_c(text), "p.yaml", &faults), "was taken: %s", text);
    bool found = false;
    for (size_t i = 0; i < faults.item.count; i++)
        found |= str_find(faults.item.item[i].text, str_from_c(created_row[_i].want), 0) != SIZE_MAX;
    ck_assert_msg(found, "got %.*s", STR_ARG(first_fault(&faults)));
}
END_TEST

START_TEST(other_kinds_are_left_out_with_a_note)
{
    struct policies *p = read("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\n" BINDING("b", "nowhere", ""));
    ck_assert_uint_eq(p->policy.count, 0);
    ck_assert_uint_eq(p->note.count, 2);
}
END_TEST

START_TEST(lists_are_taken_apart)
{
    struct policies *p =
        read("apiVersion: v1\nkind: List\nitems:\n- apiVersion: admissionregistration.k8s.io/v1beta1\n  kind: ValidatingAdmissionPolicy\n"
             "  metadata: {name: p, uid: x}\n  spec:\n    matchConstraints: {resourceRules: [{apiGroups: [''], apiVersions: [v1], "
             "operations: ['*'], "
             "resources: [pods]}]}\n    validations: [{expression: 'true'}]\n  status: {observedGeneration: 1}\n");
    ck_assert_uint_eq(p->policy.count, 1);
    ck_assert(!p->policy.item[0]->ignores_errors);
}
END_TEST

START_TEST(a_cluster_s_policy_that_cannot_be_read_is_kept_with_why)
{
    struct policies p = { 0 };
    policies_add(&p, &arena,
                 from_yaml(&arena, "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: x}, "
                                   "spec: {futureField: 1}}"));
    ck_assert_uint_eq(p.policy.count, 1);
    ck_assert_text(p.policy.item[0]->name, "x");
    ck_assert(p.policy.item[0]->fault.n > 0);
}
END_TEST

/* ---- against the fields of kinds */

#define TWO RULE("apiGroups: ['', apps], apiVersions: [v1], operations: [CREATE], resources: [pods, deployments]")
static const struct {
    const char *policy;
    const char *want; /* NULL: no fault */
} type_row[] = {
    { PODS SAYS("object.spec.contaners.size() > 0"), "p.yaml:6:43: no field \"contaners\"; did you mean \"containers\"? (of pods)" },
    { PODS SAYS("object.spec.containers.all(c, c.imag != '')"), "did you mean \"image\"?" },
    { PODS SAYS("object.spec.containers[0].ports[0].containerPort + 'a' == ''"), "no such overload: int + string" },
    { PODS SAYS("object.spec.containers.size() > 0 && namespaceObject.metadata.labels.a == 'b'"), NULL },
    { PODS SAYS("namespaceObject.metadata.lables.a == 'b'"), "did you mean \"labels\"?" },
    { PODS "  variables: [{name: v, expression: object.spec.containers}]\n" SAYS("variables.v.exists(c, c.nmae == 'a')"),
      "did you mean \"name\"?" },
    { PODS "  matchConditions: [{name: m, expression: object.spec.hostNetwrk}]\n" SAYS("true"), "did you mean \"hostNetwork\"?" },
    { PODS "  auditAnnotations: [{key: k, valueExpression: object.metadata.nam}]\n", "did you mean \"name\"?" },
    /* what one of its kinds has is none of the policy's faults; what none has is */
    { TWO SAYS("has(object.spec.template) ? object.spec.template.spec.hostNetwork : object.spec.hostNetwork"), NULL },
    { TWO SAYS("object.spec.replicas > 1"), NULL },
    { TWO SAYS("object.spec.replcas > 1"), "no field \"replcas\"" },
    /* kinds whose fields are not known */
    { RULE("apiGroups: [example.com], apiVersions: [v1], operations: [CREATE], resources: [things]") SAYS("object.spec.contaners == 1"),
      NULL },
    { RULE("apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']") SAYS("object.spec.contaners == 1"), NULL },
};

START_TEST(fields_are_those_of_the_kinds)
{
    struct policies p = { 0 };
    struct faults faults = { 0 };
    struct str text = str_printf(&arena, POLICY("p", "%s"), type_row[_i].policy);
    ck_assert(policies_parse(&p, &arena, text, "p.yaml", &faults) && policies_link(&p, &arena, &faults));
    bool ok = policies_check_types(&p, &arena, &faults);
    ck_assert_msg(ok == !type_row[_i].want, "%s: %.*s", type_row[_i].policy, STR_ARG(ok ? STR("no fault") : first_fault(&faults)));
    if (!ok)
        ck_assert_msg(str_find(first_fault(&faults), str_from_c(type_row[_i].want), 0) != SIZE_MAX, "got %.*s",
                      STR_ARG(first_fault(&faults)));
}
END_TEST

/* ---- matching */

static const struct {
    /* object: of group apps, deployments, v1, in namespace n with label team: a */
    const char *constraints, *object;
    enum policy_match want;
} match_row[] = {
    { "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}", "", POLICY_MATCH },
    { "{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']}", "", POLICY_MATCH },
    { "{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*']}", "", POLICY_MATCH },
    { "{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['deployments/*']}", "", POLICY_MATCH },
    { "{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['deployments/scale']}", "", POLICY_NO_MATCH },
    { "{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/scale']}", "", POLICY_NO_MATCH },
    { "{apiGroups: [''], apiVersions: ['*'], operations: ['*'], resources: ['*']}", "", POLICY_NO_MATCH },
    { "{apiGroups: [apps], apiVersions: [v1], operations: [UPDATE, DELETE], resources: [deployments]}", "", POLICY_NO_MATCH },
    { "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments], scope: Cluster}", "", POLICY_NO_MATCH },
    { "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments], scope: Namespaced}", "", POLICY_MATCH },
    { "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments], resourceNames: [d]}", "", POLICY_MATCH },
    { "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments], resourceNames: [e]}", "", POLICY_NO_MATCH },
    { "{apiGroups: [apps], apiVersions: [v1beta1], operations: [CREATE], resources: [deployments]}", "", POLICY_MATCH_UNKNOWN },
    { "{apiGroups: [apps], apiVersions: [v1beta1], operations: [CREATE], resources: [deployments]}", "matchPolicy: Exact",
      POLICY_NO_MATCH },
    { "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}", "objectSelector: {matchLabels: {team: a}}",
      POLICY_MATCH },
    { "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}", "objectSelector: {matchLabels: {team: b}}",
      POLICY_NO_MATCH },
    { "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}", "objectSelector: {}", POLICY_MATCH },
    { "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}",
      "namespaceSelector: {matchExpressions: [{key: env, operator: In, values: [prod]}]}", POLICY_MATCH },
    { "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}",
      "namespaceSelector: {matchExpressions: [{key: env, operator: NotIn, values: [prod]}]}", POLICY_NO_MATCH },
    { "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}",
      "excludeResourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments], resourceNames: [d]}]",
      POLICY_NO_MATCH },
    { "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}",
      "excludeResourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments]}]", POLICY_MATCH },
};

START_TEST(rules_and_selectors_match)
{
    struct str text = str_printf(&arena, POLICY("p", "  matchConstraints: {resourceRules: [%s]%s%s}\n" SAYS("true")),
                                 match_row[_i].constraints, *match_row[_i].object ? ", " : "", match_row[_i].object);
    struct policies *p = read(str_to_c(&arena, text));
    struct policy_object o = {
        .object = from_yaml(&arena, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: shop, labels: {team: a}}}"),
        .group = STR("apps"),
        .version = STR("v1"),
        .resource = STR("deployments"),
        .kind = STR("Deployment"),
        .name = STR("d"),
        .ns = STR("n"),
        .namespaced = true,
        .namespace_object = from_yaml(&arena, "{metadata: {name: shop, labels: {env: prod}}}"),
    };
    struct str why = { 0 };
    enum policy_match got = policy_matches(&p->policy.item[0]->constraints, &o, &arena, &why);
    ck_assert_msg(got == match_row[_i].want, "row %d: got %d (%.*s)", _i, (int)got, STR_ARG(why));
    ck_assert((got == POLICY_MATCH_UNKNOWN) == (why.n > 0));
}
END_TEST

START_TEST(policies_are_not_asked_about_policies)
{
    struct policies *p = read(POLICY("p", RULE("apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']") SAYS("true")));
    const struct policy_constraints *c = &p->policy.item[0]->constraints;
    ck_assert(!policy_may_match(c, STR("admissionregistration.k8s.io"), STR("validatingadmissionpolicies"), false));
    ck_assert(!policy_may_match(c, STR("admissionregistration.k8s.io"), STR("mutatingwebhookconfigurations"), false));
    ck_assert(policy_may_match(c, STR(""), STR("namespaces"), false));
}
END_TEST

START_TEST(namespaces_are_selected_by_their_own_labels)
{
    struct policies *p = read(POLICY(
        "p", "  matchConstraints: {namespaceSelector: {matchLabels: {env: prod}}, resourceRules: [{apiGroups: [''], apiVersions: [v1], "
             "operations: [CREATE], resources: [namespaces, nodes]}]}\n" SAYS("true")));
    const struct policy_constraints *c = &p->policy.item[0]->constraints;
    struct str why = { 0 };
    struct policy_object o = { .object = from_yaml(&arena, "{metadata: {name: shop, labels: {env: test}}}"),
                               .version = STR("v1"),
                               .resource = STR("namespaces"),
                               .kind = STR("Namespace"),
                               .name = STR("n"),
                               .ns = STR("n") };
    ck_assert_int_eq(policy_matches(c, &o, &arena, &why), POLICY_NO_MATCH);
    o.object = from_yaml(&arena, "{metadata: {name: shop, labels: {env: prod}}}");
    ck_assert_int_eq(policy_matches(c, &o, &arena, &why), POLICY_MATCH);
    /* what is in no namespace is matched whatever the selector */
    o.object = from_yaml(&arena, "{metadata: {name: n}}");
    o.resource = STR("nodes");
    ck_assert_int_eq(policy_matches(c, &o, &arena, &why), POLICY_MATCH);
}
END_TEST

/* ---- a whole audit */

struct hearing {
    struct audit *audit;
    struct client *client;
    struct collected *collected;
};

static void early_done(void *ctx)
{
    struct hearing *h = ctx;
    audit_early_done(h->audit);
    audit_read_params(h->audit, h->client, &h->collected->served);
}

static void object_of(void *ctx, enum kind kind, struct value object, struct arena *scratch)
{
    audit_object(((struct hearing *)ctx)->audit, kind, object, scratch);
}

/* answers: YAML, a list of what paths give beside the objects; NULL: nothing. */
static const struct check_result *audit_with(struct result *r, const char *policies, const char *objects, const char *answers)
{
    struct benchmark *b = arena_new(&arena, struct benchmark);
    struct cluster *cluster = arena_new(&arena, struct cluster);
    struct collected collected = { .cluster = cluster };
    struct client_limits limits;
    struct client client;
    struct err err = { 0 };
    struct value object = from_yaml_all(&arena, objects);
    *r = (struct result){ 0 };
    policies_benchmark(b, &arena, read(policies), false);
    cluster_init(cluster, &arena);
    struct audit_options o = { 0 };
    struct audit *au = audit_open(&arena, b, cluster, &o);
    struct hearing h = { au, &client, &collected };
    struct collect_observer observer = { .object = object_of, .early_done = early_done, .ctx = &h };
    struct collect_options needs = audit_needs(au);
    client_limits_default(&limits);
    client_init(&client, manifests_of(&arena, object.as.item, object.n, answers ? from_yaml(&arena, answers) : value_null()), &arena,
                &limits);
    ck_assert_msg(collect_run(&collected, &client, &needs, &observer, &err), "%s", err.text);
    ck_assert_msg(audit_finish(au, NULL, 0, r, &err), "%s", err.text);
    ck_assert_uint_eq(r->check_count, 1);
    return &r->check[0];
}

static const struct check_result *audit(struct result *r, const char *policies, const char *objects)
{
    return audit_with(r, policies, objects, NULL);
}

#define OBJECTS                                                                                                                        \
    "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {env: prod}}}\n---\n"                                            \
    "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop, labels: {app: x}}, spec: {containers: [{name: c, image: "        \
    "i}]}}\n---\n"                                                                                                                     \
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: shop}, spec: {replicas: 1, template: {spec: {containers: " \
    "[]}}}}\n"

static const struct {
    const char *policy;
    enum verdict want;
    const char *reason; /* part of the check's reason or of its first finding's message */
} verdict_row[] = {
    { PODS SAYS("object.spec.containers.size() == 1"), VERDICT_PASS, "1 pod" },
    { PODS SAYS("object.spec.containers.size() == 2"), VERDICT_FAIL, "failed expression: object.spec.containers.size() == 2" },
    { PODS SAYS("namespaceObject.metadata.labels.env == 'prod'"), VERDICT_PASS, NULL },
    { PODS "  matchConditions: [{name: c, expression: 'namespaceObject != null'}]\n" SAYS("false"), VERDICT_NOT_APPLICABLE, NULL },
    { PODS "  matchConditions: [{name: c, expression: 'namespaceObject == null'}]\n" SAYS("namespaceObject.metadata.labels.env == 'prod'"),
      VERDICT_PASS, NULL },
    { PODS "  variables: [{name: a, expression: '1'}]\n" SAYS("has(variables.a) && variables.?a.orValue(2) == 1"), VERDICT_PASS, NULL },
    { PODS "  variables: [{name: a, expression: 'object.spec.nothing'}]\n" SAYS("has(variables.a)"), VERDICT_PASS, NULL },
    { PODS SAYS(
          "oldObject == null && request.operation == 'CREATE' && request.kind.kind == 'Pod' && request.resource.resource == 'pods' && "
          "request.namespace == 'shop' && request.name == 'p' && request.kind.group == '' && request.kind.version == 'v1' && "
          "request.subResource == ''"),
      VERDICT_PASS, NULL },
    { PODS SAYS("request.userInfo.username == 'x'"), VERDICT_UNKNOWN, "request.userInfo" },
    { PODS SAYS("authorizer.group('').resource('pods').check('create').allowed()"), VERDICT_UNKNOWN, "authorizer" },
    { PODS SAYS("authorizer.requestResource.check('x').allowed()"), VERDICT_UNKNOWN, "authorizer" },
    { PODS SAYS("object.spec.nothing == 1"), VERDICT_FAIL, "resulted in error: no such key" },
    { PODS "  failurePolicy: Ignore\n" SAYS("object.spec.nothing == 1"), VERDICT_PASS, NULL },
    { PODS "  matchConditions: [{name: c, expression: \"object.metadata.name != 'p'\"}]\n" SAYS("false"), VERDICT_NOT_APPLICABLE,
      "no object to judge" },
    { PODS "  matchConditions: [{name: c, expression: \"object.nothing\"}]\n" SAYS("true"), VERDICT_FAIL, "resulted in error" },
    { PODS "  matchConditions: [{name: c, expression: \"object.nothing\"}, {name: d, expression: 'false'}]\n" SAYS("true"),
      VERDICT_NOT_APPLICABLE, NULL },
    { PODS "  failurePolicy: Ignore\n  matchConditions: [{name: c, expression: \"object.nothing\"}]\n" SAYS("false"),
      VERDICT_NOT_APPLICABLE, NULL },
    { PODS "  matchConditions: [{name: c, expression: \"request.userInfo.username == 'x'\"}]\n" SAYS("false"), VERDICT_UNKNOWN,
      "request.userInfo" },
    { PODS "  variables: [{name: a, expression: object.spec}]\n" SAYS("variables.?a.?nothing.hasValue() == false"), VERDICT_PASS, NULL },
    { PODS "  variables: [{name: a, expression: '1'}, {name: b, expression: 'variables.a + 1'}]\n" SAYS("variables.b == 2"), VERDICT_PASS,
      NULL },
    { PODS "  validations: [{expression: 'false', messageExpression: \"'name ' + object.metadata.name\"}]\n", VERDICT_FAIL, "name p" },
    { PODS "  validations: [{expression: 'false', message: fixed, messageExpression: \"'a\\\\nb'\"}]\n", VERDICT_FAIL, "fixed" },
    { PODS "  validations: [{expression: 'false', message: fixed, messageExpression: object.nothing}]\n", VERDICT_FAIL, "fixed" },
    { PODS "  auditAnnotations: [{key: k, valueExpression: \"object.metadata.nothing\"}]\n", VERDICT_FAIL, "resulted in error" },
    { PODS "  auditAnnotations: [{key: k, valueExpression: \"'v'\"}]\n", VERDICT_PASS, NULL },
    { RULE("apiGroups: [''], apiVersions: [v1], operations: [UPDATE], resources: [pods]") SAYS("false"), VERDICT_NOT_APPLICABLE,
      "not for the creation" },
    { RULE("apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [secrets]") SAYS("true"), VERDICT_UNKNOWN, "secrets" },
    { RULE("apiGroups: ['', apps], apiVersions: [v1], operations: [CREATE], resources: [pods, deployments]")
          SAYS("has(object.spec.containers) || object.spec.replicas == 1"),
      VERDICT_PASS, "2 " },
    { RULE("apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [namespaces]")
          SAYS("namespaceObject == null && request.namespace == 'shop'"),
      VERDICT_PASS, NULL },
    { PODS SAYS("!has(object.metadata.managedFields)"), VERDICT_UNKNOWN, "managedFields" },
    /* the binding gives none */
    { "  paramKind: {apiVersion: v1, kind: ConfigMap}\n" PODS SAYS("params.data.x == 'y'"), VERDICT_FAIL, "null has no" },
};

static struct finding first_finding(const struct result *r, const struct check_result *c)
{
    struct finding f;
    struct err err = { 0 };
    ck_assert(result_finding(r, &f, c->first_finding, &arena, &err));
    return f;
}

START_TEST(verdicts_are_those_of_a_create)
{
    struct result r = { 0 };
    struct str text = str_printf(&arena, POLICY("p", "%s") BINDING("b", "p", ""), verdict_row[_i].policy);
    const struct check_result *c = audit(&r, str_to_c(&arena, text), OBJECTS);
    struct str message = c->finding_count ? first_finding(&r, c).message : (struct str){ 0 };
    ck_assert_msg(c->verdict == verdict_row[_i].want, "row %d: %s: %.*s; %.*s", _i, verdict_name(c->verdict), STR_ARG(c->reason),
                  STR_ARG(message));
    if (verdict_row[_i].reason)
        ck_assert_msg(str_find(c->reason, str_from_c(verdict_row[_i].reason), 0) != SIZE_MAX ||
                          str_find(message, str_from_c(verdict_row[_i].reason), 0) != SIZE_MAX,
                      "row %d: %.*s; %.*s", _i, STR_ARG(c->reason), STR_ARG(message));
}
END_TEST

/* ---- parameters from the cluster */

#define SERVED                                                                                                                             \
    "- {path: /api, body: {kind: APIVersions, versions: [v1]}}\n"                                                                          \
    "- {path: /apis, body: {kind: APIGroupList, groups: [{name: example.com, versions: [{groupVersion: example.com/v1, version: v1}], "    \
    "preferredVersion: {groupVersion: example.com/v1, version: v1}}]}}\n"                                                                  \
    "- {path: /api/v1, body: {kind: APIResourceList, groupVersion: v1, resources: [{name: configmaps, kind: ConfigMap, namespaced: true, " \
    "verbs: [get, list]}, "                                                                                                                \
    "{name: pods, kind: Pod, namespaced: true, verbs: [get, list]}, {name: namespaces, kind: Namespace, namespaced: false, verbs: [get, "  \
    "list]}, {name: secrets, kind: Secret, namespaced: true, verbs: [get, list]}]}}\n"                                                     \
    "- {path: /apis/example.com/v1, body: {kind: APIResourceList, groupVersion: example.com/v1, resources: [{name: limits, kind: Limit, "  \
    "namespaced: false, verbs: [get, list]}]}}\n"
#define NOT_THERE(path, name) \
    "- {path: " path ", status: 404, body: {kind: Status, reason: NotFound, details: {name: " name "}, code: 404}}\n"
#define CONFIG_MAP(ns, name, x) "{metadata: {name: " name ", namespace: " ns ", labels: {set: a}}, data: {x: '" x "'}}"
#define CONFIG_MAP_DOCUMENT(ns, name, x) \
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " name ", namespace: " ns ", labels: {set: a}}\ndata: {x: '" x "'}\n---\n"
#define IN_SHOP        "/api/v1/namespaces/shop/configmaps"
#define BY_NAME        ", paramRef: {name: c, namespace: shop, parameterNotFoundAction: Deny}"
#define OF_CONFIG_MAPS "  paramKind: {apiVersion: v1, kind: ConfigMap}\n" PODS
#define OF_LIMITS      "  paramKind: {apiVersion: example.com/v1, kind: Limit}\n" PODS

static const struct {
    const char *policy, *reference, *answers;
    enum verdict want;
    const char *reason;
} params_row[] = {
    { OF_CONFIG_MAPS SAYS("params.data.x == 'y'"), BY_NAME, SERVED "- {path: " IN_SHOP "/c, body: " CONFIG_MAP("shop", "c", "y") "}\n",
      VERDICT_PASS, NULL },
    { OF_CONFIG_MAPS SAYS("params.data.x == 'y'"), BY_NAME, SERVED "- {path: " IN_SHOP "/c, body: " CONFIG_MAP("shop", "c", "z") "}\n",
      VERDICT_FAIL, "params.data.x" },
    /* found by the object's own namespace */
    { OF_CONFIG_MAPS SAYS("params.data.x == 'y'"), ", paramRef: {name: c, parameterNotFoundAction: Deny}",
      SERVED "- {path: '/api/v1/configmaps?fieldSelector=metadata.name%3Dc', body: {items: [" CONFIG_MAP("other", "c", "z") ", " CONFIG_MAP(
          "shop", "c", "y") "]}}\n",
      VERDICT_PASS, NULL },
    { OF_CONFIG_MAPS SAYS("false"), ", paramRef: {name: c, parameterNotFoundAction: Allow}",
      SERVED "- {path: '/api/v1/configmaps?fieldSelector=metadata.name%3Dc', body: {items: [" CONFIG_MAP("other", "c", "z") "]}}\n",
      VERDICT_NOT_APPLICABLE, NULL },
    /* each that the selector finds */
    { OF_CONFIG_MAPS SAYS("params.data.x == 'y'"),
      ", paramRef: {selector: {matchLabels: {set: a}}, namespace: shop, parameterNotFoundAction: Deny}",
      SERVED "- {path: " IN_SHOP ", body: {items: [" CONFIG_MAP("shop", "c", "y") ", " CONFIG_MAP("shop", "d", "z") "]}}\n", VERDICT_FAIL,
      "params.data.x" },
    { OF_CONFIG_MAPS SAYS("params.data.x == 'y'"),
      ", paramRef: {selector: {matchLabels: {set: b}}, namespace: shop, parameterNotFoundAction: Allow}",
      SERVED "- {path: " IN_SHOP ", body: {items: [" CONFIG_MAP("shop", "c", "z") "]}}\n", VERDICT_NOT_APPLICABLE, NULL },
    { OF_CONFIG_MAPS SAYS("true"), ", paramRef: {selector: {}, namespace: shop, parameterNotFoundAction: Deny}",
      SERVED "- {path: " IN_SHOP ", body: {items: [], metadata: {continue: more}}}\n", VERDICT_UNKNOWN, "not told to its end" },
    /* not there: as the binding says, and then failurePolicy */
    { OF_CONFIG_MAPS SAYS("true"), BY_NAME, SERVED NOT_THERE(IN_SHOP "/c", "c"), VERDICT_FAIL, "there are no parameters for it" },
    { OF_CONFIG_MAPS "  failurePolicy: Ignore\n" SAYS("false"), BY_NAME, SERVED NOT_THERE(IN_SHOP "/c", "c"), VERDICT_NOT_APPLICABLE,
      NULL },
    { OF_CONFIG_MAPS SAYS("false"), ", paramRef: {name: c, namespace: shop, parameterNotFoundAction: Allow}",
      SERVED NOT_THERE(IN_SHOP "/c", "c"), VERDICT_NOT_APPLICABLE, NULL },
    /* could not be read: nothing is said, whatever the expressions are */
    { OF_CONFIG_MAPS SAYS("true"), BY_NAME, SERVED "- {path: " IN_SHOP "/c, status: 403}\n", VERDICT_UNKNOWN,
      "grant get on configmaps named c in shop" },
    { OF_CONFIG_MAPS SAYS("true"), BY_NAME, SERVED "- {path: " IN_SHOP "/c, status: 404}\n", VERDICT_UNKNOWN, "could not be read" },
    { OF_CONFIG_MAPS SAYS("true"), BY_NAME, SERVED "- {path: " IN_SHOP "/c, body: '{\"metadata\": {'}\n", VERDICT_UNKNOWN,
      "could not be read" },
    { OF_CONFIG_MAPS SAYS("true"), BY_NAME, SERVED "- {path: " IN_SHOP "/c, body: " CONFIG_MAP("shop", "d", "y") "}\n", VERDICT_UNKNOWN,
      "another object" },
    { OF_CONFIG_MAPS SAYS("true"), BY_NAME, "[]", VERDICT_UNKNOWN, "has v1 ConfigMap is not known" },
    { "  paramKind: {apiVersion: v1, kind: Secret}\n" PODS SAYS("true"), BY_NAME,
      SERVED "- {path: /api/v1/namespaces/shop/secrets/c, body: {metadata: {name: c}}}\n", VERDICT_UNKNOWN, "never reads" },
    /* a kind in no namespace */
    { OF_LIMITS SAYS("params.spec.least == 1"), ", paramRef: {name: l, parameterNotFoundAction: Deny}",
      SERVED "- {path: /apis/example.com/v1/limits/l, body: {metadata: {name: l}, spec: {least: 1}}}\n", VERDICT_PASS, NULL },
    { OF_LIMITS SAYS("true"), ", paramRef: {name: l, namespace: shop, parameterNotFoundAction: Deny}", SERVED, VERDICT_FAIL, "is in none" },
    /* a binding without parameters: params is null */
    { OF_CONFIG_MAPS SAYS("params == null"), "", SERVED, VERDICT_PASS, NULL },
};

START_TEST(parameters_are_the_cluster_s)
{
    struct result r = { 0 };
    struct str text = str_printf(&arena, POLICY("p", "%s") BINDING("b", "p", "%s"), params_row[_i].policy, params_row[_i].reference);
    const struct check_result *c = audit_with(&r, str_to_c(&arena, text), OBJECTS, params_row[_i].answers);
    struct str message = c->finding_count ? first_finding(&r, c).message : (struct str){ 0 };
    ck_assert_msg(c->verdict == params_row[_i].want, "row %d: %s: %.*s; %.*s", _i, verdict_name(c->verdict), STR_ARG(c->reason),
                  STR_ARG(message));
    if (params_row[_i].reason)
        ck_assert_msg(str_find(c->reason, str_from_c(params_row[_i].reason), 0) != SIZE_MAX ||
                          str_find(message, str_from_c(params_row[_i].reason), 0) != SIZE_MAX,
                      "row %d: %.*s; %.*s", _i, STR_ARG(c->reason), STR_ARG(message));
}
END_TEST

/* ---- authorizer, of service accounts */

#define RIGHTS                                                                                                                             \
    OBJECTS "---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: reads}, rules: [{apiGroups: ['', apps], " \
            "resources: [pods, deployments/scale], verbs: [get]}, {nonResourceURLs: [/healthz], verbs: [get]}]}\n---\n"                    \
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: one, namespace: shop}, rules: [{apiGroups: [''], "    \
            "resources: [secrets], resourceNames: [s], verbs: [get]}]}\n---\n"                                                             \
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: all}, roleRef: {apiGroup: "             \
            "rbac.authorization.k8s.io, kind: ClusterRole, name: reads}, subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, "   \
            "name: 'system:serviceaccounts:shop'}]}\n---\n"                                                                                \
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: one, namespace: shop}, roleRef: {apiGroup: "   \
            "rbac.authorization.k8s.io, kind: Role, name: one}, subjects: [{kind: ServiceAccount, name: a, namespace: shop}]}\n"
#define SA(ns, name) "authorizer.serviceAccount('" ns "', '" name "')"

static const struct {
    const char *expression, *objects;
    enum verdict want;
    const char *reason;
} authorizer_row[] = {
    { SA("shop", "a") ".group('').resource('pods').check('get').allowed()", RIGHTS, VERDICT_PASS, NULL },
    { SA("shop", "a") ".group('').resource('pods').check('list').allowed()", RIGHTS, VERDICT_FAIL, NULL },
    { "!" SA("other", "a") ".group('').resource('pods').check('get').allowed()", RIGHTS, VERDICT_PASS, NULL },
    { SA("shop", "b") ".group('apps').resource('deployments').subresource('scale').namespace('shop').check('get').allowed()", RIGHTS,
      VERDICT_PASS, NULL },
    { SA("shop", "a") ".group('').resource('secrets').namespace('shop').name('s').check('get').allowed()", RIGHTS, VERDICT_PASS, NULL },
    { SA("shop", "a") ".group('').resource('secrets').namespace('shop').name('t').check('get').allowed()", RIGHTS, VERDICT_FAIL, NULL },
    { SA("shop", "a") ".group('').resource('secrets').name('s').check('get').allowed()", RIGHTS, VERDICT_FAIL, NULL },
    { SA("shop", "a") ".group('').resource('pods').labelSelector('a=b').fieldSelector('c=d').check('get').allowed()", RIGHTS, VERDICT_PASS,
      NULL },
    { SA("shop", "a") ".path('/healthz').check('get').allowed()", RIGHTS, VERDICT_PASS, NULL },
    { SA("shop", "a") ".path('/metrics').check('get').allowed()", RIGHTS, VERDICT_FAIL, NULL },
    { "!" SA("shop", "a") ".path('/healthz').check('get').errored() && " SA("shop", "a") ".path('/healthz').check('get').error() == ''",
      RIGHTS, VERDICT_PASS, NULL },
    { SA("shop", "a") ".path('/healthz').check('get').reason() == ''", RIGHTS, VERDICT_UNKNOWN, "reason" },
    { "type(" SA("shop", "a") ") != type(" SA("shop", "a") ".group(''))", RIGHTS, VERDICT_PASS, NULL },
    /* an allowing rule that was seen is enough; that there is none is not known where a binding is damaged */
    { SA("shop", "a") ".group('').resource('pods').check('get').allowed()",
      RIGHTS "---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: broken}, roleRef: {kind: "
             "ClusterRole, name: reads}, subjects: [x]}\n",
      VERDICT_PASS, NULL },
    { "!" SA("shop", "a") ".group('').resource('pods').check('list').allowed()",
      RIGHTS "---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: broken}, roleRef: {kind: "
             "ClusterRole, name: reads}, subjects: [x]}\n",
      VERDICT_UNKNOWN, "could not be understood" },
    /* who sent the request is not known, and what is no question is an error */
    { "authorizer.path('/healthz').check('get').allowed()", RIGHTS, VERDICT_UNKNOWN, "who sent the request" },
    { SA("shop", "a") ".check('get').allowed()", RIGHTS, VERDICT_FAIL, "no such overload" },
    { SA("shop", "a") ".path('').check('get').allowed()", RIGHTS, VERDICT_FAIL, "path must not be empty" },
    /* the server's price: the third answer of an expression is too many */
    { "[1, 2, 3].all(i, " SA("shop", "a") ".path('/healthz').check('get').allowed())", RIGHTS, VERDICT_UNKNOWN, "cost budget" },
};

START_TEST(authorizer_answers_for_service_accounts)
{
    struct result r = { 0 };
    struct str text = str_printf(&arena, POLICY("p", PODS SAYS("%s")) BINDING("b", "p", ""), authorizer_row[_i].expression);
    const struct check_result *c = audit(&r, str_to_c(&arena, text), authorizer_row[_i].objects);
    struct str message = c->finding_count ? first_finding(&r, c).message : (struct str){ 0 };
    ck_assert_msg(c->verdict == authorizer_row[_i].want, "row %d: %s: %.*s; %.*s", _i, verdict_name(c->verdict), STR_ARG(c->reason),
                  STR_ARG(message));
    if (authorizer_row[_i].reason)
        ck_assert_msg(str_find(c->reason, str_from_c(authorizer_row[_i].reason), 0) != SIZE_MAX ||
                          str_find(message, str_from_c(authorizer_row[_i].reason), 0) != SIZE_MAX,
                      "row %d: %.*s; %.*s", _i, STR_ARG(c->reason), STR_ARG(message));
}
END_TEST

/* Beside the policy, for whom there is no cluster to ask. */
static const struct {
    const char *reference, *objects;
    enum verdict want;
} beside_row[] = {
    { BY_NAME, CONFIG_MAP_DOCUMENT("shop", "c", "y"), VERDICT_PASS },
    { BY_NAME, CONFIG_MAP_DOCUMENT("shop", "c", "z"), VERDICT_FAIL },
    { BY_NAME, CONFIG_MAP_DOCUMENT("other", "c", "y"), VERDICT_UNKNOWN },
    { BY_NAME, CONFIG_MAP_DOCUMENT("shop", "d", "y"), VERDICT_UNKNOWN },
    { BY_NAME, "apiVersion: v2\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\ndata: {x: 'y'}\n---\n", VERDICT_UNKNOWN },
    /* others may be in the cluster, which nobody can ask */
    { ", paramRef: {name: c, parameterNotFoundAction: Deny}", CONFIG_MAP_DOCUMENT("shop", "c", "y"), VERDICT_UNKNOWN },
};

START_TEST(parameters_may_be_beside_the_policy)
{
    struct result r = { 0 };
    struct str text = str_printf(&arena, POLICY("p", OF_CONFIG_MAPS SAYS("params.data.x == 'y'")) BINDING("b", "p", "%s") "%s",
                                 beside_row[_i].reference, beside_row[_i].objects);
    const struct check_result *c = audit(&r, str_to_c(&arena, text), OBJECTS);
    ck_assert_msg(c->verdict == beside_row[_i].want, "row %d: %s: %.*s", _i, verdict_name(c->verdict), STR_ARG(c->reason));
}
END_TEST

/* Those of the files stand in the place of the cluster's of the same name. */
START_TEST(parameters_beside_the_policy_replace_the_cluster_s)
{
    static const char *const answers = SERVED "- {path: '/api/v1/configmaps?fieldSelector=metadata.name%3Dc', body: {items: [" CONFIG_MAP(
        "shop", "c", "z") ", " CONFIG_MAP("other", "c", "z") "]}}\n";
    struct result r = { 0 };
    const struct check_result *c =
        audit_with(&r,
                   POLICY("p", OF_CONFIG_MAPS SAYS("params.data.x == 'y'"))
                       BINDING("b", "p", ", paramRef: {name: c, parameterNotFoundAction: Deny}") CONFIG_MAP_DOCUMENT("shop", "c", "y"),
                   OBJECTS, answers);
    ck_assert_msg(c->verdict == VERDICT_PASS, "%.*s", STR_ARG(c->reason));
    c = audit_with(&r,
                   POLICY("p", OF_CONFIG_MAPS SAYS("params.data.x == 'y'"))
                       BINDING("b", "p", ", paramRef: {name: c, parameterNotFoundAction: Deny}") CONFIG_MAP_DOCUMENT("other", "c", "y"),
                   OBJECTS, answers);
    ck_assert_msg(c->verdict == VERDICT_FAIL, "%.*s", STR_ARG(c->reason));
    ck_assert_uint_eq(read("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\n" POLICY("p", PODS SAYS("true")))->note.count, 1);
}
END_TEST

START_TEST(parameters_need_a_binding)
{
    struct result r = { 0 };
    const struct check_result *c = audit_with(&r, POLICY("p", OF_CONFIG_MAPS SAYS("true")), OBJECTS, SERVED);
    ck_assert_int_eq(c->verdict, VERDICT_UNKNOWN);
}
END_TEST

/* The values are those of the parameters that it fails with. */
START_TEST(a_failure_is_explained_with_its_parameters)
{
    struct result r = { 0 };
    const struct check_result *c = audit_with(
        &r,
        POLICY("p", OF_CONFIG_MAPS SAYS("params.data.x == 'y'"))
            BINDING("b", "p", ", paramRef: {selector: {}, namespace: shop, parameterNotFoundAction: Deny}"),
        OBJECTS, SERVED "- {path: " IN_SHOP ", body: {items: [" CONFIG_MAP("shop", "c", "y") ", " CONFIG_MAP("shop", "d", "zz") "]}}\n");
    ck_assert_int_eq(c->verdict, VERDICT_FAIL);
    struct finding f = first_finding(&r, c);
    bool told = false;
    for (uint32_t i = 0; i < f.explained_count; i++)
        /* "zz" */
        told |= str_eq_c(f.explained[i].text, "params.data.x") && str_eq_c(f.explained[i].value, "(string of 2 bytes)");
    ck_assert(told);
}
END_TEST

START_TEST(bindings_narrow_and_are_told)
{
    struct result r = { 0 };
    const struct check_result *c = audit(
        &r, POLICY("p", PODS SAYS("false")) BINDING("b", "p", ", matchResources: {objectSelector: {matchLabels: {app: y}}}"), OBJECTS);
    ck_assert_int_eq(c->verdict, VERDICT_NOT_APPLICABLE);
    c = audit(&r, POLICY("p", PODS SAYS("false")) BINDING("b", "p", ", matchResources: {objectSelector: {matchLabels: {app: x}}}"),
              OBJECTS);
    ck_assert_int_eq(c->verdict, VERDICT_FAIL);
    ck_assert_text(c->check->part[0].name, "binding b (Deny)");
    c = audit(&r, POLICY("p", PODS SAYS("false")), OBJECTS);
    ck_assert_int_eq(c->verdict, VERDICT_FAIL);
    ck_assert_text(c->check->part[0].name, "not bound");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("policy");
    TCase *c = tcase_create("policy");
    tcase_add_checked_fixture(c, NULL, teardown);
    tcase_add_loop_test(c, faults_have_a_place, 0, (int)(sizeof fault_row / sizeof *fault_row));
    tcase_add_loop_test(c, fields_are_those_of_the_kinds, 0, (int)(sizeof type_row / sizeof *type_row));
    tcase_add_loop_test(c, what_a_server_refuses_on_creation_is_a_fault_of_lint_alone, 0, (int)(sizeof created_row / sizeof *created_row));
    tcase_add_test(c, other_kinds_are_left_out_with_a_note);
    tcase_add_test(c, lists_are_taken_apart);
    tcase_add_test(c, a_cluster_s_policy_that_cannot_be_read_is_kept_with_why);
    tcase_add_loop_test(c, rules_and_selectors_match, 0, (int)(sizeof match_row / sizeof *match_row));
    tcase_add_test(c, policies_are_not_asked_about_policies);
    tcase_add_test(c, namespaces_are_selected_by_their_own_labels);
    tcase_add_loop_test(c, verdicts_are_those_of_a_create, 0, (int)(sizeof verdict_row / sizeof *verdict_row));
    tcase_add_loop_test(c, parameters_are_the_cluster_s, 0, (int)(sizeof params_row / sizeof *params_row));
    tcase_add_loop_test(c, authorizer_answers_for_service_accounts, 0, (int)(sizeof authorizer_row / sizeof *authorizer_row));
    tcase_add_loop_test(c, parameters_may_be_beside_the_policy, 0, (int)(sizeof beside_row / sizeof *beside_row));
    tcase_add_test(c, parameters_beside_the_policy_replace_the_cluster_s);
    tcase_add_test(c, parameters_need_a_binding);
    tcase_add_test(c, a_failure_is_explained_with_its_parameters);
    tcase_add_test(c, bindings_narrow_and_are_told);
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
