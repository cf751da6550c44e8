/* Service accounts and pods: what an account holds, by whatever name, and who mounts its token. */
#include "analyze/facts_state.h"
#include "cluster/owner.h"

struct value facts_binding_texts(struct facts *f, struct arena *a, const struct rbac_subject *s,
                                 const struct rbac_subject *also)
{
    struct value_builder b;
    value_builder_init(&b, a);
    const struct rbac_subject *each[] = { s, also };
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; each[k] && i < each[k]->binding.count; i++)
            value_builder_push(&b, value_str(rbac_binding_text(
                                       a, &f->rbac.binding.item[each[k]->binding.item[i]])));
    }
    return value_builder_list(&b);
}

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
    struct str user_name = str_printf(f->arena, "system:serviceaccount:%.*s:%.*s",
                                      STR_ARG(account->ns), STR_ARG(account->name));
    account->own = rbac_find_subject(&f->rbac, RBAC_SERVICE_ACCOUNT, account->ns, account->name);
    account->user = rbac_find_subject(&f->rbac, RBAC_USER, STR(""), user_name);
    arena_reset_to(f->arena, mark);
}

void facts_index_accounts(struct facts *f)
{
    for (size_t i = 0; i < f->cluster->kept[KIND_SERVICEACCOUNTS].count; i++) {
        struct value object = f->cluster->kept[KIND_SERVICEACCOUNTS].item[i];
        struct str name = value_text_at(object, "metadata", "name", NULL);
        struct account *account =
            account_at(f, value_text_at(object, "metadata", "namespace", NULL), name);
        if (account->object.kind == VALUE_NULL)
            account->object = object;
    }
    for (size_t i = 0; i < f->rbac.subject.count; i++) {
        const struct rbac_subject *s = &f->rbac.subject.item[i];
        struct str ns = s->ns, name = s->name;
        if (s->kind == RBAC_SERVICE_ACCOUNT ||
            (s->kind == RBAC_USER && rbac_account_of_user(s->name, &ns, &name)))
            account_at(f, ns, name);
    }
    for (size_t i = 0; i < f->account.count; i++)
        find_subjects(f, f->account.entry[i].val);
    f->every_account =
        rbac_find_subject(&f->rbac, RBAC_GROUP, STR(""), STR("system:serviceaccounts"));
    f->everyone = rbac_find_subject(&f->rbac, RBAC_GROUP, STR(""), STR("system:authenticated"));
}

/* ---- what an account holds, by whatever name ---- */

static struct holder holder_of(const struct facts *f, const struct account *account, struct str ns,
                               struct arena *scratch)
{
    struct str of_namespace = str_printf(scratch, "system:serviceaccounts:%.*s", STR_ARG(ns));
    return (struct holder){ { account ? account->own : NULL, account ? account->user : NULL,
                              rbac_find_subject(&f->rbac, RBAC_GROUP, STR(""), of_namespace),
                              f->every_account, f->everyone } };
}

/* What comes to everybody by the API server's own defaults is nobody's right in particular. */
static bool is_beyond_defaults(const struct facts *f, const struct rbac_binding *b)
{
    return !facts_is_default_grant(f, b) && facts_binding_grants_anything(f, b);
}

/* Bindings in the account's own name, and those of its groups that give anything beyond the
 * defaults. */
static struct value held_by(const struct facts *f, struct arena *a, const struct holder *h)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t k = 0; k < HOLDER_NAMES; k++) {
        const struct rbac_subject *s = h->name[k];
        for (size_t i = 0; s && i < s->binding.count && list.count < FACTS_HELD_MAX; i++) {
            const struct rbac_binding *b = &f->rbac.binding.item[s->binding.item[i]];
            struct str text = rbac_binding_text(a, b);
            if (k == 0)
                value_builder_push(&list, value_str(text));
            else if (k == 1 || is_beyond_defaults(f, b))
                value_builder_push(&list, value_str(str_printf(a, "%.*s, as %.*s", STR_ARG(text),
                                                               STR_ARG(rbac_subject_text(a, s)))));
        }
    }
    return value_builder_list(&list);
}

/* More than every account does: by its own name, its user name or the group of its namespace's
 * accounts. */
static bool holds_of_its_own(const struct facts *f, const struct holder *h)
{
    for (size_t k = 0; k < HOLDER_OWN_NAMES; k++)
        for (size_t i = 0; h->name[k] && i < h->name[k]->binding.count; i++)
            if (is_beyond_defaults(f, &f->rbac.binding.item[h->name[k]->binding.item[i]]))
                return true;
    return false;
}

static bool is_administrator(const struct facts *f, const struct holder *h)
{
    for (size_t k = 0; k < HOLDER_NAMES; k++)
        for (size_t i = 0; h->name[k] && i < h->name[k]->binding.count; i++)
            if (facts_binding_grants_everything(f,
                                                &f->rbac.binding.item[h->name[k]->binding.item[i]]))
                return true;
    return false;
}

