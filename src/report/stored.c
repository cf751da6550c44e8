/* A report.json that was written before: where things stand in it, and its findings, one by one. */
#include "report/stored.h"

#include "base/rows.h"
#include "report/stored_value.h"
#include "report/tables.h"
#include "value/json_read.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART_BYTES_MAX ((size_t)1 << 30)
#define DEPTH_MAX      200

typedef ROWS_OF(uint64_t) places;
struct stored {
    struct str text;
    const char *name;
    struct result *r;
    places finding, table[TABLE_COUNT];
};

/* ---- where values stand: what is in them is read by json_read */

static size_t skip_space(struct str s, size_t at)
{
    while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\n' || s.p[at] == '\r' || s.p[at] == '\t'))
        at++;
    return at;
}

static size_t skip_string(struct str s, size_t at)
{
    for (at++; at < s.n && s.p[at] != '"'; at++)
        at += s.p[at] == '\\';
    return at < s.n ? at + 1 : SIZE_MAX;
}

/* The end of the value that begins at at; SIZE_MAX: there is none, or the text ends in it. */
static size_t skip_value(struct str s, size_t at)
{
    size_t depth = 0;
    if (at < s.n && s.p[at] == '"')
        return skip_string(s, at);
    for (size_t first = at; at < s.n; at++) {
        char c = s.p[at];
        if (c == '"') {
            at = skip_string(s, at);
            if (at == SIZE_MAX)
                return at;
            at--;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (depth && (c == '}' || c == ']')) {
            if (!--depth)
                return at + 1;
        } else if (!depth && (c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' ||
                              c == '\r' || c == '\t')) {
            return at > first ? at : SIZE_MAX;
        }
    }
    return SIZE_MAX;
}

/* One step through the items of a list or the entries of a map that begins at *at: after it *at is
 * at the next. */
struct step {
    struct str key, value;
    size_t value_at;
};
static bool next(struct step *out, struct str s, size_t *at, char close, bool first, bool *broken)
{
    *broken = true;
    *at = skip_space(s, *at);
    if (*at < s.n && s.p[*at] == close) {
        *broken = false;
        (*at)++;
        return false;
    }
    if (!first) {
        if (*at >= s.n || s.p[*at] != ',')
            return false;
        *at = skip_space(s, *at + 1);
    }
    if (close == '}') {
        size_t end = *at < s.n && s.p[*at] == '"' ? skip_string(s, *at) : SIZE_MAX;
        if (end == SIZE_MAX)
            return false;
        out->key = str_sub(s, *at + 1, end - 1);
        *at = skip_space(s, end);
        if (*at >= s.n || s.p[*at] != ':')
            return false;
        *at = skip_space(s, *at + 1);
    }
    size_t end = skip_value(s, *at);
    if (end == SIZE_MAX)
        return false;
    *broken = false;
    out->value_at = *at;
    out->value = str_sub(s, *at, end);
    *at = end;
    return true;
}

static bool cut_off(struct stored *d, size_t at, struct err *err)
{
    return err_set(err, ERR_INPUT, "%s is cut off or no JSON: at byte %zu of %zu", d->name, at,
                   d->text.n);
}

static bool find_items(places *out, struct stored *d, struct arena *a, const struct step *list,
                       struct err *err)
{
    size_t at = list->value_at + 1;
    bool broken = false, first = true;
    struct step item;
    if (!list->value.n || list->value.p[0] != '[')
        return err_set(err, ERR_INPUT, "%s: %.*s is no list", d->name, STR_ARG(list->key));
    for (; next(&item, d->text, &at, ']', first, &broken); first = false)
        *ROWS_PUSH(out, a) = item.value_at;
    return !broken || cut_off(d, at, err);
}

static bool find_tables(struct stored *d, struct arena *a, const struct step *tables,
                        struct err *err)
{
    size_t at = tables->value_at + 1;
    bool broken = false, first = true;
    struct step entry;
    if (!tables->value.n || tables->value.p[0] != '{')
        return err_set(err, ERR_INPUT, "%s: tables is no map", d->name);
    for (; next(&entry, d->text, &at, '}', first, &broken); first = false)
        for (size_t t = 0; t < TABLE_COUNT; t++)
            if (str_eq_c(entry.key, report_table_name[t]) && !d->table[t].count &&
                !find_items(&d->table[t], d, a, &entry, err))
                return false;
    return !broken || cut_off(d, at, err);
}

static bool read_span(struct value *out, struct stored *d, struct arena *a, struct str span,
                      const char *what, struct err *err)
{
    struct json_limits limits = { .depth = DEPTH_MAX, .bytes = PART_BYTES_MAX };
    return json_read(out, a, span, &limits, NULL, 0, err) ||
           err_prefix(err, "%s: %s", d->name, what);
}

/* All but findings and tables, which are only found. */
static bool find_parts(struct value *root, struct stored *d, struct arena *a, struct err *err)
{
    size_t at = skip_space(d->text, 0);
    bool broken = false, first = true, findings = false, tables = false;
    struct value_builder b;
    struct step entry;
    value_builder_init(&b, a);
    if (at >= d->text.n || d->text.p[at++] != '{')
        return err_set(err, ERR_INPUT, "%s is no report.json of kubevouch: it is no JSON object",
                       d->name);
    for (; next(&entry, d->text, &at, '}', first, &broken); first = false) {
        struct value v;
        if (str_eq_c(entry.key, "findings") && !findings) {
            findings = true;
            if (!find_items(&d->finding, d, a, &entry, err))
                return false;
        } else if (str_eq_c(entry.key, "tables") && !tables) {
            tables = true;
            if (!find_tables(d, a, &entry, err))
                return false;
        } else {
            if (!read_span(&v, d, a, entry.value, str_to_c(a, str_sub(entry.key, 0, 100)), err))
                return false;
            value_builder_put(&b, value_str(entry.key), v);
        }
    }
    if (broken || skip_space(d->text, at) < d->text.n)
        return cut_off(d, at, err);
    *root = value_builder_map(&b);
    return (findings && tables) ||
           err_set(err, ERR_INPUT, "%s is no report.json of kubevouch: it has no %s", d->name,
                   findings ? "tables" : "findings");
}

/* ---- findings */

/* The i-th of the values that were found one after the other: it ends before the comma that the
 * next one stands behind. */
static bool read_at(struct value *out, struct stored *d, struct arena *a, const places *p, size_t i,
                    const char *what, struct err *err)
{
    size_t at = *ROWS_AT(p, i), end;
    if (i + 1 == p->count) {
        end = skip_value(d->text, at);
    } else {
        end = *ROWS_AT(p, i + 1);
        while (end > at && strchr(", \n\r\t", d->text.p[end - 1]))
            end--;
    }
    return read_span(out, d, a, str_sub(d->text, at, end), what, err);
}

/* The row of a table that v names; null where there is no v. */
static bool read_row(struct value *out, struct stored *d, struct arena *a, const struct value *v,
                     enum report_table which, enum value_kind kind, struct err *err)
{
    *out = value_null();
    if (!v)
        return true;
    if (v->kind != VALUE_INT || v->as.i < 0 || (uint64_t)v->as.i >= d->table[which].count)
        return err_set(err, ERR_INPUT, "%s: a finding names a row of tables.%s that is not there",
                       d->name, report_table_name[which]);
    if (!read_at(out, d, a, &d->table[which], (size_t)v->as.i, report_table_name[which], err))
        return false;
    return out->kind == kind ||
           err_set(err, ERR_INPUT, "%s: row %lld of tables.%s is not what it should be", d->name,
                   (long long)v->as.i, report_table_name[which]);
}

/* Of the checks the one that has the i-th finding. */
static size_t check_of(const struct result *r, size_t i)
{
    size_t low = 0, high = r->check_count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        *(r->check[middle].first_finding <= i ? &low : &high) = middle;
    }
    while (low > 0 && r->check[low].finding_count == 0)
        low--;
    return low;
}

