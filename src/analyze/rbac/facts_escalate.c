/* Who can become what, as populations: the graph made of the cluster's objects once, when it is
 * first asked for. */
#include "analyze/facts_state.h"
#include "analyze/rbac/escalate.h"
#include "cluster/taint.h"

static struct str cloud_identity(struct value account)
{
    static const char *const key[] = { "eks.amazonaws.com/role-arn",
                                       "iam.gke.io/gcp-service-account",
                                       "azure.workload.identity/client-id" };
    static const char *const words[] = { "that eks.amazonaws.com/role-arn names",
                                         "that iam.gke.io/gcp-service-account names",
                                         "that azure.workload.identity/client-id names" };
    for (size_t i = 0; i < sizeof key / sizeof *key; i++) {
        const struct value *v = value_at(account, "metadata", "annotations", key[i], NULL);
        if (v && v->kind == VALUE_STRING &&
            taint_annotation_is_plain(str_from_c(key[i]), value_text(*v)))
            return value_text(*v);
        /* masked in a recording, or no name of one: it is there all the same */
        if (v && (v->kind == VALUE_ERROR || value_text(*v).n))
            return str_from_c(words[i]);
    }
    return STR("");
}

/* Namespaces whose labels refuse privileged pods. */
static void note_guarded(const struct facts *f, struct map *guarded)
{
    for (size_t i = 0; i < f->cluster->kept[KIND_NAMESPACES].count; i++) {
        struct value ns = f->cluster->kept[KIND_NAMESPACES].item[i];
        struct str level =
            value_text_at(ns, "metadata", "labels", "pod-security.kubernetes.io/enforce", NULL);
        /* A label that is no level is taken for the strictest. */
        if (level.n && !str_eq_c(level, "privileged"))
            map_put(guarded, value_text_at(ns, "metadata", "name", NULL), guarded);
    }
}

const struct rbac *facts_rbac(const struct facts *f)
{
    return &f->rbac;
}

const struct escalate *facts_escalate(struct facts *f)
{
    if (f->escalate)
        return f->escalate;
    struct map *guarded = arena_new(f->arena, struct map);
    struct escalate_account *account =
        arena_array(f->arena, struct escalate_account, f->account.count);
    map_init(guarded, f->arena);
    note_guarded(f, guarded);
    for (size_t i = 0; i < f->account.count; i++) {
        const struct account *from = f->account.entry[i].val;
        account[i] = (struct escalate_account){ from->ns, from->name, cloud_identity(from->object),
                                                from->pods > 0 };
    }
    const struct escalate_input input = { &f->rbac, f->cluster->minor, account, f->account.count,
                                          guarded };
    f->escalate = escalate_open(f->arena, &input);
    return f->escalate;
}

static struct value subject_value(struct arena *a, const struct rbac_subject *s)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "kind", value_cstr(rbac_subject_kind_name(s->kind)));
    value_builder_set(&b, "name", value_str(s->name));
    value_builder_set(&b, "namespace", value_str(s->ns));
    return value_builder_map(&b);
}

static void add_way(struct facts *f, struct facts_rows *out, const struct rbac_subject *s,
                    enum escalate_target target)
{
    struct arena *a = out->arena;
    struct value_builder b, steps;
    struct escalate_way way =
        escalate_way(facts_escalate(f), a, s->kind, s->ns, s->name, target, STR(""));
    if (!way.count || way.by_everybody) {
        arena_reset(a);
        return;
    }
    value_builder_init(&steps, a);
    for (size_t i = 0; i < way.count; i++)
        value_builder_push(&steps, value_str(way.step[i]));
    value_builder_init(&b, a);
    value_builder_set(&b, "text", value_str(rbac_subject_text(a, s)));
    value_builder_set(&b, "target", value_cstr(escalate_target_name[target]));
    value_builder_set(&b, "steps", value_builder_list(&steps));
    facts_add_row(f, out, subject_value(a, s), value_builder_map(&b));
}

/* What it can become by rights that were not seen is not known. */
static void add_unseen(struct facts *f, struct facts_rows *out, const struct rbac_subject *s)
{
    struct arena *a = out->arena;
    struct value_builder b;
    struct value unseen = facts_unseen_rights(f, a, s);
    if (!unseen.n) {
        arena_reset(a);
        return;
    }
    value_builder_init(&b, a);
    value_builder_set(&b, "text", value_str(rbac_subject_text(a, s)));
    value_builder_set(&b, "target", value_item(unseen, 0));
    value_builder_set(&b, "steps", value_item(unseen, 0));
    facts_add_row(f, out, subject_value(a, s), value_builder_map(&b));
}

void facts_make_escalations(struct facts *f, struct facts_rows *out)
{
    for (size_t i = 0; i < f->rbac.subject.count; i++) {
        for (size_t t = 0; t < ESCALATE_TARGETS; t++)
            add_way(f, out, &f->rbac.subject.item[i], (enum escalate_target)t);
        add_unseen(f, out, &f->rbac.subject.item[i]);
    }
}

/* ---- risks */

/* Rights by a binding that is not the API server's own default. */
static bool holds_more(const struct facts *f, const struct rbac_subject *s)
{
    for (size_t i = 0; i < s->binding.count; i++) {
        const struct rbac_binding *b = &f->rbac.binding.item[s->binding.item[i]];
        if (!facts_is_default_grant(f, b) && facts_binding_grants_anything(f, b))
            return true;
    }
    return false;
}

static uint64_t risks_of_who_it_is(const struct facts *f, const struct rbac_subject *s)
{
    bool is_group = s->kind == RBAC_GROUP, is_user = s->kind == RBAC_USER;
    struct str ns = s->ns, name = s->name;
    bool is_account =
        s->kind == RBAC_SERVICE_ACCOUNT || (is_user && rbac_account_of_user(s->name, &ns, &name));
    const struct account *account = is_account ? facts_account(f, ns, name) : NULL;
    uint64_t has = account && cloud_identity(account->object).n ? (uint64_t)1 << RISK_cloud : 0;
    enum risk r = is_account && str_eq_c(name, "default") ? RISK_default_account
                  : (is_user && str_eq_c(name, "system:anonymous")) ||
                          (is_group && str_eq_c(name, "system:unauthenticated"))
                      ? RISK_strangers
                  : is_group && (str_eq_c(name, "system:authenticated") ||
                                 str_eq_c(name, "system:serviceaccounts"))
                      ? RISK_everybody
                      : RISK_COUNT;
    return r != RISK_COUNT && holds_more(f, s) ? has | (uint64_t)1 << r : has;
}

uint64_t facts_risks(struct facts *f, const struct rbac_subject *s)
{
    return escalate_risks(facts_escalate(f), s) | risks_of_who_it_is(f, s);
}

void facts_make_risks(struct facts *f, struct facts_rows *out)
{
    for (size_t i = 0; i < f->rbac.subject.count; i++) {
        const struct rbac_subject *s = &f->rbac.subject.item[i];
        uint64_t has = facts_risks(f, s);
        for (size_t r = 0; r < RISK_COUNT; r++) {
            struct value_builder b;
            if (!(has >> r & 1))
                continue;
            value_builder_init(&b, out->arena);
            value_builder_set(&b, "text", value_str(rbac_subject_text(out->arena, s)));
            value_builder_set(&b, "id", value_cstr(risk_info[r].id));
            value_builder_set(&b, "why", value_cstr(risk_info[r].why));
            facts_add_row(f, out, subject_value(out->arena, s), value_builder_map(&b));
        }
    }
}
