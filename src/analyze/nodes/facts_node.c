/* What was seen on the nodes, as rows: each node of the cluster with each role that a file can
 * have. A node whose facts were not given, are too old, or do not tell of the role has a row that
 * is unavailable. */
#include "analyze/control_plane/audit_policy_check.h"
#include "analyze/facts_state.h"

#define HOW                                                                                       \
    "run kubevouch node-facts on each node (deploy/node-facts/node-facts.yaml) and give what it " \
    "prints with --node-facts DIR"
/* A clock may be a little ahead. */
#define FUTURE_S 300
/* Nodes without facts that have a row of their own. */
#define BLIND_ROWS_MAX 100u

void facts_give_nodes(struct facts *f, const struct node_evidence *given)
{
    f->nodes = given;
}

/* One node of the cluster, or of the facts where the cluster's are not known. */
struct joined_node {
    struct str name, platform;
    const struct node_facts *facts; /* NULL: none, or not to be used */
    struct str why;                 /* then */
};
struct joined_nodes {
    VEC(struct joined_node) item;
};

/* Whose paths a node's files have. The API server's version says what the cluster is; what a node
 * says of its kubelet counts where that is not known. */
static struct str platform_of(const struct facts *f, struct value node)
{
    struct str version = f->cluster->git_version;
    if (!version.n)
        version = value_text_at(node, "status", "nodeInfo", "kubeletVersion", NULL);
    return str_contains(version, STR("+rke2"))  ? STR("rke2")
           : str_contains(version, STR("+k3s")) ? STR("k3s")
                                                : STR("");
}

static bool is_windows(struct value node)
{
    return str_eq_c(value_text_at(node, "status", "nodeInfo", "operatingSystem", NULL), "windows");
}

static void join(struct facts *f, const struct map *given, struct joined_node *s)
{
    s->facts = map_get(given, s->name);
    if (!s->facts) {
        s->why = str_printf(f->arena, "no facts of node %.*s were given: " HOW, STR_ARG(s->name));
        return;
    }
    int64_t age = f->cluster->now.s - s->facts->collected.s;
    if (age < -FUTURE_S)
        s->why = str_printf(f->arena,
                            "the facts of node %.*s are of the future (%.*s): a clock is wrong",
                            STR_ARG(s->name), STR_ARG(s->facts->collected_at));
    else if (f->nodes->max_age_s && age > f->nodes->max_age_s)
        s->why = str_printf(f->arena,
                            "the facts of node %.*s are of %.*s, too old to say what is there now: "
                            "collect them again, or raise --node-facts-max-age",
                            STR_ARG(s->name), STR_ARG(s->facts->collected_at));
    if (s->why.n)
        s->facts = NULL;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct joined_node *)a)->name, ((const struct joined_node *)b)->name);
}

/* The nodes of the cluster; where they could not be listed, also those there are facts of: a
 * failure that was seen is a failure. Made once. */
static const struct joined_nodes *join_nodes(struct facts *f)
{
    struct map known, given;
    if (f->joined_nodes)
        return f->joined_nodes;
    struct joined_nodes *out = arena_new(f->arena, struct joined_nodes);
    map_init(&known, f->arena);
    map_init(&given, f->arena);
    for (size_t i = 0; i < f->nodes->count; i++)
        map_put(&given, f->nodes->node[i].node_name, &f->nodes->node[i]);
    for (size_t i = 0; i < f->cluster->kept[KIND_NODES].count; i++) {
        struct value node = f->cluster->kept[KIND_NODES].item[i];
        struct joined_node s = { .name = value_text_at(node, "metadata", "name", NULL),
                                 .platform = platform_of(f, node) };
        map_put(&known, s.name, f);
        if (is_windows(node))
            continue;
        join(f, &given, &s);
        *VEC_PUSH(&out->item, f->arena) = s;
    }
    for (size_t i = 0; i < f->nodes->count && !facts_listed(f, KIND_NODES); i++) {
        struct joined_node s = { .name = f->nodes->node[i].node_name, .platform = STR("") };
        if (map_has(&known, s.name))
            continue;
        join(f, &given, &s);
        *VEC_PUSH(&out->item, f->arena) = s;
    }
    if (out->item.count)
        qsort(out->item.item, out->item.count, sizeof *out->item.item, by_name);
    f->joined_nodes = out;
    return out;
}

