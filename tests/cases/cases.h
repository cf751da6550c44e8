/* Reading a suite of recorded cases: a file of JSON lines, one case each, and keeping count. */
#ifndef KUBEVOUCH_TESTS_CASES_H
#define KUBEVOUCH_TESTS_CASES_H

#include "base/file.h"
#include "value/json_doc.h"

#include <stdio.h>

struct cases {
    struct arena arena;
    const char *root; /* the folder of all suites */
    FILE *failing;    /* ids of failed cases, one a line; may be NULL */
    bool any_failed;
    bool (*counts)(struct value row); /* rows that are in scope; NULL: all */
};
/* One case: true if it passed. */
typedef bool case_fn(struct cases *c, struct value row, struct arena *a);

static inline bool cases_open(struct cases *c, int argc, char **argv)
{
    *c = (struct cases){ 0 };
    if (argc < 2) {
        fprintf(stderr, "usage: %s CASES-FOLDER [FILE-FOR-FAILING-IDS]\n", argv[0]);
        return false;
    }
    c->root = argv[1];
    c->failing = argc > 2 ? fopen(argv[2], "a") : NULL;
    return argc < 3 || c->failing;
}

/* The bytes of root/folder/name, in a. Empty if it cannot be read, which is told. */
static inline struct str cases_file(struct cases *c, struct arena *a, const char *folder, struct str name)
{
    struct buf b = BUF_INIT((size_t)256 << 20);
    struct err err = { 0 };
    char *path = str_to_c(a, str_printf(a, "%s/%s/%.*s", c->root, folder, STR_ARG(name)));
    if (!file_read(path, &b, &err))
        fprintf(stderr, "%s: %s\n", path, err.text);
    struct str text = str_dup(a, buf_str(&b));
    buf_release(&b);
    return text;
}

/* Runs every line of root/SUITE.jsonl and prints "cases: SUITE PASSED/TOTAL". A missing file is told and
 * counts as failed. */
static inline void cases_run(struct cases *c, const char *suite, case_fn *fn)
{
    struct arena lines = { 0 }, a = { 0 };
    size_t passed = 0, total = 0;
    struct str rest = cases_file(c, &lines, ".", str_printf(&lines, "%s.jsonl", suite)), line;
    while (str_next_field(&rest, '\n', &line)) {
        struct value row;
        struct err err = { 0 };
        if (!str_trim(line).n)
            continue;
        bool read = json_doc_read(&row, &a, line, suite, &err);
        if (read && c->counts && !c->counts(row)) {
            arena_reset(&a);
            continue;
        }
        total++;
        if (!read)
            fprintf(stderr, "%s: %s\n", suite, err.text);
        bool ok = read && fn(c, row, &a);
        passed += ok;
        if (!ok && read && c->failing)
            fprintf(c->failing, "%.*s\n", STR_ARG(value_text_at(row, "id", NULL)));
        arena_reset(&a);
    }
    printf("cases: %s %zu/%zu\n", suite, passed, total);
    c->any_failed = c->any_failed || passed < total || !total;
    arena_release(&lines);
    arena_release(&a);
}

static inline int cases_close(struct cases *c)
{
    if (c->failing)
        fclose(c->failing);
    arena_release(&c->arena);
    return c->any_failed ? 1 : 0;
}

#endif
