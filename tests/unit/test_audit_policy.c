/* Audit policies: which are loaded, which rule decides, and what is missing from a log. */
#include "analyze/control_plane/audit_policy_check.h"
#include "unit/from_yaml.h"

static struct arena arena;
static struct err err;

static void teardown(void)
{
    arena_release(&arena);
    err_clear(&err);
}

#define HEAD "apiVersion: audit.k8s.io/v1\nkind: Policy\n"

static bool load(struct audit_policy *p, const char *text)
{
    struct node *doc;
    size_t count;
    ck_assert_msg(yaml_read(&doc, &count, &arena, str_from_c(text), "test", &err), "%s", err.text);
    return audit_policy_of_node(p, &arena, doc, &err);
}

static const struct {
    const char *text;
    bool ok;
} load_row[] = {
    { HEAD "rules: [{level: Metadata}]", true },
    { HEAD "rules: [{level: Metadata, resourcess: []}]", true }, /* lenient, as the API server */
    { HEAD "rules: []", false },
    { HEAD, false },
    { HEAD "rules: [{}]", false },
    { HEAD "rules: [{level: metadata}]", false },
    { HEAD "rules: [{level: None, nonResourceURLs: [/a], resources: [{group: ''}]}]", false },
    { HEAD "rules: [{level: None, nonResourceURLs: [/a], namespaces: [x]}]", false },
    { HEAD "rules: [{level: None, resources: [{group: '', resourceNames: [x]}]}]", false },
    { HEAD "rules: [{level: None, omitStages: [Received]}]", false },
    { HEAD "omitStages: [RequestReceived, Panic]\nrules: [{level: None}]", true },
    { "apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None}]", false },
    { "apiVersion: audit.k8s.io/v1\nkind: Event\nrules: [{level: None}]", false },
    { "kind: Policy\nrules: [{level: None}]", false },
    { "[]", false },
};

START_TEST(test_load)
{
    for (size_t i = 0; i < sizeof load_row / sizeof *load_row; i++) {
        struct audit_policy p;
        err_clear(&err);
        ck_assert_msg(load(&p, load_row[i].text) == load_row[i].ok, "%s: %s", load_row[i].text, err.text);
    }
}
END_TEST

START_TEST(test_written_and_read_back)
{
    struct audit_policy p, q;
    ck_assert(load(
        &p, HEAD "omitStages: [RequestReceived]\nrules:\n- {level: None, users: [a], userGroups: [g], verbs: [get], namespaces: [ns], "
                 "resources: [{group: '', resources: [pods, pods/*], resourceNames: [x]}]}\n- {level: Request, nonResourceURLs: [/x*]}\n"));
    struct value v = audit_policy_value(&arena, &p);
    struct value_builder b;
    value_builder_init(&b, &arena);
    ck_assert(load(
        &q, HEAD "omitStages: [RequestReceived]\nrules:\n- {level: None, users: [a], userGroups: [g], verbs: [get], namespaces: [ns], "
                 "resources: [{group: '', resources: [pods, pods/*], resourceNames: [x]}]}\n- {level: Request, nonResourceURLs: [/x*]}\n"));
    ck_assert(value_equal(v, audit_policy_value(&arena, &q)));
    ck_assert_uint_eq(value_get(v, STR("rules"))->n, 2);
}
END_TEST

/* ---- which rule decides one request */