/* ---- rows */

/* What is not one file is told apart by its role: findings of one check never share a name. */
static struct str name_of(struct arena *a, const struct joined_node *s, const char *role,
                          struct str path, bool is_one)
{
    struct str name =
        path.n ? str_printf(a, "%.*s:%.*s", STR_ARG(s->name), STR_ARG(path)) : s->name;
    return path.n && is_one ? name : str_printf(a, "%.*s (%s)", STR_ARG(name), role);
}

static struct value object_of(struct arena *a, const char *kind, const struct joined_node *s,
                              const char *role, struct str path, struct str name)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "kind", value_cstr(kind));
    value_builder_set(&b, "name", value_str(name));
    value_builder_set(&b, "node", value_str(s->name));
    value_builder_set(&b, "role", value_cstr(role));
    value_builder_set(&b, "path", value_str(path));
    value_builder_set(&b, "platform", value_str(s->platform));
    return value_builder_map(&b);
}

static void add_unavailable(struct facts *f, struct facts_rows *out, const char *kind,
                            const struct joined_node *s, const char *role, struct str path,
                            struct str why)
{
    struct value object =
        object_of(out->arena, kind, s, role, path, name_of(out->arena, s, role, path, false));
    facts_add_row(f, out, object,
                  facts_unavailable_for(out->arena, CAUSE_NO_NODE_FACTS, "%.*s", STR_ARG(why)));
}

/* Rights of a file are what the kernel acts on; what is written in one, or on a command line, is
 * what a program was told. */
static void set_evidence(struct value_builder *b, const struct joined_node *s, struct str what,
                         bool observed)
{
    struct value_builder e;
    value_builder_init(&e, b->arena);
    value_builder_set(&e, "grade", value_cstr(observed ? "observed" : "effective"));
    value_builder_set(&e, "source", value_cstr("kubevouch node-facts"));
    value_builder_set(
        &e, "instance",
        value_str(str_printf(b->arena, "%.*s:%.*s", STR_ARG(s->name), STR_ARG(what))));
    value_builder_set(b, "evidence", value_builder_map(&e));
}

/* root is root whatever the list of users says; other names need that list. */
static struct value owner_value(struct arena *a, int64_t id, struct str name, const char *file)
{
    if (id == 0)
        return value_cstr("root");
    return name.n ? value_str(name)
                  : facts_unavailable_for(a, CAUSE_NO_NODE_FACTS,
                                          "the name of id %lld is not known: %s of the node was "
                                          "not seen, or does not have it",
                                          (long long)id, file);
}

static struct value policy_value(struct arena *a, const struct node_file *x)
{
    struct audit_faults faults;
    struct value_builder b;
    value_builder_init(&b, a);
    if (x->state == NODE_NOT_CONFIGURED) {
        value_builder_set(&b, "configured", value_bool(false));
        value_builder_set(&b, "rules", value_int(0));
        value_builder_set(&b, "faults", value_list(NULL, 0));
        return value_builder_map(&b);
    }
    if (!x->policy)
        return facts_unavailable_for(a, CAUSE_MALFORMED, "the audit policy could not be read: %.*s",
                                     STR_ARG(x->reason));
    audit_policy_check(&faults, a, x->policy);
    value_builder_set(&b, "configured", value_bool(true));
    value_builder_set(&b, "rules", value_int((int64_t)x->policy->rules.count));
    value_builder_set(&b, "faults", audit_faults_value(a, &faults));
    return value_builder_map(&b);
}

/* Where its role is a file's: rights of a directory say nothing of a file's. */
static bool is_of_its_kind(const struct node_file *x)
{
    return x->role == NODE_ETCD_DATA || x->role == NODE_PKI || x->role == NODE_CNI ||
           str_eq_c(x->type, "file");
}

