/* Who may do what: the roles, and the subjects of bindings with their grants. */
#include "analyze/facts_state.h"
#include "analyze/rbac/default_roles.h"

/* Every cluster has it, and an API server that starts without it makes it again: where it is
 * missing (files), a binding to it gives what it always gave. */
static void assume_cluster_admin(struct facts *f)
{
    struct arena *a = f->arena;
    struct value *star = arena_new(a, struct value);
    *star = value_cstr("*");
    struct value kept = value_list(star, 1);
    struct value_builder rule, url, meta, role;
    value_builder_init(&rule, a);
    value_builder_set(&rule, "verbs", kept);
    value_builder_set(&rule, "apiGroups", kept);
    value_builder_set(&rule, "resources", kept);
    value_builder_init(&url, a);
    value_builder_set(&url, "verbs", kept);
    value_builder_set(&url, "nonResourceURLs", kept);
    struct value *rules = arena_array(a, struct value, 2);
    rules[0] = value_builder_map(&rule);
    rules[1] = value_builder_map(&url);
    value_builder_init(&meta, a);
    value_builder_set(&meta, "name", value_cstr("cluster-admin"));
    value_builder_init(&role, a);
    value_builder_set(&role, "kind", value_cstr("ClusterRole"));
    value_builder_set(&role, "metadata", value_builder_map(&meta));
    value_builder_set(&role, "rules", value_list(rules, 2));
    rbac_assume(&f->rbac, value_builder_map(&role));
}

void rbac_open(struct facts *f)
{
    static const enum kind kind[] = { KIND_CLUSTERROLES, KIND_ROLES, KIND_CLUSTERROLEBINDINGS,
                                      KIND_ROLEBINDINGS };
    rbac_init(&f->rbac, f->arena);
    f->rbac.unfilled = !f->cluster->git_version.n; /* objects of files: no server was asked */
    for (size_t k = 0; k < sizeof kind / sizeof *kind; k++) {
        for (size_t i = 0; i < f->cluster->kept[kind[k]].count; i++)
            (void)rbac_add(&f->rbac, f->cluster->kept[kind[k]].item[i]);
    }
    if (f->cluster->is_open)
        default_roles_assume(&f->rbac);
    assume_cluster_admin(f);
    rbac_finish(&f->rbac);
    default_roles_mark(&f->rbac);
    for (size_t i = 0; i < f->rbac.binding.count; i++)
        f->damaged_bindings += f->rbac.binding.item[i].damage.n > 0;
    facts_keep_grants(f);
    facts_index_accounts(f);
}

void rbac_close(struct facts *f)
{
    for (size_t i = 0; i < f->cluster->pods.count; i++) {
        const struct pod_group *row = &f->cluster->pods.item[i];
        struct account *account =
            row->service_account.n ? facts_account(f, row->ns, row->service_account) : NULL;
        if (!account)
            continue;
        account->pods += row->pods;
        account->mounts += row->token[POD_TOKEN_MOUNTED];
        if (value_bool_at(account->object, true, "automountServiceAccountToken", NULL))
            account->mounts += row->token[POD_TOKEN_BY_ACCOUNT];
    }
}

/* ---- subjects ---- */

static struct value subject_object(struct arena *a, const char *kind, struct str name,
                                   struct str ns)
{
    const struct value_entry field[] = {
        { value_str(STR("kind")), value_cstr(kind) },
        { value_str(STR("name")), value_str(name) },
        { value_str(STR("namespace")), value_str(ns) },
    };
    struct value_entry *kept = arena_alloc(a, sizeof field);
    memcpy(kept, field, sizeof field);
    return value_map(a, kept, COUNT_OF(field));
}

/* A role that may do everything in the whole cluster, by whatever name. */
static bool is_cluster_admin(const struct facts *f, const struct rbac_subject *s)
{
    for (size_t i = 0; i < s->binding.count; i++) {
        const struct rbac_binding *b = &f->rbac.binding.item[s->binding.item[i]];
        if (b->cluster && facts_binding_grants_everything(f, b))
            return true;
    }
    return false;
}

static struct value subject_exists(struct facts *f, struct arena *a, const struct account *account)
{
    if (!account || account->object.kind != VALUE_NULL)
        return value_bool(true);
    return facts_saw(f, KIND_SERVICEACCOUNTS) ? value_bool(false)
                                              : facts_gap_kind(f, a, KIND_SERVICEACCOUNTS);
}

/* Of each binding the role that it refers to; of missing ones those that are not there, when all
 * roles were seen. */