static const struct {
    /* user groups,... group resource subresource verb namespace name; "-" empty */
    const char *rules, *request;
    enum audit_level level;
    size_t rule;
} level_row[] = {
    { "[{level: Metadata}]", "u g - pods - get ns x", AUDIT_METADATA, 1 },
    { "[{level: None, users: [u]}, {level: Request}]", "u g - pods - get ns x", AUDIT_NONE, 1 },
    { "[{level: None, users: [v]}, {level: Request}]", "u g - pods - get ns x", AUDIT_REQUEST, 2 },
    { "[{level: None, userGroups: [h, g]}, {level: Request}]", "u g - pods - get ns x", AUDIT_NONE, 1 },
    { "[{level: None, users: [u], userGroups: [h]}, {level: Request}]", "u g - pods - get ns x", AUDIT_REQUEST, 2 },
    { "[{level: None, verbs: [list]}]", "u g - pods - get ns x", AUDIT_NONE, 0 },
    { "[{level: Request, resources: [{group: ''}]}]", "u g - pods - get ns x", AUDIT_REQUEST, 1 },
    { "[{level: Request, resources: [{group: apps}]}]", "u g - pods - get ns x", AUDIT_NONE, 0 },
    { "[{level: Request, resources: [{group: '', resources: [pods]}]}]", "u g - pods exec get ns x", AUDIT_NONE, 0 },
    { "[{level: Request, resources: [{group: '', resources: ['pods/*']}]}]", "u g - pods exec get ns x", AUDIT_REQUEST, 1 },
    { "[{level: Request, resources: [{group: '', resources: ['pods/*']}]}]", "u g - pods - get ns x", AUDIT_REQUEST, 1 },
    { "[{level: Request, resources: [{group: '', resources: ['*/exec']}]}]", "u g - pods exec get ns x", AUDIT_REQUEST, 1 },
    { "[{level: Request, resources: [{group: '', resources: ['*/exec']}]}]", "u g - pods log get ns x", AUDIT_NONE, 0 },
    { "[{level: Request, resources: [{group: '', resources: ['*']}]}]", "u g - pods exec get ns x", AUDIT_REQUEST, 1 },
    { "[{level: Request, resources: [{group: '', resources: [pods], resourceNames: [x]}]}]", "u g - pods - get ns x", AUDIT_REQUEST, 1 },
    { "[{level: Request, resources: [{group: '', resources: [pods], resourceNames: [q]}]}]", "u g - pods - get ns x", AUDIT_NONE, 0 },
    { "[{level: Request, namespaces: [ns]}]", "u g - pods - get ns x", AUDIT_REQUEST, 1 },
    { "[{level: Request, namespaces: [m]}]", "u g - pods - get ns x", AUDIT_NONE, 0 },
    { "[{level: Request, namespaces: ['']}]", "u g - nodes - get - x", AUDIT_REQUEST, 1 },
    { "[{level: Request, nonResourceURLs: ['*']}]", "u g - pods - get ns x", AUDIT_NONE, 0 },
    { "[{level: Request, omitStages: [RequestReceived]}]", "u g - pods - get ns x", AUDIT_REQUEST, 1 },
    { "[{level: Request, omitStages: [RequestReceived, ResponseComplete]}]", "u g - pods - get ns x", AUDIT_NONE, 1 },
};

static struct str field(struct str *rest)
{
    struct str f;
    ck_assert(str_next_field(rest, ' ', &f));
    return str_eq_c(f, "-") ? STR("") : f;
}

START_TEST(test_level)
{
    for (size_t i = 0; i < sizeof level_row / sizeof *level_row; i++) {
        struct audit_policy p;
        struct str rest = str_from_c(level_row[i].request), groups;
        struct audit_request q = { .user = field(&rest) };
        size_t rule = 99;
        groups = field(&rest);
        q.user_group = &groups, q.user_group_count = 1;
        q.group = field(&rest), q.resource = field(&rest), q.subresource = field(&rest), q.verb = field(&rest), q.ns = field(&rest);
        q.name = field(&rest);
        ck_assert(load(&p, str_to_c(&arena, str_printf(&arena, HEAD "rules: %s", level_row[i].rules))));
        ck_assert_msg(audit_policy_level(&p, &q, &rule) == level_row[i].level, "%s", level_row[i].rules);
        ck_assert_msg(rule == level_row[i].rule, "%s: rule %zu", level_row[i].rules, rule);
    }
}
END_TEST

/* ---- what is missing */

/* "operation/kind/rule" of each fault, in order; "*" behind it: for everyone. */
static struct str faults_of(const char *text)
{
    struct audit_policy p;
    struct audit_faults f;
    VEC(struct str) line = { 0 };
    ck_assert_msg(load(&p, text), "%s in %s", err.text, text);
    audit_policy_check(&f, &arena, &p);
    for (size_t i = 0; i < f.item.count; i++) {
        const struct audit_fault *x = &f.item.item[i];
        ck_assert_uint_gt(x->verb.count, 0);
        *VEC_PUSH(&line, &arena) = str_printf(&arena, "%.*s(%.*s) %s %zu%s", STR_ARG(x->operation),
                                              STR_ARG(str_join(&arena, x->verb.item, x->verb.count, STR(","))),
                                              x->kind == AUDIT_UNRECORDED ? "unrecorded" : "revealed", x->rule, x->for_all ? "*" : "");
    }
    ck_assert_uint_eq(audit_faults_value(&arena, &f).n, f.item.count);
    return str_join(&arena, line.item, line.count, STR("; "));
}

#define ALL     "get,list,watch,create,update,patch,delete,deletecollection"
#define CHANGES "create,update,patch,delete,deletecollection"
#define SENSITIVE                                                                                                    \
    "- {level: Metadata, resources: [{group: '', resources: [secrets, configmaps, serviceaccounts/token]}, {group: " \
    "authentication.k8s.io, resources: [tokenreviews]}]}\n"

