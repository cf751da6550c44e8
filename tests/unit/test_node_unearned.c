/* Facts of nodes: what is read is refused with its place when it is wrong, and no verdict is earned by taking
 * facts away: whichever node's, whichever role's, by whatever obstacle. */
#include "audit/audit.h"
#include "base/file.h"
#include "cluster/kind_schema.h"
#include "cluster/manifests.h"
#include "cluster/node_facts_read.h"
#include "unit/from_yaml.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena keep;
static struct kind_schemas schemas; /* read once for all audits */
static struct err err;
static struct benchmark bench;
static struct value params;
static bool *about_nodes; /* by check */
static size_t about_nodes_count;

static void setup(void)
{
    const char *given = getenv("srcdir");
    struct faults faults = { 0 };
    char *file = str_to_c(&keep, file_join(&keep, str_from_c(given ? given : "."), STR("benchmarks/cis-kubernetes-2.0.1.yaml")));
    ck_assert(benchmark_load(&bench, &keep, file, &faults));
    ck_assert(benchmark_params(&bench, NULL, 0, &keep, &params, &err));
    about_nodes = arena_array(&keep, bool, bench.check_count);
    for (size_t i = 0; i < bench.check_count; i++) {
        struct str over = bench.check[i].part_count ? bench.check[i].part[0].over : STR("");
        about_nodes[i] = str_eq_c(over, "nodefiles") || str_eq_c(over, "nodeprocesses");
        about_nodes_count += about_nodes[i];
    }
}
static void teardown(void)
{
    err_clear(&err);
}

/* ---- reading */

#define HEAD                                                                                                                      \
    "kind: NodeFacts\nschemaVersion: 1\nnodeName: node-1\ncollectedAt: '2026-12-31T00:00:00Z'\ntoolVersion: t\nroot: /\nmounts: " \
    "[]\nprocessesVisible: true\n"
#define FILE1(more) HEAD "processes: []\nfiles:\n- {role: cni, path: /f, platform: kubeadm, source: default, " more "}\n"

static const struct {
    const char *text;
    uint32_t line; /* of the fault; 0: it is read */
    const char *says;
} read_row[] = {
    { HEAD "processes: []\nfiles: []\n", 0, NULL },
    { FILE1("state: absent"), 0, NULL },
    { FILE1("state: present, type: file, mode: '0600', uid: 0, gid: 0, size: 1"), 0, NULL },
    { FILE1("state: present, type: file, mode: '600', uid: 0, gid: 0, size: 1"), 11, "four octal digits" },
    { FILE1("state: present, type: file, mode: '0680', uid: 0, gid: 0, size: 1"), 11, "four octal digits" },
    { FILE1("state: present, type: file, uid: 0, gid: 0, size: 1"), 11, "four octal digits" },
    { FILE1("state: present, type: file, mode: '0600', gid: 0, size: 1"), 11, "\"uid\"" },
    { FILE1("state: present, type: file, mode: '0600', uid: -1, gid: 0, size: 1"), 11, "\"uid\"" },
    { FILE1("state: present, type: file, mode: '0600', uid: 4294967296, gid: 0, size: 1"), 11, "\"uid\"" },
    { FILE1("state: present, type: socket, mode: '0600', uid: 0, gid: 0, size: 1"), 11, "\"type\"" },
    { FILE1("state: gone"), 11, "\"state\"" },
    { FILE1("state: absent, colour: red"), 11, "unknown key \"colour\"" },
    { FILE1("state: absent, auditPolicy: {}"), 11, "auditPolicy" },
    { FILE1("state: absent") "- {role: cni, path: /f, platform: kubeadm, source: default, state: absent}\n", 12, "told twice" },
    { HEAD "processes: [{name: kubelet, pid: 1, inContainer: false, flags: {a: 1}}]\nfiles: []\n", 9, "flags" },
    { HEAD "processes: [{name: kubelet, pid: 1, inContainer: false, flags: []}]\nfiles: []\n", 9, "flags" },
    { "kind: NodeFacts\nschemaVersion: 2\nnodeName: node-1\ncollectedAt: '2026-12-31T00:00:00Z'\ntoolVersion: t\nroot: /\nmounts: "
      "[]\nprocessesVisible: true\nprocesses: []\nfiles: []\n",
      2, "schemaVersion is 2" },
    { "kind: NodeFacts\nschemaVersion: 1\nnodeName: node-1\ncollectedAt: yesterday\ntoolVersion: t\nroot: /\nmounts: []\nprocessesVisible: "
      "true\nprocesses: []\nfiles: []\n",
      4, "RFC 3339" },
    { "kind: Pod\n", 1, "needs the key" },
};

