/* Objects out of files: what could be read of them, what could not, and what nobody looks at. */
#include "cluster/manifest_set.h"

#include "base/file.h"

#include <dirent.h>
#include <sys/stat.h>

#define NAME_SPACE_DEFAULT "default"
#define OTHER_KINDS_MAX 100u /* told apart; the rest are counted together */

/* An object, where it stands, and what a list around it says of its items. */
struct found {
    struct value object;
    struct pos pos;            /* in the file; its name is NULL if there is none */
    uint32_t lines_before;     /* the document, which its nodes' places do not count */
    struct str api_version, kind;
};

/* ---- faults */

static void PRINTF_LIKE(4, 5) fault(struct manifest_set *s, enum kind kind, struct pos pos, const char *fmt, ...)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(8192);
    if (pos.file && pos.line)
        buf_addf(&text, "%s:%u:%u: ", pos.file, pos.line, pos.column);
    else if (pos.file)
        buf_addf(&text, "%s: ", pos.file);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    *VEC_PUSH(&s->fault, s->arena) = (struct manifest_fault){ kind, str_dup(s->arena, buf_str(&text)) };
}

struct str manifest_set_gap(const struct manifest_set *s, struct arena *a, enum kind kind)
{
    const struct manifest_fault *first = NULL;
    size_t more = 0;
    for (size_t i = 0; i < s->fault.count; i++) {
        if (s->fault.item[i].kind != KIND_NONE && s->fault.item[i].kind != kind)
            continue;
        more += first != NULL;
        first = first ? first : &s->fault.item[i];
    }
    if (!first)
        return (struct str){ 0 };
    return more ? str_printf(a, "%.*s (and %zu more)", STR_ARG(first->text), more) : first->text;
}

/* ---- objects */

/* What the API server would have filled in: the namespace, and the name after generateName. */
static struct value with_metadata(struct arena *a, struct value object, const struct value *meta, bool namespaced)
{
    struct str name = value_text_at(*meta, "name", NULL), generate = value_text_at(*meta, "generateName", NULL);
    bool add_namespace = namespaced && !value_get(*meta, STR("namespace")), add_name = !name.n && generate.n;
    struct value_builder m, o;
    if (!add_namespace && !add_name)
        return object;
    value_builder_init(&m, a);
    value_builder_init(&o, a);
    for (uint32_t i = 0; i < meta->n; i++)
        if (!add_name || !str_eq(value_text(meta->as.map->entry[i].key), STR("name")))
            value_builder_put(&m, meta->as.map->entry[i].key, meta->as.map->entry[i].val);
    if (add_name)
        value_builder_set(&m, "name", value_str(generate));
    if (add_namespace)
        value_builder_set(&m, "namespace", value_cstr(NAME_SPACE_DEFAULT));
    for (uint32_t i = 0; i < object.n; i++) {
        struct value key = object.as.map->entry[i].key;
        bool is_meta = str_eq(value_text(key), STR("metadata"));
        value_builder_put(&o, key, is_meta ? value_builder_map(&m) : object.as.map->entry[i].val);
    }
    return value_builder_map(&o);
}

static void count_other(struct manifest_set *s, struct str api_version, struct str kind)
{
    const char *known = kind_unread(api_version, kind);
    struct str what = s->other.count < OTHER_KINDS_MAX
                          ? str_printf(s->arena, "%.*s %.*s%s%s%s", STR_ARG(str_sub(api_version, 0, 100)), STR_ARG(str_sub(kind, 0, 100)),
                                       known ? " (" : "", known ? known : "", known ? ")" : "")
                          : STR("of other kinds");
    for (size_t i = 0; i < s->other.count; i++) {
        if (!str_eq(s->other.item[i].what, what))
            continue;
        s->other.item[i].count++;
        return;
    }
    *VEC_PUSH(&s->other, s->arena) = (struct manifest_other){ what, 1 };
}

