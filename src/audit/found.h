/* What was found, while it is found and after: the texts of a finding are written to a spool once,
 * memory keeps what order, grouping and counts need, some words each.
 *
 *   found_add, found_tell      as objects are judged (audit/part.c)
 *   found_gather               the findings of each part, those of pods under their topmost
 * workload found_sort                 each part's in their order found_read                 one of
 * them, whole */
#ifndef KUBEVOUCH_AUDIT_FOUND_H
#define KUBEVOUCH_AUDIT_FOUND_H

#include "base/enc.h"
#include "base/rows.h"
#include "base/spool.h"

#include "audit/part.h"

#define POD_EXAMPLES 3u

/* One object of a part, or one workload with its pods, that is found wanting. */
struct pending {
    uint64_t at;   /* in the spool */
    uint32_t part; /* in audit.part */
    uint32_t who;  /* its object's key; grouped: its group */
    uint32_t validation;
    unsigned outcome : 4, grouped : 1, told_by_template : 1, in_template : 1, is_pod : 1;
    unsigned waiver : 24; /* in statements.waiver, from 1 */
};
_Static_assert(sizeof(struct pending) == 24, "there may be millions");
/* What findings of pods of one workload have more. */
struct pending_group {
    uint32_t owner;        /* in cluster.owner, from 1 */
    uint32_t next;         /* of the same owner: another part's pending, from 1 */
    uint32_t pods, failed; /* objects, and those of them that were judged FAIL */
    /* in pod_name, from 1: whose judgement it is; 0: nobody's or the template's */
    uint32_t told_by;
    uint32_t pod[POD_EXAMPLES]; /* the first by name, the same way */
};
/* What an object by itself is put in order by; ns and kind are interned. */
struct object_key {
    struct str ns, kind, name;
};
struct findings {
    struct arena *arena;
    struct spool spool;
    struct buf record;  /* one that is being written or read */
    struct sha256 hash; /* of fingerprints */
    ROWS_OF(struct pending) pending;
    ROWS_OF(struct pending_group) group;
    ROWS_OF(struct object_key) object;
    ROWS_OF(struct str) pod_name;
    uint32_t *by_owner; /* owner -> its newest pending, from 1 */
    size_t by_owner_count;
    uint32_t *order; /* pendings, part by part */
    size_t count;
};

/* dir: where the spool's file is made once it takes one; NULL: the system's folder for temporary
 * files. Released with the arena. */
struct findings *found_open(struct arena *a, const char *dir);
/* The pending of an object by itself, a new one, or of the owner's in this part. */
struct pending *found_add(struct audit *au, uint32_t part, uint32_t owner, struct object_ref ref);
struct pending_group *found_group(const struct findings *f, const struct pending *p);
/* One more pod of the workload: counted, and an example if it is among the first by name. */
void found_note_pod(struct findings *f, struct pending *p, struct str name);
/* A pod by its index, from 1; "" of 0. */
struct str found_pod_name(const struct findings *f, uint32_t index);
void found_add_example(const struct findings *f, struct pending_group *g, uint32_t pod);
/* The judgement is now what is told of the pending; ref: its object. pod_name may be empty. */
void found_tell(struct audit *au, struct pending *p, const struct judgement *j,
                struct object_ref ref, bool from_template, struct str pod_name,
                const struct explanation *why, struct arena *scratch);
/* Whether the judgement tells more of the workload than what is told: of its pods the worst, of
 * equals the template, else the first by name. */
bool found_tells_better(const struct findings *f, const struct pending *p,
                        const struct judgement *j, bool from_template, struct str pod_name);
/* Objects judged FAIL that it stands for. */
uint64_t found_failed(const struct findings *f, const struct pending *p);

void found_gather(struct audit *au);
void found_sort(struct audit *au);
/* Of a part's findings, in order. */
static inline struct pending *found_at(const struct findings *f, size_t i)
{
    return ROWS_AT(&f->pending, f->order[i]);
}
/* Of an object by itself namespace, kind and name alone: no spool is read. */
struct object_ref found_object(const struct audit *au, const struct pending *p);
/* The i-th of all, its texts in a. ERR_IO. */
bool found_read(struct finding *out, struct audit *au, size_t i, struct arena *a,
                struct err *err) WARN_UNUSED;
/* The same without what stands in the spool: check, part, outcome, validation, pods, and of the
 * object namespace, kind and name. */
void found_glance(struct finding *out, struct audit *au, size_t i);

#endif
