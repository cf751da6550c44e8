/* One LIST, as a row of requests.
 *
 *   page --whole--> next page, or the end
 *     |--cut------> the same page again (its token names the snapshot), or the list from its
 * beginning
 *     |--410------> the list from its beginning as one unpaged answer, once; if that does not come,
 *                   on with the token the 410 brought: a newer snapshot, so inconsistent
 *     '--other----> the end, with an error; what was told stays told
 *
 * What is read as protobuf and is not all known (a newer server's field, damage) is begun again
 * once as JSON: nothing is left unseen because this program is older than the server.
 *
 * Objects told before are not told again. Whether all came from one snapshot is read off the
 * resourceVersion of every answer that told something.
 * Source: kubernetes.io, API Concepts, "Retrieving large results sets in chunks", "410 Gone
 * responses". */
#include "kube/item_key.h"
#include "kube/job.h"

#define LIST_CUTS_MAX              3
#define EXPIRIES_MAX               3
#define EMPTY_PAGES_MAX            1000
#define TOKEN_BYTES_MAX            ((size_t)16 << 10)
#define RESOURCE_VERSION_BYTES_MAX 256
/* Of an answer without items: kept to tell an empty list from no list. */
#define BARE_BYTES_MAX ((size_t)64 << 10)
/* As client-go asks: JSON where there is no protobuf, as of custom resources. */
#define ACCEPT_PROTO "application/vnd.kubernetes.protobuf,application/json"

struct list_state {
    struct client *client;
    struct list_job *job;
    struct client_job request;
    struct arena arena; /* of the page: its path and its splitter */
    struct json_list_split split;
    struct proto_list_split proto;
    struct seen_set seen;

    /* the list */
    bool paged;
    bool repeating;              /* what was told may come again */
    bool answered;               /* some answer has begun */
    bool json_only;              /* protobuf was not all known */
    struct str odd_ns, odd_name; /* of the object for which that was so: it was not told */
    bool contributed;            /* some answer told something: rv is its snapshot */
    struct buf token;            /* of the page asked for */
    struct buf newer_token;      /* brought by a 410 */
    uint32_t cuts, expiries, empty_pages;

    /* the page */
    struct buf next_token, page_rv, bare;
    bool is_list, is_of_version; /* its kind and apiVersion say so */
    bool is_proto;               /* the answer is protobuf */
    bool is_odd;                 /* and not all known */
    bool begun;
    uint64_t told_here;
    uint32_t oversize_here;
};

static void list_finish(struct list_state *s, const struct err *err)
{
    struct list_job *job = s->job;
    if (err)
        job->err = *err;
    if (err && s->cuts)
        (void)err_prefix(&job->err, "the list was cut after %llu items, and asked for again",
                         (unsigned long long)job->items);
    buf_release(&s->token);
    buf_release(&s->newer_token);
    buf_release(&s->next_token);
    buf_release(&s->page_rv);
    buf_release(&s->bare);
    buf_release(&s->request.x.error_body);
    seen_release(&s->seen);
    arena_release(&s->arena);
    job->state = NULL;
    job->on_end(job);
}

/* ---- what a page tells ---- */

/* Whether this is the object that was met as protobuf and not told. */
static bool take_odd(struct list_state *s, struct str ns, struct str name)
{
    if (s->is_proto || !s->odd_name.n || !str_eq(name, s->odd_name) || !str_eq(ns, s->odd_ns))
        return false;
    s->odd_name = (struct str){ 0 };
    return true;
}

