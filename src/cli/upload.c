/* --upload: the reports of a run to S3-compatible storage, or to an HTTP server that takes PUT. */
#include "cli/upload.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "kube/http_put.h"
#include "kube/secret.h"
#include "report/report.h"

#define TOKEN_BYTES_MAX ((size_t)64 << 10)

static struct str environment(const char *name)
{
    const char *s = getenv(name);
    return s ? str_from_c(s) : (struct str){ 0 };
}

static bool s3_of(struct http_put *out, struct str bucket, struct arena *a, struct err *err)
{
    struct str endpoint = environment("AWS_ENDPOINT_URL_S3");
    if (!endpoint.n)
        endpoint = environment("AWS_ENDPOINT_URL");
    out->key_id = environment("AWS_ACCESS_KEY_ID");
    out->secret = environment("AWS_SECRET_ACCESS_KEY");
    out->session_token = environment("AWS_SESSION_TOKEN");
    out->region = environment("AWS_REGION");
    if (!out->region.n)
        out->region = STR("us-east-1");
    if (!endpoint.n)
        endpoint = str_printf(a, "https://s3.%.*s.amazonaws.com", STR_ARG(out->region));
    if (!out->key_id.n || !out->secret.n)
        return err_set(
            err, ERR_USAGE,
            "--upload s3:// takes AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment");
    if (!secret_fits_header(out->key_id) ||
        (out->session_token.n && !secret_fits_header(out->session_token)))
        return err_set(err, ERR_USAGE,
                       "AWS_ACCESS_KEY_ID or AWS_SESSION_TOKEN holds what no header can");
    if (!str_consists_of(out->region, STR_LOWER STR_DIGITS "-"))
        return err_set(err, ERR_USAGE, "AWS_REGION is \"%.*s\", which is no name of a region",
                       STR_ARG(out->region));
    if (!bucket.n || bucket.p[0] == '/')
        return err_set(err, ERR_USAGE, "--upload s3://BUCKET/PREFIX: no bucket is named");
    out->url = str_printf(a, "%.*s%s%.*s", STR_ARG(endpoint),
                          str_has_suffix(endpoint, STR("/")) ? "" : "/", STR_ARG(bucket));
    return http_put_may(out->url, err) || err_prefix(err, "--upload, with AWS_ENDPOINT_URL");
}

static bool token_of(struct http_put *out, struct str path, struct arena *a, struct err *err)
{
    struct buf text CLEANUP(buf_wipe) = BUF_INIT(TOKEN_BYTES_MAX);
    if (!file_read(str_to_c(a, path), &text, err))
        return err_prefix(err, "--upload-token-file");
    out->bearer = str_dup(a, str_trim(buf_str(&text)));
    secret_wipe_later(a, out->bearer);
    return (out->bearer.n && secret_fits_header(out->bearer)) ||
           err_set(err, ERR_USAGE, "--upload-token-file %.*s holds no token", STR_ARG(path));
}

static bool target_of(struct http_put *out, const struct options *o, struct arena *a,
                      struct err *err)
{
    struct str s3 = STR("s3://"), url = o->upload;
    while (url.n && url.p[url.n - 1] == '/' && !str_has_suffix(url, STR("://")))
        url.n--;
    *out = (struct http_put){ .url = url, .ca_file = o->upload_ca };
    if (str_has_prefix(url, s3))
        return o->upload_token_file.n ? err_set(err, ERR_USAGE,
                                                "--upload-token-file goes with https://, s3:// has "
                                                "its keys in the environment")
                                      : s3_of(out, str_sub(url, s3.n, url.n), a, err);
    if (!http_put_may(url, err))
        return err_prefix(err, "--upload");
    return !o->upload_token_file.n || token_of(out, o->upload_token_file, a, err);
}

bool upload_may_be(const struct options *o, struct arena *a, struct err *err)
{
    struct http_put ignored;
    if (!o->upload.n)
        return (!o->upload_token_file.n && !o->upload_ca.n) ||
               err_set(
                   err, ERR_USAGE,
                   "--upload-token-file and --upload-certificate-authority go with --upload URL");
    return target_of(&ignored, o, a, err);
}

static struct str type_of(struct str name)
{
    for (size_t i = 0; i < renderer_count; i++)
        if (str_eq_c(name, renderer[i].file_name))
            return str_from_c(renderer[i].media_type);
    return STR("application/octet-stream");
}

static struct str folder_of(const struct options *o, struct str path, struct instant began,
                            struct arena *a)
{
    struct str dir = file_dir_of(path);
    size_t slash = str_find_last_char(dir, '/');
    struct civil c = clock_civil(began.s);
    if (o->keep)
        return slash == SIZE_MAX ? dir : str_sub(dir, slash + 1, dir.n);
    return str_printf(a, "kubevouch-%04lld-%02d-%02dT%02d%02d%02dZ", (long long)c.year, c.month,
                      c.day, c.hour, c.minute, c.second);
}

bool upload_files(char *const *path, size_t count, const struct options *o, struct instant began,
                  volatile const int *cancelled, struct arena *a, struct err *err)
{
    struct http_put put;
    if (!target_of(&put, o, a, err))
        return false;
    struct str base = put.url;
    put.cancelled = cancelled;
    for (size_t i = 0; i < count; i++) {
        if (!path[i])
            continue;
        struct str file = str_from_c(path[i]), name = file;
        size_t slash = str_find_last_char(file, '/');
        if (slash != SIZE_MAX)
            name = str_sub(file, slash + 1, file.n);
        put.path = file;
        put.content_type = type_of(name);
        put.url = str_printf(a, "%.*s/%.*s/%.*s", STR_ARG(base),
                             STR_ARG(folder_of(o, file, began, a)), STR_ARG(name));
        if (!http_put_file(&put, a, err))
            return err_prefix(err, "the report stays in %s, and", path[i]);
        log_line(LOG_INFO, "uploaded %.*s", STR_ARG(put.url));
    }
    return true;
}
