/* Names of a tree to what they mean: variables to slots, macros' variables to places in the frame.
 */
#include "cel/resolve.h"

#include "base/names.h"
#include "base/vec.h"
#include "cel/lib_core.h"
#include "cel/operator.h"
#include "cel/parse.h"

struct scope {
    struct str name;
    uint32_t slot;
};
struct resolver {
    struct arena *arena;
    struct str source;
    const struct cel_env *env;
    VEC(struct scope) scope; /* the macros' variables in force, innermost last */
    uint32_t local_count;
    struct err *err;
};

static bool resolve(struct resolver *r, struct ast *n);

static bool fault(struct resolver *r, uint32_t offset, const char *fmt, ...) PRINTF_LIKE(3, 4);
static bool fault(struct resolver *r, uint32_t offset, const char *fmt, ...)
{
    char text[sizeof r->err->text];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return err_set_at(r->err, ERR_INPUT, parse_place(r->source, offset), "%s", text);
}

/* ---- types by name */

struct value resolve_type_name(struct str name)
{
    static const char *const type[] = { "bool",
                                        "bytes",
                                        "double",
                                        "int",
                                        "list",
                                        "map",
                                        "null_type",
                                        "string",
                                        "type",
                                        "uint",
                                        "google.protobuf.Timestamp",
                                        "google.protobuf.Duration",
                                        "optional_type",
                                        "kubernetes.Quantity",
                                        "kubernetes.URL",
                                        "net.IP",
                                        "net.CIDR",
                                        "kubernetes.Semver",
                                        "kubernetes.NamedFormat" };
    for (size_t i = 0; i < sizeof type / sizeof *type; i++)
        if (str_eq_c(name, type[i]))
            return (struct value){ .kind = VALUE_TYPE,
                                   .n = (uint32_t)strlen(type[i]),
                                   .as.s = type[i] };
    return value_null();
}

/* ---- names */

static bool find_exactly(const struct resolver *r, struct str name, uint32_t *slot)
{
    for (size_t i = r->env->variable_count; i-- > 0;) {
        if (!str_eq(r->env->variable[i].name, name))
            continue;
        *slot = (uint32_t)i;
        return true;
    }
    return false;
}

/* "a.b" becomes "a", "a" becomes "". */
static struct str outer_container(struct str container)
{
    size_t n = container.n;
    while (n && container.p[n - 1] != '.')
        n--;
    return str_sub(container, 0, n ? n - 1 : 0);
}

/* The innermost container's first. A name with a dot in front means the root's alone. */
static bool find_variable(const struct resolver *r, struct str name, const struct ast *root,
                          uint32_t *slot)
{
    struct str container =
        root && (root->flags & AST_ABSOLUTE) ? (struct str){ 0 } : r->env->container;
    for (; container.n; container = outer_container(container))
        if (find_exactly(r, str_printf(r->arena, "%.*s.%.*s", STR_ARG(container), STR_ARG(name)),
                         slot))
            return true;
    return find_exactly(r, name, slot);
}

static bool find_local(const struct resolver *r, struct str name, uint32_t *slot)
{
    for (size_t i = r->scope.count; i-- > 0;) {
        if (!str_eq(r->scope.item[i].name, name))
            continue;
        *slot = r->scope.item[i].slot;
        return true;
    }
    return false;
}

/* No variable has a longer name, nor one of more parts. A source may be one long chain, and every
 * link of it is looked at as the end of a name. */
#define QUALIFIED_BYTES_MAX 256u
#define QUALIFIED_PARTS_MAX 8

/* "a.b.c" of a chain of plain selects from a name; empty if n is none or too long. */
static struct str qualified(struct arena *a, const struct ast *n)
{
    struct str part[QUALIFIED_PARTS_MAX];
    size_t first = QUALIFIED_PARTS_MAX, bytes = 0;
    for (;; n = n->arg[0]) {
        bool last = n->kind == AST_NAME;
        bytes += n->name.n + 1;
        if ((!last && (n->kind != AST_SELECT || (n->flags & AST_OPTIONAL))) || !first ||
            bytes > QUALIFIED_BYTES_MAX)
            return (struct str){ 0 };
        part[--first] = n->name;
        if (last)
            break;
    }
    return QUALIFIED_PARTS_MAX - first == 1
               ? part[first]
               : str_join(a, &part[first], QUALIFIED_PARTS_MAX - first, STR("."));
}

