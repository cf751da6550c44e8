/* Grants: each rule of each role by each binding, as values for CEL. There are as many as bindings
 * times rules, so that they are made for one subject at a time; only those of the bindings that
 * come first are kept. */
#include "analyze/facts_state.h"
#include "base/buf.h"

static const struct value no_items = { .kind = VALUE_LIST };

struct grant_head {
    struct str role, binding, ns, via;
    bool bootstrap; /* the binding */
};

/* Exactly the memory it needs. */
static struct value grant_value(struct arena *a, const struct rbac_rule *rule,
                                const struct grant_head *h)
{
    const struct value_entry field[] = {
        { value_str(STR("verbs")), rule->verbs },
        { value_str(STR("apiGroups")), rule->api_groups },
        { value_str(STR("resources")), rule->resources },
        { value_str(STR("resourceNames")), rule->resource_names },
        { value_str(STR("nonResourceURLs")), h->ns.n ? no_items : rule->urls },
        { value_str(STR("namespace")), value_str(h->ns) },
        { value_str(STR("role")), value_str(h->role) },
        { value_str(STR("binding")), value_str(h->binding) },
        { value_str(STR("bootstrap")), value_bool(h->bootstrap && rule->is_default) },
        { value_str(STR("via")), value_str(h->via) },
    };
    struct value_entry *kept = arena_alloc(a, sizeof field);
    memcpy(kept, field, sizeof field);
    return value_map(a, kept, sizeof field / sizeof *field);
}

/* In a namespace there are no URLs to grant. */
static bool grants_something(const struct rbac_rule *rule, const struct rbac_binding *binding)
{
    return rule->resources.n || (rule->urls.n && binding->cluster);
}

static struct grant_head head_of(struct facts *f, struct arena *a,
                                 const struct rbac_binding *binding, struct str via)
{
    return (struct grant_head){
        .role = rbac_role_text(a, rbac_role_of(&f->rbac, binding)),
        .binding = rbac_binding_text(a, binding),
        .ns = binding->ns,
        .via = via,
        .bootstrap = binding->is_default,
    };
}

/* What a binding gives that was not seen: a default role that was not among the objects (files) is
 * in every cluster; any other that no file holds may be in one; and a role that is put together of
 * others may get more by those that no file holds. */
static void add_gap(const struct facts *f, struct value_builder *list, struct arena *a,
                    const struct rbac_binding *b)
{
    const struct rbac_role *role = rbac_role_of(&f->rbac, b);
    bool is_void = b->damage.n || (b->cluster && !b->role_is_cluster);
    if (role && role->aggregated && !role->assumed && f->cluster->is_open)
        value_builder_push(
            list, facts_unavailable_for(a, CAUSE_NOT_IN_FILES,
                                        "%.*s gives what %.*s does, which is put together of other "
                                        "roles, and not all of those need be in files",
                                        STR_ARG(rbac_binding_text(a, b)),
                                        STR_ARG(rbac_role_text(a, role))));
    else if (!role && f->cluster->is_open && !is_void)
        value_builder_push(
            list, facts_unavailable_for(
                      a, CAUSE_NOT_IN_FILES, "%.*s gives what %.*s does, which no file holds",
                      STR_ARG(rbac_binding_text(a, b)), STR_ARG(rbac_role_ref_text(a, b))));
    else if (facts_refers_to_default(f, b))
        value_builder_push(list, facts_unavailable(a,
                                                   "%.*s gives what ClusterRole %.*s does, which "
                                                   "every cluster has and which was not seen",
                                                   STR_ARG(rbac_binding_text(a, b)),
                                                   STR_ARG(b->role_name)));
}

struct value facts_unseen_rights(const struct facts *f, struct arena *a,
                                 const struct rbac_subject *subject)
{
    struct value_builder list;
    size_t count = subject ? subject->binding.count : f->rbac.binding.count;
    value_builder_init(&list, a);
    for (size_t i = 0; i < count; i++)
        add_gap(f, &list, a, &f->rbac.binding.item[subject ? subject->binding.item[i] : i]);
    return value_builder_list(&list);
}

/* Every rule of the binding's role as a grant. */
static void add_grants(struct facts *f, struct value_builder *list, struct arena *a,
                       const struct rbac_binding *binding, struct str via)
{
    const struct rbac_role *role = rbac_role_of(&f->rbac, binding);
    if (!role) {
        add_gap(f, list, a, binding);
        return;
    }
    struct grant_head h = head_of(f, a, binding, via);
    for (size_t i = 0; i < role->rule_count && list->count <= FACTS_GRANTS_MAX; i++) {
        if (grants_something(&role->rule[i], binding))
            value_builder_push(list, grant_value(a, &role->rule[i], &h));
    }
    add_gap(f, list, a, binding);
}

