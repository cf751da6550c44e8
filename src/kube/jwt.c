/* When a bearer token ends, if it is a JSON Web Token (RFC 7519), as service account and OIDC
 * tokens are. */
#include "kube/jwt.h"

#include "base/enc.h"
#include "value/json_read.h"

#define CLAIMS_BYTES_MAX ((size_t)64 << 10)
#define CLAIMS_DEPTH     16
/* The year 9999: what clock_format_rfc3339 can write. */
#define END_MAX_S INT64_C(253402300799)

static bool decode_claims(struct buf *out, struct str payload)
{
    struct buf plain = BUF_INIT(2 * CLAIMS_BYTES_MAX);
    plain.secret = true;
    /* RFC 4648's alphabet for URLs in the standard one. */
    for (size_t i = 0; i < payload.n; i++)
        buf_add_char(&plain, payload.p[i] == '-' ? '+' : payload.p[i] == '_' ? '/' : payload.p[i]);
    bool ok = !plain.over && enc_base64_decode(out, buf_str(&plain), true) && !out->over;
    buf_release(&plain);
    return ok;
}

bool jwt_end(struct str token, struct instant *out)
{
    struct str head, rest, payload, signature;
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct json_limits limits = { .depth = CLAIMS_DEPTH, .bytes = CLAIMS_BYTES_MAX };
    struct err ignored = { 0 };
    struct value claims;
    if (!str_cut(token, '.', &head, &rest) || !str_cut(rest, '.', &payload, &signature))
        return false;
    struct buf text = BUF_INIT(CLAIMS_BYTES_MAX);
    text.secret = true;
    bool ok = decode_claims(&text, payload) &&
              json_read(&claims, &scratch, buf_str(&text), &limits, NULL, 0, &ignored);
    int64_t end = ok ? value_int_at(claims, -1, "exp", NULL) : -1;
    buf_release(&text);
    if (end < 0 || end > END_MAX_S)
        return false;
    *out = (struct instant){ .s = end };
    return true;
}
