/* Types of a resolved tree, as far as they are known without evaluating. */
#include "cel/check.h"

#include "base/buf.h"
#include "base/names.h"
#include "cel/lib_time.h"
#include "cel/operator.h"
#include "cel/parse.h"

/* A type is a schema: which kinds, what it holds. Kinds 0 is the type of no value: what [] holds.
 */

#define HOLDERS        (K_LIST | K_MAP | K_OPTIONAL)
#define KEYS           (K_BOOL | K_INT | K_UINT | K_STRING)
#define JOIN_DEPTH_MAX 8

struct checker {
    struct arena *arena;
    struct str source;
    const struct cel_env *env;
    const struct cel_schema **local; /* of each place in the frame */
    struct err *err;
};

static const struct cel_schema any = { .kinds = K_ANY }, nothing = { .kinds = 0 },
                               key_type = { .kinds = KEYS };

#define ROW(k) [k] = { .kinds = KIND_BIT(k) }
static const struct cel_schema plain[] = {
    ROW(VALUE_NULL),     ROW(VALUE_BOOL),      ROW(VALUE_INT),      ROW(VALUE_UINT),
    ROW(VALUE_DOUBLE),   ROW(VALUE_STRING),    ROW(VALUE_BYTES),    ROW(VALUE_LIST),
    ROW(VALUE_MAP),      ROW(VALUE_TIMESTAMP), ROW(VALUE_DURATION), ROW(VALUE_TYPE),
    ROW(VALUE_OPTIONAL), ROW(VALUE_OPAQUE),
};
#undef ROW

/* NULL: err is set. */
static const struct cel_schema *check(struct checker *c, const struct ast *n);

static const struct cel_schema *fault(struct checker *c, const struct ast *n, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
static const struct cel_schema *fault(struct checker *c, const struct ast *n, const char *fmt, ...)
{
    char text[sizeof c->err->text];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)err_set_at(c->err, ERR_INPUT, parse_place(c->source, n->offset), "%s", text);
    return NULL;
}

/* ---- types */

static const struct cel_schema *make(struct checker *c, unsigned kinds,
                                     const struct cel_schema *held)
{
    struct cel_schema *t = arena_new(c->arena, struct cel_schema);
    *t = (struct cel_schema){ .kinds = (uint16_t)kinds, .held = held, .open = true };
    return t;
}

static const struct cel_schema *held_by(const struct cel_schema *t)
{
    return t->held ? t->held : &any;
}

/* The type of a value that is of one or of the other. */
static const struct cel_schema *join(struct checker *c, const struct cel_schema *a,
                                     const struct cel_schema *b, int depth)
{
    if (a == b || !b->kinds)
        return a;
    if (!a->kinds)
        return b;
    struct cel_schema *t = arena_new(c->arena, struct cel_schema);
    *t = (struct cel_schema){ .kinds = a->kinds | b->kinds, .open = true };
    if (!(a->kinds & HOLDERS) || !(b->kinds & HOLDERS))
        t->held = a->kinds & HOLDERS ? a->held : b->held;
    else if (a->held && b->held && depth < JOIN_DEPTH_MAX)
        t->held = join(c, a->held, b->held, depth + 1);
    /* fields stay known when the other is no map, or the empty one */
    const struct cel_schema *named = !(b->kinds & K_MAP) || b->held == &nothing   ? a
                                     : !(a->kinds & K_MAP) || a->held == &nothing ? b
                                                                                  : NULL;
    if (!named)
        return t;
    t->field = named->field;
    t->field_count = named->field_count;
    t->open = named->open;
    return t;
}

/* "int or string" */
static struct str kinds_text(struct checker *c, unsigned kinds)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(512);
    if (kinds == K_ANY)
        return STR("any");
    for (unsigned k = 0; k < VALUE_ERROR; k++)
        if (kinds & KIND_BIT(k))
            buf_addf(&b, "%s%s", b.n ? " or " : "", value_kind_name((enum value_kind)k));
    return str_dup(c->arena, buf_str(&b));
}

