/* Who may do what: grants of subjects, service accounts and pods, the roles themselves, and what is wrong
 * with the bindings. */
#include "analyze/facts_state.h"

static struct value binding_texts(struct facts *f, struct arena *a, const struct rbac_subject *s, const struct rbac_subject *also)
{
    struct value_builder b;
    value_builder_init(&b, a);
    const struct rbac_subject *each[] = { s, also };
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; each[k] && i < each[k]->binding.count; i++)
            value_builder_push(&b, value_str(rbac_binding_text(a, &f->rbac.binding.item[each[k]->binding.item[i]])));
    }
    return value_builder_list(&b);
}

/* ---- service accounts ---- */

static struct str account_key(struct arena *a, struct str ns, struct str name)
{
    return str_printf(a, "%zu:%.*s/%.*s", ns.n, STR_ARG(ns), STR_ARG(name));
}

static struct account *account_at(struct facts *f, struct str ns, struct str name)
{
    struct arena_mark mark = arena_mark(f->arena);
    struct account *known = map_get(&f->account, account_key(f->arena, ns, name));
    arena_reset_to(f->arena, mark);
    if (known)
        return known;
    struct account *made = arena_new(f->arena, struct account);
    *made = (struct account){ .ns = ns, .name = name };
    map_put(&f->account, account_key(f->arena, ns, name), made);
    return made;
}

#define ACCOUNT_KEY_BYTES_MAX 1024u
struct account *facts_account(const struct facts *f, struct str ns, struct str name)
{
    char key[ACCOUNT_KEY_BYTES_MAX];
    if (ns.n > 256 || name.n > 512)
        return NULL; /* longer than the API server takes */
    int n = snprintf(key, sizeof key, "%zu:%.*s/%.*s", ns.n, STR_ARG(ns), STR_ARG(name));
    return n > 0 && (size_t)n < sizeof key ? map_get(&f->account, str_of(key, (size_t)n)) : NULL;
}

/* Whose bindings give it what it has in its own name: the account, and the User of its name. */
static void find_subjects(struct facts *f, struct account *account)
{
    struct arena_mark mark = arena_mark(f->arena);
    struct str user_name = str_printf(f->arena, "system:serviceaccount:%.*s:%.*s", STR_ARG(account->ns), STR_ARG(account->name));
    account->own = rbac_find_subject(&f->rbac, RBAC_SERVICE_ACCOUNT, account->ns, account->name);
    account->user = rbac_find_subject(&f->rbac, RBAC_USER, STR(""), user_name);
    arena_reset_to(f->arena, mark);
}

static void index_accounts(struct facts *f)
{
    for (size_t i = 0; i < f->cluster->kept[KIND_SERVICEACCOUNTS].count; i++) {
        struct value object = f->cluster->kept[KIND_SERVICEACCOUNTS].item[i];
        struct str name = value_text_at(object, "metadata", "name", NULL);
        struct account *account = account_at(f, value_text_at(object, "metadata", "namespace", NULL), name);
        if (account->object.kind == VALUE_NULL)
            account->object = object;
    }
    for (size_t i = 0; i < f->rbac.subject.count; i++) {
        if (f->rbac.subject.item[i].kind == RBAC_SERVICE_ACCOUNT)
            account_at(f, f->rbac.subject.item[i].ns, f->rbac.subject.item[i].name);
    }
    for (size_t i = 0; i < f->account.count; i++)
        find_subjects(f, f->account.entry[i].val);
}

void facts_index_rbac(struct facts *f)
{
    static const enum kind kind[] = { KIND_CLUSTERROLES, KIND_ROLES, KIND_CLUSTERROLEBINDINGS, KIND_ROLEBINDINGS };
    rbac_init(&f->rbac, f->arena);
    for (size_t k = 0; k < sizeof kind / sizeof *kind; k++) {
        for (size_t i = 0; i < f->cluster->kept[kind[k]].count; i++)
            (void)rbac_add(&f->rbac, f->cluster->kept[kind[k]].item[i]);
    }
    rbac_finish(&f->rbac);
    for (size_t i = 0; i < f->rbac.binding.count; i++)
        f->damaged_bindings += f->rbac.binding.item[i].damage.n > 0;
    facts_keep_grants(f);
    facts_keep_common_grants(f);
    index_accounts(f);
}

