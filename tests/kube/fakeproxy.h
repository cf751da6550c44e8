/* A proxy for tests on 127.0.0.1: HTTP CONNECT and SOCKS5 on one port. Whatever name is asked for, the way
 * goes to the port it was opened with, so that names need not resolve. */
#ifndef KUBEVOUCH_TESTS_KUBE_FAKEPROXY_H
#define KUBEVOUCH_TESTS_KUBE_FAKEPROXY_H

#include <stdint.h>

struct fake_proxy;
/* refuse: an HTTP status to answer CONNECT with instead; 0: open the way. */
struct fake_proxy *fake_proxy_open(uint16_t to_port, int refuse);
uint16_t fake_proxy_port(const struct fake_proxy *p);
/* The head of the newest CONNECT request, or "SOCKS5 name:port"; to be freed. */
char *fake_proxy_asked(struct fake_proxy *p);
void fake_proxy_close(struct fake_proxy *p);

#endif
