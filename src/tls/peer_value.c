/* A server's certificate in recordings. */
#include "tls/peer.h"

/* OpenSSL's X509_V_ERR_UNSPECIFIED: not good, and not told why. */
#define VERIFY_UNSPECIFIED 1

struct value tls_peer_value(struct arena *a, const struct tls_peer *p)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "verifyError", value_int(p->verify_error));
    value_builder_set(&b, "sha256", value_str(str_dup(a, str_from_c(p->sha256))));
    value_builder_set(&b, "subject", value_str(str_dup(a, str_from_c(p->subject))));
    value_builder_set(&b, "issuer", value_str(str_dup(a, str_from_c(p->issuer))));
    value_builder_set(&b, "notBefore", value_str(str_dup(a, str_from_c(p->not_before))));
    value_builder_set(&b, "notAfter", value_str(str_dup(a, str_from_c(p->not_after))));
    value_builder_set(&b, "names", value_str(str_dup(a, str_from_c(p->names))));
    return value_builder_map(&b);
}

static void fill(char *out, size_t size, struct value v, const char *key)
{
    struct str s = value_text_at(v, key, NULL);
    size_t n = s.n < size - 1 ? s.n : size - 1;
    memcpy(out, n ? s.p : "", n);
    out[n] = '\0';
}

void tls_peer_read(struct tls_peer *p, struct value v)
{
    *p = (struct tls_peer){ .seen = v.kind == VALUE_MAP };
    if (!p->seen)
        return;
    p->verify_error = (int)value_int_at(v, VERIFY_UNSPECIFIED, "verifyError", NULL);
    fill(p->sha256, sizeof p->sha256, v, "sha256");
    fill(p->subject, sizeof p->subject, v, "subject");
    fill(p->issuer, sizeof p->issuer, v, "issuer");
    fill(p->not_before, sizeof p->not_before, v, "notBefore");
    fill(p->not_after, sizeof p->not_after, v, "notAfter");
    fill(p->names, sizeof p->names, v, "names");
}
