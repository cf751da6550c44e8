/* Objects out of documents: what could be read of them, what could not, and what nobody looks at.
 *
 * A document that cannot be read hides what it holds, so it is a gap in the lists of every kind
 * that it may have been of, and no reason to leave the rest unread. What is no Kubernetes object
 * hides nothing: it is passed over, and counted. */
#ifndef KUBEVOUCH_CLUSTER_MANIFEST_SET_H
#define KUBEVOUCH_CLUSTER_MANIFEST_SET_H

#include "base/map.h"
#include "base/vec.h"
#include "cluster/kind_gather.h"
#include "cluster/manifest_files.h"
#include "value/yaml.h"

#define MANIFEST_BYTES_MAX ((size_t)64 << 20) /* of one document */
#define MANIFEST_TOLD_MAX  10000u /* of each list of what is told; the rest is counted */

struct manifest_fault {
    /* whose lists lack something; none: it was no object of ours, whatever it was */
    struct kind_set kinds;
    struct str others; /* names of kinds that may be met later and then lack something too */
    struct str text;   /* "FILE:LINE:COLUMN: what is wrong" */
};
struct manifest_other {
    struct str what; /* "v1 ConfigMap": a kind that an audit does not read */
    size_t count;
};
struct manifest_passed {
    enum manifest_pass why;
    struct str where; /* "FILE" or "FILE:LINE:COLUMN" */
};
/* An object, and where it stands. */
struct manifest_object {
    enum kind kind;
    struct value object;
    const struct node *node; /* NULL: its places are not known */
    struct pos pos;          /* in the file; file NULL: in none */
    uint32_t lines_before;   /* of the file before its document, which node's places do not count */
};
struct manifest_set {
    struct arena *arena;
    struct arena *scratch; /* of one document; NULL: what is read stays in arena */
    uint32_t values_max;   /* of one document; 0: YAML_NODES_MAX */
    struct str ns;         /* of objects that name none; empty: default */
    bool defaults;         /* fill in what an API server would (manifest_defaults.h) */
    /* the files are all of a cluster: a template that was not rendered hides some of it */
    bool whole;
    /* kinds that the table lacks are entered as they are met; NULL: they are counted */
    struct kind_gather *gather;
    struct str others; /* of the fault that is told next */
    bool strict;       /* whatever is no object is a fault, and a key that is given twice too */
    void (*take)(void *ctx, const struct manifest_object *o); /* NULL: kept in object[] */
    void *ctx;
    VEC(struct value) object[KIND_COUNT];
    VEC(struct manifest_fault) fault;
    VEC(struct manifest_other) other;
    VEC(struct manifest_passed) passed;
    VEC(struct str) twice; /* "FILE:LINE:COLUMN: key \"x\" is given twice: the last counts" */
    size_t passed_count[MANIFEST_PASS_COUNT], fault_count;
    size_t document_count, object_count, file_count;
};

/* The documents of one text, which must live on unless there is a scratch; file names it in faults
 * and is kept by reference; lines_before: of the file, before it. YAML cut at lines of "---", as
 * kubectl does, so that a broken document spoils no other; or JSON values one behind the other.
 * Lists are taken apart, empty documents left out. */
void manifest_set_read_text(struct manifest_set *s, struct str text, const char *file,
                            uint32_t lines_before);
/* One object at hand. */
void manifest_set_add(struct manifest_set *s, struct value object);
void manifest_set_pass(struct manifest_set *s, enum manifest_pass why, struct pos pos);
void manifest_set_fault(struct manifest_set *s, struct kind_set kinds, struct pos pos,
                        const char *fmt, ...) PRINTF_LIKE(4, 5);
/* After the last of the files, where kinds are gathered: what could not be read may have been of
 * those that were met behind it. */
void manifest_set_settle(struct manifest_set *s);
struct kind_set manifest_any_kind(void);
/* Why the list of kind is not whole: the first fault and how many more; empty if it is whole. */
struct str manifest_set_gap(const struct manifest_set *s, struct arena *a, enum kind kind);

/* Whether line begins a document: "---" and nothing else, or a comment. */
bool manifest_is_separator(struct str line);
/* Only what may stand before the "---" that begins its document: directives, comments, nothing. */
bool manifest_is_prologue(struct str text);

#endif
