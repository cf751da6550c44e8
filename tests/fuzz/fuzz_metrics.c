/* Any bytes as the text of /metrics: refused with a line, or read; and cut into chunks they give the same. */
#include "cluster/metrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Chunks as long as the bytes of the text say, so that the input steers them. */
static bool read_in_chunks(struct value *out, struct arena *a, struct str text, struct err *err)
{
    struct metrics m;
    bool ok = true;
    metrics_open(&m, a);
    for (size_t at = 0; ok && at < text.n;) {
        size_t step = 1 + ((unsigned char)text.p[at] & 31);
        ok = metrics_feed(&m, str_sub(text, at, at + step), err);
        at += step;
    }
    ok = ok && metrics_end(&m, out, err);
    metrics_close(&m);
    return ok;
}

/* NaN equals nothing, itself included. */
static bool same(struct value a, struct value b)
{
    if (a.kind == VALUE_DOUBLE && b.kind == VALUE_DOUBLE)
        return a.as.d == b.as.d || (a.as.d - a.as.d != 0 && b.as.d - b.as.d != 0);
    if (a.kind != b.kind || a.n != b.n)
        return false;
    bool equal = true;
    for (uint32_t i = 0; a.kind == VALUE_LIST && i < a.n; i++)
        equal = equal && same(value_item(a, i), value_item(b, i));
    for (uint32_t i = 0; a.kind == VALUE_MAP && i < a.n; i++) {
        equal =
            equal && value_equal(a.as.map->entry[i].key, b.as.map->entry[i].key) && same(a.as.map->entry[i].val, b.as.map->entry[i].val);
    }
    return equal && (a.kind == VALUE_LIST || a.kind == VALUE_MAP || value_equal(a, b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct value whole, chunked;
    struct err err = { 0 }, chunk_err = { 0 };
    struct str text = str_of((const char *)data, size);
    bool ok = metrics_read(&whole, &a, text, &err);
    INVARIANT(ok || ((err.code == ERR_INPUT || err.code == ERR_LIMIT) && err.text[0]));
    bool chunk_ok = read_in_chunks(&chunked, &a, text, &chunk_err);
    INVARIANT(ok == chunk_ok);
    INVARIANT(!ok || same(whole, chunked));
    arena_release(&a);
    return 0;
}
