/* Reports: pure functions of a result. No clock, no network, no file: bytes go to a sink, in
 * pieces, so that a report of any size is written in constant memory. */
#ifndef KUBEVOUCH_REPORT_REPORT_H
#define KUBEVOUCH_REPORT_REPORT_H

#include "audit/result.h"
#include "base/file.h"

/* Where bytes go. add fails with its err; the renderer passes it on. */
struct sink {
    bool (*add)(struct sink *s, struct str bytes, struct err *err);
};
/* A sink into a file being written, and one into a buf (tests, standard output). */
struct file_sink {
    struct sink sink;
    struct file_writer *file;
};
struct buf_sink {
    struct sink sink;
    struct buf *buf;
};
void file_sink_init(struct file_sink *s, struct file_writer *f);
void buf_sink_init(struct buf_sink *s, struct buf *b);

/* One row a format (renderer.c). */
struct renderer {
    const char *name;      /* --format */
    const char *file_name; /* in the output folder */
    const char *media_type, *summary;
    bool (*write)(const struct result *r, struct sink *out, struct err *err);
};
extern const struct renderer renderer[];
extern const size_t renderer_count;
const struct renderer *renderer_find(struct str name);

/* report.json: everything, reports/report.schema.json describes it. */
#define REPORT_SCHEMA_VERSION "2.0.0"
bool report_json(const struct result *r, struct sink *out, struct err *err) WARN_UNUSED;
/* findings.jsonl: one finding a line, flat. */
bool report_jsonl(const struct result *r, struct sink *out, struct err *err) WARN_UNUSED;
/* report.sarif: failures with their places (SARIF 2.1.0, OASIS); what is waived is suppressed. */
bool report_sarif(const struct result *r, struct sink *out, struct err *err) WARN_UNUSED;
/* junit.xml: a test case a check: failed, skipped (what is not decided or does not apply), or
 * passed. */
bool report_junit(const struct result *r, struct sink *out, struct err *err) WARN_UNUSED;
/* annotations.txt: a workflow command (::error file=...) a failure. */
bool report_github(const struct result *r, struct sink *out, struct err *err) WARN_UNUSED;
/* gl-code-quality-report.json: GitLab's form of Code Climate's issues. */
bool report_gitlab(const struct result *r, struct sink *out, struct err *err) WARN_UNUSED;
/* findings.csv: RFC 4180, and no cell that a spreadsheet would take for a formula. */
bool report_csv(const struct result *r, struct sink *out, struct err *err) WARN_UNUSED;
/* metrics.prom: counts in Prometheus' text format 0.0.4. */
bool report_prometheus(const struct result *r, struct sink *out, struct err *err) WARN_UNUSED;
/* findings.ocsf.jsonl: OCSF 1.5.0 compliance findings, one a line. */
bool report_ocsf(const struct result *r, struct sink *out, struct err *err) WARN_UNUSED;
/* openreports.json: ClusterReports of openreports.io/v1alpha1. */
bool report_openreports(const struct result *r, struct sink *out, struct err *err) WARN_UNUSED;
/* report.md: the summary in GitHub's Markdown. */
bool report_markdown(const struct result *r, struct sink *out, struct err *err) WARN_UNUSED;
/* oscal-assessment-results.json: OSCAL 1.1.3. */
bool report_oscal(const struct result *r, struct sink *out, struct err *err) WARN_UNUSED;
/* report.html: one file, no script. */
bool report_html(const struct result *r, struct sink *out, struct err *err) WARN_UNUSED;
/* framework.html: the evidence for the leading framework, or for each where none leads; stands
 * alone. */
bool report_assessment(const struct result *r, struct sink *out, struct err *err) WARN_UNUSED;
/* The summary for a terminal: its last lines are where the report is, and how much of it cannot
 * wait. */
enum summary {
    SUMMARY_BRIEF, /* one screen: what cannot wait, the sections, what was not seen */
    SUMMARY_FULL,  /* every failed and undecided check */
    SUMMARY_LINE,  /* one line, for logs */
    SUMMARY_COUNT
};
extern const char *const summary_name[SUMMARY_COUNT];
struct text_options {
    enum summary summary;
    bool colour;
    int width;         /* columns that a line is cut or wrapped to; 0: none is */
    struct str report; /* where the report to read is; empty: none was written */
};
bool report_text(const struct result *r, const struct text_options *o, struct sink *out,
                 struct err *err) WARN_UNUSED;

#endif
