/* explain: the checks of a benchmark, or what one asks, why, how to mend it and how it is judged.
 */
#include "bench/attack.h"
#include "bench/edition.h"
#include "cli/command.h"
#include "cli/data.h"

static void paragraph(const char *head, struct str text)
{
    if (!text.n)
        return;
    printf("\n%s\n  ", head);
    usage_wrap(text, 2, 98);
}

static void print_row(const struct check *c)
{
    printf("%-8.*s L%d  %-8s  %.*s\n", STR_ARG(c->id), c->level, severity_name[c->severity],
           STR_ARG(c->title));
}

static void list_checks(const struct benchmark *b, struct arena *run)
{
    printf("%.*s\n", STR_ARG(b->title));
    struct str newer = edition_text(run, b);
    if (newer.n) {
        printf("  newer: ");
        usage_wrap(newer, 9, 98);
    }
    printf("\n");
    for (size_t i = 0; i < b->check_count; i++)
        print_row(&b->check[i]);
}

/* A section's id, or words that stand in a check's title, description or rationale. */
static bool is_about(const struct check *c, struct str what)
{
    return section_holds(what, c) || str_glob(what, c->id) || str_has_nocase(c->title, what) ||
           str_has_nocase(c->description, what) || str_has_nocase(c->rationale, what);
}

/* Those that what means, if it is no check's id; how many. */
static size_t list_meant(const struct benchmark *b, struct str what)
{
    size_t count = 0;
    for (size_t i = 0; i < b->check_count; i++) {
        if (!is_about(&b->check[i], what))
            continue;
        if (!count++)
            printf("%.*s, \"%.*s\":\n", STR_ARG(b->title), STR_ARG(what));
        print_row(&b->check[i]);
    }
    return count;
}

static void print_expressions(const char *head, const struct expression *e, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("    %s %.*s: %.*s\n", head, STR_ARG(e[i].name), STR_ARG(e[i].text));
}

static void print_part(const struct check_part *p)
{
    printf("\n  %s%.*s%sover %.*s\n", p->name.n ? "part " : "", STR_ARG(p->name),
           p->name.n ? ", " : "", STR_ARG(p->over));
    print_expressions("where", p->match, p->match_count);
    print_expressions("except", p->except, p->except_count);
    print_expressions("let", p->variable, p->variable_count);
    for (size_t i = 0; i < p->validation_count; i++)
        printf("    must hold%s: %.*s\n",
               p->validation[i].otherwise == OTHERWISE_MANUAL ? " (otherwise a person decides)"
                                                              : "",
               STR_ARG(p->validation[i].expression.text));
}

static void explain(const struct benchmark *b, const struct check *c, struct arena *scratch)
{
    printf("%.*s %.*s\n%.*s, level %d, %.*s, severity %s\n", STR_ARG(c->id), STR_ARG(c->title),
           STR_ARG(b->title), c->level, STR_ARG(c->assessment), severity_name[c->severity]);
    paragraph("What it judges", c->description);
    paragraph("Why", c->rationale);
    paragraph("How to mend it", c->remediation);
    for (size_t i = 0; i < c->command_count; i++)
        printf("%s  %.*s%s%.*s\n", i ? "" : "\nCommands (names of the object in braces)\n",
               STR_ARG(c->command[i].of), c->command[i].of.n ? ": " : "",
               STR_ARG(c->command[i].run));
    paragraph("Why there is no command", c->no_command);
    for (size_t i = 0; i < c->reference_count; i++)
        printf("%s  %.*s\n", i ? "" : "\nDocumentation\n", STR_ARG(c->reference[i]));
    for (size_t i = 0; i < c->question_count; i++)
        paragraph(i ? "and" : "What a person must answer", c->question[i]);
    printf("\nHow it is judged\n");
    for (size_t i = 0; i < c->part_count; i++)
        print_part(&c->part[i]);
    if (c->tag_count)
        printf("\nTags\n  %.*s\n", STR_ARG(str_join(scratch, c->tag, c->tag_count, STR(", "))));
    printf(c->attack_count ? "\nIn the way of attackers (MITRE ATT&CK)\n" : "");
    for (size_t i = 0; i < c->attack_count; i++)
        printf("  %.*s %s: %.*s\n", STR_ARG(c->attack[i].technique),
               attack_name(c->attack[i].technique), STR_ARG(c->attack[i].reason));
    printf(c->requirement_count ? "\nEvidence for\n" : "\nEvidence for no requirement\n");
    for (size_t i = 0; i < c->requirement_count; i++) {
        const struct requirement_ref *q = &c->requirement[i];
        printf("  %.*s %.*s, %s%s%.*s", STR_ARG(q->framework), STR_ARG(q->requirement),
               strength_name[q->strength], q->only.n ? ", only " : "", STR_ARG(q->only));
        if (q->when)
            printf(", where %.*s", STR_ARG(q->when->reason));
        printf(": %.*s\n", STR_ARG(q->rationale));
    }
}

enum exit_status cmd_explain(const struct options *o, struct arena *run, struct err *err)
{
    struct benchmark b;
    if (!data_benchmark(&b, run, o->benchmark, err))
        return EXIT_USAGE;
    if (!o->argument.count) {
        list_checks(&b, run);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < o->argument.count; i++) {
        const struct check *c = benchmark_find(&b, o->argument.item[i]);
        if (!c && list_meant(&b, o->argument.item[i]))
            continue;
        if (!c) {
            (void)err_set(err, ERR_USAGE,
                          "%.*s has no check \"%.*s\", and none that is about it; kubevouch "
                          "explain lists them",
                          STR_ARG(b.id), STR_ARG(o->argument.item[i]));
            return EXIT_USAGE;
        }
        explain(&b, c, run);
    }
    return EXIT_DONE;
}
