/* Nanoseconds an evaluation of a benchmark's own checks over recorded pods, beside cel-go's on the same.
 *
 *   perf_cel --export BENCHMARK.yaml                 the expressions as JSON, for celgo
 *   perf_cel BENCHMARK.yaml PODS.json [CELGO.txt]    ours; PODS.json is a PodList
 *
 * Each expression is evaluated as an audit does it: once a pod, with lazily made variables. Left out are those
 * that need derived values, facts or functions that only an audit has. CELGO.txt has a line an expression,
 * "NANOSECONDS RESULTS"; a different result on any pod is a failure, and so is a mean below three times as fast,
 * or a call of malloc while evaluating. */
#include "base/buf.h"
#include "base/file.h"
#include "bench/benchmark.h"
#include "value/json_doc.h"
#include "value/json_read.h"

#include <math.h>
#include <time.h>

#define ROUNDS       7
#define TIMES        20
#define ROUND_NS     20e6
#define FASTER_LEAST 3.0

/* Every request to the C library for memory, by whomever: an evaluation makes none. */
static uint64_t taken;
#ifdef __GLIBC__
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
void *malloc(size_t n)
{
    return taken++, __libc_malloc(n);
}
void *calloc(size_t n, size_t size)
{
    return taken++, __libc_calloc(n, size);
}
void *realloc(void *p, size_t n)
{
    return taken++, __libc_realloc(p, n);
}
#endif

struct perf {
    struct arena arena;
    struct benchmark bench;
    struct value params, pods;
    struct str other;
    double log_sum, ns, other_ns, least;
    size_t count, differing;
    uint64_t taken; /* while evaluating */
};

static bool load(struct arena *a, const char *path, struct str *out)
{
    struct err err = { 0 };
    struct buf b = BUF_INIT((size_t)64 << 20);
    bool ok = file_read(path, &b, &err);
    if (ok)
        *out = str_dup(a, buf_str(&b));
    else
        fprintf(stderr, "perf_cel: %s\n", err.text);
    buf_release(&b);
    return ok;
}

static struct str take_line(struct str *text)
{
    size_t end = str_find_char(*text, '\n', 0);
    struct str line = str_sub(*text, 0, end == SIZE_MAX ? text->n : end);
    *text = end == SIZE_MAX ? (struct str){ 0 } : str_sub(*text, end + 1, text->n);
    return line;
}

/* ---- which expressions */

static const struct expression *variable_of(const struct benchmark *b, const struct check_part *p, size_t index)
{
    return index < b->variable_count ? &b->variable[index] : &p->variable[index - b->variable_count];
}

/* globMatch is known to celgo too. */
static bool calls_host(struct str text)
{
    for (size_t i = 0; i < facts_function_count; i++)
        if (!str_eq_c(str_from_c(facts_function[i].name), "globMatch") && str_contains(text, str_from_c(facts_function[i].name)))
            return true;
    return false;
}

static bool comparable(struct perf *p, const struct check_part *part, const struct expression *e)
{
    size_t fixed = SLOT_FIXED_COUNT + fact_count, slots = fixed + p->bench.variable_count + part->variable_count;
    bool *used = arena_array(&p->arena, bool, slots);
    cel_used_variables(e->program, used);
    for (size_t s = 0; s < fixed; s++)
        if (used[s] && s != SLOT_OBJECT && s != SLOT_PARAMS)
            return false;
    for (size_t s = fixed; s < slots; s++)
        if (used[s] && !comparable(p, part, variable_of(&p->bench, part, s - fixed)))
            return false;
    return !calls_host(e->text);
}

typedef void expression_fn(struct perf *p, const struct check *c, const struct check_part *part, const struct expression *e);

