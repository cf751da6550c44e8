/* Reading the parts of a report.json: the run, the cluster, the benchmark, scores and frameworks.
 */
#include "base/names.h"
#include "cluster/third_party.h"
#include "report/stored_value.h"

#include <math.h>

static void read_run(struct stored_reading *s, struct value v)
{
    struct run_info *i = &s->r->run;
    struct str id = stored_text(v, "id");
    if (id.n >= sizeof i->id) {
        (void)stored_fault(s, "run.id is too long");
        return;
    }
    memcpy(i->id, id.p ? id.p : "", id.n);
    i->tool_version = value_text_at(v, "tool", "version", NULL);
    i->command_line = stored_text(v, "commandLine");
    i->started = stored_time(s, v, "started");
    i->finished = stored_time(s, v, "finished");
    i->wall_ms = value_int_at(v, 0, "durationMs", NULL);
    i->clock_skew_ms = value_int_at(v, INT64_MIN, "clockSkewMs", NULL);
    i->host_name = stored_text(v, "host");
    i->source = stored_text(v, "source");
    i->source_text = stored_text(v, "sourceText");
    i->purpose = stored_text(v, "purpose");
    i->evidence_reference = stored_text(v, "evidenceReference");
    i->profile = stored_text(v, "profile");
    i->benchmark_reason = stored_text(v, "benchmarkReason");
    i->leading_framework = stored_text(v, "leadingFramework");
    /* as when it was judged */
    s->cluster->now =
        str_eq_c(i->source, "snapshot") ? stored_time(s, v, "evidenceLast") : i->started;
}

static void read_texts(struct stored_reading *s, struct value v, const char *key, struct str **item,
                       size_t *count)
{
    *item = stored_texts(s, v, key, count);
}

static void read_target(struct stored_reading *s, struct value v, struct value who)
{
    struct cluster *c = s->cluster;
    s->r->run.cluster_name = stored_text(v, "name");
    c->cluster_id = stored_text(v, "clusterId");
    c->server_url = stored_text(v, "server");
    for (size_t i = 0; i < CONNECTION_TRUST_COUNT; i++)
        if (connection_trust_name[i] &&
            str_eq_c(stored_text(v, "connection"), connection_trust_name[i]))
            c->connection = (enum connection_trust)i;
    c->server_certificate_sha256 = stored_text(v, "serverCertificateSha256");
    c->context_name = stored_text(v, "context");
    c->git_version = stored_text(v, "kubernetesVersion");
    c->minor = (int)value_int_at(v, -1, "kubernetesMinor", NULL);
    c->platform = stored_text(v, "platform");
    c->server_date = stored_text(v, "serverDate");
    read_texts(s, v, "staleApiGroups", &c->stale_groups.item, &c->stale_groups.count);
    c->user = stored_text(who, "user");
    c->user_uid = stored_text(who, "uid");
    read_texts(s, who, "groups", &c->group, &c->group_count);
    c->credential_kind = stored_text(who, "credential");
}

static void read_benchmark(struct stored_reading *s, struct value v)
{
    struct benchmark *b = s->bench;
    const struct value *newer = value_get(v, STR("supersededBy"));
    b->id = stored_text(v, "id");
    b->title = stored_text(v, "title");
    b->version = stored_text(v, "version");
    b->kubernetes = stored_text(v, "kubernetes");
    b->file = stored_text(v, "file");
    if (!sha256_parse(b->sha256, stored_text(v, "sha256")))
        (void)stored_fault(s, "benchmark.sha256 is no SHA-256");
    read_texts(s, v, "files", &b->digested, &b->digested_count);
    if (newer)
        b->superseded_by = (struct edition){ .title = stored_text(*newer, "title"),
                                             .version = stored_text(*newer, "version"),
                                             .kubernetes = stored_text(*newer, "kubernetes"),
                                             .published = stored_text(*newer, "published"),
                                             .benchmark = stored_text(*newer, "benchmark"),
                                             .note = stored_text(*newer, "note") };
}

