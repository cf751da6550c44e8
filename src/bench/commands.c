/* Commands for findings: words of a shell made of names that anybody may have chosen. */
#include "bench/commands.h"

#include "base/shown.h"
#include "value/faults.h"
#include "value/taint.h"

#define COMMAND_BYTES_MAX ((size_t)16 << 10)
#define POD_MARK          "pod:"
#define EVIDENCE_MARK     "evidence."

static bool is_bare(struct str s)
{
    return str_consists_of(s, STR_LOWER STR_UPPER STR_DIGITS "._/@-");
}

static bool is_readable(struct str s)
{
    for (size_t at = 0, n; at < s.n; at += n) {
        uint32_t c = 0;
        n = str_utf8_at(s, at, &c);
        if (!n || shown_class(c) != SHOWN_PLAIN)
            return false;
    }
    return s.n && s.p[0] != '-';
}

static void put_quoted(struct buf *out, struct str s)
{
    buf_add_char(out, '\'');
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\'')
            buf_add_c(out, "'\\''");
        else
            buf_add_char(out, s.p[i]);
    buf_add_char(out, '\'');
}

static bool put_word(struct buf *out, struct str s)
{
    if (!is_readable(s))
        return false;
    if (is_bare(s))
        buf_add(out, s);
    else
        put_quoted(out, s);
    return true;
}

/* A kind of the API's own groups is enough for kubectl; another needs its version and group. */
static bool put_kind(struct buf *out, struct arena *a, const struct command_object *o)
{
    struct str group, version;
    if (!str_cut(o->api_version, '/', &group, &version) ||
        str_find_char(group, '.', 0) == SIZE_MAX || str_has_suffix(group, STR(".k8s.io")))
        return put_word(out, o->kind);
    return put_word(
        out, str_printf(a, "%.*s.%.*s.%.*s", STR_ARG(o->kind), STR_ARG(version), STR_ARG(group)));
}

static bool put_object(struct buf *out, struct arena *a, const struct command_object *o)
{
    if (!o->api_version.n || !put_kind(out, a, o))
        return false;
    buf_add_char(out, ' ');
    if (!put_word(out, o->name))
        return false;
    if (o->ns.n)
        buf_add_c(out, " -n ");
    return !o->ns.n || put_word(out, o->ns);
}

/* Whose pod template says it and can be changed: a Job's cannot, nor a pod. */
static bool is_mutable(const struct command_object *o)
{
    static const char *const kind[] = { "Deployment", "ReplicaSet", "StatefulSet",
                                        "DaemonSet",  "CronJob",    "ReplicationController" };
    bool found = false;
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++)
        found |= str_eq_c(o->kind, kind[i]);
    return found && o->in_template;
}

static bool put_pod_patch(struct buf *out, struct arena *a, const struct command_object *o,
                          struct str json)
{
    bool is_cron = str_eq_c(o->kind, "CronJob");
    if (!is_mutable(o))
        return false;
    put_quoted(out, str_printf(a, "{\"spec\":%s{\"template\":{\"spec\":%.*s}}%s}",
                               is_cron ? "{\"jobTemplate\":{\"spec\":" : "", STR_ARG(json),
                               is_cron ? "}}" : ""));
    return true;
}

static bool put_evidence(struct buf *out, struct value evidence, struct str key)
{
    const struct value *v = evidence.kind == VALUE_MAP ? value_get(evidence, key) : NULL;
    return v && v->kind == VALUE_STRING && !taint_is(*v) && put_word(out, value_text(*v));
}

/* False: there is no such word. o NULL: whether the placeholder is one. */
static bool put_placeholder(struct buf *out, struct arena *a, const struct command_object *o,
                            struct str what)
{
    if (str_has_prefix(what, STR(POD_MARK)))
        return !o || put_pod_patch(out, a, o, str_sub(what, strlen(POD_MARK), what.n));
    if (str_has_prefix(what, STR(EVIDENCE_MARK)) && what.n > strlen(EVIDENCE_MARK))
        return !o || put_evidence(out, o->evidence, str_sub(what, strlen(EVIDENCE_MARK), what.n));
    if (str_eq_c(what, "object"))
        return !o || put_object(out, a, o);
    if (str_eq_c(what, "workload"))
        return !o || (is_mutable(o) && put_object(out, a, o));
    if (str_eq_c(what, "kind"))
        return !o || put_kind(out, a, o);
    if (str_eq_c(what, "name"))
        return !o || put_word(out, o->name);
    return str_eq_c(what, "namespace") && (!o || put_word(out, o->ns));
}