static bool read_object(struct finding *out, struct stored *d, struct arena *a, struct value v,
                        struct err *err)
{
    struct value o;
    const struct value *row = value_get(v, STR("object"));
    if (!row)
        return err_set(err, ERR_INPUT, "%s: a finding has no object", d->name);
    if (!read_row(&o, d, a, row, TABLE_OBJECTS, VALUE_MAP, err))
        return false;
    out->object = (struct object_ref){ .api_version = stored_text(o, "apiVersion"),
                                       .kind = stored_text(o, "kind"),
                                       .ns = stored_text(o, "namespace"),
                                       .name = stored_text(o, "name"),
                                       .uid = stored_text(o, "uid"),
                                       .resource_version = stored_text(o, "resourceVersion") };
    return true;
}

static void read_pods(struct finding *out, struct value v)
{
    struct value list = stored_list(v, "podExamples");
    out->pods = (uint32_t)stored_count(v, "pods");
    out->in_template = stored_flag(v, "inTemplate");
    for (uint32_t i = 0; i < list.n && i < COUNT_OF(out->pod_name); i++)
        out->pod_name[i] = value_text(value_item(list, i));
    if (out->pods == 1 && !list.n && str_eq_c(out->object.kind, "Pod"))
        out->pod_name[0] = out->object.name;
}