static bool list_item(void *ctx, struct str bytes, struct err *err)
{
    struct list_state *s = ctx;
    struct list_job *job = s->job;
    struct str ns, name;
    bool keyed =
        s->is_proto ? proto_object_key(bytes, &ns, &name) : item_key_read(bytes, &ns, &name);
    bool is_new = !keyed || seen_add(&s->seen, ns, name);
    if (!is_new && s->repeating && !take_odd(s, ns, name))
        return true;
    if (job->items >= s->client->limits.list_items)
        return err_set(err, ERR_LIMIT, "%.*s: more than the %llu items that one list may have",
                       STR_ARG(job->path), (unsigned long long)s->client->limits.list_items);
    job->items++;
    s->told_here++;
    job->is_proto = s->is_proto;
    job->is_of_files = s->request.x.is_of_files;
    job->kind_is_told = s->is_list && s->is_of_version;
    if (job->on_item(job, bytes, err))
        return true;
    if (s->is_proto && job->is_unreadable && keyed) {
        s->odd_ns = str_dup(s->client->arena, ns);
        s->odd_name = str_dup(s->client->arena, name);
    }
    if (s->is_proto && job->is_unreadable) {
        s->is_odd = true;
        s->told_here--;
        job->items--;
    }
    return err_set(err, ERR_INTERNAL, "%.*s: stopped without a reason", STR_ARG(job->path));
}

static bool list_oversize(void *ctx, uint64_t item_index, struct err *err)
{
    struct list_state *s = ctx;
    (void)item_index;
    (void)err;
    s->oversize_here++;
    s->job->oversize_items++;
    return true;
}

/* Copies text[0..n) under a limit that honest servers stay far below. */
static bool keep(struct buf *b, struct value v, struct err *err)
{
    buf_reset(b);
    buf_add(b, value_text(v));
    return buf_ok(b, "a list's metadata", err);
}

static bool not_what_was_asked_for(const struct list_job *job, struct err *err)
{
    return err_prefix(err, "%.*s: not a %.*s%s%.*s", STR_ARG(str_sub(job->path, 0, 120)),
                      STR_ARG(job->api_version), job->kind.n ? " " : "list", STR_ARG(job->kind));
}

/* What a page says that it is. A key that comes twice is held against what was asked for each time;
 * what says something else is read no further. */
static bool list_says(struct list_state *s, bool is_kind, struct str said, struct err *err)
{
    char shown[160];
    struct str wanted = is_kind ? s->job->kind : s->job->api_version;
    bool fits = wanted.n ? str_eq(said, wanted) : !is_kind || str_has_suffix(said, STR("List"));
    /* Earlier recordings call every list's version v1. */
    if (!is_kind && s->request.x.is_replayed && str_eq_c(said, "v1"))
        fits = true;
    *(is_kind ? &s->is_list : &s->is_of_version) = fits;
    if (fits)
        return true;
    status_clean(shown, sizeof shown, said);
    (void)err_set(err, ERR_INPUT, "it says \"%s\" of itself", shown);
    return not_what_was_asked_for(s->job, err);
}

static bool take_metadata(struct list_state *s, struct value v, struct err *err)
{
    const struct value *token = value_get(v, STR("continue")),
                       *rv = value_get(v, STR("resourceVersion"));
    return (!token || keep(&s->next_token, *token, err)) && (!rv || keep(&s->page_rv, *rv, err));
}

static bool list_meta(void *ctx, struct str key, struct str bytes, struct err *err)
{
    struct list_state *s = ctx;
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct json_limits limits = { .depth = s->client->limits.json_depth };
    struct value v;
    bool is_kind = str_eq_c(key, "kind"), is_version = str_eq_c(key, "apiVersion");
    if (!is_kind && !is_version && !str_eq_c(key, "metadata"))
        return true;
    if (!json_read(&v, &scratch, bytes, &limits, NULL, 0, err))
        return false;
    if (is_kind || is_version)
        return list_says(s, is_kind, value_text(v), err);
    return take_metadata(s, v, err);
}

static bool list_proto_type(void *ctx, struct str bytes, struct err *err)
{
    struct list_state *s = ctx;
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct value v;
    if (!proto_read(&v, &scratch, bytes, &proto_type_meta, NULL, NULL, 0, err))
        return false;
    struct str kind = value_text_at(v, "kind", NULL), of = str_from_c(s->job->proto->kind);
    if (!list_says(s, true, kind, err) ||
        !list_says(s, false, value_text_at(v, "apiVersion", NULL), err))
        return false;
    /* its items are read by that table */
    s->is_list = str_has_prefix(kind, of) && str_eq_c(str_sub(kind, of.n, kind.n), "List");
    return true;
}

