/* kubevouch paths: step by step from a subject to what it can reach. */
#include "base/names.h"
#include "cli/rights.h"

struct asking_paths {
    const struct options *options;
    struct rights_subject from;
    bool one; /* a target was named */
    enum escalate_target target;
    struct arena *run;
    size_t found;
};

static void tell_way(struct asking_paths *p, const struct escalate *e, enum escalate_target to)
{
    struct escalate_way way =
        escalate_way(e, p->run, p->from.kind, p->from.ns, p->from.name, to, p->options->kube.ns);
    printf("to %s", escalate_target_name[to]);
    if (to == ESCALATE_NAMESPACE && p->options->kube.ns.n) {
        putchar(' ');
        rights_put(p->options->kube.ns);
    } else if (to == ESCALATE_NAMESPACE) {
        printf(" (another than its own)");
    }
    puts(way.count ? ":" : ": no way was found");
    for (size_t i = 0; i < way.count; i++) {
        printf("  %zu. ", i + 1);
        rights_put(way.step[i]);
        putchar('\n');
    }
    p->found += way.count > 0;
}

static void answer(void *ctx, struct facts *facts, const struct cluster *cluster)
{
    struct asking_paths *p = ctx;
    const struct escalate *e = facts_escalate(facts);
    (void)cluster;
    for (size_t t = 0; t < ESCALATE_TARGETS; t++)
        if (!p->one || p->target == (enum escalate_target)t)
            tell_way(p, e, (enum escalate_target)t);
}

enum exit_status cmd_paths(const struct options *o, struct arena *run, struct err *err)
{
    struct asking_paths p = { .options = o, .run = run, .one = o->to.n > 0 };
    if (!o->from.n) {
        (void)err_set(err, ERR_USAGE,
                      "paths needs a subject: kubevouch paths --from serviceaccount:shop:web [--to "
                      "cluster-admin]");
        return EXIT_USAGE;
    }
    if (!rights_subject(&p.from, o->from, err))
        return EXIT_USAGE;
    int target = p.one ? (int)names_find(escalate_target_name, ESCALATE_TARGETS, o->to) : 0;
    if (target < 0 || target >= ESCALATE_TARGETS) {
        (void)err_set(err, ERR_USAGE,
                      "\"%.*s\" is no target: cluster-admin, node, cloud or namespace",
                      STR_ARG(o->to));
        return EXIT_USAGE;
    }
    p.target = (enum escalate_target)target;
    return rights_read(o, answer, &p, run, err);
}
