/* YAML documents into nodes and values, and by field tables into structs. */
#include "base/buf.h"
#include "value/decode.h"
#include "value/json_doc.h"
#include "value/yaml.h"
#include "value/yaml_write.h"

#include <check.h>
#include <math.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static struct str json_of(struct arena *a, struct value v)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)1 << 20);
    json_doc_write(&b, v, 0);
    return str_dup(a, buf_str(&b));
}

/* Each document as JSON, with " | " between them. */
static struct str documents(struct arena *a, struct str text, struct err *err)
{
    struct node *doc;
    size_t count;
    struct str part[16];
    if (!yaml_read(&doc, &count, a, text, "t.yaml", err)) {
        return STR("(refused)");
    }
    ck_assert_uint_le(count, 16);
    for (size_t i = 0; i < count; i++) {
        part[i] = json_of(a, node_value(a, &doc[i]));
    }
    return str_join(a, part, count, STR(" | "));
}

static const struct {
    const char *yaml, *json;
} good_row[] = {
    { "", "" },
    { "# only a comment\n", "" },
    { "---\n", "null" },
    { "a: 1\n---\nb: 2\n...\n---\n", "{\"a\":1} | {\"b\":2} | null" },
    { "\xEF\xBB\xBF"
      "a: 1",
      "{\"a\":1}" },
    { "a: 1\r\nb: [x,\r\n z]\r\n", "{\"a\":1,\"b\":[\"x\",\"z\"]}" },
    { "%YAML 1.1\n---\na: 1", "{\"a\":1}" },
    /* null */
    { "[~, null, Null, NULL, !!null , \"\", '~', nULL]", "[null,null,null,null,null,\"\",\"~\",\"nULL\"]" },
    { "a:\nb: ~\n", "{\"a\":null,\"b\":null}" },
    /* bool */
    { "[true, True, TRUE, yes, Yes, YES, on, On, ON, y, Y]", "[true,true,true,true,true,true,true,true,true,true,true]" },
    { "[false, False, FALSE, no, No, NO, off, Off, OFF, n, N]", "[false,false,false,false,false,false,false,false,false,false,false]" },
    { "[tRUE, yEs, oN, \"yes\", 'no', !!str on]", "[\"tRUE\",\"yEs\",\"oN\",\"yes\",\"no\",\"on\"]" },
    /* whole numbers */
    { "[0, -0, 12, +12, -12, 1_000, 1__0_]", "[0,0,12,12,-12,1000,10]" },
    { "[0x1F, 0XfF, -0x10, 0x, 0xg]", "[31,255,-16,\"0x\",\"0xg\"]" },
    { "[010, 0o17, 0O17, -010, 0b101, -0b11, 00]", "[8,15,15,-8,5,-3,0]" },
    { "[08, 0o8, 0b2, 09.5]", "[8.0,\"0o8\",\"0b2\",9.5]" },
    { "[9223372036854775807, 9223372036854775808, 18446744073709551615, -9223372036854775808]",
      "[9223372036854775807,9223372036854775808,18446744073709551615,-9223372036854775808]" },
    { "[18446744073709551616, -9223372036854775809, 0x10000000000000000]",
      "[1.8446744073709552e+19,-9.223372036854776e+18,\"0x10000000000000000\"]" },
    /* floats */
    { "[1.5, -1.5, +1.5, .5, 5., 1e3, 1E+3, 1.e-2, 1_0.5]", "[1.5,-1.5,1.5,0.5,5.0,1000.0,1000.0,0.01,10.5]" },
    { "[.inf, -.Inf, +.INF, .nan, inf, nan, -.nan]", "[\"Infinity\",\"-Infinity\",\"Infinity\",\"NaN\",\"inf\",\"nan\",\"-.nan\"]" },
    { "[1e999, 1.2.3, 1e, -, +, ., .., +-1, 1:30, ._5, 1x]",
      "[\"1e999\",\"1.2.3\",\"1e\",\"-\",\"+\",\".\",\"..\",\"+-1\",\"1:30\",\"._5\",\"1x\"]" },
    /* strings */
    { "[2026-11-21, 2026-11-21T06:13:00Z, v1.36, 10Mi, =]", "[\"2026-11-21\",\"2026-11-21T06:13:00Z\",\"v1.36\",\"10Mi\",\"=\"]" },
    { "a: |\n  x\n   y\nb: >-\n  x\n  y\nc: |+\n  1\n\n", "{\"a\":\"x\\n y\\n\",\"b\":\"x y\",\"c\":\"1\\n\\n\"}" },
    { "\"\\x41\\u00e9\\U0001F600\\0\\/\\\"\"", "\"A\xC3\xA9\xF0\x9F\x98\x80\\u0000/\\\"\"" },
    { "{\"\\ud83d\\ude00\": \"\\\\ud83d\\\\ude00\\uD83D\\uDE00\"}", "{\"\xF0\x9F\x98\x80\":\"\\\\ud83d\\\\ude00\xF0\x9F\x98\x80\"}" },
    { "a: \\ud83d\\ude00", "{\"a\":\"\\\\ud83d\\\\ude00\"}" },
    { "a: x\n  y\n", "{\"a\":\"x y\"}" },
    { "{\"a\": [1, {\"b\": null}], \"c\":\"d\"}", "{\"a\":[1,{\"b\":null}],\"c\":\"d\"}" },
    { "{\n\t\"a\": 1\n}", "{\"a\":1}" },
    /* keys become what JSON would have */
    { "1: a\nyes: b\n0x10: c\n1.50: d\n\"\": e\n18446744073709551615: f\n.inf: g",
      "{\"1\":\"a\",\"true\":\"b\",\"16\":\"c\",\"1.5\":\"d\",\"\":\"e\",\"18446744073709551615\":\"f\",\".inf\":\"g\"}" },
    { "? a\n: b\n", "{\"a\":\"b\"}" },
    /* tags */
    { "[!!str 1, !!int \"3\", !!float 3, !!bool \"yes\", !!null \"\", !x y, !!timestamp 2026-11-21]",
      "[\"1\",3,3.0,true,null,\"y\",\"2026-11-21\"]" },
    { "[!!binary aGk=, !!map {a: 1}, !!seq [b]]", "[\"hi\",{\"a\":1},[\"b\"]]" },
    /* anchors and merge keys */
    { "a: &x [1, 2]\nb: *x\nc: [*x, *x]", "{\"a\":[1,2],\"b\":[1,2],\"c\":[[1,2],[1,2]]}" },
    { "- &x 1\n- &x 2\n- *x\n", "[1,2,2]" },
    { "- &k key\n- {*k : 1}\n", "[\"key\",{\"key\":1}]" },
    { "b: &b {x: 1, y2: 2}\nm:\n  z: 0\n  <<: *b\n  x: 3\n", "{\"b\":{\"x\":1,\"y2\":2},\"m\":{\"z\":0,\"x\":3,\"y2\":2}}" },
    { "- &a {x: 1}\n- &b {x: 2, w: 3}\n- {<<: [*a, *b], v: 4}", "[{\"x\":1},{\"x\":2,\"w\":3},{\"v\":4,\"x\":1,\"w\":3}]" },
    { "{<<: {a: 1}, <<: {a: 2, b: 3}}", "{\"a\":1,\"b\":3}" },
    { "{<<: {<<: {a: 1}, b: 2}}", "{\"b\":2,\"a\":1}" },
    { "{\"<<\": 1}", "{\"<<\":1}" },
    { "{<<: {}, a: 1}", "{\"a\":1}" },
};

