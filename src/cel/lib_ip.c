/* Kubernetes' IP and CIDR libraries (also cel-go's network extension). Addresses with a zone and
 * IPv4 addresses mapped into IPv6 are refused, as there. */
#include "base/ip.h"
#include "cel/lib.h"

static bool ip_values_equal(const void *a, const void *b)
{
    return ip_equal(a, b);
}

static struct str ip_value_text(const void *self, struct arena *a)
{
    return ip_text(a, self);
}

static bool cidr_values_equal(const void *a, const void *b)
{
    const struct cidr *x = a, *y = b;
    return x->bits == y->bits && ip_equal(&x->ip, &y->ip);
}

static struct str cidr_value_text(const void *self, struct arena *a)
{
    const struct cidr *c = self;
    struct str ip = ip_text(a, &c->ip);
    return str_printf(a, "%.*s/%u", STR_ARG(ip), c->bits);
}

const struct value_opaque_type cel_ip_type = { .name = "net.IP",
                                               .equal = ip_values_equal,
                                               .text = ip_value_text };
const struct value_opaque_type cel_cidr_type = {
    .name = "net.CIDR",
    .equal = cidr_values_equal,
    .text = cidr_value_text,
};

static struct value wrap_ip(struct cel_call *call, const struct ip *ip)
{
    struct ip *copy = arena_new(call->scratch, struct ip);
    *copy = *ip;
    return value_opaque(call->scratch, &cel_ip_type, copy);
}

static struct value wrap_cidr(struct cel_call *call, const struct cidr *c)
{
    struct cidr *copy = arena_new(call->scratch, struct cidr);
    *copy = *c;
    return value_opaque(call->scratch, &cel_cidr_type, copy);
}

/* NULL, or what is wrong with the text. */
static const char *read_ip(struct ip *out, struct str text)
{
    struct str zone;
    if (!ip_parse(out, text, &zone))
        return "is not an IP address";
    if (zone.n)
        return "has a zone, which is not allowed";
    return ip_is_v4_in_v6(out) ? "is an IPv4-mapped IPv6 address, which is not allowed" : NULL;
}

static const char *read_cidr(struct cidr *out, struct str text)
{
    if (!cidr_parse(out, text))
        return "is not a CIDR; write an address and a prefix length as in \"10.0.0.0/8\"";
    return ip_is_v4_in_v6(&out->ip) ? "is an IPv4-mapped IPv6 network, which is not allowed" : NULL;
}

static struct value refuse(struct cel_call *call, struct str text, const char *problem)
{
    return lib_error(call, "\"%.*s\" %s", STR_ARG(str_sub(text, 0, 80)), problem);
}

struct value cel_ip(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    const struct cidr *c = lib_opaque(arg[0], &cel_cidr_type);
    if (c) /* cidr.ip() */
        return wrap_ip(call, &c->ip);
    if (arg[0].kind != VALUE_STRING)
        return lib_no_overload(call);
    struct ip ip;
    const char *problem = read_ip(&ip, value_text(arg[0]));
    return problem ? refuse(call, value_text(arg[0]), problem) : wrap_ip(call, &ip);
}

struct value cel_is_ip(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    struct ip ip;
    return value_bool(!read_ip(&ip, value_text(arg[0])));
}

struct value cel_ip_is_canonical(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct ip ip;
    struct str text = value_text(arg[0]);
    const char *problem = read_ip(&ip, text);
    return problem ? refuse(call, text, problem)
                   : value_bool(str_eq(ip_text(call->scratch, &ip), text));
}

static bool is_unspecified(const struct ip *ip)
{
    static const struct ip zero;
    return !memcmp(ip->byte, zero.byte, ip->n);
}

static bool is_loopback(const struct ip *ip)
{
    static const uint8_t one[16] = { [15] = 1 };
    return ip->n == 4 ? ip->byte[0] == 127 : !memcmp(ip->byte, one, sizeof one);
}

static bool is_multicast(const struct ip *ip)
{
    return ip->n == 4 ? (ip->byte[0] & 0xf0) == 0xe0 : ip->byte[0] == 0xff;
}

