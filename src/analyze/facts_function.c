/* Functions that checks may call: subjects, patterns, modes. Their arguments come from whoever
 * wrote the check, so each says what it wanted instead. */
#include "analyze/facts_state.h"
#include "base/buf.h"

struct value function_fault(struct cel_call *call, const char *text)
{
    return value_error(call->scratch, VALUE_ERROR_EVAL, call->offset, "%s", text);
}

struct value function_first_error(const struct value *arg, size_t arg_count)
{
    for (size_t i = 0; i < arg_count; i++) {
        if (value_is_error(arg[i]))
            return arg[i];
    }
    return value_null();
}

bool function_texts(const struct value *v, struct value *out)
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

struct value fn_subject_text(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = function_first_error(arg, arg_count);
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_MAP)
        return function_fault(call, "subjectText() takes a subject {kind, name, namespace}");
    struct str ns = value_text_at(arg[0], "namespace", NULL);
    return value_str(str_printf(call->scratch, "%.*s %.*s%s%.*s",
                                STR_ARG(value_text_at(arg[0], "kind", NULL)), STR_ARG(ns),
                                ns.n ? "/" : "", STR_ARG(value_text_at(arg[0], "name", NULL))));
}

/* ---- patterns ---- */

struct value fn_glob_match(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = function_first_error(arg, arg_count), patterns;
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_STRING || !function_texts(&arg[1], &patterns))
        return function_fault(call, "globMatch() takes a text and a pattern or a list of patterns");
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

struct value fn_is_allowed_subject(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = function_first_error(arg, arg_count), patterns;
    static const struct str user_prefix = STR_INIT("system:serviceaccount:");
    if (value_is_error(error))
        return error;
    if (arg[0].kind != VALUE_MAP || !function_texts(&arg[1], &patterns))
        return function_fault(
            call,
            "isAllowedSubject() takes a subject {kind, name, namespace} and a list of patterns");
    struct subject_view s = { value_text_at(arg[0], "kind", NULL),
                              value_text_at(arg[0], "namespace", NULL),
                              value_text_at(arg[0], "name", NULL) };
    struct subject_view account = { STR("ServiceAccount"), { 0 }, { 0 } };
    bool is_account =
        str_eq_c(s.kind, "User") && str_has_prefix(s.name, user_prefix) &&
        str_cut(str_sub(s.name, user_prefix.n, s.name.n), ':', &account.ns, &account.name);
    for (uint32_t i = 0; i < patterns.n; i++) {
        struct str pattern = value_text(value_item(patterns, i));
        if (!is_pattern(pattern))
            return value_error(call->scratch, VALUE_ERROR_EVAL, call->offset,
                               "isAllowedSubject(): \"%.*s\" is not \"User:NAME\", \"Group:NAME\" "
                               "or \"ServiceAccount:NAMESPACE:NAME\"",
                               STR_ARG(pattern));
        if (pattern_matches(pattern, &s) || (is_account && pattern_matches(pattern, &account)))
            return value_bool(true);
    }
    return value_bool(false);
}

/* ---- files ---- */

struct value fn_mode_within(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value error = function_first_error(arg, arg_count);
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
        return function_fault(
            call, "modeWithin() takes a mode and a text of octal digits such as \"0600\"");
    return value_bool((arg[0].as.i & ~allowed) == 0);
}

const struct cel_host_function facts_function[] = {
#define HOST_FUNCTION(name, count, fn, summary) \
    { #name, false, count, fn, summary, { NULL }, NULL },
#include "analyze/function.def"
#undef HOST_FUNCTION
};
const size_t facts_function_count = sizeof facts_function / sizeof *facts_function;
