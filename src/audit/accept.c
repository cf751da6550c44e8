/* Applies what persons state (bench/statements.h) to what the checks found. */
#include "audit/accept.h"
#include "audit/exceptions.h"
#include "audit/found.h"

static struct str day(struct audit *au, struct instant t)
{
    return str_sub(clock_format_rfc3339(au->arena, (struct instant){ t.s, 0 }), 0, 10);
}

bool accept_is_for(const struct audit *au, struct str cluster)
{
    return !cluster.n || str_eq(cluster, au->cluster->cluster_id) ||
           (au->cluster_name.n && str_eq(cluster, au->cluster_name));
}

/* ---- waivers */

/* From 1; 0: none. */
static unsigned waiver_of(struct audit *au, struct str id, struct str object)
{
    const struct statements *s = au->statements;
    for (size_t i = 0; i < s->waiver.count; i++) {
        const struct waiver *w = &s->waiver.item[i];
        if (!str_glob(w->check, id) || !str_glob(w->object, object) ||
            exception_standing(w->created, w->expires, accept_is_for(au, w->cluster),
                               au->cluster->now) != EXCEPTION_IN_FORCE)
            continue;
        au->waiver_used[i]++;
        return (unsigned)i + 1;
    }
    return 0;
}

void accept_waivers(struct audit *au, struct part_state *part)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    for (size_t i = 0; au->statements && i < part->finding_count; i++) {
        struct pending *p = found_at(au->found, part->first_finding + i);
        if (p->outcome != VERDICT_FAIL)
            continue;
        arena_reset(&scratch);
        uint64_t failed = found_failed(au->found, p);
        p->waiver = waiver_of(au, au->bench->check[part->check].id,
                              object_ref_text(&scratch, found_object(au, p))) &
                    0xffffffu;
        if (!p->waiver)
            continue;
        p->outcome = VERDICT_WAIVED;
        part->result.failed -= failed;
        part->result.waived += failed;
    }
    part_share_waive(part);
}

/* ---- attestations */

/* Why it has no effect now; empty: it has. */
static struct str why_void(struct audit *au, const struct attestation *x)
{
    if (!accept_is_for(au, x->cluster))
        return STR("is for another cluster");
    if (x->date.s > au->cluster->now.s)
        return str_printf(au->arena, "is dated %.*s, which is yet to come",
                          STR_ARG(day(au, x->date)));
    if (x->expires.s <= au->cluster->now.s)
        return str_printf(au->arena, "expired on %.*s", STR_ARG(day(au, x->expires)));
    return (struct str){ 0 };
}

/* The newest that is valid; of one day's, one that says it is not so. */
static bool is_later(const struct attestation *x, const struct attestation *best)
{
    return !best || x->date.s > best->date.s || (x->date.s == best->date.s && !x->satisfied);
}

static const struct attestation *attestation_of(struct audit *au, struct str check)
{
    const struct attestation *best = NULL;
    for (size_t i = 0; au->statements && i < au->statements->attestation.count; i++) {
        const struct attestation *x = &au->statements->attestation.item[i];
        if (str_eq(x->check, check) && !why_void(au, x).n && is_later(x, best))
            best = x;
    }
    return best;
}

void accept_attestation(struct audit *au, struct check_result *c)
{
    const struct attestation *x =
        c->verdict == VERDICT_MANUAL ? attestation_of(au, c->check->id) : NULL;
    if (!x)
        return;
    au->attestation_used[x - au->statements->attestation.item] = true;
    c->attestation = x;
    c->verdict = x->satisfied ? VERDICT_ATTESTED : VERDICT_FAIL;
    c->reason = str_printf(
        au->arena, "%.*s attested on %.*s, valid until %.*s, that it is %ssatisfied: %.*s%s%.*s",
        STR_ARG(x->by), STR_ARG(day(au, x->date)), STR_ARG(day(au, x->expires)),
        x->satisfied ? "" : "not ", STR_ARG(x->statement), c->reason.n ? "; " : "",
        STR_ARG(c->reason));
}

/* ---- notes */

static struct str attestation_note(struct audit *au, const struct attestation *x)
{
    struct str why = why_void(au, x);
    return str_printf(au->arena, "The attestation of check %.*s by %.*s had no effect: it %.*s.",
                      STR_ARG(x->check), STR_ARG(x->by),
                      STR_ARG(why.n ? why
                                    : STR("is of a check that was decided without it, not run, or "
                                          "attested later or otherwise")));
}

static struct str state_text(struct audit *au, enum exception_state state, struct instant created,
                             struct instant expires)
{
    switch (state) {
    case EXCEPTION_EXPIRED:
        return str_printf(au->arena, "expired on %.*s, and holds no more",
                          STR_ARG(day(au, expires)));
    case EXCEPTION_NOT_YET:
        return str_printf(au->arena, "begins on %.*s", STR_ARG(day(au, created)));
    case EXCEPTION_TOO_LONG:
        return str_printf(au->arena,
                          "does not say when it was created, and ends more than %d days from now",
                          EXCEPTION_DAYS_MAX);
    case EXCEPTION_OTHER_CLUSTER:
        return STR("is for another cluster");
    case EXCEPTION_IN_FORCE:
    case EXCEPTION_UNUSED:
    case EXCEPTION_STATE_COUNT:
        break;
    }
    return STR("matches nothing that fails: it may be removed");
}

static struct str exception_note(struct audit *au, const struct exception *e)
{
    struct str what = e->check.n ? str_printf(au->arena, "The waiver of check %.*s for %.*s",
                                              STR_ARG(e->check), STR_ARG(e->object))
                                 : str_printf(au->arena, "The approval of %.*s for parameter %.*s",
                                              STR_ARG(e->value), STR_ARG(e->param));
    struct str why = e->check.n || e->state != EXCEPTION_UNUSED
                         ? state_text(au, e->state, e->created, e->expires)
                         : STR("is of what the parameter does not hold: it may be removed");
    return str_printf(au->arena, "%.*s by %.*s had no effect: it %.*s.", STR_ARG(what),
                      STR_ARG(e->owner), STR_ARG(why));
}

void accept_notes(struct audit *au, struct result *out)
{
    const struct statements *s = au->statements;
    exceptions_list(au, out);
    out->statement_note =
        arena_array(au->arena, struct str, out->exception_count + (s ? s->attestation.count : 0));
    /* What ran out fails again, and is told before what is merely of no use. */
    for (int expired = 1; expired >= 0; expired--)
        for (size_t i = 0; i < out->exception_count; i++) {
            const struct exception *e = &out->exception[i];
            if (e->owner.n && e->state != EXCEPTION_IN_FORCE &&
                (e->state == EXCEPTION_EXPIRED) == expired)
                out->statement_note[out->statement_note_count++] = exception_note(au, e);
        }
    for (size_t i = 0; s && i < s->attestation.count; i++)
        if (!au->attestation_used[i])
            out->statement_note[out->statement_note_count++] =
                attestation_note(au, &s->attestation.item[i]);
}
