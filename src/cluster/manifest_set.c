/* Objects out of documents: what could be read of them, what could not, and what nobody looks at.
 */
#include "cluster/manifest_set.h"

#include "base/buf.h"
#include "cluster/manifest_defaults.h"
#include "cluster/manifest_text.h"

#define NAME_SPACE_DEFAULT STR("default")
#define OTHER_KINDS_MAX    100u /* told apart; the rest are counted together */

/* An object, where it stands, and what a list around it says of its items. */
struct found {
    struct value object;
    struct pos pos;        /* in the file; its name is NULL if there is none */
    uint32_t lines_before; /* the document, which its nodes' places do not count */
    struct str api_version, kind;
    bool in_list;
};

static struct arena *scratch_of(const struct manifest_set *s)
{
    return s->scratch ? s->scratch : s->arena;
}

/* ---- what is told */

static struct str place_text(struct arena *a, struct pos pos)
{
    if (pos.file && pos.line)
        return str_printf(a, "%s:%u:%u", pos.file, pos.line, pos.column);
    return str_dup(a, str_from_c(pos.file));
}

struct kind_set manifest_any_kind(void)
{
    struct kind_set all = { 0 };
    for (size_t k = 0; k < KIND_COUNT; k++)
        kind_set_add(&all, (enum kind)k);
    return all;
}

static struct kind_set only(enum kind k)
{
    struct kind_set one = { 0 };
    if (k == KIND_NONE)
        return manifest_any_kind();
    kind_set_add(&one, k);
    return one;
}

/* What its text names may be a kind that is entered only later. */
static void note_hidden(struct manifest_set *s, struct kind_set kinds, struct str others,
                        struct str text)
{
    struct str name;
    if (kind_set_has(kinds, KIND_OWN_END))
        kind_gather_hide(s->gather, (struct str){ 0 }, text);
    while (str_next_field(&others, ' ', &name))
        if (name.n)
            kind_gather_hide(s->gather, name, text);
}

static void add_fault(struct manifest_set *s, struct kind_set kinds, struct str others,
                      struct str text)
{
    s->fault_count++;
    if (s->gather)
        note_hidden(s, kinds, others, text);
    if (s->fault.count == MANIFEST_TOLD_MAX) { /* what it may hide still counts */
        kind_set_merge(&s->fault.item[s->fault.count - 1].kinds,
                       others.n && s->gather ? manifest_any_kind() : kinds);
        return;
    }
    *VEC_PUSH(&s->fault, s->arena) =
        (struct manifest_fault){ kinds, str_dup(s->arena, others), str_dup(s->arena, text) };
}

void manifest_set_fault(struct manifest_set *s, struct kind_set kinds, struct pos pos,
                        const char *fmt, ...)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(8192);
    struct str where = place_text(scratch_of(s), pos);
    if (where.n)
        buf_addf(&text, "%.*s: ", STR_ARG(where));
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    add_fault(s, kinds, s->others, buf_str(&text));
    s->others = (struct str){ 0 };
}

void manifest_set_settle(struct manifest_set *s)
{
    kind_gather_settle(s->gather);
    for (size_t i = 0; i < s->fault.count; i++) {
        struct str rest = s->fault.item[i].others, name;
        while (str_next_field(&rest, ' ', &name))
            if (name.n)
                kind_set_merge(&s->fault.item[i].kinds, manifest_kinds_called(name));
    }
}

void manifest_set_pass(struct manifest_set *s, enum manifest_pass why, struct pos pos)
{
    s->passed_count[why]++;
    if (s->passed.count < MANIFEST_TOLD_MAX)
        *VEC_PUSH(&s->passed, s->arena) =
            (struct manifest_passed){ why, place_text(s->arena, pos) };
}

struct str manifest_set_gap(const struct manifest_set *s, struct arena *a, enum kind kind)
{
    const struct manifest_fault *first = NULL;
    size_t more = 0;
    for (size_t i = 0; i < s->fault.count; i++) {
        if (!kind_set_has(s->fault.item[i].kinds, kind))
            continue;
        more += first != NULL;
        first = first ? first : &s->fault.item[i];
    }
    if (!first)
        return (struct str){ 0 };
    return more ? str_printf(a, "%.*s (and %zu more)", STR_ARG(first->text), more) : first->text;
}

/* ---- objects */

/* What the API server would have filled in: the namespace, and the name after generateName; of a
 * Namespace the label of its name. */
