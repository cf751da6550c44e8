/* Files on a node: walking a hostile tree, and what is told of a control plane's. */
#include "node/node.h"
#include "node/walk.h"
#include "unit/from_yaml.h"
#include "value/json_doc.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct arena arena;
static struct err err;
static char top[] = "/tmp/kubevouch-node.XXXXXX";
static char *root;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static void setup(void)
{
    memcpy(top + strlen(top) - 6, "XXXXXX", 6);
    ck_assert(mkdtemp(top) != NULL);
    root = str_to_c(&arena, str_printf(&arena, "%s/root", top));
    ck_assert_int_eq(mkdir(root, 0755), 0);
}
static void teardown(void)
{
    (void)nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_release(&arena);
    err_clear(&err);
}

static char *at(const char *path)
{
    return str_to_c(&arena, str_printf(&arena, "%s%s", root, path));
}
static void folder(const char *path)
{
    char *full = at(path);
    for (char *p = full + strlen(root); *p; p++) {
        if (*p != '/' || p == full + strlen(root))
            continue;
        *p = 0;
        (void)mkdir(full, 0755);
        *p = '/';
    }
    (void)mkdir(full, 0755);
}
static void file(const char *path, mode_t mode, const char *text)
{
    char *slash = strrchr(str_to_c(&arena, str_from_c(path)), '/');
    folder(str_to_c(&arena, str_of(path, strlen(path) - strlen(slash))));
    int fd = open(at(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq((int)write(fd, text, strlen(text)), (int)strlen(text));
    ck_assert_int_eq(fchmod(fd, mode), 0);
    (void)close(fd);
}
static void link_to(const char *target, const char *path)
{
    ck_assert_int_eq(symlink(target, at(path)), 0);
}

/* ---- walking */

static struct walk_seen look(const char *path, const struct str *mount, size_t mount_count)
{
    struct walk_root r = { .fd = -1 };
    struct walk_seen s;
    ck_assert_msg(walk_open(&r, root, &err), "%s", err.text);
    r.mount = mount;
    r.mount_count = mount_count;
    walk_look(&s, &arena, &r, str_from_c(path));
    walk_close(&r);
    return s;
}

static const struct {
    const char *path;
    enum node_state state;
    const char *resolved;
} walk_row[] = {
    { "/", NODE_PRESENT, "/" },
    { "/etc/f", NODE_PRESENT, "/etc/f" },
    { "//etc/.//f", NODE_PRESENT, "/etc/f" },
    { "/etc/../etc/f", NODE_PRESENT, "/etc/f" },
    { "/../../../../etc/f", NODE_PRESENT, "/etc/f" },
    { "/etc/none", NODE_ABSENT, NULL },
    { "/etc/f/below-a-file", NODE_ABSENT, NULL },
    { "/etc/relative", NODE_PRESENT, "/etc/f" },
    { "/etc/absolute", NODE_PRESENT, "/etc/f" },
    { "/etc/dangling", NODE_ABSENT, NULL },
    { "/etc/climbing", NODE_ABSENT, NULL }, /* ../../../../../../SECRET stays below the root */
    /* an absolute path of this machine means one below the root */
    { "/etc/outside", NODE_ABSENT, NULL },
    { "/etc/loop-a", NODE_UNREADABLE, NULL },
    { "/etc/self", NODE_UNREADABLE, NULL },
    { "/etc/up", NODE_PRESENT, "/" },
    { "/etc/up/etc/up/etc/f", NODE_PRESENT, "/etc/f" },
    { "/etc/fifo", NODE_PRESENT, "/etc/fifo" },
};

START_TEST(test_walk)
{
    char *secret = str_to_c(&arena, str_printf(&arena, "%s/secret", top));
    int fd = open(secret, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    (void)close(fd);
    file("/etc/f", 0640, "x");
    link_to("f", "/etc/relative");
    link_to("/etc/f", "/etc/absolute");
    link_to("nothing", "/etc/dangling");
    link_to("../../../../../../secret", "/etc/climbing");
    link_to(secret, "/etc/outside");
    link_to("loop-b", "/etc/loop-a");
    link_to("loop-a", "/etc/loop-b");
    link_to("self/self", "/etc/self");
    link_to("/", "/etc/up");
    ck_assert_int_eq(mkfifo(at("/etc/fifo"), 0600), 0);
    for (size_t i = 0; i < sizeof walk_row / sizeof *walk_row; i++) {
        struct walk_seen s = look(walk_row[i].path, NULL, 0);
        ck_assert_msg(s.state == walk_row[i].state, "%s: %s", walk_row[i].path, node_state_name[s.state]);
        if (walk_row[i].resolved)
            ck_assert_text(s.resolved, walk_row[i].resolved);
        walk_seen_close(&s);
    }
}
END_TEST

START_TEST(test_walk_mounts)
{
    static const struct str mount[] = { STR_INIT("/etc/kubernetes"), STR_INIT("/var/lib/") };
    static const struct {
        const char *path;
        enum node_state state;
    } row[] = {
        { "/etc/kubernetes", NODE_PRESENT },
        { "/etc/kubernetes/none", NODE_ABSENT },
        { "/etc", NODE_NOT_VISIBLE }, /* the container's own */
        { "/etc/kubernetes2", NODE_NOT_VISIBLE },
        { "/etc/kubernetes/escape", NODE_NOT_VISIBLE },
        { "/opt/x", NODE_NOT_VISIBLE },
        { "/var/lib", NODE_NOT_VISIBLE }, /* a mount that is not there proves nothing */
        { "/var/lib/etcd", NODE_NOT_VISIBLE },
    };
    folder("/etc/kubernetes");
    folder("/opt");
    link_to("/opt/x", "/etc/kubernetes/escape");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct walk_seen s = look(row[i].path, mount, 2);
        ck_assert_msg(s.state == row[i].state, "%s: %s", row[i].path, node_state_name[s.state]);
        walk_seen_close(&s);
    }
}
END_TEST

/* A fifo would hold a reader for ever, and a folder is no file. */
START_TEST(test_reads_only_regular_files)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(10);
    const char *reason = NULL;
    struct walk_seen s;
    folder("/d");
    ck_assert_int_eq(mkfifo(at("/d/fifo"), 0600), 0);
    file("/d/long", 0600, "more than ten bytes");
    file("/d/short", 0600, "ten bytes!");
    s = look("/d/fifo", NULL, 0);
    ck_assert(!walk_read(&s, &text, &reason));
    ck_assert_str_eq(reason, "it is no regular file");
    walk_seen_close(&s);
    s = look("/d", NULL, 0);
    ck_assert(!walk_read(&s, &text, &reason));
    walk_seen_close(&s);
    s = look("/d/long", NULL, 0);
    ck_assert(!walk_read(&s, &text, &reason));
    ck_assert_str_eq(reason, "it is too large");
    walk_seen_close(&s);
    buf_reset(&text);
    s = look("/d/short", NULL, 0);
    ck_assert(!walk_read(&s, &text, &reason) || str_eq_c(buf_str(&text), "ten bytes!"));
    walk_seen_close(&s);
}
END_TEST

START_TEST(test_replaced_while_read)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(1000);
    const char *reason = NULL;
    file("/a", 0600, "a");
    file("/b", 0600, "b");
    struct walk_seen s = look("/a", NULL, 0);
    ck_assert_int_eq(rename(at("/b"), at("/a")), 0);
    ck_assert(!walk_read(&s, &text, &reason));
    ck_assert_str_eq(reason, "it was replaced while it was read");
    ck_assert_int_eq(unlink(at("/a")), 0);
    link_to("/etc/passwd", "/a");
    ck_assert(!walk_read(&s, &text, &reason));
    walk_seen_close(&s);
}
END_TEST

