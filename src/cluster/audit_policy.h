/* The API server's audit policy (audit.k8s.io/v1, kind Policy), as it is loaded: keys it does not
 * know are ignored, as the API server's own lenient reading does. Source: kubernetes/apiserver
 * pkg/audit/policy/reader.go, pkg/apis/audit/validation. */
#ifndef KUBEVOUCH_CLUSTER_AUDIT_POLICY_H
#define KUBEVOUCH_CLUSTER_AUDIT_POLICY_H

#include "base/vec.h"
#include "value/decode.h"

/* In their order: each records what the one before it does, and more. */
enum audit_level {
    AUDIT_NONE,
    AUDIT_METADATA,
    AUDIT_REQUEST,
    AUDIT_REQUEST_RESPONSE,
    AUDIT_LEVEL_COUNT
};
extern const char *const audit_level_name[AUDIT_LEVEL_COUNT + 1]; /* "None", "Metadata" ... */

struct audit_group_resources {
    struct str group;             /* "" is the core group */
    struct decode_strs resources; /* none: all of the group */
    struct decode_strs resource_names;
};
struct audit_rule {
    int level; /* enum audit_level */
    struct decode_strs users, user_groups, verbs, namespaces, non_resource_urls, omit_stages;
    struct decode_list resources; /* of struct audit_group_resources */
};
struct audit_policy {
    struct str api_version, kind;
    struct decode_strs omit_stages;
    struct decode_list rules; /* of struct audit_rule */
};

#define AUDIT_POLICY_BYTES_MAX ((size_t)1 << 20)
#define AUDIT_POLICY_RULES_MAX 2000u
/* Takes the policy from a document that was read. ERR_INPUT with the place when the API server
 * would not load it; no text of the document is in the message. */
bool audit_policy_of_node(struct audit_policy *out, struct arena *a, const struct node *doc,
                          struct err *err) WARN_UNUSED;
/* The policy as plain values, for JSON; audit_policy_of_node reads it back the same. */
struct value audit_policy_value(struct arena *a, const struct audit_policy *p);

#endif
