/* Lists read in pages: complete, cut, begun again. */
#include "kube/client.h"
#include "kube/item_key.h"
#include "kube/memory_transport.h"

#include <check.h>

#define TOLD_MAX 64

struct setup {
    struct arena arena;
    struct memory_transport transport;
    struct client client;
    struct list_job job;
    char told[TOLD_MAX][32]; /* names, in the order told */
    size_t told_count, ends;
    size_t stop_at; /* on_item refuses this one, from 1; 0: none */
};

static bool on_item(struct list_job *job, struct str bytes, struct err *err)
{
    struct setup *s = job->ctx;
    struct str ns, name = STR("?");
    if (job->is_proto && str_contains(bytes, STR("odd"))) {
        job->is_unreadable = true;
        return err_set(err, ERR_INPUT, "field 99 of ConfigMap is not known");
    }
    if (job->is_proto)
        ck_assert(proto_object_key(bytes, &ns, &name));
    else
        (void)item_key_read(bytes, &ns, &name);
    ck_assert_uint_lt(s->told_count, TOLD_MAX);
    (void)snprintf(s->told[s->told_count++], sizeof s->told[0], "%.*s", STR_ARG(name));
    return s->told_count != s->stop_at || err_set(err, ERR_INPUT, "refused by the test");
}

static void on_end(struct list_job *job)
{
    struct setup *s = job->ctx;
    s->ends++;
}

static void set_up(struct setup *s, const struct memory_answer *script, bool chunked)
{
    memset(s, 0, sizeof *s);
    memory_transport_init(&s->transport, script);
    client_init(&s->client, &s->transport.base, &s->arena, NULL);
    s->client.limits.page_items = 2;
    s->job = (struct list_job){ .path = STR("/l"), .chunked = chunked, .on_item = on_item, .on_end = on_end, .ctx = s };
}

static void run(struct setup *s)
{
    client_list_start(&s->client, &s->job);
    client_run(&s->client);
    ck_assert_uint_eq(s->ends, 1);
    ck_assert_ptr_eq(s->job.state, NULL);
    ck_assert_uint_eq(s->job.items, s->told_count);
    ck_assert_uint_eq(s->job.last_call, s->client.calls.count);
}

static void told(const struct setup *s, const char *names)
{
    char all[TOLD_MAX * 33] = "";
    for (size_t i = 0, at = 0; i < s->told_count; i++)
        at += (size_t)snprintf(all + at, sizeof all - at, "%s%s", i ? " " : "", s->told[i]);
    ck_assert_str_eq(all, names);
}

#define ITEM(name) "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"n\"},\"spec\":{}}"
#define LIST(rv, more, items) \
    "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" rv "\"" more "},\"items\":[" items "]}"
#define NEXT(token) ",\"continue\":\"" token "\",\"remainingItemCount\":3"
#define GONE        "{\"kind\":\"Status\",\"reason\":\"Expired\",\"code\":410,\"message\":\"too old\",\"metadata\":{\"continue\":\"newer\"}}"

/* The same as protobuf: an item is its metadata's name and namespace alone. */
#define P_TYPE   "application/vnd.kubernetes.protobuf"
#define P_ACCEPT P_TYPE ",application/json"
#define P_HEAD                   \
    "k8s\0"                      \
    "\x0a\x13\x0a\x02v1\x12\x0d" \
    "ConfigMapList"
#define P_META(rv)   "\x0a\x05\x12\x01" rv "\x1a\x00"
#define P_MORE(rv)   "\x0a\x06\x12\x01" rv "\x1a\x01t"
#define P_ITEM(name) "\x12\x08\x0a\x06\x0a\x01" name "\x1a\x01n"
#define P_ODD        "\x12\x0a\x0a\x08\x0a\x03odd\x1a\x01n"
#define P_END        "\x1a\x00\x22\x00"
#define P_BODY(length, list) \
    .body = P_HEAD "\x12" length list P_END, .body_bytes = sizeof(P_HEAD "\x12" length list P_END) - 1, .type = P_TYPE

/* ---- whole lists ---- */

static const struct {
    const char *name, *body;
    size_t chunk_bytes;
    const char *told;
} whole_row[] = {
    { "at once", LIST("7", "", ITEM("a") "," ITEM("b") "," ITEM("c")), 0, "a b c" },
    { "byte by byte", LIST("7", "", ITEM("a") "," ITEM("b") "," ITEM("c")), 1, "a b c" },
    { "metadata last", "{\"items\":[" ITEM("a") "],\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"7\"}}", 3, "a" },
    { "empty", LIST("7", "", ""), 0, "" },
    { "null", "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":null}", 0, "" },
    { "one name in two namespaces", LIST("7", "", ITEM("a") ",{\"metadata\":{\"name\":\"a\",\"namespace\":\"m\"}}"), 0, "a a" },
    /* Within one snapshot nothing is filtered: a second object of the name is the server's statement. */
    { "told twice by the server", LIST("7", "", ITEM("a") "," ITEM("a")), 0, "a a" },
    { "not an object", LIST("7", "", ITEM("a") ",3," ITEM("b")), 0, "a ? b" },
};