static void each_expression(struct perf *p, expression_fn *fn)
{
    for (size_t c = 0; c < p->bench.check_count; c++) {
        for (size_t i = 0; i < p->bench.check[c].part_count; i++) {
            const struct check_part *part = &p->bench.check[c].part[i];
            if (part->kind != KIND_PODS)
                continue;
            for (size_t k = 0; k < part->match_count; k++)
                fn(p, &p->bench.check[c], part, &part->match[k]);
            for (size_t k = 0; k < part->except_count; k++)
                fn(p, &p->bench.check[c], part, &part->except[k]);
            for (size_t k = 0; k < part->validation_count; k++)
                fn(p, &p->bench.check[c], part, &part->validation[k].expression);
        }
    }
}

/* ---- export */

static struct value texts_of(struct perf *p, const struct expression *e, size_t count)
{
    struct value_builder list;
    value_builder_init(&list, &p->arena);
    for (size_t i = 0; i < count; i++) {
        struct value_builder one;
        value_builder_init(&one, &p->arena);
        value_builder_set(&one, "name", value_str(e[i].name));
        value_builder_set(&one, "expression", value_str(e[i].text));
        value_builder_push(&list, value_builder_map(&one));
    }
    return value_builder_list(&list);
}

static void export_line(struct value v)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(8 << 20);
    json_doc_write(&text, v, 0);
    printf("%.*s\n", STR_ARG(buf_str(&text)));
}

/* A line an expression: it, and the variables that it may name, in their order. */
static void export_one(struct perf *p, const struct check *c, const struct check_part *part, const struct expression *e)
{
    struct value_builder b;
    if (!comparable(p, part, e))
        return;
    value_builder_init(&b, &p->arena);
    value_builder_set(&b, "check", value_str(c->id));
    value_builder_set(&b, "expression", value_str(e->text));
    value_builder_set(&b, "own", texts_of(p, part->variable, part->variable_count));
    export_line(value_builder_map(&b));
}

static void export_all(struct perf *p)
{
    struct value_builder b;
    value_builder_init(&b, &p->arena);
    value_builder_set(&b, "params", p->params);
    value_builder_set(&b, "shared", texts_of(p, p->bench.variable, p->bench.variable_count));
    export_line(value_builder_map(&b));
    each_expression(p, export_one);
}

/* ---- measure */

struct judging {
    const struct benchmark *bench;
    const struct check_part *part;
    struct value *slot;
    uint8_t *made;
    struct cel_activation act;
};

static bool resolve(void *ctx, uint32_t slot, struct value *out, struct arena *scratch)
{
    struct judging *j = ctx;
    size_t fixed = SLOT_FIXED_COUNT + fact_count;
    if (!j->made[slot]) {
        j->made[slot] = 1;
        j->slot[slot] = cel_eval(variable_of(j->bench, j->part, slot - fixed)->program, &j->act, scratch);
    }
    *out = j->slot[slot];
    return true;
}

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* An audit has just read the pod when it judges it: each is evaluated some times in a row, so that it is in the
 * cache. results, if given, gets a letter a pod. */
static void over_pods(struct perf *p, struct judging *j, size_t slots, const struct expression *e, struct arena *scratch, char *results)
{
    for (uint32_t n = 0; n < p->pods.n * TIMES; n++) {
        uint32_t i = n / TIMES;
        memset(j->made, 0, slots);
        j->slot[SLOT_OBJECT] = value_item(p->pods, i);
        j->slot[SLOT_PARAMS] = p->params;
        j->made[SLOT_OBJECT] = j->made[SLOT_PARAMS] = 1;
        j->act.cost_left = CEL_COST_MAX;
        struct value v = cel_eval(e->program, &j->act, scratch);
        if (results)
            results[i] = v.kind != VALUE_BOOL ? 'e' : v.as.b ? 't' : 'f';
        if (scratch->used_bytes)
            arena_reset(scratch);
    }
}

