/* export vap: checks as admission policies that refuse what they find. */
#include "bench/export.h"
#include "cli/command.h"
#include "cli/data.h"

/* export vap [BENCHMARK] */
static bool what_to_export(const struct options *o, struct str *file, struct err *err)
{
    if (!o->argument.count || !str_eq_c(o->argument.item[0], "vap"))
        return err_set(err, ERR_USAGE, "export what? There is: export vap [BENCHMARK]");
    if (o->argument.count > 2)
        return err_set(err, ERR_USAGE, "export vap takes one benchmark, got \"%.*s\" too", STR_ARG(o->argument.item[2]));
    *file = o->argument.count == 2 ? o->argument.item[1] : (struct str){ 0 };
    return true;
}

enum exit_status cmd_export(const struct options *o, struct arena *run, struct err *err)
{
    struct selection s = { .include = o->include.item, .include_count = o->include.count, .exclude = o->exclude.item, .exclude_count = o->exclude.count };
    struct buf out CLEANUP(buf_release) = BUF_INIT(POLICY_EXPORT_BYTES_MAX);
    struct export_count count = { 0 };
    struct benchmark b;
    struct str file;
    struct value params;
    if (!what_to_export(o, &file, err) || !data_benchmark(&b, run, file, err))
        return EXIT_USAGE;
    bool *selected = arena_array(run, bool, b.check_count);
    if (!benchmark_select(&b, &s, selected, err) || !benchmark_params(&b, o->param.item, o->param.count, run, &params, err))
        return EXIT_USAGE;
    for (size_t i = 0; i < b.check_count; i++)
        if (selected[i])
            check_export_write(&out, &b, &b.check[i], params, &count);
    if (!buf_ok(&out, "the policies", err))
        return EXIT_COULD_NOT_RUN;
    if (fwrite(out.p, 1, out.n, stdout) != out.n) {
        (void)err_set(err, ERR_IO, "writing to standard output");
        return EXIT_COULD_NOT_RUN;
    }
    if (count.written)
        return EXIT_DONE;
    (void)err_set(err, ERR_INPUT, "none of the checks can be an admission policy; the comments say why");
    return EXIT_COULD_NOT_RUN;
}
