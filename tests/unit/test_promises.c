/* What a report counts, against a second, plain count of the same; and what a run tells of itself, whatever the server says. */
#include "analyze/network/openness.h"
#include "analyze/network/ports.h"
#include "audit/audit.h"
#include "base/file.h"
#include "base/ip.h"
#include "cluster/snapshot.h"
#include "tls/hello.h"
#include "unit/damage.h"

#include <check.h>

static struct arena keep;
static struct snapshot snapshot;
static uint32_t seed = 2026;

static uint32_t dice(uint32_t sides)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % sides;
}

static struct str in_tree(const char *path)
{
    const char *given = getenv("srcdir");
    return file_join(&keep, given ? str_from_c(given) : STR("."), str_from_c(path));
}

static void setup(void)
{
    struct err err = { 0 };
    ck_assert_msg(snapshot_read(&snapshot, &keep, str_to_c(&keep, in_tree("tests/clusters/mix")), &err), "%s", err.text);
}
static void teardown(void)
{
    arena_release(&keep);
}

/* ---- one audit of the recording */

struct run {
    struct damage_transport *transport;
    struct damage_victim victim[3];
    bool warns;
    const struct benchmark *bench;
    const struct framework *framework;
    size_t framework_count;
    /* What goes by, as it is told; may be NULL. */
    void (*see)(void *ctx, enum kind kind, struct value object);
    void *ctx;
    struct audit *audit;
    struct collected collected;
    struct result result;
};

static void on_object(void *ctx, enum kind kind, struct value object, struct arena *scratch)
{
    struct run *r = ctx;
    if (r->see)
        r->see(r->ctx, kind, object);
    audit_object(r->audit, kind, object, scratch);
}
static void on_early_done(void *ctx)
{
    audit_early_done(((struct run *)ctx)->audit);
}

static void run_audit(struct run *r)
{
    struct audit_options o = { 0 };
    struct client_limits limits;
    struct client client;
    struct err err = { 0 };
    r->transport = damage_open(&keep, snapshot_transport(&keep, &snapshot));
    r->transport->warns = r->warns;
    memcpy(r->transport->victim, r->victim, sizeof r->victim);
    r->collected.cluster = arena_new(&keep, struct cluster);
    cluster_init(r->collected.cluster, &keep);
    r->collected.cluster->now = snapshot.recorded;
    ck_assert(benchmark_params(r->bench, NULL, 0, &keep, &o.params, &err));
    r->audit = audit_open(&keep, r->bench, r->collected.cluster, &o);
    struct collect_observer observer = { .object = on_object, .early_done = on_early_done, .ctx = r };
    struct collect_options needs = audit_needs(r->audit);
    needs.want_rights = true;
    client_limits_default(&limits);
    limits.retries = 0;
    limits.item_bytes = DAMAGE_ITEM_BYTES;
    client_init(&client, &r->transport->base, &keep, &limits);
    ck_assert_msg(collect_run(&r->collected, &client, &needs, &observer, &err), "%s", err.text);
    ck_assert_msg(audit_finish(r->audit, r->framework, r->framework_count, &r->result, &err), "%s", err.text);
}

static const struct benchmark *parsed(struct str text)
{
    struct benchmark *b = arena_new(&keep, struct benchmark);
    struct faults faults = { 0 };
    bool ok = benchmark_parse(b, &keep, text, "b.yaml", &faults);
    ck_assert_msg(ok, "%.*s", STR_ARG(faults.item.count ? faults.item.item[0].text : STR("?")));
    return b;
}

#define HEAD       "benchmark: b\nversion: '1'\ntitle: t\nkubernetes: '1.30'\ndescription: d\nprofiles: [{id: L1, title: p, level: 1}]\n"
#define CHECK_HEAD "title: t, level: 1, role: r, severity: low, assessment: automated, rationale: r, remediation: m"

/* ---- scores */

struct plain_score {
    uint64_t pass, waived, unknown, fail;
};

static void add_plain(struct plain_score *p, enum verdict v)
{
    p->pass += v == VERDICT_PASS;
    p->waived += v == VERDICT_WAIVED;
    p->unknown += v == VERDICT_UNKNOWN;
    p->fail += v == VERDICT_FAIL;
}

