/* Where a byte of a YAML scalar's content stands in the file: quoted, plain, literal (|) or folded
 * (>). */
#ifndef KUBEVOUCH_VALUE_SCALAR_H
#define KUBEVOUCH_VALUE_SCALAR_H

#include "value/yaml.h"

/* start: the scalar's position. offset: a byte of its content. Exact for plain and quoted scalars
 * on one line without escapes, and for block scalars without blank or deeper lines; near otherwise.
 */
struct pos scalar_place(struct str file_text, struct pos start, size_t offset);
/* The same of a place within the content: within counts its lines and columns from 1. */
struct pos scalar_fault_place(struct str file_text, struct str content, struct pos start,
                              struct pos within);
/* The line at pos and a caret under its column, for a message. Empty if the file has no such line.
 */
struct str scalar_excerpt(struct arena *a, struct str file_text, struct pos pos);

#endif