/* There are as many lists as accounts and pods, each as long as all that everybody holds: only made
 * for a check that reads them. */
static struct value grants_of(struct facts *f, struct arena *a, const struct holder *h)
{
    return f->wants_account_grants
               ? facts_grants(f, a, h)
               : facts_unavailable(a, "no check reads these grants by that name");
}

/* ---- service accounts ---- */

/* A list that names what was seen; unavailable when it is empty and a binding could not be
 * understood. */
static struct value unless_damaged(const struct facts *f, struct arena *a, struct value list)
{
    if (list.n || !f->damaged_bindings)
        return list;
    for (size_t i = 0; i < f->rbac.binding.count; i++) {
        const struct rbac_binding *b = &f->rbac.binding.item[i];
        struct str text = rbac_binding_text(a, b);
        if (b->damage.n)
            return facts_unavailable_for(a, CAUSE_MALFORMED, "%.*s could not be understood: %.*s",
                                         STR_ARG(text), STR_ARG(b->damage));
    }
    return list;
}

static int by_account(const void *a, const void *b)
{
    const struct account *x = *(const struct account *const *)a,
                         *y = *(const struct account *const *)b;
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
        struct value_builder b;
        value_builder_init(&b, a);
        value_builder_set(&b, "automount",
                          value_bool(value_bool_at(account[i]->object, true,
                                                   "automountServiceAccountToken", NULL)));
        value_builder_set(
            &b, "bindings",
            unless_damaged(f, a, facts_binding_texts(f, a, account[i]->own, account[i]->user)));
        struct holder h = holder_of(f, account[i], account[i]->ns, a);
        value_builder_set(&b, "held", unless_damaged(f, a, held_by(f, a, &h)));
        value_builder_set(&b, "grants", unless_damaged(f, a, grants_of(f, a, &h)));
        value_builder_set(&b, "pods", facts_count_value(f, a, KIND_PODS, account[i]->pods));
        value_builder_set(&b, "mounts", facts_count_value(f, a, KIND_PODS, account[i]->mounts));
        facts_add_row(f, out, account[i]->object, value_builder_map(&b));
    }
}

/* ---- pods ---- */

/* Calls with each source of a token in a projected volume; it says false to go on behind the
 * volume. The admission plugin's own volumes are left out where automount stands for them; where it
 * is off, the name alone does not make a volume the plugin's. */
typedef bool token_fn(struct value_builder *b, struct str volume, struct value token);
static struct value each_token(struct value pod, bool automount, struct arena *scratch,
                               token_fn *fn)
{
    const struct value *volumes = value_at(pod, "spec", "volumes", NULL);
    struct value_builder b;
    value_builder_init(&b, scratch);
    for (uint32_t i = 0; volumes && volumes->kind == VALUE_LIST && i < volumes->n; i++) {
        struct value v = value_item(*volumes, i);
        const struct value *sources = value_at(v, "projected", "sources", NULL);
        struct str name = value_text_at(v, "name", NULL);
        if (automount && str_has_prefix(name, STR("kube-api-access-")))
            continue;
        for (uint32_t k = 0; sources && sources->kind == VALUE_LIST && k < sources->n; k++) {
            const struct value *token =
                value_get(value_item(*sources, k), STR("serviceAccountToken"));
            if (token && !fn(&b, name, *token))
                break;
        }
    }
    return value_builder_list(&b);
}

static bool add_volume(struct value_builder *b, struct str volume, struct value token)
{
    (void)token;
    value_builder_push(b, value_str(volume));
    return false;
}

static bool add_audience(struct value_builder *b, struct str volume, struct value token)
{
    (void)volume;
    value_builder_push(b, value_str(value_text_at(token, "audience", NULL)));
    return true;
}

static void set_tokens(struct value_builder *b, struct value pod, bool automount,
                       struct arena *scratch)
{
    value_builder_set(b, "tokenVolumes", each_token(pod, automount, scratch, add_volume));
    value_builder_set(b, "tokenAudiences", each_token(pod, automount, scratch, add_audience));
}

/* True where it was seen, else false if everything was: of something that roles and bindings show.
 */
static struct value shown_by_rbac(const struct facts *f, bool seen, struct arena *scratch)
{
    static const enum kind need[] = { KIND_CLUSTERROLEBINDINGS, KIND_ROLEBINDINGS,
                                      KIND_CLUSTERROLES, KIND_ROLES };
    if (seen)
        return value_bool(true);
    for (size_t i = 0; i < sizeof need / sizeof *need; i++)
        if (!facts_listed(f, need[i]))
            return facts_gap_kind(f, scratch, need[i]);
    return value_bool(false);
}

