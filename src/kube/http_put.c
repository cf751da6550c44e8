/* A file sent by PUT to where the operator said. */
#include "kube/http_put.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/enc.h"
#include "kube/secret.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#define TRIES             3
#define ANSWER_BYTES      300u
#define REGION_BYTES      40u
#define CONNECT_TIMEOUT_S 30L
#define SILENCE_S         60L

struct sending {
    const struct http_put *put;
    struct arena *arena;
    FILE *file;
    int64_t bytes;
    char sha256[SHA256_HEX_BYTES];
    char answer[ANSWER_BYTES + 1], why[CURL_ERROR_SIZE], region[REGION_BYTES + 1];
    size_t answered;
    long status;
};

/* What is signed is the path as it is sent: nothing that a signature writes with %, nothing that is
 * taken away before it is sent. */
static bool path_may_be(struct str path)
{
    struct str step;
    while (path.n && path.p[path.n - 1] == '/')
        path.n--;
    while (str_next_field(&path, '/', &step))
        if (!step.n || str_eq_c(step, ".") || str_eq_c(step, "..") ||
            str_find_char(step, ':', 0) != SIZE_MAX || str_find_char(step, '[', 0) != SIZE_MAX ||
            str_find_char(step, ']', 0) != SIZE_MAX)
            return false;
    return true;
}

bool http_put_may(struct str url, struct err *err)
{
    struct str scheme, rest, authority;
    size_t at = str_find(url, STR("://"), 0);
    if (at == SIZE_MAX)
        return err_set(err, ERR_USAGE, "an address to upload to begins with https:// or s3://");
    scheme = str_sub(url, 0, at);
    rest = str_sub(url, at + 3, url.n);
    if (!str_consists_of(rest, STR_LOWER STR_UPPER STR_DIGITS "-._~/:[]"))
        return err_set(err, ERR_USAGE,
                       "an address to upload to has no user, query or fragment, and consists "
                       "of letters, digits and -._~/: "
                       "(a credential is given by a file or the environment)");
    if (!str_cut(rest, '/', &authority, &rest))
        rest = (struct str){ 0 };
    if (!path_may_be(rest))
        return err_set(err, ERR_USAGE,
                       "the path of an address to upload to consists of letters, digits and -._~ "
                       "between single slashes, without . and ..");
    bool here = str_eq_c(authority, "localhost") || str_has_prefix(authority, STR("localhost:")) ||
                str_eq_c(authority, "127.0.0.1") || str_has_prefix(authority, STR("127.0.0.1:")) ||
                str_eq_c(authority, "[::1]") || str_has_prefix(authority, STR("[::1]:"));
    if (!authority.n)
        return err_set(err, ERR_USAGE, "an address to upload to names a host");
    if (str_eq_c(scheme, "https") || (str_eq_c(scheme, "http") && here))
        return true;
    return err_set(err, ERR_USAGE,
                   "reports are uploaded by https: http:// is for this machine alone (localhost)");
}

static size_t read_file(char *to, size_t size, size_t count, void *ctx)
{
    struct sending *s = ctx;
    size_t n = fread(to, 1, size * count, s->file);
    return ferror(s->file) ? CURL_READFUNC_ABORT : n;
}

static size_t keep_answer(char *from, size_t size, size_t count, void *ctx)
{
    struct sending *s = ctx;
    for (size_t i = 0; i < size * count && s->answered < ANSWER_BYTES; i++)
        s->answer[s->answered++] = from[i] >= ' ' && from[i] <= '~' ? from[i] : ' ';
    return size * count;
}

static int may_go_on(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    const struct http_put *p = ((struct sending *)ctx)->put;
    return p->cancelled && *p->cancelled;
}

static bool open_file(struct sending *s, struct err *err)
{
    struct stat st;
    struct sha256 hash;
    uint8_t digest[SHA256_BYTES];
    char piece[65536];
    size_t n;
    s->file = fopen(str_to_c(s->arena, s->put->path), "rbe");
    if (!s->file || fstat(fileno(s->file), &st) != 0)
        return err_set(err, ERR_IO, "cannot read \"%.*s\": %s", STR_ARG(s->put->path),
                       strerrordesc_np(errno));
    s->bytes = st.st_size;
    sha256_open(&hash);
    while ((n = fread(piece, 1, sizeof piece, s->file)) > 0)
        sha256_add(&hash, str_of(piece, n));
    sha256_close(&hash, digest);
    sha256_hex(digest, s->sha256);
    return !ferror(s->file) || err_set(err, ERR_IO, "reading \"%.*s\"", STR_ARG(s->put->path));
}

static bool add_header(struct curl_slist **list, struct arena *a, const char *name,
                       struct str value)
{
    char *line = str_to_c(a, str_printf(a, "%s: %.*s", name, STR_ARG(value)));
    secret_wipe_later(a, str_of(line, strlen(line)));
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer)
        *list = longer;
    return longer != NULL;
}

