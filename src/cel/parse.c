/* Tokens into a tree. */
#include "cel/parse.h"

#include "base/vec.h"
#include "cel/lex.h"

struct parser {
    struct arena *arena;
    struct str source;
    struct lexer lex;
    struct token token; /* the one ahead */
    uint32_t last_end;  /* of the token before it */
    uint32_t nesting, depth_max, nodes_left;
    struct err *err;
};

typedef VEC(struct ast *) ast_vec;

static struct ast *expr(struct parser *p);

struct pos parse_place(struct str source, uint32_t offset)
{
    struct pos pos = { NULL, 1, 1 };
    for (size_t i = 0; i < offset && i < source.n; i++) {
        pos.column++;
        if (source.p[i] == '\n')
            pos = (struct pos){ NULL, pos.line + 1, 1 };
    }
    return pos;
}

bool parse_fault(struct parser *p, uint32_t offset, const char *fmt, ...)
{
    char text[sizeof p->err->text];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return err_set_at(p->err, ERR_INPUT, parse_place(p->source, offset), "%s", text);
}

static bool advance(struct parser *p)
{
    struct err err = { 0 };
    p->last_end = p->token.end;
    return lex_next(&p->lex, &p->token, &err) ||
           parse_fault(p, p->lex.fault_offset, "%s", err.text);
}

static bool accept(struct parser *p, enum token_kind kind, bool *taken)
{
    *taken = p->token.kind == kind;
    return !*taken || advance(p);
}

static struct str token_text(const struct parser *p)
{
    return p->token.kind == TOKEN_END ? STR("the end")
                                      : str_sub(p->source, p->token.offset, p->token.end);
}

static bool expect(struct parser *p, enum token_kind kind, const char *what)
{
    if (p->token.kind == kind)
        return advance(p);
    struct str found = str_sub(token_text(p), 0, 60);
    return parse_fault(p, p->token.offset, "expected %s, found %s%.*s%s", what,
                       p->token.kind == TOKEN_END ? "" : "\"", STR_ARG(found),
                       p->token.kind == TOKEN_END ? "" : "\"");
}

struct ast *parse_node(struct parser *p, enum ast_kind kind, uint32_t offset, uint32_t end,
                       struct ast *const *arg, size_t arg_count)
{
    if (p->nodes_left == 0) {
        (void)parse_fault(p, offset, "the expression has too many parts");
        return NULL;
    }
    p->nodes_left--;
    struct ast *n = arena_new(p->arena, struct ast);
    n->kind = (uint8_t)kind;
    n->offset = offset;
    n->start = arg_count && arg[0]->start < offset ? arg[0]->start : offset;
    n->end = end;
    n->arg = arena_array(p->arena, struct ast *, arg_count);
    n->arg_count = (uint32_t)arg_count;
    n->depth = 1;
    for (size_t i = 0; i < arg_count; i++) {
        n->arg[i] = arg[i];
        if (arg[i]->depth >= n->depth)
            n->depth = (uint16_t)(arg[i]->depth + 1);
    }
    if (n->depth > p->depth_max) {
        (void)parse_fault(p, offset, "the expression is nested deeper than %u levels",
                          p->depth_max);
        return NULL;
    }
    return n;
}

/* ---- literals */

static struct ast *literal(struct parser *p, struct value v, uint32_t offset, uint32_t end)
{
    struct ast *n = parse_node(p, AST_LITERAL, offset, end, NULL, 0);
    if (n)
        n->literal = v;
    return n;
}

