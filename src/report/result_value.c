/* Each part of a result as a value, by the keys of report.json. */
#include "report/result_value.h"

#include "bench/attack.h"
#include "bench/edition.h"
#include "cluster/node_facts.h"
#include "cluster/third_party.h"
#include "report/finding_value.h"
#include "value/set.h"

static struct value digest_value(struct arena *a, const uint8_t digest[SHA256_BYTES])
{
    char hex[SHA256_HEX_BYTES];
    sha256_hex(digest, hex);
    return value_str(str_dup(a, str_from_c(hex)));
}

static bool is_before(struct instant a, struct instant b)
{
    return a.s != b.s ? a.s < b.s : a.ns < b.ns;
}

/* When the first and the last of the answers came that were judged; of a recording that does not
 * tell of each, when it was made. False: of files, which have no time. */
static bool evidence_times(const struct result *r, struct instant *first, struct instant *last)
{
    bool any = false;
    for (size_t i = 0; i < r->call_count; i++) {
        const struct call *c = &r->call[i];
        struct instant at = c->is_replayed ? c->received.started : c->started;
        if (!at.s)
            continue;
        *first = !any || is_before(at, *first) ? at : *first;
        *last = !any || is_before(*last, at) ? at : *last;
        any = true;
    }
    if (any || !str_eq_c(r->run.source, "snapshot"))
        return any;
    *first = *last = r->cluster->now;
    return true;
}

bool is_of_files(const struct result *r)
{
    return str_eq(r->run.source, STR("manifests"));
}

struct value run_value(struct arena *a, const struct result *r)
{
    const struct run_info *i = &r->run;
    struct value_builder b, tool;
    value_builder_init(&tool, a);
    value_builder_set(&tool, "name", value_cstr("kubevouch"));
    set_str(&tool, "version", i->tool_version);
    value_builder_init(&b, a);
    value_builder_set(&b, "id", value_str(str_from_c(i->id)));
    value_builder_set(&b, "tool", value_builder_map(&tool));
    set_str(&b, "commandLine", i->command_line);
    value_builder_set(&b, "started", value_str(clock_format_rfc3339(a, i->started)));
    value_builder_set(&b, "finished", value_str(clock_format_rfc3339(a, i->finished)));
    value_builder_set(&b, "durationMs", value_int(i->wall_ms));
    if (i->clock_skew_ms != INT64_MIN)
        value_builder_set(&b, "clockSkewMs", value_int(i->clock_skew_ms));
    set_str(&b, "host", i->host_name);
    set_str(&b, "source", i->source);
    set_str(&b, "sourceText", i->source_text);
    set_str(&b, "purpose", i->purpose);
    set_str(&b, "evidenceReference", i->evidence_reference);
    set_str(&b, "profile", i->profile);
    set_str(&b, "benchmarkReason", i->benchmark_reason);
    set_str(&b, "leadingFramework", i->leading_framework);
    struct instant first, last;
    if (evidence_times(r, &first, &last)) {
        value_builder_set(&b, "evidenceFirst", value_str(clock_format_rfc3339(a, first)));
        value_builder_set(&b, "evidenceLast", value_str(clock_format_rfc3339(a, last)));
    }
    value_builder_set(
        &b, "sampling",
        value_cstr(is_of_files(r) ? "none: every object that was read out of the files was judged"
                                  : "none: every object that the API server returned was judged"));
    return value_builder_map(&b);
}

struct value target_value(struct arena *a, const struct result *r)
{
    const struct cluster *c = r->cluster;
    struct value_builder b;
    value_builder_init(&b, a);
    set_str(&b, "name", r->run.cluster_name);
    set_str(&b, "clusterId", c->cluster_id);
    set_str(&b, "server", c->server_url);
    if (connection_trust_name[c->connection])
        value_builder_set(&b, "connection", value_cstr(connection_trust_name[c->connection]));
    set_str(&b, "serverCertificateSha256", c->server_certificate_sha256);
    set_str(&b, "context", c->context_name);
    set_str(&b, "kubernetesVersion", c->git_version);
    if (c->minor >= 0)
        set_count(&b, "kubernetesMinor", (uint64_t)c->minor);
    set_str(&b, "platform", c->platform);
    if (c->coverage[KIND_NODES].state == COVERAGE_COMPLETE)
        set_count(&b, "nodes", c->coverage[KIND_NODES].items);
    set_str(&b, "serverDate", c->server_date);
    value_builder_set(&b, "staleApiGroups",
                      value_strs(a, c->stale_groups.item, c->stale_groups.count));
    return value_builder_map(&b);
}

