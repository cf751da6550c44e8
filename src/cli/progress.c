/* One line on a terminal while an audit runs: what is read, how much, how fast. */
#include "cli/progress.h"

#define EVERY_MS 100

static void told(void *ctx, const struct client *c, struct str path, uint64_t items, uint64_t bytes)
{
    struct progress *p = ctx;
    int64_t now = clock_monotonic_ms();
    if (!p->on || now - p->last_ms < EVERY_MS)
        return;
    p->last_ms = now;
    p->shown = true;
    double seconds = (double)(now - p->began_ms) / 1000;
    struct str name = str_sub(path, str_find_last_char(path, '/') + 1, path.n);
    fprintf(stderr, "\r\033[K%zu calls  %.*s: %llu objects, %.1f MB, %.0f MB/s", c->calls.count, STR_ARG(name), (unsigned long long)items,
            (double)bytes / 1e6, seconds > 0 ? (double)bytes / 1e6 / seconds : 0);
    fflush(stderr);
}

void progress_open(struct progress *p, struct client *c, bool on)
{
    *p = (struct progress){ .on = on, .began_ms = clock_monotonic_ms() };
    c->progress = told;
    c->progress_ctx = p;
}

void progress_close(struct progress *p)
{
    if (p->shown)
        fprintf(stderr, "\r\033[K");
    p->on = false;
}