START_TEST(a_whole_list)
{
    const struct memory_answer script[] = {
        { .path = "/l", .status = 200, .body = whole_row[_i].body, .chunk_bytes = whole_row[_i].chunk_bytes }, { 0 }
    };
    struct setup s;
    set_up(&s, script, false);
    run(&s);
    ck_assert_msg(s.job.err.code == ERR_NONE, "%s: %s", whole_row[_i].name, s.job.err.text);
    told(&s, whole_row[_i].told);
    ck_assert(str_eq_c(s.job.resource_version, "7"));
    ck_assert_uint_eq(s.job.bytes, strlen(whole_row[_i].body));
    ck_assert_uint_eq(s.job.pages, 1);
    ck_assert_uint_eq(s.job.restarts, 0);
    ck_assert(!s.job.inconsistent);
    const struct call *c = &s.client.calls.item[0];
    ck_assert(str_eq_c(c->resource_version, "7") && c->item_count == (int64_t)s.told_count && c->has_digest);
    arena_release(&s.arena);
}
END_TEST

START_TEST(pages)
{
    static const struct memory_answer script[] = {
        { .path = "/l?limit=2", .status = 200, .body = LIST("7", NEXT("t/1="), ITEM("a") "," ITEM("b")) },
        { .path = "/l?limit=2&continue=t%2F1%3D", .status = 200, .body = LIST("7", NEXT("t2"), "") },
        { .path = "/l?limit=2&continue=t2", .status = 200, .body = LIST("7", "", ITEM("c")) },
        { 0 }
    };
    struct setup s;
    set_up(&s, script, true);
    run(&s);
    ck_assert_msg(s.job.err.code == ERR_NONE, "%s", s.job.err.text);
    told(&s, "a b c");
    ck_assert_uint_eq(s.job.pages, 3);
    ck_assert(!s.job.inconsistent);
    ck_assert_uint_eq(s.job.first_call, 1);
    ck_assert_uint_eq(s.job.last_call, 3);
    ck_assert_int_eq(s.client.calls.item[1].item_count, 0);
    arena_release(&s.arena);
}
END_TEST

START_TEST(a_query_is_kept)
{
    static const struct memory_answer script[] = {
        { .path = "/l?fieldSelector=x%3Dy&limit=2", .status = 200, .body = LIST("7", NEXT("t"), ITEM("a")) },
        { .path = "/l?fieldSelector=x%3Dy&limit=2&continue=t", .status = 200, .body = LIST("7", "", ITEM("b")) },
        { 0 }
    };
    struct setup s;
    set_up(&s, script, true);
    s.job.path = STR("/l?fieldSelector=x%3Dy");
    run(&s);
    told(&s, "a b");
    arena_release(&s.arena);
}
END_TEST

START_TEST(an_unpaged_list_that_is_paged_all_the_same)
{
    static const struct memory_answer script[] = { { .path = "/l", .status = 200, .body = LIST("7", NEXT("t"), ITEM("a")) },
                                                   { .path = "/l?limit=2&continue=t", .status = 200, .body = LIST("7", "", ITEM("b")) },
                                                   { 0 } };
    struct setup s;
    set_up(&s, script, false);
    run(&s);
    ck_assert_int_eq(s.job.err.code, ERR_NONE);
    told(&s, "a b");
    arena_release(&s.arena);
}
END_TEST

/* ---- 410 ---- */

START_TEST(an_expired_list_is_begun_again_whole)
{
    static const struct memory_answer script[] = {
        { .path = "/l?limit=2", .status = 200, .body = LIST("7", NEXT("t"), ITEM("a") "," ITEM("b")) },
        { .path = "/l?limit=2&continue=t", .status = 410, .body = GONE },
        { .path = "/l", .status = 200, .body = LIST("9", "", ITEM("b") "," ITEM("c") "," ITEM("d")) },
        { 0 }
    };
    struct setup s;
    set_up(&s, script, true);
    run(&s);
    ck_assert_msg(s.job.err.code == ERR_NONE, "%s", s.job.err.text);
    told(&s, "a b c d");
    ck_assert_uint_eq(s.job.restarts, 1);
    ck_assert(s.job.inconsistent);
    ck_assert(str_eq_c(s.job.resource_version, "9"));
    ck_assert_uint_eq(s.job.last_call, 3);
    ck_assert_int_eq(s.client.calls.item[1].err_code, ERR_EXPIRED);
    ck_assert_int_eq(s.client.calls.item[2].item_count, 3);
    arena_release(&s.arena);
}
END_TEST

