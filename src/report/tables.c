/* The tables of report.json: what many findings say stands there once. */
#include "report/tables.h"

#include "base/enc.h"
#include "base/spool.h"
#include "value/json_doc.h"

#define DIGEST_BYTES  15u
#define WAYS          4u /* places for digests that begin alike */
#define SLOTS_LEAST   ((size_t)1 << 10)
#define SLOTS_MOST    ((size_t)1 << 18) /* 5 MB */
#define ROW_BYTES_MAX ((size_t)64 << 20)
#define COPY_BYTES    ((size_t)64 << 10)

const char *const report_table_name[TABLE_COUNT] = { "expressions", "values", "messages",
                                                     "evidence", "objects" };

struct slot {
    uint8_t digest[DIGEST_BYTES], table;
    uint32_t row; /* from 1; 0: empty */
};
struct tables {
    struct spool spool[TABLE_COUNT];
    uint32_t count[TABLE_COUNT];
    struct slot *slot;
    size_t buckets;
    struct buf text;
};

static void release(void *tables)
{
    struct tables *t = tables;
    for (size_t i = 0; i < TABLE_COUNT; i++)
        spool_release(&t->spool[i]);
    buf_release(&t->text);
}

struct tables *tables_open(struct arena *a, const char *spool_dir, size_t findings)
{
    struct tables *t = arena_new(a, struct tables);
    const char *tmp = getenv("TMPDIR");
    size_t slots = SLOTS_LEAST;
    for (size_t i = 0; i < TABLE_COUNT; i++)
        spool_init(&t->spool[i], spool_dir ? spool_dir : tmp && *tmp ? tmp : "/tmp");
    while (slots < SLOTS_MOST && slots / 8 < findings)
        slots *= 2;
    t->slot = arena_array(a, struct slot, slots);
    t->buckets = slots / WAYS;
    buf_init(&t->text, ROW_BYTES_MAX);
    arena_defer(a, release, t);
    return t;
}

/* Where the key is remembered, or will be: the row is 0, or another's that is given up for it. */
static struct slot *find(struct tables *t, enum report_table which, struct str key, bool *known)
{
    uint8_t digest[SHA256_BYTES];
    uint32_t at, victim;
    sha256_of(key, digest);
    memcpy(&at, digest + DIGEST_BYTES, sizeof at);
    memcpy(&victim, digest + DIGEST_BYTES + sizeof at, sizeof victim);
    struct slot *bucket = &t->slot[at % t->buckets * WAYS], *free_one = &bucket[victim % WAYS];
    *known = false;
    for (size_t i = 0; i < WAYS && !*known; i++) {
        if (!bucket[i].row) {
            free_one = &bucket[i];
            break;
        }
        *known = bucket[i].table == which && memcmp(bucket[i].digest, digest, DIGEST_BYTES) == 0;
        if (*known)
            return &bucket[i];
    }
    memcpy(free_one->digest, digest, DIGEST_BYTES);
    free_one->table = (uint8_t)which;
    return free_one;
}

struct value tables_value(struct tables *t, enum report_table which, struct str key, struct value v)
{
    bool known;
    struct slot *s = find(t, which, key, &known);
    if (!known) {
        buf_reset(&t->text);
        buf_add_c(&t->text, t->count[which] ? ",\n  " : "\n  ");
        json_doc_write(&t->text, v, 0);
        INVARIANT(!t->text.over);
        (void)spool_add(&t->spool[which], buf_str(&t->text));
        s->row = ++t->count[which];
    }
    return value_int((int64_t)s->row - 1);
}

struct value tables_text(struct tables *t, enum report_table which, struct str text)
{
    return tables_value(t, which, text, value_str(text));
}

static void write_rows(struct spool *s, struct json_pieces *p)
{
    size_t got = 1;
    buf_reset(&p->text);
    for (uint64_t at = 0; p->ok && at < spool_size(s) && got; at += got) {
        buf_reset(&p->text);
        p->ok = spool_read(s, at, buf_reserve(&p->text, COPY_BYTES), COPY_BYTES, &got, p->err) &&
                p->out->add(p->out, str_of(p->text.p, got), p->err);
    }
    p->ok = p->ok && spool_ok(s, p->err);
}

void tables_write(struct tables *t, struct json_pieces *p)
{
    json_piece_text(p, "{");
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        json_piece_text(p, i ? ",\n \"" : "\n \"");
        json_piece_text(p, report_table_name[i]);
        json_piece_text(p, "\": [");
        write_rows(&t->spool[i], p);
        json_piece_text(p, t->count[i] ? "\n ]" : "]");
    }
    json_piece_text(p, "\n}");
}
