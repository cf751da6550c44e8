/* Any bytes as a kubelet's configuration, as JSON, YAML or a command line: every key has a value of its type or is said to be
 * unknown, and what is kept of it says the same again. Any bytes as a Node's name and as a kubelet's path, too. */
#include "analyze/control_plane/component.h"
#include "analyze/nodes/kubelet_config.h"
#include "base/vec.h"
#include "cluster/kubelets.h"
#include "value/json_doc.h"
#include "value/json_read.h"
#include "value/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct value *at(const struct value *config, const char *path)
{
    const struct value *v = config;
    struct str rest = str_from_c(path), field;
    while (v && str_next_field(&rest, '.', &field))
        v = value_get(*v, field);
    return v;
}

static void check_whole(struct value config)
{
    static const uint8_t kind[] = { [KUBELET_BOOL] = VALUE_BOOL,
                                    [KUBELET_INT] = VALUE_INT,
                                    [KUBELET_STRING] = VALUE_STRING,
                                    [KUBELET_LIST] = VALUE_LIST,
                                    [KUBELET_MAP] = VALUE_MAP };
    for (size_t k = 0; k < KUBELET_KEY_COUNT; k++) {
        const struct value *v = at(&config, kubelet_key_info[k].path);
        INVARIANT(v != NULL);
        INVARIANT(v->kind == kind[kubelet_key_info[k].type] || (v->kind == VALUE_ERROR && v->as.error->code == VALUE_ERROR_UNAVAILABLE));
    }
}

static void check_config(struct arena *a, struct value config)
{
    struct buf text = BUF_INIT((size_t)1 << 20);
    struct value kept = kubelet_project(a, config), again;
    struct err err = { 0 };
    check_whole(kubelet_config_of_configz(a, kept));
    check_whole(kubelet_config_of_file(a, kept));
    check_whole(kubelet_config_of_flags(a, value_null(), &kept));
    json_doc_write(&text, kept, JSON_DOC_SORTED);
    struct str written = str_dup(a, buf_str(&text));
    if (!text.over && json_read(&again, a, written, NULL, NULL, 0, &err)) {
        struct value before = kubelet_config_of_configz(a, kept),
                     difference = kubelet_config_difference(a, before, kubelet_config_of_configz(a, again));
        for (uint32_t i = 0; i < difference.n; i++) /* what is unknown equals nothing */
            INVARIANT(at(&before, str_to_c(a, value_text(value_item(difference, i))))->kind == VALUE_ERROR);
    }
    buf_release(&text);
}

static void check_words(struct arena *a, struct str text)
{
    VEC(struct str) arg = { 0 };
    struct str rest = text, word;
    while (arg.count < 200 && str_next_field(&rest, '\n', &word))
        *VEC_PUSH(&arg, a) = word;
    check_whole(kubelet_config_of_flags(a, component_flags(a, arg.item, arg.count), NULL));
}

/* What passes as a name or a kubelet's path has nothing in it that could lead elsewhere. */
static void check_paths(struct arena *a, struct str text)
{
    struct err err = { 0 };
    if (memchr(text.p ? text.p : "", 0, text.n))
        return; /* formatting ends there */
    if (kubelets_is_node_name(text)) {
        INVARIANT(transport_allows(HTTP_GET, str_printf(a, "/api/v1/nodes/%.*s/proxy/configz", STR_ARG(text)), &err));
        INVARIANT(!str_contains(text, STR("/")) && !str_contains(text, STR("..")) && !str_contains(text, STR("?")));
    }
    struct str path = str_printf(a, "https://%.*s/configz", STR_ARG(text));
    if (transport_allows(HTTP_GET, path, &err))
        for (size_t i = 0; i < text.n; i++)
            INVARIANT((text.p[i] >= '0' && text.p[i] <= '9') || (text.p[i] >= 'a' && text.p[i] <= 'f') ||
                      (text.p[i] >= 'A' && text.p[i] <= 'F') || text.p[i] == '.' || text.p[i] == ':' || text.p[i] == '[' ||
                      text.p[i] == ']');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct str text = str_of((const char *)data, size);
    struct value v;
    struct node *doc;
    size_t count;
    struct err err = { 0 }, yaml_err = { 0 };
    if (json_read(&v, &a, text, NULL, NULL, 0, &err))
        check_config(&a, v);
    if (yaml_read(&doc, &count, &a, text, "fuzz", &yaml_err) && count == 1)
        check_config(&a, node_value(&a, &doc[0]));
    check_words(&a, text);
    check_paths(&a, text);
    arena_release(&a);
    return 0;
}