START_TEST(the_newer_token_serves_when_the_whole_does_not_come)
{
    static const struct memory_answer script[] = {
        { .path = "/l?limit=2", .status = 200, .body = LIST("7", NEXT("t"), ITEM("a") "," ITEM("b")) },
        { .path = "/l?limit=2&continue=t", .status = 410, .body = GONE },
        { .path = "/l", .status = 504, .body = "timeout" },
        { .path = "/l?limit=2&continue=newer", .status = 200, .body = LIST("9", "", ITEM("c")) },
        { 0 }
    };
    struct setup s;
    set_up(&s, script, true);
    s.client.limits.retries = 0;
    run(&s);
    ck_assert_msg(s.job.err.code == ERR_NONE, "%s", s.job.err.text);
    told(&s, "a b c");
    ck_assert(s.job.inconsistent);
    arena_release(&s.arena);
}
END_TEST

/* Whatever snapshot the pages behind it claim to be of: the token of a second 410 is of another. */
START_TEST(a_second_410_is_told)
{
    static const char *const body[] = { LIST("7", "", ITEM("c")), LIST("9", "", ITEM("c")) };
    const struct memory_answer script[] = { { .path = "/l?limit=2", .status = 200, .body = LIST("7", NEXT("t"), ITEM("a")) },
                                            { .path = "/l?limit=2&continue=t", .status = 410, .body = GONE },
                                            { .path = "/l", .status = 200, .body = LIST("7", NEXT("u"), ITEM("a") "," ITEM("b")) },
                                            { .path = "/l?limit=2&continue=u", .status = 410, .body = GONE },
                                            { .path = "/l?limit=2&continue=newer", .status = 200, .body = body[_i] },
                                            { 0 } };
    struct setup s;
    set_up(&s, script, true);
    run(&s);
    ck_assert_msg(s.job.err.code == ERR_NONE, "%s", s.job.err.text);
    told(&s, "a b c");
    ck_assert(s.job.inconsistent);
    arena_release(&s.arena);
}
END_TEST

START_TEST(a_server_that_always_expires_comes_to_an_end)
{
    static const struct memory_answer script[] = { { .path = "/l?limit=2", .status = 200, .body = LIST("7", NEXT("t"), ITEM("a")) },
                                                   { .path = "/l", .status = 200, .body = LIST("8", NEXT("u"), ITEM("a")) },
                                                   { .path = "/l?*", .status = 410, .body = GONE },
                                                   { 0 } };
    struct setup s;
    set_up(&s, script, true);
    run(&s);
    ck_assert_int_eq(s.job.err.code, ERR_EXPIRED);
    ck_assert_int_eq(s.job.status, 410);
    told(&s, "a");
    ck_assert_uint_lt(s.transport.sent_count, 10);
    arena_release(&s.arena);
}
END_TEST

/* ---- cut connections ---- */

#define FIRST_TWO (sizeof LIST("7", "", ITEM("a") "," ITEM("b")) - 2)

START_TEST(a_cut_list_is_begun_again_and_nothing_told_twice)
{
    const struct memory_answer script[] = { { .path = "/l",
                                              .status = 200,
                                              .body = LIST("7", "", ITEM("a") "," ITEM("b") "," ITEM("c")),
                                              .err = ERR_NET,
                                              .loss = LOSS_CUT,
                                              .cut_bytes = FIRST_TWO,
                                              .times = 1 },
                                            { .path = "/l",
                                              .status = 200,
                                              .body = _i ? LIST("8", "", ITEM("b") "," ITEM("c"))
                                                         : LIST("7", "", ITEM("a") "," ITEM("b") "," ITEM("c")) },
                                            { 0 } };
    struct setup s;
    set_up(&s, script, false);
    run(&s);
    ck_assert_msg(s.job.err.code == ERR_NONE, "%s", s.job.err.text);
    told(&s, "a b c");
    ck_assert_uint_eq(s.job.restarts, 1);
    /* The same resourceVersion is the same snapshot. */
    ck_assert(s.job.inconsistent == (_i == 1));
    ck_assert_uint_eq(s.client.calls.count, 2);
    ck_assert_int_eq(s.client.calls.item[0].err_code, ERR_NET);
    ck_assert_int_eq(s.client.calls.item[0].item_count, 2);
    ck_assert(!s.client.calls.item[0].has_digest && s.client.calls.item[1].has_digest);
    ck_assert_int_gt(s.transport.sent[1].delay_ms, 0);
    arena_release(&s.arena);
}
END_TEST

START_TEST(a_cut_page_is_asked_for_again)
{
    static const struct memory_answer script[] = {
        { .path = "/l?limit=2", .status = 200, .body = LIST("7", NEXT("t"), ITEM("a") "," ITEM("b")) },
        { .path = "/l?limit=2&continue=t",
          .status = 200,
          .body = LIST("7", "", ITEM("c") "," ITEM("d")),
          .err = ERR_NET,
          .loss = LOSS_CUT,
          .cut_bytes = sizeof LIST("7", "", ITEM("c")) - 2,
          .times = 1 },
        { .path = "/l?limit=2&continue=t", .status = 200, .body = LIST("7", "", ITEM("c") "," ITEM("d")) },
        { 0 }
    };
    struct setup s;
    set_up(&s, script, true);
    run(&s);
    ck_assert_msg(s.job.err.code == ERR_NONE, "%s", s.job.err.text);
    told(&s, "a b c d");
    ck_assert_uint_eq(s.job.restarts, 0);
    ck_assert_uint_eq(s.job.pages, 2);
    ck_assert(!s.job.inconsistent);
    arena_release(&s.arena);
}
END_TEST