struct value identity_value(struct arena *a, const struct result *r)
{
    const struct cluster *c = r->cluster;
    struct value_builder b;
    value_builder_init(&b, a);
    set_str(&b, "user", c->user);
    set_str(&b, "uid", c->user_uid);
    value_builder_set(&b, "groups", value_strs(a, c->group, c->group_count));
    set_str(&b, "credential", c->credential_kind);
    return value_builder_map(&b);
}

static struct value edition_value(struct arena *a, const struct edition *e, int minor)
{
    struct value_builder b;
    value_builder_init(&b, a);
    set_str(&b, "title", e->title);
    set_str(&b, "version", e->version);
    set_str(&b, "kubernetes", e->kubernetes);
    set_str(&b, "published", e->published);
    set_str(&b, "benchmark", e->benchmark);
    set_str(&b, "note", e->note);
    if (minor >= 0)
        value_builder_set(&b, "coversServer", value_bool(edition_covers(e->kubernetes, minor)));
    return value_builder_map(&b);
}

struct value benchmark_value(struct arena *a, const struct result *r)
{
    const struct benchmark *d = r->bench;
    struct value_builder b;
    value_builder_init(&b, a);
    set_str(&b, "id", d->id);
    set_str(&b, "title", d->title);
    set_str(&b, "version", d->version);
    set_str(&b, "kubernetes", d->kubernetes);
    set_str(&b, "file", d->file);
    value_builder_set(&b, "sha256", digest_value(a, d->sha256));
    value_builder_set(&b, "files", value_strs(a, d->digested, d->digested_count));
    if (d->superseded_by.title.n)
        value_builder_set(&b, "supersededBy",
                          edition_value(a, &d->superseded_by, r->cluster->minor));
    return value_builder_map(&b);
}

struct value score_value(struct arena *a, const struct score *s)
{
    struct value_builder b, counts;
    value_builder_init(&b, a);
    value_builder_init(&counts, a);
    for (size_t v = 0; v < VERDICT_COUNT; v++)
        set_count(&counts, verdict_name((enum verdict)v), s->count[v]);
    if (s->has_score) {
        value_builder_set(&b, "lowPercent", value_double(s->low_permille / 10.0));
        value_builder_set(&b, "highPercent", value_double(s->high_permille / 10.0));
    }
    value_builder_set(&b, "counts", value_builder_map(&counts));
    return value_builder_map(&b);
}

struct value section_value(struct arena *a, const struct result *r, size_t section)
{
    struct value_builder b;
    value_builder_init(&b, a);
    set_str(&b, "id", r->bench->section[section].id);
    set_str(&b, "title", r->bench->section[section].title);
    value_builder_set(&b, "score", score_value(a, &r->section_score[section]));
    return value_builder_map(&b);
}

static struct value expressions_value(struct arena *a, const struct expression *e, size_t count)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < count; i++) {
        struct value_builder b;
        value_builder_init(&b, a);
        set_str(&b, "name", e[i].name);
        set_str(&b, "expression", e[i].text);
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

static struct value observations_value(struct arena *a, const struct part_result *p)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < p->observation_count; i++)
        value_builder_push(&list,
                           observation_value(a, &p->observation[i], (struct str){ 0 }, true));
    return value_builder_list(&list);
}

