/* No unearned pass, source by source: every case of the benchmark's own tests, with each answer it rests on in turn removed, forbidden,
 * cut, delayed or corrupted, and each fact of its nodes lost, aged, hidden or of somebody else. No control becomes PASS or NOT
 * APPLICABLE that was not, and no FAIL anything but UNKNOWN, but by the rules listed. */
#include "audit/selftest.h"
#include "base/file.h"
#include "cluster/cluster.h"
#include "cluster/kind_schema.h"
#include "cluster/node_facts.h"
#include "unit/damage.h"

#include <check.h>
#include <unistd.h>

static struct arena keep;
static struct kind_schemas schemas; /* read once for all audits */

static struct kind_schemas *shared_schemas(void)
{
    if (!schemas.document.arena)
        kind_schemas_open(&schemas, &keep, &keep);
    return &schemas;
}
static struct benchmark bench;
static struct selftest_file *file;

static void setup(void)
{
    const char *given = getenv("srcdir");
    struct faults faults = { 0 };
    char *path = str_to_c(&keep, file_join(&keep, str_from_c(given ? given : "."), STR("benchmarks/cis-kubernetes-2.0.1.yaml")));
    ck_assert(benchmark_load(&bench, &keep, path, &faults));
    file = arena_array(&keep, struct selftest_file, bench.source_count);
    for (size_t i = 0; i < bench.source_count; i++) {
        struct str tests = str_printf(&keep, "%.*s.test.yaml", STR_ARG(str_sub(bench.source[i], 0, bench.source[i].n - 5)));
        if (access(str_to_c(&keep, tests), R_OK) == 0)
            ck_assert_msg(selftest_load(&file[i], &keep, str_to_c(&keep, tests), &bench, bench.source[i], &faults), "%.*s",
                          STR_ARG(faults.item.item[0].text));
    }
}
static void teardown(void)
{
    arena_release(&keep);
    schemas = (struct kind_schemas){ 0 };
}

/* ---- what may change, and by which rule */

struct changed {
    const struct check *check;
    const struct selftest_case *item;
    struct str request; /* damaged; empty: a fact of a node */
    enum damage damage;
    enum verdict before, now;
};
/* Where the evidence that remains proves it by itself: the rule, and what it rests on. With that damaged too, nothing may be left but
 * UNKNOWN. */
static const struct {
    const char *check, *item, *request;
    enum verdict before, now;
    const char *rests_on, *rule;
} allowed_row[] = {
    { "5.2.1", "a label whose admission plugin is switched off", "GET /api/v1/pods", VERDICT_FAIL, VERDICT_PASS, "GET /metrics",
      "pods tell of no flags now, and the API server's metrics count pods that plugin PodSecurity judged in mode enforce" },
};
static size_t allowed_seen[sizeof allowed_row / sizeof *allowed_row];

static bool is_earned(const struct changed *c)
{
    return c->now != VERDICT_PASS && c->now != VERDICT_NOT_APPLICABLE && c->before != VERDICT_FAIL;
}

/* NULL: no rule lets it be; what it rests on otherwise, "" where it is as it should be. */
static const char *rests_on(const struct changed *c)
{
    if (c->now == VERDICT_UNKNOWN || c->now == c->before || is_earned(c))
        return "";
    for (size_t i = 0; i < sizeof allowed_row / sizeof *allowed_row; i++) {
        if (c->before != allowed_row[i].before || c->now != allowed_row[i].now || !str_eq_c(c->check->id, allowed_row[i].check) ||
            !str_eq_c(c->item->name, allowed_row[i].item) || !str_eq_c(c->request, allowed_row[i].request))
            continue;
        allowed_seen[i]++;
        return allowed_row[i].rests_on;
    }
    return NULL;
}

static void refuse(const struct changed *c, const char *how, const struct result *r)
{
    ck_abort_msg("%.*s, case \"%.*s\", %.*s %s: was %s and is %s: %.*s", STR_ARG(c->check->id), STR_ARG(c->item->name), STR_ARG(c->request),
                 how, verdict_label(c->before), verdict_label(c->now), STR_ARG(r->check[0].reason));
}

/* ---- answers */

struct damaging {
    struct damage_victim victim[2];
    struct damage_transport *transport;
    size_t node, which; /* of the facts of nodes */
    bool none_left;     /* there is no such fact */
    bool others_left;   /* the node tells of other files in that role */
};

static struct transport *over(void *ctx, struct arena *a, struct transport *own)
{
    struct damaging *d = ctx;
    d->transport = damage_open(a, own);
    d->transport->victim[0] = d->victim[0];
    d->transport->victim[1] = d->victim[1];
    return &d->transport->base;
}

