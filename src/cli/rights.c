/* What the commands about rights share. */
#include "cli/rights.h"

#include "base/log.h"
#include "bench/asked.h"
#include "cli/data.h"
#include "report/safe.h"

#define SHOWN_BYTES_MAX ((size_t)1 << 20)
#define RULE_ITEMS      12u

/* Rights that bindings give by roles that were not seen (default ones that files leave out). */
struct seen_rights {
    rights_fn *answer;
    void *ctx;
    struct arena *run;
    bool unseen;
};

static void answer_and_tell(void *ctx, struct facts *facts, const struct cluster *cluster)
{
    enum { SHOWN = 5 };
    struct seen_rights *s = ctx;
    s->answer(s->ctx, facts, cluster);
    struct value unseen = facts_unseen_rights(facts, s->run, NULL);
    for (uint32_t i = 0; i < unseen.n && i < SHOWN; i++)
        log_line(LOG_WARN, "not all rights were seen: %.*s",
                 STR_ARG(value_item(unseen, i).as.error->text));
    if (unseen.n > SHOWN)
        log_line(LOG_WARN, "and %u more bindings are like it", unseen.n - SHOWN);
    s->unseen = unseen.n > 0;
}

enum exit_status rights_read(const struct options *o, rights_fn *answer, void *ctx,
                             struct arena *run, struct err *err)
{
    struct benchmark *bench = arena_new(run, struct benchmark),
                     *asked = arena_new(run, struct benchmark);
    struct faults faults = { 0 };
    struct value params;
    if (!data_benchmark(bench, run, STR(""), err) ||
        !benchmark_params(bench, NULL, 0, run, &params, err))
        return EXIT_COULD_NOT_RUN;
    if (!benchmark_ask(asked, bench, run, STR("escalations"), KIND_NONE, STR("true"), &faults)) {
        (void)data_tell_faults(&faults, "EXPRESSION", err);
        return EXIT_COULD_NOT_RUN;
    }
    struct seen_rights seen = { .answer = answer, .ctx = ctx, .run = run };
    const struct audit_asking asking = { .whole = answer_and_tell, .ctx = &seen };
    enum exit_status status = auditing_ask(o, asked, params, &asking, run, err);
    return status == EXIT_DONE && seen.unseen ? EXIT_INCOMPLETE : status;
}

static bool subject_kind(struct str text, enum rbac_subject_kind *out)
{
    static const struct {
        const char *word;
        enum rbac_subject_kind kind;
    } row[] = { { "user", RBAC_USER },
                { "User", RBAC_USER },
                { "group", RBAC_GROUP },
                { "Group", RBAC_GROUP },
                { "serviceaccount", RBAC_SERVICE_ACCOUNT },
                { "sa", RBAC_SERVICE_ACCOUNT },
                { "ServiceAccount", RBAC_SERVICE_ACCOUNT } };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (str_eq_c(text, row[i].word)) {
            *out = row[i].kind;
            return true;
        }
    }
    return false;
}

bool rights_subject(struct rights_subject *out, struct str text, struct err *err)
{
    struct rights_subject s = { 0 };
    struct str kind, rest;
    bool spaced = str_cut(text, ' ', &kind, &rest);
    if ((!spaced && !str_cut(text, ':', &kind, &rest)) || !subject_kind(kind, &s.kind) || !rest.n)
        return err_set(
            err, ERR_USAGE,
            "\"%.*s\" is no subject: user:NAME, group:NAME or serviceaccount:NAMESPACE:NAME",
            STR_ARG(text));
    s.name = rest;
    if (s.kind == RBAC_SERVICE_ACCOUNT &&
        (!str_cut(rest, spaced ? '/' : ':', &s.ns, &s.name) || !s.ns.n || !s.name.n))
        return err_set(err, ERR_USAGE,
                       "\"%.*s\" names no service account: serviceaccount:NAMESPACE:NAME",
                       STR_ARG(text));
    *out = s;
    return true;
}

void rights_resource(struct rbac_request *q, struct str text)
{
    struct str whole, dotted;
    if (text.n && *text.p == '/') {
        q->path = text;
        return;
    }
    (void)str_cut(text, '/', &whole, &q->subresource);
    bool grouped = str_cut(whole, '.', &q->resource, &dotted);
    q->group = grouped ? dotted : STR("");
    for (size_t k = 0; !grouped && k < KIND_COUNT; k++)
        if (str_eq_c(q->resource, kind_info((enum kind)k)->resource)) {
            q->group = str_from_c(kind_info((enum kind)k)->group);
            break;
        }
}

void rights_put(struct str text)
{
    struct buf safe CLEANUP(buf_release) = BUF_INIT(SHOWN_BYTES_MAX);
    safe_terminal(&safe, text);
    (void)fwrite(safe.n ? safe.p : "", 1, safe.n, stdout);
}

static void add_items(struct buf *out, struct value list)
{
    for (uint32_t i = 0; i < list.n && i < RULE_ITEMS; i++) {
        struct str item = value_text(value_item(list, i));
        buf_add_c(out, i ? ", " : "");
        buf_add(out, item.n ? item : STR("core"));
    }
    if (list.n > RULE_ITEMS)
        buf_addf(out, " and %u more", list.n - RULE_ITEMS);
}

struct str rights_rule_text(struct arena *a, const struct rbac_rule *rule)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(SHOWN_BYTES_MAX);
    add_items(&out, rule->verbs);
    buf_add_c(&out, " on ");
    add_items(&out, rule->resources);
    if (rule->resources.n &&
        !(rule->api_groups.n == 1 && !value_text(value_item(rule->api_groups, 0)).n)) {
        buf_add_c(&out, " (group ");
        add_items(&out, rule->api_groups);
        buf_add_c(&out, ")");
    }
    if (rule->resource_names.n) {
        buf_add_c(&out, " named ");
        add_items(&out, rule->resource_names);
    }
    if (rule->urls.n) {
        buf_add_c(&out, rule->resources.n ? " and " : "");
        add_items(&out, rule->urls);
    }
    return out.over ? STR("a rule too long to show") : str_dup(a, buf_str(&out));
}
