/* Reports for CI systems and spreadsheets: junit.xml, annotations.txt, gl-code-quality-report.json,
 * findings.csv. */
#include "report/report.h"
#include "report/safe.h"
#include "value/json_doc.h"

#define LINE_BYTES_MAX ((size_t)16 << 20)

/* One line in memory at a time. */
struct lines {
    struct sink *out;
    struct err *err;
    struct buf text;
    struct arena scratch;
    bool ok;
};

static void lines_open(struct lines *l, struct sink *out, struct err *err)
{
    *l = (struct lines){ .out = out, .err = err, .ok = true };
    buf_init(&l->text, LINE_BYTES_MAX);
}

static void put(struct lines *l)
{
    l->ok = l->ok && buf_ok(&l->text, "one line of the report", l->err) &&
            l->out->add(l->out, buf_str(&l->text), l->err);
    buf_reset(&l->text);
    arena_reset(&l->scratch);
}

static bool lines_close(struct lines *l)
{
    buf_release(&l->text);
    arena_release(&l->scratch);
    return l->ok;
}

/* The i-th finding, until the next put; false: it is not of the outcome, or cannot be had. */
static bool finding_of(struct finding *f, struct lines *l, const struct result *r, size_t i,
                       bool failures)
{
    l->ok = l->ok && result_finding_glance(r, f, i, &l->scratch, l->err);
    if (!l->ok || (failures && f->outcome != VERDICT_FAIL))
        return false;
    l->ok = result_finding(r, f, i, &l->scratch, l->err);
    return l->ok;
}

static struct str about(struct arena *a, const struct finding *f)
{
    return str_printf(a, "%.*s: %.*s", STR_ARG(object_ref_text(a, f->object)), STR_ARG(f->message));
}

/* A path below the folder that the run began in, as CI systems name it. */
static struct str path_of(const struct finding *f)
{
    struct str s = str_from_c(f->place.file);
    return str_has_prefix(s, STR("./")) ? str_sub(s, 2, s.n) : s;
}

/* ---- JUnit */

static void put_failures(struct lines *l, const struct result *r, const struct check_result *c)
{
    buf_addf(&l->text, "<failure type=\"%s\" message=\"", severity_name[c->check->severity]);
    safe_html(&l->text, c->reason);
    buf_add_c(&l->text, "\">");
    put(l);
    for (size_t i = 0; i < c->finding_count; i++) {
        struct finding f;
        if (!finding_of(&f, l, r, c->first_finding + i, true))
            continue;
        if (f.place.file) {
            safe_html(&l->text, path_of(&f));
            buf_addf(&l->text, ":%u:%u: ", f.place.line, f.place.column);
        }
        safe_html(&l->text, about(&l->scratch, &f));
        buf_add_char(&l->text, '\n');
        put(l);
    }
    buf_add_c(&l->text, "</failure>");
}

static void put_case(struct lines *l, const struct result *r, const struct check_result *c)
{
    bool skipped =
        c->verdict != VERDICT_PASS && c->verdict != VERDICT_ATTESTED && c->verdict != VERDICT_FAIL;
    buf_add_c(&l->text, "<testcase classname=\"");
    safe_html(&l->text, r->bench->id);
    buf_add_c(&l->text, "\" name=\"");
    safe_html(&l->text, str_printf(&l->scratch, "%.*s %.*s", STR_ARG(c->check->id),
                                   STR_ARG(c->check->title)));
    buf_add_c(&l->text, "\">");
    if (c->verdict == VERDICT_FAIL) {
        put_failures(l, r, c);
    } else if (skipped) {
        buf_add_c(&l->text, "<skipped message=\"");
        safe_html(&l->text, str_printf(&l->scratch, "%s: %.*s", verdict_name(c->verdict),
                                       STR_ARG(c->reason)));
        buf_add_c(&l->text, "\"/>");
    }
    buf_add_c(&l->text, "</testcase>\n");
    put(l);
}

bool report_junit(const struct result *r, struct sink *out, struct err *err)
{
    struct lines l;
    size_t all = 0, failed = 0, skipped = 0;
    lines_open(&l, out, err);
    for (size_t i = 0; i < r->check_count; i++) {
        const struct check_result *c = &r->check[i];
        all += !c->is_outside;
        failed += c->verdict == VERDICT_FAIL;
        skipped += !c->is_outside && c->verdict != VERDICT_FAIL && c->verdict != VERDICT_PASS &&
                   c->verdict != VERDICT_ATTESTED;
    }
    buf_add_c(&l.text,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites><testsuite name=\"");
    safe_html(&l.text, r->bench->title);
    buf_addf(&l.text,
             "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.3f\">\n", all,
             failed, skipped, (double)r->run.wall_ms / 1000);
    put(&l);
    for (size_t i = 0; i < r->check_count; i++)
        if (!r->check[i].is_outside)
            put_case(&l, r, &r->check[i]);
    buf_add_c(&l.text, "</testsuite></testsuites>\n");
    put(&l);
    return lines_close(&l);
}