/* The name of the topmost workload that owns the pod by more than its own word; else its own. */
static struct value workload_of(const struct facts *f, struct value pod, struct arena *scratch)
{
    uint32_t owner;
    enum kind kind;
    switch (cluster_owner(f->cluster, pod, &owner, &kind)) {
    case OWNER_VERIFIED:
        return value_str(f->cluster->owner.item[cluster_top_owner(f->cluster, owner) - 1].ref.name);
    case OWNER_UNSEEN:
        return facts_gap_kind(f, scratch, kind);
    case OWNER_NONE:
    case OWNER_FALSE:
        break;
    }
    return value_str(value_text_at(pod, "metadata", "name", NULL));
}

/* A mirror pod of kube-system on a node of the control plane; unavailable where the nodes were not
 * all seen. */
static struct value is_of_control_plane(const struct facts *f, struct value pod,
                                        struct arena *scratch)
{
    if (!object_is_mirror(pod) ||
        !str_eq_c(value_text_at(pod, "metadata", "namespace", NULL), "kube-system"))
        return value_bool(false);
    struct str doubt = cluster_control_plane_doubt(f->cluster, scratch, pod, true);
    if (doubt.n && !facts_saw(f, KIND_NODES) &&
        !cluster_find(f->cluster, KIND_NODES, STR(""),
                      value_text_at(pod, "spec", "nodeName", NULL)))
        return facts_unavailable(scratch, "%.*s", STR_ARG(doubt));
    return value_bool(!doubt.n);
}

static void set_whose(const struct facts *f, struct value_builder *b, struct value pod,
                      struct arena *scratch)
{
    value_builder_set(b, "workload", workload_of(f, pod, scratch));
    value_builder_set(b, "ofControlPlane", is_of_control_plane(f, pod, scratch));
}

/* What runs from a file on its node has no account: the API server refuses a mirror pod that names
 * one. */
static struct value without_account(const struct facts *f, struct value pod, struct arena *scratch)
{
    struct value_builder b, sa;
    value_builder_init(&sa, scratch);
    value_builder_set(&sa, "name", value_cstr(""));
    value_builder_set(&sa, "found", value_bool(false));
    value_builder_set(&sa, "automount", value_null());
    value_builder_init(&b, scratch);
    value_builder_set(&b, "serviceAccount", value_builder_map(&sa));
    value_builder_set(&b, "automount", value_bool(false));
    set_tokens(&b, pod, false, scratch);
    value_builder_set(&b, "grants", value_list(NULL, 0));
    value_builder_set(&b, "bound", value_bool(false));
    value_builder_set(&b, "administrator", value_bool(false));
    set_whose(f, &b, pod, scratch);
    return value_builder_map(&b);
}

struct value facts_pod_derived(struct facts *f, struct value pod, struct arena *scratch)
{
    struct str ns = value_text_at(pod, "metadata", "namespace", NULL);
    struct str name = object_service_account(pod);
    if (!name.n && object_is_mirror(pod))
        return without_account(f, pod, scratch);
    name = name.n ? name : STR("default");
    const struct account *account = facts_account(f, ns, name);
    bool found = account && account->object.kind != VALUE_NULL;
    const struct value *own = value_at(pod, "spec", "automountServiceAccountToken", NULL);
    const struct value *of_account =
        found ? value_get(account->object, STR("automountServiceAccountToken")) : NULL;
    bool account_says = of_account && of_account->kind == VALUE_BOOL;
    bool automount = own && own->kind == VALUE_BOOL ? own->as.b
                     : account_says                 ? of_account->as.b
                                                    : true;
    struct value_builder b, sa;
    value_builder_init(&sa, scratch);
    value_builder_set(&sa, "name", value_str(name));
    value_builder_set(&sa, "found",
                      found || facts_saw(f, KIND_SERVICEACCOUNTS)
                          ? value_bool(found)
                          : facts_gap_kind(f, scratch, KIND_SERVICEACCOUNTS));
    value_builder_set(&sa, "automount", account_says ? *of_account : value_null());
    value_builder_init(&b, scratch);
    value_builder_set(&b, "serviceAccount", value_builder_map(&sa));
    bool decided = (own && own->kind == VALUE_BOOL) || found || facts_saw(f, KIND_SERVICEACCOUNTS);
    value_builder_set(&b, "automount",
                      decided ? value_bool(automount)
                              : facts_gap_kind(f, scratch, KIND_SERVICEACCOUNTS));
    set_tokens(&b, pod, decided && automount, scratch);
    struct holder h = holder_of(f, account, ns, scratch);
    value_builder_set(&b, "grants", grants_of(f, scratch, &h));
    f->current = value_null(); /* the list lives no longer than one check's look at this pod */
    value_builder_set(&b, "bound", shown_by_rbac(f, holds_of_its_own(f, &h), scratch));
    value_builder_set(&b, "administrator", shown_by_rbac(f, is_administrator(f, &h), scratch));
    set_whose(f, &b, pod, scratch);
    return value_builder_map(&b);
}
