/* period: what held over a period, from a ledger of runs. */
#include "base/names.h"
#include "cli/command.h"
#include "evidence/period.h"
#include "value/json_doc.h"

#define OUTPUT_BYTES_MAX ((size_t)1 << 30)
#define DAY_MS           86400000

/* A day stands for its first moment, or as an end for the one after its last. */
static bool read_time(int64_t *out, const char *name, struct str text, bool is_end, struct arena *a,
                      struct err *err)
{
    struct instant t;
    bool day =
        text.n == 10 && clock_parse_rfc3339(str_printf(a, "%.*sT00:00:00Z", STR_ARG(text)), &t);
    if (!day && !clock_parse_rfc3339(text, &t))
        return err_set(err, ERR_USAGE,
                       "--%s: \"%.*s\" is neither a day such as 2026-01-31 nor an instant such as "
                       "2026-01-31T12:00:00Z",
                       name, STR_ARG(text));
    *out = t.s * 1000 + t.ns / 1000000 + (day && is_end ? DAY_MS : 0);
    return true;
}

static bool print(const struct period *p, struct str form, struct arena *a, struct err *err)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(OUTPUT_BYTES_MAX);
    switch (form.n ? names_find(review_form_name, REVIEW_COUNT, form) : -1) {
    case REVIEW_CSV:
        period_csv(&out, a, p);
        break;
    case REVIEW_HTML:
        period_html(&out, a, p);
        break;
    case REVIEW_JSON:
        json_doc_write(&out, period_value(a, p), JSON_DOC_INDENT);
        buf_add_char(&out, '\n');
        break;
    default:
        period_text(&out, a, p);
    }
    if (!buf_ok(&out, "the period", err))
        return false;
    (void)fwrite(out.p, 1, out.n, stdout); /* main sees whether it came through */
    return true;
}

enum exit_status cmd_period(const struct options *o, struct arena *run, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(LEDGER_BYTES_MAX);
    struct period_options how = { .max_gap_ms = o->max_gap * 3600000 };
    struct verify v = { .arena = run };
    struct ledger l;
    struct period p;
    if (!o->ledger.n || !o->from.n || !o->to.n || o->argument.count) {
        (void)err_set(err, ERR_USAGE,
                      "period needs a ledger and the time: kubevouch period --ledger DIR --from "
                      "2026-01-01 --to 2026-06-30");
        return EXIT_USAGE;
    }
    if (!read_time(&how.from, "from", o->from, false, run, err) ||
        !read_time(&how.to, "to", o->to, true, run, err))
        return EXIT_USAGE;
    if (how.from >= how.to) {
        (void)err_set(err, ERR_USAGE, "--from %.*s is not before --to %.*s", STR_ARG(o->from),
                      STR_ARG(o->to));
        return EXIT_USAGE;
    }
    if (!ledger_load(&text, run, o->ledger, err))
        return EXIT_USAGE;
    ledger_read(&l, run, buf_str(&text), NULL, &v);
    if (verify_has_fault(&v)) {
        (void)err_set(err, ERR_INPUT,
                      "the ledger is at fault, and nothing is told from it: %s: %.*s; kubevouch "
                      "verify %.*s tells all of it",
                      bundle_fault_name[v.row.item[0].fault], STR_ARG(v.row.item[0].text),
                      STR_ARG(o->ledger));
        return EXIT_CHECK_FAILED;
    }
    period_make(&p, run, &l, &how);
    if (!print(&p, o->review_format, run, err))
        return EXIT_COULD_NOT_RUN;
    return period_has_gap(&p) ? EXIT_INCOMPLETE : EXIT_DONE;
}
