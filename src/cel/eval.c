/* Walks a resolved tree. */
#include "cel/eval.h"

#include "cel/eval_macro.h"
#include "cel/lib.h"
#include "value/taint.h"

/* What is seldom done stays out of the way of what is done all the time: eval's own frame is small,
 * and the compiler clears every frame. */
#define SEPARATE __attribute__((noinline))

static SEPARATE struct value eval_error(struct evaluation *e, const struct ast *n, const char *text)
{
    return value_error(e->scratch, VALUE_ERROR_EVAL, n->offset, "%s", text);
}

static SEPARATE struct value budget_spent(struct evaluation *e, const struct ast *n)
{
    return value_error(e->scratch, VALUE_ERROR_LIMIT, n->offset,
                       "the expression costs more than its budget");
}

bool eval_charge(struct evaluation *e, const struct ast *n, uint64_t units, struct value *over)
{
    bool enough = e->act->cost_left > units;
    e->act->cost_left = enough ? e->act->cost_left - units : 0;
    if (!enough)
        *over = budget_spent(e, n);
    return enough;
}

static int weight(struct value v)
{
    switch (v.as.error->code) {
    case VALUE_ERROR_EVAL:
        return 0;
    case VALUE_ERROR_LIMIT:
        return 1;
    case VALUE_ERROR_UNAVAILABLE:
        return 2;
    }
    return 0;
}

struct value eval_worse(struct value a, struct value b)
{
    if (!value_is_error(a))
        return b;
    return value_is_error(b) && weight(b) > weight(a) ? b : a;
}

static inline struct value operand(struct evaluation *e, const struct ast *n);

/* ---- fields and elements */

/* What is found in a map or list, which are never changed, is an optional's value without a copy.
 */
static struct value optional_of(const struct value *found)
{
    return (struct value){ .kind = VALUE_OPTIONAL, .as.boxed = found };
}

/* memcmp in line: names are short. */
static inline bool same_bytes(const char *a, const char *b, size_t n)
{
    uint64_t x, y;
    uint32_t first[2], last[2];
    if (n < sizeof x && n >= sizeof *first) { /* "name", "spec": two that overlap */
        memcpy(&first[0], a, sizeof *first);
        memcpy(&first[1], b, sizeof *first);
        memcpy(&last[0], a + n - sizeof *last, sizeof *last);
        memcpy(&last[1], b + n - sizeof *last, sizeof *last);
        return first[0] == first[1] && last[0] == last[1];
    }
    if (n < sizeof x) {
        for (size_t i = 0; i < n; i++)
            if (a[i] != b[i])
                return false;
        return true;
    }
    for (size_t i = 0;; i = i + 2 * sizeof x <= n ? i + sizeof x : n - sizeof x) {
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        if (x != y || i + sizeof x == n)
            return x == y;
    }
}

/* value_get with the small maps' case in line: most of what a check does. */
static const struct value *find_field(struct value v, const struct ast *n)
{
    const struct value_map *m = v.as.map;
    struct str name = n->name;
    if (m->index)
        return value_get_hashed(v, name, n->hash);
    for (uint32_t i = 0; i < m->count; i++) {
        const struct value_entry *e = &m->entry[i];
        if (e->key.n == name.n && e->key.kind == VALUE_STRING &&
            same_bytes(e->key.as.s, name.p, name.n))
            return &e->val;
    }
    return NULL;
}

static const char *kind_of(struct value v)
{
    return value_kind_name((enum value_kind)v.kind);
}

static SEPARATE struct value no_key(struct evaluation *e, const struct ast *n, struct value key)
{
    struct str text = cel_value_text(e->scratch, key, 100);
    return value_error(e->scratch, VALUE_ERROR_EVAL, n->offset, "no such key: %.*s", STR_ARG(text));
}

/* name of v; an optional v gives an optional, and so does an optional select. */
static struct value select_field(struct evaluation *e, const struct ast *n, struct value v,
                                 bool optional)
{
    if (v.kind == VALUE_OPTIONAL) {
        if (!v.as.boxed)
            return v;
        v = *v.as.boxed;
        optional = true;
    }
    if (v.kind == VALUE_ERROR)
        return v;
    if (optional && v.kind != VALUE_MAP && v.kind != VALUE_LIST)
        return value_optional_none(); /* null.?a: what has no fields has none of that name */
    if (v.kind != VALUE_MAP)
        return value_error(e->scratch, VALUE_ERROR_EVAL, n->offset,
                           "no such field: %s has no \"%.*s\"", kind_of(v),
                           STR_ARG(str_sub(n->name, 0, 100)));
    const struct value *found = find_field(v, n);
    if (!optional)
        return found ? *found : no_key(e, n, value_str(n->name));
    if (found && found->kind == VALUE_ERROR)
        return *found;
    return optional_of(found);
}