/* The formula that the report prints. */
static void is_score(const struct score *s, const struct plain_score *p, const char *of)
{
    uint64_t all = p->pass + p->waived + p->unknown + p->fail;
    ck_assert_msg(s->has_score == (all > 0), "%s", of);
    ck_assert_msg(!all || s->low_permille == (int)(1000 * p->pass / all), "%s: %d", of, s->low_permille);
    ck_assert_msg(!all || s->high_permille == (int)(1000 * (p->pass + p->unknown) / all), "%s: %d", of, s->high_permille);
}

/* "1.10" is within "1" and "1.10", not within "1.1": number by number. */
static bool is_within(struct str id, struct str section)
{
    struct str a, b;
    while (str_next_field(&section, '.', &b))
        if (!str_next_field(&id, '.', &a) || !str_eq(a, b))
            return false;
    return true;
}

/* Sections whose numbers begin alike, and a verdict for each of their checks by lot. */
START_TEST(test_scores_of_sections)
{
    static const char *const section[] = { "1", "1.1", "1.2", "1.10", "10", "10.1", "11", "2", "20.1", "2.20", "100" };
    static const char *const outcome[] = { "true", "false", "dyn(object).nothing.of.it == 1", "true" };
    struct str text = STR(HEAD "sections:\n");
    for (size_t i = 0; i < COUNT_OF(section); i++)
        text = str_printf(&keep, "%.*s- {id: '%s', title: t}\n", STR_ARG(text), section[i]);
    text = str_printf(&keep, "%.*schecks:\n", STR_ARG(text));
    for (size_t i = 0; i < COUNT_OF(section); i++)
        for (size_t k = 1; k <= 3; k++)
            text = str_printf(&keep,
                              "%.*s- {id: '%s.%zu', section: '%s', " CHECK_HEAD
                              ", over: cluster, validations: [{expression: '%s', message: m}]}\n",
                              STR_ARG(text), section[i], k + 100, section[i], outcome[dice(COUNT_OF(outcome))]);
    struct run r = { .bench = parsed(text) };
    run_audit(&r);
    struct plain_score whole = { 0 };
    ck_assert_uint_eq(r.result.check_count, 3 * COUNT_OF(section));
    for (size_t i = 0; i < r.result.check_count; i++)
        add_plain(&whole, r.result.check[i].verdict);
    is_score(&r.result.score, &whole, "all");
    ck_assert(whole.pass && whole.fail && whole.unknown);
    for (size_t s = 0; s < COUNT_OF(section); s++) {
        struct plain_score p = { 0 };
        for (size_t i = 0; i < r.result.check_count; i++)
            if (is_within(r.result.check[i].check->section, r.bench->section[s].id))
                add_plain(&p, r.result.check[i].verdict);
        is_score(&r.result.section_score[s], &p, str_to_c(&keep, r.bench->section[s].id));
    }
}
END_TEST

/* ---- what is found for requirements */

static bool is_test(enum verdict v)
{
    return v == VERDICT_PASS || v == VERDICT_FAIL || v == VERDICT_WAIVED;
}

static void is_requirement(const struct requirement_result *q, const struct framework *f, const struct result *r)
{
    uint32_t by_verdict[VERDICT_COUNT] = { 0 }, pairs = 0, tests = 0, direct_tests = 0, direct_faults = 0, other_tests = 0;
    for (size_t i = 0; i < r->check_count; i++) {
        const struct check *c = r->check[i].check;
        for (size_t k = 0; k < c->requirement_count; k++) {
            if (!str_eq(c->requirement[k].framework, f->id) || !str_eq(c->requirement[k].requirement, q->requirement->id))
                continue;
            enum verdict v = r->check[i].verdict;
            bool direct = c->requirement[k].strength != STRENGTH_SUPPORT;
            pairs++;
            by_verdict[v]++;
            tests += is_test(v);
            direct_tests += is_test(v) && direct;
            direct_faults += (v == VERDICT_FAIL || v == VERDICT_WAIVED) && direct;
            other_tests += is_test(v) && !direct;
        }
    }

    ck_assert_uint_eq(q->pair_count, pairs);
    ck_assert_uint_eq(q->tested, tests);
    for (size_t v = 0; v < VERDICT_COUNT; v++)
        ck_assert_uint_eq(q->verdict[v], by_verdict[v]);
    if (q->requirement->by_run)
        return;
    enum found want = direct_faults ? FOUND_EXCEPTIONS : direct_tests ? FOUND_NO_EXCEPTION : other_tests ? FOUND_INPUT : FOUND_NOTHING;
    ck_assert_msg(q->found == want, "%.*s %.*s: %s, and plainly it is %s", STR_ARG(f->id), STR_ARG(q->requirement->id),
                  found_name(q->found), found_name(want));
}