static void append(struct value_builder *to, struct value list)
{
    for (uint32_t i = 0; i < list.n && to->count <= FACTS_GRANTS_MAX; i++)
        value_builder_push(to, value_item(list, i));
}

/* A list that has more than limit ends there, and says so. */
static struct value finish(struct value_builder *list, struct arena *a, size_t limit)
{
    if (list->count > limit) {
        list->item[limit] = facts_unavailable_for(
            a, CAUSE_LIMIT, "there are more than %zu grants, and the others are not listed", limit);
        list->count = limit + 1;
    }
    return value_builder_list(list);
}

/* ---- kept ones: most clusters have few, and thousands of subjects and pods share them */

#define KEPT_GRANTS_MAX 8000u

void facts_keep_grants(struct facts *f)
{
    size_t left = KEPT_GRANTS_MAX;
    f->binding_grants = arena_array(f->arena, struct value, f->rbac.binding.count);
    for (size_t i = 0; i < f->rbac.binding.count; i++) {
        const struct rbac_role *role = rbac_role_of(&f->rbac, &f->rbac.binding.item[i]);
        struct value_builder list;
        if (role && role->rule_count > left)
            continue;
        left -= role ? role->rule_count : 0;
        value_builder_init(&list, f->arena);
        add_grants(f, &list, f->arena, &f->rbac.binding.item[i], STR(""));
        f->binding_grants[i] = value_builder_list(&list);
    }
}

/* ---- of a subject ---- */

static void add_grants_of(struct facts *f, struct value_builder *list, struct arena *a,
                          const struct rbac_subject *s, struct str via)
{
    for (size_t i = 0; s && i < s->binding.count && list->count <= FACTS_GRANTS_MAX; i++) {
        uint32_t b = s->binding.item[i];
        if (!via.n && f->binding_grants[b].kind == VALUE_LIST)
            append(list, f->binding_grants[b]);
        else
            add_grants(f, list, a, &f->rbac.binding.item[b], via);
    }
}

/* The list of the one binding there is, if it is kept. */
static bool is_kept_whole(const struct facts *f, const struct holder *h)
{
    for (size_t k = 1; k < HOLDER_NAMES; k++)
        if (h->name[k])
            return false;
    return h->name[0] && h->name[0]->binding.count == 1 &&
           f->binding_grants[h->name[0]->binding.item[0]].kind == VALUE_LIST;
}

struct value facts_grants(struct facts *f, struct arena *a, const struct holder *h)
{
    struct value_builder list;
    value_builder_init(&list, a);
    f->current_holder = *h;
    if (is_kept_whole(f, h)) {
        f->current = f->binding_grants[h->name[0]->binding.item[0]];
        return f->current;
    }
    for (size_t k = 0; k < HOLDER_NAMES; k++)
        add_grants_of(f, &list, a, h->name[k],
                      k && h->name[k] ? rbac_subject_text(a, h->name[k]) : STR(""));
    f->current = finish(&list, a, FACTS_GRANTS_MAX);
    return f->current;
}

static bool is_of(const struct rbac_subject *s, enum rbac_subject_kind kind, const char *name)
{
    return s->kind == kind && str_eq_c(s->name, name);
}

static void add_beyond_defaults(struct facts *f, struct value_builder *list, struct arena *a,
                                const struct rbac_subject *s)
{
    struct str via = s ? rbac_subject_text(a, s) : STR("");
    for (size_t i = 0; s && i < s->binding.count && list->count <= FACTS_GRANTS_MAX; i++) {
        const struct rbac_binding *b = &f->rbac.binding.item[s->binding.item[i]];
        if (!facts_is_default_grant(f, b))
            add_grants(f, list, a, b, via);
    }
}

static struct value everyones_grants(struct facts *f)
{
    if (f->everyones_grants.kind == VALUE_NULL) {
        struct value_builder list;
        value_builder_init(&list, f->arena);
        add_beyond_defaults(f, &list, f->arena, f->everyone);
        f->everyones_grants = finish(&list, f->arena, FACTS_GRANTS_MAX);
    }
    return f->everyones_grants;
}

/* The groups of all accounts that s is in: of an account, of its user's name, and the group of one
 * namespace's accounts is in that of all. */
