/* What went wrong, where, and what to do about it.
 *
 * A struct err lives on the caller's stack and owns no memory. Every function that can fail takes
 * one last and returns false after filling it; the first error wins, later ones are dropped.
 * Text is lower case, has no final period, puts input in double quotes and marks its own cut. */
#ifndef KUBEVOUCH_BASE_ERR_H
#define KUBEVOUCH_BASE_ERR_H

#include "base/banned.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WARN_UNUSED            __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define CLEANUP(fn)            __attribute__((cleanup(fn)))
/* Items of an array, not of a pointer. */
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

enum err_code {
    ERR_NONE,
    ERR_USAGE,     /* the command line */
    ERR_INPUT,     /* a file or document that the user gave: syntax, type, unknown key */
    ERR_LIMIT,     /* a named limit was exceeded */
    ERR_IO,        /* the local file system */
    ERR_NET,       /* could not connect, cut, timed out */
    ERR_TLS,       /* the server's certificate or the handshake */
    ERR_AUTH,      /* 401: the credential was refused or could not be had */
    ERR_DENIED,    /* 403 */
    ERR_NOT_FOUND, /* 404, or a named thing that is not there */
    ERR_EXPIRED,   /* 410 */
    ERR_SERVER,    /* any other answer than was asked for */
    ERR_CANCELLED, /* a signal */
    ERR_INTERNAL,  /* a bug in this program */
};

/* A place in a text the user can open. line and column count from 1, column in bytes; 0: unknown.
 * file is borrowed and must live as long as the error is used. */
struct pos {
    const char *file;
    uint32_t line, column;
};

struct err {
    enum err_code code;
    struct pos pos;
    char text[496];
};

/* Fills err if it is empty. Always returns false, so that `return err_set(...)` reads well. */
bool err_set(struct err *err, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool err_set_at(struct err *err, enum err_code code, struct pos pos, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* Puts "prefix: " before the text there is. Always returns false. */
bool err_prefix(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
void err_clear(struct err *err);
/* "not-found" and the like, for reports and logs. */
const char *err_code_name(enum err_code code);

/* For invariants only, never for input: prints and aborts. */
#define INVARIANT(cond) ((cond) ? (void)0 : err_abort(#cond, __FILE__, __LINE__))
_Noreturn void err_abort(const char *what, const char *file, int line);
/* For the allocators only: says so and ends the process, without a core and without running
 * anything more, with the published status for what could not run. Temporary files are swept by the
 * next run. */
#define ERR_OUT_OF_MEMORY_STATUS 4
_Noreturn void err_out_of_memory(size_t size);

#endif