static size_t endpoint_seen[ENDPOINT_COUNT], endpoint_changed[ENDPOINT_COUNT];

static void count_endpoint(struct str request, bool changed)
{
    for (size_t e = 0; e < ENDPOINT_COUNT; e++) {
        struct str path = str_from_c(endpoint_path((enum endpoint)e)), asked, rest;
        bool is = e == ENDPOINT_ANONYMOUS ? str_has_prefix(request, STR("stranger "))
                  : e == ENDPOINT_TLS     ? str_has_prefix(request, STR("TLS "))
                                          : false;
        bool whole = e == ENDPOINT_KUBELETS ? str_has_suffix(request, path)
                                            : str_cut(request, ' ', &asked, &rest) && str_eq_c(asked, "GET") && str_eq(rest, path);
        endpoint_seen[e] += is || whole;
        endpoint_changed[e] += (is || whole) && changed;
    }
}

static void damage_answer(const struct selftest_file *f, const struct check *check, const struct selftest_case *item, struct str request,
                          enum damage damage, enum verdict before)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct damaging d = { .victim = { { .text = request, .damage = damage } } };
    struct selftest_between between = { .schemas = shared_schemas(), .over = over, .ctx = &d };
    struct result r = { 0 };
    struct err err = { 0 };
    if (!selftest_audit(&r, &a, &bench, f, check, item, &between, &err)) {
        err_clear(&err);
        return; /* an audit that does not come about earns nothing */
    }
    struct changed c = { check, item, request, damage, before, r.check[0].verdict };
    const char *rest = rests_on(&c);
    count_endpoint(request, c.before != c.now);
    if (!rest)
        refuse(&c, damage_name[damage], &r);
    else if (*rest) {
        struct result without = { 0 };
        d.victim[1] = (struct damage_victim){ .text = str_from_c(rest), .damage = DAMAGE_FORBIDDEN };
        ck_assert(selftest_audit(&without, &a, &bench, f, check, item, &between, &err));
        c.now = without.check[0].verdict;
        if (c.now != VERDICT_UNKNOWN)
            refuse(&c, "and what the rule rests on damaged", &without);
    }
}

START_TEST(test_each_answer)
{
    /* What tells about the audit itself decides nothing; what is declared, and the API server's own list of checks, explain a verdict
     * and make none. */
    static const enum endpoint deciding[] = { ENDPOINT_VERSION,
                                              ENDPOINT_DISCOVERY,
                                              ENDPOINT_FLAGZ,
                                              ENDPOINT_METRICS,
                                              ENDPOINT_EXTENSION_AUTH,
                                              ENDPOINT_ANONYMOUS,
                                              ENDPOINT_TLS,
                                              ENDPOINT_OPENSHIFT_APISERVER,
                                              ENDPOINT_OPENSHIFT_CONTROLLERS,
                                              ENDPOINT_KUBE_PROXY_CONFIG,
                                              ENDPOINT_KUBELETS };
    static const enum endpoint telling[] = { ENDPOINT_READYZ, ENDPOINT_KUBEADM_CONFIG, ENDPOINT_KUBELET_CONFIG };
    for (size_t i = 0; i < bench.source_count; i++) {
        for (size_t k = 0; k < file[i].check_count; k++) {
            const struct check *check = benchmark_find(&bench, file[i].check[k].check);
            for (size_t n = 0; n < file[i].check[k].count; n++) {
                struct arena base CLEANUP(arena_release) = { 0 };
                struct damaging none = { 0 };
                struct selftest_between between = { .schemas = shared_schemas(), .over = over, .ctx = &none };
                struct result r = { 0 };
                struct err err = { 0 };
                ck_assert_msg(selftest_audit(&r, &base, &bench, &file[i], check, &file[i].check[k].item[n], &between, &err), "%s",
                              err.text);
                for (size_t q = 0; q < none.transport->asked.count; q++)
                    /* a self-test has no limit of its own for items */
                    for (int damage = DAMAGE_REMOVED; damage < DAMAGE_OVERSIZE; damage++)
                        damage_answer(&file[i], check, &file[i].check[k].item[n], none.transport->asked.item[q].text, (enum damage)damage,
                                      r.check[0].verdict);
            }
        }
    }
    for (size_t i = 0; i < sizeof deciding / sizeof *deciding; i++)
        ck_assert_msg(endpoint_changed[deciding[i]] > 0, "%s: its damage changes nothing", endpoint_path(deciding[i]));
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
        ck_assert_msg(endpoint_seen[telling[i]] > 0, "%s: it is never damaged", endpoint_path(telling[i]));
    for (size_t i = 0; i < sizeof allowed_row / sizeof *allowed_row; i++)
        ck_assert_msg(allowed_seen[i] > 0, "the rule for %s is not needed: %s", allowed_row[i].check, allowed_row[i].rule);
}
END_TEST

