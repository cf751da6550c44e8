/* Objects and lists as protobuf, against the JSON that Kubernetes' own code makes of the same: recorded in tests/proto/lines.jsonl,
 * or in the file of $PROTO_LINES; and bodies that an API server answered with, in the folder of $PROTO_BODIES (NAME.json, NAME.pb). */
#include "base/buf.h"
#include "base/enc.h"
#include "base/file.h"
#include "kube/proto_table.h"

#include <check.h>
#include <dirent.h>
#include <stdlib.h>

#define LINES_MIN     80
#define DAMAGED_LINES 90

/* ---- the same, in the same order ---- */

static void check_same(struct value json, struct value proto, const char *where)
{
    char below[400];
    ck_assert_msg(json.kind == proto.kind, "%s: %s as JSON, %s as protobuf", where, value_kind_name(json.kind),
                  value_kind_name(proto.kind));
    if (json.kind == VALUE_MAP) {
        for (uint32_t i = 0; i < json.n && i < proto.n; i++) {
            const struct value_entry *a = &json.as.map->entry[i], *b = &proto.as.map->entry[i];
            snprintf(below, sizeof below, "%s.%.*s", where, STR_ARG(value_text(a->key)));
            ck_assert_msg(value_equal(a->key, b->key), "%s: as protobuf %.*s", below, STR_ARG(value_text(b->key)));
            check_same(a->val, b->val, below);
        }
        ck_assert_msg(json.n == proto.n, "%s: %u keys as JSON, %u as protobuf", where, json.n, proto.n);
    } else if (json.kind == VALUE_LIST) {
        ck_assert_msg(json.n == proto.n, "%s: %u items as JSON, %u as protobuf", where, json.n, proto.n);
        for (uint32_t i = 0; i < json.n; i++) {
            snprintf(below, sizeof below, "%s[%u]", where, i);
            check_same(value_item(json, i), value_item(proto, i), below);
        }
    } else {
        ck_assert_msg(value_equal(json, proto), "%s: differs", where);
    }
}

/* ---- recorded lines ---- */

struct lines {
    struct arena arena;
    struct buf text;
    struct value *line;
    size_t count;
};

static void lines_open(struct lines *l)
{
    struct err err = { 0 };
    const char *given = getenv("PROTO_LINES"), *top = getenv("srcdir");
    *l = (struct lines){ .text = BUF_INIT((size_t)1 << 31) };
    const char *path = given ? given : str_to_c(&l->arena, str_printf(&l->arena, "%s/tests/proto/lines.jsonl", top ? top : ".."));
    ck_assert_msg(file_read(path, &l->text, &err), "%s", err.text);
    struct value_builder all;
    value_builder_init(&all, &l->arena);
    for (struct str rest = buf_str(&l->text), line; str_next_field(&rest, '\n', &line);) {
        struct value v;
        if (!line.n)
            continue;
        ck_assert_msg(json_read(&v, &l->arena, line, NULL, NULL, 0, &err), "%s", err.text);
        value_builder_push(&all, v);
    }
    l->line = all.item;
    l->count = all.count;
    ck_assert_uint_ge(l->count, LINES_MIN);
}

static void lines_close(struct lines *l)
{
    buf_release(&l->text);
    arena_release(&l->arena);
}

static const struct proto_root *root_of(struct value line)
{
    const struct proto_root *root = proto_root_find(value_text_at(line, "apiVersion", NULL), value_text_at(line, "kind", NULL));
    ck_assert_ptr_nonnull(root);
    return root;
}

/* On the heap, and no byte longer: AddressSanitizer sees a read past its end. */
static struct str bytes_of(struct value line)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)1 << 28);
    ck_assert(enc_base64_decode(&b, value_text_at(line, "proto", NULL), false));
    char *p = malloc(b.n ? b.n : 1);
    ck_assert_ptr_nonnull(p);
    if (b.n)
        memcpy(p, b.p, b.n);
    return str_of(p, b.n);
}

