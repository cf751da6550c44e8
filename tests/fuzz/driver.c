/* A main for fuzz targets where libFuzzer is not: runs every file below the paths given, then seeded
 * mutations of them.
 *
 *   fuzz_x [-n MUTATIONS] [-t SECONDS] [-s SEED] PATH...
 *
 * Prints the number of runs. An input that ends the process (a signal, a sanitizer's report, or one
 * run of more than RUN_SECONDS_MAX) is left in ./crash-HASH. The same seed gives the same runs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define INPUT_BYTES_MAX   ((size_t)1 << 20)
#define MUTATED_BYTES_MAX ((size_t)64 << 10)
#define RUN_SECONDS_MAX   25

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Sanitizers call this before they end the process; without one nobody does. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

struct input {
    uint8_t *data;
    size_t size;
};
struct corpus {
    struct input *input;
    size_t count, cap;
};

/* What is running now, for the signal handler. */
static const uint8_t *volatile current_data;
static volatile size_t current_size;

const char *__asan_default_options(void)
{
    return "abort_on_error=1:handle_abort=0:detect_leaks=1";
}

/* gcc's two sanitizers do not share a death callback; both share abort. */
const char *__ubsan_default_options(void)
{
    return "abort_on_error=1:handle_abort=0:print_stacktrace=1";
}

static uint64_t hash_of(const uint8_t *data, size_t size)
{
    uint64_t h = 1469598103934665603u; /* FNV-1a */
    for (size_t i = 0; i < size; i++) {
        h = (h ^ data[i]) * 1099511628211u;
    }
    return h;
}

/* Only calls that are safe in a signal handler. */
static void save_current(void)
{
    static const char digit[] = "0123456789abcdef";
    char name[] = "crash-0000000000000000";
    if (!current_data) {
        return;
    }
    uint64_t h = hash_of(current_data, current_size);
    for (size_t i = 0; i < 16; i++) {
        name[6 + i] = digit[h >> (60 - 4 * i) & 15];
    }
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd >= 0) {
        ssize_t put = write(fd, current_data, current_size);
        (void)put;
        (void)close(fd);
        put = write(STDERR_FILENO, name, sizeof name - 1);
        put = write(STDERR_FILENO, " holds the input\n", 17);
        (void)put;
    }
    current_data = NULL;
}

