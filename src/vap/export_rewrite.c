/* The expressions of an exported policy: what a check calls by our names, in the names that
 * Kubernetes has. */
#include "vap/export.h"

#include "analyze/facts.h"
#include "cel/parse.h"
#include "cel/unparse.h"

struct rewriting {
    struct arena *arena;
    const struct policy_export *from;
    bool *used;
    struct err *err;
};

static const struct cel_limits limits; /* the default ones */

/* Functions, or packages of them, that the language has and Kubernetes' does not. */
static const char *const missing[] = { "math.",       "base64.", "strings.quote",
                                       "lists.range", "reverse", "cel.bind" };

static bool cannot(struct rewriting *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
static bool cannot(struct rewriting *r, const char *fmt, ...)
{
    char text[sizeof r->err->text];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return err_set(r->err, ERR_INPUT, "%s", text);
}

static bool is_name(const struct ast *n, const char *name)
{
    return n->kind == AST_NAME && str_eq_c(n->name, name);
}

/* ---- what stands for something else */

static bool put_param(struct rewriting *r, struct ast **at)
{
    const struct value *v = value_get(r->from->params, (*at)->name);
    struct ast *literal;
    if (!v)
        return cannot(r, "it asks for parameter \"%.*s\", which there is not",
                      STR_ARG((*at)->name));
    if (!parse_expression(&literal, r->arena, cel_value_text(r->arena, *v, CEL_SOURCE_BYTES_MAX),
                          &limits, r->err))
        return err_prefix(r->err, "parameter \"%.*s\" as a literal", STR_ARG((*at)->name));
    *at = literal;
    return true;
}

static bool note_variable(struct rewriting *r, struct str name)
{
    for (size_t i = 0; i < r->from->shared_count; i++) {
        if (str_eq(r->from->shared[i].name, name)) {
            r->used[i] = true;
            return true;
        }
    }
    for (size_t i = 0; i < r->from->own_count; i++) {
        if (str_eq(r->from->own[i].name, name)) {
            r->used[r->from->shared_count + i] = true;
            return true;
        }
    }
    return cannot(r, "it asks for variable \"%.*s\", which there is not", STR_ARG(name));
}

/* One glob as a piece of an RE2 expression. */
static void add_glob(struct buf *out, struct str glob)
{
    for (size_t i = 0; i < glob.n; i++) {
        char c = glob.p[i];
        if (c == '*')
            buf_add_c(out, ".*");
        else if (strchr("\\.+?()|[]{}^$", c))
            buf_addf(out, "\\%c", c);
        else
            buf_add_char(out, c);
    }
}

/* globMatch(text, ['a*', 'b']) -> text.matches('(?s)^(?:a.*|b)$'); never true for no patterns. */
static bool put_glob(struct rewriting *r, struct ast **at)
{
    struct buf regex CLEANUP(buf_release) = BUF_INIT(CEL_SOURCE_BYTES_MAX);
    struct ast *call = *at, *patterns = call->arg[1];
    struct ast *const *pattern = patterns->kind == AST_LIST ? patterns->arg : &call->arg[1];
    size_t count = patterns->kind == AST_LIST ? patterns->arg_count : 1;
    struct ast *made = arena_new(r->arena, struct ast);
    if (!count) {
        *made = (struct ast){ .kind = AST_LITERAL, .literal = value_bool(false) };
        *at = made;
        return true;
    }
    buf_add_c(&regex, "(?s)^(?:");
    for (size_t i = 0; i < count; i++) {
        if (pattern[i]->kind != AST_LITERAL || pattern[i]->literal.kind != VALUE_STRING)
            return cannot(r, "globMatch() has patterns that are not written down, and Kubernetes "
                             "has no such function");
        buf_add_c(&regex, i ? "|" : "");
        add_glob(&regex, value_text(pattern[i]->literal));
    }
    buf_add_c(&regex, ")$");
    if (!buf_ok(&regex, "the patterns of globMatch()", r->err))
        return false;
    struct ast *literal = arena_new(r->arena, struct ast);
    *literal = (struct ast){ .kind = AST_LITERAL,
                             .literal = value_str(str_dup(r->arena, buf_str(&regex))) };
    struct ast **arg = arena_array(r->arena, struct ast *, 2);
    arg[0] = call->arg[0];
    arg[1] = literal;
    *made = (struct ast){
        .kind = AST_CALL, .flags = AST_MEMBER, .name = STR("matches"), .arg = arg, .arg_count = 2
    };
    *at = made;
    return true;
}

/* ---- the tree */

static bool check_call(struct rewriting *r, const struct ast *n)
{
    struct str name = n->name;
    if ((n->flags & AST_MEMBER) && n->arg_count && n->arg[0]->kind == AST_NAME)
        name = str_printf(r->arena, "%.*s.%.*s", STR_ARG(n->arg[0]->name), STR_ARG(n->name));
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        struct str m = str_from_c(missing[i]);
        if (str_eq(name, m) || str_eq(n->name, m) ||
            (str_has_suffix(m, STR(".")) && str_has_prefix(name, m)))
            return cannot(r, "Kubernetes' language has no %.*s()", STR_ARG(name));
    }
    for (size_t i = 0; !(n->flags & AST_MEMBER) && i < facts_function_count; i++)
        if (str_eq_c(n->name, facts_function[i].name) && !str_eq_c(n->name, "globMatch"))
            return cannot(r, "%.*s() is of an audit of the whole cluster, not of one request",
                          STR_ARG(n->name));
    return true;
}

