/* What a YAML scalar means. */
#include "value/yaml_scalar.h"

#include "base/enc.h"

#include <math.h>

/* A longer number is read as a string. */
#define NUMBER_BYTES_MAX 1024

/* Words that are not strings. Source: the resolve table of goyaml.v2, which sigs.k8s.io/yaml and so
 * kubectl use; it is YAML 1.1 with y and n. */
struct word {
    struct str text;
    struct value value;
};
#define WORD(t, ...)    \
    {                   \
        STR_INIT(t),    \
        {               \
            __VA_ARGS__ \
        }               \
    }
#define IS_TRUE      .kind = VALUE_BOOL, .as.b = true
#define IS_FALSE     .kind = VALUE_BOOL, .as.b = false
#define IS_NULL      .kind = VALUE_NULL
#define IS_DOUBLE(x) .kind = VALUE_DOUBLE, .as.d = (x)
static const struct word word[] = {
    WORD("y", IS_TRUE),
    WORD("Y", IS_TRUE),
    WORD("yes", IS_TRUE),
    WORD("Yes", IS_TRUE),
    WORD("YES", IS_TRUE),
    WORD("true", IS_TRUE),
    WORD("True", IS_TRUE),
    WORD("TRUE", IS_TRUE),
    WORD("on", IS_TRUE),
    WORD("On", IS_TRUE),
    WORD("ON", IS_TRUE),
    WORD("n", IS_FALSE),
    WORD("N", IS_FALSE),
    WORD("no", IS_FALSE),
    WORD("No", IS_FALSE),
    WORD("NO", IS_FALSE),
    WORD("false", IS_FALSE),
    WORD("False", IS_FALSE),
    WORD("FALSE", IS_FALSE),
    WORD("off", IS_FALSE),
    WORD("Off", IS_FALSE),
    WORD("OFF", IS_FALSE),
    WORD("", IS_NULL),
    WORD("~", IS_NULL),
    WORD("null", IS_NULL),
    WORD("Null", IS_NULL),
    WORD("NULL", IS_NULL),
    WORD(".nan", IS_DOUBLE((double)NAN)),
    WORD(".NaN", IS_DOUBLE((double)NAN)),
    WORD(".NAN", IS_DOUBLE((double)NAN)),
    WORD(".inf", IS_DOUBLE((double)INFINITY)),
    WORD(".Inf", IS_DOUBLE((double)INFINITY)),
    WORD(".INF", IS_DOUBLE((double)INFINITY)),
    WORD("+.inf", IS_DOUBLE((double)INFINITY)),
    WORD("+.Inf", IS_DOUBLE((double)INFINITY)),
    WORD("+.INF", IS_DOUBLE((double)INFINITY)),
    WORD("-.inf", IS_DOUBLE(-(double)INFINITY)),
    WORD("-.Inf", IS_DOUBLE(-(double)INFINITY)),
    WORD("-.INF", IS_DOUBLE(-(double)INFINITY)),
};
#define WORD_BYTES_MAX 5

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* Digits behind an optional prefix: 0x, 0o, 0b, or a plain 0 for octal (YAML 1.1). */
static bool parse_magnitude(struct str s, uint64_t *out)
{
    static const struct {
        char letter;
        uint64_t base;
    } prefix[] = { { 'x', 16 }, { 'o', 8 }, { 'b', 2 } };
    uint64_t base = 10, sum = 0;
    if (s.n > 1 && s.p[0] == '0') {
        base = 8;
        size_t skipped = 1;
        for (size_t i = 0; i < sizeof prefix / sizeof prefix[0] && s.n > 2; i++) {
            if ((s.p[1] | 0x20) == prefix[i].letter) {
                base = prefix[i].base;
                skipped = 2;
            }
        }
        s = str_sub(s, skipped, s.n);
    }
    for (size_t i = 0; i < s.n; i++) {
        uint64_t digit = (uint64_t)digit_of(s.p[i]);
        if (digit >= base || __builtin_mul_overflow(sum, base, &sum) ||
            __builtin_add_overflow(sum, digit, &sum)) {
            return false;
        }
    }
    *out = sum;
    return s.n > 0;
}