static void set_rights(struct value_builder *b, const struct node_file *x)
{
    static const char *const field[] = { "mode",  "modeText", "uid",      "gid",
                                         "owner", "group",    "ownerText" };
    struct arena *a = b->arena;
    for (size_t i = 0; !is_of_its_kind(x) && i < COUNT_OF(field); i++)
        value_builder_set(b, field[i],
                          facts_unavailable_for(a, CAUSE_NO_NODE_FACTS,
                                                "%.*s is no regular file: the rights of the %s "
                                                "were not seen, look on the node which file it is",
                                                STR_ARG(x->path), node_role_what[x->role]));
    if (!is_of_its_kind(x))
        return;
    value_builder_set(b, "mode", value_int(x->mode));
    value_builder_set(b, "modeText", value_str(str_printf(a, "%04o", x->mode)));
    value_builder_set(b, "uid", value_int(x->uid));
    value_builder_set(b, "gid", value_int(x->gid));
    value_builder_set(b, "owner", owner_value(a, x->uid, x->owner, "/etc/passwd"));
    value_builder_set(b, "group", owner_value(a, x->gid, x->group, "/etc/group"));
    value_builder_set(
        b, "ownerText",
        value_str(str_printf(a, "%.*s:%.*s (%lld:%lld)", STR_ARG(x->owner.n ? x->owner : STR("?")),
                             STR_ARG(x->group.n ? x->group : STR("?")), (long long)x->uid,
                             (long long)x->gid)));
}

static void add_file(struct facts *f, struct facts_rows *out, const struct joined_node *s,
                     const struct node_file *x)
{
    struct arena *a = out->arena;
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "exists", value_bool(x->state == NODE_PRESENT));
    value_builder_set(&b, "configured", value_bool(x->state != NODE_NOT_CONFIGURED));
    value_builder_set(&b, "source", value_str(x->source));
    value_builder_set(&b, "reason", value_str(x->reason));
    if (x->state == NODE_PRESENT) {
        value_builder_set(&b, "type", value_str(x->type));
        value_builder_set(&b, "target", value_str(x->target));
        set_rights(&b, x);
    }
    if (x->role == NODE_AUDIT_POLICY)
        value_builder_set(&b, "auditPolicy", policy_value(a, x));
    set_evidence(&b, s, x->path, x->role != NODE_AUDIT_POLICY);
    facts_add_row(f, out,
                  object_of(a, "NodeFile", s, node_role_name[x->role], x->path,
                            name_of(a, s, node_role_name[x->role], x->path, true)),
                  value_builder_map(&b));
}

/* What was not seen beside a file that was: another platform's place proves nothing, unless it may
 * hold one too. */
static bool counts_beside(const struct node_file *x, const struct node_file *present)
{
    return x->state == NODE_FORBIDDEN || x->state == NODE_UNREADABLE ||
           (x->state == NODE_NOT_VISIBLE && str_eq(x->platform, present->platform));
}

/* The kubelet of the node itself; NULL: none was seen. */
static const struct node_process *kubelet_of(const struct node_facts *n)
{
    for (size_t i = 0; i < n->process.count; i++)
        if (str_eq_c(n->process.item[i].name, "kubelet") && !n->process.item[i].in_container)
            return &n->process.item[i];
    return NULL;
}

/* A kubelet's settings say which file is its client CA. Where they could not be read the usual
 * place proves nothing: empty, or why. */
static struct str unsettled(struct arena *a, const struct joined_node *s, int role)
{
    const struct node_process *kubelet = kubelet_of(s->facts);
    bool by_default = false;
    for (size_t i = 0; i < s->facts->file.count; i++) {
        const struct node_file *x = &s->facts->file.item[i];
        if (x->role == role && !str_eq_c(x->source, "default"))
            return (struct str){ 0 };
        by_default = by_default || (x->role == role && x->state == NODE_PRESENT);
    }
    if (role != NODE_KUBELET_CLIENT_CA || !kubelet ||
        (!value_get(kubelet->flags, STR("config")) &&
         !value_get(kubelet->flags, STR("config-dir"))))
        return (struct str){ 0 };
    return str_printf(a,
                      "the configuration that the kubelet of node %.*s was started with could not "
                      "be read: which file is its client CA is not known%s",
                      STR_ARG(s->name),
                      by_default ? ", and the one at the usual place proves nothing" : "");
}

/* What is not there by a relative path may be there from another folder; a configuration that a
 * running kubelet was given is somewhere. */