/* Requirements of a framework of our own, and checks that are evidence for them by lot: whatever the order and strength. */
START_TEST(test_requirements)
{
    static const char *const outcome[] = { "true", "false", "dyn(object).nothing.of.it == 1", "true" };
    struct str text = STR(HEAD "sections: [{id: '1', title: t}]\nchecks:\n");
    struct faults faults = { 0 };
    struct framework f[3];
    struct benchmark *b = arena_new(&keep, struct benchmark);
    static const char *const file[] = { "benchmarks/frameworks/pci-dss.yaml", "benchmarks/frameworks/hipaa.yaml",
                                        "benchmarks/frameworks/soc2.yaml" };
    for (size_t i = 0; i < COUNT_OF(file); i++)
        ck_assert(framework_load(&f[i], &keep, str_to_c(&keep, in_tree(file[i])), &faults));
    for (size_t i = 1; i <= 60; i++)
        text = str_printf(
            &keep, "%.*s- {id: '1.%zu', section: '1', " CHECK_HEAD ", over: cluster, validations: [{expression: '%s', message: m}]}\n",
            STR_ARG(text), i, outcome[dice(COUNT_OF(outcome))]);
    *b = *parsed(text);
    for (size_t i = 0; i < b->check_count; i++) { /* any pair, which no file of ours would name */
        struct requirement_ref *ref = arena_array(&keep, struct requirement_ref, 12);
        for (size_t k = 0; k < 12; k++) {
            const struct framework *of = &f[k / 4];
            /* few of them, so that each has several checks */
            ref[k] = (struct requirement_ref){ .framework = of->id,
                                               .requirement = of->requirement[dice(8) + 8 * (uint32_t)(k % 4)].id,
                                               .strength = (enum strength)dice(STRENGTH_COUNT) };
        }
        b->check[i].requirement = ref;
        b->check[i].requirement_count = 12;
    }
    struct run r = { .bench = b, .framework = f, .framework_count = COUNT_OF(f) };
    run_audit(&r);
    ck_assert_uint_eq(r.result.framework_count, COUNT_OF(f));
    for (size_t i = 0; i < COUNT_OF(f); i++)
        for (size_t q = 0; q < f[i].requirement_count; q++)
            is_requirement(&r.result.framework[i].requirement[q], &f[i], &r.result);
}
END_TEST

/* ---- pods of findings */

struct seen_pod {
    struct str ns, name, owner_kind, owner_name;
};
struct seen_objects {
    VEC(struct seen_pod) pod;
    VEC(struct seen_pod) between; /* replica sets and jobs, and what controls them */
};

static void see_object(void *ctx, enum kind kind, struct value object)
{
    struct seen_objects *s = ctx;
    const struct value *owners = value_at(object, "metadata", "ownerReferences", NULL);
    struct seen_pod p = { .ns = str_dup(&keep, value_text_at(object, "metadata", "namespace", NULL)),
                          .name = str_dup(&keep, value_text_at(object, "metadata", "name", NULL)) };
    for (uint32_t i = 0; owners && owners->kind == VALUE_LIST && i < owners->n; i++) {
        struct value o = value_item(*owners, i);
        const struct value *controls = value_get(o, STR("controller"));
        if (!controls || controls->kind != VALUE_BOOL || !controls->as.b)
            continue;
        p.owner_kind = str_dup(&keep, value_text_at(o, "kind", NULL));
        p.owner_name = str_dup(&keep, value_text_at(o, "name", NULL));
    }
    if (kind == KIND_PODS)
        *VEC_PUSH(&s->pod, &keep) = p;
    if (kind == KIND_REPLICASETS || kind == KIND_JOBS)
        *VEC_PUSH(&s->between, &keep) = p;
}