START_TEST(what_was_seen_is_kept_when_the_server_is_gone)
{
    static const struct memory_answer script[] = { { .path = "/l",
                                                     .status = 200,
                                                     .body = LIST("7", "", ITEM("a") "," ITEM("b")),
                                                     .err = ERR_NET,
                                                     .loss = LOSS_CUT,
                                                     .cut_bytes = sizeof LIST("7", "", ITEM("a")) - 2 },
                                                   { 0 } };
    struct setup s;
    set_up(&s, script, false);
    run(&s);
    ck_assert_int_eq(s.job.err.code, ERR_NET);
    told(&s, "a");
    ck_assert_uint_eq(s.transport.sent_count, 4);
    ck_assert_int_eq(s.job.status, 200);
    ck_assert(str_eq_c(s.job.resource_version, "7"));
    arena_release(&s.arena);
}
END_TEST

START_TEST(trouble_before_the_first_byte_is_the_clients)
{
    static const struct memory_answer script[] = { { .path = "/l", .err = ERR_NET, .loss = LOSS_CUT, .times = 1 },
                                                   { .path = "/l", .status = 429, .retry_after_s = 1, .times = 1 },
                                                   { .path = "/l", .status = 200, .body = LIST("7", "", ITEM("a")) },
                                                   { 0 } };
    struct setup s;
    set_up(&s, script, false);
    run(&s);
    ck_assert_int_eq(s.job.err.code, ERR_NONE);
    told(&s, "a");
    ck_assert_uint_eq(s.job.restarts, 0);
    ck_assert_uint_eq(s.client.calls.count, 1);
    ck_assert_uint_eq(s.client.calls.item[0].retries, 2);
    arena_release(&s.arena);
}
END_TEST

/* ---- no list ---- */

static const struct {
    const char *name;
    struct memory_answer answer;
    enum err_code code;
    const char *says, *told;
} bad_row[] = {
    { "no items",
      { .status = 200, .body = "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"7\"}}" },
      ERR_INPUT,
      "\"items\"",
      "" },
    { "items of another type", { .status = 200, .body = "{\"kind\":\"PodList\",\"items\":{}}" }, ERR_INPUT, NULL, "" },
    { "an object", { .status = 200, .body = "{\"kind\":\"Pod\",\"items\":[]}" }, ERR_INPUT, "says \"Pod\" of itself", "" },
    { "a Status", { .status = 200, .body = "{\"kind\":\"Status\",\"status\":\"Failure\"}" }, ERR_INPUT, "not a list", "" },
    { "no kind", { .status = 200, .body = "{\"items\":[" ITEM("a") "]}" }, ERR_INPUT, "kind", "a" },
    { "a string", { .status = 200, .body = "\"hello\"" }, ERR_INPUT, NULL, "" },
    { "broken in the middle",
      { .status = 200,
        .body = LIST("7", "",
                     ITEM("a") ","
                               "}" ITEM("b")) },
      ERR_INPUT,
      NULL,
      "a" },
    { "a web page", { .status = 200, .type = "text/html", .body = "<html>" }, ERR_SERVER, "text/html", "" },
    { "a cut that nobody declared", { .status = 200, .body = "{\"kind\":\"PodList\",\"items\":[" ITEM("a") "," }, ERR_NET, "cut", "a" },
    { "an empty body", { .status = 200, .body = "" }, ERR_NET, "cut", "" },
    { "403", { .status = 403, .body = "{\"kind\":\"Status\",\"message\":\"no\"}" }, ERR_DENIED, "403 no", "" },
    { "404", { .status = 404 }, ERR_NOT_FOUND, "404", "" },
    { "410 at once", { .status = 410, .body = GONE }, ERR_EXPIRED, "410", "" },
    { "pages without end", { .status = 200, .body = LIST("7", NEXT("t"), "") }, ERR_SERVER, "do not come to an end", "" },
    { "a token of another type", { .status = 200, .body = LIST("7", ",\"continue\":7", ITEM("a")) }, ERR_NONE, NULL, "a" },
};

