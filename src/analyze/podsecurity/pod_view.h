/* A pod as Kubernetes' types read it: null is absent, an absent list is empty, and a value of
 * another type is a fault that is noted, never a value. */
#ifndef KUBEVOUCH_ANALYZE_POD_VIEW_H
#define KUBEVOUCH_ANALYZE_POD_VIEW_H

#include "base/vec.h"
#include "value/value.h"

struct container_view {
    struct str name;
    struct value object, security; /* the container, its securityContext; null: it has none */
    struct str path;               /* "spec.initContainers[0]" */
};
struct pod_view {
    struct arena *arena;
    struct value annotations, spec, security, volumes; /* null: absent */
    VEC(struct container_view) container; /* initContainers, containers, ephemeralContainers */
    bool windows, user_namespace;
    /* judged as it is written: a volume without a source is not taken for the emptyDir that the
     * API server makes of it */
    bool undefaulted;
    struct str fault; /* as in struct pod_security_result */
};
void pod_view_open(struct pod_view *p, struct arena *a, struct value pod);

enum pod_flag { POD_FLAG_UNSET, POD_FLAG_FALSE, POD_FLAG_TRUE };
/* The field key of parent, which stands at path; parent may be null. */
struct value pod_view_map(struct pod_view *p, struct value parent, struct str path,
                          const char *key);
struct value pod_view_list(struct pod_view *p, struct value parent, struct str path,
                           const char *key);
enum pod_flag pod_view_flag(struct pod_view *p, struct value parent, struct str path,
                            const char *key);
/* Empty, *set false: absent. set may be NULL. */
struct str pod_view_text(struct pod_view *p, struct value parent, struct str path, const char *key,
                         bool *set);
bool pod_view_int(struct pod_view *p, struct value parent, struct str path, const char *key,
                  int64_t *out);
/* Item i of a list of objects: a map; null for an empty one. */
struct value pod_view_item(struct pod_view *p, struct value list, struct str path, uint32_t i);
/* Item i of a list of texts. */
struct str pod_view_word(struct pod_view *p, struct value list, struct str path, uint32_t i);
struct str pod_view_below(struct pod_view *p, struct str path, const char *key);

#endif
