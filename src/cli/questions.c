/* Questions about rights in a file: read strictly, answered one by one. */
#include "cli/questions.h"

#include "base/file.h"
#include "value/decode.h"

#define QUESTIONS_BYTES_MAX ((size_t)256 << 20)
#define QUESTIONS_NODES_MAX 8000000u

struct question_text {
    struct str user, verb, group, resource, subresource, ns, name, path;
    struct decode_strs groups;
};
static const struct decode_field question_field[] = {
    DECODE(STR, struct question_text, user, "user", 0),
    DECODE(STRS, struct question_text, groups, "groups", 0),
    DECODE(STR, struct question_text, verb, "verb", DECODE_REQUIRED),
    DECODE(STR, struct question_text, group, "group", 0),
    DECODE(STR, struct question_text, resource, "resource", 0),
    DECODE(STR, struct question_text, subresource, "subresource", 0),
    DECODE(STR, struct question_text, ns, "namespace", 0),
    DECODE(STR, struct question_text, name, "name", 0),
    DECODE(STR, struct question_text, path, "path", 0),
};
static const struct decode_table question_table =
    DECODE_TABLE("a question", question_field, struct question_text, 0);

static bool read_one(struct question *out, const struct node *n, const char *file, struct arena *a,
                     struct err *err)
{
    struct question_text t = { 0 };
    if (!decode_node(&t, &question_table, n, a, err))
        return false;
    bool is_url = node_get(n, "path") != NULL;
    if (is_url && (!t.path.n || node_get(n, "resource") || t.group.n || t.subresource.n || t.ns.n ||
                   t.name.n))
        return err_set(err, ERR_INPUT,
                       "%s:%u: a question with path is about that URL alone: it has no resource, "
                       "group, subresource, namespace or name",
                       file, n->pos.line);
    if (!is_url && !node_get(n, "resource"))
        return err_set(err, ERR_INPUT,
                       "%s:%u: a question names a resource (pods) or a path (/metrics)", file,
                       n->pos.line);
    if (!t.user.n && !t.groups.count)
        return err_set(err, ERR_INPUT, "%s:%u: a question names a user, groups, or both", file,
                       n->pos.line);
    *out = (struct question){
        .user = { t.user, t.groups.item, t.groups.count },
        .q = { .verb = t.verb,
               .group = t.group,
               .resource = t.resource,
               .subresource = t.subresource,
               .ns = t.ns,
               .name = t.name,
               .path = t.path },
    };
    return true;
}

bool questions_read(struct questions *out, struct arena *a, struct str path, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(QUESTIONS_BYTES_MAX);
    const struct yaml_limits limits = { .bytes = QUESTIONS_BYTES_MAX,
                                        .nodes = QUESTIONS_NODES_MAX };
    bool standard = str_eq_c(path, "-");
    const char *name = standard ? "-" : str_to_c(a, path);
    struct node *doc;
    size_t count;
    if (!file_read(standard ? "/dev/stdin" : name, &text, err) ||
        !yaml_read_within(&doc, &count, a, str_dup(a, buf_str(&text)), name, &limits, err))
        return false;
    if (count != 1 || doc->kind != NODE_LIST)
        return err_set(err, ERR_INPUT,
                       "%s: a list of questions is wanted, such as [{user: jane, verb: get, "
                       "resource: secrets, namespace: shop}]",
                       name);
    struct question *item = arena_array(a, struct question, doc->child_count);
    for (size_t i = 0; i < doc->child_count; i++)
        if (!read_one(&item[i], &doc->child[i], name, a, err))
            return false;
    *out = (struct questions){ item, doc->child_count };
    return true;
}

bool question_in_place(const struct rbac_binding *b, const struct rbac_request *q)
{
    return b->cluster || (q->ns.n && !q->path.n && str_eq(b->ns, q->ns));
}

bool question_role_allows(const struct rbac_role *role, const struct rbac_request *q)
{
    for (size_t i = 0; role && i < role->rule_count; i++)
        if (rbac_rule_allows(&role->rule[i], q))
            return true;
    return false;
}

static bool is_of(const struct rbac_binding *b, const struct rbac_user *user)
{
    const struct value *subjects = value_get(b->object, STR("subjects"));
    size_t index;
    return subjects && rbac_subjects_apply(*subjects, user, b->ns, &index);
}

struct value question_answer(struct arena *a, const struct rbac *r, const struct question *asked,
                             struct str gap)
{
    struct value_builder b;
    value_builder_init(&b, a);
    bool allowed = rbac_authorize(r, &asked->user, &asked->q);
    value_builder_set(&b, "allowed", allowed || !gap.n ? value_bool(allowed) : value_null());
    if (!allowed && gap.n)
        value_builder_set(&b, "unknown", value_str(gap));
    for (size_t i = 0; i < r->binding.count; i++) {
        const struct rbac_binding *binding = &r->binding.item[i];
        const struct rbac_role *role = rbac_role_of(r, binding);
        if (question_in_place(binding, &asked->q) && question_role_allows(role, &asked->q) &&
            is_of(binding, &asked->user)) {
            value_builder_set(&b, "by", value_str(rbac_binding_text(a, binding)));
            value_builder_set(&b, "role", value_str(rbac_role_text(a, role)));
            break;
        }
    }
    return value_builder_map(&b);
}