/* A list that names what was seen; unavailable when it is empty and a binding could not be understood. */
static struct value unless_damaged(const struct facts *f, struct arena *a, struct value list)
{
    if (list.n || !f->damaged_bindings)
        return list;
    for (size_t i = 0; i < f->rbac.binding.count; i++) {
        const struct rbac_binding *b = &f->rbac.binding.item[i];
        struct str text = rbac_binding_text(a, b);
        if (b->damage.n)
            return facts_unavailable(a, "%.*s could not be understood: %.*s", STR_ARG(text), STR_ARG(b->damage));
    }
    return list;
}

static int by_account(const void *a, const void *b)
{
    const struct account *x = *(const struct account *const *)a, *y = *(const struct account *const *)b;
    int order = str_cmp(x->ns, y->ns);
    return order ? order : str_cmp(x->name, y->name);
}

void facts_make_accounts(struct facts *f, struct facts_rows *out)
{
    struct account **account = arena_array(f->arena, struct account *, f->account.count);
    size_t count = 0;
    for (size_t i = 0; i < f->account.count; i++) {
        struct account *each = f->account.entry[i].val;
        if (each->object.kind != VALUE_NULL)
            account[count++] = each;
    }
    if (count)
        qsort(account, count, sizeof *account, by_account);
    for (size_t i = 0; i < count; i++) {
        struct arena *a = out->arena;
        struct value grants = facts_account_grants(f, a, account[i]->ns, account[i]->name);
        struct value_builder b;
        value_builder_init(&b, a);
        value_builder_set(&b, "automount", value_bool(value_bool_at(account[i]->object, true, "automountServiceAccountToken", NULL)));
        value_builder_set(&b, "bindings", unless_damaged(f, a, binding_texts(f, a, account[i]->own, account[i]->user)));
        value_builder_set(&b, "grants", unless_damaged(f, a, grants));
        value_builder_set(&b, "pods", facts_count_value(f, a, KIND_PODS, account[i]->pods));
        facts_add_row(f, out, account[i]->object, value_builder_map(&b));
    }
}

/* ---- pods ---- */

/* Volumes with a projected token that the pod's author asked for. */
static struct value token_volumes(struct value pod, struct arena *scratch)
{
    const struct value *volumes = value_at(pod, "spec", "volumes", NULL);
    struct value_builder b;
    value_builder_init(&b, scratch);
    for (uint32_t i = 0; volumes && volumes->kind == VALUE_LIST && i < volumes->n; i++) {
        struct value v = value_item(*volumes, i);
        const struct value *sources = value_at(v, "projected", "sources", NULL);
        struct str name = value_text_at(v, "name", NULL);
        /* The admission plugin's own, which automount stands for. */
        if (str_has_prefix(name, STR("kube-api-access-")))
            continue;
        for (uint32_t k = 0; sources && sources->kind == VALUE_LIST && k < sources->n; k++) {
            if (value_get(value_item(*sources, k), STR("serviceAccountToken"))) {
                value_builder_push(&b, value_str(name));
                break;
            }
        }
    }
    return value_builder_list(&b);
}

/* Whether some grant is the account's own: seen, or its absence seen, or not known. */
static struct value is_bound(struct facts *f, const struct account *account, struct arena *scratch)
{
    static const enum kind need[] = { KIND_CLUSTERROLEBINDINGS, KIND_ROLEBINDINGS, KIND_CLUSTERROLES, KIND_ROLES };
    if (account && account->own && facts_grants_anything(f, account->own))
        return value_bool(true);
    for (size_t i = 0; i < sizeof need / sizeof *need; i++)
        if (!facts_saw(f, need[i]))
            return facts_gap_kind(f, scratch, need[i]);
    return value_bool(false);
}

