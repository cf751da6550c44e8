/* One validation of a policy under one of its bindings: its name, its kinds, what stands in its
 * way. */
#include "vap/part.h"

/* ---- populations */

struct kind_set policy_kinds(const struct policy_constraints *of_policy,
                             const struct policy_constraints *of_binding)
{
    struct kind_set set = { 0 };
    for (size_t k = 0; k < KIND_COUNT; k++) {
        const struct kind_info *i = kind_info((enum kind)k);
        struct str group = str_from_c(i->group), resource = str_from_c(i->resource);
        for (int namespaced = 0; namespaced < 2 && kind_is_declared((enum kind)k); namespaced++)
            if ((i->is_guessed || namespaced == (i->scope == SCOPE_NAMESPACED)) &&
                policy_may_match(of_policy, group, resource, namespaced) &&
                (!of_binding || policy_may_match(of_binding, group, resource, namespaced)))
                kind_set_add(&set, (enum kind)k);
    }
    return set;
}

/* Only name, labels and spec of these are kept, and they are not judged as they go by. */
static bool is_kept_by_spec(enum kind k)
{
    return kind_info(k)->stage == STAGE_EARLY && kind_info(k)->keep == KEEP_SPEC;
}

struct str policy_part_over(const struct policy_part *p, struct arena *a)
{
    struct str name[KIND_COUNT];
    size_t count = 0;
    for (size_t k = 0; k < KIND_COUNT; k++)
        if (kind_set_has(p->kinds, (enum kind)k))
            name[count++] = str_from_c(kind_info((enum kind)k)->resource);
    if (!count)
        return STR("objects");
    return count <= 3 ? str_join(a, name, count, STR(", ")) : STR("objects");
}

static struct str unread_of(const struct policy_part *p, struct arena *a)
{
    struct str unread = policy_unread(&p->policy->constraints, p->policy->gather, a);
    for (size_t k = 0; k < KIND_COUNT; k++)
        if (kind_set_has(p->kinds, (enum kind)k) && is_kept_by_spec((enum kind)k))
            unread = str_printf(a, "%.*s%s%.*s", STR_ARG(unread), unread.n ? ", " : "",
                                STR_ARG(kind_text(a, (enum kind)k)));
    return unread;
}

static bool has_operation(const struct policy_constraints *c, const char *operation)
{
    for (size_t i = 0; i < c->rule_count; i++)
        for (size_t k = 0; k < c->rule[i].operations.count; k++)
            if (str_eq_c(c->rule[i].operations.item[k], operation) ||
                str_eq_c(c->rule[i].operations.item[k], "*"))
                return true;
    return false;
}

static struct str why_not(const struct policy_part *p)
{
    if (p->policy->fault.n)
        return p->policy->fault;
    if (!has_operation(&p->policy->constraints, "CREATE"))
        return STR("it is not for the creation of objects, as which an audit judges what is there");
    return (struct str){ 0 };
}

static struct str actions_text(struct arena *a, unsigned actions)
{
    struct str name[3];
    size_t count = 0;
    if (actions & POLICY_DENY)
        name[count++] = STR("Deny");
    if (actions & POLICY_WARN)
        name[count++] = STR("Warn");
    if (actions & POLICY_AUDIT)
        name[count++] = STR("Audit");
    return str_join(a, name, count, STR(", "));
}

struct str policy_part_name(const struct policy_part *p, struct arena *a)
{
    struct str of = p->validation == p->policy->validation_count ? STR("audit annotations, ")
                    : p->policy->validation_count > 1
                        ? str_printf(a, "validation %zu, ", p->validation + 1)
                        : STR("");
    return p->binding
               ? str_printf(a, "%.*sbinding %.*s (%.*s)", STR_ARG(of), STR_ARG(p->binding->name),
                            STR_ARG(actions_text(a, p->binding->actions)))
               : str_printf(a, "%.*snot bound", STR_ARG(of));
}

void policy_part_make(struct policy_part *out, struct arena *a, const struct policy *policy,
                      const struct policy_binding *binding, size_t validation)
{
    *out = (struct policy_part){ .policy = policy, .binding = binding, .validation = validation };
    out->kinds = policy_kinds(&policy->constraints, binding ? &binding->constraints : NULL);
    out->unread = unread_of(out, a);
    out->absent = policy_absent(policy, out->kinds, a);
    out->cannot = why_not(out);
}

bool policy_part_wants(const struct policy_part *p, enum kind kind)
{
    return !p->cannot.n && kind_set_has(p->kinds, kind);
}

struct str policy_part_gap(const struct policy_part *p, struct arena *a)
{
    if (p->policy->fault.n)
        return str_printf(a, "the policy could not be read: %.*s", STR_ARG(p->policy->fault));
    if (p->cannot.n)
        return (struct str){ 0 };
    if (p->absent.n)
        return p->absent;
    if (p->unread.n)
        return str_printf(a, "it is also for objects that an audit does not read: %.*s",
                          STR_ARG(p->unread));
    return (struct str){ 0 };
}