static struct score read_score(struct value v)
{
    struct score out = { 0 };
    const struct value *counts = value_get(v, STR("counts")),
                       *low = value_get(v, STR("lowPercent")),
                       *high = value_get(v, STR("highPercent"));
    for (size_t i = 0; i < VERDICT_COUNT && counts; i++)
        out.count[i] = (uint32_t)stored_count(*counts, verdict_name((enum verdict)i));
    out.has_score = low && high && low->kind == VALUE_DOUBLE && high->kind == VALUE_DOUBLE &&
                    low->as.d >= 0 && low->as.d <= 100 && high->as.d >= 0 && high->as.d <= 100;
    if (out.has_score) {
        out.low_permille = (int)lround(low->as.d * 10);
        out.high_permille = (int)lround(high->as.d * 10);
    }
    return out;
}

static void read_summary(struct stored_reading *s, struct value v)
{
    struct result *r = s->r;
    const struct value *score = value_get(v, STR("score"));
    r->score = read_score(score ? *score : value_null());
    r->incomplete = stored_flag(v, "incomplete");
    r->has_baseline = value_get(v, STR("newFailures")) != NULL;
    read_texts(s, v, "brokenOff", &r->broken_off, &r->broken_off_count);
    read_texts(s, v, "notes", &r->note, &r->note_count);
    read_texts(s, v, "statementNotes", &r->statement_note, &r->statement_note_count);
    read_texts(s, v, "serverWarnings", &s->cluster->warnings.item, &s->cluster->warnings.count);
}

static void read_params(struct stored_reading *s, struct value list)
{
    struct benchmark *b = s->bench;
    struct value_builder in_force;
    value_builder_init(&in_force, s->a);
    b->param = arena_array(s->a, struct param, list.n);
    b->param_count = list.n;
    for (uint32_t i = 0; i < list.n; i++) {
        struct value row = value_item(list, i);
        const struct value *v = value_get(row, STR("value")), *def = value_get(row, STR("default"));
        b->param[i] = (struct param){ .name = stored_text(row, "name"),
                                      .description = stored_text(row, "description"),
                                      .def = def ? *def : value_null() };
        value_builder_put(&in_force, value_str(b->param[i].name), v ? *v : value_null());
    }
    s->r->params = value_builder_map(&in_force);
}

static void read_sections(struct stored_reading *s, struct value list)
{
    s->bench->section = arena_array(s->a, struct section, list.n);
    s->bench->section_count = list.n;
    s->r->section_score = arena_array(s->a, struct score, list.n);
    for (uint32_t i = 0; i < list.n; i++) {
        const struct value *score = value_get(value_item(list, i), STR("score"));
        s->bench->section[i] = (struct section){ stored_text(value_item(list, i), "id"),
                                                 stored_text(value_item(list, i), "title") };
        s->r->section_score[i] = read_score(score ? *score : value_null());
    }
}

static struct value part_of(struct value root, const char *key)
{
    const struct value *v = value_get(root, str_from_c(key));
    return v ? *v : value_null();
}

void stored_head(struct stored_reading *s, struct value root)
{
    read_run(s, part_of(root, "run"));
    read_target(s, part_of(root, "target"), part_of(root, "identity"));
    read_benchmark(s, part_of(root, "benchmark"));
    read_summary(s, part_of(root, "summary"));
    read_params(s, stored_list(root, "params"));
    read_sections(s, stored_list(root, "sections"));
    s->r->scopes = part_of(root, "scopes");
}

/* ---- frameworks */

static void read_marks(struct stored_reading *s, struct framework *f, struct value v)
{
    struct value list = stored_list(v, "marks");
    f->mark = arena_array(s->a, struct requirement_mark, list.n);
    f->mark_count = list.n;
    for (uint32_t i = 0; i < list.n; i++)
        f->mark[i] = (struct requirement_mark){ stored_text(value_item(list, i), "id"),
                                                stored_text(value_item(list, i), "text") };
}