/* Of processor time, the quickest of some rounds: what else runs on the machine does not count. */
static double measure(struct perf *p, const struct check_part *part, const struct expression *e, char *results)
{
    static struct arena scratch;
    size_t slots = SLOT_FIXED_COUNT + fact_count + p->bench.variable_count + part->variable_count;
    struct judging j = { .bench = &p->bench,
                         .part = part,
                         .slot = arena_array(&p->arena, struct value, slots),
                         .made = arena_array(&p->arena, uint8_t, slots) };
    double best = INFINITY;
    j.act = (struct cel_activation){ .var = j.slot, .known = j.made, .resolve = resolve, .ctx = &j };
    over_pods(p, &j, slots, e, &scratch, results); /* the arena's first block, a pattern's tables */
    uint64_t before = taken;
    for (int round = 0; round < ROUNDS; round++) {
        double began = cpu_ns(), spent = 0, runs = 0;
        while (spent < ROUND_NS) {
            over_pods(p, &j, slots, e, &scratch, NULL);
            runs += p->pods.n * TIMES;
            spent = cpu_ns() - began;
        }
        best = fmin(best, spent / runs);
    }
    p->taken += taken - before;
    return best;
}

static void measure_one(struct perf *p, const struct check *c, const struct check_part *part, const struct expression *e)
{
    double other = 0;
    if (!comparable(p, part, e))
        return;
    char *results = arena_alloc(&p->arena, p->pods.n + 1);
    double ns = measure(p, part, e, results);
    p->count++;
    p->ns += ns;
    printf("%7.0f ns", ns);
    if (p->other.p) {
        struct str line = take_line(&p->other), number, theirs;
        (void)str_cut(line, ' ', &number, &theirs);
        bool same = str_to_double(number, &other) && str_eq_c(theirs, results);
        p->differing += !same;
        p->other_ns += other;
        p->log_sum += log(other / ns);
        p->least = p->count == 1 ? other / ns : fmin(p->least, other / ns);
        printf(" %8.0f ns %6.1fx%s", other, other / ns, same ? "" : "  DIFFERENT RESULTS");
    }
    printf("  %.*s  %.*s\n", STR_ARG(c->id), STR_ARG(str_sub(e->text, 0, 80)));
}

static int measure_all(struct perf *p)
{
    each_expression(p, measure_one);
    if (!p->count)
        return 1;
    printf("%zu expressions over %u pods, %.0f ns an evaluation", p->count, p->pods.n, p->ns / (double)p->count);
    printf(", %llu calls of malloc", (unsigned long long)p->taken);
    if (!p->other_ns) {
        putchar('\n');
        return p->taken != 0;
    }
    double mean = exp(p->log_sum / (double)p->count);
    printf(", cel-go %.0f ns: %.1f times as fast (%.1f in the geometric mean, %.1f the least), %zu with different results\n",
           p->other_ns / (double)p->count, p->other_ns / p->ns, mean, p->least, p->differing);
    return p->differing || p->taken || mean < FASTER_LEAST;
}

static bool load_benchmark(struct perf *p, const char *path)
{
    struct faults faults = { 0 };
    struct err err = { 0 };
    if (benchmark_load(&p->bench, &p->arena, path, &faults) && benchmark_params(&p->bench, NULL, 0, &p->arena, &p->params, &err))
        return true;
    for (size_t i = 0; i < faults.item.count; i++)
        fprintf(stderr, "perf_cel: %.*s\n", STR_ARG(faults.item.item[i].text));
    return false;
}

static bool load_pods(struct perf *p, const char *path)
{
    struct str text;
    struct value list;
    struct err err = { 0 };
    if (!load(&p->arena, path, &text))
        return false;
    const struct value *items = json_read(&list, &p->arena, text, NULL, NULL, 0, &err) ? value_get(list, STR("items")) : NULL;
    if (!items || items->kind != VALUE_LIST || !items->n)
        fprintf(stderr, "perf_cel: %s holds no pods\n", path);
    else
        p->pods = *items;
    return p->pods.n != 0;
}

int main(int argc, char **argv)
{
    struct perf p = { 0 };
    int status = 2;
    if (argc == 3 && !strcmp(argv[1], "--export") && load_benchmark(&p, argv[2])) {
        export_all(&p);
        status = 0;
    } else if (argc >= 3 && load_benchmark(&p, argv[1]) && load_pods(&p, argv[2]) && (argc == 3 || load(&p.arena, argv[3], &p.other))) {
        status = measure_all(&p);
    }
    arena_release(&p.arena);
    return status;
}
