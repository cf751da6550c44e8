/* Text of an expression into tokens (cel-spec, langdef, "Syntax"). */
#include "cel/lex.h"

#include "base/buf.h"

static bool fault(struct lexer *l, size_t offset, struct err *err, const char *text)
{
    l->fault_offset = (uint32_t)offset;
    return err_set(err, ERR_INPUT, "%s", text);
}

bool lex_is_reserved(struct str name)
{
    static const char *const reserved[] = { "as",   "break",    "const",     "continue", "else",
                                            "for",  "function", "if",        "import",   "let",
                                            "loop", "package",  "namespace", "return",   "var",
                                            "void", "while" };
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (str_eq_c(name, reserved[i]))
            return true;
    return false;
}

static char peek(const struct lexer *l, size_t ahead)
{
    return l->at + ahead < l->source.n ? l->source.p[l->at + ahead] : 0;
}

static void skip_space(struct lexer *l)
{
    while (l->at < l->source.n) {
        char c = l->source.p[l->at];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            l->at++;
        } else if (c == '/' && peek(l, 1) == '/') {
            while (l->at < l->source.n && l->source.p[l->at] != '\n')
                l->at++;
        } else {
            return;
        }
    }
}

static bool is_ident_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* ---- numbers */

static bool lex_uint(struct lexer *l, struct token *out, struct str digits, struct err *err)
{
    uint64_t u = 0;
    bool hex = str_has_prefix(digits, STR("0x"));
    if (!hex && !str_to_uint64(digits, &u))
        return fault(l, out->offset, err, "the unsigned integer is out of range");
    for (size_t i = 2; hex && i < digits.n; i++) {
        if (u >> 60)
            return fault(l, out->offset, err, "the unsigned integer is out of range");
        u = u << 4 | (uint64_t)hex_digit(digits.p[i]);
    }
    out->kind = TOKEN_LITERAL;
    out->literal = value_uint(u);
    return true;
}

static bool lex_number(struct lexer *l, struct token *out, struct err *err)
{
    size_t from = l->at;
    bool real = false;
    if (peek(l, 0) == '0' && peek(l, 1) == 'x' && hex_digit(peek(l, 2)) >= 0) {
        l->at += 2;
        while (hex_digit(peek(l, 0)) >= 0)
            l->at++;
    } else {
        while (is_digit(peek(l, 0)))
            l->at++;
        if (peek(l, 0) == '.' && is_digit(peek(l, 1))) {
            real = true;
            l->at++;
            while (is_digit(peek(l, 0)))
                l->at++;
        }
        size_t sign = peek(l, 1) == '+' || peek(l, 1) == '-' ? 2 : 1;
        if ((peek(l, 0) | 0x20) == 'e' && is_digit(peek(l, sign))) {
            real = true;
            l->at += sign;
            while (is_digit(peek(l, 0)))
                l->at++;
        }
    }
    out->text = str_sub(l->source, from, l->at);
    out->kind = TOKEN_INT;
    if (!real && (peek(l, 0) | 0x20) == 'u') {
        l->at++;
        return lex_uint(l, out, out->text, err);
    }
    if (!real)
        return true;
    double d;
    /* ".5" is a number here */
    struct str text =
        out->text.p[0] == '.' ? str_printf(l->arena, "0%.*s", STR_ARG(out->text)) : out->text;
    if (!str_to_double(text, &d))
        return fault(l, from, err, "the number is out of range");
    out->kind = TOKEN_LITERAL;
    out->literal = value_double(d);
    return true;
}

/* ---- strings */

