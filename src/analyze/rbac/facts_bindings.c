/* What is wrong with bindings, and one question to all of them. */
#include "analyze/facts_state.h"

/* ---- what is wrong ---- */

static void add_fault(struct facts *f, struct value_builder *list, const char *fault,
                      struct str object, struct str text)
{
    struct value_builder b;
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "fault", value_cstr(fault));
    value_builder_set(&b, "object", value_str(str_dup(f->arena, object)));
    value_builder_set(&b, "text", value_str(str_dup(f->arena, text)));
    value_builder_push(list, value_builder_map(&b));
}

/* Who has which role where: -> the first binding that gives it. Most bindings have no fault: texts
 * are made for the moment. */
struct given {
    struct map first;
    struct arena text;
};

static void find_subject_faults(struct facts *f, struct value_builder *list,
                                const struct rbac_binding *b, const struct rbac_subject *s,
                                struct given *given)
{
    struct arena *a = &given->text;
    const struct account *account =
        s->kind == RBAC_SERVICE_ACCOUNT ? facts_account(f, s->ns, s->name) : NULL;
    struct str text = rbac_subject_text(a, s);
    if (account && account->object.kind == VALUE_NULL && facts_saw(f, KIND_SERVICEACCOUNTS))
        add_fault(f, list, "missing-serviceaccount", rbac_binding_text(a, b),
                  str_printf(a, "%.*s does not exist", STR_ARG(text)));
    bool created;
    void **at = map_at(&given->first,
                       str_printf(a, "%u %zu:%.*s %u", b->role, b->ns.n, STR_ARG(b->ns),
                                  (unsigned)(s - f->rbac.subject.item)),
                       &created);
    const struct rbac_binding *first = *at;
    if (created)
        *at = &f->rbac.binding.item[b - f->rbac.binding.item];
    else if (b->role)
        add_fault(f, list, "duplicate", rbac_binding_text(a, b),
                  str_printf(a, "%.*s has the same role by %.*s too", STR_ARG(text),
                             STR_ARG(rbac_binding_text(a, first))));
}

static void find_binding_faults(struct facts *f, struct value_builder *list,
                                const struct rbac_binding *b, struct given *given)
{
    struct arena *a = &given->text;
    if (b->damage.n)
        add_fault(f, list, "malformed", rbac_binding_text(a, b), b->damage);
    enum kind role_kind = b->role_is_cluster ? KIND_CLUSTERROLES : KIND_ROLES;
    if (!b->role && !b->damage.n && facts_saw(f, role_kind))
        add_fault(f, list, "missing-role", rbac_binding_text(a, b),
                  str_printf(a,
                             "it refers to %s %.*s, which does not exist: whoever makes it decides "
                             "what its subjects may do",
                             b->role_is_cluster ? "ClusterRole" : "Role", STR_ARG(b->role_name)));
    for (size_t i = 0; i < b->subject_count; i++) {
        find_subject_faults(f, list, b, &f->rbac.subject.item[b->subject[i]], given);
        arena_reset(a);
    }
    arena_reset(a);
}

static int by_object(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    int order = str_cmp(value_text_at(*x, "object", NULL), value_text_at(*y, "object", NULL));
    return order ? order
                 : str_cmp(value_text_at(*x, "text", NULL), value_text_at(*y, "text", NULL));
}

struct value make_rbac_faults(struct facts *f)
{
    struct arena kept CLEANUP(arena_release) = { 0 };
    struct given given = { .text = { 0 } };
    struct value_builder list;
    value_builder_init(&list, f->arena);
    map_init(&given.first, &kept);
    for (size_t i = 0; i < f->rbac.binding.count; i++)
        find_binding_faults(f, &list, &f->rbac.binding.item[i], &given);
    arena_release(&given.text);
    for (size_t i = 0; i < f->rbac.role.count; i++) {
        if (f->rbac.role.item[i].damage.n)
            add_fault(f, &list, "malformed", rbac_role_text(f->arena, &f->rbac.role.item[i]),
                      f->rbac.role.item[i].damage);
    }
    if (list.count)
        qsort(list.item, list.count, sizeof *list.item, by_object);
    return value_builder_list(&list);
}

/* ---- one question ---- */

static struct value why_not_denied(const struct facts *f, struct arena *scratch)
{
    static const enum kind kind[] = { KIND_CLUSTERROLES, KIND_ROLES, KIND_CLUSTERROLEBINDINGS,
                                      KIND_ROLEBINDINGS };
    for (size_t k = 0; k < sizeof kind / sizeof *kind; k++)
        if (!facts_saw(f, kind[k]))
            return facts_gap_kind(f, scratch, kind[k]);
    for (size_t i = 0; i < f->rbac.binding.count; i++)
        if (f->rbac.binding.item[i].damage.n)
            return facts_unavailable_for(
                scratch, CAUSE_MALFORMED, "%.*s could not be understood: %.*s",
                STR_ARG(rbac_binding_text(scratch, &f->rbac.binding.item[i])),
                STR_ARG(f->rbac.binding.item[i].damage));
    for (size_t i = 0; i < f->rbac.role.count; i++)
        if (f->rbac.role.item[i].damage.n)
            return facts_unavailable_for(scratch, CAUSE_MALFORMED,
                                         "%.*s could not be understood: %.*s",
                                         STR_ARG(rbac_role_text(scratch, &f->rbac.role.item[i])),
                                         STR_ARG(f->rbac.role.item[i].damage));
    return value_bool(false);
}

struct value facts_account_may(const struct facts *f, struct str ns, struct str name,
                               const struct rbac_request *q, struct arena *scratch)
{
    const struct str group[] = { STR("system:serviceaccounts"),
                                 str_printf(scratch, "system:serviceaccounts:%.*s", STR_ARG(ns)),
                                 STR("system:authenticated") };
    const struct rbac_user user = { .name = str_printf(scratch, "system:serviceaccount:%.*s:%.*s",
                                                       STR_ARG(ns), STR_ARG(name)),
                                    .group = group,
                                    .group_count = sizeof group / sizeof *group };
    return rbac_authorize(&f->rbac, &user, q) ? value_bool(true) : why_not_denied(f, scratch);
}
