/* Kinds that a benchmark brings with it ("kinds:"): custom resources of the user's own, entered as
 * rows behind those of kind.def. */
#ifndef KUBEVOUCH_CLUSTER_KIND_OWN_H
#define KUBEVOUCH_CLUSTER_KIND_OWN_H

#include "base/err.h"
#include "cluster/kind.h"

#define KIND_OWN_VERSIONS_MAX 120u /* bytes of all versions, separated by spaces */

struct kind_declaration {
    struct str group, resource, name; /* "example.com", "widgets", "Widget" */
    /* those that are understood, separated by spaces, the one to ask for first */
    struct str versions;
    enum kind_scope scope;
};
/* Enters a row, once for the whole run of the program: the same again is the row that is there.
 * False and err (ERR_INPUT): it is a row of kind.def, another benchmark has declared it otherwise,
 * it is no custom resource, or there are KIND_OWN_MAX already. */
bool kind_declare(const struct kind_declaration *d, struct err *err) WARN_UNUSED;
/* Enters a row of files, which are streamed and not kept, of any version; the same group and name
 * again is the row that is there. KIND_NONE: its names are empty or too long, or there is no room.
 */
enum kind kind_enter(const struct kind_declaration *d, bool is_guessed);
/* Its plural and scope, as somebody has said them. */
void kind_settle(enum kind k, struct str resource, enum kind_scope scope);
/* How many rows there are in all: those of kind.def, then those declared. */
size_t kind_count(void);
/* Takes every such row away, for tests. */
void kind_forget_own(void);
/* The row of an enumerator from KIND_OWN on; group, resource and name are KIND_UNDECLARED where it
 * is empty. */
#define KIND_UNDECLARED "(undeclared)"
const struct kind_info *kind_own_info(enum kind k);

#endif
