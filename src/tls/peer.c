/* What a TLS handshake showed: kept so that an error can name the certificate, and the report its
 * digest. */
#include "tls/peer.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define BUNDLE_COUNT_MAX 10000

static void bio_cleanup(BIO **b)
{
    BIO_free_all(*b);
}

static void x509_cleanup(X509 **x)
{
    X509_free(*x);
}

/* Names come from a stranger's certificate: RFC 2253 form escapes control characters. */
static void name_text(char *out, size_t size, const X509_NAME *name)
{
    BIO *b CLEANUP(bio_cleanup) = BIO_new(BIO_s_mem());
    char *p = NULL;
    out[0] = '\0';
    if (!b || X509_NAME_print_ex(b, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) < 0)
        return;
    long n = BIO_get_mem_data(b, &p);
    size_t kept = n > 0 && (size_t)n < size ? (size_t)n : n > 0 ? size - 1 : 0;
    memcpy(out, p ? p : "", kept);
    out[kept] = '\0';
}

static void time_text(char out[TLS_TIME_BYTES], const ASN1_TIME *t)
{
    struct tm tm = { 0 };
    out[0] = '\0';
    if (ASN1_TIME_to_tm(t, &tm) == 1)
        (void)snprintf(out, TLS_TIME_BYTES, "%04d-%02d-%02dT%02d:%02d:%02dZ",
                       (tm.tm_year + 1900) % 10000, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                       tm.tm_min, tm.tm_sec);
}

bool tls_bundle_read(struct tls_bundle *out, struct str pem, const char *what, struct err *err)
{
    struct tls_bundle bundle = { 0 };
    if (pem.n == 0 || pem.n > INT32_MAX)
        return err_set(err, ERR_INPUT,
                       "%s is empty: it must hold the certificates to trust, in PEM form", what);
    BIO *b CLEANUP(bio_cleanup) = BIO_new_mem_buf(pem.p, (int)pem.n);
    while (b && bundle.count < BUNDLE_COUNT_MAX) {
        X509 *x CLEANUP(x509_cleanup) = PEM_read_bio_X509(b, NULL, NULL, NULL);
        if (!x)
            break;
        if (bundle.count++ == 0)
            name_text(bundle.first, sizeof bundle.first, X509_get_subject_name(x));
    }
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (bundle.count == 0 || !at_end)
        return err_set(err, ERR_INPUT, "%s: certificate %zu is not readable PEM", what,
                       bundle.count + 1);
    *out = bundle;
    return true;
}

static void names_text(char *out, size_t size, X509 *leaf)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    struct buf b = BUF_INIT(size - 1);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
        const char *between = b.n ? ", " : "";
        if (n->type == GEN_DNS) {
            const ASN1_STRING *s = n->d.dNSName;
            buf_addf(&b, "%s%.*s", between, ASN1_STRING_length(s),
                     (const char *)ASN1_STRING_get0_data(s));
        } else if (n->type == GEN_IPADD) {
            const ASN1_STRING *s = n->d.iPAddress;
            char text[64] = "";
            int family = ASN1_STRING_length(s) == 4 ? AF_INET : AF_INET6;
            if (ASN1_STRING_length(s) == 4 || ASN1_STRING_length(s) == 16)
                (void)inet_ntop(family, ASN1_STRING_get0_data(s), text, sizeof text);
            buf_addf(&b, "%s%s", between, text);
        }
    }
    GENERAL_NAMES_free(names);
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] < ' ' || b.p[i] > '~')
            b.p[i] = '?';
    memcpy(out, b.p ? b.p : "", b.n);
    out[b.n] = '\0';
    buf_release(&b);
}

static void describe(struct tls_peer *peer, X509 *leaf, X509 *failed)
{
    unsigned char *der = NULL;
    uint8_t digest[SHA256_BYTES];
    X509 *at = peer->verify_error && failed ? failed : leaf;
    int n = i2d_X509(leaf, &der);
    if (n > 0) {
        sha256_of(str_of((const char *)der, (size_t)n), digest);
        sha256_hex(digest, peer->sha256);
    }
    OPENSSL_free(der);
    peer->seen = true;
    name_text(peer->subject, sizeof peer->subject, X509_get_subject_name(leaf));
    name_text(peer->issuer, sizeof peer->issuer, X509_get_issuer_name(leaf));
    time_text(peer->not_before, X509_get0_notBefore(at));
    time_text(peer->not_after, X509_get0_notAfter(at));
    names_text(peer->names, sizeof peer->names, leaf);
    if (failed)
        name_text(peer->failed_subject, sizeof peer->failed_subject, X509_get_subject_name(failed));
}