static bool read_explained(struct finding *out, struct stored *d, struct arena *a, struct value v,
                           struct err *err)
{
    struct value list = stored_list(v, "explained");
    out->explained = arena_array(a, struct explained, list.n);
    out->explained_count = list.n;
    for (uint32_t i = 0; i < list.n; i++) {
        struct value pair = value_item(list, i), text, value;
        if (pair.kind != VALUE_LIST || pair.n != 2)
            return err_set(err, ERR_INPUT, "%s: what explains a finding is not a pair of rows",
                           d->name);
        if (!read_row(&text, d, a, &pair.as.item[0], TABLE_EXPRESSIONS, VALUE_STRING, err) ||
            !read_row(&value, d, a, &pair.as.item[1], TABLE_VALUES, VALUE_STRING, err))
            return false;
        out->explained[i] = (struct explained){ value_text(text), value_text(value) };
    }
    return true;
}

static void read_place(struct finding *out, struct arena *a, struct value v)
{
    const struct value *place = value_get(v, STR("location"));
    if (place)
        out->place = (struct pos){ .file = str_to_c(a, stored_text(*place, "file")),
                                   .line = (uint32_t)stored_count(*place, "line"),
                                   .column = (uint32_t)stored_count(*place, "column") };
}

/* The part by its name. */
static bool find_part(struct finding *out, struct stored *d, struct value v, struct err *err)
{
    const struct check *c = d->r->check[out->check].check;
    struct str name = stored_text(v, "part");
    if (!str_eq(stored_text(v, "check"), c->id))
        return err_set(
            err, ERR_INPUT,
            "%s: the findings are not in the order of the checks, or not as many as these tell",
            d->name);
    while (out->part < c->part_count && !str_eq(c->part[out->part].name, name))
        out->part++;
    return out->part < c->part_count ||
           err_set(err, ERR_INPUT, "%s: a finding of check %.*s is of a part that it does not have",
                   d->name, STR_ARG(c->id));
}

static bool read_head(struct finding *out, struct value *v, struct stored *d, size_t i,
                      struct arena *a, struct err *err)
{
    struct stored_reading s = { .a = a, .name = d->name, .err = err, .ok = true };
    struct str print;
    *out = (struct finding){ .check = (uint32_t)check_of(d->r, i) };
    if (!read_at(v, d, a, &d->finding, i, "a finding", err) || !find_part(out, d, *v, err))
        return false;
    out->outcome = stored_verdict(&s, *v);
    out->cause = stored_cause(&s, *v);
    out->validation = (uint32_t)stored_count(*v, "validation");
    out->waiver = stored_waiver(&s, *v);
    out->is_new = stored_flag(*v, "new");
    print = stored_text(*v, "fingerprint");
    if (print.n != sizeof out->fingerprint - 1)
        return s.ok && err_set(err, ERR_INPUT, "%s: a finding of check %.*s has no fingerprint",
                               d->name, STR_ARG(stored_text(*v, "check")));
    memcpy(out->fingerprint, print.p, print.n);
    return s.ok && read_object(out, d, a, *v, err);
}

static bool glance(void *stored, struct finding *out, size_t i, struct arena *a, struct err *err)
{
    struct value v;
    if (!read_head(out, &v, stored, i, a, err))
        return false;
    read_pods(out, v);
    read_place(out, a, v);
    return true;
}

static bool read_whole(void *stored, struct finding *out, size_t i, struct arena *a,
                       struct err *err)
{
    struct stored *d = stored;
    struct value v, message;
    if (!read_head(out, &v, d, i, a, err))
        return false;
    read_pods(out, v);
    read_place(out, a, v);
    const struct value *seen = value_get(v, STR("observation"));
    if (seen) {
        struct stored_reading s = { .a = a, .name = d->name, .err = err, .ok = true };
        struct observation *o = arena_new(a, struct observation);
        stored_observation(&s, o, *seen);
        o->outcome = out->waiver ? VERDICT_FAIL : out->outcome;
        out->observation = o;
    }
    if (!read_row(&message, d, a, value_get(v, STR("message")), TABLE_MESSAGES, VALUE_STRING,
                  err) ||
        !read_row(&out->evidence, d, a, value_get(v, STR("evidence")), TABLE_EVIDENCE, VALUE_MAP,
                  err))
        return false;
    out->message = value_text(message);
    return read_explained(out, d, a, v, err);
}