static bool expect(struct checker *c, const struct ast *n, const struct cel_schema *t,
                   unsigned kinds, const char *what)
{
    if (!t)
        return false;
    if (t->kinds & kinds)
        return true;
    struct str is = kinds_text(c, t->kinds);
    return fault(c, n, "%s, not %.*s", what, STR_ARG(is)) != NULL;
}

/* ---- an API server's own strictness (cel_env.admission) */

static bool is_single(unsigned kinds)
{
    return kinds && !(kinds & (kinds - 1));
}

/* Whether a checker that knows both types exactly lets one stand for the other; a type of several
 * kinds is dyn there. null stands for what is a message or an abstract type. */
static bool agree(const struct cel_schema *a, const struct cel_schema *b, int depth)
{
    const unsigned nullable = K_TIMESTAMP | K_DURATION | K_OPAQUE | K_OPTIONAL;
    if (!is_single(a->kinds) || !is_single(b->kinds))
        return true;
    if (a->kinds != b->kinds)
        return (a->kinds == K_NULL && (b->kinds & nullable)) ||
               (b->kinds == K_NULL && (a->kinds & nullable));
    if (a->opaque && b->opaque && strcmp(a->opaque, b->opaque) != 0)
        return false;
    if (!(a->kinds & HOLDERS) || !a->held || !b->held || depth >= JOIN_DEPTH_MAX)
        return true;
    return agree(a->held, b->held, depth + 1);
}

/* Elements of one literal are of one type to the letter: dyn beside int is two. What nothing is
 * known of ([]) goes with all. */
static bool is_same(const struct cel_schema *a, const struct cel_schema *b, int depth)
{
    if (!a->kinds || !b->kinds)
        return true;
    if (is_single(a->kinds) != is_single(b->kinds) || !agree(a, b, 0))
        return false;
    if (!is_single(a->kinds) || !(a->kinds & HOLDERS) || depth >= JOIN_DEPTH_MAX)
        return true;
    return is_same(held_by(a), held_by(b), depth + 1);
}

static bool expect_same(struct checker *c, const struct ast *n, const struct cel_schema *a,
                        const struct cel_schema *b, const char *what)
{
    if (!c->env->admission || is_same(a, b, 0))
        return true;
    struct str left = kinds_text(c, a->kinds), right = kinds_text(c, b->kinds);
    return fault(c, n, "%s: an API server refuses %.*s beside %.*s", what, STR_ARG(left),
                 STR_ARG(right)) != NULL;
}

static bool expect_agreement(struct checker *c, const struct ast *n, const struct cel_schema *a,
                             const struct cel_schema *b, const char *what)
{
    if (!c->env->admission || agree(a, b, 0))
        return true;
    struct str left = kinds_text(c, a->kinds), right = kinds_text(c, b->kinds);
    return fault(c, n, "%s: an API server refuses %.*s beside %.*s", what, STR_ARG(left),
                 STR_ARG(right)) != NULL;
}

/* ---- fields and elements */

