/* What the cluster keeps about its nodes' programs: the ConfigMaps that kubeadm gives to kubelets,
 * and that kube-proxy runs with. */
#include "cluster/node_config.h"

#include "cluster/answer.h"
#include "cluster/lists.h"
#include "value/json_doc.h"
#include "value/yaml.h"

/* the API server takes none over 1 MiB, before escapes */
#define CONFIG_MAP_BYTES ((size_t)2 << 20)
#define CONFIG_BYTES     ((size_t)256 << 10)

/* One ConfigMap: its place, the key of its data, and what of that is kept. */
struct config_map {
    enum endpoint endpoint;
    const char *key, *absent;
    struct value (*project)(struct arena *a, struct value document);
    struct value *out;
    struct cluster *cluster;
    struct client *client;
    struct arena *arena; /* of what is kept */
    struct arena scratch;
    struct get_job job;
};

static struct value project_kube_proxy(struct arena *a, struct value document)
{
    static const char *const kept[] = {
        "kind", "mode", "bindAddress", "metricsBindAddress", "healthzBindAddress", "enableProfiling"
    };
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        const struct value *v = value_get(document, str_from_c(kept[i]));
        if (v)
            value_builder_set(&b, kept[i], *v);
    }
    return value_builder_map(&b);
}

/* The document under the key, projected, as JSON text in the scratch arena. */
static bool read_data(struct config_map *m, struct str body, struct str *out, struct err *err)
{
    struct value object;
    struct node *doc;
    size_t count;
    struct json_limits limits = { .depth = m->client->limits.json_depth };
    if (!json_read(&object, &m->scratch, body, &limits, NULL, 0, err))
        return false;
    if (!answer_is_of(object, str_from_c(endpoint_path(m->endpoint)), err))
        return false;
    const struct value *data = value_at(object, "data", m->key, NULL);
    if (!data || data->kind != VALUE_STRING)
        return err_set(err, ERR_INPUT, "it has no data under \"%s\"", m->key);
    if (!yaml_read(&doc, &count, &m->scratch, value_text(*data), m->key, err))
        return false;
    if (count != 1 || doc[0].kind != NODE_MAP)
        return err_set(err, ERR_INPUT, "\"%s\" is not one YAML document with a map", m->key);
    struct buf text CLEANUP(buf_release) = BUF_INIT(CONFIG_BYTES);
    json_doc_write(&text, m->project(&m->scratch, node_value(&m->scratch, &doc[0])),
                   JSON_DOC_SORTED);
    if (!buf_ok(&text, m->key, err))
        return false;
    *out = str_dup(&m->scratch, buf_str(&text));
    return true;
}

static struct str recorded(struct config_map *m, struct str config)
{
    struct value_builder data, object;
    struct buf text CLEANUP(buf_release) = BUF_INIT(CONFIG_MAP_BYTES);
    value_builder_init(&data, &m->scratch);
    value_builder_set(&data, m->key, value_str(config));
    value_builder_init(&object, &m->scratch);
    value_builder_set(&object, "apiVersion", value_cstr("v1"));
    value_builder_set(&object, "kind", value_cstr("ConfigMap"));
    value_builder_set(&object, "data", value_builder_map(&data));
    json_doc_write(&text, value_builder_map(&object), 0);
    return str_dup(&m->scratch, buf_str(&text));
}

static struct str on_end(struct get_job *job, struct str body)
{
    struct config_map *m = job->ctx;
    struct coverage *cov = &m->cluster->endpoint[m->endpoint];
    struct str what = str_from_c(endpoint_what(m->endpoint)), config;
    cov->first_call = cov->last_call = job->call_seq;
    if (job->status == 404) {
        cov->state = COVERAGE_NOT_SERVED;
        cov->reason = str_from_c(m->absent);
        return body;
    }
    struct err err = job->err;
    if (err.code == ERR_NONE && read_data(m, body, &config, &err)) {
        struct err ignored = { 0 };
        if (json_read(m->out, m->arena, str_dup(m->arena, config), NULL, NULL, 0, &ignored)) {
            cov->state = COVERAGE_COMPLETE;
            cov->items = 1;
            cov->bytes = body.n;
            return recorded(m, config);
        }
    }
    coverage_from_failure(cov, m->arena, &err, job->status, what,
                          str_from_c(endpoint_remedy(m->endpoint)));
    return job->err.code == ERR_NONE ? STR("{}") : body;
}

void node_config_read(struct cluster *cluster, struct client *client,
                      const struct collect_options *options)
{
    struct config_map map[] = {
        { .endpoint = ENDPOINT_KUBELET_CONFIG,
          .key = "kubelet",
          .project = kubelet_project,
          .out = &cluster->kubelets.intent,
          .absent = "there is no ConfigMap kubelet-config in kube-system: not a kubeadm cluster" },
        { .endpoint = ENDPOINT_KUBE_PROXY_CONFIG,
          .key = "config.conf",
          .project = project_kube_proxy,
          .out = &cluster->kube_proxy_config,
          .absent = "there is no ConfigMap kube-proxy in kube-system" },
    };
    size_t count = sizeof map / sizeof *map;
    for (size_t i = 0; i < count; i++) {
        struct config_map *m = &map[i];
        if (!endpoint_set_has(options->endpoints, m->endpoint))
            continue;
        m->cluster = cluster;
        m->client = client;
        m->arena = cluster->arena;
        m->job = (struct get_job){ .path = str_from_c(endpoint_path(m->endpoint)),
                                   .accept = STR("application/json"),
                                   .body_bytes = CONFIG_MAP_BYTES,
                                   .on_end = on_end,
                                   .ctx = m };
        client_get_start(client, &m->job);
    }
    client_run(client);
    for (size_t i = 0; i < count; i++) {
        client_get_release(&map[i].job);
        arena_release(&map[i].scratch);
    }
}
