/* YAML that others apply: the one place where texts become scalars and comments, by libyaml's
 * emitter. */
#ifndef KUBEVOUCH_VALUE_YAML_WRITE_H
#define KUBEVOUCH_VALUE_YAML_WRITE_H

#include "base/buf.h"
#include "value/value.h"

/* Appends v, a map or list whose keys are texts, as one document without "---": maps and lists of
 * maps as blocks, lists of scalars in brackets. Whatever a text holds, a reader finds the same
 * tree: what is not plain ASCII, or would be read as something else than text, is quoted with
 * escapes. ERR_INPUT: v holds what YAML has no form for, or text that is no UTF-8. */
bool yaml_write(struct buf *out, struct value v, struct err *err) WARN_UNUSED;
/* Appends text as a comment that it cannot break out of: control and deceptive characters are named
 * (shown_line). Lines go on in the next after width characters, at spaces; width 0: one line. */
void yaml_write_comment(struct buf *out, struct str text, size_t width);

#endif
