/* kubevouch pss: the highest level of the Pod Security Standards that each workload meets, and what
 * keeps it from the next. */
#include "analyze/podsecurity/pod_security.h"
#include "base/names.h"
#include "bench/asked.h"
#include "cli/auditing.h"
#include "cli/data.h"
#include "cli/pss_probe.h"
#include "cli/terminal.h"
#include "value/json_doc.h"

#define ROW_BYTES_MAX ((size_t)8 << 20)

/* One workload or pod. violations are of the next level above the one it meets; unknown: why no
 * level can be told. */
struct pss_row {
    struct str kind, ns, name;
    struct str owner; /* "ReplicaSet ns/name"; empty: nobody's */
    enum pod_security_level level;
    struct value violations; /* shared between rows that are alike */
    struct str unknown;
};
struct pss {
    const struct options *options;
    struct arena *arena;
    enum print_form form;
    struct str version;
    VEC(struct pss_row) row;
    struct map kept; /* what violations are written as -> struct value */
};

static struct value keep_violations(struct pss *p, struct value v)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(ROW_BYTES_MAX);
    bool created;
    json_doc_write(&text, v, 0);
    void **at = map_at(&p->kept, str_dup(p->arena, buf_str(&text)), &created);
    if (created) {
        struct value *made = arena_new(p->arena, struct value);
        *made = value_dup(p->arena, v);
        *at = made;
    }
    return *(const struct value *)*at;
}

static void told(void *ctx, const struct audit_answer *a)
{
    struct pss *p = ctx;
    struct str ns = p->options->kube.ns;
    if (ns.n && !str_eq(ns, a->ref.ns))
        return;
    struct object_ref ref = object_ref_dup(p->arena, a->ref);
    struct pss_row *row = VEC_PUSH(&p->row, p->arena);
    *row = (struct pss_row){ .kind = ref.kind,
                             .ns = ref.ns,
                             .name = ref.name,
                             .owner = str_dup(p->arena, value_text_at(a->value, "owner", NULL)) };
    const struct value *baseline = value_get(a->value, STR("baseline")),
                       *restricted = value_get(a->value, STR("restricted"));
    if (value_is_error(a->value) || !baseline || !restricted) {
        row->unknown = value_is_error(a->value) ? str_dup(p->arena, a->value.as.error->text)
                                                : STR("it could not be judged");
        return;
    }
    row->level = baseline->n     ? POD_SECURITY_PRIVILEGED
                 : restricted->n ? POD_SECURITY_BASELINE
                                 : POD_SECURITY_RESTRICTED;
    row->violations = keep_violations(p, baseline->n ? *baseline : *restricted);
}

/* ---- what is asked ---- */

static const char *const over[] = { "pods",         "deployments", "daemonsets",
                                    "statefulsets", "replicasets", "replicationcontrollers",
                                    "jobs",         "cronjobs" };

/* One check with a part for each kind. */
static bool ask(struct pss *p, struct benchmark *out, struct err *err)
{
    static const struct benchmark none = { .id = STR_INIT("pss"), .title = STR_INIT("pss") };
    struct check_part *part = arena_array(p->arena, struct check_part, COUNT_OF(over));
    struct str level = str_printf(p->arena,
                                  "podSecurity(object, 'baseline', '%.*s'), 'restricted': "
                                  "podSecurity(object, 'restricted', '%.*s')",
                                  STR_ARG(p->version), STR_ARG(p->version));
    struct str text =
        str_printf(p->arena,
                   "{'owner': object.metadata.?ownerReferences.orValue([]).filter(o, "
                   "o.?controller.orValue(false)).map(o, o.kind + ' ' + object.metadata.namespace "
                   "+ '/' + o.name)[?0].orValue(''), 'baseline': %.*s}",
                   STR_ARG(level));
    for (size_t i = 0; i < COUNT_OF(over); i++) {
        struct faults faults = { 0 };
        if (!benchmark_ask(out, &none, p->arena, str_from_c(over[i]), KIND_NONE, text, &faults))
            return data_tell_faults(&faults, "pss", err);
        part[i] = out->check[0].part[0];
    }
    struct check *all = arena_new(p->arena, struct check);
    *all = out->check[0];
    all->part = part;
    all->part_count = COUNT_OF(over);
    out->check = all;
    return true;
}

/* ---- telling ---- */

static int by_place(const void *a, const void *b)
{
    const struct pss_row *x = a, *y = b;
    int order = str_cmp(x->ns, y->ns);
    order = order ? order : str_cmp(x->kind, y->kind);
    return order ? order : str_cmp(x->name, y->name);
}

/* A pod that is as its workload's template says is told by that one. An owner that is not there, or
 * looks better than what claims to be its, hides nothing. */
static bool is_told_by_owner(const struct map *by_name, const struct pss_row *row)
{
    const struct pss_row *owner = row->owner.n ? map_get(by_name, row->owner) : NULL;
    return owner && !owner->unknown.n && !row->unknown.n && owner->level <= row->level;
}

