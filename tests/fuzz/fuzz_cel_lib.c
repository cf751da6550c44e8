/* The text parsers behind CEL's libraries: first byte which one, the rest its input.
 * Beyond not crashing, what a parser accepts must survive being written and read again. */
#include "base/clock.h"
#include "cel/lib.h"
#include "cel/lib_core.h"
#include "cel/lib_time.h"
#include "cel/regex.h"
#include "cel/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct arena arena;
    uint64_t budget;
    struct cel_call call;
    struct str text;
};

static struct value call1(struct run *r, cel_function *fn, struct value arg)
{
    return fn(&r->call, &arg, 1);
}

static struct value call2(struct run *r, cel_function *fn, struct value a, struct value b)
{
    struct value arg[] = { a, b };
    return fn(&r->call, arg, 2);
}

/* make(text) -> value -> its text -> make() gives an equal value. */
static void check_opaque(struct run *r, cel_function *make)
{
    struct value v = call1(r, make, value_str(r->text));
    if (value_is_error(v))
        return;
    const struct value_opaque_type *type = v.as.opaque->type;
    struct value again = call1(r, make, value_str(type->text(v.as.opaque->self, &r->arena)));
    INVARIANT(!value_is_error(again));
    INVARIANT(type->equal(v.as.opaque->self, again.as.opaque->self));
    INVARIANT(type->equal(v.as.opaque->self, v.as.opaque->self));
}

/* Two of a kind, split at the first '|'. */
static void check_pair(struct run *r, cel_function *make, cel_function *compare)
{
    struct str left, right;
    if (!str_cut(r->text, '|', &left, &right))
        return;
    struct value a = call1(r, make, value_str(left)), b = call1(r, make, value_str(right));
    if (value_is_error(a) || value_is_error(b))
        return;
    struct value ab = call2(r, compare, a, b), ba = call2(r, compare, b, a);
    INVARIANT(ab.kind == VALUE_INT && ba.kind == VALUE_INT && ab.as.i == -ba.as.i);
    INVARIANT((ab.as.i == 0) == a.as.opaque->type->equal(a.as.opaque->self, b.as.opaque->self));
    if (make == cel_quantity) {
        struct value sum = call2(r, cel_quantity_add, a, b);
        struct value back = value_is_error(sum) ? a : call2(r, cel_quantity_sub, sum, b);
        INVARIANT(value_is_error(back) || call2(r, compare, back, a).as.i == 0);
    }
}

static void fuzz_quantity(struct run *r)
{
    check_pair(r, cel_quantity, cel_compare_to);
    struct value v = call1(r, cel_quantity, value_str(r->text));
    if (value_is_error(v))
        return;
    (void)call1(r, cel_quantity_as_float, v);
    (void)call1(r, cel_quantity_as_integer, v);
    struct value again = call1(r, cel_quantity, value_str(v.as.opaque->type->text(v.as.opaque->self, &r->arena)));
    /* A binary quantity is capped at 64 bits when it is read: nothing else may change. */
    INVARIANT(!value_is_error(again) && call2(r, cel_compare_to, v, again).as.i == 0);
}

static void fuzz_semver(struct run *r)
{
    check_opaque(r, cel_semver);
    check_pair(r, cel_semver, cel_compare_to);
    (void)call2(r, cel_semver, value_str(r->text), value_bool(true));
}

static void fuzz_ip(struct run *r)
{
    check_opaque(r, cel_ip);
    struct value v = call1(r, cel_ip_is_canonical, value_str(r->text));
    INVARIANT(value_is_error(v) == !call1(r, cel_is_ip, value_str(r->text)).as.b);
}

static void fuzz_cidr(struct run *r)
{
    check_opaque(r, cel_cidr);
    struct value v = call1(r, cel_cidr, value_str(r->text));
    if (value_is_error(v))
        return;
    struct value masked = call1(r, cel_cidr_masked, v);
    INVARIANT(call2(r, cel_cidr_contains_ip, v, call1(r, cel_ip, v)).as.b);
    INVARIANT(call2(r, cel_cidr_contains_cidr, masked, v).as.b && call2(r, cel_cidr_contains_cidr, v, masked).as.b);
}

static void fuzz_url(struct run *r)
{
    struct value v = call1(r, cel_url, value_str(r->text));
    INVARIANT(value_is_error(v) || call1(r, cel_is_url, value_str(r->text)).as.b);
    if (value_is_error(v))
        return;
    static cel_function *const part[] = { cel_url_scheme, cel_url_host, cel_url_hostname, cel_url_port, cel_url_escaped_path };
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        INVARIANT(call1(r, part[i], v).kind == VALUE_STRING);
    (void)call1(r, cel_url_query, v);
    (void)v.as.opaque->type->text(v.as.opaque->self, &r->arena);
}

