/* JSON's way to escape characters above U+FFFF, which YAML does not have. Inside the value room
 * only. */
#ifndef KUBEVOUCH_VALUE_YAML_SURROGATE_H
#define KUBEVOUCH_VALUE_YAML_SURROGATE_H

#include "base/buf.h"

/* If text is a JSON document with surrogate pairs ("\ud83d\ude00"), appends it to out with YAML's
 * escape (\U0001f600) in their place and returns true. Columns behind a pair move by two bytes. */
bool yaml_join_surrogates(struct buf *out, struct str text);

#endif
