/* Kubernetes' quantity library: exact numbers with SI or binary suffixes.
 *
 * As in Kubernetes, a number is kept as a 64-bit integer with a decimal scale while it fits, and as
 * an exact decimal otherwise; isInteger() and asInteger() answer for the first form only, so that
 * "1.0" is no integer and "1" is. Source: apimachinery, package resource ("Quantity"). */
#include "cel/decimal.h"
#include "cel/lib.h"

enum quantity_format { DECIMAL_SI, BINARY_SI, DECIMAL_EXPONENT };

struct quantity {
    enum quantity_format format;
    bool is_exact; /* exact is used, not value and scale */
    int64_t value; /* value * 10^scale */
    int32_t scale;
    struct decimal exact;
    struct str text; /* as given, when that is canonical; empty otherwise */
};
#define QUANTITY_BYTES_MAX    512u
#define QUANTITY_EXPONENT_MAX 900
#define NANO_SCALE            9

static const struct suffix {
    struct str name;
    int32_t exponent; /* of 10, or of 2 for BINARY_SI */
    enum quantity_format format;
} suffix_table[] = {
    { STR_INIT(""), 0, DECIMAL_SI },   { STR_INIT("n"), -9, DECIMAL_SI },
    { STR_INIT("u"), -6, DECIMAL_SI }, { STR_INIT("m"), -3, DECIMAL_SI },
    { STR_INIT("k"), 3, DECIMAL_SI },  { STR_INIT("M"), 6, DECIMAL_SI },
    { STR_INIT("G"), 9, DECIMAL_SI },  { STR_INIT("T"), 12, DECIMAL_SI },
    { STR_INIT("P"), 15, DECIMAL_SI }, { STR_INIT("E"), 18, DECIMAL_SI },
    { STR_INIT("Ki"), 10, BINARY_SI }, { STR_INIT("Mi"), 20, BINARY_SI },
    { STR_INIT("Gi"), 30, BINARY_SI }, { STR_INIT("Ti"), 40, BINARY_SI },
    { STR_INIT("Pi"), 50, BINARY_SI }, { STR_INIT("Ei"), 60, BINARY_SI },
};
#define SUFFIX_COUNT (sizeof suffix_table / sizeof *suffix_table)

static bool parse_suffix(struct str s, int32_t *exponent, enum quantity_format *format)
{
    for (size_t i = 0; i < SUFFIX_COUNT; i++)
        if (str_eq(s, suffix_table[i].name)) {
            *exponent = suffix_table[i].exponent;
            *format = suffix_table[i].format;
            return true;
        }
    if (s.n < 2 || (s.p[0] != 'e' && s.p[0] != 'E'))
        return false;
    struct str digits = str_sub(s, s.p[1] == '+' ? 2 : 1, s.n);
    int64_t n;
    if (!digits.n || (s.p[1] == '+' && digits.p[0] == '-') || !str_to_int64(digits, &n))
        return false;
    if (n > QUANTITY_EXPONENT_MAX || n < -QUANTITY_EXPONENT_MAX)
        return false;
    *exponent = (int32_t)n;
    *format = DECIMAL_EXPONENT;
    return true;
}

/* The parts of "-00012.5Ki": negative, "12", "5", "Ki". */
struct quantity_parts {
    bool negative, has_digits;
    struct str whole, fraction, suffix;
};

static size_t skip_digits(struct str s, size_t at)
{
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
        at++;
    return at;
}

static void split_parts(struct quantity_parts *out, struct str s)
{
    size_t at = s.n && (s.p[0] == '-' || s.p[0] == '+');
    out->negative = s.n && s.p[0] == '-';
    size_t first = at;
    while (at < s.n && s.p[at] == '0')
        at++;
    size_t end = skip_digits(s, at);
    out->has_digits = end > first;
    out->whole = str_sub(s, at, end);
    out->fraction = str_sub(s, end, end);
    at = end;
    if (at < s.n && s.p[at] == '.') {
        end = skip_digits(s, at + 1);
        out->has_digits = out->has_digits || end > at + 1;
        out->fraction = str_sub(s, at + 1, end);
        at = end;
    }
    out->suffix = str_sub(s, at, s.n);
}

