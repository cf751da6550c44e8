/* The graph of who can become what, and shortest ways in it. */
#include "analyze/rbac/escalate.h"

enum names {
    NAMES_ANY,
    NAMES_NONE,
    NAMES_EDIT,
    NAMES_ADMIN,
    NAMES_CLIENT,
    NAMES_KUBELET,
    NAMES_ROLE,
    NAMES_WHO
};
enum step_to { TO_ADMIN, TO_ACCOUNT, TO_RUNNING, TO_NODE, TO_AGENTS, TO_NAMED };
#define BIT(name)     ((uint64_t)1 << RISK_##name)
#define HAS1(a)       BIT(a)
#define HAS2(a, b)    (BIT(a) | BIT(b))
#define HAS3(a, b, c) (HAS2(a, b) | BIT(c))

const struct risk_info risk_info[RISK_COUNT] = {
#define RISK(id, name, verbs, resources, names, from, until, why) { #id, why },
#define STEP(name, rights, to, text)
#include "analyze/rbac/escalate.def"
#undef RISK
#undef STEP
};
static const struct {
    const char *verbs, *resources;
    enum names names;
    int from, until;
} risk_row[RISK_COUNT] = {
#define RISK(id, name, verbs, resources, names, from, until, why) \
    { verbs, resources, NAMES_##names, from, until },
#define STEP(name, rights, to, text)
#include "analyze/rbac/escalate.def"
#undef RISK
#undef STEP
};
static const struct {
    uint64_t rights;
    enum step_to to;
    const char *text;
} step_row[] = {
#define RISK(id, name, verbs, resources, names, from, until, why)
#define STEP(name, rights, to, text) { rights, TO_##to, text },
#include "analyze/rbac/escalate.def"
#undef RISK
#undef STEP
};
#define STEPS (sizeof step_row / sizeof *step_row)

const char *const escalate_target_name[ESCALATE_TARGETS] = { "cluster-admin", "node", "cloud",
                                                             "namespace" };

/* Places first; then two for each namespace; then accounts; then users and groups; then holders. */
enum place_node { AT_ADMIN, AT_NODE, AT_CLOUD, AT_ACCOUNTS, AT_RUNNING, AT_PLACES };
enum { BY_MEMBERSHIP = 1000, BY_PLACE, BY_CLOUD, BY_MASTERS };
struct edge {
    uint32_t from, to;
    uint32_t why;     /* a step, or one of BY_... */
    uint32_t binding; /* that gives the (first) right, from 1; 0: a holder's own role does */
    uint32_t rule;
};
/* Whoever binds itself to a role that it may bind by name: in a namespace, or (ns empty) in the
 * whole cluster. */
struct holder {
    struct rbac_binding as; /* the binding that it can make */
};
struct named_right {
    enum risk risk;
    uint32_t rule;
};
/* A role's rights: which risks, by which rule each. */
struct role_risks {
    bool made;
    uint64_t has[2];   /* by a ClusterRoleBinding, by a RoleBinding */
    uint64_t named[2]; /* of these, only for the names of the rule */
    uint32_t rule[2][RISK_COUNT];
    /* every right that counts for the names of its rule alone */
    VEC(struct named_right) by_name[2];
};
struct escalate {
    struct arena *arena;
    struct escalate_input in;
    struct role_risks **role;
    struct map ns; /* namespace -> its number, from 1 */
    VEC(struct str) ns_name;
    struct map account;     /* "ns/name" -> its number in in.account, from 1 */
    uint32_t *subject_node; /* by subject of rbac */
    uint32_t first_account, first_subject, first_holder, nodes;
    struct map holder_of; /* "ns/role" -> its number in holder, from 1 */
    VEC(struct holder) holder;
    VEC(struct edge) edge;
    uint32_t *out; /* by node: where its edges begin in edge; one more behind */
};

/* ---- what a role gives ---- */

static bool is_in_force(const struct escalate *e, size_t r)
{
    int minor = e->in.minor;
    return minor < 0 || ((!risk_row[r].from || minor >= risk_row[r].from) &&
                         (!risk_row[r].until || minor <= risk_row[r].until));
}

static bool rule_gives_any(const struct rbac_rule *rule, bool in_ns, struct str verbs,
                           struct str resources)
{
    struct str what, verb;
    while (str_next_field(&resources, ' ', &what)) {
        struct str group, resource, rest = verbs;
        bool url = str_has_prefix(what, STR("//"));
        (void)str_cut(what, '/', &group, &resource);
        if (!url && (!rbac_lists_group(rule->api_groups, group) ||
                     !rbac_lists_resource(rule->resources, resource)))
            continue;
        while (str_next_field(&rest, ' ', &verb)) {
            struct rbac_request q = { .verb = verb, .path = resource };
            if (url ? !in_ns && rule->urls.n && rbac_rule_allows(rule, &q)
                    : rbac_rule_gives(rule, in_ns, verb, group, resource))
                return true;
        }
    }
    return false;
}

static bool is_named(struct value names, const char *name)
{
    for (uint32_t i = 0; i < names.n; i++)
        if (str_eq_c(value_text(value_item(names, i)), name))
            return true;
    return false;
}

/* Whether a rule for these names alone is worth what the row is about. Source of the signer's
 * names: kubernetes.io, Certificate Signing Requests. */
static bool is_worth_it(const struct rbac_rule *rule, bool in_ns, size_t r)
{
    struct value names = rule->resource_names;
    bool all = is_named(names, "kubernetes.io/*");
    switch (risk_row[r].names) {
    case NAMES_NONE:
        return false;
    case NAMES_EDIT: /* what is made has no name yet; what is there can be changed */
        return rule_gives_any(rule, in_ns, STR("update patch"), str_from_c(risk_row[r].resources));
    case NAMES_ADMIN:
        return is_named(names, "cluster-admin");
    case NAMES_CLIENT:
        return all || is_named(names, "kubernetes.io/kube-apiserver-client");
    case NAMES_KUBELET:
        return all || is_named(names, "kubernetes.io/kube-apiserver-client-kubelet");
    case NAMES_ANY:
    case NAMES_ROLE:
    case NAMES_WHO:
        break;
    }
    return true;
}

/* The names of a rule decide where a step leads. */
static bool is_by_name(enum names row)
{
    return row == NAMES_WHO || row == NAMES_ROLE;
}

static void note_rule(struct escalate *e, struct role_risks *out, const struct rbac_rule *rule,
                      uint32_t index, int in_ns)
{
    for (size_t r = 0; r < RISK_COUNT; r++) {
        uint64_t bit = (uint64_t)1 << r;
        bool limited = rule->resource_names.n > 0;
        if ((out->has[in_ns] & bit && !(out->named[in_ns] & bit)) || !is_in_force(e, r) ||
            !rule_gives_any(rule, in_ns, str_from_c(risk_row[r].verbs),
                            str_from_c(risk_row[r].resources)))
            continue;
        if (limited && !is_worth_it(rule, in_ns, r))
            continue;
        bool only = limited && is_by_name(risk_row[r].names);
        if (only)
            *VEC_PUSH(&out->by_name[in_ns], e->arena) = (struct named_right){ (enum risk)r, index };
        if (out->has[in_ns] & bit && only)
            continue;
        out->has[in_ns] |= bit;
        out->named[in_ns] = only ? out->named[in_ns] | bit : out->named[in_ns] & ~bit;
        out->rule[in_ns][r] = index;
    }
}

static const struct role_risks *risks_of(struct escalate *e, uint32_t role)
{
    if (!e->role[role]) {
        const struct rbac_role *from = &e->in.rbac->role.item[role];
        e->role[role] = arena_new(e->arena, struct role_risks);
        for (size_t i = 0; i < from->rule_count; i++) {
            note_rule(e, e->role[role], &from->rule[i], (uint32_t)i, 0);
            note_rule(e, e->role[role], &from->rule[i], (uint32_t)i, 1);
        }
    }
    return e->role[role];
}

/* ---- nodes ---- */

static uint32_t ns_node(struct escalate *e, struct str ns, bool running)
{
    bool created;
    void **at = map_at(&e->ns, ns, &created);
    if (created) {
        *VEC_PUSH(&e->ns_name, e->arena) = ns;
        *at = (void *)(uintptr_t)e->ns_name.count;
    }
    return AT_PLACES + 2 * (uint32_t)((uintptr_t)*at - 1) + running;
}

static struct str account_text(struct arena *a, struct str ns, struct str name)
{
    return str_printf(a, "%.*s/%.*s", STR_ARG(ns), STR_ARG(name));
}

static uint32_t account_node(const struct escalate *e, struct arena *scratch, struct str ns,
                             struct str name)
{
    void *found = map_get(&e->account, account_text(scratch, ns, name));
    return found ? e->first_account + (uint32_t)((uintptr_t)found - 1) : 0;
}

/* Numbers everything; no edge is known yet. */
static void number(struct escalate *e)
{
    const struct rbac *r = e->in.rbac;
    for (size_t i = 0; i < e->in.account_count; i++) {
        (void)ns_node(e, e->in.account[i].ns, false);
        map_put(&e->account, account_text(e->arena, e->in.account[i].ns, e->in.account[i].name),
                (void *)(uintptr_t)(i + 1));
    }
    for (size_t i = 0; i < r->binding.count; i++)
        if (!r->binding.item[i].cluster)
            (void)ns_node(e, r->binding.item[i].ns, false);
    e->first_account = AT_PLACES + 2 * (uint32_t)e->ns_name.count;
    e->first_subject = e->first_account + (uint32_t)e->in.account_count;
    e->first_holder = e->first_subject + (uint32_t)r->subject.count;
    e->nodes = e->first_holder;
    e->subject_node = arena_array(e->arena, uint32_t, r->subject.count);
    for (size_t i = 0; i < r->subject.count; i++) {
        const struct rbac_subject *s = &r->subject.item[i];
        struct str ns = s->ns, name = s->name;
        uint32_t node = 0;
        if (s->kind == RBAC_SERVICE_ACCOUNT ||
            (s->kind == RBAC_USER && rbac_account_of_user(s->name, &ns, &name)))
            node = account_node(e, e->arena, ns, name);
        e->subject_node[i] = node ? node : e->first_subject + (uint32_t)i;
    }
}

/* ---- edges ---- */

static void link(struct escalate *e, uint32_t from, uint32_t to, uint32_t why, uint32_t binding,
                 uint32_t rule)
{
    if (from != to)
        *VEC_PUSH(&e->edge, e->arena) = (struct edge){ from, to, why, binding, rule };
}

static bool is_guarded(const struct escalate *e, struct str ns)
{
    return e->in.guarded && map_has(e->in.guarded, ns);
}

/* Some namespace that pods can be made in admits privileged ones. */
static bool is_any_open(const struct escalate *e)
{
    for (size_t i = 0; i < e->ns_name.count; i++)
        if (!is_guarded(e, e->ns_name.item[i]))
            return true;
    return e->ns_name.count == 0;
}

static void link_step(struct escalate *e, uint32_t from, size_t step, const struct rbac_binding *b,
                      uint32_t binding, uint32_t rule)
{
    enum step_to to = step_row[step].to;
    bool whole = b->cluster;
    if (to == TO_NAMED)
        return;
    if (to == TO_AGENTS && (whole ? !is_any_open(e) : is_guarded(e, b->ns)))
        return;
    uint32_t at = to == TO_NODE || to == TO_AGENTS ? AT_NODE
                  : whole                          ? (to == TO_ADMIN     ? AT_ADMIN
                                                      : to == TO_ACCOUNT ? AT_ACCOUNTS
                                                                         : AT_RUNNING)
                                                   : ns_node(e, b->ns, to == TO_RUNNING);
    link(e, from, at, (uint32_t)step, binding, rule);
}

static void link_account(struct escalate *e, uint32_t from, size_t step,
                         const struct rbac_binding *b, struct str name, struct edge right)
{
    for (size_t n = 0; n < e->ns_name.count; n++) {
        struct arena_mark mark = arena_mark(e->arena);
        uint32_t to = account_node(e, e->arena, b->cluster ? e->ns_name.item[n] : b->ns, name);
        arena_reset_to(e->arena, mark);
        if (to)
            link(e, from, to, (uint32_t)step, right.binding, right.rule);
        if (!b->cluster)
            break;
    }
}

/* A user that is a service account is asked for as that, not among users. */
static void link_person(struct escalate *e, uint32_t from, size_t step, enum rbac_subject_kind kind,
                        struct str name, struct edge right)
{
    const struct rbac_subject *s = rbac_find_subject(e->in.rbac, kind, STR(""), name);
    uint32_t node = s ? e->subject_node[s - e->in.rbac->subject.item] : 0;
    bool masters = kind == RBAC_GROUP && str_eq_c(name, "system:masters");
    if (masters || node >= e->first_subject)
        link(e, from, masters ? AT_ADMIN : node, (uint32_t)step, right.binding, right.rule);
}

/* The node of whoever holds role, from 0, where b holds. */
static uint32_t holder_node(struct escalate *e, const struct rbac_binding *b, uint32_t role)
{
    bool created;
    struct arena_mark mark = arena_mark(e->arena);
    struct str key = str_printf(e->arena, "%.*s/%u", b->cluster ? 0 : (int)b->ns.n,
                                b->cluster ? "" : b->ns.p, role);
    void **at = map_at(&e->holder_of, key, &created);
    if (!created) {
        arena_reset_to(e->arena, mark);
        return e->first_holder + (uint32_t)((uintptr_t)*at - 1);
    }
    *VEC_PUSH(&e->holder, e->arena) = (struct holder){
        .as = { .ns = b->cluster ? STR("") : b->ns, .cluster = b->cluster, .role = role + 1 }
    };
    *at = (void *)(uintptr_t)e->holder.count;
    e->nodes++;
    return e->first_holder + (uint32_t)(e->holder.count - 1);
}

static void link_role(struct escalate *e, uint32_t from, size_t step, enum risk r,
                      const struct rbac_binding *b, struct str name, struct edge right)
{
    const struct rbac *rbac = e->in.rbac;
    bool whole = r == RISK_bind_named;
    const struct rbac_role *role =
        rbac_find_role(rbac, whole, whole || b->cluster ? STR("") : b->ns, name);
    if (role)
        link(e, from, holder_node(e, b, (uint32_t)(role - rbac->role.item)), (uint32_t)step,
             right.binding, right.rule);
}

/* A right on named subjects or roles only: a step to each of them that is known, by every rule of
 * the role that gives it. */
static void link_named(struct escalate *e, uint32_t from, size_t step, enum risk r,
                       const struct rbac_binding *b, uint32_t binding)
{
    const struct rbac_role *role = &e->in.rbac->role.item[b->role - 1];
    const struct role_risks *own = risks_of(e, b->role - 1);
    for (size_t k = 0; k < own->by_name[!b->cluster].count; k++) {
        const struct named_right *n = &own->by_name[!b->cluster].item[k];
        if (n->risk != r)
            continue;
        struct value names = role->rule[n->rule].resource_names;
        struct edge right = { .binding = binding, .rule = n->rule };
        for (uint32_t i = 0; i < names.n; i++) {
            struct str name = value_text(value_item(names, i));
            if (r == RISK_impersonate_account || r == RISK_token)
                link_account(e, from, step, b, name, right);
            else if (r == RISK_impersonate || r == RISK_impersonate_group)
                link_person(e, from, step, r == RISK_impersonate ? RBAC_USER : RBAC_GROUP, name,
                            right);
            else
                link_role(e, from, step, r, b, name, right);
        }
    }
}

static unsigned first_risk(uint64_t set)
{
    unsigned r = 0;
    while (!(set >> r & 1))
        r++;
    return r;
}

/* binding: its number, from 1; 0: one that a holder can make. */
static void link_binding(struct escalate *e, uint32_t from, const struct rbac_binding *b,
                         uint32_t binding, uint64_t cluster_wide, uint64_t cluster_named)
{
    if (!b->role)
        return;
    int in_ns = !b->cluster;
    const struct role_risks *own = risks_of(e, b->role - 1);
    uint64_t has = own->has[in_ns] | cluster_wide, named = own->named[in_ns] | cluster_named;
    for (size_t s = 0; s < STEPS; s++) {
        uint64_t need = step_row[s].rights, here = need & own->has[in_ns];
        if (!here || (need & ~has))
            continue;
        /* whom a group is taken for is of no weight beside the group */
        uint64_t names = need & BIT(impersonate_group) ? BIT(impersonate_group) : need;
        uint64_t narrow = names & named & ~(cluster_wide & ~cluster_named);
        if (!narrow)
            link_step(e, from, s, b, binding, own->rule[in_ns][first_risk(here)]);
        else if (narrow & own->has[in_ns] &&
                 (step_row[s].to == TO_NAMED || step_row[s].to == TO_ACCOUNT))
            link_named(e, from, s, (enum risk)first_risk(narrow), b, binding);
    }
}

/* Rights of two bindings in the whole cluster add up; in a namespace, with those of the whole
 * cluster. An account of any namespace is somebody to be a group's member. */
static void link_subject(struct escalate *e, size_t subject)
{
    const struct rbac_subject *s = &e->in.rbac->subject.item[subject];
    uint64_t has = 0, named = 0, somebody = 0;
    for (size_t i = 0; i < s->binding.count; i++) {
        const struct rbac_binding *b = &e->in.rbac->binding.item[s->binding.item[i]];
        if (!b->role)
            continue;
        const struct role_risks *own = risks_of(e, b->role - 1);
        somebody |= own->has[!b->cluster] & BIT(impersonate_account);
        if (!b->cluster)
            continue;
        uint64_t wide = (has & ~named) | (own->has[0] & ~own->named[0]);
        has |= own->has[0];
        named = has & ~wide;
    }
    for (size_t i = 0; i < s->binding.count; i++) {
        uint32_t index = s->binding.item[i];
        link_binding(e, e->subject_node[subject], &e->in.rbac->binding.item[index], index + 1,
                     has | somebody, named | (somebody & ~has));
    }
    if (s->kind == RBAC_GROUP && str_eq_c(s->name, "system:masters"))
        link(e, e->subject_node[subject], AT_ADMIN, BY_MASTERS, 0, 0);
}

static void link_group(struct escalate *e, uint32_t from, struct str name)
{
    const struct rbac_subject *s = rbac_find_subject(e->in.rbac, RBAC_GROUP, STR(""), name);
    if (s)
        link(e, from, e->subject_node[s - e->in.rbac->subject.item], BY_MEMBERSHIP, 0, 0);
}

static void link_groups_of_account(struct escalate *e, uint32_t from, struct str ns)
{
    link_group(e, from, str_printf(e->arena, "system:serviceaccounts:%.*s", STR_ARG(ns)));
    link_group(e, from, STR("system:serviceaccounts"));
    link_group(e, from, STR("system:authenticated"));
}

/* What a role gives to whoever binds itself to it, which may be another to bind. */
static void link_holders(struct escalate *e)
{
    for (size_t i = 0; i < e->holder.count; i++) {
        struct rbac_binding as = e->holder.item[i].as;
        const struct role_risks *own = risks_of(e, as.role - 1);
        link_binding(e, e->first_holder + (uint32_t)i, &as, 0, as.cluster ? own->has[0] : 0,
                     as.cluster ? own->named[0] : 0);
    }
}

static void link_members(struct escalate *e)
{
    const struct rbac *r = e->in.rbac;
    for (size_t i = 0; i < e->in.account_count; i++) {
        uint32_t node = e->first_account + (uint32_t)i;
        const struct escalate_account *a = &e->in.account[i];
        link_groups_of_account(e, node, a->ns);
        link(e, ns_node(e, a->ns, false), node, BY_PLACE, 0, 0);
        if (a->running)
            link(e, ns_node(e, a->ns, true), node, BY_PLACE, 0, 0);
        if (a->cloud.n)
            link(e, node, AT_CLOUD, BY_CLOUD, 0, 0);
    }
    for (size_t i = 0; i < r->subject.count; i++) {
        const struct rbac_subject *s = &r->subject.item[i];
        if (e->subject_node[i] < e->first_subject)
            continue;
        if (s->kind == RBAC_USER && str_eq_c(s->name, "system:anonymous"))
            link_group(e, e->subject_node[i], STR("system:unauthenticated"));
        else if (!(s->kind == RBAC_GROUP && str_eq_c(s->name, "system:unauthenticated")))
            link_group(e, e->subject_node[i], STR("system:authenticated"));
    }
}

static void link_places(struct escalate *e)
{
    link(e, AT_ADMIN, AT_ACCOUNTS, BY_PLACE, 0, 0);
    link(e, AT_ADMIN, AT_NODE, BY_PLACE, 0, 0);
    link(e, AT_NODE, AT_RUNNING, BY_PLACE, 0, 0);
    link_group(e, AT_ACCOUNTS, STR("system:serviceaccounts"));
    link_group(e, AT_ACCOUNTS, STR("system:authenticated"));
    for (size_t i = 0; i < e->ns_name.count; i++) {
        link(e, AT_ACCOUNTS, ns_node(e, e->ns_name.item[i], false), BY_PLACE, 0, 0);
        link(e, AT_RUNNING, ns_node(e, e->ns_name.item[i], true), BY_PLACE, 0, 0);
        /* every namespace has its account default, seen or not */
        link_groups_of_account(e, ns_node(e, e->ns_name.item[i], false), e->ns_name.item[i]);
    }
}

static int by_from(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->why != y->why)
        return x->why < y->why ? -1 : 1;
    return x->binding != y->binding ? (x->binding < y->binding ? -1 : 1)
           : x->to < y->to          ? -1
                                    : x->to > y->to;
}

