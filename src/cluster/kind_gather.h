/* Kinds that kind.def lacks, as they are met in files: entered as rows (kind_own.h), so that
 * policies are held against objects of any kind. */
#ifndef KUBEVOUCH_CLUSTER_KIND_GATHER_H
#define KUBEVOUCH_CLUSTER_KIND_GATHER_H

#include "base/vec.h"
#include "cluster/kind.h"
#include "value/value.h"

/* What a CustomResourceDefinition says. */
struct kind_definition {
    struct str group, resource, name;
    enum kind_scope scope;
};
/* What could not be read, and the kind that it may hold objects of; empty: any. */
struct kind_hidden {
    struct str name, where;
};
/* arena and group are set by whoever wants kinds gathered. */
struct kind_gather {
    struct arena *arena;
    VEC(struct str) group; /* API groups whose kinds are wanted; "*": all */
    VEC(struct kind_definition) definition;
    VEC(struct kind_hidden) hidden;
    /* "GROUP/KIND" that is not read: there was no room, or it is of Secrets */
    VEC(struct str) left;
};
/* The row of an object's kind, entered if it is new: with the plural and scope of Kubernetes' own
 * kinds (kind_served.def), else a guess, which kind_gather_settle makes good. KIND_NONE: nobody
 * wants its group, or it is not read. */
enum kind kind_gather_enter(struct kind_gather *g, struct str api_version, struct str kind);
/* A CustomResourceDefinition has gone by, before or after the objects that it is about. */
void kind_gather_definition(struct kind_gather *g, struct value crd);
/* Something could not be read that may be of the kind; name empty: of any. Both are copied. */
void kind_gather_hide(struct kind_gather *g, struct str name, struct str where);
/* After the last file. */
void kind_gather_settle(struct kind_gather *g);
/* Whether there may be objects in the files that the resource ("*": any) in group ("*": any) is of
 * and that are not read as such; *why, made in a: which, and why. For what kind_by_group does not
 * find. */
bool kind_gather_lacks(const struct kind_gather *g, struct str group, struct str resource,
                       struct arena *a, struct str *why);
/* "gateways" of "Gateway": as English has it, which most definitions follow. Made in a. */
struct str kind_plural_guess(struct arena *a, struct str kind);

#endif
