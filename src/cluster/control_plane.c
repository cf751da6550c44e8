/* What tells of the control plane's flags beside its pods. */
#include "cluster/control_plane.h"

#include "cluster/answer.h"
#include "value/json_read.h"

/* The newest form first; the servers that know none of the structured ones answer as text. */
#define FLAGZ_ACCEPT                                        \
    "application/json;v=v1beta1;g=config.k8s.io;as=Flagz, " \
    "application/json;v=v1alpha1;g=config.k8s.io;as=Flagz, text/plain;q=0.5"
#define FLAGZ_COMPONENT "kube-apiserver"
#define FLAGZ_DEPTH_MAX 16u

/* ---- /flagz */

static bool is_flag_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
}

static bool add_flag(struct value_builder *b, struct arena *a, struct str name, struct str value,
                     struct err *err)
{
    if (b->count >= FLAGZ_FLAGS_MAX)
        return err_set(err, ERR_LIMIT, "/flagz lists more than %u flags", FLAGZ_FLAGS_MAX);
    if (value.n > FLAGZ_VALUE_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "/flagz: the value of %.*s is longer than %u bytes",
                       STR_ARG(name), FLAGZ_VALUE_BYTES_MAX);
    value_builder_put(b, value_str(str_dup(a, name)), value_str(str_dup(a, value)));
    return true;
}

static bool read_structured(struct value_builder *out, struct arena *a, struct str body,
                            struct err *err)
{
    struct value doc;
    struct json_limits limits = { .depth = FLAGZ_DEPTH_MAX };
    if (!json_read(&doc, a, body, &limits, NULL, 0, err))
        return false;
    const struct value *flags = doc.kind == VALUE_MAP ? value_get(doc, STR("flags")) : NULL;
    struct str component = value_text_at(doc, "metadata", "name", NULL);
    if (!flags || flags->kind != VALUE_MAP || !str_eq_c(value_text_at(doc, "kind", NULL), "Flagz"))
        return err_set(err, ERR_INPUT, "not an object of kind Flagz with flags");
    if (component.n && !str_eq_c(component, FLAGZ_COMPONENT))
        return err_set(err, ERR_INPUT, "flags of %.*s, not of %s", STR_ARG(component),
                       FLAGZ_COMPONENT);
    for (uint32_t i = 0; i < flags->n; i++) {
        const struct value_entry *e = &flags->as.map->entry[i];
        if (e->key.kind != VALUE_STRING || e->val.kind != VALUE_STRING)
            return err_set(err, ERR_INPUT, "a flag whose value is no text");
        if (!add_flag(out, a, value_text(e->key), value_text(e->val), err))
            return false;
    }
    return true;
}

/* The header's two lines, as they begin; what follows are flags. */
static bool skip_header(struct str *body, struct err *err)
{
    struct str line;
    bool named = false;
    while (str_next_field(body, '\n', &line)) {
        if (str_has_prefix(line, STR(FLAGZ_COMPONENT " flag")))
            named = true;
        else if (named && str_has_prefix(line, STR("Warning")))
            return true;
        else if (str_trim(line).n)
            break;
    }
    return err_set(err, ERR_INPUT, "not a list of %s's flags", FLAGZ_COMPONENT);
}

/* One of ":", ": ", "=" and " " is drawn anew at every start of the server, for all lines. */
static bool read_line(struct value_builder *out, struct arena *a, struct str line, struct err *err)
{
    size_t n = 0;
    while (n < line.n && is_flag_char(line.p[n]))
        n++;
    if (!n || n == line.n || !memchr(":= ", line.p[n], 3))
        return err_set(err, ERR_INPUT, "a line that is no flag and its value");
    return add_flag(out, a, str_sub(line, 0, n), str_trim(str_sub(line, n + 1, line.n)), err);
}