START_TEST(test_text)
{
    ck_assert_text(walk_text(&arena, STR("caf\xc3\xa9")), "caf\xc3\xa9");
    ck_assert_text(walk_text(&arena, STR("a\xff\x01\n\x7f")), "a\\xff\\x01\\x0a\\x7f");
    ck_assert_text(walk_text(&arena, STR("\xc2\x9b"
                                         "31m")),
                   "\\xc2\\x9b31m");
}
END_TEST

/* ---- what is told */

static struct node_facts gather_with(const struct str *mount, size_t mount_count)
{
    struct node_facts f;
    struct node_options o = { .root = root,
                              .mount = mount,
                              .mount_count = mount_count,
                              .host_name = STR("CP-1"),
                              .tool_version = STR("test"),
                              .now = { 1790000000, 0 } };
    ck_assert_msg(node_gather(&f, &arena, &o, &err), "%s", err.text);
    return f;
}
static struct node_facts gather(void)
{
    return gather_with(NULL, 0);
}

/* The only row of that role and state, or NULL. */
static const struct node_file *only(const struct node_facts *f, enum node_role role, enum node_state state)
{
    const struct node_file *found = NULL;
    for (size_t i = 0; i < f->file.count; i++) {
        const struct node_file *x = &f->file.item[i];
        if (x->role != (int)role || x->state != (int)state)
            continue;
        ck_assert_msg(!found, "two rows of %s are %s", node_role_name[role], node_state_name[state]);
        found = x;
    }
    return found;
}
static size_t count(const struct node_facts *f, enum node_role role, enum node_state state)
{
    size_t n = 0;
    for (size_t i = 0; i < f->file.count; i++)
        n += f->file.item[i].role == (int)role && f->file.item[i].state == (int)state;
    return n;
}

