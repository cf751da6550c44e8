#include "bench/sources.h"

#include "base/file.h"

bool bench_file_read(struct arena *a, const char *path, struct bench_faults *faults, struct str *out)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(BENCH_BYTES_MAX);
    struct err err = { 0 };
    if (!file_read(path, &text, &err)) {
        return fault_at(&(struct reading){ .arena = a, .name = path, .faults = faults }, (struct pos){ 0 }, "%s", err.text);
    }
    *out = str_dup(a, buf_str(&text));
    return true;
}

static bool read_source(struct bench_sources *out, const struct reading *read, const struct decode_table *table)
{
    struct bench_source s = { .read = *read };
    const struct node *doc = read_document(read);
    if (!doc)
        return false;
    bool ok = decode_node_all(&s.doc, table, doc, read->arena, fault_decoded, &s.read);
    *VEC_PUSH(&out->item, read->arena) = s;
    return ok;
}

static bool read_included(struct bench_sources *out, const struct reading *main_file, const struct include_doc *d)
{
    struct arena *a = main_file->arena;
    char *path = str_to_c(a, file_join(a, file_dir_of(str_from_c(main_file->name)), d->file));
    struct reading read = { .arena = a, .name = path, .faults = main_file->faults };
    for (size_t i = 0; i < out->item.count; i++)
        if (strcmp(out->item.item[i].read.name, path) == 0)
            return fault_at(main_file, d->pos, "\"%.*s\" is included twice", STR_ARG(d->file));
    struct buf text CLEANUP(buf_release) = BUF_INIT(BENCH_BYTES_MAX);
    struct err err = { 0 };
    if (!file_read(path, &text, &err))
        return fault_at(main_file, d->pos, "%s", err.text);
    read.text = str_dup(a, buf_str(&text));
    return read_source(out, &read, &included_table);
}

bool bench_sources_read(struct bench_sources *out, struct arena *a, struct str text, const char *name,
                        struct bench_faults *faults)
{
    struct reading read = { .arena = a, .text = text, .name = name, .faults = faults };
    bool ok = true;
    ok = read_source(out, &read, &benchmark_table);
    if (!out->item.count)
        return false;
    struct decode_list include = out->item.item[0].doc.include;
    if (include.count >= BENCH_SOURCES_MAX)
        return fault_at(&read, ((const struct include_doc *)include.item)[0].pos, "a benchmark includes at most %u files", BENCH_SOURCES_MAX - 1);
    for (size_t i = 0; i < include.count; i++)
        ok = read_included(out, &read, &((const struct include_doc *)include.item)[i]) && ok;
    return ok;
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