struct escalate *escalate_open(struct arena *a, const struct escalate_input *input)
{
    struct escalate *e = arena_new(a, struct escalate);
    e->arena = a;
    e->in = *input;
    e->role = arena_array(a, struct role_risks *, input->rbac->role.count);
    map_init(&e->ns, a);
    map_init(&e->account, a);
    map_init(&e->holder_of, a);
    number(e);
    for (size_t i = 0; i < input->rbac->subject.count; i++)
        link_subject(e, i);
    link_holders(e);
    link_members(e);
    link_places(e);
    if (e->edge.count)
        qsort(e->edge.item, e->edge.count, sizeof *e->edge.item, by_from);
    e->out = arena_array(a, uint32_t, (size_t)e->nodes + 1);
    size_t k = 0;
    for (uint32_t n = 0; n <= e->nodes; n++) {
        while (k < e->edge.count && e->edge.item[k].from < n)
            k++;
        e->out[n] = (uint32_t)k;
    }
    return e;
}

uint64_t escalate_risks(const struct escalate *e, const struct rbac_subject *s)
{
    uint64_t has = 0;
    for (size_t i = 0; i < s->binding.count; i++) {
        const struct rbac_binding *b = &e->in.rbac->binding.item[s->binding.item[i]];
        if (b->role && e->role[b->role - 1])
            has |= e->role[b->role - 1]->has[!b->cluster];
    }
    return has;
}

