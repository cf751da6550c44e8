/* What an API server serves: groups, versions, resources.
 *
 * Read by aggregated discovery (two requests), or from /api, /apis and each group version where a
 * server does not know that. "Not served" is said only of what the server was able to tell: a part
 * that could not be read (403, an aggregated API server that is down, a broken answer) is a gap,
 * and what may lie in it is unknown. Source: kubernetes.io, API Concepts, "API discovery";
 * k8s.io/api apidiscovery/v2. */
#ifndef KUBEVOUCH_KUBE_DISCOVER_H
#define KUBEVOUCH_KUBE_DISCOVER_H

#include "kube/client.h"

enum discovery_answer {
    DISCOVERY_SERVED,
    DISCOVERY_NOT_SERVED, /* the server told all it serves there, and this is not in it */
    DISCOVERY_UNKNOWN,    /* the part where it would be could not be read, or is stale */
};

struct discovery_resource {
    struct str group; /* empty: core */
    struct str version;
    struct str resource; /* plural, "pods"; subresources are not listed */
    struct str kind;
    bool namespaced;
    bool preferred;   /* of all versions that serve it, the one to ask for */
    struct str *verb; /* "list", "get" ..., as told */
    size_t verb_count;
};

/* A part that could not be read. */
struct discovery_gap {
    bool all_groups;  /* /apis itself: every group but core */
    bool stale;       /* its aggregated API server is unavailable; what was listed is an old copy */
    struct str group; /* empty: core */
    struct str version; /* empty: all of them */
    struct str reason;
};

struct discovery {
    bool aggregated; /* answered by aggregated discovery */
    /* by group as told, versions in the server's order of preference */
    VEC(struct discovery_resource) resource;
    VEC(struct discovery_gap) gap;
};

/* Reads it. False with the first error when /api or /apis could not be read; *out holds the rest
 * and the gaps all the same. Text lives as long as a and the client's arena. */
bool discovery_read(struct discovery *out, struct arena *a, struct client *c,
                    struct err *err) WARN_UNUSED;

/* The version to ask for is set only for DISCOVERY_SERVED; version may be NULL. */
enum discovery_answer discovery_find(const struct discovery *d, struct str group,
                                     struct str resource, struct str *version);
/* The row of the preferred version, or NULL. */
const struct discovery_resource *discovery_row(const struct discovery *d, struct str group,
                                               struct str resource);
bool discovery_serves(const struct discovery *d, struct str group, struct str resource,
                      struct str version);
bool discovery_can(const struct discovery_resource *r, const char *verb);

/* The parts that could not be read, one text each, for the report: "metrics.k8s.io/v1beta1: ...".
 */
void discovery_stale_groups(const struct discovery *d, struct arena *a, struct str **text,
                            size_t *count);

#endif