/* ---- GitHub: workflow commands ("Workflow commands for GitHub Actions") */

static void put_command(struct lines *l, const struct check *c, const struct finding *f)
{
    buf_addf(&l->text, "::%s ",
             c->severity >= SEVERITY_HIGH     ? "error"
             : c->severity == SEVERITY_MEDIUM ? "warning"
                                              : "notice");
    if (f->place.file) {
        buf_add_c(&l->text, "file=");
        safe_workflow(&l->text, path_of(f), true);
        buf_addf(&l->text, ",line=%u,col=%u,", f->place.line ? f->place.line : 1,
                 f->place.column ? f->place.column : 1);
    }
    buf_add_c(&l->text, "title=");
    safe_workflow(&l->text, str_printf(&l->scratch, "%.*s %.*s", STR_ARG(c->id), STR_ARG(c->title)),
                  true);
    buf_add_c(&l->text, "::");
    safe_workflow(&l->text, about(&l->scratch, f), false);
    buf_add_char(&l->text, '\n');
    put(l);
}

bool report_github(const struct result *r, struct sink *out, struct err *err)
{
    struct lines l;
    lines_open(&l, out, err);
    for (size_t i = 0; i < r->finding_count; i++) {
        struct finding f;
        if (finding_of(&f, &l, r, i, true))
            put_command(&l, r->check[f.check].check, &f);
    }
    return lines_close(&l);
}

/* ---- GitLab */

static struct value issue_of(struct arena *a, const struct check *c, const struct finding *f)
{
    static const char *const severity[SEVERITY_COUNT] = { "info", "minor", "major", "critical",
                                                          "blocker" };
    struct value_builder b, location, lines;
    value_builder_init(&lines, a);
    value_builder_set(&lines, "begin", value_int(f->place.line ? f->place.line : 1));
    value_builder_init(&location, a);
    value_builder_set(&location, "path",
                      value_str(f->place.file ? path_of(f) : object_ref_text(a, f->object)));
    value_builder_set(&location, "lines", value_builder_map(&lines));
    value_builder_init(&b, a);
    value_builder_set(&b, "description",
                      value_str(str_printf(a, "%.*s %.*s: %.*s", STR_ARG(c->id), STR_ARG(c->title),
                                           STR_ARG(about(a, f)))));
    value_builder_set(&b, "check_name", value_str(c->id));
    value_builder_set(&b, "fingerprint", value_str(str_from_c(f->fingerprint)));
    value_builder_set(&b, "severity", value_cstr(severity[c->severity]));
    value_builder_set(&b, "location", value_builder_map(&location));
    return value_builder_map(&b);
}

bool report_gitlab(const struct result *r, struct sink *out, struct err *err)
{
    struct lines l;
    bool comma = false;
    lines_open(&l, out, err);
    buf_add_c(&l.text, "[");
    for (size_t i = 0; i < r->finding_count; i++) {
        struct finding f;
        if (!finding_of(&f, &l, r, i, true))
            continue;
        buf_add_c(&l.text, comma ? ",\n " : "\n ");
        comma = true;
        json_doc_write(&l.text, issue_of(&l.scratch, r->check[f.check].check, &f), 0);
        put(&l);
    }
    buf_add_c(&l.text, "]\n");
    put(&l);
    return lines_close(&l);
}

/* ---- CSV */

static void put_cells(struct lines *l, const struct str *cell, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_add_char(&l->text, ',');
        safe_csv(&l->text, cell[i]);
    }
    buf_add_c(&l->text, "\r\n");
    put(l);
}

bool report_csv(const struct result *r, struct sink *out, struct err *err)
{
    static const struct str head[] = {
        STR_INIT("check"), STR_INIT("title"),     STR_INIT("severity"), STR_INIT("verdict"),
        STR_INIT("kind"),  STR_INIT("namespace"), STR_INIT("name"),     STR_INIT("message"),
        STR_INIT("file"),  STR_INIT("line"),      STR_INIT("column"),   STR_INIT("fingerprint")
    };
    struct lines l;
    lines_open(&l, out, err);
    put_cells(&l, head, COUNT_OF(head));
    for (size_t i = 0; i < r->finding_count; i++) {
        struct finding of;
        const struct finding *f = &of;
        if (!finding_of(&of, &l, r, i, false))
            break;
        const struct check *c = r->check[f->check].check;
        struct arena *a = &l.scratch;
        const struct str cell[] = { c->id,
                                    c->title,
                                    str_from_c(severity_name[c->severity]),
                                    str_from_c(verdict_name(f->outcome)),
                                    f->object.kind,
                                    f->object.ns,
                                    f->object.name,
                                    f->message,
                                    path_of(f),
                                    f->place.line ? str_printf(a, "%u", f->place.line) : STR(""),
                                    f->place.line ? str_printf(a, "%u", f->place.column) : STR(""),
                                    str_from_c(f->fingerprint) };
        put_cells(&l, cell, COUNT_OF(cell));
    }
    return lines_close(&l);
}