/* What runs from a file on its node has no account: the API server refuses a mirror pod that names one. */
static struct value without_account(struct value pod, struct arena *scratch)
{
    struct value_builder b, sa;
    value_builder_init(&sa, scratch);
    value_builder_set(&sa, "name", value_cstr(""));
    value_builder_set(&sa, "found", value_bool(false));
    value_builder_set(&sa, "automount", value_null());
    value_builder_init(&b, scratch);
    value_builder_set(&b, "serviceAccount", value_builder_map(&sa));
    value_builder_set(&b, "automount", value_bool(false));
    value_builder_set(&b, "tokenVolumes", token_volumes(pod, scratch));
    value_builder_set(&b, "grants", value_list(NULL, 0));
    value_builder_set(&b, "bound", value_bool(false));
    return value_builder_map(&b);
}

struct value facts_pod_derived(struct facts *f, struct value pod, struct arena *scratch)
{
    struct str ns = value_text_at(pod, "metadata", "namespace", NULL);
    struct str name = value_text_at(pod, "spec", "serviceAccountName", NULL);
    if (!name.n && object_is_mirror(pod))
        return without_account(pod, scratch);
    name = name.n ? name : STR("default");
    const struct account *account = facts_account(f, ns, name);
    bool found = account && account->object.kind != VALUE_NULL;
    const struct value *own = value_at(pod, "spec", "automountServiceAccountToken", NULL);
    const struct value *of_account = found ? value_get(account->object, STR("automountServiceAccountToken")) : NULL;
    bool account_says = of_account && of_account->kind == VALUE_BOOL;
    bool automount = own && own->kind == VALUE_BOOL ? own->as.b : account_says ? of_account->as.b : true;
    struct value_builder b, sa;
    value_builder_init(&sa, scratch);
    value_builder_set(&sa, "name", value_str(name));
    value_builder_set(&sa, "found", found || facts_saw(f, KIND_SERVICEACCOUNTS) ? value_bool(found)
                                                                               : facts_gap_kind(f, scratch, KIND_SERVICEACCOUNTS));
    value_builder_set(&sa, "automount", account_says ? *of_account : value_null());
    value_builder_init(&b, scratch);
    value_builder_set(&b, "serviceAccount", value_builder_map(&sa));
    bool decided = (own && own->kind == VALUE_BOOL) || found || facts_saw(f, KIND_SERVICEACCOUNTS);
    value_builder_set(&b, "automount", decided ? value_bool(automount) : facts_gap_kind(f, scratch, KIND_SERVICEACCOUNTS));
    value_builder_set(&b, "tokenVolumes", token_volumes(pod, scratch));
    value_builder_set(&b, "grants", facts_account_grants(f, scratch, ns, name));
    value_builder_set(&b, "bound", is_bound(f, account, scratch));
    return value_builder_map(&b);
}

/* ---- subjects ---- */

static struct value subject_object(struct arena *a, const char *kind, struct str name, struct str ns)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "kind", value_cstr(kind));
    value_builder_set(&b, "name", value_str(name));
    value_builder_set(&b, "namespace", value_str(ns));
    return value_builder_map(&b);
}

static bool has_star(struct value list)
{
    for (uint32_t i = 0; i < list.n; i++) {
        if (str_eq_c(value_text(value_item(list, i)), "*"))
            return true;
    }
    return false;
}

