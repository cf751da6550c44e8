/* Which files a scan reads: those that are named, and all below folders that are. */
#ifndef KUBEVOUCH_CLUSTER_MANIFEST_FILES_H
#define KUBEVOUCH_CLUSTER_MANIFEST_FILES_H

#include "base/str.h"
#include "base/vec.h"

#define MANIFEST_FILES_MAX        200000u
#define MANIFEST_FOLDERS_DEEP_MAX 64u

enum manifest_pass {
#define PASSED(e, what, hint) MANIFEST_PASS_##e,
#include "cluster/manifest_pass.def"
    MANIFEST_PASS_COUNT
};
const char *manifest_pass_what(enum manifest_pass p);
const char *manifest_pass_hint(enum manifest_pass p); /* "": there is nothing to do */

struct manifest_file {
    const char *path; /* as it is told; "-": standard input */
    bool is_given;    /* by its own name, not found in a folder */
};
struct manifest_ask {
    const struct str *path; /* files and folders; "-": standard input */
    size_t path_count;
    const struct str *exclude; /* globs, of paths as they are told or of single names in them */
    size_t exclude_count;
    struct str ns;              /* of objects that name none; empty: default */
    uint32_t values_max;        /* of one document; 0: YAML_NODES_MAX */
    bool whole;                 /* the files are all of a cluster */
    struct kind_gather *gather; /* NULL: kinds that the table lacks are counted alone */
};
/* What is found: files in their order (of paths as given, of names in a folder), and each that is
 * passed over. A folder below another that cannot be opened ends nothing. */
struct manifest_found {
    void (*file)(void *ctx, const struct manifest_file *f);
    void (*passed)(void *ctx, enum manifest_pass why, const char *path);
    void (*unreadable)(void *ctx, const char *folder);
    void *ctx;
};
/* False: a path that is not there or not readable, or too many files. Paths live in a. */
bool manifest_find(const struct manifest_ask *ask, const struct manifest_found *out,
                   struct arena *a, struct err *err) WARN_UNUSED;
/* Whether the file stands in the templates of a Helm chart: somewhere below a folder "templates"
 * beside a Chart.yaml. */
bool manifest_is_in_chart(struct arena *a, const char *path);

/* The files that path stands for, in that order: itself, or those directly in the folder, in which
 * folders more were not entered. */
bool manifest_files(const char ***out, size_t *count, size_t *folders, struct arena *a,
                    const char *path, struct err *err) WARN_UNUSED;

#endif
