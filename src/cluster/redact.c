/* What a recording must not hold: masks in place of texts that may be credentials. */
#include "cluster/redact.h"

#include "base/buf.h"
#include "cluster/cluster.h"
#include "cluster/taint.h"
#include "value/json_doc.h"
#include "value/json_read.h"

#define ANSWER_BYTES_MAX ((size_t)64 << 20)

struct redacting {
    struct arena *arena;
    bool shows_flags; /* containers run components */
    bool keeps_data;  /* of documents that are read for their data ... */
    bool known_data;  /* ... those of it that are read in ConfigMaps of a control plane's own */
};

/* ---- all texts of a value */

static struct value masked(struct arena *a, struct value v)
{
    struct value_builder b;
    value_builder_init(&b, a);
    if (v.kind == VALUE_STRING)
        return taint_is_mask(value_text(v)) ? v : value_str(taint_mask(a, value_text(v)));
    if (v.kind == VALUE_LIST) {
        for (uint32_t i = 0; i < v.n; i++)
            value_builder_push(&b, masked(a, value_item(v, i)));
        return value_builder_list(&b);
    }
    if (v.kind != VALUE_MAP)
        return v;
    for (uint32_t i = 0; i < v.n; i++)
        value_builder_put(&b, v.as.map->entry[i].key, masked(a, v.as.map->entry[i].val));
    return value_builder_map(&b);
}

static struct value masked_annotations(struct arena *a, struct value v)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; i < v.n; i++) {
        struct value key = v.as.map->entry[i].key, val = v.as.map->entry[i].val;
        bool plain =
            val.kind == VALUE_STRING && taint_annotation_is_plain(value_text(key), value_text(val));
        value_builder_put(&b, key, plain ? val : masked(a, val));
    }
    return value_builder_map(&b);
}

/* ---- command lines of components */

/* Between two words: the flag whose value the next one may be. */
struct words {
    struct value_builder out;
    struct str flag;
};

static struct str without_dashes(struct str word)
{
    return str_sub(word, word.n > 1 && word.p[1] == '-' ? 2 : 1, word.n);
}

static bool is_flag(struct str word)
{
    return word.n > 1 && word.p[0] == '-';
}

/* A script of a shell: any flag in it that carries a credential. */
static bool script_has_secret(struct str script)
{
    struct str rest = script, word, name, value, flag = { 0 };
    for (size_t at = 0; at <= script.n; at++) {
        bool end = at == script.n || strchr(" \t\n\r'\"", script.p[at]) != NULL;
        if (!end)
            continue;
        word = str_sub(rest, 0, at - (script.n - rest.n));
        rest = str_sub(script, at + 1, script.n);
        if (is_flag(word)) {
            bool has_value = str_cut(without_dashes(word), '=', &name, &value);
            flag = name;
            if (has_value && taint_flag_is_secret(name, value))
                return true;
        } else if (word.n && taint_flag_is_secret(flag, word)) {
            return true;
        } else if (word.n) {
            flag = (struct str){ 0 };
        }
    }
    return false;
}

static bool is_script(struct str word)
{
    return str_find_char(word, ' ', 0) != SIZE_MAX || str_find_char(word, '\n', 0) != SIZE_MAX;
}

/* A value that is masked stands as a word of its own, behind its flag: both ways to write it mean
 * the same. */
static void add_word(struct words *w, struct arena *a, struct value v)
{
    struct str word = value_text(v), name, value;
    bool may_be_value = w->flag.n > 0;
    if (v.kind != VALUE_STRING || taint_is_mask(word)) {
        value_builder_push(&w->out, v);
    } else if (is_flag(word)) {
        bool has_value = str_cut(without_dashes(word), '=', &name, &value),
             secret = has_value && taint_flag_is_secret(name, value);
        w->flag = has_value ? (struct str){ 0 } : name;
        value_builder_push(
            &w->out, secret ? value_str(str_sub(word, 0, (size_t)(value.p - word.p) - 1)) : v);
        if (secret)
            value_builder_push(&w->out, value_str(taint_mask(a, value)));
        return;
    } else {
        bool secret = is_script(word) ? script_has_secret(word) ||
                                            (may_be_value && taint_flag_is_secret(w->flag, word))
                                      : taint_flag_is_secret(w->flag, word);
        value_builder_push(&w->out, secret ? value_str(taint_mask(a, word)) : v);
    }
    w->flag = (struct str){ 0 };
}

