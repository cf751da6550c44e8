/* pss --probe admission: canary pods, created as dry runs, show what the API server refuses in each
 * namespace. */
#include "cli/pss_probe.h"

#include "analyze/podsecurity/canary.h"
#include "analyze/podsecurity/refusal.h"
#include "base/names.h"
#include "bench/asked.h"
#include "cli/auditing.h"
#include "cli/data.h"
#include "cli/terminal.h"
#include "value/faults.h"
#include "value/json_doc.h"

#define POD_BYTES_MAX ((size_t)64 << 10)
#define ROW_BYTES_MAX ((size_t)4 << 20)
/* The first version whose servers all know dryRun: an older one would create the pods. */
#define DRY_RUN_MINOR 18

struct probe_namespace {
    struct str name, told; /* told: what labels and configuration say is enforced */
    bool in_analysis;      /* told could be told */
};
struct probe {
    const struct options *options;
    struct arena *arena;
    enum print_form form;
    VEC(struct probe_namespace) ns;
    size_t incomplete;
    struct err fault; /* it had to end */
};
/* What became of the canaries in one namespace. */
struct outcome {
    struct value_builder admitted, refused, unsure;
    bool any_admitted[POD_SECURITY_RESTRICTED + 1], any_unsure[POD_SECURITY_RESTRICTED + 1];
};

/* ---- asking */

static struct refusal ask_one(struct probe *p, struct client *c, struct str ns,
                              const struct canary *canary_, enum canary_place place,
                              struct arena *scratch)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(POD_BYTES_MAX);
    struct reply r = { 0 };
    struct err err = { 0 };
    (void)p;
    json_doc_write(&text, canary_pod(scratch, canary_, place, ns), 0);
    if (client_dry_run_pod(c, ns, str_dup(scratch, buf_str(&text)), &r, &err))
        return (struct refusal){ .kind = REFUSAL_NONE };
    return refusal_of(scratch, r.status, r.status ? r.body : str_from_c(err.text));
}

/* A server that is none of Kubernetes' own could have stored it all the same: looked at once, where
 * the identity may. */
static bool nothing_was_stored(struct probe *p, struct client *c, struct str ns)
{
    struct reply r = { 0 };
    struct err err = { 0 };
    struct str path =
        str_printf(p->arena, "/api/v1/namespaces/%.*s/pods/" CANARY_NAME, STR_ARG(ns));
    if (!client_get(c, path, STR("application/json"), &r, &err))
        return true;
    return err_set(&p->fault, ERR_SERVER,
                   "there is a pod %.*s/" CANARY_NAME
                   ": either it was there before, or this server stores what it was told not to. "
                   "Look at it, delete it, and do not probe a server that stored it",
                   STR_ARG(ns));
}

static void add(struct outcome *out, struct value_builder *to, const struct canary *c,
                enum canary_place place, const struct refusal *r, const char *word, struct arena *a)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "canary", value_cstr(c->name));
    value_builder_set(&b, "level", value_cstr(pod_security_level_name(c->level)));
    value_builder_set(&b, "in",
                      value_cstr(place == CANARY_INIT_CONTAINER ? "initContainers" : "containers"));
    if (r->by.n)
        value_builder_set(&b, "by", value_str(r->by));
    if (r->text.n)
        value_builder_set(&b, word, value_str(r->text));
    value_builder_push(to, value_builder_map(&b));
    out->any_admitted[c->level] |= to == &out->admitted;
    out->any_unsure[c->level] |= to == &out->unsure;
}

/* Refused for what it is: the clean pod is admitted, or refused by somebody else. */
static void note(struct outcome *out, const struct canary *c, enum canary_place place,
                 const struct refusal *r, const struct refusal *clean, struct arena *a)
{
    if (r->kind == REFUSAL_INVALID && canary_is_invalid(c, place))
        add(out, &out->refused, c, place, r, "message", a);
    else if (r->kind == REFUSAL_NONE)
        add(out, &out->admitted, c, place, r, "message", a);
    else if (r->kind == REFUSAL_TOLD &&
             (clean->kind == REFUSAL_NONE ||
              (clean->kind == REFUSAL_TOLD && str_has_prefix(r->by, STR("PodSecurity ")) &&
               !str_eq(r->by, clean->by))))
        add(out, &out->refused, c, place, r, "message", a);
    else
        add(out, &out->unsure, c, place, r->kind == REFUSAL_TOLD ? clean : r, "why", a);
}

