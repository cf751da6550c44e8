/* HTTP/2 through nghttp2: one thread carries all streams of a connection, so a delay delays them all. */
#include "kube/fakeapi.h"

#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_BYTES       65536
#define HEADER_COUNT_MAX 32

struct stream {
    int32_t id;
    char *method, *path, *header, *body;
    struct fake_answer answer;
    char *packed; /* the gzip form, if asked for */
    const char *bytes;
    size_t byte_count, sent;
    uint64_t filler_left;
    struct session *session;
    struct stream *next;
};
struct session {
    struct fake_connection *connection;
    nghttp2_session *h2;
    struct stream *streams;
    bool abort, reset, stall;
};

static void append(char **text, const char *more, size_t n)
{
    size_t have = *text ? strlen(*text) : 0;
    char *grown = realloc(*text, have + n + 1);
    if (!grown)
        abort();
    memcpy(grown + have, more, n);
    grown[have + n] = '\0';
    *text = grown;
}

static struct stream *stream_of(struct session *s, int32_t id)
{
    for (struct stream *t = s->streams; t; t = t->next)
        if (t->id == id)
            return t;
    return NULL;
}

static void free_stream(struct stream *t)
{
    free(t->method);
    free(t->path);
    free(t->header);
    free(t->body);
    free(t->packed);
    free(t);
}

static ssize_t on_send(nghttp2_session *h2, const uint8_t *bytes, size_t n, int flags, void *ctx)
{
    struct session *s = ctx;
    (void)h2;
    (void)flags;
    return fake_write(s->connection, bytes, n) ? (ssize_t)n : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int on_begin(nghttp2_session *h2, const nghttp2_frame *frame, void *ctx)
{
    struct session *s = ctx;
    (void)h2;
    if (frame->hd.type != NGHTTP2_HEADERS)
        return 0;
    struct stream *t = calloc(1, sizeof *t);
    if (!t)
        abort();
    t->id = frame->hd.stream_id;
    t->session = s;
    t->next = s->streams;
    s->streams = t;
    return 0;
}

static int on_header(nghttp2_session *h2, const nghttp2_frame *frame, const uint8_t *name, size_t name_n, const uint8_t *value,
                     size_t value_n, uint8_t flags, void *ctx)
{
    struct stream *t = stream_of(ctx, frame->hd.stream_id);
    (void)h2;
    (void)flags;
    if (!t)
        return 0;
    if (name_n == 7 && memcmp(name, ":method", 7) == 0) {
        append(&t->method, (const char *)value, value_n);
    } else if (name_n == 5 && memcmp(name, ":path", 5) == 0) {
        append(&t->path, (const char *)value, value_n);
    } else {
        append(&t->header, (const char *)name, name_n);
        append(&t->header, ": ", 2);
        append(&t->header, (const char *)value, value_n);
        append(&t->header, "\n", 1);
    }
    return 0;
}

static int on_data(nghttp2_session *h2, uint8_t flags, int32_t id, const uint8_t *bytes, size_t n, void *ctx)
{
    struct stream *t = stream_of(ctx, id);
    (void)h2;
    (void)flags;
    if (t)
        append(&t->body, (const char *)bytes, n);
    return 0;
}

static ssize_t read_answer(nghttp2_session *h2, int32_t id, uint8_t *out, size_t n, uint32_t *flags, nghttp2_data_source *source, void *ctx)
{
    struct stream *t = source->ptr;
    struct session *s = ctx;
    size_t end = t->byte_count;
    (void)h2;
    (void)id;
    bool cuts = t->answer.fault == FAKE_CUT || t->answer.fault == FAKE_STALL;
    if (cuts && t->answer.cut_bytes < end)
        end = t->answer.cut_bytes;
    size_t part = end - t->sent < n ? end - t->sent : n;
    if (part > 0) {
        memcpy(out, t->bytes + t->sent, part);
        t->sent += part;
        return (ssize_t)part;
    }
    if (cuts) {
        s->abort = true;
        s->reset = t->answer.fault == FAKE_CUT;
        s->stall = t->answer.fault == FAKE_STALL;
        return NGHTTP2_ERR_DEFERRED;
    }
    part = t->filler_left < n ? (size_t)t->filler_left : n;
    memset(out, ' ', part);
    t->filler_left -= part;
    if (t->filler_left == 0)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)part;
}

static void add_field(nghttp2_nv *nv, size_t *count, char *name, char *value)
{
    nv[(*count)++] = (nghttp2_nv){ (uint8_t *)name, (uint8_t *)value, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE };
}

