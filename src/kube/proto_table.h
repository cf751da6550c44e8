/* Descriptors of Kubernetes' messages, for value/proto_read.h: made from its API modules
 * (proto_table.def). */
#ifndef KUBEVOUCH_KUBE_PROTO_TABLE_H
#define KUBEVOUCH_KUBE_PROTO_TABLE_H

#include "value/proto_read.h"

struct proto_root {
    const char *group, *version, *kind;
    const struct proto_message *message;
};
/* By apiVersion ("apps/v1") and kind; NULL: not known as protobuf. */
const struct proto_root *proto_root_find(struct str api_version, struct str kind);
extern const struct proto_root proto_root[];
extern const size_t proto_root_count;

extern const struct proto_message proto_list_meta, proto_type_meta, proto_status;

#endif
