/* Policies as the checks of a benchmark: one check a policy, one part for each of its bindings and validations. */
#include "bench/policy_benchmark.h"

#define SECTION "policies"

/* ---- populations */

struct kind_set policy_kinds(const struct policy_constraints *of_policy, const struct policy_constraints *of_binding)
{
    struct kind_set set = { 0 };
    for (size_t k = 0; k < KIND_COUNT; k++) {
        const struct kind_info *i = kind_info((enum kind)k);
        struct str group = str_from_c(i->group), resource = str_from_c(i->resource);
        bool namespaced = i->scope == SCOPE_NAMESPACED;
        if (policy_may_match(of_policy, group, resource, namespaced) && (!of_binding || policy_may_match(of_binding, group, resource, namespaced)))
            kind_set_add(&set, (enum kind)k);
    }
    return set;
}

/* Only the names of these are kept, and they are not judged as they go by. */
static bool is_kept_by_name(enum kind k)
{
    return kind_info(k)->stage == STAGE_EARLY && kind_info(k)->keep == KEEP_NAME;
}

/* "pods", "pods, deployments", "12 kinds of objects". */
static struct str over_text(struct kind_set kinds, struct arena *a)
{
    struct str name[KIND_COUNT];
    size_t count = 0;
    for (size_t k = 0; k < KIND_COUNT; k++)
        if (kind_set_has(kinds, (enum kind)k))
            name[count++] = str_from_c(kind_info((enum kind)k)->resource);
    if (!count)
        return STR("objects");
    return count <= 3 ? str_join(a, name, count, STR(", ")) : STR("objects");
}

static struct str unread_of(const struct policy_part *p, struct arena *a)
{
    struct str unread = policy_unread(&p->policy->constraints, a);
    for (size_t k = 0; k < KIND_COUNT; k++)
        if (kind_set_has(p->kinds, (enum kind)k) && is_kept_by_name((enum kind)k))
            unread = str_printf(a, "%.*s%s%.*s", STR_ARG(unread), unread.n ? ", " : "", STR_ARG(kind_text(a, (enum kind)k)));
    return unread;
}

/* ---- one policy */