static bool list_proto_meta(void *ctx, struct str bytes, struct err *err)
{
    struct list_state *s = ctx;
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct value v;
    return proto_read(&v, &scratch, bytes, &proto_list_meta, NULL, NULL, 0, err) &&
           take_metadata(s, v, err);
}

static uint64_t page_items(const struct list_state *s)
{
    return s->is_proto ? s->proto.item_count : s->split.item_count;
}

static bool feed(struct list_state *s, struct str chunk, struct err *err)
{
    if (!s->is_proto) {
        if (s->split.item_count == 0)
            buf_add(&s->bare, chunk);
        return json_list_split_feed(&s->split, chunk, err);
    }
    if (proto_list_split_feed(&s->proto, chunk, err))
        return true;
    s->is_odd |= err->code == ERR_INPUT;
    return false;
}

static bool list_body(struct client_job *request, struct str chunk, struct err *err)
{
    struct list_state *s = request->ctx;
    struct list_job *job = s->job;
    struct client *c = s->client;
    if (!s->begun && !status_check_type(&request->x, err))
        return false;
    if (!s->begun)
        s->is_proto = status_is_proto(&s->request.x);
    bool is_first = !s->begun && !s->answered;
    s->begun = s->answered = true;
    if (is_first && job->on_begin)
        job->on_begin(job);
    job->bytes += chunk.n;
    if (job->bytes > c->limits.list_bytes)
        return err_set(err, ERR_LIMIT, "%.*s: longer than the %llu bytes that one list may have",
                       STR_ARG(job->path), (unsigned long long)c->limits.list_bytes);
    if (!feed(s, chunk, err))
        return false;
    if (c->progress)
        c->progress(c->progress_ctx, c, job->path, job->items, job->bytes);
    return true;
}

/* ---- asking ---- */

static void list_request_end(struct client_job *request);

static void list_ask(struct list_state *s, int64_t delay_ms)
{
    struct list_job *job = s->job;
    struct client_job *r = &s->request;
    struct err err = { 0 };
    arena_reset(&s->arena);
    buf_reset(&s->next_token);
    buf_reset(&s->page_rv);
    buf_reset(&s->bare);
    s->is_list = s->is_of_version = s->begun = s->is_proto = s->is_odd = job->is_unreadable = false;
    s->told_here = 0;
    s->oversize_here = 0;
    s->split = (struct json_list_split){
        .item_bytes_max = s->client->limits.item_bytes,
        .item = list_item,
        .meta = list_meta,
        .oversize = list_oversize,
        .ctx = s,
    };
    s->proto = (struct proto_list_split){
        .item_bytes_max = s->client->limits.item_bytes,
        .item = list_item,
        .type = list_proto_type,
        .meta = list_proto_meta,
        .oversize = list_oversize,
        .ctx = s,
    };
    proto_list_split_open(&s->proto, &s->arena);
    if (!json_list_split_open(&s->split, &s->arena, &err)) {
        list_finish(s, &err);
        return;
    }
    struct str path = job->path;
    char mark = str_find_char(path, '?', 0) == SIZE_MAX ? '?' : '&';
    if (s->paged || s->token.n)
        path = str_printf(&s->arena, "%.*s%climit=%u", STR_ARG(path), mark,
                          s->client->limits.page_items);
    if (s->token.n) {
        struct buf coded CLEANUP(buf_release) = BUF_INIT(3 * TOKEN_BYTES_MAX);
        enc_percent(&coded, buf_str(&s->token));
        path = str_printf(&s->arena, "%.*s&continue=%.*s", STR_ARG(path), STR_ARG(buf_str(&coded)));
    }
    r->verb = HTTP_GET;
    r->path = path;
    r->accept = job->accept.n ? job->accept : STR("application/json");
    if (job->proto && !s->json_only && !s->client->json_lists)
        r->accept = STR(ACCEPT_PROTO);
    r->delay_ms = delay_ms;
    r->held = job->held;
    r->on_body = list_body;
    r->on_end = list_request_end;
    r->ctx = s;
    client_job_start(s->client, r);
}

