/* A proxy for tests on 127.0.0.1: HTTP CONNECT and SOCKS5 on one port. */
#include "kube/fakeproxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAY_COUNT_MAX  64
#define HEAD_BYTES_MAX 8192
#define POLL_MS        50

struct way {
    pthread_t thread;
    struct fake_proxy *proxy;
    int fd;
};
struct fake_proxy {
    int listen_fd, refuse;
    uint16_t port, to_port;
    pthread_t thread;
    atomic_bool ended;
    struct way way[WAY_COUNT_MAX];
    size_t way_count; /* the accepting thread's until it is joined */
    pthread_mutex_t lock;
    char asked[HEAD_BYTES_MAX];
};

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "fakeproxy: %s failed\n", what);
    abort();
}

static bool read_some(struct fake_proxy *p, int fd, char *out, size_t n, size_t *got)
{
    while (!p->ended) {
        struct pollfd f = { .fd = fd, .events = POLLIN };
        if (poll(&f, 1, POLL_MS) == 0)
            continue;
        ssize_t k = recv(fd, out, n, 0);
        if (k <= 0)
            return false;
        *got = (size_t)k;
        return true;
    }
    return false;
}

static bool read_exactly(struct fake_proxy *p, int fd, char *out, size_t n)
{
    size_t got;
    for (; n > 0; out += got, n -= got)
        if (!read_some(p, fd, out, n, &got))
            return false;
    return true;
}

static bool send_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t k = send(fd, bytes, n, MSG_NOSIGNAL);
        if (k <= 0)
            return false;
        bytes += k;
        n -= (size_t)k;
    }
    return true;
}

static void note_asked(struct fake_proxy *p, const char *text)
{
    pthread_mutex_lock(&p->lock);
    (void)snprintf(p->asked, sizeof p->asked, "%s", text);
    pthread_mutex_unlock(&p->lock);
}

static bool greet_http(struct fake_proxy *p, int fd)
{
    char head[HEAD_BYTES_MAX], answer[128];
    size_t have = 0, got;
    do {
        if (have + 1 >= sizeof head || !read_some(p, fd, head + have, sizeof head - 1 - have, &got))
            return false;
        have += got;
        head[have] = '\0';
    } while (!strstr(head, "\r\n\r\n"));
    note_asked(p, head);
    int n = snprintf(answer, sizeof answer, "HTTP/1.1 %d Answer\r\n%s\r\n", p->refuse ? p->refuse : 200,
                     p->refuse ? "Content-Length: 0\r\n" : "");
    return send_all(fd, answer, (size_t)n) && !p->refuse;
}

/* RFC 1928: no authentication, CONNECT, a domain name. */
static bool greet_socks(struct fake_proxy *p, int fd)
{
    char in[300], text[400], answer[10] = { 5, 0, 0, 1 };
    if (!read_exactly(p, fd, in, 2) || !read_exactly(p, fd, in + 2, (size_t)(unsigned char)in[1]) || !send_all(fd, "\5\0", 2) ||
        !read_exactly(p, fd, in, 4))
        return false;
    if (in[3] != 3) {
        note_asked(p, "SOCKS5 by address");
        return false;
    }
    char n_byte;
    if (!read_exactly(p, fd, &n_byte, 1))
        return false;
    size_t n = (unsigned char)n_byte;
    if (!read_exactly(p, fd, in, n + 2))
        return false;
    (void)snprintf(text, sizeof text, "SOCKS5 %.*s:%d", (int)n, in, (unsigned char)in[n] << 8 | (unsigned char)in[n + 1]);
    note_asked(p, text);
    return send_all(fd, answer, sizeof answer);
}

static void pump(struct fake_proxy *p, int a, int b)
{
    char bytes[16384];
    while (!p->ended) {
        struct pollfd f[2] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };
        if (poll(f, 2, POLL_MS) <= 0)
            continue;
        for (int i = 0; i < 2; i++) {
            if (!f[i].revents)
                continue;
            ssize_t n = recv(f[i].fd, bytes, sizeof bytes, 0);
            if (n <= 0 || !send_all(i ? a : b, bytes, (size_t)n))
                return;
        }
    }
}

static void *serve(void *arg)
{
    struct way *w = arg;
    struct fake_proxy *p = w->proxy;
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(p->to_port) };
    char first;
    int to = -1;
    if (recv(w->fd, &first, 1, MSG_PEEK) == 1 && (first == 5 ? greet_socks(p, w->fd) : greet_http(p, w->fd))) {
        to = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (to >= 0 && connect(to, (struct sockaddr *)&at, sizeof at) == 0)
            pump(p, w->fd, to);
    }
    if (to >= 0)
        close(to);
    close(w->fd);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct fake_proxy *p = arg;
    while (!p->ended) {
        struct pollfd f = { .fd = p->listen_fd, .events = POLLIN };
        if (poll(&f, 1, POLL_MS) <= 0)
            continue;
        int fd = accept(p->listen_fd, NULL, NULL);
        if (fd < 0)
            continue;
        must(p->way_count < WAY_COUNT_MAX, "one more connection");
        struct way *w = &p->way[p->way_count++];
        *w = (struct way){ .proxy = p, .fd = fd };
        must(pthread_create(&w->thread, NULL, serve, w) == 0, "pthread_create");
    }
    return NULL;
}

struct fake_proxy *fake_proxy_open(uint16_t to_port, int refuse)
{
    struct fake_proxy *p = calloc(1, sizeof *p);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    must(p != NULL, "calloc");
    p->to_port = to_port;
    p->refuse = refuse;
    pthread_mutex_init(&p->lock, NULL);
    p->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(p->listen_fd >= 0 && bind(p->listen_fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(p->listen_fd, 16) == 0 &&
             getsockname(p->listen_fd, (struct sockaddr *)&at, &n) == 0,
         "listening on 127.0.0.1");
    p->port = ntohs(at.sin_port);
    must(pthread_create(&p->thread, NULL, accept_all, p) == 0, "pthread_create");
    return p;
}

uint16_t fake_proxy_port(const struct fake_proxy *p)
{
    return p->port;
}

char *fake_proxy_asked(struct fake_proxy *p)
{
    pthread_mutex_lock(&p->lock);
    char *copy = strdup(p->asked);
    pthread_mutex_unlock(&p->lock);
    must(copy != NULL, "strdup");
    return copy;
}

void fake_proxy_close(struct fake_proxy *p)
{
    p->ended = true;
    pthread_join(p->thread, NULL);
    close(p->listen_fd);
    for (size_t i = 0; i < p->way_count; i++)
        pthread_join(p->way[i].thread, NULL);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
