/* kubevouch who-can: every subject that may do one thing, and by which binding of which role; or
 * the answers to many questions. */
#include "cli/questions.h"
#include "cli/rights.h"
#include "cli/terminal.h"
#include "value/json_doc.h"

#define ANSWER_BYTES_MAX ((size_t)1 << 20)

struct asking_who {
    const struct options *options;
    struct rbac_request q;
    struct questions questions;
    struct arena *run;
};

static void tell(struct asking_who *w, const struct rbac *r, const struct rbac_binding *b)
{
    const struct rbac_role *role = rbac_role_of(r, b);
    for (size_t i = 0; i < b->subject_count; i++) {
        rights_put(str_printf(w->run, "%.*s by %.*s (%.*s)",
                              STR_ARG(rbac_subject_text(w->run, &r->subject.item[b->subject[i]])),
                              STR_ARG(rbac_binding_text(w->run, b)),
                              STR_ARG(rbac_role_text(w->run, role))));
        putchar('\n');
    }
}

static void answer(void *ctx, struct facts *facts, const struct cluster *cluster)
{
    struct asking_who *w = ctx;
    const struct rbac *r = facts_rbac(facts);
    (void)cluster;
    puts("Group system:masters by the API server itself, whatever the roles say");
    for (size_t i = 0; i < r->binding.count; i++) {
        const struct rbac_binding *b = &r->binding.item[i];
        if (question_in_place(b, &w->q) && question_role_allows(rbac_role_of(r, b), &w->q))
            tell(w, r, b);
    }
}

/* ---- many questions */

/* Why a right may be there that was not seen; empty: everything was. */
static struct str unseen(const struct asking_who *w, const struct facts *facts,
                         const struct cluster *c)
{
    const struct rbac *r = facts_rbac(facts);
    struct value rights_unseen = facts_unseen_rights(facts, w->run, NULL);
    struct kind_set rights = { 0 };
    kind_set_add(&rights, KIND_ROLES);
    kind_set_add(&rights, KIND_CLUSTERROLES);
    kind_set_add(&rights, KIND_ROLEBINDINGS);
    kind_set_add(&rights, KIND_CLUSTERROLEBINDINGS);
    enum kind gap = cluster_first_gap(c, rights);
    if (gap != KIND_NONE)
        return c->coverage[gap].reason.n ? c->coverage[gap].reason
                                         : STR("not all roles and bindings could be read");
    if (w->options->manifests.n && !w->options->whole)
        return STR("the files need not hold all roles and bindings of a cluster (--whole says that "
                   "they do)");
    if (rights_unseen.n)
        return value_item(rights_unseen, 0).as.error->text;
    for (size_t i = 0; i < r->role.count; i++)
        if (r->role.item[i].damage.n)
            return str_printf(w->run, "%.*s: %.*s",
                              STR_ARG(rbac_role_text(w->run, &r->role.item[i])),
                              STR_ARG(r->role.item[i].damage));
    for (size_t i = 0; i < r->binding.count; i++)
        if (r->binding.item[i].damage.n)
            return str_printf(w->run, "%.*s: %.*s",
                              STR_ARG(rbac_binding_text(w->run, &r->binding.item[i])),
                              STR_ARG(r->binding.item[i].damage));
    return STR("");
}

static void answer_questions(void *ctx, struct facts *facts, const struct cluster *cluster)
{
    struct asking_who *w = ctx;
    const struct rbac *r = facts_rbac(facts);
    struct str gap = unseen(w, facts, cluster);
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct buf text CLEANUP(buf_release) = BUF_INIT(ANSWER_BYTES_MAX);
    for (size_t i = 0; i < w->questions.count; i++) {
        arena_reset(&scratch);
        buf_reset(&text);
        json_doc_write(&text, question_answer(&scratch, r, &w->questions.item[i], gap), 0);
        terminal_put(stdout, w->options->stdout_is_terminal, buf_str(&text));
        putchar('\n');
    }
}

enum exit_status cmd_who_can(const struct options *o, struct arena *run, struct err *err)
{
    struct asking_who w = { .options = o, .run = run };
    if (o->questions.n) {
        if (o->argument.count || o->kube.ns.n) {
            (void)err_set(err, ERR_USAGE,
                          "the questions say what is asked: --questions goes without a verb, a "
                          "resource and --namespace");
            return EXIT_USAGE;
        }
        return questions_read(&w.questions, run, o->questions, err)
                   ? rights_read(o, answer_questions, &w, run, err)
                   : EXIT_USAGE;
    }
    if (o->argument.count < 2 || o->argument.count > 3) {
        (void)err_set(err, ERR_USAGE,
                      "who-can needs a verb and a resource or URL: kubevouch who-can get secrets, "
                      "kubevouch who-can create pods/exec -n shop");
        return EXIT_USAGE;
    }
    w.q.verb = o->argument.item[0];
    rights_resource(&w.q, o->argument.item[1]);
    w.q.name = o->argument.count > 2 ? o->argument.item[2] : STR("");
    w.q.ns = o->kube.ns;
    return rights_read(o, answer, &w, run, err);
}