static void fuzz_format(struct run *r)
{
    struct value item[] = { value_int(INT64_MIN), value_double(1e300), value_str(r->text),
                            value_null(),         value_bool(true),    value_list(NULL, 0) };
    struct value v = call2(r, cel_string_format, value_str(r->text), value_list(item, sizeof item / sizeof *item));
    INVARIANT(value_is_error(v) || str_is_utf8(value_text(v)));
}

static void fuzz_named(struct run *r)
{
    static const char *const name[] = {
        "dns1123Label", "dns1123SubdomainPrefix", "dns1035LabelPrefix", "qualifiedName", "labelValue", "uri", "uuid", "byte", "date",
        "datetime"
    };
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        struct value f = call1(r, cel_format_named, value_cstr(name[i]));
        INVARIANT(call2(r, cel_format_validate, *f.as.boxed, value_str(r->text)).kind == VALUE_OPTIONAL);
    }
}

static void fuzz_time(struct run *r)
{
    static cel_function *const make[] = { cel_timestamp_of, cel_duration_of };
    for (size_t i = 0; i < 2; i++) {
        struct value v = call1(r, make[i], value_str(r->text));
        if (value_is_error(v))
            continue;
        struct value again = call1(r, make[i], call1(r, cel_to_string, v));
        INVARIANT(!value_is_error(again) && value_equal(v, again));
    }
    struct value now = value_timestamp((struct instant){ .s = 1234567890 });
    (void)call2(r, cel_timestamp_hours, now, value_str(r->text));
}

static void fuzz_zone_file(struct run *r)
{
    static const int64_t when[] = { -62135596800, -1, 0, 1234567890, 4102444800, 253402300799 };
    for (size_t i = 0; i < sizeof when / sizeof *when; i++) {
        int32_t offset = 0;
        struct err err = { 0 };
        if (zone_offset_from(r->text, when[i], &offset, &err))
            INVARIANT(offset > -700000 && offset < 700000);
    }
}

static void fuzz_regex(struct run *r)
{
    struct str pattern, text;
    if (!str_cut(r->text, '|', &text, &pattern))
        return;
    struct value t = value_str(text), p = value_str(pattern);
    struct value all = call2(r, cel_string_find_all, t, p), matches = call2(r, cel_string_matches, t, p);
    INVARIANT(value_is_error(all) || value_is_error(matches) || (all.n > 0) == matches.as.b);
    (void)call2(r, cel_regex_extract_all, t, p);
    struct value arg[] = { t, p, value_str(STR("<\\0>")) };
    (void)cel_regex_replace(&r->call, arg, 3);
}

static void fuzz_strings(struct run *r)
{
    struct str left, right;
    str_cut(r->text, '|', &left, &right);
    struct value a = value_str(left), b = value_str(right);
    struct value parts = call2(r, cel_string_split, a, b);
    if (!value_is_error(parts) && str_is_utf8(left))
        INVARIANT(value_equal(call2(r, cel_list_join, parts, b), a));
    struct value twice = call1(r, cel_string_reverse, call1(r, cel_string_reverse, a));
    INVARIANT(!str_is_utf8(left) || value_equal(twice, a));
    struct value arg[] = { a, b, value_str(STR("xy")) };
    (void)cel_string_replace(&r->call, arg, 3);
    (void)call1(r, cel_strings_quote, a);
    (void)call1(r, cel_string_trim, a);
    struct value at = call2(r, cel_string_index_of, a, b), last = call2(r, cel_string_last_index_of, a, b);
    INVARIANT(at.as.i <= last.as.i && (at.as.i < 0) == (last.as.i < 0));
    (void)call1(r, cel_base64_decode, a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const target[])(struct run *) = { fuzz_quantity, fuzz_semver, fuzz_ip,        fuzz_cidr,  fuzz_url,    fuzz_format,
                                                    fuzz_named,    fuzz_time,   fuzz_zone_file, fuzz_regex, fuzz_strings };
    if (!size)
        return 0;
    struct run r = { .budget = CEL_COST_MAX };
    r.call = (struct cel_call){ .scratch = &r.arena, .cost_left = &r.budget };
    /* A copy of its own size: reading past the end is seen. */
    r.text = str_dup(&r.arena, str_of((const char *)data + 1, size - 1));
    target[(data[0] >= 'a' ? data[0] - 'a' : data[0]) % (sizeof target / sizeof *target)](&r);
    arena_release(&r.arena);
    return 0;
}
