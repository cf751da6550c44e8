/* The C face of libre2: what re2.cc defines and regex.c alone uses. */
#ifndef KUBEVOUCH_CEL_RE2_H
#define KUBEVOUCH_CEL_RE2_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is called where C++ has no memory, instead of an exception. */
void re2_on_out_of_memory(void (*fn)(void));
/* NULL with the reason in error (error_cap bytes, always ended) when the pattern does not compile.
 */
void *re2_compile(const char *pattern, size_t n, int max_memory_bytes, char *error,
                  size_t error_cap);
void re2_free(void *re);
int re2_group_count(const void *re);
/* How many instructions the pattern is: what a search may do at each byte of the text. */
int re2_program_size(const void *re);
/* span gets 2 * span_count offsets; SIZE_MAX twice for a group that took no part. */
bool re2_find(const void *re, const char *text, size_t n, size_t from, size_t *span,
              int span_count);

#ifdef __cplusplus
}
#endif

#endif
