/* The table of resources (kind.def) and its look-ups. */
#ifndef KUBEVOUCH_CLUSTER_KIND_H
#define KUBEVOUCH_CLUSTER_KIND_H

#include "base/str.h"

#define KIND_OWN_MAX      8u
#define KIND_GATHERED_MAX 48u /* of those that files bring with them (kind_gather.h) */
enum kind {
#define KIND(e, group, resource, name, scope, stage, keep, core) KIND_##e,
#include "cluster/kind.def"
#undef KIND
    KIND_OWN, /* the first of those that benchmarks bring with them (kind_own.h) */
    KIND_OWN_END = KIND_OWN + KIND_OWN_MAX + KIND_GATHERED_MAX - 1,
    KIND_COUNT
};
#define KIND_NONE KIND_COUNT
__extension__ typedef unsigned __int128 kind_bits;
_Static_assert(KIND_COUNT <= 128, "struct kind_set is one word of the compiler's");

enum kind_scope { SCOPE_NAMESPACED, SCOPE_CLUSTER };
enum kind_stage { STAGE_EARLY, STAGE_STREAM };
enum kind_keep { KEEP_NONE, KEEP_ROW, KEEP_SPEC, KEEP_WHOLE };
struct kind_info {
    const char *group, *resource, *name;
    enum kind_scope scope;
    enum kind_stage stage;
    enum kind_keep keep;
    bool core;
    const char *versions; /* those that are understood, separated by spaces; "": any */
    bool is_gathered;     /* met in files: objects keep the version that they are of */
    bool is_guessed;      /* and nothing said its plural and its scope: they are a guess */
};
const struct kind_info *kind_info(enum kind k);
/* False: a row for a kind of a benchmark's own, and no benchmark has declared one. */
bool kind_is_declared(enum kind k);
/* By plural resource name, as populations name it: "pods", or with its group where an earlier row
 * has the same name: "networkpolicies.crd.projectcalico.org". KIND_NONE if there is no such row. */
enum kind kind_by_resource(struct str resource);
/* By API group ("" for core) and plural resource name. */
enum kind kind_by_group(struct str group, struct str resource);
/* Whether objects of this version ("v1alpha1") can be understood. */
bool kind_knows_version(enum kind k, struct str version);
/* By apiVersion ("apps/v1") and kind ("Deployment"); the version is not compared. */
enum kind kind_by_api(struct str api_version, struct str kind);
/* The apiVersion that a list's path is of: "apps/v1" of "/apis/apps/v1/deployments?limit=5", "v1"
 * of "/api/v1/pods"; part of path. */
struct str kind_api_of_path(struct str path);
/* The API group of the object has given the kind to another, as kind_by_api takes it (former.def).
 */
bool kind_is_former(struct str api_version, struct str kind);
/* Of a kind that is recognised and not judged: why, for people; NULL: of any other. */
const char *kind_unread(struct str api_version, struct str kind);
/* "apps/daemonsets", "pods": group/resource for messages. */
struct str kind_text(struct arena *a, enum kind k);

struct kind_set {
    kind_bits bits;
};
static inline void kind_set_add(struct kind_set *s, enum kind k)
{
    s->bits |= (kind_bits)1 << k;
}
static inline bool kind_set_has(struct kind_set s, enum kind k)
{
    return (s.bits >> k & 1) != 0;
}
static inline void kind_set_merge(struct kind_set *s, struct kind_set other)
{
    s->bits |= other.bits;
}

#endif
