/* Reading what kubevouch node-facts printed on the nodes: a folder with one file NODE.json for
 * each. */
#include "cluster/node_facts_read.h"

#include "base/file.h"
#include "base/map.h"

#include <dirent.h>
#include <errno.h>

struct file_doc {
    struct str path, target, reason, source, type, owner, group, platform, mode;
    struct pos mode_pos, uid_pos, path_pos;
    int role, state;
    int64_t uid, gid, size;
    const struct node *policy;
};
struct process_doc {
    struct str name;
    int64_t pid;
    bool in_container;
    struct value flags;
    struct pos name_pos;
};
struct facts_doc {
    int64_t version;
    struct str kind, node_name, collected_at, tool_version, root, processes_reason;
    struct decode_strs mounts;
    bool processes_visible;
    struct decode_list processes, files;
    struct pos version_pos, name_pos, at_pos;
};

static const struct decode_field file_field[] = {
    DECODE_NAMED(struct file_doc, role, "role", DECODE_REQUIRED, node_role_name),
    DECODE_NAMED(struct file_doc, state, "state", DECODE_REQUIRED, node_state_name),
    DECODE_AT(STR, struct file_doc, path, "path", DECODE_REQUIRED, path_pos),
    DECODE(STR, struct file_doc, platform, "platform", DECODE_REQUIRED),
    DECODE(STR, struct file_doc, source, "source", DECODE_REQUIRED),
    DECODE(STR, struct file_doc, target, "target", 0),
    DECODE(STR, struct file_doc, reason, "reason", 0),
    DECODE(STR, struct file_doc, type, "type", 0),
    DECODE_AT(STR, struct file_doc, mode, "mode", 0, mode_pos),
    DECODE_AT(INT, struct file_doc, uid, "uid", 0, uid_pos),
    DECODE(INT, struct file_doc, gid, "gid", 0),
    DECODE(STR, struct file_doc, owner, "owner", 0),
    DECODE(STR, struct file_doc, group, "group", 0),
    DECODE(INT, struct file_doc, size, "size", 0),
    DECODE(NODE, struct file_doc, policy, "auditPolicy", 0),
};
static const struct decode_table file_table =
    DECODE_TABLE("a file of a node", file_field, struct file_doc, 0);
static const struct decode_field process_field[] = {
    DECODE_AT(STR, struct process_doc, name, "name", DECODE_REQUIRED, name_pos),
    DECODE(INT, struct process_doc, pid, "pid", DECODE_REQUIRED),
    DECODE(BOOL, struct process_doc, in_container, "inContainer", DECODE_REQUIRED),
    DECODE(VALUE, struct process_doc, flags, "flags", DECODE_REQUIRED),
};
static const struct decode_table process_table =
    DECODE_TABLE("a process of a node", process_field, struct process_doc, 0);
static const struct decode_field facts_field[] = {
    DECODE(STR, struct facts_doc, kind, "kind", DECODE_REQUIRED),
    DECODE_AT(INT, struct facts_doc, version, "schemaVersion", DECODE_REQUIRED, version_pos),
    DECODE_AT(STR, struct facts_doc, node_name, "nodeName", DECODE_REQUIRED, name_pos),
    DECODE_AT(STR, struct facts_doc, collected_at, "collectedAt", DECODE_REQUIRED, at_pos),
    DECODE(STR, struct facts_doc, tool_version, "toolVersion", DECODE_REQUIRED),
    DECODE(STR, struct facts_doc, root, "root", DECODE_REQUIRED),
    DECODE(STRS, struct facts_doc, mounts, "mounts", DECODE_REQUIRED),
    DECODE(BOOL, struct facts_doc, processes_visible, "processesVisible", DECODE_REQUIRED),
    DECODE(STR, struct facts_doc, processes_reason, "processesReason", 0),
    DECODE_ITEMS(struct facts_doc, processes, "processes", DECODE_REQUIRED, process_table),
    DECODE_ITEMS(struct facts_doc, files, "files", DECODE_REQUIRED, file_table),
};
static const struct decode_table facts_table =
    DECODE_TABLE("the facts of a node", facts_field, struct facts_doc, 0);