/* ---- ways ---- */

/* Whether node is where the way shall end. */
static bool is_goal(const struct escalate *e, uint32_t node, enum escalate_target to, struct str ns,
                    struct str own)
{
    if (to != ESCALATE_NAMESPACE)
        return node == (uint32_t)(to == ESCALATE_ADMIN  ? AT_ADMIN
                                  : to == ESCALATE_NODE ? AT_NODE
                                                        : AT_CLOUD);
    if (node < AT_PLACES || node >= e->first_account)
        return node == AT_ACCOUNTS && (ns.n || own.n || e->ns_name.count > 0);
    struct str here = e->ns_name.item[(node - AT_PLACES) / 2];
    return (node - AT_PLACES) % 2 == 0 && (ns.n ? str_eq(here, ns) : !str_eq(here, own));
}

static struct str node_text(const struct escalate *e, struct arena *a, uint32_t node)
{
    static const char *const place[] = { "cluster-admin", "a node", "a cloud identity",
                                         "any service account",
                                         "the service account of any running pod" };
    if (node < AT_PLACES)
        return str_from_c(place[node]);
    if (node < e->first_account)
        return str_printf(a, "%s of namespace %.*s",
                          (node - AT_PLACES) % 2 ? "the service accounts of running pods"
                                                 : "any service account",
                          STR_ARG(e->ns_name.item[(node - AT_PLACES) / 2]));
    if (node < e->first_subject) {
        const struct escalate_account *s = &e->in.account[node - e->first_account];
        return str_printf(a, "ServiceAccount %.*s/%.*s", STR_ARG(s->ns), STR_ARG(s->name));
    }
    if (node >= e->first_holder) {
        const struct rbac_binding *as = &e->holder.item[node - e->first_holder].as;
        return str_printf(a, "a holder of %.*s%s%.*s",
                          STR_ARG(rbac_role_text(a, &e->in.rbac->role.item[as->role - 1])),
                          as->cluster ? "" : " in namespace ", STR_ARG(as->ns));
    }
    return rbac_subject_text(a, &e->in.rbac->subject.item[node - e->first_subject]);
}

