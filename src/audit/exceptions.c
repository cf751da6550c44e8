/* The exceptions of a run, as one register. */
#include "audit/exceptions.h"

#include "audit/accept.h"

#define DAY_S INT64_C(86400)

const char *exception_state_name(enum exception_state s)
{
    static const char *const name[EXCEPTION_STATE_COUNT] = {
        "in-force", "unused", "expired", "not-yet", "too-long", "other-cluster"
    };
    return name[s];
}

const char *exception_state_text(enum exception_state s)
{
    static const char *const text[EXCEPTION_STATE_COUNT] = { "in force",
                                                             "unused",
                                                             "expired",
                                                             "not in force yet",
                                                             "for too long to be in force",
                                                             "for another cluster" };
    return text[s];
}

enum exception_state exception_standing(struct instant created, struct instant expires,
                                        bool of_this_cluster, struct instant now)
{
    if (!of_this_cluster)
        return EXCEPTION_OTHER_CLUSTER;
    if (expires.s <= now.s)
        return EXCEPTION_EXPIRED;
    if (created.s > now.s)
        return EXCEPTION_NOT_YET;
    return !created.s && expires.s - now.s > EXCEPTION_DAYS_MAX * DAY_S ? EXCEPTION_TOO_LONG
                                                                        : EXCEPTION_IN_FORCE;
}

/* ---- parameters */

typedef VEC(struct exception) exceptions;

static bool contains(struct value list, struct value item)
{
    for (uint32_t i = 0; list.kind == VALUE_LIST && i < list.n; i++)
        if (value_equal(value_item(list, i), item))
            return true;
    return false;
}

static bool is_wider(const struct param *p, struct value v, struct value own)
{
    if (value_equal(v, own))
        return false;
    if (v.kind == VALUE_BOOL)
        return v.as.b == (p->widens == WIDENS_MORE);
    if (v.kind == VALUE_INT && own.kind == VALUE_INT)
        return p->widens == WIDENS_MORE ? v.as.i > own.as.i : v.as.i < own.as.i;
    return true;
}

static struct str text_of(struct arena *a, struct value v)
{
    return v.kind == VALUE_STRING ? value_text(v) : cel_value_text(a, v, 1000);
}

/* One that is in force goes before one that is not. */
static const struct param_approval *approval_of(struct audit *au, struct str param,
                                                struct str value)
{
    const struct param_approval *found = NULL;
    for (size_t i = 0; au->statements && i < au->statements->approval.count; i++) {
        const struct param_approval *x = &au->statements->approval.item[i];
        if (!str_eq(x->param, param) || !str_eq(x->value, value))
            continue;
        bool holds = exception_standing(x->created, x->expires, accept_is_for(au, x->cluster),
                                        au->cluster->now) == EXCEPTION_IN_FORCE;
        au->approval_used[i] |= holds;
        if (!found || holds)
            found = x;
    }
    return found;
}

static void add_widening(struct audit *au, exceptions *out, struct str param, struct str value)
{
    struct exception e = { .param = param, .value = value };
    const struct param_approval *x = approval_of(au, param, value);
    if (x) {
        e.reason = x->reason, e.owner = x->owner, e.approver = x->approver, e.ticket = x->ticket,
        e.compensating = x->compensating;
        e.created = x->created, e.expires = x->expires;
        e.state = exception_standing(x->created, x->expires, accept_is_for(au, x->cluster),
                                     au->cluster->now);
        e.approved = e.state == EXCEPTION_IN_FORCE;
    }
    *VEC_PUSH(out, au->arena) = e;
}

static void list_widenings(struct audit *au, exceptions *out)
{
    for (size_t i = 0; i < au->bench->param_count; i++) {
        const struct param *p = &au->bench->param[i];
        const struct value *v = value_get(au->params, p->name),
                           *base = value_get(au->params_asked, p->name);
        struct value own = base ? *base : p->def;
        if (p->widens == WIDENS_NOT || !v)
            continue;
        for (uint32_t k = 0; v->kind == VALUE_LIST && k < v->n; k++)
            if (!contains(own, value_item(*v, k)))
                add_widening(au, out, p->name, text_of(au->arena, value_item(*v, k)));
        if (v->kind != VALUE_LIST && is_wider(p, *v, own))
            add_widening(au, out, p->name, text_of(au->arena, *v));
    }
}

/* ---- the register */

static void list_waivers(struct audit *au, exceptions *out)
{
    for (size_t i = 0; au->statements && i < au->statements->waiver.count; i++) {
        const struct waiver *w = &au->statements->waiver.item[i];
        enum exception_state state = exception_standing(
            w->created, w->expires, accept_is_for(au, w->cluster), au->cluster->now);
        if (state == EXCEPTION_IN_FORCE && !au->waiver_used[i])
            state = EXCEPTION_UNUSED;
        *VEC_PUSH(out, au->arena) = (struct exception){
            .check = w->check,
            .object = w->object,
            .reason = w->reason,
            .owner = w->by,
            .approver = w->approver,
            .ticket = w->ticket,
            .compensating = w->compensating,
            .created = w->created,
            .expires = w->expires,
            .state = state,
            .approved = w->approver.n && state == EXCEPTION_IN_FORCE,
            .findings = au->waiver_used[i],
        };
    }
}

static void list_unused_approvals(struct audit *au, exceptions *out)
{
    for (size_t i = 0; au->statements && i < au->statements->approval.count; i++) {
        const struct param_approval *x = &au->statements->approval.item[i];
        enum exception_state state = exception_standing(
            x->created, x->expires, accept_is_for(au, x->cluster), au->cluster->now);
        bool listed = false;
        for (size_t k = 0; k < out->count; k++)
            listed |= str_eq(out->item[k].param, x->param) && str_eq(out->item[k].value, x->value);
        if (listed)
            continue;
        *VEC_PUSH(out, au->arena) = (struct exception){
            .param = x->param,
            .value = x->value,
            .reason = x->reason,
            .owner = x->owner,
            .approver = x->approver,
            .ticket = x->ticket,
            .compensating = x->compensating,
            .created = x->created,
            .expires = x->expires,
            .state = state == EXCEPTION_IN_FORCE ? EXCEPTION_UNUSED : state,
        };
    }
}

/* What has an effect without anyone's approval, then what somebody approved, then what has none. */
static int rank(const struct exception *e)
{
    bool has_effect =
        e->state == EXCEPTION_IN_FORCE || (e->param.n && e->state != EXCEPTION_UNUSED);
    return !has_effect ? 2 : e->approved;
}

void exceptions_list(struct audit *au, struct result *out)
{
    exceptions all = { 0 }, sorted = { 0 };
    list_widenings(au, &all);
    list_unused_approvals(au, &all);
    list_waivers(au, &all);
    for (int r = 0; r <= 2; r++)
        for (size_t i = 0; i < all.count; i++)
            if (rank(&all.item[i]) == r)
                *VEC_PUSH(&sorted, au->arena) = all.item[i];
    out->exception = sorted.item;
    out->exception_count = sorted.count;
}
