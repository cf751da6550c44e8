/* Expressions and data made to hang an evaluation or to fill the memory: each ends within a bound of time
 * and of the arena's bytes, as a value or as an error that has its place. */
#include "cel/program.h"

#include <check.h>
#include <stdlib.h>
#include <time.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define BYTES_MAX    ((size_t)192 << 20)
/* Of processor time; measured: at most 1.1 s, without sanitizers. */
#define SECONDS_MAX 30.0

static struct arena arena;
static struct value x;

/* x: what a hostile object may hold, as large as one item of a list may be (4 MiB). */
static void setup(void)
{
    enum { TEXT = 1 << 20, ITEMS = 60000, KEYS = 20000, DEEP = 190 };
    struct value_builder top, list, map;
    arena = (struct arena){ 0 };
    char *text = arena_alloc(&arena, TEXT);
    memset(text, 'a', TEXT);
    value_builder_init(&top, &arena);
    value_builder_init(&list, &arena);
    value_builder_init(&map, &arena);
    for (int i = 0; i < ITEMS; i++)
        value_builder_push(&list, value_int(i));
    for (int i = 0; i < KEYS; i++)
        value_builder_put(&map, value_str(str_printf(&arena, "key-%d", i)), value_str(STR("v")));
    struct value deep = value_int(1);
    for (int i = 0; i < DEEP; i++) {
        struct value *one = arena_new(&arena, struct value);
        *one = deep;
        deep = value_list(one, 1);
    }
    value_builder_set(&top, "text", value_str(str_of(text, TEXT)));
    value_builder_set(&top, "word", value_str(str_of(text, 200)));
    value_builder_set(&top, "list", value_builder_list(&list));
    value_builder_set(&top, "map", value_builder_map(&map));
    value_builder_set(&top, "deep", deep);
    value_builder_set(&top, "repeat", value_str(STR("(((((a{30}){30}){30}){30}){30})")));
    value_builder_set(&top, "classes", value_str(STR("(\\pL|\\pN|\\pS|\\pP|\\pZ){1,200}$")));
    value_builder_set(&top, "slow", value_str(STR("(x+x+)+y|(a|aa)+$|(.*)(.*)(.*)(.*)(.*)b")));
    value_builder_set(&top, "date", value_str(STR("2026-01-31T10:00:00Z")));
    x = value_builder_map(&top);
}
static void teardown(void)
{
    arena_release(&arena);
}