static const struct ast *root_name(const struct ast *n)
{
    while (n->kind == AST_SELECT)
        n = n->arg[0];
    return n->kind == AST_NAME ? n : NULL;
}

/* Makes n the variable or type that its qualified name is, if it is one. A local of the root's name
 * wins over every longer name, unless the name is absolute. */
static bool take_qualified(struct resolver *r, struct ast *n)
{
    const struct ast *root = root_name(n);
    uint32_t slot;
    if (!root ||
        (!(root->flags & AST_ABSOLUTE) && find_local(r, root->name, &slot) && n->kind != AST_NAME))
        return false;
    if (n->kind == AST_NAME && !(n->flags & AST_ABSOLUTE) && find_local(r, n->name, &slot)) {
        n->kind = AST_LOCAL;
        n->slot = slot;
        return true;
    }
    struct str name = qualified(r->arena, n);
    if (name.n && find_variable(r, name, root, &slot)) {
        n->kind = AST_VARIABLE;
        n->slot = slot;
        return true;
    }
    struct value type = name.n ? resolve_type_name(name) : value_null();
    if (type.kind != VALUE_TYPE)
        return false;
    n->kind = AST_LITERAL;
    n->literal = type;
    return true;
}

static bool unknown_name(struct resolver *r, const struct ast *n)
{
    const char *known[512];
    size_t count = 0;
    for (size_t i = r->scope.count; i-- > 0 && count < 100;)
        known[count++] = str_to_c(r->arena, r->scope.item[i].name);
    for (size_t i = 0; i < r->env->variable_count && count < 512; i++)
        known[count++] = str_to_c(r->arena, r->env->variable[i].name);
    const char *near = names_nearest(known, count, n->name);
    return fault(r, n->offset, "no variable \"%.*s\"%s%s%s", STR_ARG(n->name),
                 near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* The qualified name nearest to n's or to one that n begins with ("facts.netwrokPlugin" of
 * "facts.netwrokPlugin.names"), which *misspelt then is. */
static const char *nearest_qualified(struct resolver *r, const struct ast *n,
                                     const char *const *known, size_t count, struct str *misspelt)
{
    const char *near =
        n->kind == AST_SELECT ? nearest_qualified(r, n->arg[0], known, count, misspelt) : NULL;
    struct str name = !near && n->kind == AST_SELECT ? qualified(r->arena, n) : (struct str){ 0 };
    if (!name.n)
        return near;
    *misspelt = name;
    return names_nearest(known, count, name);
}

/* A select whose root is no variable: the longer name was meant. */
static bool unknown_qualified(struct resolver *r, const struct ast *n)
{
    const char *known[512];
    size_t count = 0;
    struct str name;
    for (size_t i = 0; i < r->env->variable_count && count < 512; i++)
        known[count++] = str_to_c(r->arena, r->env->variable[i].name);
    const char *near = nearest_qualified(r, n, known, count, &name);
    if (!near)
        return unknown_name(r, root_name(n));
    return fault(r, n->start, "no variable \"%.*s\"; did you mean \"%s\"?", STR_ARG(name), near);
}

/* The variable that a select or a has() would name if it were a plain select ("variables.x" of
 * variables.?x): a name that is declared is there. */
static bool names_variable(struct resolver *r, const struct ast *n, uint32_t *slot)
{
    const struct ast *root = root_name(n->arg[0]);
    struct str base = root ? qualified(r->arena, n->arg[0]) : (struct str){ 0 };
    uint32_t local;
    if (!base.n || (!(root->flags & AST_ABSOLUTE) && find_local(r, root->name, &local)))
        return false;
    return find_variable(r, str_printf(r->arena, "%.*s.%.*s", STR_ARG(base), STR_ARG(n->name)),
                         root, slot);
}

/* variables.?x of a variable x: an optional of it. */
static bool take_optional_variable(struct resolver *r, struct ast *n)
{
    uint32_t slot;
    size_t count;
    const struct overload *of = overload_find(STR("optional.of"), false, &count);
    if (!(n->flags & AST_OPTIONAL) || !of || !names_variable(r, n, &slot))
        return false;
    struct ast *variable = n->arg[0];
    variable->kind = AST_VARIABLE;
    variable->slot = slot;
    n->kind = AST_CALL;
    n->flags &= (uint8_t)~AST_OPTIONAL;
    n->name = STR("optional.of");
    n->overload = of;
    n->overload_count = (uint32_t)count;
    return true;
}

static bool resolve_has(struct resolver *r, struct ast *n)
{
    uint32_t slot;
    if (!names_variable(r, n, &slot))
        return resolve(r, n->arg[0]);
    n->kind = AST_LITERAL;
    n->literal = value_bool(true);
    return true;
}

static bool resolve_select(struct resolver *r, struct ast *n)
{
    if (take_optional_variable(r, n))
        return true;
    if (!(n->flags & AST_OPTIONAL) && take_qualified(r, n))
        return true;
    /* Is some shorter name of the chain known? Then the rest are fields of it. */
    const struct ast *root = root_name(n);
    if (root) {
        uint32_t slot;
        bool known = !(root->flags & AST_ABSOLUTE) && find_local(r, root->name, &slot);
        for (const struct ast *s = n; !known && s; s = s->kind == AST_SELECT ? s->arg[0] : NULL) {
            struct str name = qualified(r->arena, s);
            known =
                (name.n && (find_variable(r, name, root, &slot) ||
                            resolve_type_name(name).kind == VALUE_TYPE)) ||
                (s->kind == AST_SELECT && (s->flags & AST_OPTIONAL) && names_variable(r, s, &slot));
        }
        if (!known && !r->env->lenient)
            return unknown_qualified(r, n);
    }
    return resolve(r, n->arg[0]);
}

/* ---- calls */

static bool wrong_count(struct resolver *r, const struct ast *n, struct str name, bool member)
{
    uint32_t count = n->arg_count - member;
    return fault(r, n->offset, "%.*s() does not take %u argument%s", STR_ARG(name), count,
                 count == 1 ? "" : "s");
}

static bool unknown_function(struct resolver *r, const struct ast *n, struct str name, bool member)
{
    const char *near = macro_nearest(name, member);
    if (near && str_eq_c(name, near))
        return wrong_count(r, n, name, member);
    if (!near)
        near = overload_nearest(name, member);
    for (size_t i = 0; !near && i < r->env->function_count; i++) {
        const char *one[] = { r->env->function[i].name };
        if (r->env->function[i].member == member)
            near = names_nearest(one, 1, name);
    }
    return fault(r, n->offset, "no function \"%.*s\"%s%s%s%s", STR_ARG(name),
                 member ? " with a receiver" : "", near ? "; did you mean \"" : "",
                 near ? near : "", near ? "\"?" : "");
}

/* Constant arguments for prepare: patterns are compiled once. */
static bool prepare(struct resolver *r, struct ast *n)
{
    struct value constant[OVERLOAD_ARGS_MAX] = { { 0 } };
    struct err err = { 0 };
    if (!n->overload->prepare || n->arg_count > OVERLOAD_ARGS_MAX)
        return true;
    for (uint32_t i = 0; i < n->arg_count; i++)
        if (n->arg[i]->kind == AST_LITERAL)
            constant[i] = n->arg[i]->literal;
    n->prepared = n->overload->prepare(r->arena, constant, n->arg_count, &err);
    return err.code == ERR_NONE || fault(r, n->offset, "%s", err.text);
}

static uint8_t shortcut_of(cel_function *fn)
{
    static const struct {
        cel_function *fn;
        enum ast_short shortcut;
    } row[] = { { cel_op_eq, SHORT_EQ },
                { cel_op_ne, SHORT_NE },
                { cel_op_not, SHORT_NOT },
                { cel_op_in, SHORT_IN },
                { cel_optional_or_value, SHORT_OR_VALUE },
                { cel_optional_or, SHORT_OR } };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (row[i].fn == fn)
            return (uint8_t)row[i].shortcut;
    return SHORT_NONE;
}

static bool take_overload(struct resolver *r, struct ast *n, struct str name, bool member,
                          bool *taken)
{
    size_t count, matching = 0;
    const struct overload *row = overload_find(name, member, &count);
    *taken = row != NULL;
    for (size_t i = 0; row && i < count; i++) {
        if (row[i].arg_count != n->arg_count && row[i].arg_count != OVERLOAD_VARIADIC)
            continue;
        if (!matching)
            n->overload = &row[i];
        matching++;
    }
    if (row && !matching)
        return wrong_count(r, n, name, member);
    if (!row)
        return true;
    n->overload_count = (uint32_t)(&row[count] - n->overload);
    n->shortcut = shortcut_of(n->overload->fn);
    return prepare(r, n);
}

static bool take_host(struct resolver *r, struct ast *n, struct str name, bool member, bool *taken)
{
    *taken = false;
    for (size_t i = 0; i < r->env->function_count; i++) {
        const struct cel_host_function *f = &r->env->function[i];
        if (f->member != member || !str_eq_c(name, f->name))
            continue;
        *taken = true;
        if (f->arg_count != n->arg_count)
            return wrong_count(r, n, name, member);
        n->host = f;
        return true;
    }
    return true;
}

/* math.greatest(1, 2): what looks like a receiver is the function's package. */
static bool take_package_call(struct resolver *r, struct ast *n, bool *taken)
{
    uint32_t slot;
    const struct ast *root = root_name(n->arg[0]);
    struct str package = qualified(r->arena, n->arg[0]);
    *taken = false;
    if (!root || !package.n || find_local(r, root->name, &slot) ||
        find_variable(r, root->name, root, &slot) || !overload_is_package(package))
        return true;
    n->name = str_printf(r->arena, "%.*s.%.*s", STR_ARG(package), STR_ARG(n->name));
    n->flags &= (uint8_t)~AST_MEMBER;
    n->arg++;
    n->arg_count--;
    if (!take_overload(r, n, n->name, false, taken))
        return false;
    return *taken || r->env->lenient || unknown_function(r, n, n->name, false);
}

static bool resolve_call(struct resolver *r, struct ast *n)
{
    bool taken = false, member = (n->flags & AST_MEMBER) != 0;
    if (member && !take_package_call(r, n, &taken))
        return false;
    member = (n->flags & AST_MEMBER) != 0;
    if (!taken && !take_host(r, n, n->name, member, &taken))
        return false;
    if (!taken && !take_overload(r, n, n->name, member, &taken))
        return false;
    if (!taken && !r->env->lenient)
        return unknown_function(r, n, n->name, member);
    for (uint32_t i = 0; i < n->arg_count; i++)
        if (!resolve(r, n->arg[i]))
            return false;
    return true;
}

/* ---- macros */

static uint32_t enter(struct resolver *r, struct str name)
{
    *VEC_PUSH(&r->scope, r->arena) = (struct scope){ name, r->local_count };
    return r->local_count++;
}

static bool resolve_macro(struct resolver *r, struct ast *n)
{
    size_t before = r->scope.count;
    if (!resolve(r, n->arg[0]))
        return false;
    n->slot = enter(r, n->name);
    if (n->kind == AST_MACRO && (n->flags & AST_TWO_VARS))
        n->slot2 = enter(r, n->name2);
    for (uint32_t i = 1; i < n->arg_count; i++)
        if (!resolve(r, n->arg[i]))
            return false;
    r->scope.count = before;
    return true;
}

static bool resolve(struct resolver *r, struct ast *n)
{
    n->hash = value_key_hash(n->name);
    switch ((enum ast_kind)n->kind) {
    case AST_LITERAL:
    case AST_VARIABLE:
    case AST_LOCAL:
        return true;
    case AST_NAME:
        return take_qualified(r, n) || r->env->lenient || unknown_name(r, n);
    case AST_SELECT:
        return resolve_select(r, n);
    case AST_CALL:
        return resolve_call(r, n);
    case AST_MACRO:
    case AST_BIND:
        return resolve_macro(r, n);
    case AST_HAS:
        return resolve_has(r, n);
    case AST_INDEX:
    case AST_AND:
    case AST_OR:
    case AST_CONDITION:
    case AST_LIST:
    case AST_MAP:
        break;
    }
    for (uint32_t i = 0; i < n->arg_count; i++)
        if (!resolve(r, n->arg[i]))
            return false;
    return true;
}

bool resolve_expression(struct ast *root, struct arena *a, struct str source,
                        const struct cel_env *env, uint32_t *local_count, struct err *err)
{
    struct resolver r = { .arena = a, .source = source, .env = env, .err = err };
    if (!resolve(&r, root))
        return false;
    *local_count = r.local_count;
    return true;
}