static void free_bytes(struct str bytes)
{
    void *p;
    memcpy(&p, &bytes.p, sizeof p);
    free(p);
}

static bool read_as(struct value *out, struct arena *a, struct str bytes, const struct proto_root *root, struct err *err)
{
    return proto_read(out, a, bytes, root->message, NULL, NULL, 0, err);
}

START_TEST(objects_are_what_their_json_is)
{
    struct lines l;
    size_t objects = 0, kinds = 0;
    bool seen[64] = { 0 };
    lines_open(&l);
    for (size_t i = 0; i < l.count; i++) {
        const struct value *json = value_get(l.line[i], STR("json"));
        struct arena a = { 0 };
        struct err err = { 0 };
        struct value v;
        char where[120];
        if (!json)
            continue;
        const struct proto_root *root = root_of(l.line[i]);
        struct str bytes = bytes_of(l.line[i]), ns, name;
        snprintf(where, sizeof where, "line %zu, %s", i + 1, root->kind);
        ck_assert_msg(read_as(&v, &a, bytes, root, &err), "%s: %s", where, err.text);
        check_same(*json, v, where);
        bool named = proto_object_key(bytes, &ns, &name);
        ck_assert(named == (value_text_at(v, "metadata", "name", NULL).n > 0));
        if (named)
            ck_assert(str_eq(name, value_text_at(v, "metadata", "name", NULL)) &&
                      str_eq(ns, value_text_at(v, "metadata", "namespace", NULL)));
        free_bytes(bytes);
        arena_release(&a);
        kinds += !seen[root - proto_root];
        seen[root - proto_root] = true;
        objects++;
    }
    ck_assert_uint_eq(kinds, proto_root_count);
    ck_assert_uint_ge(objects, proto_root_count);
    lines_close(&l);
}
END_TEST

static const struct json_skip inner_skip[] = { { STR_INIT("name"), NULL, 0 },
                                               { STR_INIT("a1"), NULL, 0 },
                                               { STR_INIT("conditions"), NULL, 0 } };
static const struct json_skip spec_skip[] = {
    { STR_INIT("template"), inner_skip, COUNT_OF(inner_skip) },
    { STR_INIT("containers"), inner_skip, COUNT_OF(inner_skip) },
    { STR_INIT("volumes"), inner_skip, COUNT_OF(inner_skip) },
    { STR_INIT("secret"), NULL, 0 },
    { STR_INIT("nfs"), NULL, 0 },
};
static const struct json_skip meta_skip[] = { { STR_INIT("managedFields"), NULL, 0 },
                                              { STR_INIT("annotations"), inner_skip, COUNT_OF(inner_skip) } };
static const struct json_skip outer_skip[] = {
    { STR_INIT("metadata"), meta_skip, COUNT_OF(meta_skip) },
    { STR_INIT("spec"), spec_skip, COUNT_OF(spec_skip) },
    { STR_INIT("rules"), NULL, 0 },
    { STR_INIT("status"), inner_skip, COUNT_OF(inner_skip) },
};

START_TEST(what_is_left_out_is_what_json_leaves_out)
{
    struct lines l;
    lines_open(&l);
    for (size_t i = 0; i < l.count; i++) {
        const struct value *json = value_get(l.line[i], STR("json"));
        struct arena a = { 0 };
        struct err err = { 0 };
        struct value v, want;
        if (!json)
            continue;
        struct str bytes = bytes_of(l.line[i]), line, rest = buf_str(&l.text);
        /* The JSON's own text, so that it is read with the same things left out. */
        for (size_t k = 0; k <= i; k++)
            ck_assert(str_next_field(&rest, '\n', &line));
        struct json_skip whole[] = { { STR_INIT("json"), outer_skip, COUNT_OF(outer_skip) } };
        ck_assert(json_read(&want, &a, line, NULL, whole, 1, &err));
        ck_assert_msg(proto_read(&v, &a, bytes, root_of(l.line[i])->message, NULL, outer_skip, COUNT_OF(outer_skip), &err), "%s", err.text);
        check_same(*value_get(want, STR("json")), v, root_of(l.line[i])->kind);
        free_bytes(bytes);
        arena_release(&a);
    }
    lines_close(&l);
}
END_TEST

