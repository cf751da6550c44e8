/* Text that came from a cluster, onto a terminal or into a pipe. */
#ifndef KUBEVOUCH_CLI_TERMINAL_H
#define KUBEVOUCH_CLI_TERMINAL_H

#include "base/str.h"

#include <stdio.h>

/* Whatever comes from an object is hostile to a terminal: there it is shown by safe_terminal;
 * elsewhere bytes stay as they are. */
void terminal_put(FILE *to, bool is_terminal, struct str text);

#endif