/* A common name alone is no name of a host to Go's TLS, which every other client of an API server
 * stands on; libcurl would still take it for one. */
static bool names_a_host(X509 *leaf)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    bool any = false;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        int type = sk_GENERAL_NAME_value(names, i)->type;
        any |= type == GEN_DNS || type == GEN_IPADD;
    }
    GENERAL_NAMES_free(names);
    return any;
}

static bool is_named(X509 *leaf, const char *dns_name)
{
    return X509_check_host(leaf, dns_name, 0,
                           X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
                           NULL) == 1;
}

/* The cluster's own signer gives kubelets, and nobody else, the name system:node:NODE. */
static bool is_of_node(X509 *leaf, const struct tls_peer *asked)
{
    char cn[TLS_NODE_BYTES + 16] = "";
    static const char mark[] = "system:node:";
    int n = X509_NAME_get_text_by_NID(X509_get_subject_name(leaf), NID_commonName, cn, sizeof cn);
    if (n > 0 && (size_t)n == strlen(cn) && strncmp(cn, mark, sizeof mark - 1) == 0)
        return strcmp(cn + sizeof mark - 1, asked->node) == 0;
    return asked->node_by_name && is_named(leaf, asked->node);
}

static int verify(X509_STORE_CTX *ctx, void *arg)
{
    struct tls_peer *peer = arg, asked = *peer;
    int ok = X509_verify_cert(ctx);
    X509 *leaf = X509_STORE_CTX_get0_cert(ctx);
    if (ok == 1 && leaf && asked.address[0] && X509_check_ip_asc(leaf, asked.address, 0) != 1) {
        X509_STORE_CTX_set_error(ctx, X509_V_ERR_IP_ADDRESS_MISMATCH);
        ok = 0;
    } else if (ok == 1 && leaf && !asked.address[0] && !names_a_host(leaf)) {
        X509_STORE_CTX_set_error(ctx, X509_V_ERR_HOSTNAME_MISMATCH);
        ok = 0;
    }
    if (ok == 1 && leaf && asked.node[0] && !is_of_node(leaf, &asked)) {
        X509_STORE_CTX_set_error(ctx, X509_V_ERR_APPLICATION_VERIFICATION);
        ok = 0;
    }
    *peer = (struct tls_peer){ .verify_error = ok == 1 ? 0 : X509_STORE_CTX_get_error(ctx),
                               .tolerated = asked.tolerated,
                               .node_by_name = asked.node_by_name };
    memcpy(peer->address, asked.address, sizeof peer->address);
    memcpy(peer->node, asked.node, sizeof peer->node);
    if (ok != 1 && peer->verify_error == 0)
        peer->verify_error = X509_V_ERR_UNSPECIFIED;
    /* What verification left in the queue would be taken for the handshake's own failure. */
    ERR_clear_error();
    if (leaf)
        describe(peer, leaf, X509_STORE_CTX_get_current_cert(ctx));
    if (!asked.tolerated)
        return ok;
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

static void take_text(char *out, size_t size, struct str s)
{
    size_t n = s.n < size - 1 ? s.n : size - 1;
    memcpy(out, n ? s.p : "", n);
    out[n] = '\0';
}

void tls_watch(void *ssl_ctx, struct tls_peer *peer, const struct tls_expected *expected)
{
    peer->tolerated = expected->tolerate;
    peer->node_by_name = expected->node_by_name;
    take_text(peer->address, sizeof peer->address, expected->address);
    take_text(peer->node, sizeof peer->node, expected->node);
    SSL_CTX_set_cert_verify_callback(ssl_ctx, verify, peer);
}

/* "CN = worker-1-ca@1700000000": what a kubelet names the authority that it makes for its own
 * certificate. Source: k8s.io/client-go util/cert, GenerateSelfSignedCertKey. */
static bool is_self_made(const char *issuer)
{
    const char *at = strstr(issuer, "CN = "), *mark = at ? strstr(at, "-ca@") : NULL;
    size_t digits = mark ? strspn(mark + 4, "0123456789") : 0;
    return digits && (mark[4 + digits] == '\0' || mark[4 + digits] == ',');
}

bool tls_peer_is_attributable(const struct tls_peer *peer)
{
    switch (peer->verify_error) {
    case X509_V_OK:
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_REVOKED:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return true;
    default:
        return is_self_made(peer->issuer);
    }
}

const char *tls_error_text(const struct tls_peer *peer)
{
    if (peer->verify_error == X509_V_ERR_APPLICATION_VERIFICATION)
        return "it is not the node's own (system:node:NAME)";
    return X509_verify_cert_error_string(peer->verify_error);
}

/* kubeadm names every cluster's CA "kubernetes". */
static void explain_namesake(const struct tls_peer *p, struct err *err)
{
    (void)err_set(err, ERR_TLS,
                  "the server's certificate is not signed by the certificate-authority in use but "
                  "by another \"%s\": "
                  "take certificate-authority from this cluster, its CA may have been made anew, "
                  "or check server",
                  p->issuer);
}

void tls_explain(const struct tls_peer *p, const struct tls_bundle *bundle, struct err *err)
{
    switch (p->verify_error) {
    case X509_V_OK:
        return;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        (void)err_set(err, ERR_TLS,
                      "the server's certificate \"%s\" expired at %s: renew it on the server "
                      "(kubeadm certs renew), or "
                      "check this machine's clock",
                      p->failed_subject, p->not_after);
        return;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        (void)err_set(
            err, ERR_TLS,
            "the server's certificate \"%s\" is valid only from %s: check this machine's clock",
            p->failed_subject, p->not_before);
        return;
    case X509_V_ERR_CERT_REVOKED:
        (void)err_set(err, ERR_TLS, "the server's certificate \"%s\" is revoked",
                      p->failed_subject);
        return;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        explain_namesake(p, err);
        return;
    case X509_V_ERR_HOSTNAME_MISMATCH:
        (void)err_set(err, ERR_TLS,
                      "the server's certificate \"%s\" names no host: it has only a common name, "
                      "which Kubernetes' clients do not take "
                      "for one; have it made again with subjectAltName",
                      p->subject);
        return;
    case X509_V_ERR_APPLICATION_VERIFICATION:
        (void)err_set(err, ERR_TLS,
                      "the certificate \"%s\" is of the certificate-authority in use, but not this "
                      "node's: it does not name "
                      "system:node:%s%s",
                      p->subject, p->node,
                      p->node_by_name ? ", nor is that one of its DNS names"
                                      : "; if it is the kubelet's, name its authority with "
                                        "--kubelet-certificate-authority");
        return;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        if (bundle->count && strcmp(bundle->first, p->issuer) == 0)
            explain_namesake(p, err);
        else if (bundle->count)
            (void)err_set(err, ERR_TLS,
                          "the server's certificate is not signed by the certificate-authority in "
                          "use (\"%s\", %zu in "
                          "all) but by \"%s\": check certificate-authority, or that server is the "
                          "right cluster",
                          bundle->first, bundle->count, p->issuer);
        else
            (void)err_set(err, ERR_TLS,
                          "the server's certificate is signed by \"%s\", which this system does "
                          "not know: give "
                          "certificate-authority (--certificate-authority)",
                          p->issuer);
        return;
    default:
        (void)err_set(err, ERR_TLS, "the server's certificate \"%s\" is not trusted: %s",
                      p->failed_subject, X509_verify_cert_error_string(p->verify_error));
    }
}

bool tls_certificate_end(struct str pem, char out[TLS_TIME_BYTES], bool *is_past)
{
    if (pem.n == 0 || pem.n > INT32_MAX)
        return false;
    BIO *b CLEANUP(bio_cleanup) = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *x CLEANUP(x509_cleanup) = b ? PEM_read_bio_X509(b, NULL, NULL, NULL) : NULL;
    ERR_clear_error();
    if (!x)
        return false;
    time_text(out, X509_get0_notAfter(x));
    *is_past = X509_cmp_current_time(X509_get0_notAfter(x)) < 0;
    return true;
}
