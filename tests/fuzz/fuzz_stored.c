/* Any bytes as a stored report.json: refused with a cause, or a result of which every format can be made; and the document that is made of
 * it is read again, and gives the same document. */
#include "report/report.h"
#include "report/stored.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str render(struct arena *a, const struct renderer *how, const struct result *r)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)256 << 20);
    struct buf_sink sink;
    struct err err = { 0 };
    buf_sink_init(&sink, &text);
    INVARIANT(how->write(r, &sink.sink, &err));
    INVARIANT(str_is_utf8(buf_str(&text)));
    return str_dup(a, buf_str(&text));
}

static void check_formats(struct arena *a, const struct result *r)
{
    const struct renderer *json = renderer_find(STR("json"));
    struct result again;
    struct err err = { 0 };
    for (size_t i = 0; i < renderer_count; i++)
        (void)render(a, &renderer[i], r);
    struct str text = render(a, json, r);
    INVARIANT(stored_parse(&again, a, text, "again", &err));
    INVARIANT(str_eq(render(a, json, &again), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct result r;
    struct err err = { 0 };
    if (stored_parse(&r, &a, str_of((const char *)data, size), "report.json", &err))
        check_formats(&a, &r);
    else
        INVARIANT((err.code == ERR_INPUT || err.code == ERR_LIMIT) && err.text[0]);
    arena_release(&a);
    return 0;
}
