/* What an audit rests on in report.html: coverage, rights, parameters, calls. */
#include "cluster/kind_own.h"
#include "cluster/node_facts.h"
#include "report/html.h"
#include "report/result_value.h"

static void put_coverage_row(struct html *h, struct str source, const struct coverage *c)
{
    html_raw(h, "<tr><th scope=\"row\">");
    html_text(h, source);
    html_raw(h, "</th><td class=\"keep\">");
    html_c(h, coverage_state_name(c->state));
    if (c->inconsistent)
        html_raw(h, ", from more than one snapshot");
    html_raw(h, "</td><td class=\"num\" data-label=\"objects \">");
    html_number(h, c->items);
    html_raw(h, "</td><td class=\"num\" data-label=\"unreadable \">");
    html_number(h, c->bad_items);
    html_raw(h, "</td><td class=\"num\" data-label=\"bytes \">");
    html_number(h, c->bytes);
    html_raw(h, "</td><td class=\"mono\" data-label=\"version \">");
    html_text(h, c->resource_version);
    html_raw(h, "</td></tr>\n");
}

/* Evidence that did not come from the API. */
static void put_node_facts(struct html *h)
{
    const struct node_evidence *e = h->r->nodes;
    if (!e)
        return;
    html_raw(h, "<div class=\"wide\"><table class=\"stack\"><caption>What was collected on nodes "
                "(kubevouch node-facts)</caption><thead><tr>"
                "<th scope=\"col\">Node</th><th scope=\"col\">Collected</th><th scope=\"col\">By "
                "version</th><th scope=\"col\" class=\"num\">Rows</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < e->count; i++) {
        html_raw(h, "<tr><th scope=\"row\">");
        html_text(h, e->node[i].node_name);
        html_raw(h, "</th><td>");
        html_text(h, e->node[i].collected_at);
        html_raw(h, "</td><td>");
        html_text(h, e->node[i].tool_version);
        html_raw(h, "</td><td class=\"num\">");
        html_number(h, e->node[i].file.count);
        html_raw(h, "</td></tr>\n");
    }
    html_raw(h, "</tbody></table></div>\n");
    html_flush(h);
}

static void put_population(struct html *h)
{
    html_part(h, "population", "Population");
    html_add(h, is_of_files(h->r)
                    ? STR("<p>No sampling: every object that was read out of the files was judged; "
                          "what the files do not hold was not seen.</p>\n")
                    : STR("<p>No sampling: every object that the API server returned was judged. "
                          "The resource version identifies the state of each list.</p>\n"));
    html_raw(h, "<section "
                "class=\"wide\" tabindex=\"0\" aria-label=\"What was read\"><table "
                "class=\"stack\"><caption>What was read</caption><thead><tr>"
                "<th scope=\"col\">Source</th><th scope=\"col\">State</th><th scope=\"col\" "
                "class=\"num\">Objects</th><th scope=\"col\" class=\"num\">Unreadable</th>"
                "<th scope=\"col\" class=\"num\">Bytes</th><th scope=\"col\">Resource "
                "version</th></tr></thead><tbody>\n");
    for (size_t k = 0; k < kind_count(); k++)
        put_coverage_row(h, kind_text(&h->scratch, (enum kind)k), &h->r->cluster->coverage[k]);
    for (size_t e = 0; e < ENDPOINT_COUNT; e++)
        put_coverage_row(h, str_from_c(endpoint_what((enum endpoint)e)),
                         &h->r->cluster->endpoint[e]);
    html_raw(h, "</tbody></table></section>\n");
    html_flush(h);
    put_node_facts(h);
}

static void put_rights(struct html *h)
{
    if (!h->r->right_count) /* nobody was asked: objects in files */
        return;
    html_raw(
        h,
        "<div class=\"wide\"><table class=\"stack\"><caption>What this identity may do, as the "
        "server answered; rights that no check needs are told because they exceed an audit's need"
        "</caption><thead><tr><th scope=\"col\">Right</th><th scope=\"col\">Granted</th><th "
        "scope=\"col\">Needed by</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < h->r->right_count; i++) {
        const struct access_right *x = &h->r->right[i];
        html_raw(h, "<tr><th scope=\"row\">");
        html_text(h, x->verb);
        html_raw(h, " ");
        html_text(h, x->resource);
        if (x->group.n) {
            html_raw(h, " <span class=\"soft\">");
            html_text(h, x->group);
            html_raw(h, "</span>");
        }
        html_raw(h, "</th><td>");
        html_c(h, !x->known ? "not known" : x->allowed ? "yes" : "no");
        html_raw(h, "</td><td class=\"small\">");
        html_text(h, x->checks.n ? x->checks : STR("no check"));
        html_raw(h, "</td></tr>\n");
    }
    html_raw(h, "</tbody></table></div>\n");
}