static bool parse_whole(struct str s, struct value *out)
{
    bool is_signed = s.n && (s.p[0] == '-' || s.p[0] == '+'), negative = is_signed && s.p[0] == '-';
    uint64_t magnitude;
    if (!parse_magnitude(is_signed ? str_sub(s, 1, s.n) : s, &magnitude)) {
        return false;
    }
    if (magnitude <= (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
        *out = value_int(negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude);
        return true;
    }
    if (is_signed) {
        return false; /* becomes a float, as there */
    }
    *out = value_uint(magnitude);
    return true;
}

/* text without its underscores, which may stand anywhere in a number. */
static bool without_underscores(struct str text, char out[NUMBER_BYTES_MAX], struct str *plain)
{
    size_t n = 0;
    if (text.n > NUMBER_BYTES_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '_') {
            out[n++] = text.p[i];
        }
    }
    *plain = str_of(out, n);
    return true;
}

static struct value resolve_number(struct str text)
{
    char bytes[NUMBER_BYTES_MAX];
    struct str plain;
    struct value v;
    double d;
    if (text.p[0] == '.') {
        return str_to_double(text, &d) ? value_double(d) : value_str(text);
    }
    if (!without_underscores(text, bytes, &plain)) {
        return value_str(text);
    }
    if (parse_whole(plain, &v)) {
        return v;
    }
    bool plus = plain.n > 1 && plain.p[0] == '+' && plain.p[1] != '-';
    if (str_to_double(plus ? str_sub(plain, 1, plain.n) : plain, &d)) {
        return value_double(d);
    }
    return value_str(text);
}

struct value yaml_resolve(struct str text)
{
    for (size_t i = 0; text.n <= WORD_BYTES_MAX && i < sizeof word / sizeof word[0]; i++) {
        if (str_eq(word[i].text, text)) {
            return word[i].value;
        }
    }
    char c = text.p[0];
    return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' ? resolve_number(text)
                                                                      : value_str(text);
}

static bool accept_str(struct value *out, struct arena *a, struct str text)
{
    (void)a;
    *out = value_str(text);
    return true;
}

static bool accept_int(struct value *out, struct arena *a, struct str text)
{
    (void)a;
    *out = yaml_resolve(text);
    return out->kind == VALUE_INT || out->kind == VALUE_UINT;
}

static bool accept_float(struct value *out, struct arena *a, struct str text)
{
    if (accept_int(out, a, text)) {
        *out = value_double(out->kind == VALUE_INT ? (double)out->as.i : (double)out->as.u);
    }
    return out->kind == VALUE_DOUBLE;
}

static bool accept_bool(struct value *out, struct arena *a, struct str text)
{
    (void)a;
    *out = yaml_resolve(text);
    return out->kind == VALUE_BOOL;
}

static bool accept_null(struct value *out, struct arena *a, struct str text)
{
    (void)a;
    *out = yaml_resolve(text);
    return out->kind == VALUE_NULL;
}

/* JSON has no bytes: as in Kubernetes tools the decoded bytes are the string, so they must be
 * UTF-8. */
static bool accept_binary(struct value *out, struct arena *a, struct str text)
{
    struct buf bytes CLEANUP(buf_release) = BUF_INIT(text.n);
    if (!enc_base64_decode(&bytes, text, false) || !str_is_utf8(buf_str(&bytes))) {
        return false;
    }
    *out = value_str(str_dup(a, buf_str(&bytes)));
    return true;
}

static const struct tag {
    struct str name; /* behind "tag:yaml.org,2002:" */
    const char *expected;
    bool (*accept)(struct value *out, struct arena *a, struct str text);
} known_tag[] = {
    { STR_INIT("binary"), "base64 of UTF-8 text", accept_binary },
    { STR_INIT("bool"), "true or false", accept_bool },
    { STR_INIT("float"), "a number", accept_float },
    { STR_INIT("int"), "a whole number of at most 64 bits", accept_int },
    { STR_INIT("null"), "null", accept_null },
    { STR_INIT("str"), "a string", accept_str },
};

bool yaml_resolve_tagged(struct value *out, struct arena *a, const char *tag, struct str text,
                         const char **expected)
{
    const struct str core = STR("tag:yaml.org,2002:");
    struct str name = str_from_c(tag);
    struct value v = value_str(text);
    if (str_has_prefix(name, core)) {
        name = str_sub(name, core.n, name.n);
        for (size_t i = 0; i < sizeof known_tag / sizeof known_tag[0]; i++) {
            if (str_eq(known_tag[i].name, name) && !known_tag[i].accept(&v, a, text)) {
                *expected = known_tag[i].expected;
                return false;
            }
        }
    }
    *out = v;
    return true;
}