static void on_signal(int number)
{
    save_current();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void catch_crashes(void)
{
    static const int caught[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM };
    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++) {
        struct sigaction now = { .sa_handler = SIG_DFL }, ours = { .sa_handler = on_signal };
        /* A sanitizer's own handler says more, and calls save_current as its death callback. */
        if (sigaction(caught[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL) {
            (void)sigaction(caught[i], &ours, NULL);
        }
    }
    if (__sanitizer_set_death_callback) {
        __sanitizer_set_death_callback(save_current);
    }
}

static void die(const char *what, const char *name)
{
    fprintf(stderr, "fuzz driver: %s \"%s\": %s\n", what, name, strerror(errno));
    exit(2);
}

static void *must_alloc(void *old, size_t size)
{
    void *p = realloc(old, size ? size : 1);
    if (!p) {
        die("cannot allocate for", "the corpus");
    }
    return p;
}

static void run(const uint8_t *data, size_t size)
{
    /* An exact copy on the heap, so that reading one byte past it is found. */
    uint8_t *copy = must_alloc(NULL, size);
    if (size) {
        memcpy(copy, data, size);
    }
    current_size = size;
    current_data = copy;
    (void)alarm(RUN_SECONDS_MAX);
    (void)LLVMFuzzerTestOneInput(copy, size);
    current_data = NULL;
    free(copy);
}

static void load_file(struct corpus *c, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        die("cannot open", path);
    }
    uint8_t *data = must_alloc(NULL, INPUT_BYTES_MAX);
    size_t size = fread(data, 1, INPUT_BYTES_MAX, f);
    if (ferror(f)) {
        die("cannot read", path);
    }
    (void)fclose(f);
    if (c->count == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 64;
        c->input = must_alloc(c->input, c->cap * sizeof *c->input);
    }
    c->input[c->count++] = (struct input){ must_alloc(data, size), size };
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* the same order in every locale */
}

static void load(struct corpus *c, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        die("cannot find", path);
    }
    if (!S_ISDIR(st.st_mode)) {
        load_file(c, path);
        return;
    }
    struct dirent **entry;
    int count = scandir(path, &entry, NULL, by_name);
    if (count < 0) {
        die("cannot list", path);
    }
    for (int i = 0; i < count; i++) {
        char name[4096];
        int n = snprintf(name, sizeof name, "%s/%s", path, entry[i]->d_name);
        if (entry[i]->d_name[0] != '.' && n > 0 && (size_t)n < sizeof name) {
            load(c, name);
        }
        free(entry[i]);
    }
    free(entry);
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static size_t below(uint64_t *state, size_t bound)
{
    return bound ? (size_t)(next_random(state) % bound) : 0;
}

/* Puts n bytes of from at a place in m: over what is there, or between. */
static void put_bytes(struct input *m, const uint8_t *from, size_t n, bool insert, uint64_t *state)
{
    size_t at = below(state, m->size + 1);
    if (!insert) {
        n = n < m->size - at ? n : m->size - at;
        memmove(m->data + at, from, n);
    } else if (n <= MUTATED_BYTES_MAX - m->size) {
        memmove(m->data + at + n, m->data + at, m->size - at);
        memcpy(m->data + at, from, n);
        m->size += n;
    }
}

static void mutate_once(struct input *m, const struct corpus *c, uint64_t *state)
{
    static const char odd[] = "\0\xff\x7f\x80\n\t \"'\\{}[]():,.-+*&!|>%@#0e<=?/~$_";
    static const char *const number[] = { "0", "-1", "9223372036854775808", "1e309", "4294967296", "-9223372036854775808" };
    const struct input *other = &c->input[below(state, c->count)];
    size_t at = below(state, m->size), n;
    uint8_t copy[256];
    switch (below(state, 8)) {
    case 0: /* one bit */
        if (m->size) {
            m->data[at] ^= (uint8_t)(1u << below(state, 8));
        }
        break;
    case 1: /* one byte that matters to somebody */
        copy[0] = (uint8_t)odd[below(state, sizeof odd - 1)];
        put_bytes(m, copy, 1, below(state, 2), state);
        break;
    case 2: /* remove some */
        n = below(state, m->size - at < 64 ? m->size - at + 1 : 64);
        memmove(m->data + at, m->data + at + n, m->size - at - n);
        m->size -= n;
        break;
    case 3: /* repeat some */
        n = below(state, m->size - at < sizeof copy ? m->size - at + 1 : sizeof copy);
        memcpy(copy, m->data + at, n);
        for (size_t times = 1 + below(state, below(state, 4) ? 3 : 200); times > 0; times--) {
            put_bytes(m, copy, n, true, state);
        }
        break;
    case 4: /* some of another input */
        at = below(state, other->size);
        n = below(state, other->size - at < 4096 ? other->size - at + 1 : 4096);
        put_bytes(m, other->data + at, n, below(state, 2), state);
        break;
    case 5: /* cut the end off */
        m->size = below(state, m->size + 1);
        break;
    case 6: { /* a number at the edge of its type */
        const char *text = number[below(state, sizeof number / sizeof number[0])];
        put_bytes(m, (const uint8_t *)text, strlen(text), below(state, 2), state);
        break;
    }
    default: /* random bytes */
        for (n = 0; n < 1 + below(state, 4); n++) {
            copy[n] = (uint8_t)next_random(state);
        }
        put_bytes(m, copy, n, below(state, 2), state);
        break;
    }
}

static uint64_t run_mutations(const struct corpus *c, uint64_t count, double seconds, uint64_t seed)
{
    struct input m = { must_alloc(NULL, MUTATED_BYTES_MAX), 0 };
    struct timespec start, now;
    uint64_t done = 0, state = seed;
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    for (; done < count && c->count; done++) {
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        if ((double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) / 1e9 >= seconds) {
            break;
        }
        const struct input *from = &c->input[below(&state, c->count)];
        m.size = from->size < MUTATED_BYTES_MAX ? from->size : MUTATED_BYTES_MAX;
        memcpy(m.data, from->data, m.size);
        for (size_t i = 1 + below(&state, 5); i > 0; i--) {
            mutate_once(&m, c, &state);
        }
        run(m.data, m.size);
    }
    free(m.data);
    return done;
}

int main(int argc, char **argv)
{
    uint64_t count = 0, seed = 1;
    double seconds = 1e9;
    bool counted = false;
    for (int option; (option = getopt(argc, argv, "n:t:s:")) != -1;) {
        char *end = NULL;
        switch (option) {
        case 'n':
            count = strtoull(optarg, &end, 10);
            counted = true;
            break;
        case 't':
            seconds = strtod(optarg, &end);
            count = counted ? count : UINT64_MAX; /* time alone is the limit */
            break;
        case 's':
            seed = strtoull(optarg, &end, 10);
            break;
        default:
            break;
        }
        if (!end || end == optarg || *end) {
            fprintf(stderr, "usage: %s [-n MUTATIONS] [-t SECONDS] [-s SEED] PATH...\n", argv[0]);
            return 2;
        }
    }
    catch_crashes();
    struct corpus c = { 0 };
    for (int i = optind; i < argc; i++) {
        load(&c, argv[i]);
    }
    for (size_t i = 0; i < c.count; i++) {
        run(c.input[i].data, c.input[i].size);
    }
    uint64_t mutated = run_mutations(&c, count, seconds, seed);
    printf("%s: %zu files and %llu mutations run\n", argv[0], c.count, (unsigned long long)mutated);
    for (size_t i = 0; i < c.count; i++) {
        free(c.input[i].data);
    }
    free(c.input);
    return 0;
}