static const struct cel_schema *no_field(struct checker *c, const struct ast *n,
                                         const struct cel_schema *of, struct str name)
{
    const char **known = arena_array(c->arena, const char *, of->field_count);
    for (size_t i = 0; i < of->field_count; i++)
        known[i] = str_to_c(c->arena, of->field[i].name);
    const char *near = names_nearest(known, of->field_count, name);
    return fault(c, n, "no field \"%.*s\"%s%s%s", STR_ARG(str_sub(name, 0, 100)),
                 near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static const struct cel_schema *known_field(struct checker *c, const struct ast *n,
                                            const struct cel_schema_field *f)
{
    if (f->absent)
        return fault(c, n, "field \"%.*s\" %s", STR_ARG(f->name), f->absent);
    return f->schema ? f->schema : &any;
}

/* The type of a map's value under a name. */
static const struct cel_schema *field_of(struct checker *c, const struct ast *n,
                                         const struct cel_schema *of, struct str name)
{
    size_t low = 0, high = of->field_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(of->field[middle].name, name);
        if (order == 0)
            return known_field(c, n, &of->field[middle]);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (of->field_count && !of->open && !of->held && (of->kinds & ~K_NULL) == K_MAP)
        return no_field(c, n, of, name);
    return of->kinds == K_MAP && of->held && of->held->kinds ? of->held : &any;
}

/* Looks through an optional: *boxed is whether what is asked of it is one too. */
static const struct cel_schema *unbox(const struct cel_schema *t, bool *boxed)
{
    *boxed = t->kinds == K_OPTIONAL;
    return *boxed ? held_by(t) : t;
}

static const struct cel_schema *check_select(struct checker *c, const struct ast *n)
{
    bool boxed;
    const struct cel_schema *of = check(c, n->arg[0]);
    if (!expect(c, n, of, K_MAP | K_OPTIONAL, "only a map has fields"))
        return NULL;
    const struct cel_schema *t = field_of(c, n, unbox(of, &boxed), n->name);
    if (!t || n->kind == AST_HAS)
        return t ? &plain[VALUE_BOOL] : NULL;
    if (boxed || (n->flags & AST_OPTIONAL))
        return make(c, K_OPTIONAL, t);
    return of->kinds & K_OPTIONAL ? &any : t;
}

static const struct cel_schema *check_index(struct checker *c, const struct ast *n)
{
    bool boxed;
    const struct cel_schema *of = check(c, n->arg[0]), *key = of ? check(c, n->arg[1]) : NULL,
                            *t = &any;
    if (!key || !expect(c, n, of, HOLDERS, "only a list or a map has elements"))
        return NULL;
    const struct cel_schema *in = unbox(of, &boxed);
    bool list = in->kinds == K_LIST, map = in->kinds == K_MAP;
    if (list && !expect(c, n->arg[1], key, K_NUMBER, "a list is indexed by a whole number"))
        return NULL;
    if (map &&
        !expect(c, n->arg[1], key, KEYS | K_DOUBLE, "a key is text, a whole number or a bool"))
        return NULL;
    if (map && n->arg[1]->kind == AST_LITERAL && n->arg[1]->literal.kind == VALUE_STRING)
        t = field_of(c, n->arg[1], in, value_text(n->arg[1]->literal));
    else if (list || (map && !in->field_count))
        t = held_by(in)->kinds ? held_by(in) : &any;
    if (!t || boxed || (n->flags & AST_OPTIONAL))
        return t ? make(c, K_OPTIONAL, t) : NULL;
    return of->kinds & K_OPTIONAL ? &any : t;
}

/* ---- literals of lists and maps */

static const struct cel_schema *element(struct checker *c, const struct ast *n,
                                        const struct cel_schema *so_far, bool optional)
{
    const struct cel_schema *t = check(c, n);
    if (!t ||
        (optional && !expect(c, n, t, K_OPTIONAL, "an element after \"?\" must be an optional")))
        return NULL;
    if (optional)
        t = t->kinds == K_OPTIONAL ? held_by(t) : &any;
    return expect_same(c, n, so_far, t, "elements of one list or map are of one type")
               ? join(c, so_far, t, 0)
               : NULL;
}

static const struct cel_schema *check_list(struct checker *c, const struct ast *n)
{
    const struct cel_schema *held = &nothing;
    for (uint32_t i = 0; i < n->arg_count && held; i++)
        held = element(c, n->arg[i], held, n->entry_optional && n->entry_optional[i]);
    return held ? make(c, K_LIST, held) : NULL;
}

static const struct cel_schema *check_map(struct checker *c, const struct ast *n)
{
    const struct cel_schema *held = &nothing, *keys = &nothing;
    for (uint32_t i = 0; i + 1 < n->arg_count && held; i += 2) {
        const struct cel_schema *key = check(c, n->arg[i]);
        if (!expect(c, n->arg[i], key, KEYS, "a key is text, a whole number or a bool") ||
            !expect_same(c, n->arg[i], keys, key, "keys of one map are of one type"))
            return NULL;
        keys = join(c, keys, key, 0);
        held = element(c, n->arg[i + 1], held, n->entry_optional && n->entry_optional[i / 2]);
    }
    return held ? make(c, K_MAP, held) : NULL;
}

/* ---- calls */

static bool is_undeclared(const struct overload *o)
{
    static const struct {
        struct str name;
        unsigned receiver;
    } row[] = {
#define UNDECLARED(name, receiver) { { name, sizeof(name) - 1 }, receiver },
#include "cel/admission.def"
#undef UNDECLARED
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        bool package = row[i].name.p[row[i].name.n - 1] == '.';
        bool named = package ? str_has_prefix(str_from_c(o->name), row[i].name)
                             : str_eq_c(row[i].name, o->name);
        if (named && (row[i].receiver & o->kind[0]))
            return true;
    }
    return false;
}

/* Whether the types that a row names by one letter are one type. */
static bool same_letter(const struct overload *o, const struct cel_schema *const *arg,
                        uint32_t count)
{
    if (o->style == OVERLOAD_MEMBER && count == 2 && o->kind[0] == K_LIST && o->kind[1] == K_ANY)
        return agree(held_by(arg[0]), arg[1], 0);
    if (strncmp(o->name, "sets.", 5) == 0 && count == 2)
        return agree(arg[0], arg[1], 0);
    if (o->gives == GIVES_SELF_OR_LAST)
        return agree(arg[0], arg[count - 1], 0);
    if (o->gives == GIVES_HELD_OR_LAST)
        return arg[0]->kinds != K_OPTIONAL || agree(held_by(arg[0]), arg[count - 1], 0);
    return true;
}

static bool fits(const struct overload *o, const struct cel_schema *const *arg, uint32_t count)
{
    bool variadic = o->arg_count == OVERLOAD_VARIADIC;
    if (variadic ? count == 0 : o->arg_count != count)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!(arg[i]->kinds & o->kind[variadic ? 0 : i]))
            return false;
    return true;
}

/* As much of a type as a function takes. */
static const struct cel_schema *narrow(struct checker *c, const struct cel_schema *t,
                                       unsigned kinds)
{
    if (!(t->kinds & ~kinds))
        return t;
    struct cel_schema *less = arena_new(c->arena, struct cel_schema);
    *less = *t;
    less->kinds &= (uint16_t)kinds;
    return less;
}

/* The types of opaque values by the functions that make them. */
static const char *opaque_made_by(const char *name)
{
    static const struct {
        const char *name, *type;
    } row[] = { { "quantity", "kubernetes.Quantity" },
                { "add", "kubernetes.Quantity" },
                { "sub", "kubernetes.Quantity" },
                { "ip", "net.IP" },
                { "cidr", "net.CIDR" },
                { "masked", "net.CIDR" },
                { "url", "kubernetes.URL" },
                { "semver", "kubernetes.Semver" } };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (strcmp(row[i].name, name) == 0)
            return row[i].type;
    return NULL;
}

static const struct cel_schema *result_of(struct checker *c, const struct overload *o,
                                          const struct cel_schema *const *arg, uint32_t count)
{
    if (o->gives == K_OPAQUE) {
        struct cel_schema *t = arena_new(c->arena, struct cel_schema);
        *t = (struct cel_schema){ .kinds = K_OPAQUE, .opaque = opaque_made_by(o->name) };
        return t;
    }
    if (o->gives < GIVES_SELF)
        return make(c, o->gives, NULL);
    bool holder = (arg[0]->kinds & HOLDERS) == arg[0]->kinds;
    const struct cel_schema *held = holder ? held_by(arg[0]) : &any;
    switch ((enum overload_gives)o->gives) {
    case GIVES_SELF:
        return narrow(c, arg[0], o->kind[0]);
    case GIVES_SELF_OR_LAST:
        return join(c, narrow(c, arg[0], o->kind[0]), narrow(c, arg[count - 1], o->kind[count - 1]),
                    0);
    case GIVES_HELD:
        return held->kinds ? held : &any;
    case GIVES_HELD_OR_LAST:
        return join(c, held, arg[count - 1], 0);
    case GIVES_BOX_SELF:
        return make(c, K_OPTIONAL, arg[0]);
    case GIVES_BOX_HELD:
        return make(c, K_OPTIONAL, held);
    }
    return &any;
}

/* Numbers are equal across kinds. */
static unsigned comparable(unsigned kinds)
{
    return kinds & K_NUMBER ? kinds | K_NUMBER : kinds;
}

/* A comparison that can only be false is a mistake; null itself is compared with anything. */
static bool never_equal(unsigned a, unsigned b)
{
    return a && b && !(comparable(a) & comparable(b)) && a != K_NULL && b != K_NULL;
}

static bool check_equality(struct checker *c, const struct ast *n,
                           const struct cel_schema *const *arg)
{
    cel_function *fn = n->overload->fn;
    bool in_list = fn == cel_op_in && arg[1]->kinds == K_LIST;
    if (c->env->admission && fn == cel_op_in && n->arg[1]->kind == AST_MAP &&
        n->arg[1]->arg_count && n->arg[1]->arg[0]->kind == AST_LITERAL)
        return expect_agreement(c, n->arg[1], arg[0], &plain[n->arg[1]->arg[0]->literal.kind],
                                "what is looked for is of the keys' type");
    if (fn != cel_op_eq && fn != cel_op_ne && !in_list)
        return true;
    const struct cel_schema *other = in_list ? held_by(arg[1]) : arg[1];
    if (c->env->admission)
        return expect_agreement(c, n->arg[1], arg[0], other, "what is compared is of one type");
    if (!never_equal(arg[0]->kinds, other->kinds))
        return true;
    struct str left = kinds_text(c, arg[0]->kinds), right = kinds_text(c, other->kinds);
    return fault(c, n->arg[1], "%.*s is never equal to %.*s", STR_ARG(left), STR_ARG(right)) !=
           NULL;
}

static const struct cel_schema *no_overload(struct checker *c, const struct ast *n,
                                            const struct cel_schema *const *arg)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(400);
    struct str *kinds = arena_array(c->arena, struct str, n->arg_count);
    for (uint32_t i = 0; i < n->arg_count; i++)
        kinds[i] = kinds_text(c, arg[i]->kinds);
    overload_put_call(&b, n->name, (n->flags & AST_MEMBER) != 0, kinds, n->arg_count);
    return fault(c, n, "no such overload: %.*s", STR_ARG(buf_str(&b)));
}

