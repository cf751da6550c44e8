/* Memory for foreign libraries that do not expect to be refused any: as the C library's functions,
 * but the process ends (err_out_of_memory) instead of a NULL that would turn into a wrong answer
 * somewhere. */
#ifndef KUBEVOUCH_BASE_MEMORY_H
#define KUBEVOUCH_BASE_MEMORY_H

#include "base/err.h"

void *memory_alloc(size_t size);
void *memory_alloc_zeroed(size_t count, size_t size);
void *memory_resize(void *old, size_t size);
void memory_free(void *p);
char *memory_copy_text(const char *text);

#endif
