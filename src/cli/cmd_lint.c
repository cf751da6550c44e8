/* lint: a benchmark or policies held against everything that is known before there is a cluster,
 * and their tests run. */
#include "audit/selftest.h"
#include "base/file.h"
#include "bench/commands.h"
#include "cli/command.h"
#include "cli/data.h"
#include "cluster/manifest_set.h"
#include "vap/types.h"

#include <unistd.h>

static void told(void *ctx, const struct selftest_check *check, const struct selftest_case *item,
                 struct str text)
{
    const char *file = ctx;
    fprintf(stderr, "%s:%u:%u: check %.*s, case \"%.*s\": %.*s\n", file, item->pos.line,
            item->pos.column, STR_ARG(check->check), STR_ARG(item->name), STR_ARG(text));
}

/* "x.yaml" -> "x.test.yaml" */
static char *test_path(struct arena *a, struct str path)
{
    struct str base = str_has_suffix(path, STR(".yaml")) ? str_sub(path, 0, path.n - 5) : path;
    return str_to_c(a, str_printf(a, "%.*s.test.yaml", STR_ARG(base)));
}

static bool has_checks_in(const struct benchmark *b, struct str source)
{
    for (size_t i = 0; i < b->check_count; i++)
        if (str_eq_c(source, b->check[i].pos.file) && check_is_tested_here(&b->check[i]))
            return true;
    return false;
}

/* The tests beside each of the benchmark's files. */
struct tests {
    char **path;
    struct selftest_file *file;
    size_t count;
};

static struct tests read_tests(const struct benchmark *b, struct arena *run, struct faults *faults)
{
    struct tests t = { .path = arena_array(run, char *, b->source_count),
                       .file = arena_array(run, struct selftest_file, b->source_count) };
    for (size_t i = 0; i < b->source_count; i++) {
        t.path[t.count] = test_path(run, b->source[i]);
        if (!has_checks_in(b, b->source[i]) && access(t.path[t.count], R_OK) != 0)
            continue;
        if (selftest_load(&t.file[t.count], run, t.path[t.count], b, b->source[i], faults))
            t.count++;
    }
    return t;
}

static bool lint_one(const struct options *o, struct str path, struct arena *run, struct err *err)
{
    struct faults faults = { 0 };
    struct benchmark b = { 0 };
    struct selftest_count n = { 0 };
    struct framework *framework;
    size_t framework_count;
    char *file = str_to_c(run, path);

    if (!benchmark_load(&b, run, file, &faults) && !b.source_count)
        return data_tell_faults(&faults, file, err);
    if (!data_frameworks_checked(&framework, &framework_count, run, &b, &faults, err))
        return false;
    benchmark_lint_mapping(&b, framework, framework_count, run, &faults);
    benchmark_lint_references(&b, run, &faults);
    benchmark_lint_commands(&b, run, &faults);
    struct tests tests = read_tests(&b, run, &faults);
    if (faults.item.count)
        return data_tell_faults(&faults, file, err);
    for (size_t i = 0; i < tests.count; i++) {
        struct selftest_count here = { 0 };
        if (!selftest_run(&here, &b, &tests.file[i], told, tests.path[i], err))
            return false;
        n.passed += here.passed;
        n.failed += here.failed;
    }
    if (!o->quiet)
        printf("%s: %zu checks, %u cases passed, %u failed\n", file, b.check_count, n.passed,
               n.failed);
    return n.failed == 0 || err_set(err, ERR_INPUT, "%s: %u %s failed", file, n.failed,
                                    n.failed == 1 ? "case" : "cases");
}

/* ---- policies */

static bool names_policy(struct value object)
{
    return str_has_prefix(value_text_at(object, "kind", NULL), STR("ValidatingAdmissionPolicy"));
}

/* Whether a document of the file, or an item of a list in it, is an admission policy or a binding
 * of one. What cannot be read is told by who lints it. */
static bool is_of_policies(struct arena *run, const char *file)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(MANIFEST_BYTES_MAX);
    struct err err = { 0 };
    struct node *doc;
    size_t count;
    if (!file_read(file, &text, &err) || !yaml_read(&doc, &count, run, buf_str(&text), file, &err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct value v = node_value(run, &doc[i]);
        const struct value *items = value_get(v, STR("items"));
        bool found = names_policy(v);
        for (uint32_t k = 0; items && items->kind == VALUE_LIST && k < items->n; k++)
            found |= names_policy(value_item(*items, k));
        if (found)
            return true;
    }
    return false;
}

static bool lint_policies(const struct options *o, const char *file, struct arena *run,
                          struct err *err)
{
    struct faults faults = { 0 };
    struct policies p = { .as_created = true };
    if (!policies_read(&p, run, file, &faults) || !policies_link(&p, run, &faults) ||
        !policies_check_types(&p, run, &faults))
        return data_tell_faults(&faults, file, err);
    for (size_t i = 0; i < p.note.count; i++)
        fprintf(stderr, "%.*s\n", STR_ARG(p.note.item[i]));
    if (!o->quiet)
        printf("%s: %zu policies, %zu bindings\n", file, p.policy.count, p.binding.count);
    return true;
}

enum exit_status cmd_lint(const struct options *o, struct arena *run, struct err *err)
{
    enum exit_status status = EXIT_DONE;
    if (!o->argument.count) {
        (void)err_set(err, ERR_USAGE, "lint needs a file: kubevouch lint FILE...");
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < o->argument.count; i++) {
        struct err one = { 0 };
        const char *file = str_to_c(run, o->argument.item[i]);
        if (is_of_policies(run, file) ? lint_policies(o, file, run, &one)
                                      : lint_one(o, o->argument.item[i], run, &one))
            continue;
        fprintf(stderr, "%s\n", one.text);
        status = EXIT_USAGE;
    }
    return status;
}