static const struct cel_schema *check_host_call(struct checker *c, const struct ast *n,
                                                const struct cel_schema *const *arg)
{
    const struct cel_host_function *f = n->host;
    for (uint32_t i = 0; i < n->arg_count && i < CEL_HOST_ARGS_MAX; i++) {
        if (!f->arg[i] || !f->arg[i]->kinds || (arg[i]->kinds & f->arg[i]->kinds))
            continue;
        struct str wants = kinds_text(c, f->arg[i]->kinds), is = kinds_text(c, arg[i]->kinds);
        return fault(c, n->arg[i], "argument %u of %s() must be %.*s, not %.*s", i + 1 - f->member,
                     f->name, STR_ARG(wants), STR_ARG(is));
    }
    return f->result ? f->result : &any;
}

/* A constant duration or time is read when the policy is made. */
static bool check_constant(struct checker *c, const struct ast *n)
{
    struct cel_call call = { .scratch = c->arena, .offset = n->offset };
    cel_function *fn = n->overload->fn;
    if (!c->env->admission || n->arg_count != 1 ||
        (fn != cel_duration_of && fn != cel_timestamp_of) || n->arg[0]->kind != AST_LITERAL ||
        n->arg[0]->literal.kind != VALUE_STRING)
        return true;
    struct value v = fn(&call, &n->arg[0]->literal, 1);
    return !value_is_error(v) || fault(c, n->arg[0], "%.*s", STR_ARG(v.as.error->text)) != NULL;
}