static struct str texts(struct arena *a, struct value list)
{
    struct str out = STR("");
    for (uint32_t i = 0; i < list.n && i < 6; i++)
        out = str_printf(a, "%.*s%s%.*s", STR_ARG(out), i ? ", " : "",
                         STR_ARG(value_text(value_item(list, i))));
    return list.n > 6 ? str_printf(a, "%.*s and %u more", STR_ARG(out), list.n - 6) : out;
}

static struct str step_text(const struct escalate *e, struct arena *a, const struct edge *way)
{
    struct str from = node_text(e, a, way->from), to = node_text(e, a, way->to);
    switch (way->why) {
    case BY_MEMBERSHIP:
        return str_printf(a, "%.*s is a member of %.*s", STR_ARG(from), STR_ARG(to));
    case BY_PLACE:
        return str_printf(a, "%.*s includes %.*s", STR_ARG(from), STR_ARG(to));
    case BY_CLOUD:
        return str_printf(a, "%.*s has the cloud identity %.*s", STR_ARG(from),
                          STR_ARG(e->in.account[way->from - e->first_account].cloud));
    case BY_MASTERS:
        return str_printf(a, "%.*s passes every authorization check", STR_ARG(from));
    }
    const struct rbac_binding *b = way->binding ? &e->in.rbac->binding.item[way->binding - 1]
                                                : &e->holder.item[way->from - e->first_holder].as;
    const struct rbac_role *role = &e->in.rbac->role.item[b->role - 1];
    const struct rbac_rule *rule = &role->rule[way->rule];
    return str_printf(a, "%.*s %s -> %.*s: %.*s on %.*s by %.*s (%.*s, rule %u)", STR_ARG(from),
                      step_row[way->why].text, STR_ARG(to), STR_ARG(texts(a, rule->verbs)),
                      STR_ARG(texts(a, rule->resources)),
                      STR_ARG(way->binding ? rbac_binding_text(a, b) : STR("that binding")),
                      STR_ARG(rbac_role_text(a, role)), way->rule + 1);
}

