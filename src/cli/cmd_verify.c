/* verify: a bundle of evidence, checked offline and judged again. */
#include "cli/auditing.h"

#include "base/file.h"
#include "base/shown.h"
#include "cli/data.h"
#include "evidence/ledger.h"
#include "evidence/tar.h"
#include "value/json_read.h"

#include <sys/stat.h>

#define INPUTS_BYTES_MAX ((size_t)16 << 20)
#define ROWS_SHOWN_MAX   1000u

static struct option_strs strs_of(struct value inputs, const char *key, struct arena *a,
                                  struct str below)
{
    const struct value *list = value_get(inputs, str_from_c(key));
    struct option_strs s = { 0 };
    if (!list || list->kind != VALUE_LIST)
        return s;
    s.item = arena_array(a, struct str, list->n);
    for (; s.count < list->n; s.count++) {
        struct str text = value_text(value_item(*list, s.count));
        s.item[s.count] = below.n ? file_join(a, below, text) : text;
    }
    return s;
}

/* What inputs.json names is read as it says: only what is in the bundle. */
static bool is_inside(struct str name)
{
    struct str rest = name, part;
    bool inside = name.n && name.p[0] != '/' && str_find_char(name, '\0', 0) == SIZE_MAX;
    while (inside && str_next_field(&rest, '/', &part))
        inside = !str_eq_c(part, "..");
    return inside;
}

static bool names_only_its_own(struct value inputs, struct arena *a, struct err *err)
{
    struct option_strs statements = strs_of(inputs, "statements", a, (struct str){ 0 });
    bool ok = is_inside(value_text_at(inputs, "benchmark", NULL));
    for (size_t i = 0; i < statements.count; i++)
        ok = ok && is_inside(statements.item[i]);
    return ok ||
           err_set(err, ERR_INPUT, "inputs.json names a file outside the bundle, or no benchmark");
}

/* The options of the audit that is made again: those that the bundle keeps, on top of verify's own
 * defaults. */
static void options_of(struct options *out, const struct options *o, struct value inputs,
                       struct arena *a, struct str dir)
{
    *out = *o;
    out->quiet = true;
    out->argument = (struct option_strs){ 0 };
    out->benchmark = file_join(a, dir, value_text_at(inputs, "benchmark", NULL));
    out->profile = value_text_at(inputs, "profile", NULL);
    out->framework = value_text_at(inputs, "framework", NULL);
    out->cluster_name = value_text_at(inputs, "clusterName", NULL);
    out->include = strs_of(inputs, "check", a, (struct str){ 0 });
    out->exclude = strs_of(inputs, "skip", a, (struct str){ 0 });
    out->param = strs_of(inputs, "param", a, (struct str){ 0 });
    out->statements = strs_of(inputs, "statements", a, dir);
    out->no_probes = value_bool_at(inputs, false, "noProbes", NULL);
}

static bool read_document_of(struct document *out, struct arena *a, struct str dir, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(DOCUMENT_BYTES_MAX);
    return bundle_read(&text, a, dir, STR("report.json"), err) &&
           document_parse(out, a, str_dup(a, buf_str(&text)), STR("report.json"), err);
}

/* A file that another names leads nowhere outside: files of the bundle were listed as what they are
 * before this. */
static bool judge_again(struct verify *v, const struct options *o, struct str dir,
                        struct arena *run, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(INPUTS_BYTES_MAX),
                    report CLEANUP(buf_release) = BUF_INIT(DOCUMENT_BYTES_MAX);
    struct document told, again;
    struct value inputs;
    struct options how;
    if (!read_document_of(&told, run, dir, err) ||
        !bundle_read(&text, run, dir, STR("inputs.json"), err) ||
        !json_read(&inputs, run, str_dup(run, buf_str(&text)), NULL, NULL, 0, err) ||
        !names_only_its_own(inputs, run, err))
        return false;
    if (data_is_only_named_so(run, told.benchmark_id, told.benchmark_sha256))
        verify_tell(v, FAULT_UNCHECKED,
                    "the bundle's benchmark calls itself %.*s and is not the one of that name that "
                    "comes with this program (of another version, or changed): whether it asks as "
                    "much was not checked",
                    STR_ARG(told.benchmark_id));
    options_of(&how, o, inputs, run, dir);
    struct option_strs missing = strs_of(inputs, "notCarried", run, (struct str){ 0 });
    if (missing.count)
        verify_tell(v, FAULT_UNCHECKED,
                    "the bundle does not hold what %.*s gave: a verdict that rests on it cannot be "
                    "judged again",
                    STR_ARG(str_join(run, missing.item, missing.count, STR(", "))));
    if (!auditing_document(&report, &how, str_to_c(run, file_join(run, dir, STR("recording"))), run,
                           err) ||
        !document_parse(&again, run, buf_str(&report), STR("the report judged again"), err))
        return err_prefix(err, "judging the recording again");
    verify_verdicts(v, &told, &again, missing.count > 0);
    return true;
}

static void print_rows(const struct verify *v)
{
    struct buf line CLEANUP(buf_release) = BUF_INIT((size_t)1 << 16);
    for (size_t i = 0; i < v->row.count && i < ROWS_SHOWN_MAX; i++) {
        buf_reset(&line);
        shown_line(&line, v->row.item[i].text);
        printf("%s: %.*s\n", bundle_fault_name[v->row.item[i].fault], STR_ARG(buf_str(&line)));
    }
    if (v->row.count > ROWS_SHOWN_MAX)
        printf("and %zu more\n", v->row.count - ROWS_SHOWN_MAX);
}

