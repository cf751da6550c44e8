/* HTTP/1.1 by hand: what a test scripts must be what goes over the wire. */
#include "kube/fakeapi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_BYTES_MAX 65536
#define FILLER_BYTES   65536

struct parsed {
    char *method, *path, *header, *body;
    bool gzip, ends;
};

/* Cuts the head in place: "METHOD PATH HTTP/1.1\r\nName: value\r\n...". */
static bool parse_head(char *head, struct parsed *out)
{
    char *line_end = strstr(head, "\r\n"), *space = strchr(head, ' ');
    if (!line_end || !space || space > line_end)
        return false;
    *space = '\0';
    *line_end = '\0';
    char *version = strrchr(space + 1, ' ');
    if (!version)
        return false;
    *version = '\0';
    out->method = head;
    out->path = space + 1;
    out->header = line_end + 2;
    for (char *from = out->header, *to = out->header;; from++) {
        if (*from != '\r')
            *to++ = *from;
        if (!*from)
            break;
    }
    out->gzip = strcasestr(out->header, "accept-encoding: gzip") != NULL;
    return true;
}

static size_t declared_length(const char *header)
{
    const char *at = strcasestr(header, "content-length:");
    return at ? (size_t)strtoul(at + 15, NULL, 10) : 0;
}

static const char *reason_of(int status)
{
    return status == 200 ? "OK" : status == 201 ? "Created" : "Other";
}

/* Sends filler_bytes of spaces as chunks. */
static bool send_filler(struct fake_connection *c, uint64_t n)
{
    char spaces[FILLER_BYTES], size[16];
    memset(spaces, ' ', sizeof spaces);
    while (n > 0) {
        size_t part = n < sizeof spaces ? (size_t)n : sizeof spaces;
        int k = snprintf(size, sizeof size, "%zx\r\n", part);
        if (!fake_write(c, size, (size_t)k) || !fake_write(c, spaces, part) || !fake_write(c, "\r\n", 2))
            return false;
        n -= part;
    }
    return true;
}

static bool send_body(struct fake_connection *c, const struct fake_answer *a, const char *body, size_t n)
{
    char size[32];
    size_t sent = a->fault == FAKE_CUT || a->fault == FAKE_STALL || a->fault == FAKE_DRIP || a->fault == FAKE_SHORT ? a->cut_bytes : n;
    if (sent > n)
        sent = n;
    if (a->fault == FAKE_SHORT)
        return fake_write(c, body, sent) && false;
    /* Chunked, as API servers stream lists: a cut is seen as one. */
    int k = snprintf(size, sizeof size, "%zx\r\n", n);
    if (n > 0 && (!fake_write(c, size, (size_t)k) || !fake_write(c, body, sent)))
        return false;
    if (a->fault == FAKE_STALL) {
        fake_sleep_ms(c, 3600 * 1000);
        return false;
    }
    for (size_t i = sent; a->fault == FAKE_DRIP && i < n; i++) {
        fake_sleep_ms(c, 1000);
        if (!fake_write(c, body + i, 1))
            return false;
    }
    if (a->fault == FAKE_CUT) {
        /* Let what was sent arrive before the reset throws it away. */
        fake_sleep_ms(c, 50);
        fake_reset_on_close(c);
        return false;
    }
    return (n == 0 || fake_write(c, "\r\n", 2)) && send_filler(c, a->filler_bytes) && fake_write(c, "0\r\n\r\n", 5);
}

/* False: the connection is over. */
static bool send_answer(struct fake_connection *c, const struct fake_answer *a, const struct parsed *request)
{
    char head[4096];
    size_t n = a->body_bytes ? a->body_bytes : a->body ? strlen(a->body) : 0;
    bool gzip = request->gzip && fake_wants_compression(c->api) && n > 0;
    fake_sleep_ms(c, a->delay_ms);
    if (a->fault == FAKE_RESET)
        fake_reset_on_close(c);
    if (a->fault == FAKE_RESET || a->fault == FAKE_CLOSE || a->fault == FAKE_GOAWAY)
        return false;
    int k = snprintf(head, sizeof head, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nDate: Sat, 21 Nov 2026 06:13:00 GMT\r\n%s%s%s\r\n",
                     a->status, reason_of(a->status), a->type ? a->type : "application/json", a->header ? a->header : "",
                     gzip ? "Content-Encoding: gzip\r\n" : "",
                     a->fault == FAKE_SHORT ? "Connection: close\r\n" : "Transfer-Encoding: chunked\r\n");
    if (!fake_write(c, head, (size_t)k))
        return false;
    if (!gzip)
        return send_body(c, a, a->body, n);
    size_t packed_n;
    char *packed = fake_gzip(a->body, n, &packed_n);
    bool ok = send_body(c, a, packed, packed_n);
    free(packed);
    return ok;
}

/* Reads up to the end of the head; -1 when the connection ends first. *have counts what is in in. */
static long read_head(struct fake_connection *c, char *in, size_t *have)
{
    for (;;) {
        in[*have] = '\0';
        char *end = strstr(in, "\r\n\r\n");
        if (end)
            return end + 4 - in;
        if (*have + 1 >= HEAD_BYTES_MAX)
            return -1;
        int got = fake_read(c, in + *have, HEAD_BYTES_MAX - 1 - *have);
        if (got < 0)
            return -1;
        *have += (size_t)got;
    }
}

void fake_http1_serve(struct fake_connection *c)
{
    char *in = calloc(1, HEAD_BYTES_MAX + 1);
    size_t have = 0;
    bool open = in != NULL;
    while (open) {
        struct parsed p = { 0 };
        long head_n = read_head(c, in, &have);
        if (head_n < 0)
            break;
        char *head = strndup(in, (size_t)head_n - 2);
        if (!head || !parse_head(head, &p)) {
            free(head);
            break;
        }
        size_t body_n = declared_length(p.header);
        while (have < (size_t)head_n + body_n && have + 1 < HEAD_BYTES_MAX) {
            int got = fake_read(c, in + have, HEAD_BYTES_MAX - 1 - have);
            if (got < 0)
                break;
            have += (size_t)got;
        }
        if (have < (size_t)head_n + body_n) {
            free(head);
            break;
        }
        p.body = strndup(in + head_n, body_n);
        struct fake_request r = { p.method, p.path, p.header, p.body ? p.body : "" };
        struct fake_answer a = fake_answer_for(c->api, &r);
        open = send_answer(c, &a, &p);
        free(p.body);
        free(head);
        have -= (size_t)head_n + body_n;
        memmove(in, in + head_n + body_n, have);
    }
    free(in);
}
