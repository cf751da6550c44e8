/* Any bytes as a client certificate and a key: in a kubeconfig from a stranger, or what a plugin printed. The part before
 * the first NUL is the certificate, the rest the key. */
#include "base/buf.h"
#include "kube/client_pair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = { 0 };
    struct str input = str_of((const char *)data, size);
    size_t at = str_find_char(input, '\0', 0);
    struct str cert = at == SIZE_MAX ? input : str_sub(input, 0, at), key = at == SIZE_MAX ? input : str_sub(input, at + 1, size);
    if (!client_pair_check(cert, key, "the certificate", "the key", &err))
        INVARIANT(err.code == ERR_INPUT && str_is_utf8(str_from_c(err.text)));
    return 0;
}