/* Whose finding a pod belongs to: what controls it, and what controls that. A node's mirror pod is by itself. */
static void find_top(const struct seen_objects *s, const struct seen_pod *p, struct str *kind, struct str *name)
{
    *kind = p->owner_kind;
    *name = p->owner_name;
    if (!kind->n || str_eq_c(*kind, "Node")) {
        *kind = STR("Pod");
        *name = p->name;
    }
    for (size_t i = 0; i < s->between.count; i++) {
        const struct seen_pod *b = &s->between.item[i];
        bool is = str_eq(b->ns, p->ns) && str_eq(b->name, p->owner_name) && (str_eq_c(*kind, "ReplicaSet") || str_eq_c(*kind, "Job"));
        if (is && b->owner_kind.n) {
            *kind = b->owner_kind;
            *name = b->owner_name;
        }
    }
}

static struct str pods_benchmark(const char *expression)
{
    return str_printf(&keep,
                      HEAD "sections: [{id: '1', title: t}]\nchecks:\n- {id: '1.1', section: '1', " CHECK_HEAD
                           ", over: pods, validations: [{expression: \"%s\", message: m}]}\n",
                      expression);
}

/* Every pod fails, or every second one: each finding has the pods of its workload, and no pod is in none. */
START_TEST(test_pods_of_findings)
{
    static const char *const expression[] = { "false", "object.metadata.?generateName.hasValue()", "object.metadata.name.size() % 2 == 0" };
    struct seen_objects seen = { 0 };
    struct run r = { .bench = parsed(pods_benchmark(expression[_i])), .see = see_object, .ctx = &seen };
    size_t grouped = 0;
    run_audit(&r);
    ck_assert_uint_gt(seen.pod.count, 20);
    for (size_t i = 0; i < r.result.finding_count; i++) {
        struct finding f;
        struct err err = { 0 };
        uint32_t pods = 0;
        ck_assert(r.result.findings.read(r.result.findings.ctx, &f, i, &keep, &err));
        for (size_t p = 0; p < seen.pod.count; p++) {
            struct str kind, name;
            const struct seen_pod *one = &seen.pod.item[p];
            find_top(&seen, one, &kind, &name);
            bool fails = _i == 0 || (_i == 2 && one->name.n % 2 == 1);
            pods += fails && str_eq(one->ns, f.object.ns) && str_eq(kind, f.object.kind) && str_eq(name, f.object.name);
        }
        grouped += pods > 1;
        if (_i != 1)
            ck_assert_msg(f.pods == pods, "%.*s %.*s/%.*s: %u pods, and there are %u", STR_ARG(f.object.kind), STR_ARG(f.object.ns),
                          STR_ARG(f.object.name), f.pods, pods);
    }
    ck_assert(_i || grouped > 1);
}
END_TEST

/* Two replica sets of one deployment, met in any order: their pods are one finding's. */
static struct str list_of(const char *kind, const char *api, struct str items)
{
    return str_printf(&keep, "{\"kind\":\"%sList\",\"apiVersion\":\"%s\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[%.*s]}", kind,
                      api, STR_ARG(items));
}

#define SELECTOR                                                                                                                           \
    "\"selector\":{\"matchLabels\":{\"app\":\"web\"}},\"template\":{\"metadata\":{\"labels\":{\"app\":\"web\"}},\"spec\":{\"containers\":" \
    "[{\"name\":\"c\",\"image\":\"i\"}]}}"

