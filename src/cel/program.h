/* The front door of the expression language: compile once, evaluate often.
 *
 * The language is CEL (cel-spec) for JSON-shaped data with Kubernetes' libraries; differences are
 * listed in kubevouch-cel(7). Errors are values (VALUE_ERROR with the offset in the source); the C
 * result is never used for them. A program is immutable: any number of threads may evaluate it.
 *
 * The way of an expression, each step a file with its header: lex (text to tokens), parse (tokens
 * to the tree of ast.h; macro expands all, has, cel.bind), resolve (names to slots, calls to rows
 * of overload.def), check (types, fields of a schema), fold (constant lists): that is cel_compile,
 * here in program.c. eval walks the tree, eval_macro the comprehensions; a call goes to its row's
 * function in operator.c or lib_*.c. What the value means, true, false or an error, is said in
 * audit/judge.c and vap/run.c: PASS, FAIL or UNKNOWN. */
#ifndef KUBEVOUCH_CEL_PROGRAM_H
#define KUBEVOUCH_CEL_PROGRAM_H

#include "value/value.h"

struct cel_program;
struct cel_call;

/* What a host function gets. */
struct cel_call {
    struct arena *scratch; /* results live here */
    void *host;            /* the activation's */
    uint32_t offset;       /* of the call in the source */
    uint64_t *cost_left;   /* the evaluation's budget: library functions take from it */
    /* what the function's prepare made of constant arguments when the program was
     * compiled (a regular expression), or NULL */
    const void *prepared;
};

/* What is known of a variable's value before it is there: the checker finds misspelt fields with
 * it. */
struct cel_schema_field {
    struct str name;
    const struct cel_schema *schema;
    const char *absent; /* why an expression may not ask for it ("is not read"); NULL: it may */
};
struct cel_schema {
    uint16_t kinds;                       /* 1 << enum value_kind, or-ed: what it may be */
    bool open;                            /* of a map: other fields than these may be there */
    const struct cel_schema_field *field; /* of a map, sorted by name */
    size_t field_count;
    /* of a list's items, a map's values, an optional's value; NULL: unknown */
    const struct cel_schema *held;
    const char *opaque; /* of an opaque value: its type ("net.IP"); NULL: unknown */
};

/* A function of the host (the audit) beside the language's own. arg[0] is the receiver of a member
 * call. Text of an error should say what to do. */
#define CEL_HOST_ARGS_MAX 4
typedef struct value cel_function(struct cel_call *call, const struct value *arg, size_t arg_count);
struct cel_host_function {
    const char *name;  /* "holds" */
    bool member;       /* x.holds(a) rather than holds(x, a) */
    uint8_t arg_count; /* the receiver included */
    cel_function *fn;
    const char *summary; /* for the man page */
    /* What the checker knows of the arguments and the result; NULL: anything. */
    const struct cel_schema *arg[CEL_HOST_ARGS_MAX], *result;
};
/* The names an expression may use. A name may be qualified ("variables.containers"): the longest
 * match wins, as CEL resolves names. Slot i is variable[i]. */
struct cel_variable {
    struct str name;
    const struct cel_schema *schema; /* NULL: dyn. Used by the checker (field names) when set */
};
struct cel_limits {
    uint32_t source_bytes, depth, nodes; /* 0: CEL_SOURCE_BYTES_MAX, CEL_DEPTH_MAX, CEL_NODES_MAX */
};
#define CEL_SOURCE_BYTES_MAX 65536u
#define CEL_DEPTH_MAX        200u
#define CEL_NODES_MAX        20000u
struct cel_env {
    const struct cel_variable *variable;
    size_t variable_count;
    const struct cel_host_function *function;
    size_t function_count;
    struct cel_limits limits;
    /* May be NULL. Asked for the schema of a variable that has none above; NULL: dyn. */
    const struct cel_schema *(*schema_of)(void *ctx, uint32_t slot);
    void *schema_ctx;
    /* "a.b": a name x is a.b.x, a.x or x, whichever is there first; .x is x alone. Empty: none */
    struct str container;
    /* Unknown names and functions, and types that fit none, are evaluation errors, which && and ||
     * may absorb (cel-spec without a checker), instead of compile errors. */
    bool lenient;
    /* Types as a kube-apiserver's checker has them for an admission policy: what is not dyn must
     * agree (the elements of a list, the sides of ==, the branches of ?:), and functions that it
     * does not declare are unknown (admission.def). Source: cel-go checker, k8s.io/apiserver
     * pkg/cel/environment. */
    bool admission;
};

/* Compiles source (kept by reference together with file for error positions). pos is where the text
 * starts in its file, for file:line:column; err->text names what is wrong and a suggestion. Unknown
 * names, fields and functions, wrong arity and syntax are errors here, not at evaluation, and so
 * are types as far as they are known. */
bool cel_compile(struct cel_program **out, struct arena *a, struct str source, struct pos pos,
                 const struct cel_env *env, struct err *err) WARN_UNUSED;

/* Of one expression, and of all expressions over one object: Kubernetes' limits per call and per
 * policy. */
#define CEL_COST_MAX       1000000u
#define CEL_COST_TOTAL_MAX 10000000u
#define CEL_KNOWN          1
/* One evaluation's inputs. var[slot] is used unless resolve is set and returns something for the
 * slot: lazily made values (variables, params, facts). */
struct cel_activation {
    const struct value *var;
    /* may be NULL. known[slot] is CEL_KNOWN: var[slot] was made before, and resolve is not called
     */
    const uint8_t *known;
    /* May be NULL. Called at most once per use; must itself remember. Returns false: use var[slot].
     */
    bool (*resolve)(void *ctx, uint32_t slot, struct value *out, struct arena *scratch);
    void *ctx;
    void *host;         /* for host functions */
    uint64_t cost_left; /* set to CEL_COST_MAX or less; counts down; at 0 an error value results */
    struct instant now; /* unused by the language itself; for libraries that need a fixed clock */
};
struct value cel_eval(const struct cel_program *p, struct cel_activation *act,
                      struct arena *scratch);
struct str cel_source(const struct cel_program *p);
/* What the result may be, as far as the checker knows; anything for a lenient environment. An error
 * is always possible. It is the schema of a variable that the expression defines, and lives as long
 * as p. */
const struct cel_schema *cel_result(const struct cel_program *p);
/* Which variables the program names: sets used[slot] (variable_count of the env). */
void cel_used_variables(const struct cel_program *p, bool *used);

/* The value of each subexpression of a failed check, outermost first, for reports and --explain. */
struct cel_explained {
    uint32_t offset, length; /* in the source */
    struct value value;
};
/* Evaluates again and writes at most cap rows; returns how many there are. Comprehension bodies are
 * shown for the element that decided. */
size_t cel_explain(const struct cel_program *p, struct cel_activation *act, struct arena *scratch,
                   struct cel_explained *row, size_t cap);
/* A value as CEL text ("[1, 'a']"), cut at limit bytes with "..." marked; what is tainted
 * (value/taint.h) as its type and size. */
struct str cel_value_text(struct arena *a, struct value v, size_t limit);

#endif
