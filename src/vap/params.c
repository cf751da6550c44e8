/* The parameter objects of admission policies. */
#include "vap/params.h"

#include "cluster/taint.h"
#include "value/json_read.h"

#define BINDINGS_MAX     500u  /* whose parameters are read */
#define ITEMS_MAX        1000u /* of one binding: the policy is evaluated for each of them */
#define PARAMS_BYTES_MAX ((size_t)64 << 20) /* of all answers together */

/* What was read for one binding. */
struct binding_params {
    bool namespaced;
    struct str why; /* it could not be read; empty: it was */
    struct value *item;
    size_t count;
};

/* ---- reading */

struct params_reading {
    struct arena *arena;
    struct client *client;
    const struct discovery *served;
    size_t bindings, bytes;
};

/* "ConfigMap shop/limits", "ConfigMap limits", "ConfigMap by labels". */
static struct str params_text(struct arena *a, const struct policy_part *p)
{
    const struct policy_binding *b = p->binding;
    return str_printf(a, "%.*s %.*s%s%.*s", STR_ARG(p->policy->param_kind),
                      STR_ARG(b->param_namespace), b->param_namespace.n ? "/" : "",
                      STR_ARG(b->param_name.n ? b->param_name : STR("by labels")));
}

static const struct discovery_resource *resource_of(const struct params_reading *r,
                                                    const struct policy *policy)
{
    struct str group, version;
    if (!str_cut(policy->param_api_version, '/', &group, &version)) {
        group = STR("");
        version = policy->param_api_version;
    }
    for (size_t i = 0; i < r->served->resource.count; i++) {
        const struct discovery_resource *row = &r->served->resource.item[i];
        if (str_eq(row->group, group) && str_eq(row->version, version) &&
            str_eq(row->kind, policy->param_kind))
            return row;
    }
    return NULL;
}

/* One object can be asked for by its path; of one name in any namespace, and by labels, it is a
 * list. */
static bool is_one(const struct policy_binding *b, const struct discovery_resource *row)
{
    return b->param_name.n && (!row->namespaced || b->param_namespace.n);
}

static struct str path_of(struct arena *a, const struct policy_binding *b,
                          const struct discovery_resource *row)
{
    struct buf path CLEANUP(buf_release) = BUF_INIT(4096);
    buf_addf(&path, "/%s%.*s/%.*s", row->group.n ? "apis/" : "api", STR_ARG(row->group),
             STR_ARG(row->version));
    if (row->namespaced && b->param_namespace.n) {
        buf_add_c(&path, "/namespaces/");
        enc_percent(&path, b->param_namespace);
    }
    buf_addf(&path, "/%.*s", STR_ARG(row->resource));
    if (b->param_name.n) {
        buf_add_c(&path, is_one(b, row) ? "/" : "?fieldSelector=metadata.name%3D");
        enc_percent(&path, b->param_name);
    }
    return str_dup(a, buf_str(&path));
}

/* The right it takes: "get on configmaps named limits in shop". */
static struct str right_of(struct arena *a, const struct policy_binding *b,
                           const struct discovery_resource *row)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(4096);
    buf_addf(&text, "%s on %.*s%s%.*s", is_one(b, row) ? "get" : "list", STR_ARG(row->resource),
             row->group.n ? "." : "", STR_ARG(row->group));
    if (is_one(b, row))
        buf_addf(&text, " named %.*s", STR_ARG(b->param_name));
    if (row->namespaced && b->param_namespace.n)
        buf_addf(&text, " in %.*s", STR_ARG(b->param_namespace));
    return str_dup(a, buf_str(&text));
}

/* The server knows the resource, and this object is not there. */
static bool is_not_there(const struct params_reading *r, const struct reply *reply, struct str name)
{
    struct value v;
    struct err err = { 0 };
    return reply->status == 404 && json_read(&v, r->arena, reply->body, NULL, NULL, 0, &err) &&
           v.kind == VALUE_MAP && str_eq_c(value_text_at(v, "reason", NULL), "NotFound") &&
           str_eq(value_text_at(v, "details", "name", NULL), name);
}