START_TEST(test_pods_of_two_replica_sets)
{
    struct str sets = { 0 }, pods = { 0 },
               deployment = STR("{\"metadata\":{\"name\":\"web\",\"namespace\":\"default\",\"uid\":\"d\"},\"spec\":{" SELECTOR "}}");
    uint32_t want = 0;
    for (int s = 0; s < 2; s++)
        sets = str_printf(&keep,
                          "%.*s%s{\"metadata\":{\"name\":\"web-%d\",\"namespace\":\"default\",\"uid\":\"u%d\",\"labels\":{\"app\":\"web\"},"
                          "\"ownerReferences\":[{\"apiVersion\":\"apps/v1\","
                          "\"kind\":\"Deployment\",\"name\":\"web\",\"uid\":\"d\",\"controller\":true}]},\"spec\":{" SELECTOR "}}",
                          STR_ARG(sets), s ? "," : "", s, s);
    for (uint32_t p = 0; p < 9; p++) {
        uint32_t s = dice(2);
        pods = str_printf(&keep,
                          "%.*s%s{\"metadata\":{\"name\":\"web-%u-%u\",\"namespace\":\"default\",\"uid\":\"p%u\",\"labels\":{\"app\":"
                          "\"web\"},\"ownerReferences\":[{\"apiVersion\":\"apps/v1\","
                          "\"kind\":\"ReplicaSet\",\"name\":\"web-%u\",\"uid\":\"u%u\",\"controller\":true}]},\"spec\":{\"containers\":[{"
                          "\"name\":\"c\",\"image\":\"i\"}]}}",
                          STR_ARG(pods), p ? "," : "", s, p, p, s, s);
        want++;
    }
    struct run r = { .bench = parsed(pods_benchmark("false")),
                     .victim = {
                         { STR("GET /apis/apps/v1/replicasets"), DAMAGE_REPLACED, list_of("ReplicaSet", "apps/v1", sets) },
                         { STR("GET /api/v1/pods"), DAMAGE_REPLACED, list_of("Pod", "v1", pods) },
                         { STR("GET /apis/apps/v1/deployments"), DAMAGE_REPLACED, list_of("Deployment", "apps/v1", deployment) } } };
    run_audit(&r);
    uint32_t found = 0;
    for (size_t i = 0; i < r.result.finding_count; i++) {
        struct finding f;
        struct err err = { 0 };
        ck_assert(r.result.findings.read(r.result.findings.ctx, &f, i, &keep, &err));
        found += f.pods;
        ck_assert_msg(!f.pods || (str_eq_c(f.object.kind, "Deployment") && f.pods == want), "%.*s %.*s: %u", STR_ARG(f.object.kind),
                      STR_ARG(f.object.name), f.pods);
    }
    ck_assert_uint_eq(found, want);
}
END_TEST

/* ---- exceptions, conditions and validations: every combination of what they may give */

enum given { IS_TRUE, IS_FALSE, IS_FAULT, GIVEN_COUNT };
static const char *const given_text[GIVEN_COUNT] = { "true", "false", "dyn(object).nothing.of.it == 1" };

/* What cannot be told is neither: a condition or a validation makes UNKNOWN; an exception leaves what passes anyway. What fails under a
 * condition that cannot be told fails, so that nobody hides a failure by breaking what the condition reads. */
static enum verdict plain_verdict(enum given match, enum given except, enum given validation)
{
    if (match == IS_FALSE || except == IS_TRUE)
        return VERDICT_NOT_APPLICABLE;
    if (validation == IS_FAULT || (match == IS_FAULT && validation == IS_TRUE))
        return VERDICT_UNKNOWN;
    if (validation == IS_TRUE)
        return VERDICT_PASS;
    return except == IS_FAULT ? VERDICT_UNKNOWN : VERDICT_FAIL;
}

START_TEST(test_what_cannot_be_told)
{
    enum given match = (enum given)(_i % 3), except = (enum given)(_i / 3 % 3), validation = (enum given)(_i / 9);
    struct str text =
        str_printf(&keep,
                   HEAD "sections: [{id: '1', title: t}]\nchecks:\n- {id: '1.1', section: '1', " CHECK_HEAD
                        ", over: cluster, matchConditions: [{name: a, expression: '%s'}], exceptions: [{name: b, expression: '%s'}], "
                        "validations: [{expression: '%s', message: m}]}\n",
                   given_text[match], given_text[except], given_text[validation]);
    struct run r = { .bench = parsed(text) };
    run_audit(&r);
    enum verdict want = plain_verdict(match, except, validation);
    ck_assert_msg(r.result.check[0].verdict == want, "condition %s, exception %s, validation %s: %s, and plainly it is %s",
                  given_text[match], given_text[except], given_text[validation], verdict_label(r.result.check[0].verdict),
                  verdict_label(want));
}
END_TEST

/* ---- what the server says of itself and of us */

#define CLUSTER_CHECK                                                                        \
    HEAD "sections: [{id: '1', title: t}]\nchecks:\n- {id: '1.1', section: '1', " CHECK_HEAD \
         ", over: pods, validations: [{expression: 'true', message: m}]}\n"