static struct value part_value(struct arena *a, const struct check_part *def,
                               const struct part_result *p)
{
    struct value_builder b, validations;
    value_builder_init(&b, a);
    set_str(&b, "name", def->name);
    set_str(&b, "over", def->over);
    value_builder_set(&b, "verdict", value_cstr(verdict_name(p->verdict)));
    set_str(&b, "cause", str_from_c(cause_name(p->cause)));
    set_str(&b, "reason", p->reason);
    set_count(&b, "population", p->population);
    set_count(&b, "templates", p->templates);
    set_count(&b, "passed", p->passed);
    set_count(&b, "failed", p->failed);
    set_count(&b, "waived", p->waived);
    set_count(&b, "unknown", p->unknown);
    set_count(&b, "manual", p->manual);
    set_count(&b, "excepted", p->excepted);
    size_t shown = 0;
    while (shown < sizeof p->excepted_name / sizeof *p->excepted_name && p->excepted_name[shown].n)
        shown++;
    value_builder_set(&b, "exceptedExamples", value_strs(a, p->excepted_name, shown));
    value_builder_set(&b, "matchConditions", expressions_value(a, def->match, def->match_count));
    value_builder_set(&b, "exceptions", expressions_value(a, def->except, def->except_count));
    value_builder_set(&b, "variables", expressions_value(a, def->variable, def->variable_count));
    value_builder_init(&validations, a);
    for (size_t i = 0; i < def->validation_count; i++) {
        struct value_builder v;
        value_builder_init(&v, a);
        set_str(&v, "expression", def->validation[i].expression.text);
        value_builder_set(
            &v, "otherwise",
            value_cstr(def->validation[i].otherwise == OTHERWISE_MANUAL ? "manual" : "fail"));
        value_builder_push(&validations, value_builder_map(&v));
    }
    value_builder_set(&b, "validations", value_builder_list(&validations));
    set_str(&b, "seen", def->seen.text);
    set_str(&b, "wanted", p->wanted);
    if (p->observation_count)
        value_builder_set(&b, "observations", observations_value(a, p));
    if (p->observations_left_out)
        set_count(&b, "observationsLeftOut", p->observations_left_out);
    return value_builder_map(&b);
}

