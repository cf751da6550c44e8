/* metrics.prom: counts as gauges in Prometheus' text format, for a textfile collector or a push
 * gateway. No series an object. */
#include "report/report.h"
#include "report/tally.h"

#include "base/shown.h"

#define TEXT_BYTES_MAX ((size_t)16 << 20)
/* Series are for ever: only the worst namespaces have one. */
#define NAMESPACES_SHOWN 100u

struct metrics {
    const struct result *r;
    struct buf b;
    struct buf scratch;
};

/* A label's value: on one line, of plain UTF-8, with its quotes escaped. */
static void put_value(struct metrics *m, struct str value)
{
    buf_reset(&m->scratch);
    shown_line(&m->scratch, value);
    for (size_t i = 0; i < m->scratch.n; i++) {
        if (m->scratch.p[i] == '\\' || m->scratch.p[i] == '"')
            buf_add_char(&m->b, '\\');
        buf_add_char(&m->b, m->scratch.p[i]);
    }
}

static void put_label(struct metrics *m, const char *name, struct str value)
{
    buf_addf(&m->b, ",%s=\"", name);
    put_value(m, value);
    buf_add_char(&m->b, '"');
}

static void put_head(struct metrics *m, const char *name, const char *help)
{
    buf_addf(&m->b, "# HELP kubevouch_%s %s\n# TYPE kubevouch_%s gauge\n", name, help, name);
}

/* kubevouch_NAME{cluster="...",benchmark="..." - further labels and the value follow. */
static void put_name(struct metrics *m, const char *name)
{
    const struct result *r = m->r;
    struct str cluster = r->run.cluster_name.n      ? r->run.cluster_name
                         : r->cluster->cluster_id.n ? r->cluster->cluster_id
                                                    : r->run.source_text;
    buf_addf(&m->b, "kubevouch_%s{cluster=\"", name);
    put_value(m, cluster);
    buf_add_char(&m->b, '"');
    put_label(m, "benchmark", r->bench->id);
}

static void put_number(struct metrics *m, uint64_t n)
{
    buf_addf(&m->b, "} %llu\n", (unsigned long long)n);
}

static void put_permille(struct metrics *m, int permille)
{
    buf_addf(&m->b, "} %d.%03d\n", permille / 1000, permille % 1000);
}

static void put_score(struct metrics *m, const char *name, const struct score *s,
                      struct str section)
{
    for (int high = 0; high < 2 && s->has_score; high++) {
        put_name(m, name);
        if (section.n)
            put_label(m, "section", section);
        put_label(m, "bound", high ? STR("high") : STR("low"));
        put_permille(m, high ? s->high_permille : s->low_permille);
    }
}

static void put_run(struct metrics *m)
{
    const struct result *r = m->r;
    put_head(m, "run_info", "The last run.");
    put_name(m, "run_info");
    put_label(m, "version", r->run.tool_version);
    put_label(m, "benchmark_version", r->bench->version);
    put_label(m, "kubernetes", r->cluster->git_version);
    put_number(m, 1);
    put_head(m, "last_run_timestamp_seconds", "When the last run ended.");
    put_name(m, "last_run_timestamp_seconds");
    put_number(m, (uint64_t)(r->run.finished.s > 0 ? r->run.finished.s : 0));
    put_head(m, "evidence_complete", "Whether all evidence that a check needs could be had.");
    put_name(m, "evidence_complete");
    put_number(m, !r->incomplete && !r->broken_off_count);
    put_head(m, "score_ratio",
             "Share of checks that pass: at least (what is unknown counts as failed) and at most.");
    put_score(m, "score_ratio", &r->score, (struct str){ 0 });
    put_head(m, "section_score_ratio", "The same by section.");
    for (size_t i = 0; i < r->bench->section_count; i++)
        put_score(m, "section_score_ratio", &r->section_score[i], r->bench->section[i].id);
}

static void put_counts(struct metrics *m, const struct tally *t)
{
    put_head(m, "checks", "Checks by verdict and severity.");
    for (size_t s = 0; s < SEVERITY_COUNT; s++)
        for (size_t v = 0; v < VERDICT_COUNT; v++) {
            put_name(m, "checks");
            put_label(m, "verdict", str_from_c(verdict_name((enum verdict)v)));
            put_label(m, "severity", str_from_c(severity_name[s]));
            put_number(m, t->severity[s].checks[v]);
        }
    put_head(
        m, "findings",
        "Findings by verdict and severity: an object that does not satisfy a part of a check.");
    for (size_t s = 0; s < SEVERITY_COUNT; s++)
        for (size_t v = 0; v < VERDICT_COUNT; v++) {
            if (v == VERDICT_PASS || v == VERDICT_NOT_APPLICABLE || v == VERDICT_ATTESTED)
                continue;
            put_name(m, "findings");
            put_label(m, "verdict", str_from_c(verdict_name((enum verdict)v)));
            put_label(m, "severity", str_from_c(severity_name[s]));
            put_number(m, t->severity[s].findings[v]);
        }
    put_head(m, "unknown_checks", "Checks that were not decided, by cause.");
    for (size_t c = 0; c < CAUSE_COUNT; c++)
        if (*cause_name((enum cause)c)) {
            put_name(m, "unknown_checks");
            put_label(m, "cause", str_from_c(cause_name((enum cause)c)));
            put_number(m, t->cause[c]);
        }
}

static void put_places(struct metrics *m, const struct tally *t)
{
    uint64_t rest = t->elsewhere.findings[VERDICT_FAIL];
    put_head(m, "namespace_failures",
             "Findings that fail, in the namespaces that have most of them; namespace is empty for "
             "what is of none.");
    for (size_t i = 0; i < t->place_count; i++) {
        if (i >= NAMESPACES_SHOWN) {
            rest += t->place[i].counts.findings[VERDICT_FAIL];
            continue;
        }
        put_name(m, "namespace_failures");
        put_label(m, "namespace", t->place[i].name);
        put_number(m, t->place[i].counts.findings[VERDICT_FAIL]);
    }
    put_head(m, "other_namespaces_failures",
             "Findings that fail in all other namespaces together.");
    put_name(m, "other_namespaces_failures");
    put_number(m, rest);
}

static void put_frameworks(struct metrics *m)
{
    put_head(m, "framework_requirements",
             "Requirements by what this run found for them; it is no verdict of any.");
    for (size_t i = 0; i < m->r->framework_count; i++)
        for (size_t f = 0; f < FOUND_COUNT; f++) {
            put_name(m, "framework_requirements");
            put_label(m, "framework", m->r->framework[i].framework->id);
            put_label(m, "found", str_from_c(found_name((enum found)f)));
            put_number(m, m->r->framework[i].found[f]);
        }
}

bool report_prometheus(const struct result *r, struct sink *out, struct err *err)
{
    struct metrics m = { .r = r, .b = BUF_INIT(TEXT_BYTES_MAX), .scratch = BUF_INIT(1 << 20) };
    struct arena a CLEANUP(arena_release) = { 0 };
    struct tally t;
    bool ok = tally_make(&t, &a, r, err);
    if (ok) {
        put_run(&m);
        put_counts(&m, &t);
        put_places(&m, &t);
        put_frameworks(&m);
        ok = buf_ok(&m.b, "the metrics", err) && out->add(out, buf_str(&m.b), err);
    }
    buf_release(&m.b);
    buf_release(&m.scratch);
    return ok;
}
