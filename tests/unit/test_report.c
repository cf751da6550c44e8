/* Reports of hostile clusters: names, labels, subjects and messages hold markup, escapes, line ends and
 * worse; every report shows them as text. */
#include "audit/audit.h"
#include "cluster/manifests.h"
#include "report/report.h"
#include "report/safe.h"
#include "report/stored.h"
#include "report/undecided.h"
#include "value/json_doc.h"

#include <check.h>

#ifndef TEST_BENCHMARK
#define TEST_BENCHMARK "benchmarks/cis-kubernetes-2.0.1.yaml"
#endif

static struct arena keep;
static struct benchmark bench;
static struct framework framework[1];
static struct result result;

/* What a tenant may write where names are free: RBAC subjects, annotations, messages made of them. */
static const char *const hostile[] = {
    "<script>alert(1)</script>",
    "</style><b>",
    "\"onmouseover=\"x",
    "'; --",
    "=HYPERLINK(\"x\")",
    "\033[31mred\033[0m",
    "line\nbreak\r\n{\"a\":1}",
    ("\xe2\x80\xae"
     "evil"),
    "nul\0inside",
    "bad\xff\xfeutf8",
    "&amp;&lt;",
    "a\tb",
};
static const size_t hostile_size[] = { 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0 };
#define HOSTILE_COUNT (sizeof hostile / sizeof *hostile)

static struct str hostile_text(size_t i)
{
    return hostile_size[i] ? str_of(hostile[i], hostile_size[i]) : str_from_c(hostile[i]);
}

static struct value map_of(struct value_builder *b)
{
    return value_builder_map(b);
}

static struct value object(const char *api, const char *kind, struct str name, const char *key, struct value val)
{
    struct value_builder o, meta;
    value_builder_init(&meta, &keep);
    value_builder_set(&meta, "name", value_str(name));
    value_builder_init(&o, &keep);
    value_builder_set(&o, "apiVersion", value_cstr(api));
    value_builder_set(&o, "kind", value_cstr(kind));
    value_builder_set(&o, "metadata", map_of(&meta));
    if (key)
        value_builder_set(&o, key, val);
    return map_of(&o);
}

/* A binding of cluster-admin to each hostile name. */
static struct value binding(size_t i)
{
    struct value_builder b, ref, subject, list;
    value_builder_init(&ref, &keep);
    value_builder_set(&ref, "apiGroup", value_cstr("rbac.authorization.k8s.io"));
    value_builder_set(&ref, "kind", value_cstr("ClusterRole"));
    value_builder_set(&ref, "name", value_cstr("cluster-admin"));
    value_builder_init(&subject, &keep);
    value_builder_set(&subject, "kind", value_cstr("User"));
    value_builder_set(&subject, "name", value_str(hostile_text(i)));
    value_builder_init(&list, &keep);
    value_builder_push(&list, map_of(&subject));
    struct value o = object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", str_printf(&keep, "b%zu", i), "roleRef", map_of(&ref));
    value_builder_init(&b, &keep);
    for (uint32_t k = 0; k < o.n; k++)
        value_builder_put(&b, o.as.map->entry[k].key, o.as.map->entry[k].val);
    value_builder_set(&b, "subjects", value_builder_list(&list));
    return map_of(&b);
}

static struct value admin_role(void)
{
    struct value_builder rule, rules, star;
    value_builder_init(&star, &keep);
    value_builder_push(&star, value_cstr("*"));
    struct value all = value_builder_list(&star);
    value_builder_init(&rule, &keep);
    value_builder_set(&rule, "apiGroups", all);
    value_builder_set(&rule, "resources", all);
    value_builder_set(&rule, "verbs", all);
    value_builder_init(&rules, &keep);
    value_builder_push(&rules, map_of(&rule));
    return object("rbac.authorization.k8s.io/v1", "ClusterRole", STR("cluster-admin"), "rules", value_builder_list(&rules));
}

