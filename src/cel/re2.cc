/* libre2 for C: compile, free, find. Nothing else of C++ is used in this program. */
#include "cel/re2.h"

#include <re2/re2.h>

#include <cstdint>
#include <cstdio>
#include <new>

#define SPAN_MAX 65

extern "C" void re2_on_out_of_memory(void (*fn)(void))
{
    std::set_new_handler(fn);
}

extern "C" void *re2_compile(const char *pattern, size_t n, int max_memory_bytes, char *error, size_t error_cap)
{
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(max_memory_bytes);
    RE2 *re = new (std::nothrow) RE2(re2::StringPiece(pattern, n), options);
    if (re && re->ok())
        return re;
    std::snprintf(error, error_cap, "%s", re ? re->error().c_str() : "out of memory");
    delete re;
    return nullptr;
}

extern "C" void re2_free(void *re)
{
    delete static_cast<RE2 *>(re);
}

extern "C" int re2_group_count(const void *re)
{
    return static_cast<const RE2 *>(re)->NumberOfCapturingGroups();
}

extern "C" int re2_program_size(const void *re)
{
    return static_cast<const RE2 *>(re)->ProgramSize();
}

extern "C" bool re2_find(const void *re, const char *text, size_t n, size_t from, size_t *span, int span_count)
{
    re2::StringPiece group[SPAN_MAX];
    if (span_count > SPAN_MAX)
        span_count = SPAN_MAX;
    if (!static_cast<const RE2 *>(re)->Match(re2::StringPiece(text, n), from, n, RE2::UNANCHORED, group, span_count))
        return false;
    for (int i = 0; i < span_count; i++) {
        bool took_part = group[i].data() != nullptr;
        span[2 * i] = took_part ? static_cast<size_t>(group[i].data() - text) : SIZE_MAX;
        span[2 * i + 1] = took_part ? span[2 * i] + group[i].size() : SIZE_MAX;
    }
    return true;
}