static void token_set(struct buf *to, struct str from)
{
    buf_reset(to);
    buf_add(to, from);
}

/* From its first page, or whole. */
static void list_begin_again(struct list_state *s, int64_t delay_ms)
{
    s->job->restarts++;
    s->job->oversize_items = 0;
    buf_reset(&s->token);
    s->repeating = true;
    list_ask(s, delay_ms);
}

/* ---- what an answer means ---- */

/* Which snapshot the items so far are of. */
static void note_snapshot(struct list_state *s)
{
    struct list_job *job = s->job;
    struct str rv = buf_str(&s->page_rv);
    if (s->contributed && (rv.n == 0 || !str_eq(rv, job->resource_version)))
        job->inconsistent = true;
    if (!s->contributed || !str_eq(rv, job->resource_version))
        job->resource_version = str_dup(s->client->arena, rv);
    s->contributed = true;
}

/* A list without items says so: "items" is there, and empty. Anything else would be silence taken
 * for an answer. */
static bool check_bare(struct list_state *s, struct err *err)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct value v;
    if (s->split.item_count > 0)
        return true;
    if (s->bare.over || !json_read(&v, &scratch, buf_str(&s->bare), NULL, NULL, 0, err))
        return err_set(err, ERR_INPUT, "no items, and too long for that");
    const struct value *items = value_get(v, STR("items"));
    if (items && (items->kind == VALUE_NULL || (items->kind == VALUE_LIST && items->n == 0)))
        return true;
    return err_set(err, ERR_INPUT, "a list without \"items\"");
}

static bool check_page(struct list_state *s, struct err *err)
{
    const struct list_job *job = s->job;
    if (!s->is_list || (job->api_version.n && !s->is_of_version))
        (void)err_set(err, ERR_INPUT, "it does not say its %s", s->is_list ? "apiVersion" : "kind");
    else if (s->is_proto || check_bare(s, err))
        return true;
    return not_what_was_asked_for(job, err);
}

static void page_whole(struct list_state *s)
{
    struct list_job *job = s->job;
    struct err err = { 0 };
    note_snapshot(s);
    job->pages++;
    struct str next = buf_str(&s->next_token);
    if (next.n == 0) {
        list_finish(s, NULL);
        return;
    }
    /* Pages of what was told before are as endless as empty ones, unless the list was begun again.
     */
    s->empty_pages =
        s->told_here > 0 || (s->repeating && page_items(s) > 0) ? 0 : s->empty_pages + 1;
    if (str_eq(next, buf_str(&s->token)) || s->empty_pages > EMPTY_PAGES_MAX) {
        (void)err_set(&err, ERR_SERVER,
                      "%.*s: the server's pages do not come to an end, and bring nothing new",
                      STR_ARG(job->path));
        list_finish(s, &err);
        return;
    }
    token_set(&s->token, next);
    list_ask(s, 0);
}

static void page_cut(struct list_state *s, const struct err *err)
{
    if (s->told_here > 0)
        note_snapshot(s);
    if (s->cuts >= LIST_CUTS_MAX || s->cuts >= s->client->limits.retries ||
        client_job_is_spent(&s->request)) {
        list_finish(s, err);
        return;
    }
    int64_t delay_ms = client_backoff_ms(s->client, s->cuts++);
    if (s->token.n == 0) {
        list_begin_again(s, delay_ms);
        return;
    }
    s->job->oversize_items -= s->oversize_here;
    s->repeating = true;
    list_ask(s, delay_ms);
}

static void page_expired(struct list_state *s, const struct err *err)
{
    struct str newer = s->request.status.continue_token;
    if (s->token.n == 0 || s->expiries >= EXPIRIES_MAX) {
        list_finish(s, err);
        return;
    }
    if (s->expiries++ == 0) {
        token_set(&s->newer_token, newer);
        s->paged = false;
        list_begin_again(s, 0);
        return;
    }
    if (newer.n == 0) {
        list_finish(s, err);
        return;
    }
    s->job->inconsistent = s->repeating = true;
    token_set(&s->token, newer);
    list_ask(s, 0);
}