static void setup(void)
{
    struct err err = { 0 };
    struct faults faults = { 0 };
    struct value objects[HOSTILE_COUNT + 1];
    struct cluster *cluster = arena_new(&keep, struct cluster);
    struct collected collected = { .cluster = cluster };
    struct audit_options o = { 0 };
    struct client_limits limits;
    struct client *client = arena_new(&keep, struct client);
    const char *src = getenv("srcdir");
    struct str dir = src ? str_from_c(src) : STR(".");
    for (size_t i = 0; i < HOSTILE_COUNT; i++)
        objects[i] = binding(i);
    objects[HOSTILE_COUNT] = admin_role();
    ck_assert(benchmark_load(&bench, &keep, str_to_c(&keep, file_join(&keep, dir, STR(TEST_BENCHMARK))), &faults));
    ck_assert(
        framework_load(&framework[0], &keep, str_to_c(&keep, file_join(&keep, dir, STR("benchmarks/frameworks/soc2.yaml"))), &faults));
    ck_assert(benchmark_params(&bench, NULL, 0, &keep, &o.params, &err));
    cluster_init(cluster, &keep);
    struct audit *au = audit_open(&keep, &bench, cluster, &o);
    struct collect_observer observer = { .object = audit_object, .early_done = audit_early_done, .ctx = au };
    struct collect_options needs = audit_needs(au);
    client_limits_default(&limits);
    client_init(client, manifests_of(&keep, objects, HOSTILE_COUNT + 1, value_null()), &keep, &limits);
    ck_assert_msg(collect_run(&collected, client, &needs, &observer, &err), "%s", err.text);
    ck_assert(audit_finish(au, framework, 1, &result, &err));
    result.call = client->calls.item;
    result.call_count = client->calls.count;
    result.run.clock_skew_ms = INT64_MIN;
    result.run.cluster_name = STR("</title><script>x</script>");
    result.run.source = STR("manifests");
    (void)snprintf(result.run.id, sizeof result.run.id, "00000000-0000-4000-8000-000000000000");
}
static void teardown(void)
{
    arena_release(&keep);
}

typedef bool write_fn(const struct result *r, struct sink *out, struct err *err);

static bool plain_text(const struct result *r, struct sink *out, struct err *err)
{
    struct text_options o = { .colour = false, .width = 100 };
    return report_text(r, &o, out, err);
}

static struct str render(write_fn *fn)
{
    struct buf b = BUF_INIT((size_t)256 << 20);
    struct buf_sink sink;
    struct err err = { 0 };
    buf_sink_init(&sink, &b);
    ck_assert_msg(fn(&result, &sink.sink, &err), "%s", err.text);
    struct str s = str_dup(&keep, buf_str(&b));
    buf_release(&b);
    return s;
}

static size_t occurrences(struct str s, struct str of)
{
    size_t n = 0;
    for (size_t at = str_find(s, of, 0); at != SIZE_MAX; at = str_find(s, of, at + 1))
        n++;
    return n;
}

/* No control byte but line ends and tabs, and only UTF-8. */
static void assert_clean(struct str s, bool tabs)
{
    ck_assert(str_is_utf8(s));
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        ck_assert_msg((c >= 0x20 && c != 0x7f) || c == '\n' || (tabs && c == '\t'), "control byte %02x at %zu", c, i);
    }
}

START_TEST(test_every_hostile_subject_is_found)
{
    size_t found = 0;
    struct finding f;
    struct err err = { 0 };
    for (size_t i = 0; i < result.finding_count; i++) {
        ck_assert(result_finding(&result, &f, i, &keep, &err));
        found += str_eq_c(result.check[f.check].check->id, "5.1.1");
    }
    ck_assert_uint_eq(found, HOSTILE_COUNT);
}
END_TEST