/* args go on where command ends. */
static struct value masked_words(struct words *w, struct arena *a, struct value list)
{
    value_builder_init(&w->out, a);
    for (uint32_t i = 0; list.kind == VALUE_LIST && i < list.n; i++)
        add_word(w, a, value_item(list, i));
    return list.kind == VALUE_LIST ? value_builder_list(&w->out) : masked(a, list);
}

static struct value redact(const struct redacting *r, struct value v, struct str above);

/* etcd reads ETCD_NAME as a flag. */
static struct value masked_variables(const struct redacting *r, struct value env)
{
    struct value_builder b;
    value_builder_init(&b, r->arena);
    for (uint32_t i = 0; i < env.n; i++) {
        struct value e = value_item(env, i);
        struct str name = value_text_at(e, "name", NULL), value = value_text_at(e, "value", NULL);
        bool plain = str_has_prefix(name, STR("ETCD_")) &&
                     !taint_flag_is_secret(str_sub(name, 5, name.n), value);
        value_builder_push(&b, plain ? e : redact(r, e, STR("env")));
    }
    return value_builder_list(&b);
}

static struct value redact_component(const struct redacting *r, struct value container)
{
    struct value_builder b;
    struct words w = { 0 };
    const struct value *command = value_get(container, STR("command")),
                       *args = value_get(container, STR("args"));
    struct value first = command ? masked_words(&w, r->arena, *command) : value_null();
    struct value second = args ? masked_words(&w, r->arena, *args) : value_null();
    value_builder_init(&b, r->arena);
    for (uint32_t i = 0; i < container.n; i++) {
        struct value key = container.as.map->entry[i].key, val = container.as.map->entry[i].val;
        struct str name = value_text(key);
        if (str_eq_c(name, "command"))
            val = first;
        else if (str_eq_c(name, "args"))
            val = second;
        else if (str_eq_c(name, "env") && val.kind == VALUE_LIST)
            val = masked_variables(r, val);
        else
            val = taint_is_place(name, STR("containers")) ? masked(r->arena, val)
                                                          : redact(r, val, name);
        value_builder_put(&b, key, val);
    }
    return value_builder_map(&b);
}

/* Whether the container's image or words name a component; an image may have its own entry point.
 */
static bool names_component(struct value container)
{
    static const char *const program[] = { "apiserver", "controller-manager", "scheduler",
                                           "etcd",      "kube-proxy",         "hyperkube" };
    static const char *const list[] = { "command", "args" };
    for (size_t p = 0; p < COUNT_OF(program); p++) {
        if (str_contains(value_text_at(container, "image", NULL), str_from_c(program[p])))
            return true;
        for (size_t l = 0; l < COUNT_OF(list); l++) {
            const struct value *words = value_get(container, str_from_c(list[l]));
            for (uint32_t i = 0; words && words->kind == VALUE_LIST && i < words->n; i++)
                if (str_contains(value_text(value_item(*words, i)), str_from_c(program[p])))
                    return true;
        }
    }
    return false;
}

/* ---- objects. Recursion is bounded: the reader limits nesting (JSON_DEPTH_MAX). */

/* Such ConfigMaps hold more, kubeconfigs among it. */
static bool is_read(struct str key)
{
    static const char *const read[] = { "ClusterConfiguration", "client-ca-file", "config.conf",
                                        "config.yaml", "kubelet" };
    for (size_t i = 0; i < COUNT_OF(read); i++)
        if (str_eq_c(key, read[i]))
            return true;
    return str_has_prefix(key, STR("requestheader-"));
}

/* ... and these are files by themselves. */
static bool is_config(struct str key)
{
    return str_eq_c(key, "ClusterConfiguration") || str_eq_c(key, "config.yaml");
}

static struct value redact_data(const struct redacting *r, struct value data)
{
    struct value_builder b;
    value_builder_init(&b, r->arena);
    for (uint32_t i = 0; i < data.n; i++) {
        struct value_entry e = data.as.map->entry[i];
        struct str key = value_text(e.key);
        if (r->known_data && !is_read(key))
            e.val = masked(r->arena, e.val);
        else if (r->known_data && is_config(key) && e.val.kind == VALUE_STRING)
            e.val = value_str(redact_config(r->arena, value_text(e.val)));
        value_builder_put(&b, e.key, e.val);
    }
    return value_builder_map(&b);
}