/* Asked for: a PodList of v1. */
static const struct {
    const char *name;
    struct memory_answer answer;
    enum err_code code;
    const char *says;
} other_row[] = {
    { "what was asked for", { .status = 200, .body = "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[]}" }, ERR_NONE, NULL },
    { "told at the end",
      { .status = 200, .body = "{\"items\":[" ITEM("a") "],\"apiVersion\":\"v1\",\"kind\":\"PodList\"}" },
      ERR_NONE,
      NULL },
    { "a list of something else",
      { .status = 200, .body = "{\"kind\":\"EventList\",\"apiVersion\":\"v1\",\"items\":[]}" },
      ERR_INPUT,
      "not a v1 PodList: it says \"EventList\"" },
    { "one of something else, with items",
      { .status = 200, .body = "{\"kind\":\"EventList\",\"apiVersion\":\"v1\",\"items\":[" ITEM("a") "]}" },
      ERR_INPUT,
      "EventList" },
    { "of another version",
      { .status = 200, .body = "{\"kind\":\"PodList\",\"apiVersion\":\"v2\",\"items\":[]}" },
      ERR_INPUT,
      "says \"v2\"" },
    { "of no version", { .status = 200, .body = "{\"kind\":\"PodList\",\"items\":[]}" }, ERR_INPUT, "does not say its apiVersion" },
    { "of no kind", { .status = 200, .body = "{\"apiVersion\":\"v1\",\"items\":[]}" }, ERR_INPUT, "does not say its kind" },
    { "first another, then this",
      { .status = 200, .body = "{\"kind\":\"EventList\",\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[]}" },
      ERR_INPUT,
      "EventList" },
    { "a part", { .status = 206, .body = "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[]}" }, ERR_SERVER, "206" },
    { "a proxy's own", { .status = 203, .body = "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[]}" }, ERR_SERVER, "203" },
    { "nothing", { .status = 204, .body = "" }, ERR_SERVER, "204" },
};

START_TEST(what_was_not_asked_for_is_an_error)
{
    struct memory_answer script[] = { other_row[_i].answer, { 0 } };
    struct setup s;
    script[0].path = "/l*";
    set_up(&s, script, false);
    s.job.kind = STR("PodList");
    s.job.api_version = STR("v1");
    run(&s);
    ck_assert_msg(s.job.err.code == other_row[_i].code, "%s: %d %s", other_row[_i].name, (int)s.job.err.code, s.job.err.text);
    if (other_row[_i].says)
        ck_assert_msg(strstr(s.job.err.text, other_row[_i].says) != NULL, "%s: %s", other_row[_i].name, s.job.err.text);
    arena_release(&s.arena);
}
END_TEST

START_TEST(what_is_no_list_is_an_error)
{
    struct memory_answer script[] = { bad_row[_i].answer, { 0 } };
    struct setup s;
    script[0].path = "/l*";
    set_up(&s, script, false);
    run(&s);
    ck_assert_msg(s.job.err.code == bad_row[_i].code, "%s: %d %s", bad_row[_i].name, (int)s.job.err.code, s.job.err.text);
    if (bad_row[_i].says)
        ck_assert_msg(strstr(s.job.err.text, bad_row[_i].says) != NULL, "%s: %s", bad_row[_i].name, s.job.err.text);
    told(&s, bad_row[_i].told);
    /* Each page without end was whole by itself. */
    if (s.job.err.code != ERR_SERVER || s.job.pages == 0)
        ck_assert_int_eq(s.client.calls.item[s.client.calls.count - 1].err_code, bad_row[_i].code);
    arena_release(&s.arena);
}
END_TEST

/* ---- limits ---- */

START_TEST(limits)
{
    static const struct memory_answer script[] = { { .path = "/l",
                                                     .status = 200,
                                                     .body = LIST("7", "", ITEM("a") "," ITEM("bbbbbbbbbbbbbbbbbbbbbbbb") "," ITEM("c")),
                                                     .chunk_bytes = 16 },
                                                   { 0 } };
    struct setup s;

    set_up(&s, script, false);
    s.client.limits.list_items = 2;
    run(&s);
    ck_assert_int_eq(s.job.err.code, ERR_LIMIT);
    ck_assert_uint_eq(s.told_count, 2);
    arena_release(&s.arena);

    set_up(&s, script, false);
    s.client.limits.list_bytes = 150;
    run(&s);
    ck_assert_int_eq(s.job.err.code, ERR_LIMIT);
    told(&s, "a");
    ck_assert_uint_eq(s.transport.sent_count, 1);
    arena_release(&s.arena);

    set_up(&s, script, false);
    s.client.limits.item_bytes = 60;
    run(&s);
    ck_assert_msg(s.job.err.code == ERR_NONE, "%s", s.job.err.text);
    told(&s, "a c");
    ck_assert_uint_eq(s.job.oversize_items, 1);
    ck_assert_int_eq(s.client.calls.item[0].item_count, 3);
    arena_release(&s.arena);

    set_up(&s, script, false);
    s.stop_at = 2;
    run(&s);
    ck_assert_int_eq(s.job.err.code, ERR_INPUT);
    ck_assert_str_eq(s.job.err.text, "refused by the test");
    arena_release(&s.arena);
}
END_TEST

START_TEST(an_oversize_item_is_counted_once_however_often_it_comes)
{
    static const struct memory_answer script[] = {
        { .path = "/l",
          .status = 200,
          .body = LIST("7", "", ITEM("bbbbbbbbbbbbbbbbbbbbbbbb") "," ITEM("a") "," ITEM("c")),
          .err = ERR_NET,
          .loss = LOSS_CUT,
          .cut_bytes = sizeof LIST("7", "", ITEM("bbbbbbbbbbbbbbbbbbbbbbbb") "," ITEM("a")) - 2,
          .times = 1 },
        { .path = "/l", .status = 200, .body = LIST("7", "", ITEM("bbbbbbbbbbbbbbbbbbbbbbbb") "," ITEM("a") "," ITEM("c")) },
        { 0 }
    };
    struct setup s;
    set_up(&s, script, false);
    s.client.limits.item_bytes = 60;
    run(&s);
    ck_assert_int_eq(s.job.err.code, ERR_NONE);
    told(&s, "a c");
    ck_assert_uint_eq(s.job.oversize_items, 1);
    arena_release(&s.arena);
}
END_TEST