static void mark(struct stored_reading *s, const struct framework *f, struct requirement *d,
                 struct value v)
{
    struct value list = stored_list(v, "marks");
    d->mark = arena_array(s->a, const struct requirement_mark *, list.n);
    for (uint32_t i = 0; i < list.n; i++)
        for (size_t m = 0; m < f->mark_count; m++)
            if (str_eq(f->mark[m].id, value_text(value_item(list, i))) && d->mark_count < list.n)
                d->mark[d->mark_count++] = &f->mark[m];
}

/* NULL: the pair is about all rows. */
static const struct share *read_share(struct stored_reading *s, struct value row)
{
    const struct value *v = value_get(row, STR("rows"));
    struct share *out = v ? arena_new(s->a, struct share) : NULL;
    if (v)
        *out = (struct share){ .population = stored_count(*v, "population"),
                               .passed = stored_count(*v, "passed"),
                               .failed = stored_count(*v, "failed"),
                               .waived = stored_count(*v, "waived"),
                               .unknown = stored_count(*v, "unknown"),
                               .manual = stored_count(*v, "manual"),
                               .unsure = stored_count(*v, "unsure") };
    return out;
}

/* Of all rows it is the check's; of some, what their counts let it be. */
static bool is_verdict_of(enum verdict v, const struct check_result *c, const struct share *s)
{
    if (!s)
        return v == c->verdict;
    if (v == VERDICT_FAIL || v == VERDICT_WAIVED)
        return verdict_roll_up(v, c->verdict) == c->verdict;
    return !s->failed && (v != VERDICT_PASS || (s->population && s->passed == s->population));
}

static enum pair_condition read_condition(struct stored_reading *s, struct value row)
{
    const char *name[CONDITION_COUNT + 1] = { NULL };
    for (size_t i = 0; i < CONDITION_COUNT; i++)
        name[i] = pair_condition_name((enum pair_condition)i);
    return stored_text(row, "when").n
               ? (enum pair_condition)stored_word(s, row, "condition", name, CONDITION_COUNT,
                                                  "a state of a condition")
               : CONDITION_NONE;
}

static bool read_pair(struct stored_reading *s, struct requirement_pair *out, struct value row)
{
    struct str id = stored_text(row, "check");
    size_t c = 0;
    while (c < s->r->check_count && !str_eq(s->r->check[c].check->id, id))
        c++;
    if (c == s->r->check_count)
        return stored_fault(s, "a requirement names check \"%.*s\", which is not among the checks",
                            STR_ARG(str_sub(id, 0, 100)));
    struct requirement_ref *ref = arena_new(s->a, struct requirement_ref);
    struct not_applicable *when = arena_new(s->a, struct not_applicable);
    *out = (struct requirement_pair){ .check = (uint32_t)c,
                                      .ref = ref,
                                      .verdict = stored_verdict(s, row),
                                      .share = read_share(s, row),
                                      .condition = read_condition(s, row),
                                      .unseen = stored_text(row, "unseen") };
    when->reason = stored_text(row, "when");
    *ref = (struct requirement_ref){ .only = stored_text(row, "only"),
                                     .when = out->condition == CONDITION_NONE ? NULL : when,
                                     .rationale = stored_text(row, "rationale"),
                                     .strength = (enum strength)stored_word(
                                         s, row, "strength", strength_name, STRENGTH_COUNT,
                                         "a strength") };
    if (!is_verdict_of(out->verdict, &s->r->check[c], out->share))
        return stored_fault(s, "what a requirement says of check %.*s is not what the check found",
                            STR_ARG(str_sub(id, 0, 100)));
    return true;
}

static void read_pairs(struct stored_reading *s, struct requirement_result *q, struct value v)
{
    struct value list = stored_list(v, "checks");
    q->pair = arena_array(s->a, struct requirement_pair, list.n);
    for (uint32_t i = 0; i < list.n && s->ok; i++) {
        if (!read_pair(s, &q->pair[q->pair_count], value_item(list, i)))
            return;
        requirement_count(q, &q->pair[q->pair_count++]);
    }
}