static void add_as_account(struct facts *f, struct value_builder *list, struct arena *a,
                           const struct rbac_subject *s, const struct account *own)
{
    if (own) {
        struct str of_namespace = str_printf(a, "system:serviceaccounts:%.*s", STR_ARG(own->ns));
        add_beyond_defaults(f, list, a, s == own->own ? own->user : own->own);
        add_beyond_defaults(f, list, a,
                            rbac_find_subject(&f->rbac, RBAC_GROUP, STR(""), of_namespace));
    }
    if (own || (s->kind == RBAC_GROUP && str_has_prefix(s->name, STR("system:serviceaccounts:"))))
        add_beyond_defaults(f, list, a, f->every_account);
}

struct value facts_other_grants(struct facts *f, struct arena *a, const struct rbac_subject *s,
                                const struct account *own)
{
    struct value_builder list;
    value_builder_init(&list, a);
    add_as_account(f, &list, a, s, own);
    if (s == f->everyone || is_of(s, RBAC_USER, "system:anonymous") ||
        is_of(s, RBAC_GROUP, "system:unauthenticated"))
        return finish(&list, a, FACTS_GRANTS_MAX);
    if (!list.count)
        return everyones_grants(f);
    append(&list, everyones_grants(f));
    return finish(&list, a, FACTS_GRANTS_MAX);
}

/* ---- questions: a role answers each once, however many are bound to it ---- */

/* The rules of a role that give what is asked, by index. */
struct grant_answer {
    VEC(uint32_t) rule;
};

#define ANSWERS_MAX        65536u /* kept; expressions can ask what differs from object to object */
#define QUESTION_BYTES_MAX 512u

static bool rule_answers(const struct rbac_rule *rule, bool in_namespace,
                         const struct grant_question *q)
{
    for (uint32_t i = 0; i < q->verbs.n; i++) {
        struct str verb = value_text(value_item(q->verbs, i));
        if (q->url.n
                ? !in_namespace &&
                      rbac_rule_allows(rule, &(struct rbac_request){ .verb = verb, .path = q->url })
                : rbac_rule_gives(rule, in_namespace, verb, q->group, q->resource))
            return true;
    }
    return false;
}

static void answer_by(struct grant_answer *out, struct arena *a, const struct rbac_role *role,
                      bool in_namespace, const struct grant_question *q)
{
    for (size_t i = 0; i < role->rule_count && out->rule.count <= FACTS_HELD_MAX; i++)
        if (rule_answers(&role->rule[i], in_namespace, q))
            *VEC_PUSH(&out->rule, a) = (uint32_t)i;
}

/* The question to a role as a key; empty: it is too long to be kept. */
static struct str question_key(char *to, uint32_t role, bool in_namespace,
                               const struct grant_question *q)
{
    struct buf key = BUF_INIT(QUESTION_BYTES_MAX);
    buf_addf(&key, "%u %d %zu:%.*s %zu:%.*s %zu:%.*s", role, in_namespace, q->group.n,
             STR_ARG(q->group), q->resource.n, STR_ARG(q->resource), q->url.n, STR_ARG(q->url));
    for (uint32_t i = 0; i < q->verbs.n; i++) {
        struct str verb = value_text(value_item(q->verbs, i));
        buf_addf(&key, " %zu:%.*s", verb.n, STR_ARG(verb));
    }
    struct str text = key.over ? STR("") : buf_str(&key);
    if (text.n)
        memcpy(to, text.p, text.n);
    text.p = to;
    buf_release(&key);
    return text;
}

/* Only then is the same asked of it again and again. */
static bool has_many_holders(const struct facts *f, const struct rbac_role *role)
{
    return role->binding.count > 1 ||
           (role->binding.count && f->rbac.binding.item[role->binding.item[0]].subject_count > 1);
}

static struct grant_answer answer_of(struct facts *f, struct arena *scratch, uint32_t role,
                                     bool in_namespace, const struct grant_question *q)
{
    char text[QUESTION_BYTES_MAX];
    struct str key = question_key(text, role, in_namespace, q);
    struct grant_answer *known = key.n ? map_get(&f->answer, key) : NULL, once = { 0 };
    if (known)
        return *known;
    bool keep =
        key.n && f->answer.count < ANSWERS_MAX && has_many_holders(f, &f->rbac.role.item[role - 1]);
    struct grant_answer *made = keep ? arena_new(f->arena, struct grant_answer) : &once;
    answer_by(made, keep ? f->arena : scratch, &f->rbac.role.item[role - 1], in_namespace, q);
    if (keep)
        map_put(&f->answer, str_dup(f->arena, key), made);
    return *made;
}

