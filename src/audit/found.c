/* What was found, while it is found: a few words each, and the texts in a spool. */
#include "audit/found.h"

#include "audit/explain.h"
#include "audit/found_record.h"
#include "audit/trim.h"

static void release(void *found)
{
    struct findings *f = found;
    spool_release(&f->spool);
    buf_release(&f->record);
    sha256_abandon(&f->hash);
}

struct findings *found_open(struct arena *a, const char *dir)
{
    struct findings *f = arena_new(a, struct findings);
    const char *tmp = getenv("TMPDIR");
    f->arena = a;
    spool_init(&f->spool, dir ? dir : tmp && *tmp ? tmp : "/tmp");
    buf_init(&f->record, RECORD_BYTES_MAX);
    sha256_open(&f->hash);
    arena_defer(a, release, f);
    return f;
}

/* The object by itself; several parts in turn tell of one. */
static uint32_t key_of(struct audit *au, struct object_ref ref)
{
    struct findings *f = au->found;
    if (f->object.count) {
        const struct object_key *last = ROWS_AT(&f->object, f->object.count - 1);
        if (str_eq(last->name, ref.name) && str_eq(last->ns, ref.ns) &&
            str_eq(last->kind, ref.kind))
            return (uint32_t)f->object.count - 1;
    }
    *ROWS_PUSH(&f->object, f->arena) = (struct object_key){
        .ns = cluster_intern(au->cluster, ref.ns),
        .kind = cluster_intern(au->cluster, ref.kind),
        .name = trim_text(f->arena, ref.name, FINDING_TEXT_BYTES),
    };
    return (uint32_t)f->object.count - 1;
}

static uint32_t *newest_of(struct findings *f, uint32_t owner)
{
    if (owner >= f->by_owner_count) {
        size_t count = f->by_owner_count ? f->by_owner_count : 1024;
        while (count <= owner)
            count *= 2;
        f->by_owner = arena_grow(f->arena, f->by_owner, f->by_owner_count * sizeof *f->by_owner,
                                 count * sizeof *f->by_owner);
        f->by_owner_count = count;
    }
    return &f->by_owner[owner];
}

static struct pending *add(struct findings *f, uint32_t part, uint32_t who, bool grouped)
{
    struct pending *p = ROWS_PUSH(&f->pending, f->arena);
    *p = (struct pending){
        .part = part, .who = who, .grouped = grouped, .outcome = VERDICT_NOT_APPLICABLE
    };
    return p;
}

struct pending *found_add(struct audit *au, uint32_t part, uint32_t owner, struct object_ref ref)
{
    struct findings *f = au->found;
    if (!owner)
        return add(f, part, key_of(au, ref), false);
    uint32_t *newest = newest_of(f, owner);
    for (uint32_t i = *newest; i;) {
        struct pending *p = ROWS_AT(&f->pending, i - 1);
        if (p->part == part)
            return p;
        i = found_group(f, p)->next;
    }
    *ROWS_PUSH(&f->group, f->arena) = (struct pending_group){ .owner = owner, .next = *newest };
    struct pending *p = add(f, part, (uint32_t)f->group.count - 1, true);
    *newest = (uint32_t)f->pending.count;
    return p;
}

struct pending_group *found_group(const struct findings *f, const struct pending *p)
{
    return ROWS_AT(&f->group, p->who);
}

/* ---- pods by name: the order of arrival must not matter */

/* From 1; several parts in turn ask for one pod. */
static uint32_t pod_index(struct findings *f, struct str name)
{
    if (!name.n)
        return 0;
    if (!f->pod_name.count || !str_eq(*ROWS_AT(&f->pod_name, f->pod_name.count - 1), name))
        *ROWS_PUSH(&f->pod_name, f->arena) = str_dup(f->arena, name);
    return (uint32_t)f->pod_name.count;
}

struct str found_pod_name(const struct findings *f, uint32_t index)
{
    return index ? *ROWS_AT(&f->pod_name, index - 1) : (struct str){ 0 };
}

void found_add_example(const struct findings *f, struct pending_group *g, uint32_t pod)
{
    for (size_t i = 0; i < POD_EXAMPLES; i++) {
        if (g->pod[i] && str_cmp(found_pod_name(f, pod), found_pod_name(f, g->pod[i])) >= 0)
            continue;
        memmove(&g->pod[i + 1], &g->pod[i], (POD_EXAMPLES - 1 - i) * sizeof *g->pod);
        g->pod[i] = pod;
        return;
    }
}

void found_note_pod(struct findings *f, struct pending *p, struct str name)
{
    p->is_pod = true;
    if (!p->grouped)
        return; /* its object is the pod */
    struct pending_group *g = found_group(f, p);
    uint32_t last = g->pod[POD_EXAMPLES - 1];
    g->pods++;
    if (!last || str_cmp(name, found_pod_name(f, last)) < 0)
        found_add_example(f, g, pod_index(f, name));
}

bool found_tells_better(const struct findings *f, const struct pending *p,
                        const struct judgement *j, bool from_template, struct str pod_name)
{
    if (j->outcome != p->outcome)
        return j->outcome > p->outcome;
    if (j->validation != p->validation)
        return j->validation < p->validation;
    if (from_template != p->told_by_template)
        return from_template;
    return str_cmp(pod_name, p->grouped ? found_pod_name(f, found_group(f, p)->told_by)
                                        : (struct str){ 0 }) < 0;
}

uint64_t found_failed(const struct findings *f, const struct pending *p)
{
    return p->grouped ? found_group(f, p)->failed : p->outcome == VERDICT_FAIL;
}

/* ---- what is told of it */

/* Names are short; what a file says may be anything. */
static struct object_ref trimmed(struct arena *a, struct object_ref r)
{
    struct str *const part[] = { &r.api_version, &r.kind, &r.ns,
                                 &r.name,        &r.uid,  &r.resource_version };
    for (size_t i = 0; i < COUNT_OF(part); i++)
        if (part[i]->n > FINDING_TEXT_BYTES)
            *part[i] = trim_text(a, *part[i], FINDING_TEXT_BYTES);
    return r;
}

void found_tell(struct audit *au, struct pending *p, const struct judgement *j,
                struct object_ref ref, bool from_template, struct str pod_name,
                const struct explanation *why, struct arena *scratch)
{
    struct findings *f = au->found;
    struct record r;
    memset(&r, 0, sizeof r);
    if (!p->grouped)
        r.object = trimmed(scratch, ref);
    r.cause = j->outcome == VERDICT_UNKNOWN ? j->cause : CAUSE_NONE;
    r.message = trim_text(scratch, j->message, FINDING_MESSAGE_BYTES);
    r.evidence = trim_evidence(scratch, j->evidence);
    r.observation = j->observed ? &j->observation : NULL;
    r.explained_count = why->count < EXPLAINED_ROWS ? why->count : EXPLAINED_ROWS;
    for (size_t i = 0; i < r.explained_count; i++)
        r.explained[i] = (struct explained_at){ why->row[i].offset, why->row[i].length,
                                                explained_text(scratch, why->row[i].value) };
    p->outcome = (unsigned)j->outcome & 15u;
    p->validation = j->validation;
    p->told_by_template = from_template;
    if (p->grouped)
        found_group(f, p)->told_by = pod_index(f, pod_name);
    record_write(&f->record, &r, scratch);
    p->at = spool_add(&f->spool, buf_str(&f->record));
}
