/* Which check is evidence for which requirement, held against what makes such a pair worth reading.
 */
#include "base/map.h"
#include "bench/benchmark.h"
#include "value/faults.h"

#define SENTENCE_WORDS_MIN 5u

struct reading benchmark_reading(const struct benchmark *b, struct pos pos, struct arena *a,
                                 struct faults *faults)
{
    struct reading r = { .arena = a, .name = str_to_c(a, b->file), .faults = faults };
    for (size_t i = 0; i < b->source_count; i++)
        if (pos.file && str_eq_c(b->source[i], pos.file))
            r = (struct reading){
                .arena = a, .name = pos.file, .text = b->source_text[i], .faults = faults
            };
    return r;
}

struct mapping {
    const struct benchmark *bench;
    const struct framework *framework;
    size_t framework_count;
    struct arena *arena;
    struct faults *faults;
    /* rationale, lower case and single spaces -> the check's origin that says it */
    struct map said;
};

static struct reading reading_at(const struct mapping *m, struct pos pos)
{
    return benchmark_reading(m->bench, pos, m->arena, m->faults);
}

static const struct requirement *requirement_of(const struct mapping *m,
                                                const struct requirement_ref *q)
{
    for (size_t i = 0; i < m->framework_count; i++)
        if (str_eq(m->framework[i].id, q->framework))
            return framework_find(&m->framework[i], q->requirement);
    return NULL;
}

static size_t count_words(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] != ' ' && (!i || s.p[i - 1] == ' ');
    return n;
}

/* The words alone, so that a sentence that is said again with other spaces or capitals is the same.
 */
static struct str folded(struct arena *a, struct str s)
{
    char *out = arena_array(a, char, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i];
        if (c != ' ' || (n && out[n - 1] != ' '))
            out[n++] = c;
    }
    return str_of(out, n);
}

/* The same check by another number, in an edition that is like its base, says the same. */
static void lint_sentence(struct mapping *m, const struct check *c, const struct requirement_ref *q)
{
    struct reading r = reading_at(m, q->rationale_pos);
    struct str words = str_trim(q->rationale);
    struct str owner = str_printf(m->arena, "%.*s %.*s %.*s", STR_ARG(c->origin),
                                  STR_ARG(q->framework), STR_ARG(q->requirement));
    struct str said = folded(m->arena, words);
    if (!q->rationale_pos.line)
        return;
    if (count_words(words) < SENTENCE_WORDS_MIN || !str_has_suffix(words, STR("."))) {
        (void)fault_at(&r, q->rationale_pos,
                       "the rationale is no sentence that says why check %.*s is evidence for it",
                       STR_ARG(c->id));
        return;
    }
    const struct str *before = map_get(&m->said, said);
    struct str *mine = arena_new(m->arena, struct str);
    *mine = owner;
    if (!before)
        map_put(&m->said, said, mine);
    else if (!str_eq(*before, owner))
        (void)fault_at(
            &r, q->rationale_pos,
            "the rationale is that of another pair (%.*s): each has a sentence of its own",
            STR_ARG(*before));
}

/* A technique says in a sentence what the check does against it. */
static void lint_attack(const struct mapping *m, const struct check *c, const struct attack_ref *t)
{
    struct reading r = reading_at(m, t->reason_pos);
    struct str words = str_trim(t->reason);
    if (t->reason_pos.line &&
        (count_words(words) < SENTENCE_WORDS_MIN || !str_has_suffix(words, STR("."))))
        (void)fault_at(
            &r, t->reason_pos,
            "the reason is no sentence that says what check %.*s does against technique %.*s",
            STR_ARG(c->id), STR_ARG(t->technique));
}

static bool is_over_subjects(const struct check *c)
{
    for (size_t i = 0; i < c->part_count; i++)
        if (str_eq(c->part[i].over, STR("subjects")))
            return true;
    return false;
}

static void lint_pair(struct mapping *m, const struct check *c, size_t at)
{
    const struct requirement_ref *q = &c->requirement[at];
    const struct requirement *to = requirement_of(m, q);
    struct reading r = reading_at(m, q->pos);
    if (!q->strength_pos.line && q->pos.line)
        (void)fault_at(&r, q->pos,
                       "check %.*s does not say how far it is evidence for it: give \"strength\" "
                       "(direct, partial, support)",
                       STR_ARG(c->id));
    for (size_t i = 0; i < at; i++)
        if (q->pos.line && str_eq(c->requirement[i].framework, q->framework) &&
            str_eq(c->requirement[i].requirement, q->requirement))
            (void)fault_at(&r, q->pos, "check %.*s names requirement \"%.*s\" twice",
                           STR_ARG(c->id), STR_ARG(q->requirement));
    if (to && to->subject_count && is_over_subjects(c) && !q->filter)
        (void)fault_at(&r, q->pos,
                       "requirement \"%.*s\" is about %.*s alone: say with \"only\" which rows of "
                       "check %.*s are evidence for it",
                       STR_ARG(q->requirement),
                       STR_ARG(str_join(m->arena, to->subject, to->subject_count, STR(" and "))),
                       STR_ARG(c->id));
    if (q->filter && !str_trim(q->only).n)
        (void)fault_at(&r, q->pos, "only: check %.*s does not say in words which rows are meant",
                       STR_ARG(c->id));
    if (q->filter && !c->part_count)
        (void)fault_at(&r, q->pos, "only: check %.*s judges no rows", STR_ARG(c->id));
    if (q->when && !str_trim(q->when->reason).n)
        (void)fault_at(
            &r, q->pos,
            "when: check %.*s does not say in words under which condition it is evidence",
            STR_ARG(c->id));
    lint_sentence(m, c, q);
}

void benchmark_lint_mapping(const struct benchmark *b, const struct framework *f,
                            size_t framework_count, struct arena *a, struct faults *faults)
{
    struct mapping m = {
        .bench = b, .framework = f, .framework_count = framework_count, .arena = a, .faults = faults
    };
    map_init(&m.said, a);
    for (size_t c = 0; c < b->check_count; c++)
        for (size_t q = 0; q < b->check[c].requirement_count; q++)
            lint_pair(&m, &b->check[c], q);
    for (size_t c = 0; c < b->check_count; c++)
        for (size_t t = 0; t < b->check[c].attack_count; t++)
            lint_attack(&m, &b->check[c], &b->check[c].attack[t]);
}
