/* Functions that checks may call: questions to grants, and grants in words. */
#include "analyze/facts_state.h"
#include "base/buf.h"

static struct value list_at(struct value map, struct str key)
{
    const struct value *v = value_get(map, key);
    struct value out;
    return v && function_texts(v, &out) ? out : value_list(NULL, 0);
}

static struct rbac_rule rule_of_grant(struct value grant)
{
    return (struct rbac_rule){
        .verbs = list_at(grant, STR("verbs")),
        .api_groups = list_at(grant, STR("apiGroups")),
        .resources = list_at(grant, STR("resources")),
        .resource_names = list_at(grant, STR("resourceNames")),
        .urls = list_at(grant, STR("nonResourceURLs")),
    };
}

/* Most of a subject's grants are about something else, and there may be thousands: seen by the
 * resource alone. */
static bool is_about(struct value grant, struct str group, struct str resource)
{
    return rbac_lists_resource(list_at(grant, STR("resources")), resource) &&
           rbac_lists_group(list_at(grant, STR("apiGroups")), group);
}

static bool grant_gives(struct value grant, struct value verbs, struct str group,
                        struct str resource)
{
    if (!is_about(grant, group, resource))
        return false;
    struct rbac_rule rule = rule_of_grant(grant);
    bool in_namespace = value_text_at(grant, "namespace", NULL).n > 0;
    for (uint32_t i = 0; i < verbs.n; i++) {
        if (rbac_rule_gives(&rule, in_namespace, value_text(value_item(verbs, i)), group, resource))
            return true;
    }
    return false;
}

/* Calls what says whether a grant is wanted for each of list. An item that is unavailable (more
 * than was listed) stays behind those that were found, or is all that is known. */
typedef bool grant_fn(const void *ctx, struct value grant);
static struct value filter(struct cel_call *call, struct value list, grant_fn *wanted,
                           const void *ctx)
{
    struct value_builder out;
    const struct value *gap = NULL;
    value_builder_init(&out, call->scratch);
    for (uint32_t i = 0; i < list.n; i++) {
        const struct value *grant = &list.as.item[i];
        if (value_is_error(*grant))
            gap = gap ? gap : grant;
        else if (wanted(ctx, *grant))
            value_builder_push(&out, *grant);
    }
    if (gap && !out.count)
        return *gap;
    if (gap)
        value_builder_push(&out, *gap);
    return value_builder_list(&out);
}

static bool is_held(const void *ctx, struct value grant)
{
    const struct grant_question *q = ctx;
    return grant_gives(grant, q->verbs, q->group, q->resource);
}

struct value fn_holding(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = function_first_error(arg, arg_count), known;
    struct grant_question q = { 0 };
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_LIST || !function_texts(&arg[1], &q.verbs) ||
        arg[2].kind != VALUE_STRING || arg[3].kind != VALUE_STRING)
        return function_fault(
            call,
            "holding() takes a list of grants, a verb or a list of verbs, a group and a resource");
    q.group = value_text(arg[2]);
    q.resource = value_text(arg[3]);
    if (call->host && facts_current_holding(call->host, arg[0], &q, call->scratch, &known))
        return known;
    return filter(call, arg[0], is_held, &q);
}

struct value fn_covers(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = function_first_error(arg, arg_count), verbs;
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_MAP || !function_texts(&arg[1], &verbs) ||
        arg[2].kind != VALUE_STRING || arg[3].kind != VALUE_STRING)
        return function_fault(
            call, "covers() takes a grant, a verb or a list of verbs, a group and a resource");
    return value_bool(grant_gives(arg[0], verbs, value_text(arg[2]), value_text(arg[3])));
}

static bool grant_reaches(struct value grant, struct value verbs, struct str url)
{
    struct rbac_rule rule = rule_of_grant(grant);
    for (uint32_t i = 0; i < verbs.n; i++) {
        struct rbac_request q = { .verb = value_text(value_item(verbs, i)), .path = url };
        if (rbac_rule_allows(&rule, &q))
            return true;
    }
    return false;
}

static bool is_reaching(const void *ctx, struct value grant)
{
    const struct grant_question *q = ctx;
    return grant_reaches(grant, q->verbs, q->url);
}

struct value fn_reaching(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = function_first_error(arg, arg_count), known;
    struct grant_question q = { 0 };
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_LIST || !function_texts(&arg[1], &q.verbs) ||
        arg[2].kind != VALUE_STRING || arg[2].n == 0)
        return function_fault(
            call, "reaching() takes a list of grants, a verb or a list of verbs, and a URL");
    q.url = value_text(arg[2]);
    if (call->host && facts_current_holding(call->host, arg[0], &q, call->scratch, &known))
        return known;
    return filter(call, arg[0], is_reaching, &q);
}

