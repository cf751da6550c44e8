/* Splitting lists as they arrive: the same calls, whatever the chunks; what it takes and what it refuses. */
#include "base/buf.h"
#include "value/json_read.h"

#include <check.h>

#define COUNT(table)   ((int)(sizeof(table) / sizeof(table)[0]))
#define ITEM_BYTES_MAX 40

/* Each call as a line, so that two runs can be compared. */
struct witness {
    struct buf log;
    uint64_t fail_at; /* the item whose callback fails, from 1; 0: none */
};

static bool on_item(void *ctx, struct str bytes, struct err *err)
{
    struct witness *w = ctx;
    buf_addf(&w->log, "item <%.*s>\n", STR_ARG(bytes));
    if (w->fail_at && --w->fail_at == 0)
        return err_set(err, ERR_CANCELLED, "enough");
    return true;
}

static bool on_meta(void *ctx, struct str key, struct str bytes, struct err *err)
{
    struct witness *w = ctx;
    (void)err;
    buf_addf(&w->log, "meta <%.*s> <%.*s>\n", STR_ARG(key), STR_ARG(bytes));
    return true;
}

static bool on_oversize(void *ctx, uint64_t item_index, struct err *err)
{
    struct witness *w = ctx;
    (void)err;
    buf_addf(&w->log, "oversize %llu\n", (unsigned long long)item_index);
    return true;
}

/* A piece of its own on the heap, so that AddressSanitizer sees a read past its end, and one after the call. */
static bool feed_piece(struct json_list_split *s, struct str piece, struct err *err)
{
    char *copy = malloc(piece.n ? piece.n : 1);
    ck_assert_ptr_nonnull(copy);
    if (piece.n)
        memcpy(copy, piece.p, piece.n);
    bool ok = json_list_split_feed(s, str_of(copy, piece.n), err);
    free(copy);
    return ok;
}

/* Feeds text cut at the given places (ascending), and logs the calls and the end. */
static void split_at(struct witness *w, struct str text, const size_t *cut, size_t cut_count)
{
    struct arena arena CLEANUP(arena_release) = { 0 };
    struct err err = { 0 };
    struct json_list_split s = {
        .item_bytes_max = ITEM_BYTES_MAX,
        .item = on_item,
        .meta = on_meta,
        .oversize = on_oversize,
        .ctx = w,
    };
    bool ok = json_list_split_open(&s, &arena, &err);
    size_t from = 0;
    for (size_t i = 0; ok && i <= cut_count; i++) {
        size_t to = i < cut_count ? cut[i] : text.n;
        ok = feed_piece(&s, str_sub(text, from, to), &err);
        from = to;
        if (s.pending->cap_bytes > JSON_LIST_META_BYTES_MAX + 1)
            ck_abort_msg("%zu bytes pending", s.pending->cap_bytes);
    }
    ok = ok && json_list_split_end(&s, &err);
    if (ok && s.byte_count != text.n)
        ck_abort_msg("%llu bytes", (unsigned long long)s.byte_count);
    if (ok)
        buf_addf(&w->log, "%llu items%s", (unsigned long long)s.item_count, s.has_items ? "" : ", no list of them");
    else
        buf_addf(&w->log, "%s: %s", err_code_name(err.code), err.text);
    json_list_split_close(&s);
    json_list_split_close(&s);
}

/* ---- lists ---- */

#define WIDE "0123456789012345678901234567890123456789" /* 40 bytes */

