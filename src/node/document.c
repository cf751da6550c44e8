/* The facts as a document. */
#include "node/node.h"
#include "value/set.h"

static struct value file_value(struct arena *a, const struct node_file *f)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "role", value_cstr(node_role_name[f->role]));
    value_builder_set(&b, "path", value_str(f->path));
    value_builder_set(&b, "state", value_cstr(node_state_name[f->state]));
    value_builder_set(&b, "platform", value_str(f->platform));
    value_builder_set(&b, "source", value_str(f->source));
    set_str(&b, "target", f->target);
    set_str(&b, "reason", f->reason);
    if (f->state == NODE_PRESENT) {
        value_builder_set(&b, "type", value_str(f->type));
        value_builder_set(&b, "mode", value_str(str_printf(a, "%04o", f->mode)));
        value_builder_set(&b, "uid", value_int(f->uid));
        value_builder_set(&b, "gid", value_int(f->gid));
        set_str(&b, "owner", f->owner);
        set_str(&b, "group", f->group);
        value_builder_set(&b, "size", value_int(f->size));
    }
    if (f->policy)
        value_builder_set(&b, "auditPolicy", audit_policy_value(a, f->policy));
    return value_builder_map(&b);
}

static struct value process_value(struct arena *a, const struct node_process *p)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "name", value_str(p->name));
    value_builder_set(&b, "pid", value_int(p->pid));
    value_builder_set(&b, "inContainer", value_bool(p->in_container));
    value_builder_set(&b, "flags", p->flags);
    return value_builder_map(&b);
}

struct value node_facts_value(struct arena *a, const struct node_facts *f)
{
    struct value_builder b, mounts, processes, files;
    value_builder_init(&b, a);
    value_builder_init(&mounts, a);
    value_builder_init(&processes, a);
    value_builder_init(&files, a);
    for (size_t i = 0; i < f->mount_count; i++)
        value_builder_push(&mounts, value_str(f->mount[i]));
    for (size_t i = 0; i < f->process.count; i++)
        value_builder_push(&processes, process_value(a, &f->process.item[i]));
    for (size_t i = 0; i < f->file.count; i++)
        value_builder_push(&files, file_value(a, &f->file.item[i]));
    value_builder_set(&b, "kind", value_cstr("NodeFacts"));
    value_builder_set(&b, "schemaVersion", value_int(NODE_FACTS_SCHEMA));
    value_builder_set(&b, "nodeName", value_str(f->node_name));
    value_builder_set(&b, "collectedAt", value_str(f->collected_at));
    value_builder_set(&b, "toolVersion", value_str(f->tool_version));
    value_builder_set(&b, "root", value_str(f->root));
    value_builder_set(&b, "mounts", value_builder_list(&mounts));
    value_builder_set(&b, "processesVisible", value_bool(f->processes_visible));
    set_str(&b, "processesReason", f->processes_reason);
    value_builder_set(&b, "processes", value_builder_list(&processes));
    value_builder_set(&b, "files", value_builder_list(&files));
    return value_builder_map(&b);
}