static const struct {
    const char *rules, *faults;
} fault_row[] = {
    { "- {level: Metadata}\n", "" },
    { SENSITIVE "- {level: RequestResponse}\n", "" },
    { "- {level: Request}\n",
      "secrets(" ALL ") revealed 1*; configmaps(" ALL ") revealed 1*; tokenreviews.authentication.k8s.io(create) revealed 1*" },
    { "- {level: RequestResponse, resources: [{group: '', resources: [serviceaccounts/token]}]}\n- {level: Metadata}\n",
      "serviceaccounts/token(create) revealed 1*" },
    /* The order decides: what stands behind a rule for everything does nothing. */
    { "- {level: None, verbs: [get, list, watch]}\n- {level: Metadata}\n",
      "secrets(get,list,watch) unrecorded 1*; configmaps(get,list,watch) unrecorded 1*; pods/exec(get) unrecorded 1*; "
      "pods/portforward(get) unrecorded 1*; "
      "pods/proxy(get) unrecorded 1*; services/proxy(get) unrecorded 1*" },
    { "- {level: Metadata}\n- {level: None, resources: [{group: '', resources: [secrets]}]}\n", "" },
    { "- {level: None, resources: [{group: '', resources: [secrets]}]}\n- {level: Metadata}\n", "secrets(" ALL ") unrecorded 1*" },
    /* "pods" does not match pods/exec. */
    { SENSITIVE
      "- {level: Request, resources: [{group: '', resources: [pods, 'services/*']}, {group: apps}, {group: certificates.k8s.io}]}\n",
      "pods/exec(create,get) unrecorded 0*; pods/portforward(create,get) unrecorded 0*; pods/proxy(create,get,update,patch,delete) "
      "unrecorded 0*" },
    { SENSITIVE
      "- {level: Request, resources: [{group: '', resources: ['pods/*', '*/proxy']}, {group: apps}, {group: certificates.k8s.io}]}\n",
      "" },
    { SENSITIVE "- {level: Request, resources: [{group: '', resources: ['*']}, {group: apps}]}\n",
      "certificatesigningrequests.certificates.k8s.io(" CHANGES
      ") unrecorded 0*; certificatesigningrequests/approval.certificates.k8s.io(update,patch) unrecorded 0*" },
    /* A hole for some. */
    { "- {level: None, users: [mallory]}\n- {level: Metadata}\n",
      "secrets(" ALL ") unrecorded 1; configmaps(" ALL
      ") unrecorded 1; tokenreviews.authentication.k8s.io(create) unrecorded 1; serviceaccounts/token(create) unrecorded 1; "
      "pods(" CHANGES ") unrecorded 1; deployments.apps(" CHANGES
      ") unrecorded 1; pods/exec(create,get) unrecorded 1; pods/portforward(create,get) unrecorded 1; "
      "pods/proxy(create,get,update,patch,delete) unrecorded 1; services/proxy(create,get,update,patch,delete) unrecorded 1; "
      "certificatesigningrequests.certificates.k8s.io(" CHANGES
      ") unrecorded 1; certificatesigningrequests/approval.certificates.k8s.io(update,patch) unrecorded 1" },
    { "- {level: None, namespaces: [kube-system], resources: [{group: '', resources: [secrets]}]}\n- {level: Metadata}\n",
      "secrets(" ALL ") unrecorded 1" },
    { "- {level: None, resources: [{group: '', resources: [configmaps], resourceNames: [leader]}]}\n- {level: Metadata}\n",
      "configmaps(" ALL ") unrecorded 1" },
    /* Objects of the whole cluster are in no namespace. */
    { "- {level: None, namespaces: [kube-system], resources: [{group: authentication.k8s.io}]}\n- {level: Metadata}\n", "" },
    { "- {level: None, namespaces: [''], resources: [{group: authentication.k8s.io}]}\n- {level: Metadata}\n",
      "tokenreviews.authentication.k8s.io(create) unrecorded 1*" },
    /* What an earlier rule has matched, a later one does not. */
    { "- {level: Metadata, users: [a, b]}\n- {level: None, users: [a], verbs: [get], resources: [{group: '', resources: [secrets]}]}\n- "
      "{level: Metadata}\n",
      "" },
    { "- {level: Metadata, users: [b]}\n- {level: None, users: [a, b], verbs: [get], resources: [{group: '', resources: [secrets]}]}\n- "
      "{level: Metadata}\n",
      "secrets(get) unrecorded 2" },
    /* Both groups together are everyone. */
    { "- {level: Metadata, userGroups: ['system:authenticated', 'system:unauthenticated']}\n", "" },
    { "- {level: None, userGroups: ['system:authenticated'], verbs: [watch], resources: [{group: '', resources: [secrets]}]}\n- {level: "
      "Metadata}\n",
      "secrets(watch) unrecorded 1" },
    { "- {level: None, nonResourceURLs: ['/healthz*']}\n- {level: Metadata}\n", "" },
    { "- {level: Metadata, omitStages: [RequestReceived]}\n", "" },
    { "- {level: Metadata, resources: [{group: '', resources: [secrets]}], omitStages: [RequestReceived, ResponseComplete]}\n- {level: "
      "Metadata}\n",
      /* a watch has ResponseStarted */
      "secrets(get,list,create,update,patch,delete,deletecollection) unrecorded 1*" },
};

