/* Places in a YAML text: libyaml counts characters, editors and struct pos count lines and bytes.
 * Inside the value room only. */
#ifndef KUBEVOUCH_VALUE_YAML_PLACE_H
#define KUBEVOUCH_VALUE_YAML_PLACE_H

#include "base/str.h"

/* Where character char_index of text is. Moves forward in steps, so that asking for places in
 * ascending order costs one pass over the text. */
struct yaml_place {
    struct str text;
    const char *file;
    size_t byte, char_index, line_start;
    uint32_t line;
};
void yaml_place_init(struct yaml_place *p, struct str text, const char *file);
struct pos yaml_place_at(struct yaml_place *p, size_t char_index);
/* Refuses what libyaml would take a long time over or report without a place: too many bytes, bad
 * UTF-8, control characters, hundreds of %TAG directives. */
bool yaml_place_check(struct str text, const char *file, size_t bytes_max,
                      struct err *err) WARN_UNUSED;

#endif
