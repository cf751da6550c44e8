/* The items of a list cut out of bytes that arrive in pieces. */
#include "value/json_read.h"

#include "base/buf.h"
#include "value/json_scan.h"

/* What is expected next. Between two bytes of the document it is always in exactly one of these. */
enum stage {
    STAGE_START,     /* the document's "{" */
    STAGE_FIRST_KEY, /* a key or "}" */
    STAGE_KEY,       /* a key */
    STAGE_IN_KEY,
    STAGE_COLON,
    STAGE_VALUE,       /* the first byte of a top-level value */
    STAGE_IN_VALUE,    /* up to "," or "}" */
    STAGE_FIRST_ITEM,  /* an item or "]" */
    STAGE_ITEM,        /* the first byte of an item */
    STAGE_IN_ITEM,     /* up to "," or "]" */
    STAGE_AFTER_ITEMS, /* "," or "}" */
    STAGE_DONE,        /* white space */
    STAGE_FAILED,
};

struct json_split_state {
    enum stage stage;
    struct json_nesting nesting; /* of the key, value or item being read; zero between them */
    struct buf pending;          /* its bytes from chunks before this one */
    uint64_t part_bytes;         /* how many of its bytes have been seen */
    bool is_items;               /* the value is that of "items" */
    struct str key;              /* unescaped, in scratch */
    struct arena scratch;
};

/* One call of feed. */
struct feed {
    struct json_list_split *s;
    struct json_split_state *state;
    const char *at, *end;
    const char *part; /* where the part being read begins in this chunk */
    struct err *err;
};

static unsigned long long offset_of(const struct feed *f, const char *at)
{
    return (unsigned long long)(f->s->byte_count - (uint64_t)(f->end - at));
}

static bool split_fail(const struct feed *f, const char *what)
{
    unsigned char c = (unsigned char)*f->at;
    if (c > 0x20 && c < 0x7F)
        return err_set(f->err, ERR_INPUT, "byte %llu: %s; found \"%c\"", offset_of(f, f->at), what,
                       c);
    return err_set(f->err, ERR_INPUT, "byte %llu: %s; found byte 0x%02X", offset_of(f, f->at), what,
                   c);
}

bool json_list_split_open(struct json_list_split *s, struct arena *a, struct err *err)
{
    if (s->item_bytes_max == 0)
        s->item_bytes_max = JSON_BYTES_MAX;
    if (s->item_bytes_max > SIZE_MAX / 2)
        return err_set(err, ERR_LIMIT, "an item limit of %zu bytes", s->item_bytes_max);
    s->state = arena_new(a, struct json_split_state);
    s->pending = &s->state->pending;
    s->item_count = s->byte_count = 0;
    s->has_items = false;
    return true;
}

void json_list_split_close(struct json_list_split *s)
{
    if (!s->state)
        return;
    buf_release(&s->state->pending);
    arena_release(&s->state->scratch);
    s->state = NULL;
    s->pending = NULL;
}

/* ---- the part being read: a key, a value or an item ---- */

static size_t part_bytes_max(const struct feed *f)
{
    return f->state->stage == STAGE_IN_ITEM ? f->s->item_bytes_max : JSON_LIST_META_BYTES_MAX;
}

static void part_begin(struct feed *f, enum stage stage)
{
    f->state->stage = stage;
    f->state->part_bytes = 0;
    f->part = f->at;
    buf_reset(&f->state->pending);
    f->state->pending.limit_bytes = part_bytes_max(f);
}

/* Counts the bytes up to f->at as the part's. False if that makes it longer than it may be: then
 * only its end is looked for, and what was kept of it is dropped. */
static bool part_count(struct feed *f)
{
    size_t n = (size_t)(f->at - f->part);
    f->state->part_bytes += n;
    if (f->state->part_bytes <= part_bytes_max(f))
        return true;
    buf_release(&f->state->pending);
    return false;
}

/* At the chunk's end inside a part: keeps what there is of it. An item may be too long, nothing
 * else. */
static bool part_suspend(struct feed *f)
{
    if (part_count(f))
        buf_add(&f->state->pending, str_of(f->part, (size_t)(f->at - f->part)));
    else if (f->state->stage != STAGE_IN_ITEM)
        return err_set(f->err, ERR_LIMIT,
                       "byte %llu: a key or value beside \"items\" is longer than %zu bytes",
                       offset_of(f, f->at), JSON_LIST_META_BYTES_MAX);
    f->part = f->at;
    return true;
}

