/* Any bytes as what an API server answers: a list (in one piece and byte by byte), discovery, a failure's
 * body; and as what a user may write: a server, a proxy, NO_PROXY, a path. The first byte chooses. */
#include "kube/client.h"
#include "kube/discover.h"
#include "kube/endpoint.h"
#include "kube/item_key.h"
#include "kube/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Answers every request with the same bytes; pages end because the tenth asks for nothing more. */
struct one_answer {
    struct transport base;
    struct exchange *first;
    struct str body;
    int status;
    size_t chunk_bytes;
    unsigned asked;
};

static void submit(struct transport *t, struct exchange *x)
{
    struct one_answer *o = (struct one_answer *)(void *)t;
    struct exchange **at = &o->first;
    while (*at)
        at = &(*at)->next;
    x->next = NULL;
    *at = x;
}

static void answer(struct one_answer *o, struct exchange *x)
{
    buf_init(&x->error_body, TRANSPORT_ERROR_BODY_BYTES);
    x->status = ++o->asked > 10 ? 404 : o->status;
    if (x->status < 200 || x->status > 299) {
        buf_add(&x->error_body, str_sub(o->body, 0, TRANSPORT_ERROR_BODY_BYTES));
        return;
    }
    for (size_t at = 0; at < o->body.n; at += o->chunk_bytes) {
        struct str part = str_sub(o->body, at, at + o->chunk_bytes);
        x->body_bytes += part.n;
        if (!x->on_body(x, part, &x->err))
            return;
    }
}

static void run(struct transport *t)
{
    struct one_answer *o = (struct one_answer *)(void *)t;
    while (o->first) {
        struct exchange *x = o->first;
        o->first = x->next;
        answer(o, x);
        x->on_end(x);
    }
}

static const struct transport_ops one_ops = { .name = "fuzz", .submit = submit, .run = run };

static struct one_answer one_answer(struct str body, int status, size_t chunk_bytes)
{
    return (struct one_answer){ .base.ops = &one_ops, .body = body, .status = status, .chunk_bytes = chunk_bytes };
}

static void client_over(struct client *c, struct one_answer *o, struct arena *a)
{
    client_init(c, &o->base, a, NULL);
    c->limits.retries = 1;
    c->limits.item_bytes = 4096;
    c->limits.list_items = 10000;
}

static void check_text(const struct err *err)
{
    INVARIANT(err->code == ERR_NONE || (err->text[0] && str_is_utf8(str_from_c(err->text))));
}

/* ---- lists ---- */

struct told {
    uint64_t items, hash, ends;
};

static bool on_item(struct list_job *job, struct str bytes, struct err *err)
{
    struct told *t = job->ctx;
    struct str ns = { 0 }, name = { 0 };
    (void)err;
    if (item_key_read(bytes, &ns, &name)) {
        INVARIANT(name.n > 0 && name.p > bytes.p && name.p + name.n < bytes.p + bytes.n);
        INVARIANT(ns.n == 0 || (ns.p > bytes.p && ns.p + ns.n < bytes.p + bytes.n));
    }
    t->items++;
    t->hash = str_hash(bytes, t->hash);
    return true;
}

static void on_end(struct list_job *job)
{
    struct told *t = job->ctx;
    t->ends++;
}

static struct list_job list_once(struct str body, size_t chunk_bytes, struct told *told)
{
    struct arena a = { 0 };
    struct client c;
    struct one_answer o = one_answer(body, 200, chunk_bytes);
    struct list_job job = { .path = STR("/l"), .chunked = true, .on_item = on_item, .on_end = on_end, .ctx = told };
    client_over(&c, &o, &a);
    client_list_start(&c, &job);
    client_run(&c);
    INVARIANT(told->ends == 1 && job.items == told->items && job.state == NULL);
    check_text(&job.err);
    arena_release(&a);
    return job;
}

