/* What named persons state beside the checks. */
#include "bench/statements.h"

#include "bench/sources.h"
#include "value/decode.h"
#include "value/faults.h"

struct statement_doc {
    struct str check, object, by, date, expires, statement, reason, cluster;
    struct str owner, approver, ticket, compensating, created, param, value;
    struct pos check_pos, date_pos, expires_pos, created_pos, param_pos, value_pos;
    int conclusion;
};
struct file_doc {
    struct decode_list attestation, waiver, approval;
};

enum { SATISFIED, NOT_SATISFIED };
static const char *const conclusion_name[] = { "satisfied", "not-satisfied", NULL };

static const struct decode_field attestation_field[] = {
    DECODE_AT(STR, struct statement_doc, check, "check", DECODE_REQUIRED, check_pos),
    DECODE(STR, struct statement_doc, by, "by", DECODE_REQUIRED),
    DECODE_AT(STR, struct statement_doc, date, "date", DECODE_REQUIRED, date_pos),
    DECODE_AT(STR, struct statement_doc, expires, "expires", DECODE_REQUIRED, expires_pos),
    DECODE_NAMED(struct statement_doc, conclusion, "conclusion", DECODE_REQUIRED, conclusion_name),
    DECODE(STR, struct statement_doc, statement, "statement", DECODE_REQUIRED),
    DECODE(STR, struct statement_doc, cluster, "cluster", 0),
};
static const struct decode_table attestation_table =
    DECODE_TABLE("an attestation", attestation_field, struct statement_doc, 0);
static const struct decode_field waiver_field[] = {
    DECODE_AT(STR, struct statement_doc, check, "check", DECODE_REQUIRED, check_pos),
    DECODE(STR, struct statement_doc, object, "object", 0),
    DECODE(STR, struct statement_doc, by, "by", 0),
    DECODE(STR, struct statement_doc, owner, "owner", 0),
    DECODE(STR, struct statement_doc, approver, "approver", 0),
    DECODE(STR, struct statement_doc, reason, "reason", DECODE_REQUIRED),
    DECODE(STR, struct statement_doc, ticket, "ticket", 0),
    DECODE(STR, struct statement_doc, compensating, "compensatingControl", 0),
    DECODE_AT(STR, struct statement_doc, created, "created", 0, created_pos),
    DECODE_AT(STR, struct statement_doc, expires, "expires", DECODE_REQUIRED, expires_pos),
    DECODE(STR, struct statement_doc, cluster, "cluster", 0),
};
static const struct decode_field approval_field[] = {
    DECODE_AT(STR, struct statement_doc, param, "parameter", DECODE_REQUIRED, param_pos),
    DECODE_AT(TEXT, struct statement_doc, value, "value", DECODE_REQUIRED, value_pos),
    DECODE(STR, struct statement_doc, owner, "owner", DECODE_REQUIRED),
    DECODE(STR, struct statement_doc, approver, "approver", DECODE_REQUIRED),
    DECODE(STR, struct statement_doc, reason, "reason", DECODE_REQUIRED),
    DECODE(STR, struct statement_doc, ticket, "ticket", 0),
    DECODE(STR, struct statement_doc, compensating, "compensatingControl", 0),
    DECODE_AT(STR, struct statement_doc, created, "created", DECODE_REQUIRED, created_pos),
    DECODE_AT(STR, struct statement_doc, expires, "expires", DECODE_REQUIRED, expires_pos),
    DECODE(STR, struct statement_doc, cluster, "cluster", 0),
};
static const struct decode_table approval_table =
    DECODE_TABLE("an approval of a parameter", approval_field, struct statement_doc, 0);
static const struct decode_table waiver_table =
    DECODE_TABLE("a waiver", waiver_field, struct statement_doc, 0);
static const struct decode_field file_field[] = {
    DECODE_ITEMS(struct file_doc, attestation, "attestations", 0, attestation_table),
    DECODE_ITEMS(struct file_doc, waiver, "waivers", 0, waiver_table),
    DECODE_ITEMS(struct file_doc, approval, "parameters", 0, approval_table),
};
static const struct decode_table file_table =
    DECODE_TABLE("a file of statements", file_field, struct file_doc, 0);

/* A day begins at midnight UTC. */
static bool read_time(const struct reading *r, struct str text, struct pos pos, const char *key,
                      struct instant *out)
{
    struct str full = text.n == 10 ? str_printf(r->arena, "%.*sT00:00:00Z", STR_ARG(text)) : text;
    return clock_parse_rfc3339(full, out) ||
           fault_at(r, pos, "%s: \"%.*s\" is no date: write 2027-04-01, or 2027-04-01T12:00:00Z",
                    key, STR_ARG(text));
}

static bool has_text(const struct reading *r, struct pos pos, const char *key, struct str text)
{
    return str_trim(text).n ||
           fault_at(r, pos, "%s is empty: whoever reads the report must know", key);
}

static void add_attestation(struct statements *out, const struct reading *r,
                            const struct benchmark *b, const struct statement_doc *d)
{
    struct attestation x = { .check = d->check,
                             .by = d->by,
                             .statement = d->statement,
                             .cluster = d->cluster,
                             .satisfied = d->conclusion == SATISFIED,
                             .pos = d->check_pos };
    bool ok = has_text(r, d->check_pos, "by", d->by);
    ok = has_text(r, d->check_pos, "statement", d->statement) && ok;
    if (!benchmark_find(b, d->check))
        ok = fault_at(r, d->check_pos, "%.*s has no check \"%.*s\"; kubevouch explain lists them",
                      STR_ARG(b->id), STR_ARG(d->check));
    ok = read_time(r, d->date, d->date_pos, "date", &x.date) && ok;
    ok = read_time(r, d->expires, d->expires_pos, "expires", &x.expires) && ok;
    if (ok && x.expires.s <= x.date.s)
        ok = fault_at(r, d->expires_pos, "it expires before it was made");
    if (ok)
        *VEC_PUSH(&out->attestation, r->arena) = x;
}