/* Cut anywhere, and with any byte changed: a value or a fault, nothing read past the end, and nothing kept of a fault. */
START_TEST(damaged_objects_are_faults_or_objects)
{
    struct lines l;
    uint32_t random = 1;
    lines_open(&l);
    for (size_t i = 0; i < l.count && i < DAMAGED_LINES; i++) {
        if (!value_get(l.line[i], STR("json")))
            continue;
        struct str bytes = bytes_of(l.line[i]);
        for (size_t k = 0; k < bytes.n && k < 600; k++) {
            struct arena a = { 0 };
            struct err err = { 0 };
            struct value v = value_int(42);
            random = random * 1664525u + 1013904223u;
            size_t at = bytes.n > 600 ? (random >> 8) % bytes.n : k;
            char *copy = malloc(bytes.n);
            memcpy(copy, bytes.p, bytes.n);
            copy[at] = (char)(random >> 24);
            bool ok = read_as(&v, &a, str_of(copy, random & 1 ? bytes.n : at), root_of(l.line[i]), &err);
            ck_assert(ok == (err.code == ERR_NONE));
            ck_assert(ok || (v.kind == VALUE_INT && a.used_bytes == 0 && (err.code == ERR_INPUT || err.code == ERR_LIMIT)));
            free(copy);
            arena_release(&a);
        }
        free_bytes(bytes);
    }
    lines_close(&l);
}
END_TEST

/* ---- lists ---- */

struct witness {
    struct arena *arena;
    struct value_builder items;
    struct value type, meta;
    const struct proto_root *root;
    uint64_t oversize;
};

static bool on_item(void *ctx, struct str bytes, struct err *err)
{
    struct witness *w = ctx;
    struct value v;
    if (!read_as(&v, w->arena, str_dup(w->arena, bytes), w->root, err))
        return false;
    value_builder_push(&w->items, v);
    return true;
}
static bool on_type(void *ctx, struct str bytes, struct err *err)
{
    struct witness *w = ctx;
    return proto_read(&w->type, w->arena, str_dup(w->arena, bytes), &proto_type_meta, NULL, NULL, 0, err);
}
static bool on_meta(void *ctx, struct str bytes, struct err *err)
{
    struct witness *w = ctx;
    return proto_read(&w->meta, w->arena, str_dup(w->arena, bytes), &proto_list_meta, NULL, NULL, 0, err);
}
static bool on_oversize(void *ctx, uint64_t item_index, struct err *err)
{
    struct witness *w = ctx;
    (void)err, (void)item_index;
    w->oversize++;
    return true;
}

/* In pieces of piece bytes, each a block of its own. True: whole. */
static bool split(struct witness *w, struct arena *a, const struct proto_root *root, struct str bytes, size_t piece, size_t item_max,
                  struct err *err)
{
    struct proto_list_split s = {
        .item_bytes_max = item_max, .item = on_item, .type = on_type, .meta = on_meta, .oversize = on_oversize, .ctx = w
    };
    *w = (struct witness){ .arena = a, .root = root };
    value_builder_init(&w->items, a);
    proto_list_split_open(&s, a);
    bool ok = true;
    for (size_t at = 0; ok && at < bytes.n; at += piece) {
        struct str part = str_sub(bytes, at, at + piece);
        char *copy = malloc(part.n);
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, part.p, part.n);
        ok = proto_list_split_feed(&s, str_of(copy, part.n), err);
        free(copy);
    }
    ok = ok && proto_list_split_end(&s, err);
    proto_list_split_close(&s);
    return ok;
}