/* Cuts "Name: value\r\n..." in place; HTTP/2 wants names in lower case. */
static void add_lines(nghttp2_nv *nv, size_t *count, char *lines)
{
    for (char *line = lines, *end; *line && *count < HEADER_COUNT_MAX && (end = strstr(line, "\r\n")); line = end + 2) {
        char *colon = strchr(line, ':');
        *end = '\0';
        if (!colon)
            continue;
        *colon = '\0';
        for (char *c = line; *c; c++)
            if (*c >= 'A' && *c <= 'Z')
                *c = (char)(*c + 32);
        add_field(nv, count, line, colon + 1 + strspn(colon + 1, " "));
    }
}

static void submit(struct session *s, struct stream *t)
{
    nghttp2_nv nv[HEADER_COUNT_MAX + 4];
    size_t count = 0;
    char status[16], type_name[] = "content-type", status_name[] = ":status", date_name[] = "date";
    char coding_name[] = "content-encoding", gzip[] = "gzip", date[] = "Sat, 21 Nov 2026 06:13:00 GMT";
    const struct fake_answer *a = &t->answer;
    char *type = strdup(a->type ? a->type : "application/json"), *lines = strdup(a->header ? a->header : "");
    if (!type || !lines)
        abort();
    (void)snprintf(status, sizeof status, "%d", a->status);
    add_field(nv, &count, status_name, status);
    add_field(nv, &count, type_name, type);
    add_field(nv, &count, date_name, date);
    if (t->packed)
        add_field(nv, &count, coding_name, gzip);
    add_lines(nv, &count, lines);
    nghttp2_data_provider data = { .source.ptr = t, .read_callback = read_answer };
    if (nghttp2_submit_response(s->h2, t->id, nv, count, &data) != 0)
        s->abort = true;
    free(type);
    free(lines);
}

static int on_frame(nghttp2_session *h2, const nghttp2_frame *frame, void *ctx)
{
    struct session *s = ctx;
    struct stream *t = stream_of(s, frame->hd.stream_id);
    if (!t || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM) || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA))
        return 0;
    struct fake_request r = { t->method ? t->method : "", t->path ? t->path : "", t->header ? t->header : "", t->body ? t->body : "" };
    t->answer = fake_answer_for(s->connection->api, &r);
    fake_sleep_ms(s->connection, t->answer.delay_ms);
    if (t->answer.fault == FAKE_GOAWAY) {
        (void)nghttp2_submit_goaway(h2, NGHTTP2_FLAG_NONE, t->id > 2 ? t->id - 2 : 0, NGHTTP2_NO_ERROR, NULL, 0);
        s->abort = true;
        return 0;
    }
    if (t->answer.fault == FAKE_CLOSE || t->answer.fault == FAKE_RESET) {
        s->abort = true;
        s->reset = t->answer.fault == FAKE_RESET;
        return 0;
    }
    t->bytes = t->answer.body ? t->answer.body : "";
    t->byte_count = t->answer.body_bytes ? t->answer.body_bytes : strlen(t->bytes);
    t->filler_left = t->answer.filler_bytes;
    if (fake_wants_compression(s->connection->api) && strstr(r.header, "accept-encoding: gzip") && t->byte_count) {
        t->packed = fake_gzip(t->bytes, t->byte_count, &t->byte_count);
        t->bytes = t->packed;
    }
    submit(s, t);
    return 0;
}

static int on_close(nghttp2_session *h2, int32_t id, uint32_t error, void *ctx)
{
    struct session *s = ctx;
    (void)h2;
    (void)error;
    for (struct stream **at = &s->streams; *at; at = &(*at)->next) {
        struct stream *t = *at;
        if (t->id != id)
            continue;
        *at = t->next;
        free_stream(t);
        return 0;
    }
    return 0;
}

void fake_http2_serve(struct fake_connection *c)
{
    struct session s = { .connection = c };
    nghttp2_session_callbacks *cb = NULL;
    uint8_t in[READ_BYTES];
    if (nghttp2_session_callbacks_new(&cb) != 0)
        abort();
    nghttp2_session_callbacks_set_send_callback(cb, on_send);
    nghttp2_session_callbacks_set_on_begin_headers_callback(cb, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_close);
    if (nghttp2_session_server_new(&s.h2, cb, &s) != 0)
        abort();
    nghttp2_session_callbacks_del(cb);
    bool open = nghttp2_submit_settings(s.h2, NGHTTP2_FLAG_NONE, NULL, 0) == 0;
    while (open) {
        open = nghttp2_session_send(s.h2) == 0 && !s.abort;
        int got = open ? fake_read(c, in, sizeof in) : -1;
        open = got > 0 && nghttp2_session_mem_recv(s.h2, in, (size_t)got) == got;
    }
    if (s.stall)
        fake_sleep_ms(c, 3600 * 1000);
    if (s.reset) {
        fake_sleep_ms(c, 50);
        fake_reset_on_close(c);
    }
    nghttp2_session_del(s.h2);
    for (struct stream *t = s.streams, *next; t; t = next) {
        next = t->next;
        free_stream(t);
    }
}
