/* What a stranger gets: GETs without any credential, to see whether anonymous requests are let in.
 */
#include "kube/probe.h"

static const char *const probe_path[PROBE_PATH_COUNT] = {
    "/api", "/livez", "/readyz", "/version", "/metrics", "/api/v1/namespaces?limit=1",
};

/* A proxy, a portal or a firewall answers 401 and 403 too, but not with a Status. */
static bool is_status_object(struct str body)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct json_limits limits = { .depth = 16 };
    struct err ignored = { 0 };
    struct value v;
    return json_read(&v, &scratch, body, &limits, NULL, 0, &ignored) &&
           str_eq_c(value_text_at(v, "kind", NULL), "Status");
}

static enum anonymous_access access_of(const struct reply *r)
{
    if (r->status >= 200 && r->status <= 299)
        return ANONYMOUS_SERVED;
    if ((r->status != 401 && r->status != 403) || !is_status_object(r->body))
        return ANONYMOUS_UNKNOWN;
    return r->status == 401 ? ANONYMOUS_REFUSED : ANONYMOUS_KNOWN;
}

void probe_anonymous(struct probe_answer out[PROBE_PATH_COUNT], struct arena *a, struct client *c)
{
    for (size_t i = 0; i < PROBE_PATH_COUNT; i++) {
        struct err err = { 0 };
        struct reply reply = { 0 };
        struct probe_answer *p = &out[i];
        *p = (struct probe_answer){ .path = probe_path[i] };
        bool ok = client_get_anonymous(c, str_from_c(probe_path[i]), &reply, &err);
        p->status = reply.status;
        p->call_seq = reply.call_seq;
        /* A body that was cut or too long changes nothing in what its status told. */
        p->access = access_of(&reply);
        if (p->access == ANONYMOUS_UNKNOWN && (reply.status == 401 || reply.status == 403))
            p->reason = str_printf(
                a, "answered %d, but not as an API server does: something in front of it answers",
                reply.status);
        else if (!ok && p->access == ANONYMOUS_UNKNOWN)
            p->reason = str_dup(a, str_from_c(err.text));
    }
}

enum anonymous_access probe_verdict(const struct probe_answer answer[PROBE_PATH_COUNT])
{
    enum anonymous_access most = ANONYMOUS_UNKNOWN;
    for (size_t i = 0; i < PROBE_PATH_COUNT; i++)
        if (answer[i].access > most)
            most = answer[i].access;
    return most;
}