/* Ids in the benchmark's order, with what each lacks; "-" for one that lacks nothing. */
static const struct {
    const char *id, *section, *lacks;
} undecided_row[] = {
    { "1.1.1", "1.1", "files" }, { "1.1.2", "1.1", "files" }, { "1.1.3", "1.1", "files" }, { "1.2.1", "1.2", "files" },
    { "1.2.2", "1.2", "-" },     { "1.2.3", "1.2", "files" }, { "1.2.4", "1.2", "files" }, { "2.1", "2", "pods" },
    { "2.2", "2", "files" },     { "2.3", "2", "pods" },
};
START_TEST(test_undecided_together)
{
    enum { ROWS = sizeof undecided_row / sizeof *undecided_row };
    struct check check[ROWS] = { 0 };
    struct check_result row[ROWS] = { 0 };
    struct result r = { .check = row, .check_count = ROWS };
    struct undecided *group;
    for (size_t i = 0; i < ROWS; i++) {
        check[i].id = str_from_c(undecided_row[i].id);
        check[i].section = str_from_c(undecided_row[i].section);
        row[i].check = &check[i];
        row[i].reason = str_from_c(undecided_row[i].lacks);
        row[i].verdict = str_eq(row[i].reason, STR("-")) ? VERDICT_PASS : VERDICT_UNKNOWN;
        r.score.count[row[i].verdict]++;
    }
    ck_assert_uint_eq(undecided_groups(&keep, &r, &group), 2);
    ck_assert(str_eq(group[0].reason, STR("files")) && group[0].count == 7);
    ck_assert_str_eq(str_to_c(&keep, undecided_ids(&keep, &group[0])), "1.1.1 - 1.1.3, 1.2.1, 1.2.3, 1.2.4, 2.2");
    ck_assert(str_eq(group[1].reason, STR("pods")) && group[1].count == 2);
    ck_assert_str_eq(str_to_c(&keep, undecided_ids(&keep, &group[1])), "2.1, 2.3");
    r.check_count = 0;
    r.score.count[VERDICT_UNKNOWN] = 0;
    ck_assert_uint_eq(undecided_groups(&keep, &r, &group), 0);
}
END_TEST

/* Verdicts of the test's own: result is as it was after it, where tests share a process. */
static struct result with_own_checks(void)
{
    struct result kept = result;
    result.check = arena_array(&keep, struct check_result, kept.check_count);
    memcpy(result.check, kept.check, kept.check_count * sizeof *kept.check);
    return kept;
}

/* What must be read to its end is wrapped, never cut; all the rest fits on its line. */
static const uint16_t width_row[] = { 80, 100, 133 };
START_TEST(test_summary_fits)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)16 << 20);
    struct buf_sink sink;
    struct err err = { 0 };
    struct text_options o = { .summary = (enum summary)(_i % 2), .colour = false, .width = width_row[_i / 2] };
    ck_assert(o.summary == SUMMARY_BRIEF || o.summary == SUMMARY_FULL);
    struct result kept = with_own_checks();
    struct check_result *c = &result.check[0];
    c->verdict = VERDICT_UNKNOWN;
    c->reason = STR("not decided: files and processes of nodes are not seen through the API: run kubevouch node-facts on each node and "
                    "give what it prints "
                    "with --node-facts DIR, where "
                    "a_word_that_is_longer_than_any_terminal_is_wide_is_broken_because_it_cannot_be_anything_else_as_you_will_see_"
                    "here_at_its_end and then THE LAST WORD");
    result.score.count[VERDICT_UNKNOWN]++;
    for (size_t i = 1; i < result.check_count; i++)
        /* one cause: the brief form shows the largest ones */
        if (result.check[i].verdict == VERDICT_UNKNOWN) {
            result.check[i].reason = c->reason;
            result.check[i].remedy = c->remedy;
        }
    buf_sink_init(&sink, &b);
    ck_assert(report_text(&result, &o, &sink.sink, &err));
    struct str rest = buf_str(&b), line;
    ck_assert(str_find(rest, STR("LAST"), 0) != SIZE_MAX && str_find(rest, STR("WORD"), 0) != SIZE_MAX);
    while (str_next_field(&rest, '\n', &line)) {
        size_t columns = 0;
        for (size_t at = 0; at < line.n; columns++) {
            uint32_t code;
            size_t n = str_utf8_at(line, at, &code);
            at += n ? n : 1;
        }
        ck_assert_msg(columns <= (size_t)o.width, "%zu columns of %d: %.*s", columns, (int)o.width, STR_ARG(line));
    }
    result = kept;
}
END_TEST

