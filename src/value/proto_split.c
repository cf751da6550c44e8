/* The items of a protobuf list cut out of bytes that arrive in pieces. */
#include "value/proto_read.h"

#include "base/buf.h"
#include "value/proto_wire.h"

#include <string.h>

/* What is expected next. */
enum stage { STAGE_MAGIC, STAGE_TAG, STAGE_LENGTH, STAGE_PART, STAGE_FAILED };
/* What a part is. */
enum part { PART_TYPE, PART_ITEM, PART_META, PART_OTHER };

struct proto_split_state {
    enum stage stage;
    size_t magic_seen;
    char head[PROTO_VARINT_BYTES_MAX]; /* of the number being read */
    size_t head_bytes;
    uint32_t number; /* of the field */
    bool in_list;    /* fields are the list's, of which list_left bytes are still to come */
    uint64_t list_left;
    enum part part;
    uint64_t part_left;
    bool is_oversize;
    struct buf pending; /* of the part, from chunks before this one */
    bool has_type, has_list, has_meta, has_encoding, has_content_type;
};

struct feed {
    struct proto_list_split *s;
    struct proto_split_state *state;
    const char *at, *end;
    struct err *err;
};

static bool split_fail(const struct feed *f, enum err_code code, const char *what)
{
    return err_set(f->err, code, "byte %llu: %s",
                   (unsigned long long)(f->s->byte_count - (uint64_t)(f->end - f->at)), what);
}

void proto_list_split_open(struct proto_list_split *s, struct arena *a)
{
    if (s->item_bytes_max == 0)
        s->item_bytes_max = JSON_BYTES_MAX;
    s->state = arena_new(a, struct proto_split_state);
    *s->state = (struct proto_split_state){ 0 };
    s->item_count = s->byte_count = 0;
}

void proto_list_split_close(struct proto_list_split *s)
{
    if (!s->state)
        return;
    buf_release(&s->state->pending);
    s->state = NULL;
}

/* ---- parts ---- */

static bool part_told(struct feed *f, struct str bytes)
{
    struct proto_list_split *s = f->s;
    switch (f->state->part) {
    case PART_TYPE:
        return !s->type || s->type(s->ctx, bytes, f->err);
    case PART_META:
        return !s->meta || s->meta(s->ctx, bytes, f->err);
    case PART_ITEM:
        return !s->item || s->item(s->ctx, bytes, f->err);
    case PART_OTHER:
        break;
    }
    return true;
}

/* With its last byte in bytes: the whole part, or its end. */
static bool part_end(struct feed *f, struct str bytes)
{
    struct proto_split_state *state = f->state;
    bool ok;
    if (state->is_oversize) {
        ok = f->s->oversize ? f->s->oversize(f->s->ctx, f->s->item_count, f->err)
                            : split_fail(f, ERR_LIMIT, "an item of the list is too long");
    } else if (state->pending.n) {
        buf_add(&state->pending, bytes);
        ok = part_told(f, buf_str(&state->pending));
    } else {
        ok = part_told(f, bytes);
    }
    f->s->item_count += state->part == PART_ITEM;
    state->stage = STAGE_TAG;
    state->in_list = state->in_list && state->list_left > 0;
    return ok;
}

static bool part_bytes(struct feed *f)
{
    struct proto_split_state *state = f->state;
    uint64_t here = (uint64_t)(f->end - f->at),
             n = here < state->part_left ? here : state->part_left;
    struct str bytes = str_of(f->at, (size_t)n);
    f->at += n;
    state->part_left -= n;
    if (state->in_list)
        state->list_left -= n;
    if (state->part_left == 0)
        return part_end(f, bytes);
    if (!state->is_oversize)
        buf_add(&state->pending, bytes);
    return true;
}

static bool once(struct feed *f, bool *seen)
{
    if (*seen)
        return split_fail(f, ERR_INPUT,
                          "a part of the list that may be there once only, a second time");
    *seen = true;
    return true;
}

/* Which part the field is, with its length known. */
static bool part_choose(struct feed *f, uint64_t length)
{
    struct proto_split_state *state = f->state;
    if (state->in_list && state->number == 2) {
        state->part = PART_ITEM;
        return true;
    }
    if (state->in_list) {
        state->part = PART_META;
        return state->number == 1
                   ? once(f, &state->has_meta)
                   : split_fail(f, ERR_INPUT, "a field of the list that is not known");
    }
    switch (state->number) {
    case 1:
        state->part = PART_TYPE;
        return once(f, &state->has_type);
    case 3:
        state->part = PART_OTHER;
        return once(f, &state->has_encoding) &&
               (length == 0 ||
                split_fail(f, ERR_INPUT, "an encoding of the list that is not known"));
    case 4:
        state->part = PART_OTHER;
        return once(f, &state->has_content_type);
    default:
        return split_fail(f, ERR_INPUT, "a field of the answer that is not known");
    }
}