static struct value eval_select(struct evaluation *e, const struct ast *n)
{
    return select_field(e, n, operand(e, n->arg[0]), (n->flags & AST_OPTIONAL) != 0);
}

/* eval for the parts of a node. What most parts are is told apart here, where the processor
 * foresees it better than at the one jump of eval; constants and locals cost nothing beyond the
 * node they are part of. */
static inline struct value operand(struct evaluation *e, const struct ast *n)
{
    if (e->seen || e->act->cost_left == 0)
        return eval(e, n);
    if (n->kind == AST_LITERAL)
        return n->literal;
    if (n->kind == AST_LOCAL)
        return e->local[n->slot];
    if (n->kind != AST_SELECT)
        return eval(e, n);
    e->act->cost_left--;
    return eval_select(e, n);
}

static SEPARATE struct value eval_has(struct evaluation *e, const struct ast *n)
{
    struct value v = operand(e, n->arg[0]);
    if (v.kind == VALUE_OPTIONAL) {
        if (!v.as.boxed)
            return value_bool(false);
        v = *v.as.boxed;
    }
    if (v.kind == VALUE_ERROR)
        return v;
    if (v.kind == VALUE_LIST)
        return eval_error(e, n, "no such field: list has none");
    return value_bool(v.kind == VALUE_MAP && find_field(v, n) != NULL);
}

/* The place of a list that v names: an int, or a uint or double that is whole. */
static bool list_place(struct value v, int64_t *place)
{
    if (v.kind == VALUE_INT)
        *place = v.as.i;
    else if (v.kind == VALUE_UINT && v.as.u <= INT64_MAX)
        *place = (int64_t)v.as.u;
    else if (v.kind == VALUE_DOUBLE && v.as.d >= -1e15 && v.as.d <= 1e15 &&
             (double)(int64_t)v.as.d == v.as.d)
        *place = (int64_t)v.as.d;
    else
        return false;
    return true;
}

static const struct value *element(struct evaluation *e, const struct ast *n, struct value of,
                                   struct value key, bool optional, struct value *bad)
{
    int64_t i;
    *bad = value_null();
    if (of.kind == VALUE_LIST) {
        if (!list_place(key, &i))
            *bad =
                eval_error(e, n->arg[1], "no such overload: a list is indexed by a whole number");
        else if (i >= 0 && i < of.n)
            return &of.as.item[i];
        else if (!optional)
            *bad = value_error(e->scratch, VALUE_ERROR_EVAL, n->arg[1]->offset,
                               "index %lld is outside a list of %u", (long long)i, of.n);
        return NULL;
    }
    if (of.kind != VALUE_MAP) {
        *bad = value_error(e->scratch, VALUE_ERROR_EVAL, n->offset,
                           "no such overload: %s has no elements", kind_of(of));
        return NULL;
    }
    const struct value *found = value_get_key(of, key);
    if (!found && !(KIND_BIT(key.kind) & (K_BOOL | K_NUMBER | K_STRING)))
        *bad =
            eval_error(e, n->arg[1], "no such overload: a key is text, a whole number or a bool");
    return found;
}

static SEPARATE struct value eval_index(struct evaluation *e, const struct ast *n)
{
    struct value of = operand(e, n->arg[0]), bad;
    bool optional = (n->flags & AST_OPTIONAL) != 0;
    if (of.kind == VALUE_OPTIONAL) {
        if (!of.as.boxed)
            return of;
        of = *of.as.boxed;
        optional = true;
    }
    struct value key = operand(e, n->arg[1]);
    if (value_is_error(of) || value_is_error(key))
        return eval_worse(of, key);
    if (optional && of.kind != VALUE_MAP && of.kind != VALUE_LIST)
        return value_optional_none();
    const struct value *found = element(e, n, of, key, optional, &bad);
    if (value_is_error(bad))
        return bad;
    if (optional)
        return optional_of(found);
    return found ? *found : no_key(e, n->arg[1], key);
}

/* ---- literals of lists and maps */