/* The reader is left with where the report is, whole, and with how many failures cannot wait. */
START_TEST(test_summary_ends)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)16 << 20);
    struct buf_sink sink;
    struct err err = { 0 };
    struct text_options o = {
        .summary = _i ? SUMMARY_FULL : SUMMARY_BRIEF,
        .width = 80,
        .report =
            STR("/a/path/that/is/longer/than/the/terminal/is/wide/because/nothing/of/it/may/be/cut/or/it/is\033[2J/no/path/report.html")
    };
    size_t failed[SEVERITY_COUNT] = { 0 };
    struct result kept = with_own_checks();
    result.check[0].verdict = VERDICT_FAIL;
    for (size_t i = 0; i < result.check_count; i++)
        failed[result.check[i].check->severity] += result.check[i].verdict == VERDICT_FAIL;
    ck_assert_uint_gt(failed[SEVERITY_CRITICAL] + failed[SEVERITY_HIGH], 0);
    buf_sink_init(&sink, &b);
    ck_assert(report_text(&result, &o, &sink.sink, &err));
    assert_clean(buf_str(&b), false);
    struct str end =
        str_printf(&keep, "[2J/no/path/report.html\n%zu critical, %zu high failures\n", failed[SEVERITY_CRITICAL], failed[SEVERITY_HIGH]);
    ck_assert_msg(str_has_suffix(buf_str(&b), end), "ends: %.*s", STR_ARG(str_sub(buf_str(&b), b.n > 300 ? b.n - 300 : 0, b.n)));
    result = kept;
}
END_TEST

START_TEST(test_html)
{
    struct str page = render(report_html);
    assert_clean(page, true);
    ck_assert_uint_eq(occurrences(page, STR("<script")), 0);
    ck_assert_uint_eq(occurrences(page, STR("<style>")), 1);
    ck_assert_uint_eq(occurrences(page, STR("</style>")), 1);
    ck_assert_uint_eq(occurrences(page, STR("\xe2\x80\xae")), 0);
    ck_assert_uint_gt(occurrences(page, STR("&lt;script&gt;alert(1)&lt;/script&gt;")), 0);
    ck_assert_uint_eq(occurrences(page, STR(" style=")), 0);
    ck_assert_uint_eq(occurrences(page, STR("onmouseover=\"")), 0);
    /* every link leads somewhere, every place is there once */
    for (size_t at = str_find(page, STR("href=\"#"), 0); at != SIZE_MAX; at = str_find(page, STR("href=\"#"), at + 1)) {
        struct str id, rest;
        (void)str_cut(str_sub(page, at + 7, page.n), '"', &id, &rest);
        ck_assert_msg(occurrences(page, str_printf(&keep, " id=\"%.*s\"", STR_ARG(id))) == 1, "#%.*s", STR_ARG(id));
    }
}
END_TEST

START_TEST(test_style_hash)
{
    struct str page = render(report_html), before, style, hash, rest;
    uint8_t digest[SHA256_BYTES];
    struct buf b = BUF_INIT(256);
    size_t from = str_find(page, STR("<style>"), 0) + 7;
    style = str_sub(page, from, str_find(page, STR("</style>"), from));
    (void)before;
    from = str_find(page, STR("'sha256-"), 0) + 8;
    (void)str_cut(str_sub(page, from, page.n), '\'', &hash, &rest);
    sha256_of(style, digest);
    enc_base64(&b, str_of((const char *)digest, sizeof digest));
    ck_assert(str_eq(buf_str(&b), hash));
    buf_release(&b);
}
END_TEST

START_TEST(test_json)
{
    struct err err = { 0 };
    struct value v;
    struct str text = render(report_json);
    assert_clean(text, false);
    ck_assert_msg(json_doc_read(&v, &keep, text, "report.json", &err), "%s", err.text);
    ck_assert_uint_eq(value_get(v, STR("findings"))->n, result.finding_count);
    ck_assert_uint_eq(value_get(v, STR("checks"))->n, result.check_count);
}
END_TEST

START_TEST(test_json_lines)
{
    struct str text = render(report_jsonl), rest = text, line;
    size_t lines = 0;
    assert_clean(text, false);
    while (str_next_field(&rest, '\n', &line)) {
        struct err err = { 0 };
        struct value v;
        if (!line.n)
            continue;
        ck_assert_msg(json_doc_read(&v, &keep, line, "line", &err), "%s", err.text);
        ck_assert(value_text_at(v, "fingerprint", NULL).n == 32);
        lines++;
    }
    ck_assert_uint_eq(lines, result.finding_count);
}
END_TEST

