/* What a CertificateSigningRequest asks for: the names inside its request. */
#include "analyze/facts_state.h"
#include "base/buf.h"
#include "base/enc.h"
#include "kube/csr.h"

#define REQUEST_BYTES_MAX ((size_t)1 << 20)

static bool read_request(struct csr_subject *out, struct arena *a, struct value object,
                         struct err *err)
{
    struct buf pem CLEANUP(buf_release) = BUF_INIT(REQUEST_BYTES_MAX);
    struct str text = value_text_at(object, "spec", "request", NULL);
    if (!text.n)
        return err_set(err, ERR_INPUT, "it has none");
    if (!enc_base64_decode(&pem, text, false) || pem.over)
        return err_set(err, ERR_INPUT, "it is no base64 text");
    return csr_read_subject(out, a, buf_str(&pem), err);
}

struct value facts_csr_derived(struct value object, struct arena *scratch)
{
    struct csr_subject subject;
    struct err err = { 0 };
    struct value_builder b, organizations;
    value_builder_init(&b, scratch);
    if (!read_request(&subject, scratch, object, &err)) {
        struct value unread = facts_unavailable_for(scratch, CAUSE_MALFORMED,
                                                    "spec.request could not be read: %s", err.text);
        value_builder_set(&b, "commonName", unread);
        value_builder_set(&b, "organizations", unread);
        return value_builder_map(&b);
    }
    value_builder_init(&organizations, scratch);
    for (size_t i = 0; i < subject.organization_count; i++)
        value_builder_push(&organizations, value_str(subject.organization[i]));
    value_builder_set(&b, "commonName", value_str(subject.common_name));
    value_builder_set(&b, "organizations", value_builder_list(&organizations));
    return value_builder_map(&b);
}