static bool set_headers(struct curl_slist **list, struct sending *s)
{
    const struct http_put *p = s->put;
    bool ok = add_header(list, s->arena, "Content-Type", p->content_type);
    if (ok && p->bearer.n)
        ok = add_header(list, s->arena, "Authorization",
                        str_printf(s->arena, "Bearer %.*s", STR_ARG(p->bearer)));
    if (ok && p->key_id.n)
        ok = add_header(list, s->arena, "x-amz-content-sha256", str_from_c(s->sha256));
    if (ok && p->key_id.n && p->session_token.n)
        ok = add_header(list, s->arena, "x-amz-security-token", p->session_token);
    return ok;
}

static void set_options(CURL *c, struct sending *s, struct curl_slist *headers)
{
    const struct http_put *p = s->put;
    (void)curl_easy_setopt(c, CURLOPT_URL, str_to_c(s->arena, p->url));
    (void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https,http");
    (void)curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    (void)curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)s->bytes);
    (void)curl_easy_setopt(c, CURLOPT_READFUNCTION, read_file);
    (void)curl_easy_setopt(c, CURLOPT_READDATA, s);
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep_answer);
    (void)curl_easy_setopt(c, CURLOPT_WRITEDATA, s);
    (void)curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    (void)curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, may_go_on);
    (void)curl_easy_setopt(c, CURLOPT_XFERINFODATA, s);
    (void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, s->why);
    (void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
    (void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    (void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, SILENCE_S);
    (void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
    if (p->ca_file.n)
        (void)curl_easy_setopt(c, CURLOPT_CAINFO, str_to_c(s->arena, p->ca_file));
    if (p->key_id.n) {
        (void)curl_easy_setopt(
            c, CURLOPT_AWS_SIGV4,
            str_to_c(s->arena, str_printf(s->arena, "aws:amz:%.*s:s3", STR_ARG(p->region))));
        (void)curl_easy_setopt(c, CURLOPT_USERNAME, str_to_c(s->arena, p->key_id));
        (void)curl_easy_setopt(c, CURLOPT_PASSWORD, str_to_c(s->arena, p->secret));
    }
}

/* Where the bucket is, as storage says with a redirect or a refusal; empty: it does not. */
static void keep_region(struct sending *s, CURL *c)
{
    struct curl_header *h;
    s->region[0] = 0;
    if (!s->put->key_id.n ||
        curl_easy_header(c, "x-amz-bucket-region", 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
        return;
    size_t n = strspn(h->value, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (n <= REGION_BYTES && !h->value[n])
        memcpy(s->region, h->value, n + 1);
}

/* What to do about a redirect, which is not followed: the credential is for who was named. */
static const char *remedy_of(const struct sending *s, struct arena *a)
{
    bool elsewhere = s->status >= 300 && s->status < 400;
    if (s->region[0] && !str_eq_c(s->put->region, s->region))
        return str_to_c(
            a, str_printf(a, "; the bucket is in region %s: set AWS_REGION to that", s->region));
    return elsewhere ? "; it is not followed elsewhere: give the address that it names" : "";
}

/* Whether asking again may help; *err is set where the file was not taken. */
static bool send_once(struct sending *s, bool *again, struct err *err)
{
    struct curl_slist *headers = NULL;
    CURL *c = curl_easy_init();
    CURLcode code = CURLE_OUT_OF_MEMORY;
    s->answered = 0;
    s->why[0] = 0;
    rewind(s->file);
    if (c && set_headers(&headers, s)) {
        set_options(c, s, headers);
        code = curl_easy_perform(c);
        s->status = 0;
        (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &s->status);
        keep_region(s, c);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(c);
    s->answer[s->answered] = 0;
    *again = code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT ||
             code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING ||
             (code == CURLE_OK && (s->status == 429 || s->status >= 500));
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
        return err_set(err, ERR_TLS,
                       "uploading to %.*s: the server's certificate is not trusted (%s): "
                       "--upload-certificate-authority names who signs it",
                       STR_ARG(s->put->url), s->why);
    if (code != CURLE_OK)
        return err_set(err, code == CURLE_ABORTED_BY_CALLBACK ? ERR_CANCELLED : ERR_NET,
                       "uploading to %.*s: %s", STR_ARG(s->put->url),
                       code == CURLE_ABORTED_BY_CALLBACK ? "ended by a signal"
                       : s->why[0]                       ? s->why
                                                         : curl_easy_strerror(code));
    if (s->status >= 200 && s->status < 300)
        return true;
    return err_set(err, s->status == 401 || s->status == 403 ? ERR_DENIED : ERR_SERVER,
                   "uploading to %.*s: the server answered %ld%s%s%s", STR_ARG(s->put->url),
                   s->status, s->answered ? ": " : "", s->answer, remedy_of(s, s->arena));
}

bool http_put_file(const struct http_put *p, struct arena *a, struct err *err)
{
    struct sending s = { .put = p, .arena = a };
    bool ok = open_file(&s, err), again = true;
    if (ok) {
        ok = false;
        for (int try = 1; try <= TRIES && again && !ok; try++) {
            struct timespec wait = { .tv_sec = try - 1 };
            if (try > 1)
                (void)nanosleep(&wait, NULL);
            err->code = ERR_NONE;
            ok = send_once(&s, &again, err);
        }
    }
    if (s.file)
        (void)fclose(s.file);
    return ok;
}