static void put_text(const struct pss *p, const struct pss_row *row)
{
    struct buf line CLEANUP(buf_release) = BUF_INIT(ROW_BYTES_MAX);
    buf_addf(&line, "%.*s %.*s/%.*s: ", STR_ARG(row->kind), STR_ARG(row->ns), STR_ARG(row->name));
    if (row->unknown.n)
        buf_addf(&line, "no level can be told: %.*s", STR_ARG(row->unknown));
    else
        buf_add_c(&line, pod_security_level_name(row->level));
    if (row->violations.n)
        buf_addf(&line,
                 "; not %s:", pod_security_level_name((enum pod_security_level)(row->level + 1)));
    for (uint32_t i = 0; i < row->violations.n; i++) {
        struct value v = value_item(row->violations, i);
        buf_addf(&line, "%s %.*s (%.*s)", i ? "," : "", STR_ARG(value_text_at(v, "reason", NULL)),
                 STR_ARG(value_text_at(v, "detail", NULL)));
    }
    terminal_put(stdout, p->options->stdout_is_terminal, buf_str(&line));
    putchar('\n');
}

static struct value row_value(const struct pss_row *row, struct arena *a)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "kind", value_str(row->kind));
    value_builder_set(&b, "namespace", value_str(row->ns));
    value_builder_set(&b, "name", value_str(row->name));
    if (row->unknown.n) {
        value_builder_set(&b, "unknown", value_str(row->unknown));
        return value_builder_map(&b);
    }
    value_builder_set(&b, "level", value_cstr(pod_security_level_name(row->level)));
    value_builder_set(
        &b, "next",
        row->level == POD_SECURITY_RESTRICTED
            ? value_null()
            : value_cstr(pod_security_level_name((enum pod_security_level)(row->level + 1))));
    value_builder_set(&b, "violations", row->violations);
    return value_builder_map(&b);
}

static void put_json(const struct pss *p, const struct pss_row *row, bool first)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct buf text CLEANUP(buf_release) = BUF_INIT(ROW_BYTES_MAX);
    json_doc_write(&text, row_value(row, &scratch), 0);
    if (p->form == PRINT_JSON)
        fputs(first ? "[\n" : ",\n", stdout);
    terminal_put(stdout, p->options->stdout_is_terminal, buf_str(&text));
    if (p->form == PRINT_JSONL)
        putchar('\n');
}

static void put_all(struct pss *p)
{
    struct map by_name;
    size_t told_count = 0, at_level[POD_SECURITY_RESTRICTED + 1] = { 0 };
    if (p->row.count)
        qsort(p->row.item, p->row.count, sizeof *p->row.item, by_place);
    map_init(&by_name, p->arena);
    for (size_t i = 0; i < p->row.count; i++) {
        struct pss_row *row = &p->row.item[i];
        map_put(&by_name,
                str_printf(p->arena, "%.*s %.*s/%.*s", STR_ARG(row->kind), STR_ARG(row->ns),
                           STR_ARG(row->name)),
                row);
    }
    for (size_t i = 0; i < p->row.count; i++) {
        const struct pss_row *row = &p->row.item[i];
        if (is_told_by_owner(&by_name, row))
            continue;
        if (p->form == PRINT_COUNT)
            put_text(p, row);
        else
            put_json(p, row, told_count == 0);
        told_count++;
        if (!row->unknown.n)
            at_level[row->level]++;
    }
    if (p->form == PRINT_JSON)
        fputs(told_count ? "\n]\n" : "[]\n", stdout);
    if (p->form == PRINT_COUNT)
        printf("%zu workloads by the Pod Security Standards, version %.*s: %zu restricted, %zu "
               "baseline, %zu privileged, %zu that cannot be told\n",
               told_count, STR_ARG(p->version), at_level[POD_SECURITY_RESTRICTED],
               at_level[POD_SECURITY_BASELINE], at_level[POD_SECURITY_PRIVILEGED],
               told_count - at_level[POD_SECURITY_RESTRICTED] - at_level[POD_SECURITY_BASELINE] -
                   at_level[POD_SECURITY_PRIVILEGED]);
}

enum exit_status cmd_pss(const struct options *o, struct arena *run, struct err *err)
{
    struct pss *p = arena_new(run, struct pss);
    struct benchmark asked;
    int version;
    *p = (struct pss){ .options = o,
                       .arena = run,
                       .form = PRINT_COUNT,
                       .version = o->pss_version.n ? o->pss_version : STR("latest") };
    map_init(&p->kept, run);
    if (o->print.n)
        p->form = (enum print_form)names_find(print_name, PRINT_COUNT, o->print);
    if (o->argument.count || p->form == PRINT_CEL ||
        !pod_security_version_of(&version, p->version)) {
        (void)err_set(err, ERR_USAGE,
                      o->argument.count ? "pss takes no arguments: name files with --manifests"
                      : p->form == PRINT_CEL
                          ? "pss prints json or jsonl"
                          : "--at takes a version of Kubernetes such as v1.35, or latest");
        return EXIT_USAGE;
    }
    if (o->probe.n)
        return pss_probe_admission(o, run, err);
    if (!ask(p, &asked, err))
        return EXIT_USAGE;
    const struct audit_asking asking = { .told = told, .ctx = p };
    enum exit_status status = auditing_ask(o, &asked, value_map(run, NULL, 0), &asking, run, err);
    if (status == EXIT_DONE || status == EXIT_INCOMPLETE)
        put_all(p);
    return status;
}
