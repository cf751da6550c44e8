/* A scripted server, settings that fit it, and a client on the live transport: what the tests of http stand on. */
#include "kube/rig.h"

const struct fake_answer rig_version_script[] = {
    { .path = "/version",
      .status = 200,
      .body = "{\"major\":\"1\"}",
      .header = "Audit-Id: echoed-1\r\nWarning: 299 - \"old \\\"api\\\"\"\r\nX-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" },
    { .path = "/prefix/version", .status = 200, .body = "{\"major\":\"2\"}" },
    { .method = "POST", .path = "/apis/authentication.k8s.io/v1/selfsubjectreviews", .status = 201, .body = "{\"kind\":\"S\"}" },
    { 0 },
};

const char *rig_no_env(const char *name)
{
    return strcmp(name, "ALL_PROXY") == 0 || strcmp(name, "all_proxy") == 0 ? "http://127.0.0.1:1" : NULL;
}

void rig_open(struct rig *r, const struct fake_pki *pki, const struct fake_options *o)
{
    struct fake_options filled = *o;
    memset(r, 0, sizeof *r);
    r->pki = pki;
    if (!filled.cert)
        filled.cert = &pki->server;
    filled.client_ca = pki->ca.cert;
    r->api = fake_api_open(&filled);
    r->settings.cluster.server = str_printf(&r->arena, "%s://127.0.0.1:%u", o->tls == FAKE_PLAIN ? "http" : "https", fake_api_port(r->api));
    r->settings.cluster.ca_data = str_from_c(pki->ca.cert);
    r->settings.user.token = STR("good-token");
    r->options =
        (struct http_options){ .user_agent = STR("kubevouch/test (linux/amd64)"), .in_flight = 4, .http2 = o->http2, .env = rig_no_env };
    client_limits_default(&r->limits);
    r->limits.retry_wait_max_ms = 20;
}

bool rig_connect(struct rig *r)
{
    if (!http_open(&r->transport, &r->arena, &r->settings, &r->options, &r->err))
        return false;
    client_init(&r->client, r->transport, &r->arena, &r->limits);
    return true;
}

bool rig_get(struct rig *r, const char *path)
{
    err_clear(&r->err);
    return client_get(&r->client, str_from_c(path), STR("application/json"), &r->reply, &r->err);
}

bool rig_connect_and_get(struct rig *r, const char *path)
{
    return rig_connect(r) && rig_get(r, path);
}

void rig_close(struct rig *r)
{
    if (r->transport)
        transport_close(r->transport);
    fake_api_close(r->api);
    arena_release(&r->arena);
}

struct fake_proxy *rig_behind_proxy(struct rig *r, const char *scheme_and_user)
{
    struct fake_proxy *p = fake_proxy_open(fake_api_port(r->api), 0);
    r->settings.cluster.server = STR("https://fake.test:6443");
    r->settings.cluster.proxy_url = str_printf(&r->arena, "%s127.0.0.1:%u", scheme_and_user, fake_proxy_port(p));
    return p;
}