static const struct {
    struct str text;
    const char *log;
} list[] = {
#define LIST(text, log)     \
    {                       \
        STR_INIT(text), log \
    }
    LIST("{}", "0 items, no list of them"),
    LIST(" { } ", "0 items, no list of them"),
    LIST("{\"items\":[]}", "0 items"),
    LIST("{\"items\" : [ ] } \n", "0 items"),
    LIST("{\"items\":null}", "0 items"),
    LIST("{\"items\": null ,\"kind\":\"PodList\"}", "meta <kind> <\"PodList\">\n0 items"),
    LIST("{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[{\"a\":1},{\"b\":2}]}\n",
         "meta <kind> <\"PodList\">\nmeta <apiVersion> <\"v1\">\nmeta <metadata> <{\"resourceVersion\":\"7\"}>\n"
         "item <{\"a\":1}>\nitem <{\"b\":2}>\n2 items"),
    LIST("{\"items\":[{\"a\":1}],\"metadata\":{\"items\":[1,2]},\"x\":[{\"items\":3}],\"y\":-1.5,\"z\":true}",
         "item <{\"a\":1}>\nmeta <metadata> <{\"items\":[1,2]}>\nmeta <x> <[{\"items\":3}]>\nmeta <y> <-1.5>\nmeta <z> <true>\n1 items"),
    LIST("{\n  \"items\" :\n  [\n    { \"a\" : [ 1 , 2 ] }\n    ,\n    {}\n  ]\n  ,\n  \"kind\" : \"L\"\n}\n",
         "item <{ \"a\" : [ 1 , 2 ] }>\nitem <{}>\nmeta <kind> <\"L\">\n2 items"),
    LIST("{\"a\":\"\\\"items\\\":[{]\",\"items\":[{\"s\":\"},{\\\\\"},{\"t\":\"\\\"items\\\":[\"}]}",
         "meta <a> <\"\\\"items\\\":[{]\">\nitem <{\"s\":\"},{\\\\\"}>\nitem <{\"t\":\"\\\"items\\\":[\"}>\n2 items"),
    LIST("{\"items\":[{\"items\":[{\"items\":[]}]}]}", "item <{\"items\":[{\"items\":[]}]}>\n1 items"),
    LIST("{\"metadata\":{\"items\":[{}]},\"Items\":[1],\"items \":[2],\"item\":[3]}",
         "meta <metadata> <{\"items\":[{}]}>\nmeta <Items> <[1]>\nmeta <items > <[2]>\nmeta <item> <[3]>\n0 items, no list of them"),
    LIST("{\"\\u0069tems\":[{}],\"k\\u00e9\\\"\":0,\"\":1}", "item <{}>\nmeta <k\xC3\xA9\"> <0>\nmeta <> <1>\n1 items"),
    LIST("{\"kind\":1,\"kind\":2}", "meta <kind> <1>\nmeta <kind> <2>\n0 items, no list of them"),
    LIST("{\"items\":[1, \"a,b]}\" ,null,[[]],-2 ,\"\\\\\"]}",
         "item <1>\nitem <\"a,b]}\">\nitem <null>\nitem <[[]]>\nitem <-2>\nitem <\"\\\\\">\n6 items"),
    /* Items that are not JSON, between balanced quotes and brackets. */
    LIST("{\"items\":[{\"a\":},{\"b\":2}]}", "item <{\"a\":}>\nitem <{\"b\":2}>\n2 items"),
    LIST("{\"items\":[{} {},{\"a\":1}x,{'a':1},nul,{\"b\":2}]}",
         "item <{} {}>\nitem <{\"a\":1}x>\nitem <{'a':1}>\nitem <nul>\nitem <{\"b\":2}>\n5 items"),
    LIST("{\"items\":[{\"a\":[1}],{\"b\":2}]}", "item <{\"a\":[1}]>\nitem <{\"b\":2}>\n2 items"),
    LIST("{\"items\":[{\"a\":\"\xFF\n\\x\"},\\,{\"b\":2}]}", "item <{\"a\":\"\xFF\n\\x\"}>\nitem <\\>\nitem <{\"b\":2}>\n3 items"),
    LIST("{\"x\":nonsense,\"items\":[]}", "meta <x> <nonsense>\n0 items"),
    /* At the limit and over it. */
    LIST("{\"items\":[" WIDE "," WIDE "0,{\"a\":1}]}", "item <" WIDE ">\noversize 1\nitem <{\"a\":1}>\n3 items"),
    LIST("{\"items\":[{\"a\":[" WIDE "," WIDE "],\"b\":{}},{\"c\":\"" WIDE "\"}],\"kind\":\"" WIDE "L\"}",
         "oversize 0\noversize 1\nmeta <kind> <\"" WIDE "L\">\n2 items"),
    LIST("{\"items\":[{\"a\":1},\"" WIDE WIDE WIDE "\",[" WIDE "]]}", "item <{\"a\":1}>\noversize 1\noversize 2\n3 items"),
    /* The list's own faults. */
    LIST("", "input: byte 0: expected a list; there is nothing"),
    LIST(" [ ] ", "input: byte 1: expected the \"{\" of a list; found \"[\""),
    LIST("null", "input: byte 0: expected the \"{\" of a list; found \"n\""),
    LIST("\xEF\xBB\xBF{}", "input: byte 0: expected the \"{\" of a list; found byte 0xEF"),
    LIST("{\"items\":[]} {}", "input: byte 13: expected nothing after the list; found \"{\""),
    LIST("{,}", "input: byte 1: expected a key in double quotes; found \",\""),
    LIST("{\"a\":1,}", "meta <a> <1>\ninput: byte 7: expected a key in double quotes; found \"}\""),
    LIST("{\"a\" 1}", "input: byte 5: expected \":\" after the key; found \"1\""),
    LIST("{\"a\":}", "input: byte 5: expected a value; found \"}\""),
    LIST("{\"a\":,\"b\":1}", "input: byte 5: expected a value; found \",\""),
    LIST("{\"a\":1]", "input: byte 6: expected \",\" or \"}\" after a value; found \"]\""),
    LIST("{\"\\q\":1}", "input: the key that ends at byte 5: byte 2: a backslash must be followed by one of "
                        "\" \\ / b f n r t u; found \"q\""),
    LIST("{\"\xC0\":1}", "input: the key that ends at byte 4: byte 1: not UTF-8; found byte 0xC0"),
    LIST("{\"items\":[1],\"items\":[2]}", "item <1>\ninput: byte 20: \"items\" is there a second time"),
    LIST("{\"items\":null,\"items\":[2]}", "input: byte 21: \"items\" is there a second time"),
    LIST("{\"items\":{}}", "input: byte 11: \"items\" is neither a list nor null"),
    LIST("{\"items\":nullx}", "input: byte 14: \"items\" is neither a list nor null"),
    LIST("{\"items\":\"[]\"}", "input: byte 13: \"items\" is neither a list nor null"),
    LIST("{\"items\":[1,]}", "item <1>\ninput: byte 12: expected an item; found \"]\""),
    LIST("{\"items\":[,1]}", "input: byte 10: expected an item; found \",\""),
    LIST("{\"items\":[1,,2]}", "item <1>\ninput: byte 12: expected an item; found \",\""),
    LIST("{\"items\":[1}", "input: byte 11: expected \",\" or \"]\" after an item; found \"}\""),
    LIST("{\"items\":[{}}]}", "input: byte 12: expected \",\" or \"]\" after an item; found \"}\""),
    LIST("{\"items\":[}]}", "input: byte 10: expected \",\" or \"]\" after an item; found \"}\""),
    LIST("{\"items\":[]]}", "input: byte 11: expected \",\" or \"}\" after the items; found \"]\""),
    LIST("{\"items\":[] \"a\":1}", "input: byte 12: expected \",\" or \"}\" after the items; found \"\"\""),
    LIST("{\"items\":[{\"a\":1},{\"b\":2]}", "item <{\"a\":1}>\ninput: byte 25: expected \",\" or \"]\" after an item; found \"}\""),
    LIST("{\"items\":[{\"a\":\"b},{\"c\":1}]}", "input: byte 28: the list ends too early, after 0 items"),
#undef LIST
};

