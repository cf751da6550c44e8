/* kubevouch-report(5): the keys of report.json and findings.jsonl, out of report.schema.json. */
#include "cli/command.h"
#include "cli/roff.h"
#include "report/report_schema.h"
#include "value/json_read.h"

#define REF_MARK "#/$defs/"

static struct str text_of(struct value v, const char *key)
{
    return value_text_at(v, key, NULL);
}

static struct value member(struct value v, const char *key)
{
    const struct value *m = value_get(v, str_from_c(key));
    return m ? *m : value_null();
}

/* "a, b, c" of texts; another value stands as JSON has it. */
static void add_values(struct buf *out, struct value list)
{
    for (uint32_t i = 0; i < list.n; i++) {
        struct value v = value_item(list, i);
        buf_add_c(out, i ? ", " : "");
        if (v.kind == VALUE_STRING)
            buf_add(out, value_text(v));
        else
            buf_add_c(out, v.kind == VALUE_BOOL && v.as.b ? "true" : "null");
    }
}

/* What a value may be: "text", "integer", "list of finding", "pass, fail or ...". */
static void add_shape(struct buf *out, struct value schema)
{
    struct value type = member(schema, "type"), items = member(schema, "items");
    struct value constant = member(schema, "const"), one = member(schema, "enum");
    struct str ref = text_of(schema, "$ref");
    if (str_has_prefix(ref, STR(REF_MARK))) {
        buf_add(out, str_sub(ref, strlen(REF_MARK), ref.n));
    } else if (one.kind == VALUE_LIST) {
        buf_add_c(out, "one of ");
        add_values(out, one);
    } else if (constant.kind == VALUE_STRING || constant.kind == VALUE_BOOL) {
        buf_add_c(out, "always ");
        add_values(out, value_list(&constant, 1));
    } else if (str_eq_c(value_text(type), "array") && items.kind == VALUE_MAP) {
        buf_add_c(out, "list of ");
        add_shape(out, items);
    } else if (type.kind == VALUE_LIST) {
        add_values(out, type);
    } else if (type.kind == VALUE_STRING) {
        buf_add(out, str_eq_c(value_text(type), "string") ? STR("text") : value_text(type));
    } else {
        buf_add_c(out, "any value");
    }
}

static void put_row(struct buf *out, struct arena *a, struct str path, struct value schema)
{
    struct buf words CLEANUP(buf_release) = BUF_INIT(MANUAL_BYTES_MAX);
    struct str said = text_of(schema, "description");
    buf_addf(&words, "%.*s%s(", STR_ARG(said), said.n ? " " : "");
    add_shape(&words, schema);
    buf_add_c(&words, ")");
    roff_row(out, str_to_c(a, path), str_to_c(a, buf_str(&words)));
}

/* A row for each key of the schema's objects and lists of objects, "run.tool.name", "calls[].path";
 * the schema is ours, and not deep. */
static void put_keys(struct buf *out, struct arena *a, struct str below, struct value schema)
{
    struct value keys = member(schema, "properties"), items = member(schema, "items");
    for (size_t i = 0; keys.kind == VALUE_MAP && i < keys.as.map->count; i++) {
        const struct value_entry *e = &keys.as.map->entry[i];
        struct str name = value_text(e->key);
        struct str path =
            str_printf(a, "%.*s%s%.*s", STR_ARG(below), below.n ? "." : "", STR_ARG(name));
        put_row(out, a, path, e->val);
        put_keys(out, a, path, e->val);
    }
    if (items.kind == VALUE_MAP)
        put_keys(out, a, str_printf(a, "%.*s[]", STR_ARG(below)), items);
}

/* Those with keys, each below its name; the others are words, told in one row. */
static void put_shapes(struct buf *out, struct arena *a, struct value shapes)
{
    for (size_t i = 0; shapes.kind == VALUE_MAP && i < shapes.as.map->count; i++) {
        const struct value_entry *e = &shapes.as.map->entry[i];
        struct str name = value_text(e->key);
        put_row(out, a, name, e->val);
        put_keys(out, a, name, e->val);
    }
}

void manual_report(struct buf *out)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct err err = { 0 };
    struct value schema;
    bool ok = json_read(&schema, &a, str_of(report_schema, sizeof report_schema - 1), NULL, NULL, 0,
                        &err);
    INVARIANT(ok);
    buf_addf(out,
             ".\\\" Made by: kubevouch help report\n.TH KUBEVOUCH-REPORT 5 \"\" \"kubevouch "
             "%s\" \"File Formats\"\n.SH NAME\nkubevouch\\-report \\- report.json and "
             "findings.jsonl\n.SH DESCRIPTION\n",
             PACKAGE_VERSION);
    roff_text(out, str_to_c(&a, text_of(schema, "description")));
    buf_add_c(out, "\n.PP\nreports/report.schema.json says the same to programs (JSON Schema); "
                   "docs/report.md has examples. A line of findings.jsonl is a line, below "
                   "SHAPES.\n.SH KEYS\n");
    put_keys(out, &a, STR(""), schema);
    buf_add_c(out, ".SH SHAPES\nThat keys refer to by name.\n");
    put_shapes(out, &a, member(schema, "$defs"));
    buf_add_c(out, ".SH SEE ALSO\nkubevouch(1), kubevouch\\-benchmark(5)\n");
}