static const char *const row[] = {
    /* comprehensions in comprehensions */
    "x.list.all(a, x.list.all(b, x.list.all(c, a + b + c >= 0)))",
    "x.list.map(a, x.list.map(b, x.list.map(c, c)))",
    "x.list.map(a, x.list)",
    "x.list.map(a, x.list).map(b, b.map(c, c))",
    "x.list.filter(a, x.list.filter(b, true).size() > 0)",
    "x.list.exists_one(a, x.list.exists_one(b, a == b))",
    "x.map.all(k, x.map.all(l, x.map[k] == x.map[l]))",
    "x.list.transformMap(i, v, x.list.transformMap(j, w, w))",
    "x.list.transformMapEntry(i, v, {'k' + string(v): v})",
    "x.list.transformList(i, v, x.map.transformList(k, w, k + w))",
    "x.list.all(a, 1 / 0 == 1 || true)",
    "x.list.exists(a, x.nothing)",
    /* text that doubles */
    "cel.bind(a, x.text + x.text, cel.bind(b, a + a, cel.bind(c, b + b, cel.bind(d, c + c, cel.bind(e, d + d, cel.bind(f, e + e, f + "
    "f))))))",
    "x.list.map(a, x.text + x.text)",
    "x.list.map(a, string(a) + x.text)",
    "x.list.map(a, x.text)",
    "x.list.map(a, x.text).join(x.text)",
    "x.list.map(a, x.text).join()",
    "x.text.replace('a', x.text)",
    "x.text.replace('', x.text)",
    "x.text.replace('a', 'aaaaaaaaaa').replace('a', 'aaaaaaaaaa').replace('a', 'aaaaaaaaaa')",
    "x.text.split('').map(c, x.text)",
    "x.text.split('a').map(c, x.text.split('a'))",
    "x.list.map(a, x.text.lowerAscii())",
    "x.list.map(a, x.text.upperAscii() + x.text.reverse())",
    "x.list.map(a, x.text.trim())",
    "x.list.map(a, x.text.substring(1))",
    "x.list.map(a, x.text.indexOf('b'))",
    "x.list.map(a, x.text.lastIndexOf(x.word + 'b'))",
    "x.list.map(a, x.text.charAt(1000000))",
    "x.list.all(a, x.text.contains(x.word + 'b' + string(a)) || true)",
    "x.list.all(a, x.text.startsWith(x.text) && x.text.endsWith(x.text))",
    "x.list.all(a, x.text.size() > 0)",
    "x.list.all(a, x.text == x.text)",
    "x.list.all(a, x.text < x.text + 'a')",
    "x.list.map(a, strings.quote(x.text))",
    "x.list.map(a, base64.encode(bytes(x.text)))",
    "x.list.map(a, base64.decode(x.text))",
    "x.list.map(a, string(bytes(x.text)))",
    "'%s%s%s%s%s%s%s%s'.format([x.text, x.text, x.text, x.text, x.text, x.text, x.text, x.text])",
    "x.list.map(a, '%s'.format([x.text]))",
    "x.list.map(a, '%s'.format([x.map]))",
    "'%.1000000000f'.format([1.5])",
    "'%.999f'.format([1e308])",
    "x.list.map(a, '%.999f'.format([1e308]))",
    "x.list.map(a, '%s'.format([x.deep]))",
    "x.list.map(a, '%b %o %x %X'.format([a, a, x.text, x.text]))",
    /* patterns */
    "x.text.matches(x.slow)",
    "x.list.all(a, x.word.matches(x.slow) || true)",
    "x.list.all(a, x.word.matches(x.slow + string(a)) || true)",
    "x.list.all(a, x.word.matches(x.repeat) || true)",
    "x.list.all(a, x.word.matches(x.repeat + string(a)) || true)",
    "x.list.all(a, x.word.matches('(((a{20}){20}){2})' + string(a)) || true)",
    "x.list.all(a, x.word.matches(x.classes + string(a)) || true)",
    "x.list.all(a, x.text.matches('a' + string(a)) || true)",
    "x.text.matches(x.text)",
    "x.text.findAll('')",
    "x.text.findAll('a').map(a, x.text.findAll('a'))",
    "x.text.findAll('(a|b)*?b|a')",
    "x.list.map(a, x.text.find('a*'))",
    "regex.replace(x.text, 'a', x.text)",
    "regex.replace(x.text, '(a)(a)(a)(a)', '\\\\1\\\\2\\\\3\\\\4\\\\1\\\\2\\\\3\\\\4\\\\0\\\\0\\\\0\\\\0')",
    "regex.extractAll(x.text, '(a*?)')",
    "x.list.map(a, regex.extractAll(x.text, 'a'))",
    "x.text.matches('((a?){30}){33}b')",
    "x.text.matches('(?:a?){500}b')",
    "x.text.matches('[ab]{300}[ac]{300}$')",
    "x.text.findAll('((a?){30}){33}b')",
    "x.list.all(a, x.word.matches('(a|b)*'.replace('b', string(a))) || true)",
    "x.list.map(a, x.word.findAll('((a{5}){5}){5}' + string(a)))",
    /* lists of lists, joins of lists, sorts */
    "cel.bind(a, x.list + x.list, cel.bind(b, a + a, cel.bind(c, b + b, cel.bind(d, c + c, cel.bind(e, d + d, cel.bind(f, e + e, f + "
    "f))))))",
    "cel.bind(a, [x.list, x.list], cel.bind(b, [a, a], cel.bind(c, [b, b], cel.bind(d, [c, c], cel.bind(e, [d, d], e == [d, d])))))",
    "cel.bind(a, [x.list, x.list], cel.bind(b, [a, a], cel.bind(c, [b, b], cel.bind(d, [c, c], '%s'.format([d])))))",
    "cel.bind(a, [x.map, x.map], cel.bind(b, [a, a, a, a], cel.bind(c, [b, b, b, b], c)))",
    "[[x.list, x.list], [x.list, x.list], [x.list, x.list]].flatten(3)",
    "x.list.map(a, x.list).flatten()",
    "x.list.map(a, [a, a]).flatten().sort().reverse().distinct()",
    "x.list.map(a, x.list.distinct())",
    "x.map.map(k, k).distinct()",
    "x.list.map(a, [a]).distinct()",
    "x.list.map(a, 'k' + string(a)).sort()",
    "x.list.sortBy(a, -a)",
    "x.list.all(a, x.list.sortBy(b, -b).size() > 0)",
    "x.list.all(a, x.list.indexOf(-1) < 0)",
    "x.list.all(a, x.list.sum() > 0 && x.list.max() > 0 && x.list.isSorted())",
    "x.list.all(a, a in x.list)",
    "x.list.all(a, -1 in x.list || true)",
    "x.list.all(a, x.map in [x.map, x.map])",
    "sets.contains(x.list, x.list)",
    "sets.equivalent(x.list, x.list.reverse())",
    "sets.intersects(x.list, x.list.map(a, -1 - a))",
    "x.list.slice(0, 50000).all(a, x.list.slice(0, 50000).size() > 0)",
    "x.list.all(a, x.list.first().hasValue() && x.list.last().hasValue())",
    "x.list.map(a, x.list.reverse())",
    "lists.range(9223372036854775807)",
    "lists.range(1000000).map(a, lists.range(1000000))",
    "x.list.all(a, x.list == x.list)",
    "x.list.all(a, x.map == x.map)",
    "x.list.all(a, x.deep == x.deep)",
    "x.list.map(a, [x.deep])",
    /* numbers, times and the libraries of Kubernetes */
    "x.list.all(a, quantity(string(a) + 'Ei').add(quantity('1n')).isGreaterThan(quantity('0')))",
    "x.list.all(a, isQuantity(x.text))",
    "quantity(x.text)",
    "quantity('1' + x.text.replace('a', '0'))",
    "quantity('1e9223372036854775807')",
    "quantity('1e-9223372036854775807')",
    "int(x.text.replace('a', '1'))",
    "double(x.text.replace('a', '1'))",
    "x.list.all(a, double(x.text) > 0.0 || true)",
    "x.list.all(a, int(x.text) > 0 || uint(x.text) > 0u || bool(x.text) || true)",
    "x.list.all(a, duration(x.text) > duration('1s') || timestamp(x.text) > timestamp(0) || true)",
    "x.list.all(a, quantity(x.text) == quantity('1') || ip(x.text) == ip('::') || cidr(x.text) == cidr('::/0') || true)",
    "x.list.all(a, isSemver(x.text) || isIP(x.text) || isCIDR(x.text) || isURL(x.text) || true)",
    "cel.bind(u, url('https://h/' + x.text), x.list.map(a, string(u)))",
    "cel.bind(u, url('https://h/' + x.text), x.list.map(a, u.getEscapedPath() + u.getHost()))",
    "cel.bind(v, semver('1.2.3-' + x.text), x.list.map(a, string(v)))",
    "cel.bind(v, semver('1.2.3-' + x.text), x.list.all(a, v.compareTo(v) == 0 && v == v))",
    "cel.bind(q, quantity('1'), x.list.map(a, string(q.add(a))))",
    "x.list.map(a, type(a) == int && string(type(a)) == 'int')",
    "duration(x.text.replace('a', '1h'))",
    "timestamp(x.text)",
    "x.list.all(a, timestamp(x.date).getHours('America/New_York') >= 0)",
    "x.list.all(a, timestamp(x.date).getHours('../../../../dev/zero') >= 0 || true)",
    "timestamp(x.date).getHours(x.text)",
    "timestamp(x.date).getHours('/dev/zero')",
    "semver('1.2.3-' + x.text)",
    "x.list.all(a, semver('1.2.3-' + x.word + string(a)).isLessThan(semver('1.2.4')))",
    "url('https://' + x.text + '/')",
    "url('https://h/?' + x.text.replace('a', 'a=b&')).getQuery()",
    "ip(x.text.replace('a', ':'))",
    "cidr(x.text.replace('a', '1.'))",
    "x.list.all(a, cidr('10.0.0.0/8').containsIP('10.' + string(a % 256) + '.0.1'))",
    "format.dns1123Subdomain().validate(x.text)",
    "x.list.all(a, format.qualifiedName().validate(x.text).hasValue())",
    "format.uri().validate('https://' + x.text)",
    "math.greatest(x.list)",
    "x.list.all(a, math.least(x.list) == 0)",
    "x.list.all(a, math.bitShiftLeft(1, 62) > 0 && math.sqrt(1e300) > 0.0)",
    "x.map.map(k, x.map.map(l, k + l))",
    "x.map.all(k, dyn(x)[k] == 1 || true)",
    "x.list.map(a, x.?nothing.?more.orValue(x.list))",
    "x.list.map(a, optional.of(x.text).optMap(t, t + t))",
    "{'a': x.map, 'b': x.map}",
    "x.list.map(a, {'a': x.text, 'b': x.list})",
};