START_TEST(gives_the_calls)
{
    struct witness w = { .log = BUF_INIT(1 << 16) };
    split_at(&w, list[_i].text, NULL, 0);
    ck_assert_str_eq(w.log.p, list[_i].log);
    buf_release(&w.log);
}
END_TEST

static void check_cuts(struct str text, const size_t *cut, size_t cut_count, struct str expected)
{
    struct witness w = { .log = BUF_INIT(1 << 20) };
    split_at(&w, text, cut, cut_count);
    if (!str_eq(buf_str(&w.log), expected))
        ck_abort_msg("cut at %zu of %zu: %s", cut[0], cut_count, w.log.p);
    buf_release(&w.log);
}

/* Every place for one cut, every two places, and each byte alone. */
START_TEST(chunks_do_not_matter)
{
    struct str text = list[_i].text, log = str_from_c(list[_i].log);
    size_t each[512];
    ck_assert_uint_lt(text.n, COUNT(each));
    for (size_t i = 0; i <= text.n; i++) {
        each[i] = i;
        check_cuts(text, &i, 1, log);
        for (size_t k = i; k <= text.n; k++)
            check_cuts(text, (size_t[]){ i, k }, 2, log);
    }
    check_cuts(text, each, text.n, log);
}
END_TEST

/* A list that lacks its end, wherever it was cut off, is never taken for whole. */
START_TEST(is_not_whole_when_cut)
{
    struct str text = list[_i].text;
    struct witness whole = { .log = BUF_INIT(1 << 16) };
    split_at(&whole, text, NULL, 0);
    size_t last = str_find_last_char(text, '}');
    if (!strstr(whole.log.p, "input: ")) {
        for (size_t n = 0; n <= last; n++) {
            struct witness w = { .log = BUF_INIT(1 << 16) };
            split_at(&w, str_sub(text, 0, n), NULL, 0);
            if (!strstr(w.log.p, "the list ends too early") && n > 0)
                ck_abort_msg("%.*s: %s", STR_ARG(str_sub(text, 0, n)), w.log.p);
            buf_release(&w.log);
        }
    }
    buf_release(&whole.log);
}
END_TEST