#define KUBELET_CONFIG "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
#define POLICY         "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n"
#define API_POD(args)                                                                                             \
    "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-apiserver, namespace: kube-system}\nspec:\n  containers:\n" \
    "  - {name: api, command: [kube-apiserver, " args                                                             \
    "], volumeMounts: [{name: a, mountPath: /etc/audit}, {name: k, mountPath: /etc/kubernetes}]}\n"               \
    "  volumes: [{name: a, hostPath: {path: /srv/audit}}, {name: k, hostPath: {path: /etc/kubernetes}}]\n"

START_TEST(test_kubeadm_node)
{
    file("/etc/passwd", 0644, "root:x:0:0::/:/bin/sh\n");
    file("/var/lib/kubelet/config.yaml", 0644,
         KUBELET_CONFIG "staticPodPath: /srv/pods\nauthentication: {x509: {clientCAFile: /srv/ca.crt}}\n");
    file("/srv/pods/renamed.yaml", 0600, API_POD("--audit-policy-file=/etc/audit/p.yaml"));
    file("/srv/pods/.hidden.yaml", 0666, API_POD("--x=y"));
    file("/srv/ca.crt", 0644, "");
    file("/srv/audit/p.yaml", 0600, POLICY);
    file("/etc/kubernetes/pki/ca.crt", 0664, "");
    file("/etc/kubernetes/pki/sa.key", 0600, "KEY MATERIAL");
    file("/etc/kubernetes/pki/etcd/server.key", 0640, "");
    file("/etc/kubernetes/kubelet.conf", 0600, "");
    folder("/var/lib/etcd");
    ck_assert_int_eq(chmod(at("/var/lib/etcd"), 0700), 0);
    struct node_facts f = gather();
    ck_assert_text(f.node_name, "cp-1");
    const struct node_file *m = only(&f, NODE_APISERVER_MANIFEST, NODE_PRESENT);
    ck_assert_text(m->path, "/srv/pods/renamed.yaml");
    ck_assert_uint_eq(m->mode, 0600);
    ck_assert_int_eq(m->uid, (int64_t)getuid());
    ck_assert_text(only(&f, NODE_KUBELET_CLIENT_CA, NODE_PRESENT)->path, "/srv/ca.crt");
    const struct node_file *p = only(&f, NODE_AUDIT_POLICY, NODE_PRESENT);
    ck_assert_text(p->path, "/srv/audit/p.yaml"); /* through the pod's mount */
    ck_assert(p->policy && p->policy->rules.count == 1);
    ck_assert_uint_eq(only(&f, NODE_PKI_CERTIFICATE, NODE_PRESENT)->mode, 0664);
    ck_assert_uint_eq(count(&f, NODE_PKI_KEY, NODE_PRESENT), 2);
    ck_assert_uint_eq(count(&f, NODE_PKI, NODE_PRESENT), 2); /* the two folders */
    ck_assert(only(&f, NODE_SCHEDULER_MANIFEST, NODE_ABSENT));
    ck_assert_uint_eq(only(&f, NODE_ETCD_DATA, NODE_PRESENT)->mode, 0700);
    ck_assert_text(only(&f, NODE_ETCD_DATA, NODE_PRESENT)->type, "directory");
    ck_assert(!f.processes_visible && f.processes_reason.n);
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)1 << 20);
    json_doc_write(&text, node_facts_value(&arena, &f), 0);
    ck_assert(!str_contains(buf_str(&text), STR("KEY MATERIAL")));
}
END_TEST