/* A role that may do everything in the whole cluster, by whatever name. */
static bool is_cluster_admin(const struct facts *f, const struct rbac_subject *s)
{
    for (size_t i = 0; i < s->binding.count; i++) {
        const struct rbac_binding *b = &f->rbac.binding.item[s->binding.item[i]];
        const struct rbac_role *role = b->cluster ? rbac_role_of(&f->rbac, b) : NULL;
        for (size_t k = 0; role && k < role->rule_count; k++) {
            const struct rbac_rule *rule = &role->rule[k];
            if (has_star(rule->verbs) && has_star(rule->api_groups) && has_star(rule->resources) && !rule->resource_names.n)
                return true;
        }
    }
    return false;
}

static struct value subject_exists(struct facts *f, struct arena *a, const struct rbac_subject *s, const struct account *account)
{
    if (s->kind != RBAC_SERVICE_ACCOUNT || (account && account->object.kind != VALUE_NULL))
        return value_bool(true);
    return facts_saw(f, KIND_SERVICEACCOUNTS) ? value_bool(false) : facts_gap_kind(f, a, KIND_SERVICEACCOUNTS);
}

static void add_subject(struct facts *f, struct facts_rows *out, const struct rbac_subject *s)
{
    const struct account *account = s->kind == RBAC_SERVICE_ACCOUNT ? facts_account(f, s->ns, s->name) : NULL;
    struct arena *a = out->arena;
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "text", value_str(rbac_subject_text(a, s)));
    value_builder_set(&b, "grants", facts_own_grants(f, a, s));
    value_builder_set(&b, "bindings", binding_texts(f, a, s, NULL));
    value_builder_set(&b, "clusterAdmin", value_bool(is_cluster_admin(f, s)));
    value_builder_set(&b, "exists", subject_exists(f, a, s, account));
    value_builder_set(&b, "pods", s->kind == RBAC_SERVICE_ACCOUNT
                                      ? facts_count_value(f, a, KIND_PODS, account ? account->pods : 0)
                                      : value_int(0));
    facts_add_row(f, out, subject_object(out->arena, rbac_subject_kind_name(s->kind), s->name, s->ns), value_builder_map(&b));
}

/* An RBAC object that could not be understood may name anyone and give anything: a row of its own keeps
 * a check over subjects from passing. */
static void add_damaged(struct facts *f, struct facts_rows *out, const char *kind, struct str ns, struct str name,
                        struct str text, struct str damage)
{
    struct value unknown = facts_unavailable(out->arena, "%.*s could not be understood: %.*s", STR_ARG(text), STR_ARG(damage));
    static const char *const field[] = { "grants", "bindings", "clusterAdmin", "exists", "pods" };
    struct value_builder b;
    value_builder_init(&b, out->arena);
    value_builder_set(&b, "text", value_str(text));
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        value_builder_set(&b, field[i], unknown);
    facts_add_row(f, out, subject_object(out->arena, kind, name, ns), value_builder_map(&b));
}

static int by_subject(const void *a, const void *b)
{
    const struct rbac_subject *x = *(const struct rbac_subject *const *)a, *y = *(const struct rbac_subject *const *)b;
    int order = strcmp(rbac_subject_kind_name(x->kind), rbac_subject_kind_name(y->kind));
    order = order ? order : str_cmp(x->ns, y->ns);
    return order ? order : str_cmp(x->name, y->name);
}

void facts_make_subjects(struct facts *f, struct facts_rows *out)
{
    const struct rbac_subject **subject = arena_array(f->arena, const struct rbac_subject *, f->rbac.subject.count);
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
            add_damaged(f, out, role->cluster ? "ClusterRole" : "Role", role->ns, role->name, rbac_role_text(out->arena, role),
                        role->damage);
    }
}

/* ---- roles ---- */

static struct value rule_values(struct arena *a, const struct rbac_role *role)
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
    return value_builder_list(&list);
}

