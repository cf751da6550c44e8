/* X.509 certificates as values: what a report says of an authority or of a server's chain. */
#include "tls/certificate.h"

#include "base/enc.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define TEXT_BYTES_MAX 4096u
#define NAMES_MAX      200
#define DAY_S          INT64_C(86400)

static void bio_cleanup(BIO **b)
{
    BIO_free_all(*b);
}
static void x509_cleanup(X509 **x)
{
    X509_free(*x);
}

/* RFC 2253 form: control characters of a stranger's certificate are escaped. */
static struct value name_value(struct arena *a, const X509_NAME *name)
{
    BIO *b CLEANUP(bio_cleanup) = BIO_new(BIO_s_mem());
    char *p = NULL;
    if (!b || X509_NAME_print_ex(b, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
        return value_cstr("");
    long n = BIO_get_mem_data(b, &p);
    return value_str(str_dup(a, str_sub(str_of(p, n > 0 ? (size_t)n : 0), 0, TEXT_BYTES_MAX)));
}

static bool seconds_of(const ASN1_TIME *t, int64_t *out)
{
    struct tm tm = { 0 };
    if (ASN1_TIME_to_tm(t, &tm) != 1)
        return false;
    *out = clock_seconds((struct civil){ .year = tm.tm_year + 1900,
                                         .month = tm.tm_mon + 1,
                                         .day = tm.tm_mday,
                                         .hour = tm.tm_hour,
                                         .minute = tm.tm_min,
                                         .second = tm.tm_sec });
    return true;
}

static void put_times(struct value_builder *b, struct arena *a, const X509 *x, struct instant now)
{
    int64_t from = 0, to = 0;
    bool ok = seconds_of(X509_get0_notBefore(x), &from) && seconds_of(X509_get0_notAfter(x), &to);
    value_builder_set(b, "notBefore",
                      value_str(clock_format_rfc3339(a, (struct instant){ .s = from })));
    value_builder_set(b, "notAfter",
                      value_str(clock_format_rfc3339(a, (struct instant){ .s = to })));
    value_builder_set(b, "expired", value_bool(!ok || now.s > to));
    value_builder_set(b, "daysLeft", value_int(ok ? (to - now.s) / DAY_S : 0));
}

static void put_key(struct value_builder *b, struct arena *a, X509 *x)
{
    EVP_PKEY *key = X509_get0_pubkey(x);
    int id = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE,
        bits = key ? EVP_PKEY_get_bits(key) : 0;
    char curve[80] = "";
    bool edwards = id == EVP_PKEY_ED25519 || id == EVP_PKEY_ED448;
    if (id == EVP_PKEY_EC)
        (void)EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL);
    const char *name = id == EVP_PKEY_RSA  ? "RSA"
                       : id == EVP_PKEY_EC ? "EC"
                       : edwards           ? OBJ_nid2sn(id)
                                           : "other";
    bool strong =
        edwards || (id == EVP_PKEY_RSA && bits >= 2048) || (id == EVP_PKEY_EC && bits >= 256);
    value_builder_set(b, "keyAlgorithm", value_cstr(name));
    value_builder_set(b, "curve", value_str(str_dup(a, str_from_c(curve))));
    value_builder_set(b, "keyBits", value_int(bits));
    value_builder_set(b, "keyStrong", value_bool(strong));
    value_builder_set(b, "signature", value_cstr(OBJ_nid2ln(X509_get_signature_nid(x))));
}

static struct value names_value(struct arena *a, X509 *x)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    struct value_builder list;
    value_builder_init(&list, a);
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && i < NAMES_MAX; i++) {
        const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
        char address[64] = "";
        if (n->type == GEN_DNS) {
            struct str s = str_of((const char *)ASN1_STRING_get0_data(n->d.dNSName),
                                  (size_t)ASN1_STRING_length(n->d.dNSName));
            value_builder_push(&list, value_str(str_dup(a, str_sub(s, 0, 256))));
        } else if (n->type == GEN_IPADD &&
                   (n->d.iPAddress->length == 4 || n->d.iPAddress->length == 16)) {
            (void)inet_ntop(n->d.iPAddress->length == 4 ? AF_INET : AF_INET6, n->d.iPAddress->data,
                            address, sizeof address);
            value_builder_push(&list, value_str(str_dup(a, str_from_c(address))));
        }
    }
    GENERAL_NAMES_free(names);
    return value_builder_list(&list);
}

static struct value digest_value(struct arena *a, const X509 *x)
{
    unsigned char *der = NULL;
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX_BYTES] = "";
    int n = i2d_X509(x, &der);
    if (n > 0) {
        sha256_of(str_of((const char *)der, (size_t)n), digest);
        sha256_hex(digest, hex);
    }
    OPENSSL_free(der);
    return value_str(str_dup(a, str_from_c(hex)));
}

/* Of "CN=host-ca@1700000000": whether the common name ends in mark and digits. */
static bool is_stamped(const X509_NAME *name, struct str mark)
{
    char cn[256] = "";
    if (X509_NAME_get_text_by_NID(name, NID_commonName, cn, sizeof cn) <= 0)
        return false;
    struct str text = str_from_c(cn);
    size_t end = text.n;
    while (end > 0 && text.p[end - 1] >= '0' && text.p[end - 1] <= '9')
        end--;
    return end < text.n && str_has_suffix(str_sub(text, 0, end), mark);
}

static struct value certificate_value(struct arena *a, X509 *x, struct instant now)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "subject", name_value(a, X509_get_subject_name(x)));
    value_builder_set(&b, "issuer", name_value(a, X509_get_issuer_name(x)));
    put_times(&b, a, x, now);
    put_key(&b, a, x);
    value_builder_set(&b, "selfSigned", value_bool(X509_self_signed(x, 0) == 1));
    value_builder_set(&b, "isCa", value_bool(X509_check_ca(x) == 1));
    value_builder_set(&b, "generated",
                      value_bool(is_stamped(X509_get_issuer_name(x), STR("-ca@"))));
    value_builder_set(&b, "names", names_value(a, x));
    value_builder_set(&b, "sha256", digest_value(a, x));
    ERR_clear_error();
    return value_builder_map(&b);
}

bool certificates_read(struct value *out, struct arena *a, struct str pem, struct instant now,
                       const char *what, struct err *err)
{
    struct value_builder list;
    value_builder_init(&list, a);
    if (pem.n > INT32_MAX)
        return err_set(err, ERR_LIMIT, "%s is too long", what);
    BIO *b CLEANUP(bio_cleanup) = BIO_new_mem_buf(pem.n ? pem.p : "", (int)pem.n);
    while (b && list.count < CERTIFICATES_MAX) {
        X509 *x CLEANUP(x509_cleanup) = PEM_read_bio_X509(b, NULL, NULL, NULL);
        if (!x)
            break;
        value_builder_push(&list, certificate_value(a, x, now));
    }
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (list.count == 0 || !at_end)
        return err_set(err, ERR_INPUT, "%s: certificate %zu is not readable PEM", what,
                       list.count + 1);
    *out = value_builder_list(&list);
    return true;
}