START_TEST(test_read)
{
    for (size_t i = 0; i < sizeof read_row / sizeof *read_row; i++) {
        struct node_facts f;
        err_clear(&err);
        bool ok = node_facts_parse(&f, &keep, str_from_c(read_row[i].text), "n.json", &err);
        ck_assert_msg(ok == (read_row[i].line == 0), "%s: %s", read_row[i].text, err.text);
        if (ok)
            continue;
        ck_assert_msg(err.pos.line == read_row[i].line && err.pos.column > 0, "%s: line %u: %s", read_row[i].text, err.pos.line, err.text);
        ck_assert_msg(strstr(err.text, read_row[i].says) != NULL, "%s: %s", read_row[i].text, err.text);
    }
}
END_TEST

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

/* A node cannot speak for another, and an empty folder is not no nodes. */
START_TEST(test_folder)
{
    char top[] = "/tmp/kubevouch-nodes.XXXXXX";
    struct node_evidence e;
    ck_assert(mkdtemp(top) != NULL);
    ck_assert(!node_facts_read(&e, &keep, top, &err));
    ck_assert_int_eq(err.code, ERR_INPUT);
    err_clear(&err);
    struct str text = STR(HEAD "processes: []\nfiles: []\n");
    ck_assert(file_write_atomic(str_to_c(&keep, str_printf(&keep, "%s/node-1.json", top)), text, &err));
    ck_assert(file_write_atomic(str_to_c(&keep, str_printf(&keep, "%s/notes.txt", top)), STR("x"), &err));
    ck_assert_msg(node_facts_read(&e, &keep, top, &err), "%s", err.text);
    ck_assert_uint_eq(e.count, 1);
    ck_assert(file_write_atomic(str_to_c(&keep, str_printf(&keep, "%s/m.json", top)), text, &err));
    ck_assert(!node_facts_read(&e, &keep, top, &err));
    ck_assert_msg(strstr(err.text, "named for its node") != NULL, "%s", err.text);
    err_clear(&err);
    ck_assert(!node_facts_read(&e, &keep, "/nonexistent/kubevouch", &err));
    ck_assert_int_eq(err.code, ERR_NOT_FOUND);
    (void)nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
END_TEST

/* ---- no unearned pass */

enum { NODES = 3 };
static const char *const node_name[NODES] = { "cp-1", "w-1", "w-2" };

/* Every role on each node; what is loose fails some checks: bit r of loose is role r. */
static void fill_node(struct node_facts *f, struct arena *a, size_t n, uint32_t loose)
{
    struct node *doc;
    size_t docs;
    struct audit_policy *policy = arena_new(a, struct audit_policy);
    const char *rules = loose & 1u ? "[{level: None, verbs: [get]}, {level: Metadata}]" : "[{level: Metadata}]";
    ck_assert(yaml_read(&doc, &docs, a, str_printf(a, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: %s", rules), "p", &err) &&
              audit_policy_of_node(policy, a, doc, &err));
    *f = (struct node_facts){ .node_name = str_from_c(node_name[n]),
                              .collected_at = STR("2026-12-31T00:00:00Z"),
                              .processes_visible = true };
    ck_assert(clock_parse_rfc3339(f->collected_at, &f->collected));
    *VEC_PUSH(&f->process, a) = (struct node_process){ .name = STR("kubelet"),
                                                       .pid = 1,
                                                       .flags = loose & 2u ? from_yaml(a, "{hostname-override: x}") : from_yaml(a, "{}") };
    for (int role = 0; role < NODE_ROLE_COUNT; role++) {
        bool bad = loose >> (role + 2) & 1u;
        *VEC_PUSH(&f->file, a) = (struct node_file){
            .role = role,
            .state = NODE_PRESENT,
            .platform = STR("kubeadm"),
            .source = STR("default"),
            .path = STR("/f"),
            .type = STR("file"),
            .mode = bad ? 0777 : 0400,
            .uid = bad ? 5 : 0,
            .owner = role == NODE_ETCD_DATA && !bad ? STR("etcd") : STR("games"),
            .policy = role == NODE_AUDIT_POLICY ? policy : NULL,
        };
        if (role == NODE_ETCD_DATA && !bad) {
            struct node_file *x = &f->file.item[f->file.count - 1];
            x->uid = x->gid = 9;
            x->group = STR("etcd");
        }
    }
}

static enum verdict *verdicts(struct arena *a, const struct node_evidence *e)
{
    struct cluster *cluster = arena_new(a, struct cluster);
    struct collected collected = { .cluster = cluster };
    struct client_limits limits;
    struct client client;
    struct result r = { 0 };
    struct value object[NODES];
    for (size_t i = 0; i < NODES; i++)
        object[i] = from_yaml(
            a,
            str_to_c(a, str_printf(a, "{apiVersion: v1, kind: Node, metadata: {name: %s}, status: {nodeInfo: {kubeletVersion: v1.35.4}}}",
                                   node_name[i])));
    cluster_init(cluster, a);
    if (!schemas.document.arena)
        kind_schemas_open(&schemas, &keep, &keep);
    cluster->schemas = &schemas;
    ck_assert(clock_parse_rfc3339(STR("2027-01-01T00:00:00Z"), &cluster->now));
    struct audit_options o = { .selected = about_nodes, .params = params, .nodes = e };
    struct audit *au = audit_open(a, &bench, cluster, &o);
    struct collect_observer observer = { .object = audit_object, .early_done = audit_early_done, .ctx = au };
    struct collect_options needs = audit_needs(au);
    client_limits_default(&limits);
    client_init(&client, manifests_of(a, object, NODES, value_null()), a, &limits);
    ck_assert(collect_run(&collected, &client, &needs, &observer, &err));
    ck_assert(audit_finish(au, NULL, 0, &r, &err));
    ck_assert_uint_eq(r.check_count, about_nodes_count);
    enum verdict *v = arena_array(a, enum verdict, r.check_count);
    for (size_t i = 0; i < r.check_count; i++)
        v[i] = r.check[i].verdict;
    return v;
}

/* 0: the facts of the node are not given; 1: too old; 2: of the future; 3: its processes are hidden; then, for each
 * role, a state or no row at all. */
enum { WHOLE = 4, STATES = 4, DAMAGES = WHOLE + NODE_ROLE_COUNT * STATES };

static void damage(struct node_evidence *e, size_t node, size_t which)
{
    static const int state[] = { NODE_NOT_VISIBLE, NODE_FORBIDDEN, NODE_UNREADABLE };
    struct node_facts *f = &e->node[node];
    if (which == 0) {
        e->node[node] = e->node[e->count - 1];
        e->count--;
    } else if (which < 3) {
        f->collected.s += which == 1 ? -86400 * 30 : 86400 * 30;
    } else if (which == 3) {
        f->processes_visible = false;
        f->process.count = 0;
        f->processes_reason = STR("hidden");
    } else {
        struct node_file *x = &f->file.item[(which - WHOLE) / STATES];
        size_t how = (which - WHOLE) % STATES;
        if (how == 3) {
            *x = f->file.item[--f->file.count];
            return;
        }
        x->state = state[how];
        x->reason = STR("damaged");
        x->policy = NULL;
    }
}

/* Roles sound and loose by a fixed sequence. */
START_TEST(test_no_unearned_pass)
{
    static const uint32_t loose[][NODES] = { { 0, 0, 0 }, { 0xffffffffu, 0, 0 }, { 0, 0x55555555u, 0xaaaaaaaau }, { 0, 0, 0xffffffffu } };
    const uint32_t *now = loose[_i];
    struct arena base CLEANUP(arena_release) = { 0 };
    struct node_facts node[NODES];
    struct node_evidence e = { .node = node, .count = NODES, .max_age_s = 7 * 86400 };
    for (size_t n = 0; n < NODES; n++)
        fill_node(&node[n], &base, n, now[n]);
    enum verdict *before = verdicts(&base, &e);
    size_t passed = 0, failed = 0, changed = 0;
    for (size_t i = 0; i < about_nodes_count; i++) {
        passed += before[i] == VERDICT_PASS;
        failed += before[i] == VERDICT_FAIL;
    }
    ck_assert_uint_eq(passed + failed, about_nodes_count);
    ck_assert(_i == 0 ? failed == 0 : failed > 0);
    for (size_t n = 0; n < NODES; n++) {
        for (size_t which = 0; which < DAMAGES; which++) {
            struct arena a CLEANUP(arena_release) = { 0 };
            struct node_facts copy[NODES];
            struct node_evidence hurt = { .node = copy, .count = NODES, .max_age_s = e.max_age_s };
            for (size_t k = 0; k < NODES; k++)
                fill_node(&copy[k], &a, k, now[k]);
            damage(&hurt, n, which);
            enum verdict *after = verdicts(&a, &hurt);
            size_t here = 0;
            for (size_t i = 0; i < about_nodes_count; i++) {
                here += after[i] != before[i];
                ck_assert_msg(after[i] == before[i] || after[i] == VERDICT_UNKNOWN, "node %s, damage %zu: check %zu was %s and is %s",
                              node_name[n], which, i, verdict_label(before[i]), verdict_label(after[i]));
            }
            ck_assert_msg(_i != 0 || here > 0, "node %s, damage %zu changes nothing", node_name[n], which);
            changed += here;
        }
    }
    ck_assert_uint_gt(changed, 0);
    ck_assert_uint_eq(about_nodes_count, 33);
}
END_TEST

START_TEST(test_without_facts_all_are_unknown)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    enum verdict *v = verdicts(&a, NULL);
    for (size_t i = 0; i < about_nodes_count; i++)
        ck_assert_int_eq(v[i], VERDICT_UNKNOWN);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("facts of nodes");
    TCase *t = tcase_create("facts of nodes");
    tcase_set_timeout(t, 300);
    tcase_add_unchecked_fixture(t, setup, NULL);
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_test(t, test_read);
    tcase_add_test(t, test_folder);
    tcase_add_loop_test(t, test_no_unearned_pass, 0, 4);
    tcase_add_test(t, test_without_facts_all_are_unknown);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    arena_release(&keep);
    return failed ? 1 : 0;
}