static void put_identity(struct html *h)
{
    const struct cluster *c = h->r->cluster;
    html_part(h, "identity", "Identity and rights");
    html_raw(h, "<dl class=\"facts\">\n");
    html_fact(h, "User", c->user);
    html_fact(h, "UID", c->user_uid);
    html_fact(h, "Groups", str_join(&h->scratch, c->group, c->group_count, STR(", ")));
    html_fact(h, "Credential", c->credential_kind);
    static const struct str trust[CONNECTION_TRUST_COUNT] = {
        [CONNECTION_VERIFIED] = STR_INIT("the server's certificate was checked"),
        [CONNECTION_UNVERIFIED] = STR_INIT("the server's certificate was NOT checked"),
        [CONNECTION_PLAIN] = STR_INIT("plain http: nothing proves the server"),
    };
    html_fact(h, "Connection", trust[c->connection]);
    html_fact(h, "Server certificate", c->server_certificate_sha256);
    html_fact(h, "Server's date", c->server_date);
    html_fact(h, "Command", h->r->run.command_line);
    html_fact(h, "Host", h->r->run.host_name);
    html_fact(h, "Tool",
              str_printf(&h->scratch, "kubevouch %.*s", STR_ARG(h->r->run.tool_version)));
    html_fact(h, "Benchmark file", h->r->bench->file);
    char hex[SHA256_HEX_BYTES];
    sha256_hex(h->r->bench->sha256, hex);
    html_fact(h, "Benchmark SHA-256", str_from_c(hex));
    if (h->r->bench->digested_count)
        html_fact(h, "made again by",
                  str_printf(&h->scratch, "cat %.*s | sha256sum",
                             STR_ARG(str_join(&h->scratch, h->r->bench->digested,
                                              h->r->bench->digested_count, STR(" ")))));
    html_raw(h, "</dl>\n");
    put_rights(h);
    html_flush(h);
}

/* "pci-dss 10.5.1 asks for 365: ...", and whether that is in force. */
static void put_asked(struct html *h, const struct param *p, const struct value *v)
{
    for (size_t i = 0; i < h->r->framework_count; i++) {
        const struct framework *f = h->r->framework[i].framework;
        for (size_t k = 0; k < f->param_count; k++) {
            if (!str_eq(f->param[k].name, p->name))
                continue;
            html_raw(h, "<br><span class=\"small\">");
            html_text(h, f->title);
            html_raw(h, " ");
            html_text(h, f->param[k].requirement);
            html_raw(h, " asks for <span class=\"mono\">");
            html_value(h, f->param[k].value);
            html_raw(h, "</span>: ");
            html_text(h, f->param[k].reason);
            if (!v || !value_equal(*v, f->param[k].value))
                html_raw(h, " <strong>Not in force in this run.</strong>");
            html_raw(h, "</span>");
        }
    }
}

static void put_parameters(struct html *h)
{
    html_part(h, "parameters", "Parameters");
    html_raw(
        h,
        "<div class=\"wide\"><table class=\"stack\"><caption>In force in this run, beside the "
        "benchmark's own values</caption><thead><tr>"
        "<th scope=\"col\">Parameter</th><th scope=\"col\">In force</th><th "
        "scope=\"col\">Benchmark's own</th><th scope=\"col\">Meaning</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < h->r->bench->param_count; i++) {
        const struct param *p = &h->r->bench->param[i];
        const struct value *v = value_get(h->r->params, p->name);
        bool same = v && value_equal(*v, p->def);
        html_raw(h, "<tr><th scope=\"row\">");
        html_text(h, p->name);
        html_add(h, same ? STR("") : STR(" <span class=\"sev\">changed</span>"));
        html_raw(h, "</th><td class=\"mono\" data-label=\"in force \">");
        if (v)
            html_value(h, *v);
        html_raw(h, "</td><td class=\"mono\" data-label=\"own \">");
        if (same)
            html_raw(h, "the same");
        else
            html_value(h, p->def);
        html_raw(h, "</td><td>");
        html_text(h, p->description);
        put_asked(h, p, v);
        html_raw(h, "</td></tr>\n");
    }
    html_raw(h, "</tbody></table></div>\n");
    html_flush(h);
}

