/* Any bytes as an object in protobuf, and as a list of objects that arrives in pieces: a value or a fault, text that is UTF-8, and
 * the pieces change nothing.
 *
 * The first byte chooses the kind, the second the pieces' size; the rest is the object, or where it begins with "k8s", the list. */
#include "base/buf.h"
#include "kube/proto_table.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(struct value v)
{
    INVARIANT(v.kind <= VALUE_MAP && v.kind != VALUE_BYTES);
    if (v.kind == VALUE_STRING)
        INVARIANT(str_is_utf8(value_text(v)));
    for (uint32_t i = 0; v.kind == VALUE_LIST && i < v.n; i++)
        check_value(value_item(v, i));
    for (uint32_t i = 0; v.kind == VALUE_MAP && i < v.n; i++) {
        const struct value_entry *e = &v.as.map->entry[i];
        INVARIANT(str_is_utf8(value_text(e->key)) && value_get(v, value_text(e->key)) == &e->val);
        check_value(e->val);
    }
}

static void read_object(const struct proto_root *root, struct str bytes)
{
    struct arena a = { 0 };
    struct err err = { 0 };
    struct value v = value_int(42);
    struct str ns = { 0 }, name = { 0 };
    if (proto_read(&v, &a, bytes, root->message, NULL, NULL, 0, &err)) {
        INVARIANT(v.kind == VALUE_MAP && err.code == ERR_NONE);
        check_value(v);
        struct str read = value_text_at(v, "metadata", "name", NULL);
        INVARIANT(proto_object_key(bytes, &ns, &name) == (read.n > 0) && str_eq(read, name));
        INVARIANT(!read.n || str_eq(ns, value_text_at(v, "metadata", "namespace", NULL)));
    } else {
        INVARIANT(v.kind == VALUE_INT && a.used_bytes == 0 && (err.code == ERR_INPUT || err.code == ERR_LIMIT));
        INVARIANT(str_is_utf8(str_from_c(err.text)));
        (void)!proto_object_key(bytes, &ns, &name);
    }
    arena_release(&a);
}

struct run {
    struct buf log;
    const struct proto_root *root;
};

static bool note(struct run *r, const char *what, struct str bytes)
{
    buf_addf(&r->log, "%s %zu:", what, bytes.n);
    buf_add(&r->log, bytes);
    return true;
}
static bool on_item(void *ctx, struct str bytes, struct err *err)
{
    struct run *r = ctx;
    (void)err;
    read_object(r->root, bytes);
    return note(r, "item", bytes);
}
static bool on_type(void *ctx, struct str bytes, struct err *err)
{
    (void)err;
    return note(ctx, "type", bytes);
}
static bool on_meta(void *ctx, struct str bytes, struct err *err)
{
    (void)err;
    return note(ctx, "meta", bytes);
}
static bool on_oversize(void *ctx, uint64_t item_index, struct err *err)
{
    (void)err, (void)item_index;
    return note(ctx, "oversize", STR(""));
}

static bool split(struct run *r, struct str text, size_t piece, size_t item_max)
{
    struct err err = { 0 };
    struct arena arena CLEANUP(arena_release) = { 0 };
    struct proto_list_split s = {
        .item_bytes_max = item_max, .item = on_item, .type = on_type, .meta = on_meta, .oversize = on_oversize, .ctx = r
    };
    proto_list_split_open(&s, &arena);
    bool ok = true;
    for (size_t at = 0; ok && at < text.n; at += piece) {
        struct str bytes = str_sub(text, at, at + piece);
        /* of its own, so that a pointer kept into it is not valid later */
        char *copy = str_to_c(&arena, bytes);
        ok = proto_list_split_feed(&s, str_of(copy, bytes.n), &err);
        memset(copy, 0xA5, bytes.n);
    }
    ok = ok && proto_list_split_end(&s, &err);
    INVARIANT(ok || ((err.code == ERR_INPUT || err.code == ERR_LIMIT) && str_is_utf8(str_from_c(err.text))));
    buf_addf(&r->log, "end: %s", ok ? "" : err.text);
    proto_list_split_close(&s);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const struct proto_root *root = &proto_root[data[0] % proto_root_count];
    struct str bytes = str_of((const char *)data + 2, size - 2);
    if (!str_has_prefix(bytes, STR("k8s"))) {
        read_object(root, bytes);
        return 0;
    }
    struct run whole = { .log = BUF_INIT((size_t)1 << 26), .root = root }, pieces = whole;
    size_t item_max = data[1] & 0x80 ? 64 : (size_t)1 << 20;
    bool ok = split(&whole, bytes, bytes.n, item_max);
    bool pieces_ok = split(&pieces, bytes, 1 + data[1] % 64, item_max);
    INVARIANT(ok == pieces_ok && str_eq(buf_str(&whole.log), buf_str(&pieces.log)));
    buf_release(&whole.log);
    buf_release(&pieces.log);
    return 0;
}
