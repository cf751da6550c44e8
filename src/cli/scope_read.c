/* --scope: which pods are in a scope, given on the command line or by a file that says who answers
 * for it. */
#include "cli/scope_read.h"

#include "base/file.h"
#include "cli/reach_end.h"
#include "value/decode.h"

#define SCOPE_BYTES_MAX ((size_t)1 << 20)

struct scope_file {
    struct str owner, date;
    struct decode_strs members;
};
static const struct decode_field file_field[] = {
    DECODE(STR, struct scope_file, owner, "owner", DECODE_REQUIRED),
    DECODE(TEXT, struct scope_file, date, "date", DECODE_REQUIRED),
    DECODE(STRS, struct scope_file, members, "members", DECODE_REQUIRED),
};
static const struct decode_table file_table =
    DECODE_TABLE("a scope", file_field, struct scope_file, 0);

static struct net_scope *scope_named(struct net_scopes *s, struct arena *a, struct str name)
{
    for (size_t i = 0; i < s->item.count; i++)
        if (str_eq(s->item.item[i].name, name))
            return &s->item.item[i];
    struct net_scope *made = VEC_PUSH(&s->item, a);
    *made = (struct net_scope){ .name = name };
    return made;
}

static bool add_member(struct net_scope *s, struct arena *a, struct str text, struct err *err)
{
    struct reach_end e;
    if (!reach_end_parse(&e, a, text, STR(""), err))
        return false;
    if (e.peer.count || e.name.n)
        return err_set(err, ERR_USAGE,
                       "\"%.*s\" is no part of a cluster: NAMESPACE/*, NAMESPACE/app=web, or "
                       "*/pci=true in all namespaces",
                       STR_ARG(text));
    *VEC_PUSH(&s->member, a) = (struct net_scope_member){ text, e.ns, e.selector };
    return true;
}

static bool is_date(struct str s)
{
    bool ok = s.n == 10;
    for (size_t i = 0; ok && i < 10; i++)
        ok = i == 4 || i == 7 ? s.p[i] == '-' : s.p[i] >= '0' && s.p[i] <= '9';
    return ok;
}

static bool read_file(struct net_scope *s, struct arena *a, struct str path, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(SCOPE_BYTES_MAX);
    char *name = str_to_c(a, path);
    struct scope_file file = { 0 };
    struct node *doc;
    size_t count;
    if (!file_read(name, &text, err) ||
        !yaml_read(&doc, &count, a, str_dup(a, buf_str(&text)), name, err))
        return false;
    if (count != 1)
        return err_set(err, ERR_USAGE, "%s: one document is wanted: owner, date, members", name);
    if (!decode_node(&file, &file_table, doc, a, err))
        return false;
    if (!is_date(file.date) || !file.members.count)
        return err_set(
            err, ERR_USAGE, "%s: %s", name,
            file.members.count
                ? "date is the day on which the owner last confirmed the scope, as 2026-01-31"
                : "members names none");
    s->owner = file.owner;
    s->date = file.date;
    for (size_t i = 0; i < file.members.count; i++)
        if (!add_member(s, a, file.members.item[i], err))
            return err_prefix(err, "%s", name);
    return true;
}

bool scope_read(struct net_scopes *out, struct arena *a, struct str text, struct err *err)
{
    struct str name, of;
    if (!str_cut(text, '=', &name, &of) || !name.n || !of.n)
        return err_set(err, ERR_USAGE,
                       "--scope: \"%.*s\" is not NAME=SELECTOR or NAME=FILE, such as "
                       "cde=payments/* or cde=scope.yaml",
                       STR_ARG(text));
    bool is_file = str_has_suffix(of, STR(".yaml")) || str_has_suffix(of, STR(".yml")) ||
                   str_has_suffix(of, STR(".json"));
    struct net_scope *s = scope_named(out, a, name);
    return (is_file ? read_file(s, a, of, err) : add_member(s, a, of, err)) ||
           err_prefix(err, "--scope");
}