/* A folder without a file of a role is not a gap. */
START_TEST(test_empty_folders)
{
    file("/etc/kubernetes/pki/ca.crt", 0644, "");
    folder("/etc/cni/net.d");
    struct node_facts f = gather();
    ck_assert_text(only(&f, NODE_PKI_KEY, NODE_ABSENT)->path, "/etc/kubernetes/pki/*");
    ck_assert_uint_eq(count(&f, NODE_PKI_CERTIFICATE, NODE_ABSENT), 0);
    /* and the folder of addresses, which is not there */
    ck_assert_uint_eq(count(&f, NODE_CNI, NODE_ABSENT), 2);
}
END_TEST

START_TEST(test_no_policy_and_worker)
{
    file("/var/lib/kubelet/config.yaml", 0600, KUBELET_CONFIG "staticPodPath: /etc/kubernetes/manifests\n");
    file("/etc/kubernetes/manifests/kube-apiserver.yaml", 0600, API_POD("--v=1"));
    struct node_facts f = gather();
    ck_assert_text(only(&f, NODE_AUDIT_POLICY, NODE_NOT_CONFIGURED)->reason, "kube-apiserver runs without --audit-policy-file");
    ck_assert(only(&f, NODE_KUBELET_CLIENT_CA, NODE_NOT_CONFIGURED));
    ck_assert_int_eq(unlink(at("/etc/kubernetes/manifests/kube-apiserver.yaml")), 0);
    f = gather();
    ck_assert(only(&f, NODE_APISERVER_MANIFEST, NODE_ABSENT));
    ck_assert(only(&f, NODE_AUDIT_POLICY, NODE_ABSENT));
}
END_TEST

/* A manifest can name any file: what is no audit policy is not repeated. */
START_TEST(test_policy_names_a_secret)
{
    file("/var/lib/kubelet/config.yaml", 0600, KUBELET_CONFIG "staticPodPath: /p\n");
    file("/p/a.yaml", 0600, API_POD("--audit-policy-file=/etc/kubernetes/shadow"));
    file("/etc/kubernetes/shadow", 0600, "hunter2: hunter2\nhunter2: x\n");
    struct node_facts f = gather();
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)1 << 20);
    const struct node_file *p = only(&f, NODE_AUDIT_POLICY, NODE_PRESENT);
    ck_assert(p->reason.n && !p->policy);
    json_doc_write(&text, node_facts_value(&arena, &f), 0);
    ck_assert(!str_contains(buf_str(&text), STR("hunter2")));
    file("/etc/kubernetes/shadow", 0600, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: hunter2}]\n");
    f = gather();
    p = only(&f, NODE_AUDIT_POLICY, NODE_PRESENT);
    ck_assert(p->reason.n && !p->policy && !str_contains(p->reason, STR("hunter2")));
}
END_TEST

START_TEST(test_in_the_container)
{
    file("/var/lib/kubelet/config.yaml", 0600, KUBELET_CONFIG "staticPodPath: /p\n");
    file("/p/a.yaml", 0600, API_POD("--audit-policy-file=/opt/policy.yaml"));
    struct node_facts f = gather();
    ck_assert(str_contains(only(&f, NODE_AUDIT_POLICY, NODE_UNREADABLE)->reason, STR("inside the container")));
}
END_TEST

/* What was not seen is never told as absent. */
START_TEST(test_blind_is_not_absent)
{
    static const struct str mount[] = { STR_INIT("/etc/kubernetes") };
    struct node_facts f = gather();
    ck_assert_uint_eq(count(&f, NODE_APISERVER_MANIFEST, NODE_NOT_VISIBLE), 1);
    ck_assert_uint_eq(count(&f, NODE_AUDIT_POLICY, NODE_NOT_VISIBLE), 1);
    ck_assert_uint_eq(count(&f, NODE_KUBELET_CONFIG, NODE_ABSENT), 0);
    folder("/etc/kubernetes");
    f = gather_with(mount, 1);
    for (size_t i = 0; i < f.file.count; i++)
        ck_assert_msg(f.file.item[i].state != NODE_ABSENT || str_has_prefix(f.file.item[i].path, STR("/etc/kubernetes/")),
                      "%.*s is told as absent", STR_ARG(f.file.item[i].path));
}
END_TEST