/* Behind the brace that ends what begins at `at`; SIZE_MAX: it does not end. */
static size_t brace_end(struct str run, size_t at)
{
    size_t depth = 0;
    for (; at < run.n; at++) {
        depth += run.p[at] == '{';
        depth -= run.p[at] == '}';
        if (!depth)
            return at + 1;
    }
    return SIZE_MAX;
}

static const char *fill(struct buf *out, struct arena *a, struct str run,
                        const struct command_object *o)
{
    char quote = 0;
    if (!run.n)
        return "it is empty";
    for (size_t i = 0; i < run.n; i++) {
        char c = run.p[i];
        if ((unsigned char)c < ' ' || c == 0x7f)
            return "it has a control character";
        if (quote ? c == quote : c == '\'' || c == '"')
            quote = quote ? 0 : c;
        if (quote || c != '{') {
            buf_add_char(out, c);
            continue;
        }
        size_t end = brace_end(run, i);
        if (end == SIZE_MAX)
            return "a brace is not closed";
        if (!put_placeholder(out, a, o, str_sub(run, i + 1, end - 1)))
            return "a placeholder is unknown, or there is nothing for it";
        i = end - 1;
    }
    return quote ? "a quote is not closed" : NULL;
}

const char *command_fault(struct str run)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct buf out CLEANUP(buf_release) = BUF_INIT(COMMAND_BYTES_MAX);
    return run.n > COMMAND_BYTES_MAX / 4 ? "it is too long" : fill(&out, &a, run, NULL);
}

struct str command_for(struct arena *a, const struct check *c, const struct command_object *o)
{
    for (size_t i = 0; i < c->command_count; i++) {
        struct buf out CLEANUP(buf_release) = BUF_INIT(COMMAND_BYTES_MAX);
        struct err ignored = { 0 };
        if (c->command[i].of.n && !str_eq(c->command[i].of, o->kind))
            continue;
        if (fill(&out, a, c->command[i].run, o) || !buf_ok(&out, "a command", &ignored))
            return (struct str){ 0 };
        return str_dup(a, buf_str(&out));
    }
    return (struct str){ 0 };
}

static bool shows(const struct check *c, struct str name)
{
    bool found = false;
    for (size_t i = 0; i < c->part_count; i++)
        for (size_t k = 0; k < c->part[i].evidence_count; k++)
            found |= str_eq(c->part[i].evidence[k].name, name);
    return found;
}

/* Evidence that the template names and the check does not show; an empty text: none. */
static struct str unshown(const struct check *c, struct str run)
{
    const struct str mark = STR("{" EVIDENCE_MARK);
    for (size_t at = str_find(run, mark, 0); at != SIZE_MAX; at = str_find(run, mark, at + 1)) {
        size_t end = str_find_char(run, '}', at);
        struct str name = str_sub(run, at + mark.n, end == SIZE_MAX ? run.n : end);
        if (!shows(c, name))
            return name;
    }
    return (struct str){ 0 };
}

static void lint_command(const struct reading *r, const struct check *c, struct str run)
{
    const char *wrong = command_fault(run);
    struct str missing = unshown(c, run);
    if (wrong)
        (void)fault_at(r, c->pos, "check %.*s: command \"%.*s\": %s", STR_ARG(c->id), STR_ARG(run),
                       wrong);
    else if (missing.n)
        (void)fault_at(r, c->pos,
                       "check %.*s: command \"%.*s\": the check shows no evidence \"%.*s\"",
                       STR_ARG(c->id), STR_ARG(run), STR_ARG(missing));
}

void benchmark_lint_commands(const struct benchmark *b, struct arena *a, struct faults *faults)
{
    bool any = false;
    for (size_t i = 0; i < b->check_count; i++)
        any |= b->check[i].command_count || b->check[i].no_command.n;
    for (size_t i = 0; i < b->check_count; i++) {
        const struct check *c = &b->check[i];
        struct reading r = benchmark_reading(b, c->pos, a, faults);
        if (any && !c->command_count && !c->no_command.n)
            (void)fault_at(&r, c->pos,
                           "check %.*s has neither commands nor noCommand, which says why there "
                           "are none, as other checks of the benchmark do",
                           STR_ARG(c->id));
        for (size_t k = 0; k < c->command_count; k++)
            lint_command(&r, c, c->command[k].run);
    }
}
