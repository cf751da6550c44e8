/* authorizer, the policies' question of who may do what: answered for service accounts, from the
 * roles and bindings that were read. */
#include "vap/authorizer.h"

#include "analyze/facts.h"
#include "analyze/rbac/rbac.h"
#include "cel/overload.h"

/* What the API server charges for an answer: two are within the budget of an expression. */
#define CHECK_COST 350000u

enum stage { STAGE_AUTHORIZER, STAGE_PATH, STAGE_GROUP, STAGE_RESOURCE, STAGE_DECISION };
struct asking {
    bool known; /* who asks: the service account; else the one who sent the request */
    struct str ns, account;
    struct rbac_request request;
    bool allowed; /* of STAGE_DECISION */
};

static bool same_asking(const void *a, const void *b)
{
    return a == b;
}

static struct str asking_text(const void *self, struct arena *a)
{
    const struct asking *q = self;
    return q->known ? str_printf(a, "authorizer.serviceAccount('%.*s', '%.*s')", STR_ARG(q->ns),
                                 STR_ARG(q->account))
                    : STR("authorizer");
}

#define STAGE(name)                    \
    {                                  \
        name, same_asking, asking_text \
    }
static const struct value_opaque_type type[] = {
    [STAGE_AUTHORIZER] = STAGE("kubernetes.authorization.Authorizer"),
    [STAGE_PATH] = STAGE("kubernetes.authorization.PathCheck"),
    [STAGE_GROUP] = STAGE("kubernetes.authorization.GroupCheck"),
    [STAGE_RESOURCE] = STAGE("kubernetes.authorization.ResourceCheck"),
    [STAGE_DECISION] = STAGE("kubernetes.authorization.Decision"),
};

static struct value wrap(struct arena *a, enum stage stage, const struct asking *q)
{
    struct asking *copy = arena_new(a, struct asking);
    *copy = *q;
    return value_opaque(a, &type[stage], copy);
}

struct value policy_authorizer(struct arena *a)
{
    return wrap(a, STAGE_AUTHORIZER, &(struct asking){ .known = false });
}

struct value policy_authorizer_resource(struct arena *a, const struct policy_object *o)
{
    struct rbac_request q = {
        .group = o->group, .resource = o->resource, .ns = o->ns, .name = o->name
    };
    return wrap(a, STAGE_RESOURCE, &(struct asking){ .request = q });
}

static bool is_at(struct value v, enum stage stage)
{
    return v.kind == VALUE_OPAQUE && v.as.opaque->type == &type[stage];
}

static struct value wrong(struct cel_call *call)
{
    return value_error(
        call->scratch, VALUE_ERROR_EVAL, call->offset,
        "no such overload: this is not asked of that part of an authorizer's question");
}

/* The question so far, copied into *q, if arg[0] is one at the stage and the rest is text. */
static bool take(struct asking *q, const struct value *arg, size_t count, enum stage stage)
{
    bool ok = is_at(arg[0], stage);
    for (size_t i = 1; i < count; i++)
        ok &= arg[i].kind == VALUE_STRING;
    if (ok)
        *q = *(const struct asking *)arg[0].as.opaque->self;
    return ok;
}

static struct value ask_service_account(struct cel_call *call, const struct value *arg,
                                        size_t count)
{
    struct asking q;
    if (!take(&q, arg, count, STAGE_AUTHORIZER))
        return wrong(call);
    q.known = true;
    q.ns = value_text(arg[1]);
    q.account = value_text(arg[2]);
    return wrap(call->scratch, STAGE_AUTHORIZER, &q);
}

static struct value ask_path(struct cel_call *call, const struct value *arg, size_t count)
{
    struct asking q;
    if (!take(&q, arg, count, STAGE_AUTHORIZER))
        return wrong(call);
    q.request = (struct rbac_request){ .path = value_text(arg[1]) };
    if (!q.request.path.n)
        return value_error(call->scratch, VALUE_ERROR_EVAL, call->offset, "path must not be empty");
    return wrap(call->scratch, STAGE_PATH, &q);
}

static struct value ask_group(struct cel_call *call, const struct value *arg, size_t count)
{
    struct asking q;
    if (!take(&q, arg, count, STAGE_AUTHORIZER))
        return wrong(call);
    q.request = (struct rbac_request){ .group = value_text(arg[1]) };
    return wrap(call->scratch, STAGE_GROUP, &q);
}

static struct value ask_resource(struct cel_call *call, const struct value *arg, size_t count)
{
    struct asking q;
    if (!take(&q, arg, count, STAGE_GROUP))
        return wrong(call);
    q.request.resource = value_text(arg[1]);
    return wrap(call->scratch, STAGE_RESOURCE, &q);
}

