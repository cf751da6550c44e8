/* A check over objects as a ValidatingAdmissionPolicy: what it found once is refused from then on. */
#include "bench/admission.h"

#include "base/vec.h"
#include "value/json_doc.h"

#define NAME_BYTES_MAX 253u
#define JUDGED "inPopulation" /* the policy's own variable: what the check's conditions and exceptions leave */

struct named_text {
    struct str name, text;
};
struct writing {
    struct arena *arena;
    struct buf *out;
    const struct benchmark *bench;
    const struct check *check;
    const struct check_part *part;
    struct value params;
    bool *used;                    /* by index: shared variables, then the part's own */
    struct str *variable;          /* the same: rewritten, .n 0 while not used */
    VEC(struct named_text) validation; /* name: message, or messageExpression with messages below */
    VEC(struct named_text) message;    /* name "message" or "messageExpression" */
    struct str judged;             /* empty: everything is */
    struct err err;
};

/* ---- expressions */

static const struct expression *variable_at(const struct writing *w, size_t i)
{
    return i < w->bench->variable_count ? &w->bench->variable[i] : &w->part->variable[i - w->bench->variable_count];
}

static bool rewritten(struct writing *w, struct str *out, struct str text)
{
    return admission_expression(out, w->arena, w->bench, w->part, text, w->params, w->used, &w->err);
}

/* Variables name others before them: from the last to the first, all that are needed are found. */
static bool rewrite_variables(struct writing *w)
{
    for (size_t i = w->bench->variable_count + w->part->variable_count; i-- > 0;)
        if (w->used[i] && !rewritten(w, &w->variable[i], variable_at(w, i)->text))
            return err_prefix(&w->err, "variables.%.*s", STR_ARG(variable_at(w, i)->name));
    return true;
}

static bool rewrite_population(struct writing *w)
{
    VEC(struct str) term = { 0 };
    struct str text;
    for (size_t i = 0; i < w->part->match_count; i++) {
        if (!rewritten(w, &text, w->part->match[i].text))
            return false;
        *VEC_PUSH(&term, w->arena) = str_printf(w->arena, "(%.*s)", STR_ARG(text));
    }
    for (size_t i = 0; i < w->part->except_count; i++) {
        if (!rewritten(w, &text, w->part->except[i].text))
            return false;
        *VEC_PUSH(&term, w->arena) = str_printf(w->arena, "!(%.*s)", STR_ARG(text));
    }
    /* what is being deleted may still lose its finalizers */
    if (w->part->kind != KIND_PODS)
        *VEC_PUSH(&term, w->arena) = STR("!has(object.metadata.deletionTimestamp)");
    w->judged = str_join(w->arena, term.item, term.count, STR(" && "));
    return true;
}

static bool rewrite_validation(struct writing *w, const struct validation *v)
{
    struct str text, message = { 0 };
    if (v->otherwise == OTHERWISE_MANUAL)
        return true; /* nothing to refuse: a person decides */
    if (!rewritten(w, &text, v->expression.text))
        return false;
    if (w->judged.n)
        text = str_printf(w->arena, "!variables." JUDGED " || (%.*s)", STR_ARG(text));
    *VEC_PUSH(&w->validation, w->arena) = (struct named_text){ .text = text };
    if (v->message_expression.text.n && !rewritten(w, &message, v->message_expression.text))
        err_clear(&w->err); /* the title says enough */
    struct named_text *m = VEC_PUSH(&w->message, w->arena);
    if (message.n)
        *m = (struct named_text){ STR("messageExpression"), message };
    else
        *m = (struct named_text){ STR("message"), v->message.n ? v->message : w->check->title };
    return true;
}

static bool rewrite_part(struct writing *w)
{
    if (w->part->kind == KIND_NONE)
        return err_set(&w->err, ERR_INPUT, "it is over %.*s, which are no objects that somebody creates", STR_ARG(w->part->over));
    if (!rewrite_population(w))
        return false;
    for (size_t i = 0; i < w->part->validation_count; i++)
        if (!rewrite_validation(w, &w->part->validation[i]))
            return false;
    if (!w->validation.count)
        return err_set(&w->err, ERR_INPUT, "a person decides it, not an expression");
    return rewrite_variables(w);
}

/* ---- YAML */

static void put_text(struct writing *w, struct str text)
{
    json_doc_write(w->out, value_str(text), 0);
}

/* As a block: no escapes within, so that it stays what a person wrote. */
static void put_block(struct writing *w, const char *key, int indent, struct str text)
{
    bool plain = text.n && text.p[0] != ' ';
    for (size_t i = 0; plain && i < text.n; i++)
        plain = (unsigned char)text.p[i] >= ' ' && text.p[i] != 0x7f;
    buf_addf(w->out, "%s: ", key);
    if (plain) {
        buf_addf(w->out, "|-\n%*s", indent, "");
        buf_add(w->out, text);
    } else {
        put_text(w, text);
    }
    buf_add_char(w->out, '\n');
}