static struct value redact_entry(const struct redacting *r, struct str key, struct value val,
                                 struct str above)
{
    if (!taint_is_place(key, above))
        return redact(r, val, key);
    if (r->keeps_data && str_eq_c(key, "data") && val.kind == VALUE_MAP)
        return redact_data(r, val);
    return str_eq_c(key, "annotations") && val.kind == VALUE_MAP ? masked_annotations(r->arena, val)
                                                                 : masked(r->arena, val);
}

static struct value redact(const struct redacting *r, struct value v, struct str above)
{
    struct value_builder b;
    value_builder_init(&b, r->arena);
    if (v.kind == VALUE_LIST) {
        for (uint32_t i = 0; i < v.n; i++)
            value_builder_push(&b, redact(r, value_item(v, i), above));
        return value_builder_list(&b);
    }
    if (v.kind != VALUE_MAP)
        return v;
    if (r->shows_flags && str_eq_c(above, "containers") && names_component(v))
        return redact_component(r, v);
    for (uint32_t i = 0; i < v.n; i++)
        value_builder_put(
            &b, v.as.map->entry[i].key,
            redact_entry(r, value_text(v.as.map->entry[i].key), v.as.map->entry[i].val, above));
    return value_builder_map(&b);
}

struct value redact_object(struct arena *a, struct value object, bool shows_flags)
{
    struct redacting r = { .arena = a, .shows_flags = shows_flags };
    return redact(&r, object, STR(""));
}

/* ---- answers that are one document */

/* k8s.io/component-base zpages/flagz: what the server itself shows of a sensitive flag */
#define CLASSIFIED "CLASSIFIED"

static struct value redact_flagz(struct arena *a, struct value doc)
{
    struct value_builder b, flags;
    value_builder_init(&b, a);
    for (uint32_t i = 0; i < doc.n; i++) {
        struct value key = doc.as.map->entry[i].key, val = doc.as.map->entry[i].val;
        value_builder_init(&flags, a);
        for (uint32_t k = 0;
             str_eq_c(value_text(key), "flags") && val.kind == VALUE_MAP && k < val.n; k++) {
            struct value_entry e = val.as.map->entry[k];
            value_builder_put(&flags, e.key,
                              taint_flag_is_secret(value_text(e.key), value_text(e.val))
                                  ? value_cstr(CLASSIFIED)
                                  : e.val);
        }
        value_builder_put(&b, key, flags.count ? value_builder_map(&flags) : val);
    }
    return value_builder_map(&b);
}

/* "name=value", "name: value" or "name value" a line. */
static struct str redact_flagz_text(struct arena *a, struct str body)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(ANSWER_BYTES_MAX);
    struct str rest = body, line;
    while (str_next_field(&rest, '\n', &line)) {
        size_t n = 0;
        while (n < line.n && !strchr(":= ", line.p[n]))
            n++;
        bool secret = n < line.n && taint_flag_is_secret(str_sub(line, 0, n),
                                                         str_trim(str_sub(line, n + 1, line.n)));
        buf_add(&out, secret ? str_sub(line, 0, n + 1) : line);
        buf_add_c(&out, secret ? " " CLASSIFIED "\n" : "\n");
    }
    return out.over ? STR("") : str_dup(a, buf_str(&out));
}

struct str redact_answer(struct arena *a, struct str path, struct str body)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(ANSWER_BYTES_MAX);
    static const char *const of_control_plane[] = { "/api/v1/namespaces/kube-system/configmaps/",
                                                    "/api/v1/namespaces/openshift-" };
    struct redacting r = { .arena = a, .keeps_data = true };
    struct err err = { 0 };
    struct value doc;
    bool is_flagz = str_eq_c(path, endpoint_path(ENDPOINT_FLAGZ));
    for (size_t i = 0; i < COUNT_OF(of_control_plane); i++)
        r.known_data |= str_has_prefix(path, str_from_c(of_control_plane[i]));
    if (!str_has_prefix(str_trim(body), STR("{")))
        return is_flagz ? redact_flagz_text(a, body) : body;
    if (!json_read(&doc, a, body, NULL, NULL, 0, &err) || doc.kind != VALUE_MAP)
        return body; /* whoever reads it refuses it too */
    struct value made = is_flagz ? redact_flagz(a, doc) : redact(&r, doc, STR(""));
    if (value_equal(made, doc))
        return body;
    json_doc_write(&out, made, 0);
    return out.over ? STR("") : str_dup(a, buf_str(&out));
}