/* Each is read once, so that a damaged document is refused before anything is made of it. */
static bool check_findings(struct stored *d, struct err *err)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    if (d->r->finding_count != d->finding.count)
        return err_set(err, ERR_INPUT, "%s has %zu findings, and its checks tell of %zu", d->name,
                       d->finding.count, d->r->finding_count);
    for (size_t i = 0; i < d->finding.count; i++) {
        struct finding f;
        if (!read_whole(d, &f, i, &scratch, err))
            return false;
        arena_reset(&scratch);
    }
    return true;
}

static bool is_same_score(const struct score *x, const struct score *y)
{
    bool same = x->has_score == y->has_score && x->low_permille == y->low_permille &&
                x->high_permille == y->high_permille;
    for (size_t i = 0; i < COUNT_OF(x->count); i++)
        same &= x->count[i] == y->count[i];
    return same;
}

/* A document is not believed a better score than its checks give, nor another count of them. */
static bool check_scores(struct stored *d, struct arena *a, struct err *err)
{
    struct result counted = *d->r;
    result_score(&counted, a);
    if (!is_same_score(&counted.score, &d->r->score))
        return err_set(err, ERR_INPUT,
                       "%s: the score and the counts in its summary are not those of its checks",
                       d->name);
    for (size_t i = 0; i < d->r->bench->section_count; i++)
        if (!is_same_score(&counted.section_score[i], &d->r->section_score[i]))
            return err_set(err, ERR_INPUT,
                           "%s: the score of section %.*s is not that of its checks", d->name,
                           STR_ARG(str_sub(d->r->bench->section[i].id, 0, 40)));
    return true;
}

static bool is_known_version(struct str version)
{
    return str_has_prefix(version, STR("2."));
}

bool stored_parse(struct result *out, struct arena *a, struct str text, const char *name,
                  struct err *err)
{
    struct stored *d = arena_new(a, struct stored);
    struct result *r = arena_new(a, struct result);
    struct stored_reading s = { .a = a,
                                .name = name,
                                .err = err,
                                .ok = true,
                                .r = r,
                                .bench = arena_new(a, struct benchmark),
                                .cluster = arena_new(a, struct cluster) };
    struct value root;
    d->text = text;
    d->name = name;
    d->r = r;
    if (!find_parts(&root, d, a, err))
        return false;
    struct str version = stored_text(root, "schemaVersion");
    if (!is_known_version(version))
        return err_set(err, ERR_INPUT,
                       "%s: schemaVersion is \"%.*s\"; formats are made of reports of version 2",
                       name, STR_ARG(str_sub(version, 0, 40)));
    cluster_init(s.cluster, a);
    r->cluster = s.cluster;
    r->bench = s.bench;
    stored_head(&s, root);
    stored_checks(&s, stored_list(root, "checks"));
    if (!s.ok || !check_scores(d, a, err))
        return false;
    stored_frameworks(&s, root);
    stored_evidence(&s, root);
    r->findings = (struct finding_source){ read_whole, glance, d, NULL };
    if (!s.ok || !check_findings(d, err))
        return false;
    *out = *r;
    return true;
}

struct mapped {
    void *p;
    size_t n;
};
static void unmap(void *mapped)
{
    struct mapped *m = mapped;
    (void)munmap(m->p, m->n);
}

bool stored_read(struct result *out, struct arena *a, const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot read %s: %s", path,
                       strerrordesc_np(errno));
    bool is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
    void *p = is_file ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    (void)close(fd);
    if (p == MAP_FAILED)
        return err_set(err, ERR_INPUT, "%s is no report.json of kubevouch: it is %s", path,
                       is_file ? "too large to be read" : "empty, or no file");
    struct mapped *m = arena_new(a, struct mapped);
    *m = (struct mapped){ p, (size_t)st.st_size };
    arena_defer(a, unmap, m);
    return stored_parse(out, a, str_of(p, m->n), path, err);
}
