/* Reading the parts of a report.json: what was read of the cluster, by which calls and rights, and
 * the exceptions. */
#include "cluster/manifest_index.h"
#include "cluster/node_facts.h"
#include "report/stored_value.h"

static struct coverage *coverage_of(struct stored_reading *s, struct str source)
{
    for (size_t k = 0; k < KIND_COUNT; k++)
        if (str_eq(kind_text(s->a, (enum kind)k), source))
            return &s->cluster->coverage[k];
    for (size_t e = 0; e < ENDPOINT_COUNT; e++)
        if (str_eq_c(source, endpoint_path((enum endpoint)e)))
            return &s->cluster->endpoint[e];
    return NULL; /* of another version */
}

static void read_coverage(struct stored_reading *s, struct value v)
{
    const char *state[COVERAGE_FAILED + 1];
    struct coverage *c = coverage_of(s, stored_text(v, "source"));
    if (!c)
        return;
    for (size_t i = 0; i < COUNT_OF(state); i++)
        state[i] = coverage_state_name((enum coverage_state)i);
    *c = (struct coverage){
        .state = (enum coverage_state)stored_word(s, v, "state", state, COUNT_OF(state),
                                                  "a state of coverage"),
        .cause = stored_cause(s, v),
        .items = stored_count(v, "items"),
        .bytes = stored_count(v, "bytes"),
        .bad_items = (uint32_t)stored_count(v, "unreadableItems"),
        .reason = stored_text(v, "reason"),
        .remedy = stored_text(v, "remedy"),
        .resource_version = stored_text(v, "resourceVersion"),
        .pages = (uint32_t)stored_count(v, "pages"),
        .restarts = (uint32_t)stored_count(v, "restarts"),
        .inconsistent = str_eq_c(stored_text(v, "consistency"), "inconsistent"),
        .first_call = (uint32_t)stored_count(v, "firstCall"),
        .last_call = (uint32_t)stored_count(v, "lastCall"),
    };
}

static bool read_digest(struct stored_reading *s, uint8_t out[SHA256_BYTES], struct value v)
{
    struct str hex = stored_text(v, "sha256");
    return hex.n &&
           (sha256_parse(out, hex) || stored_fault(s, "the sha256 of a call is no SHA-256"));
}

static void read_received(struct stored_reading *s, struct received *x, struct value v)
{
    const struct value *r = value_get(v, STR("received"));
    if (!r)
        return;
    x->is_told = true;
    x->bytes = stored_count(*r, "bytes");
    x->has_digest = read_digest(s, x->sha256, *r);
    x->started = stored_time(s, *r, "started");
    x->duration_ms = value_int_at(*r, 0, "durationMs", NULL);
}

static void read_call(struct stored_reading *s, struct call *c, struct value v)
{
    struct str method = stored_text(v, "method"), audit_id = stored_text(v, "auditId"),
               error = stored_text(v, "error");
    size_t verb = 0;
    while (verb <= TLS_HANDSHAKES && !str_eq_c(method, http_verb_name((enum http_verb)verb)))
        verb++;
    if (verb > TLS_HANDSHAKES || audit_id.n >= sizeof c->audit_id) {
        (void)stored_fault(s, "a call has no method that kubevouch makes, or no Audit-ID: \"%.*s\"",
                           STR_ARG(str_sub(method, 0, 100)));
        return;
    }
    *c = (struct call){
        .seq = (uint32_t)stored_count(v, "seq"),
        .verb = (enum http_verb)verb,
        .no_credentials = stored_flag(v, "anonymous"),
        .path = stored_text(v, "path"),
        .accept = stored_text(v, "accept"),
        .status = (int)value_int_at(v, 0, "status", NULL),
        .err_text = stored_text(v, "errorText"),
        .retries = (uint32_t)stored_count(v, "retries"),
        .wire_bytes = stored_count(v, "wireBytes"),
        .body_bytes = stored_count(v, "bodyBytes"),
        .duration_ms = value_int_at(v, 0, "durationMs", NULL),
        .started = stored_time(s, v, "started"),
        .is_replayed = stored_flag(v, "replayed"),
        .resource_version = stored_text(v, "resourceVersion"),
        .item_count = value_int_at(v, -1, "items", NULL),
        .warning = stored_text(v, "warning"),
    };
    memcpy(c->audit_id, audit_id.p ? audit_id.p : "", audit_id.n);
    for (size_t e = ERR_NONE + 1; error.n && e <= ERR_INTERNAL; e++)
        if (str_eq_c(error, err_code_name((enum err_code)e)))
            c->err_code = (enum err_code)e;
    c->has_digest = read_digest(s, c->sha256, v);
    read_received(s, &c->received, v);
}