static struct value with_metadata(struct manifest_set *s, struct value object,
                                  const struct value *meta, bool namespaced)
{
    struct arena *a = scratch_of(s);
    struct str name = value_text_at(*meta, "name", NULL),
               generate = value_text_at(*meta, "generateName", NULL);
    const struct value *ns = value_get(*meta, STR("namespace"));
    bool no_namespace = !ns || ns->kind == VALUE_NULL || (ns->kind == VALUE_STRING && !ns->n);
    bool add_namespace = namespaced && no_namespace, add_name = !name.n && generate.n;
    struct value_builder m, o;
    if (!add_namespace && !add_name)
        return object;
    value_builder_init(&m, a);
    value_builder_init(&o, a);
    for (uint32_t i = 0; i < meta->n; i++) {
        struct str key = value_text(meta->as.map->entry[i].key);
        if (!(add_name && str_eq_c(key, "name")) && !(add_namespace && str_eq_c(key, "namespace")))
            value_builder_put(&m, meta->as.map->entry[i].key, meta->as.map->entry[i].val);
    }
    if (add_name)
        value_builder_set(&m, "name", value_str(generate));
    if (add_namespace)
        value_builder_set(&m, "namespace", value_str(s->ns.n ? s->ns : NAME_SPACE_DEFAULT));
    for (uint32_t i = 0; i < object.n; i++) {
        struct value key = object.as.map->entry[i].key;
        bool is_meta = str_eq(value_text(key), STR("metadata"));
        value_builder_put(&o, key, is_meta ? value_builder_map(&m) : object.as.map->entry[i].val);
    }
    return value_builder_map(&o);
}

static void count_other(struct manifest_set *s, struct str api_version, struct str kind)
{
    const char *known = kind_unread(api_version, kind);
    struct str what =
        s->other.count < OTHER_KINDS_MAX
            ? str_printf(scratch_of(s), "%.*s %.*s%s%s%s", STR_ARG(str_sub(api_version, 0, 100)),
                         STR_ARG(str_sub(kind, 0, 100)), known ? " (" : "", known ? known : "",
                         known ? ")" : "")
            : STR("of other kinds");
    for (size_t i = 0; i < s->other.count; i++) {
        if (!str_eq(s->other.item[i].what, what))
            continue;
        s->other.item[i].count++;
        return;
    }
    *VEC_PUSH(&s->other, s->arena) = (struct manifest_other){ str_dup(s->arena, what), 1 };
}

static void keep(struct manifest_set *s, const struct manifest_object *o)
{
    if (s->take)
        s->take(s->ctx, o);
    else
        *VEC_PUSH(&s->object[o->kind], s->arena) = o->object;
}

static void add_one(struct manifest_set *s, const struct found *f, const struct node *node)
{
    enum kind k = kind_by_api(f->api_version, f->kind);
    const struct value *meta = value_get(f->object, STR("metadata"));
    struct str group, version;
    if (manifest_is_kustomize(f->api_version)) {
        manifest_set_pass(s, MANIFEST_PASS_KUSTOMIZE, f->pos);
        return;
    }
    if (k == KIND_NONE && s->gather)
        k = kind_gather_enter(s->gather, f->api_version, f->kind);
    else if (k == KIND_CRDS && s->gather)
        kind_gather_definition(s->gather, f->object);
    if (k != KIND_NONE && !s->strict && manifest_is_patch(k, f->object)) {
        manifest_set_pass(s, MANIFEST_PASS_PATCH, f->pos);
        return;
    }
    s->object_count++;
    if (k == KIND_NONE) {
        count_other(s, f->api_version, f->kind);
        return;
    }
    if (!meta || meta->kind != VALUE_MAP ||
        (!value_text_at(*meta, "name", NULL).n && !value_text_at(*meta, "generateName", NULL).n)) {
        manifest_set_fault(s, only(k), f->pos, "a %s without metadata.name", kind_info(k)->name);
        return;
    }
    if (!str_cut(f->api_version, '/', &group, &version))
        version = f->api_version;
    if (!kind_knows_version(k, version) && !kind_is_former(f->api_version, f->kind)) {
        manifest_set_fault(s, only(k), f->pos, "a %s of version %.*s, which is not understood",
                           kind_info(k)->name, STR_ARG(str_sub(version, 0, 100)));
        return;
    }
    struct manifest_object o = {
        .kind = k, .node = node, .pos = f->pos, .lines_before = f->lines_before
    };
    o.object = with_metadata(s, f->object, meta,
                             kind_info(k)->scope == SCOPE_NAMESPACED && !kind_info(k)->is_guessed);
    if (s->defaults)
        o.object = manifest_with_defaults(scratch_of(s), k, o.object);
    keep(s, &o);
}

/* "PodList": pods; KIND_NONE for a List of anything and for what is no list of ours. */
static enum kind list_of(struct str api_version, struct str kind)
{
    return str_has_suffix(kind, STR("List"))
               ? kind_by_api(api_version, str_sub(kind, 0, kind.n - strlen("List")))
               : KIND_NONE;
}

static void add(struct manifest_set *s, const struct found *f, const struct node *node);