/* One escape after the backslash, at l->at; a code point or, in bytes, a byte. */
static bool lex_escape(struct lexer *l, bool bytes, struct buf *out, struct err *err)
{
    static const char plain[] = "abfnrtv\\'\"`?", means[] = "\a\b\f\n\r\t\v\\'\"`?";
    size_t start = l->at - 1;
    char c = peek(l, 0);
    const char *known = c ? strchr(plain, c) : NULL;
    uint32_t code = 0;
    int digits = 0, base = 16;
    if (known) {
        l->at++;
        buf_add_char(out, means[known - plain]);
        return true;
    }
    if (c >= '0' && c <= '3')
        digits = 3, base = 8;
    else if (c == 'x' || c == 'X')
        digits = 2, l->at++;
    else if (c == 'u' && !bytes)
        digits = 4, l->at++;
    else if (c == 'U' && !bytes)
        digits = 8, l->at++;
    else
        return fault(l, start, err, "an escape sequence that the language does not have");
    for (int i = 0; i < digits; i++) {
        int d = hex_digit(peek(l, 0));
        if (d < 0 || d >= base || code > 0x0fffffff)
            return fault(l, start, err, "an escape sequence with too few digits");
        code = code * (uint32_t)base + (uint32_t)d;
        l->at++;
    }
    if (bytes) {
        buf_add_char(out, (char)(unsigned char)code);
        return true;
    }
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return fault(l, start, err, "an escape sequence that is no Unicode code point");
    char utf8[4];
    buf_add(out, str_of(utf8, str_utf8_encode(code, utf8)));
    return true;
}

struct string_form {
    bool raw, bytes, triple;
    char quote;
};

static bool at_end_quote(const struct lexer *l, const struct string_form *f)
{
    if (peek(l, 0) != f->quote || l->at >= l->source.n)
        return false;
    return !f->triple || (peek(l, 1) == f->quote && peek(l, 2) == f->quote);
}

static bool lex_string_body(struct lexer *l, const struct string_form *f, struct token *out,
                            struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(CEL_STRING_BYTES_MAX);
    bool copied = false;
    size_t from = l->at;
    while (!at_end_quote(l, f)) {
        if (l->at >= l->source.n)
            return fault(l, out->offset, err, "the text literal has no end");
        char c = l->source.p[l->at];
        if (!f->triple && (c == '\n' || c == '\r'))
            return fault(l, out->offset, err, "the text literal has no end on its line");
        if (c == '\\' && !f->raw) {
            if (!copied)
                buf_add(&text, str_sub(l->source, from, l->at));
            copied = true;
            l->at++;
            if (!lex_escape(l, f->bytes, &text, err))
                return false;
            continue;
        }
        if (f->triple && c == '\r') { /* line ends are \n */
            if (!copied)
                buf_add(&text, str_sub(l->source, from, l->at));
            copied = true;
            buf_add_char(&text, '\n');
            l->at += peek(l, 1) == '\n' ? 2 : 1;
            continue;
        }
        if (copied)
            buf_add_char(&text, c);
        l->at++;
    }
    struct str body = copied ? str_dup(l->arena, buf_str(&text)) : str_sub(l->source, from, l->at);
    if (!buf_ok(&text, "a text literal", err))
        return false;
    l->at += f->triple ? 3 : 1;
    if (!f->bytes && !str_is_utf8(body))
        return fault(l, out->offset, err, "the text literal is not UTF-8");
    out->kind = TOKEN_LITERAL;
    out->literal = f->bytes ? value_bytes(body) : value_str(body);
    return true;
}

/* Whether a text literal starts here: an optional b, an optional r, in either case, then a quote.
 */
static bool string_form_at(const struct lexer *l, struct string_form *f, size_t *prefix)
{
    *f = (struct string_form){ 0 };
    size_t n = 0;
    if ((peek(l, n) | 0x20) == 'b') {
        f->bytes = true;
        n++;
    }
    if ((peek(l, n) | 0x20) == 'r') {
        f->raw = true;
        n++;
    }
    f->quote = peek(l, n);
    *prefix = n;
    return f->quote == '"' || f->quote == '\'';
}

static bool lex_string(struct lexer *l, struct string_form *f, size_t prefix, struct token *out,
                       struct err *err)
{
    l->at += prefix;
    f->triple = peek(l, 1) == f->quote && peek(l, 2) == f->quote;
    l->at += f->triple ? 3 : 1;
    return lex_string_body(l, f, out, err);
}

/* ---- names and signs */

