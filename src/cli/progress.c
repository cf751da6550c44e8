/* One line on a terminal while an audit runs: what is read, how much, how fast. */
#include "cli/progress.h"

#include "base/log.h"

#define EVERY_MS 100

/* With --verbose: each call as it ends, and what is waited for. */
static void call_ended(void *ctx, const struct call *c)
{
    (void)ctx;
    char tries[40] = "", fault[600] = "";
    if (c->retries)
        (void)snprintf(tries, sizeof tries, ", %u %s", c->retries, c->retries == 1 ? "retry" : "retries");
    if (c->err_code != ERR_NONE)
        (void)snprintf(fault, sizeof fault, ": %.*s", STR_ARG(c->err_text));
    log_line(LOG_DEBUG, "%s %.*s%s: %d, %llu bytes (%llu on the wire), %lld ms%s%s", http_verb_name(c->verb), STR_ARG(c->path),
             c->no_credentials ? " as a stranger" : "", c->status, (unsigned long long)c->body_bytes, (unsigned long long)c->wire_bytes,
             (long long)c->duration_ms, tries, fault);
}

static void call_retrying(void *ctx, const struct call *c, const char *why, int64_t delay_ms)
{
    (void)ctx;
    log_line(LOG_DEBUG, "%s %.*s: %d, again in %lld ms (%s)", http_verb_name(c->verb), STR_ARG(c->path), c->status, (long long)delay_ms, why);
}

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
    if (on)
        fprintf(stderr, "\r\033[Kasking the server");
    p->shown = on;
    c->ended = call_ended;
    c->retrying = call_retrying;
    c->told_ctx = p;
}

void progress_close(struct progress *p)
{
    if (p->shown)
        fprintf(stderr, "\r\033[K");
    p->on = false;
}
