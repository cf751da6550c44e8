/* Tables between an enum and its text, and suggestions for a misspelt name. */
#ifndef KUBEVOUCH_BASE_NAMES_H
#define KUBEVOUCH_BASE_NAMES_H

#include "base/str.h"

/* Index of s in name[0..count), or -1. NULL entries are skipped. */
int names_find(const char *const *name, size_t count, struct str s);
/* The name nearest to s by edit distance, if near enough to be a slip (distance <= 1 + n/4); else
 * NULL. */
const char *names_nearest(const char *const *name, size_t count, struct str s);

#endif
