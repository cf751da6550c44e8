/* Levelled lines on stderr, and the only mutable global in the program. Rooms below cli use
 * LOG_DEBUG only; nothing that may hold a credential is ever passed here. Control characters in
 * what is printed are shown as \xNN. */
#ifndef KUBEVOUCH_BASE_LOG_H
#define KUBEVOUCH_BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
void log_set_level(enum log_level level);
bool log_is_on(enum log_level level);
void log_line(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
