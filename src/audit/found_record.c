/* One finding as it stands in the spool: a length, then its fields in a fixed order, texts with
 * their lengths before them. */
#include "audit/found_record.h"

#include "audit/trim.h"
#include "value/json_doc.h"
#include "value/json_read.h"

/* Most records are read in one go. */
#define FIRST_READ_BYTES 2048u

static void put_number(struct buf *out, uint32_t n)
{
    for (; n >= 0x80; n >>= 7)
        buf_add_char(out, (char)(n | 0x80));
    buf_add_char(out, (char)n);
}

static void put_text(struct buf *out, struct str s)
{
    put_number(out, (uint32_t)s.n);
    buf_add(out, s);
}

static void put_evidence(struct buf *out, struct value evidence)
{
    struct buf json CLEANUP(buf_release) = BUF_INIT(RECORD_BYTES_MAX);
    if (evidence.kind == VALUE_MAP)
        json_doc_write(&json, evidence, 0);
    put_text(out, buf_str(&json));
}

static void put_observation(struct buf *out, const struct observation *o, struct arena *scratch)
{
    put_number(out, o ? (uint32_t)(o->defaulted + 1) << 2 | (o->has_seen ? 2u : 0u) | 1u : 0);
    if (!o)
        return;
    put_text(out, trim_text(scratch, o->grade, FINDING_TEXT_BYTES));
    put_text(out, trim_text(scratch, o->source, FINDING_TEXT_BYTES));
    put_text(out, o->seen);
    put_text(out, trim_text(scratch, o->instance[0], FINDING_TEXT_BYTES));
}

void record_write(struct buf *out, const struct record *r, struct arena *scratch)
{
    const struct str object[] = {
        r->object.api_version, r->object.kind, r->object.ns,
        r->object.name,        r->object.uid,  r->object.resource_version
    };
    uint32_t length = 0;
    buf_reset(out);
    buf_add(out, str_of((const char *)&length, sizeof length));
    for (size_t i = 0; i < COUNT_OF(object); i++)
        put_text(out, object[i]);
    put_number(out, r->cause);
    put_text(out, r->message);
    put_evidence(out, r->evidence);
    put_observation(out, r->observation, scratch);
    put_number(out, (uint32_t)r->explained_count);
    for (size_t i = 0; i < r->explained_count; i++) {
        put_number(out, r->explained[i].offset);
        put_number(out, r->explained[i].length);
        put_text(out, r->explained[i].value);
    }
    INVARIANT(!out->over);
    length = (uint32_t)(out->n - sizeof length);
    memcpy(out->p, &length, sizeof length);
}

/* ---- reading: what this process wrote, in a file that nobody else can name */

static uint32_t number(struct str *rest)
{
    uint32_t n = 0;
    for (unsigned shift = 0; rest->n; shift += 7) {
        unsigned char c = (unsigned char)rest->p[0];
        *rest = str_sub(*rest, 1, rest->n);
        n |= (uint32_t)(c & 0x7fu) << shift;
        if (c < 0x80)
            break;
    }
    return n;
}

static struct str text(struct str *rest)
{
    uint32_t n = number(rest);
    struct str s = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, s.n, rest->n);
    return s;
}

static bool take_evidence(struct value *out, struct str *rest, struct arena *a, struct err *err)
{
    struct str json = text(rest);
    struct json_limits limits = { .bytes = RECORD_BYTES_MAX };
    *out = value_null();
    return !json.n || json_read(out, a, json, &limits, NULL, 0, err) ||
           err_prefix(err, "the evidence of a finding");
}

static const struct observation *take_observation(struct str *rest, struct arena *a)
{
    uint32_t bits = number(rest);
    if (!bits)
        return NULL;
    struct observation *o = arena_new(a, struct observation);
    o->has_seen = (bits & 2u) != 0;
    o->defaulted = (int)(bits >> 2) - 1;
    o->count = 1;
    o->grade = text(rest);
    o->source = text(rest);
    o->seen = text(rest);
    o->instance[0] = text(rest);
    return o;
}

static bool read_bytes(struct str *out, struct spool *s, uint64_t at, struct buf *bytes,
                       struct arena *a, struct err *err)
{
    uint32_t length = 0;
    size_t got = 0, more = 0;
    buf_reset(bytes);
    if (!spool_read(s, at, buf_reserve(bytes, FIRST_READ_BYTES), FIRST_READ_BYTES, &got, err))
        return false;
    INVARIANT(got >= sizeof length);
    memcpy(&length, bytes->p, sizeof length);
    char *p = arena_alloc(a, length);
    size_t first = got - sizeof length < length ? got - sizeof length : length;
    memcpy(p, bytes->p + sizeof length, first);
    if (first < length && !spool_read(s, at + got, p + first, length - first, &more, err))
        return false;
    INVARIANT(first + more == length);
    *out = str_of(p, length);
    return true;
}

bool record_read(struct record *out, struct spool *s, uint64_t at, struct buf *bytes,
                 struct arena *a, struct err *err)
{
    struct str rest;
    if (!read_bytes(&rest, s, at, bytes, a, err))
        return false;
    struct object_ref *o = &out->object;
    struct str *const object[] = { &o->api_version, &o->kind, &o->ns,
                                   &o->name,        &o->uid,  &o->resource_version };
    for (size_t i = 0; i < COUNT_OF(object); i++)
        *object[i] = text(&rest);
    out->cause = (enum cause)number(&rest);
    out->message = text(&rest);
    if (!take_evidence(&out->evidence, &rest, a, err))
        return false;
    out->observation = take_observation(&rest, a);
    out->explained_count = number(&rest);
    for (size_t i = 0; i < out->explained_count && i < EXPLAINED_ROWS; i++) {
        out->explained[i].offset = number(&rest);
        out->explained[i].length = number(&rest);
        out->explained[i].value = text(&rest);
    }
    return true;
}