static void read_calls(struct stored_reading *s, struct value list)
{
    struct call *call = arena_array(s->a, struct call, list.n);
    for (uint32_t i = 0; i < list.n && s->ok; i++)
        read_call(s, &call[i], value_item(list, i));
    s->r->call = call;
    s->r->call_count = list.n;
}

static void read_rights(struct stored_reading *s, struct value list)
{
    s->r->right = arena_array(s->a, struct access_right, list.n);
    s->r->right_count = list.n;
    for (uint32_t i = 0; i < list.n; i++) {
        struct value v = value_item(list, i);
        const struct value *allowed = value_get(v, STR("allowed"));
        size_t count;
        struct str *checks = stored_texts(s, v, "checks", &count);
        bool known = allowed && allowed->kind == VALUE_BOOL;
        s->r->right[i] =
            (struct access_right){ .verb = stored_text(v, "verb"),
                                   .group = stored_text(v, "group"),
                                   .resource = stored_text(v, "resource"),
                                   .known = known,
                                   .allowed = known && allowed->as.b,
                                   .checks = str_join(s->a, checks, count, STR(", ")) };
    }
}

static void read_exceptions(struct stored_reading *s, struct value list)
{
    const char *state[EXCEPTION_STATE_COUNT];
    for (size_t i = 0; i < EXCEPTION_STATE_COUNT; i++)
        state[i] = exception_state_name((enum exception_state)i);
    s->r->exception = arena_array(s->a, struct exception, list.n);
    s->r->exception_count = list.n;
    for (uint32_t i = 0; i < list.n; i++) {
        struct value v = value_item(list, i);
        s->r->exception[i] = (struct exception){
            .check = stored_text(v, "check"),
            .object = stored_text(v, "object"),
            .param = stored_text(v, "parameter"),
            .value = stored_text(v, "value"),
            .reason = stored_text(v, "reason"),
            .owner = stored_text(v, "owner"),
            .approver = stored_text(v, "approver"),
            .ticket = stored_text(v, "ticket"),
            .compensating = stored_text(v, "compensatingControl"),
            .created = stored_time(s, v, "created"),
            .expires = stored_time(s, v, "expires"),
            .state = (enum exception_state)stored_word(s, v, "state", state, EXCEPTION_STATE_COUNT,
                                                       "a state of an exception"),
            .approved = stored_flag(v, "approved"),
            .findings = stored_count(v, "findings"),
        };
    }
}

static void read_nodes(struct stored_reading *s, const struct value *list)
{
    if (!list || list->kind != VALUE_LIST)
        return;
    struct node_evidence *e = arena_new(s->a, struct node_evidence);
    e->node = arena_array(s->a, struct node_facts, list->n);
    e->count = list->n;
    for (uint32_t i = 0; i < list->n; i++) {
        struct value v = value_item(*list, i);
        e->node[i] = (struct node_facts){ .node_name = stored_text(v, "node"),
                                          .collected_at = stored_text(v, "collectedAt"),
                                          .tool_version = stored_text(v, "toolVersion"),
                                          .processes_visible = stored_flag(v, "processesVisible") };
        e->node[i].file.count = stored_count(v, "files"); /* no format looks into them */
    }
    s->r->nodes = e;
}

static void read_files(struct stored_reading *s, const struct value *v)
{
    if (!v || v->kind != VALUE_MAP)
        return;
    struct manifest_index *x = arena_new(s->a, struct manifest_index);
    struct value passed = stored_list(*v, "passedOver");
    x->set.file_count = stored_count(*v, "files");
    x->set.document_count = stored_count(*v, "documents");
    x->set.object_count = stored_count(*v, "objects");
    VEC_PUSH(&x->set.other, s->a)->count = stored_count(*v, "ofOtherKinds");
    x->twice_count = stored_count(*v, "superseded");
    x->set.fault_count = stored_count(*v, "unreadable");
    for (uint32_t i = 0; i < passed.n; i++)
        for (size_t p = 0; p < MANIFEST_PASS_COUNT; p++)
            if (str_eq_c(stored_text(value_item(passed, i), "what"),
                         manifest_pass_what((enum manifest_pass)p)))
                x->set.passed_count[p] = stored_count(value_item(passed, i), "count");
    s->r->files = x;
}

void stored_evidence(struct stored_reading *s, struct value root)
{
    struct value coverage = stored_list(root, "coverage");
    for (uint32_t i = 0; i < coverage.n && s->ok; i++)
        read_coverage(s, value_item(coverage, i));
    read_calls(s, stored_list(root, "calls"));
    read_rights(s, stored_list(root, "rights"));
    read_exceptions(s, stored_list(root, "exceptions"));
    read_nodes(s, value_get(root, STR("nodeFacts")));
    read_files(s, value_get(root, STR("files")));
}