static bool multiply_pow10(int64_t value, int64_t times, int64_t *out)
{
    for (int64_t i = 0; i < times && value; i++)
        if (__builtin_mul_overflow(value, 10, &value))
            return false;
    *out = value;
    return true;
}

/* The 64-bit form, for what Kubernetes keeps in it. False: the exact form is needed. */
static bool parse_small(struct quantity *q, const struct quantity_parts *p, int32_t exponent,
                        struct str text)
{
    struct str whole = p->whole.n ? p->whole : STR("0");
    int64_t mantissa = 1, value = 0;
    int32_t scale = 0, precision;
    if (q->format == BINARY_SI) {
        if (p->fraction.n)
            return false;
        mantissa = (int64_t)1 << exponent;
        precision = 14 - (int32_t)whole.n - exponent * 3 / 10;
    } else {
        scale = exponent;
        precision = 18 - (int32_t)(whole.n + p->fraction.n);
    }
    scale -= (int32_t)p->fraction.n;
    if (precision < 0 || scale < -NANO_SCALE)
        return false;
    for (size_t i = 0; i < whole.n + p->fraction.n; i++) /* at most 18 digits: cannot overflow */
        value = value * 10 + (i < whole.n ? whole.p[i] : p->fraction.p[i - whole.n]) - '0';
    int64_t result;
    if (__builtin_mul_overflow(value, mantissa, &result))
        return false;
    q->value = p->negative ? -result : result;
    q->scale = scale;
    bool thousands = whole.n + p->fraction.n >= 3 && value % 1000 == 0;
    bool canonical = q->format == BINARY_SI ? exponent % 10 == 0 && (value & 7)
                                            : scale % 3 == 0 && !thousands && whole.p[0] != '0';
    q->text = canonical ? text : STR("");
    return true;
}

/* The exact form: rounded away from zero to nano, binary ones capped at what 64 bits hold. */
static bool parse_exact(struct quantity *q, struct arena *a, const struct quantity_parts *p,
                        int32_t exponent)
{
    if (!p->has_digits)
        return false;
    struct str both[] = { p->whole, p->fraction };
    struct decimal d;
    int32_t scale = (int32_t)p->fraction.n - (q->format == BINARY_SI ? 0 : exponent);
    if (!decimal_of_digits(&d, str_join(a, both, 2, STR("")), false, scale))
        return false;
    for (int32_t i = 0; q->format == BINARY_SI && i < exponent; i += 10)
        if (!decimal_multiply(&d, a, &d, 1024))
            return false;
    if (decimal_sign(&d) && !decimal_round_up(&d, a, &d, NANO_SCALE, NULL))
        return false;
    struct decimal most = decimal_of_int(a, INT64_MAX, 0), one = decimal_of_int(a, 1, 0);
    if (q->format == BINARY_SI && decimal_compare(&d, &most) > 0)
        d = most;
    if (q->format == BINARY_SI && decimal_sign(&d) && decimal_compare(&d, &one) < 0)
        q->format = DECIMAL_SI;
    q->is_exact = true;
    q->exact = p->negative ? decimal_negate(d) : d;
    return true;
}

/* False: not a quantity, or one past the limits above. */
static bool parse_quantity(struct quantity *out, struct arena *a, struct str text)
{
    struct quantity q = { .text = STR_INIT("") };
    struct quantity_parts p;
    int32_t exponent;
    if (!text.n || text.n > QUANTITY_BYTES_MAX)
        return false;
    split_parts(&p, text);
    if (!parse_suffix(p.suffix, &exponent, &q.format))
        return false;
    if (!parse_small(&q, &p, exponent, str_dup(a, text)) && !parse_exact(&q, a, &p, exponent))
        return false;
    *out = q;
    return true;
}

static struct decimal exact_of(struct arena *a, const struct quantity *q)
{
    return q->is_exact ? q->exact : decimal_of_int(a, q->value, -q->scale);
}

static int sign_of(const struct quantity *q)
{
    return q->is_exact ? decimal_sign(&q->exact) : (q->value > 0) - (q->value < 0);
}

static int compare(struct arena *a, const struct quantity *x, const struct quantity *y)
{
    if (!x->is_exact && !y->is_exact && x->scale == y->scale)
        return (x->value > y->value) - (x->value < y->value);
    struct decimal dx = exact_of(a, x), dy = exact_of(a, y);
    return decimal_compare(&dx, &dy);
}

