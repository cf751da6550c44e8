/* What a TLS server offers, seen by shaking hands with it: versions, suites, certificates, whose
 * client certificates it asks for. */
#include "tls/probe.h"
#include "base/ip.h"

#include "tls/hello.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define CHAIN_MAX              20
#define AUTHORITIES_MAX        200
#define AUTHORITY_NAME_BYTES   400u
#define HANDSHAKE_BYTES_MAX    ((size_t)1 << 20)
#define HELLO_ANSWER_BYTES_MAX ((size_t)64 << 10)

struct probing {
    struct arena *arena;
    const struct tls_wire *wire;
    const struct tls_probe_options *options;
    struct value_builder doc, versions, suites;
    unsigned connections;
    bool *skip; /* suites that are not offered any more */
};

static void bio_cleanup(BIO **b)
{
    BIO_free_all(*b);
}

static bool is_address(struct str name)
{
    struct ip ip;
    return ip_parse(&ip, name, NULL);
}

static bool open_wire(struct probing *p, struct err *err)
{
    if (p->connections >= TLS_PROBE_CONNECTIONS_MAX)
        return err_set(err, ERR_LIMIT, "the server was not asked further after %u connections",
                       p->connections);
    p->connections++;
    return p->wire->open(p->wire->ctx, err);
}

/* ---- one whole handshake, by OpenSSL */

struct handshake {
    struct probing *probing;
    SSL_CTX *ctx;
    SSL *ssl;
    bool asked;
    struct value cas;
};

