/* The Prometheus text of /metrics, read line by line as it arrives: megabytes go by, the few
 * families of metrics.def stay. */
#include "cluster/metrics.h"

#include <math.h>

#define KEPT_LABELS_MAX 4u

struct series {
    struct str label[KEPT_LABELS_MAX];
    double value;
};
struct metric_family {
    struct str name;
    struct str label[KEPT_LABELS_MAX];
    size_t label_count;
    struct map by_labels; /* label values, joined -> index + 1 */
    VEC(struct series) series;
};

static const struct {
    struct str name;
    struct str labels;
} kept[] = {
#define METRIC(family, labels) { STR_INIT(family), STR_INIT(labels) },
#include "cluster/metrics.def"
#undef METRIC
};
#define KEPT_COUNT (sizeof kept / sizeof *kept)

void metrics_open(struct metrics *m, struct arena *a)
{
    *m = (struct metrics){ .arena = a, .family = arena_array(a, struct metric_family, KEPT_COUNT) };
    buf_init(&m->line, METRICS_LINE_BYTES_MAX);
    for (size_t i = 0; i < KEPT_COUNT; i++) {
        struct metric_family *f = &m->family[i];
        struct str rest = kept[i].labels, field;
        f->name = kept[i].name;
        map_init(&f->by_labels, a);
        while (str_next_field(&rest, ' ', &field)) {
            if (!field.n)
                continue;
            INVARIANT(f->label_count < KEPT_LABELS_MAX);
            f->label[f->label_count++] = field;
        }
    }
}

void metrics_close(struct metrics *m)
{
    buf_release(&m->line);
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == ':';
}

/* The metric name at the start of line; empty for comments and blank lines. */
static struct str name_of(struct str line)
{
    size_t n = 0;
    while (n < line.n && is_name_char(line.p[n]))
        n++;
    return str_sub(line, 0, n);
}

bool metrics_keeps_line(struct str line)
{
    struct str name = name_of(line);
    for (size_t i = 0; i < KEPT_COUNT; i++)
        if (str_eq(name, kept[i].name))
            return true;
    return false;
}

/* NULL: not kept. */
static struct metric_family *find_family(struct metrics *m, struct str name)
{
    for (size_t i = 0; i < KEPT_COUNT; i++) {
        if (str_eq(m->family[i].name, name))
            return &m->family[i];
    }
    return NULL;
}

static size_t skip_blanks(struct str line, size_t at)
{
    while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\t'))
        at++;
    return at;
}

/* The quoted text at *at, escapes undone; leaves *at behind the closing quote. */
static bool read_quoted(struct arena *a, struct str line, size_t *at, struct str *out)
{
    size_t i = *at, n = 0;
    if (i >= line.n || line.p[i++] != '"')
        return false;
    char *text = arena_alloc(a, line.n - i);
    for (; i < line.n && line.p[i] != '"'; i++) {
        char c = line.p[i];
        if (c == '\\') {
            if (++i == line.n)
                return false;
            c = line.p[i] == 'n' ? '\n' : line.p[i];
        }
        text[n++] = c;
    }
    if (i >= line.n)
        return false;
    *at = i + 1;
    *out = str_of(text, n);
    return true;
}

/* Labels at *at ("{a="x",b="y"}"), of which the family's are put into s. */
static bool read_labels(struct arena *a, struct str line, size_t *at, const struct metric_family *f,
                        struct series *s)
{
    size_t i = skip_blanks(line, *at + 1);
    for (size_t count = 0; i < line.n && line.p[i] != '}'; count++) {
        struct str name = name_of(str_sub(line, i, line.n)), value;
        i = skip_blanks(line, i + name.n);
        if (!name.n || count == METRICS_LABELS_MAX || i >= line.n || line.p[i] != '=')
            return false;
        i = skip_blanks(line, i + 1);
        if (!read_quoted(a, line, &i, &value))
            return false;
        for (size_t k = 0; k < f->label_count; k++) {
            if (str_eq(f->label[k], name))
                s->label[k] = value;
        }
        i = skip_blanks(line, i);
        if (i < line.n && line.p[i] == ',')
            i = skip_blanks(line, i + 1);
        else if (i >= line.n || line.p[i] != '}')
            return false;
    }
    if (i >= line.n)
        return false;
    *at = i + 1;
    return true;
}

static bool read_number(struct str text, double *out)
{
    static const struct {
        const char *text;
        double value;
    } special[] = {
        { "+Inf", INFINITY }, { "-Inf", -INFINITY }, { "Inf", INFINITY }, { "NaN", NAN }
    };
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
        if (str_eq_c(text, special[i].text)) {
            *out = special[i].value;
            return true;
        }
    }
    return str_to_double(text, out);
}

/* line is a whole line of f: name, labels, value, maybe a time stamp, which is not looked at. */
static bool read_series(struct arena *a, struct str line, const struct metric_family *f,
                        struct series *out)
{
    size_t at = skip_blanks(line, f->name.n);
    if (at < line.n && line.p[at] == '{' && !read_labels(a, line, &at, f, out))
        return false;
    struct str value, rest;
    str_cut(str_trim(str_sub(line, at, line.n)), ' ', &value, &rest);
    return read_number(value, &out->value);
}

