/* YAML (and so JSON) documents that people write, with positions: the boundary to libyaml, in one
 * file. */
#include "value/yaml.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "value/yaml_place.h"
#include "value/yaml_scalar.h"
#include "value/yaml_surrogate.h"

#include <yaml.h>

/* A node with what it costs to walk it: an alias shares its target's memory, but whoever walks the
 * tree sees it again, so both limits count it again. */
struct built {
    struct node node;
    uint32_t node_count; /* with everything below */
    uint32_t height;     /* levels below; 0 for a scalar */
};
struct anchor {
    struct built built;
    bool complete; /* false inside the node that it names */
};
struct reader {
    yaml_parser_t parser;
    struct arena *arena;           /* the result */
    struct arena scratch, per_map; /* anchors and the stack; keys of one map */
    struct yaml_place place;
    struct map anchor; /* name -> struct anchor, of this document */
    struct buf stack;  /* struct node: children of the containers that are still open */
    uint32_t node_count, alias_node_count, nodes_max;
    struct yaml_twice *twice; /* NULL: a key that is given twice is an error */
    struct err *err;
};

static void reader_release(struct reader *r)
{
    yaml_parser_delete(&r->parser);
    buf_release(&r->stack);
    arena_release(&r->scratch);
    arena_release(&r->per_map);
}

static struct pos pos_of(struct reader *r, yaml_mark_t mark)
{
    return yaml_place_at(&r->place, mark.index);
}

static bool is_tab_at(const struct reader *r)
{
    return r->place.byte < r->place.text.n && r->place.text.p[r->place.byte] == '\t';
}

/* libyaml's own words: what it missed, and inside of what that began where. */
static bool parser_fail(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem ? p->problem : "not valid YAML";
    if (p->error == YAML_MEMORY_ERROR) {
        err_out_of_memory(0);
    }
    struct pos context = p->context ? pos_of(r, p->context_mark) : (struct pos){ 0 };
    struct pos pos = pos_of(r, p->problem_mark);
    const char *hint = is_tab_at(r) ? "; indent with spaces, not with tabs" : "";
    if (!p->context) {
        return err_set_at(r->err, ERR_INPUT, pos, "%s%s", problem, hint);
    }
    if (context.line == pos.line || context.line == 0) {
        return err_set_at(r->err, ERR_INPUT, pos, "%s %s%s", problem, p->context, hint);
    }
    return err_set_at(r->err, ERR_INPUT, pos, "%s %s that starts at line %u%s", problem, p->context,
                      context.line, hint);
}

static bool next_event(struct reader *r, yaml_event_t *event)
{
    return yaml_parser_parse(&r->parser, event) == 1 || parser_fail(r);
}

static struct str event_text(const yaml_char_t *p)
{
    return str_of((const char *)p, p ? strlen((const char *)p) : 0);
}

/* Remembers a node that is being read under its name; a later one of that name hides it. */
static struct anchor *anchor_open(struct reader *r, const yaml_char_t *name)
{
    if (!name) {
        return NULL;
    }
    struct anchor *made = arena_new(&r->scratch, struct anchor);
    *map_at(&r->anchor, event_text(name), NULL) = made;
    return made;
}

static void anchor_close(struct anchor *anchor, const struct built *built)
{
    if (anchor) {
        *anchor = (struct anchor){ .built = *built, .complete = true };
    }
}

static bool read_scalar(struct reader *r, const yaml_event_t *event, struct built *out)
{
    struct str text = str_of((const char *)event->data.scalar.value, event->data.scalar.length);
    const char *tag = (const char *)event->data.scalar.tag, *expected = NULL;
    struct node n = {
        .kind = NODE_SCALAR,
        .pos = pos_of(r, event->start_mark),
        .quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE,
        .text = str_dup(r->arena, text),
    };
    if (!tag) {
        n.scalar = n.quoted ? value_str(n.text) : yaml_resolve(n.text);
    } else if (!yaml_resolve_tagged(&n.scalar, r->arena, tag, n.text, &expected)) {
        return err_set_at(r->err, ERR_INPUT, n.pos, "\"%.*s\" is not %s, as its tag says",
                          STR_ARG(n.text), expected);
    }
    *out = (struct built){ .node = n, .node_count = 1 };
    anchor_close(anchor_open(r, event->data.scalar.anchor), out);
    return true;
}

static bool read_alias(struct reader *r, const yaml_event_t *event, size_t depth, struct built *out)
{
    struct str name = event_text(event->data.alias.anchor);
    struct pos pos = pos_of(r, event->start_mark);
    const struct anchor *anchor = map_get(&r->anchor, name);
    if (!anchor) {
        return err_set_at(r->err, ERR_INPUT, pos, "alias \"*%.*s\" has no anchor before it",
                          STR_ARG(name));
    }
    if (!anchor->complete) {
        return err_set_at(r->err, ERR_INPUT, pos,
                          "alias \"*%.*s\" stands inside the node that it names", STR_ARG(name));
    }
    if (depth + anchor->built.height > YAML_DEPTH_MAX) {
        return err_set_at(r->err, ERR_LIMIT, pos, "alias \"*%.*s\" nests deeper than %u levels",
                          STR_ARG(name), YAML_DEPTH_MAX);
    }
    r->alias_node_count += anchor->built.node_count; /* both are below the limit: no overflow */
    if (r->alias_node_count > YAML_ALIAS_NODES_MAX) {
        return err_set_at(r->err, ERR_LIMIT, pos, "aliases stand for more than %u values",
                          YAML_ALIAS_NODES_MAX);
    }
    *out = anchor->built;
    out->node.pos = pos;
    return true;
}

