/* Where in files the findings of an audit stand. */
#include "audit/place.h"

#include "base/map.h"

#define NAMES_MAX 64u
#define DEPTH_MAX 12u

/* Fields that expressions and messages may speak of, most telling first. */
struct names {
    struct str item[NAMES_MAX];
    size_t count;
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Words that stand in nearly every expression and lead to no one field. */
static bool is_common(struct str s)
{
    static const char *const word[] = { "object",
                                        "metadata",
                                        "name",
                                        "namespace",
                                        "spec",
                                        "containers",
                                        "initContainers",
                                        "ephemeralContainers",
                                        "template",
                                        "labels",
                                        "annotations",
                                        "size",
                                        "kind",
                                        "container",
                                        "pod",
                                        "and",
                                        "must",
                                        "not",
                                        "set",
                                        "type",
                                        "value" };
    for (size_t i = 0; i < COUNT_OF(word); i++)
        if (str_eq_c(s, word[i]))
            return true;
    return s.n < 3;
}

static void add_name(struct names *n, struct str s)
{
    bool known = is_common(s) || n->count == NAMES_MAX;
    for (size_t i = 0; i < n->count && !known; i++)
        known = str_eq(n->item[i], s);
    if (!known)
        n->item[n->count++] = s;
}

/* Words of text, the last first: what a path ends with tells more than what it begins with. */
static void add_words(struct names *n, struct str text)
{
    for (size_t end = text.n; end > 0;) {
        size_t at = end;
        while (at > 0 && is_word(text.p[at - 1]))
            at--;
        if (at < end)
            add_name(n, str_sub(text, at, end));
        end = at ? at - 1 : 0;
    }
}

static void add_expression(struct names *n, const struct benchmark *b,
                           const struct check_part *part, struct str text, unsigned depth);

static void add_variable(struct names *n, const struct benchmark *b, const struct check_part *part,
                         const struct expression *e, struct str text, unsigned depth)
{
    size_t at = str_find(text, STR("variables."), 0);
    for (; at != SIZE_MAX; at = str_find(text, STR("variables."), at + 1)) {
        struct str rest = str_sub(text, at + strlen("variables."), text.n);
        if (str_has_prefix(rest, e->name) && (rest.n == e->name.n || !is_word(rest.p[e->name.n]))) {
            add_expression(n, b, part, e->text, depth + 1);
            return;
        }
    }
}

/* The text's own words, then those of the variables that it names. */
static void add_expression(struct names *n, const struct benchmark *b,
                           const struct check_part *part, struct str text, unsigned depth)
{
    add_words(n, text);
    for (size_t i = 0; i < part->variable_count && depth < 3; i++)
        add_variable(n, b, part, &part->variable[i], text, depth);
    for (size_t i = 0; i < b->variable_count && depth < 3; i++)
        add_variable(n, b, part, &b->variable[i], text, depth);
}

/* ---- nodes */

static const struct node *find_field(const struct node *n, struct str name, unsigned depth)
{
    if (depth == DEPTH_MAX)
        return NULL;
    for (size_t i = 0; n->kind == NODE_MAP && i + 1 < n->child_count; i += 2)
        if (str_eq(n->child[i].text, name))
            return &n->child[i];
    for (size_t i = n->kind == NODE_MAP ? 1 : 0; n->kind != NODE_SCALAR && i < n->child_count;
         i += n->kind == NODE_MAP ? 2 : 1) {
        const struct node *below = find_field(&n->child[i], name, depth + 1);
        if (below)
            return below;
    }
    return NULL;
}

static const struct node *first_named(const struct node *in, const struct names *n)
{
    for (size_t i = 0; i < n->count; i++) {
        const struct node *at = find_field(in, n->item[i], 0);
        if (at)
            return at;
    }
    return NULL;
}

static bool has_word(struct str text, struct str word)
{
    for (size_t at = str_find(text, word, 0); word.n && at != SIZE_MAX;
         at = str_find(text, word, at + 1)) {
        size_t end = at + word.n;
        bool left = at == 0 || !(is_word(text.p[at - 1]) || text.p[at - 1] == '-'),
             right = end == text.n || !(is_word(text.p[end]) || text.p[end] == '-');
        if (left && right)
            return true;
    }
    return false;
}

/* The container, or other item of a list, that the message names. */
static const struct node *named_item(const struct node *n, struct str message, unsigned depth)
{
    if (n->kind == NODE_SCALAR || depth == DEPTH_MAX)
        return NULL;
    for (size_t i = 0; i < n->child_count; i++) {
        const struct node *child = &n->child[i],
                          *name = n->kind == NODE_LIST ? node_get(child, "name") : NULL;
        if (name && name->kind == NODE_SCALAR && has_word(message, name->text))
            return child;
        const struct node *below = named_item(child, message, depth + 1);
        if (below)
            return below;
    }
    return NULL;
}

/* ---- findings */

/* The names that a validation's expression speaks of. */
struct spoken {
    const struct expression *of;
    struct names names;
    struct spoken *next;
};
#define SPOKEN_SLOTS 64u

struct placing {
    struct result *result;
    struct arena finding; /* the one that is looked at */
    struct arena spoken_arena;
    struct spoken *spoken[SPOKEN_SLOTS];
    struct err *err;
    bool ok;
};

/* Made once for all findings of it. */
static const struct names *names_of(struct placing *p, const struct check_part *part,
                                    const struct expression *e)
{
    struct spoken **at = &p->spoken[e->pos.line % SPOKEN_SLOTS];
    for (const struct spoken *s = *at; s; s = s->next)
        if (s->of == e)
            return &s->names;
    struct spoken *made = arena_new(&p->spoken_arena, struct spoken);
    made->of = e;
    add_expression(&made->names, p->result->bench, part, e->text, 0);
    made->next = *at;
    *at = made;
    return &made->names;
}

static const struct node *field_of(struct placing *p, const struct finding *f,
                                   const struct node *object)
{
    const struct check *c = p->result->check[f->check].check;
    const struct check_part *part = &c->part[f->part];
    struct names names = { .count = 0 };
    bool is_policy = part->policy || f->validation >= part->validation_count;
    if (part->kind == KIND_NONE && !part->policy)
        return NULL;
    add_words(&names, f->message);
    if (!is_policy) {
        const struct names *more = names_of(p, part, &part->validation[f->validation].expression);
        for (size_t i = 0; i < more->count; i++)
            add_name(&names, more->item[i]);
    }
    const struct node *spec = node_get(object, "spec"),
                      *item = spec ? named_item(spec, f->message, 0) : NULL,
                      *at = item ? first_named(item, &names) : NULL;
    if (!at && spec && !item)
        at = first_named(spec, &names);
    if (!at && !spec)
        at = first_named(object, &names);
    return at ? at : item;
}

static void there(void *ctx, const struct manifest_wanted *w, const struct manifest_object *o)
{
    struct placing *p = ctx;
    struct finding f;
    arena_reset(&p->finding);
    p->ok = p->ok && result_finding(p->result, &f, w->whose, &p->finding, p->err);
    const struct node *at = p->ok && o->node ? field_of(p, &f, o->node) : NULL;
    struct pos *place = &p->result->place[w->whose];
    *place = o->pos;
    if (at) {
        place->line = at->pos.line + o->lines_before;
        place->column = at->pos.column;
    }
}

/* "..., by RoleBinding ns/x (Role y)": from the word on. */
static struct str binding_in(struct str message)
{
    size_t at = str_find(message, STR("RoleBinding "), 0), cluster = strlen("Cluster");
    if (at == SIZE_MAX)
        return (struct str){ 0 };
    if (at >= cluster && str_has_prefix(str_sub(message, at - cluster, message.n), STR("Cluster")))
        at -= cluster;
    size_t end = str_find_char(message, ' ', at) + 1;
    while (end < message.n && !strchr(" ,;)", message.p[end]))
        end++;
    return str_sub(message, at, end);
}

/* "ClusterRoleBinding x", "RoleBinding ns/x": the first binding that the evidence or the message
 * names. */
static bool binding_of(const struct finding *f, struct object_ref *out)
{
    const struct value *list =
        f->evidence.kind == VALUE_MAP ? value_get(f->evidence, STR("bindings")) : NULL;
    struct str text = list && list->kind == VALUE_LIST && list->n ? value_text(value_item(*list, 0))
                                                                  : binding_in(f->message),
               kind, name, ns;
    if (!str_cut(text, ' ', &kind, &name))
        return false;
    *out = (struct object_ref){ .kind = kind, .name = name };
    if (str_eq_c(kind, "RoleBinding") && str_cut(name, '/', &ns, &name)) {
        out->ns = ns;
        out->name = name;
    }
    return true;
}

/* The object whose place is that of the finding. */
static bool look(struct placing *p, struct manifest_index *x, size_t i, struct manifest_wanted *out,
                 bool *is_there)
{
    struct finding f;
    arena_reset(&p->finding);
    if (!result_finding(p->result, &f, i, &p->finding, p->err))
        return false;
    bool is_subject = p->result->check[f.check].check->part[f.part].kind == KIND_NONE;
    if (is_subject)
        (void)binding_of(&f, &f.object);
    out->whose = (uint32_t)i;
    *is_there = manifest_index_look(x, f.object, out, &p->finding);
    return true;
}

bool result_note_places(struct result *r, struct manifest_index *x, struct arena *a,
                        struct arena *scratch, struct err *err)
{
    struct placing p = { .result = r, .err = err, .ok = true };
    struct manifest_wanted *wanted = arena_array(scratch, struct manifest_wanted, r->finding_count);
    size_t count = 0;
    INVARIANT(r->finding_count < UINT32_MAX);
    for (size_t i = 0; i < r->finding_count && p.ok; i++) {
        bool is_there = false;
        p.ok = look(&p, x, i, &wanted[count], &is_there);
        count += is_there;
    }
    if (p.ok) {
        r->place = arena_array(a, struct pos, r->finding_count);
        manifest_index_find(x, wanted, count, there, &p);
    }
    arena_release(&p.finding);
    arena_release(&p.spoken_arena);
    arena_reset(scratch);
    return p.ok;
}