static struct value role_subjects(struct facts *f, struct arena *a, const struct rbac_role *role)
{
    struct value_builder list;
    struct map seen;
    value_builder_init(&list, a);
    map_init(&seen, a);
    for (size_t i = 0; i < role->binding.count; i++) {
        const struct rbac_binding *b = &f->rbac.binding.item[role->binding.item[i]];
        for (size_t s = 0; s < b->subject_count; s++) {
            const struct rbac_subject *subject = &f->rbac.subject.item[b->subject[s]];
            bool created;
            (void)map_at(&seen, rbac_subject_text(a, subject), &created);
            if (created)
                value_builder_push(&list, subject_object(a, rbac_subject_kind_name(subject->kind), subject->name, subject->ns));
        }
    }
    return value_builder_list(&list);
}

static void add_role(struct facts *f, struct facts_rows *out, const struct rbac_role *role)
{
    struct arena *a = out->arena;
    struct value_builder b, bindings;
    value_builder_init(&bindings, a);
    for (size_t i = 0; i < role->binding.count; i++)
        value_builder_push(&bindings, value_str(rbac_binding_text(a, &f->rbac.binding.item[role->binding.item[i]])));
    value_builder_init(&b, a);
    value_builder_set(&b, "bootstrap", value_bool(facts_is_default(role->bootstrap, role->name)));
    value_builder_set(&b, "aggregated", value_bool(role->aggregated));
    value_builder_set(&b, "rules", role->damage.n ? facts_unavailable(a, "its rules could not be understood: %.*s",
                                                                      STR_ARG(role->damage))
                                                  : rule_values(a, role));
    value_builder_set(&b, "boundTo", role_subjects(f, a, role));
    value_builder_set(&b, "bindings", value_builder_list(&bindings));
    facts_add_row(f, out, role->object, value_builder_map(&b));
}

static int by_role(const void *a, const void *b)
{
    const struct rbac_role *x = *(const struct rbac_role *const *)a, *y = *(const struct rbac_role *const *)b;
    int order = str_cmp(x->ns, y->ns);
    return order ? order : str_cmp(x->name, y->name);
}

static void make_roles(struct facts *f, struct facts_rows *out, bool cluster)
{
    const struct rbac_role **role = arena_array(f->arena, const struct rbac_role *, f->rbac.role.count);
    size_t count = 0;
    for (size_t i = 0; i < f->rbac.role.count; i++) {
        if (f->rbac.role.item[i].cluster == cluster)
            role[count++] = &f->rbac.role.item[i];
    }
    if (count)
        qsort(role, count, sizeof *role, by_role);
    for (size_t i = 0; i < count; i++)
        add_role(f, out, role[i]);
}

void facts_make_clusterroles(struct facts *f, struct facts_rows *out)
{
    make_roles(f, out, true);
}

void facts_make_roles(struct facts *f, struct facts_rows *out)
{
    make_roles(f, out, false);
}

/* ---- what is wrong ---- */

static void add_fault(struct facts *f, struct value_builder *list, const char *fault, struct str object, struct str text)
{
    struct value_builder b;
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "fault", value_cstr(fault));
    value_builder_set(&b, "object", value_str(object));
    value_builder_set(&b, "text", value_str(text));
    value_builder_push(list, value_builder_map(&b));
}