/* ---- many at once ---- */

/* ---- protobuf ---- */

static void set_up_proto(struct setup *s, const struct memory_answer *script, bool chunked)
{
    set_up(s, script, chunked);
    s->job.proto = proto_root_find(STR("v1"), STR("ConfigMap"));
}

static const struct {
    struct memory_answer answer;
    const char *told; /* NULL: an error */
} proto_row[] = {
    { { "/l", 200, P_BODY("\x1b", P_META("7") P_ITEM("a") P_ITEM("b")) }, "a b" },
    { { "/l", 200, P_BODY("\x1b", P_META("7") P_ITEM("a") P_ITEM("b")), .chunk_bytes = 1 }, "a b" },
    { { "/l", 200, P_BODY("\x07", P_META("7")) }, "" },
    /* whoever answers with JSON is read as JSON */
    { { "/l", 200, .body = LIST("7", "", ITEM("a") "," ITEM("b")) }, "a b" },
    { { "/l", 200, .body = LIST("7", "", ITEM("a")), .type = "application/json; charset=utf-8" }, "a" },
    /* a list of another kind, and what is no list */
    { { "/l", 200,
        .body = "k8s\0"
                "\x0a\x0d\x0a\x02v1\x12\x07PodList\x12\x07" P_META("7"),
        .body_bytes = 28, .type = P_TYPE },
      NULL },
    { { "/l", 200,
        .body = "k8s\0"
                "\x0a\x0f\x0a\x02v1\x12\x09"
                "ConfigMap\x12\x07" P_META("7"),
        .body_bytes = 30, .type = P_TYPE },
      NULL },
    { { "/l", 200, .body = "<html>", .type = "text/html" }, NULL },
    /* JSON that says it is protobuf, and then again */
    { { "/l", 200, .body = LIST("7", "", ""), .type = P_TYPE }, NULL },
};

START_TEST(lists_as_protobuf)
{
    struct memory_answer script[2] = { proto_row[_i].answer };
    struct setup s;
    set_up_proto(&s, script, false);
    run(&s);
    ck_assert_msg((s.job.err.code == ERR_NONE) == (proto_row[_i].told != NULL), "%s", s.job.err.text);
    ck_assert_str_eq(s.transport.sent[0].accept, P_ACCEPT);
    if (proto_row[_i].told) {
        told(&s, proto_row[_i].told);
        ck_assert(str_eq_c(s.job.resource_version, "7") && !s.job.json_reason.n && !s.job.restarts);
        ck_assert_int_eq(s.client.calls.item[0].item_count, (int64_t)s.told_count);
        ck_assert(str_eq_c(s.client.calls.item[0].accept, P_ACCEPT));
    }
    arena_release(&s.arena);
}
END_TEST

START_TEST(pages_as_protobuf)
{
    static const struct memory_answer script[] = {
        { "/l?limit=2", 200, P_BODY("\x1c", P_MORE("7") P_ITEM("a") P_ITEM("b")) },
        { "/l?limit=2&continue=t", 200, P_BODY("\x11", P_META("7") P_ITEM("c")) },
        { 0 },
    };
    struct setup s;
    set_up_proto(&s, script, true);
    run(&s);
    ck_assert_msg(s.job.err.code == ERR_NONE, "%s", s.job.err.text);
    told(&s, "a b c");
    ck_assert_uint_eq(s.job.pages, 2);
    ck_assert(!s.job.inconsistent);
    arena_release(&s.arena);
}
END_TEST

/* Cut after any number of bytes it is asked for again, and never whole. */
START_TEST(cut_protobuf_is_never_whole)
{
    struct memory_answer script[] = {
        { "/l", 200, P_BODY("\x1b", P_META("7") P_ITEM("a") P_ITEM("b")), .times = 1 },
        { "/l", 200, P_BODY("\x1b", P_META("7") P_ITEM("a") P_ITEM("b")) },
        { 0 },
    };
    for (size_t cut = 1; cut < script[0].body_bytes - 4; cut++) {
        struct setup s;
        script[0].body_bytes = cut;
        script[0].times = 0; /* always cut: it never ends well */
        set_up_proto(&s, script, false);
        run(&s);
        ck_assert_int_eq(s.job.err.code, ERR_NET);
        arena_release(&s.arena);
        script[0].times = 1; /* once: the rest comes, and nothing is told twice */
        set_up_proto(&s, script, false);
        run(&s);
        ck_assert_msg(s.job.err.code == ERR_NONE, "%s", s.job.err.text);
        told(&s, "a b");
        arena_release(&s.arena);
        script[0].body_bytes = script[1].body_bytes;
    }
}
END_TEST

