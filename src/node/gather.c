/* The inside of node_gather, shared by the files of the room. */
#include "node/gather.h"

#include "base/file.h"

const char *const node_platform_name[PLATFORM_COUNT] = { "kubeadm", "k3s", "rke2" };

static const struct {
    enum node_role role;
    enum node_platform platform;
    enum node_shape shape;
    const char *path;
} path_row[] = {
#define NODE_PATH(role, platform, shape, path) \
    { NODE_##role, PLATFORM_##platform, SHAPE_##shape, path },
#include "node/path.def"
#undef NODE_PATH
};

/* ---- accounts */

static bool read_text(struct gather *g, struct str path, struct str *out, const char **reason)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(NODE_TEXT_BYTES_MAX);
    struct walk_seen s CLEANUP(walk_seen_close) = { .fd = -1, .parent = -1 };
    walk_look(&s, g->arena, g->root, path);
    if (s.state != NODE_PRESENT) {
        *reason = s.reason ? s.reason : "it is not there";
        return false;
    }
    if (!walk_read(&s, &text, reason))
        return false;
    *out = str_dup(g->arena, buf_str(&text));
    return true;
}

/* "name:x:ID:..." */
static void read_accounts(struct gather *g, const char *path, struct node_accounts *out)
{
    struct str text, line;
    const char *reason;
    if (!read_text(g, str_from_c(path), &text, &reason))
        return;
    while (str_next_field(&text, '\n', &line)) {
        struct str name, skipped, id, rest = line;
        int64_t number;
        if (str_next_field(&rest, ':', &name) && str_next_field(&rest, ':', &skipped) &&
            str_next_field(&rest, ':', &id) && str_to_int64(id, &number))
            *VEC_PUSH(&out->item, g->arena) =
                (struct node_account){ number, walk_text(g->arena, str_sub(name, 0, 64)) };
    }
}

void gather_accounts(struct gather *g)
{
    read_accounts(g, "/etc/passwd", &g->user);
    read_accounts(g, "/etc/group", &g->group);
}

static struct str account_name(const struct node_accounts *all, int64_t id)
{
    for (size_t i = 0; i < all->item.count; i++)
        if (all->item.item[i].id == id)
            return all->item.item[i].name;
    return id == 0 ? STR("root") : STR("");
}

/* ---- rows */

struct node_file *gather_told(struct gather *g, struct node_place at, enum node_state state,
                              const char *reason)
{
    bool is_new;
    void **told =
        map_at(&g->told, str_printf(g->arena, "%s %.*s", node_role_name[at.role], STR_ARG(at.path)),
               &is_new);
    if (is_new) {
        (void)VEC_PUSH(&g->out->file, g->arena);
        *told = (void *)(uintptr_t)g->out->file.count;
    }
    struct node_file *f = &g->out->file.item[(uintptr_t)*told - 1];
    *f = (struct node_file){ 0 };
    f->role = (int)at.role;
    f->state = (int)state;
    f->platform = str_from_c(node_platform_name[at.platform]);
    f->source = at.source;
    f->path = walk_text(g->arena, at.path);
    f->reason = str_from_c(reason);
    return f;
}

/* A service's unit is often reached by two paths (/lib is a link to /usr/lib): one row is enough.
 */
static bool is_told_already(const struct gather *g, struct node_place at, struct str resolved)
{
    for (size_t i = 0; i < g->out->file.count && at.role == NODE_KUBELET_SERVICE; i++) {
        const struct node_file *f = &g->out->file.item[i];
        if (f->role == NODE_KUBELET_SERVICE && f->state == NODE_PRESENT &&
            str_eq(f->target.n ? f->target : f->path, resolved))
            return true;
    }
    return false;
}

static void fill_stat(struct gather *g, struct node_file *f, const struct stat *st)
{
    f->type = S_ISREG(st->st_mode)   ? STR("file")
              : S_ISDIR(st->st_mode) ? STR("directory")
                                     : STR("other");
    f->mode = st->st_mode & 07777;
    f->uid = st->st_uid;
    f->gid = st->st_gid;
    f->owner = account_name(&g->user, f->uid);
    f->group = account_name(&g->group, f->gid);
    f->size = st->st_size;
}

static struct node_file *add_seen(struct gather *g, struct node_place at, const struct walk_seen *s)
{
    struct str resolved = walk_text(g->arena, s->resolved);
    if (g->out->file.count >= NODE_FILES_MAX) {
        struct node_file *last = &g->out->file.item[g->out->file.count - 1];
        last->state = NODE_UNREADABLE;
        last->reason = STR("there are more files than are looked at");
        return last;
    }
    if (s->state == NODE_PRESENT && is_told_already(g, at, resolved))
        return &g->out->file.item[g->out->file.count - 1];
    struct node_file *f = gather_told(g, at, s->state, s->reason);
    if (s->state == NODE_PRESENT)
        fill_stat(g, f, &s->st);
    if (!str_eq(resolved, f->path) && s->state != NODE_ABSENT)
        f->target = resolved;
    return f;
}