START_TEST(yaml_good)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct str got = documents(&a, str_from_c(good_row[_i].yaml), &e);
    ck_assert_msg(e.code == ERR_NONE, "%u:%u: %s", e.pos.line, e.pos.column, e.text);
    ck_assert_str_eq(str_to_c(&a, got), good_row[_i].json);
    arena_release(&a);
}
END_TEST

static const struct {
    const char *yaml;
    uint32_t line, column;
    const char *error;
} bad_row[] = {
    { "a: b: c", 1, 5, "mapping values are not allowed in this context" },
    { "a:\n  - 1\n b: 2\n", 3, 2, "did not find expected key while parsing a block mapping that starts at line 1" },
    { "[1, 2\n", 2, 1, "did not find expected ',' or ']' while parsing a flow sequence that starts at line 1" },
    { "a:\n\tb: 1", 2, 1,
      "found character that cannot start any token while scanning for the next token; indent with spaces, not with tabs" },
    { "\"abc", 1, 5, "found unexpected end of stream while scanning a quoted scalar" },
    { "a: 1\nb: 2\na: 3", 3, 1, "key \"a\" is given twice, first at line 1" },
    { "\xC3\xA9\xC3\xA9: {a: 1, a: 2}", 1, 14, "key \"a\" is given twice, first at line 1" },
    { "1: x\n\"1\": y", 2, 1, "key \"1\" is given twice, first at line 1" },
    { "a: 1\r\n\r\na: 2", 3, 1, "key \"a\" is given twice, first at line 1" },
    { "a: 1\ra: 2", 2, 1, "key \"a\" is given twice, first at line 1" },
    { "yes: x\non: y", 2, 1, "key \"on\" is given twice, first at line 1" },
    { "---\na: 1\n---\nb: 1\nb: 2", 5, 1, "key \"b\" is given twice, first at line 4" },
    { "? [a]\n: b", 1, 3, "a key must be text, not a list" },
    { "{{a: b}: c}", 1, 2, "a key must be text, not a map" },
    { "~: b", 1, 1, "a key must be text, not null" },
    { "a: *x", 1, 4, "alias \"*x\" has no anchor before it" },
    { "--- &x a\n--- *x", 2, 5, "alias \"*x\" has no anchor before it" },
    { "a: &x [*x]", 1, 8, "alias \"*x\" stands inside the node that it names" },
    { "<<: 5", 1, 5, "a merge key \"<<\" needs a map or a list of maps" },
    { "<<: [{a: 1}, 5]", 1, 5, "a merge key \"<<\" needs a map or a list of maps" },
    { "a: !!int x", 1, 4, "\"x\" is not a whole number of at most 64 bits, as its tag says" },
    { "a: !!bool 1", 1, 4, "\"1\" is not true or false, as its tag says" },
    { "a: !!float x", 1, 4, "\"x\" is not a number, as its tag says" },
    { "a: !!null x", 1, 4, "\"x\" is not null, as its tag says" },
    { "a: !!binary /w==", 1, 4, "\"/w==\" is not base64 of UTF-8 text, as its tag says" },
    { "a: \xFF", 1, 4, "byte 0xff is not valid UTF-8" },
    { "\xFF\xFE"
      "a",
      1, 1, "byte 0xff is not valid UTF-8" },
    { "x\n\xC3\xA9: \x01", 2, 5, "control character U+0001 is not allowed in YAML" },
    { "\xEF\xBB\xBF"
      "a: \x7F",
      1, 4, "control character U+007F is not allowed in YAML" },
    { "a: \xEF\xBF\xBF", 1, 4, "control character U+FFFF is not allowed in YAML" },
    { "\"\\ud83d\"", 1, 4, "found invalid Unicode character escape code while parsing a quoted scalar" },
    { "%YAML 3.0\n---\n", 1, 1, "found incompatible YAML document" },
    { "a: @b", 1, 4, "found character that cannot start any token while scanning for the next token" },
};

