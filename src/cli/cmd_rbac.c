/* rbac: the least rights of an audit, as objects to apply. */
#include "base/names.h"
#include "bench/least_rights.h"
#include "cli/command.h"
#include "cli/data.h"
#include "cli/node_pods.h"
#include "cli/plan.h"

enum exit_status cmd_rbac(const struct options *o, struct arena *run, struct err *err)
{
    struct benchmark b;
    struct selection s = plan_selection(o);
    struct buf out CLEANUP(buf_release) = BUF_INIT(LEAST_RIGHTS_BYTES_MAX);
    if (!data_benchmark(&b, run, o->benchmark, err))
        return EXIT_USAGE;
    bool *selected = arena_array(run, bool, b.check_count);
    if (!benchmark_select(&b, &s, selected, err))
        return EXIT_USAGE;
    int way = names_find(kubelet_way_name, KUBELET_WAY_COUNT, o->kubelet);
    if (!least_rights_write(&out, &b, selected, way < 0 ? KUBELET_NONE : (enum kubelet_way)way,
                            o->scope.count > 0, run, err))
        return EXIT_COULD_NOT_RUN;
    if (o->probe.n)
        least_rights_write_probe(&out);
    if (o->node_facts_pods.n)
        node_pods_role(&out, o->node_facts_pods);
    if (!buf_ok(&out, "the rights", err))
        return EXIT_COULD_NOT_RUN;
    if (fwrite(out.p, 1, out.n, stdout) != out.n) {
        (void)err_set(err, ERR_IO, "writing to standard output");
        return EXIT_COULD_NOT_RUN;
    }
    return EXIT_DONE;
}