static void lex_ident(struct lexer *l, struct token *out)
{
    size_t from = l->at;
    while (is_ident_start(peek(l, 0)) || is_digit(peek(l, 0)))
        l->at++;
    out->text = str_sub(l->source, from, l->at);
    out->kind = str_eq(out->text, STR("true"))    ? TOKEN_TRUE
                : str_eq(out->text, STR("false")) ? TOKEN_FALSE
                : str_eq(out->text, STR("null"))  ? TOKEN_NULL
                : str_eq(out->text, STR("in"))    ? TOKEN_IN
                                                  : TOKEN_IDENT;
}

/* `a-b`: a field name that is no identifier. */
static bool lex_quoted_ident(struct lexer *l, struct token *out, struct err *err)
{
    size_t from = ++l->at;
    while (l->at < l->source.n && l->source.p[l->at] != '`') {
        char c = l->source.p[l->at];
        if (!is_ident_start(c) && !is_digit(c) && c != '.' && c != '-' && c != '/' && c != ' ')
            return fault(l, l->at, err,
                         "a quoted field name may hold letters, digits, _ . - / and spaces");
        l->at++;
    }
    out->text = str_sub(l->source, from, l->at);
    if (l->at >= l->source.n || !out->text.n)
        return fault(l, out->offset, err, "the quoted field name has no end, or is empty");
    l->at++;
    out->kind = TOKEN_QUOTED_IDENT;
    return true;
}

static bool lex_sign(struct lexer *l, struct token *out, struct err *err)
{
    static const struct {
        char text[3];
        enum token_kind kind;
    } sign[] = {
        { "&&", TOKEN_AND },     { "||", TOKEN_OR },     { "==", TOKEN_EQ },
        { "!=", TOKEN_NE },      { "<=", TOKEN_LE },     { ">=", TOKEN_GE },
        { "<", TOKEN_LT },       { ">", TOKEN_GT },      { ".", TOKEN_DOT },
        { ",", TOKEN_COMMA },    { ":", TOKEN_COLON },   { "?", TOKEN_QUESTION },
        { "(", TOKEN_LPAREN },   { ")", TOKEN_RPAREN },  { "[", TOKEN_LBRACKET },
        { "]", TOKEN_RBRACKET }, { "{", TOKEN_LBRACE },  { "}", TOKEN_RBRACE },
        { "+", TOKEN_PLUS },     { "-", TOKEN_MINUS },   { "*", TOKEN_STAR },
        { "/", TOKEN_SLASH },    { "%", TOKEN_PERCENT }, { "!", TOKEN_NOT },
    };
    for (size_t i = 0; i < sizeof sign / sizeof *sign; i++) {
        struct str text = str_from_c(sign[i].text);
        if (!str_eq(str_sub(l->source, l->at, l->at + text.n), text))
            continue;
        l->at += text.n;
        out->kind = sign[i].kind;
        return true;
    }
    char c = peek(l, 0);
    return fault(l, l->at, err,
                 c == '='   ? "a single \"=\": equality is \"==\""
                 : c == '&' ? "a single \"&\": and is \"&&\""
                 : c == '|' ? "a single \"|\": or is \"||\""
                            : "a character that has no meaning here");
}

bool lex_next(struct lexer *l, struct token *out, struct err *err)
{
    struct string_form form;
    size_t prefix;
    bool ok = true;
    skip_space(l);
    *out = (struct token){ .kind = TOKEN_END, .offset = (uint32_t)l->at };
    char c = peek(l, 0);
    if (l->at >= l->source.n)
        ok = true;
    else if (string_form_at(l, &form, &prefix))
        ok = lex_string(l, &form, prefix, out, err);
    else if (is_digit(c) || (c == '.' && is_digit(peek(l, 1))))
        ok = lex_number(l, out, err);
    else if (is_ident_start(c))
        lex_ident(l, out);
    else if (c == '`')
        ok = lex_quoted_ident(l, out, err);
    else
        ok = lex_sign(l, out, err);
    out->end = (uint32_t)l->at;
    return ok;
}
