/* Control-plane components as their mirror pods show them: which component runs in a pod, and its
 * command line as flags.
 *
 * Only mirror pods count (annotation kubernetes.io/config.mirror, owned by a Node): any other pod may
 * call itself kube-apiserver. The component is told by its program, directly or behind a known
 * wrapper (sh -c, go-runner ...), never by the pod's name. */
#ifndef KUBEVOUCH_ANALYZE_COMPONENT_H
#define KUBEVOUCH_ANALYZE_COMPONENT_H

#include "base/vec.h"
#include "value/value.h"

enum component_kind {
    COMPONENT_APISERVER,
    COMPONENT_CONTROLLER_MANAGER,
    COMPONENT_SCHEDULER,
    COMPONENT_ETCD,
    COMPONENT_KIND_COUNT
};
const char *component_name(enum component_kind k); /* "kube-apiserver" ... */

struct component {
    enum component_kind kind;
    struct str pod, ns, node, container;
    struct value flags; /* map: name without dashes in front, _ as -, to text; see component_flags */
    struct str doubt;   /* why flags may not be all that is in force; empty: they are */
};
/* True if the pod was made by a kubelet from a file on its node. */
bool component_is_mirror(struct value pod);
/* The component in a mirror pod; false if there is none. */
bool component_of_pod(struct component *out, struct arena *a, struct value pod);
/* The same for a pod that was read from a kubelet's own folder of static pods. */
bool component_of_manifest(struct component *out, struct arena *a, struct value pod);

/* Flags of a command line behind the program's name. A bare flag is "true"; BOOL flags of flag.def are made "true"
 * or "false"; LIST and MAP flags given again are joined with commas; of others the last counts. "--"
 * ends them, words that are not flags are ignored. */
struct value component_flags(struct arena *a, const struct str *arg, size_t arg_count);
/* Words of a shell script's line that runs program, up to the end of that command; quotes and backslashes
 * undone, $NAME and ${NAME} replaced from env (a map of texts). *doubt is set when something cannot be known. */
#define COMPONENT_WORD_BYTES_MAX 65536u
#define COMPONENT_WORDS_MAX 4096u
struct component_words {
    VEC(struct str) word;
    struct str doubt;
};
void component_split_shell(struct component_words *out, struct arena *a, struct str script, struct value env);

/* Item of a comma-separated flag value. */
bool component_list_has(struct str list, const char *item);

#endif