static bool take_items(struct binding_params *out, struct params_reading *r,
                       const struct policy_binding *b, struct value answer, bool one,
                       struct err *err)
{
    const struct value *items = one ? &answer : value_get(answer, STR("items"));
    uint32_t count = one ? 1 : items && items->kind == VALUE_LIST ? items->n : 0;
    if (!items || (!one && items->kind != VALUE_LIST && items->kind != VALUE_NULL))
        return err_set(err, ERR_INPUT, "the answer is no list");
    if (value_text_at(answer, "metadata", "continue", NULL).n && !one)
        return err_set(err, ERR_INPUT, "the list was not told to its end");
    out->item = arena_array(r->arena, struct value, count ? count : 1);
    for (uint32_t i = 0; i < count; i++) {
        struct value object = one ? answer : value_item(*items, i);
        if (object.kind != VALUE_MAP)
            return err_set(err, ERR_INPUT, "item %u is no object", i + 1);
        if (policy_binding_selects(b, object))
            out->item[out->count++] = taint_object(r->arena, object);
    }
    if (one && !out->count)
        return err_set(err, ERR_INPUT, "the answer is another object");
    return out->count <= ITEMS_MAX ||
           err_set(err, ERR_LIMIT, "there are more than %u of them", ITEMS_MAX);
}

static bool ask(struct binding_params *out, struct params_reading *r,
                const struct policy_binding *b, const struct discovery_resource *row,
                struct err *err)
{
    struct reply reply = { 0 };
    struct value answer;
    struct json_limits limits = { .depth = r->client->limits.json_depth };
    bool one = is_one(b, row);
    if (r->bytes >= PARAMS_BYTES_MAX || ++r->bindings > BINDINGS_MAX)
        return err_set(err, ERR_LIMIT,
                       "the parameters of all policies are more than %u answers or %zu MiB",
                       BINDINGS_MAX, PARAMS_BYTES_MAX >> 20);
    if (!client_get(r->client, path_of(r->arena, b, row), STR("application/json"), &reply, err)) {
        if (!one || !is_not_there(r, &reply, b->param_name))
            return false;
        err_clear(err);
        return true;
    }
    r->bytes += reply.body.n;
    if (!json_read(&answer, r->arena, reply.body, &limits, NULL, 0, err))
        return false;
    return answer.kind == VALUE_MAP ? take_items(out, r, b, answer, one, err)
                                    : err_set(err, ERR_INPUT, "the answer is no object");
}

/* The objects in the policies' files are to be judged with as the policy is: in the place of the
 * cluster's of their names. */
static void add_given(struct binding_params *out, struct arena *a, struct value given)
{
    struct value *item = arena_array(a, struct value, given.n + out->count);
    size_t count = 0;
    for (uint32_t i = 0; i < given.n; i++)
        item[count++] = value_item(given, i);
    for (size_t i = 0; i < out->count; i++) {
        bool replaced = false;
        for (uint32_t k = 0; k < given.n && !replaced; k++)
            replaced = str_eq(value_text_at(item[k], "metadata", "name", NULL),
                              value_text_at(out->item[i], "metadata", "name", NULL)) &&
                       str_eq(value_text_at(item[k], "metadata", "namespace", NULL),
                              value_text_at(out->item[i], "metadata", "namespace", NULL));
        if (!replaced)
            item[count++] = out->item[i];
    }
    out->item = item;
    out->count = count;
    if (count > ITEMS_MAX)
        out->why =
            str_printf(a, "its parameters, with those in the files, are more than %u", ITEMS_MAX);
}