static bool is_lost(const struct node_file *x)
{
    bool relative = x->path.n && x->path.p[0] != '/';
    return x->state == NODE_ABSENT && (relative || (x->role == NODE_KUBELET_CONFIG &&
                                                    str_has_prefix(x->source, STR("flag "))));
}

static void add_role(struct facts *f, struct facts_rows *out, const struct joined_node *s, int role)
{
    struct str why = unsettled(out->arena, s, role);
    if (why.n) {
        add_unavailable(f, out, "NodeFile", s, node_role_name[role], STR(""), why);
        return;
    }

    const struct node_file *present = NULL, *known = NULL;
    bool hidden = false;
    for (size_t i = 0; i < s->facts->file.count; i++) {
        const struct node_file *x = &s->facts->file.item[i];
        if (x->role != role)
            continue;
        present = present ? present : x->state == NODE_PRESENT ? x : NULL;
        hidden = hidden || is_lost(x) ||
                 (x->state != NODE_PRESENT && x->state != NODE_ABSENT &&
                  x->state != NODE_NOT_CONFIGURED);
        if ((x->state == NODE_ABSENT && !known) || x->state == NODE_NOT_CONFIGURED)
            known = x;
    }
    for (size_t i = 0; i < s->facts->file.count; i++) {
        const struct node_file *x = &s->facts->file.item[i];
        if (x->role != role)
            continue;
        if (x->state == NODE_PRESENT)
            add_file(f, out, s, x);
        else if (is_lost(x))
            add_unavailable(
                f, out, "NodeFile", s, node_role_name[role], x->path,
                str_printf(out->arena,
                           "%.*s (%.*s) on node %.*s was not found: which file it is is not known",
                           STR_ARG(x->path), STR_ARG(x->source), STR_ARG(s->name)));
        else if (x->state != NODE_ABSENT && x->state != NODE_NOT_CONFIGURED &&
                 (!present || counts_beside(x, present)))
            add_unavailable(f, out, "NodeFile", s, node_role_name[role], x->path,
                            str_printf(out->arena, "%.*s on node %.*s: %.*s", STR_ARG(x->path),
                                       STR_ARG(s->name), STR_ARG(x->reason)));
    }
    if (present || hidden)
        return;
    if (known)
        add_file(f, out, s, known);
    else
        add_unavailable(
            f, out, "NodeFile", s, node_role_name[role], STR(""),
            str_printf(out->arena,
                       "the facts of node %.*s do not tell of its %s: collect them again",
                       STR_ARG(s->name), node_role_what[role]));
}

/* ---- nodes without facts */

/* Nothing was given: one row for each platform, so that what does not apply to it says so. */
static void add_all_blind(struct facts *f, struct facts_rows *out, const char *kind,
                          const char *const *role)
{
    static const char *const platform[] = { "", "k3s", "rke2" };
    bool has[3] = { false };
    size_t linux_nodes = 0;
    for (size_t i = 0; i < f->cluster->kept[KIND_NODES].count; i++) {
        struct value node = f->cluster->kept[KIND_NODES].item[i];
        for (size_t k = 0; k < 3 && !is_windows(node); k++)
            has[k] = has[k] || str_eq_c(platform_of(f, node), platform[k]);
        linux_nodes += !is_windows(node);
    }
    has[0] = has[0] || !linux_nodes || !facts_listed(f, KIND_NODES);
    for (size_t k = 0; k < 3; k++) {
        struct joined_node s = { .name = STR("nodes"), .platform = str_from_c(platform[k]) };
        for (size_t i = 0; has[k] && role[i]; i++)
            add_unavailable(f, out, kind, &s, role[i], STR(""),
                            STR("files and processes of nodes are not seen through the API: " HOW));
    }
}

/* Nodes beyond a number are told together. */
static void add_blind(struct facts *f, struct facts_rows *out, const char *kind,
                      const struct joined_nodes *all, const char *const *role)
{
    size_t told = 0, more = 0;
    for (size_t i = 0; i < all->item.count; i++) {
        const struct joined_node *s = &all->item.item[i];
        if (s->facts)
            continue;
        if (told++ >= BLIND_ROWS_MAX) {
            more++;
            continue;
        }
        for (size_t k = 0; role[k]; k++)
            add_unavailable(f, out, kind, s, role[k], STR(""), s->why);
    }
    struct joined_node rest = { .name = str_printf(f->arena, "%zu more nodes", more),
                                .platform = STR("") };
    for (size_t k = 0; more && role[k]; k++)
        add_unavailable(f, out, kind, &rest, role[k], STR(""),
                        str_printf(f->arena, "%zu more nodes have no facts: " HOW, more));
}