static void check_list(struct value line, const struct witness *w)
{
    const struct value *items = value_get(line, STR("items"));
    ck_assert_uint_eq(w->items.count, items ? items->n : 0);
    for (size_t i = 0; i < w->items.count; i++)
        check_same(value_item(*items, i), w->items.item[i], w->root->kind);
    check_same(*value_get(line, STR("list")), w->meta, "the list's metadata");
    ck_assert(str_has_suffix(value_text_at(w->type, "kind", NULL), STR("List")));
    ck_assert(str_eq(value_text_at(w->type, "apiVersion", NULL), value_text_at(line, "apiVersion", NULL)));
}

START_TEST(lists_are_told_whole_however_they_are_cut)
{
    static const size_t piece[] = { 1, 2, 3, 7, 64, 1000000 };
    struct lines l;
    size_t lists = 0;
    lines_open(&l);
    for (size_t i = 0; i < l.count; i++) {
        if (!value_get(l.line[i], STR("list")))
            continue;
        struct str bytes = bytes_of(l.line[i]);
        for (size_t p = 0; p < COUNT_OF(piece); p++) {
            struct arena a = { 0 };
            struct err err = { 0 };
            struct witness w;
            ck_assert_msg(split(&w, &a, root_of(l.line[i]), bytes, piece[p], 0, &err), "%s", err.text);
            check_list(l.line[i], &w);
            arena_release(&a);
        }
        free_bytes(bytes);
        lists++;
    }
    ck_assert_uint_ge(lists, 5);
    lines_close(&l);
}
END_TEST

/* All that may be missing are the encoding and the content type, which are empty: the list is there by then. */
START_TEST(a_list_that_is_cut_is_never_whole)
{
    struct lines l;
    lines_open(&l);
    for (size_t i = 0; i < l.count; i++) {
        if (!value_get(l.line[i], STR("list")))
            continue;
        struct str bytes = bytes_of(l.line[i]);
        for (size_t n = 0; n < bytes.n; n++) {
            struct arena a = { 0 };
            struct err err = { 0 };
            struct witness w;
            bool ok = split(&w, &a, root_of(l.line[i]), str_sub(bytes, 0, n), 61, 0, &err);
            ck_assert_msg(!ok || n == bytes.n - 4 || n == bytes.n - 2, "%zu of %zu bytes", n, bytes.n);
            if (ok)
                check_list(l.line[i], &w);
            arena_release(&a);
        }
        free_bytes(bytes);
    }
    lines_close(&l);
}
END_TEST

START_TEST(items_over_the_limit_are_counted_and_passed)
{
    /* Two items of 5 and 2 bytes (a name, nothing), a limit of 4. */
    static const char body[] = "k8s\0"
                               "\x0a\x0b\x0a\x02v1\x12\x05PList"
                               "\x12\x0d"
                               "\x0a\x00"
                               "\x12\x05\x0a\x03\x0a\x01x"
                               "\x12\x02\x0a\x00"
                               "\x1a\x00\x22\x00";
    struct str bytes = str_of(body, sizeof body - 1);
    for (size_t piece = 1; piece < bytes.n; piece++) {
        struct arena a = { 0 };
        struct err err = { 0 };
        struct witness w;
        ck_assert_msg(split(&w, &a, proto_root_find(STR("v1"), STR("ConfigMap")), bytes, piece, 4, &err), "%s", err.text);
        ck_assert_uint_eq(w.items.count, 1);
        ck_assert_uint_eq(w.oversize, 1);
        arena_release(&a);
    }
}
END_TEST

/* ---- what is refused ---- */

