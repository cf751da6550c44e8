/* Places in a YAML text: libyaml counts characters, editors and struct pos count lines and bytes.
 */
#include "value/yaml_place.h"

#include "value/yaml.h"

/* libyaml compares every %TAG directive with all before it. */
#define TAG_LINES_MAX 64

static size_t bom_bytes(struct str text)
{
    return str_has_prefix(text, STR("\xEF\xBB\xBF")) ? 3 : 0;
}

void yaml_place_init(struct yaml_place *p, struct str text, const char *file)
{
    size_t start = bom_bytes(text);
    *p = (struct yaml_place){
        .text = text, .file = file, .byte = start, .line_start = start, .line = 1
    };
}

static bool is_plain_ascii(char c)
{
    return c >= 0x20 && c <= 0x7E;
}

/* Steps over one character; a line ends with LF, CR LF or CR. */
static void step(struct yaml_place *p)
{
    uint32_t code_point = 0;
    size_t n = str_utf8_at(p->text, p->byte, &code_point);
    p->byte += n ? n : 1;
    p->char_index++;
    bool cr_lf = code_point == '\r' && p->byte < p->text.n && p->text.p[p->byte] == '\n';
    if (code_point == '\n' || (code_point == '\r' && !cr_lf)) {
        p->line++;
        p->line_start = p->byte;
    }
}

struct pos yaml_place_at(struct yaml_place *p, size_t char_index)
{
    if (char_index < p->char_index) {
        yaml_place_init(p, p->text, p->file);
    }
    while (p->char_index < char_index && p->byte < p->text.n) {
        if (is_plain_ascii(p->text.p[p->byte])) {
            p->byte++;
            p->char_index++;
        } else {
            step(p);
        }
    }
    return (struct pos){ .file = p->file,
                         .line = p->line,
                         .column = (uint32_t)(p->byte - p->line_start) + 1 };
}

/* The characters that a YAML text may hold (YAML 1.1, section 5.1), as libyaml sees them. */
static bool is_printable(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7E) || c == 0x85 ||
           (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) || c >= 0x10000;
}

bool yaml_place_check(struct str text, const char *file, size_t bytes_max, struct err *err)
{
    struct pos pos = { .file = file };
    struct yaml_place p;
    size_t tag_lines = 0;
    if (text.n > bytes_max) {
        return err_set_at(err, ERR_LIMIT, pos, "%zu bytes of YAML are more than the limit of %zu",
                          text.n, bytes_max);
    }
    for (size_t at = 0, n; at < text.n; at += n) {
        uint32_t c = 0;
        n = 1;
        if (is_plain_ascii(text.p[at]) && text.p[at] != '%') {
            continue;
        }
        n = str_utf8_at(text, at, &c);
        bool tag_line = c == '%' && (at == 0 || text.p[at - 1] == '\n' || text.p[at - 1] == '\r');
        tag_lines += tag_line && str_has_prefix(str_sub(text, at, text.n), STR("%TAG"));
        if (n > 0 && is_printable(c) && tag_lines <= TAG_LINES_MAX) {
            continue;
        }
        yaml_place_init(&p, text, file);
        while (p.byte < at) {
            step(&p);
        }
        pos = yaml_place_at(&p, p.char_index);
        if (n == 0) {
            return err_set_at(err, ERR_INPUT, pos, "byte 0x%02x is not valid UTF-8",
                              (unsigned char)text.p[at]);
        }
        if (tag_lines > TAG_LINES_MAX) {
            return err_set_at(err, ERR_LIMIT, pos, "more than %d %%TAG directives", TAG_LINES_MAX);
        }
        return err_set_at(err, ERR_INPUT, pos, "control character U+%04X is not allowed in YAML",
                          c);
    }
    return true;
}
