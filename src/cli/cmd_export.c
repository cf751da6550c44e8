/* export vap: checks as admission policies that refuse what they find. */
#include "base/log.h"
#include "bench/export.h"
#include "cel/lib_named.h"
#include "cli/command.h"
#include "cli/data.h"
#include "cli/plan.h"

/* export vap [BENCHMARK] */
static bool what_to_export(const struct options *o, struct str *file, struct err *err)
{
    if (!o->argument.count || !str_eq_c(o->argument.item[0], "vap"))
        return err_set(err, ERR_USAGE, "export what? There is: export vap [BENCHMARK]");
    if (o->argument.count > 2)
        return err_set(err, ERR_USAGE, "export vap takes one benchmark, got \"%.*s\" too",
                       STR_ARG(o->argument.item[2]));
    if (o->argument.count == 2 && o->benchmark.n)
        return err_set(err, ERR_USAGE, "the benchmark stands twice: \"%.*s\" and --benchmark",
                       STR_ARG(o->argument.item[1]));
    *file = o->argument.count == 2 ? o->argument.item[1] : o->benchmark;
    return true;
}

static bool read_force(const struct options *o, struct policy_force *f, struct arena *run,
                       struct err *err)
{
    static const struct {
        const char *name;
        enum policy_action action;
    } row[] = { { "audit", POLICY_AUDIT }, { "warn", POLICY_WARN }, { "deny", POLICY_DENY } };
    *f = (struct policy_force){ .actions = o->action.count ? 0 : POLICY_DENY,
                                .except_namespace = o->except_namespace.item,
                                .except_namespace_count = o->except_namespace.count,
                                .tells_why = o->verbose };
    for (size_t i = 0; i < o->action.count; i++)
        for (size_t k = 0; k < sizeof row / sizeof *row; k++)
            if (str_eq_c(o->action.item[i], row[k].name))
                f->actions |= row[k].action;
    if ((f->actions & POLICY_DENY) && (f->actions & POLICY_WARN))
        return err_set(err, ERR_USAGE,
                       "--action: an API server takes deny and warn only apart: who is refused is "
                       "told why anyway");
    for (size_t i = 0; i < f->except_namespace_count; i++)
        if (!cel_named_format_fits("dns1123Label", f->except_namespace[i], run))
            return err_set(err, ERR_USAGE,
                           "--exclude-namespace: \"%.*s\" is no name of a namespace: a to z, 0 to "
                           "9 and dashes between, 63 at most; patterns are not taken",
                           STR_ARG(f->except_namespace[i]));
    return true;
}

/* Policies for a shell's redirection; what there is to say goes to standard error. */
static enum exit_status put(const struct buf *out, const struct export_count *count, bool tells_why,
                            struct err *err)
{
    if (fwrite(out->p ? out->p : "", 1, out->n, stdout) != out->n) {
        (void)err_set(err, ERR_IO, "writing to standard output");
        return EXIT_COULD_NOT_RUN;
    }
    if (!count->written) {
        (void)err_set(err, ERR_INPUT, "none of the checks can be an admission policy; %s",
                      tells_why ? "the comments say why" : "-v says why");
        return EXIT_COULD_NOT_RUN;
    }
    if (count->checks_without)
        log_line(LOG_INFO, "policies of %zu %s; %zu cannot be any%s", count->checks,
                 count->checks == 1 ? "check" : "checks", count->checks_without,
                 tells_why ? ", and the comments say why" : ": -v says which, and why");
    return EXIT_DONE;
}

enum exit_status cmd_export(const struct options *o, struct arena *run, struct err *err)
{
    struct selection s = plan_selection(o);
    struct buf out CLEANUP(buf_release) = BUF_INIT(POLICY_EXPORT_BYTES_MAX);
    struct export_count count = { 0 };
    struct policy_force force;
    struct benchmark b;
    struct str file;
    struct value params;
    if (!what_to_export(o, &file, err) || !read_force(o, &force, run, err) ||
        !data_benchmark(&b, run, file, err))
        return EXIT_USAGE;
    bool *selected = arena_array(run, bool, b.check_count);
    if (!benchmark_select(&b, &s, selected, err) ||
        !benchmark_params(&b, o->param.item, o->param.count, run, &params, err))
        return EXIT_USAGE;
    for (size_t i = 0; i < b.check_count; i++)
        if (selected[i])
            check_export_write(&out, &b, &b.check[i], params, &force, &count);
    if (!buf_ok(&out, "the policies", err))
        return EXIT_COULD_NOT_RUN;
    return put(&out, &count, force.tells_why, err);
}
