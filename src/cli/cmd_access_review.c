/* kubevouch access-review: every right of every subject by the binding that gives it, for a person
 * to decide on. */
#include "base/file.h"
#include "base/names.h"
#include "cli/rights.h"
#include "report/safe.h"
#include "value/json_doc.h"

#define FIELD_BYTES_MAX   ((size_t)2 << 20)
#define EARLIER_BYTES_MAX ((size_t)256 << 20)

const char *const review_form_name[REVIEW_COUNT] = { "csv", "html", "json" };

/* One row: the chain from a subject to one rule. */
enum column {
    COL_SUBJECT,
    COL_WHERE,
    COL_RIGHT,
    COL_BINDING,
    COL_ROLE,
    COL_RISKS,
    COL_STATE,
    COL_CHANGE,
    COL_TOLD
};
static const char *const column_name[COL_TOLD] = { "subject", "where", "right", "binding",
                                                   "role",    "risks", "state", "change" };
/* For whoever reviews: left empty. */
static const char *const decision_name[] = { "decision", "reviewer", "date", "remark" };
#define DECISIONS (sizeof decision_name / sizeof *decision_name)

struct reviewing {
    const struct options *options;
    enum review_form form;
    struct arena *run, scratch;
    /* rights of the earlier review, by key -> its row; an entry is set to NULL when it was met
     * again */
    struct map earlier;
    bool has_earlier;
    size_t rows;
};

/* ---- writing ---- */

/* A spreadsheet takes what begins so for a formula. */
static bool is_formula(struct str s)
{
    return s.n && (strchr("=+-@\t\r", *s.p) != NULL);
}

static void put_csv(struct str s, bool last)
{
    struct buf safe CLEANUP(buf_release) = BUF_INIT(FIELD_BYTES_MAX);
    safe_terminal(&safe, s);
    struct str text = buf_str(&safe);
    putchar('"');
    if (is_formula(text))
        putchar('\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            putchar('"');
        putchar(text.p[i]);
    }
    fputs(last ? "\"\r\n" : "\",", stdout);
}

static void put_html(struct str s)
{
    struct buf safe CLEANUP(buf_release) = BUF_INIT(FIELD_BYTES_MAX);
    safe_html(&safe, s);
    (void)fwrite(safe.n ? safe.p : "", 1, safe.n, stdout);
}

static void put_json(struct reviewing *v, const struct str *text)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(FIELD_BYTES_MAX);
    struct value_builder b;
    value_builder_init(&b, &v->scratch);
    for (size_t c = 0; c < COL_TOLD; c++)
        value_builder_set(&b, column_name[c], value_str(text[c]));
    json_doc_write(&out, value_builder_map(&b), 0);
    printf("%s\n    %.*s", v->rows ? "," : "", STR_ARG(buf_str(&out)));
}

static void put_row(struct reviewing *v, const struct str *text)
{
    if (v->form == REVIEW_JSON) {
        put_json(v, text);
    } else if (v->form == REVIEW_CSV) {
        for (size_t c = 0; c < COL_TOLD; c++)
            put_csv(text[c], false);
        for (size_t c = 0; c < DECISIONS; c++)
            put_csv(STR(""), c + 1 == DECISIONS);
    } else {
        fputs("<tr>", stdout);
        for (size_t c = 0; c < COL_TOLD; c++) {
            fputs("<td>", stdout);
            put_html(text[c]);
            fputs("</td>", stdout);
        }
        puts("<td></td><td></td><td></td><td></td></tr>");
    }
    v->rows++;
    arena_reset(&v->scratch);
}