/* d as mantissa and a power of ten that is a multiple of 3 (at most 18 for SI), with its suffix. */
static struct str text_decimal(struct arena *a, struct decimal d, enum quantity_format format)
{
    int32_t exponent = -d.scale;
    /* No SI suffix goes past 10^18 (E): zeros beyond it stay in the number. */
    while (d.digits.n && d.digits.p[d.digits.n - 1] == '0' &&
           (format != DECIMAL_SI || exponent < 18)) {
        d.digits.n--;
        exponent++;
    }
    int32_t zeros =
        format == DECIMAL_SI && exponent > 18 ? exponent - 18 : ((exponent % 3) + 3) % 3;
    exponent -= zeros;
    char *zero = arena_alloc(a, (size_t)zeros);
    memset(zero, '0', (size_t)zeros);
    struct str suffix =
        format == DECIMAL_EXPONENT && exponent ? str_printf(a, "e%d", exponent) : STR("");
    for (size_t i = 0; format == DECIMAL_SI && i < SUFFIX_COUNT; i++)
        if (suffix_table[i].format == DECIMAL_SI && suffix_table[i].exponent == exponent)
            suffix = suffix_table[i].name;
    return str_printf(a, "%s%.*s%.*s%.*s", d.negative ? "-" : "", STR_ARG(d.digits), zeros, zero,
                      STR_ARG(suffix));
}

static struct str text_binary(struct arena *a, struct decimal d)
{
    size_t power = 0;
    while (power < 6) {
        uint32_t rest;
        struct decimal next = decimal_divide(a, &d, 1024, &rest);
        if (rest || !next.digits.n)
            break;
        d = next;
        power++;
    }
    struct str suffix = STR("");
    for (size_t i = 0; power && i < SUFFIX_COUNT; i++)
        if (suffix_table[i].format == BINARY_SI && suffix_table[i].exponent == (int32_t)power * 10)
            suffix = suffix_table[i].name;
    return str_printf(a, "%s%.*s%.*s", d.negative ? "-" : "", STR_ARG(d.digits), STR_ARG(suffix));
}

/* The canonical form: no precision lost, the largest suffix possible. */
static struct str quantity_text(const void *self, struct arena *a)
{
    const struct quantity *q = self;
    if (q->text.n)
        return q->text;
    if (!sign_of(q))
        return STR("0");
    struct decimal d = exact_of(a, q), whole;
    if (q->format != BINARY_SI)
        return text_decimal(a, d, q->format);
    bool exact = false;
    struct decimal size = d, kibi = decimal_of_int(a, 1024, 0);
    size.negative = false;
    if (decimal_compare(&size, &kibi) < 0 || !decimal_round_up(&whole, a, &d, 0, &exact) || !exact)
        return text_decimal(a, d, DECIMAL_SI);
    return text_binary(a, whole);
}

static bool quantity_equal(const void *a, const void *b)
{
    struct arena scratch = { 0 };
    bool equal = compare(&scratch, a, b) == 0;
    arena_release(&scratch);
    return equal;
}

const struct value_opaque_type cel_quantity_type = {
    .name = "kubernetes.Quantity",
    .equal = quantity_equal,
    .text = quantity_text,
};

static struct value wrap(struct cel_call *call, struct quantity q)
{
    struct quantity *copy = arena_new(call->scratch, struct quantity);
    *copy = q;
    return value_opaque(call->scratch, &cel_quantity_type, copy);
}

struct value cel_quantity(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct str text = value_text(arg[0]);
    struct quantity q;
    struct value over;
    if (!lib_charge_bytes(call, text.n, &over))
        return over;
    if (!parse_quantity(&q, call->scratch, text))
        return lib_error(
            call,
            "\"%.*s\" is not a quantity; write a number with a suffix as in \"1.5Gi\" or \"200m\"",
            STR_ARG(str_sub(text, 0, 80)));
    return wrap(call, q);
}

struct value cel_is_quantity(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct quantity q;
    struct value over;
    if (!lib_charge_bytes(call, arg[0].n, &over))
        return over;
    return value_bool(parse_quantity(&q, call->scratch, value_text(arg[0])));
}

