/* What a kubelet runs with, whole: each key of kubelet_key.def has a value, from /configz, from a
 * configuration file, or from a command line; one that cannot be known is a VALUE_ERROR_UNAVAILABLE
 * that says why.
 *
 * The result has the shape of KubeletConfiguration: {authentication: {anonymous: {enabled: bool},
 * ...}, readOnlyPort: int, ...}. */
#ifndef KUBEVOUCH_ANALYZE_NODES_KUBELET_CONFIG_H
#define KUBEVOUCH_ANALYZE_NODES_KUBELET_CONFIG_H

#include "cluster/kubelet.h"

/* config: as projected (kubelet_project). A key that /configz lacks is false, 0 or empty. */
struct value kubelet_config_of_configz(struct arena *a, struct value config);
/* A file's: a key that it lacks has the kubelet's default, and so has an idle time-out of 0. */
struct value kubelet_config_of_file(struct arena *a, struct value config);
/* flags: name -> text, as component_flags gives them. file: the configuration that --config names,
 * or NULL when it was not seen; without --config it is not looked at. Flags win over the file,
 * feature gates one by one. */
struct value kubelet_config_of_flags(struct arena *a, struct value flags, const struct value *file);

/* Paths of kubelet_key.def in which two of the results above differ: list of texts. */
struct value kubelet_config_difference(struct arena *a, struct value one, struct value other);

#endif