/* ---- a grant in words ---- */

#define GRANT_TEXT_BYTES_MAX 4096u
#define GRANT_TEXT_ITEMS     8u

static void add_texts(struct buf *out, struct value list)
{
    uint32_t shown = list.n > GRANT_TEXT_ITEMS ? GRANT_TEXT_ITEMS : list.n;
    for (uint32_t i = 0; i < shown; i++) {
        buf_add_c(out, i ? ", " : "");
        buf_add(out, value_text(value_item(list, i)));
    }
    if (shown < list.n)
        buf_addf(out, " and %u more", list.n - shown);
}

static bool is_core_only(struct value groups)
{
    return groups.n == 1 && value_text(value_item(groups, 0)).n == 0;
}

static void add_things(struct buf *out, const struct rbac_rule *rule)
{
    if (rule->resources.n)
        add_texts(out, rule->resources);
    if (rule->resources.n && !is_core_only(rule->api_groups)) {
        buf_add_c(out, " (group ");
        for (uint32_t i = 0; i < rule->api_groups.n && i < GRANT_TEXT_ITEMS; i++) {
            struct str group = value_text(value_item(rule->api_groups, i));
            buf_add_c(out, i ? ", " : "");
            buf_add(out, group.n ? group : STR("core"));
        }
        buf_add_c(out, rule->api_groups.n > GRANT_TEXT_ITEMS ? " ...)" : ")");
    }
    if (rule->resource_names.n) {
        buf_add_c(out, " named ");
        add_texts(out, rule->resource_names);
    }
    if (!rule->resources.n && !rule->urls.n)
        buf_add_c(out, "nothing");
    if (rule->resources.n && rule->urls.n)
        buf_add_c(out, " and ");
    if (rule->urls.n)
        add_texts(out, rule->urls);
}

/* Where a grant holds, and whence it comes. */
static void add_origin(struct buf *out, struct value grant)
{
    struct str ns = value_text_at(grant, "namespace", NULL),
               via = value_text_at(grant, "via", NULL);
    if (ns.n)
        buf_addf(out, " in namespace %.*s", STR_ARG(ns));
    if (!value_text_at(grant, "binding", NULL).n)
        return; /* a rule of a role */
    buf_addf(out, " by %.*s (%.*s)", STR_ARG(value_text_at(grant, "binding", NULL)),
             STR_ARG(value_text_at(grant, "role", NULL)));
    if (via.n)
        buf_addf(out, ", as %.*s", STR_ARG(via));
}

static struct value finish_text(struct arena *a, struct buf *out)
{
    struct str text = out->over ? STR("a grant too long to show") : str_dup(a, buf_str(out));
    buf_release(out);
    return value_str(text);
}

static struct value grant_text(struct arena *a, struct value grant)
{
    struct rbac_rule rule = rule_of_grant(grant);
    struct buf out = BUF_INIT(GRANT_TEXT_BYTES_MAX);
    add_texts(&out, rule.verbs);
    buf_add_c(&out, " on ");
    add_things(&out, &rule);
    add_origin(&out, grant);
    return finish_text(a, &out);
}

/* grant_text of only what is asked for; empty if it gives none of it. */
static struct value right_text(struct arena *a, struct value grant, struct value verbs,
                               const struct value *group, const struct value *resource)
{
    struct rbac_rule rule = rule_of_grant(grant);
    struct value_builder given;
    value_builder_init(&given, a);
    for (uint32_t i = 0; i < verbs.n; i++) {
        if (grant_gives(grant, value_list(&verbs.as.item[i], 1), value_text(*group),
                        value_text(*resource)))
            value_builder_push(&given, value_item(verbs, i));
    }
    if (!given.count)
        return value_cstr("");
    struct rbac_rule asked = {
        .verbs = value_builder_list(&given),
        .api_groups = value_list(group, 1),
        .resources = value_list(resource, 1),
        .resource_names = rule.resource_names,
    };
    struct buf out = BUF_INIT(GRANT_TEXT_BYTES_MAX);
    add_texts(&out, asked.verbs);
    buf_add_c(&out, " on ");
    add_things(&out, &asked);
    add_origin(&out, grant);
    return finish_text(a, &out);
}