/* "0600": four octal digits. */
static bool read_mode(struct str s, uint32_t *mode)
{
    uint32_t m = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '7')
            return false;
        m = m * 8 + (uint32_t)(s.p[i] - '0');
    }
    *mode = m;
    return s.n == 4;
}

static bool read_present(struct node_file *f, const struct file_doc *d, struct err *err)
{
    if (!read_mode(d->mode, &f->mode))
        return err_set_at(
            err, ERR_INPUT, d->mode_pos.line ? d->mode_pos : d->path_pos,
            "a file that is present has a \"mode\" of four octal digits, such as \"0600\"");
    if (!d->uid_pos.line || d->uid < 0 || d->gid < 0 || d->uid > UINT32_MAX ||
        d->gid > UINT32_MAX || d->size < 0)
        return err_set_at(err, ERR_INPUT, d->path_pos,
                          "a file that is present has \"uid\", \"gid\" and \"size\" from 0");
    if (!str_eq_c(d->type, "file") && !str_eq_c(d->type, "directory") &&
        !str_eq_c(d->type, "other"))
        return err_set_at(err, ERR_INPUT, d->path_pos, "\"type\" must be file, directory or other");
    return true;
}

static bool read_file(struct node_file *f, struct arena *a, const struct file_doc *d,
                      struct err *err)
{
    *f = (struct node_file){
        .role = d->role,
        .state = d->state,
        .platform = d->platform,
        .source = d->source,
        .path = d->path,
        .target = d->target,
        .reason = d->reason,
        .type = d->type,
        .uid = d->uid,
        .gid = d->gid,
        .owner = d->owner,
        .group = d->group,
        .size = d->size,
    };
    if (d->state == NODE_PRESENT && !read_present(f, d, err))
        return false;
    if (!d->policy)
        return true;
    if (d->role != NODE_AUDIT_POLICY || d->state != NODE_PRESENT)
        return err_set_at(err, ERR_INPUT, d->policy->pos,
                          "only an audit policy that is present has \"auditPolicy\"");
    f->policy = arena_new(a, struct audit_policy);
    return audit_policy_of_node(f->policy, a, d->policy, err);
}

static bool read_process(struct node_process *p, const struct process_doc *d, struct err *err)
{
    if (d->flags.kind != VALUE_MAP)
        return err_set_at(err, ERR_INPUT, d->name_pos, "\"flags\" of a process must be a map");
    for (uint32_t i = 0; i < d->flags.n; i++)
        if (d->flags.as.map->entry[i].val.kind != VALUE_STRING)
            return err_set_at(err, ERR_INPUT, d->name_pos,
                              "each of the \"flags\" of a process must be a string");
    *p = (struct node_process){ d->name, d->pid, d->in_container, d->flags };
    return true;
}

static bool read_rows(struct node_facts *f, struct arena *a, const struct facts_doc *d,
                      struct err *err)
{
    const struct process_doc *process = d->processes.item;
    const struct file_doc *file = d->files.item;
    if (d->files.count > NODE_FACTS_FILES_MAX)
        return err_set_at(err, ERR_LIMIT, d->name_pos, "node \"%.*s\" tells of more than %u files",
                          STR_ARG(d->node_name), NODE_FACTS_FILES_MAX);
    for (size_t i = 0; i < d->processes.count; i++)
        if (!read_process(VEC_PUSH(&f->process, a), &process[i], err))
            return false;
    f->file.item = arena_array(a, struct node_file, d->files.count);
    f->file.cap = f->file.count = d->files.count;
    struct map seen;
    bool is_new;
    map_init(&seen, a);
    for (size_t i = 0; i < d->files.count; i++) {
        if (!read_file(&f->file.item[i], a, &file[i], err))
            return false;
        (void)map_at(&seen,
                     str_printf(a, "%s %.*s", node_role_name[file[i].role], STR_ARG(file[i].path)),
                     &is_new);
        if (!is_new)
            return err_set_at(err, ERR_INPUT, file[i].path_pos, "the file is told twice in role %s",
                              node_role_name[file[i].role]);
    }
    return true;
}