/* What an audit derives from the whole cluster, as far as the object that is to be admitted tells
 * it of itself. A namespace's tenant cannot write into kube-system; whether an owner is there is
 * not seen, and whoever may create pods may name one. */
static const struct {
    const char *name, *text;
} of_request[] = {
    { "ofControlPlane",
      "(object.metadata.namespace == 'kube-system' && 'kubernetes.io/config.mirror' in "
      "object.metadata.?annotations.orValue({}) && "
      "object.metadata.?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false) && "
      "o.kind == 'Node'))" },
    { "workload",
      "(object.metadata.?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false)) ? "
      "object.metadata.ownerReferences.filter(o, o.?controller.orValue(false))[0].name : "
      "object.metadata.name)" },
};

static bool put_of_request(struct rewriting *r, struct ast **at)
{
    for (size_t i = 0; i < sizeof of_request / sizeof *of_request; i++)
        if (str_eq_c((*at)->name, of_request[i].name))
            return parse_expression(at, r->arena, str_from_c(of_request[i].text), &limits, r->err);
    return cannot(r, "it asks for derived.%.*s, which only an audit of the whole cluster knows",
                  STR_ARG((*at)->name));
}

static bool rewrite(struct rewriting *r, struct ast **at)
{
    struct ast *n = *at;
    if (n->kind == AST_SELECT && is_name(n->arg[0], "derived"))
        return put_of_request(r, at);
    if (n->kind == AST_SELECT && is_name(n->arg[0], "params"))
        return put_param(r, at);
    if ((n->kind == AST_SELECT || n->kind == AST_HAS) && is_name(n->arg[0], "variables"))
        return note_variable(r, n->name);
    if ((n->kind == AST_SELECT || n->kind == AST_HAS) &&
        (is_name(n->arg[0], "derived") || is_name(n->arg[0], "facts")))
        return cannot(r, "it asks for %.*s.%.*s, which only an audit of the whole cluster knows",
                      STR_ARG(n->arg[0]->name), STR_ARG(n->name));
    if (is_name(n, "derived") || is_name(n, "facts") || is_name(n, "params"))
        return cannot(r, "it asks for %.*s as a whole", STR_ARG(n->name));
    if (n->kind == AST_CALL && !check_call(r, n))
        return false;
    if (n->kind == AST_BIND && !(n->flags & AST_OPT_MAP))
        return cannot(r, "Kubernetes' language has no %s()",
                      str_eq_c(n->name, "@list") ? "sortBy" : "cel.bind");
    for (uint32_t i = 0; i < n->arg_count; i++)
        if (!rewrite(r, &n->arg[i]))
            return false;
    if (n->kind == AST_CALL && !(n->flags & AST_MEMBER) && str_eq_c(n->name, "globMatch"))
        return put_glob(r, at);
    return true;
}

bool policy_export_expression(struct str *out, struct arena *a, const struct policy_export *e,
                              struct str text, bool *used, struct err *err)
{
    struct rewriting r = { a, e, used, err };
    struct ast *root;
    return parse_expression(&root, a, text, &limits, err) && rewrite(&r, &root) &&
           unparse(out, a, root, err);
}
