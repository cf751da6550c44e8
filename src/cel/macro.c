/* Calls that are macros (macro.def) to the nodes they stand for, while the tree is made. */
#include "base/names.h"
#include "cel/lex.h"
#include "cel/parse.h"

/* What a macro is made into. vars: how many names come before the bodies. */
struct macro_row {
    const char *package; /* "cel" of cel.bind; NULL: a member, or has() */
    const char *name;
    uint8_t args; /* written ones, without the receiver */
    uint8_t vars;
    struct ast *(*expand)(struct parser *p, struct ast *call, const struct macro_row *row);
    uint8_t macro; /* enum ast_macro */
};

static bool take_name(struct parser *p, const struct ast *n, struct str *out)
{
    if (n->kind != AST_NAME || (n->flags & (AST_ABSOLUTE | AST_PAREN)))
        return parse_fault(p, n->offset, "expected a simple name for the macro's variable");
    if (str_eq(n->name, STR("__result__")))
        return parse_fault(p, n->offset, "\"__result__\" is a reserved name");
    *out = n->name;
    return true;
}

/* A node in the place of the call that is expanded. */
static struct ast *in_place(struct parser *p, enum ast_kind kind, const struct ast *call,
                            struct ast *const *arg, size_t arg_count)
{
    struct ast *n = parse_node(p, kind, call->offset, call->end, arg, arg_count);
    if (n)
        n->start = call->start;
    return n;
}

static struct ast *expand_has(struct parser *p, struct ast *call, const struct macro_row *row)
{
    struct ast *field = call->arg[0];
    (void)row;
    if (field->kind != AST_SELECT) {
        (void)parse_fault(p, field->offset, "has() asks for a field: has(a.b)");
        return NULL;
    }
    struct ast *n = in_place(p, AST_HAS, call, field->arg, 1);
    if (n) {
        n->name = field->name;
        n->flags = field->flags & AST_OPTIONAL;
    }
    return n;
}

/* range.all(x, body): the receiver and the bodies; the names go to the node. */
static struct ast *expand_comprehension(struct parser *p, struct ast *call,
                                        const struct macro_row *row)
{
    struct ast *arg[4] = { call->arg[0] };
    struct str name[2] = { { 0 }, { 0 } };
    size_t count = 1;
    for (size_t i = 0; i < row->vars; i++)
        if (!take_name(p, call->arg[1 + i], &name[i]))
            return NULL;
    if (row->vars == 2 && str_eq(name[0], name[1])) {
        (void)parse_fault(p, call->arg[2]->offset, "the macro's two variables have one name");
        return NULL;
    }
    size_t bodies = (size_t)row->args - row->vars;
    /* map(x, filter, result): the result is arg[1] in the node, the filter arg[2] */
    arg[count++] = call->arg[call->arg_count - 1];
    if (bodies == 2)
        arg[count++] = call->arg[call->arg_count - 2];
    struct ast *n = in_place(p, AST_MACRO, call, arg, count);
    if (n) {
        n->macro = row->macro;
        n->name = name[0];
        n->name2 = name[1];
        n->flags = row->vars == 2 ? AST_TWO_VARS : 0;
    }
    return n;
}

static struct ast *make_bind(struct parser *p, struct ast *call, struct ast *variable,
                             struct ast *init, struct ast *body, uint8_t flags)
{
    struct ast *arg[2] = { init, body };
    struct str name;
    if (!take_name(p, variable, &name))
        return NULL;
    struct ast *n = in_place(p, AST_BIND, call, arg, 2);
    if (n) {
        n->name = name;
        n->flags = flags;
    }
    return n;
}

static struct ast *expand_bind(struct parser *p, struct ast *call, const struct macro_row *row)
{
    (void)row;
    return make_bind(p, call, call->arg[1], call->arg[2], call->arg[3], 0);
}
static struct ast *expand_opt_map(struct parser *p, struct ast *call, const struct macro_row *row)
{
    (void)row;
    return make_bind(p, call, call->arg[1], call->arg[0], call->arg[2], AST_OPT_MAP);
}
static struct ast *expand_opt_flat_map(struct parser *p, struct ast *call,
                                       const struct macro_row *row)
{
    (void)row;
    return make_bind(p, call, call->arg[1], call->arg[0], call->arg[2], AST_OPT_MAP | AST_OPT_FLAT);
}

/* list.sortBy(e, key) is cel.bind(@list, list, @list.@sortByKeys(@list.map(e, key))): the list is
 * evaluated once, and "@" keeps the name out of reach of the source. */
static struct ast *expand_sort_by(struct parser *p, struct ast *call, const struct macro_row *row)
{
    struct str name, hidden = STR("@list");
    if (!take_name(p, call->arg[1], &name))
        return NULL;
    struct ast *list[2];
    for (size_t i = 0; i < 2; i++) {
        list[i] = in_place(p, AST_NAME, call->arg[0], NULL, 0);
        if (!list[i])
            return NULL;
        list[i]->name = hidden;
    }
    struct ast *keys = in_place(p, AST_MACRO, call, (struct ast *[]){ list[0], call->arg[2] }, 2);
    if (!keys)
        return NULL;
    keys->macro = row->macro;
    keys->name = name;
    struct ast *sorted = in_place(p, AST_CALL, call, (struct ast *[]){ list[1], keys }, 2);
    if (!sorted)
        return NULL;
    sorted->name = STR("@sortByKeys");
    sorted->flags = AST_MEMBER;
    struct ast *bind = in_place(p, AST_BIND, call, (struct ast *[]){ call->arg[0], sorted }, 2);
    if (bind)
        bind->name = hidden;
    return bind;
}

static const struct macro_row macro_row[] = {
#define MACRO(package, name, args, vars, expand, macro, form, summary, example, result) \
    { package, name, args, vars, expand, macro },
#define FORM(form, summary, example, result)
#include "cel/macro.def"
#undef MACRO
#undef FORM
};

const char *macro_nearest(struct str name, bool member)
{
    const char *known[sizeof macro_row / sizeof *macro_row];
    size_t count = 0;
    for (size_t i = 0; i < sizeof macro_row / sizeof *macro_row; i++)
        if ((macro_row[i].expand != expand_has) == member && !macro_row[i].package)
            known[count++] = macro_row[i].name;
    return names_nearest(known, count, name);
}

static bool is_package(const struct ast *n, const char *package)
{
    return n->kind == AST_NAME && str_eq_c(n->name, package);
}

bool macro_expand(struct parser *p, struct ast *call, struct ast **out)
{
    bool member = (call->flags & AST_MEMBER) != 0;
    size_t written = call->arg_count - member;
    for (size_t i = 0; i < sizeof macro_row / sizeof *macro_row; i++) {
        const struct macro_row *row = &macro_row[i];
        bool global = row->expand == expand_has;
        if (row->args != written || member == global || !str_eq_c(call->name, row->name))
            continue;
        if (row->package && !is_package(call->arg[0], row->package))
            continue;
        *out = row->expand(p, call, row);
        return *out != NULL;
    }
    *out = call;
    return true;
}