bool node_facts_of_node(struct node_facts *out, struct arena *a, const struct node *doc,
                        struct err *err)
{
    struct facts_doc d = { 0 };
    if (!decode_node(&d, &facts_table, doc, a, err))
        return false;
    struct node_facts f = {
        .file_name = str_from_c(doc->pos.file),
        .node_name = d.node_name,
        .collected_at = d.collected_at,
        .tool_version = d.tool_version,
        .root = d.root,
        .mount = d.mounts.item,
        .mount_count = d.mounts.count,
        .processes_visible = d.processes_visible,
        .processes_reason = d.processes_reason,
    };
    if (!str_eq_c(d.kind, "NodeFacts"))
        return err_set_at(err, ERR_INPUT, doc->pos,
                          "kind is \"%.*s\", not NodeFacts: give what kubevouch node-facts printed",
                          STR_ARG(str_sub(d.kind, 0, 60)));
    if (d.version != NODE_FACTS_SCHEMA)
        return err_set_at(err, ERR_INPUT, d.version_pos,
                          "schemaVersion is %lld, this program reads %d", (long long)d.version,
                          NODE_FACTS_SCHEMA);
    if (!d.node_name.n || d.node_name.n > 253)
        return err_set_at(err, ERR_INPUT, d.name_pos, "nodeName must be the name of a node");
    if (!clock_parse_rfc3339(d.collected_at, &f.collected))
        return err_set_at(err, ERR_INPUT, d.at_pos, "collectedAt \"%.*s\" is not an RFC 3339 time",
                          STR_ARG(str_sub(d.collected_at, 0, 60)));
    if (!read_rows(&f, a, &d, err))
        return false;
    *out = f;
    return true;
}

bool node_facts_parse(struct node_facts *out, struct arena *a, struct str text, const char *file,
                      struct err *err)
{
    struct node *doc;
    size_t count;
    if (!yaml_read(&doc, &count, a, text, file, err))
        return false;
    if (count != 1)
        return err_set(err, ERR_INPUT, "%s: expected one document, found %zu", file, count);
    return node_facts_of_node(out, a, &doc[0], err);
}

/* ---- a folder of them */

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

typedef VEC(struct str) names;

static bool list_files(names *out, struct arena *a, const char *dir, struct err *err)
{
    DIR *d = opendir(dir);
    if (!d)
        return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
                       "cannot list the folder \"%s\": %s", dir, strerrordesc_np(errno));
    for (struct dirent *e; (e = readdir(d)) && out->count <= NODE_FACTS_NODES_MAX;) {
        struct str name = str_from_c(e->d_name);
        if (name.n > 5 && name.p[0] != '.' && str_has_suffix(name, STR(".json")))
            *VEC_PUSH(out, a) = str_dup(a, name);
    }
    (void)closedir(d);
    if (out->count > NODE_FACTS_NODES_MAX)
        return err_set(err, ERR_LIMIT, "folder \"%s\" has more than %u files", dir,
                       NODE_FACTS_NODES_MAX);
    if (!out->count)
        return err_set(err, ERR_INPUT,
                       "folder \"%s\" has no NODE.json: put there what kubevouch node-facts "
                       "printed on each node",
                       dir);
    qsort(out->item, out->count, sizeof *out->item, by_text);
    return true;
}

static bool read_one(struct node_facts *out, struct arena *a, const char *dir, struct str name,
                     struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(YAML_BYTES_MAX);
    char *path = str_to_c(a, file_join(a, str_from_c(dir), name));
    if (!file_read(path, &text, err) || !node_facts_parse(out, a, buf_str(&text), path, err))
        return false;
    if (!str_eq(out->node_name, str_sub(name, 0, name.n - 5)))
        return err_set(err, ERR_INPUT,
                       "%s says it is of node \"%.*s\": a file is named for its node, %.*s.json",
                       path, STR_ARG(out->node_name), STR_ARG(out->node_name));
    return true;
}

bool node_facts_read(struct node_evidence *out, struct arena *a, const char *dir, struct err *err)
{
    names file = { 0 };
    if (!list_files(&file, a, dir, err))
        return false;
    struct node_evidence e = { .node = arena_array(a, struct node_facts, file.count) };
    for (size_t i = 0; i < file.count; i++, e.count++)
        if (!read_one(&e.node[i], a, dir, file.item[i], err))
            return false;
    *out = e;
    return true;
}