static struct value roles_of(struct facts *f, struct arena *a, const struct rbac_subject *s,
                             bool missing)
{
    struct value_builder list;
    struct map seen;
    value_builder_init(&list, a);
    map_init(&seen, a);
    for (size_t i = 0; i < s->binding.count && list.count < FACTS_HELD_MAX; i++) {
        const struct rbac_binding *b = &f->rbac.binding.item[s->binding.item[i]];
        bool created = true;
        if (b->damage.n ||
            (missing && (b->role || facts_refers_to_default(f, b) ||
                         !facts_saw(f, b->role_is_cluster ? KIND_CLUSTERROLES : KIND_ROLES))))
            continue;
        struct str role = rbac_role_ref_text(a, b);
        if (missing)
            role = str_printf(a, "%.*s by %.*s", STR_ARG(role), STR_ARG(rbac_binding_text(a, b)));
        (void)map_at(&seen, role, &created);
        if (created)
            value_builder_push(&list, value_str(role));
    }
    return value_builder_list(&list);
}

static void add_subject(struct facts *f, struct facts_rows *out, const struct rbac_subject *s)
{
    struct str ns = s->ns, name = s->name;
    bool is_account = s->kind == RBAC_SERVICE_ACCOUNT ||
                      (s->kind == RBAC_USER && rbac_account_of_user(s->name, &ns, &name));
    const struct account *account = is_account ? facts_account(f, ns, name) : NULL;
    struct arena *a = out->arena;
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(
        &b, "account",
        value_str(is_account ? str_printf(a, "%.*s/%.*s", STR_ARG(ns), STR_ARG(name)) : STR("")));
    value_builder_set(&b, "text", value_str(rbac_subject_text(a, s)));
    value_builder_set(&b, "grants", facts_grants(f, a, &(struct holder){ { s } }));
    value_builder_set(&b, "otherGrants", facts_other_grants(f, a, s, account));
    value_builder_set(&b, "bindings", facts_binding_texts(f, a, s, NULL));
    value_builder_set(&b, "roles", roles_of(f, a, s, false));
    value_builder_set(&b, "missingRoles", roles_of(f, a, s, true));
    value_builder_set(&b, "clusterAdmin", value_bool(is_cluster_admin(f, s)));
    value_builder_set(&b, "exists", subject_exists(f, a, account));
    value_builder_set(&b, "pods",
                      is_account ? facts_count_value(f, a, KIND_PODS, account ? account->pods : 0)
                                 : value_int(0));
    facts_add_row(f, out,
                  subject_object(out->arena, rbac_subject_kind_name(s->kind), s->name, s->ns),
                  value_builder_map(&b));
}

/* An RBAC object that could not be understood may name anyone and give anything: a row of its own
 * keeps a check over subjects from passing. */
static void add_damaged(struct facts *f, struct facts_rows *out, const char *kind, struct str ns,
                        struct str name, struct str text, struct str damage)
{
    struct value unknown =
        facts_unavailable_for(out->arena, CAUSE_MALFORMED, "%.*s could not be understood: %.*s",
                              STR_ARG(text), STR_ARG(damage));
    static const char *const field[] = { "account",      "roles",       "missingRoles",
                                         "grants",       "otherGrants", "bindings",
                                         "clusterAdmin", "exists",      "pods" };
    struct value_builder b;
    value_builder_init(&b, out->arena);
    value_builder_set(&b, "text", value_str(text));
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        value_builder_set(&b, field[i], unknown);
    facts_add_row(f, out, subject_object(out->arena, kind, name, ns), value_builder_map(&b));
}

static int by_subject(const void *a, const void *b)
{
    const struct rbac_subject *x = *(const struct rbac_subject *const *)a,
                              *y = *(const struct rbac_subject *const *)b;
    int order = strcmp(rbac_subject_kind_name(x->kind), rbac_subject_kind_name(y->kind));
    order = order ? order : str_cmp(x->ns, y->ns);
    return order ? order : str_cmp(x->name, y->name);
}

void facts_make_subjects(struct facts *f, struct facts_rows *out)
{
    const struct rbac_subject **subject =
        arena_array(f->arena, const struct rbac_subject *, f->rbac.subject.count);
    for (size_t i = 0; i < f->rbac.subject.count; i++)
        subject[i] = &f->rbac.subject.item[i];
    if (f->rbac.subject.count)
        qsort(subject, f->rbac.subject.count, sizeof *subject, by_subject);
    for (size_t i = 0; i < f->rbac.subject.count; i++)
        add_subject(f, out, subject[i]);
    for (size_t i = 0; i < f->rbac.binding.count; i++) {
        const struct rbac_binding *b = &f->rbac.binding.item[i];
        if (b->damage.n)
            add_damaged(f, out, b->cluster ? "ClusterRoleBinding" : "RoleBinding", b->ns, b->name,
                        rbac_binding_text(out->arena, b), b->damage);
    }
    for (size_t i = 0; i < f->rbac.role.count; i++) {
        const struct rbac_role *role = &f->rbac.role.item[i];
        if (role->damage.n)
            add_damaged(f, out, role->cluster ? "ClusterRole" : "Role", role->ns, role->name,
                        rbac_role_text(out->arena, role), role->damage);
    }
}

