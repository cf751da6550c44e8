/* The index of a cluster's roles, bindings and subjects, and the questions to it. */
#include "analyze/rbac/rbac.h"
#include "analyze/rbac/aggregate.h"

static const char bootstrap_label[] = "kubernetes.io/bootstrapping";

/* Key of a role or subject: a tag, the length of ns, ns and name; no text can be taken for another.
 */
#define KEY_HEAD_BYTES (1 + sizeof(uint32_t))
static struct str key_into(char *to, char tag, struct str ns, struct str name)
{
    uint32_t ns_bytes = (uint32_t)ns.n;
    to[0] = tag;
    memcpy(to + 1, &ns_bytes, sizeof ns_bytes);
    if (ns.n)
        memcpy(to + KEY_HEAD_BYTES, ns.p, ns.n);
    if (name.n)
        memcpy(to + KEY_HEAD_BYTES + ns.n, name.p, name.n);
    return str_of(to, KEY_HEAD_BYTES + ns.n + name.n);
}

static struct str key_of(struct arena *a, char tag, struct str ns, struct str name)
{
    return key_into(arena_alloc(a, KEY_HEAD_BYTES + ns.n + name.n), tag, ns, name);
}

/* Looks up without leaving the key behind. */
static void *find_by_key(const struct map *m, struct arena *a, char tag, struct str ns,
                         struct str name)
{
    struct arena_mark mark = arena_mark(a);
    void *found = map_get(m, key_of(a, tag, ns, name));
    arena_reset_to(a, mark);
    return found;
}

/* As find_by_key, without an arena: a finished struct rbac is read by many threads. Longer names
 * than the API server takes are found by walking. */
#define KEY_BYTES_MAX 1024u
static const struct rbac_subject *find_shared(const struct rbac *r, enum rbac_subject_kind kind,
                                              char tag, struct str ns, struct str name)
{
    char key[KEY_BYTES_MAX];
    if (ns.n < sizeof key && name.n < sizeof key && KEY_HEAD_BYTES + ns.n + name.n <= sizeof key) {
        void *found = map_get(&r->subject_by_key, key_into(key, tag, ns, name));
        return found ? &r->subject.item[(uintptr_t)found - 1] : NULL;
    }
    for (size_t i = 0; i < r->subject.count; i++) {
        const struct rbac_subject *s = &r->subject.item[i];
        if (s->kind == kind && str_eq(s->ns, ns) && str_eq(s->name, name))
            return s;
    }
    return NULL;
}

void rbac_init(struct rbac *r, struct arena *a)
{
    *r = (struct rbac){ .arena = a };
    map_init(&r->role_by_key, a);
    map_init(&r->subject_by_key, a);
    map_init(&r->binding_by_ns, a);
}

static bool is_bootstrap(struct value object)
{
    return str_eq_c(value_text_at(object, "metadata", "labels", bootstrap_label, NULL),
                    "rbac-defaults");
}

static bool is_aggregated(struct value object)
{
    const struct value *v = value_get(object, STR("aggregationRule"));
    return v && v->kind == VALUE_MAP;
}

static void add_role(struct rbac *r, struct value object, bool cluster)
{
    struct rbac_role role = {
        .ns = cluster ? STR("") : value_text_at(object, "metadata", "namespace", NULL),
        .name = value_text_at(object, "metadata", "name", NULL),
        .cluster = cluster,
        .bootstrap = is_bootstrap(object),
        .aggregated = cluster && is_aggregated(object),
        .object = object,
    };
    const struct value *rules = value_get(object, STR("rules"));
    struct rbac_rules read = rbac_read_rules(r->arena, rules ? *rules : value_null(), &role.damage);
    /* rbac_read_rules made this array for us alone. */
    role.rule = arena_array(r->arena, struct rbac_rule, read.count);
    if (read.count)
        memcpy(role.rule, read.item, read.count * sizeof *read.item);
    role.rule_count = read.count;
    if (!role.name.n)
        role.damage = STR("it has no name");
    *VEC_PUSH(&r->role, r->arena) = role;
    if (!role.name.n)
        return;
    /* Two of one name can only be in files; the last counts, as when they are applied. */
    *map_at(&r->role_by_key, key_of(r->arena, cluster ? 'C' : 'R', role.ns, role.name), NULL) =
        (void *)(uintptr_t)r->role.count;
}

