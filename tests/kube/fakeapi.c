/* A scripted API server for tests: TLS on 127.0.0.1, a thread per connection, answers from a table of rows or from a function. */
#include "kube/fakeapi.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#define CONNECTION_COUNT_MAX 512
#define ROW_COUNT_MAX        256
#define READ_POLL_MS         50

struct slot {
    pthread_t thread;
    struct fake_connection connection;
    struct fake_api *api;
};
struct fake_api {
    struct fake_options options;
    int listen_fd;
    uint16_t port;
    SSL_CTX *ctx;
    pthread_t thread;
    atomic_bool ended;
    pthread_mutex_t lock; /* of what follows */
    struct slot slot[CONNECTION_COUNT_MAX];
    size_t slot_count;
    unsigned used[ROW_COUNT_MAX];
    char **request;
    size_t request_count;
};

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "fakeapi: %s failed\n", what);
    abort();
}

/* ---- bytes ---- */

int fake_read(struct fake_connection *c, void *out, size_t n)
{
    while (!*c->ended) {
        if (!c->ssl || !SSL_pending(c->ssl)) {
            struct pollfd p = { .fd = c->fd, .events = POLLIN };
            if (poll(&p, 1, READ_POLL_MS) == 0)
                continue;
        }
        int got = c->ssl ? SSL_read(c->ssl, out, (int)n) : (int)recv(c->fd, out, n, 0);
        if (got > 0)
            return got;
        if (!c->ssl || SSL_get_error(c->ssl, got) != SSL_ERROR_WANT_READ)
            return -1;
    }
    return -1;
}

bool fake_write(struct fake_connection *c, const void *bytes, size_t n)
{
    const char *p = bytes;
    while (n > 0) {
        size_t part = n < 16384 ? n : 16384;
        int put = c->ssl ? SSL_write(c->ssl, p, (int)part) : (int)send(c->fd, p, part, MSG_NOSIGNAL);
        if (put <= 0 || *c->ended)
            return false;
        p += put;
        n -= (size_t)put;
    }
    return true;
}

void fake_sleep_ms(struct fake_connection *c, unsigned ms)
{
    for (; ms > 0 && !*c->ended; ms -= ms < 20 ? ms : 20)
        usleep((ms < 20 ? ms : 20) * 1000);
}

