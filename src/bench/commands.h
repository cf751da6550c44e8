/* What a reader may paste into a shell to mend a finding: templates of a check, filled with the
 * names of the finding's object. */
#ifndef KUBEVOUCH_BENCH_COMMANDS_H
#define KUBEVOUCH_BENCH_COMMANDS_H

#include "bench/benchmark.h"

/* The object of a finding. in_template: a workload whose pod template says what was found. */
struct command_object {
    struct str api_version, kind, ns, name;
    bool in_template;
    struct value evidence; /* a map, or null */
};
/* NULL, or what is wrong with the template. Outside of quotes {object} (kind, name and -n
 * namespace, as kubectl takes them), {workload} (the same of one whose pod template can be
 * changed), {kind}, {name}, {namespace}, {evidence.NAME} and {pod:JSON} (the patch that merges JSON
 * into the pod template's spec of a workload) are filled in. */
const char *command_fault(struct str run);
/* The command for the object: each name is one word of a POSIX shell, whatever it is made of. Empty
 * where the check has none for its kind, where a name is missing, begins like an option, or has
 * characters that a terminal obeys or that pass for others. */
struct str command_for(struct arena *a, const struct check *c, const struct command_object *o);

/* For a linter: templates that are at fault, and checks without a command or a reason for there
 * being none, where others of the benchmark have one. */
void benchmark_lint_commands(const struct benchmark *b, struct arena *a, struct faults *faults);

#endif