#define NARROWED(fn, field)                                                              \
    static struct value fn(struct cel_call *call, const struct value *arg, size_t count) \
    {                                                                                    \
        struct asking q;                                                                 \
        if (!take(&q, arg, count, STAGE_RESOURCE))                                       \
            return wrong(call);                                                          \
        q.request.field = value_text(arg[1]);                                            \
        return wrap(call->scratch, STAGE_RESOURCE, &q);                                  \
    }
NARROWED(ask_subresource, subresource)
NARROWED(ask_namespace, ns)
NARROWED(ask_name, name)

/* RBAC knows no selectors: it allows or denies what they select from. */
static struct value ask_selector(struct cel_call *call, const struct value *arg, size_t count)
{
    struct asking q;
    return take(&q, arg, count, STAGE_RESOURCE) ? arg[0] : wrong(call);
}

static struct value ask_check(struct cel_call *call, const struct value *arg, size_t count)
{
    struct asking q;
    if (!take(&q, arg, count, STAGE_RESOURCE) && !take(&q, arg, count, STAGE_PATH))
        return wrong(call);
    if (!cel_charge(call, CHECK_COST))
        return value_error(call->scratch, VALUE_ERROR_LIMIT, call->offset,
                           "the expression's cost budget is spent; ask the authorizer less often");
    if (!q.known)
        return value_error(
            call->scratch, VALUE_ERROR_UNAVAILABLE, call->offset,
            "authorizer needs the one who sent the request, which what runs does not show");
    if (!call->host)
        return value_error(call->scratch, VALUE_ERROR_UNAVAILABLE, call->offset,
                           "authorizer needs the cluster's roles and bindings");
    q.request.verb = value_text(arg[1]);
    struct value may = facts_account_may(call->host, q.ns, q.account, &q.request, call->scratch);
    if (may.kind != VALUE_BOOL)
        return may;
    q.allowed = may.as.b;
    return wrap(call->scratch, STAGE_DECISION, &q);
}

static struct value ask_allowed(struct cel_call *call, const struct value *arg, size_t count)
{
    struct asking q;
    return take(&q, arg, count, STAGE_DECISION) ? value_bool(q.allowed) : wrong(call);
}

static struct value ask_errored(struct cel_call *call, const struct value *arg, size_t count)
{
    struct asking q;
    return take(&q, arg, count, STAGE_DECISION) ? value_bool(false) : wrong(call);
}

static struct value ask_error(struct cel_call *call, const struct value *arg, size_t count)
{
    struct asking q;
    return take(&q, arg, count, STAGE_DECISION) ? value_cstr("") : wrong(call);
}

static struct value ask_reason(struct cel_call *call, const struct value *arg, size_t count)
{
    struct asking q;
    if (!take(&q, arg, count, STAGE_DECISION))
        return wrong(call);
    return value_error(call->scratch, VALUE_ERROR_UNAVAILABLE, call->offset,
                       "the authorizer's reason is the server's own text, which the roles and "
                       "bindings do not show");
}

static const struct cel_schema a_question = { .kinds = K_OPAQUE,
                                              .opaque = "kubernetes.authorization" },
                               a_bool = { .kinds = K_BOOL }, a_text = { .kinds = K_STRING };
#define AUTHORIZER(name, count, fn, result)                   \
    {                                                         \
        name, true, count, fn, "", { &a_question }, &(result) \
    }
const struct cel_host_function policy_authorizer_function[] = {
    AUTHORIZER("path", 2, ask_path, a_question),
    AUTHORIZER("group", 2, ask_group, a_question),
    AUTHORIZER("serviceAccount", 3, ask_service_account, a_question),
    AUTHORIZER("resource", 2, ask_resource, a_question),
    AUTHORIZER("subresource", 2, ask_subresource, a_question),
    AUTHORIZER("namespace", 2, ask_namespace, a_question),
    AUTHORIZER("name", 2, ask_name, a_question),
    AUTHORIZER("fieldSelector", 2, ask_selector, a_question),
    AUTHORIZER("labelSelector", 2, ask_selector, a_question),
    AUTHORIZER("check", 2, ask_check, a_question),
    AUTHORIZER("allowed", 1, ask_allowed, a_bool),
    AUTHORIZER("reason", 1, ask_reason, a_text),
    AUTHORIZER("errored", 1, ask_errored, a_bool),
    AUTHORIZER("error", 1, ask_error, a_text),
};
const size_t policy_authorizer_function_count =
    sizeof policy_authorizer_function / sizeof *policy_authorizer_function;
