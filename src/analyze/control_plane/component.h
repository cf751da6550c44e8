/* Control-plane components as their mirror pods show them: which component runs in a pod, and its
 * command line as flags.
 *
 * Only mirror pods count (annotation kubernetes.io/config.mirror, owned by their Node): any other
 * pod may call itself kube-apiserver; and only those of nodes of the control plane prove anything,
 * for a kubelet makes what mirror pods of its own node it likes. The component is told by its
 * program, directly or behind a known wrapper (sh -c, go-runner ...), never by the pod's name. */
#ifndef KUBEVOUCH_ANALYZE_CONTROL_PLANE_COMPONENT_H
#define KUBEVOUCH_ANALYZE_CONTROL_PLANE_COMPONENT_H

#include "base/vec.h"
#include "value/value.h"

enum component_kind {
    COMPONENT_APISERVER,
    COMPONENT_CONTROLLER_MANAGER,
    COMPONENT_SCHEDULER,
    COMPONENT_ETCD,
    COMPONENT_KUBE_PROXY, /* on every node: of a mirror pod, or of a DaemonSet's template */
    COMPONENT_KIND_COUNT
};
const char *component_name(enum component_kind k); /* "kube-apiserver" ... */

/* Where its flags were read, best first. */
enum component_source {
    COMPONENT_FROM_FLAGZ, /* /flagz, of an instance that no pod is known of */
    /* the mirror pod's command line, and /flagz too where that is of this instance */
    COMPONENT_FROM_POD,
    COMPONENT_FROM_OPENSHIFT, /* the ConfigMap of OpenShift's operator */
    COMPONENT_FROM_KUBEADM, /* ConfigMap kubeadm-config: what was meant when the cluster was made */
};
struct component {
    enum component_kind kind;
    enum component_source source;
    /* pod: the ConfigMap's name when it is of one; empty of /flagz */
    struct str pod, ns, node, container;
    struct str address; /* of the pod's node; empty: not told */
    /* map: name without dashes in front, _ as -, to text or error; see component_flags */
    struct value flags;
    struct value given; /* of the pod's command line, where flags are of /flagz; else null */
    /* of /flagz, if it is of this instance: every flag the program has, as flags; else null */
    struct value in_force;
    struct value spec; /* of the pod; else null */
    /* of OpenShift: admission.pluginConfig, {plugin: {configuration, location}}; else null */
    struct value admission;
    struct str doubt; /* why flags may not be all that is in force; empty: they are */
    bool further;     /* a container before it in the pod runs the same kind */
    /* its node is not known to be one of the control plane: the pod proves nothing */
    bool unvouched;
};
struct component_list {
    VEC(struct component) found;
};
/* Every instance that the cluster shows, sorted by kind, source, namespace and pod. What is only
 * declared is told of a kind of which nothing better was seen. */
struct cluster;
void component_find(struct component_list *out, struct arena *a, const struct cluster *c);
/* A path without ".", ".." and doubled slashes, as Go's path.Clean has it. */
struct str component_path_clean(struct arena *a, struct str path);
/* The node's file that a path of the component's container leads to, by the pod's mounts: equal
 * texts are one file. What links lead to is not seen. A relative path stays one: where it starts is
 * not told. */
struct str component_file(struct arena *a, const struct component *c, struct str path);
/* "pod kube-system/kube-apiserver-n1", "the API server that answered /flagz". */
struct str component_text(struct arena *a, const struct component *c);
/* Flags in force: given, and where not given the default of minor (-1: not known) where
 * component_default.def knows one. A value that cannot be told is an unavailable error. defaulted:
 * list of names. */
struct value component_effective(struct arena *a, const struct component *c, int minor,
                                 struct value *defaulted);
/* The command-line flags in which c differs from others of its kind, list of texts; what every
 * instance has of its own (addresses, names) left out. Empty where command lines are not known. */
struct value component_differences(struct arena *a, const struct component_list *list,
                                   const struct component *c);
/* Values as /flagz prints them, as if they had been given: "[a,b]" is a,b. */
struct value component_flagz(struct arena *a, struct value printed);
/* The first component in a mirror pod; false if there is none. */
bool component_of_pod(struct component *out, struct arena *a, struct value pod);
/* The same for a pod that was read from a kubelet's own folder of static pods. */
bool component_of_manifest(struct component *out, struct arena *a, struct value pod);
/* Adds the component of each of the pod's containers that runs one, whatever pod it is; sidecars
 * count, other init containers do not. */
void component_add_all(struct component_list *out, struct arena *a, struct value pod);

/* Flags of a command line behind the program's name, as github.com/spf13/pflag reads them with the
 * types of flag.def; values as flag_value_add gives them: texts, or unavailable errors where the
 * component would refuse them. A bare flag that may be a boolean is "true". "--" ends them, words
 * that are not flags are ignored. */
struct value component_flags(struct arena *a, const struct str *arg, size_t arg_count);
/* The same as Go's own package flag reads them, which etcd has: one dash or two, no _ for -, and
 * the first word that is no flag ends them. */
struct value component_go_flags(struct arena *a, const struct str *arg, size_t arg_count);
/* A variable that a command line gives the program it runs. value: a text, or an unavailable error
 * where it cannot be told. */
struct component_variable {
    struct str name;
    struct value value;
};
/* Words of a shell script's line that runs program, up to the end of that command; quotes and
 * backslashes undone, $NAME and ${NAME} replaced from env (a map of texts). *doubt is set when
 * something cannot be known. */
#define COMPONENT_WORD_BYTES_MAX 65536u
#define COMPONENT_WORDS_MAX      4096u
struct component_words {
    VEC(struct str) word;
    struct str doubt;
    /* what is set for the program beside env; the last of a name counts */
    VEC(struct component_variable) set;
    struct str env_doubt; /* why its environment may hold more; empty: it does not */
};
void component_split_shell(struct component_words *out, struct arena *a, struct str script,
                           struct value env);
/* NAME=value or NAME+=value, as a shell and env(1) read them. *adds: it is +=. */
bool component_assigns(struct str word, struct str *name, struct str *value, bool *adds);
/* text NULL: it is set, to what cannot be told. */
void component_env_set(struct component_words *w, struct arena *a, struct str name,
                       const struct str *text);
/* What the words before the program at do to its environment: env's pairs and options, exec -c, a
 * login. */
void component_env_front(struct component_words *w, struct arena *a, size_t at);

/* Whether the words, as one command of a shell, run a component. */
bool component_runs(const struct component_words *w);
/* Why the first of the flags that is an error is one; empty when none is. */
struct str component_refused(const struct component *c, const char *const *flag, size_t count);

/* One flag more, as if it stood at the end of the command line of flags (a struct map of names to
 * struct value *). */
struct map;
void component_flag_set(struct map *flags, struct arena *a, struct str name, struct str value);
/* The value of a flag, marked (value/taint.h) where it carries a credential. */
struct value component_flag_marked(struct str name, struct value v);
struct value component_flags_of_map(struct arena *a, const struct map *flags);
/* Item of a list flag's value. */
bool component_list_has(struct str list, const char *item);

#endif