bool flagz_read(struct value *out, struct arena *a, struct str body, struct err *err)
{
    struct value_builder b;
    struct str line;
    value_builder_init(&b, a);
    if (str_has_prefix(str_trim(body), STR("{"))) {
        if (!read_structured(&b, a, body, err))
            return false;
    } else {
        if (!skip_header(&body, err))
            return false;
        while (str_next_field(&body, '\n', &line))
            if (str_trim(line).n && !read_line(&b, a, line, err))
                return false;
    }
    if (!b.count)
        return err_set(err, ERR_INPUT, "/flagz lists no flag");
    *out = value_builder_map(&b);
    return true;
}

/* A server without the feature answers 404. */
static void ask_flagz(struct cluster *c, struct client *client)
{
    struct err err = { 0 };
    struct reply r = { 0 };
    struct value flags;
    bool got =
        client_get(client, str_from_c(endpoint_path(ENDPOINT_FLAGZ)), STR(FLAGZ_ACCEPT), &r, &err);
    if (!got && r.status == 404) {
        c->endpoint[ENDPOINT_FLAGZ].state = COVERAGE_NOT_SERVED;
        c->endpoint[ENDPOINT_FLAGZ].reason =
            STR("the API server serves no /flagz (on by default from Kubernetes 1.36, by feature "
                "gate ComponentFlagz before)");
        c->endpoint[ENDPOINT_FLAGZ].first_call = c->endpoint[ENDPOINT_FLAGZ].last_call = r.call_seq;
        return;
    }
    if (got && flagz_read(&flags, c->arena, r.body, &err)) {
        c->flagz = flags;
        endpoint_read(c, ENDPOINT_FLAGZ, &r);
        return;
    }
    endpoint_failed(c, ENDPOINT_FLAGZ, &err, &r);
}

/* ---- ConfigMaps */

static void ask_config_map(struct cluster *c, struct client *client, enum endpoint e,
                           struct str absent)
{
    struct err err = { 0 };
    struct reply r = { 0 };
    struct value v;
    struct coverage *cov = &c->endpoint[e];
    bool got = client_get(client, str_from_c(endpoint_path(e)), STR("application/json"), &r, &err);
    if (!got && r.status == 404) {
        *cov = (struct coverage){ .state = COVERAGE_NOT_SERVED,
                                  .reason = absent,
                                  .first_call = r.call_seq,
                                  .last_call = r.call_seq };
        return;
    }
    if (!got) {
        endpoint_failed(c, e, &err, &r);
        return;
    }
    if (endpoint_json(c, e, client, &r, &v))
        *VEC_PUSH(&c->config_map, c->arena) = v;
}

/* OpenShift is told by its API group: elsewhere anyone who may make namespaces could write such
 * ConfigMaps. */
static void ask_openshift(struct cluster *c, struct client *client,
                          const struct collect_options *options)
{
    static const enum endpoint row[] = { ENDPOINT_OPENSHIFT_APISERVER,
                                         ENDPOINT_OPENSHIFT_CONTROLLERS };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (!endpoint_set_has(options->endpoints, row[i]))
            continue;
        if (cluster_is_openshift(c))
            ask_config_map(c, client, row[i],
                           STR("OpenShift's operator has not written its ConfigMap"));
        else
            c->endpoint[row[i]] = (struct coverage){
                .state = COVERAGE_NOT_SERVED,
                .reason = c->api_groups.kind == VALUE_MAP
                              ? STR("not an OpenShift cluster")
                              : STR("whether it is an OpenShift cluster is not known")
            };
    }
}

void control_plane_ask(struct cluster *c, struct client *client,
                       const struct collect_options *options)
{
    if (endpoint_set_has(options->endpoints, ENDPOINT_FLAGZ))
        ask_flagz(c, client);
    ask_openshift(c, client, options);
    if (endpoint_set_has(options->endpoints, ENDPOINT_KUBEADM_CONFIG))
        ask_config_map(c, client, ENDPOINT_KUBEADM_CONFIG,
                       STR("there is no ConfigMap kubeadm-config: not a kubeadm cluster"));
}