struct value cel_quantity_sign(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    const struct quantity *q = lib_opaque(arg[0], &cel_quantity_type);
    return q ? value_int(sign_of(q)) : lib_no_overload(call);
}

static bool as_integer(const struct quantity *q, int64_t *out)
{
    return !q->is_exact && q->scale >= 0 && multiply_pow10(q->value, q->scale, out);
}

struct value cel_quantity_is_integer(struct cel_call *call, const struct value *arg,
                                     size_t arg_count)
{
    (void)arg_count;
    const struct quantity *q = lib_opaque(arg[0], &cel_quantity_type);
    int64_t n;
    return q ? value_bool(as_integer(q, &n)) : lib_no_overload(call);
}

struct value cel_quantity_as_integer(struct cel_call *call, const struct value *arg,
                                     size_t arg_count)
{
    (void)arg_count;
    const struct quantity *q = lib_opaque(arg[0], &cel_quantity_type);
    int64_t n;
    if (!q)
        return lib_no_overload(call);
    return as_integer(q, &n) ? value_int(n) : lib_error(call, "cannot convert value to integer");
}

struct value cel_quantity_as_float(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    const struct quantity *q = lib_opaque(arg[0], &cel_quantity_type);
    if (!q)
        return lib_no_overload(call);
    struct decimal d = exact_of(call->scratch, q);
    return value_double(decimal_to_double(call->scratch, &d));
}

/* The 64-bit sum, as long as scales can be brought together in 64 bits. */
static bool add_small(struct quantity *x, const struct quantity *y)
{
    int64_t a, b;
    int32_t scale = x->scale < y->scale ? x->scale : y->scale;
    if (!y->value)
        return true;
    if (!x->value) {
        x->value = y->value;
        x->scale = y->scale;
        return true;
    }
    if (!multiply_pow10(x->value, (int64_t)x->scale - scale, &a) ||
        !multiply_pow10(y->value, (int64_t)y->scale - scale, &b) ||
        __builtin_add_overflow(a, b, &a))
        return false;
    x->value = a;
    x->scale = scale;
    return true;
}

/* x + y; the format is x's unless x is zero. */
static struct value add(struct cel_call *call, struct quantity x, struct quantity y)
{
    struct value over;
    if (!lib_charge_items(call, 1 + x.exact.digits.n / 10 + y.exact.digits.n / 10, &over))
        return over;
    if (!sign_of(&x))
        x.format = y.format;
    x.text = STR("");
    if (!x.is_exact && !y.is_exact && add_small(&x, &y))
        return wrap(call, x);
    struct decimal dx = exact_of(call->scratch, &x), dy = exact_of(call->scratch, &y);
    if (!decimal_add(&x.exact, call->scratch, &dx, &dy))
        return lib_error(call, "the sum has more than %u digits", DECIMAL_DIGITS_MAX);
    x.is_exact = true;
    return wrap(call, x);
}

/* The second operand: a quantity, or an int. */
static bool operand(struct value v, struct quantity *out)
{
    const struct quantity *q = lib_opaque(v, &cel_quantity_type);
    if (q)
        *out = *q;
    else if (v.kind == VALUE_INT)
        *out = (struct quantity){ .format = DECIMAL_EXPONENT, .value = v.as.i };
    else
        return false;
    return true;
}

struct value cel_quantity_add(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    const struct quantity *x = lib_opaque(arg[0], &cel_quantity_type);
    struct quantity y;
    return x && operand(arg[1], &y) ? add(call, *x, y) : lib_no_overload(call);
}

struct value cel_quantity_sub(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    const struct quantity *x = lib_opaque(arg[0], &cel_quantity_type);
    struct quantity y;
    if (!x || !operand(arg[1], &y))
        return lib_no_overload(call);
    if (!y.is_exact && y.value != INT64_MIN) {
        y.value = -y.value;
    } else {
        y.exact = decimal_negate(exact_of(call->scratch, &y));
        y.is_exact = true;
    }
    return add(call, *x, y);
}

bool cel_quantity_order(struct cel_call *call, const struct value *arg, int *order)
{
    const struct quantity *x = lib_opaque(arg[0], &cel_quantity_type),
                          *y = lib_opaque(arg[1], &cel_quantity_type);
    if (!x || !y)
        return false;
    *order = compare(call->scratch, x, y);
    return true;
}