static void put_head(struct reviewing *v, const struct cluster *c)
{
    struct str name = c->context_name.n ? c->context_name : c->server_url;
    if (v->form == REVIEW_JSON) {
        struct buf out CLEANUP(buf_release) = BUF_INIT(FIELD_BYTES_MAX);
        json_doc_write(&out, value_str(name), 0);
        printf("{\n  \"review\": \"access\",\n  \"cluster\": %.*s,\n  \"rights\": [",
               STR_ARG(buf_str(&out)));
    } else if (v->form == REVIEW_CSV) {
        for (size_t i = 0; i < COL_TOLD; i++)
            put_csv(str_from_c(column_name[i]), false);
        for (size_t i = 0; i < DECISIONS; i++)
            put_csv(str_from_c(decision_name[i]), i + 1 == DECISIONS);
    } else {
        fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
              "name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Access "
              "review</title>\n"
              "<style>body{font:14px sans-serif}table{border-collapse:collapse}td,th{border:1px "
              "solid #999;padding:3px 6px;text-align:left;"
              "vertical-align:top;overflow-wrap:anywhere;min-width:6em}th{background:#eee}section{"
              "overflow-x:auto}</style></head>\n<body><main><h1>Access review</h1>\n<p>",
              stdout);
        put_html(name);
        fputs("</p>\n<section tabindex=\"0\" aria-label=\"Rights, a row each\"><table><thead><tr>",
              stdout);
        for (size_t i = 0; i < COL_TOLD; i++)
            printf("<th scope=\"col\">%s</th>", column_name[i]);
        for (size_t i = 0; i < DECISIONS; i++)
            printf("<th scope=\"col\">%s</th>", decision_name[i]);
        puts("</tr></thead><tbody>");
    }
}

static void put_foot(const struct reviewing *v)
{
    if (v->form == REVIEW_JSON)
        printf("%s]\n}\n", v->rows ? "\n  " : "");
    else if (v->form == REVIEW_HTML)
        puts("</tbody></table></section></main></body></html>");
}

/* ---- an earlier one ---- */

static struct str key_of(struct arena *a, const struct str *text)
{
    struct buf key CLEANUP(buf_release) = BUF_INIT(FIELD_BYTES_MAX);
    for (size_t c = COL_SUBJECT; c <= COL_ROLE; c++)
        buf_addf(&key, "%zu:%.*s", text[c].n, STR_ARG(text[c]));
    return str_dup(a, buf_str(&key));
}

static bool read_earlier(struct reviewing *v, struct str path, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(EARLIER_BYTES_MAX);
    struct value doc;
    const char *name = str_to_c(v->run, path);
    if (!file_read(name, &text, err) ||
        !json_doc_read(&doc, v->run, str_dup(v->run, buf_str(&text)), name, err))
        return false;
    const struct value *rights = value_get(doc, STR("rights"));
    if (!str_eq_c(value_text_at(doc, "review", NULL), "access") || !rights ||
        rights->kind != VALUE_LIST)
        return err_set(err, ERR_INPUT, "%s is no access review in JSON", name);
    for (uint32_t i = 0; i < rights->n; i++) {
        struct str *row = arena_array(v->run, struct str, COL_TOLD);
        for (size_t c = 0; c < COL_TOLD; c++)
            row[c] = value_text_at(value_item(*rights, i), column_name[c], NULL);
        if (!str_eq_c(row[COL_CHANGE], "gone"))
            map_put(&v->earlier, key_of(v->run, row), row);
    }
    v->has_earlier = true;
    return true;
}

static struct str change_of(struct reviewing *v, const struct str *row)
{
    if (!v->has_earlier)
        return STR("");
    struct str key = key_of(&v->scratch, row);
    if (!map_has(&v->earlier, key))
        return STR("new");
    map_put(&v->earlier, key, NULL);
    return STR("as before");
}

static void put_gone(struct reviewing *v)
{
    for (size_t i = 0; i < v->earlier.count; i++) {
        struct str *row = v->earlier.entry[i].val;
        if (!row)
            continue;
        row[COL_CHANGE] = STR("gone");
        put_row(v, row);
    }
}

/* ---- what is there ---- */