static bool is_merge(const struct node *key)
{
    return key->kind == NODE_SCALAR && !key->quoted && str_eq(key->text, STR("<<"));
}

/* The entries that merge keys add to one map, under the keys that it has. */
struct merge {
    struct map seen; /* key text -> the key's node */
    VEC(struct node) added;
};

/* Adds the entries of a map behind "<<" whose keys are not there yet. */
static void merge_map(struct reader *r, struct merge *m, const struct node *from)
{
    for (size_t i = 0; i + 1 < from->child_count; i += 2) {
        bool created;
        void **slot = map_at(&m->seen, node_key_text(&r->per_map, &from->child[i]), &created);
        if (created) {
            *slot = &from->child[i];
            *VEC_PUSH(&m->added, &r->per_map) = from->child[i];
            *VEC_PUSH(&m->added, &r->per_map) = from->child[i + 1];
        }
    }
}

static bool merge_value(struct reader *r, struct merge *m, const struct node *from)
{
    bool all_maps = from->kind == NODE_MAP || from->kind == NODE_LIST;
    for (size_t i = 0; from->kind == NODE_LIST && i < from->child_count; i++) {
        all_maps = all_maps && from->child[i].kind == NODE_MAP;
    }
    if (!all_maps) {
        return err_set_at(r->err, ERR_INPUT, from->pos,
                          "a merge key \"<<\" needs a map or a list of maps");
    }
    if (from->kind == NODE_MAP) {
        merge_map(r, m, from);
    }
    for (size_t i = 0; from->kind == NODE_LIST && i < from->child_count; i++) {
        merge_map(r, m, &from->child[i]);
    }
    return true;
}

/* An earlier entry of the same key, which is left out: no scalar has children. */
#define LEFT_OUT SIZE_MAX

static void leave_out(struct reader *r, struct node *earlier, const struct node *key)
{
    if (r->twice->count++ == 0)
        r->twice->pos = key->pos;
    earlier->child_count = LEFT_OUT;
}

/* Refuses a key that JSON could not have, or that is there already: 1 and "1" are one key in JSON.
 */
static bool see_key(struct reader *r, struct merge *m, struct node *key)
{
    if (key->kind != NODE_SCALAR) {
        return err_set_at(r->err, ERR_INPUT, key->pos, "a key must be text, not a %s",
                          key->kind == NODE_MAP ? "map" : "list");
    }
    if (key->scalar.kind == VALUE_NULL) {
        return err_set_at(r->err, ERR_INPUT, key->pos, "a key must be text, not null");
    }
    bool created;
    void **slot = map_at(&m->seen, node_key_text(&r->per_map, key), &created);
    if (!created && r->twice) {
        leave_out(r, *slot, key);
    } else if (!created) {
        const struct node *first = *slot;
        return err_set_at(r->err, ERR_INPUT, key->pos,
                          "key \"%.*s\" is given twice, first at line %u",
                          STR_ARG(str_sub(key->text, 0, 100)), first->pos.line);
    }
    *slot = key;
    return true;
}

/* Checks the keys of a map's children and resolves its merge keys. Explicit keys win over merged
 * ones, earlier merged ones over later ones (yaml.org/type/merge.html). */