struct node_file *gather_file(struct gather *g, struct node_place at)
{
    struct walk_seen s CLEANUP(walk_seen_close) = { .fd = -1, .parent = -1 };
    if (at.path.n && at.path.p[0] != '/')
        return gather_told(g, at, NODE_NOT_VISIBLE,
                           "it is a relative path, and the folder that it starts in was not seen");
    walk_look(&s, g->arena, g->root, at.path);
    return add_seen(g, at, &s);
}

/* ---- folders */

static enum node_role role_in_tree(enum node_role role, struct str name)
{
    if (role != NODE_PKI)
        return role;
    if (str_has_suffix(name, STR(".crt")))
        return NODE_PKI_CERTIFICATE;
    return str_has_suffix(name, STR(".key")) ? NODE_PKI_KEY : role;
}

/* What hides a part of the tree hides files of each of its roles. */
static void tree_trouble(struct gather *g, struct node_place at, enum node_state state,
                         const char *reason)
{
    static const enum node_role pki[] = { NODE_PKI_CERTIFICATE, NODE_PKI_KEY };
    (void)gather_told(g, at, state, reason);
    for (size_t i = 0; at.role == NODE_PKI && i < 2; i++) {
        struct node_place also = at;
        also.role = pki[i];
        (void)gather_told(g, also, state, reason);
    }
}

static bool is_wanted(enum node_shape shape, struct str name)
{
    return shape != SHAPE_DROPINS || (str_has_suffix(name, STR(".conf")) && name.p[0] != '.');
}

static void walk_tree(struct gather *g, struct node_place at, enum node_shape shape,
                      unsigned depth);

static void tree_entry(struct gather *g, struct node_place at, enum node_shape shape,
                       unsigned depth, struct str name)
{
    struct walk_seen s CLEANUP(walk_seen_close) = { .fd = -1, .parent = -1 };
    at.path = str_printf(g->arena, "%.*s/%.*s", STR_ARG(at.path), STR_ARG(name));
    walk_look(&s, g->arena, g->root, at.path);
    bool is_folder = s.state == NODE_PRESENT && S_ISDIR(s.st.st_mode);
    if (is_folder && !s.last_is_link) {
        if (shape == SHAPE_TREE)
            walk_tree(g, at, shape, depth + 1);
        return;
    }
    if (!is_wanted(shape, name))
        return;
    if (is_folder) { /* walking it could lead anywhere, and around */
        tree_trouble(g, at, NODE_UNREADABLE, "it is a link to a folder, which is not walked");
        return;
    }
    if (s.state == NODE_ABSENT)
        s.state = NODE_UNREADABLE, s.reason = "it is a link to nothing";
    at.role = role_in_tree(at.role, name);
    (void)add_seen(g, at, &s);
}

static void walk_tree(struct gather *g, struct node_place at, enum node_shape shape, unsigned depth)
{
    struct walk_seen s CLEANUP(walk_seen_close) = { .fd = -1, .parent = -1 };
    struct walk_names names = { 0 };
    const char *reason;
    walk_look(&s, g->arena, g->root, at.path);
    if (s.state != NODE_PRESENT) {
        tree_trouble(g, at, s.state, s.reason);
        return;
    }
    if (at.role == NODE_PKI)
        (void)add_seen(g, at, &s);
    struct node_place inside = at;
    inside.path = str_printf(g->arena, "%.*s/*", STR_ARG(at.path));
    if (depth > NODE_TREE_DEPTH_MAX) {
        tree_trouble(g, inside, NODE_UNREADABLE, "its folders are too deep");
        return;
    }
    if (!walk_list(&s, g->arena, &names, &reason)) {
        tree_trouble(g, inside, NODE_FORBIDDEN, reason);
        return;
    }
    if (names.cut || g->out->file.count + names.item.count > NODE_FILES_MAX) {
        tree_trouble(g, inside, NODE_UNREADABLE, "the folder has more entries than are looked at");
        return;
    }
    walk_seen_close(&s); /* one folder open at a time */
    for (size_t i = 0; i < names.item.count; i++)
        tree_entry(g, at, shape, depth, names.item.item[i]);
}

/* A folder that was seen to its end and holds no file of a role: that is told too, or it would look
 * like a gap. */
static void tell_empty(struct gather *g, struct node_place at, enum node_role role, size_t before)
{
    for (size_t i = before; i < g->out->file.count; i++)
        if (g->out->file.item[i].role == (int)role)
            return;
    at.role = role;
    at.path = str_printf(g->arena, "%.*s/*", STR_ARG(at.path));
    (void)gather_told(g, at, NODE_ABSENT, NULL);
}

void gather_shape(struct gather *g, struct node_place at, enum node_shape shape)
{
    size_t before = g->out->file.count;
    if (shape == SHAPE_FILE) {
        (void)gather_file(g, at);
        return;
    }
    walk_tree(g, at, shape, 0);
    tell_empty(g, at, at.role, before);
    for (int role = NODE_PKI_CERTIFICATE; at.role == NODE_PKI && role <= NODE_PKI_KEY; role++)
        tell_empty(g, at, (enum node_role)role, before);
}

/* ---- documents */

