/* Numbers as text, for string.format and for whoever shows values. */
#ifndef KUBEVOUCH_CEL_LIB_FORMAT_H
#define KUBEVOUCH_CEL_LIB_FORMAT_H

#include "base/str.h"

/* The shortest digits that read back as d, without an exponent; "NaN", "Infinity", "-Infinity". */
struct str cel_double_text(struct arena *a, double d);

#endif