START_TEST(yaml_bad)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct node *doc = NULL;
    size_t count = 77;
    ck_assert(!yaml_read(&doc, &count, &a, str_from_c(bad_row[_i].yaml), "t.yaml", &e));
    ck_assert_int_eq(e.code, ERR_INPUT);
    ck_assert_str_eq(e.text, bad_row[_i].error);
    ck_assert_str_eq(e.pos.file, "t.yaml");
    ck_assert_uint_eq(e.pos.line, bad_row[_i].line);
    ck_assert_uint_eq(e.pos.column, bad_row[_i].column);
    ck_assert(doc == NULL && count == 77);
    arena_release(&a);
}
END_TEST

START_TEST(yaml_nul_byte)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    documents(&a, STR("a: b\0c"), &e);
    ck_assert_str_eq(e.text, "control character U+0000 is not allowed in YAML");
    ck_assert_uint_eq(e.pos.column, 5);
    arena_release(&a);
}
END_TEST

/* Limits: each text is made, so that the refusal has to be quick. */

static void add_laughs(struct buf *b)
{
    buf_add_c(b, "a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 30; i++) {
        buf_addf(b, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1,
                 i - 1, i - 1);
    }
}

static void add_merge_laughs(struct buf *b)
{
    buf_add_c(b, "a0: &a0 {k: v}\n");
    for (int i = 1; i < 200; i++) {
        buf_addf(b, "a%d: &a%d {<<: [*a%d,*a%d,*a%d]}\n", i, i, i - 1, i - 1, i - 1);
    }
}