static bool add_series(struct metrics *m, struct metric_family *f, const struct series *s,
                       struct err *err)
{
    /* Lengths in front keep ("ab", "c") apart from ("a", "bc"). */
    struct str part[2 * KEPT_LABELS_MAX];
    for (size_t i = 0; i < f->label_count; i++) {
        part[2 * i] = str_printf(m->arena, "%zu:", s->label[i].n);
        part[2 * i + 1] = s->label[i];
    }
    bool created;
    void **at =
        map_at(&f->by_labels, str_join(m->arena, part, 2 * f->label_count, STR("")), &created);
    if (!created) {
        f->series.item[(uintptr_t)*at - 1].value += s->value;
        return true;
    }
    if (m->series_count == METRICS_SERIES_MAX)
        return err_set(err, ERR_LIMIT, "metrics: more than %u series in the families that are kept",
                       METRICS_SERIES_MAX);
    m->series_count++;
    *VEC_PUSH(&f->series, m->arena) = *s;
    *at = (void *)(uintptr_t)f->series.count;
    return true;
}

static bool take_line(struct metrics *m, struct str line, struct err *err)
{
    m->line_number++;
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    struct metric_family *f = find_family(m, name_of(line));
    if (!f)
        return true;
    struct arena_mark mark = arena_mark(m->arena);
    uint32_t known = m->series_count;
    struct series s = { 0 };
    if (!read_series(m->arena, line, f, &s))
        return err_set(err, ERR_INPUT, "metrics: line %u: cannot read the series \"%.*s\"",
                       m->line_number, (int)(line.n > 120 ? 120 : line.n), line.p);
    bool ok = add_series(m, f, &s, err);
    if (ok && known == m->series_count)
        arena_reset_to(m->arena, mark); /* added to one there was: nothing new is kept */
    return ok;
}

/* The line so far is all that fits: drop it if it is of no interest. */
static bool overflow(struct metrics *m, struct str more, struct err *err)
{
    struct str begun = m->line.n ? buf_str(&m->line) : more;
    if (find_family(m, name_of(begun)))
        return err_set(err, ERR_LIMIT,
                       "metrics: line %u of family \"%.*s\" is longer than %u bytes",
                       m->line_number + 1, STR_ARG(name_of(begun)), METRICS_LINE_BYTES_MAX);
    buf_reset(&m->line);
    m->skipping = true;
    return true;
}

/* more is a piece of a line, without its end. */
static bool hold(struct metrics *m, struct str more, struct err *err)
{
    if (m->skipping || !more.n)
        return true;
    if (m->line.n + more.n >= METRICS_LINE_BYTES_MAX)
        return overflow(m, more, err);
    buf_add(&m->line, more);
    return true;
}

bool metrics_feed(struct metrics *m, struct str chunk, struct err *err)
{
    while (chunk.n) {
        size_t end = str_find_char(chunk, '\n', 0);
        if (end == SIZE_MAX)
            return hold(m, chunk, err);
        struct str line = str_sub(chunk, 0, end);
        chunk = str_sub(chunk, end + 1, chunk.n);
        if (m->line.n || line.n >= METRICS_LINE_BYTES_MAX) {
            if (!hold(m, line, err))
                return false;
            line = buf_str(&m->line);
        }
        if (m->skipping) {
            m->skipping = false;
            m->line_number++;
        } else if (!take_line(m, line, err)) {
            return false;
        }
        buf_reset(&m->line);
    }
    return true;
}

static struct value family_value(struct arena *a, const struct metric_family *f)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < f->series.count; i++) {
        struct value_builder row;
        value_builder_init(&row, a);
        for (size_t k = 0; k < f->label_count; k++)
            value_builder_put(&row, value_str(f->label[k]),
                              value_str(str_dup(a, f->series.item[i].label[k])));
        value_builder_set(&row, "value", value_double(f->series.item[i].value));
        value_builder_push(&list, value_builder_map(&row));
    }
    return value_builder_list(&list);
}

bool metrics_end(struct metrics *m, struct value *out, struct err *err)
{
    if (m->line.n || m->skipping)
        return err_set(err, ERR_INPUT, "metrics: the text ends inside line %u", m->line_number + 1);
    struct value_builder b;
    value_builder_init(&b, m->arena);
    for (size_t i = 0; i < KEPT_COUNT; i++) {
        if (m->family[i].series.count)
            value_builder_put(&b, value_str(m->family[i].name),
                              family_value(m->arena, &m->family[i]));
    }
    *out = value_builder_map(&b);
    return true;
}

bool metrics_read(struct value *out, struct arena *a, struct str text, struct err *err)
{
    struct metrics m;
    metrics_open(&m, a);
    bool ok = metrics_feed(&m, text, err) && metrics_end(&m, out, err);
    metrics_close(&m);
    return ok;
}