static void find_binding_faults(struct facts *f, struct value_builder *list, const struct rbac_binding *b, struct map *seen)
{
    struct arena *a = f->arena;
    struct str object = rbac_binding_text(a, b);
    if (b->damage.n)
        add_fault(f, list, "malformed", object, b->damage);
    enum kind role_kind = b->role_is_cluster ? KIND_CLUSTERROLES : KIND_ROLES;
    if (!b->role && !b->damage.n && facts_saw(f, role_kind))
        add_fault(f, list, "missing-role", object,
                  str_printf(a, "it refers to %s %.*s, which does not exist: whoever makes it decides what its subjects may do",
                             b->role_is_cluster ? "ClusterRole" : "Role", STR_ARG(b->role_name)));
    for (size_t i = 0; i < b->subject_count; i++) {
        const struct rbac_subject *s = &f->rbac.subject.item[b->subject[i]];
        const struct account *account = s->kind == RBAC_SERVICE_ACCOUNT ? facts_account(f, s->ns, s->name) : NULL;
        struct str text = rbac_subject_text(a, s);
        if (account && account->object.kind == VALUE_NULL && facts_saw(f, KIND_SERVICEACCOUNTS))
            add_fault(f, list, "missing-serviceaccount", object, str_printf(a, "%.*s does not exist", STR_ARG(text)));
        bool created;
        void **first = map_at(seen, str_printf(a, "%u %zu:%.*s %.*s", b->role, b->ns.n, STR_ARG(b->ns), STR_ARG(text)), &created);
        if (created)
            *first = arena_new(a, struct str);
        if (created)
            *(struct str *)*first = object;
        else if (b->role)
            add_fault(f, list, "duplicate", object,
                      str_printf(a, "%.*s has the same role by %.*s too", STR_ARG(text), STR_ARG(*(struct str *)*first)));
    }
}

static int by_object(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    int order = str_cmp(value_text_at(*x, "object", NULL), value_text_at(*y, "object", NULL));
    return order ? order : str_cmp(value_text_at(*x, "text", NULL), value_text_at(*y, "text", NULL));
}

struct value make_rbac_faults(struct facts *f)
{
    struct value_builder list;
    struct map seen;
    value_builder_init(&list, f->arena);
    map_init(&seen, f->arena);
    for (size_t i = 0; i < f->rbac.binding.count; i++)
        find_binding_faults(f, &list, &f->rbac.binding.item[i], &seen);
    for (size_t i = 0; i < f->rbac.role.count; i++) {
        if (f->rbac.role.item[i].damage.n)
            add_fault(f, &list, "malformed", rbac_role_text(f->arena, &f->rbac.role.item[i]), f->rbac.role.item[i].damage);
    }
    if (list.count)
        qsort(list.item, list.count, sizeof *list.item, by_object);
    return value_builder_list(&list);
}

/* ---- one question ---- */

static struct value why_not_denied(const struct facts *f, struct arena *scratch)
{
    static const enum kind kind[] = { KIND_CLUSTERROLES, KIND_ROLES, KIND_CLUSTERROLEBINDINGS, KIND_ROLEBINDINGS };
    for (size_t k = 0; k < sizeof kind / sizeof *kind; k++)
        if (!facts_saw(f, kind[k]))
            return facts_gap_kind(f, scratch, kind[k]);
    for (size_t i = 0; i < f->rbac.binding.count; i++)
        if (f->rbac.binding.item[i].damage.n)
            return facts_unavailable(scratch, "%.*s could not be understood: %.*s", STR_ARG(rbac_binding_text(scratch, &f->rbac.binding.item[i])),
                                     STR_ARG(f->rbac.binding.item[i].damage));
    for (size_t i = 0; i < f->rbac.role.count; i++)
        if (f->rbac.role.item[i].damage.n)
            return facts_unavailable(scratch, "%.*s could not be understood: %.*s", STR_ARG(rbac_role_text(scratch, &f->rbac.role.item[i])),
                                     STR_ARG(f->rbac.role.item[i].damage));
    return value_bool(false);
}

struct value facts_account_may(const struct facts *f, struct str ns, struct str name, const struct rbac_request *q, struct arena *scratch)
{
    const struct str group[] = { STR("system:serviceaccounts"), str_printf(scratch, "system:serviceaccounts:%.*s", STR_ARG(ns)), STR("system:authenticated") };
    const struct rbac_user user = { .name = str_printf(scratch, "system:serviceaccount:%.*s:%.*s", STR_ARG(ns), STR_ARG(name)), .group = group,
                                    .group_count = sizeof group / sizeof *group };
    return rbac_authorize(&f->rbac, &user, q) ? value_bool(true) : why_not_denied(f, scratch);
}
