#include "audit/selftest.h"
#include "cli/command.h"
#include "cli/data.h"

static void told(void *ctx, const struct selftest_check *check, const struct selftest_case *item, struct str text)
{
    const char *file = ctx;
    fprintf(stderr, "%s:%u:%u: check %.*s, case \"%.*s\": %.*s\n", file, item->pos.line, item->pos.column, STR_ARG(check->check),
            STR_ARG(item->name), STR_ARG(text));
}

static size_t print_faults(const struct bench_faults *faults)
{
    for (size_t i = 0; i < faults->text.count; i++)
        fprintf(stderr, "%.*s\n", STR_ARG(faults->text.item[i]));
    return faults->text.count;
}

/* "x.yaml" -> "x.test.yaml" */
static char *test_path(struct arena *a, struct str path)
{
    struct str base = str_has_suffix(path, STR(".yaml")) ? str_sub(path, 0, path.n - 5) : path;
    return str_to_c(a, str_printf(a, "%.*s.test.yaml", STR_ARG(base)));
}

static bool tell_count(const char *file, const struct bench_faults *faults, struct err *err)
{
    size_t n = print_faults(faults);
    return err_set(err, ERR_INPUT, "%s: %zu %s", file, n, n == 1 ? "fault" : "faults");
}

static bool has_checks_in(const struct benchmark *b, struct str source)
{
    for (size_t i = 0; i < b->check_count; i++)
        if (str_eq_c(source, b->check[i].pos.file))
            return true;
    return false;
}

/* Runs the tests beside one of the benchmark's files; adds to *n. */
static bool run_tests(struct selftest_count *n, const struct benchmark *b, struct str source, struct arena *run, struct err *err)
{
    struct bench_faults faults = { 0 };
    struct selftest_file tests;
    struct selftest_count here = { 0 };
    char *file = test_path(run, source);
    if (!has_checks_in(b, source))
        return true;
    if (!selftest_load(&tests, run, file, b, source, &faults))
        return tell_count(file, &faults, err);
    if (!selftest_run(&here, b, &tests, told, file, err))
        return false;
    n->passed += here.passed;
    n->failed += here.failed;
    return true;
}

static bool lint_one(const struct options *o, struct str path, struct arena *run, struct err *err)
{
    struct bench_faults faults = { 0 };
    struct benchmark b;
    struct selftest_count n = { 0 };
    struct framework *framework;
    size_t framework_count;
    char *file = str_to_c(run, path);
    bool ok = true;

    if (!benchmark_load(&b, run, file, &faults))
        return tell_count(file, &faults, err);
    if (!data_frameworks(&framework, &framework_count, run, &b, err))
        return false;
    for (size_t i = 0; i < b.source_count; i++)
        ok = run_tests(&n, &b, b.source[i], run, err) && ok;
    if (!ok)
        return false;
    if (!o->quiet)
        printf("%s: %zu checks, %u cases passed, %u failed\n", file, b.check_count, n.passed, n.failed);
    return n.failed == 0 || err_set(err, ERR_INPUT, "%s: %u cases failed", file, n.failed);
}

enum exit_status cmd_lint(const struct options *o, struct arena *run, struct err *err)
{
    enum exit_status status = EXIT_DONE;
    if (!o->argument.count) {
        (void)err_set(err, ERR_USAGE, "lint needs a benchmark file: kubevouch lint FILE...");
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < o->argument.count; i++) {
        struct err one = { 0 };
        if (lint_one(o, o->argument.item[i], run, &one))
            continue;
        fprintf(stderr, "%s\n", one.text);
        status = EXIT_USAGE;
    }
    return status;
}