/* "cis-kubernetes-2.0.1-5.2.2-running-pods": what a Kubernetes name may be. */
static struct str policy_name(struct writing *w)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(4096);
    buf_addf(&b, "%.*s-%.*s", STR_ARG(w->bench->id), STR_ARG(w->check->id));
    if (w->part->name.n)
        buf_addf(&b, "-%.*s", STR_ARG(w->part->name));
    char *name = str_to_c(w->arena, buf_str(&b));
    bool between = true;
    size_t n = 0;
    for (size_t i = 0; name[i] && n < NAME_BYTES_MAX; i++) {
        char c = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a') : name[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!plain && between)
            continue;
        name[n++] = plain || c == '.' ? c : '-';
        between = !plain;
    }
    while (n && (name[n - 1] == '-' || name[n - 1] == '.'))
        n--;
    return str_of(name, n);
}

static void put_head(struct writing *w, const char *kind, struct str name)
{
    buf_addf(w->out, "---\napiVersion: admissionregistration.k8s.io/v1\nkind: %s\nmetadata:\n  name: ", kind);
    put_text(w, name);
    buf_add_c(w->out, "\n  labels: {app.kubernetes.io/managed-by: kubevouch}\n");
}

static void put_rules(struct writing *w)
{
    const struct kind_info *k = kind_info(w->part->kind);
    bool pods = w->part->kind == KIND_PODS;
    buf_add_c(w->out, "  matchConstraints:\n    resourceRules:\n    - apiGroups: [");
    put_text(w, str_from_c(k->group));
    buf_addf(w->out, "]\n      apiVersions: [v1]\n      operations: %s\n      resources: [%s]\n", pods ? "[CREATE]" : "[CREATE, UPDATE]", k->resource);
    if (pods) /* of a pod that is there only its ephemeral containers can be added to */
        buf_add_c(w->out, "    - apiGroups: [\"\"]\n      apiVersions: [v1]\n      operations: [UPDATE]\n      resources: [pods/ephemeralcontainers]\n");
}

static void put_variables(struct writing *w)
{
    size_t count = w->bench->variable_count + w->part->variable_count;
    bool any = w->judged.n > 0;
    for (size_t i = 0; i < count; i++)
        any |= w->used[i];
    if (!any)
        return;
    buf_add_c(w->out, "  variables:\n");
    for (size_t i = 0; i < count; i++) {
        if (!w->used[i])
            continue;
        buf_add_c(w->out, "  - name: ");
        put_text(w, variable_at(w, i)->name);
        buf_add_c(w->out, "\n    ");
        put_block(w, "expression", 6, w->variable[i]);
    }
    if (w->judged.n) {
        buf_add_c(w->out, "  - name: " JUDGED "\n    ");
        put_block(w, "expression", 6, w->judged);
    }
}

static void put_policy(struct writing *w)
{
    struct str name = policy_name(w);
    put_head(w, "ValidatingAdmissionPolicy", name);
    buf_add_c(w->out, "  annotations:\n    kubernetes.io/description: ");
    put_text(w, str_printf(w->arena, "%.*s %.*s: %.*s", STR_ARG(w->bench->id), STR_ARG(w->check->id), STR_ARG(w->check->title)));
    buf_add_c(w->out, "\nspec:\n  failurePolicy: Fail\n");
    put_rules(w);
    put_variables(w);
    buf_add_c(w->out, "  validations:\n");
    for (size_t i = 0; i < w->validation.count; i++) {
        buf_add_c(w->out, "  - ");
        put_block(w, "expression", 6, w->validation.item[i].text);
        buf_add_c(w->out, "    ");
        put_block(w, str_to_c(w->arena, w->message.item[i].name), 6, w->message.item[i].text);
    }
    put_head(w, "ValidatingAdmissionPolicyBinding", name);
    buf_add_c(w->out, "spec:\n  policyName: ");
    put_text(w, name);
    buf_add_c(w->out, "\n  validationActions: [Deny]\n");
}

/* A comment, in one line whatever the texts hold. */
static void put_why(struct writing *w)
{
    struct str text = str_printf(w->arena, "%.*s%s%.*s is not written: %s", STR_ARG(w->check->id), w->part && w->part->name.n ? ", " : "",
                                 STR_ARG(w->part ? w->part->name : (struct str){ 0 }), w->err.text);
    buf_add_c(w->out, "# ");
    for (size_t i = 0; i < text.n; i++)
        buf_add_char(w->out, (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i]);
    buf_add_char(w->out, '\n');
}

void admission_write(struct buf *out, const struct benchmark *b, const struct check *c, struct value params, struct admission_count *count)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    for (size_t i = 0; i < c->part_count; i++) {
        size_t variables = b->variable_count + c->part[i].variable_count;
        struct writing w = { .arena = &scratch, .out = out, .bench = b, .check = c, .part = &c->part[i], .params = params };
        w.used = arena_array(&scratch, bool, variables);
        w.variable = arena_array(&scratch, struct str, variables);
        bool can = rewrite_part(&w);
        if (can)
            put_policy(&w);
        else
            put_why(&w);
        count->written += can;
        count->not_written += !can;
    }
    if (!c->part_count) {
        struct writing w = { .arena = &scratch, .out = out, .check = c };
        (void)err_set(&w.err, ERR_INPUT, "no expression decides it");
        put_why(&w);
        count->not_written++;
    }
}
