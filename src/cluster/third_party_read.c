/* Reading other tools' results: kube-bench's JSON, trivy-operator's
 * (Cluster)InfraAssessmentReports. */
#include "cluster/third_party_read.h"

#include "base/file.h"
#include "value/decode.h"

#include <sys/stat.h>

enum format { FORMAT_KUBE_BENCH, FORMAT_TRIVY, FORMAT_COMPLIANCE_OPERATOR };
static const struct {
    enum format format;
    const char *benchmark, *id, *control;
} map_row[] = {
#define THIRD_PARTY(format, benchmark, id, control) { FORMAT_##format, benchmark, id, control },
#include "cluster/third_party_read.def"
#undef THIRD_PARTY
};

struct reader {
    struct third_party *out;
    struct arena *arena;
    struct str file;
    struct instant written;
    struct err *err;
};

static struct str control_of(enum format format, struct str benchmark, struct str id)
{
    for (size_t i = 0; i < COUNT_OF(map_row); i++) {
        if (map_row[i].format == format && str_glob(str_from_c(map_row[i].benchmark), benchmark) &&
            str_glob(str_from_c(map_row[i].id), id))
            return strcmp(map_row[i].control, "=") == 0 ? id : str_from_c(map_row[i].control);
    }
    return STR("");
}

static bool add(struct reader *r, enum format format, struct third_party_result x, struct str at,
                struct pos pos)
{
    if (r->out->result.count == THIRD_PARTY_RESULTS_MAX)
        return err_set_at(r->err, ERR_LIMIT, pos, "more than %u results of other tools",
                          THIRD_PARTY_RESULTS_MAX);
    if (!x.id.n)
        return err_set_at(r->err, ERR_INPUT, pos,
                          "a result does not say which control it is about");
    x.file = r->file;
    x.control = control_of(format, x.benchmark, x.id);
    x.seen = r->written;
    x.dated_by_file = !at.n;
    if (at.n && !clock_parse_rfc3339(at, &x.seen))
        return err_set_at(r->err, ERR_INPUT, pos, "\"%.*s\" is not an RFC 3339 time",
                          STR_ARG(str_sub(at, 0, 60)));
    *VEC_PUSH(&r->out->result, r->arena) = x;
    return true;
}

/* ---- kube-bench */

static const char *const kube_bench_word[] = { "PASS", "FAIL", "WARN", "INFO", NULL };
struct bench_result {
    struct str number, actual, reason;
    int status;
    struct pos pos;
};
struct bench_group {
    struct decode_list results;
};
struct bench_controls {
    struct str version, node_type;
    struct decode_list tests;
};
static const struct decode_field bench_result_field[] = {
    DECODE_AT(TEXT, struct bench_result, number, "test_number", DECODE_REQUIRED, pos),
    DECODE_NAMED(struct bench_result, status, "status", DECODE_REQUIRED, kube_bench_word),
    DECODE(TEXT, struct bench_result, actual, "actual_value", 0),
    DECODE(TEXT, struct bench_result, reason, "reason", 0),
};
static const struct decode_table bench_result_table = DECODE_TABLE(
    "a result of kube-bench", bench_result_field, struct bench_result, DECODE_ALLOW_UNKNOWN);
static const struct decode_field bench_group_field[] = {
    DECODE_ITEMS(struct bench_group, results, "results", 0, bench_result_table),
};
static const struct decode_table bench_group_table = DECODE_TABLE(
    "a group of kube-bench", bench_group_field, struct bench_group, DECODE_ALLOW_UNKNOWN);
static const struct decode_field bench_controls_field[] = {
    DECODE(STR, struct bench_controls, version, "version", DECODE_REQUIRED),
    DECODE(STR, struct bench_controls, node_type, "node_type", 0),
    DECODE_ITEMS(struct bench_controls, tests, "tests", 0, bench_group_table),
};
static const struct decode_table bench_controls_table = {
    "controls of kube-bench", bench_controls_field, COUNT_OF(bench_controls_field),
    sizeof(struct bench_controls), DECODE_ALLOW_UNKNOWN
};

static bool read_bench_controls(struct reader *r, const struct node *doc)
{
    struct bench_controls c = { 0 };
    if (!decode_node(&c, &bench_controls_table, doc, r->arena, r->err))
        return false;
    for (size_t g = 0; g < c.tests.count; g++) {
        const struct bench_group *group = &((const struct bench_group *)c.tests.item)[g];
        for (size_t i = 0; i < group->results.count; i++) {
            const struct bench_result *b = &((const struct bench_result *)group->results.item)[i];
            struct third_party_result x = { .tool = STR("kube-bench"),
                                            .benchmark = c.version,
                                            .id = b->number,
                                            .where = c.node_type,
                                            .verdict = str_from_c(kube_bench_word[b->status]),
                                            .detail = b->actual.n ? b->actual : b->reason };
            if (!add(r, FORMAT_KUBE_BENCH, x, STR(""), b->pos))
                return false;
        }
    }
    return true;
}

