/* What an audit judges by: a benchmark, or admission policies. */
#include "cli/plan.h"

#include "base/file.h"
#include "base/log.h"
#include "cli/choose.h"
#include "cli/data.h"
#include "cli/scope_read.h"

static bool read_encryption(struct plan *p, const struct options *o, struct arena *run,
                            struct err *err)
{
    struct buf text = { .limit_bytes = (size_t)1 << 20, .secret = true };
    if (!o->encryption_config.n)
        return true;
    char *path = str_to_c(run, o->encryption_config);
    p->encryption = arena_new(run, struct encryption_config);
    bool ok = file_read(path, &text, err) &&
              encryption_read(p->encryption, run, buf_str(&text), path, false, err);
    buf_wipe(&text);
    buf_release(&text);
    if (ok && !encryption_is_valid(p->encryption))
        log_line(LOG_WARN, "--encryption-config %s: an API server would not start with it: %.*s",
                 path,
                 STR_ARG(p->encryption->error.count ? p->encryption->error.item[0]
                                                    : p->encryption->masked));
    return ok || err_prefix(err, "--encryption-config");
}

/* A path in the file is relative to the file's own folder, as the API server has it. */
static bool add_named(struct admission_config *c, struct arena *run, struct str from,
                      struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(ADMISSION_CONFIG_BYTES_MAX);
    size_t slash = str_find_last_char(from, '/');
    bool relative = c->path.p[0] != '/' && slash != SIZE_MAX;
    char *path =
        str_to_c(run, relative ? str_printf(run, "%.*s/%.*s", (int)slash, from.p, STR_ARG(c->path))
                               : c->path);
    return (file_read(path, &text, err) &&
            admission_config_add(c, run, buf_str(&text), path, err)) ||
           err_prefix(
               err, "the configuration of PodSecurity stands in another file, which is needed too");
}

static bool read_admission(struct plan *p, const struct options *o, struct arena *run,
                           struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(ADMISSION_CONFIG_BYTES_MAX);
    if (!o->admission_config.n)
        return true;
    char *path = str_to_c(run, o->admission_config);
    p->admission = arena_new(run, struct admission_config);
    bool ok = file_read(path, &text, err) &&
              admission_config_read(p->admission, run, buf_str(&text), path, err);
    if (ok && p->admission->path.n)
        ok = add_named(p->admission, run, o->admission_config, err);
    return ok || err_prefix(err, "--admission-config");
}

static bool read_authentication(struct plan *p, const struct options *o, struct arena *run,
                                struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(AUTHENTICATION_CONFIG_BYTES_MAX);
    if (!o->authentication_config.n)
        return true;
    char *path = str_to_c(run, o->authentication_config);
    p->authentication = arena_new(run, struct authentication_config);
    return (file_read(path, &text, err) &&
            authentication_config_read(p->authentication, run, buf_str(&text), path, err)) ||
           err_prefix(err, "--authentication-config");
}

static bool read_node_facts(struct plan *p, const struct options *o, struct arena *run,
                            struct err *err)
{
    if (!o->node_facts.n)
        return true;
    p->nodes = arena_new(run, struct node_evidence);
    if (!node_facts_read(p->nodes, run, str_to_c(run, o->node_facts), err))
        return err_prefix(err, "--node-facts");
    p->nodes->max_age_s = o->node_facts_max_age * 3600;
    return true;
}

static bool read_statements(struct plan *p, const struct options *o, struct arena *run,
                            struct err *err)
{
    struct faults faults = { 0 };
    bool ok = true;
    if (!o->statements.count)
        return true;
    p->statements = arena_new(run, struct statements);
    for (size_t i = 0; i < o->statements.count; i++)
        ok = statements_load(p->statements, run, str_to_c(run, o->statements.item[i]), &p->bench,
                             &faults) &&
             ok;
    return ok || data_tell_faults(&faults, "--attestations", err);
}

static bool read_imports(struct plan *p, const struct options *o, struct arena *run,
                         struct err *err)
{
    if (o->import_file.count)
        p->third_party = arena_new(run, struct third_party);
    for (size_t i = 0; i < o->import_file.count; i++)
        if (!third_party_read(p->third_party, run, str_to_c(run, o->import_file.item[i]), err))
            return err_prefix(err, "--import");
    return true;
}

static bool read_scopes(struct plan *p, const struct options *o, struct arena *run, struct err *err)
{
    if (o->scope.count)
        p->scopes = arena_new(run, struct net_scopes);
    for (size_t i = 0; i < o->scope.count; i++)
        if (!scope_read(p->scopes, run, o->scope.item[i], err))
            return false;
    return true;
}

static const struct framework *leading(const struct plan *p, const struct options *o)
{
    for (size_t i = 0; i < p->framework_count; i++)
        if (str_eq(p->framework[i].id, o->framework))
            return &p->framework[i];
    return NULL;
}

struct selection plan_selection(const struct options *o)
{
    return (struct selection){ .profile = o->profile,
                               .include = o->include.item,
                               .exclude = o->exclude.item,
                               .include_count = o->include.count,
                               .exclude_count = o->exclude.count,
                               .tag = o->tag.item,
                               .tag_count = o->tag.count };
}

static bool settle(struct plan *p, const struct options *o, struct arena *run, struct err *err)
{
    struct selection s = plan_selection(o);
    p->selected = arena_array(run, bool, p->bench.check_count);
    return benchmark_select(&p->bench, &s, p->selected, err) &&
           benchmark_params_for(&p->bench, leading(p, o), NULL, 0, run, &p->params_asked, err) &&
           benchmark_params_for(&p->bench, leading(p, o), o->param.item, o->param.count, run,
                                &p->params, err) &&
           read_statements(p, o, run, err);
}