static SEPARATE struct value eval_list(struct evaluation *e, const struct ast *n)
{
    struct value *item = arena_array(e->scratch, struct value, n->arg_count);
    size_t count = 0;
    for (uint32_t i = 0; i < n->arg_count; i++) {
        struct value v = eval(e, n->arg[i]);
        if (value_is_error(v))
            return v;
        if (n->entry_optional && n->entry_optional[i]) {
            if (v.kind != VALUE_OPTIONAL)
                return eval_error(e, n->arg[i], "an element after \"?\" must be an optional");
            if (!v.as.boxed)
                continue;
            v = *v.as.boxed;
        }
        item[count++] = v;
    }
    return value_list(item, count);
}

static bool is_key(struct value v)
{
    return (KIND_BIT(v.kind) & (K_BOOL | K_INT | K_UINT | K_STRING)) != 0;
}

static SEPARATE struct value eval_map(struct evaluation *e, const struct ast *n)
{
    struct value_entry *entry = arena_array(e->scratch, struct value_entry, n->arg_count / 2);
    struct value over;
    size_t count = 0;
    for (uint32_t i = 0; i + 1 < n->arg_count; i += 2) {
        struct value key = eval(e, n->arg[i]), val = eval(e, n->arg[i + 1]);
        if (value_is_error(key) || value_is_error(val))
            return eval_worse(key, val);
        if (!is_key(key))
            return eval_error(e, n->arg[i], "a key must be text, a whole number or a bool");
        if (!eval_charge(e, n, count / 8, &over))
            return over;
        for (size_t k = 0; k < count; k++)
            if (value_equal(entry[k].key, key))
                return eval_error(e, n->arg[i], "the key is there twice");
        if (n->entry_optional && n->entry_optional[i / 2]) {
            if (val.kind != VALUE_OPTIONAL)
                return eval_error(e, n->arg[i + 1], "a value after \"?\" must be an optional");
            if (!val.as.boxed)
                continue;
            val = *val.as.boxed;
        }
        entry[count++] = (struct value_entry){ key, val };
    }
    return value_map(e->scratch, entry, count);
}

/* ---- calls */

static bool kinds_fit(const struct overload *o, const struct value *arg, size_t count)
{
    if (o->arg_count == OVERLOAD_VARIADIC) {
        for (size_t i = 0; i < count; i++)
            if (!(KIND_BIT(arg[i].kind) & o->kind[0]))
                return false;
        return count > 0;
    }
    if (o->arg_count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!(KIND_BIT(arg[i].kind) & o->kind[i]))
            return false;
    return true;
}

static struct value no_overload(struct evaluation *e, const struct ast *n, const struct value *arg)
{
    enum { SHOWN_MAX = 6 };
    struct buf text CLEANUP(buf_release) = BUF_INIT(512);
    struct str kind[SHOWN_MAX];
    uint32_t shown = n->arg_count < SHOWN_MAX ? n->arg_count : SHOWN_MAX;
    for (uint32_t i = 0; i < shown; i++)
        kind[i] = str_from_c(kind_of(arg[i]));
    overload_put_call(&text, n->name, (n->flags & AST_MEMBER) != 0, kind, shown);
    return value_error(e->scratch, VALUE_ERROR_EVAL, n->offset, "no such overload: %.*s",
                       STR_ARG(buf_str(&text)));
}

/* 1 or 0 for scalars of one kind, -1 when it takes value_equal and its cost. */
static int quick_equal(struct value a, struct value b)
{
    if (a.kind != b.kind)
        return -1;
    if (a.kind == VALUE_STRING && (a.n != b.n || a.n < 256))
        return a.n == b.n && same_bytes(a.as.s, b.as.s, a.n);
    if (a.kind == VALUE_BOOL)
        return a.as.b == b.as.b;
    return a.kind == VALUE_INT ? a.as.i == b.as.i : -1;
}

/* An operator on the kinds it mostly has, without looking for its overload. False: no short way. */
static inline bool apply_shortly(const struct ast *n, struct value a, struct value b,
                                 struct value *out)
{
    int equal;
    switch ((enum ast_short)n->shortcut) {
    case SHORT_EQ:
    case SHORT_NE:
        equal = quick_equal(a, b);
        *out = value_bool((equal == 1) == (n->shortcut == SHORT_EQ));
        return equal >= 0;
    case SHORT_NOT:
        if (a.kind != VALUE_BOOL)
            return false;
        *out = value_bool(!a.as.b);
        return true;
    case SHORT_IN:
        if (b.kind != VALUE_MAP || a.kind != VALUE_STRING)
            return false;
        *out = value_bool(value_get(b, value_text(a)) != NULL);
        return true;
    case SHORT_NONE:
    case SHORT_OR_VALUE:
    case SHORT_OR:
        break;
    }
    return false;
}

