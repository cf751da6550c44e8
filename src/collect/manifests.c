#include "collect/manifests.h"

#include "base/file.h"
#include "base/vec.h"
#include "kube/tls.h"
#include "value/json_doc.h"
#include "value/yaml.h"

#include <dirent.h>
#include <sys/stat.h>

#define ANSWER_BYTES_MAX ((size_t)1 << 30)
#define NAME_SPACE_DEFAULT "default"

struct manifests {
    struct transport base;
    struct arena *arena;
    VEC(struct value) object[KIND_COUNT];
    struct value answer;
    struct exchange *first, **last;
};

/* ---- reading */

/* What the API server would have filled in: the namespace. */
static struct value with_namespace(struct arena *a, struct value object)
{
    const struct value *meta = value_get(object, STR("metadata"));
    if (!meta || meta->kind != VALUE_MAP || value_get(*meta, STR("namespace")))
        return object;
    struct value_builder m, o;
    value_builder_init(&m, a);
    value_builder_init(&o, a);
    for (uint32_t i = 0; i < meta->n; i++)
        value_builder_put(&m, meta->as.map->entry[i].key, meta->as.map->entry[i].val);
    value_builder_set(&m, "namespace", value_cstr(NAME_SPACE_DEFAULT));
    for (uint32_t i = 0; i < object.n; i++) {
        struct value key = object.as.map->entry[i].key;
        bool is_meta = str_eq(value_text(key), STR("metadata"));
        value_builder_put(&o, key, is_meta ? value_builder_map(&m) : object.as.map->entry[i].val);
    }
    return value_builder_map(&o);
}

static void add_object(struct manifests *m, struct value object)
{
    struct str kind = value_text_at(object, "kind", NULL);
    const struct value *items = value_get(object, STR("items"));
    if (str_has_suffix(kind, STR("List")) && items && items->kind == VALUE_LIST) {
        for (size_t i = 0; i < items->n; i++)
            if (value_item(*items, i).kind == VALUE_MAP)
                add_object(m, value_item(*items, i));
        return;
    }
    enum kind k = kind_by_api(value_text_at(object, "apiVersion", NULL), kind);
    if (k == KIND_NONE)
        return;
    if (kind_info(k)->scope == SCOPE_NAMESPACED)
        object = with_namespace(m->arena, object);
    *VEC_PUSH(&m->object[k], m->arena) = object;
}

