/* The files that a benchmark is written in: the one that is named, and those that it includes. */
#include "bench/sources.h"

#include "base/file.h"
#include "bench/derive.h"

static bool read_source(struct bench_sources *out, const struct reading *read,
                        const struct node *doc, const struct decode_table *table)
{
    struct bench_source s = { .read = *read };
    size_t before = read->faults->item.count;
    bool ok = decode_node_all(&s.doc, table, derive_checks(out, read, doc), read->arena,
                              fault_decoded, &s.read);
    *VEC_PUSH(&out->item, read->arena) = s;
    return ok && read->faults->item.count == before;
}

/* Below the folder of the file that names it, and written in one way only, so that a file has one
 * name. */
static bool is_plain_path(struct str path)
{
    struct str rest = path, part;
    if (!path.n || path.p[path.n - 1] == '/' || str_find_char(path, '\0', 0) != SIZE_MAX)
        return false;
    while (str_next_field(&rest, '/', &part))
        if (!part.n || str_eq_c(part, ".") || str_eq_c(part, ".."))
            return false;
    return true;
}

/* A file that main_file names at pos; name and text of *read are filled. */
static bool open_named(struct reading *read, const struct reading *main_file, const char *key,
                       struct str file, struct pos pos)
{
    struct arena *a = main_file->arena;
    struct buf text CLEANUP(buf_release) = BUF_INIT(BENCH_BYTES_MAX);
    struct err err = { 0 };
    if (!is_plain_path(file))
        return fault_at(main_file, pos, "%s: \"%.*s\" is no path below the folder of this file",
                        key, STR_ARG(file));
    char *path = str_to_c(a, file_join(a, file_dir_of(str_from_c(main_file->name)), file));
    *read = (struct reading){ .arena = a, .name = path, .faults = main_file->faults };
    if (!file_read(path, &text, &err))
        return fault_at(main_file, pos, "%s", err.text);
    read->text = str_dup(a, buf_str(&text));
    return true;
}

static bool read_included(struct bench_sources *out, const struct reading *main_file,
                          const struct include_doc *d)
{
    struct reading read;
    if (!open_named(&read, main_file, "include", d->file, d->pos))
        return false;
    for (size_t i = 0; i < out->item.count; i++)
        if (strcmp(out->item.item[i].read.name, read.name) == 0)
            return fault_at(main_file, d->pos, "\"%.*s\" is included twice", STR_ARG(d->file));
    const struct node *doc = read_document(&read);
    return doc && read_source(out, &read, doc, &included_table);
}

static bool read_benchmark(struct bench_sources *out, const struct reading *read, unsigned depth);

/* The base is read first: rows that are like its own take their texts from it. */
static bool read_base(struct bench_sources *out, const struct reading *main_file,
                      const struct node *at, unsigned depth)
{
    struct bench_sources *base = arena_new(main_file->arena, struct bench_sources);
    struct reading read;
    if (at->kind != NODE_SCALAR || at->scalar.kind != VALUE_STRING)
        return fault_at(main_file, at->pos, "base: expected the file of another benchmark");
    if (depth >= BENCH_BASES_MAX)
        return fault_at(main_file, at->pos,
                        "base: \"%.*s\" is the base of more than %u others, or of itself",
                        STR_ARG(at->text), BENCH_BASES_MAX);
    if (!open_named(&read, main_file, "base", at->text, at->pos) ||
        !read_benchmark(base, &read, depth + 1))
        return false;
    for (size_t i = 0; i < base->item.count; i++) {
        struct bench_source *s = VEC_PUSH(&out->item, main_file->arena);
        *s = base->item.item[i];
        s->level++;
    }
    out->base = base;
    return true;
}

static struct str id_of(struct arena *a, const struct node *doc)
{
    const struct node *id = node_get(doc, "benchmark"), *version = node_get(doc, "version");
    return str_printf(a, "%.*s-%.*s", id ? (int)id->text.n : 0, id ? id->text.p : "",
                      version ? (int)version->text.n : 0, version ? version->text.p : "");
}

static bool read_benchmark(struct bench_sources *out, const struct reading *read, unsigned depth)
{
    const struct node *doc = read_document(read), *base = doc ? node_get(doc, "base") : NULL;
    map_init(&out->check, read->arena);
    if (!doc)
        return false;
    out->id = id_of(read->arena, doc);
    if (base && !read_base(out, read, base, depth))
        return false;
    out->first = out->item.count;
    bool ok = read_source(out, read, doc, &benchmark_table);
    struct decode_list include = out->item.item[out->first].doc.include;
    if (include.count >= BENCH_SOURCES_MAX)
        return fault_at(read, ((const struct include_doc *)include.item)[0].pos,
                        "a benchmark includes at most %u files", BENCH_SOURCES_MAX - 1);
    for (size_t i = 0; i < include.count; i++)
        ok = read_included(out, read, &((const struct include_doc *)include.item)[i]) && ok;
    return ok;
}

bool bench_sources_read(struct bench_sources *out, struct arena *a, struct str text,
                        const char *name, struct faults *faults)
{
    struct reading read = { .arena = a, .text = text, .name = name, .faults = faults };
    return read_benchmark(out, &read, 0);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The run of digits at the front of *s, without leading zeros; taken off. */
static struct str take_digits(struct str *s)
{
    size_t n = 0, zeros = 0;
    while (n < s->n && is_digit(s->p[n]))
        n++;
    while (zeros + 1 < n && s->p[zeros] == '0')
        zeros++;
    struct str digits = str_sub(*s, zeros, n);
    *s = str_sub(*s, n, s->n);
    return digits;
}

int bench_id_compare(struct str a, struct str b)
{
    while (a.n && b.n) {
        if (is_digit(*a.p) && is_digit(*b.p)) {
            struct str x = take_digits(&a), y = take_digits(&b);
            int order = x.n != y.n ? (x.n < y.n ? -1 : 1) : str_cmp(x, y);
            if (order)
                return order;
            continue;
        }
        if (*a.p != *b.p)
            return (unsigned char)*a.p < (unsigned char)*b.p ? -1 : 1;
        a = str_sub(a, 1, a.n);
        b = str_sub(b, 1, b.n);
    }
    return a.n ? 1 : b.n ? -1 : 0;
}
