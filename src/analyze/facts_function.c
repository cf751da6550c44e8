/* Functions that checks may call: questions to grants and subjects. Their arguments come from whoever
 * wrote the check, so each says what it wanted instead. */
#include "analyze/facts_state.h"
#include "base/buf.h"

static struct value fault(struct cel_call *call, const char *text)
{
    return value_error(call->scratch, VALUE_ERROR_EVAL, call->offset, "%s", text);
}

/* The first argument that is an error, which spreads; else null. */
static struct value first_error(const struct value *arg, size_t arg_count)
{
    for (size_t i = 0; i < arg_count; i++) {
        if (value_is_error(arg[i]))
            return arg[i];
    }
    return value_null();
}

/* A text or a list of texts, as a list of texts. */
static bool texts_of(const struct value *v, struct value *out)
{
    if (v->kind == VALUE_STRING) {
        *out = value_list(v, 1);
        return true;
    }
    if (v->kind != VALUE_LIST)
        return false;
    for (uint32_t i = 0; i < v->n; i++) {
        if (value_item(*v, i).kind != VALUE_STRING)
            return false;
    }
    *out = *v;
    return true;
}

static struct value list_at(struct value map, struct str key)
{
    const struct value *v = value_get(map, key);
    struct value out;
    return v && texts_of(v, &out) ? out : value_list(NULL, 0);
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

/* Most of a subject's grants are about something else, and there may be thousands: seen by the resource alone. */
static bool is_about(struct value grant, struct str group, struct str resource)
{
    return rbac_lists_resource(list_at(grant, STR("resources")), resource) &&
           rbac_lists_group(list_at(grant, STR("apiGroups")), group);
}

static bool grant_gives(struct value grant, struct value verbs, struct str group, struct str resource)
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

static struct value fn_holding(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = first_error(arg, arg_count), verbs;
    struct value_builder out;
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_LIST || !texts_of(&arg[1], &verbs) || arg[2].kind != VALUE_STRING || arg[3].kind != VALUE_STRING)
        return fault(call, "holding() takes a list of grants, a verb or a list of verbs, a group and a resource");
    value_builder_init(&out, call->scratch);
    for (uint32_t i = 0; i < arg[0].n; i++) {
        struct value grant = value_item(arg[0], i);
        if (value_is_error(grant))
            return grant;
        if (grant_gives(grant, verbs, value_text(arg[2]), value_text(arg[3])))
            value_builder_push(&out, grant);
    }
    return value_builder_list(&out);
}

static struct value fn_covers(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = first_error(arg, arg_count), verbs;
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_MAP || !texts_of(&arg[1], &verbs) || arg[2].kind != VALUE_STRING || arg[3].kind != VALUE_STRING)
        return fault(call, "covers() takes a grant, a verb or a list of verbs, a group and a resource");
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

static struct value fn_reaching(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = first_error(arg, arg_count), verbs;
    struct value_builder out;
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_LIST || !texts_of(&arg[1], &verbs) || arg[2].kind != VALUE_STRING || arg[2].n == 0)
        return fault(call, "reaching() takes a list of grants, a verb or a list of verbs, and a URL");
    value_builder_init(&out, call->scratch);
    for (uint32_t i = 0; i < arg[0].n; i++) {
        struct value grant = value_item(arg[0], i);
        if (value_is_error(grant))
            return grant;
        if (grant_reaches(grant, verbs, value_text(arg[2])))
            value_builder_push(&out, grant);
    }
    return value_builder_list(&out);
}

static struct value fn_subject_text(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = first_error(arg, arg_count);
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_MAP)
        return fault(call, "subjectText() takes a subject {kind, name, namespace}");
    struct str ns = value_text_at(arg[0], "namespace", NULL);
    return value_str(str_printf(call->scratch, "%.*s %.*s%s%.*s", STR_ARG(value_text_at(arg[0], "kind", NULL)), STR_ARG(ns),
                                ns.n ? "/" : "", STR_ARG(value_text_at(arg[0], "name", NULL))));
}

/* ---- a grant in words ---- */

#define GRANT_TEXT_BYTES_MAX 4096u
#define GRANT_TEXT_ITEMS 8u

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
    if (rule->resources.n && rule->urls.n)
        buf_add_c(out, " and ");
    if (rule->urls.n)
        add_texts(out, rule->urls);
}

/* Where a grant holds, and whence it comes. */
static void add_origin(struct buf *out, struct value grant)
{
    struct str ns = value_text_at(grant, "namespace", NULL), via = value_text_at(grant, "via", NULL);
    if (ns.n)
        buf_addf(out, " in namespace %.*s", STR_ARG(ns));
    buf_addf(out, " by %.*s (%.*s)", STR_ARG(value_text_at(grant, "binding", NULL)), STR_ARG(value_text_at(grant, "role", NULL)));
    if (via.n)
        buf_addf(out, ", as %.*s", STR_ARG(via));
}

static struct value finish_text(struct cel_call *call, struct buf *out)
{
    struct str text = out->over ? STR("a grant too long to show") : str_dup(call->scratch, buf_str(out));
    buf_release(out);
    return value_str(text);
}

static struct value fn_grant_text(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = first_error(arg, arg_count);
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_MAP)
        return fault(call, "grantText() takes a grant");
    struct rbac_rule rule = rule_of_grant(arg[0]);
    struct buf out = BUF_INIT(GRANT_TEXT_BYTES_MAX);
    add_texts(&out, rule.verbs);
    buf_add_c(&out, " on ");
    add_things(&out, &rule);
    add_origin(&out, arg[0]);
    return finish_text(call, &out);
}