static struct str risks_text(struct reviewing *v, uint64_t set)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(FIELD_BYTES_MAX);
    for (size_t r = 0; r < RISK_COUNT; r++)
        if (set >> r & 1)
            buf_addf(&out, "%s%s", out.n ? " " : "", risk_info[r].id);
    return str_dup(&v->scratch, buf_str(&out));
}

static struct str state_of(const struct cluster *c, const struct rbac_subject *s)
{
    if (s->kind != RBAC_SERVICE_ACCOUNT)
        return STR("");
    if (cluster_find(c, KIND_SERVICEACCOUNTS, s->ns, s->name))
        return STR("exists");
    return c->coverage[KIND_SERVICEACCOUNTS].state == COVERAGE_COMPLETE ? STR("does not exist")
                                                                        : STR("not seen");
}

struct reviewed {
    const struct rbac *rbac;
    const struct cluster *cluster;
    const struct rbac_subject *subject;
    uint64_t risks;
};

static void put_right(struct reviewing *v, const struct reviewed *w, const struct rbac_binding *b,
                      const struct rbac_rule *rule)
{
    struct arena *a = &v->scratch;
    struct str row[COL_TOLD];
    row[COL_SUBJECT] = rbac_subject_text(a, w->subject);
    row[COL_WHERE] = b->cluster ? STR("whole cluster") : b->ns;
    row[COL_RIGHT] =
        rule ? rights_rule_text(a, rule) : STR("the role does not exist: whoever makes it decides");
    row[COL_BINDING] = rbac_binding_text(a, b);
    row[COL_ROLE] = rbac_role_ref_text(a, b);
    row[COL_RISKS] = risks_text(v, w->risks);
    row[COL_STATE] = state_of(w->cluster, w->subject);
    row[COL_CHANGE] = change_of(v, row);
    put_row(v, row);
}

static void put_subject(struct reviewing *v, const struct reviewed *w)
{
    for (size_t i = 0; i < w->subject->binding.count; i++) {
        const struct rbac_binding *b = &w->rbac->binding.item[w->subject->binding.item[i]];
        const struct rbac_role *role = rbac_role_of(w->rbac, b);
        if (!role)
            put_right(v, w, b, NULL);
        for (size_t k = 0; role && k < role->rule_count; k++)
            put_right(v, w, b, &role->rule[k]);
    }
}

static int by_subject(const void *a, const void *b)
{
    const struct rbac_subject *x = *(const struct rbac_subject *const *)a,
                              *y = *(const struct rbac_subject *const *)b;
    int order = x->kind != y->kind ? (x->kind < y->kind ? -1 : 1) : str_cmp(x->ns, y->ns);
    return order ? order : str_cmp(x->name, y->name);
}

static void answer(void *ctx, struct facts *facts, const struct cluster *cluster)
{
    struct reviewing *v = ctx;
    const struct rbac *r = facts_rbac(facts);
    const struct rbac_subject **subject =
        arena_array(v->run, const struct rbac_subject *, r->subject.count);
    for (size_t i = 0; i < r->subject.count; i++)
        subject[i] = &r->subject.item[i];
    if (r->subject.count)
        qsort(subject, r->subject.count, sizeof *subject, by_subject);
    put_head(v, cluster);
    for (size_t i = 0; i < r->subject.count; i++) {
        struct reviewed w = { r, cluster, subject[i], facts_risks(facts, subject[i]) };
        put_subject(v, &w);
    }
    put_gone(v);
    put_foot(v);
}

enum exit_status cmd_access_review(const struct options *o, struct arena *run, struct err *err)
{
    struct reviewing *v = arena_new(run, struct reviewing);
    v->options = o;
    v->run = run;
    v->form = o->review_format.n
                  ? (enum review_form)names_find(review_form_name, REVIEW_COUNT, o->review_format)
                  : REVIEW_CSV;
    map_init(&v->earlier, run);
    if (o->since.n && !read_earlier(v, o->since, err))
        return EXIT_USAGE;
    enum exit_status status = rights_read(o, answer, v, run, err);
    arena_release(&v->scratch);
    return status;
}