void rbac_assume(struct rbac *r, struct value role)
{
    bool cluster = str_eq_c(value_text_at(role, "kind", NULL), "ClusterRole");
    struct str ns = value_text_at(role, "metadata", "namespace", NULL);
    if (find_by_key(&r->role_by_key, r->arena, cluster ? 'C' : 'R', ns,
                    value_text_at(role, "metadata", "name", NULL)))
        return;
    add_role(r, role, cluster);
    r->role.item[r->role.count - 1].assumed = true;
}

static const char subject_tag[] = {
    [RBAC_USER] = 'U', [RBAC_GROUP] = 'G', [RBAC_SERVICE_ACCOUNT] = 'S'
};

static uint32_t intern_subject(struct rbac *r, enum rbac_subject_kind kind, struct str ns,
                               struct str name)
{
    void *known = find_by_key(&r->subject_by_key, r->arena, subject_tag[kind], ns, name);
    if (known)
        return (uint32_t)(uintptr_t)known - 1;
    *VEC_PUSH(&r->subject, r->arena) =
        (struct rbac_subject){ .kind = kind, .ns = ns, .name = name };
    map_put(&r->subject_by_key, key_of(r->arena, subject_tag[kind], ns, name),
            (void *)(uintptr_t)r->subject.count);
    return (uint32_t)(r->subject.count - 1);
}

static const char *const subject_kind_name[] = {
    [RBAC_USER] = "User",
    [RBAC_GROUP] = "Group",
    [RBAC_SERVICE_ACCOUNT] = "ServiceAccount",
};

const char *rbac_subject_kind_name(enum rbac_subject_kind kind)
{
    return subject_kind_name[kind];
}

static bool subject_kind_of(struct value subject, enum rbac_subject_kind *out)
{
    struct str kind = value_text_at(subject, "kind", NULL);
    for (size_t i = 0; i < sizeof subject_kind_name / sizeof *subject_kind_name; i++) {
        if (str_eq_c(kind, subject_kind_name[i])) {
            *out = (enum rbac_subject_kind)i;
            return true;
        }
    }
    return false;
}

/* Index of the subject, made if it is new; false if it names nobody. A service account without a
 * namespace is the binding's. */
static bool read_subject(struct rbac *r, struct value subject, struct str binding_ns, uint32_t *out)
{
    enum rbac_subject_kind kind;
    struct str name = value_text_at(subject, "name", NULL), ns = STR("");
    if (!subject_kind_of(subject, &kind) || !name.n)
        return false;
    if (kind == RBAC_SERVICE_ACCOUNT) {
        ns = value_text_at(subject, "namespace", NULL);
        if (!ns.n)
            ns = binding_ns;
        if (!ns.n)
            return false;
    }
    *out = intern_subject(r, kind, ns, name);
    return true;
}

static void read_subjects(struct rbac *r, struct rbac_binding *b, uint32_t index)
{
    const struct value *subjects = value_get(b->object, STR("subjects"));
    if (!subjects || subjects->kind == VALUE_NULL)
        return;
    if (subjects->kind != VALUE_LIST) {
        b->damage = STR("subjects is not a list");
        return;
    }
    b->subject = arena_array(r->arena, uint32_t, subjects->n);
    for (uint32_t i = 0; i < subjects->n; i++) {
        uint32_t s;
        if (!read_subject(r, value_item(*subjects, i), b->ns, &s)) {
            b->damage = STR(
                "a subject has no kind that is known, no name, or (a ServiceAccount) no namespace");
            continue;
        }
        struct rbac_subject *subject = &r->subject.item[s];
        /* Named twice in one binding: once is enough. */
        if (subject->binding.count && subject->binding.item[subject->binding.count - 1] == index)
            continue;
        *VEC_PUSH(&subject->binding, r->arena) = index;
        b->subject[b->subject_count++] = s;
    }
}