static struct value fn_right_text(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = first_error(arg, arg_count), verbs;
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_MAP || !texts_of(&arg[1], &verbs) || arg[2].kind != VALUE_STRING || arg[3].kind != VALUE_STRING)
        return fault(call, "rightText() takes a grant, a verb or a list of verbs, a group and a resource");
    struct rbac_rule rule = rule_of_grant(arg[0]);
    struct value_builder given;
    value_builder_init(&given, call->scratch);
    for (uint32_t i = 0; i < verbs.n; i++) {
        if (grant_gives(arg[0], value_list(&verbs.as.item[i], 1), value_text(arg[2]), value_text(arg[3])))
            value_builder_push(&given, value_item(verbs, i));
    }
    if (!given.count)
        return value_cstr("");
    struct rbac_rule asked = {
        .verbs = value_builder_list(&given),
        .api_groups = value_list(&arg[2], 1),
        .resources = value_list(&arg[3], 1),
        .resource_names = rule.resource_names,
    };
    struct buf out = BUF_INIT(GRANT_TEXT_BYTES_MAX);
    add_texts(&out, asked.verbs);
    buf_add_c(&out, " on ");
    add_things(&out, &asked);
    add_origin(&out, arg[0]);
    return finish_text(call, &out);
}

/* ---- patterns ---- */

static struct value fn_glob_match(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = first_error(arg, arg_count), patterns;
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_STRING || !texts_of(&arg[1], &patterns))
        return fault(call, "globMatch() takes a text and a pattern or a list of patterns");
    for (uint32_t i = 0; i < patterns.n; i++) {
        if (str_glob(value_text(value_item(patterns, i)), value_text(arg[0])))
            return value_bool(true);
    }
    return value_bool(false);
}

struct subject_view {
    struct str kind, ns, name;
};

/* "ServiceAccount:NS:NAME", where each part is a pattern of its own; "User:NAME", "Group:NAME". */
static bool pattern_matches(struct str pattern, const struct subject_view *s)
{
    struct str kind, rest, ns, name;
    if (!str_cut(pattern, ':', &kind, &rest) || !str_eq(kind, s->kind))
        return false;
    if (!str_eq_c(kind, "ServiceAccount"))
        return str_glob(rest, s->name);
    if (!str_cut(rest, ':', &ns, &name))
        return str_glob(rest, s->ns); /* "ServiceAccount:kube-system" is all of that namespace */
    return str_glob(ns, s->ns) && str_glob(name, s->name);
}

static bool is_pattern(struct str pattern)
{
    static const char *const kind[] = { "User:", "Group:", "ServiceAccount:" };
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
        struct str k = str_from_c(kind[i]);
        if (str_has_prefix(pattern, k) && pattern.n > k.n)
            return true;
    }
    return false;
}

static struct value fn_is_allowed_subject(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = first_error(arg, arg_count), patterns;
    static const struct str user_prefix = STR_INIT("system:serviceaccount:");
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_MAP || !texts_of(&arg[1], &patterns))
        return fault(call, "isAllowedSubject() takes a subject {kind, name, namespace} and a list of patterns");
    struct subject_view s = { value_text_at(arg[0], "kind", NULL), value_text_at(arg[0], "namespace", NULL),
                              value_text_at(arg[0], "name", NULL) };
    struct subject_view account = { STR("ServiceAccount"), { 0 }, { 0 } };
    bool is_account = str_eq_c(s.kind, "User") && str_has_prefix(s.name, user_prefix) &&
                      str_cut(str_sub(s.name, user_prefix.n, s.name.n), ':', &account.ns, &account.name);
    for (uint32_t i = 0; i < patterns.n; i++) {
        struct str pattern = value_text(value_item(patterns, i));
        if (!is_pattern(pattern))
            return value_error(call->scratch, VALUE_ERROR_EVAL, call->offset,
                               "isAllowedSubject(): \"%.*s\" is not \"User:NAME\", \"Group:NAME\" or \"ServiceAccount:NAMESPACE:NAME\"",
                               STR_ARG(pattern));
        if (pattern_matches(pattern, &s) || (is_account && pattern_matches(pattern, &account)))
            return value_bool(true);
    }
    return value_bool(false);
}

/* ---- files ---- */

static struct value fn_mode_within(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = first_error(arg, arg_count);
    struct str text = value_text(arg[1]);
    int64_t allowed = 0;
    if (value_is_error(error))
        return error;
    bool octal = arg[1].kind == VALUE_STRING && text.n > 0 && text.n <= 5;
    for (size_t i = 0; i < text.n && octal; i++) {
        octal = text.p[i] >= '0' && text.p[i] <= '7';
        allowed = allowed * 8 + (text.p[i] - '0');
    }
    if (!octal || arg[0].kind != VALUE_INT)
        return fault(call, "modeWithin() takes a mode and a text of octal digits such as \"0600\"");
    return value_bool((arg[0].as.i & ~allowed) == 0);
}

const struct cel_host_function facts_function[] = {
#define HOST_FUNCTION(name, count, fn, summary) { #name, false, count, fn, summary, { NULL }, NULL },
#include "analyze/function.def"
#undef HOST_FUNCTION
};
const size_t facts_function_count = sizeof facts_function / sizeof *facts_function;