static void read_requirement(struct stored_reading *s, const struct framework *f,
                             struct requirement *d, struct requirement_result *q, struct value v)
{
    const struct value *run = value_get(v, STR("run"));
    const char *found[FOUND_COUNT];
    for (size_t i = 0; i < FOUND_COUNT; i++)
        found[i] = found_name((enum found)i);
    d->id = stored_text(v, "id");
    d->title = stored_text(v, "title");
    d->when = stored_text(v, "when");
    d->not_shown = stored_text(v, "notShown");
    d->evidenceable = (enum evidenceable)stored_word(s, v, "evidence", evidenceable_name,
                                                     EVIDENCE_COUNT, "a kind of evidence");
    if (d->evidenceable == EVIDENCE_NONE)
        d->reason = (enum no_evidence)stored_word(s, v, "reason", no_evidence_name,
                                                  NO_EVIDENCE_COUNT, "a reason");
    d->by_run = run != NULL;
    if (run) {
        d->run_strength = (enum strength)stored_word(s, *run, "strength", strength_name,
                                                     STRENGTH_COUNT, "a strength");
        d->run_rationale = stored_text(*run, "rationale");
    }
    mark(s, f, d, v);
    *q = (struct requirement_result){ .requirement = d,
                                      .contributes = stored_flag(v, "contributes") };
    q->found =
        (enum found)stored_word(s, v, "found", found, FOUND_COUNT, "a finding of a requirement");
    read_pairs(s, q, v);
}

/* What it asks of parameters stands beside these. */
static void read_asked(struct stored_reading *s, struct framework *f, struct value params)
{
    VEC(struct framework_param) asked = { 0 };
    for (uint32_t i = 0; i < params.n; i++) {
        struct value list = stored_list(value_item(params, i), "asked");
        for (uint32_t k = 0; k < list.n; k++) {
            struct value row = value_item(list, k);
            const struct value *v = value_get(row, STR("value"));
            if (str_eq(stored_text(row, "framework"), f->id))
                *VEC_PUSH(&asked, s->a) =
                    (struct framework_param){ stored_text(value_item(params, i), "name"),
                                              stored_text(row, "requirement"),
                                              stored_text(row, "reason"), v ? *v : value_null() };
        }
    }
    f->param = asked.item;
    f->param_count = asked.count;
}

static void read_framework(struct stored_reading *s, struct framework *f,
                           struct framework_result *x, struct value v, struct value params)
{
    struct value list = stored_list(v, "requirements");
    const struct value *found = value_get(v, STR("found"));
    f->id = stored_text(v, "id");
    f->title = stored_text(v, "title");
    f->version = stored_text(v, "version");
    if (!sha256_parse(f->sha256, stored_text(v, "sha256")))
        (void)stored_fault(s, "the sha256 of framework %.*s is no SHA-256",
                           STR_ARG(str_sub(f->id, 0, 100)));
    read_texts(s, v, "conclusions", &f->conclusion, &f->conclusion_count);
    read_marks(s, f, v);
    read_asked(s, f, params);
    f->requirement = arena_array(s->a, struct requirement, list.n);
    f->requirement_count = list.n;
    *x = (struct framework_result){
        .framework = f,
        .requirement = arena_array(s->a, struct requirement_result, list.n),
        .contributed = (uint32_t)stored_count(v, "requirementsContributed"),
        .conditional = (uint32_t)stored_count(v, "requirementsConditional")
    };
    for (size_t i = 0; i < FOUND_COUNT && found; i++)
        x->found[i] = (uint32_t)stored_count(*found, found_name((enum found)i));
    for (uint32_t i = 0; i < list.n && s->ok; i++)
        read_requirement(s, f, &f->requirement[i], &x->requirement[i], value_item(list, i));
}

void stored_frameworks(struct stored_reading *s, struct value root)
{
    struct value list = stored_list(root, "frameworks");
    struct framework *f = arena_array(s->a, struct framework, list.n);
    s->r->framework = arena_array(s->a, struct framework_result, list.n);
    s->r->framework_count = list.n;
    for (uint32_t i = 0; i < list.n && s->ok; i++)
        read_framework(s, &f[i], &s->r->framework[i], value_item(list, i),
                       stored_list(root, "params"));
}