static bool is_link_local_multicast(const struct ip *ip)
{
    if (ip->n == 4)
        return ip->byte[0] == 224 && !ip->byte[1] && !ip->byte[2];
    return ip->byte[0] == 0xff && (ip->byte[1] & 0x0f) == 2;
}

static bool is_link_local_unicast(const struct ip *ip)
{
    if (ip->n == 4)
        return ip->byte[0] == 169 && ip->byte[1] == 254;
    return ip->byte[0] == 0xfe && (ip->byte[1] & 0xc0) == 0x80;
}

static bool is_global_unicast(const struct ip *ip)
{
    static const uint8_t broadcast[4] = { 255, 255, 255, 255 };
    return !is_unspecified(ip) && !is_loopback(ip) && !is_multicast(ip) &&
           !is_link_local_unicast(ip) && !(ip->n == 4 && !memcmp(ip->byte, broadcast, 4));
}

/* The questions about an address, one function each. */
#define IP_QUESTION(name, answer)                                                       \
    struct value name(struct cel_call *call, const struct value *arg, size_t arg_count) \
    {                                                                                   \
        const struct ip *ip = lib_opaque(arg[0], &cel_ip_type);                         \
        (void)arg_count;                                                                \
        return ip ? (answer) : lib_no_overload(call);                                   \
    }
IP_QUESTION(cel_ip_family, value_int(ip->n == 4 ? 4 : 6))
IP_QUESTION(cel_ip_is_unspecified, value_bool(is_unspecified(ip)))
IP_QUESTION(cel_ip_is_loopback, value_bool(is_loopback(ip)))
IP_QUESTION(cel_ip_is_link_local_multicast, value_bool(is_link_local_multicast(ip)))
IP_QUESTION(cel_ip_is_link_local_unicast, value_bool(is_link_local_unicast(ip)))
IP_QUESTION(cel_ip_is_global_unicast, value_bool(is_global_unicast(ip)))

struct value cel_cidr(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct cidr c;
    const char *problem = read_cidr(&c, value_text(arg[0]));
    return problem ? refuse(call, value_text(arg[0]), problem) : wrap_cidr(call, &c);
}

struct value cel_is_cidr(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    struct cidr c;
    return value_bool(!read_cidr(&c, value_text(arg[0])));
}

/* The argument is an address or its text. */
struct value cel_cidr_contains_ip(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    const struct cidr *c = lib_opaque(arg[0], &cel_cidr_type);
    const struct ip *ip = lib_opaque(arg[1], &cel_ip_type);
    struct ip read;
    if (c && !ip && arg[1].kind == VALUE_STRING) {
        const char *problem = read_ip(&read, value_text(arg[1]));
        if (problem)
            return refuse(call, value_text(arg[1]), problem);
        ip = &read;
    }
    return c && ip ? value_bool(cidr_contains(c, ip)) : lib_no_overload(call);
}

struct value cel_cidr_contains_cidr(struct cel_call *call, const struct value *arg,
                                    size_t arg_count)
{
    (void)arg_count;
    const struct cidr *c = lib_opaque(arg[0], &cel_cidr_type),
                      *inner = lib_opaque(arg[1], &cel_cidr_type);
    struct cidr read;
    if (c && !inner && arg[1].kind == VALUE_STRING) {
        const char *problem = read_cidr(&read, value_text(arg[1]));
        if (problem)
            return refuse(call, value_text(arg[1]), problem);
        inner = &read;
    }
    if (!c || !inner)
        return lib_no_overload(call);
    return value_bool(inner->bits >= c->bits && cidr_contains(c, &inner->ip));
}

struct value cel_cidr_prefix_length(struct cel_call *call, const struct value *arg,
                                    size_t arg_count)
{
    (void)arg_count;
    const struct cidr *c = lib_opaque(arg[0], &cel_cidr_type);
    return c ? value_int(c->bits) : lib_no_overload(call);
}

struct value cel_cidr_masked(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    const struct cidr *c = lib_opaque(arg[0], &cel_cidr_type);
    if (!c)
        return lib_no_overload(call);
    struct cidr masked = cidr_masked(c);
    return wrap_cidr(call, &masked);
}
