/* diff: what changed from one report to another. */
#include "base/vec.h"
#include "bench/crosswalk.h"
#include "cli/command.h"
#include "cli/data.h"
#include "evidence/diff.h"
#include "value/json_doc.h"

#define OUTPUT_BYTES_MAX ((size_t)1 << 30)

/* The crosswalk between two shipped benchmarks; none where one of them is not shipped, or is
 * another file than was judged by. */
static void find_pairs(struct diff_options *o, struct arena *a, const struct document *from,
                       const struct document *to)
{
    const struct document *side[2] = { from, to };
    struct str *name;
    size_t count;
    VEC(struct diff_pair) pair = { 0 };
    struct benchmark *b = arena_array(a, struct benchmark, 2);
    data_benchmark_names(&name, &count, a);
    for (size_t i = 0; i < 2; i++) {
        struct err ignored = { 0 };
        bool shipped = false;
        for (size_t k = 0; k < count; k++)
            shipped |= str_eq(name[k], side[i]->benchmark_id);
        if (!shipped || !data_benchmark(&b[i], a, side[i]->benchmark_id, &ignored))
            return;
    }
    const struct crosswalk walk = crosswalk_of(a, &b[0], &b[1]);
    for (size_t i = 0; i < walk.count; i++)
        if (walk.row[i].from && walk.row[i].to)
            *VEC_PUSH(&pair, a) = (struct diff_pair){ walk.row[i].from->id, walk.row[i].to->id };
    o->pair = pair.item;
    o->pair_count = pair.count;
}

static bool print(const struct diff *d, bool as_json, struct arena *a, struct err *err)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(OUTPUT_BYTES_MAX);
    if (as_json) {
        json_doc_write(&out, diff_value(a, d), JSON_DOC_INDENT);
        buf_add_char(&out, '\n');
    } else {
        diff_text(&out, a, d);
    }
    if (!buf_ok(&out, "the comparison", err))
        return false;
    (void)fwrite(out.p, 1, out.n, stdout); /* main sees whether it came through */
    return true;
}

/* A gate lets nothing through of which it cannot tell that it is old. */
static enum exit_status status_of(const struct diff *d, const struct options *o, struct err *err)
{
    if (!o->fail_on_new)
        return EXIT_DONE;
    for (size_t i = 0; i < d->finding_count; i++)
        if (d->finding[i].change == CHANGE_NEW && d->finding[i].to->verdict == VERDICT_FAIL)
            return EXIT_CHECK_FAILED;
    if (d->checks_by[CHANGE_NEW])
        return EXIT_CHECK_FAILED;
    if (!d->failures_untold)
        return EXIT_DONE;
    (void)err_set(err, ERR_INPUT,
                  "of %zu failures it cannot be told whether they are new: the causes stand under "
                  "incomparable",
                  d->failures_untold);
    return EXIT_INCOMPLETE;
}

enum exit_status cmd_diff(const struct options *o, struct arena *run, struct err *err)
{
    struct document doc[2];
    struct diff d;
    struct diff_options how = { .any_cluster = o->any_cluster };
    bool as_json = str_eq_c(o->print, print_name[PRINT_JSON]);
    if (o->argument.count != 2 || (o->print.n && !as_json)) {
        (void)err_set(
            err, ERR_USAGE,
            o->argument.count == 2
                ? "diff prints json, or without --print lines for people"
                : "diff needs two reports: kubevouch diff before/report.json after/report.json");
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < 2; i++)
        if (!document_read(&doc[i], run, o->argument.item[i], err))
            return EXIT_USAGE;
    if (!str_eq(doc[0].benchmark_id, doc[1].benchmark_id))
        find_pairs(&how, run, &doc[0], &doc[1]);
    if (!diff_make(&d, run, &doc[0], &doc[1], &how, err))
        return EXIT_USAGE;
    if (!print(&d, as_json, run, err))
        return EXIT_COULD_NOT_RUN;
    return status_of(&d, o, err);
}