/* Each answer carries a warning of its own: all are told, each once. */
START_TEST(test_every_warning_is_told)
{
    struct run r = { .bench = parsed(STR(CLUSTER_CHECK)), .warns = true };
    run_audit(&r);
    const struct cluster *c = r.collected.cluster;
    ck_assert_uint_gt(r.transport->path.count, 5);
    for (size_t p = 0; p < r.transport->path.count; p++) {
        struct str path = r.transport->path.item[p];
        size_t told = 0;
        if (path.n > 60)
            continue;
        for (size_t i = 0; i < c->warnings.count; i++)
            told += str_eq(c->warnings.item[i], str_printf(&keep, "of %.*s", STR_ARG(path)));
        ck_assert_msg(told == 1, "the warning of %.*s was told %zu times", STR_ARG(path), told);
    }
}
END_TEST

static struct str review_of(const char *verb, const char *group, const char *resource, const char *sub)
{
    return str_printf(&keep,
                      "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews "
                      "{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":\"SelfSubjectAccessReview\","
                      "\"spec\":{\"resourceAttributes\":{\"verb\":\"%s\",\"group\":\"%s\",\"resource\":\"%s\",\"subresource\":\"%s\"}}}",
                      verb, group, resource, sub);
}

/* What the server allows is told as allowed, right by right. */
START_TEST(test_excess_rights_are_told)
{
    static const char *const part[EXCESS_RIGHT_COUNT][4] = { { "list", "", "secrets", "" },
                                                             { "get", "", "nodes", "proxy" },
                                                             { "create", "", "pods", "" } };
    struct str answer[2];
    for (int yes = 0; yes < 2; yes++)
        answer[yes] = str_printf(
            &keep, "{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":\"SelfSubjectAccessReview\",\"status\":{\"allowed\":%s}}",
            yes ? "true" : "false");
    for (size_t a = 0; a < EXCESS_RIGHT_COUNT; a++) {
        struct run r = { .bench = parsed(STR(CLUSTER_CHECK)) };
        size_t b = (a + 1) % EXCESS_RIGHT_COUNT;
        r.victim[0] = (struct damage_victim){ review_of(part[a][0], part[a][1], part[a][2], part[a][3]), DAMAGE_REPLACED, answer[1] };
        r.victim[1] = (struct damage_victim){ review_of(part[b][0], part[b][1], part[b][2], part[b][3]), DAMAGE_REPLACED, answer[0] };
        run_audit(&r);
        ck_assert(r.collected.excess[a].known && r.collected.excess[a].allowed);
        ck_assert(r.collected.excess[b].known && !r.collected.excess[b].allowed);
    }
}
END_TEST

/* Servers before 1.34 hold an unpaged list in memory: they are asked for pages, later ones for the whole. Our own number, not the code's.
 */
START_TEST(test_pages_by_version)
{
    struct run r = { .bench = parsed(STR(CLUSTER_CHECK)) };
    bool paged = false, whole = false;
    r.victim[0] = (struct damage_victim){
        STR("GET /version"), DAMAGE_REPLACED,
        str_printf(&keep, "{\"major\":\"1\",\"minor\":\"%d\",\"gitVersion\":\"v1.%d.0\",\"platform\":\"linux/amd64\"}", _i, _i)
    };
    run_audit(&r);
    for (size_t i = 0; i < r.transport->path.count; i++) {
        struct str path = r.transport->path.item[i];
        bool is_pods = str_has_prefix(path, STR("/api/v1/pods"));
        paged |= is_pods && str_contains(path, STR("limit="));
        whole |= is_pods && !str_contains(path, STR("limit="));
    }
    ck_assert(paged != whole);
    ck_assert_msg(paged == (_i <= 33), "1.%d", _i);
}
END_TEST

/* Of every list: an item over the size limit is damage of its kind, and of no other. */
START_TEST(test_oversize_items_are_damage)
{
    struct run whole = { .bench = parsed(STR(CLUSTER_CHECK)) };
    size_t lists = 0;
    run_audit(&whole);
    for (size_t i = 0; i < whole.transport->asked.count; i++) {
        struct run r = { .bench = whole.bench };
        size_t damaged = 0;
        struct str text = whole.transport->asked.item[i].text;
        r.victim[0] = (struct damage_victim){ .text = text, .damage = DAMAGE_OVERSIZE };
        bool is_list = false; /* discovery has items too */
        for (size_t k = 0; k < KIND_COUNT; k++)
            is_list |= whole.collected.cluster->coverage[k].state == COVERAGE_COMPLETE && whole.transport->asked.item[i].has_items &&
                       str_has_suffix(text, str_printf(&keep, "/%s", kind_info((enum kind)k)->resource));
        if (!is_list)
            continue;
        lists++;
        run_audit(&r);
        for (size_t k = 0; k < KIND_COUNT; k++)
            damaged += r.collected.cluster->coverage[k].state == COVERAGE_DAMAGED;
        ck_assert_msg(damaged == 1, "%.*s: %zu kinds are damaged", STR_ARG(text), damaged);
        /* all others hold, and it is not known whether all do */
        if (str_has_suffix(text, STR("/pods")))
            ck_assert_int_eq(r.result.check[0].verdict, VERDICT_UNKNOWN);
    }
    ck_assert_uint_gt(lists, 3);
}
END_TEST