/* The whole part, with f->at after its last byte: in the chunk if it lies there wholly, else in
 * pending. White space at its end is not a part of it. */
static struct str part_whole(struct feed *f)
{
    struct buf *pending = &f->state->pending;
    struct str whole = str_of(f->part, (size_t)(f->at - f->part));
    if (pending->n) {
        buf_add(pending, whole);
        whole = buf_str(pending);
    }
    while (whole.n && json_is_space(whole.p[whole.n - 1]))
        whole.n--;
    return whole;
}

/* Goes on to the comma or bracket that ends the part. False at the chunk's end before that. */
static bool part_scan(struct feed *f)
{
    struct json_nesting *n = &f->state->nesting;
    while (f->at < f->end) {
        if (n->in_string || n->depth) {
            f->at =
                n->depth ? json_nesting_scan(n, f->at, f->end) : json_quote_scan(n, f->at, f->end);
            continue;
        }
        char c = *f->at;
        if (c == ',' || c == '}' || c == ']')
            return true;
        n->in_string = c == '"';
        n->depth = c == '{' || c == '[';
        f->at++;
    }
    return false;
}

static bool item_end(struct feed *f)
{
    struct json_list_split *s = f->s;
    bool ok = true;
    if (part_count(f)) {
        struct str bytes = part_whole(f);
        ok = !s->item || s->item(s->ctx, bytes, f->err);
    } else {
        ok = s->oversize ? s->oversize(s->ctx, s->item_count, f->err)
                         : err_set(f->err, ERR_LIMIT,
                                   "byte %llu: an item of the list is longer than %zu bytes",
                                   offset_of(f, f->at), s->item_bytes_max);
    }
    s->item_count++;
    return ok;
}

/* The value of "items" where it is no list. */
static bool check_no_items(struct feed *f, struct str bytes)
{
    return str_eq(bytes, STR("null")) ||
           err_set(f->err, ERR_INPUT, "byte %llu: \"items\" is neither a list nor null",
                   offset_of(f, f->at));
}

static bool value_end(struct feed *f)
{
    struct json_list_split *s = f->s;
    if (!part_suspend(f))
        return false;
    struct str bytes = part_whole(f);
    if (bytes.n == 0)
        return split_fail(f, "expected a value");
    if (f->state->is_items)
        return check_no_items(f, bytes);
    return !s->meta || s->meta(s->ctx, f->state->key, bytes, f->err);
}

/* With f->at after the key's closing quote: unescapes and keeps it. */
static bool key_end(struct feed *f)
{
    struct json_split_state *state = f->state;
    struct value key;
    if (!part_suspend(f))
        return false;
    arena_reset(&state->scratch);
    if (!json_read(&key, &state->scratch, part_whole(f), NULL, NULL, 0, f->err))
        return err_prefix(f->err, "the key that ends at byte %llu", offset_of(f, f->at));
    state->key = str_dup(&state->scratch, value_text(key));
    state->is_items = str_eq(state->key, STR("items"));
    if (state->is_items && f->s->has_items)
        return err_set(f->err, ERR_INPUT, "byte %llu: \"items\" is there a second time",
                       offset_of(f, f->at));
    f->s->has_items |= state->is_items;
    state->stage = STAGE_COLON;
    return true;
}

/* ---- stages ---- */

static bool is_part(enum stage stage)
{
    return stage == STAGE_IN_KEY || stage == STAGE_IN_VALUE || stage == STAGE_IN_ITEM;
}

static bool begin_key(struct feed *f)
{
    if (*f->at != '"')
        return split_fail(f, "expected a key in double quotes");
    part_begin(f, STAGE_IN_KEY);
    f->state->nesting.in_string = true;
    f->at++;
    return true;
}

static bool begin_value(struct feed *f)
{
    if (!f->state->is_items || *f->at != '[') {
        part_begin(f, STAGE_IN_VALUE);
        return true;
    }
    f->at++;
    f->state->stage = STAGE_FIRST_ITEM;
    return true;
}