static bool start_node(const struct escalate *e, struct arena *a, enum rbac_subject_kind kind,
                       struct str ns, struct str name, uint32_t *out)
{
    (void)(kind == RBAC_USER && rbac_account_of_user(name, &ns, &name) &&
           (kind = RBAC_SERVICE_ACCOUNT));
    if (kind == RBAC_SERVICE_ACCOUNT) {
        *out = account_node(e, a, ns, name);
        return *out != 0;
    }
    const struct rbac_subject *s = rbac_find_subject(e->in.rbac, kind, STR(""), name);
    bool stranger =
        str_eq_c(name, kind == RBAC_GROUP ? "system:unauthenticated" : "system:anonymous");
    if (!s) /* of a user that no binding names, what everybody may, or everybody who does not log in
             */
        s = rbac_find_subject(e->in.rbac, RBAC_GROUP, STR(""),
                              stranger ? STR("system:unauthenticated")
                                       : STR("system:authenticated"));
    if (s)
        *out = e->subject_node[s - e->in.rbac->subject.item];
    return s != NULL;
}

static bool is_everybody(const struct escalate *e, uint32_t node)
{
    if (node < e->first_subject || node >= e->first_holder)
        return false;
    const struct rbac_subject *s = &e->in.rbac->subject.item[node - e->first_subject];
    return s->kind == RBAC_GROUP && (str_eq_c(s->name, "system:authenticated") ||
                                     str_eq_c(s->name, "system:serviceaccounts"));
}