/* ---- orders and memberships, bit by bit */

static bool bit_of(const struct ip *ip, unsigned i)
{
    return ip->byte[i / 8] >> (7 - i % 8) & 1u;
}

/* Prefixes of every length and addresses that leave them at every bit. */
START_TEST(test_prefixes)
{
    for (int i = 0; i < 20000; i++) {
        struct cidr c = { .ip = { .n = dice(2) ? 4 : 16 } };
        struct ip ip;
        bool within = true;
        c.bits = (uint8_t)dice(c.ip.n * 8u + 1);
        for (size_t k = 0; k < c.ip.n; k++)
            c.ip.byte[k] = (uint8_t)dice(256);
        ip = c.ip;
        if (dice(4)) { /* another address: from some bit on */
            unsigned from = dice(c.ip.n * 8u);
            for (unsigned k = from; k < c.ip.n * 8u; k++)
                if (k == from || dice(2))
                    ip.byte[k / 8] = (uint8_t)(ip.byte[k / 8] ^ 1u << (7 - k % 8));
        }
        for (unsigned k = 0; k < c.bits; k++)
            within &= bit_of(&c.ip, k) == bit_of(&ip, k);
        ck_assert_msg(cidr_contains(&c, &ip) == within, "%.*s/%u and %.*s", STR_ARG(ip_text(&keep, &c.ip)), c.bits,
                      STR_ARG(ip_text(&keep, &ip)));
        struct ip other = ip;
        other.n = ip.n == 4 ? 16 : 4;
        ck_assert(!ip_equal(&ip, &other) && !ip_equal(&other, &ip) && !cidr_contains(&c, &other));
    }
}
END_TEST

/* A block without its holes has every address of the block that is in no hole, and no other: asked address by address. */
START_TEST(test_blocks_with_holes)
{
    for (int round = 0; round < 300; round++) {
        struct net_areas areas = { 0 };
        struct cidr block, hole[3];
        struct value item[3];
        size_t holes = dice(4);
        ck_assert(cidr_parse(&block, str_printf(&keep, "%u.0.0.0/%u", 16 + dice(64), dice(5))));
        for (size_t i = 0; i < holes; i++) { /* of addresses that somebody has */
            struct str text = str_printf(&keep, "%u.%u.0.0/%u", 16 + dice(64), dice(256), 8 + dice(9));
            ck_assert(cidr_parse(&hole[i], text));
            item[i] = value_str(text);
        }
        net_areas_add_block(&areas, &keep, block, value_list(item, (uint32_t)holes), ports_all(&keep));
        for (int k = 0; k < 100; k++) {
            struct ip ip = { .n = 4, .byte = { (uint8_t)(16 + dice(64)), (uint8_t)dice(256), (uint8_t)dice(256), (uint8_t)dice(256) } };
            bool want = cidr_contains(&block, &ip), got = false;
            for (size_t i = 0; i < holes; i++)
                want &= !cidr_contains(&hole[i], &ip);
            for (size_t i = 0; i < areas.count; i++)
                got |= memcmp(areas.item[i].from.byte, ip.byte, 4) <= 0 && memcmp(ip.byte, areas.item[i].till.byte, 4) <= 0;
            ck_assert_msg(got == want, "%.*s of %.*s/%u with %zu holes", STR_ARG(ip_text(&keep, &ip)), STR_ARG(ip_text(&keep, &block.ip)),
                          block.bits, holes);
        }
    }
}
END_TEST

