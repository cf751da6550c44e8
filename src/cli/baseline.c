/* --baseline: which failures an earlier report did not have. */
#include "cli/auditing.h"

#include "base/file.h"
#include "base/log.h"
#include "base/map.h"
#include "base/names.h"
#include "cli/shelf.h"
#include "value/json_read.h"

#define BASELINE_BYTES_MAX ((size_t)512 << 20)

/* What findings refer to: only their fingerprints and verdicts are compared. */
static const struct json_skip left_out[] = { { .key = STR_INIT("tables") },
                                             { .key = STR_INIT("checks") },
                                             { .key = STR_INIT("calls") },
                                             { .key = STR_INIT("frameworks") } };

/* Fingerprints of the findings that were failures, accepted ones too: who accepted them knows of
 * them. */
static void read_failures(struct map *known, struct value findings)
{
    for (uint32_t i = 0; i < findings.n; i++) {
        struct value f = value_item(findings, i);
        struct str verdict = value_text_at(f, "verdict", NULL),
                   print = value_text_at(f, "fingerprint", NULL);
        bool created;
        if (print.n && (str_eq_c(verdict, "fail") || str_eq_c(verdict, "waived")))
            (void)map_at(known, print, &created);
    }
}

static bool compare(struct result *r, struct str path, bool automatic, struct arena *a,
                    struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(BASELINE_BYTES_MAX);
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct json_limits limits = { .depth = 200, .bytes = BASELINE_BYTES_MAX };
    struct value report;
    struct map known;
    size_t fresh = 0;
    map_init(&known, &scratch);
    if (!file_read(str_to_c(&scratch, path), &text, err) ||
        !json_read(&report, &scratch, buf_str(&text), &limits, left_out, COUNT_OF(left_out), err))
        return err_prefix(err, "--baseline %.*s", STR_ARG(path));
    const struct value *findings = value_get(report, STR("findings"));
    if (!findings || findings->kind != VALUE_LIST)
        return err_set(err, ERR_INPUT,
                       "--baseline %.*s is no report.json of kubevouch: it has no findings",
                       STR_ARG(path));
    struct str cluster = value_text_at(report, "target", "clusterId", NULL);
    if (automatic && r->cluster->cluster_id.n && cluster.n &&
        !str_eq(cluster, r->cluster->cluster_id)) {
        log_line(LOG_WARN, "%.*s is of another cluster: nothing was compared", STR_ARG(path));
        return true;
    }
    read_failures(&known, *findings);
    r->has_baseline = true;
    r->is_new = arena_array(a, bool, r->finding_count);
    for (size_t i = 0; i < r->finding_count; i++) {
        struct arena one CLEANUP(arena_release) = { 0 };
        struct finding f;
        if (!result_finding(r, &f, i, &one, err))
            return false;
        r->is_new[i] = f.outcome == VERDICT_FAIL && !map_has(&known, str_from_c(f.fingerprint));
        fresh += r->is_new[i];
    }
    struct str *note = arena_array(a, struct str, r->note_count + 1);
    for (size_t i = 0; i < r->note_count; i++)
        note[i] = r->note[i];
    note[r->note_count++] = str_printf(a, "%zu of the failures %s not in the baseline.", fresh,
                                       fresh == 1 ? "is" : "are");
    r->note = note;
    return true;
}

bool baseline_compare(struct result *r, const struct options *o, struct arena *a, struct err *err)
{
    struct err unread = { 0 };
    struct str before = { 0 };
    if (o->baseline.n)
        return compare(r, o->baseline, false, a, err);
    if (o->keep)
        before = shelf_newest(o->output.n ? o->output : STR("."), STR("report.json"), a);
    if (before.n && !compare(r, before, true, a, &unread)) {
        if (o->fail_on_new)
            return err_set(err, unread.code, "%s", unread.text);
        log_line(LOG_WARN, "the run before cannot be compared with: %s", unread.text);
    }
    return true;
}

bool baseline_has_new(const struct result *r, const struct options *o)
{
    int threshold = names_find(severity_name, SEVERITY_COUNT, o->fail_on);
    for (size_t i = 0; r->is_new && i < r->check_count; i++)
        for (size_t k = 0;
             (int)r->check[i].check->severity >= threshold && k < r->check[i].finding_count; k++)
            if (r->is_new[r->check[i].first_finding + k])
                return true;
    return false;
}