static void add_alias_tower(struct buf *b)
{
    buf_add_c(b, "- &a0 x\n");
    for (int i = 1; i < 200; i++) {
        buf_addf(b, "- &a%d [*a%d]\n", i, i - 1);
    }
}

static void add_brackets(struct buf *b)
{
    for (int i = 0; i < 1000000; i++) {
        buf_add_char(b, '[');
    }
}

static void add_dashes(struct buf *b)
{
    for (int i = 0; i < 100000; i++) {
        buf_add_c(b, "- ");
    }
}

static void add_items(struct buf *b)
{
    for (unsigned i = 0; i <= YAML_NODES_MAX; i++) {
        buf_add_c(b, "-\n");
    }
}

static void add_tags(struct buf *b)
{
    for (int i = 0; i < 200000; i++) {
        buf_addf(b, "%%TAG !%x! tag:x\n", i);
    }
    buf_add_c(b, "---\n");
}

static void add_bytes(struct buf *b)
{
    while (b->n <= YAML_BYTES_MAX) {
        buf_add_c(b, "# just a comment that is repeated until the text is too long for anyone\n");
    }
}

static const struct {
    void (*add)(struct buf *b);
    const char *error;
} limit_row[] = {
    { add_laughs, "aliases stand for more than 200000 values" },
    { add_merge_laughs, "aliases stand for more than 200000 values" },
    { add_alias_tower, "alias \"*a99\" nests deeper than 100 levels" },
    { add_brackets, "nested deeper than 100 levels" },
    { add_dashes, "nested deeper than 100 levels" },
    { add_items, "more than 2000000 values" },
    { add_tags, "more than 64 %TAG directives" },
    { add_bytes, "bytes of YAML are more than the limit of 16777216" },
};

START_TEST(yaml_limits)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct buf b = BUF_INIT((size_t)32 << 20);
    limit_row[_i].add(&b);
    ck_assert(!b.over);
    documents(&a, buf_str(&b), &e);
    ck_assert_int_eq(e.code, ERR_LIMIT);
    ck_assert_msg(strstr(e.text, limit_row[_i].error), "%s", e.text);
    buf_release(&b);
    arena_release(&a);
}
END_TEST

START_TEST(yaml_depth_is_allowed_up_to_its_limit)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct buf b = BUF_INIT(1000);
    for (unsigned i = 0; i < YAML_DEPTH_MAX; i++) {
        buf_add_char(&b, '[');
    }
    for (unsigned i = 0; i < YAML_DEPTH_MAX; i++) {
        buf_add_char(&b, ']');
    }
    struct str got = documents(&a, buf_str(&b), &e);
    ck_assert(str_eq(got, buf_str(&b)));
    buf_release(&b);
    arena_release(&a);
}
END_TEST

START_TEST(yaml_places)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct node *doc;
    size_t count;
    struct str text = STR("# c\n\xC3\xA9: &x\n  - \"q\"\n  - plain\nb: *x\nc: {d: e}\n");
    char *copy = str_to_c(&a, text);
    ck_assert(yaml_read(&doc, &count, &a, str_of(copy, text.n), "t.yaml", &e));
    memset(copy, '#', text.n); /* nothing points into the text */
    ck_assert_uint_eq(count, 1);
    const struct node *list = node_get(&doc[0], "\xC3\xA9");
    ck_assert_uint_eq(doc[0].pos.line, 2);
    ck_assert_uint_eq(doc[0].pos.column, 1);
    ck_assert_uint_eq(doc[0].child[1].pos.column, 5); /* of the anchor, in bytes */
    ck_assert_uint_eq(list->child_count, 2);
    ck_assert_uint_eq(list->child[0].pos.line, 3);
    ck_assert_uint_eq(list->child[0].pos.column, 5);
    ck_assert(list->child[0].quoted && !list->child[1].quoted);
    const struct node *alias = node_get(&doc[0], "b");
    ck_assert_uint_eq(alias->pos.line, 5);
    ck_assert_uint_eq(alias->pos.column, 4);
    ck_assert_ptr_eq(alias->child, list->child);
    ck_assert_uint_eq(node_get(node_get(&doc[0], "c"), "d")->pos.column, 8);
    ck_assert_ptr_null(node_get(alias, "d"));
    ck_assert_ptr_null(node_get(NULL, "d"));
    ck_assert_ptr_null(node_get(&doc[0], "d"));
    arena_release(&a);
}
END_TEST

