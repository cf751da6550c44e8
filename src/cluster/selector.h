/* Label selectors of Kubernetes objects: {matchLabels, matchExpressions}. */
#ifndef KUBEVOUCH_CLUSTER_SELECTOR_H
#define KUBEVOUCH_CLUSTER_SELECTOR_H

#include "value/value.h"

/* labels is a map of strings, or anything else for none. An empty selector matches everything; what
 * is not a selector (null, unknown operator, wrong types) matches nothing. */
bool selector_matches(struct value selector, struct value labels);
/* {} or one whose parts are all empty: it selects everything. Null and missing are not. */
bool selector_is_everything(struct value selector);

#endif
