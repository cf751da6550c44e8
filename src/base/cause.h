/* Why a piece of evidence could not be had, as a code. */
#ifndef KUBEVOUCH_BASE_CAUSE_H
#define KUBEVOUCH_BASE_CAUSE_H

#include "base/str.h"

enum cause {
#define CAUSE(c, name, what) CAUSE_##c,
#include "base/cause.def"
#undef CAUSE
    CAUSE_COUNT
};
/* "refused", for documents; "" of CAUSE_NONE. */
const char *cause_name(enum cause c);
/* A sentence without its full stop, for people. */
const char *cause_text(enum cause c);
/* CAUSE_COUNT: there is no such word. */
enum cause cause_find(struct str name);

#endif