static const struct cel_schema *check_call(struct checker *c, const struct ast *n)
{
    const struct cel_schema **arg = arena_array(c->arena, const struct cel_schema *, n->arg_count),
                            *t = &nothing;
    bool any_fits = false;
    for (uint32_t i = 0; i < n->arg_count; i++)
        if (!(arg[i] = check(c, n->arg[i])))
            return NULL;
    if (n->host)
        return check_host_call(c, n, arg);
    if (!n->overload)
        return &any;
    bool admission = c->env->admission, declared = !admission;
    for (uint32_t i = 0; i < n->overload_count; i++) {
        const struct overload *o = &n->overload[i];
        if (admission && is_undeclared(o))
            continue;
        declared = true;
        if (fits(o, arg, n->arg_count) && (!admission || same_letter(o, arg, n->arg_count))) {
            t = join(c, t, result_of(c, &n->overload[i], arg, n->arg_count), 0);
            any_fits = true;
        }
    }
    if (!declared)
        return fault(c, n, "function \"%.*s\" is not declared to admission policies",
                     STR_ARG(n->name));
    if (!any_fits)
        return no_overload(c, n, arg);
    return !check_equality(c, n, arg) || !check_constant(c, n) ? NULL : t->kinds ? t : &any;
}

/* ---- logic, macros */