static bool read_bench_list(struct reader *r, const struct node *list)
{
    if (list->kind != NODE_LIST)
        return err_set_at(r->err, ERR_INPUT, list->pos,
                          "\"Controls\" of kube-bench must be a list");
    for (size_t i = 0; i < list->child_count; i++)
        if (!read_bench_controls(r, &list->child[i]))
            return false;
    return true;
}

/* ---- objects of the API */

struct meta_doc {
    struct str name, created;
    struct value labels, annotations;
};
static const struct decode_field meta_field[] = {
    DECODE(STR, struct meta_doc, name, "name", DECODE_REQUIRED),
    DECODE(TEXT, struct meta_doc, created, "creationTimestamp", 0),
    DECODE(VALUE, struct meta_doc, labels, "labels", 0),
    DECODE(VALUE, struct meta_doc, annotations, "annotations", 0),
};
static const struct decode_table meta_table =
    DECODE_TABLE("metadata", meta_field, struct meta_doc, DECODE_ALLOW_UNKNOWN);

struct trivy_check {
    struct str id, title;
    bool success;
    struct pos pos;
};
struct trivy_scanner {
    struct str name, version;
};
struct trivy_report {
    struct str updated;
    struct trivy_scanner scanner;
    struct decode_list checks;
};
struct trivy_doc {
    struct meta_doc meta;
    struct trivy_report report;
};
static const struct decode_field trivy_check_field[] = {
    DECODE_AT(STR, struct trivy_check, id, "checkID", DECODE_REQUIRED, pos),
    DECODE(STR, struct trivy_check, title, "title", 0),
    DECODE(BOOL, struct trivy_check, success, "success", DECODE_REQUIRED),
};
static const struct decode_table trivy_check_table =
    DECODE_TABLE("a check of Trivy", trivy_check_field, struct trivy_check, DECODE_ALLOW_UNKNOWN);
static const struct decode_field trivy_scanner_field[] = {
    DECODE(STR, struct trivy_scanner, name, "name", 0),
    DECODE(TEXT, struct trivy_scanner, version, "version", 0),
};
static const struct decode_table trivy_scanner_table =
    DECODE_TABLE("a scanner", trivy_scanner_field, struct trivy_scanner, DECODE_ALLOW_UNKNOWN);
static const struct decode_field trivy_report_field[] = {
    DECODE(TEXT, struct trivy_report, updated, "updateTimestamp", 0),
    DECODE_PART(struct trivy_report, scanner, "scanner", 0, trivy_scanner_table),
    DECODE_ITEMS(struct trivy_report, checks, "checks", 0, trivy_check_table),
};
static const struct decode_table trivy_report_table = DECODE_TABLE(
    "a report of Trivy", trivy_report_field, struct trivy_report, DECODE_ALLOW_UNKNOWN);
static const struct decode_field trivy_field[] = {
    DECODE_PART(struct trivy_doc, meta, "metadata", DECODE_REQUIRED, meta_table),
    DECODE_PART(struct trivy_doc, report, "report", DECODE_REQUIRED, trivy_report_table),
};
static const struct decode_table trivy_table =
    DECODE_TABLE("an InfraAssessmentReport", trivy_field, struct trivy_doc, DECODE_ALLOW_UNKNOWN);

/* "AVD-KCV-0048" and "KCV0048" are one. */
static struct str trivy_id(struct arena *a, struct str id)
{
    struct str number = STR("AVD-KCV-");
    return str_has_prefix(id, number)
               ? str_printf(a, "KCV%.*s", STR_ARG(str_sub(id, number.n, id.n)))
               : id;
}

static bool read_trivy(struct reader *r, const struct node *doc)
{
    struct trivy_doc d = { 0 };
    if (!decode_node(&d, &trivy_table, doc, r->arena, r->err))
        return false;
    struct str node = value_text_at(d.meta.labels, "trivy-operator.resource.name", NULL),
               version = d.report.scanner.version;
    struct str at = d.report.updated.n ? d.report.updated : d.meta.created;
    for (size_t i = 0; i < d.report.checks.count; i++) {
        const struct trivy_check *c = &((const struct trivy_check *)d.report.checks.item)[i];
        struct third_party_result x = { .tool = str_printf(r->arena, "Trivy%s%.*s",
                                                           version.n ? " " : "", STR_ARG(version)),
                                        .id = trivy_id(r->arena, c->id),
                                        .where = node.n ? node : d.meta.name,
                                        .verdict = c->success ? STR("PASS") : STR("FAIL"),
                                        .detail = c->title };
        if (!add(r, FORMAT_TRIVY, x, at, c->pos))
            return false;
    }
    return true;
}

