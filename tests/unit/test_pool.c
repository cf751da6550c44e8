/* What is kept once: a kept value is what was given, marks included, equal parts stand at one address, and an index finds every row. */
#include "value/pool.h"
#include "value/taint.h"

#include <check.h>

static struct arena arena, given;
static struct value_pool pool;

static void open_all(void)
{
    value_pool_init(&pool, &arena);
}

static void close_all(void)
{
    arena_release(&arena);
    arena_release(&given);
}

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Of few names and texts, so that parts repeat. */
static struct value any(uint32_t *state, unsigned depth)
{
    static const char *const text[] = { "", "a", "b", "web", "uid", "resourceVersion", "creationTimestamp" };
    uint32_t kind = next(state) % (depth ? 8 : 6);
    struct value v = value_null();
    struct value_builder b;
    value_builder_init(&b, &given);
    if (kind == 1)
        v = value_bool(next(state) % 2);
    else if (kind == 2)
        v = value_int(next(state) % 3);
    else if (kind == 3)
        v = value_uint(next(state) % 3);
    else if (kind == 4)
        v = value_double(next(state) % 3);
    else if (kind == 5)
        v = value_str(str_dup(&given, str_from_c(text[next(state) % COUNT_OF(text)])));
    for (uint32_t i = 0, n = next(state) % 20; kind == 6 && i < n; i++)
        value_builder_push(&b, any(state, depth - 1));
    for (uint32_t i = 0, n = next(state) % COUNT_OF(text); kind == 7 && i < n; i++)
        value_builder_put(&b, value_str(str_dup(&given, str_from_c(text[i]))), any(state, depth - 1));
    if (kind >= 6)
        v = kind == 6 ? value_builder_list(&b) : value_builder_map(&b);
    return next(state) % 10 ? v : taint_mark(&given, v);
}

/* The same kinds and marks, part by part: equality alone takes 1 for 1.0 and does not see marks. */
static bool is_same(struct value a, struct value b)
{
    bool same = a.kind == b.kind && a.flags == b.flags && value_equal(a, b);
    for (uint32_t i = 0; same && a.kind == VALUE_LIST && i < a.n; i++)
        same = is_same(a.as.item[i], b.as.item[i]);
    for (uint32_t i = 0; same && a.kind == VALUE_MAP && i < a.n; i++)
        same = is_same(a.as.map->entry[i].key, b.as.map->entry[i].key) && is_same(a.as.map->entry[i].val, b.as.map->entry[i].val);
    return same;
}

START_TEST(what_is_kept_is_what_was_given)
{
    enum { COUNT = 400 };
    static struct value was[COUNT], kept[COUNT];
    uint32_t state = (uint32_t)_i + 1;
    for (size_t i = 0; i < COUNT; i++) {
        struct value v = any(&state, 4);
        was[i] = value_dup(&given, v);
        kept[i] = value_pool_keep(&pool, v);
    }
    for (size_t i = 0; i < COUNT; i++)
        ck_assert_msg(is_same(kept[i], was[i]), "value %zu of seed %d", i, _i);
}
END_TEST

static struct value object(const char *uid, const char *app, bool secret)
{
    struct value_builder labels, meta;
    value_builder_init(&labels, &given);
    value_builder_set(&labels, "app", secret ? taint_mark(&given, value_cstr(app)) : value_cstr(app));
    value_builder_init(&meta, &given);
    value_builder_set(&meta, "uid", value_cstr(uid));
    value_builder_set(&meta, "labels", value_builder_map(&labels));
    return value_builder_map(&meta);
}

START_TEST(equal_parts_stand_once)
{
    struct value a = value_pool_keep(&pool, object("u1", "web", false)), b = value_pool_keep(&pool, object("u2", "web", false));
    struct value c = value_pool_keep(&pool, object("u3", "web", true)), d = value_pool_keep(&pool, object("u4", "db", false));
    const struct value *la = value_get(a, STR("labels")), *lb = value_get(b, STR("labels")), *lc = value_get(c, STR("labels"));
    ck_assert_ptr_eq(la->as.map, lb->as.map);
    ck_assert_ptr_ne(la->as.map, lc->as.map); /* one is marked */
    ck_assert(taint_is(*value_get(*lc, STR("app"))) && !taint_is(*value_get(*la, STR("app"))));
    ck_assert_ptr_eq(value_get(*la, STR("app"))->as.s, value_get(*lc, STR("app"))->as.s);
    ck_assert(value_equal(*value_get(d, STR("uid")), value_cstr("u4")) && value_equal(*value_get(a, STR("uid")), value_cstr("u1")));
    ck_assert_uint_eq(pool.map.count, 3); /* the labels; what has a uid is its own */
    ck_assert_ptr_eq(value_pool_text(&pool, STR("web")).p, value_get(*la, STR("app"))->as.s);
}
END_TEST

/* 1, 1u, 1.0 and true are four values. */
START_TEST(kinds_are_told_apart)
{
    struct value one[] = { value_int(1), value_uint(1), value_double(1), value_bool(true), value_null() }, kept[COUNT_OF(one)];
    for (size_t i = 0; i < COUNT_OF(one); i++)
        kept[i] = value_pool_keep(&pool, value_list(&one[i], 1));
    for (size_t i = 0; i < COUNT_OF(one); i++)
        ck_assert_uint_eq(kept[i].as.item[0].kind, one[i].kind);
}
END_TEST

struct number_key {
    const uint32_t *number;
    uint32_t wanted;
    unsigned *asked;
};

static bool is_number(const void *key, uint32_t row)
{
    const struct number_key *k = key;
    ++*k->asked;
    return k->number[row - 1] == k->wanted;
}

/* Also where all hashes are one: then rows are told apart by comparing alone. */
START_TEST(an_index_finds_every_row)
{
    enum { COUNT = 3000 };
    static uint32_t number[COUNT];
    struct index x = { 0 };
    unsigned asked = 0;
    uint32_t count = _i ? 100 : COUNT;
    for (uint32_t i = 0; i < count; i++) {
        number[i] = i * 7;
        index_add(&x, &arena, _i ? 5 : (uint64_t)number[i] * 0x9e3779b97f4a7c15u, i + 1);
    }
    for (uint32_t i = 0; i < count * 7; i++) {
        struct number_key key = { number, i, &asked };
        uint32_t row = index_find(&x, _i ? 5 : (uint64_t)i * 0x9e3779b97f4a7c15u, is_number, &key);
        ck_assert_uint_eq(row, i % 7 ? 0 : i / 7 + 1);
    }
    ck_assert(_i || asked < count + count / 10); /* whoever is asked is nearly always the one */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pool");
    TCase *t = tcase_create("pool");
    tcase_add_checked_fixture(t, open_all, close_all);
    tcase_add_loop_test(t, what_is_kept_is_what_was_given, 0, 20);
    tcase_add_test(t, equal_parts_stand_once);
    tcase_add_test(t, kinds_are_told_apart);
    tcase_add_loop_test(t, an_index_finds_every_row, 0, 2);
    suite_add_tcase(suite, t);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