/* ---- roles ---- */

static struct value rule_values(const struct facts *f, struct arena *a,
                                const struct rbac_role *role)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < role->rule_count; i++) {
        struct value_builder b;
        value_builder_init(&b, a);
        value_builder_set(&b, "verbs", role->rule[i].verbs);
        value_builder_set(&b, "apiGroups", role->rule[i].api_groups);
        value_builder_set(&b, "resources", role->rule[i].resources);
        value_builder_set(&b, "resourceNames", role->rule[i].resource_names);
        value_builder_set(&b, "nonResourceURLs", role->rule[i].urls);
        value_builder_push(&list, value_builder_map(&b));
    }
    if (role->aggregated && f->cluster->is_open)
        value_builder_push(
            &list, facts_unavailable_for(
                       a, CAUSE_NOT_IN_FILES,
                       "%.*s is put together of other roles, and not all of those need be in files",
                       STR_ARG(rbac_role_text(a, role))));
    return value_builder_list(&list);
}

/* Each once: seen has, of each subject, the number of the last row that names it. */
static struct value role_subjects(struct facts *f, struct arena *a, const struct rbac_role *role,
                                  uint32_t *seen, uint32_t number)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < role->binding.count; i++) {
        const struct rbac_binding *b = &f->rbac.binding.item[role->binding.item[i]];
        for (size_t s = 0; s < b->subject_count; s++) {
            const struct rbac_subject *subject = &f->rbac.subject.item[b->subject[s]];
            if (seen[b->subject[s]] != number)
                value_builder_push(&list, subject_object(a, rbac_subject_kind_name(subject->kind),
                                                         subject->name, subject->ns));
            seen[b->subject[s]] = number;
        }
    }
    return value_builder_list(&list);
}

static void add_role(struct facts *f, struct facts_rows *out, const struct rbac_role *role,
                     uint32_t *seen, uint32_t number)
{
    struct arena *a = out->arena;
    struct value_builder b, bindings;
    value_builder_init(&bindings, a);
    for (size_t i = 0; i < role->binding.count; i++)
        value_builder_push(&bindings, value_str(rbac_binding_text(
                                          a, &f->rbac.binding.item[role->binding.item[i]])));
    value_builder_init(&b, a);
    value_builder_set(&b, "bootstrap", value_bool(role->is_default));
    value_builder_set(&b, "aggregated", value_bool(role->aggregated));
    value_builder_set(&b, "rules",
                      role->damage.n
                          ? facts_unavailable_for(a, CAUSE_MALFORMED,
                                                  "its rules could not be understood: %.*s",
                                                  STR_ARG(role->damage))
                          : rule_values(f, a, role));
    value_builder_set(&b, "boundTo", role_subjects(f, a, role, seen, number));
    value_builder_set(&b, "bindings", value_builder_list(&bindings));
    facts_add_row(f, out, role->object, value_builder_map(&b));
}

static int by_role(const void *a, const void *b)
{
    const struct rbac_role *x = *(const struct rbac_role *const *)a,
                           *y = *(const struct rbac_role *const *)b;
    int order = str_cmp(x->ns, y->ns);
    return order ? order : str_cmp(x->name, y->name);
}

static void make_roles(struct facts *f, struct facts_rows *out, bool cluster)
{
    const struct rbac_role **role =
        arena_array(f->arena, const struct rbac_role *, f->rbac.role.count);
    uint32_t *seen = arena_array(f->arena, uint32_t, f->rbac.subject.count);
    size_t count = 0;
    for (size_t i = 0; i < f->rbac.role.count; i++) {
        if (f->rbac.role.item[i].cluster == cluster && !f->rbac.role.item[i].assumed)
            role[count++] = &f->rbac.role.item[i];
    }
    if (count)
        qsort(role, count, sizeof *role, by_role);
    for (size_t i = 0; i < count; i++)
        add_role(f, out, role[i], seen, (uint32_t)i + 1);
}

void facts_make_clusterroles(struct facts *f, struct facts_rows *out)
{
    make_roles(f, out, true);
}

void facts_make_roles(struct facts *f, struct facts_rows *out)
{
    make_roles(f, out, false);
}