/* A page of real items' size: what each reads as is what reading the page whole gives. */
struct reread {
    struct value items; /* of the page read whole */
    uint64_t count;
};

static bool compare_item(void *ctx, struct str bytes, struct err *err)
{
    struct reread *r = ctx;
    struct arena arena CLEANUP(arena_release) = { 0 };
    struct value v;
    if (!json_read(&v, &arena, bytes, NULL, NULL, 0, err))
        return false;
    return (r->count < r->items.n && value_equal(v, r->items.as.item[r->count++])) ||
           err_set(err, ERR_INPUT, "item %llu differs", (unsigned long long)r->count);
}

START_TEST(items_are_those_of_the_whole)
{
    struct arena arena CLEANUP(arena_release) = { 0 };
    struct buf page CLEANUP(buf_release) = BUF_INIT(1 << 22);
    struct err err = { 0 };
    struct value whole;
    buf_add_c(&page, "{\"kind\":\"L\",\"items\":[");
    for (int i = 0; i < 300; i++) {
        buf_addf(&page, "%s{\"metadata\":{\"name\":\"n-%d\",\"annotations\":{\"quoted\":\"", i ? "," : "", i);
        for (int k = 0; k < i * 7 % 400; k++)
            buf_add_c(&page, k % 5 == 0 ? "\\\"" : k % 7 == 0 ? "\\\\" : k % 3 == 0 ? "}{" : "][,");
        buf_addf(&page, "\"}},\"spec\":{\"a\":[[[%d]],{},[]]}}", i);
    }
    buf_add_c(&page, "]}");
    ck_assert(json_read(&whole, &arena, buf_str(&page), NULL, NULL, 0, &err));
    for (size_t piece = 1; piece < 20000; piece = piece * 3 / 2 + 1) {
        struct reread r = { .items = *value_get(whole, STR("items")) };
        struct json_list_split s = { .item_bytes_max = 1 << 20, .item = compare_item, .ctx = &r };
        bool ok = json_list_split_open(&s, &arena, &err);
        for (size_t at = 0; ok && at < page.n; at += piece)
            ok = feed_piece(&s, str_sub(buf_str(&page), at, at + piece), &err);
        ok = ok && json_list_split_end(&s, &err);
        ck_assert_msg(ok && r.count == 300 && s.item_count == 300, "pieces of %zu: %s", piece, err.text);
        json_list_split_close(&s);
    }
}
END_TEST

/* ---- failing ---- */

START_TEST(a_failing_callback_stops)
{
    struct witness w = { .log = BUF_INIT(1 << 16), .fail_at = 2 };
    struct arena arena CLEANUP(arena_release) = { 0 };
    struct err err = { 0 }, later = { 0 };
    struct json_list_split s = { .item = on_item, .ctx = &w };
    ck_assert(json_list_split_open(&s, &arena, &err));
    ck_assert(!json_list_split_feed(&s, STR("{\"items\":[1,2,3,4"), &err));
    ck_assert_int_eq(err.code, ERR_CANCELLED);
    ck_assert_str_eq(w.log.p, "item <1>\nitem <2>\n");
    ck_assert(!json_list_split_feed(&s, STR(",5]}"), &later));
    ck_assert_str_eq(later.text, "the list has failed before");
    ck_assert(!json_list_split_feed(&s, STR(""), &later));
    ck_assert(!json_list_split_end(&s, &later));
    ck_assert_str_eq(w.log.p, "item <1>\nitem <2>\n");
    json_list_split_close(&s);
    buf_release(&w.log);
}
END_TEST

