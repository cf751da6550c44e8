/* Any bytes as a server's first words: every cut of them is read without harm, and once they told something more of them tell the same. */
#include "tls/hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = str_of((const char *)data, size);
    struct tls_answer told = { .state = TLS_ANSWER_MORE };
    for (size_t n = 0; n <= size && n < 4096; n++) {
        struct tls_answer r = tls_answer_read(str_sub(bytes, 0, n));
        INVARIANT(told.state == TLS_ANSWER_MORE || (r.state == told.state && r.suite == told.suite && r.alert == told.alert));
        told = r;
    }
    return 0;
}