static void add_held(struct facts *f, struct value_builder *list, struct arena *a,
                     const struct rbac_subject *s, struct str via, const struct grant_question *q)
{
    for (size_t i = 0; i < s->binding.count && list->count <= FACTS_HELD_MAX; i++) {
        const struct rbac_binding *b = &f->rbac.binding.item[s->binding.item[i]];
        const struct rbac_role *role = rbac_role_of(&f->rbac, b);
        struct grant_answer answer = { 0 };
        add_gap(f, list, a, b);
        if (role)
            answer = answer_of(f, a, b->role, !b->cluster, q);
        struct grant_head h = answer.rule.count ? head_of(f, a, b, via) : (struct grant_head){ 0 };
        for (size_t k = 0; k < answer.rule.count && list->count <= FACTS_HELD_MAX; k++)
            value_builder_push(list, grant_value(a, &role->rule[answer.rule.item[k]], &h));
    }
}

/* As filtering the list would: what is unavailable stands behind what was found, once, or is all
 * that is known. */
static struct value gaps_last(struct value_builder *held, struct arena *a)
{
    size_t count = 0;
    struct value gap = value_null();
    for (size_t i = 0; i < held->count; i++) {
        if (!value_is_error(held->item[i]))
            held->item[count++] = held->item[i];
        else if (gap.kind == VALUE_NULL)
            gap = held->item[i];
    }
    if (!count && gap.kind != VALUE_NULL)
        return gap;
    held->count = count;
    if (count <= FACTS_HELD_MAX && gap.kind != VALUE_NULL)
        value_builder_push(held, gap);
    return finish(held, a, FACTS_HELD_MAX);
}

bool facts_current_holding(struct facts *f, struct value list, const struct grant_question *q,
                           struct arena *scratch, struct value *out)
{
    struct value_builder held;
    if (list.kind != VALUE_LIST || !list.n || list.as.item != f->current.as.item ||
        list.n != f->current.n)
        return false;
    value_builder_init(&held, scratch);
    for (size_t k = 0; k < HOLDER_NAMES; k++) {
        const struct rbac_subject *s = f->current_holder.name[k];
        if (s)
            add_held(f, &held, scratch, s, k ? rbac_subject_text(scratch, s) : STR(""), q);
    }
    *out = gaps_last(&held, scratch);
    return true;
}

/* ---- bindings ---- */

bool facts_binding_grants_anything(const struct facts *f, const struct rbac_binding *b)
{
    const struct rbac_role *role = rbac_role_of(&f->rbac, b);
    for (size_t k = 0; role && k < role->rule_count; k++)
        if (grants_something(&role->rule[k], b))
            return true;
    return false;
}

static bool has_star(struct value list)
{
    for (uint32_t i = 0; i < list.n; i++) {
        if (str_eq_c(value_text(value_item(list, i)), "*"))
            return true;
    }
    return false;
}

bool facts_binding_grants_everything(const struct facts *f, const struct rbac_binding *b)
{
    const struct rbac_role *role = rbac_role_of(&f->rbac, b);
    for (size_t k = 0; role && k < role->rule_count; k++) {
        const struct rbac_rule *rule = &role->rule[k];
        if (has_star(rule->verbs) && has_star(rule->api_groups) && has_star(rule->resources) &&
            !rule->resource_names.n)
            return true;
    }
    return false;
}

static const char *const role_for_people[] = { "admin", "cluster-admin", "edit", "view" };

bool facts_refers_to_default(const struct facts *f, const struct rbac_binding *b)
{
    /* A server that listed its roles has no others. Which names the defaults of its version have is
     * not known: any with the prefix may be. */
    bool listed = f->cluster->git_version.n && facts_saw(f, KIND_CLUSTERROLES);
    bool is_named = str_has_prefix(b->role_name, STR("system:"));
    for (size_t i = 0; i < COUNT_OF(role_for_people); i++)
        is_named = is_named || str_eq_c(b->role_name, role_for_people[i]);
    return !b->role && b->role_is_cluster && !listed && is_named;
}

bool facts_is_default_grant(const struct facts *f, const struct rbac_binding *b)
{
    const struct rbac_role *role = rbac_role_of(&f->rbac, b);
    return role && b->is_default && role->is_default;
}