/* ---- facts of nodes */

/* 0: a node's facts are not given; 1: too old; 2: of the future; 3: processes hidden; 4: of another node's name; then, for each file, no
 * row or one of three states. */
enum { NODE_WHOLE = 5, NODE_STATES = 4 };

static void hurt_file(struct damaging *d, struct node_facts *f, size_t row, size_t how)
{
    static const int state[] = { NODE_NOT_VISIBLE, NODE_FORBIDDEN, NODE_UNREADABLE };
    struct node_file *x = &f->file.item[row];
    for (size_t i = 0; i < f->file.count; i++)
        d->others_left = d->others_left || (i != row && f->file.item[i].role == x->role);
    if (how == 3) {
        *x = f->file.item[--f->file.count];
        return;
    }
    d->others_left = false;
    x->state = state[how];
    x->reason = STR("damaged");
    x->policy = NULL;
}

static void hurt_nodes(void *ctx, struct node_evidence *e)
{
    struct damaging *d = ctx;
    struct node_facts *f = &e->node[d->node];
    size_t row = (d->which - NODE_WHOLE) / NODE_STATES;
    if (d->node >= e->count || (d->which >= NODE_WHOLE && row >= f->file.count)) {
        d->none_left = true;
    } else if (d->which == 0) {
        *f = e->node[--e->count];
    } else if (d->which < 3) {
        f->collected.s += d->which == 1 ? -86400 * 60 : 86400 * 60;
    } else if (d->which == 3) {
        f->processes_visible = false;
        f->process.count = 0;
        f->processes_reason = STR("hidden");
    } else if (d->which == 4) {
        f->node_name = STR("a-stranger");
    } else {
        hurt_file(d, f, row, (d->which - NODE_WHOLE) % NODE_STATES);
    }
}

/* The verdict with one fact damaged; false: there is no such fact. */
static bool damage_fact(const struct selftest_file *f, const struct check *check, const struct selftest_case *item, size_t node,
                        size_t which, enum verdict before, size_t *changed)
{
    static const char *const whole[] = { "are missing", "are too old", "are of the future", "hide processes", "are another node's" };
    struct arena a CLEANUP(arena_release) = { 0 };
    struct damaging d = { .node = node, .which = which };
    struct selftest_between between = { .schemas = shared_schemas(), .nodes = hurt_nodes, .ctx = &d };
    struct result r = { 0 };
    struct err err = { 0 };
    ck_assert_msg(selftest_audit(&r, &a, &bench, f, check, item, &between, &err), "%s", err.text);
    if (d.none_left)
        return false;
    struct changed c = { check, item, str_printf(&a, "facts of node %zu", node), DAMAGE_NONE, before, r.check[0].verdict };
    *changed += c.now != c.before;
    /* A node's list of files is its own word: another file in the same role still passes or fails by itself. */
    if (c.now != c.before && c.now != VERDICT_UNKNOWN && !is_earned(&c) && !d.others_left)
        refuse(&c, which < NODE_WHOLE ? whole[which] : str_to_c(&a, str_printf(&a, "damage %zu", which)), &r);
    return true;
}

START_TEST(test_each_fact)
{
    size_t cases = 0, changed = 0;
    for (size_t i = 0; i < bench.source_count; i++) {
        for (size_t k = 0; k < file[i].check_count; k++) {
            const struct check *check = benchmark_find(&bench, file[i].check[k].check);
            for (size_t n = 0; n < file[i].check[k].count; n++) {
                const struct selftest_case *item = &file[i].check[k].item[n];
                struct arena base CLEANUP(arena_release) = { 0 };
                struct result r = { 0 };
                struct err err = { 0 };
                if (!item->node_facts)
                    continue;
                cases++;
                ck_assert_msg(selftest_audit(&r, &base, &bench, &file[i], check, item,
                                             &(struct selftest_between){ .schemas = shared_schemas() }, &err),
                              "%s", err.text);
                for (size_t node = 0; node < item->node_facts->child_count; node++)
                    for (size_t which = 0; damage_fact(&file[i], check, item, node, which, r.check[0].verdict, &changed); which++)
                        ;
            }
        }
    }
    ck_assert_uint_gt(cases, 100);
    ck_assert_uint_gt(changed, cases);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("no unearned pass, source by source");
    TCase *t = tcase_create("damage");
    tcase_set_timeout(t, 900);
    tcase_add_unchecked_fixture(t, setup, teardown);
    tcase_add_test(t, test_each_answer);
    tcase_add_test(t, test_each_fact);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