static bool begin_item(struct feed *f)
{
    if (*f->at == ',' || *f->at == ']')
        return split_fail(f, "expected an item");
    part_begin(f, STAGE_IN_ITEM);
    return true;
}

/* Past one byte that must be there. */
static bool take(struct feed *f, char c, enum stage next, const char *expected)
{
    if (*f->at != c)
        return split_fail(f, expected);
    f->at++;
    f->state->stage = next;
    return true;
}

static bool go_on_in_key(struct feed *f)
{
    f->at = json_quote_scan(&f->state->nesting, f->at, f->end);
    return f->state->nesting.in_string || key_end(f);
}

static bool go_on_in_value(struct feed *f)
{
    if (!part_scan(f))
        return true;
    if (*f->at == ']')
        return split_fail(f, "expected \",\" or \"}\" after a value");
    if (!value_end(f))
        return false;
    f->state->stage = *f->at++ == ',' ? STAGE_KEY : STAGE_DONE;
    return true;
}

static bool go_on_in_item(struct feed *f)
{
    if (!part_scan(f))
        return true;
    if (*f->at == '}')
        return split_fail(f, "expected \",\" or \"]\" after an item");
    if (!item_end(f))
        return false;
    f->state->stage = *f->at++ == ',' ? STAGE_ITEM : STAGE_AFTER_ITEMS;
    return true;
}

/* One step, with f->at on a byte that is not white space between parts. */
static bool step(struct feed *f)
{
    switch (f->state->stage) {
    case STAGE_START:
        return take(f, '{', STAGE_FIRST_KEY, "expected the \"{\" of a list");
    case STAGE_FIRST_KEY:
        return *f->at == '}' ? take(f, '}', STAGE_DONE, "") : begin_key(f);
    case STAGE_KEY:
        return begin_key(f);
    case STAGE_IN_KEY:
        return go_on_in_key(f);
    case STAGE_COLON:
        return take(f, ':', STAGE_VALUE, "expected \":\" after the key");
    case STAGE_VALUE:
        return begin_value(f);
    case STAGE_IN_VALUE:
        return go_on_in_value(f);
    case STAGE_FIRST_ITEM:
        return *f->at == ']' ? take(f, ']', STAGE_AFTER_ITEMS, "") : begin_item(f);
    case STAGE_ITEM:
        return begin_item(f);
    case STAGE_IN_ITEM:
        return go_on_in_item(f);
    case STAGE_AFTER_ITEMS:
        return *f->at == ',' ? take(f, ',', STAGE_KEY, "")
                             : take(f, '}', STAGE_DONE, "expected \",\" or \"}\" after the items");
    case STAGE_DONE:
        return split_fail(f, "expected nothing after the list");
    case STAGE_FAILED:
        break;
    }
    return err_set(f->err, ERR_INPUT, "the list has failed before");
}

bool json_list_split_feed(struct json_list_split *s, struct str chunk, struct err *err)
{
    INVARIANT(s->state);
    struct json_split_state *state = s->state;
    struct feed f = { .s = s, .state = state, .err = err };
    f.at = f.part = chunk.p ? chunk.p : "";
    f.end = f.at + chunk.n;
    s->byte_count += chunk.n;
    while (f.at < f.end) {
        if (!is_part(state->stage) && json_is_space(*f.at)) {
            f.at++;
        } else if (!step(&f)) {
            state->stage = STAGE_FAILED;
            return false;
        }
    }
    if (is_part(state->stage) && !part_suspend(&f)) {
        state->stage = STAGE_FAILED;
        return false;
    }
    return state->stage != STAGE_FAILED || err_set(err, ERR_INPUT, "the list has failed before");
}

bool json_list_split_end(struct json_list_split *s, struct err *err)
{
    INVARIANT(s->state);
    unsigned long long bytes = s->byte_count, items = s->item_count;
    if (s->state->stage == STAGE_DONE)
        return true;
    if (s->state->stage == STAGE_FAILED)
        return err_set(err, ERR_INPUT, "the list has failed before");
    if (bytes == 0)
        return err_set(err, ERR_INPUT, "byte 0: expected a list; there is nothing");
    return err_set(err, ERR_INPUT, "byte %llu: the list ends too early, after %llu items", bytes,
                   items);
}
