/* The files of a bundle, their digests, and the statement over them. */
#include "evidence/bundle.h"

#include "base/file.h"
#include "evidence/timestamp.h"
#include "value/json_doc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define DEPTH_MAX           8
#define CHUNK_BYTES         ((size_t)1 << 16)
#define STATEMENT_BYTES_MAX ((size_t)64 << 20)

/* ---- files ---- */

static bool digest_chunk(void *ctx, struct str bytes)
{
    sha256_add(ctx, bytes);
    return true;
}

static void digest_file(struct bundle_file *f, const char *dir)
{
    struct sha256 h;
    struct err ignored = { 0 };
    uint8_t digest[SHA256_BYTES];
    sha256_open(&h);
    if (!file_stream_inside(dir, f->name, CHUNK_BYTES, digest_chunk, &h, &ignored)) {
        sha256_abandon(&h);
        return;
    }
    sha256_close(&h, digest);
    sha256_hex(digest, f->sha256);
}

static bool add_chunk(void *ctx, struct str bytes)
{
    buf_add(ctx, bytes);
    return true;
}

bool bundle_read(struct buf *out, struct arena *a, struct str dir, struct str name, struct err *err)
{
    return file_stream_inside(str_to_c(a, dir), name, CHUNK_BYTES, add_chunk, out, err) &&
           buf_ok(out, "a file of the bundle", err);
}

static bool is_statement(struct str name)
{
    return str_eq_c(name, BUNDLE_SIGNED) || str_eq_c(name, BUNDLE_UNSIGNED) ||
           str_eq_c(name, BUNDLE_REQUEST);
}

/* Links and devices are files that cannot be read: they are never followed. */
static bool list_below(struct bundle_list *out, struct arena *a, const char *root, struct str below,
                       int depth, struct err *err)
{
    const char *path = below.n ? str_to_c(a, file_join(a, str_from_c(root), below)) : root;
    DIR *dir = opendir(path);
    struct dirent *entry;
    bool ok = dir || err_set(err, ERR_IO, "cannot read the folder \"%s\": %s", path,
                             strerrordesc_np(errno));
    while (ok && (entry = readdir(dir)) != NULL) {
        struct str name = str_dup(a, str_from_c(entry->d_name)),
                   whole = below.n ? file_join(a, below, name) : name;
        struct stat st;
        if (str_eq_c(name, ".") || str_eq_c(name, "..") || (!below.n && is_statement(name)))
            continue;
        if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISDIR(st.st_mode)) {
            ok = depth < DEPTH_MAX
                     ? list_below(out, a, root, whole, depth + 1, err)
                     : err_set(err, ERR_LIMIT, "\"%s\": folders are nested too deep", path);
            continue;
        }
        struct bundle_file *f = VEC_PUSH(&out->item, a);
        f->name = whole;
        digest_file(f, root);
        ok = out->item.count <= BUNDLE_FILES_MAX ||
             err_set(err, ERR_LIMIT, "\"%s\" holds more than %u files", root, BUNDLE_FILES_MAX);
    }
    if (dir)
        (void)closedir(dir);
    return ok;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct bundle_file *)a)->name, ((const struct bundle_file *)b)->name);
}

bool bundle_list(struct bundle_list *out, struct arena *a, struct str dir, struct err *err)
{
    *out = (struct bundle_list){ 0 };
    if (!list_below(out, a, str_to_c(a, dir), (struct str){ 0 }, 0, err))
        return false;
    if (out->item.count)
        qsort(out->item.item, out->item.count, sizeof *out->item.item, by_name);
    return true;
}

/* ---- statement ---- */

static struct value descriptor(struct arena *a, struct str name, struct str sha256)
{
    struct value_builder b, digest;
    value_builder_init(&b, a);
    value_builder_init(&digest, a);
    value_builder_set(&digest, "sha256", value_str(sha256));
    value_builder_set(&b, "name", value_str(name));
    value_builder_set(&b, "digest", value_builder_map(&digest));
    return value_builder_map(&b);
}

static struct value checks_of(struct arena *a, const struct document *d, enum verdict verdict)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < d->check_count; i++)
        if (d->check[i].verdict == verdict)
            value_builder_push(&b, value_str(d->check[i].id));
    return value_builder_list(&b);
}

/* https://github.com/in-toto/attestation, predicate test-result v0.1; what is not decided is no
 * success. */
