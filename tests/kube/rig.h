/* A scripted server, settings that fit it, and a client on the live transport: what the tests of http stand on. */
#ifndef KUBEVOUCH_TESTS_KUBE_RIG_H
#define KUBEVOUCH_TESTS_KUBE_RIG_H

#include "kube/client.h"
#include "kube/fakeapi.h"
#include "kube/fakeproxy.h"
#include "kube/http.h"

#include <check.h>

struct rig {
    struct arena arena;
    const struct fake_pki *pki;
    struct fake_api *api;
    struct kube_settings settings;
    struct http_options options;
    struct transport *transport;
    struct client client;
    struct client_limits limits;
    struct reply reply;
    struct err err;
};

#define CONTAINS(text, part) ck_assert_msg(strstr((text), (part)) != NULL, "\"%s\" does not say \"%s\"", (text), (part))
#define LACKS(text, part)    ck_assert_msg(strstr((text), (part)) == NULL, "\"%s\" says \"%s\"", (text), (part))
#define ROWS(table)          (int)(sizeof(table) / sizeof(table)[0])
/* Each test of this runs over HTTP/1.1 and HTTP/2. */
#define BOTH_VERSIONS 2

/* Answers /version, /prefix/version and a self-review. */
extern const struct fake_answer rig_version_script[];
/* An environment with nothing but ALL_PROXY, which is never to be obeyed. */
const char *rig_no_env(const char *name);
/* A server with these options and settings that fit it; the test may change them before rig_connect. The
 * certificates are made once and must live on. */
void rig_open(struct rig *r, const struct fake_pki *pki, const struct fake_options *o);
bool rig_connect(struct rig *r) WARN_UNUSED;
/* GETs as JSON; r->reply and r->err tell. */
bool rig_get(struct rig *r, const char *path) WARN_UNUSED;
bool rig_connect_and_get(struct rig *r, const char *path) WARN_UNUSED;
void rig_close(struct rig *r);
/* A server by name behind a proxy that leads to this one; close the proxy before the rig. */
struct fake_proxy *rig_behind_proxy(struct rig *r, const char *scheme_and_user);

#endif
