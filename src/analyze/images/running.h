/* Images that run, by the names that pods ask for them: what each node's kubelet says that it took
 * for a name. */
#ifndef KUBEVOUCH_ANALYZE_IMAGES_RUNNING_H
#define KUBEVOUCH_ANALYZE_IMAGES_RUNNING_H

#include "base/map.h"
#include "base/vec.h"
#include "value/value.h"

#define RUNNING_EXAMPLES 3u

/* One digest behind a name. */
struct running_digest {
    struct str digest; /* "sha256:..." */
    uint32_t containers;
    struct str example[RUNNING_EXAMPLES]; /* pods, "ns/name" */
};
struct running_image {
    struct str name; /* as in image_full_name */
    uint32_t containers;
    uint32_t untold; /* containers whose image is told by no digest of a repository */
    uint32_t unseen; /* containers of which no status was seen */
    struct str untold_example[RUNNING_EXAMPLES];
    VEC(struct running_digest) digest;
};
struct running_images {
    struct arena *arena;
    struct map image; /* name -> struct running_image */
};
void running_images_init(struct running_images *r, struct arena *a);
/* Counts the containers of a pod that runs; what does not run says nothing of images. */
void running_images_add(struct running_images *r, struct value pod, struct arena *scratch);
/* "docker.io/library/nginx:latest" of "nginx": registry, path and tag as container runtimes fill
 * them in. */
struct str image_full_name(struct arena *a, struct str image);
/* "sha256:..." of "docker-pullable://r.example/app@sha256:..."; empty where the runtime names the
 * image by its own id. */
struct str image_digest_of(struct str image_id);

#endif
