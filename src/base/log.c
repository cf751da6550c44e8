/* Levelled lines on stderr, and the only mutable global in the program. */
#include "base/log.h"

#include "base/shown.h"

#include <stdatomic.h>
#include <unistd.h>

#define LINE_BYTES_MAX 4096

static _Atomic int log_level_now = LOG_WARN;

void log_set_level(enum log_level level)
{
    atomic_store(&log_level_now, (int)level);
}

bool log_is_on(enum log_level level)
{
    return (int)level <= atomic_load(&log_level_now);
}

void log_line(enum log_level level, const char *fmt, ...)
{
    static const char *const name[] = {
        [LOG_ERROR] = "error", [LOG_WARN] = "warning", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"
    };
    if (!log_is_on(level)) {
        return;
    }
    char text[LINE_BYTES_MAX], line[4 * LINE_BYTES_MAX + 64];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0) {
        return;
    }
    struct str s = str_from_c(text);
    size_t used = (size_t)snprintf(line, sizeof line, "kubevouch: %s: ", name[level]);
    for (size_t at = 0; at < s.n;) {
        uint32_t code_point = 0;
        size_t length = str_utf8_at(s, at, &code_point);
        if (length > 0 && shown_class(code_point) == SHOWN_PLAIN) {
            memcpy(line + used, s.p + at, length);
            used += length;
            at += length;
        } else {
            used += (size_t)snprintf(line + used, sizeof line - used, "\\x%02x",
                                     (unsigned char)s.p[at]);
            at++;
        }
    }
    if ((size_t)n >= sizeof text) {
        memcpy(line + used, "...", 3);
        used += 3;
    }
    line[used++] = '\n';
    /* One write, so that lines of several threads do not mix; a closed stderr is nobody's error. */
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written;
}
