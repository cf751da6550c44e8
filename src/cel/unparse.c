/* A tree back to text that parses to the same tree: what the parser is tested with, and a normal
 * form. */
#include "cel/unparse.h"

#include "base/buf.h"
#include "cel/lex.h"
#include "cel/parse.h"

/* How tightly a node binds; a part that binds less than its place needs stands in parentheses. */
enum level {
    LEVEL_EXPR,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_RELATION,
    LEVEL_SUM,
    LEVEL_PRODUCT,
    LEVEL_UNARY,
    LEVEL_MEMBER
};

static const struct {
    const char *name, *sign;
    enum level level;
} binary_row[] = {
    { "_<_", " < ", LEVEL_RELATION },   { "_<=_", " <= ", LEVEL_RELATION },
    { "_>_", " > ", LEVEL_RELATION },   { "_>=_", " >= ", LEVEL_RELATION },
    { "_==_", " == ", LEVEL_RELATION }, { "_!=_", " != ", LEVEL_RELATION },
    { "@in", " in ", LEVEL_RELATION },  { "_+_", " + ", LEVEL_SUM },
    { "_-_", " - ", LEVEL_SUM },        { "_*_", " * ", LEVEL_PRODUCT },
    { "_/_", " / ", LEVEL_PRODUCT },    { "_%_", " % ", LEVEL_PRODUCT },
};

struct writer {
    struct buf text;
    struct arena *arena;
};

static void put(struct writer *w, const struct ast *n, enum level place);

static int binary_of(const struct ast *n)
{
    for (size_t i = 0; n->kind == AST_CALL && i < sizeof binary_row / sizeof *binary_row; i++)
        if (str_eq_c(n->name, binary_row[i].name))
            return (int)i;
    return -1;
}

static bool is_unary(const struct ast *n, const char *name)
{
    return n->kind == AST_CALL && str_eq_c(n->name, name);
}

static enum level level_of(const struct ast *n)
{
    int row = binary_of(n);
    if (row >= 0)
        return binary_row[row].level;
    if (is_unary(n, "!_") || is_unary(n, "-_"))
        return LEVEL_UNARY;
    return n->kind == AST_CONDITION ? LEVEL_EXPR
           : n->kind == AST_OR      ? LEVEL_OR
           : n->kind == AST_AND     ? LEVEL_AND
                                    : LEVEL_MEMBER;
}

/* ---- parts */

static void put_args(struct writer *w, const struct ast *n, uint32_t from)
{
    for (uint32_t i = from; i < n->arg_count; i++) {
        buf_add_c(&w->text, i > from ? ", " : "");
        put(w, n->arg[i], LEVEL_EXPR);
    }
}

static bool is_identifier(struct arena *a, struct str name)
{
    struct lexer l = { .arena = a, .source = name };
    struct token t;
    struct err err = { 0 };
    return name.n && lex_next(&l, &t, &err) && t.kind == TOKEN_IDENT && t.text.n == name.n;
}

static void put_field(struct writer *w, const struct ast *n)
{
    const char *quote = is_identifier(w->arena, n->name) ? "" : "`";
    buf_addf(&w->text, ".%s%s", n->flags & AST_OPTIONAL ? "?" : "", quote);
    buf_add(&w->text, n->name);
    buf_add_c(&w->text, quote);
}

static void put_list(struct writer *w, const struct ast *n)
{
    buf_add_char(&w->text, '[');
    for (uint32_t i = 0; i < n->arg_count; i++) {
        buf_addf(&w->text, "%s%s", i ? ", " : "",
                 n->entry_optional && n->entry_optional[i] ? "?" : "");
        put(w, n->arg[i], LEVEL_EXPR);
    }
    buf_add_char(&w->text, ']');
}

static void put_map(struct writer *w, const struct ast *n)
{
    buf_add_char(&w->text, '{');
    for (uint32_t i = 0; i + 1 < n->arg_count; i += 2) {
        buf_addf(&w->text, "%s%s", i ? ", " : "",
                 n->entry_optional && n->entry_optional[i / 2] ? "?" : "");
        put(w, n->arg[i], LEVEL_EXPR);
        buf_add_c(&w->text, ": ");
        put(w, n->arg[i + 1], LEVEL_EXPR);
    }
    buf_add_char(&w->text, '}');
}

/* ---- operators and calls */

