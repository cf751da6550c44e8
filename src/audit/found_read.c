/* What was found, when all is: findings of pods under their topmost workload, in order, and read
 * again one by one. */
#include "audit/found.h"
#include "audit/found_record.h"

#include "base/enc.h"
#include "cluster/owner.h"

/* The pendings of each part, in the order in which they were found. */
static void gather_parts(struct audit *au)
{
    struct findings *f = au->found;
    f->order = arena_array(f->arena, uint32_t, f->pending.count);
    for (size_t i = 0; i < f->pending.count; i++)
        au->part.item[ROWS_AT(&f->pending, i)->part].finding_count++;
    uint32_t first = 0;
    for (size_t i = 0; i < au->part.count; i++) {
        au->part.item[i].first_finding = first;
        first += au->part.item[i].finding_count;
        au->part.item[i].finding_count = 0;
    }
    for (size_t i = 0; i < f->pending.count; i++) {
        struct part_state *part = &au->part.item[ROWS_AT(&f->pending, i)->part];
        f->order[part->first_finding + part->finding_count++] = (uint32_t)i;
    }
}

/* Told by the worse, then the earlier validation, then the template, then the first pod by name. */
static bool tells_better(const struct findings *f, const struct pending *a, const struct pending *b)
{
    if (a->outcome != b->outcome)
        return a->outcome > b->outcome;
    if (a->validation != b->validation)
        return a->validation < b->validation;
    if (a->told_by_template != b->told_by_template)
        return a->told_by_template;
    return str_cmp(found_pod_name(f, found_group(f, a)->told_by),
                   found_pod_name(f, found_group(f, b)->told_by)) < 0;
}

static void merge_pods(const struct findings *f, struct pending_group *into,
                       const struct pending_group *from)
{
    into->pods += from->pods;
    into->failed += from->failed;
    for (size_t k = 0; k < POD_EXAMPLES && from->pod[k]; k++)
        found_add_example(f, into, from->pod[k]);
}

static void merge(const struct findings *f, struct pending *into, const struct pending *from)
{
    struct pending_group *g = found_group(f, into);
    const struct pending_group *other = found_group(f, from);
    bool is_pod = into->is_pod || from->is_pod,
         in_template = into->in_template || from->in_template;
    if (tells_better(f, from, into)) {
        uint32_t who = into->who;
        *into = *from;
        into->who = who;
        g->told_by = other->told_by;
    }
    into->is_pod = is_pod;
    into->in_template = in_template;
    merge_pods(f, g, other);
}

/* Findings of replica sets and jobs go to the deployment and cron job above them. *at: zeroed, one
 * for each owner. */
static void group_by_workload(struct audit *au, struct part_state *part, uint32_t *at)
{
    struct findings *f = au->found;
    uint32_t *order = f->order + part->first_finding, kept = 0;
    for (uint32_t i = 0; i < part->finding_count; i++) {
        struct pending *p = ROWS_AT(&f->pending, order[i]);
        if (p->grouped) {
            struct pending_group *g = found_group(f, p);
            g->owner = cluster_top_owner(au->cluster, g->owner);
            if (at[g->owner]) {
                merge(f, ROWS_AT(&f->pending, order[at[g->owner] - 1]), p);
                continue;
            }
            at[g->owner] = kept + 1;
        }
        order[kept++] = order[i];
    }
    part->finding_count = kept;
}

void found_gather(struct audit *au)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    size_t owners = au->cluster->owner.count + 1;
    uint32_t *at = arena_array(&scratch, uint32_t, owners);
    gather_parts(au);
    for (size_t i = 0; i < au->part.count; i++) {
        memset(at, 0, owners * sizeof *at);
        group_by_workload(au, &au->part.item[i], at);
    }
}

/* ---- order */

struct sorting {
    struct object_key key;
    uint32_t pending;
    enum verdict outcome;
};

static int compare(const void *a, const void *b)
{
    const struct sorting *x = a, *y = b;
    int c = (int)y->outcome - (int)x->outcome; /* failures before unknowns */
    if (!c)
        c = str_cmp(x->key.ns, y->key.ns);
    if (!c)
        c = str_cmp(x->key.kind, y->key.kind);
    if (!c)
        c = str_cmp(x->key.name, y->key.name);
    return c ? c : (x->pending > y->pending) - (x->pending < y->pending);
}

