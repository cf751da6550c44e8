/* Policies as the checks of a benchmark: one check a policy, one part for each of its bindings and
 * validations. */
#include "bench/policy_benchmark.h"

#define SECTION "policies"

static void make_part(struct check_part *out, struct arena *a, const struct policy *policy,
                      const struct policy_binding *binding, size_t validation, bool of_cluster)
{
    struct policy_part *p = arena_new(a, struct policy_part);
    policy_part_make(p, a, policy, binding, validation);
    *out = (struct check_part){ .name = policy_part_name(p, a),
                                .over = policy_part_over(p, a),
                                .kind = KIND_NONE,
                                .policy = p,
                                .needs = p->kinds };
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
    return actions & POLICY_DENY    ? SEVERITY_HIGH
           : actions & POLICY_WARN  ? SEVERITY_MEDIUM
           : actions & POLICY_AUDIT ? SEVERITY_LOW
                                    : SEVERITY_INFO;
}

static struct str title_of(const struct check_part *first, bool bound, struct arena *a)
{
    return str_printf(a, "Admission policy over %.*s%s", STR_ARG(first->over),
                      bound ? "" : " (not bound: it refuses nothing)");
}

static void make_check(struct check *out, struct arena *a, const struct policies *set,
                       const struct policy *p, bool of_cluster)
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
    struct str place = p->pos.line && !of_cluster
                           ? str_printf(a, "%.*s:%u", STR_ARG(p->source), p->pos.line)
                           : p->source;
    *out = (struct check){
        .id = p->name,
        .section = STR(SECTION),
        .pos = p->pos,
        .level = 1,
        .role = STR("control-plane"),
        .severity = severity_of(actions),
        .assessment = STR("automated"),
        .part = part.item,
        .part_count = part.count,
        .title = title_of(part.item, bindings > 0, a),
        .rationale = str_printf(a,
                                "ValidatingAdmissionPolicy %.*s of %.*s: what it would say if the "
                                "objects that are there were created today.",
                                STR_ARG(p->name), STR_ARG(place)),
        .remediation =
            bindings ? STR("Change the objects so that the policy admits them, or the policy if it "
                           "asks too much.")
                     : STR("Change the objects so that the policy admits them; to have it refuse "
                           "what does not, bind it with a ValidatingAdmissionPolicyBinding."),
    };
}

void policies_benchmark(struct benchmark *out, struct arena *a, const struct policies *p,
                        bool of_cluster)
{
    *out = (struct benchmark){
        .id = of_cluster ? STR("cluster-policies") : STR("policies"),
        .title = of_cluster ? STR("The cluster's ValidatingAdmissionPolicies")
                            : STR("ValidatingAdmissionPolicies"),
        .description = STR("What admission policies would say of the objects that are there, if "
                           "they were created today."),
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