static void add_one(struct manifest_set *s, const struct found *f)
{
    enum kind k = kind_by_api(f->api_version, f->kind);
    const struct value *meta = value_get(f->object, STR("metadata"));
    struct str group, version;
    s->object_count++;
    if (k == KIND_NONE) {
        count_other(s, f->api_version, f->kind);
        return;
    }
    if (!meta || meta->kind != VALUE_MAP || (!value_text_at(*meta, "name", NULL).n && !value_text_at(*meta, "generateName", NULL).n)) {
        fault(s, k, f->pos, "a %s without metadata.name", kind_info(k)->name);
        return;
    }
    if (!str_cut(f->api_version, '/', &group, &version))
        version = f->api_version;
    if (!kind_knows_version(k, version) && !kind_is_former(f->api_version, f->kind)) {
        fault(s, k, f->pos, "a %s of version %.*s, which is not understood", kind_info(k)->name, STR_ARG(str_sub(version, 0, 100)));
        return;
    }
    *VEC_PUSH(&s->object[k], s->arena) = with_metadata(s->arena, f->object, meta, kind_info(k)->scope == SCOPE_NAMESPACED);
}

/* "PodList": pods; KIND_NONE for a List of anything and for what is no list of ours. */
static enum kind list_of(struct str api_version, struct str kind)
{
    return str_has_suffix(kind, STR("List")) ? kind_by_api(api_version, str_sub(kind, 0, kind.n - strlen("List"))) : KIND_NONE;
}

static void add(struct manifest_set *s, const struct found *f, const struct node *node);

/* items: of a List of anything, or of a list of one kind, whose items need not say what they are. */
static void add_items(struct manifest_set *s, const struct found *list, const struct value *items, const struct node *node)
{
    bool any = str_eq(list->kind, STR("List"));
    const struct node *at = node ? node_get(node, "items") : NULL;
    for (size_t i = 0; i < items->n; i++) {
        const struct node *child = at && i < at->child_count ? &at->child[i] : NULL;
        struct found f = { .object = value_item(*items, i), .pos = child ? child->pos : list->pos, .lines_before = list->lines_before };
        f.pos.line += child ? list->lines_before : 0;
        if (!any) {
            f.api_version = list->api_version;
            f.kind = str_sub(list->kind, 0, list->kind.n - strlen("List"));
        }
        add(s, &f, child);
    }
}

/* f says what its list says; the object's own word goes before that. */
static void add(struct manifest_set *s, const struct found *f, const struct node *node)
{
    struct found own = *f;
    if (f->object.kind != VALUE_MAP) {
        fault(s, KIND_NONE, f->pos, "expected an object with apiVersion and kind");
        return;
    }
    struct str api_version = value_text_at(f->object, "apiVersion", NULL), kind = value_text_at(f->object, "kind", NULL);
    own.api_version = api_version.n ? api_version : f->api_version;
    own.kind = kind.n ? kind : f->kind;
    if (!own.api_version.n || !own.kind.n) {
        fault(s, KIND_NONE, f->pos, "an object without %s: what it is cannot be told", own.kind.n ? "apiVersion" : "kind");
        return;
    }
    const struct value *items = value_get(f->object, STR("items"));
    bool has_items = items && (items->kind == VALUE_LIST || items->kind == VALUE_NULL);
    enum kind of = list_of(own.api_version, own.kind);
    if (str_has_suffix(own.kind, STR("List")) && has_items)
        add_items(s, &own, items, node);
    else if (str_eq(own.kind, STR("List")) || of != KIND_NONE)
        fault(s, of, f->pos, "a %.*s without a list of items", STR_ARG(own.kind));
    else
        add_one(s, &own);
}

void manifest_set_add(struct manifest_set *s, struct value object)
{
    struct found f = { .object = object };
    add(s, &f, NULL);
}

/* ---- files */

static bool is_separator(struct str line)
{
    return str_has_prefix(line, STR("---")) && (line.n == 3 || strchr(" \t\r", line.p[3]));
}

/* Only what may stand before the "---" that begins its document: directives, comments, nothing. */
static bool is_prologue(struct str text)
{
    struct str rest = text, line;
    bool directive = false;
    while (str_next_field(&rest, '\n', &line)) {
        struct str t = str_trim(line);
        directive |= str_has_prefix(line, STR("%"));
        if (t.n && t.p[0] != '#' && t.p[0] != '%')
            return false;
    }
    return directive;
}

