/* Descriptors of Kubernetes' messages. */
#include "kube/proto_table.h"

#define MESSAGE(id, name) static const struct proto_message id;
#define FIELD(json, number, shape, type, empty, of)
#define CONSTANT(json, text)
#define END(id)
#define ROOT(group, version, kind, id)
#include "kube/proto_table.def"
#undef MESSAGE
#undef FIELD
#undef CONSTANT
#undef END
#undef ROOT

static const struct proto_message NONE;
#define KEY(json)                                                   \
    {                                                               \
        .kind = VALUE_STRING, .n = sizeof(json) - 1, .as.s = (json) \
    }
#define MESSAGE(id, name) static const struct proto_field id##_field[] = {
#define FIELD(json, number, shape, type, empty, of) \
    { KEY(json), number, PROTO_##shape, PROTO_##type, PROTO_##empty, &of, NULL },
#define CONSTANT(json, text) \
    { KEY(json), 0, PROTO_CONSTANT, PROTO_STRING, PROTO_KEPT, &NONE, text },
#define END(id) \
    }           \
    ;
#define ROOT(group, version, kind, id)
#include "kube/proto_table.def"
#undef MESSAGE
#undef FIELD
#undef CONSTANT
#undef END
#undef ROOT

#define MESSAGE(id, name) \
    static const struct proto_message id = { name, id##_field, COUNT_OF(id##_field) };
#define FIELD(json, number, shape, type, empty, of)
#define CONSTANT(json, text)
#define END(id)
#define ROOT(group, version, kind, id)
#include "kube/proto_table.def"
#undef MESSAGE
#undef FIELD
#undef CONSTANT
#undef END
#undef ROOT
static const struct proto_message NONE = { "none", NULL, 0 };

#define MESSAGE(id, name)
#define FIELD(json, number, shape, type, empty, of)
#define CONSTANT(json, text)
#define END(id)
#define ROOT(group, version, kind, id) { group, version, kind, &id },
const struct proto_root proto_root[] = {
#include "kube/proto_table.def"
};
#undef MESSAGE
#undef FIELD
#undef CONSTANT
#undef END
#undef ROOT
const size_t proto_root_count = COUNT_OF(proto_root);

const struct proto_message proto_list_meta = { "ListMeta", meta_v1_ListMeta_field,
                                               COUNT_OF(meta_v1_ListMeta_field) };
const struct proto_message proto_type_meta = { "TypeMeta", pkg_runtime_TypeMeta_field,
                                               COUNT_OF(pkg_runtime_TypeMeta_field) };
const struct proto_message proto_status = { "Status", meta_v1_Status_field,
                                            COUNT_OF(meta_v1_Status_field) };

const struct proto_root *proto_root_find(struct str api_version, struct str kind)
{
    size_t slash = str_find_char(api_version, '/', 0);
    struct str group = slash == SIZE_MAX ? (struct str){ 0 } : str_sub(api_version, 0, slash);
    struct str version =
        slash == SIZE_MAX ? api_version : str_sub(api_version, slash + 1, api_version.n);
    for (size_t i = 0; i < proto_root_count; i++)
        if (str_eq_c(group, proto_root[i].group) && str_eq_c(version, proto_root[i].version) &&
            str_eq_c(kind, proto_root[i].kind))
            return &proto_root[i];
    return NULL;
}