/* ---- telling */

/* The highest level whose canaries, and those below it, were all refused; null where that is not
 * known. */
static struct value level_of(const struct outcome *o)
{
    if (o->any_admitted[POD_SECURITY_BASELINE])
        return value_cstr("privileged");
    if (o->any_unsure[POD_SECURITY_BASELINE])
        return value_null();
    if (o->any_admitted[POD_SECURITY_RESTRICTED])
        return value_cstr("baseline");
    return o->any_unsure[POD_SECURITY_RESTRICTED] ? value_null() : value_cstr("restricted");
}

static void add_names(struct buf *out, const char *front, struct value list)
{
    for (uint32_t i = 0; i < list.n; i++) {
        struct value v = value_item(list, i);
        bool init = str_eq_c(value_text_at(v, "in", NULL), "initContainers");
        buf_addf(out, "%s%.*s%s", i ? ", " : front, STR_ARG(value_text_at(v, "canary", NULL)),
                 init ? " (initContainers)" : "");
    }
}

static void put_text(const struct probe *p, struct value row, size_t asked)
{
    struct buf line CLEANUP(buf_release) = BUF_INIT(ROW_BYTES_MAX);
    struct value admitted = *value_get(row, STR("admitted")),
                 refused = *value_get(row, STR("refused")), unsure = *value_get(row, STR("unsure"));
    struct str level = value_text_at(row, "level", NULL), told = value_text_at(row, "told", NULL);
    buf_addf(&line, "Namespace %.*s: ", STR_ARG(value_text_at(row, "namespace", NULL)));
    if (level.n)
        buf_addf(&line, "enforces %.*s",
                 STR_ARG(str_eq_c(level, "privileged") ? STR("no level") : level));
    else
        buf_add_c(&line, "what it enforces cannot be told");
    buf_addf(&line, " (%u of %zu canary pods refused)", refused.n, asked);
    add_names(&line, "; admitted: ", admitted);
    add_names(&line, "; not known: ", unsure);
    if (unsure.n)
        buf_addf(&line, ", because %.*s",
                 STR_ARG(value_text_at(value_item(unsure, 0), "why", NULL)));
    if (told.n)
        buf_addf(&line, "; Pod Security says it enforces %.*s", STR_ARG(told));
    buf_add_c(&line, "\n");
    terminal_put(stdout, p->options->stdout_is_terminal, buf_str(&line));
}

static void put_row(const struct probe *p, struct value row, size_t asked, bool first)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(ROW_BYTES_MAX);
    if (p->form == PRINT_COUNT) {
        put_text(p, row, asked);
        return;
    }
    json_doc_write(&text, row, 0);
    if (p->form == PRINT_JSON)
        fputs(first ? "[\n" : ",\n", stdout);
    terminal_put(stdout, p->options->stdout_is_terminal, buf_str(&text));
    if (p->form == PRINT_JSONL)
        putchar('\n');
}

static bool probe_namespace(struct probe *p, struct client *c, const struct probe_namespace *ns,
                            bool first)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct outcome out = { 0 };
    size_t asked = 0;
    value_builder_init(&out.admitted, &scratch);
    value_builder_init(&out.refused, &scratch);
    value_builder_init(&out.unsure, &scratch);
    struct refusal clean = ask_one(p, c, ns->name, NULL, CANARY_CONTAINER, &scratch);
    if (clean.kind == REFUSAL_NONE && !nothing_was_stored(p, c, ns->name))
        return false;
    for (size_t i = 0; i < canary_count; i++) {
        for (int place = CANARY_CONTAINER;
             place <= (canary_has_init(&canary[i]) ? CANARY_INIT_CONTAINER : CANARY_CONTAINER);
             place++) {
            struct refusal r =
                ask_one(p, c, ns->name, &canary[i], (enum canary_place)place, &scratch);
            note(&out, &canary[i], (enum canary_place)place, &r, &clean, &scratch);
            asked++;
        }
    }
    struct value_builder b;
    value_builder_init(&b, &scratch);
    value_builder_set(&b, "namespace", value_str(ns->name));
    value_builder_set(&b, "level", level_of(&out));
    value_builder_set(&b, "told", ns->in_analysis ? value_str(ns->told) : value_null());
    value_builder_set(&b, "admitted", value_builder_list(&out.admitted));
    value_builder_set(&b, "refused", value_builder_list(&out.refused));
    value_builder_set(&b, "unsure", value_builder_list(&out.unsure));
    p->incomplete += out.unsure.count > 0;
    put_row(p, value_builder_map(&b), asked, first);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct probe_namespace *)a)->name,
                   ((const struct probe_namespace *)b)->name);
}