START_TEST(without_callbacks)
{
    struct arena arena CLEANUP(arena_release) = { 0 };
    struct err err = { 0 };
    struct json_list_split s = { .item_bytes_max = 3 };
    ck_assert(json_list_split_open(&s, &arena, &err));
    ck_assert(json_list_split_feed(&s, STR("{\"a\":1,\"items\":[1,222"), &err));
    ck_assert(!json_list_split_feed(&s, STR("2,3]}"), &err));
    ck_assert_int_eq(err.code, ERR_LIMIT);
    ck_assert_str_eq(err.text, "byte 22: an item of the list is longer than 3 bytes");
    json_list_split_close(&s);
}
END_TEST

/* What stands beside "items" has a limit of its own, and is not kept beyond it. */
START_TEST(limits_other_values)
{
    static const char *const begin[] = { "{\"metadata\":\"", "{\"", "{\"items\":[],\"x\":[", "{\"items\":\"" };
    struct arena arena CLEANUP(arena_release) = { 0 };
    struct err err = { 0 };
    struct json_list_split s = { .item_bytes_max = 10 };
    char block[4096];
    memset(block, '1', sizeof block);
    ck_assert(json_list_split_open(&s, &arena, &err));
    ck_assert(json_list_split_feed(&s, str_from_c(begin[_i]), &err));
    size_t fed = 0;
    while (json_list_split_feed(&s, str_of(block, sizeof block), &err))
        ck_assert_uint_le(fed += sizeof block, JSON_LIST_META_BYTES_MAX);
    ck_assert_int_eq(err.code, ERR_LIMIT);
    ck_assert_uint_ge(fed + sizeof block, JSON_LIST_META_BYTES_MAX);
    json_list_split_close(&s);
}
END_TEST

/* An endless item takes no more memory than one of the limit. */
START_TEST(endless_items_are_not_kept)
{
    struct witness w = { .log = BUF_INIT(1 << 16) };
    struct arena arena CLEANUP(arena_release) = { 0 };
    struct err err = { 0 };
    struct json_list_split s = { .item_bytes_max = 100000, .item = on_item, .oversize = on_oversize, .ctx = &w };
    char block[4096];
    memset(block, '[', sizeof block);
    ck_assert(json_list_split_open(&s, &arena, &err));
    ck_assert(json_list_split_feed(&s, STR("{\"items\":[0,"), &err));
    for (int i = 0; i < 1000; i++) {
        ck_assert(json_list_split_feed(&s, str_of(block, sizeof block), &err));
        ck_assert_uint_le(s.pending->cap_bytes, 100001);
    }
    memset(block, ']', sizeof block);
    for (int i = 0; i < 1000; i++)
        ck_assert(json_list_split_feed(&s, str_of(block, sizeof block), &err));
    ck_assert(json_list_split_feed(&s, STR(",2]}"), &err));
    ck_assert(json_list_split_end(&s, &err));
    ck_assert_str_eq(w.log.p, "item <0>\noversize 1\nitem <2>\n");
    ck_assert_uint_eq(s.item_count, 3);
    json_list_split_close(&s);
    buf_release(&w.log);
}
END_TEST

START_TEST(opens_again_after_close)
{
    struct arena arena CLEANUP(arena_release) = { 0 };
    struct err err = { 0 };
    struct json_list_split s = { 0 };
    for (int i = 0; i < 3; i++) {
        arena_reset(&arena);
        ck_assert(json_list_split_open(&s, &arena, &err));
        ck_assert_uint_eq(s.item_bytes_max, JSON_BYTES_MAX);
        ck_assert(json_list_split_feed(&s, STR("{\"items\":[{\"a\":1},{\"b"), &err));
        ck_assert_uint_eq(s.item_count, 1);
        ck_assert(s.has_items);
        json_list_split_close(&s);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("json_split");
    TCase *t = tcase_create("json_split");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, gives_the_calls, 0, COUNT(list));
    tcase_add_loop_test(t, chunks_do_not_matter, 0, COUNT(list));
    tcase_add_loop_test(t, is_not_whole_when_cut, 0, COUNT(list));
    tcase_add_test(t, items_are_those_of_the_whole);
    tcase_add_test(t, a_failing_callback_stops);
    tcase_add_test(t, without_callbacks);
    tcase_add_loop_test(t, limits_other_values, 0, 4);
    tcase_add_test(t, endless_items_are_not_kept);
    tcase_add_test(t, opens_again_after_close);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