/* Decoding */

enum colour { RED, GREEN, OFF };
struct inner {
    struct str name;
    int64_t number;
};
struct outer {
    struct str text, any;
    bool flag;
    int64_t number;
    struct decode_strs words;
    const struct node *node;
    struct value value;
    int colour;
    struct inner one;
    struct decode_list many;
    int64_t doubled;
    struct pos number_pos;
};

static bool decode_doubled(void *member, const struct node *n, struct arena *a, struct err *err)
{
    (void)a;
    if (n->kind != NODE_SCALAR || n->scalar.kind != VALUE_INT) {
        return err_set_at(err, ERR_INPUT, n->pos, "cannot double it");
    }
    *(int64_t *)member = 2 * n->scalar.as.i;
    return true;
}

static const char *const colour_name[] = { "red", "green", "off", NULL };
static const struct decode_field inner_field[] = {
    DECODE(STR, struct inner, name, "name", DECODE_REQUIRED),
    DECODE(INT, struct inner, number, "number", 0),
};
static const struct decode_table inner_table = { "an inner thing", inner_field, COUNT(inner_field), sizeof(struct inner), 0 };
static const struct decode_table open_table = { "an open thing", inner_field, COUNT(inner_field), sizeof(struct inner),
                                                DECODE_ALLOW_UNKNOWN };
static const struct decode_field outer_field[] = {
    DECODE(STR, struct outer, text, "text", 0),
    DECODE(TEXT, struct outer, any, "any", 0),
    DECODE(BOOL, struct outer, flag, "flag", 0),
    { .key = "number",
      .type = DECODE_INT,
      .offset = offsetof(struct outer, number),
      .pos_offset_plus1 = offsetof(struct outer, number_pos) + 1 },
    DECODE(STRS, struct outer, words, "words", 0),
    DECODE(NODE, struct outer, node, "node", 0),
    DECODE(VALUE, struct outer, value, "value", 0),
    { .key = "colour", .type = DECODE_ENUM, .offset = offsetof(struct outer, colour), .name = colour_name },
    { .key = "one", .type = DECODE_STRUCT, .offset = offsetof(struct outer, one), .table = &inner_table },
    { .key = "many", .type = DECODE_LIST, .offset = offsetof(struct outer, many), .table = &inner_table },
    { .key = "doubled", .type = DECODE_FN, .offset = offsetof(struct outer, doubled), .fn = decode_doubled },
};
static const struct decode_table outer_table = { "an outer thing", outer_field, COUNT(outer_field), sizeof(struct outer), 0 };

static bool decode_text(void *out, const struct decode_table *table, struct arena *a, const char *text, struct err *e)
{
    struct node *doc;
    size_t count;
    ck_assert_msg(yaml_read(&doc, &count, a, str_from_c(text), "t.yaml", e), "%s", e->text);
    return decode_node(out, table, &doc[0], a, e);
}

START_TEST(decode_every_type)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct outer o = { .number = 5 };
    bool ok = decode_text(&o, &outer_table, &a,
                          "text: hello\nany: 1.50\nflag: yes\nnumber: 0x10\nwords: [a, \"1\"]\nnode: {x: 1}\n"
                          "value: [1, {b: null}]\ncolour: off\none: {name: m, number: 3}\n"
                          "many:\n- name: a\n- {name: b, number: 2}\ndoubled: 21\n",
                          &e);
    ck_assert_msg(ok, "%s", e.text);
    ck_assert(str_eq(o.text, STR("hello")) && str_eq(o.any, STR("1.50")) && o.flag);
    ck_assert_int_eq(o.number, 16);
    ck_assert_uint_eq(o.number_pos.line, 4);
    ck_assert_uint_eq(o.number_pos.column, 9);
    ck_assert_uint_eq(o.words.count, 2);
    ck_assert(str_eq(o.words.item[1], STR("1")));
    ck_assert_int_eq(node_get(o.node, "x")->scalar.as.i, 1);
    ck_assert_str_eq(json_of(&a, o.value).p, "[1,{\"b\":null}]");
    ck_assert_int_eq(o.colour, OFF);
    ck_assert(str_eq(o.one.name, STR("m")) && o.one.number == 3);
    ck_assert_uint_eq(o.many.count, 2);
    const struct inner *many = o.many.item;
    ck_assert(str_eq(many[1].name, STR("b")) && many[1].number == 2 && many[0].number == 0);
    ck_assert_int_eq(o.doubled, 42);
    arena_release(&a);
}
END_TEST

