/* Text of an expression into tokens (cel-spec, langdef, "Syntax"). */
#ifndef KUBEVOUCH_CEL_LEX_H
#define KUBEVOUCH_CEL_LEX_H

#include "value/value.h"

/* Of one text literal. */
#define CEL_STRING_BYTES_MAX ((size_t)1 << 20)

enum token_kind {
    /* INT apart: its sign may stand in front */
    TOKEN_END,
    TOKEN_IDENT,
    TOKEN_QUOTED_IDENT,
    TOKEN_LITERAL,
    TOKEN_INT,
    TOKEN_TRUE,
    TOKEN_FALSE,
    TOKEN_NULL,
    TOKEN_IN,
    TOKEN_DOT,
    TOKEN_COMMA,
    TOKEN_COLON,
    TOKEN_QUESTION,
    TOKEN_LPAREN,
    TOKEN_RPAREN,
    TOKEN_LBRACKET,
    TOKEN_RBRACKET,
    TOKEN_LBRACE,
    TOKEN_RBRACE,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_STAR,
    TOKEN_SLASH,
    TOKEN_PERCENT,
    TOKEN_NOT,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_EQ,
    TOKEN_NE,
    TOKEN_LT,
    TOKEN_LE,
    TOKEN_GT,
    TOKEN_GE,
};
struct token {
    enum token_kind kind;
    uint32_t offset, end;
    struct str text; /* of an identifier, of an integer's digits ("0x1F") */
    struct value literal;
};
struct lexer {
    struct arena *arena; /* for literals with escapes */
    struct str source;
    size_t at;
    uint32_t fault_offset; /* of the last failure */
};
/* The next token. False: err has the text, l->fault_offset the place. */
bool lex_next(struct lexer *l, struct token *out, struct err *err) WARN_UNUSED;
/* An identifier that the language keeps for itself ("for", "namespace"). */
bool lex_is_reserved(struct str name);

#endif
