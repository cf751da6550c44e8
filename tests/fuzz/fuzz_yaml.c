/* Any bytes as YAML: refused with a place inside the text, or read into a tree whose JSON is read
 * again as the same value, by jansson and by this reader. */
#include "base/buf.h"
#include "value/json_doc.h"
#include "value/yaml.h"

/* Trees larger than this are only read: writing them would be most of the time. */
#define AGAIN_BYTES_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_place(struct str text, const struct err *err)
{
    uint32_t line_max = 1;
    for (size_t i = 0; i < text.n; i++) {
        line_max += text.p[i] == '\n' || text.p[i] == '\r';
    }
    INVARIANT(err->code == ERR_INPUT || err->code == ERR_LIMIT);
    INVARIANT(err->text[0] != '\0' && str_is_utf8(str_from_c(err->text)));
    INVARIANT(err->pos.line >= 1 && err->pos.line <= line_max);
    INVARIANT(err->pos.column >= 1 && err->pos.column <= text.n + 1);
}

/* NaN and the infinities become text in JSON, and whole doubles may. */
static bool has_special_double(struct value v)
{
    bool found = v.kind == VALUE_UINT || (v.kind == VALUE_DOUBLE && v.as.d - v.as.d != 0);
    for (uint32_t i = 0; v.kind == VALUE_LIST && i < v.n; i++) {
        found = found || has_special_double(v.as.item[i]);
    }
    for (uint32_t i = 0; v.kind == VALUE_MAP && i < v.n; i++) {
        found = found || has_special_double(v.as.map->entry[i].val);
    }
    return found;
}

/* jansson refuses NUL in keys, which is no fault of the text. */
static bool has_nul_key(struct value v)
{
    bool found = false;
    for (uint32_t i = 0; v.kind == VALUE_LIST && i < v.n; i++) {
        found = found || has_nul_key(v.as.item[i]);
    }
    for (uint32_t i = 0; v.kind == VALUE_MAP && i < v.n; i++) {
        struct str key = value_text(v.as.map->entry[i].key);
        found = found || str_find_char(key, '\0', 0) != SIZE_MAX || has_nul_key(v.as.map->entry[i].val);
    }
    return found;
}

static void check_again(struct arena *a, const struct node *doc)
{
    struct buf json CLEANUP(buf_release) = BUF_INIT(AGAIN_BYTES_MAX);
    struct err err = { 0 };
    struct value v = node_value(a, doc), back;
    uint8_t digest[32], digest_back[32];
    json_doc_write(&json, v, JSON_DOC_INDENT);
    if (json.over || has_special_double(v) || has_nul_key(v)) {
        return;
    }
    INVARIANT(str_is_utf8(buf_str(&json)));
    INVARIANT(json_doc_read(&back, a, buf_str(&json), "json", &err));
    INVARIANT(value_equal(v, back));
    value_digest(v, digest);
    value_digest(value_dup(a, back), digest_back);
    INVARIANT(memcmp(digest, digest_back, sizeof digest) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct str text = str_of((const char *)data, size);
    struct err err = { 0 };
    struct node *doc;
    size_t count;
    if (!yaml_read(&doc, &count, &a, text, "fuzz.yaml", &err)) {
        check_place(text, &err);
        return 0;
    }
    INVARIANT(err.code == ERR_NONE);
    for (size_t i = 0; i < count; i++) {
        check_again(&a, &doc[i]);
    }
    return 0;
}