/* Digits with the sign that stands before them: only so the smallest int can be written. */
static bool int_value(struct parser *p, const struct token *t, bool negative, struct value *out)
{
    int64_t i;
    struct str d = t->text;
    bool hex = d.n > 2 && (d.p[1] | 0x20) == 'x';
    uint64_t u = 0;
    bool ok = true;
    for (size_t k = hex ? 2 : 0; hex && k < d.n; k++) {
        char c = d.p[k];
        ok = ok && !(u >> 60);
        u = u << 4 | (uint64_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    ok = ok && (hex || str_to_uint64(d, &u)) && u <= (uint64_t)INT64_MAX + negative;
    if (!ok)
        return parse_fault(p, t->offset, "the integer is out of range");
    i = negative ? (u == (uint64_t)INT64_MAX + 1 ? INT64_MIN : -(int64_t)u) : (int64_t)u;
    *out = value_int(i);
    return true;
}

static struct ast *int_literal(struct parser *p, bool negative, uint32_t offset)
{
    struct token t = p->token;
    struct value v;
    return int_value(p, &t, negative, &v) && advance(p) ? literal(p, v, offset, t.end) : NULL;
}

static struct ast *simple_literal(struct parser *p)
{
    struct token t = p->token;
    struct value v = t.kind == TOKEN_LITERAL ? t.literal
                     : t.kind == TOKEN_NULL  ? value_null()
                                             : value_bool(t.kind == TOKEN_TRUE);
    return advance(p) ? literal(p, v, t.offset, t.end) : NULL;
}

/* ---- lists, maps, arguments */

/* expr_list = expr { "," expr } up to the closing token, which is taken. optional: elements may be
 * ?e */
static bool expr_list(struct parser *p, enum token_kind close, const char *close_text,
                      bool may_be_optional, ast_vec *out, bool **optional)
{
    VEC(bool) flag = { 0 };
    bool any = false, taken;
    while (p->token.kind != close) {
        bool question = false;
        if (may_be_optional && !accept(p, TOKEN_QUESTION, &question))
            return false;
        struct ast *e = expr(p);
        if (!e)
            return false;
        *VEC_PUSH(out, p->arena) = e;
        *VEC_PUSH(&flag, p->arena) = question;
        any |= question;
        if (!accept(p, TOKEN_COMMA, &taken))
            return false;
        if (!taken)
            break;
        if (p->token.kind == close && close == TOKEN_RPAREN)
            return parse_fault(p, p->token.offset, "expected an argument after \",\"");
    }
    if (optional)
        *optional = any ? flag.item : NULL;
    return expect(p, close, close_text);
}

static struct ast *list(struct parser *p)
{
    uint32_t offset = p->token.offset;
    ast_vec items = { 0 };
    bool *optional = NULL;
    if (!advance(p) || !expr_list(p, TOKEN_RBRACKET, "\"]\" or \",\"", true, &items, &optional))
        return NULL;
    struct ast *n = parse_node(p, AST_LIST, offset, p->last_end, items.item, items.count);
    if (n)
        n->entry_optional = optional;
    return n;
}

/* map = "{" [ ["?"] expr ":" expr { "," ... } [","] ] "}" */
static struct ast *map(struct parser *p)
{
    uint32_t offset = p->token.offset;
    ast_vec items = { 0 };
    VEC(bool) flag = { 0 };
    bool any = false, taken;
    if (!advance(p))
        return NULL;
    while (p->token.kind != TOKEN_RBRACE) {
        bool question = false;
        if (!accept(p, TOKEN_QUESTION, &question))
            return NULL;
        struct ast *key = expr(p);
        if (!key || !expect(p, TOKEN_COLON, "\":\" after the key"))
            return NULL;
        struct ast *val = expr(p);
        if (!val)
            return NULL;
        *VEC_PUSH(&items, p->arena) = key;
        *VEC_PUSH(&items, p->arena) = val;
        *VEC_PUSH(&flag, p->arena) = question;
        any |= question;
        if (!accept(p, TOKEN_COMMA, &taken))
            return NULL;
        if (!taken)
            break;
    }
    if (!expect(p, TOKEN_RBRACE, "\"}\" or \",\""))
        return NULL;
    struct ast *n = parse_node(p, AST_MAP, offset, p->last_end, items.item, items.count);
    if (n)
        n->entry_optional = any ? flag.item : NULL;
    return n;
}

/* ---- names and members */

static struct ast *call(struct parser *p, struct str name, uint32_t offset, struct ast *receiver)
{
    ast_vec args = { 0 };
    struct ast *out = NULL;
    if (receiver)
        *VEC_PUSH(&args, p->arena) = receiver;
    if (!advance(p) || !expr_list(p, TOKEN_RPAREN, "\")\" or \",\"", false, &args, NULL))
        return NULL;
    struct ast *n = parse_node(p, AST_CALL, offset, p->last_end, args.item, args.count);
    if (!n)
        return NULL;
    n->name = name;
    n->flags = receiver ? AST_MEMBER : 0;
    return macro_expand(p, n, &out) ? out : NULL;
}

/* IDENT [ "(" args ")" ], with a dot in front when absolute */
static struct ast *name(struct parser *p, bool absolute, uint32_t offset)
{
    struct token t = p->token;
    if (t.kind != TOKEN_IDENT) {
        (void)expect(p, TOKEN_IDENT, "a name");
        return NULL;
    }
    if (lex_is_reserved(t.text)) {
        (void)parse_fault(p, t.offset, "\"%.*s\" is a reserved word", STR_ARG(t.text));
        return NULL;
    }
    if (!advance(p))
        return NULL;
    if (p->token.kind == TOKEN_LPAREN)
        return call(p, t.text, t.offset, NULL);
    struct ast *n = parse_node(p, AST_NAME, offset, t.end, NULL, 0);
    if (n) {
        n->name = t.text;
        n->flags = absolute ? AST_ABSOLUTE : 0;
    }
    return n;
}

/* primary = ["."] IDENT [args] | "(" expr ")" | list | map | literal */
static struct ast *primary(struct parser *p)
{
    struct ast *n;
    uint32_t offset = p->token.offset;
    switch (p->token.kind) {
    case TOKEN_LPAREN:
        if (!advance(p) || !(n = expr(p)) || !expect(p, TOKEN_RPAREN, "\")\""))
            return NULL;
        n->flags |= AST_PAREN;
        n->start = offset;
        n->end = p->last_end;
        return n;
    case TOKEN_LBRACKET:
        return list(p);
    case TOKEN_LBRACE:
        return map(p);
    case TOKEN_DOT:
        return advance(p) ? name(p, true, offset) : NULL;
    case TOKEN_INT:
        return int_literal(p, false, offset);
    case TOKEN_LITERAL:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
    case TOKEN_NULL:
        return simple_literal(p);
    case TOKEN_IDENT:
        return name(p, false, offset);
    case TOKEN_END:
    case TOKEN_QUOTED_IDENT:
    case TOKEN_IN:
    case TOKEN_COMMA:
    case TOKEN_COLON:
    case TOKEN_QUESTION:
    case TOKEN_RPAREN:
    case TOKEN_RBRACKET:
    case TOKEN_RBRACE:
    case TOKEN_PLUS:
    case TOKEN_MINUS:
    case TOKEN_STAR:
    case TOKEN_SLASH:
    case TOKEN_PERCENT:
    case TOKEN_NOT:
    case TOKEN_AND:
    case TOKEN_OR:
    case TOKEN_EQ:
    case TOKEN_NE:
    case TOKEN_LT:
    case TOKEN_LE:
    case TOKEN_GT:
    case TOKEN_GE:
        break;
    }
    (void)expect(p, TOKEN_IDENT, "an expression");
    return NULL;
}

/* "." ["?"] name [args], after the dot */
static struct ast *select_field(struct parser *p, struct ast *of)
{
    bool optional;
    if (!advance(p) || !accept(p, TOKEN_QUESTION, &optional))
        return NULL;
    struct token t = p->token;
    bool quoted = t.kind == TOKEN_QUOTED_IDENT;
    if (t.kind != TOKEN_IDENT && !quoted) {
        (void)expect(p, TOKEN_IDENT, "a field name");
        return NULL;
    }
    if (!advance(p))
        return NULL;
    if (p->token.kind == TOKEN_LPAREN && !optional && !quoted)
        return call(p, t.text, t.offset, of);
    struct ast *n = parse_node(p, AST_SELECT, t.offset, t.end, &of, 1);
    if (n) {
        n->name = t.text;
        n->flags = optional ? AST_OPTIONAL : 0;
    }
    return n;
}

static struct ast *index_of(struct parser *p, struct ast *of)
{
    bool optional;
    uint32_t offset = p->token.offset;
    if (!advance(p) || !accept(p, TOKEN_QUESTION, &optional))
        return NULL;
    struct ast *pair[2] = { of, expr(p) };
    if (!pair[1] || !expect(p, TOKEN_RBRACKET, "\"]\""))
        return NULL;
    struct ast *n = parse_node(p, AST_INDEX, offset, p->last_end, pair, 2);
    if (n)
        n->flags = optional ? AST_OPTIONAL : 0;
    return n;
}

/* member = primary { "." name [args] | "[" expr "]" } */
static struct ast *member_of(struct parser *p, struct ast *n)
{
    while (n) {
        if (p->token.kind == TOKEN_DOT)
            n = select_field(p, n);
        else if (p->token.kind == TOKEN_LBRACKET)
            n = index_of(p, n);
        else if (p->token.kind == TOKEN_LBRACE && (n->kind == AST_NAME || n->kind == AST_SELECT)) {
            (void)parse_fault(p, n->start,
                              "messages cannot be built: data is JSON here; write a map {...}");
            return NULL;
        } else
            return n;
    }
    return NULL;
}

static struct ast *member(struct parser *p)
{
    return member_of(p, primary(p));
}

/* ---- operators */

static struct ast *operator(struct parser *p, const char *name_of, uint32_t offset,
                            struct ast *const *arg, size_t count)
{
    struct ast *n = parse_node(p, AST_CALL, offset, p->last_end, arg, count);
    if (n)
        n->name = str_from_c(name_of);
    return n;
}

/* unary = member | "!" {"!"} member | "-" {"-"} member; two signs cancel out */
static struct ast *unary(struct parser *p)
{
    uint32_t offset = p->token.offset;
    enum token_kind sign = p->token.kind;
    uint32_t count = 0;
    if (sign != TOKEN_NOT && sign != TOKEN_MINUS)
        return member(p);
    while (p->token.kind == sign) {
        count++;
        if (!advance(p))
            return NULL;
    }
    /* the last minus before digits is part of the literal: only so the smallest int can be written
     */
    bool literal_sign = sign == TOKEN_MINUS && p->token.kind == TOKEN_INT;
    struct ast *n = literal_sign ? member_of(p, int_literal(p, true, offset)) : member(p);
    count -= literal_sign;
    return n && count % 2 ? operator(p, sign == TOKEN_NOT ? "!_" : "-_", offset, &n, 1) : n;
}

/* One row a binary operator: how tightly it binds, its function. */
static const struct {
    enum token_kind kind;
    int level;
    const char *name;
} binary_row[] = {
    { TOKEN_LT, 1, "_<_" },   { TOKEN_LE, 1, "_<=_" },   { TOKEN_GT, 1, "_>_" },
    { TOKEN_GE, 1, "_>=_" },  { TOKEN_EQ, 1, "_==_" },   { TOKEN_NE, 1, "_!=_" },
    { TOKEN_IN, 1, "@in" },   { TOKEN_PLUS, 2, "_+_" },  { TOKEN_MINUS, 2, "_-_" },
    { TOKEN_STAR, 3, "_*_" }, { TOKEN_SLASH, 3, "_/_" }, { TOKEN_PERCENT, 3, "_%_" },
};

static const char *binary_at(const struct parser *p, int level)
{
    for (size_t i = 0; i < sizeof binary_row / sizeof *binary_row; i++)
        if (binary_row[i].kind == p->token.kind && binary_row[i].level == level)
            return binary_row[i].name;
    return NULL;
}

/* relation = sum { relop sum }; sum = product { ("+"|"-") product }; product = unary {
 * ("*"|"/"|"%") unary } */
static struct ast *binary(struct parser *p, int level)
{
    struct ast *n = level == 3 ? unary(p) : binary(p, level + 1);
    const char *op;
    while (n && (op = binary_at(p, level)) != NULL) {
        uint32_t offset = p->token.offset;
        if (!advance(p))
            return NULL;
        struct ast *pair[2] = { n, level == 3 ? unary(p) : binary(p, level + 1) };
        n = pair[1] ? operator(p, op, offset, pair, 2) : NULL;
    }
    return n;
}

/* A chain of one logical operator is one node: evaluation stays flat however long it is. */
static struct ast *chain(struct parser *p, enum token_kind sign, enum ast_kind kind,
                         struct ast *(*operand)(struct parser *))
{
    ast_vec items = { 0 };
    struct ast *n = operand(p);
    if (!n || p->token.kind != sign)
        return n;
    *VEC_PUSH(&items, p->arena) = n;
    uint32_t offset = p->token.offset;
    while (p->token.kind == sign) {
        if (!advance(p) || !(n = operand(p)))
            return NULL;
        *VEC_PUSH(&items, p->arena) = n;
    }
    return parse_node(p, kind, offset, p->last_end, items.item, items.count);
}

static struct ast *relation(struct parser *p)
{
    return binary(p, 1);
}
/* and = relation { "&&" relation } */
static struct ast * and (struct parser * p)
{
    return chain(p, TOKEN_AND, AST_AND, relation);
}
/* or = and { "||" and } */
static struct ast * or (struct parser * p)
{
    return chain(p, TOKEN_OR, AST_OR, and);
}

/* expr = or [ "?" or ":" expr ] */
static struct ast *expr(struct parser *p)
{
    bool question;
    if (++p->nesting > p->depth_max) {
        (void)parse_fault(p, p->token.offset, "the expression is nested deeper than %u levels",
                          p->depth_max);
        return NULL;
    }
    struct ast *part[3] = { or (p), NULL, NULL };
    uint32_t sign = p->token.offset;
    if (!part[0] || !accept(p, TOKEN_QUESTION, &question))
        return NULL;
    struct ast *n = part[0];
    if (question) {
        if (!(part[1] = or (p)) || !expect(p, TOKEN_COLON, "\":\" of the condition") ||
            !(part[2] = expr(p)))
            return NULL;
        n = parse_node(p, AST_CONDITION, sign, p->last_end, part, 3);
    }
    p->nesting--;
    return n;
}

bool parse_expression(struct ast **out, struct arena *a, struct str source,
                      const struct cel_limits *limits, struct err *err)
{
    uint32_t bytes_max = limits->source_bytes ? limits->source_bytes : CEL_SOURCE_BYTES_MAX;
    struct parser p = {
        .arena = a,
        .source = source,
        .err = err,
        .lex = { .arena = a, .source = source },
        .depth_max = limits->depth ? limits->depth : CEL_DEPTH_MAX,
        .nodes_left = limits->nodes ? limits->nodes : CEL_NODES_MAX,
    };
    if (source.n > bytes_max)
        return err_set(err, ERR_LIMIT, "the expression has %zu bytes, more than %u", source.n,
                       bytes_max);
    if (!advance(&p))
        return false;
    struct ast *n = expr(&p);
    if (!n)
        return false;
    if (!expect(&p, TOKEN_END, "an operator or the end"))
        return false;
    *out = n;
    return true;
}