static bool read_one(struct manifests *m, const char *path, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(MANIFEST_BYTES_MAX);
    struct node *doc;
    size_t count;
    if (!file_read(path, &text, err))
        return false;
    if (!yaml_read(&doc, &count, m->arena, str_dup(m->arena, buf_str(&text)), path, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct value v = node_value(m->arena, &doc[i]);
        if (v.kind == VALUE_MAP)
            add_object(m, v);
        else if (v.kind != VALUE_NULL)
            return err_set_at(err, ERR_INPUT, doc[i].pos, "expected an object with apiVersion and kind");
    }
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_manifest(const char *name)
{
    struct str s = str_from_c(name);
    return s.n && s.p[0] != '.' && (str_has_suffix(s, STR(".yaml")) || str_has_suffix(s, STR(".yml")) || str_has_suffix(s, STR(".json")));
}

static void close_dir(DIR **d)
{
    if (*d)
        (void)closedir(*d);
}

static bool read_folder(struct manifests *m, const char *path, struct err *err)
{
    DIR *d CLEANUP(close_dir) = opendir(path);
    VEC(const char *) name = { 0 };
    const struct dirent *e;
    if (!d)
        return err_set(err, ERR_IO, "%s: the folder could not be opened", path);
    while ((e = readdir(d)) != NULL) {
        if (!is_manifest(e->d_name))
            continue;
        if (name.count == MANIFEST_FILES_MAX)
            return err_set(err, ERR_LIMIT, "%s holds more than %u manifests", path, MANIFEST_FILES_MAX);
        *VEC_PUSH(&name, m->arena) = str_to_c(m->arena, str_from_c(e->d_name));
    }
    if (!name.count)
        return err_set(err, ERR_INPUT, "%s holds no .yaml, .yml or .json file", path);
    qsort(name.item, name.count, sizeof *name.item, compare_names);
    for (size_t i = 0; i < name.count; i++)
        if (!read_one(m, str_to_c(m->arena, file_join(m->arena, str_from_c(path), str_from_c(name.item[i]))), err))
            return false;
    return true;
}

/* ---- answering */

static void body_of_list(struct manifests *m, enum kind k, struct buf *out)
{
    buf_addf(out, "{\"kind\":\"%sList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":", kind_info(k)->name);
    json_doc_write(out, value_list(m->object[k].item, m->object[k].count), 0);
    buf_add_char(out, '}');
}

/* "/api/v1/pods", "/apis/apps/v1/deployments": the kind, KIND_NONE for anything else. */
static enum kind kind_of_path(struct str path)
{
    struct str bare, query, field, group = { 0 }, resource = { 0 };
    size_t n = 0;
    (void)str_cut(path, '?', &bare, &query);
    bool core = str_has_prefix(bare, STR("/api/"));
    while (str_next_field(&bare, '/', &field)) {
        if (n == 2 && !core)
            group = field;
        resource = field;
        n++;
    }
    enum kind k = kind_by_resource(resource);
    return k != KIND_NONE && n == (core ? 4 : 5) && str_eq_c(group, kind_info(k)->group) ? k : KIND_NONE;
}

static const struct value *find_answer(const struct manifests *m, const struct exchange *x)
{
    for (uint32_t i = 0; m->answer.kind == VALUE_LIST && i < m->answer.n; i++) {
        const struct value *row = &m->answer.as.item[i];
        const struct value *method = value_get(*row, STR("method"));
        if (!str_eq(method ? value_text(*method) : STR("GET"), str_from_c(http_verb_name(x->verb))))
            continue;
        if (str_eq(value_text_at(*row, "path", NULL), x->path) && value_bool_at(*row, false, "anonymous", NULL) == x->no_credentials)
            return row;
    }
    return NULL;
}

/* Its status; the body into *out. */
static int given_answer(struct value row, struct buf *out)
{
    const struct value *body = value_get(row, STR("body"));
    if (body && body->kind == VALUE_STRING)
        buf_add(out, value_text(*body));
    else if (body)
        json_doc_write(out, *body, 0);
    int status = (int)value_int_at(row, 200, "status", NULL);
    if (!body && status >= 400)
        buf_addf(out, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":%d}", status);
    return status;
}

static void answer(struct manifests *m, struct exchange *x)
{
    struct buf body CLEANUP(buf_release) = BUF_INIT(ANSWER_BYTES_MAX);
    const struct value *given = find_answer(m, x);
    enum kind k = x->verb == HTTP_GET ? kind_of_path(x->path) : KIND_NONE;
    x->retry_after_s = -1;
    if (!given && (x->no_credentials || x->verb == TLS_HANDSHAKES)) {
        (void)err_set(&x->err, ERR_NOT_FOUND, "there is no server that could be asked");
        return;
    }
    if (given)
        x->status = given_answer(*given, &body);
    else if (k != KIND_NONE)
        body_of_list(m, k, &body);
    else if (str_eq(x->path, STR("/version")))
        buf_add_c(&body, "{\"gitVersion\":\"\"}");
    if (!given)
        x->status = body.n ? 200 : 404;
    if (given && x->peer && value_get(*given, STR("certificate")))
        tls_peer_read(x->peer, *value_get(*given, STR("certificate")));
    if (x->status == 0) {
        (void)err_set(&x->err, ERR_TLS, "%.*s", STR_ARG(value_text_at(*given, "error", NULL)));
        return;
    }
    if (x->status < 200 || x->status > 299) {
        buf_init(&x->error_body, TRANSPORT_ERROR_BODY_BYTES);
        buf_add(&x->error_body, str_sub(buf_str(&body), 0, TRANSPORT_ERROR_BODY_BYTES));
    } else if (body.n) {
        x->body_bytes = x->wire_bytes = body.n;
        if (buf_ok(&body, "the objects of the manifests", &x->err) && x->on_body)
            (void)x->on_body(x, buf_str(&body), &x->err);
    }
}

static void submit(struct transport *t, struct exchange *x)
{
    struct manifests *m = (struct manifests *)(void *)t;
    x->next = NULL;
    *m->last = x;
    m->last = &x->next;
}

static void run(struct transport *t)
{
    struct manifests *m = (struct manifests *)(void *)t;
    while (m->first) {
        struct exchange *x = m->first;
        m->first = x->next;
        if (!m->first)
            m->last = &m->first;
        answer(m, x);
        x->on_end(x);
    }
}

static void close_nothing(struct transport *t)
{
    (void)t;
}

static bool renew_nothing(struct transport *t, struct err *err)
{
    (void)t;
    return err_set(err, ERR_AUTH, "manifests need no credential");
}

static const struct transport_ops manifests_ops = {
    .name = "manifests", .submit = submit, .run = run, .close = close_nothing, .renew = renew_nothing,
};

static struct manifests *make(struct arena *a)
{
    struct manifests *m = arena_new(a, struct manifests);
    m->base.ops = &manifests_ops;
    m->arena = a;
    m->last = &m->first;
    return m;
}

bool manifests_open(struct transport **out, struct arena *a, const char *path, struct err *err)
{
    struct manifests *m = make(a);
    struct stat st;
    if (stat(path, &st) != 0)
        return err_set(err, ERR_NOT_FOUND, "no manifests at \"%s\"", path);
    if (!(S_ISDIR(st.st_mode) ? read_folder(m, path, err) : read_one(m, path, err)))
        return false;
    *out = &m->base;
    return true;
}

struct transport *manifests_of(struct arena *a, const struct value *object, size_t count, struct value answer)
{
    struct manifests *m = make(a);
    m->answer = answer;
    for (size_t i = 0; i < count; i++)
        if (object[i].kind == VALUE_MAP)
            add_object(m, object[i]);
    return &m->base;
}