START_TEST(test_terminal)
{
    assert_clean(render(plain_text), false);
}
END_TEST

/* Every format, whatever it is: UTF-8 without control bytes, and no direction of writing turned around. A carriage return ends lines of
 * CSV. */
START_TEST(test_every_format_is_clean)
{
    struct str text = render(renderer[_i].write);
    ck_assert_msg(text.n > 0, "%s", renderer[_i].name);
    ck_assert(str_is_utf8(text));
    ck_assert_msg(occurrences(text, STR("\xe2\x80\xae")) == 0 || str_find(str_from_c(renderer[_i].media_type), STR("json"), 0) != SIZE_MAX,
                  "%s", renderer[_i].name);
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        ck_assert_msg((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t' || (c == '\r' && i + 1 < text.n && text.p[i + 1] == '\n'),
                      "%s: control byte %02x at %zu", renderer[_i].name, c, i);
    }
}
END_TEST

/* A document is read back into what it was written from: each format of it is the same, and so is the document. What is no UTF-8 is mended
 * when it is written first. */
START_TEST(test_a_stored_report_gives_the_same)
{
    struct result first, again;
    struct err err = { 0 };
    struct str text = render(report_json);
    ck_assert_msg(stored_parse(&first, &keep, text, "first", &err), "%s", err.text);
    ck_assert_uint_eq(first.finding_count, result.finding_count);
    result = first;
    ck_assert(str_eq(render(report_json), text));
    ck_assert_msg(stored_parse(&again, &keep, render(report_json), "again", &err), "%s", err.text);
    struct str own = render(renderer[_i].write);
    result = again;
    ck_assert_msg(str_eq(render(renderer[_i].write), own), "%s", renderer[_i].name);
}
END_TEST

START_TEST(test_same_twice)
{
    for (size_t i = 0; i < renderer_count; i++)
        ck_assert_msg(str_eq(render(renderer[i].write), render(renderer[i].write)), "%s", renderer[i].name);
    ck_assert(str_eq(render(plain_text), render(plain_text)));
}
END_TEST

static bool refuse(struct sink *s, struct str bytes, struct err *err)
{
    (void)s, (void)bytes;
    return err_set(err, ERR_IO, "the disk is full");
}

START_TEST(test_a_failing_sink_is_told)
{
    for (size_t i = 0; i <= renderer_count; i++) {
        struct sink full = { refuse };
        struct err err = { 0 };
        ck_assert(!(i < renderer_count ? renderer[i].write : plain_text)(&result, &full, &err));
        ck_assert_str_eq(err.text, "the disk is full");
    }
}
END_TEST

static const struct {
    struct str in, html, terminal;
} safe_row[] = {
    { STR_INIT("a<b>&\"'"), STR_INIT("a&lt;b&gt;&amp;&quot;&#39;"), STR_INIT("a<b>&\"'") },
    { STR_INIT("\033[1m"), STR_INIT("\xef\xbf\xbd[1m"), STR_INIT("\\x1b[1m") },
    { STR_INIT("a\nb"), STR_INIT("a\nb"), STR_INIT("a b") },
    { STR_INIT("\xff"), STR_INIT("\xef\xbf\xbd"), STR_INIT("\\xff") },
    { STR_INIT("\xe2\x80\xaex"), STR_INIT("\\u{202e}x"), STR_INIT("\\u{202e}x") },
    { STR_INIT("\xc3\xbc"), STR_INIT("\xc3\xbc"), STR_INIT("\xc3\xbc") },
    { STR_INIT("\xc2\x85"), STR_INIT("\xef\xbf\xbd"), STR_INIT("\\x85") },
    { STR_INIT("\0"), STR_INIT("\xef\xbf\xbd"), STR_INIT("\\x00") },
};