START_TEST(what_protobuf_has_and_is_not_known_is_read_again_as_json)
{
    static const struct memory_answer script[] = {
        { "/l", 200, P_BODY("\x27", P_META("7") P_ITEM("a") P_ODD P_ITEM("b")), .times = 1 },
        { "/l", 200, .body = LIST("8", "", ITEM("a") "," ITEM("odd") "," ITEM("b")) },
        { 0 },
    };
    struct setup s;
    set_up_proto(&s, script, false);
    s.transport.script = script;
    run(&s);
    ck_assert_msg(s.job.err.code == ERR_NONE, "%s", s.job.err.text);
    told(&s, "a odd b");
    ck_assert_str_eq(s.transport.sent[1].accept, "application/json");
    ck_assert(str_contains(s.job.json_reason, STR("field 99 of ConfigMap is not known")));
    ck_assert(s.job.inconsistent); /* a of snapshot 7, the others of 8 */
    arena_release(&s.arena);
}
END_TEST

START_TEST(a_client_may_ask_for_json_alone)
{
    static const struct memory_answer script[] = { { "/l", 200, .body = LIST("7", "", ITEM("a")) }, { 0 } };
    struct setup s;
    set_up_proto(&s, script, false);
    s.client.json_lists = true;
    run(&s);
    ck_assert_str_eq(s.transport.sent[0].accept, "application/json");
    told(&s, "a");
    arena_release(&s.arena);
}
END_TEST

/* A refusal comes in the form that was asked for. */
#define P_STATUS                       \
    "k8s\0"                            \
    "\x0a\x0c\x0a\x02v1\x12\x06Status" \
    "\x12\x24\x0a\x00\x12\x07"         \
    "Failure\x1a\x0c"                  \
    "you may not\n\x22\x09"            \
    "Forbidden"                        \
    "\x1a\x00\x22\x00"
START_TEST(a_refusal_as_protobuf_is_read)
{
    struct memory_answer script[] = { { "/l", 403, .body = P_STATUS, .body_bytes = sizeof P_STATUS - 1, .type = P_TYPE }, { 0 } };
    for (size_t cut = 0; cut < 20; cut++) {
        struct setup s;
        script[0].body_bytes = sizeof P_STATUS - 1 - cut;
        set_up_proto(&s, script, false);
        run(&s);
        ck_assert_int_eq(s.job.err.code, ERR_DENIED);
        ck_assert_msg(cut ? str_is_utf8(str_from_c(s.job.err.text)) : strstr(s.job.err.text, "you may not") != NULL, "%s", s.job.err.text);
        ck_assert(cut == 0 || cut == 2 || cut == 4 || strstr(s.job.err.text, "403 Forbidden"));
        arena_release(&s.arena);
    }
}
END_TEST

START_TEST(no_more_in_flight_than_allowed)
{
    static const struct memory_answer script[] = { { .path = "/l*", .status = 200, .body = LIST("7", "", ITEM("a")) }, { 0 } };
    struct setup s;
    struct list_job job[10];
    set_up(&s, script, false);
    s.client.limits.in_flight = 3;
    for (size_t i = 0; i < 10; i++) {
        job[i] = s.job;
        client_list_start(&s.client, &job[i]);
    }
    client_run(&s.client);
    ck_assert_uint_eq(s.ends, 10);
    ck_assert_uint_eq(s.transport.most_pending, 3);
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_uint_eq(job[i].first_call, i + 1);
    arena_release(&s.arena);
}
END_TEST

static void start_another(struct list_job *job)
{
    struct setup *s = job->ctx;
    s->ends++;
    if (s->ends < 3)
        client_list_start(&s->client, job);
}

START_TEST(an_end_may_start_another)
{
    static const struct memory_answer script[] = { { .path = "/l", .status = 200, .body = LIST("7", "", ITEM("a")) }, { 0 } };
    struct setup s;
    set_up(&s, script, false);
    s.job.on_end = start_another;
    client_list_start(&s.client, &s.job);
    client_run(&s.client);
    ck_assert_uint_eq(s.ends, 3);
    told(&s, "a a a");
    arena_release(&s.arena);
}
END_TEST

START_TEST(one_renewal_serves_all_that_were_refused)
{
    static const struct memory_answer script[] = { { .path = "/l*", .status = 401, .times = 3 },
                                                   { .path = "/l*", .status = 200, .body = LIST("7", "", ITEM("a")) },
                                                   { 0 } };
    struct setup s;
    struct list_job job[3];
    set_up(&s, script, false);
    s.transport.can_renew = true;
    for (size_t i = 0; i < 3; i++) {
        job[i] = s.job;
        client_list_start(&s.client, &job[i]);
    }
    client_run(&s.client);
    ck_assert_uint_eq(s.transport.renewals, 1);
    for (size_t i = 0; i < 3; i++)
        ck_assert_msg(job[i].err.code == ERR_NONE, "%s", job[i].err.text);
    arena_release(&s.arena);
}
END_TEST