static const struct cel_schema *check_logic(struct checker *c, const struct ast *n)
{
    for (uint32_t i = 0; i < n->arg_count; i++)
        if (!expect(c, n->arg[i], check(c, n->arg[i]), K_BOOL, "expected a bool"))
            return NULL;
    return &plain[VALUE_BOOL];
}

static const struct cel_schema *check_condition(struct checker *c, const struct ast *n)
{
    if (!expect(c, n->arg[0], check(c, n->arg[0]), K_BOOL, "the condition must be a bool"))
        return NULL;
    const struct cel_schema *yes = check(c, n->arg[1]), *no = yes ? check(c, n->arg[2]) : NULL;
    return no && expect_agreement(c, n->arg[2], yes, no, "both branches are of one type")
               ? join(c, yes, no, 0)
               : NULL;
}

static void set_variables(struct checker *c, const struct ast *n, const struct cel_schema *range)
{
    bool list = range->kinds == K_LIST, map = range->kinds == K_MAP;
    const struct cel_schema *held =
        (list || (map && !range->field_count)) && held_by(range)->kinds ? held_by(range) : &any;
    const struct cel_schema *key = list ? &plain[VALUE_INT] : map ? &key_type : &any;
    bool two = (n->flags & AST_TWO_VARS) != 0;
    c->local[n->slot] = two ? key : list ? held : map ? &key_type : &any;
    if (two)
        c->local[n->slot2] = held;
}