static bool finish_map(struct reader *r, struct node *child, size_t count, struct node *map)
{
    struct merge m = { 0 };
    map_init(&m.seen, &r->per_map);
    size_t kept = 0;
    for (size_t i = 0; i < count; i += 2) {
        if (!is_merge(&child[i]) && !see_key(r, &m, &child[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i += 2) {
        if (is_merge(&child[i]) && !merge_value(r, &m, &child[i + 1])) {
            return false;
        }
    }
    map->child = arena_array(r->arena, struct node, count + m.added.count);
    for (size_t i = 0; i < count; i += 2) {
        if (!is_merge(&child[i]) && child[i].child_count != LEFT_OUT) {
            map->child[kept++] = child[i];
            map->child[kept++] = child[i + 1];
        }
    }
    for (size_t i = 0; i < m.added.count; i++) {
        map->child[kept++] = m.added.item[i];
    }
    map->child_count = kept;
    return true;
}

/* Moves the children above stack_bytes off the stack into their container. */
static bool finish_container(struct reader *r, size_t stack_bytes, struct node *container)
{
    size_t count = (r->stack.n - stack_bytes) / sizeof(struct node);
    struct node *child = count ? (struct node *)(void *)(r->stack.p + stack_bytes) : NULL;
    r->stack.n = stack_bytes;
    if (container->kind == NODE_MAP) {
        struct arena_mark mark = arena_mark(&r->per_map);
        bool ok = finish_map(r, child, count, container);
        arena_reset_to(&r->per_map, mark);
        return ok;
    }
    container->child = arena_array(r->arena, struct node, count);
    container->child_count = count;
    if (count) {
        memcpy(container->child, child, count * sizeof *child);
    }
    return true;
}

static bool read_node(struct reader *r, const yaml_event_t *event, size_t depth, struct built *out);

/* A list or map from its start event to its end event. */
static bool read_container(struct reader *r, const yaml_event_t *start, size_t depth,
                           struct built *out)
{
    bool is_map = start->type == YAML_MAPPING_START_EVENT;
    struct built made = {
        .node = { .kind = is_map ? NODE_MAP : NODE_LIST, .pos = pos_of(r, start->start_mark) },
        .node_count = 1,
        .height = 1,
    };
    struct anchor *anchor = anchor_open(r, is_map ? start->data.mapping_start.anchor
                                                  : start->data.sequence_start.anchor);
    size_t stack_bytes = r->stack.n;
    for (;;) {
        yaml_event_t event CLEANUP(yaml_event_delete) = { 0 };
        struct built child;
        if (!next_event(r, &event)) {
            return false;
        }
        if (event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT) {
            break;
        }
        if (!read_node(r, &event, depth + 1, &child)) {
            return false;
        }
        buf_add(&r->stack, str_of((const char *)&child.node, sizeof child.node));
        made.node_count += child.node_count;
        made.height = made.height > child.height ? made.height : child.height + 1;
    }
    if (!buf_ok(&r->stack, "a YAML document", r->err) ||
        !finish_container(r, stack_bytes, &made.node)) {
        return false;
    }
    anchor_close(anchor, &made);
    *out = made;
    return true;
}

/* depth: containers around the node. */
static bool read_node(struct reader *r, const yaml_event_t *event, size_t depth, struct built *out)
{
    if (++r->node_count > r->nodes_max) {
        return err_set_at(r->err, ERR_LIMIT, pos_of(r, event->start_mark), "more than %u values",
                          r->nodes_max);
    }
    if (event->type == YAML_ALIAS_EVENT) {
        return read_alias(r, event, depth, out);
    }
    if (event->type == YAML_SCALAR_EVENT) {
        return read_scalar(r, event, out);
    }
    if (depth >= YAML_DEPTH_MAX) {
        return err_set_at(r->err, ERR_LIMIT, pos_of(r, event->start_mark),
                          "nested deeper than %u levels", YAML_DEPTH_MAX);
    }
    return read_container(r, event, depth, out);
}

/* The node and the end of a document whose start event was read. */
static bool read_document(struct reader *r, struct node *out)
{
    yaml_event_t event CLEANUP(yaml_event_delete) = { 0 }, end CLEANUP(yaml_event_delete) = { 0 };
    struct built built;
    map_init(&r->anchor, &r->scratch);
    if (!next_event(r, &event) || !read_node(r, &event, 0, &built) || !next_event(r, &end)) {
        return false;
    }
    *out = built.node;
    return true;
}

static bool read_stream(struct reader *r, struct node **doc, size_t *doc_count)
{
    VEC(struct node) docs = { 0 };
    for (;;) {
        yaml_event_t event CLEANUP(yaml_event_delete) = { 0 };
        struct node read;
        if (!next_event(r, &event)) {
            return false;
        }
        if (event.type == YAML_STREAM_END_EVENT) {
            break;
        }
        if (event.type == YAML_DOCUMENT_START_EVENT) {
            if (!read_document(r, &read)) {
                return false;
            }
            *VEC_PUSH(&docs, r->arena) = read;
        }
    }
    *doc = docs.item;
    *doc_count = docs.count;
    return true;
}

bool yaml_read(struct node **doc, size_t *doc_count, struct arena *a, struct str text,
               const char *file, struct err *err)
{
    static const struct yaml_limits limits = { YAML_BYTES_MAX, YAML_NODES_MAX, NULL };
    return yaml_read_within(doc, doc_count, a, text, file, &limits, err);
}

bool yaml_read_within(struct node **doc, size_t *doc_count, struct arena *a, struct str text,
                      const char *file, const struct yaml_limits *limits, struct err *err)
{
    if (!yaml_place_check(text, file, limits->bytes, err)) {
        return false;
    }
    struct buf joined CLEANUP(buf_release) = BUF_INIT(limits->bytes);
    if (yaml_join_surrogates(&joined, text)) {
        text = buf_str(&joined);
    }
    struct reader r CLEANUP(reader_release) = {
        .arena = a, .err = err, .nodes_max = limits->nodes, .twice = limits->twice
    };
    if (yaml_parser_initialize(&r.parser) != 1) {
        err_out_of_memory(0);
    }
    yaml_place_init(&r.place, text, file);
    buf_init(&r.stack, limits->nodes * sizeof(struct node));
    const char *bytes = text.p ? text.p : "";
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)bytes, text.n);
    return read_stream(&r, doc, doc_count);
}