static bool part_begin(struct feed *f, uint64_t length)
{
    struct proto_split_state *state = f->state;
    if (state->in_list && length > state->list_left)
        return split_fail(f, ERR_INPUT, "a part of the list is longer than the list");
    if (!state->in_list && state->number == 2) {
        state->in_list = length > 0;
        state->list_left = length;
        state->stage = STAGE_TAG;
        return once(f, &state->has_list);
    }
    if (!part_choose(f, length))
        return false;
    size_t most = state->part == PART_ITEM ? f->s->item_bytes_max : JSON_LIST_META_BYTES_MAX;
    state->is_oversize = length > most;
    if (state->is_oversize && state->part != PART_ITEM)
        return split_fail(f, ERR_LIMIT, "what stands beside the items is too long");
    buf_reset(&state->pending);
    state->pending.limit_bytes = most;
    state->part_left = length;
    state->stage = STAGE_PART;
    return length > 0 || part_end(f, STR(""));
}

/* ---- stages ---- */

/* One byte of a number; true and *whole with the last one. */
static bool number_byte(struct feed *f, uint64_t *number, bool *whole)
{
    struct proto_split_state *state = f->state;
    *whole = false;
    if (state->in_list && state->list_left-- == 0)
        return split_fail(f, ERR_INPUT, "the list ends inside a number");
    state->head[state->head_bytes++] = *f->at;
    if ((unsigned char)*f->at++ >= 0x80)
        return state->head_bytes < sizeof state->head ||
               split_fail(f, ERR_INPUT, "a number that is too long");
    struct proto_span s = { state->head, state->head + state->head_bytes };
    state->head_bytes = 0;
    *whole = true;
    return proto_varint(&s, number) || split_fail(f, ERR_INPUT, "a number that is too large");
}

static bool step_tag(struct feed *f)
{
    uint64_t tag;
    bool whole;
    if (!number_byte(f, &tag, &whole))
        return false;
    if (!whole)
        return true;
    if ((tag & 7) != WIRE_LENGTH || tag >> 3 == 0 || tag >> 3 > PROTO_NUMBER_MAX)
        return split_fail(f, ERR_INPUT, "a field that no list has");
    f->state->number = (uint32_t)(tag >> 3);
    f->state->stage = STAGE_LENGTH;
    return true;
}

static bool step_length(struct feed *f)
{
    uint64_t length;
    bool whole;
    if (!number_byte(f, &length, &whole))
        return false;
    return !whole || part_begin(f, length);
}

static bool step(struct feed *f)
{
    switch (f->state->stage) {
    case STAGE_MAGIC:
        if (*f->at != PROTO_MAGIC[f->state->magic_seen])
            return split_fail(f, ERR_INPUT, "not Kubernetes' protobuf");
        f->at++;
        if (++f->state->magic_seen == sizeof PROTO_MAGIC - 1)
            f->state->stage = STAGE_TAG;
        return true;
    case STAGE_TAG:
        return step_tag(f);
    case STAGE_LENGTH:
        return step_length(f);
    case STAGE_PART:
        return part_bytes(f);
    case STAGE_FAILED:
        break;
    }
    return err_set(f->err, ERR_INPUT, "the list has failed before");
}

bool proto_list_split_feed(struct proto_list_split *s, struct str chunk, struct err *err)
{
    INVARIANT(s->state);
    struct feed f = { .s = s, .state = s->state, .err = err };
    f.at = chunk.p ? chunk.p : "";
    f.end = f.at + chunk.n;
    s->byte_count += chunk.n;
    while (f.at < f.end) {
        if (!step(&f)) {
            s->state->stage = STAGE_FAILED;
            return false;
        }
    }
    return true;
}

bool proto_list_split_end(struct proto_list_split *s, struct err *err)
{
    const struct proto_split_state *state = s->state;
    INVARIANT(state);
    bool whole = state->stage == STAGE_TAG && state->head_bytes == 0 && !state->in_list &&
                 state->has_type && state->has_list && state->has_meta;
    return whole || err_set(err, ERR_INPUT, "byte %llu: the list ends before its end",
                            (unsigned long long)s->byte_count);
}