static void print(const struct verify *v, bool judged)
{
    print_rows(v);
    printf("%zu files are as they were signed", v->files);
    if (judged)
        printf("; judged again, %zu verdicts and %zu findings came out as told\n", v->checks,
               v->findings);
    else
        printf("; nothing was judged again: the bundle %s\n",
               verify_has_fault(v) ? "is at fault" : "holds no recording (--bundle-full)");
}

static void check_head(struct verify *v, const struct ledger *l, struct str head)
{
    for (size_t i = 0; i < l->run.count; i++)
        if (str_eq_nocase(l->run.item[i]->hash, head))
            return;
    verify_tell(v, FAULT_INCOMPLETE,
                "no line has the hash %.*s: the ledger was cut before it, or made anew",
                STR_ARG(head));
}

static enum exit_status verify_ledger(const struct options *o, struct str dir,
                                      const struct sign_key *key, struct arena *run,
                                      struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(LEDGER_BYTES_MAX);
    struct verify v = { .arena = run };
    struct ledger l;
    if (!ledger_load(&text, run, dir, err))
        return EXIT_CHECK_FAILED;
    ledger_read(&l, run, buf_str(&text), key, &v);
    if (l.torn_bytes)
        verify_tell(
            &v, FAULT_INCOMPLETE,
            "the last line was not written to its end: the next audit takes its %zu bytes off",
            l.torn_bytes);
    if (o->head.n)
        check_head(&v, &l, o->head);
    if (!key && !o->head.n)
        verify_tell(&v, FAULT_UNCHECKED,
                    "who wrote the lines was not checked: whoever can write the ledger could have "
                    "made all of it anew, unless its last hash was noted elsewhere (--head) or it "
                    "is signed (--key)");
    print_rows(&v);
    printf("%zu runs are chained; the last hash is %.*s\n", l.run.count,
           STR_ARG(l.run.count ? l.run.item[l.run.count - 1]->hash : STR("none")));
    return verify_has_fault(&v) ? EXIT_CHECK_FAILED
           : !key && !o->head.n ? EXIT_INCOMPLETE
                                : EXIT_DONE;
}

static bool is_ledger(struct arena *run, struct str dir)
{
    struct stat st;
    return lstat(str_to_c(run, file_join(run, dir, STR(LEDGER_FILE))), &st) == 0;
}

static enum exit_status verify_bundle(const struct options *o, struct str dir,
                                      const struct sign_key *key, struct arena *run,
                                      struct err *err)
{
    struct verify v = { .arena = run };
    struct str when = { 0 };
    struct stat st;
    if (!verify_files(&v, dir, key, err) ||
        !verify_timestamp(&when, &v, dir, o->tsa_response, o->tsa_ca, err))
        return EXIT_CHECK_FAILED;
    /* Files that are not the signer's are not read any further. */
    bool judged = !verify_has_fault(&v) &&
                  lstat(str_to_c(run, file_join(run, dir, STR("recording"))), &st) == 0;
    if (judged && !judge_again(&v, o, dir, run, err))
        return EXIT_CHECK_FAILED;
    if (when.n)
        printf("time-stamped %.*s: the bundle was as it is by then\n", STR_ARG(when));
    print(&v, judged);
    return verify_has_fault(&v) ? EXIT_CHECK_FAILED : v.row.count ? EXIT_INCOMPLETE : EXIT_DONE;
}

/* Unpacked into a folder that nobody else can write. */
static enum exit_status verify_packed(const struct options *o, struct str archive,
                                      const struct sign_key *key, struct arena *run,
                                      struct err *err)
{
    const char *tmp = getenv("TMPDIR");
    char *dir =
        str_to_c(run, str_printf(run, "%s/kubevouch-verify-XXXXXX", tmp && *tmp ? tmp : "/tmp"));
    if (!mkdtemp(dir)) {
        (void)err_set(err, ERR_IO, "cannot make a folder to unpack into (TMPDIR): \"%s\"", dir);
        return EXIT_COULD_NOT_RUN;
    }
    enum exit_status status = tar_unpack(run, archive, str_from_c(dir), err)
                                  ? verify_bundle(o, str_from_c(dir), key, run, err)
                                  : EXIT_CHECK_FAILED;
    tar_remove_folder(str_from_c(dir));
    return status;
}

enum exit_status cmd_verify(const struct options *o, struct arena *run, struct err *err)
{
    struct sign_key key = { 0 };
    struct stat st;
    if (o->argument.count != 1 || (o->tsa_ca.n && !o->tsa_response.n)) {
        (void)err_set(err, ERR_USAGE,
                      o->argument.count == 1
                          ? "--tsa-ca goes with --tsa-response FILE"
                          : "verify needs a bundle: kubevouch verify BUNDLE --key signer.pub");
        return EXIT_USAGE;
    }
    struct str dir = o->argument.item[0];
    if (o->verify_key.n && !sign_key_open(&key, run, o->verify_key, SIGN_CHECK, err))
        return EXIT_USAGE;
    const struct sign_key *with = o->verify_key.n ? &key : NULL;
    bool packed = stat(str_to_c(run, dir), &st) == 0 && S_ISREG(st.st_mode);
    enum exit_status status = packed                ? verify_packed(o, dir, with, run, err)
                              : is_ledger(run, dir) ? verify_ledger(o, dir, with, run, err)
                                                    : verify_bundle(o, dir, with, run, err);
    sign_key_close(&key);
    return status;
}
