/* The C library's memory, without refusals. */
#include "base/memory.h"

static void *had(void *p, size_t size)
{
    if (!p && size)
        err_out_of_memory(size);
    return p;
}

void *memory_alloc(size_t size)
{
    return had(malloc(size), size);
}

void *memory_alloc_zeroed(size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        err_out_of_memory(SIZE_MAX);
    return had(calloc(count, size), total);
}

void *memory_resize(void *old, size_t size)
{
    return had(realloc(old, size), size);
}

void memory_free(void *p)
{
    free(p);
}

char *memory_copy_text(const char *text)
{
    return had(strdup(text), strlen(text) + 1);
}
