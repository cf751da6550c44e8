/* Recorded command lines of kubelets, with their configuration files, as what such a kubelet answers when it is asked. */
#ifndef KUBEVOUCH_TESTS_KUBELET_LINES_H
#define KUBEVOUCH_TESTS_KUBELET_LINES_H

#include "analyze/control_plane/component.h"
#include "analyze/nodes/kubelet_config.h"

/* What the line and the file come to; file NULL: the row has none. */
static inline struct value kubelet_lines_config(struct arena *a, struct value args, const struct value *file)
{
    struct str *arg = arena_array(a, struct str, args.n);
    for (uint32_t i = 0; i < args.n; i++)
        arg[i] = value_text(value_item(args, i));
    struct value projected = file ? kubelet_project(a, *file) : value_null();
    return kubelet_config_of_flags(a, component_flags(a, arg, args.n), file ? &projected : NULL);
}

/* As /configz has it: what cannot be known gets a type that no kubelet would show, so that it stays unknown. */
static inline struct value kubelet_lines_answer(struct arena *a, struct value v)
{
    struct value_builder b;
    value_builder_init(&b, a);
    if (v.kind == VALUE_ERROR) {
        value_builder_push(&b, value_null());
        return value_builder_list(&b);
    }
    for (uint32_t i = 0; v.kind == VALUE_MAP && i < v.n; i++)
        value_builder_put(&b, v.as.map->entry[i].key, kubelet_lines_answer(a, v.as.map->entry[i].val));
    return v.kind == VALUE_MAP ? value_builder_map(&b) : v;
}

/* [{path, body}] for a cluster whose one node, n1, is asked by way of the API server. */
static inline struct value kubelet_lines_answers(struct arena *a, struct value config)
{
    struct value_builder body, row, list;
    value_builder_init(&body, a);
    value_builder_set(&body, "kubeletconfig", kubelet_lines_answer(a, config));
    value_builder_init(&row, a);
    value_builder_set(&row, "path", value_cstr("/api/v1/nodes/n1/proxy/configz"));
    value_builder_set(&row, "body", value_builder_map(&body));
    value_builder_init(&list, a);
    value_builder_push(&list, value_builder_map(&row));
    return value_builder_list(&list);
}

static inline const struct value *kubelet_lines_at(struct value config, enum kubelet_key key)
{
    struct str rest = str_from_c(kubelet_key_info[key].path), field;
    const struct value *v = &config;
    while (v && str_next_field(&rest, '.', &field))
        v = value_get(*v, field);
    return v;
}

/* ---- where kube-bench is wrong */

enum kubelet_line_value { LINE_FALSE, LINE_BELOW_5, LINE_PORT_OPEN, LINE_WEBHOOK };
static const struct {
    const char *control, *expected; /* what kube-bench says */
    enum kubelet_key key;
    enum kubelet_line_value value; /* what the line comes to */
    const char *why;
} kubelet_line_known[] = {
    { "4.2.2", "fail", KUBELET_AUTHORIZATION, LINE_WEBHOOK, "left out of a file that --config names, the mode is Webhook" },
    { "4.2.4", "pass", KUBELET_READ_ONLY_PORT, LINE_PORT_OPEN, "without --config the port is 10255 when nothing is said" },
    { "4.2.8", "pass", KUBELET_EVENT_QPS, LINE_BELOW_5, "fewer events than 5 a second; kube-bench takes any number from 0" },
    { "4.2.10", "pass", KUBELET_ROTATE_CLIENT, LINE_FALSE, "left out, rotateCertificates is false" },
};
#define KUBELET_LINE_KNOWN (sizeof kubelet_line_known / sizeof *kubelet_line_known)

static inline bool kubelet_line_is(struct value v, enum kubelet_line_value want)
{
    switch (want) {
    case LINE_FALSE:
        return v.kind == VALUE_BOOL && !v.as.b;
    case LINE_BELOW_5:
        return v.kind == VALUE_INT && v.as.i < 5;
    case LINE_PORT_OPEN:
        return v.kind == VALUE_INT && v.as.i == 10255;
    case LINE_WEBHOOK:
        return str_eq_c(value_text(v), "Webhook");
    }
    return false;
}

static inline bool kubelet_lines_refused(struct value v)
{
    bool any = v.kind == VALUE_ERROR;
    for (uint32_t i = 0; v.kind == VALUE_MAP && i < v.n; i++)
        any = any || kubelet_lines_refused(v.as.map->entry[i].val);
    return any;
}

/* Why got differs from what kube-bench says; NULL: it should not. *row: in the table, or its length where no
 * kubelet would start with the line. */
static inline const char *kubelet_lines_reason(struct value config, struct str control, const char *expected, const char *got, size_t *row)
{
    for (*row = 0; *row < KUBELET_LINE_KNOWN; ++*row)
        if (str_eq_c(control, kubelet_line_known[*row].control) && !strcmp(expected, kubelet_line_known[*row].expected) &&
            strcmp(got, "unknown") &&
            kubelet_line_is(*kubelet_lines_at(config, kubelet_line_known[*row].key), kubelet_line_known[*row].value))
            return kubelet_line_known[*row].why;
    if (!strcmp(got, "unknown") && kubelet_lines_refused(config))
        return "a value that no kubelet would start with: nothing can be said";
    return NULL;
}

#endif
