#include "bench/faults.h"

#include "bench/scalar.h"

static bool fault_text(const struct reading *r, struct pos pos, struct str text)
{
    struct str excerpt = scalar_excerpt(r->arena, r->text, pos);
    struct str place = pos.line ? str_printf(r->arena, "%s:%u:%u", r->name, pos.line, pos.column) : str_from_c(r->name);
    *VEC_PUSH(&r->faults->text, r->arena) =
        excerpt.n ? str_printf(r->arena, "%.*s: %.*s\n%.*s", STR_ARG(place), STR_ARG(text), STR_ARG(excerpt))
                  : str_printf(r->arena, "%.*s: %.*s", STR_ARG(place), STR_ARG(text));
    return false;
}

bool fault_at(const struct reading *r, struct pos pos, const char *fmt, ...)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(8192);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&b, fmt, ap);
    va_end(ap);
    return fault_text(r, pos, str_dup(r->arena, buf_str(&b)));
}

bool fault_err(const struct reading *r, const struct err *err)
{
    return fault_text(r, err->pos, str_printf(r->arena, "%s", err->text));
}

const struct node *read_document(const struct reading *r)
{
    struct err err = { 0 };
    struct node *doc;
    size_t count;
    if (!yaml_read(&doc, &count, r->arena, r->text, r->name, &err)) {
        (void)fault_err(r, &err);
        return NULL;
    }
    if (count != 1) {
        (void)fault_at(r, (struct pos){ r->name, 0, 0 }, "expected one YAML document, found %zu", count);
        return NULL;
    }
    return &doc[0];
}