static const struct cel_schema *check_macro(struct checker *c, const struct ast *n)
{
    const struct cel_schema *range = check(c, n->arg[0]);
    if (!expect(c, n->arg[0], range, K_LIST | K_MAP, "expected a list or a map"))
        return NULL;
    set_variables(c, n, range);
    const struct cel_schema *body = check(c, n->arg[1]);
    if (!body || (n->arg_count > 2 &&
                  !expect(c, n->arg[2], check(c, n->arg[2]), K_BOOL, "the filter must be a bool")))
        return NULL;
    switch ((enum ast_macro)n->macro) {
    case MACRO_ALL:
    case MACRO_EXISTS:
    case MACRO_EXISTS_ONE:
        return expect(c, n->arg[1], body, K_BOOL, "expected a bool") ? &plain[VALUE_BOOL] : NULL;
    case MACRO_FILTER:
        return expect(c, n->arg[1], body, K_BOOL, "the filter must be a bool")
                   ? make(c, K_LIST, c->local[n->slot])
                   : NULL;
    case MACRO_MAP:
    case MACRO_TRANSFORM_LIST:
        return make(c, K_LIST, body);
    case MACRO_TRANSFORM_MAP:
        return make(c, K_MAP, body);
    case MACRO_TRANSFORM_MAP_ENTRY:
        break;
    }
    if (!expect(c, n->arg[1], body, K_MAP, "transformMapEntry's expression must give a map"))
        return NULL;
    return make(c, K_MAP, body->kinds == K_MAP ? body->held : NULL);
}

static const struct cel_schema *check_bind(struct checker *c, const struct ast *n)
{
    const struct cel_schema *init = check(c, n->arg[0]);
    bool opt = (n->flags & AST_OPT_MAP) != 0, flat = (n->flags & AST_OPT_FLAT) != 0;
    if (!opt && c->env->admission && n->name.p[0] != '@') /* sortBy's own is not written */
        return fault(c, n, "cel.bind is not declared to admission policies");
    if (opt &&
        !expect(c, n->arg[0], init, K_OPTIONAL, "optMap and optFlatMap are asked of an optional"))
        return NULL;
    if (!init)
        return NULL;
    c->local[n->slot] = !opt                                                ? init
                        : init->kinds == K_OPTIONAL && held_by(init)->kinds ? held_by(init)
                                                                            : &any;
    const struct cel_schema *body = check(c, n->arg[1]);
    if (!opt || !body)
        return body;
    if (!flat)
        return make(c, K_OPTIONAL, body);
    return expect(c, n->arg[1], body, K_OPTIONAL, "optFlatMap's expression must give an optional")
               ? body
               : NULL;
}

static const struct cel_schema *check_variable(struct checker *c, const struct ast *n)
{
    const struct cel_schema *t = c->env->variable[n->slot].schema;
    if (!t && c->env->schema_of)
        t = c->env->schema_of(c->env->schema_ctx, n->slot);
    return t ? t : &any;
}

static const struct cel_schema *check(struct checker *c, const struct ast *n)
{
    switch ((enum ast_kind)n->kind) {
    case AST_LITERAL:
        return &plain[n->literal.kind];
    case AST_VARIABLE:
        return check_variable(c, n);
    case AST_LOCAL:
        return c->local[n->slot];
    case AST_SELECT:
    case AST_HAS:
        return check_select(c, n);
    case AST_INDEX:
        return check_index(c, n);
    case AST_CALL:
        return check_call(c, n);
    case AST_AND:
    case AST_OR:
        return check_logic(c, n);
    case AST_CONDITION:
        return check_condition(c, n);
    case AST_LIST:
        return check_list(c, n);
    case AST_MAP:
        return check_map(c, n);
    case AST_MACRO:
        return check_macro(c, n);
    case AST_BIND:
        return check_bind(c, n);
    case AST_NAME:
        break; /* of a lenient environment only, which is not checked */
    }
    return &any;
}

bool check_expression(const struct ast *root, struct arena *a, struct str source,
                      const struct cel_env *env, uint32_t local_count,
                      const struct cel_schema **result, struct err *err)
{
    struct checker c = { a, source, env, arena_array(a, const struct cel_schema *, local_count),
                         err };
    const struct cel_schema *t = check(&c, root);
    if (!t)
        return false;
    *result = t;
    return true;
}