/* After it the findings of the parts follow each other without gaps. */
void found_sort(struct audit *au)
{
    struct findings *f = au->found;
    struct arena scratch CLEANUP(arena_release) = { 0 };
    for (size_t i = 0; i < au->part.count; i++) {
        struct part_state *part = &au->part.item[i];
        struct sorting *row = arena_array(&scratch, struct sorting, part->finding_count);
        for (uint32_t k = 0; k < part->finding_count; k++) {
            uint32_t pending = f->order[part->first_finding + k];
            struct object_ref ref = found_object(au, ROWS_AT(&f->pending, pending));
            row[k] = (struct sorting){ { ref.ns, ref.kind, ref.name },
                                       pending,
                                       (enum verdict)ROWS_AT(&f->pending, pending)->outcome };
        }
        qsort(row, part->finding_count, sizeof *row, compare);
        part->first_finding = (uint32_t)f->count;
        for (uint32_t k = 0; k < part->finding_count; k++)
            f->order[f->count++] = row[k].pending;
        arena_reset(&scratch);
    }
}

/* ---- reading */

struct object_ref found_object(const struct audit *au, const struct pending *p)
{
    if (p->grouped)
        return au->cluster->owner.item[found_group(au->found, p)->owner - 1].ref;
    const struct object_key *k = ROWS_AT(&au->found->object, p->who);
    return (struct object_ref){ .ns = k->ns, .kind = k->kind, .name = k->name };
}

/* Whose subexpressions a record's rows are. */
static struct str explained_source(const struct check_part *part, uint32_t validation)
{
    if (part->policy)
        return cel_source(
            part->policy->policy->validation[part->policy->validation].expression.program);
    return cel_source(part->validation[validation].expression.program);
}

static void explain(struct finding *out, const struct record *r, const struct check_part *part,
                    struct arena *a)
{
    if (!r->explained_count)
        return;
    struct str source = explained_source(part, out->validation);
    out->explained = arena_array(a, struct explained, r->explained_count);
    out->explained_count = (uint32_t)r->explained_count;
    for (size_t i = 0; i < r->explained_count; i++) {
        const struct explained_at *x = &r->explained[i];
        out->explained[i] =
            (struct explained){ str_sub(source, x->offset, (size_t)x->offset + x->length),
                                x->value };
    }
}

static void tell_pods(struct finding *out, const struct findings *f, const struct pending *p)
{
    out->in_template = p->in_template;
    if (p->grouped) {
        const struct pending_group *g = found_group(f, p);
        out->pods = g->pods;
        for (size_t i = 0; i < POD_EXAMPLES; i++)
            out->pod_name[i] = found_pod_name(f, g->pod[i]);
    } else if (p->is_pod) {
        out->pods = 1;
        out->pod_name[0] = out->object.name;
    }
}

static void fingerprint(struct finding *f, struct sha256 *h, const struct benchmark *b,
                        const struct check *c, const struct check_part *part)
{
    /* The cluster is called what the kubeconfig's context is called, which is not its own. */
    struct str name = str_eq(part->over, STR("cluster")) ? (struct str){ 0 } : f->object.name;
    struct str field[] = { b->id,
                           c->id,
                           part->name,
                           f->object.api_version,
                           f->object.kind,
                           f->object.ns,
                           name,
                           f->validation < part->validation_count
                               ? part->validation[f->validation].expression.text
                               : (struct str){ 0 } };
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX_BYTES];
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        sha256_add(h, field[i]);
        sha256_add(h, str_of("\0", 1));
    }
    sha256_next(h, digest);
    sha256_hex(digest, hex);
    memcpy(f->fingerprint, hex, sizeof f->fingerprint - 1);
}

void found_glance(struct finding *out, struct audit *au, size_t i)
{
    const struct pending *p = found_at(au->found, i);
    const struct part_state *part = &au->part.item[p->part];
    *out = (struct finding){
        .check = part->check_result,
        .part = part->part,
        .outcome = (enum verdict)p->outcome,
        .validation = p->validation,
        .object = found_object(au, p),
        .waiver = p->waiver ? &au->statements->waiver.item[p->waiver - 1] : NULL,
    };
    tell_pods(out, au->found, p);
}

bool found_read(struct finding *out, struct audit *au, size_t i, struct arena *a, struct err *err)
{
    struct findings *f = au->found;
    const struct pending *p = found_at(f, i);
    const struct part_state *part = &au->part.item[p->part];
    struct record r = { 0 };
    if (!record_read(&r, &f->spool, p->at, &f->record, a, err))
        return false;
    found_glance(out, au, i);
    if (!p->grouped)
        out->object = r.object;
    out->cause = r.cause;
    out->message = r.message;
    out->evidence = r.evidence;
    if (r.observation) {
        struct observation *o = arena_new(a, struct observation);
        *o = *r.observation;
        o->outcome = out->waiver ? VERDICT_FAIL : out->outcome;
        out->observation = o;
    }
    explain(out, &r, part->def, a);
    fingerprint(out, &f->hash, au->bench, &au->bench->check[part->check], part->def);
    return true;
}