void fake_reset_on_close(struct fake_connection *c)
{
    struct linger l = { .l_onoff = 1 };
    (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
}

char *fake_gzip(const char *bytes, size_t n, size_t *out_n)
{
    z_stream z = { 0 };
    must(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflateInit2");
    size_t cap = deflateBound(&z, (uLong)n) + 64;
    char *out = malloc(cap);
    must(out != NULL, "malloc");
    char *copy = malloc(n + 1);
    must(copy != NULL, "malloc");
    memcpy(copy, bytes, n);
    z.next_in = (Bytef *)copy;
    z.avail_in = (uInt)n;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)cap;
    must(deflate(&z, Z_FINISH) == Z_STREAM_END, "deflate");
    *out_n = z.total_out;
    deflateEnd(&z);
    free(copy);
    return out;
}

bool fake_wants_compression(struct fake_api *f)
{
    return f->options.compress;
}

/* ---- answers ---- */

static bool path_matches(const char *pattern, const char *path)
{
    size_t n = strlen(pattern);
    if (n > 0 && pattern[n - 1] == '*')
        return strncmp(pattern, path, n - 1) == 0;
    return strcmp(pattern, path) == 0;
}

static bool row_matches(const struct fake_answer *row, const struct fake_request *r)
{
    return strcmp(row->method ? row->method : "GET", r->method) == 0 && path_matches(row->path, r->path) &&
           (!row->want_header || strcasestr(r->header, row->want_header));
}

static void record(struct fake_api *f, const struct fake_request *r)
{
    char *text = NULL;
    must(asprintf(&text, "%s %s\n%s\n\n%s", r->method, r->path, r->header, r->body) >= 0, "asprintf");
    f->request = realloc(f->request, (f->request_count + 1) * sizeof *f->request);
    must(f->request != NULL, "realloc");
    f->request[f->request_count++] = text;
}

struct fake_answer fake_answer_for(struct fake_api *f, const struct fake_request *r)
{
    static const struct fake_answer none = {
        .status = 404,
        .body = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"the server could not find the "
                "requested resource\",\"reason\":\"NotFound\",\"code\":404}",
    };
    struct fake_answer out = { 0 };
    pthread_mutex_lock(&f->lock);
    record(f, r);
    const struct fake_answer *row = f->options.script, *found = NULL;
    for (size_t i = 0; row && row[i].path && !found; i++) {
        must(i < ROW_COUNT_MAX, "a script of this length");
        if (!row_matches(&row[i], r) || (row[i].times && f->used[i] >= row[i].times))
            continue;
        f->used[i]++;
        found = &row[i];
    }
    pthread_mutex_unlock(&f->lock);
    if (f->options.answer && f->options.answer(f->options.ctx, r, &out))
        return out;
    return found ? *found : none;
}

/* ---- connections ---- */

static bool handshake(struct fake_api *f, struct fake_connection *c)
{
    struct timeval limit = { .tv_sec = 10 };
    (void)setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    c->ssl = SSL_new(f->ctx);
    must(c->ssl && SSL_set_fd(c->ssl, c->fd) == 1, "SSL_new");
    if (SSL_accept(c->ssl) == 1)
        return true;
    /* A close with unread bytes is a reset, which can overtake the alert. */
    char rest[4096];
    (void)shutdown(c->fd, SHUT_WR);
    for (struct pollfd p = { .fd = c->fd, .events = POLLIN }; poll(&p, 1, 500) > 0 && recv(c->fd, rest, sizeof rest, 0) > 0;)
        ;
    return false;
}

/* A TLS client has come to a plain server: what net/http answers it. */
static bool speaks_tls(struct fake_connection *c)
{
    char first = 0;
    return recv(c->fd, &first, 1, MSG_PEEK) == 1 && first == 0x16;
}

static void *serve(void *arg)
{
    struct slot *s = arg;
    struct fake_api *f = s->api;
    struct fake_connection c = s->connection;
    const unsigned char *protocol = NULL;
    unsigned protocol_bytes = 0;
    if (!f->ctx && speaks_tls(&c)) {
        static const char answer[] = "HTTP/1.0 400 Bad Request\r\n\r\n";
        (void)fake_write(&c, answer, sizeof answer - 1);
    } else if (!f->ctx || handshake(f, &c)) {
        if (c.ssl)
            SSL_get0_alpn_selected(c.ssl, &protocol, &protocol_bytes);
        if (protocol_bytes == 2 && memcmp(protocol, "h2", 2) == 0)
            fake_http2_serve(&c);
        else
            fake_http1_serve(&c);
    }
    if (c.ssl) {
        /* No close_notify after a fault: fake_reset_on_close has set the linger. */
        struct linger l = { 0 };
        socklen_t n = sizeof l;
        (void)getsockopt(c.fd, SOL_SOCKET, SO_LINGER, &l, &n);
        if (!l.l_onoff)
            (void)SSL_shutdown(c.ssl);
        SSL_free(c.ssl);
    }
    ERR_clear_error();
    pthread_mutex_lock(&f->lock);
    close(c.fd);
    s->connection.fd = -1;
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct fake_api *f = arg;
    while (!f->ended) {
        struct pollfd p = { .fd = f->listen_fd, .events = POLLIN };
        if (poll(&p, 1, READ_POLL_MS) <= 0)
            continue;
        int fd = accept(f->listen_fd, NULL, NULL);
        if (fd < 0)
            continue;
        pthread_mutex_lock(&f->lock);
        must(f->slot_count < CONNECTION_COUNT_MAX, "one more connection");
        struct slot *s = &f->slot[f->slot_count++];
        s->api = f;
        s->connection = (struct fake_connection){ .api = f, .fd = fd, .ended = &f->ended };
        must(pthread_create(&s->thread, NULL, serve, s) == 0, "pthread_create");
        pthread_mutex_unlock(&f->lock);
    }
    return NULL;
}

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_n, const unsigned char *in, unsigned in_n, void *arg)
{
    static const unsigned char both[] = "\2h2\10http/1.1", one[] = "\10http/1.1";
    const struct fake_api *f = arg;
    unsigned char *chosen = NULL;
    (void)ssl;
    const unsigned char *ours = f->options.http2 ? both : one;
    unsigned ours_n = f->options.http2 ? sizeof both - 1 : sizeof one - 1;
    if (SSL_select_next_proto(&chosen, out_n, ours, ours_n, in, in_n) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static void load_tls(struct fake_api *f)
{
    const struct fake_options *o = &f->options;
    BIO *cert = BIO_new_mem_buf(o->cert->cert, -1), *key = BIO_new_mem_buf(o->cert->key, -1);
    X509 *x = PEM_read_bio_X509(cert, NULL, NULL, NULL);
    EVP_PKEY *k = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
    f->ctx = SSL_CTX_new(TLS_server_method());
    must(f->ctx && x && k && SSL_CTX_use_certificate(f->ctx, x) == 1 && SSL_CTX_use_PrivateKey(f->ctx, k) == 1,
         "loading the server's certificate");
    X509_free(x);
    EVP_PKEY_free(k);
    BIO_free(cert);
    BIO_free(key);
    SSL_CTX_set_alpn_select_cb(f->ctx, choose_protocol, f);
    if (o->tls != FAKE_TLS_WANTS_CLIENT)
        return;
    BIO *ca = BIO_new_mem_buf(o->client_ca, -1);
    X509 *root = PEM_read_bio_X509(ca, NULL, NULL, NULL);
    must(root && X509_STORE_add_cert(SSL_CTX_get_cert_store(f->ctx), root) == 1, "loading the client CA");
    SSL_CTX_set_verify(f->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    X509_free(root);
    BIO_free(ca);
}

struct fake_api *fake_api_open(const struct fake_options *o)
{
    struct fake_api *f = calloc(1, sizeof *f);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    must(f != NULL, "calloc");
    (void)signal(SIGPIPE, SIG_IGN);
    f->options = *o;
    pthread_mutex_init(&f->lock, NULL);
    if (o->tls != FAKE_PLAIN)
        load_tls(f);
    f->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(f->listen_fd >= 0 && bind(f->listen_fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(f->listen_fd, 64) == 0 &&
             getsockname(f->listen_fd, (struct sockaddr *)&at, &n) == 0,
         "listening on 127.0.0.1");
    f->port = ntohs(at.sin_port);
    must(pthread_create(&f->thread, NULL, accept_all, f) == 0, "pthread_create");
    return f;
}

uint16_t fake_api_port(const struct fake_api *f)
{
    return f->port;
}

size_t fake_api_request_count(struct fake_api *f)
{
    pthread_mutex_lock(&f->lock);
    size_t n = f->request_count;
    pthread_mutex_unlock(&f->lock);
    return n;
}

size_t fake_api_connection_count(struct fake_api *f)
{
    pthread_mutex_lock(&f->lock);
    size_t n = f->slot_count;
    pthread_mutex_unlock(&f->lock);
    return n;
}

char *fake_api_request(struct fake_api *f, size_t i)
{
    pthread_mutex_lock(&f->lock);
    char *copy = strdup(i < f->request_count ? f->request[i] : "");
    pthread_mutex_unlock(&f->lock);
    must(copy != NULL, "strdup");
    return copy;
}

void fake_api_kill(struct fake_api *f)
{
    if (f->listen_fd < 0)
        return;
    f->ended = true;
    pthread_join(f->thread, NULL);
    close(f->listen_fd);
    f->listen_fd = -1;
    pthread_mutex_lock(&f->lock);
    for (size_t i = 0; i < f->slot_count; i++) {
        if (f->slot[i].connection.fd < 0)
            continue;
        fake_reset_on_close(&f->slot[i].connection);
        (void)shutdown(f->slot[i].connection.fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&f->lock);
    for (size_t i = 0; i < f->slot_count; i++)
        pthread_join(f->slot[i].thread, NULL);
}

void fake_api_close(struct fake_api *f)
{
    fake_api_kill(f);
    for (size_t i = 0; i < f->request_count; i++)
        free(f->request[i]);
    free(f->request);
    SSL_CTX_free(f->ctx);
    pthread_mutex_destroy(&f->lock);
    free(f);
}
