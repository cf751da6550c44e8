#include "kube/probe.h"

static const char *const probe_path[PROBE_PATH_COUNT] = {
    "/version", "/readyz", "/api", "/metrics", "/api/v1/namespaces?limit=1",
};

static enum anonymous_access access_of(int status)
{
    if (status == 401)
        return ANONYMOUS_REFUSED;
    if (status == 403)
        return ANONYMOUS_KNOWN;
    return status >= 200 && status <= 299 ? ANONYMOUS_SERVED : ANONYMOUS_UNKNOWN;
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
        p->access = access_of(reply.status);
        if (!ok && p->access == ANONYMOUS_UNKNOWN)
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