const struct node *gather_document(struct gather *g, struct str path, const char **reason)
{
    struct str text;
    struct node *doc;
    size_t count;
    struct err err = { 0 };
    if (!read_text(g, path, &text, reason))
        return NULL;
    if (!yaml_read(&doc, &count, g->arena, text, "file", &err) || count != 1) {
        *reason = "it is not one YAML document";
        return NULL;
    }
    return &doc[0];
}

void gather_audit_policy(struct gather *g, enum node_platform platform, struct str source,
                         struct str path)
{
    struct node_place at = { NODE_AUDIT_POLICY, platform, source, path };
    struct audit_policy policy;
    const char *reason;
    struct err err = { 0 };
    g->apiserver_found = true;
    if (!path.n) {
        (void)gather_told(g, at, NODE_NOT_CONFIGURED,
                          "kube-apiserver runs without --audit-policy-file");
        return;
    }
    struct node_file *f = gather_file(g, at);
    if (f->state != NODE_PRESENT)
        return;
    const struct node *doc = gather_document(g, path, &reason);
    if (doc && audit_policy_of_node(&policy, g->arena, doc, &err)) {
        f->policy = arena_new(g->arena, struct audit_policy);
        *f->policy = policy;
        return;
    }
    f->reason = doc ? str_dup(g->arena, str_from_c(err.text)) : str_from_c(reason);
}

/* ---- defaults */

static const char *const platform_folder[PLATFORM_COUNT] = { NULL, "/var/lib/rancher/k3s",
                                                             "/var/lib/rancher/rke2" };

static void find_platforms(struct gather *g)
{
    g->has[PLATFORM_KUBEADM] = true;
    for (size_t i = 0; i < PLATFORM_COUNT; i++) {
        struct walk_seen s CLEANUP(walk_seen_close) = { .fd = -1, .parent = -1 };
        if (!platform_folder[i])
            continue;
        walk_look(&s, g->arena, g->root, str_from_c(platform_folder[i]));
        g->has[i] = s.state != NODE_ABSENT;
    }
}

/* Nothing at the usual places proves nothing when the command line that may name another was not
 * seen. */
static void tell_blindness(struct gather *g, enum node_role role)
{
    for (size_t i = 0; i < g->out->file.count; i++)
        if (g->out->file.item[i].role == (int)role && g->out->file.item[i].state == NODE_PRESENT)
            return;
    for (size_t i = 0; i < g->out->file.count; i++) {
        struct node_file *f = &g->out->file.item[i];
        if (f->role != (int)role || f->state != NODE_ABSENT)
            continue;
        f->state = NODE_NOT_VISIBLE;
        f->reason = STR("it is not at the usual place, and the kubelet's command line, which says "
                        "where it is, was not seen");
    }
}

void gather_defaults(struct gather *g)
{
    static const enum node_role told_by_kubelet[] = { NODE_KUBELET_CONFIG, NODE_KUBELET_KUBECONFIG,
                                                      NODE_KUBELET_CLIENT_CA };
    for (size_t i = 0; i < sizeof path_row / sizeof *path_row; i++) {
        if (!g->has[path_row[i].platform] ||
            (path_row[i].platform == PLATFORM_KUBEADM && g->moved[path_row[i].role]))
            continue;
        struct node_place at = { path_row[i].role, path_row[i].platform, STR("default"),
                                 str_from_c(path_row[i].path) };
        gather_shape(g, at, path_row[i].shape);
    }
    for (size_t i = 0; i < sizeof told_by_kubelet / sizeof *told_by_kubelet && !g->kubelet.found;
         i++)
        tell_blindness(g, told_by_kubelet[i]);
}

/* ---- all of it */

static void name_node(struct gather *g, const struct node_options *o)
{
    struct str name = o->node_name.n                   ? o->node_name
                      : g->kubelet.hostname_override.n ? g->kubelet.hostname_override
                                                       : o->host_name;
    g->out->node_name = walk_text(g->arena, str_lower_ascii(g->arena, str_trim(name)));
}

bool node_gather(struct node_facts *out, struct arena *a, const struct node_options *o,
                 struct err *err)
{
    struct walk_root root CLEANUP(walk_close) = { .fd = -1 };
    struct node_facts made = { .tool_version = o->tool_version,
                               .root = walk_text(a, str_from_c(o->root)),
                               .collected = o->now };
    struct gather g = { .arena = a, .root = &root, .out = &made };
    if (!walk_open(&root, o->root, err))
        return false;
    root.mount = o->mount;
    root.mount_count = o->mount_count;
    made.collected_at = clock_format_rfc3339(a, o->now);
    struct str *mount = arena_array(a, struct str, o->mount_count);
    for (size_t i = 0; i < o->mount_count; i++)
        mount[i] = walk_text(a, o->mount[i]);
    made.mount = mount;
    made.mount_count = o->mount_count;
    map_init(&g.told, a);
    gather_accounts(&g);
    gather_processes(&g);
    find_platforms(&g);
    gather_kubelet(&g);
    gather_manifests(&g);
    gather_defaults(&g);
    name_node(&g, o);
    *out = made;
    return true;
}
