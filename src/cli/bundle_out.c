/* --bundle: what an audit leaves for somebody who checks it later. */
#include "cli/auditing.h"

#include "base/file.h"
#include "base/log.h"
#include "evidence/bundle.h"
#include "evidence/tar.h"
#include "report/report.h"
#include "report/result_value.h"
#include "value/json_doc.h"

#include <sys/stat.h>

#define CALLS_BYTES_MAX  ((size_t)256 << 20)
#define ANSWER_BYTES_MAX ((size_t)2 << 30)

/* Options whose files are not kept: keys, and what the bundle has no place for. */
static struct value not_carried(const struct options *o, struct arena *a)
{
    const struct {
        const char *name;
        bool given;
    } row[] = { { "--encryption-config", o->encryption_config.n },
                { "--admission-config", o->admission_config.n },
                { "--authentication-config", o->authentication_config.n },
                { "--node-facts", o->node_facts.n },
                { "--node-facts-pods", o->node_facts_pods.n },
                { "--import", o->import_file.count },
                { "--scope", o->scope.count } };
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < COUNT_OF(row); i++)
        if (row[i].given)
            value_builder_push(&b, value_cstr(row[i].name));
    return value_builder_list(&b);
}

static bool is_packed(const struct options *o)
{
    return str_has_suffix(o->bundle, STR(".tar"));
}

struct str bundle_folder(const struct options *o, struct arena *run)
{
    return is_packed(o) ? str_printf(run, "%.*s.unpacked", STR_ARG(o->bundle)) : o->bundle;
}

bool bundle_may_be(const struct options *o, struct arena *run, struct err *err)
{
    struct stat st;
    struct sign_key key = { 0 };
    if (!o->bundle.n)
        return (!o->bundle_full && (!o->sign_key.n || o->ledger.n)) ||
               err_set(err, ERR_USAGE,
                       "--bundle-full goes with --bundle DIR, and --sign-key with --bundle DIR or "
                       "--ledger DIR");
    if (o->policy.count || o->manifests.n)
        return err_set(err, ERR_USAGE,
                       "--bundle is for audits of a cluster by a benchmark: it goes with neither "
                       "--policy nor --manifests");
    if (o->bundle_full && o->record.n)
        return err_set(err, ERR_USAGE,
                       "--bundle-full records into the bundle: --record does not go with it");
    if (lstat(str_to_c(run, o->bundle), &st) == 0)
        return err_set(err, ERR_USAGE, "--bundle %.*s is there already: name a folder that is not",
                       STR_ARG(o->bundle));
    if (lstat(str_to_c(run, bundle_folder(o, run)), &st) == 0)
        return err_set(err, ERR_USAGE, "%.*s is there: what a run left that did not end; remove it",
                       STR_ARG(bundle_folder(o, run)));
    bool ok = !o->sign_key.n || sign_key_open(&key, run, o->sign_key, SIGN_MAKE, err);
    sign_key_close(&key);
    return ok;
}

/* ---- its files ---- */

struct bundling {
    struct arena *arena;
    struct str dir;
    struct err *err;
};

static bool put_file(struct bundling *b, struct str name, struct str bytes)
{
    struct str path = file_join(b->arena, b->dir, name);
    return file_make_dir(str_to_c(b->arena, file_dir_of(path)), b->err) &&
           file_write_atomic(str_to_c(b->arena, path), bytes, b->err);
}

static bool put_report(struct bundling *b, const struct result *r, const char *format)
{
    const struct renderer *how = renderer_find(str_from_c(format));
    struct file_writer file CLEANUP(file_writer_abandon) = { 0 };
    struct file_sink sink;
    if (!file_writer_open(
            &file, str_to_c(b->arena, file_join(b->arena, b->dir, str_from_c(how->file_name))),
            b->err))
        return false;
    file_sink_init(&sink, &file);
    return how->write(r, &sink.sink, b->err) && file_writer_commit(&file, b->err);
}

static bool put_calls(struct bundling *b, const struct result *r)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(CALLS_BYTES_MAX);
    struct arena scratch CLEANUP(arena_release) = { 0 };
    for (size_t i = 0; i < r->call_count; i++) {
        json_doc_write(&text, call_value(&scratch, &r->call[i]), 0);
        buf_add_char(&text, '\n');
        arena_reset(&scratch);
    }
    return buf_ok(&text, "the query log", b->err) &&
           put_file(b, STR("calls.jsonl"), buf_str(&text));
}

/* By the paths below the benchmark's folder, by which its files name each other. */
static bool put_benchmark(struct bundling *b, const struct benchmark *bench)
{
    struct str folder = file_dir_of(bench->file);
    for (size_t i = 0; i < bench->digested_count; i++) {
        struct str path = bench->digested[i];
        struct str name = str_has_prefix(path, folder) ? str_sub(path, folder.n, path.n) : path;
        while (name.n && name.p[0] == '/')
            name = str_sub(name, 1, name.n);
        if (!put_file(b, file_join(b->arena, STR("benchmark"), name), bench->digested_text[i]))
            return false;
    }
    return true;
}