static struct value predicate(struct arena *a, const struct document *d)
{
    struct value_builder b, list, run;
    struct value failed = checks_of(a, d, VERDICT_FAIL),
                 undecided = checks_of(a, d, VERDICT_UNKNOWN);
    value_builder_init(&b, a);
    value_builder_set(&b, "result",
                      value_cstr(failed.n      ? "FAILED"
                                 : undecided.n ? "WARNED"
                                               : "PASSED"));
    value_builder_init(&list, a);
    value_builder_push(&list, descriptor(a, d->benchmark_id, d->benchmark_sha256));
    value_builder_set(&b, "configuration", value_builder_list(&list));
    value_builder_set(&b, "passedTests", checks_of(a, d, VERDICT_PASS));
    value_builder_set(&b, "warnedTests", undecided);
    value_builder_set(&b, "failedTests", failed);
    value_builder_init(&run, a);
    value_builder_set(&run, "runId", value_str(d->run_id));
    value_builder_set(&run, "started", value_str(d->started));
    value_builder_set(&run, "finished", value_str(d->finished));
    value_builder_set(&run, "clusterId", value_str(d->cluster_id));
    value_builder_set(&b, "kubevouch", value_builder_map(&run));
    return value_builder_map(&b);
}

static void statement_text(struct buf *out, struct arena *a, const struct bundle_list *files,
                           const struct document *report)
{
    struct value_builder b, subject;
    value_builder_init(&subject, a);
    for (size_t i = 0; i < files->item.count; i++)
        value_builder_push(&subject, descriptor(a, files->item.item[i].name,
                                                str_from_c(files->item.item[i].sha256)));
    value_builder_init(&b, a);
    value_builder_set(&b, "_type", value_cstr("https://in-toto.io/Statement/v1"));
    value_builder_set(&b, "subject", value_builder_list(&subject));
    value_builder_set(&b, "predicateType",
                      value_cstr("https://in-toto.io/attestation/test-result/v0.1"));
    value_builder_set(&b, "predicate", predicate(a, report));
    json_doc_write(out, value_builder_map(&b), 0);
}

void bundle_encode(struct buf *out, struct str payload)
{
    buf_addf(out, "DSSEv1 %zu %s %zu ", sizeof BUNDLE_PAYLOAD_TYPE - 1, BUNDLE_PAYLOAD_TYPE,
             payload.n);
    buf_add(out, payload);
}

static bool envelope_text(struct buf *out, struct str payload, const struct sign_key *key,
                          struct err *err)
{
    struct buf encoded CLEANUP(buf_release) = BUF_INIT(STATEMENT_BYTES_MAX),
                       signature CLEANUP(buf_release) = BUF_INIT(4096);
    bundle_encode(&encoded, payload);
    if (!buf_ok(&encoded, "the statement of a bundle", err) ||
        !sign_make(&signature, key, buf_str(&encoded), err))
        return false;
    buf_addf(out, "{\"payloadType\":\"%s\",\"payload\":\"", BUNDLE_PAYLOAD_TYPE);
    enc_base64(out, payload);
    buf_addf(out, "\",\"signatures\":[{\"keyid\":\"%s\",\"sig\":\"", key->id);
    enc_base64(out, buf_str(&signature));
    buf_add_c(out, "\"}]}\n");
    return true;
}

static bool write_sums(struct arena *a, struct str dir, const struct bundle_list *files,
                       struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(STATEMENT_BYTES_MAX);
    for (size_t i = 0; i < files->item.count; i++) {
        const struct bundle_file *f = &files->item.item[i];
        if (!f->sha256[0])
            return err_set(err, ERR_IO, "\"%.*s\" in the bundle is no file that can be read",
                           STR_ARG(f->name));
        if (!str_eq_c(f->name, BUNDLE_SUMS))
            buf_addf(&text, "%s  %.*s\n", f->sha256, STR_ARG(f->name));
    }
    return buf_ok(&text, BUNDLE_SUMS, err) &&
           file_write_atomic(str_to_c(a, file_join(a, dir, STR(BUNDLE_SUMS))), buf_str(&text), err);
}

bool bundle_seal(struct arena *a, struct str dir, const struct document *report,
                 const struct sign_key *key, struct err *err)
{
    struct buf statement CLEANUP(buf_release) = BUF_INIT(STATEMENT_BYTES_MAX),
                         envelope CLEANUP(buf_release) = BUF_INIT(2 * STATEMENT_BYTES_MAX);
    struct buf request CLEANUP(buf_release) = BUF_INIT(4096);
    struct bundle_list files;
    if (!bundle_list(&files, a, dir, err) || !write_sums(a, dir, &files, err) ||
        !bundle_list(&files, a, dir, err))
        return false;
    statement_text(&statement, a, &files, report);
    if (!buf_ok(&statement, "the statement of a bundle", err) ||
        (key && !envelope_text(&envelope, buf_str(&statement), key, err)))
        return false;
    struct str sealed = key ? buf_str(&envelope) : buf_str(&statement);
    return buf_ok(&envelope, "the envelope of a bundle", err) &&
           timestamp_request(&request, sealed, err) &&
           file_write_atomic(str_to_c(a, file_join(a, dir, STR(BUNDLE_REQUEST))), buf_str(&request),
                             err) &&
           file_write_atomic(
               str_to_c(a, file_join(a, dir, key ? STR(BUNDLE_SIGNED) : STR(BUNDLE_UNSIGNED))),
               sealed, err);
}