/* items: of a List of anything, or of a list of one kind, whose items need not say what they are.
 */
static void add_items(struct manifest_set *s, const struct found *list, const struct value *items,
                      const struct node *node)
{
    bool any = str_eq(list->kind, STR("List"));
    const struct node *at = node ? node_get(node, "items") : NULL;
    for (size_t i = 0; i < items->n; i++) {
        const struct node *child = at && i < at->child_count ? &at->child[i] : NULL;
        struct found f = { .object = value_item(*items, i),
                           .pos = child ? child->pos : list->pos,
                           .lines_before = list->lines_before,
                           .in_list = true };
        f.pos.line += child ? list->lines_before : 0;
        if (!any) {
            f.api_version = list->api_version;
            f.kind = str_sub(list->kind, 0, list->kind.n - strlen("List"));
        }
        add(s, &f, child);
    }
}

/* A document that says neither what it is nor of which API is none of Kubernetes'; in a List, where
 * nothing else may stand, it is one that cannot be read. */
static bool is_foreign(const struct manifest_set *s, const struct found *f)
{
    return !f->in_list && !s->strict &&
           (f->object.kind != VALUE_MAP || (!f->api_version.n && !f->kind.n));
}

/* Of one kind as far as it says: without apiVersion any that is called so. */
static struct kind_set may_be(struct manifest_set *s, const struct found *f)
{
    struct kind_set kinds =
        f->kind.n && !f->in_list ? manifest_kinds_called(f->kind) : manifest_any_kind();
    if (!kinds.bits)
        s->others = f->kind;
    return kinds;
}

/* f says what its list says; the object's own word goes before that. */
static void add(struct manifest_set *s, const struct found *f, const struct node *node)
{
    struct found own = *f;
    struct str api_version = value_text_at(f->object, "apiVersion", NULL),
               kind = value_text_at(f->object, "kind", NULL);
    own.api_version = api_version.n ? api_version : f->api_version;
    own.kind = kind.n ? kind : f->kind;
    if (is_foreign(s, &own) || (!f->in_list && !own.kind.n && manifest_is_helm_file(f->pos.file))) {
        manifest_set_pass(s,
                          manifest_is_helm_file(f->pos.file)        ? MANIFEST_PASS_HELM_FILE
                          : manifest_is_kustomize_file(f->pos.file) ? MANIFEST_PASS_KUSTOMIZE
                                                                    : MANIFEST_PASS_NO_OBJECT,
                          f->pos);
        return;
    }
    if (f->object.kind != VALUE_MAP) {
        manifest_set_fault(s, manifest_any_kind(), f->pos,
                           "expected an object with apiVersion and kind");
        return;
    }
    if (!own.api_version.n || !own.kind.n) {
        manifest_set_fault(s, may_be(s, &own), f->pos,
                           "an object without %s: what it is cannot be told",
                           own.kind.n ? "apiVersion" : "kind");
        return;
    }
    const struct value *items = value_get(f->object, STR("items"));
    bool has_items = items && (items->kind == VALUE_LIST || items->kind == VALUE_NULL);
    enum kind of = list_of(own.api_version, own.kind);
    if (str_has_suffix(own.kind, STR("List")) && has_items)
        add_items(s, &own, items, node);
    else if (str_eq(own.kind, STR("List")) || of != KIND_NONE)
        manifest_set_fault(s, only(of), f->pos, "a %.*s without a list of items",
                           STR_ARG(own.kind));
    else
        add_one(s, &own, node);
}

void manifest_set_add(struct manifest_set *s, struct value object)
{
    struct found f = { .object = object };
    s->strict = true;
    add(s, &f, NULL);
}

/* ---- documents */

/* The first key that is given twice; kubectl takes the last, in silence. */
static void note_twice(struct manifest_set *s, const struct yaml_twice *t, uint32_t lines_before)
{
    struct pos pos = t->pos;
    pos.line += lines_before;
    if (t->count && s->twice.count < MANIFEST_TOLD_MAX)
        *VEC_PUSH(&s->twice, s->arena) = str_printf(
            s->arena, "%.*s: a key is given twice in one object: the last counts, as for kubectl",
            STR_ARG(place_text(scratch_of(s), pos)));
}

/* Counted as passed over; where the files are to be all of a cluster, what it would become is
 * missing from that. */
static void pass_template(struct manifest_set *s, struct str text, const char *file,
                          uint32_t lines_before)
{
    struct pos pos = { .file = file, .line = lines_before + 1, .column = 1 };
    struct str others;
    struct kind_set kinds = manifest_kinds_named(text, scratch_of(s), &others);
    manifest_set_pass(s,
                      manifest_is_in_chart(scratch_of(s), file) ? MANIFEST_PASS_HELM_SOURCE
                                                                : MANIFEST_PASS_TEMPLATE,
                      pos);
    s->others = s->whole ? others : (struct str){ 0 };
    if (s->whole)
        manifest_set_fault(s, kinds.bits ? kinds : manifest_any_kind(), pos,
                           "a template that was not rendered: what it makes is part of the "
                           "cluster, and is not known; render it first (helm template CHART)");
}