/* An edition that the benchmark names as the newer one must stand beside it, or it is refused;
 * nothing is judged by it. */
static bool put_newer_edition(struct bundling *b, const struct benchmark *bench)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)64 << 20);
    struct str newer = bench->superseded_by.benchmark;
    if (!newer.n)
        return true;
    struct str name = str_printf(b->arena, "%.*s.yaml", STR_ARG(newer));
    return file_read(str_to_c(b->arena, file_join(b->arena, file_dir_of(bench->file), name)), &text,
                     b->err) &&
           put_file(b, file_join(b->arena, STR("benchmark"), name), buf_str(&text));
}

static bool put_statements(struct bundling *b, const struct options *o, struct value_builder *names)
{
    for (size_t i = 0; i < o->statements.count; i++) {
        struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)64 << 20);
        struct str name = str_printf(b->arena, "statements/%zu.yaml", i + 1);
        if (!file_read(str_to_c(b->arena, o->statements.item[i]), &text, b->err) ||
            !put_file(b, name, buf_str(&text)))
            return false;
        value_builder_push(names, value_str(name));
    }
    return true;
}

/* What verify gives the audit that it makes again. */
static bool put_inputs(struct bundling *b, const struct result *r, const struct options *o)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)16 << 20);
    struct value_builder v, statements;
    struct str file = r->bench->file, folder = file_dir_of(file);
    value_builder_init(&statements, b->arena);
    if (!put_benchmark(b, r->bench) || !put_newer_edition(b, r->bench) ||
        !put_statements(b, o, &statements))
        return false;
    file = str_has_prefix(file, folder) && file.n > folder.n ? str_sub(file, folder.n + 1, file.n)
                                                             : file;
    value_builder_init(&v, b->arena);
    value_builder_set(&v, "benchmark", value_str(file_join(b->arena, STR("benchmark"), file)));
    value_builder_set(&v, "profile", value_str(o->profile));
    value_builder_set(&v, "framework", value_str(o->framework));
    value_builder_set(&v, "clusterName", value_str(o->cluster_name));
    value_builder_set(&v, "check", value_strs(b->arena, o->include.item, o->include.count));
    value_builder_set(&v, "skip", value_strs(b->arena, o->exclude.item, o->exclude.count));
    value_builder_set(&v, "param", value_strs(b->arena, o->param.item, o->param.count));
    value_builder_set(&v, "noProbes", value_bool(o->no_probes));
    value_builder_set(&v, "statements", value_builder_list(&statements));
    value_builder_set(&v, "notCarried", not_carried(o, b->arena));
    json_doc_write(&text, value_builder_map(&v), JSON_DOC_INDENT);
    buf_add_char(&text, '\n');
    return buf_ok(&text, "inputs.json", b->err) && put_file(b, STR("inputs.json"), buf_str(&text));
}

/* ---- what was judged ---- */

static bool copy_recording(struct bundling *b, const struct snapshot *s)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(ANSWER_BYTES_MAX);
    struct str name = STR("snapshot.json");
    for (size_t i = 0; i <= s->answer_count; i++) {
        buf_reset(&text);
        if (name.n && (!bundle_read(&text, b->arena, s->dir, name, b->err) ||
                       !put_file(b, file_join(b->arena, STR("recording"), name), buf_str(&text))))
            return false;
        name = i < s->answer_count ? s->answer[i].file : (struct str){ 0 };
    }
    return true;
}

static bool seal(struct bundling *b, const struct options *o)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(DOCUMENT_BYTES_MAX);
    struct sign_key key = { 0 };
    struct document report;
    bool ok = bundle_read(&text, b->arena, b->dir, STR("report.json"), b->err) &&
              document_parse(&report, b->arena, buf_str(&text), STR("report.json"), b->err) &&
              (!o->sign_key.n || sign_key_open(&key, b->arena, o->sign_key, SIGN_MAKE, b->err)) &&
              bundle_seal(b->arena, b->dir, &report, o->sign_key.n ? &key : NULL, b->err);
    sign_key_close(&key);
    return ok;
}

bool bundle_out(const struct result *r, const struct options *o, const struct snapshot *snapshot,
                struct arena *run, struct err *err)
{
    struct bundling b = { .arena = run, .dir = bundle_folder(o, run), .err = err };
    static const char *const format[] = { "json", "jsonl", "html" };
    if (!file_make_dir(str_to_c(run, b.dir), err))
        return false;
    for (size_t i = 0; i < COUNT_OF(format); i++)
        if (!put_report(&b, r, format[i]))
            return err_prefix(err, "--bundle");
    if (!put_calls(&b, r) || !put_inputs(&b, r, o) ||
        (o->bundle_full && snapshot && !copy_recording(&b, snapshot)) || !seal(&b, o))
        return err_prefix(err, "--bundle");
    if (is_packed(o)) {
        bool packed = tar_write(run, b.dir, o->bundle, err);
        tar_remove_folder(b.dir);
        if (!packed)
            return err_prefix(err, "--bundle");
    }
    log_line(LOG_INFO, "wrote the bundle %.*s%s", STR_ARG(o->bundle),
             o->sign_key.n ? "" : ", not signed");
    return true;
}
