/* Nanoseconds an evaluation, and the scratch memory of one, for each check of a list on one object.
 * usage: perf_cel CHECKS OBJECT.json [NANOSECONDS-OF-ANOTHER]
 * The third file has one line a check, its first word a number of nanoseconds (celgo prints so): it is
 * shown beside ours, with how many times faster ours is. */
#include "base/buf.h"
#include "base/file.h"
#include "cel/program.h"
#include "value/json_read.h"

#include <math.h>

#define MINIMUM_MS 200

struct perf {
    struct arena arena;
    struct value object;
    struct str checks, other;
    double log_sum;
    size_t count;
    bool ok;
};

static bool load(struct perf *p, const char *path, struct str *out)
{
    struct err err = { 0 };
    struct buf b = BUF_INIT(1 << 20);
    bool ok = file_read(path, &b, &err);
    if (ok)
        *out = str_dup(&p->arena, buf_str(&b));
    else
        fprintf(stderr, "perf_cel: %s: %s\n", path, err.text);
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

static double measure(const struct cel_program *program, struct value object, struct value *result, size_t *bytes)
{
    static struct arena scratch;
    double runs = 0;
    int64_t start = clock_monotonic_ms(), spent;
    do {
        for (int i = 0; i < 100; i++) {
            arena_reset(&scratch);
            struct cel_activation act = { .var = &object, .cost_left = CEL_COST_MAX };
            *result = cel_eval(program, &act, &scratch);
        }
        runs += 100;
        spent = clock_monotonic_ms() - start;
    } while (spent < MINIMUM_MS);
    *bytes = scratch.used_bytes;
    return (double)spent * 1e6 / runs;
}

static void check(struct perf *p, struct str source)
{
    const struct cel_variable variable = { .name = STR("object") };
    const struct cel_env env = { .variable = &variable, .variable_count = 1 };
    struct err err = { 0 };
    struct cel_program *program;
    struct value result;
    size_t bytes;
    if (!cel_compile(&program, &p->arena, source, (struct pos){ "checks", 1, 1 }, &env, &err)) {
        fprintf(stderr, "perf_cel: %s\n", err.text);
        p->ok = false;
        return;
    }
    double ns = measure(program, p->object, &result, &bytes), other = 0;
    if (p->other.n) {
        struct str line = take_line(&p->other);
        if (!str_to_double(str_sub(line, 0, str_find_char(line, ' ', 0)), &other))
            other = 0;
        p->log_sum += log(other / ns);
    }
    p->count++;
    printf("%7.0f ns %6zu B", ns, bytes);
    if (other > 0)
        printf(" %8.0f ns %6.1fx", other, other / ns);
    printf("  %.*s  %.*s\n", STR_ARG(cel_value_text(&p->arena, result, 20)), STR_ARG(str_sub(source, 0, 70)));
}

int main(int argc, char **argv)
{
    struct perf p = { .ok = true };
    struct err err = { 0 };
    struct str object;
    if (argc < 3 || !load(&p, argv[1], &p.checks) || !load(&p, argv[2], &object) || (argc > 3 && !load(&p, argv[3], &p.other)))
        return 2;
    if (!json_read(&p.object, &p.arena, object, NULL, NULL, 0, &err)) {
        fprintf(stderr, "perf_cel: %s\n", err.text);
        return 2;
    }
    while (p.checks.n)
        check(&p, take_line(&p.checks));
    if (argc > 3)
        printf("%zu checks, %.1f times as fast in the geometric mean\n", p.count, exp(p.log_sum / (double)p.count));
    arena_release(&p.arena);
    return p.ok ? 0 : 1;
}
