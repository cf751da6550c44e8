/* Which check of one benchmark is which of another: both are like the same first one. */
#include "cli/command.h"
#include "cli/data.h"

static const struct check *next_alike(const struct benchmark *b, const struct check *c, size_t *at)
{
    while (*at < b->check_count) {
        const struct check *other = &b->check[(*at)++];
        if (str_eq(other->origin, c->origin))
            return other;
    }
    return NULL;
}

static void print_row(struct str from, struct str to, const struct check *shown)
{
    printf("%-10.*s %-10.*s %.*s\n", STR_ARG(from), STR_ARG(to), STR_ARG(shown->title));
}

static void print_walk(const struct benchmark *from, const struct benchmark *to)
{
    const struct str none = STR("-");
    printf("%-10.*s %-10.*s\n", STR_ARG(from->id), STR_ARG(to->id));
    for (size_t i = 0; i < from->check_count; i++) {
        const struct check *c = &from->check[i], *other;
        size_t at = 0, found = 0;
        for (; (other = next_alike(to, c, &at)) != NULL; found++)
            print_row(c->id, other->id, c);
        if (!found)
            print_row(c->id, none, c);
    }
    for (size_t i = 0; i < to->check_count; i++) {
        size_t at = 0;
        if (!next_alike(from, &to->check[i], &at))
            print_row(none, to->check[i].id, &to->check[i]);
    }
}

enum exit_status cmd_crosswalk(const struct options *o, struct arena *run, struct err *err)
{
    struct benchmark b[2];
    if (o->argument.count != 2) {
        (void)err_set(err, ERR_USAGE, "crosswalk needs two benchmarks: kubevouch crosswalk 1.12 2.0.1");
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < 2; i++)
        if (!data_benchmark(&b[i], run, o->argument.item[i], err))
            return EXIT_USAGE;
    print_walk(&b[0], &b[1]);
    return EXIT_DONE;
}