struct value fn_grant_text(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = function_first_error(arg, arg_count);
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_MAP)
        return function_fault(call, "grantText() takes a grant");
    return grant_text(call->scratch, arg[0]);
}

struct value fn_right_text(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = function_first_error(arg, arg_count), verbs;
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_MAP || !function_texts(&arg[1], &verbs) ||
        arg[2].kind != VALUE_STRING || arg[3].kind != VALUE_STRING)
        return function_fault(
            call, "rightText() takes a grant, a verb or a list of verbs, a group and a resource");
    return right_text(call->scratch, arg[0], verbs, &arg[2], &arg[3]);
}

/* ---- many grants in words ---- */

#define GRANTS_TOLD_MAX 50u /* distinct texts of a list; the others are counted */

struct telling {
    struct arena *arena;
    struct map seen;
    struct value_builder out;
    size_t more; /* grants that were not put into words, or not told */
};

static void tell(struct telling *t, struct value text)
{
    bool created;
    if (!value_text(text).n || t->out.count >= GRANTS_TOLD_MAX) {
        t->more += value_text(text).n > 0;
        return;
    }
    (void)map_at(&t->seen, value_text(text), &created);
    if (created)
        value_builder_push(&t->out, text);
}

/* Of each grant one text; those that are unavailable are told at the end. */
typedef struct value word_fn(struct arena *a, const void *ctx, struct value grant);
static struct value tell_each(struct cel_call *call, struct value list, word_fn *word,
                              const void *ctx)
{
    struct telling t = { .arena = call->scratch };
    const struct value *gap = NULL;
    map_init(&t.seen, call->scratch);
    value_builder_init(&t.out, call->scratch);
    for (uint32_t i = 0; i < list.n; i++) {
        const struct value *grant = &list.as.item[i];
        if (value_is_error(*grant))
            gap = gap ? gap : grant;
        else if (t.out.count >= GRANTS_TOLD_MAX)
            t.more++;
        else
            tell(&t, word(call->scratch, ctx, *grant));
    }
    if (t.more)
        value_builder_push(&t.out, value_str(str_printf(call->scratch, "and %zu more", t.more)));
    if (gap)
        value_builder_push(&t.out, value_str(gap->as.error->text));
    return value_builder_list(&t.out);
}

struct right_words {
    struct value verbs;
    const struct value *group, *resource;
};
static struct value word_right(struct arena *a, const void *ctx, struct value grant)
{
    const struct right_words *w = ctx;
    return right_text(a, grant, w->verbs, w->group, w->resource);
}

static struct value word_grant(struct arena *a, const void *ctx, struct value grant)
{
    (void)ctx;
    return grant_text(a, grant);
}

static struct value word_member(struct arena *a, const void *ctx, struct value grant)
{
    (void)a;
    return value_str(value_text_at(grant, (const char *)ctx, NULL));
}

static struct value word_origin(struct arena *a, const void *ctx, struct value grant)
{
    (void)ctx;
    return value_str(str_printf(a, "%.*s (%.*s)", STR_ARG(value_text_at(grant, "binding", NULL)),
                                STR_ARG(value_text_at(grant, "role", NULL))));
}

struct value fn_right_texts(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = function_first_error(arg, arg_count);
    struct right_words w = { .group = &arg[2], .resource = &arg[3] };
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_LIST || !function_texts(&arg[1], &w.verbs) ||
        arg[2].kind != VALUE_STRING || arg[3].kind != VALUE_STRING)
        return function_fault(call, "rightTexts() takes a list of grants, a verb or a list of "
                                    "verbs, a group and a resource");
    return tell_each(call, arg[0], word_right, &w);
}

/* The one argument is a list of grants. */
static struct value tell_one(struct cel_call *call, const struct value *arg, size_t arg_count,
                             word_fn *word, const char *member, const char *fault)
{
    struct value error = function_first_error(arg, arg_count);
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_LIST)
        return function_fault(call, fault);
    return tell_each(call, arg[0], word, member);
}

struct value fn_grant_texts(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    return tell_one(call, arg, arg_count, word_grant, NULL, "grantTexts() takes a list of grants");
}

struct value fn_bindings_of(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    return tell_one(call, arg, arg_count, word_member, "binding",
                    "bindingsOf() takes a list of grants");
}

struct value fn_roles_of(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    return tell_one(call, arg, arg_count, word_member, "role", "rolesOf() takes a list of grants");
}

struct value fn_origins_of(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    return tell_one(call, arg, arg_count, word_origin, NULL, "originsOf() takes a list of grants");
}