static void probe_all(void *ctx, struct client *c, const struct cluster *cluster)
{
    struct probe *p = ctx;
    if (cluster->minor < DRY_RUN_MINOR) {
        (void)err_set(&p->fault, ERR_SERVER,
                      cluster->minor < 0 ? "the API server's version is not known: whether it "
                                           "knows dry runs neither, so no pod is tried"
                                         : "the API server is older than 1.%d: one that does not "
                                           "know dry runs would create the pods",
                      DRY_RUN_MINOR);
        return;
    }
    if (p->ns.count)
        qsort(p->ns.item, p->ns.count, sizeof *p->ns.item, by_name);
    c->transport->dry_run_pods = true;
    for (size_t i = 0; i < p->ns.count && !(c->cancelled && *c->cancelled); i++)
        if (!probe_namespace(p, c, &p->ns.item[i], i == 0))
            break;
    c->transport->dry_run_pods = false;
    if (c->cancelled && *c->cancelled && p->fault.code == ERR_NONE)
        (void)err_set(&p->fault, ERR_LIMIT, "stopped before all namespaces were probed");
    if (p->form == PRINT_JSON)
        fputs(p->ns.count ? "\n]\n" : "[]\n", stdout);
}

static void told(void *ctx, const struct audit_answer *a)
{
    struct probe *p = ctx;
    if (p->options->kube.ns.n && !str_eq(p->options->kube.ns, a->ref.name))
        return;
    bool known = a->value.kind == VALUE_STRING;
    *VEC_PUSH(&p->ns, p->arena) =
        (struct probe_namespace){ str_dup(p->arena, a->ref.name),
                                  known ? str_dup(p->arena, value_text(a->value)) : STR(""),
                                  known };
}

enum exit_status pss_probe_admission(const struct options *o, struct arena *run, struct err *err)
{
    static const struct benchmark none = { .id = STR_INIT("pss"), .title = STR_INIT("pss") };
    struct probe *p = arena_new(run, struct probe);
    struct benchmark asked;
    struct faults faults = { 0 };
    *p = (struct probe){ .options = o,
                         .arena = run,
                         .form = o->print.n ? (enum print_form)names_find(print_name, PRINT_COUNT,
                                                                          o->print)
                                            : PRINT_COUNT };
    if (o->snapshot.n || o->manifests.n || o->pss_version.n) {
        (void)err_set(
            err, ERR_USAGE,
            o->pss_version.n
                ? "--probe admission shows what the API server does now: it goes without --at"
                : "--probe admission asks an API server: it goes without --snapshot and "
                  "--manifests");
        return EXIT_USAGE;
    }
    if (!benchmark_ask(&asked, &none, run, STR("namespaces"), KIND_NONE,
                       STR("derived.podSecurity.text"), &faults)) {
        (void)data_tell_faults(&faults, "pss", err);
        return EXIT_USAGE;
    }
    const struct audit_asking asking = { .told = told, .more = probe_all, .ctx = p };
    enum exit_status status = auditing_ask(o, &asked, value_map(run, NULL, 0), &asking, run, err);
    if (p->fault.code != ERR_NONE) {
        *err = p->fault;
        return EXIT_COULD_NOT_RUN;
    }
    if (status == EXIT_DONE && o->kube.ns.n && !p->ns.count) {
        (void)err_set(err, ERR_NOT_FOUND, "there is no namespace %.*s", STR_ARG(o->kube.ns));
        return EXIT_COULD_NOT_RUN;
    }
    if (status == EXIT_DONE && p->incomplete) {
        (void)err_set(err, ERR_DENIED,
                      "of %zu of %zu namespaces not every canary pod had an answer that tells",
                      p->incomplete, p->ns.count);
        return EXIT_INCOMPLETE;
    }
    return status;
}