static void index_binding(struct rbac *r, const struct rbac_binding *b, uint32_t index)
{
    if (b->cluster) {
        *VEC_PUSH(&r->cluster_binding, r->arena) = index;
        return;
    }
    bool created;
    void **at = map_at(&r->binding_by_ns, b->ns, &created);
    if (created)
        *at = arena_new(r->arena, struct rbac_index);
    struct rbac_index *list = *at;
    *VEC_PUSH(&list->item, r->arena) = index;
}

static void add_binding(struct rbac *r, struct value object, bool cluster)
{
    struct rbac_binding b = {
        .ns = cluster ? STR("") : value_text_at(object, "metadata", "namespace", NULL),
        .name = value_text_at(object, "metadata", "name", NULL),
        .cluster = cluster,
        .bootstrap = is_bootstrap(object),
        .role_name = value_text_at(object, "roleRef", "name", NULL),
        .object = object,
    };
    struct str kind = value_text_at(object, "roleRef", "kind", NULL);
    b.role_is_cluster = str_eq_c(kind, "ClusterRole");
    uint32_t index = (uint32_t)r->binding.count;
    read_subjects(r, &b, index);
    if (!b.role_name.n || (!b.role_is_cluster && !str_eq_c(kind, "Role")))
        b.damage = STR("roleRef does not name a Role or ClusterRole");
    if (!b.name.n)
        b.damage = STR("it has no name");
    *VEC_PUSH(&r->binding, r->arena) = b;
    index_binding(r, &b, index);
}

bool rbac_add(struct rbac *r, struct value object)
{
    static const struct {
        const char *kind;
        void (*add)(struct rbac *r, struct value object, bool cluster);
        bool cluster;
    } row[] = {
        { "ClusterRole", add_role, true },
        { "Role", add_role, false },
        { "ClusterRoleBinding", add_binding, true },
        { "RoleBinding", add_binding, false },
    };
    struct str kind = value_text_at(object, "kind", NULL);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (str_eq_c(kind, row[i].kind)) {
            row[i].add(r, object, row[i].cluster);
            return true;
        }
    }
    return false;
}

static uint32_t role_index(const struct rbac *r, bool cluster, struct str ns, struct str name)
{
    return (uint32_t)(uintptr_t)find_by_key(&r->role_by_key, r->arena, cluster ? 'C' : 'R',
                                            cluster ? STR("") : ns, name);
}

const struct rbac_role *rbac_find_role(const struct rbac *r, bool cluster, struct str ns,
                                       struct str name)
{
    uint32_t index = role_index(r, cluster, ns, name);
    return index ? &r->role.item[index - 1] : NULL;
}

void rbac_finish(struct rbac *r)
{
    rbac_aggregate(r);
    for (size_t i = 0; i < r->binding.count; i++) {
        struct rbac_binding *b = &r->binding.item[i];
        if (b->cluster && !b->role_is_cluster)
            continue; /* a ClusterRoleBinding to a Role grants nothing */
        b->role = role_index(r, b->role_is_cluster, b->ns, b->role_name);
        if (b->role)
            *VEC_PUSH(&r->role.item[b->role - 1].binding, r->arena) = (uint32_t)i;
    }
}

/* ---- names ---- */

static struct str kind_and_name(struct arena *a, const char *kind, struct str ns, struct str name)
{
    return str_printf(a, "%s %.*s%s%.*s", kind, STR_ARG(ns), ns.n ? "/" : "", STR_ARG(name));
}

struct str rbac_subject_text(struct arena *a, const struct rbac_subject *s)
{
    return kind_and_name(a, subject_kind_name[s->kind], s->ns, s->name);
}

struct str rbac_role_text(struct arena *a, const struct rbac_role *role)
{
    return kind_and_name(a, role->cluster ? "ClusterRole" : "Role", role->ns, role->name);
}

struct str rbac_binding_text(struct arena *a, const struct rbac_binding *b)
{
    return kind_and_name(a, b->cluster ? "ClusterRoleBinding" : "RoleBinding", b->ns, b->name);
}