/* What the text of n begins with: a sign in front of digits would become theirs. */
static const struct ast *leftmost(const struct ast *n)
{
    bool receiver =
        n->kind == AST_SELECT || n->kind == AST_INDEX || n->kind == AST_MACRO ||
        (n->kind == AST_CALL && (n->flags & AST_MEMBER)) ||
        (n->kind == AST_BIND && ((n->flags & AST_OPT_MAP) || str_eq(n->name, STR("@list"))));
    return receiver && level_of(n->arg[0]) == LEVEL_MEMBER ? leftmost(n->arg[0]) : n;
}

static void put_unary(struct writer *w, const struct ast *n, char sign)
{
    const struct ast *of = n->arg[0], *first = leftmost(of);
    bool number = first->kind == AST_LITERAL && first->literal.kind == VALUE_INT;
    /* signs together would cancel out or be the number's */
    bool wrap = level_of(of) == LEVEL_UNARY || number;
    buf_add_char(&w->text, sign);
    buf_add_c(&w->text, wrap ? "(" : "");
    put(w, of, wrap ? LEVEL_EXPR : LEVEL_UNARY);
    buf_add_c(&w->text, wrap ? ")" : "");
}

static void put_call(struct writer *w, const struct ast *n)
{
    int row = binary_of(n);
    if (row >= 0) {
        put(w, n->arg[0], binary_row[row].level);
        buf_add_c(&w->text, binary_row[row].sign);
        put(w, n->arg[1], binary_row[row].level + 1);
        return;
    }
    if (is_unary(n, "!_") || is_unary(n, "-_")) {
        put_unary(w, n, n->name.p[0]);
        return;
    }
    bool member = (n->flags & AST_MEMBER) != 0;
    if (member) {
        put(w, n->arg[0], LEVEL_MEMBER);
        buf_add_char(&w->text, '.');
    }
    buf_add(&w->text, n->name);
    buf_add_char(&w->text, '(');
    put_args(w, n, member);
    buf_add_char(&w->text, ')');
}

static void put_chain(struct writer *w, const struct ast *n, const char *sign, enum level level)
{
    for (uint32_t i = 0; i < n->arg_count; i++) {
        buf_add_c(&w->text, i ? sign : "");
        put(w, n->arg[i], level + 1);
    }
}

static void put_condition(struct writer *w, const struct ast *n)
{
    put(w, n->arg[0], LEVEL_OR);
    buf_add_c(&w->text, " ? ");
    put(w, n->arg[1], LEVEL_OR);
    buf_add_c(&w->text, " : ");
    put(w, n->arg[2], LEVEL_EXPR);
}

/* ---- macros */

static void put_macro(struct writer *w, const struct ast *n)
{
    static const char *const name[] = {
        [MACRO_ALL] = "all",
        [MACRO_EXISTS] = "exists",
        [MACRO_EXISTS_ONE] = "exists_one",
        [MACRO_MAP] = "map",
        [MACRO_FILTER] = "filter",
        [MACRO_TRANSFORM_LIST] = "transformList",
        [MACRO_TRANSFORM_MAP] = "transformMap",
        [MACRO_TRANSFORM_MAP_ENTRY] = "transformMapEntry",
    };
    put(w, n->arg[0], LEVEL_MEMBER);
    buf_addf(&w->text, ".%s(%.*s", name[n->macro], STR_ARG(n->name));
    if (n->flags & AST_TWO_VARS)
        buf_addf(&w->text, ", %.*s", STR_ARG(n->name2));
    for (uint32_t i = n->arg_count - 1; i > 0; i--) { /* the filter stands before the result */
        buf_add_c(&w->text, ", ");
        put(w, n->arg[i], LEVEL_EXPR);
    }
    buf_add_char(&w->text, ')');
}

static void put_named_body(struct writer *w, const char *call, struct str name,
                           const struct ast *body)
{
    buf_addf(&w->text, "%s(%.*s, ", call, STR_ARG(name));
    put(w, body, LEVEL_EXPR);
    buf_add_char(&w->text, ')');
}