static void read_params(struct binding_params *out, struct params_reading *r,
                        const struct policy_part *p)
{
    struct arena *a = r->arena;
    struct err err = { 0 };
    const struct discovery_resource *row = resource_of(r, p->policy);
    struct str what = params_text(a, p);
    /* the one that there can be */
    if (p->binding->given.n && p->binding->param_name.n && p->binding->param_namespace.n) {
        out->namespaced = true;
        add_given(out, a, p->binding->given);
        return;
    }
    if (!row) {
        out->why = str_printf(a,
                              "its parameters (%.*s) could not be read: whether and where a server "
                              "has %.*s %.*s is not known",
                              STR_ARG(what), STR_ARG(p->policy->param_api_version),
                              STR_ARG(p->policy->param_kind));
        return;
    }
    out->namespaced = row->namespaced;
    if (!row->namespaced && p->binding->param_namespace.n)
        return; /* the server does not take that either */
    if (!row->group.n && str_eq_c(row->resource, "secrets")) {
        out->why =
            str_printf(a, "its parameters (%.*s) are Secrets, whose values an audit never reads",
                       STR_ARG(what));
    } else if (!ask(out, r, p->binding, row, &err)) {
        struct str right =
            err.code == ERR_DENIED
                ? str_printf(a, "; grant %.*s", STR_ARG(right_of(a, p->binding, row)))
                : STR("");
        out->why = str_printf(a, "its parameters (%.*s) could not be read: %s%.*s", STR_ARG(what),
                              err.text, STR_ARG(right));
    } else if (p->binding->given.n) {
        add_given(out, a, p->binding->given);
    }
}

void policy_params_read(struct policy_params *out, struct arena *a,
                        const struct policy_part *const *part, size_t count, struct client *client,
                        const struct discovery *served)
{
    struct params_reading r = { .arena = a, .client = client, .served = served };
    for (size_t i = 0; i < count; i++)
        if (part[i]->binding && part[i]->binding->index >= out->count)
            out->count = part[i]->binding->index + 1;
    out->binding = arena_array(a, struct binding_params *, out->count);
    for (size_t i = 0; i < count; i++) {
        const struct policy_part *p = part[i];
        if (!p->binding || !p->policy->param_kind.n || !p->binding->has_params ||
            out->binding[p->binding->index])
            continue;
        out->binding[p->binding->index] = arena_new(a, struct binding_params);
        read_params(out->binding[p->binding->index], &r, p);
    }
}

/* ---- those for one object */

static struct params_found found(enum params_state state, struct str why)
{
    return (struct params_found){ .state = state, .why = why };
}

struct params_found policy_params_for(const struct policy_params *params,
                                      const struct policy_part *p, const struct policy_object *o,
                                      struct arena *scratch)
{
    const struct policy_binding *b = p->binding;
    struct str kind = p->policy->param_kind;
    if (!kind.n || (b && !b->has_params))
        return found(PARAMS_NULL, STR(""));
    if (!b)
        return found(PARAMS_UNKNOWN,
                     str_printf(scratch, "it takes parameters (%.*s), and no binding says which",
                                STR_ARG(kind)));
    const struct binding_params *read = b->index < params->count ? params->binding[b->index] : NULL;
    if (!read)
        return found(PARAMS_UNKNOWN,
                     str_printf(scratch, "its parameters (%.*s) were not read", STR_ARG(kind)));
    if (read->why.n)
        return found(PARAMS_UNKNOWN, read->why);
    if (!read->namespaced && b->param_namespace.n)
        return found(PARAMS_FAULT,
                     str_printf(scratch,
                                "its binding's paramRef has a namespace, and a %.*s is in none",
                                STR_ARG(kind)));
    struct str ns = b->param_namespace.n ? b->param_namespace : o->ns;
    if (read->namespaced && !ns.n)
        return found(PARAMS_FAULT,
                     STR("its binding's paramRef has no namespace, and neither has the object"));
    struct value *item = arena_array(scratch, struct value, read->count ? read->count : 1);
    struct params_found f = { .state = PARAMS_FOUND, .item = item };
    for (size_t i = 0; i < read->count; i++)
        if (!read->namespaced ||
            str_eq(value_text_at(read->item[i], "metadata", "namespace", NULL), ns))
            item[f.count++] = read->item[i];
    if (f.count)
        return f;
    return b->deny_without_params
               ? found(PARAMS_FAULT, STR("there are no parameters for it, and its binding's "
                                         "parameterNotFoundAction is Deny"))
               : found(PARAMS_NONE, STR(""));
}
