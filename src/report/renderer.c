/* The table of formats. */
#include "report/report.h"

const struct renderer renderer[] = {
    { "html", "report.html", "text/html", "the report for people: one file, no script, prints well",
      report_html },
    { "json", "report.json", "application/json",
      "the whole result, described by report.schema.json", report_json },
    { "jsonl", "findings.jsonl", "application/jsonl",
      "one finding a line, for log pipelines and dashboards", report_jsonl },
    { "sarif", "report.sarif", "application/sarif+json",
      "failures as SARIF 2.1.0, for code scanning and editors", report_sarif },
    { "junit", "junit.xml", "application/xml",
      "a test case a check, for test reports of CI systems", report_junit },
    { "github", "annotations.txt", "text/plain",
      "failures as workflow commands, for a GitHub Actions step to print", report_github },
    { "gitlab", "gl-code-quality-report.json", "application/json",
      "failures as GitLab's code quality report", report_gitlab },
    { "csv", "findings.csv", "text/csv",
      "one finding a line, for spreadsheets: no cell is a formula", report_csv },
    { "markdown", "report.md", "text/markdown", "the summary as Markdown, for tickets and wikis",
      report_markdown },
    { "prometheus", "metrics.prom", "text/plain",
      "counts as metrics, for Prometheus' textfile collector", report_prometheus },
    { "ocsf", "findings.ocsf.jsonl", "application/jsonl",
      "OCSF 1.5.0 compliance findings, one a line, for security lakes and SIEMs", report_ocsf },
    { "openreports", "openreports.json", "application/json",
      "ClusterReports of openreports.io, for kubectl apply", report_openreports },
    { "oscal", "oscal-assessment-results.json", "application/json",
      "OSCAL 1.1.3 assessment results, for GRC tools", report_oscal },
    { "framework", "framework.html", "text/html",
      "the evidence for the leading framework, requirement by requirement, to be handed over alone",
      report_assessment },
};
const size_t renderer_count = sizeof renderer / sizeof *renderer;

const struct renderer *renderer_find(struct str name)
{
    for (size_t i = 0; i < renderer_count; i++)
        if (str_eq_c(name, renderer[i].name))
            return &renderer[i];
    return NULL;
}

static bool file_add(struct sink *s, struct str bytes, struct err *err)
{
    return file_writer_add(((struct file_sink *)(void *)s)->file, bytes, err);
}

void file_sink_init(struct file_sink *s, struct file_writer *f)
{
    *s = (struct file_sink){ { file_add }, f };
}

static bool buf_add_bytes(struct sink *s, struct str bytes, struct err *err)
{
    struct buf *b = ((struct buf_sink *)(void *)s)->buf;
    buf_add(b, bytes);
    return buf_ok(b, "a report in memory", err);
}

void buf_sink_init(struct buf_sink *s, struct buf *b)
{
    *s = (struct buf_sink){ { buf_add_bytes }, b };
}