static struct value requirements_value(struct arena *a, const struct check *c)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < c->requirement_count; i++) {
        struct value_builder b;
        value_builder_init(&b, a);
        set_str(&b, "framework", c->requirement[i].framework);
        set_str(&b, "requirement", c->requirement[i].requirement);
        value_builder_set(&b, "strength", value_cstr(strength_name[c->requirement[i].strength]));
        set_str(&b, "only", c->requirement[i].only);
        set_str(&b, "onlyExpression", c->requirement[i].only_expression);
        if (c->requirement[i].when) {
            set_str(&b, "when", c->requirement[i].when->reason);
            set_str(&b, "whenExpression", c->requirement[i].when->expression.text);
        }
        set_str(&b, "rationale", c->requirement[i].rationale);
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

static struct value commands_value(struct arena *a, const struct check *d)
{
    struct value_builder list, b;
    value_builder_init(&list, a);
    for (size_t i = 0; i < d->command_count; i++) {
        value_builder_init(&b, a);
        set_str(&b, "of", d->command[i].of);
        set_str(&b, "run", d->command[i].run);
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

static struct value attack_value(struct arena *a, const struct check *c)
{
    struct value_builder list, b;
    value_builder_init(&list, a);
    for (size_t i = 0; i < c->attack_count; i++) {
        value_builder_init(&b, a);
        set_str(&b, "technique", c->attack[i].technique);
        set_str(&b, "name", str_from_c(attack_name(c->attack[i].technique)));
        set_str(&b, "reason", c->attack[i].reason);
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

static struct value time_value(struct arena *a, struct instant t)
{
    return value_str(clock_format_rfc3339(a, t));
}

static struct value attestation_value(struct arena *a, const struct attestation *x)
{
    struct value_builder b;
    value_builder_init(&b, a);
    set_str(&b, "by", x->by);
    value_builder_set(&b, "date", time_value(a, x->date));
    value_builder_set(&b, "expires", time_value(a, x->expires));
    value_builder_set(&b, "conclusion", value_cstr(x->satisfied ? "satisfied" : "not-satisfied"));
    set_str(&b, "statement", x->statement);
    return value_builder_map(&b);
}

static struct value third_party_value(struct arena *a, const struct result *r,
                                      const struct check_result *c)
{
    struct value_builder list, b;
    value_builder_init(&list, a);
    for (size_t i = 0; i < c->third_party_count; i++) {
        const struct third_party_result *x = &r->third_party->result.item[c->third_party[i]];
        value_builder_init(&b, a);
        set_str(&b, "tool", x->tool);
        set_str(&b, "benchmark", x->benchmark);
        set_str(&b, "id", x->id);
        set_str(&b, "where", x->where);
        set_str(&b, "verdict", x->verdict);
        set_str(&b, "detail", x->detail);
        set_str(&b, "file", x->file);
        value_builder_set(&b, "seen", value_str(clock_format_rfc3339(a, x->seen)));
        value_builder_set(&b, "datedByFile", value_bool(x->dated_by_file));
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

struct value check_value(struct arena *a, const struct result *r, size_t check)
{
    const struct check_result *c = &r->check[check];
    const struct check *d = c->check;
    struct value_builder b, parts, calls;
    value_builder_init(&b, a);
    set_str(&b, "id", d->id);
    set_str(&b, "section", d->section);
    set_str(&b, "title", d->title);
    set_str(&b, "description", d->description);
    set_count(&b, "level", (uint64_t)d->level);
    set_str(&b, "role", d->role);
    value_builder_set(&b, "severity", value_cstr(severity_name[d->severity]));
    set_str(&b, "assessment", d->assessment);
    value_builder_set(&b, "verdict", value_cstr(verdict_name(c->verdict)));
    if (c->is_outside)
        value_builder_set(&b, "outside", value_bool(true));
    set_str(&b, "cause", str_from_c(cause_name(c->cause)));
    set_str(&b, "reason", c->reason);
    set_str(&b, "remedy", c->remedy);
    if (c->attestation)
        value_builder_set(&b, "attestation", attestation_value(a, c->attestation));
    set_str(&b, "rationale", d->rationale);
    set_str(&b, "remediation", d->remediation);
    if (d->command_count)
        value_builder_set(&b, "commands", commands_value(a, d));
    set_str(&b, "noCommand", d->no_command);
    if (d->reference_count)
        value_builder_set(&b, "references", value_strs(a, d->reference, d->reference_count));
    value_builder_set(&b, "questions", value_strs(a, d->question, d->question_count));
    value_builder_set(&b, "tags", value_strs(a, d->tag, d->tag_count));
    if (d->attack_count)
        value_builder_set(&b, "attack", attack_value(a, d));
    value_builder_init(&parts, a);
    for (size_t i = 0; i < d->part_count; i++)
        value_builder_push(&parts, part_value(a, &d->part[i], &c->part[i]));
    value_builder_set(&b, "parts", value_builder_list(&parts));
    set_count(&b, "findings", c->finding_count);
    value_builder_set(&b, "requirements", requirements_value(a, d));
    value_builder_init(&calls, a);
    for (size_t i = 0; i < c->call_count; i++)
        value_builder_push(&calls, value_int(c->call[i]));
    value_builder_set(&b, "calls", value_builder_list(&calls));
    if (c->third_party_count)
        value_builder_set(&b, "thirdParty", third_party_value(a, r, c));
    return value_builder_map(&b);
}

struct value coverage_value(struct arena *a, struct str source, const struct coverage *c)
{
    struct value_builder b;
    value_builder_init(&b, a);
    set_str(&b, "source", source);
    value_builder_set(&b, "state", value_cstr(coverage_state_name(c->state)));
    set_count(&b, "items", c->items);
    set_count(&b, "bytes", c->bytes);
    if (c->bad_items)
        set_count(&b, "unreadableItems", c->bad_items);
    set_str(&b, "cause", str_from_c(cause_name(coverage_cause(c))));
    set_str(&b, "reason", c->reason);
    set_str(&b, "remedy", c->remedy);
    set_str(&b, "resourceVersion", c->resource_version);
    if (c->first_call) {
        value_builder_set(&b, "consistency",
                          value_cstr(c->inconsistent                 ? "inconsistent"
                                     : c->state == COVERAGE_COMPLETE ? "snapshot"
                                                                     : "partial"));
        set_count(&b, "pages", c->pages);
        set_count(&b, "restarts", c->restarts);
        set_str(&b, "readAgainAsJson", c->json_reason);
        set_count(&b, "firstCall", c->first_call);
        set_count(&b, "lastCall", c->last_call);
    }
    return value_builder_map(&b);
}

/* Of a recording: the answer as it came from the server, which what was kept of it is not. */
static struct value received_value(struct arena *a, const struct received *x)
{
    struct value_builder b;
    value_builder_init(&b, a);
    set_count(&b, "bytes", x->bytes);
    if (x->has_digest)
        value_builder_set(&b, "sha256", digest_value(a, x->sha256));
    if (x->started.s) {
        value_builder_set(&b, "started", value_str(clock_format_rfc3339(a, x->started)));
        value_builder_set(&b, "durationMs", value_int(x->duration_ms));
    }
    return value_builder_map(&b);
}

struct value call_value(struct arena *a, const struct call *c)
{
    struct value_builder b;
    value_builder_init(&b, a);
    set_count(&b, "seq", c->seq);
    value_builder_set(&b, "method", value_cstr(http_verb_name(c->verb)));
    set_str(&b, "path", c->path);
    if (c->no_credentials)
        value_builder_set(&b, "anonymous", value_bool(true));
    set_str(&b, "accept", c->accept);
    set_str(&b, "auditId", str_from_c(c->audit_id));
    value_builder_set(&b, "status", value_int(c->status));
    if (c->err_code != ERR_NONE) {
        value_builder_set(&b, "error", value_cstr(err_code_name(c->err_code)));
        set_str(&b, "errorText", c->err_text);
    }
    set_count(&b, "retries", c->retries);
    set_count(&b, "wireBytes", c->wire_bytes);
    set_count(&b, "bodyBytes", c->body_bytes);
    value_builder_set(&b, "durationMs", value_int(c->duration_ms));
    value_builder_set(&b, "started", value_str(clock_format_rfc3339(a, c->started)));
    if (c->has_digest)
        value_builder_set(&b, "sha256", digest_value(a, c->sha256));
    if (c->is_replayed)
        value_builder_set(&b, "replayed", value_bool(true));
    if (c->received.is_told)
        value_builder_set(&b, "received", received_value(a, &c->received));
    set_str(&b, "resourceVersion", c->resource_version);
    if (c->item_count >= 0)
        value_builder_set(&b, "items", value_int(c->item_count));
    set_str(&b, "warning", c->warning);
    return value_builder_map(&b);
}

/* What each framework asks of a parameter, in force or not. */
static struct value asked_value(struct arena *a, const struct result *r, struct str param,
                                const struct value *in_force)
{
    struct value_builder list, b;
    value_builder_init(&list, a);
    for (size_t i = 0; i < r->framework_count; i++) {
        const struct framework *f = r->framework[i].framework;
        for (size_t k = 0; k < f->param_count; k++) {
            if (!str_eq(f->param[k].name, param))
                continue;
            value_builder_init(&b, a);
            set_str(&b, "framework", f->id);
            set_str(&b, "requirement", f->param[k].requirement);
            value_builder_set(&b, "value", f->param[k].value);
            value_builder_set(&b, "inForce",
                              value_bool(in_force && value_equal(*in_force, f->param[k].value)));
            set_str(&b, "reason", f->param[k].reason);
            value_builder_push(&list, value_builder_map(&b));
        }
    }
    return value_builder_list(&list);
}

struct value params_value(struct arena *a, const struct result *r)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < r->bench->param_count; i++) {
        const struct param *p = &r->bench->param[i];
        const struct value *v = value_get(r->params, p->name);
        struct value_builder b;
        value_builder_init(&b, a);
        set_str(&b, "name", p->name);
        set_str(&b, "description", p->description);
        value_builder_set(&b, "value", v ? *v : value_null());
        value_builder_set(&b, "default", p->def);
        value_builder_set(&b, "isDefault", value_bool(v && value_equal(*v, p->def)));
        struct value asked = asked_value(a, r, p->name, v);
        if (asked.n)
            value_builder_set(&b, "asked", asked);
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

/* The parts of "a, b". */
static struct value names_value(struct arena *a, struct str text)
{
    struct value_builder list;
    struct str name;
    value_builder_init(&list, a);
    while (str_next_field(&text, ',', &name))
        value_builder_push(&list, value_str(str_trim(name)));
    return value_builder_list(&list);
}

struct value rights_value(struct arena *a, const struct result *r)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < r->right_count; i++) {
        const struct access_right *x = &r->right[i];
        struct value_builder b;
        value_builder_init(&b, a);
        set_str(&b, "verb", x->verb);
        value_builder_set(&b, "group", value_str(x->group));
        set_str(&b, "resource", x->resource);
        value_builder_set(&b, "allowed", x->known ? value_bool(x->allowed) : value_null());
        value_builder_set(&b, "needed", value_bool(x->checks.n != 0));
        value_builder_set(&b, "checks", names_value(a, x->checks));
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

struct value node_facts_given_value(struct arena *a, const struct node_facts *f)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "node", value_str(f->node_name));
    value_builder_set(&b, "collectedAt", value_str(f->collected_at));
    value_builder_set(&b, "toolVersion", value_str(f->tool_version));
    value_builder_set(&b, "processesVisible", value_bool(f->processes_visible));
    set_count(&b, "files", f->file.count);
    return value_builder_map(&b);
}