static bool take_benchmark(struct plan *p, const struct options *o, struct str benchmark,
                           struct arena *run, struct err *err)
{
    return data_benchmark(&p->bench, run, benchmark, err) &&
           data_frameworks(&p->framework, &p->framework_count, run, &p->bench, err) &&
           settle(p, o, run, err);
}

/* ---- policies */

/* A report is about one benchmark; of policies there are no profiles, parameters and requirements.
 */
static bool policies_alone(const struct options *o, struct err *err)
{
    const char *other = o->benchmark.n   ? "--benchmark"
                        : o->profile.n   ? "--profile"
                        : o->param.count ? "--param"
                        : o->framework.n ? "--framework"
                                         : NULL;
    return !other ||
           err_set(err, ERR_USAGE,
                   "--policy judges by policies alone: %s does not go with it; make two audits",
                   other);
}

/* Kinds of the groups that the policies are for. */
static void gather_for(struct plan *p, struct arena *run)
{
    p->gather = arena_new(run, struct kind_gather);
    p->gather->arena = run;
    for (size_t i = 0; i < p->policies.policy.count; i++) {
        struct policy *one = p->policies.policy.item[i];
        one->gather = p->gather;
        for (size_t r = 0; r < one->constraints.rule_count; r++)
            for (size_t g = 0; g < one->constraints.rule[r].groups.count; g++)
                *VEC_PUSH(&p->gather->group, run) = one->constraints.rule[r].groups.item[g];
    }
}

static bool read_policies(struct plan *p, const struct options *o, struct arena *run,
                          struct err *err)
{
    struct faults faults = { 0 };
    bool ok = true;
    for (size_t i = 0; i < o->policy.count; i++)
        ok &= policies_read(&p->policies, run, str_to_c(run, o->policy.item[i]), &faults);
    if (ok)
        ok = policies_link(&p->policies, run, &faults);
    if (!ok) {
        (void)data_tell_faults(&faults, "--policy", err);
        err->code = ERR_USAGE;
        return false;
    }
    if (!p->policies.policy.count)
        return err_set(err, ERR_USAGE,
                       "--policy: there is no ValidatingAdmissionPolicy in what was given");
    if (o->manifests.n) {
        gather_for(p, run);
        return true;
    }
    policies_benchmark(&p->bench, run, &p->policies, false);
    return settle(p, o, run, err);
}

bool plan_of_files(struct plan *p, const struct options *o, struct arena *run, struct err *err)
{
    policies_benchmark(&p->bench, run, &p->policies, false);
    return settle(p, o, run, err);
}

bool plan_make(struct plan *p, const struct options *o, struct arena *run, struct err *err)
{
    if (!read_encryption(p, o, run, err) || !read_admission(p, o, run, err) ||
        !read_authentication(p, o, run, err) || !read_node_facts(p, o, run, err) ||
        !read_imports(p, o, run, err) || !read_scopes(p, o, run, err))
        return false;
    if (o->policy.count && !policies_alone(o, err))
        return false;
    for (size_t i = 0; i < o->policy.count; i++)
        p->of_cluster |= str_eq_c(o->policy.item[i], "cluster");
    if (p->of_cluster && o->policy.count > 1)
        return err_set(err, ERR_USAGE,
                       "--policy cluster goes alone; a folder of that name is ./cluster");
    if (p->of_cluster)
        return true;
    if (o->policy.count)
        return read_policies(p, o, run, err);
    p->automatic = str_eq_c(o->benchmark, CHOOSE_AUTO);
    return p->automatic || take_benchmark(p, o, o->benchmark, run, err);
}

bool plan_choose(struct plan *p, const struct options *o, struct client *client, struct arena *run,
                 struct err *err)
{
    struct choice choice;
    if (!choose_benchmark(&choice, run, client, err))
        return false;
    if (!take_benchmark(p, o, choice.benchmark, run, err))
        return false;
    p->reason = choose_reason(run, &choice, &p->bench);
    log_line(LOG_DEBUG, "benchmark %.*s: %.*s", STR_ARG(choice.benchmark), STR_ARG(p->reason));
    return true;
}

bool plan_of_cluster(struct plan *p, const struct options *o, const struct cluster *c,
                     struct arena *run, struct err *err)
{
    struct faults faults = { 0 };
    const struct coverage *had = &c->coverage[KIND_ADMISSIONPOLICIES];
    for (size_t i = 0; i < c->kept[KIND_ADMISSIONPOLICIES].count; i++)
        policies_add(&p->policies, run, c->kept[KIND_ADMISSIONPOLICIES].item[i]);
    for (size_t i = 0; i < c->kept[KIND_ADMISSIONBINDINGS].count; i++)
        policies_add(&p->policies, run, c->kept[KIND_ADMISSIONBINDINGS].item[i]);
    if (!policies_link(&p->policies, run, &faults)) /* a server has no two of one name */
        return data_tell_faults(&faults, "--policy cluster", err);
    if (!p->policies.policy.count)
        return err_set(err, ERR_INPUT, "--policy cluster: %.*s%s%.*s",
                       STR_ARG(had->reason.n ? had->reason
                                             : STR("the cluster has no ValidatingAdmissionPolicy")),
                       had->remedy.n ? "; " : "", STR_ARG(had->remedy));
    policies_benchmark(&p->bench, run, &p->policies, true);
    return settle(p, o, run, err);
}
