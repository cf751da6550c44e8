/* Objects out of files: what could be read of them, what could not, and what nobody looks at.
 *
 * A document that cannot be read hides what it holds, so it is a gap in the lists of every kind that it may have
 * been of, and no reason to leave the rest unread. */
#ifndef KUBEVOUCH_CLUSTER_MANIFEST_SET_H
#define KUBEVOUCH_CLUSTER_MANIFEST_SET_H

#include "base/vec.h"
#include "cluster/kind.h"
#include "value/yaml.h"

#define MANIFEST_BYTES_MAX ((size_t)64 << 20) /* of one file */
#define MANIFEST_FILES_MAX 20000u

struct manifest_fault {
    enum kind kind;   /* whose list lacks something; KIND_NONE: it may have been any */
    struct str text;  /* "FILE:LINE:COLUMN: what is wrong" */
};
struct manifest_other {
    struct str what;  /* "v1 ConfigMap": a kind that an audit does not read */
    size_t count;
};
struct manifest_set {
    struct arena *arena;
    uint32_t values_max; /* of one document; 0: YAML_NODES_MAX */
    VEC(struct value) object[KIND_COUNT];
    VEC(struct manifest_fault) fault;
    VEC(struct manifest_other) other;
    size_t file_count, folder_count /* that were not entered */, object_count;
};

/* A file of one or more documents, or every .yaml, .yml and .json file of a folder by name, not deeper. Documents are
 * read one by one, Lists taken apart, empty ones passed over. False only when there is nothing to read: no such path,
 * no such file in the folder, or not one object beside the faults; then err has the first fault. */
bool manifest_set_read(struct manifest_set *s, const char *path, struct err *err) WARN_UNUSED;
/* The files that path stands for, in that order: itself, or those in the folder, in which folders more were not entered. */
bool manifest_files(const char ***out, size_t *count, size_t *folders, struct arena *a, const char *path, struct err *err) WARN_UNUSED;
/* The documents of one file's text, which must live on; file names it in faults. */
void manifest_set_read_text(struct manifest_set *s, struct str text, const char *file);
/* One object at hand. */
void manifest_set_add(struct manifest_set *s, struct value object);
/* Why the list of kind is not whole: the first fault and how many more; empty if it is whole. */
struct str manifest_set_gap(const struct manifest_set *s, struct arena *a, enum kind kind);

#endif