static bool has_operation(const struct policy_constraints *c, const char *operation)
{
    for (size_t i = 0; i < c->rule_count; i++)
        for (size_t k = 0; k < c->rule[i].operations.count; k++)
            if (str_eq_c(c->rule[i].operations.item[k], operation) || str_eq_c(c->rule[i].operations.item[k], "*"))
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

/* "validation 2, binding b (Deny)". */
static struct str part_name(const struct policy_part *p, struct arena *a)
{
    struct str of = p->validation == p->policy->validation_count
                        ? STR("audit annotations, ")
                        : p->policy->validation_count > 1 ? str_printf(a, "validation %zu, ", p->validation + 1) : STR("");
    return p->binding ? str_printf(a, "%.*sbinding %.*s (%.*s)", STR_ARG(of), STR_ARG(p->binding->name), STR_ARG(actions_text(a, p->binding->actions)))
                      : str_printf(a, "%.*snot bound", STR_ARG(of));
}

static void make_part(struct check_part *out, struct arena *a, const struct policy *policy, const struct policy_binding *binding, size_t validation,
                      bool of_cluster)
{
    struct policy_part *p = arena_new(a, struct policy_part);
    *p = (struct policy_part){ .policy = policy, .binding = binding, .validation = validation };
    p->kinds = policy_kinds(&policy->constraints, binding ? &binding->constraints : NULL);
    p->unread = unread_of(p, a);
    p->absent = policy_absent(policy, p->kinds, a);
    p->cannot = why_not(p);
    *out = (struct check_part){ .name = part_name(p, a), .over = over_text(p->kinds, a), .kind = KIND_NONE, .policy = p, .needs = p->kinds };
    if (validation < policy->validation_count) {
        out->validation = arena_new(a, struct validation);
        out->validation_count = 1;
        out->validation->expression = policy->validation[validation].expression;
        out->validation->message = policy->validation[validation].message;
        out->validation->message_expression = policy->validation[validation].message_expression;
    }
    kind_set_add(&out->needs, KIND_NAMESPACES);
    if (of_cluster) {
        kind_set_add(&out->needs, KIND_ADMISSIONPOLICIES);
        kind_set_add(&out->needs, KIND_ADMISSIONBINDINGS);
    }
    out->reads = out->needs;
    if (policy_asks_authorizer(policy, a)) {
        kind_set_add(&out->reads, KIND_CLUSTERROLES);
        kind_set_add(&out->reads, KIND_CLUSTERROLEBINDINGS);
        kind_set_add(&out->reads, KIND_ROLES);
        kind_set_add(&out->reads, KIND_ROLEBINDINGS);
    }
    if (kind_set_has(p->kinds, KIND_PODS)) { /* whose pods they are */
        kind_set_add(&out->reads, KIND_REPLICASETS);
        kind_set_add(&out->reads, KIND_JOBS);
    }
}

static enum severity severity_of(unsigned actions)
{
    return actions & POLICY_DENY ? SEVERITY_HIGH : actions & POLICY_WARN ? SEVERITY_MEDIUM : actions & POLICY_AUDIT ? SEVERITY_LOW : SEVERITY_INFO;
}

static struct str title_of(const struct check_part *first, bool bound, struct arena *a)
{
    return str_printf(a, "Admission policy over %.*s%s", STR_ARG(first->over), bound ? "" : " (not bound: it refuses nothing)");
}

static void make_check(struct check *out, struct arena *a, const struct policies *set, const struct policy *p, bool of_cluster)
{
    unsigned actions = 0;
    size_t bindings = 0, each = p->validation_count + (p->annotation_count > 0);
    VEC(struct check_part) part = { 0 };
    each = each ? each : 1; /* one that could not be read */
    for (size_t b = 0; b < set->binding.count; b++) {
        const struct policy_binding *one = set->binding.item[b];
        if (one->policy != p)
            continue;
        bindings++;
        actions |= one->actions;
        for (size_t v = 0; v < each && part.count < POLICY_PARTS_MAX; v++)
            make_part(VEC_PUSH(&part, a), a, p, one, v, of_cluster);
    }
    for (size_t v = 0; !bindings && v < each; v++)
        make_part(VEC_PUSH(&part, a), a, p, NULL, v, of_cluster);
    struct str place = p->pos.line && !of_cluster ? str_printf(a, "%.*s:%u", STR_ARG(p->source), p->pos.line) : p->source;
    *out = (struct check){
        .id = p->name, .section = STR(SECTION), .pos = p->pos, .level = 1, .role = STR("control-plane"), .severity = severity_of(actions),
        .assessment = STR("automated"), .part = part.item, .part_count = part.count,
        .title = title_of(part.item, bindings > 0, a),
        .rationale = str_printf(a, "ValidatingAdmissionPolicy %.*s of %.*s: what it would say if the objects that are there were created today.",
                                STR_ARG(p->name), STR_ARG(place)),
        .remediation = bindings ? STR("Change the objects so that the policy admits them, or the policy if it asks too much.")
                                : STR("Change the objects so that the policy admits them; to have it refuse what does not, bind it with a ValidatingAdmissionPolicyBinding."),
    };
}

void policies_benchmark(struct benchmark *out, struct arena *a, const struct policies *p, bool of_cluster)
{
    *out = (struct benchmark){
        .id = of_cluster ? STR("cluster-policies") : STR("policies"),
        .title = of_cluster ? STR("The cluster's ValidatingAdmissionPolicies") : STR("ValidatingAdmissionPolicies"),
        .description = STR("What admission policies would say of the objects that are there, if they were created today."),
        .file = p->policy.count ? p->policy.item[0]->source : STR("the cluster"),
    };
    struct sha256 digest;
    sha256_open(&digest);
    for (size_t i = 0; i < p->text.count; i++)
        sha256_add(&digest, p->text.item[i]);
    sha256_close(&digest, out->sha256);
    out->section = arena_new(a, struct section);
    *out->section = (struct section){ STR(SECTION), out->title };
    out->section_count = 1;
    out->check = arena_array(a, struct check, p->policy.count);
    for (size_t i = 0; i < p->policy.count; i++)
        make_check(&out->check[out->check_count++], a, p, p->policy.item[i], of_cluster);
    out->env = arena_new(a, struct cel_env);
}
