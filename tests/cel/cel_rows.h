/* Calls of library functions as rows of a table: arguments, function, what it gives. For test programs. */
#ifndef TESTS_UNIT_CEL_ROWS_H
#define TESTS_UNIT_CEL_ROWS_H

#include "cel/lib.h"
#include "cel/lib_time.h"

#include <check.h>

/* Arguments. A text with a maker stands for what that function makes of it. */
enum maker { PLAIN, QUANTITY, IP, CIDR, SEMVER, URL, TIMESTAMP, DURATION, FORMAT };
#define TEXT(kind_, made, x)                                              \
    {                                                                     \
        .kind = (kind_), .flags = (made), .n = sizeof(x) - 1, .as.s = (x) \
    }
#define S(x)     TEXT(VALUE_STRING, PLAIN, x)
#define BYTES(x) TEXT(VALUE_BYTES, PLAIN, x)
#define Q(x)     TEXT(VALUE_STRING, QUANTITY, x)
#define ADDR(x)  TEXT(VALUE_STRING, IP, x)
#define NET(x)   TEXT(VALUE_STRING, CIDR, x)
#define VER(x)   TEXT(VALUE_STRING, SEMVER, x)
#define LINK(x)  TEXT(VALUE_STRING, URL, x)
#define TS(x)    TEXT(VALUE_STRING, TIMESTAMP, x)
#define DUR(x)   TEXT(VALUE_STRING, DURATION, x)
#define FMT(x)   TEXT(VALUE_STRING, FORMAT, x)
#define I(x)                           \
    {                                  \
        .kind = VALUE_INT, .as.i = (x) \
    }
#define U(x)                            \
    {                                   \
        .kind = VALUE_UINT, .as.u = (x) \
    }
#define D(x)                              \
    {                                     \
        .kind = VALUE_DOUBLE, .as.d = (x) \
    }
#define B(x)                            \
    {                                   \
        .kind = VALUE_BOOL, .as.b = (x) \
    }
#define NIL                \
    {                      \
        .kind = VALUE_NULL \
    }
#define COUNT(...) (sizeof((const struct value[]){ __VA_ARGS__ }) / sizeof(struct value))
#define L(...)                                                                         \
    {                                                                                  \
        .kind = VALUE_LIST, .n = COUNT(__VA_ARGS__), .as.item = (const struct value[]) \
        {                                                                              \
            __VA_ARGS__                                                                \
        }                                                                              \
    }
#define EMPTY              \
    {                      \
        .kind = VALUE_LIST \
    }

struct row {
    const char *name;
    cel_function *fn;
    const char *want; /* as show() writes it; "error: " and a part of the text for errors */
    const struct value *arg;
    size_t arg_count;
};
#define ROW(fn, want, ...)                                                       \
    {                                                                            \
#fn, fn, want, (const struct value[]){ __VA_ARGS__ }, COUNT(__VA_ARGS__) \
    }

static struct arena arena;
static uint64_t budget;

static struct cel_call new_call(void)
{
    return (struct cel_call){ .scratch = &arena, .offset = 7, .cost_left = &budget };
}

static struct value made(struct value v)
{
    static cel_function *const maker[] = {
        [QUANTITY] = cel_quantity,
        [IP] = cel_ip,
        [CIDR] = cel_cidr,
        [SEMVER] = cel_semver,
        [URL] = cel_url,
        [TIMESTAMP] = cel_timestamp_of,
        [DURATION] = cel_duration_of,
        [FORMAT] = cel_format_named,
    };
    struct cel_call call = new_call();
    if (v.kind == VALUE_LIST && v.n) {
        struct value *item = arena_array(&arena, struct value, v.n);
        for (uint32_t i = 0; i < v.n; i++)
            item[i] = made(v.as.item[i]);
        return value_list(item, v.n);
    }
    if (!v.flags)
        return v;
    cel_function *fn = maker[v.flags];
    v.flags = 0;
    struct value out = fn(&call, &v, 1);
    return out.kind == VALUE_OPTIONAL ? *out.as.boxed : out;
}

static void show(struct buf *out, struct value v);

static void show_items(struct buf *out, struct value v)
{
    for (uint32_t i = 0; i < v.n; i++) {
        if (i)
            buf_add_c(out, ", ");
        if (v.kind == VALUE_LIST) {
            show(out, value_item(v, i));
        } else {
            show(out, v.as.map->entry[i].key);
            buf_add_c(out, ": ");
            show(out, v.as.map->entry[i].val);
        }
    }
}

static void show(struct buf *out, struct value v)
{
    switch ((enum value_kind)v.kind) {
    case VALUE_NULL:
        buf_add_c(out, "null");
        break;
    case VALUE_BOOL:
        buf_add_c(out, v.as.b ? "true" : "false");
        break;
    case VALUE_INT:
        buf_addf(out, "%lld", (long long)v.as.i);
        break;
    case VALUE_UINT:
        buf_addf(out, "%lluu", (unsigned long long)v.as.u);
        break;
    case VALUE_DOUBLE:
        buf_addf(out, "%.17gd", v.as.d);
        break;
    case VALUE_STRING:
        buf_addf(out, "'%.*s'", STR_ARG(value_text(v)));
        break;
    case VALUE_BYTES:
        buf_addf(out, "b'%.*s'", STR_ARG(value_text(v)));
        break;
    case VALUE_LIST:
        buf_add_c(out, "[");
        show_items(out, v);
        buf_add_c(out, "]");
        break;
    case VALUE_MAP:
        buf_add_c(out, "{");
        show_items(out, v);
        buf_add_c(out, "}");
        break;
    case VALUE_TIMESTAMP:
        buf_add(out, cel_timestamp_text(&arena, v));
        break;
    case VALUE_DURATION:
        buf_add(out, value_duration_text(&arena, v));
        break;
    case VALUE_TYPE:
        buf_add_c(out, "type");
        break;
    case VALUE_OPTIONAL:
        buf_add_c(out, "optional(");
        if (v.as.boxed)
            show(out, *v.as.boxed);
        buf_add_c(out, ")");
        break;
    case VALUE_OPAQUE:
        buf_addf(out, "<%.*s>", STR_ARG(v.as.opaque->type->text(v.as.opaque->self, &arena)));
        break;
    case VALUE_ERROR:
        buf_addf(out, "error: %.*s", STR_ARG(v.as.error->text));
        break;
    }
}

static void check_rows(const struct row *row, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct cel_call call = new_call();
        struct value arg[8];
        struct buf out CLEANUP(buf_release) = BUF_INIT(1 << 20);
        budget = CEL_COST_MAX;
        for (size_t k = 0; k < row[i].arg_count; k++) {
            arg[k] = made(row[i].arg[k]);
            struct str problem = value_is_error(arg[k]) ? arg[k].as.error->text : STR("");
            ck_assert_msg(!value_is_error(arg[k]), "%s: argument %zu: %.*s", row[i].name, k, STR_ARG(problem));
        }
        struct value v = row[i].fn(&call, arg, row[i].arg_count);
        show(&out, v);
        bool same = value_is_error(v) ? !strncmp(row[i].want, "error: ", 7) && strstr(out.p, row[i].want + 7) : !strcmp(out.p, row[i].want);
        ck_assert_msg(same, "row %zu, %s: got %s, wanted %s", i, row[i].name, out.p, row[i].want);
        if (value_is_error(v))
            ck_assert_uint_eq(v.as.error->offset, 7);
        ck_assert_uint_lt(budget, CEL_COST_MAX + 1);
    }
    arena_release(&arena);
}
#define CHECK_ROWS(table) check_rows(table, sizeof table / sizeof *table)

#endif