START_TEST(test_faults)
{
    for (size_t i = 0; i < sizeof fault_row / sizeof *fault_row; i++) {
        struct str got = faults_of(str_to_c(&arena, str_printf(&arena, HEAD "rules:\n%s", fault_row[i].rules)));
        ck_assert_msg(str_eq_c(got, fault_row[i].faults), "%s\ngot  %.*s\nwant %s", fault_row[i].rules, STR_ARG(got), fault_row[i].faults);
    }
}
END_TEST

/* Whatever the check finds no fault with, the first matching rule records, for every user, place and object
 * that the rules tell apart. */
START_TEST(test_no_fault_means_recorded)
{
    static const char *const users[] = { "a", "b", "z" }, *const groups[] = { "g", "z" }, *const places[] = { "ns", "z" },
                             *const names[] = { "x", "z" };
    static const char *const levels[] = { "Metadata", "None", "Metadata", "Metadata", "Request" };
    uint32_t seed = 7;
    size_t clean = 0, faulty = 0;
    for (int round = 0; round < 4000; round++) {
        struct arena scratch CLEANUP(arena_release) = { 0 };
        struct str text = STR(HEAD "rules:\n");
        struct audit_policy p;
        struct audit_faults f;
        struct node *doc;
        size_t docs;
        for (int r = 0; r < 3; r++) {
            seed = seed * 1664525u + 1013904223u;
            /* mostly, the last one is for everything */
            uint32_t s = r == 2 && round % 4 ? 0 : seed >> 7;
            text = str_printf(&scratch, "%.*s- {level: %s%s%s%s%s%s}\n", STR_ARG(text), levels[r == 2 ? 0 : s % 5],
                              s & 4   ? ", users: [a, b]"
                              : s & 8 ? ", users: [a]"
                                      : "",
                              s & 16 ? ", userGroups: [g]" : "", s & 32 ? ", verbs: [get, create]" : "", s & 64 ? ", namespaces: [ns]" : "",
                              s & 128   ? ", resources: [{group: '', resources: [secrets], resourceNames: [x]}]"
                              : s & 256 ? ", resources: [{group: '', resources: ['*']}]"
                                        : "");
        }
        ck_assert(yaml_read(&doc, &docs, &scratch, text, "test", &err) && audit_policy_of_node(&p, &scratch, doc, &err));
        audit_policy_check(&f, &scratch, &p);
        bool fault = false;
        for (size_t i = 0; i < f.item.count; i++)
            fault |= str_eq_c(f.item.item[i].operation, "secrets");
        bool recorded = true;
        for (int i = 0; i < 3 * 2 * 2 * 2 * 2; i++) {
            struct str g = str_from_c(groups[i / 3 % 2]);
            struct audit_request q = { .user = str_from_c(users[i % 3]),
                                       .user_group = &g,
                                       .user_group_count = 1,
                                       .ns = str_from_c(places[i / 6 % 2]),
                                       .name = str_from_c(names[i / 12 % 2]),
                                       .resource = STR("secrets"),
                                       .verb = i / 24 ? STR("get") : STR("delete") };
            size_t rule;
            recorded &= audit_policy_level(&p, &q, &rule) == AUDIT_METADATA;
        }
        ck_assert_msg(fault || recorded, "no fault is told of\n%.*s", STR_ARG(text));
        clean += !fault;
        faulty += !recorded;
    }
    ck_assert_uint_gt(clean, 100);
    ck_assert_uint_gt(faulty, 100);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("audit policy");
    TCase *t = tcase_create("audit policy");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_test(t, test_load);
    tcase_add_test(t, test_written_and_read_back);
    tcase_add_test(t, test_level);
    tcase_add_test(t, test_faults);
    tcase_add_test(t, test_no_fault_means_recorded);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
