/* A manual page laid out to be read: roff as far as our own pages use it, into lines of words. */
#include "cli/command.h"

#define BODY  7u /* columns before a paragraph */
#define UNDER 7u /* and further before what belongs to a tag */

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_UNDERLINED, STYLE_COUNT };

struct layout {
    struct buf *out;
    size_t width, indent, column;
    bool styles, tag, as_is;
    enum style style;
};

static void put_style(struct layout *l, enum style s)
{
    static const char *const sequence[STYLE_COUNT] = { "\033[0m", "\033[1m", "\033[4m" };
    if (l->styles)
        buf_add_c(l->out, sequence[s]);
}

static void set_style(struct layout *l, enum style s)
{
    if (l->style != s && l->style != STYLE_PLAIN)
        put_style(l, STYLE_PLAIN);
    if (l->style != s && s != STYLE_PLAIN)
        put_style(l, s);
    l->style = s;
}

/* An underlined margin looks like a rule. */
static void pad(struct layout *l, size_t to)
{
    enum style s = l->style;
    if (l->column < to)
        set_style(l, STYLE_PLAIN);
    for (; l->column < to; l->column++)
        buf_add_char(l->out, ' ');
    set_style(l, s);
}

static void end_line(struct layout *l)
{
    enum style s = l->style;
    if (!l->column)
        return;
    set_style(l, STYLE_PLAIN);
    buf_add_char(l->out, '\n');
    l->column = 0;
    set_style(l, s);
}

static void blank_line(struct layout *l)
{
    end_line(l);
    if (l->out->n)
        buf_add_char(l->out, '\n');
}

/* One escape at p[0] == '\\': what it shows, or the style it begins; how many bytes it has. */
static size_t escape(struct str s, const char **shows, enum style *begins)
{
    static const struct {
        const char *text, *shows;
        enum style style;
    } row[] = {
        { "\\fB", NULL, STYLE_BOLD },
        { "\\fI", NULL, STYLE_UNDERLINED },
        { "\\fR", NULL, STYLE_PLAIN },
        { "\\-", "-", 0 },
        { "\\e", "\\", 0 },
        { "\\&", "", 0 },
        { "\\(bu", "*", 0 },
        { "\\(aq", "'", 0 },
        { "\\(ha", "^", 0 },
        { "\\(ti", "~", 0 },
        { "\\(ga", "`", 0 },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (!str_has_prefix(s, str_from_c(row[i].text)))
            continue;
        *shows = row[i].shows;
        *begins = row[i].style;
        return strlen(row[i].text);
    }
    *shows = "\\";
    return 1;
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t columns_of(struct str word)
{
    size_t n = 0;
    for (size_t i = 0, k; i < word.n; i += k) {
        const char *shows = "x";
        enum style s;
        k = word.p[i] == '\\' ? escape(str_sub(word, i, word.n), &shows, &s) : 1;
        if (shows && !continues(word.p[i]))
            n += strlen(shows);
    }
    return n;
}

static void put_word(struct layout *l, struct str word)
{
    for (size_t i = 0, k; i < word.n; i += k) {
        const char *shows = NULL;
        enum style s = l->style;
        if (word.p[i] != '\\') {
            k = 1;
            buf_add_char(l->out, word.p[i]);
            l->column += !continues(word.p[i]);
            continue;
        }
        k = escape(str_sub(word, i, word.n), &shows, &s);
        if (shows) {
            buf_add_c(l->out, shows);
            l->column += strlen(shows);
        } else {
            set_style(l, s);
        }
    }
}

static void put_words(struct layout *l, struct str text)
{
    struct str word;
    while (str_next_field(&text, ' ', &word)) {
        size_t n = columns_of(word);
        if (l->column > l->indent && l->column + 1 + n > l->width)
            end_line(l);
        if (l->column > l->indent && n)
            pad(l, l->column + 1);
        pad(l, l->indent);
        put_word(l, word);
    }
}

static void put_text(struct layout *l, struct str line)
{
    if (l->as_is) {
        pad(l, l->indent);
        put_word(l, line);
        if (!l->column)
            buf_add_char(l->out, '\n');
        end_line(l);
        return;
    }
    put_words(l, line);
    if (!l->tag)
        return;
    l->tag = false;
    l->indent = BODY + UNDER;
    if (l->column >= l->indent)
        end_line(l);
}

static void heading(struct layout *l, struct str text, size_t column)
{
    blank_line(l);
    pad(l, column);
    set_style(l, STYLE_BOLD);
    put_word(l, text);
    set_style(l, STYLE_PLAIN);
    end_line(l);
    l->indent = BODY;
}

/* KUBEVOUCH 1 "" "kubevouch 0.1.0" "User Commands" */
static void title(struct layout *l, struct str rest)
{
    struct str name = rest, section = rest, field;
    (void)str_next_field(&rest, ' ', &name);
    (void)str_next_field(&rest, ' ', &section);
    for (size_t i = 0; str_next_field(&rest, '"', &field); i++)
        if (i == 3)
            buf_addf(l->out, "%.*s(%.*s)  %.*s\n", STR_ARG(name), STR_ARG(section), STR_ARG(field));
}

static void paragraph(struct layout *l, bool blank, size_t indent)
{
    if (blank)
        blank_line(l);
    end_line(l);
    l->indent = indent;
}

static void request(struct layout *l, struct str line)
{
    struct str name = line, rest = line;
    (void)str_next_field(&rest, ' ', &name);
    if (str_eq_c(name, ".TH")) {
        title(l, rest);
    } else if (str_eq_c(name, ".SH")) {
        heading(l, rest, 0);
    } else if (str_eq_c(name, ".SS")) {
        heading(l, rest, 3);
    } else if (str_eq_c(name, ".B")) {
        set_style(l, STYLE_BOLD);
        put_text(l, rest);
        set_style(l, STYLE_PLAIN);
    } else if (str_eq_c(name, ".TP")) {
        paragraph(l, false, BODY);
        l->tag = true;
    } else if (str_eq_c(name, ".IP")) {
        paragraph(l, false, BODY);
        put_words(l, STR("\\(bu"));
        l->indent = BODY + 2;
    } else if (str_eq_c(name, ".PP")) {
        paragraph(l, true, BODY);
    } else if (str_eq_c(name, ".br")) {
        end_line(l);
    } else if (str_eq_c(name, ".EX") || str_eq_c(name, ".EE")) {
        end_line(l);
        l->as_is = str_eq_c(name, ".EX");
        l->indent = l->as_is ? BODY + UNDER : BODY;
    }
}

void manual_lay_out(struct buf *out, struct str roff, size_t width, bool styles)
{
    struct layout l = { .out = out, .width = width, .indent = BODY, .styles = styles };
    struct str line;
    while (str_next_field(&roff, '\n', &line)) {
        if (line.n && line.p[0] == '.')
            request(&l, line);
        else if (line.n || l.as_is)
            put_text(&l, line);
    }
    end_line(&l);
}
