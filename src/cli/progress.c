/* One line on a terminal while an audit runs: what is read, how much, how fast. */
#include "cli/progress.h"

#include "base/log.h"
#include "cli/terminal.h"

#define EVERY_MS         100
#define PATH_SHOWN_BYTES 60u  /* of one line */
#define WAIT_SHOWN_MS    1000 /* shorter ones pass by themselves */
#define WAIT_TOLD_MS     2000 /* with --verbose, and then each time it has doubled */

static void heard(struct progress *p)
{
    p->heard_ms = clock_monotonic_ms();
    p->told_wait_ms = WAIT_TOLD_MS;
}

/* With --verbose: each call as it ends, and what is waited for. */
static void call_ended(void *ctx, const struct call *c)
{
    char tries[40] = "", fault[600] = "", status[20] = "no answer";
    heard(ctx);
    if (c->status)
        (void)snprintf(status, sizeof status, "%d", c->status);
    if (c->retries)
        (void)snprintf(tries, sizeof tries, ", %u %s", c->retries,
                       c->retries == 1 ? "retry" : "retries");
    if (c->err_code != ERR_NONE)
        (void)snprintf(fault, sizeof fault, ": %.*s", STR_ARG(c->err_text));
    log_line(LOG_DEBUG, "%s %.*s%s: %s, %llu bytes (%llu on the wire), %lld ms%s%s",
             http_verb_name(c->verb), STR_ARG(c->path), c->no_credentials ? " as a stranger" : "",
             status, (unsigned long long)c->body_bytes, (unsigned long long)c->wire_bytes,
             (long long)c->duration_ms, tries, fault);
}

static void call_retrying(void *ctx, const struct call *c, const char *why, int64_t delay_ms)
{
    char status[20] = "no answer";
    heard(ctx);
    if (c->status)
        (void)snprintf(status, sizeof status, "%d", c->status);
    log_line(LOG_DEBUG, "%s %.*s: %s, again in %lld ms (%s)", http_verb_name(c->verb),
             STR_ARG(c->path), status, (long long)delay_ms, why);
}

static void begin_line(struct progress *p, const struct client *c)
{
    size_t ended, known;
    client_calls_known(c, &ended, &known);
    p->last_ms = clock_monotonic_ms();
    p->shown = true;
    fprintf(stderr, "\r\033[K%zu of %zu calls  ", ended, known);
}

static void told(void *ctx, const struct client *c, struct str path, uint64_t items, uint64_t bytes)
{
    struct progress *p = ctx;
    int64_t now = clock_monotonic_ms();
    heard(p);
    if (!p->on || now - p->last_ms < EVERY_MS)
        return;
    double seconds = (double)(now - p->began_ms) / 1000;
    struct str name = str_sub(path, str_find_last_char(path, '/') + 1, path.n);
    begin_line(p, c);
    fprintf(stderr, "%.*s: %llu objects, %.1f MB, %.0f MB/s", STR_ARG(name),
            (unsigned long long)items, (double)bytes / 1e6,
            seconds > 0 ? (double)bytes / 1e6 / seconds : 0);
    fflush(stderr);
}

static void waits(void *ctx, const struct transport_wait *w)
{
    static const char *const what[] = { [WAIT_CONNECTION] = "connecting for",
                                        [WAIT_ANSWER] = "no answer for",
                                        [WAIT_REST] = "reading for",
                                        [WAIT_RETRY] = "asked again in" };
    struct progress *p = ctx;
    int64_t now = clock_monotonic_ms(), silent = now - p->heard_ms;
    if (p->on && silent >= WAIT_SHOWN_MS && now - p->last_ms >= WAIT_SHOWN_MS / 2) {
        begin_line(p, p->client);
        fprintf(stderr, "%s ", http_verb_name(w->verb));
        terminal_put(
            stderr, true,
            str_sub(w->path, 0, w->path.n < PATH_SHOWN_BYTES ? w->path.n : PATH_SHOWN_BYTES));
        fprintf(stderr, ": %s %lld s", what[w->what], (long long)(w->ms + 500) / 1000);
        fflush(stderr);
    }
    if (silent >= p->told_wait_ms) {
        p->told_wait_ms *= 2;
        log_line(LOG_DEBUG, "waiting: %s %.*s: %s %lld ms", http_verb_name(w->verb),
                 STR_ARG(w->path), what[w->what], (long long)w->ms);
    }
}

void progress_open(struct progress *p, struct client *c, bool on)
{
    on = on && !log_is_on(LOG_DEBUG); /* lines and a line that is written over do not mix */
    *p = (struct progress){ .on = on, .client = c, .began_ms = clock_monotonic_ms() };
    heard(p);
    c->progress = told;
    c->progress_ctx = p;
    if (on)
        fprintf(stderr, "\r\033[Kasking the server");
    p->shown = on;
    c->ended = call_ended;
    c->retrying = call_retrying;
    c->told_ctx = p;
    c->transport->waits = waits;
    c->transport->waits_ctx = p;
}

void progress_close(struct progress *p)
{
    if (p->shown)
        fprintf(stderr, "\r\033[K");
    p->on = false;
    p->client->transport->waits = NULL;
}
