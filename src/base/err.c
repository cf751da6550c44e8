/* What went wrong, where, and what to do about it. */
#include "base/err.h"

#include <unistd.h>

/* Ends a cut text with "..." without leaving half of a UTF-8 sequence before it. */
static void mark_cut(char *text, size_t size)
{
    size_t at = size - 4;
    while (at > 0 && ((unsigned char)text[at] & 0xC0) == 0x80) {
        at--;
    }
    memcpy(text + at, "...", 4);
}

PRINTF_LIKE(4, 0)
static void set_va(struct err *err, enum err_code code, struct pos pos, const char *fmt, va_list ap)
{
    if (!err || err->code != ERR_NONE) {
        return;
    }
    err->code = code;
    err->pos = pos;
    int n = vsnprintf(err->text, sizeof err->text, fmt, ap);
    if (n < 0) {
        err->text[0] = '\0';
    } else if ((size_t)n >= sizeof err->text) {
        mark_cut(err->text, sizeof err->text);
    }
}

bool err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    set_va(err, code, (struct pos){ 0 }, fmt, ap);
    va_end(ap);
    return false;
}

bool err_set_at(struct err *err, enum err_code code, struct pos pos, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    set_va(err, code, pos, fmt, ap);
    va_end(ap);
    return false;
}

bool err_prefix(struct err *err, const char *fmt, ...)
{
    if (!err || err->code == ERR_NONE) {
        return false;
    }
    char old[sizeof err->text];
    memcpy(old, err->text, sizeof old);
    char prefix[sizeof err->text];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(prefix, sizeof prefix, fmt, ap);
    va_end(ap);
    if (n < 0) {
        return false;
    }
    if ((size_t)n >= sizeof prefix) {
        mark_cut(prefix, sizeof prefix);
    }
    size_t prefix_bytes = strlen(prefix), old_bytes = strlen(old);
    char joined[2 * sizeof err->text + 2];
    memcpy(joined, prefix, prefix_bytes);
    memcpy(joined + prefix_bytes, ": ", 2);
    memcpy(joined + prefix_bytes + 2, old, old_bytes + 1);
    size_t total = prefix_bytes + 2 + old_bytes;
    memcpy(err->text, joined, total < sizeof err->text ? total + 1 : sizeof err->text);
    if (total >= sizeof err->text) {
        mark_cut(err->text, sizeof err->text);
    }
    return false;
}

void err_clear(struct err *err)
{
    *err = (struct err){ 0 };
}

const char *err_code_name(enum err_code code)
{
    static const char *const name[] = {
        [ERR_NONE] = "none",
        [ERR_USAGE] = "usage",
        [ERR_INPUT] = "input",
        [ERR_LIMIT] = "limit",
        [ERR_IO] = "io",
        [ERR_NET] = "net",
        [ERR_TLS] = "tls",
        [ERR_AUTH] = "auth",
        [ERR_DENIED] = "denied",
        [ERR_NOT_FOUND] = "not-found",
        [ERR_EXPIRED] = "expired",
        [ERR_SERVER] = "server",
        [ERR_CANCELLED] = "cancelled",
        [ERR_INTERNAL] = "internal",
    };
    _Static_assert(sizeof name / sizeof name[0] == ERR_INTERNAL + 1, "every code has a name");
    return (size_t)code < sizeof name / sizeof name[0] ? name[code] : "unknown";
}

_Noreturn void err_abort(const char *what, const char *file, int line)
{
    fprintf(stderr, "kubevouch: %s:%d: broken invariant: %s; this is a bug, please report it\n",
            file, line, what);
    abort();
}

_Noreturn void err_out_of_memory(size_t size)
{
    char text[160];
    int n = snprintf(text, sizeof text,
                     "kubevouch: error: out of memory: %zu more bytes could not be had; reports of "
                     "an earlier run stay as they were\n",
                     size);
    ssize_t written = write(STDERR_FILENO, text, n > 0 ? (size_t)n : 0);
    (void)written;
    _exit(ERR_OUT_OF_MEMORY_STATUS);
}