static void read_document(struct manifest_set *s, struct str text, uint32_t lines_before, const char *file)
{
    struct err err = { 0 };
    struct node *doc;
    size_t count;
    struct yaml_limits limits = { MANIFEST_BYTES_MAX, s->values_max ? s->values_max : YAML_NODES_MAX };
    if (!yaml_read_within(&doc, &count, s->arena, text, file, &limits, &err)) {
        err.pos.line += err.pos.line ? lines_before : 0;
        fault(s, KIND_NONE, err.pos, "%s%s", err.text, str_has_prefix(str_from_c(err.text), STR("more than")) ? ": raise --max-yaml-values" : "");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct found f = { .object = node_value(s->arena, &doc[i]), .pos = doc[i].pos, .lines_before = lines_before };
        f.pos.line += lines_before;
        if (f.object.kind != VALUE_NULL)
            add(s, &f, &doc[i]);
    }
}

/* Cut at lines of "---" before anything is parsed, as kubectl does: a broken document spoils no other. */
void manifest_set_read_text(struct manifest_set *s, struct str text, const char *file)
{
    size_t start = 0, at = 0;
    uint32_t line = 0, start_line = 0;
    while (at < text.n) {
        size_t end = str_find_char(text, '\n', at), next = end == SIZE_MAX ? text.n : end + 1;
        if (at > start && is_separator(str_sub(text, at, end)) && !is_prologue(str_sub(text, start, at))) {
            read_document(s, str_sub(text, start, at), start_line, file);
            start = at;
            start_line = line;
        }
        line++;
        at = next;
    }
    read_document(s, str_sub(text, start, text.n), start_line, file);
}

static void read_file(struct manifest_set *s, const char *path)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(MANIFEST_BYTES_MAX);
    struct err err = { 0 };
    const char *name = str_to_c(s->arena, str_from_c(path));
    s->file_count++;
    if (!file_read(path, &text, &err))
        fault(s, KIND_NONE, (struct pos){ .file = name }, "%s", err.text);
    else
        manifest_set_read_text(s, str_dup(s->arena, buf_str(&text)), name);
}

/* ---- folders */

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

static bool list_folder(const char ***out, size_t *count, size_t *folders, struct arena *a, const char *path, struct err *err)
{
    DIR *d CLEANUP(close_dir) = opendir(path);
    VEC(const char *) name = { 0 };
    const struct dirent *e;
    if (!d)
        return err_set(err, ERR_IO, "%s: the folder could not be opened", path);
    while ((e = readdir(d)) != NULL) {
        *folders += e->d_type == DT_DIR && e->d_name[0] != '.';
        if (!is_manifest(e->d_name) || e->d_type == DT_DIR)
            continue;
        if (name.count == MANIFEST_FILES_MAX)
            return err_set(err, ERR_LIMIT, "%s holds more than %u manifests", path, MANIFEST_FILES_MAX);
        *VEC_PUSH(&name, a) = str_to_c(a, str_from_c(e->d_name));
    }
    if (!name.count)
        return err_set(err, ERR_INPUT, "%s holds no .yaml, .yml or .json file", path);
    qsort(name.item, name.count, sizeof *name.item, compare_names);
    for (size_t i = 0; i < name.count; i++)
        name.item[i] = str_to_c(a, file_join(a, str_from_c(path), str_from_c(name.item[i])));
    *out = name.item;
    *count = name.count;
    return true;
}

bool manifest_files(const char ***out, size_t *count, size_t *folders, struct arena *a, const char *path, struct err *err)
{
    struct stat st;
    *folders = 0;
    if (stat(path, &st) != 0)
        return err_set(err, ERR_NOT_FOUND, "no manifests at \"%s\"", path);
    if (S_ISDIR(st.st_mode))
        return list_folder(out, count, folders, a, path, err);
    const char **one = arena_array(a, const char *, 1);
    one[0] = str_to_c(a, str_from_c(path));
    *out = one;
    *count = 1;
    return true;
}

bool manifest_set_read(struct manifest_set *s, const char *path, struct err *err)
{
    const char **file;
    size_t count;
    if (!manifest_files(&file, &count, &s->folder_count, s->arena, path, err))
        return false;
    for (size_t i = 0; i < count; i++)
        read_file(s, file[i]);
    if (s->object_count || !s->fault.count)
        return true;
    return err_set(err, ERR_INPUT, "%.*s; nothing else could be read", STR_ARG(manifest_set_gap(s, s->arena, KIND_NONE)));
}