/* The unpaged restart after a 410 did not come: the rest, at a newer snapshot, is better than
 * nothing. */
static bool can_fall_back(const struct list_state *s, const struct err *err)
{
    return s->newer_token.n > 0 && s->token.n == 0 &&
           (err->code == ERR_SERVER || err->code == ERR_NET);
}

static void page_odd(struct list_state *s, const struct err *err)
{
    s->job->json_reason = str_dup(s->client->arena, str_from_c(err->text));
    s->json_only = true;
    if (s->told_here > 0)
        note_snapshot(s);
    list_begin_again(s, 0);
}

static void page_failed(struct list_state *s, struct err err)
{
    const struct exchange *x = &s->request.x;
    if (s->is_odd && !s->json_only) {
        page_odd(s, &err);
        return;
    }
    bool is_cut = err.code == ERR_NET && x->loss == LOSS_CUT && s->begun;
    if (x->status == 410) {
        page_expired(s, &err);
    } else if (is_cut && !(s->cuts >= LIST_CUTS_MAX && can_fall_back(s, &err))) {
        page_cut(s, &err);
    } else if (can_fall_back(s, &err)) {
        if (s->told_here > 0)
            note_snapshot(s);
        s->job->inconsistent = s->paged = s->repeating = true;
        s->cuts = 0;
        token_set(&s->token, buf_str(&s->newer_token));
        buf_reset(&s->newer_token);
        list_ask(s, 0);
    } else {
        if (s->told_here > 0)
            note_snapshot(s);
        list_finish(s, &err);
    }
}

static void note_call(struct list_state *s, const struct err *err)
{
    struct call *call = client_job_call(&s->request);
    s->job->last_call = call->seq;
    if (!s->job->first_call)
        s->job->first_call = call->seq;
    call->item_count = s->begun ? (int64_t)page_items(s) : -1;
    call->resource_version = str_dup(s->client->arena, buf_str(&s->page_rv));
    if (err->code != ERR_NONE && call->err_code == ERR_NONE) {
        call->err_code = err->code;
        call->err_text = str_dup(s->client->arena, str_from_c(err->text));
    }
}

static void list_request_end(struct client_job *request)
{
    struct list_state *s = request->ctx;
    struct err err = request->err;
    s->job->status = request->x.status;
    bool whole = err.code == ERR_NONE && (s->is_proto ? proto_list_split_end(&s->proto, &err)
                                                      : json_list_split_end(&s->split, &err));
    if (request->err.code == ERR_NONE && !whole) {
        /* The connection ended in good order, the document did not: a length that nobody declared.
         */
        struct err cut = { 0 };
        (void)err_set(&cut, ERR_NET, "%.*s: the answer was cut: %s",
                      STR_ARG(str_sub(s->job->path, 0, 120)), err.text);
        err = cut;
        request->x.loss = LOSS_CUT;
    } else if (whole) {
        (void)check_page(s, &err);
    }
    if (request->call_seq)
        note_call(s, &err);
    json_list_split_close(&s->split);
    proto_list_split_close(&s->proto);
    if (err.code == ERR_NONE)
        page_whole(s);
    else
        page_failed(s, err);
}

void client_list_start(struct client *c, struct list_job *job)
{
    struct list_state *s = arena_new(c->arena, struct list_state);
    err_clear(&job->err);
    job->status = 0;
    job->resource_version = (struct str){ 0 };
    job->items = job->bytes = 0;
    job->pages = job->restarts = job->oversize_items = 0;
    job->inconsistent = false;
    job->json_reason = (struct str){ 0 };
    job->first_call = job->last_call = 0;
    job->state = s;
    s->client = c;
    s->job = job;
    s->paged = job->chunked;
    buf_init(&s->token, TOKEN_BYTES_MAX);
    buf_init(&s->newer_token, TOKEN_BYTES_MAX);
    buf_init(&s->next_token, TOKEN_BYTES_MAX);
    buf_init(&s->page_rv, RESOURCE_VERSION_BYTES_MAX);
    buf_init(&s->bare, BARE_BYTES_MAX);
    list_ask(s, 0);
}