#define BYTES(text) STR_INIT(text)
static const struct {
    struct str bytes;
    const char *kind, *fault; /* NULL: taken */
} refused[] = {
    { BYTES("\x0a\x03\x0a\x01x"), "ConfigMap", NULL },
    { BYTES(""), "ConfigMap", NULL },
    { BYTES("\xca\x0f\x00"), "ConfigMap", "field 249 of ConfigMap is not known" },
    { BYTES("\x0a\x03\xca\x0f\x00"), "ConfigMap", "field 249 of ObjectMeta is not known" },
    { BYTES("\x0a\x03\x0a\x01x\x0a\x00"), "ConfigMap", "field 1 of ConfigMap is there twice" },
    { BYTES("\x08\x01"), "ConfigMap", "field 1 of ConfigMap is of another type" },
    { BYTES("\x0a\x02\x08\x01"), "ConfigMap", "field 1 of ObjectMeta is of another type" },
    { BYTES("\x0a\x04\x0a\x01x"), "ConfigMap", "field 1 of ConfigMap cannot be read" },
    { BYTES("\x0a\x03\x0a\x02x"), "ConfigMap", "field 1 of ObjectMeta cannot be read" },
    /* not UTF-8 */
    { BYTES("\x0a\x04\x0a\x02\xc3x"), "ConfigMap", "field 1 of ObjectMeta cannot be read" },
    /* half of a surrogate pair */
    { BYTES("\x0a\x05\x0a\x03\xed\xa0\x80"), "ConfigMap", "field 1 of ObjectMeta cannot be read" },
    { BYTES("\x0a\x81"), "ConfigMap", "field 1 of ConfigMap cannot be read" },
    { BYTES("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "ConfigMap", "field 1 of ConfigMap cannot be read" },
    { BYTES("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), "ConfigMap", "field 1 of ConfigMap cannot be read" },
    { BYTES("\x00\x00"), "ConfigMap", "no field's number and type" },
    { BYTES("\x0b\x0c"), "ConfigMap", "field 1 of ConfigMap is of another type" },
    /* data: b, a; and a, a */
    { BYTES("\x12\x06\x0a\x01"
            "b\x12\x01x\x12\x06\x0a\x01"
            "a\x12\x01x"),
      "ConfigMap", "field 2 of ConfigMap cannot be read" },
    { BYTES("\x12\x06\x0a\x01"
            "a\x12\x01x\x12\x06\x0a\x01"
            "a\x12\x01x"),
      "ConfigMap", "field 2 of ConfigMap cannot be read" },
    { BYTES("\x12\x06\x0a\x01"
            "a\x12\x01x\x12\x06\x0a\x01"
            "b\x12\x01x"),
      "ConfigMap", NULL },
    { BYTES("\x12\x06\x0a\x01"
            "a\x12\x01x\x0a\x00\x12\x06\x0a\x01"
            "b\x12\x01x"),
      "ConfigMap", "field 2 of ConfigMap is there twice" },
    /* metadata.creationTimestamp: nothing, a time, one after the year 9999, nanoseconds below zero, a third field */
    { BYTES("\x0a\x02\x42\x00"), "ConfigMap", NULL },
    { BYTES("\x0a\x06\x42\x04\x08\x01\x10\x00"), "ConfigMap", NULL },
    { BYTES("\x0a\x0a\x42\x08\x08\x80\xdc\xb5\xdf\xaf\xfc\x0f"), "ConfigMap", "field 8 of ObjectMeta cannot be read" },
    { BYTES("\x0a\x06\x42\x04\x08\x01\x18\x00"), "ConfigMap", "field 8 of ObjectMeta cannot be read" },
};

START_TEST(what_is_not_as_kubernetes_writes_it_is_refused)
{
    struct arena a = { 0 };
    struct err err = { 0 };
    struct value v;
    const struct proto_root *root = proto_root_find(STR("v1"), str_from_c(refused[_i].kind));
    bool ok = read_as(&v, &a, refused[_i].bytes, root, &err);
    ck_assert_msg(ok == !refused[_i].fault, "%s", err.text);
    ck_assert_msg(ok || strstr(err.text, refused[_i].fault), "%s", err.text);
    arena_release(&a);
}
END_TEST

START_TEST(depth_is_limited)
{
    /* metadata.ownerReferences[0].kind: map, map, list, map */
    static const struct str deep = STR_INIT("\x0a\x05\x6a\x03\x0a\x01x");
    for (uint32_t depth = 1; depth < 6; depth++) {
        struct arena a = { 0 };
        struct err err = { 0 };
        struct value v;
        struct json_limits limits = { .depth = depth };
        bool ok = proto_read(&v, &a, deep, proto_root_find(STR("v1"), STR("ConfigMap"))->message, &limits, NULL, 0, &err);
        ck_assert(ok == (depth >= 4));
        ck_assert(ok || err.code == ERR_LIMIT);
        arena_release(&a);
    }
}
END_TEST

/* What is wrong with an envelope. */
#define TYPE "\x0a\x0b\x0a\x02v1\x12\x05PList"
static const struct {
    struct str bytes;
    bool ok;
} envelope[] = {
    { STR_INIT("k8s\0" TYPE "\x12\x02\x0a\x00"), true },
    { STR_INIT("k8s\0" TYPE "\x12\x02\x0a\x00\x1a\x00\x22\x00"), true },
    { STR_INIT("k8s\0"
               "\x12\x02\x0a\x00" TYPE),
      true },
    { STR_INIT("k8t\0" TYPE "\x12\x02\x0a\x00"), false },
    { STR_INIT("k8s\0" TYPE "\x12\x00"), false }, /* no metadata */
    { STR_INIT("k8s\0" TYPE), false },            /* no list */
    { STR_INIT("k8s\0"
               "\x12\x02\x0a\x00"),
      false },                                                            /* no type */
    { STR_INIT("k8s\0" TYPE "\x12\x02\x0a\x00\x12\x02\x0a\x00"), false }, /* two lists */
    { STR_INIT("k8s\0" TYPE TYPE "\x12\x02\x0a\x00"), false },
    { STR_INIT("k8s\0" TYPE "\x12\x04\x0a\x00\x0a\x00"), false }, /* two metadata */
    /* a field of lists that is not known */
    { STR_INIT("k8s\0" TYPE "\x12\x04\x0a\x00\x1a\x00"), false },
    { STR_INIT("k8s\0" TYPE "\x12\x04\x0a\x00\x10\x01"), false },
    { STR_INIT("k8s\0" TYPE "\x12\x02\x0a\x01x"), false }, /* metadata longer than its list */
    /* a list that ends inside a number */
    { STR_INIT("k8s\0" TYPE "\x12\x03\x0a\x00\x12\x00"), false },
    { STR_INIT("k8s\0" TYPE "\x12\x02\x0a\x00\x1a\x01g"), false }, /* an encoding */
    { STR_INIT("k8s\0" TYPE "\x12\x02\x0a\x00\x2a\x00"), false },  /* a fifth field */
    { STR_INIT("k8s\0" TYPE "\x12\x02\x0a\x00\x80"), false },
    { STR_INIT("k8s\0" TYPE "\x12\x02\x0a\x00\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), false },
    { STR_INIT(""), false },
    { STR_INIT("{\"kind\":\"PList\",\"items\":[]}"), false },
};

START_TEST(envelopes_are_checked)
{
    for (size_t piece = 1; piece < 40; piece++) {
        struct arena a = { 0 };
        struct err err = { 0 };
        struct witness w;
        bool ok = split(&w, &a, proto_root_find(STR("v1"), STR("ConfigMap")), envelope[_i].bytes, piece, 0, &err);
        ck_assert_msg(ok == envelope[_i].ok, "%s", err.text);
        ck_assert(ok || err.code == ERR_INPUT);
        arena_release(&a);
    }
}
END_TEST

/* ---- bodies of a real server ---- */

struct pair {
    struct arena *arena;
    struct value_builder items;
    struct value meta;
};
static bool json_item(void *ctx, struct str bytes, struct err *err)
{
    struct pair *p = ctx;
    struct value v;
    if (!json_read(&v, p->arena, str_dup(p->arena, bytes), NULL, NULL, 0, err))
        return false;
    value_builder_push(&p->items, v);
    return true;
}
static bool json_meta(void *ctx, struct str key, struct str bytes, struct err *err)
{
    struct pair *p = ctx;
    return !str_eq_c(key, "metadata") || json_read(&p->meta, p->arena, str_dup(p->arena, bytes), NULL, NULL, 0, err);
}

static void check_bodies(const char *folder, const char *name, size_t *objects)
{
    struct arena a = { 0 };
    struct err err = { 0 };
    struct buf json = BUF_INIT((size_t)1 << 31), proto = BUF_INIT((size_t)1 << 31);
    struct pair p = { .arena = &a };
    struct witness w;
    struct str stem = str_sub(str_from_c(name), 0, strlen(name) - 3), kind = { 0 }, rest = stem, part, version = { 0 };
    value_builder_init(&p.items, &a);
    /* GROUP_VERSION_KIND.pb, or VERSION_KIND.pb */
    while (str_next_field(&rest, '_', &part)) {
        version = kind.n ? version.n ? str_printf(&a, "%.*s/%.*s", STR_ARG(version), STR_ARG(kind)) : kind : version;
        kind = part;
    }
    ck_assert_msg(file_read(str_to_c(&a, str_printf(&a, "%s/%s", folder, name)), &proto, &err), "%s", err.text);
    ck_assert_msg(file_read(str_to_c(&a, str_printf(&a, "%s/%.*s.json", folder, STR_ARG(stem))), &json, &err), "%s", err.text);
    struct json_list_split s = { .item = json_item, .meta = json_meta, .ctx = &p };
    ck_assert(json_list_split_open(&s, &a, &err) && json_list_split_feed(&s, buf_str(&json), &err) && json_list_split_end(&s, &err));
    json_list_split_close(&s);
    const struct proto_root *root = proto_root_find(version, kind);
    ck_assert_msg(root != NULL, "%s: no such kind", name);
    ck_assert_msg(split(&w, &a, root, buf_str(&proto), 100000, 0, &err), "%s: %s", name, err.text);
    check_same(p.meta, w.meta, name);
    ck_assert_msg(p.items.count == w.items.count, "%s: %zu as JSON, %zu as protobuf", name, p.items.count, w.items.count);
    for (size_t i = 0; i < p.items.count; i++)
        check_same(p.items.item[i], w.items.item[i], name);
    *objects += p.items.count;
    printf("%s: %zu objects\n", name, p.items.count);
    buf_release(&json);
    buf_release(&proto);
    arena_release(&a);
}

START_TEST(bodies_of_a_server_are_the_same)
{
    const char *folder = getenv("PROTO_BODIES");
    size_t objects = 0;
    if (!folder)
        return;
    DIR *d = opendir(folder);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *e; (e = readdir(d));)
        if (str_has_suffix(str_from_c(e->d_name), STR(".pb")))
            check_bodies(folder, e->d_name, &objects);
    closedir(d);
    ck_assert_uint_gt(objects, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("proto_read");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, objects_are_what_their_json_is);
    tcase_add_test(t, what_is_left_out_is_what_json_leaves_out);
    tcase_add_test(t, damaged_objects_are_faults_or_objects);
    tcase_add_test(t, lists_are_told_whole_however_they_are_cut);
    tcase_add_test(t, a_list_that_is_cut_is_never_whole);
    tcase_add_test(t, items_over_the_limit_are_counted_and_passed);
    tcase_add_loop_test(t, what_is_not_as_kubernetes_writes_it_is_refused, 0, (int)COUNT_OF(refused));
    tcase_add_test(t, depth_is_limited);
    tcase_add_loop_test(t, envelopes_are_checked, 0, (int)COUNT_OF(envelope));
    suite_add_tcase(s, t);
    t = tcase_create("bodies");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, bodies_of_a_server_are_the_same);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
