/* IP addresses and prefixes, parsed as strictly as Go's net/netip: no leading zeros, no missing
 * parts. */
#ifndef KUBEVOUCH_BASE_IP_H
#define KUBEVOUCH_BASE_IP_H

#include "base/str.h"

#define IP_BYTES_MAX 256u /* longer text is no address */

struct ip {
    uint8_t byte[16]; /* the first n, network order */
    uint8_t n;        /* 4 or 16 */
};
struct cidr {
    struct ip ip;
    uint8_t bits; /* 0 .. 32 or 128 */
};

/* zone gets what follows '%' in an IPv6 address; with zone NULL such an address is refused. False:
 * not an address. */
bool ip_parse(struct ip *out, struct str text, struct str *zone) WARN_UNUSED;
/* ::ffff:0:0/96 */
bool ip_is_v4_in_v6(const struct ip *ip);
/* The canonical text: RFC 5952 for IPv6. */
struct str ip_text(struct arena *a, const struct ip *ip);
bool ip_equal(const struct ip *a, const struct ip *b);

bool cidr_parse(struct cidr *out, struct str text) WARN_UNUSED;
bool cidr_contains(const struct cidr *c, const struct ip *ip);
/* With the bits after the prefix cleared. */
struct cidr cidr_masked(const struct cidr *c);

#endif
