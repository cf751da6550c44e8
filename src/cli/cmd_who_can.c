/* kubevouch who-can: every subject that may do one thing, and by which binding of which role. */
#include "cli/rights.h"

struct asking_who {
    struct rbac_request q;
    struct arena *run;
    size_t told;
};

static void tell(struct asking_who *w, const struct rbac *r, const struct rbac_binding *b)
{
    const struct rbac_role *role = rbac_role_of(r, b);
    for (size_t i = 0; i < b->subject_count; i++) {
        rights_put(str_printf(w->run, "%.*s by %.*s (%.*s)", STR_ARG(rbac_subject_text(w->run, &r->subject.item[b->subject[i]])),
                              STR_ARG(rbac_binding_text(w->run, b)), STR_ARG(rbac_role_text(w->run, role))));
        putchar('\n');
        w->told++;
    }
}

static bool allows(const struct rbac_role *role, const struct rbac_request *q)
{
    for (size_t i = 0; role && i < role->rule_count; i++)
        if (rbac_rule_allows(&role->rule[i], q))
            return true;
    return false;
}

static void answer(void *ctx, struct facts *facts, const struct cluster *cluster)
{
    struct asking_who *w = ctx;
    const struct rbac *r = facts_rbac(facts);
    (void)cluster;
    puts("Group system:masters by the API server itself, whatever the roles say");
    for (size_t i = 0; i < r->binding.count; i++) {
        const struct rbac_binding *b = &r->binding.item[i];
        bool holds = b->cluster || (w->q.ns.n && !w->q.path.n && str_eq(b->ns, w->q.ns));
        if (holds && allows(rbac_role_of(r, b), &w->q))
            tell(w, r, b);
    }
}

enum exit_status cmd_who_can(const struct options *o, struct arena *run, struct err *err)
{
    struct asking_who w = { .run = run };
    if (o->argument.count < 2 || o->argument.count > 3) {
        (void)err_set(err, ERR_USAGE, "who-can needs a verb and a resource or URL: kubevouch who-can get secrets, kubevouch who-can create pods/exec -n shop");
        return EXIT_USAGE;
    }
    w.q.verb = o->argument.item[0];
    rights_resource(&w.q, o->argument.item[1]);
    w.q.name = o->argument.count > 2 ? o->argument.item[2] : STR("");
    w.q.ns = o->kube.ns;
    return rights_read(o, answer, &w, run, err);
}