/* The API server runs somewhere: where no node shows it, its policy is out of sight, not without
 * object. */
static bool shows_policy(const struct node_facts *n)
{
    for (size_t i = 0; n && i < n->file.count; i++)
        if (n->file.item[i].role == NODE_AUDIT_POLICY && n->file.item[i].state != NODE_ABSENT)
            return true;
    return false;
}

void facts_make_nodefiles(struct facts *f, struct facts_rows *out)
{
    const struct joined_nodes *all = f->nodes ? join_nodes(f) : NULL;
    bool policy = false, looked = false;
    if (!all || !all->item.count) {
        add_all_blind(f, out, "NodeFile", node_role_name);
        return;
    }
    for (size_t i = 0; i < all->item.count; i++) {
        const struct joined_node *s = &all->item.item[i];
        policy = policy || shows_policy(s->facts);
        looked = looked || s->facts;
        for (int role = 0; s->facts && role < NODE_ROLE_COUNT; role++)
            add_role(f, out, s, role);
    }
    add_blind(f, out, "NodeFile", all, node_role_name);
    if (looked && !policy)
        add_unavailable(f, out, "NodeFile", &(struct joined_node){ .name = STR("API server") },
                        node_role_name[NODE_AUDIT_POLICY], STR(""),
                        STR("no node that was looked at runs the API server: ask who runs the "
                            "control plane for its audit policy"));
}

/* ---- processes */

static const char *const process_role[] = { "kubelet", NULL };

/* Process numbers change from run to run, and would make each finding a new one: of several, the
 * second is "kubelet 2". */
static void add_process(struct facts *f, struct facts_rows *out, const struct joined_node *s,
                        const struct node_process *p, size_t number)
{
    struct str what =
        number > 1 ? str_printf(out->arena, "%.*s %zu", STR_ARG(p->name), number) : p->name;
    struct value_builder b;
    value_builder_init(&b, out->arena);
    value_builder_set(&b, "flags", p->flags);
    value_builder_set(&b, "inContainer", value_bool(p->in_container));
    set_evidence(&b, s, what, false);
    facts_add_row(f, out,
                  object_of(out->arena, "NodeProcess", s, "kubelet", p->name,
                            name_of(out->arena, s, "kubelet", what, true)),
                  value_builder_map(&b));
}

/* A process in a container may call itself kubelet: it counts where no other does. */
static void add_kubelets(struct facts *f, struct facts_rows *out, const struct joined_node *s)
{
    size_t found = 0;
    for (int in_container = 0; in_container < 2 && !found; in_container++) {
        for (size_t i = 0; i < s->facts->process.count; i++) {
            const struct node_process *p = &s->facts->process.item[i];
            if (!str_eq_c(p->name, "kubelet") || p->in_container != (in_container != 0))
                continue;
            add_process(f, out, s, p, ++found);
        }
    }
    if (found)
        return;
    add_unavailable(f, out, "NodeProcess", s, "kubelet", STR(""),
                    s->facts->processes_visible
                        ? str_printf(out->arena,
                                     "no kubelet that runs as root was seen on node %.*s",
                                     STR_ARG(s->name))
                        : str_printf(out->arena, "the processes of node %.*s were not seen: %.*s",
                                     STR_ARG(s->name), STR_ARG(s->facts->processes_reason)));
}

void facts_make_nodeprocesses(struct facts *f, struct facts_rows *out)
{
    const struct joined_nodes *all = f->nodes ? join_nodes(f) : NULL;
    if (!all || !all->item.count) {
        add_all_blind(f, out, "NodeProcess", process_role);
        return;
    }
    for (size_t i = 0; i < all->item.count; i++)
        if (all->item.item[i].facts)
            add_kubelets(f, out, &all->item.item[i]);
    add_blind(f, out, "NodeProcess", all, process_role);
}