struct str rbac_role_ref_text(struct arena *a, const struct rbac_binding *b)
{
    return b->role_is_cluster ? kind_and_name(a, "ClusterRole", STR(""), b->role_name)
                              : kind_and_name(a, "Role", b->ns, b->role_name);
}

const struct rbac_subject *rbac_find_subject(const struct rbac *r, enum rbac_subject_kind kind,
                                             struct str ns, struct str name)
{
    return find_shared(r, kind, subject_tag[kind], kind == RBAC_SERVICE_ACCOUNT ? ns : STR(""),
                       name);
}

static const struct str account_prefix = STR_INIT("system:serviceaccount:");

bool rbac_account_of_user(struct str user, struct str *ns, struct str *name)
{
    struct str a, b;
    if (!str_has_prefix(user, account_prefix) ||
        !str_cut(str_sub(user, account_prefix.n, user.n), ':', &a, &b) || !a.n || !b.n)
        return false;
    *ns = a;
    *name = b;
    return true;
}

/* ---- questions ---- */

typedef bool rules_fn(void *ctx, const struct rbac_rule *rule, size_t count);

/* Calls fn with the rules of each binding of s that holds in ns; false ends and spreads. */
static bool visit_subject(const struct rbac *r, const struct rbac_subject *s, struct str ns,
                          rules_fn *fn, void *ctx)
{
    for (size_t i = 0; s && i < s->binding.count; i++) {
        const struct rbac_binding *b = &r->binding.item[s->binding.item[i]];
        const struct rbac_role *role = rbac_role_of(r, b);
        if (role && (b->cluster || (ns.n && str_eq(b->ns, ns))) &&
            !fn(ctx, role->rule, role->rule_count))
            return false;
    }
    return true;
}

static bool visit_user(const struct rbac *r, const struct rbac_user *user, struct str ns,
                       rules_fn *fn, void *ctx)
{
    if (!visit_subject(r, rbac_find_subject(r, RBAC_USER, STR(""), user->name), ns, fn, ctx))
        return false;
    /* A binding may name a namespace with a colon in it: the server compares the whole, so every
     * split is tried. */
    struct str rest = str_has_prefix(user->name, account_prefix)
                          ? str_sub(user->name, account_prefix.n, user->name.n)
                          : STR("");
    for (size_t i = 1; i + 1 < rest.n; i++) {
        if (rest.p[i] == ':' &&
            !visit_subject(r,
                           rbac_find_subject(r, RBAC_SERVICE_ACCOUNT, str_sub(rest, 0, i),
                                             str_sub(rest, i + 1, rest.n)),
                           ns, fn, ctx))
            return false;
    }
    for (size_t i = 0; i < user->group_count; i++) {
        if (!visit_subject(r, rbac_find_subject(r, RBAC_GROUP, STR(""), user->group[i]), ns, fn,
                           ctx))
            return false;
    }
    return true;
}

static bool denies_request(void *ctx, const struct rbac_rule *rule, size_t count)
{
    const struct rbac_request *q = ctx;
    for (size_t i = 0; i < count; i++) {
        if (rbac_rule_allows(&rule[i], q))
            return false;
    }
    return true;
}

bool rbac_authorize(const struct rbac *r, const struct rbac_user *user,
                    const struct rbac_request *q)
{
    for (size_t i = 0; i < user->group_count; i++) {
        if (str_eq_c(user->group[i], "system:masters"))
            return true; /* the API server's privileged group passes by every authorizer */
    }
    struct rbac_request copy = *q;
    if (q->path.n)
        copy.ns = STR("");
    return !visit_user(r, user, copy.ns, denies_request, &copy);
}

struct gather {
    struct arena *arena;
    VEC(struct rbac_rule) rule;
};

static bool gather_rules(void *ctx, const struct rbac_rule *rule, size_t count)
{
    struct gather *g = ctx;
    for (size_t i = 0; i < count; i++)
        *VEC_PUSH(&g->rule, g->arena) = rule[i];
    return true;
}

