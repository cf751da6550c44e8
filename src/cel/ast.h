/* The syntax tree of an expression. Made by parse, completed by resolve (names to slots, calls to
 * overloads), walked by eval. Every node knows its place in the source. */
#ifndef KUBEVOUCH_CEL_AST_H
#define KUBEVOUCH_CEL_AST_H

#include "cel/overload.h"

enum ast_kind {
    AST_LITERAL,   /* literal */
    AST_NAME,      /* name, before resolve: a variable, a type, a package; after: see .slot */
    AST_VARIABLE,  /* slot in the activation */
    AST_LOCAL,     /* slot in the frame: a macro's variable */
    AST_SELECT,    /* arg[0] . name */
    AST_HAS,       /* has(arg[0] . name) */
    AST_INDEX,     /* arg[0] [ arg[1] ] */
    AST_CALL,      /* name(arg...), or a member call: arg[0] is the receiver */
    AST_AND,       /* arg[0] && arg[1] && ... */
    AST_OR,        /* arg[0] || arg[1] || ... */
    AST_CONDITION, /* arg[0] ? arg[1] : arg[2] */
    AST_LIST,      /* [arg...] */
    AST_MAP,       /* {arg[0]: arg[1], ...} */
    AST_MACRO,     /* a comprehension: arg[0] is the range, then its bodies */
    AST_BIND,      /* arg[0] evaluated once into slot, then arg[1]: cel.bind, optMap, optFlatMap */
};
enum ast_macro {
    MACRO_ALL, /* arg[1] for every element */
    MACRO_EXISTS,
    MACRO_EXISTS_ONE,
    MACRO_MAP, /* arg[1] is the result; arg[2], if there, the filter before it */
    MACRO_FILTER,
    MACRO_TRANSFORM_LIST, /* as map, with two variables */
    MACRO_TRANSFORM_MAP,
    MACRO_TRANSFORM_MAP_ENTRY,
};
enum ast_flags {
    /* of select and index: .?name, [?i]; of a list's or map's element: see entry_optional */
    AST_OPTIONAL = 1,
    AST_MEMBER = 2,   /* of a call: written x.f(...) */
    AST_ABSOLUTE = 4, /* of a name: written with a dot in front */
    AST_TWO_VARS = 8, /* of a macro: index and value, or key and value */
    /* of a bind: its init is an optional, none skips the body; the result is wrapped */
    AST_OPT_MAP = 16,
    AST_OPT_FLAT = 32, /* as AST_OPT_MAP, and the body gives the optional itself */
    AST_PAREN = 64,    /* written in parentheses: does not join && and || chains */
};

/* Calls that eval knows a short way for. */
enum ast_short { SHORT_NONE, SHORT_EQ, SHORT_NE, SHORT_NOT, SHORT_IN, SHORT_OR_VALUE, SHORT_OR };

struct ast {
    uint8_t kind, flags;
    uint8_t macro;       /* enum ast_macro */
    uint8_t shortcut;    /* enum ast_short, of a call */
    uint16_t depth;      /* of the tree below, 1 for a leaf */
    uint32_t start, end; /* bytes [start, end) of the source, parentheses around it included */
    uint32_t offset; /* where messages point: the operator, the field's or the function's name */
    uint32_t slot, slot2;   /* variable, local, macro, bind */
    uint32_t hash;          /* of name, in select and has: value_key_hash */
    struct str name, name2; /* name2: a macro's second variable */
    struct value literal;
    struct ast **arg;
    uint32_t arg_count;
    const bool *entry_optional; /* of list and map: which elements are [?x], {?k: v}; NULL none */
    const struct overload *overload; /* candidates of a call, by arity */
    uint32_t overload_count;
    const struct cel_host_function *host;
    const void *prepared;
};

#endif
