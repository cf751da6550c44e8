/* Any bytes as a certificate signing request, in PEM and as the DER inside it. */
#include "base/buf.h"
#include "base/enc.h"
#include "kube/csr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_one(struct arena *a, struct str pem)
{
    struct csr_subject s;
    struct err err = { 0 };
    if (!csr_read_subject(&s, a, pem, &err)) {
        INVARIANT(err.text[0] != '\0');
        return;
    }
    INVARIANT(s.organization_count <= CSR_ORGANIZATIONS_MAX);
    for (size_t i = 0; i < s.organization_count; i++)
        INVARIANT(str_is_utf8(s.organization[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct buf pem = BUF_INIT((size_t)4 << 20);
    struct str input = str_of((const char *)data, size);
    read_one(&a, input);
    buf_add_c(&pem, "-----BEGIN CERTIFICATE REQUEST-----\n");
    enc_base64(&pem, input);
    buf_add_c(&pem, "\n-----END CERTIFICATE REQUEST-----\n");
    read_one(&a, buf_str(&pem));
    buf_release(&pem);
    arena_release(&a);
    return 0;
}