/* However the bytes are cut into chunks, the same is told and the same goes wrong. */
static void fuzz_list(struct str body)
{
    struct told whole = { 0 }, cut = { 0 };
    struct list_job a = list_once(body, body.n + 1, &whole), b = list_once(body, 1, &cut);
    INVARIANT(whole.items == cut.items && whole.hash == cut.hash);
    INVARIANT(a.err.code == b.err.code && a.pages == b.pages && a.oversize_items == b.oversize_items);
    INVARIANT(a.err.code != ERR_NONE || (a.pages > 0 && str_contains(body, STR("List"))));
}

/* ---- the rest ---- */

static void fuzz_discovery(struct str body)
{
    struct arena a = { 0 };
    struct client c;
    struct discovery d;
    struct err err = { 0 };
    struct str version = { 0 }, *text;
    size_t count;
    struct one_answer o = one_answer(body, 200, body.n + 1);
    client_over(&c, &o, &a);
    bool ok = discovery_read(&d, &a, &c, &err);
    check_text(&err);
    INVARIANT(ok == (err.code == ERR_NONE));
    /* What was not read whole is never told to be absent. */
    if (!ok)
        INVARIANT(discovery_find(&d, STR("no.such.group"), STR("x"), NULL) != DISCOVERY_NOT_SERVED ||
                  discovery_find(&d, STR(""), STR("x"), NULL) != DISCOVERY_NOT_SERVED);
    for (size_t i = 0; i < d.resource.count && i < 50; i++) {
        const struct discovery_resource *r = &d.resource.item[i];
        INVARIANT(discovery_find(&d, r->group, r->resource, &version) == DISCOVERY_SERVED);
        (void)discovery_can(r, "list");
    }
    discovery_stale_groups(&d, &a, &text, &count);
    arena_release(&a);
}

static void fuzz_failure(struct str body)
{
    static const int status[] = { 302, 400, 401, 403, 404, 410, 429, 500 };
    for (size_t i = 0; i < sizeof status / sizeof status[0]; i++) {
        struct arena a = { 0 };
        struct client c;
        struct reply reply;
        struct err err = { 0 };
        struct one_answer o = one_answer(body, status[i], body.n + 1);
        client_over(&c, &o, &a);
        INVARIANT(!client_get(&c, STR("/x"), STR("*/*"), &reply, &err) && err.code != ERR_NONE);
        check_text(&err);
        for (const char *p = err.text; *p; p++)
            INVARIANT((unsigned char)*p >= ' ' && *p != 0x7f);
        arena_release(&a);
    }
}

static void fuzz_addresses(struct str text)
{
    struct arena a = { 0 };
    struct endpoint e;
    struct proxy p;
    struct err err = { 0 }, ignored = { 0 };
    struct str server, proxy;
    (void)str_cut(text, '\n', &server, &proxy);
    if (endpoint_parse(&e, server, &err)) {
        INVARIANT(e.host.n > 0 && e.port > 0 && endpoint_text(&a, &e).n > 0);
        (void)proxy_excludes(proxy, &e);
        if (proxy.n && proxy_choose(&p, &a, proxy, &e, NULL, &ignored))
            INVARIANT(p.kind != PROXY_NONE && p.url.n && p.shown.n);
    }
    arena_release(&a);
}

static void fuzz_path(struct str path)
{
    struct err err = { 0 };
    if (transport_allows(HTTP_POST_SELF_REVIEW, path, &err))
        INVARIANT(str_has_prefix(path, STR("/apis/auth")) && str_has_suffix(path, STR("reviews")));
    err_clear(&err);
    if (transport_allows(HTTP_POST_DRY_RUN_POD, path, &err))
        INVARIANT(str_has_prefix(path, STR("/api/v1/namespaces/")) && str_has_suffix(path, STR("/pods?dryRun=All")) &&
                  str_find_char(path, '?', 0) == path.n - 11);
    err_clear(&err);
    if (!transport_allows(HTTP_GET, path, &err))
        return;
    INVARIANT(path.n > 0 && path.p[0] == '/' && !str_contains(path, STR("\r")) && !str_contains(path, STR("\n")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const part[])(struct str) = { fuzz_list, fuzz_discovery, fuzz_failure, fuzz_addresses, fuzz_path };
    if (size == 0)
        return 0;
    part[data[0] % (sizeof part / sizeof part[0])](str_of((const char *)data + 1, size - 1));
    return 0;
}
