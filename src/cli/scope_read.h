/* --scope: NAME=SELECTOR or NAME=FILE. */
#ifndef KUBEVOUCH_CLI_SCOPE_READ_H
#define KUBEVOUCH_CLI_SCOPE_READ_H

#include "analyze/network/scope.h"
#include "cli/option.h"

/* Adds to out; a name that is given again adds members to it. */
bool scope_read(struct net_scopes *out, struct arena *a, struct str text,
                struct err *err) WARN_UNUSED;

#endif
