/* Processes of the node, out of /proc: the few that Kubernetes is made of, and of their command
 * lines only the flags in flag.def. */
#include "analyze/control_plane/component.h"
#include "node/gather.h"

#define PROCESSES_MAX 64u
#define ARGUMENTS_MAX 4096u

static const struct {
    const char *program, *flag;
} flag_row[] = {
#define NODE_FLAG(program, flag) { program, flag },
#include "node/flag.def"
#undef NODE_FLAG
};

static const char *program_of(struct str word)
{
    size_t slash = str_find_last_char(word, '/');
    struct str base = slash == SIZE_MAX ? word : str_sub(word, slash + 1, word.n);
    for (size_t i = 0; i < sizeof flag_row / sizeof *flag_row; i++)
        if (str_eq_c(base, flag_row[i].program))
            return flag_row[i].program;
    return NULL;
}

static bool is_kept(const char *program, struct str flag)
{
    for (size_t i = 0; i < sizeof flag_row / sizeof *flag_row; i++)
        if (strcmp(flag_row[i].program, program) == 0 && str_eq_c(flag, flag_row[i].flag))
            return true;
    return false;
}

/* A relative path starts in the process's own folder; it stays one where that was not seen. */
static struct str from_own_folder(struct gather *g, struct str pid, struct str flag,
                                  struct str path)
{
    struct walk_seen s CLEANUP(walk_seen_close) = { .fd = -1, .parent = -1 };
    if (!path.n || path.p[0] == '/' || str_eq_c(flag, "hostname-override"))
        return path;
    walk_look(&s, g->arena, g->root, str_printf(g->arena, "/proc/%.*s/cwd", STR_ARG(pid)));
    if (s.state != NODE_PRESENT || !s.last_is_link)
        return path;
    return component_path_clean(
        g->arena, str_printf(g->arena, "%.*s/%.*s", STR_ARG(s.resolved), STR_ARG(path)));
}

static struct value kept_flags(struct gather *g, struct str pid, const char *program,
                               struct value all)
{
    struct value_builder b;
    value_builder_init(&b, g->arena);
    for (uint32_t i = 0; i < all.n; i++) {
        struct value_entry e = all.as.map->entry[i];
        if (is_kept(program, value_text(e.key)) && e.val.kind == VALUE_STRING)
            value_builder_put(
                &b, e.key,
                value_str(walk_text(
                    g->arena, from_own_folder(g, pid, value_text(e.key), value_text(e.val)))));
    }
    return value_builder_map(&b);
}

static bool read_below(struct gather *g, struct str pid, const char *name, struct buf *out)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct walk_seen s CLEANUP(walk_seen_close) = { .fd = -1, .parent = -1 };
    const char *reason;
    walk_look(&s, &scratch, g->root, str_printf(&scratch, "/proc/%.*s/%s", STR_ARG(pid), name));
    return walk_read(&s, out, &reason);
}

/* Whoever may start a process may call it kubelet: only root's count. */
static bool runs_as_root(struct gather *g, struct str pid)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct walk_seen s CLEANUP(walk_seen_close) = { .fd = -1, .parent = -1 };
    walk_look(&s, &scratch, g->root, str_printf(&scratch, "/proc/%.*s", STR_ARG(pid)));
    return s.state == NODE_PRESENT && s.st.st_uid == 0;
}

static bool is_in_container(struct gather *g, struct str pid)
{
    static const char *const mark[] = { "kubepods", "cri-containerd-", "crio-", "/docker",
                                        "libpod-" };
    struct buf text CLEANUP(buf_release) = BUF_INIT(65536);
    if (!read_below(g, pid, "cgroup", &text))
        return true; /* its paths may be another file system's: do not take them for the node's */
    for (size_t i = 0; i < sizeof mark / sizeof *mark; i++)
        if (str_contains(buf_str(&text), str_from_c(mark[i])))
            return true;
    return false;
}

static void read_process(struct gather *g, struct str pid)
{
    struct buf text CLEANUP(buf_release) = { .limit_bytes = (size_t)1 << 20, .secret = true };
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct str rest, word, *all = arena_array(&scratch, struct str, ARGUMENTS_MAX);
    size_t count = 0;
    int64_t number;
    if (!str_to_int64(pid, &number) || !read_below(g, pid, "cmdline", &text))
        return;
    rest = buf_str(&text);
    while (count < ARGUMENTS_MAX && str_next_field(&rest, '\0', &word))
        all[count++] = word;
    size_t at = count > 1 && str_has_suffix(all[0], STR("hyperkube")) ? 1 : 0;
    const char *program = count ? program_of(all[at]) : NULL;
    if (!program || !runs_as_root(g, pid) || g->out->process.count == PROCESSES_MAX)
        return;
    struct value flags = (strcmp(program, "etcd") == 0 ? component_go_flags : component_flags)(
        &scratch, all + at + 1, count - at - 1);
    *VEC_PUSH(&g->out->process, g->arena) = (struct node_process){
        .name = str_from_c(program),
        .pid = number,
        .in_container = is_in_container(g, pid),
        .flags = value_dup(g->arena, kept_flags(g, pid, program, flags)),
    };
}

void gather_processes(struct gather *g)
{
    struct walk_seen s CLEANUP(walk_seen_close) = { .fd = -1, .parent = -1 };
    struct walk_names names = { 0 };
    const char *reason = "it is not there";
    size_t numbers = 0;
    walk_look(&s, g->arena, g->root, STR("/proc"));
    if (s.state != NODE_PRESENT || !walk_list(&s, g->arena, &names, &reason)) {
        g->out->processes_reason =
            str_printf(g->arena, "/proc of the node: %s", s.reason ? s.reason : reason);
        return;
    }
    for (size_t i = 0; i < names.item.count; i++) {
        int64_t pid;
        numbers += str_to_int64(names.item.item[i], &pid);
    }
    if (!numbers || names.cut) {
        g->out->processes_reason = names.cut ? STR("/proc of the node has too many entries")
                                             : STR("/proc of the node shows no process");
        return;
    }
    g->out->processes_visible = true;
    for (size_t i = 0; i < names.item.count; i++)
        read_process(g, names.item.item[i]);
}

const struct node_process *gather_process(const struct gather *g, const char *name)
{
    for (size_t i = 0; i < g->out->process.count; i++)
        if (str_eq_c(g->out->process.item[i].name, name) && !g->out->process.item[i].in_container)
            return &g->out->process.item[i];
    return NULL;
}

struct str node_flag(const struct node_process *p, const char *flag)
{
    return p ? value_text_at(p->flags, flag, NULL) : (struct str){ 0 };
}
