/* The documents of a file one after the other, in memory that one document takes. */
#include "cluster/manifest_stream.h"

#include "cluster/manifest_set.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define STEP_BYTES      ((size_t)256 << 10)
#define UTF16_BYTES_MAX ((size_t)256 << 20)

static bool failed(struct err *err, const char *verb)
{
    const char *why = strerrordesc_np(errno);
    return err_set(err, ERR_IO, "cannot %s: %s", verb, why ? why : "unknown error");
}

void manifest_stream_init(struct manifest_stream *s, int fd)
{
    *s = (struct manifest_stream){ .fd = fd };
    buf_init(&s->text, MANIFEST_BYTES_MAX + STEP_BYTES);
}

void manifest_stream_release(struct manifest_stream *s)
{
    buf_release(&s->text);
}

static ssize_t read_some(int fd, char *to, size_t n)
{
    ssize_t got;
    do
        got = read(fd, to, n);
    while (got < 0 && errno == EINTR);
    return got;
}

/* More bytes behind those that are there. */
static bool fill(struct manifest_stream *s, struct err *err)
{
    if (s->at) {
        buf_drop_front(&s->text, s->at);
        s->offset += s->at;
        s->at = 0;
    }
    char *to = buf_reserve(&s->text, STEP_BYTES);
    if (!to)
        return err_set(
            err, ERR_LIMIT,
            "a document of more than %zu bytes; what stands behind it was not read either",
            MANIFEST_BYTES_MAX);
    ssize_t got = read_some(s->fd, to, STEP_BYTES);
    if (got < 0)
        return failed(err, "read it");
    buf_commit(&s->text, (size_t)got);
    s->ended = got == 0;
    return true;
}

static void hand_out(struct manifest_stream *s, size_t end, uint32_t lines, struct str *text,
                     struct manifest_place *place)
{
    *text = str_sub(buf_str(&s->text), s->at, end);
    *place = (struct manifest_place){ s->offset + s->at, (uint32_t)(end - s->at), s->lines_before };
    s->lines_before += lines;
    s->at = end;
}

bool manifest_stream_next(struct manifest_stream *s, struct str *text, struct manifest_place *place,
                          bool *more, struct err *err)
{
    size_t scan = s->at; /* the line that is looked at */
    uint32_t lines = 0;
    for (;;) {
        struct str all = buf_str(&s->text);
        size_t end = str_find_char(all, '\n', scan);
        if (end == SIZE_MAX && !s->ended) {
            size_t of_document = scan - s->at;
            if (!fill(s, err))
                return false;
            scan = s->at + of_document;
            continue;
        }
        size_t line_end = end == SIZE_MAX ? all.n : end, next = end == SIZE_MAX ? all.n : end + 1;
        if (scan > s->at && manifest_is_separator(str_sub(all, scan, line_end)) &&
            !manifest_is_prologue(str_sub(all, s->at, scan))) {
            hand_out(s, scan, lines, text, place);
            *more = true;
            return true;
        }
        if (next == all.n && s->ended) {
            *more = next > s->at;
            hand_out(s, next, lines + (end != SIZE_MAX), text, place);
            return true;
        }
        lines++;
        scan = next;
    }
}

bool manifest_stream_again(int fd, const struct manifest_place *place, struct buf *out,
                           struct err *err)
{
    size_t left = place->length;
    off_t at = (off_t)place->offset;
    while (left) {
        size_t want = left < STEP_BYTES ? left : STEP_BYTES;
        char *to = buf_reserve(out, want);
        if (!to)
            return err_set(err, ERR_LIMIT, "it is too long");
        ssize_t got = pread(fd, to, want, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? failed(err, "read it again")
                           : err_set(err, ERR_IO, "it became shorter while it was read");
        buf_commit(out, (size_t)got);
        at += got;
        left -= (size_t)got;
    }
    return true;
}

/* ---- what cannot be read twice, or as it stands */

static bool write_all(int fd, const char *p, size_t n, struct err *err)
{
    while (n) {
        ssize_t put = write(fd, p, n);
        if (put < 0 && errno != EINTR)
            return failed(err, "keep it in a temporary file");
        p += put > 0 ? put : 0;
        n -= put > 0 ? (size_t)put : 0;
    }
    return true;
}

static int temporary(struct err *err)
{
    const char *dir = getenv("TMPDIR");
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/kubevouch-XXXXXX", dir && *dir ? dir : "/tmp");
    int fd = mkstemp(path);
    if (fd < 0)
        (void)failed(err, "make a temporary file");
    else
        (void)unlink(path);
    return fd;
}

static int rewound(int fd, bool ok)
{
    if (ok && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

int manifest_spool(int fd, struct err *err)
{
    struct buf step CLEANUP(buf_release) = BUF_INIT(STEP_BYTES);
    char *p = buf_reserve(&step, STEP_BYTES);
    int out = temporary(err);
    bool ok = out >= 0;
    while (ok) {
        ssize_t got = read_some(fd, p, STEP_BYTES);
        if (got < 0)
            ok = failed(err, "read it");
        if (got <= 0)
            break;
        ok = write_all(out, p, (size_t)got, err);
    }
    return out < 0 ? -1 : rewound(out, ok);
}

static uint32_t unit_at(struct str s, size_t at, bool big)
{
    uint32_t a = (unsigned char)s.p[at], b = (unsigned char)s.p[at + 1];
    return big ? a << 8 | b : b << 8 | a;
}

static void add_utf8(struct buf *out, struct str s, bool big)
{
    for (size_t at = 2; at + 1 < s.n; at += 2) {
        uint32_t c = unit_at(s, at, big);
        char utf8[4];
        if (c >= 0xD800 && c < 0xDC00 && at + 3 < s.n) {
            uint32_t low = unit_at(s, at + 2, big);
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                at += 2;
            }
        }
        c = c >= 0xD800 && c < 0xE000 ? 0xFFFD : c;
        buf_add(out, str_of(utf8, str_utf8_encode(c, utf8)));
    }
}

int manifest_spool_utf16(int fd, bool *utf16, struct err *err)
{
    struct buf in CLEANUP(buf_release) = BUF_INIT(UTF16_BYTES_MAX),
                  out CLEANUP(buf_release) = BUF_INIT(UTF16_BYTES_MAX * 2);
    unsigned char mark[2];
    *utf16 = pread(fd, mark, 2, 0) == 2 &&
             ((mark[0] == 0xFF && mark[1] == 0xFE) || (mark[0] == 0xFE && mark[1] == 0xFF));
    if (!*utf16)
        return -1;
    for (;;) {
        char *to = buf_reserve(&in, STEP_BYTES);
        ssize_t got = to ? read_some(fd, to, STEP_BYTES) : 0;
        if (!to || got < 0) {
            (void)(to ? failed(err, "read it")
                      : err_set(err, ERR_LIMIT, "more than %zu bytes of UTF-16", UTF16_BYTES_MAX));
            return -1;
        }
        if (got == 0)
            break;
        buf_commit(&in, (size_t)got);
    }
    add_utf8(&out, buf_str(&in), mark[0] == 0xFE);
    int made = buf_ok(&out, "a text in UTF-16", err) ? temporary(err) : -1;
    return made < 0 ? -1 : rewound(made, write_all(made, out.p ? out.p : "", out.n, err));
}