static void put_bind(struct writer *w, const struct ast *n)
{
    bool sort = str_eq(n->name, STR("@list"));
    if (!sort && !(n->flags & AST_OPT_MAP)) {
        buf_addf(&w->text, "cel.bind(%.*s, ", STR_ARG(n->name));
        put_args(w, n, 0);
        buf_add_char(&w->text, ')');
        return;
    }
    put(w, n->arg[0], LEVEL_MEMBER);
    const struct ast *keys = sort ? n->arg[1]->arg[1] : NULL;
    if (sort)
        put_named_body(w, ".sortBy", keys->name, keys->arg[1]);
    else
        put_named_body(w, n->flags & AST_OPT_FLAT ? ".optFlatMap" : ".optMap", n->name, n->arg[1]);
}

static void put_bare(struct writer *w, const struct ast *n)
{
    switch ((enum ast_kind)n->kind) {
    case AST_LITERAL:
        buf_add(&w->text, cel_value_text(w->arena, n->literal, CEL_UNPARSE_BYTES_MAX));
        return;
    case AST_NAME:
        buf_add_c(&w->text, n->flags & AST_ABSOLUTE ? "." : "");
        buf_add(&w->text, n->name);
        return;
    case AST_SELECT:
        put(w, n->arg[0], LEVEL_MEMBER);
        put_field(w, n);
        return;
    case AST_HAS:
        buf_add_c(&w->text, "has(");
        put(w, n->arg[0], LEVEL_MEMBER);
        put_field(w, n);
        buf_add_char(&w->text, ')');
        return;
    case AST_INDEX:
        put(w, n->arg[0], LEVEL_MEMBER);
        buf_add_c(&w->text, n->flags & AST_OPTIONAL ? "[?" : "[");
        put(w, n->arg[1], LEVEL_EXPR);
        buf_add_char(&w->text, ']');
        return;
    case AST_CALL:
        put_call(w, n);
        return;
    case AST_AND:
        put_chain(w, n, " && ", LEVEL_AND);
        return;
    case AST_OR:
        put_chain(w, n, " || ", LEVEL_OR);
        return;
    case AST_CONDITION:
        put_condition(w, n);
        return;
    case AST_LIST:
        put_list(w, n);
        return;
    case AST_MAP:
        put_map(w, n);
        return;
    case AST_MACRO:
        put_macro(w, n);
        return;
    case AST_BIND:
        put_bind(w, n);
        return;
    case AST_VARIABLE: /* resolved trees have lost their names */
    case AST_LOCAL:
        break;
    }
    INVARIANT(false);
}

static void put(struct writer *w, const struct ast *n, enum level place)
{
    bool wrap = level_of(n) < place;
    if (w->text.over)
        return;
    buf_add_c(&w->text, wrap ? "(" : "");
    put_bare(w, n);
    buf_add_c(&w->text, wrap ? ")" : "");
}

bool unparse(struct str *out, struct arena *a, const struct ast *root, struct err *err)
{
    struct writer w = { .arena = a, .text = BUF_INIT(CEL_UNPARSE_BYTES_MAX) };
    put(&w, root, LEVEL_EXPR);
    bool ok = buf_ok(&w.text, "the expression's text", err);
    if (ok)
        *out = str_dup(a, buf_str(&w.text));
    buf_release(&w.text);
    return ok;
}

static bool same_literal(struct value a, struct value b)
{
    bool text = a.kind == VALUE_STRING || a.kind == VALUE_BYTES;
    if (a.kind != b.kind)
        return false;
    return text ? str_eq(value_text(a), value_text(b)) : a.kind == VALUE_NULL || value_equal(a, b);
}

static bool same_marks(const struct ast *a, const struct ast *b)
{
    uint32_t count = a->kind == AST_LIST ? a->arg_count : a->kind == AST_MAP ? a->arg_count / 2 : 0;
    for (uint32_t i = 0; i < count; i++)
        if ((a->entry_optional && a->entry_optional[i]) !=
            (b->entry_optional && b->entry_optional[i]))
            return false;
    return true;
}

bool unparse_same(const struct ast *a, const struct ast *b)
{
    if (a->kind != b->kind || ((a->flags ^ b->flags) & ~AST_PAREN) || a->macro != b->macro ||
        a->arg_count != b->arg_count)
        return false;
    if (!str_eq(a->name, b->name) || !str_eq(a->name2, b->name2) ||
        !same_literal(a->literal, b->literal) || !same_marks(a, b))
        return false;
    for (uint32_t i = 0; i < a->arg_count; i++)
        if (!unparse_same(a->arg[i], b->arg[i]))
            return false;
    return true;
}