START_TEST(decode_null_keeps_the_default)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct outer o = { .number = 5, .colour = GREEN };
    ck_assert(decode_text(&o, &outer_table, &a, "number:\ncolour: ~\nnode:\nmany: null\ndoubled:\none:\n", &e));
    ck_assert(o.number == 5 && o.colour == GREEN && !o.node && o.many.count == 0);
    struct inner i = { 0 };
    ck_assert(decode_text(&i, &open_table, &a, "name: x\nwhat: ever\n", &e));
    arena_release(&a);
}
END_TEST

static const struct {
    const char *yaml;
    uint32_t line, column;
    const char *error;
} decode_row[] = {
    { "[]", 1, 1, "an outer thing must be a map, not a list" },
    { "text: 5", 1, 7, "\"text\" must be a string, not a number; put it in quotes" },
    { "text: yes", 1, 7, "\"text\" must be a string, not a bool; put it in quotes" },
    { "text: [x]", 1, 7, "\"text\" must be a string, not a list" },
    { "any: {}", 1, 6, "\"any\" must be a single value, not a map" },
    { "flag: \"true\"", 1, 7, "\"flag\" must be true or false, not a string" },
    { "number: 1.5", 1, 9, "\"number\" must be a whole number, not 1.5" },
    { "number: \"5\"", 1, 9, "\"number\" must be a whole number, not a string" },
    { "number: 9223372036854775808", 1, 9, "\"number\" must be a whole number up to 9223372036854775807, not 9223372036854775808" },
    { "words: x", 1, 8, "\"words\" must be a list of strings, not a string" },
    { "words:\n- a\n- 5", 3, 3, "item 2 of \"words\" must be a string, not a number" },
    { "colour: gren", 1, 9, "\"gren\" is no \"colour\"; did you mean \"green\"?" },
    { "colour: violet", 1, 9, "\"violet\" is no \"colour\"; use one of red, green, off" },
    { "colour: []", 1, 9, "\"colour\" must be a string, not a list" },
    { "one: {number: 1}", 1, 6, "an inner thing needs the key \"name\"" },
    { "one: {name: }", 1, 13, "\"name\" needs a value" },
    { "one: 5", 1, 6, "an inner thing must be a map, not a number" },
    { "many: {}", 1, 7, "\"many\" must be a list, not a map" },
    { "many:\n- name: a\n- nmae: b", 3, 3, "unknown key \"nmae\" in an inner thing; did you mean \"name\"?" },
    { "xyzzy: 1", 1, 1, "unknown key \"xyzzy\" in an outer thing" },
    { "doubled: x", 1, 10, "cannot double it" },
};

START_TEST(decode_bad)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct outer o = { 0 };
    ck_assert(!decode_text(&o, &outer_table, &a, decode_row[_i].yaml, &e));
    ck_assert_int_eq(e.code, ERR_INPUT);
    ck_assert_str_eq(e.text, decode_row[_i].error);
    ck_assert_uint_eq(e.pos.line, decode_row[_i].line);
    ck_assert_uint_eq(e.pos.column, decode_row[_i].column);
    arena_release(&a);
}
END_TEST

/* ---- all faults in one go */

struct told {
    struct buf text;
    size_t count;
};
static void hear(void *ctx, const struct err *fault)
{
    struct told *t = ctx;
    ck_assert_int_eq(fault->code, ERR_INPUT);
    buf_addf(&t->text, "%u:%u %s\n", fault->pos.line, fault->pos.column, fault->text);
    t->count++;
}

struct flagged {
    struct outer o;
    bool faulty;
};