/* ---- names ---- */

static const struct {
    const char *text;
    bool found;
    const char *ns, *name;
} key_row[] = {
    { "{\"metadata\":{\"name\":\"a\",\"namespace\":\"n\"}}", true, "n", "a" },
    { " {\n\"kind\" : \"Pod\" , \"metadata\" : { \"labels\" : {\"name\":\"no\"}, \"name\" : \"a\" } }", true, "", "a" },
    { "{\"spec\":{\"metadata\":{\"name\":\"no\"}},\"metadata\":{\"namespace\":\"n\",\"name\":\"a\\\"b\"}}", true, "n", "a\\\"b" },
    { "{\"x\":[1,-2.5e3,true,null,\"]}\",{\"metadata\":0}],\"metadata\":{\"name\":\"a\"}}", true, "", "a" },
    { "{\"metadata\":{\"name\":7}}", false, "", "" },
    { "{\"metadata\":{\"name\":\"\"}}", false, "", "" },
    { "{\"metadata\":[\"name\"]}", false, "", "" },
    { "{\"metadata\":{\"name\":\"a\"", false, "", "" },
    { "{\"metadata\":{\"name\":\"a", false, "", "" },
    { "{\"metadata\":{\"name\":\"a\\", false, "", "" },
    { "{\"x\":}", false, "", "" },
    { "{\"x\":[[[[", false, "", "" },
    { "[]", false, "", "" },
    { "7", false, "", "" },
    { "", false, "", "" },
};

START_TEST(keys_of_items)
{
    struct str ns = { 0 }, name = { 0 };
    /* On the heap and exactly as long, so that reading past the end is seen. */
    size_t n = strlen(key_row[_i].text);
    char *text = malloc(n + 1);
    memcpy(text, key_row[_i].text, n + 1);
    char *tight = realloc(text, n ? n : 1);
    bool found = item_key_read(str_of(tight, n), &ns, &name);
    ck_assert_msg(found == key_row[_i].found, "%s", key_row[_i].text);
    ck_assert(str_eq_c(ns, key_row[_i].ns) && str_eq_c(name, key_row[_i].name));
    free(tight);
}
END_TEST

START_TEST(a_set_of_many)
{
    struct seen_set set = { 0 };
    char text[32];
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 100000; i++) {
            int n = snprintf(text, sizeof text, "pod-%u", i);
            bool is_new = seen_add(&set, STR("n"), str_of(text, (size_t)n));
            ck_assert(is_new == (round == 0));
        }
    }
    ck_assert_uint_eq(set.count, 100000);
    ck_assert(seen_add(&set, STR("np"), STR("od-1")));
    ck_assert(seen_add(&set, STR(""), STR("npod-1")));
    seen_release(&set);
    ck_assert(seen_add(&set, STR("n"), STR("pod-1")));
    seen_release(&set);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table)[0])

int main(void)
{
    Suite *suite = suite_create("list");
    TCase *t = tcase_create("list");
    tcase_add_loop_test(t, a_whole_list, 0, ROWS(whole_row));
    tcase_add_test(t, pages);
    tcase_add_test(t, a_query_is_kept);
    tcase_add_test(t, an_unpaged_list_that_is_paged_all_the_same);
    tcase_add_test(t, an_expired_list_is_begun_again_whole);
    tcase_add_test(t, the_newer_token_serves_when_the_whole_does_not_come);
    tcase_add_loop_test(t, a_second_410_is_told, 0, 2);
    tcase_add_test(t, a_server_that_always_expires_comes_to_an_end);
    tcase_add_loop_test(t, a_cut_list_is_begun_again_and_nothing_told_twice, 0, 2);
    tcase_add_test(t, a_cut_page_is_asked_for_again);
    tcase_add_test(t, what_was_seen_is_kept_when_the_server_is_gone);
    tcase_add_test(t, trouble_before_the_first_byte_is_the_clients);
    tcase_add_loop_test(t, what_is_no_list_is_an_error, 0, ROWS(bad_row));
    tcase_add_loop_test(t, what_was_not_asked_for_is_an_error, 0, ROWS(other_row));
    tcase_add_test(t, limits);
    tcase_add_test(t, an_oversize_item_is_counted_once_however_often_it_comes);
    tcase_add_loop_test(t, lists_as_protobuf, 0, ROWS(proto_row));
    tcase_add_test(t, pages_as_protobuf);
    tcase_add_test(t, cut_protobuf_is_never_whole);
    tcase_add_test(t, what_protobuf_has_and_is_not_known_is_read_again_as_json);
    tcase_add_test(t, a_client_may_ask_for_json_alone);
    tcase_add_test(t, a_refusal_as_protobuf_is_read);
    tcase_add_test(t, no_more_in_flight_than_allowed);
    tcase_add_test(t, an_end_may_start_another);
    tcase_add_test(t, one_renewal_serves_all_that_were_refused);
    tcase_add_loop_test(t, keys_of_items, 0, ROWS(key_row));
    tcase_add_test(t, a_set_of_many);
    suite_add_tcase(suite, t);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