/* Faults of any order come by file in the order of reading, line and column. */
START_TEST(test_order_of_faults)
{
    static const char *const file[] = { "z.yaml", "a.yaml", "m.yaml" };
    for (int round = 0; round < 50; round++) {
        struct faults f = { 0 };
        for (size_t i = 0; i < COUNT_OF(file); i++)
            *VEC_PUSH(&f.file, &keep) = file[i];
        for (uint32_t i = 0; i < 40; i++)
            *VEC_PUSH(&f.item, &keep) =
                (struct fault){ .pos = { file[dice(3)], 1 + dice(4), 1 + dice(5) }, .text = str_printf(&keep, "%u", i) };
        faults_sort(&f);
        ck_assert_uint_eq(f.item.count, 40);
        uint64_t before = 0;
        for (size_t i = 0; i < f.item.count; i++) {
            uint64_t rank = 0, key;
            while (strcmp(file[rank], f.item.item[i].pos.file) != 0)
                rank++;
            key = rank * 10000 + f.item.item[i].pos.line * 100 + f.item.item[i].pos.column;
            ck_assert_uint_ge(key, before);
            before = key;
        }
    }
}
END_TEST

/* A profile has the checks of its level and of those below it, of every benchmark that has levels. */
START_TEST(test_profiles)
{
    struct benchmark b;
    struct faults faults = { 0 };
    size_t above = 0;
    ck_assert(benchmark_load(&b, &keep, str_to_c(&keep, in_tree("benchmarks/cis-kubernetes-2.0.1.yaml")), &faults));
    bool *selected = arena_array(&keep, bool, b.check_count);
    for (size_t p = 0; p < b.profile_count; p++) {
        struct err err = { 0 };
        struct selection s = { .profile = b.profile[p].id };
        ck_assert_msg(benchmark_select(&b, &s, selected, &err), "%s", err.text);
        for (size_t i = 0; i < b.check_count; i++) {
            ck_assert(selected[i] == (b.check[i].level <= b.profile[p].level));
            above += !selected[i];
        }
    }
    ck_assert_uint_gt(above, 0);
}
END_TEST

/* To the second: what ends at a moment has ended then, what begins at it has begun. */
START_TEST(test_standing)
{
    static const int64_t offset[] = { -86401, -86400, -1, 0, 1, 86399, 86400, 86401 };
    const int64_t now = 1800000000;
    for (size_t b = 0; b < COUNT_OF(offset); b++)
        for (size_t e = 0; e < COUNT_OF(offset); e++) {
            enum exception_state want = offset[e] <= 0 ? EXCEPTION_EXPIRED : offset[b] > 0 ? EXCEPTION_NOT_YET : EXCEPTION_IN_FORCE;
            struct instant from = { .s = now + offset[b] }, to = { .s = now + offset[e] };
            ck_assert_int_eq(exception_standing(from, to, true, (struct instant){ .s = now }), want);
        }
}
END_TEST

/* Of all alerts, those by which a server says that it does not take what was offered. Source: RFC 5246, 7.2. */
START_TEST(test_alerts)
{
    for (unsigned alert = 0; alert < 256; alert++) {
        bool refuses = alert == 40 /* handshake_failure */ || alert == 70 /* protocol_version */ || alert == 71 /* insufficient_security */;
        ck_assert_msg(tls_alert_refuses((uint8_t)alert) == refuses, "alert %u", alert);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("promises");
    TCase *t = tcase_create("counts");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, test_scores_of_sections, 0, 1);
    tcase_add_test(t, test_requirements);
    tcase_add_loop_test(t, test_pods_of_findings, 0, 3);
    tcase_add_test(t, test_pods_of_two_replica_sets);
    tcase_add_loop_test(t, test_what_cannot_be_told, 0, 27);
    suite_add_tcase(s, t);
    t = tcase_create("told");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_every_warning_is_told);
    tcase_add_test(t, test_excess_rights_are_told);
    tcase_add_test(t, test_oversize_items_are_damage);
    tcase_add_loop_test(t, test_pages_by_version, 30, 37);
    suite_add_tcase(s, t);
    t = tcase_create("plain");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_prefixes);
    tcase_add_test(t, test_blocks_with_holes);
    tcase_add_test(t, test_order_of_faults);
    tcase_add_test(t, test_alerts);
    tcase_add_test(t, test_standing);
    tcase_add_test(t, test_profiles);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