static void could_not_read(struct manifest_set *s, struct str text, struct err *err,
                           uint32_t lines_before)
{
    struct pos pos = err->pos;
    pos.line += pos.line ? lines_before : 0;
    bool too_many = str_has_prefix(str_from_c(err->text), STR("more than"));
    if (!s->strict && !too_many && manifest_is_template(text)) {
        pass_template(s, text, pos.file, lines_before);
        return;
    }
    struct kind_set kinds = manifest_kinds_named(text, scratch_of(s), &s->others);
    manifest_set_fault(s, kinds, pos, "%s%s", err->text,
                       too_many ? ": raise --max-yaml-values" : "");
}

static void read_document(struct manifest_set *s, struct str text, const char *file,
                          uint32_t lines_before)
{
    struct err err = { 0 };
    struct node *doc;
    size_t count;
    struct arena *a = scratch_of(s);
    struct yaml_twice twice = { 0 };
    struct yaml_limits limits = { MANIFEST_BYTES_MAX,
                                  s->values_max ? s->values_max : YAML_NODES_MAX,
                                  s->strict ? NULL : &twice };
    if (!s->strict && str_contains(text, STR("{{")) && manifest_is_in_chart(a, file)) {
        s->document_count++;
        pass_template(s, text, file, lines_before);
        return;
    }
    if (!yaml_read_within(&doc, &count, a, text, file, &limits, &err)) {
        s->document_count++;
        could_not_read(s, text, &err, lines_before);
        return;
    }
    note_twice(s, &twice, lines_before);
    for (size_t i = 0; i < count; i++) {
        struct found f = { .object = node_value(a, &doc[i]),
                           .pos = doc[i].pos,
                           .lines_before = lines_before };
        f.pos.line += lines_before;
        s->document_count += f.object.kind != VALUE_NULL;
        if (f.object.kind != VALUE_NULL)
            add(s, &f, &doc[i]);
    }
}

static uint32_t lines_in(struct str text)
{
    uint32_t lines = 0;
    for (size_t i = 0; i < text.n; i++)
        lines += text.p[i] == '\n';
    return lines;
}

/* One document of YAML, or JSON values one behind the other. */
static void read_piece(struct manifest_set *s, struct str text, const char *file,
                       uint32_t lines_before)
{
    size_t line_end = str_find_char(text, '\n', 0);
    bool begins = line_end != SIZE_MAX && manifest_is_separator(str_sub(text, 0, line_end));
    struct str rest = begins ? str_sub(text, line_end + 1, text.n) : text, one;
    if (!manifest_json_next(&rest, &one)) {
        read_document(s, text, file, lines_before);
        return;
    }
    for (bool more = true; more; more = manifest_json_next(&rest, &one)) {
        read_document(s, one, file,
                      lines_before + lines_in(str_sub(text, 0, (size_t)(one.p - text.p))));
    }
    if (str_trim(rest).n) /* not JSON to its end: told by who reads it as YAML */
        read_document(s, rest, file,
                      lines_before + lines_in(str_sub(text, 0, (size_t)(rest.p - text.p))));
}

bool manifest_is_separator(struct str line)
{
    return str_has_prefix(line, STR("---")) && (line.n == 3 || strchr(" \t\r", line.p[3]));
}

bool manifest_is_prologue(struct str text)
{
    struct str rest = text, line;
    bool directive = false;
    while (str_next_field(&rest, '\n', &line)) {
        struct str t = str_trim(line);
        directive |= str_has_prefix(line, STR("%"));
        if (t.n && t.p[0] != '#' && t.p[0] != '%')
            return false;
    }
    return directive;
}

/* Cut at lines of "---" before anything is parsed, as kubectl does: a broken document spoils no
 * other. */
void manifest_set_read_text(struct manifest_set *s, struct str text, const char *file,
                            uint32_t lines_before)
{
    size_t start = 0, at = 0;
    uint32_t line = lines_before, start_line = lines_before;
    while (at < text.n) {
        size_t end = str_find_char(text, '\n', at), next = end == SIZE_MAX ? text.n : end + 1;
        if (at > start && manifest_is_separator(str_sub(text, at, end)) &&
            !manifest_is_prologue(str_sub(text, start, at))) {
            read_piece(s, str_sub(text, start, at), file, start_line);
            start = at;
            start_line = line;
        }
        line++;
        at = next;
    }
    read_piece(s, str_sub(text, start, text.n), file, start_line);
}