START_TEST(decode_all_faults)
{
    static const struct decode_field field[] = {
        DECODE(STR, struct flagged, o.text, "text", DECODE_REQUIRED),
        DECODE(STRS, struct flagged, o.words, "words", 0),
        { .key = "number",
          .type = DECODE_INT,
          .offset = offsetof(struct flagged, o.number),
          .pos_offset_plus1 = offsetof(struct flagged, o.number_pos) + 1 },
        { .key = "colour", .type = DECODE_ENUM, .offset = offsetof(struct flagged, o.colour), .name = colour_name },
        { .key = "many", .type = DECODE_LIST, .offset = offsetof(struct flagged, o.many), .table = &inner_table },
        { .key = "doubled", .type = DECODE_FN, .offset = offsetof(struct flagged, o.doubled), .fn = decode_doubled },
        { .key = "", .type = DECODE_FAULTY, .offset = offsetof(struct flagged, faulty) },
    };
    static const struct decode_table table = { "a flagged thing", field, COUNT(field), sizeof(struct flagged), 0 };
    struct arena a = { 0 };
    struct err e = { 0 };
    struct flagged f = { .o.number = 5, .o.colour = 1 };
    struct told t = { .text = BUF_INIT(10000) };
    struct node *doc;
    size_t count;
    ck_assert(yaml_read(&doc, &count, &a,
                        STR("number: x\nwords: [a, 1, b, 2]\n'': 1\ncolour: rde\nmany:\n- {name: a}\n- {nam: b}\n- 7\ndoubled: z\n"),
                        "t.yaml", &e));
    ck_assert(!decode_node_all(&f, &table, &doc[0], &a, hear, &t));
    ck_assert_str_eq(t.text.p, "1:9 \"number\" must be a whole number, not a string\n"
                               "2:12 item 2 of \"words\" must be a string, not a number\n"
                               "2:18 item 4 of \"words\" must be a string, not a number\n"
                               "3:1 unknown key \"\" in a flagged thing\n"
                               "4:9 \"rde\" is no \"colour\"; did you mean \"red\"?\n"
                               "7:4 unknown key \"nam\" in an inner thing; did you mean \"name\"?\n"
                               "7:3 an inner thing needs the key \"name\"\n"
                               "8:3 an inner thing must be a map, not a number\n"
                               "9:10 cannot double it\n"
                               "1:1 a flagged thing needs the key \"text\"\n");
    ck_assert(f.faulty);
    ck_assert_int_eq(f.o.number, 5);
    ck_assert_uint_eq(f.o.number_pos.line, 0);
    ck_assert_int_eq(f.o.colour, 1);
    ck_assert_uint_eq(f.o.many.count, 3);
    ck_assert(str_eq(((struct inner *)f.o.many.item)[0].name, STR("a")));
    struct flagged good = { 0 };
    t.count = 0;
    ck_assert(yaml_read(&doc, &count, &a, STR("text: t\nnumber: 2\n"), "t.yaml", &e));
    ck_assert(decode_node_all(&good, &table, &doc[0], &a, hear, &t) && !good.faulty && t.count == 0);
    ck_assert_uint_eq(good.o.number_pos.line, 2);
    buf_release(&t.text);
    arena_release(&a);
}
END_TEST

/* What a benchmark may hold in a name: breaks of every reader's, marks of YAML, what reads as something else than text. */
static const char *const hostile[] = {
    "",
    " ",
    "a",
    "a b",
    "5.1.1",
    "1",
    "1.0",
    "0x10",
    "yes",
    "No",
    "y",
    "on",
    "null",
    "~",
    "true",
    ".inf",
    "2001-01-01",
    "<<",
    "=",
    "-",
    "- a",
    "?",
    ": ",
    "a: b",
    "a #b",
    "#a",
    "*",
    "*a",
    "&a",
    "!a",
    "|",
    ">",
    "%a",
    "@a",
    "`a",
    "'a'",
    "\"a\"",
    "a\\b\"",
    "{a}",
    "[a]",
    "a,",
    "---",
    "...",
    "--- a",
    "a\n---\nkind: Secret",
    "a\n...\nb: c",
    "a\n",
    "\na",
    "a\n\n",
    " a",
    "a ",
    "a \n b\t",
    "\t",
    "a\rb",
    "a\r\nb",
    "a\xc2\x85kind: b",
    "a\xe2\x80\xa8kind: b",
    "a\xe2\x80\xa9kind: b",
    ("\xef\xbb\xbf"
     "a"),
    "a\xe2\x80\xae b",
    "\xc3\xa9",
    "\xf0\x9f\x98\x80",
    "a\x7f",
    "a\x1b[31m",
    "a\x01",
    "\xef\xbf\xbe",
    "nodes/proxy",
    "/metrics",
    "x.y-z_1",
};