/* Every printable character, alone and behind what spreadsheets pass over: a cell never begins with a sign that makes a formula. */
START_TEST(test_cells_are_no_formulas)
{
    static const char *const before[] = { "", " ", "  ", "'", "\"", " '\"" };
    struct buf b CLEANUP(buf_release) = BUF_INIT(1000);
    for (size_t k = 0; k < COUNT_OF(before); k++)
        for (char c = '!'; c <= '~'; c++) {
            char in[16];
            bool is_sign = c == '=' || c == '+' || c == '-' || c == '@' || c == '|' || c == '%';
            (void)snprintf(in, sizeof in, "%s%c1", before[k], c);
            buf_reset(&b);
            safe_csv(&b, str_from_c(in));
            ck_assert_msg(b.n > 2 && b.p[0] == '"' && b.p[b.n - 1] == '"', "%s", in);
            bool begins = b.p[1] == '\'' && b.p[2] == (before[k][0] ? before[k][0] : c);
            ck_assert_msg(begins == is_sign || (before[k][0] == '\'' && !is_sign), "\"%s\" is written as %.*s", in, STR_ARG(buf_str(&b)));
        }
}
END_TEST

/* What is written in a workflow command's head is read back by its own rule, and holds nothing that ends a property before. */
START_TEST(test_workflow_commands_hold_their_texts)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(1000), back CLEANUP(buf_release) = BUF_INIT(1000);
    char in[] = "a?b";
    for (char c = ' '; c <= '~'; c++)
        for (int is_property = 0; is_property < 2; is_property++) {
            in[1] = c;
            buf_reset(&b);
            buf_reset(&back);
            safe_workflow(&b, str_from_c(in), is_property);
            ck_assert_msg(!is_property || (!str_contains(buf_str(&b), STR(":")) && !str_contains(buf_str(&b), STR(","))), "%.*s",
                          STR_ARG(buf_str(&b)));
            for (size_t i = 0; i < b.n; i++) {
                char hex[3] = { b.p[i] == '%' ? b.p[i + 1] : 0, b.p[i] == '%' ? b.p[i + 2] : 0, 0 };
                buf_add_char(&back, hex[0] ? (char)strtol(hex, NULL, 16) : b.p[i]);
                i += hex[0] ? 2 : 0;
            }
            ck_assert_msg(str_eq_c(buf_str(&back), in), "%s became %.*s", in, STR_ARG(buf_str(&b)));
        }
}
END_TEST

START_TEST(test_safe)
{
    struct buf b = BUF_INIT(1024);
    safe_html(&b, safe_row[_i].in);
    ck_assert_msg(str_eq(buf_str(&b), safe_row[_i].html), "html of row %d: %.*s", _i, STR_ARG(buf_str(&b)));
    buf_reset(&b);
    safe_terminal(&b, safe_row[_i].in);
    ck_assert_msg(str_eq(buf_str(&b), safe_row[_i].terminal), "terminal text of row %d: %.*s", _i, STR_ARG(buf_str(&b)));
    buf_release(&b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("report");
    TCase *t = tcase_create("hostile");
    tcase_set_timeout(t, 120);
    tcase_add_unchecked_fixture(t, setup, teardown);
    tcase_add_test(t, test_every_hostile_subject_is_found);
    tcase_add_test(t, test_undecided_together);
    tcase_add_loop_test(t, test_summary_fits, 0, 2 * (int)(sizeof width_row / sizeof *width_row));
    tcase_add_loop_test(t, test_summary_ends, 0, 2);
    tcase_add_test(t, test_html);
    tcase_add_test(t, test_style_hash);
    tcase_add_test(t, test_json);
    tcase_add_test(t, test_json_lines);
    tcase_add_test(t, test_terminal);
    tcase_add_loop_test(t, test_every_format_is_clean, 0, (int)renderer_count);
    tcase_add_loop_test(t, test_a_stored_report_gives_the_same, 0, (int)renderer_count);
    tcase_add_test(t, test_same_twice);
    tcase_add_test(t, test_a_failing_sink_is_told);
    tcase_add_test(t, test_cells_are_no_formulas);
    tcase_add_test(t, test_workflow_commands_hold_their_texts);
    tcase_add_loop_test(t, test_safe, 0, (int)(sizeof safe_row / sizeof *safe_row));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
