/* Time-stamps by OpenSSL's TS. */
#include "evidence/timestamp.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>

static TS_REQ *request_of(struct str message)
{
    uint8_t digest[SHA256_BYTES];
    TS_REQ *r = TS_REQ_new();
    TS_MSG_IMPRINT *m = TS_MSG_IMPRINT_new();
    X509_ALGOR *algor = X509_ALGOR_new();
    sha256_of(message, digest);
    bool ok = r && m && algor &&
              X509_ALGOR_set0(algor, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1 &&
              TS_MSG_IMPRINT_set_algo(m, algor) == 1 &&
              TS_MSG_IMPRINT_set_msg(m, digest, SHA256_BYTES) == 1 &&
              TS_REQ_set_version(r, 1) == 1 && TS_REQ_set_msg_imprint(r, m) == 1 &&
              TS_REQ_set_cert_req(r, 1) == 1;
    X509_ALGOR_free(algor);
    TS_MSG_IMPRINT_free(m);
    if (ok)
        return r;
    TS_REQ_free(r);
    return NULL;
}

bool timestamp_request(struct buf *out, struct str message, struct err *err)
{
    TS_REQ *r = request_of(message);
    unsigned char *der = NULL;
    int n = r ? i2d_TS_REQ(r, &der) : 0;
    TS_REQ_free(r);
    if (n <= 0)
        return err_set(err, ERR_INTERNAL, "OpenSSL could not make a request for a time-stamp");
    buf_add(out, str_of((const char *)der, (size_t)n));
    OPENSSL_free(der);
    return true;
}

static time_t time_of(TS_RESP *response)
{
    TS_TST_INFO *info = TS_RESP_get_tst_info(response);
    struct tm tm;
    return info && ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &tm) == 1
               ? (time_t)clock_seconds((struct civil){ .year = tm.tm_year + 1900,
                                                       .month = tm.tm_mon + 1,
                                                       .day = tm.tm_mday,
                                                       .hour = tm.tm_hour,
                                                       .minute = tm.tm_min,
                                                       .second = tm.tm_sec })
               : -1;
}

/* Certificates are looked at as of the time that was stamped: one that ended since was good then.
 */
static X509_STORE *store_of(struct arena *a, struct str ca_file, time_t at, struct err *err)
{
    X509_STORE *store = X509_STORE_new();
    if (!store || X509_STORE_load_file(store, str_to_c(a, ca_file)) != 1) {
        X509_STORE_free(store);
        (void)err_set(err, ERR_INPUT, "\"%.*s\" holds no certificates in PEM (--tsa-ca)",
                      STR_ARG(ca_file));
        return NULL;
    }
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), at);
    return store;
}

static int check_with(TS_RESP *response, struct str message, X509_STORE *store)
{
    TS_VERIFY_CTX *ctx = TS_VERIFY_CTX_new();
    BIO *data = BIO_new_mem_buf(message.p, (int)message.n);
    if (!ctx || !data) {
        BIO_free(data);
        TS_VERIFY_CTX_free(ctx);
        return 0;
    }
    (void)TS_VERIFY_CTX_set_flags(ctx,
                                  TS_VFY_VERSION | TS_VFY_DATA | (store ? TS_VFY_SIGNATURE : 0));
    (void)TS_VERIFY_CTX_set_data(ctx, data);
    (void)TS_VERIFY_CTX_set_store(ctx, store);
    int good = TS_RESP_verify_response(ctx, response);
    TS_VERIFY_CTX_free(ctx); /* with data and store */
    return good;
}

static void tell_fault(struct verify *v)
{
    unsigned long code = ERR_peek_error();
    const char *reason = ERR_reason_error_string(code);
    bool other =
        ERR_GET_LIB(code) == ERR_LIB_TS && ERR_GET_REASON(code) == TS_R_MESSAGE_IMPRINT_MISMATCH;
    if (other)
        verify_tell(v, FAULT_ALTERED, "the time-stamp is of another statement than the bundle's");
    else
        verify_tell(v, FAULT_OTHER_SIGNER,
                    "the time-stamp does not hold by the authorities given: %s",
                    reason ? reason : "OpenSSL names no reason");
}

bool timestamp_check(struct str *when, struct verify *v, struct str message, struct str response,
                     struct str ca_file, struct err *err)
{
    const unsigned char *at = (const unsigned char *)response.p;
    TS_RESP *r = d2i_TS_RESP(NULL, &at, (long)response.n);
    X509_STORE *store = NULL;
    time_t stamped = r ? time_of(r) : -1;
    bool ok = r && stamped != -1;
    if (!ok)
        (void)err_set(err, ERR_INPUT,
                      "that is no response of a time-stamping authority with a time-stamp in it "
                      "(--tsa-response)");
    if (ok && ca_file.n) {
        store = store_of(v->arena, ca_file, stamped, err);
        ok = store != NULL;
    }
    ERR_clear_error();
    if (ok && check_with(r, message, store) == 1)
        *when = clock_format_rfc3339(v->arena, (struct instant){ stamped, 0 });
    else if (ok)
        tell_fault(v);
    if (ok && !ca_file.n)
        verify_tell(v, FAULT_UNCHECKED,
                    "who made the time-stamp was not checked: give the authority's root "
                    "certificate (--tsa-ca)");
    TS_RESP_free(r);
    ERR_clear_error();
    return ok;
}