/* As it came from the server; what was kept of it, and read again, stands below. */
static void put_received(struct html *h, const struct received *x)
{
    char hex[SHA256_HEX_BYTES] = "";
    if (x->has_digest)
        sha256_hex(x->sha256, hex);
    html_raw(h, "received: ");
    html_number(h, x->bytes);
    html_raw(h, " bytes");
    if (x->started.s) {
        html_raw(h, " at ");
        html_text(h, clock_format_rfc3339(&h->scratch, x->started));
    }
    html_raw(h, "<br>");
    html_c(h, hex);
    html_raw(h, "<br>kept and read: ");
}

static void put_call(struct html *h, const struct call *c)
{
    char hex[SHA256_HEX_BYTES] = "";
    if (c->has_digest)
        sha256_hex(c->sha256, hex);
    buf_addf(&h->b, "<tr id=\"call-%u\"><th scope=\"row\">%u</th><td>", c->seq, c->seq);
    html_c(h, http_verb_name(c->verb));
    html_raw(h, " <span class=\"mono\">");
    html_text(h, c->path);
    html_raw(h, "</span>");
    if (c->no_credentials)
        html_raw(h, " (without credentials)");
    if (c->err_text.n) {
        html_raw(h, "<br><span class=\"small\">");
        html_text(h, c->err_text);
        html_raw(h, "</span>");
    }
    html_raw(h, "</td><td class=\"num\" data-label=\"status \">");
    html_number(h, (uint64_t)(c->status > 0 ? c->status : 0));
    html_raw(h, "</td><td class=\"num\" data-label=\"retries \">");
    html_number(h, c->retries);
    html_raw(h, "</td><td class=\"num\" data-label=\"bytes \">");
    html_number(h, c->body_bytes);
    html_raw(h, "</td><td class=\"num\" data-label=\"ms \">");
    html_number(h, (uint64_t)(c->duration_ms > 0 ? c->duration_ms : 0));
    html_raw(h, "</td><td class=\"mono small digest\">");
    html_c(h, c->audit_id);
    html_raw(h, "<br>");
    if (c->received.is_told)
        put_received(h, &c->received);
    else if (c->is_replayed)
        html_raw(h, "read: ");
    html_c(h, hex);
    html_raw(h, "</td></tr>\n");
}

static void put_calls(struct html *h)
{
    html_part(h, "calls", "Calls");
    html_raw(h, "<p>");
    if (str_eq(h->r->run.source, STR("live")))
        html_raw(h, "Every request of this audit. The Audit-ID of each is in the cluster's own "
                    "audit log, where one is kept; what reached no server, and "
                    "handshakes, have none. The SHA-256 is of the body as it was received.");
    else if (str_eq(h->r->run.source, STR("snapshot")))
        html_raw(h, "This run judged a recording, and asked no server. Audit-ID, bytes, time and "
                    "SHA-256 after \"received\" are those of the recorded "
                    "request, as far as the recording tells them; the Audit-ID is in the cluster's "
                    "audit log of that time. The SHA-256 after \"kept and read\" is "
                    "of the file in the recording, from which what no check reads is left out and "
                    "what may be a credential is masked: sha256sum of the file gives it. "
                    "Status, bytes and times in the columns are those of reading.");
    else
        html_raw(h, "This run judged files, and asked no server: no request has an Audit-ID.");
    html_raw(h,
             "</p>\n<section class=\"wide\" tabindex=\"0\" aria-label=\"Requests\"><table "
             "class=\"stack\"><caption>Requests in the order they were made</caption><thead><tr>"
             "<th scope=\"col\">No.</th><th scope=\"col\">Request</th><th scope=\"col\" "
             "class=\"num\">Status</th><th scope=\"col\" class=\"num\">Retries</th>"
             "<th scope=\"col\" class=\"num\">Bytes</th><th scope=\"col\" class=\"num\">ms</th><th "
             "scope=\"col\">Audit-ID, SHA-256</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < h->r->call_count; i++) {
        put_call(h, &h->r->call[i]);
        html_flush(h);
    }
    html_raw(h, "</tbody></table></section>\n");
}

void html_evidence(struct html *h)
{
    put_population(h);
    put_identity(h);
    put_parameters(h);
    put_calls(h);
    html_raw(h, "<div class=\"signing\">\n");
    html_part(h, "sign-off", "Sign-off");
    html_raw(h, "<p>Limits: a point in time; configuration only; what ");
    html_add(h, is_of_files(h->r) ? STR("the files do not hold") : STR("was not seen"));
    html_raw(
        h,
        " was not judged. "
        "Checks marked MANUAL wait for the answers above.</p>\n<div class=\"sign\"><div>Reviewed "
        "by</div><div>Date</div><div>Conclusion</div></div>\n</div>\n");
}