/* a.orValue(b) and a.or(b): b is evaluated when a is none. What is no optional stands for itself,
 * as the API server has it: object.a.orValue(b) gives a where the author forgot the question mark.
 */
static struct value eval_or_else(struct evaluation *e, const struct ast *n)
{
    struct value v = operand(e, n->arg[0]);
    if (v.kind != VALUE_OPTIONAL)
        return v;
    if (v.as.boxed)
        return n->shortcut == SHORT_OR ? v : *v.as.boxed;
    return operand(e, n->arg[1]);
}

/* Any function may read its text once; what it does beyond that it charges itself. */
static bool charge_text(struct evaluation *e, const struct ast *n, const struct value *arg,
                        struct value *over)
{
    for (uint32_t i = 0; i < n->arg_count; i++)
        if (arg[i].n >= 1024 && (KIND_BIT(arg[i].kind) & (K_STRING | K_BYTES)) &&
            !eval_charge(e, n, arg[i].n / 256, over))
            return false;
    return true;
}

/* A host's function knows what it takes out of an object, and marks that itself: of its arguments
 * only those marked as a whole count. */
static struct value carry_host(struct evaluation *e, struct value made, const struct value *arg,
                               const struct ast *n)
{
    for (uint32_t i = 0; i < n->arg_count; i++)
        if (taint_is(arg[i]))
            return taint_carry(e->scratch, made, arg, n->arg_count, n->name);
    return made;
}

/* Evidence that is missing among the items of v; null: none is. */
static struct value missing_of(struct value v, unsigned depth)
{
    struct value bad = value_null();
    if (v.kind == VALUE_LIST && depth < 4)
        for (uint32_t i = 0; i < v.n && !value_is_error(bad); i++)
            bad = value_is_error(v.as.item[i]) ? v.as.item[i] : missing_of(v.as.item[i], depth + 1);
    return bad;
}

/* What a function of the language made: as marked as its arguments; and no answer about lists of
 * which not every item is known, as the operators have it by themselves. */
static struct value carry(struct evaluation *e, struct value made, const struct value *arg,
                          const struct ast *n)
{
    bool answers = KIND_BIT(made.kind) & (K_BOOL | K_NUMBER | K_STRING);
    if (answers && n->shortcut == SHORT_NONE && n->name.p[0] != '_' && !str_eq_c(n->name, "size")) {
        for (uint32_t i = 0; i < n->arg_count; i++) {
            struct value bad = missing_of(arg[i], 0);
            if (value_is_error(bad))
                return bad;
        }
    }
    return taint_carry(e->scratch, made, arg, n->arg_count, n->name);
}

/* The overload that takes these kinds, called. No argument is an error. */
static SEPARATE struct value call_overload(struct evaluation *e, const struct ast *n,
                                           const struct value *arg)
{
    struct value over;
    if (!charge_text(e, n, arg, &over))
        return over;
    struct cel_call call = { e->scratch, e->act->host, n->offset, &e->act->cost_left, n->prepared };
    if (n->host)
        return carry_host(e, n->host->fn(&call, arg, n->arg_count), arg, n);
    for (uint32_t i = 0; i < n->overload_count; i++)
        if (kinds_fit(&n->overload[i], arg, n->arg_count))
            return carry(e, n->overload[i].fn(&call, arg, n->arg_count), arg, n);
    return no_overload(e, n, arg);
}

static SEPARATE struct value apply_fully(struct evaluation *e, const struct ast *n, struct value a,
                                         struct value b)
{
    const struct value arg[] = { a, b };
    return value_is_error(a) || value_is_error(b) ? eval_worse(a, b) : call_overload(e, n, arg);
}

static struct value eval_operator(struct evaluation *e, const struct ast *n)
{
    struct value a = operand(e, n->arg[0]),
                 b = n->arg_count > 1 ? operand(e, n->arg[1]) : value_null(), quick;
    return apply_shortly(n, a, b, &quick) ? quick : apply_fully(e, n, a, b);
}

