/* The first words of TLS, up to 1.2: a ClientHello that offers what we choose, and what the server
 * answers. */
#include "tls/hello.h"

#include "base/enc.h"

#define RECORD_HEAD         5u
#define RECORD_ALERT        21u
#define RECORD_HANDSHAKE    22u
#define HANDSHAKE_HEAD      4u
#define CLIENT_HELLO        1u
#define SERVER_HELLO        2u
#define ALERT_LEVEL_WARNING 1u
#define SIGNALLING_SUITE    0x00ffu /* renegotiation_info */
#define HELLO_BYTES_MAX     2048u

const struct tls_suite tls_suite[] = {
#define SUITE(number, name) { number, name },
#include "tls/suite.def"
#undef SUITE
};
const size_t tls_suite_count = sizeof tls_suite / sizeof *tls_suite;

/* ---- writing */

static void add_u8(struct buf *b, unsigned n)
{
    buf_add_char(b, (char)(unsigned char)n);
}
static void add_u16(struct buf *b, size_t n)
{
    add_u8(b, (unsigned)(n >> 8 & 0xff));
    add_u8(b, (unsigned)(n & 0xff));
}
static void add_u16_list(struct buf *b, const uint16_t *item, size_t count)
{
    add_u16(b, 2 * count);
    for (size_t i = 0; i < count; i++)
        add_u16(b, item[i]);
}

static void add_server_name(struct buf *b, struct str name)
{
    if (!name.n)
        return;
    add_u16(b, 0); /* server_name */
    add_u16(b, name.n + 5);
    add_u16(b, name.n + 3);
    add_u8(b, 0); /* host_name */
    add_u16(b, name.n);
    buf_add(b, name);
}

static void add_extensions(struct buf *b, uint16_t version, struct str name)
{
    /* x25519, P-256, P-384, P-521 */
    static const uint16_t group[] = { 0x001d, 0x0017, 0x0018, 0x0019 };
    static const uint16_t signature[] = { 0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806,
                                          0x0401, 0x0501, 0x0601, 0x0203, 0x0201, 0x0807 };
    const size_t groups = sizeof group / sizeof *group,
                 signatures = sizeof signature / sizeof *signature;
    add_server_name(b, name);
    add_u16(b, 10); /* supported_groups */
    add_u16(b, 2 * groups + 2);
    add_u16_list(b, group, groups);
    add_u16(b, 11); /* ec_point_formats: uncompressed */
    add_u16(b, 2);
    add_u8(b, 1);
    add_u8(b, 0);
    if (version < TLS_1_2)
        return;
    add_u16(b, 13); /* signature_algorithms */
    add_u16(b, 2 * signatures + 2);
    add_u16_list(b, signature, signatures);
}

void tls_hello_write(struct buf *out, uint16_t version, const bool *skip, struct str name)
{
    struct buf body CLEANUP(buf_release) = BUF_INIT(HELLO_BYTES_MAX),
                    extensions CLEANUP(buf_release) = BUF_INIT(HELLO_BYTES_MAX);
    uint8_t random[32];
    size_t suites = 1;
    for (size_t i = 0; i < tls_suite_count; i++)
        suites += !skip[i];
    enc_random(random, sizeof random);
    add_u16(&body, version);
    buf_add(&body, str_of((const char *)random, sizeof random));
    add_u8(&body, 0); /* no session */
    add_u16(&body, 2 * suites);
    for (size_t i = 0; i < tls_suite_count; i++)
        if (!skip[i])
            add_u16(&body, tls_suite[i].number);
    add_u16(&body, SIGNALLING_SUITE);
    add_u8(&body, 1); /* no compression */
    add_u8(&body, 0);
    add_extensions(&extensions, version, str_sub(name, 0, 255));
    add_u16(&body, extensions.n);
    buf_add(&body, buf_str(&extensions));
    add_u8(out, RECORD_HANDSHAKE);
    add_u16(out, TLS_1_0);
    add_u16(out, body.n + HANDSHAKE_HEAD);
    add_u8(out, CLIENT_HELLO);
    add_u8(out, 0);
    add_u16(out, body.n);
    buf_add(out, buf_str(&body));
}

/* ---- reading */

static unsigned u8_at(struct str s, size_t at)
{
    return (unsigned char)s.p[at];
}
static uint16_t u16_at(struct str s, size_t at)
{
    return (uint16_t)(u8_at(s, at) << 8 | u8_at(s, at + 1));
}

/* version(2) random(32) session(1 + n) suite(2), behind type(1) and length(3). */
static struct tls_answer read_server_hello(struct str s)
{
    struct tls_answer r = { .state = TLS_ANSWER_MORE };
    const size_t session_at = HANDSHAKE_HEAD + 34;
    if (s.n > 0 && u8_at(s, 0) != SERVER_HELLO)
        r.state = TLS_ANSWER_OTHER;
    if (s.n <= session_at || r.state == TLS_ANSWER_OTHER)
        return r;
    size_t suite_at = session_at + 1 + u8_at(s, session_at);
    size_t length = (size_t)u8_at(s, 1) << 16 | u16_at(s, 2);
    if (suite_at + 2 > HANDSHAKE_HEAD + length)
        r.state = TLS_ANSWER_OTHER;
    if (s.n < suite_at + 2 || r.state == TLS_ANSWER_OTHER)
        return r;
    return (struct tls_answer){ .state = TLS_ANSWER_CHOSEN,
                                .version = u16_at(s, HANDSHAKE_HEAD),
                                .suite = u16_at(s, suite_at) };
}

struct tls_answer tls_answer_read(struct str bytes)
{
    struct buf hello CLEANUP(buf_release) = BUF_INIT(HELLO_BYTES_MAX);
    while (bytes.n >= RECORD_HEAD) {
        unsigned type = u8_at(bytes, 0);
        size_t length = u16_at(bytes, 3);
        if ((type != RECORD_HANDSHAKE && type != RECORD_ALERT) || u8_at(bytes, 1) != 3 ||
            length == 0 || length > ((size_t)1 << 14) + 2048)
            return (struct tls_answer){ .state = TLS_ANSWER_OTHER };
        struct str fragment = str_sub(bytes, RECORD_HEAD, RECORD_HEAD + length);
        if (type == RECORD_ALERT) {
            if (fragment.n < 2)
                break;
            if (u8_at(fragment, 0) != ALERT_LEVEL_WARNING)
                return (struct tls_answer){ .state = TLS_ANSWER_ALERT,
                                            .alert = (uint8_t)u8_at(fragment, 1) };
        } else {
            buf_add(&hello, str_sub(fragment, 0, HELLO_BYTES_MAX - 1 - hello.n));
            struct tls_answer r = read_server_hello(buf_str(&hello));
            if (r.state != TLS_ANSWER_MORE || hello.n >= HELLO_BYTES_MAX - 1)
                return r;
        }
        if (fragment.n < length)
            break;
        bytes = str_sub(bytes, RECORD_HEAD + length, bytes.n);
    }
    bool begun = !bytes.n || u8_at(bytes, 0) == RECORD_HANDSHAKE || u8_at(bytes, 0) == RECORD_ALERT;
    return (struct tls_answer){ .state = begun ? TLS_ANSWER_MORE : TLS_ANSWER_OTHER };
}

bool tls_alert_refuses(uint8_t alert)
{
    return alert == 40 || alert == 70 || alert == 71;
}