static const char *const compliance_word[] = { "PASS",         "FAIL",  "INFO",
                                               "MANUAL",       "ERROR", "NOT-APPLICABLE",
                                               "INCONSISTENT", "SKIP",  NULL };
struct compliance_doc {
    struct meta_doc meta;
    int status;
    struct pos pos;
};
static const struct decode_field compliance_field[] = {
    DECODE_PART(struct compliance_doc, meta, "metadata", DECODE_REQUIRED, meta_table),
    { .key = "status",
      .type = DECODE_ENUM,
      .flags = DECODE_REQUIRED,
      .offset = offsetof(struct compliance_doc, status),
      .name = compliance_word,
      .pos_offset_plus1 = offsetof(struct compliance_doc, pos) + 1 },
};
static const struct decode_table compliance_table = { "a ComplianceCheckResult", compliance_field,
                                                      COUNT_OF(compliance_field),
                                                      sizeof(struct compliance_doc),
                                                      DECODE_ALLOW_UNKNOWN };

static bool read_compliance(struct reader *r, const struct node *doc)
{
    struct compliance_doc d = { 0 };
    if (!decode_node(&d, &compliance_table, doc, r->arena, r->err))
        return false;
    struct str rule = value_text_at(d.meta.annotations, "compliance.openshift.io/rule", NULL);
    struct str at =
        value_text_at(d.meta.annotations, "compliance.openshift.io/last-scanned-timestamp", NULL);
    struct third_party_result x = {
        .tool = STR("OpenShift Compliance Operator"),
        .benchmark = value_text_at(d.meta.labels, "compliance.openshift.io/suite", NULL),
        .id = rule.n ? rule : d.meta.name,
        .where = value_text_at(d.meta.labels, "compliance.openshift.io/scan-name", NULL),
        .verdict = str_from_c(compliance_word[d.status]),
        .detail = d.meta.name,
    };
    return add(r, FORMAT_COMPLIANCE_OPERATOR, x, at.n ? at : d.meta.created, d.pos);
}

/* ---- which it is */

static bool read_any(struct reader *r, const struct node *doc);

static bool read_items(struct reader *r, const struct node *items)
{
    if (items->kind != NODE_LIST)
        return err_set_at(r->err, ERR_INPUT, items->pos, "\"items\" must be a list");
    for (size_t i = 0; i < items->child_count; i++) {
        if (node_get(&items->child[i], "items"))
            return err_set_at(r->err, ERR_INPUT, items->child[i].pos, "a list within a list");
        if (!read_any(r, &items->child[i]))
            return false;
    }
    return true;
}

static bool read_any(struct reader *r, const struct node *doc)
{
    const struct node *kind = node_get(doc, "kind"), *controls = node_get(doc, "Controls"),
                      *items = node_get(doc, "items");
    struct str name = kind && kind->kind == NODE_SCALAR ? value_text(kind->scalar) : STR("");
    if (controls)
        return read_bench_list(r, controls);
    if (doc->kind == NODE_LIST && doc->child_count && node_get(&doc->child[0], "tests"))
        return read_bench_list(r, doc);
    if (!kind && node_get(doc, "tests") && node_get(doc, "version"))
        return read_bench_controls(r, doc);
    if (str_eq_c(name, "ClusterInfraAssessmentReport") || str_eq_c(name, "InfraAssessmentReport"))
        return read_trivy(r, doc);
    if (str_eq_c(name, "ComplianceCheckResult"))
        return read_compliance(r, doc);
    if (items && str_has_suffix(name, STR("List")))
        return read_items(r, items);
    return err_set_at(
        r->err, ERR_INPUT, doc->pos,
        "this is none of what can be imported: JSON of kube-bench, InfraAssessmentReports and "
        "ClusterInfraAssessmentReports of Trivy, ComplianceCheckResults of OpenShift");
}

bool third_party_parse(struct third_party *out, struct arena *a, struct str text, const char *file,
                       struct instant written, struct err *err)
{
    struct reader r = { out, a, str_from_c(file), written, err };
    struct node *doc;
    size_t count;
    if (!yaml_read(&doc, &count, a, text, file, err))
        return false;
    if (!count)
        return err_set(err, ERR_INPUT, "%s: is empty", file);
    for (size_t i = 0; i < count; i++)
        if (!read_any(&r, &doc[i]))
            return false;
    return true;
}

bool third_party_read(struct third_party *out, struct arena *a, const char *path, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(YAML_BYTES_MAX);
    struct stat st;
    if (!file_read(path, &text, err))
        return false;
    if (stat(path, &st) != 0)
        return err_set(err, ERR_IO, "%s cannot be looked at", path);
    return third_party_parse(out, a, buf_str(&text), path, (struct instant){ st.st_mtim.tv_sec, 0 },
                             err);
}