struct rbac_rules rbac_effective_rules(const struct rbac *r, struct arena *a,
                                       const struct rbac_user *user, struct str ns)
{
    struct gather g = { .arena = a };
    (void)visit_user(r, user, ns, gather_rules, &g);
    return (struct rbac_rules){ g.rule.item, g.rule.count };
}

struct who {
    const struct rbac *rbac;
    struct arena *arena;
    bool *seen; /* by subject */
    VEC(struct rbac_subject) out;
};

static void who_add(struct who *w, enum rbac_subject_kind kind, struct str name)
{
    const struct rbac_subject *known = rbac_find_subject(w->rbac, kind, STR(""), name);
    if (known)
        w->seen[known - w->rbac->subject.item] = true;
    *VEC_PUSH(&w->out, w->arena) = (struct rbac_subject){ .kind = kind, .name = name };
}

static void who_bindings(struct who *w, const uint32_t *index, size_t count,
                         const struct rbac_request *q)
{
    for (size_t i = 0; i < count; i++) {
        const struct rbac_binding *b = &w->rbac->binding.item[index[i]];
        const struct rbac_role *role = rbac_role_of(w->rbac, b);
        struct rbac_request copy = *q;
        if (!role || denies_request(&copy, role->rule, role->rule_count))
            continue;
        for (size_t s = 0; s < b->subject_count; s++) {
            if (w->seen[b->subject[s]])
                continue;
            w->seen[b->subject[s]] = true;
            *VEC_PUSH(&w->out, w->arena) = w->rbac->subject.item[b->subject[s]];
        }
    }
}

struct rbac_subject *rbac_who_can(const struct rbac *r, struct arena *a,
                                  const struct rbac_request *q, struct str super_user,
                                  size_t *count)
{
    struct who w = { .rbac = r, .arena = a, .seen = arena_array(a, bool, r->subject.count) };
    who_add(&w, RBAC_GROUP, STR("system:masters"));
    if (super_user.n)
        who_add(&w, RBAC_USER, super_user);
    who_bindings(&w, r->cluster_binding.item, r->cluster_binding.count, q);
    const struct rbac_index *in_ns =
        q->ns.n && !q->path.n ? map_get(&r->binding_by_ns, q->ns) : NULL;
    if (in_ns)
        who_bindings(&w, in_ns->item.item, in_ns->item.count, q);
    *count = w.out.count;
    return w.out.item;
}

/* As the server does: the whole name is compared, so that a colon in ns is one
 * (serviceaccount.MatchesUsername). */
static bool is_service_account_name(struct str user, struct str ns, struct str name)
{
    size_t at = account_prefix.n + ns.n;
    return user.n == at + 1 + name.n && str_has_prefix(user, account_prefix) &&
           str_eq(str_sub(user, account_prefix.n, at), ns) && user.p[at] == ':' &&
           str_eq(str_sub(user, at + 1, user.n), name);
}

static bool subject_applies(struct value subject, const struct rbac_user *user,
                            struct str binding_ns)
{
    enum rbac_subject_kind kind;
    struct str name = value_text_at(subject, "name", NULL);
    struct str ns = value_text_at(subject, "namespace", NULL);
    if (!subject_kind_of(subject, &kind))
        return false;
    switch (kind) {
    case RBAC_USER:
        return str_eq(user->name, name);
    case RBAC_GROUP:
        for (size_t i = 0; i < user->group_count; i++) {
            if (str_eq(user->group[i], name))
                return true;
        }
        return false;
    case RBAC_SERVICE_ACCOUNT:
        ns = ns.n ? ns : binding_ns;
        return ns.n && is_service_account_name(user->name, ns, name);
    }
    return false;
}

bool rbac_subjects_apply(struct value subjects, const struct rbac_user *user, struct str binding_ns,
                         size_t *index)
{
    *index = 0;
    for (uint32_t i = 0; subjects.kind == VALUE_LIST && i < subjects.n; i++) {
        if (subject_applies(value_item(subjects, i), user, binding_ns)) {
            *index = i;
            return true;
        }
    }
    return false;
}
