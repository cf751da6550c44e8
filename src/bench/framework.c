/* Frameworks: their requirements, read and linked. */
#include "bench/framework.h"

#include "base/map.h"
#include "bench/sources.h"

const char *const strength_name[STRENGTH_COUNT + 1] = { "support", "partial", "direct", NULL };
const char *const evidenceable_name[EVIDENCE_COUNT + 1] = { "contributes", "possible", "none",
                                                            NULL };
const char *const no_evidence_name[NO_EVIDENCE_COUNT + 1] = {
    "documents", "acts", "premises", "data", "elsewhere", "organisation", NULL
};
const char *const no_evidence_text[NO_EVIDENCE_COUNT] = {
    [NO_EVIDENCE_DOCUMENTS] = "a document, or a role that is assigned",
    [NO_EVIDENCE_ACTS] = "what people do again and again: reviews, tests, answers to incidents",
    [NO_EVIDENCE_PREMISES] = "premises, media and devices",
    [NO_EVIDENCE_DATA] = "what applications and databases hold",
    [NO_EVIDENCE_ELSEWHERE] = ("another system: the network outside, the identity provider, log "
                               "stores, scanners, end points"),
    [NO_EVIDENCE_ORGANISATION] = "contracts, staff and governance",
};

const struct requirement *framework_find(const struct framework *f, struct str requirement)
{
    for (size_t i = 0; i < f->requirement_count; i++)
        if (str_eq(f->requirement[i].id, requirement))
            return &f->requirement[i];
    return NULL;
}

static const struct requirement_mark *find_mark(const struct framework *f, struct str id)
{
    for (size_t i = 0; i < f->mark_count; i++)
        if (str_eq(f->mark[i].id, id))
            return &f->mark[i];
    return NULL;
}

/* What is said of the evidence must fit: a reason where there can be none, and otherwise what stays
 * open. */
static void check_evidence(const struct reading *r, const struct framework_requirement_doc *q)
{
    bool none = q->evidenceable == EVIDENCE_NONE;
    if (!q->evidenceable_pos.line) /* missing or faulty: told already */
        return;
    if (none && !q->reason_pos.line)
        (void)fault_at(r, q->evidenceable_pos,
                       "requirement \"%.*s\" can have no evidence: give it the reason (documents, "
                       "acts, premises, data, elsewhere, organisation)",
                       STR_ARG(q->id));
    if (!none && q->reason_pos.line)
        (void)fault_at(r, q->reason_pos, "reason: of requirements with \"evidence: none\" alone");
    if (!none && !str_trim(q->not_shown).n)
        (void)fault_at(
            r, q->evidenceable_pos, "requirement \"%.*s\" needs \"notShown\": %s", STR_ARG(q->id),
            q->evidenceable == EVIDENCE_POSSIBLE ? "what would have to be looked at"
                                                 : "what stays open when its checks are through");
    if (q->evidenceable != EVIDENCE_CONTRIBUTES &&
        (q->run.rationale.n || q->when.n || q->subject.count))
        (void)fault_at(
            r, q->evidenceable_pos,
            "run, when and subjects: of requirements with \"evidence: contributes\" alone");
}

static void load_requirement(struct framework *f, const struct reading *r,
                             const struct framework_requirement_doc *q, struct requirement *out)
{
    *out = (struct requirement){
        .id = q->id,
        .title = q->title,
        .evidenceable = (enum evidenceable)q->evidenceable,
        .reason = (enum no_evidence)q->reason,
        .when = q->when,
        .not_shown = q->not_shown,
        .subject = q->subject.item,
        .subject_count = q->subject.count,
        .by_run = q->run.rationale.n,
        .run_strength = (enum strength)q->run.strength,
        .run_rationale = q->run.rationale,
    };
    out->mark = arena_array(r->arena, const struct requirement_mark *, q->mark.count);
    for (size_t i = 0; i < q->mark.count; i++) {
        const struct requirement_mark *mark = find_mark(f, q->mark.item[i]);
        if (mark)
            out->mark[out->mark_count++] = mark;
        else
            (void)fault_at(r, q->marks_pos, "no mark \"%.*s\" in this framework",
                           STR_ARG(q->mark.item[i]));
    }
    check_evidence(r, q);
}

static void load_requirements(struct framework *f, const struct reading *r,
                              const struct framework_doc *d)
{
    const struct framework_requirement_doc *q = d->requirement.item;
    struct map by_id, by_title;
    map_init(&by_id, r->arena);
    map_init(&by_title, r->arena);
    f->requirement = arena_array(r->arena, struct requirement, d->requirement.count);
    f->requirement_count = d->requirement.count;
    for (size_t i = 0; i < d->requirement.count; i++) {
        if (q[i].id.n && map_has(&by_id, q[i].id))
            (void)fault_at(r, q[i].pos, "requirement \"%.*s\" is listed twice", STR_ARG(q[i].id));
        if (q[i].title.n && map_has(&by_title, q[i].title))
            (void)fault_at(
                r, q[i].title_pos,
                "the title of requirement \"%.*s\" is another's: titles tell requirements apart",
                STR_ARG(q[i].id));
        load_requirement(f, r, &q[i], &f->requirement[i]);
        map_put(&by_id, q[i].id, &f->requirement[i]);
        map_put(&by_title, q[i].title, &f->requirement[i]);
    }
}

static void load_params(struct framework *f, const struct reading *r, const struct framework_doc *d)
{
    const struct framework_param_doc *p = d->param.item;
    f->param = arena_array(r->arena, struct framework_param, d->param.count);
    f->param_count = d->param.count;
    for (size_t i = 0; i < d->param.count; i++) {
        f->param[i] =
            (struct framework_param){ p[i].name, p[i].requirement, p[i].reason, p[i].value };
        if (p[i].requirement_pos.line && !framework_find(f, p[i].requirement))
            (void)fault_at(r, p[i].requirement_pos, "no requirement \"%.*s\" in this framework",
                           STR_ARG(p[i].requirement));
    }
}

bool framework_parse(struct framework *out, struct arena *a, struct str text, const char *name,
                     struct faults *faults)
{
    struct framework_doc d = { 0 };
    struct reading r = { a, text, name, faults };
    size_t before = faults->item.count;
    const struct node *doc = read_document(&r);
    if (!doc ||
        (!decode_node_all(&d, &framework_table, doc, a, fault_decoded, &r) && !d.requirement.count))
        return false;
    struct framework f = {
        .id = d.id,
        .title = d.title,
        .version = d.version,
        .file = str_from_c(name),
        .mark = d.mark.item,
        .mark_count = d.mark.count,
        .conclusion = d.conclusion.item,
        .conclusion_count = d.conclusion.count,
    };
    load_requirements(&f, &r, &d);
    load_params(&f, &r, &d);
    sha256_of(text, f.sha256);
    *out = f;
    return faults->item.count == before;
}

bool framework_load(struct framework *out, struct arena *a, const char *path, struct faults *faults)
{
    struct str text;
    return faults_file_read(&text, a, path, BENCH_BYTES_MAX, faults) &&
           framework_parse(out, a, text, path, faults);
}