static bool variable(void *ctx, uint32_t slot, struct value *out, struct arena *scratch)
{
    (void)ctx, (void)slot, (void)scratch;
    *out = x;
    return true;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

START_TEST(ends_soon)
{
    const struct cel_variable name = { .name = STR("x") };
    struct cel_env env = { .variable = &name, .variable_count = 1 };
    struct arena scratch = { 0 };
    struct cel_program *p;
    struct err err = { 0 };
    ck_assert_msg(cel_compile(&p, &arena, str_from_c(row[_i]), (struct pos){ "t", 1, 1 }, &env, &err), "%s: %s", row[_i], err.text);
    struct cel_activation act = { .resolve = variable, .cost_left = CEL_COST_MAX };
    double before = seconds();
    struct value v = cel_eval(p, &act, &scratch);
    (void)cel_value_text(&scratch, v, 4096); /* as reports show it */
    double took = seconds() - before;
    if (getenv("CEL_LIMITS_SHOW"))
        printf("%7.3f s %9zu KiB cost %7llu  %-5s %s\n", took, scratch.held_bytes >> 10, (unsigned long long)(CEL_COST_MAX - act.cost_left),
               value_is_error(v) ? v.as.error->code == VALUE_ERROR_LIMIT ? "limit" : "error" : "value", row[_i]);
    ck_assert_msg(took < SECONDS_MAX, "%s took %.1f s", row[_i], took);
    ck_assert_msg(scratch.held_bytes < BYTES_MAX, "%s took %zu MiB", row[_i], scratch.held_bytes >> 20);
    if (value_is_error(v))
        ck_assert_msg(v.as.error->offset < strlen(row[_i]) && v.as.error->text.n > 0, "%s: an error without its place", row[_i]);
    arena_release(&scratch);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cel limits");
    TCase *t = tcase_create("limits");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, ends_soon, 0, (int)COUNT(row));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