static struct value authority_names(struct arena *a, const STACK_OF(X509_NAME) * names)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (int i = 0; i < sk_X509_NAME_num(names) && i < AUTHORITIES_MAX; i++) {
        BIO *b CLEANUP(bio_cleanup) = BIO_new(BIO_s_mem());
        char *text = NULL;
        if (!b || X509_NAME_print_ex(b, sk_X509_NAME_value(names, i), 0,
                                     XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
            continue;
        long n = BIO_get_mem_data(b, &text);
        value_builder_push(&list, value_str(str_dup(a, str_sub(str_of(text, n > 0 ? (size_t)n : 0),
                                                               0, AUTHORITY_NAME_BYTES))));
    }
    return value_builder_list(&list);
}

/* The server asks for a certificate: it gets none, which it may accept or refuse. */
static int on_certificate_asked(SSL *ssl, void *arg)
{
    struct handshake *h = arg;
    h->asked = true;
    h->cas = authority_names(h->probing->arena, SSL_get0_peer_CA_list(ssl));
    return 1;
}

static bool trust(SSL_CTX *ctx, struct str pem)
{
    if (!pem.n)
        return SSL_CTX_set_default_verify_paths(ctx) == 1;
    BIO *b CLEANUP(bio_cleanup) = pem.n > INT32_MAX ? NULL : BIO_new_mem_buf(pem.p, (int)pem.n);
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    for (X509 *x; b && (x = PEM_read_bio_X509(b, NULL, NULL, NULL)); X509_free(x))
        (void)X509_STORE_add_cert(store, x);
    ERR_clear_error();
    return b != NULL;
}

/* Every version and suite that the library has: what is weak is told, not refused. */
static bool open_handshake(struct handshake *h, struct err *err)
{
    const struct tls_probe_options *o = h->probing->options;
    char *name = str_to_c(h->probing->arena, o->name);
    h->ctx = SSL_CTX_new(TLS_client_method());
    if (!h->ctx || !trust(h->ctx, o->ca_pem))
        return err_set(err, ERR_INTERNAL, "OpenSSL has no context or authorities");
    SSL_CTX_set_security_level(h->ctx, 0);
    (void)SSL_CTX_set_min_proto_version(h->ctx, TLS1_VERSION);
    (void)SSL_CTX_set_cipher_list(h->ctx, "ALL:COMPLEMENTOFALL:@SECLEVEL=0");
    SSL_CTX_set_verify(h->ctx, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_cert_cb(h->ctx, on_certificate_asked, h);
    h->ssl = SSL_new(h->ctx);
    BIO *in = BIO_new(BIO_s_mem()), *sent = BIO_new(BIO_s_mem());
    if (!h->ssl || !in || !sent) {
        BIO_free(in);
        BIO_free(sent);
        return err_set(err, ERR_INTERNAL, "OpenSSL has no connection left");
    }
    SSL_set_bio(h->ssl, in, sent);
    SSL_set_connect_state(h->ssl);
    if (is_address(o->name))
        (void)X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(h->ssl), name);
    else if (SSL_set1_host(h->ssl, name) != 1 || SSL_set_tlsext_host_name(h->ssl, name) != 1)
        return err_set(err, ERR_INTERNAL, "OpenSSL does not take the name \"%s\"", name);
    return true;
}

static void close_handshake(struct handshake *h)
{
    SSL_free(h->ssl);
    SSL_CTX_free(h->ctx);
    ERR_clear_error();
}

static bool flush(struct handshake *h, struct err *err)
{
    char *p = NULL;
    BIO *out = SSL_get_wbio(h->ssl);
    long n = BIO_get_mem_data(out, &p);
    bool ok = n <= 0 || h->probing->wire->send(h->probing->wire->ctx, str_of(p, (size_t)n), err);
    (void)BIO_reset(out);
    return ok;
}

static bool shake(struct handshake *h, struct err *err)
{
    const struct tls_wire *w = h->probing->wire;
    for (size_t total = 0; total < HANDSHAKE_BYTES_MAX;) {
        char chunk[8192];
        size_t n = 0;
        int r = SSL_do_handshake(h->ssl), why = SSL_get_error(h->ssl, r);
        if (!flush(h, err))
            return false;
        if (r == 1)
            return true;
        if (why != SSL_ERROR_WANT_READ) {
            const char *reason = ERR_reason_error_string(ERR_peek_error());
            return err_set(err, ERR_TLS, "the TLS handshake failed: %s",
                           reason ? reason : "no reason given");
        }
        if (!w->receive(w->ctx, chunk, sizeof chunk, &n, err))
            return false;
        if (n == 0)
            return err_set(err, ERR_TLS,
                           "the server closed the connection within the TLS handshake");
        total += n;
        (void)BIO_write(SSL_get_rbio(h->ssl), chunk, (int)n);
    }
    return err_set(err, ERR_LIMIT, "the TLS handshake is longer than %zu bytes",
                   HANDSHAKE_BYTES_MAX);
}

static struct value chain_value(struct arena *a, SSL *ssl)
{
    const STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
    struct value_builder list;
    value_builder_init(&list, a);
    for (int i = 0; i < sk_X509_num(chain) && i < CHAIN_MAX; i++) {
        BIO *b CLEANUP(bio_cleanup) = BIO_new(BIO_s_mem());
        char *text = NULL;
        if (!b || PEM_write_bio_X509(b, sk_X509_value(chain, i)) != 1)
            continue;
        long n = BIO_get_mem_data(b, &text);
        value_builder_push(&list, value_str(str_dup(a, str_of(text, n > 0 ? (size_t)n : 0))));
    }
    return value_builder_list(&list);
}

static void add_version(struct probing *p, const char *version, struct value offered,
                        const char *answer)
{
    struct value_builder b;
    value_builder_init(&b, p->arena);
    value_builder_set(&b, "version", value_cstr(version));
    value_builder_set(&b, "offered", offered);
    value_builder_set(&b, "answer", value_str(str_dup(p->arena, str_from_c(answer))));
    value_builder_push(&p->versions, value_builder_map(&b));
}

static void add_suite(struct probing *p, const char *version, const char *name)
{
    struct value_builder b;
    value_builder_init(&b, p->arena);
    value_builder_set(&b, "version", value_cstr(version));
    value_builder_set(&b, "name", value_str(str_dup(p->arena, str_from_c(name))));
    value_builder_push(&p->suites, value_builder_map(&b));
}

/* A handshake takes the highest version that both have, and OpenSSL has 1.3. */
static void note_handshake(struct handshake *h)
{
    struct probing *p = h->probing;
    long fault = SSL_get_verify_result(h->ssl);
    bool newest = SSL_version(h->ssl) == TLS1_3_VERSION;
    value_builder_set(&p->doc, "chain", chain_value(p->arena, h->ssl));
    value_builder_set(&p->doc, "verifyFault",
                      value_cstr(fault == X509_V_OK ? "" : X509_verify_cert_error_string(fault)));
    value_builder_set(&p->doc, "clientCertificateAsked", value_bool(h->asked));
    value_builder_set(&p->doc, "clientCas", h->asked ? h->cas : value_list(NULL, 0));
    add_version(p, "TLS 1.3", value_bool(newest),
                newest ? "agreed on" : "a lower version was agreed on");
    if (newest)
        add_suite(p, "TLS 1.3", SSL_CIPHER_standard_name(SSL_get_current_cipher(h->ssl)));
}

static bool probe_whole(struct probing *p, struct err *err)
{
    struct handshake h = { .probing = p };
    bool ok = open_wire(p, err) && open_handshake(&h, err) && shake(&h, err);
    if (ok)
        note_handshake(&h);
    close_handshake(&h);
    p->wire->close(p->wire->ctx);
    return ok;
}

/* ---- what else it takes, by first words alone */

static bool say_hello(struct probing *p, uint16_t version, struct tls_answer *out, struct err *err)
{
    struct buf hello CLEANUP(buf_release) = BUF_INIT(4096),
                     got CLEANUP(buf_release) = BUF_INIT(HELLO_ANSWER_BYTES_MAX);
    struct tls_answer r = { .state = TLS_ANSWER_MORE };
    tls_hello_write(&hello, version, p->skip,
                    is_address(p->options->name) ? (struct str){ 0 } : p->options->name);
    bool ok = open_wire(p, err) && p->wire->send(p->wire->ctx, buf_str(&hello), err);
    while (ok && r.state == TLS_ANSWER_MORE) {
        char chunk[4096];
        size_t n = 0;
        ok = p->wire->receive(p->wire->ctx, chunk, sizeof chunk, &n, err);
        if (ok && n == 0)
            ok = err_set(err, ERR_TLS, "the server closed the connection without an alert");
        buf_add(&got, str_of(chunk, n));
        if (ok)
            r = tls_answer_read(buf_str(&got));
        if (ok && got.over)
            ok = err_set(err, ERR_TLS, "the server's first words are too long");
    }
    p->wire->close(p->wire->ctx);
    if (ok && r.state == TLS_ANSWER_OTHER)
        ok = err_set(err, ERR_TLS, "the server's answer is not TLS");
    if (ok && r.state == TLS_ANSWER_ALERT && !tls_alert_refuses(r.alert))
        ok = err_set(err, ERR_TLS, "the server answered with alert %u, which tells neither",
                     r.alert);
    *out = r;
    return ok;
}

static void probe_old_version(struct probing *p, uint16_t version, const char *name)
{
    struct err err = { 0 };
    struct tls_answer r;
    char text[40];
    if (!say_hello(p, version, &r, &err)) {
        add_version(p, name, value_null(), err.text);
    } else if (r.state == TLS_ANSWER_CHOSEN) {
        add_version(p, name, value_bool(r.version == version), "a ServerHello");
    } else {
        (void)snprintf(text, sizeof text, "refused with alert %u", r.alert);
        add_version(p, name, value_bool(false), text);
    }
}

/* A server takes one suite of what is offered: offered again without it, it takes the next, until
 * it refuses. */
static bool probe_suites(struct probing *p, bool *offered, struct err *err)
{
    for (size_t taken = 0; taken < tls_suite_count; taken++) {
        struct tls_answer r;
        size_t i = 0;
        if (!say_hello(p, TLS_1_2, &r, err))
            return false;
        if (r.state == TLS_ANSWER_ALERT || r.version != TLS_1_2)
            return true;
        while (i < tls_suite_count && (p->skip[i] || tls_suite[i].number != r.suite))
            i++;
        if (i == tls_suite_count)
            return err_set(err, ERR_TLS, "the server chose suite 0x%04x, which was not offered",
                           r.suite);
        *offered = true;
        p->skip[i] = true;
        add_suite(p, "TLS 1.2", tls_suite[i].name);
    }
    return true;
}

bool tls_probe(struct value *out, struct arena *a, const struct tls_wire *w,
               const struct tls_probe_options *o, struct err *err)
{
    struct probing p = {
        .arena = a, .wire = w, .options = o, .skip = arena_array(a, bool, tls_suite_count)
    };
    struct err fault = { 0 };
    bool offered = false;
    value_builder_init(&p.doc, a);
    value_builder_init(&p.versions, a);
    value_builder_init(&p.suites, a);
    if (!probe_whole(&p, err))
        return false;
    probe_old_version(&p, TLS_1_0, "TLS 1.0");
    probe_old_version(&p, TLS_1_1, "TLS 1.1");
    bool whole = probe_suites(&p, &offered, &fault);
    add_version(&p, "TLS 1.2",
                offered ? value_bool(true)
                : whole ? value_bool(false)
                        : value_null(),
                whole ? "asked to the end" : fault.text);
    value_builder_set(&p.doc, "versions", value_builder_list(&p.versions));
    value_builder_set(&p.doc, "suites", value_builder_list(&p.suites));
    value_builder_set(&p.doc, "suitesWhole", value_bool(whole));
    value_builder_set(&p.doc, "suitesFault", value_str(str_dup(a, str_from_c(fault.text))));
    value_builder_set(&p.doc, "connections", value_int(p.connections));
    *out = value_builder_map(&p.doc);
    return true;
}