/* From created on, and for a stated time at most: what is accepted for ever is nobody's exception.
 */
static bool read_life(const struct reading *r, const struct statement_doc *d,
                      struct instant *created, struct instant *expires)
{
    *created = (struct instant){ 0 };
    if (!read_time(r, d->expires, d->expires_pos, "expires", expires) ||
        (d->created.n && !read_time(r, d->created, d->created_pos, "created", created)))
        return false;
    if (!d->created.n)
        return true;
    if (expires->s <= created->s)
        return fault_at(r, d->expires_pos, "it expires before it was created");
    return expires->s - created->s <= EXCEPTION_DAYS_MAX * INT64_C(86400) ||
           fault_at(r, d->expires_pos,
                    "expires: more than %d days after it was created; an exception is looked at "
                    "again by then",
                    EXCEPTION_DAYS_MAX);
}

/* One name, however it is spaced and in whichever case: "Sam Roe", " sam  roe". */
static bool is_same_person(struct str a, struct str b)
{
    size_t i = 0, k = 0;
    while (i < a.n || k < b.n) {
        if (i < a.n && a.p[i] == ' ') {
            i++;
        } else if (k < b.n && b.p[k] == ' ') {
            k++;
        } else if (i < a.n && k < b.n &&
                   str_eq_nocase(str_sub(a, i, i + 1), str_sub(b, k, k + 1))) {
            i++;
            k++;
        } else {
            return false;
        }
    }
    return true;
}

static bool has_persons(const struct reading *r, struct pos pos, struct str owner,
                        struct str approver)
{
    return has_text(r, pos, "owner", owner) &&
           (!approver.n || !is_same_person(owner, approver) ||
            fault_at(r, pos, "the owner approved it: another person has to"));
}

static void add_waiver(struct statements *out, const struct reading *r, const struct benchmark *b,
                       const struct statement_doc *d)
{
    struct waiver x = { .check = d->check,
                        .object = d->object.n ? d->object : STR("*"),
                        .by = d->owner.n ? d->owner : d->by,
                        .reason = d->reason,
                        .cluster = d->cluster,
                        .approver = str_trim(d->approver),
                        .ticket = d->ticket,
                        .compensating = d->compensating,
                        .pos = d->check_pos };
    size_t matched = 0;
    bool ok = has_persons(r, d->check_pos, x.by, d->approver);
    ok = has_text(r, d->check_pos, "reason", d->reason) && ok;
    for (size_t i = 0; i < b->check_count; i++)
        matched += str_glob(d->check, b->check[i].id);
    if (!matched)
        ok = fault_at(r, d->check_pos, "%.*s has no check \"%.*s\"; kubevouch explain lists them",
                      STR_ARG(b->id), STR_ARG(d->check));
    else if (matched == b->check_count && matched > 1)
        ok = fault_at(r, d->check_pos, "\"%.*s\" waives every check: name those that are meant",
                      STR_ARG(d->check));
    if (read_life(r, d, &x.created, &x.expires) && ok)
        *VEC_PUSH(&out->waiver, r->arena) = x;
}

static void add_approval(struct statements *out, const struct reading *r, const struct benchmark *b,
                         const struct statement_doc *d)
{
    struct param_approval x = { .param = d->param,
                                .value = d->value,
                                .owner = d->owner,
                                .approver = str_trim(d->approver),
                                .reason = d->reason,
                                .ticket = d->ticket,
                                .compensating = d->compensating,
                                .cluster = d->cluster,
                                .pos = d->param_pos };
    size_t i = 0;
    bool ok = has_persons(r, d->param_pos, d->owner, d->approver);
    ok = has_text(r, d->param_pos, "approver", d->approver) && ok;
    ok = has_text(r, d->param_pos, "reason", d->reason) && ok;
    while (i < b->param_count && !str_eq(b->param[i].name, d->param))
        i++;
    if (i == b->param_count)
        ok = fault_at(r, d->param_pos, "%.*s has no parameter \"%.*s\"", STR_ARG(b->id),
                      STR_ARG(d->param));
    if (read_life(r, d, &x.created, &x.expires) && ok)
        *VEC_PUSH(&out->approval, r->arena) = x;
}

bool statements_parse(struct statements *out, struct arena *a, struct str text, const char *name,
                      const struct benchmark *b, struct faults *faults)
{
    struct reading r = { .arena = a, .text = text, .name = name, .faults = faults };
    struct file_doc d = { 0 };
    struct err err = { 0 };
    size_t before = faults->item.count;
    const struct node *doc = read_document(&r);
    if (!doc)
        return false;
    if (!decode_node(&d, &file_table, doc, a, &err))
        return fault_err(&r, &err);
    for (size_t i = 0; i < d.attestation.count; i++)
        add_attestation(out, &r, b, &((const struct statement_doc *)d.attestation.item)[i]);
    for (size_t i = 0; i < d.waiver.count; i++)
        add_waiver(out, &r, b, &((const struct statement_doc *)d.waiver.item)[i]);
    for (size_t i = 0; i < d.approval.count; i++)
        add_approval(out, &r, b, &((const struct statement_doc *)d.approval.item)[i]);
    return faults->item.count == before;
}

bool statements_load(struct statements *out, struct arena *a, const char *path,
                     const struct benchmark *b, struct faults *faults)
{
    struct str text;
    return faults_file_read(&text, a, path, BENCH_BYTES_MAX, faults) &&
           statements_parse(out, a, text, path, b, faults);
}