static struct str written(struct arena *a, struct value v)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)1 << 20);
    struct err e = { 0 };
    ck_assert_msg(yaml_write(&b, v, &e), "%s", e.text);
    for (size_t i = 0; i < b.n; i++)
        ck_assert_msg(b.p[i] == '\n' || (b.p[i] >= ' ' && b.p[i] < 0x7f), "%s", b.p);
    return str_dup(a, buf_str(&b));
}

START_TEST(what_is_written_is_read_back)
{
    struct arena a = { 0 };
    struct value text = value_cstr(hostile[_i]), pair[] = { text, value_cstr("x") }, items[2];
    struct value_builder map, inner;
    struct node *doc;
    size_t count;
    struct err e = { 0 };
    value_builder_init(&inner, &a);
    value_builder_put(&inner, text, text);
    value_builder_set(&inner, "n", value_int(-3));
    value_builder_set(&inner, "b", value_bool(true));
    items[0] = items[1] = value_builder_map(&inner);
    value_builder_init(&map, &a);
    value_builder_set(&map, "text", text);
    value_builder_set(&map, "list", value_list(pair, 2));
    value_builder_set(&map, "maps", value_list(items, 2));
    value_builder_set(&map, "none", value_list(NULL, 0));
    struct value v = value_builder_map(&map);
    struct str out = str_printf(&a, "%.*s---\n%.*s", STR_ARG(written(&a, v)), STR_ARG(written(&a, value_list(items, 2))));
    ck_assert_msg(yaml_read(&doc, &count, &a, out, "t.yaml", &e), "%s: %.*s", e.text, STR_ARG(out));
    ck_assert_uint_eq(count, 2);
    ck_assert_msg(value_equal(node_value(&a, &doc[0]), v), "%.*s", STR_ARG(out));
    arena_release(&a);
}
END_TEST

START_TEST(a_comment_is_never_left)
{
    struct arena a = { 0 };
    struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)1 << 20);
    struct node *doc;
    size_t count;
    struct err e = { 0 };
    for (size_t width = 0; width < 40; width += 13) {
        yaml_write_comment(&b, str_from_c(hostile[_i]), width);
        yaml_write_comment(&b, str_printf(&a, "some words before %s kind: Secret", hostile[_i]), width);
    }
    ck_assert(yaml_read(&doc, &count, &a, buf_str(&b), "t.yaml", &e));
    ck_assert_uint_eq(count, 0);
    ck_assert(!str_contains(buf_str(&b), STR("\r")) && !str_contains(buf_str(&b), STR("\xc2\x85")) &&
              !str_contains(buf_str(&b), STR("\xe2\x80")));
    arena_release(&a);
}
END_TEST

START_TEST(what_yaml_has_no_form_for_is_refused)
{
    struct arena a = { 0 };
    struct buf b CLEANUP(buf_release) = BUF_INIT(64);
    struct value_builder map;
    struct err e = { 0 };
    value_builder_init(&map, &a);
    value_builder_set(&map, "a", value_str(STR("\xff")));
    ck_assert(!yaml_write(&b, value_builder_map(&map), &e) && e.code == ERR_INPUT);
    err_clear(&e);
    value_builder_set(&map, "a", value_double(1.5));
    ck_assert(!yaml_write(&b, value_builder_map(&map), &e) && e.code == ERR_INPUT);
    err_clear(&e);
    struct value text = value_cstr("0123456789012345678901234567890123456789012345678901234567890123456789");
    ck_assert(!yaml_write(&b, value_list(&text, 1), &e) && e.code == ERR_LIMIT);
    arena_release(&a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("yaml");
    TCase *t = tcase_create("yaml");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, yaml_good, 0, COUNT(good_row));
    tcase_add_loop_test(t, yaml_bad, 0, COUNT(bad_row));
    tcase_add_test(t, yaml_nul_byte);
    tcase_add_loop_test(t, yaml_limits, 0, COUNT(limit_row));
    tcase_add_test(t, yaml_depth_is_allowed_up_to_its_limit);
    tcase_add_test(t, yaml_places);
    tcase_add_test(t, decode_every_type);
    tcase_add_test(t, decode_null_keeps_the_default);
    tcase_add_loop_test(t, decode_bad, 0, COUNT(decode_row));
    tcase_add_test(t, decode_all_faults);
    tcase_add_loop_test(t, what_is_written_is_read_back, 0, COUNT(hostile));
    tcase_add_loop_test(t, a_comment_is_never_left, 0, COUNT(hostile));
    tcase_add_test(t, what_yaml_has_no_form_for_is_refused);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
