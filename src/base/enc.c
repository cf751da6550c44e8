/* Encodings and digests: base64, percent-encoding, hex, SHA-256 (the only user of OpenSSL's
 * digests). */
#include "base/enc.h"

#include "base/memory.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/random.h>

static const char base64_digit[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex_digit[] = "0123456789abcdef";

void enc_base64(struct buf *out, struct str bytes)
{
    for (size_t at = 0; at < bytes.n; at += 3) {
        uint32_t group = 0;
        size_t n = bytes.n - at < 3 ? bytes.n - at : 3;
        for (size_t i = 0; i < 3; i++) {
            group = group << 8 | (i < n ? (unsigned char)bytes.p[at + i] : 0u);
        }
        char text[4];
        for (size_t i = 0; i < 4; i++) {
            text[i] = i <= n ? base64_digit[group >> (18 - 6 * i) & 63] : '=';
        }
        buf_add(out, str_of(text, 4));
    }
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Adds the bytes of a group of digit_count digits (2, 3 or 4), left-aligned in 24 bits. */
static void add_group(struct buf *out, uint32_t group, size_t digit_count)
{
    char bytes[3] = { (char)(group >> 16 & 0xFF), (char)(group >> 8 & 0xFF), (char)(group & 0xFF) };
    buf_add(out, str_of(bytes, digit_count - 1));
}

bool enc_base64_decode(struct buf *out, struct str text, bool allow_unpadded)
{
    uint32_t group = 0;
    size_t digit_count = 0, pad_count = 0, start = out->n;
    bool whole = true;
    for (size_t i = 0; i < text.n && whole; i++) {
        char c = text.p[i];
        int value = base64_value(c);
        if (c == '\n' || c == '\r') {
            continue;
        }
        if (c == '=') {
            pad_count++;
        } else if (value < 0 || pad_count > 0) {
            whole = false;
        } else {
            group = group << 6 | (uint32_t)value;
            if (++digit_count == 4) {
                add_group(out, group, 4);
                group = 0;
                digit_count = 0;
            }
        }
    }
    size_t pad_due = digit_count == 0 ? 0 : 4 - digit_count;
    whole =
        whole && digit_count != 1 && (pad_count == pad_due || (allow_unpadded && pad_count == 0));
    if (whole && digit_count > 1) {
        add_group(out, group << (6 * pad_due), digit_count);
    }
    if (!whole && out->p) {
        out->n = start;
        out->p[start] = '\0';
    }
    return whole;
}

void enc_percent(struct buf *out, struct str text)
{
    static const char upper_hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~') {
            buf_add_char(out, (char)c);
        } else {
            char coded[3] = { '%', upper_hex[c >> 4], upper_hex[c & 15] };
            buf_add(out, str_of(coded, 3));
        }
    }
}

void enc_hex(struct buf *out, struct str bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char c = (unsigned char)bytes.p[i];
        char pair[2] = { hex_digit[c >> 4], hex_digit[c & 15] };
        buf_add(out, str_of(pair, 2));
    }
}

void sha256_open(struct sha256 *h)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx) {
        err_out_of_memory(0);
    }
    INVARIANT(EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1);
    h->ctx = ctx;
}

void sha256_add(struct sha256 *h, struct str bytes)
{
    INVARIANT(EVP_DigestUpdate(h->ctx, bytes.p ? bytes.p : "", bytes.n) == 1);
}

void sha256_close(struct sha256 *h, uint8_t out[SHA256_BYTES])
{
    INVARIANT(EVP_DigestFinal_ex(h->ctx, out, NULL) == 1);
    sha256_abandon(h);
}

void sha256_next(struct sha256 *h, uint8_t out[SHA256_BYTES])
{
    INVARIANT(EVP_DigestFinal_ex(h->ctx, out, NULL) == 1);
    INVARIANT(EVP_DigestInit_ex(h->ctx, NULL, NULL) == 1);
}

void sha256_abandon(struct sha256 *h)
{
    EVP_MD_CTX_free(h->ctx);
    h->ctx = NULL;
}

void sha256_of(struct str bytes, uint8_t out[SHA256_BYTES])
{
    INVARIANT(EVP_Digest(bytes.p ? bytes.p : "", bytes.n, out, NULL, EVP_sha256(), NULL) == 1);
}

void sha256_hex(const uint8_t digest[SHA256_BYTES], char out[SHA256_HEX_BYTES])
{
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        out[2 * i] = hex_digit[digest[i] >> 4];
        out[2 * i + 1] = hex_digit[digest[i] & 15];
    }
    out[2 * SHA256_BYTES] = '\0';
}

void enc_random(void *out, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = getrandom((char *)out + at, n - at, 0);
        INVARIANT(got >= 0 || at < n);
        at += got > 0 ? (size_t)got : 0;
    }
}

void enc_wipe(void *p, size_t n)
{
    explicit_bzero(p, n);
}

static void *alloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return memory_alloc(size);
}

static void *resize(void *old, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return memory_resize(old, size);
}

static void give_back(void *p, const char *file, int line)
{
    (void)file, (void)line;
    memory_free(p);
}

void enc_use_memory(void)
{
    (void)CRYPTO_set_mem_functions(alloc, resize, give_back);
}

bool sha256_parse(uint8_t out[SHA256_BYTES], struct str hex)
{
    static const char digit[] = "0123456789abcdef";
    uint8_t bytes[SHA256_BYTES];
    if (hex.n != SHA256_BYTES * 2)
        return false;
    for (size_t i = 0; i < hex.n; i++) {
        const char *at = memchr(digit, hex.p[i], sizeof digit - 1);
        if (!at)
            return false;
        unsigned value = (unsigned)(at - digit);
        bytes[i / 2] = (uint8_t)(i % 2 ? (unsigned)bytes[i / 2] << 4 | value : value);
    }
    memcpy(out, bytes, SHA256_BYTES);
    return true;
}