struct escalate_way escalate_way(const struct escalate *e, struct arena *a,
                                 enum rbac_subject_kind kind, struct str from_ns, struct str name,
                                 enum escalate_target to, struct str ns)
{
    struct escalate_way way = { 0 };
    uint32_t start = 0, goal = UINT32_MAX, *queue = arena_array(a, uint32_t, e->nodes),
             *by = arena_array(a, uint32_t, e->nodes);
    size_t head = 0, tail = 0;
    struct str own = kind == RBAC_SERVICE_ACCOUNT ? from_ns : STR("");
    if (!start_node(e, a, kind, from_ns, name, &start))
        return way;
    queue[tail++] = start;
    by[start] = UINT32_MAX; /* which edge led there, from 1; the start by none */
    while (head < tail && goal == UINT32_MAX) {
        uint32_t node = queue[head++];
        for (uint32_t k = e->out[node]; k < e->out[node + 1] && goal == UINT32_MAX; k++) {
            uint32_t next = e->edge.item[k].to;
            if (by[next])
                continue;
            by[next] = k + 1;
            queue[tail++] = next;
            if (is_goal(e, next, to, ns, own))
                goal = next;
        }
    }
    if (goal == UINT32_MAX)
        return way;
    for (uint32_t n = goal; n != start; n = e->edge.item[by[n] - 1].from)
        way.count++;
    way.step = arena_array(a, struct str, way.count);
    size_t at = way.count;
    for (uint32_t n = goal; n != start; n = e->edge.item[by[n] - 1].from) {
        const struct edge *edge = &e->edge.item[by[n] - 1];
        way.step[--at] = step_text(e, a, edge);
        way.by_everybody = edge->why == BY_MEMBERSHIP && is_everybody(e, edge->to);
    }
    return way;
}
