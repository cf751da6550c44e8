/* Faults of a document while it is read: gathered, each with its place and the line it stands in.
 */
#include "value/faults.h"

#include "base/file.h"
#include "base/names.h"
#include "value/scalar.h"

void fault_file(const struct reading *r)
{
    for (size_t i = 0; i < r->faults->file.count; i++)
        if (strcmp(r->faults->file.item[i], r->name) == 0)
            return;
    *VEC_PUSH(&r->faults->file, r->arena) = r->name;
}

static bool fault_text(const struct reading *r, struct pos pos, struct str text)
{
    /* A row that is like another file's has places there. */
    bool elsewhere = pos.file && pos.line && strcmp(pos.file, r->name) != 0;
    const char *file = elsewhere ? pos.file : r->name;
    struct str excerpt = elsewhere ? (struct str){ 0 } : scalar_excerpt(r->arena, r->text, pos);
    struct str place =
        pos.line ? str_printf(r->arena, "%s:%u:%u", file, pos.line, pos.column) : str_from_c(file);
    fault_file(r);
    *VEC_PUSH(&r->faults->item, r->arena) = (struct fault){
        .pos = { file, pos.line, pos.column },
        .text = excerpt.n ? str_printf(r->arena, "%.*s: %.*s\n%.*s", STR_ARG(place), STR_ARG(text),
                                       STR_ARG(excerpt))
                          : str_printf(r->arena, "%.*s: %.*s", STR_ARG(place), STR_ARG(text)),
    };
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

void fault_decoded(void *ctx, const struct err *err)
{
    (void)fault_err(ctx, err);
}

struct str fault_hint(const struct reading *r, const char *const *name, size_t count,
                      struct str given)
{
    const char *near = names_nearest(name, count, given);
    return near ? str_printf(r->arena, "; did you mean \"%s\"?", near) : STR("");
}

static size_t rank_of(const struct faults *f, const char *file)
{
    size_t i = 0;
    while (i < f->file.count && strcmp(f->file.item[i], file) != 0)
        i++;
    return i;
}

static bool comes_before(const struct faults *f, const struct fault *a, const struct fault *b)
{
    size_t x = rank_of(f, a->pos.file), y = rank_of(f, b->pos.file);
    if (x != y)
        return x < y;
    return a->pos.line != b->pos.line ? a->pos.line < b->pos.line : a->pos.column < b->pos.column;
}

/* By insertion: they come nearly sorted, and equal ones keep their order. */
void faults_sort(struct faults *f)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->item.count; i++) {
        struct fault one = f->item.item[i];
        size_t at = kept;
        while (at > 0 && comes_before(f, &one, &f->item.item[at - 1]))
            at--;
        if (at > 0 && str_eq(f->item.item[at - 1].text, one.text))
            continue;
        memmove(&f->item.item[at + 1], &f->item.item[at], (kept - at) * sizeof one);
        f->item.item[at] = one;
        kept++;
    }
    f->item.count = kept;
}

bool faults_file_read(struct str *out, struct arena *a, const char *path, size_t max,
                      struct faults *faults)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(max);
    struct err err = { 0 };
    if (!file_read(path, &text, &err))
        return fault_at(&(struct reading){ .arena = a, .name = path, .faults = faults },
                        (struct pos){ 0 }, "%s", err.text);
    *out = str_dup(a, buf_str(&text));
    return true;
}

const struct node *read_document(const struct reading *r)
{
    struct err err = { 0 };
    struct node *doc;
    size_t count;
    fault_file(r);
    if (!yaml_read(&doc, &count, r->arena, r->text, r->name, &err)) {
        (void)fault_err(r, &err);
        return NULL;
    }
    if (count != 1) {
        (void)fault_at(r, count ? doc[1].pos : (struct pos){ r->name, 1, 1 },
                       "expected one YAML document, found %zu", count);
        return NULL;
    }
    return &doc[0];
}
