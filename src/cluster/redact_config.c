/* What a recording must not hold, in the configuration files that a control plane's ConfigMaps
 * carry as one text: comments, variables, and what flags and fields with a credential's name are
 * set to. The rest stays, as JSON, which is YAML too. */
#include "cluster/redact.h"

#include "base/buf.h"
#include "cluster/taint.h"
#include "value/json_doc.h"
#include "value/yaml.h"

#define CONFIG_BYTES_MAX ((size_t)4 << 20)

/* "clientSecret" as the flags are called: "client-secret". */
static struct str flag_name(struct arena *a, struct str field)
{
    char *out = arena_alloc(a, 2 * field.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < field.n; i++) {
        bool upper = field.p[i] >= 'A' && field.p[i] <= 'Z';
        if (upper && i)
            out[n++] = '-';
        out[n++] = (char)(upper ? field.p[i] - 'A' + 'a' : field.p[i]);
    }
    return (struct str){ out, n };
}

static struct value masked_text(struct arena *a, struct value v)
{
    return v.kind == VALUE_STRING && !taint_is_mask(value_text(v))
               ? value_str(taint_mask(a, value_text(v)))
               : v;
}

/* Recursion is bounded: the reader limits nesting. name: of the flag or field that v is of; hidden:
 * every text below is masked. */
static struct value redact_part(struct arena *a, struct value v, struct str name, bool hidden)
{
    struct value_builder b;
    value_builder_init(&b, a);
    if (v.kind == VALUE_STRING)
        return hidden || taint_flag_is_secret(flag_name(a, name), value_text(v)) ? masked_text(a, v)
                                                                                 : v;
    if (v.kind == VALUE_LIST) {
        for (uint32_t i = 0; i < v.n; i++)
            value_builder_push(&b, redact_part(a, value_item(v, i), name, hidden));
        return value_builder_list(&b);
    }
    if (v.kind != VALUE_MAP)
        return v;
    /* of {name, value}: an argument or a variable */
    struct str own = value_text_at(v, "name", NULL);
    for (uint32_t i = 0; i < v.n; i++) {
        struct str key = value_text(v.as.map->entry[i].key);
        bool is_value = own.n && str_eq_c(key, "value"), is_name = str_eq_c(key, "name");
        bool hides = taint_is_place(key, name) || str_eq_c(key, "extraEnvs");
        value_builder_put(&b, v.as.map->entry[i].key,
                          redact_part(a, v.as.map->entry[i].val, is_value ? own : key,
                                      (hidden && !is_name) || hides));
    }
    return value_builder_map(&b);
}

struct str redact_config(struct arena *a, struct str text)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(CONFIG_BYTES_MAX);
    struct err err = { 0 };
    struct node *doc;
    size_t count;
    /* Whoever reads it refuses it too: nothing of it is needed. */
    if (!yaml_read(&doc, &count, a, text, "a configuration", &err) || !count ||
        doc[0].kind != NODE_MAP)
        return STR("");
    json_doc_write(&out, redact_part(a, node_value(a, &doc[0]), STR(""), false), JSON_DOC_SORTED);
    return out.over ? STR("") : str_dup(a, buf_str(&out));
}