static SEPARATE struct value eval_function(struct evaluation *e, const struct ast *n)
{
    struct value few[4], bad = value_null();
    struct value *arg =
        n->arg_count <= 4 ? few : arena_array(e->scratch, struct value, n->arg_count);
    for (uint32_t i = 0; i < n->arg_count; i++) {
        arg[i] = operand(e, n->arg[i]);
        if (value_is_error(arg[i]))
            bad = eval_worse(bad, arg[i]);
    }
    return value_is_error(bad) ? bad : call_overload(e, n, arg);
}

static struct value eval_call(struct evaluation *e, const struct ast *n)
{
    if (n->shortcut >= SHORT_OR_VALUE)
        return eval_or_else(e, n);
    return n->shortcut ? eval_operator(e, n) : eval_function(e, n);
}

/* ---- logic */

/* One operand that decides wins over errors of the others; an error wins over what does not decide.
 */
static SEPARATE struct value eval_logic(struct evaluation *e, const struct ast *n, bool deciding)
{
    struct value bad = value_null();
    for (uint32_t i = 0; i < n->arg_count; i++) {
        struct value v = operand(e, n->arg[i]);
        if (v.kind == VALUE_BOOL && v.as.b == deciding)
            return v;
        if (v.kind == VALUE_BOOL)
            continue;
        if (v.kind != VALUE_ERROR)
            v = value_error(e->scratch, VALUE_ERROR_EVAL, n->arg[i]->offset,
                            "no such overload: %s where a bool is expected", kind_of(v));
        bad = eval_worse(bad, v);
    }
    return value_is_error(bad) ? bad : value_bool(!deciding);
}

static struct value eval_condition(struct evaluation *e, const struct ast *n)
{
    struct value v = eval(e, n->arg[0]);
    if (v.kind == VALUE_BOOL)
        return eval(e, n->arg[v.as.b ? 1 : 2]);
    return value_is_error(v)
               ? v
               : eval_error(e, n->arg[0], "no such overload: the condition is not a bool");
}

static struct value eval_variable(struct evaluation *e, const struct ast *n)
{
    const struct cel_activation *act = e->act;
    struct value v;
    if (act->known && act->known[n->slot] == CEL_KNOWN)
        return act->var[n->slot];
    if (act->resolve && act->resolve(act->ctx, n->slot, &v, e->scratch))
        return v;
    return act->var[n->slot];
}

static SEPARATE struct value eval_bind(struct evaluation *e, const struct ast *n)
{
    struct value init = eval(e, n->arg[0]);
    if (n->flags & AST_OPT_MAP) {
        if (value_is_error(init))
            return init;
        if (init.kind != VALUE_OPTIONAL)
            return eval_error(e, n->arg[0],
                              "no such overload: optMap and optFlatMap are asked of an optional");
        if (!init.as.boxed)
            return init;
        init = *init.as.boxed;
    }
    e->local[n->slot] = init;
    struct value v = eval(e, n->arg[1]);
    if (!(n->flags & AST_OPT_MAP) || value_is_error(v))
        return v;
    return n->flags & AST_OPT_FLAT ? v : value_optional(e->scratch, v);
}

static struct value eval_kind(struct evaluation *e, const struct ast *n)
{
    switch ((enum ast_kind)n->kind) {
    case AST_LITERAL:
        return n->literal;
    case AST_VARIABLE:
        return eval_variable(e, n);
    case AST_LOCAL:
        return e->local[n->slot];
    case AST_SELECT:
        return eval_select(e, n);
    case AST_HAS:
        return eval_has(e, n);
    case AST_INDEX:
        return eval_index(e, n);
    case AST_CALL:
        return eval_call(e, n);
    case AST_AND:
        return eval_logic(e, n, false);
    case AST_OR:
        return eval_logic(e, n, true);
    case AST_CONDITION:
        return eval_condition(e, n);
    case AST_LIST:
        return eval_list(e, n);
    case AST_MAP:
        return eval_map(e, n);
    case AST_MACRO:
        return eval_macro(e, n);
    case AST_BIND:
        return eval_bind(e, n);
    case AST_NAME:
        break; /* left by a lenient environment only */
    }
    return value_error(e->scratch, VALUE_ERROR_EVAL, n->offset, "no variable \"%.*s\"",
                       STR_ARG(n->name));
}

struct value eval(struct evaluation *e, const struct ast *n)
{
    if (e->act->cost_left == 0)
        return budget_spent(e, n);
    e->act->cost_left--;
    struct value v = eval_kind(e, n);
    if (e->seen)
        e->seen(e->seen_ctx, n, v);
    return v;
}