START_TEST(test_hostile_tree)
{
    folder("/etc/cni/net.d");
    link_to("/etc", "/etc/cni/net.d/round");
    link_to("gone", "/etc/cni/net.d/dangling");
    file("/etc/cni/net.d/\xff\x1b", 0644, "");
    ck_assert_int_eq(mkfifo(at("/etc/cni/net.d/fifo"), 0600), 0);
    char *deep = str_to_c(&arena, STR("/etc/kubernetes/pki"));
    for (int i = 0; i < 20; i++)
        deep = str_to_c(&arena, str_printf(&arena, "%s/d", deep));
    folder(deep);
    struct node_facts f = gather();
    ck_assert_uint_eq(count(&f, NODE_CNI, NODE_UNREADABLE), 2);
    ck_assert_uint_eq(count(&f, NODE_CNI, NODE_PRESENT), 2);
    /* too deep: keys may be there */
    ck_assert_uint_eq(count(&f, NODE_PKI_KEY, NODE_UNREADABLE), 1);
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)1 << 20);
    json_doc_write(&text, node_facts_value(&arena, &f), 0);
    ck_assert(str_contains(buf_str(&text), STR("\\\\xff\\\\x1b")));
}
END_TEST

START_TEST(test_processes)
{
    file("/proc/42/cmdline", 0644, ""); /* whoever runs this writes to it */
    int fd = open(at("/proc/42/cmdline"), O_WRONLY | O_CLOEXEC | O_TRUNC);
    static const char line[] = "/usr/bin/kubelet\0--config=/k.yaml\0--hostname-override\0Node-X\0--cloud-token=hunter2\0";
    ck_assert_int_eq((int)write(fd, line, sizeof line - 1), (int)sizeof line - 1);
    (void)close(fd);
    file("/proc/42/cgroup", 0444, "0::/system.slice/kubelet.service\n");
    file("/proc/43/cmdline", 0444, "kubelet");
    file("/proc/43/cgroup", 0444, "0::/kubepods.slice/x\n");
    file("/k.yaml", 0600, KUBELET_CONFIG "staticPodPath: /p\n");
    struct node_facts f = gather();
    ck_assert(f.processes_visible);
    if (getuid() != 0) { /* only root's processes count */
        ck_assert_uint_eq(f.process.count, 0);
        return;
    }
    ck_assert_uint_eq(f.process.count, 2);
    ck_assert(!f.process.item[0].in_container && f.process.item[1].in_container);
    ck_assert_text(value_text_at(f.process.item[0].flags, "hostname-override", NULL), "Node-X");
    ck_assert_uint_eq(f.process.item[0].flags.n, 2);
    ck_assert_text(f.node_name, "node-x");
    ck_assert_text(only(&f, NODE_KUBELET_CONFIG, NODE_PRESENT)->path, "/k.yaml");
    ck_assert_uint_eq(count(&f, NODE_APISERVER_MANIFEST, NODE_ABSENT), 1);
}
END_TEST

START_TEST(test_no_root)
{
    struct node_facts f;
    struct node_options o = { .root = "/nonexistent/kubevouch" };
    ck_assert(!node_gather(&f, &arena, &o, &err));
    ck_assert_int_eq(err.code, ERR_IO);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("node");
    TCase *t = tcase_create("node");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_walk);
    tcase_add_test(t, test_walk_mounts);
    tcase_add_test(t, test_reads_only_regular_files);
    tcase_add_test(t, test_replaced_while_read);
    tcase_add_test(t, test_text);
    tcase_add_test(t, test_kubeadm_node);
    tcase_add_test(t, test_empty_folders);
    tcase_add_test(t, test_no_policy_and_worker);
    tcase_add_test(t, test_policy_names_a_secret);
    tcase_add_test(t, test_in_the_container);
    tcase_add_test(t, test_blind_is_not_absent);
    tcase_add_test(t, test_hostile_tree);
    tcase_add_test(t, test_processes);
    tcase_add_test(t, test_no_root);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
