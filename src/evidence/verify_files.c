/* The signature of a bundle, and its files against what was signed. */
#include "evidence/verify.h"

#include "base/file.h"
#include "evidence/timestamp.h"
#include "value/json_read.h"

#define ENVELOPE_BYTES_MAX ((size_t)128 << 20)

const char *const bundle_fault_name[FAULT_COUNT] = { "altered",        "incomplete",
                                                     "reordered",      "signed by another",
                                                     "wrongly judged", "not checked" };

void verify_tell(struct verify *v, enum bundle_fault fault, const char *fmt, ...)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(8192);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    *VEC_PUSH(&v->row, v->arena) =
        (struct verify_row){ fault, text.over ? STR("a text that is too long to tell")
                                              : str_dup(v->arena, buf_str(&text)) };
}

bool verify_has_fault(const struct verify *v)
{
    for (size_t i = 0; i < v->row.count; i++)
        if (v->row.item[i].fault != FAULT_UNCHECKED)
            return true;
    return false;
}

static bool read_json(struct value *out, struct arena *a, struct str text, const char *name,
                      struct err *err)
{
    const struct json_limits limits = { .depth = 64, .bytes = ENVELOPE_BYTES_MAX };
    return json_read(out, a, text, &limits, NULL, 0, err) || err_prefix(err, "%s", name);
}

static bool decode(struct str *out, struct arena *a, struct str base64)
{
    struct buf bytes CLEANUP(buf_release) = BUF_INIT(ENVELOPE_BYTES_MAX);
    if (!base64.n || !enc_base64_decode(&bytes, base64, false))
        return false;
    *out = str_dup(a, buf_str(&bytes));
    return true;
}

/* One signature that holds is enough; none: whether the key that is named is ours tells which of
 * two things happened. */
static void check_signature(struct verify *v, struct value envelope, struct str payload,
                            const struct sign_key *key)
{
    const struct value *list = value_get(envelope, STR("signatures"));
    struct buf encoded CLEANUP(buf_release) = BUF_INIT(ENVELOPE_BYTES_MAX);
    struct str signature, other = { 0 };
    bool names_ours = false;
    bundle_encode(&encoded, payload);
    for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->n; i++) {
        struct value one = value_item(*list, i);
        struct str id = value_text_at(one, "keyid", NULL);
        if (decode(&signature, v->arena, value_text_at(one, "sig", NULL)) &&
            sign_check(key, buf_str(&encoded), signature))
            return;
        names_ours |= str_eq_c(id, key->id);
        other = id;
    }
    if (!list || list->kind != VALUE_LIST || !list->n)
        verify_tell(v, FAULT_INCOMPLETE, "%s has no signature", BUNDLE_SIGNED);
    else if (names_ours)
        verify_tell(v, FAULT_ALTERED,
                    "%s names this key, and its signature does not hold: the statement or the "
                    "signature was changed",
                    BUNDLE_SIGNED);
    else
        verify_tell(v, FAULT_OTHER_SIGNER, "the statement names key %.*s; the key given is %s",
                    STR_ARG(other), key->id);
}

/* The statement that the bundle has, checked as far as it can be. */
static bool read_statement(struct verify *v, struct value *out, struct str dir,
                           const struct sign_key *key, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(ENVELOPE_BYTES_MAX);
    struct err missing = { 0 };
    struct value envelope;
    struct str payload;
    if (!bundle_read(&text, v->arena, dir, STR(BUNDLE_SIGNED), &missing)) {
        buf_reset(&text);
        if (!bundle_read(&text, v->arena, dir, STR(BUNDLE_UNSIGNED), err))
            return err_prefix(err, "\"%.*s\" is no bundle: it has neither %s nor %s", STR_ARG(dir),
                              BUNDLE_SIGNED, BUNDLE_UNSIGNED);
        if (key)
            verify_tell(v, FAULT_INCOMPLETE, "the bundle has no signature: %s is not there",
                        BUNDLE_SIGNED);
        else
            verify_tell(
                v, FAULT_UNCHECKED,
                "the bundle is not signed: whoever changed it could have made its digests anew");
        return read_json(out, v->arena, str_dup(v->arena, buf_str(&text)), BUNDLE_UNSIGNED, err);
    }
    if (!read_json(&envelope, v->arena, str_dup(v->arena, buf_str(&text)), BUNDLE_SIGNED, err))
        return false;
    if (!str_eq_c(value_text_at(envelope, "payloadType", NULL), BUNDLE_PAYLOAD_TYPE) ||
        !decode(&payload, v->arena, value_text_at(envelope, "payload", NULL)))
        return err_set(err, ERR_INPUT, "%s is no DSSE envelope of an in-toto statement",
                       BUNDLE_SIGNED);
    if (key)
        check_signature(v, envelope, payload, key);
    else
        verify_tell(v, FAULT_UNCHECKED,
                    "who signed was not checked: give the signer's public key (--key)");
    return read_json(out, v->arena, payload, BUNDLE_SIGNED, err);
}

static void compare_file(struct verify *v, const struct bundle_file *f, struct str signed_as)
{
    if (!f->sha256[0])
        verify_tell(v, FAULT_ALTERED, "%.*s is no regular file, or cannot be read",
                    STR_ARG(f->name));
    else if (!str_eq_c(signed_as, f->sha256))
        verify_tell(v, FAULT_ALTERED, "%.*s has SHA-256 %s, and had %.*s", STR_ARG(f->name),
                    f->sha256, STR_ARG(signed_as));
    else
        v->files++;
}

bool verify_files(struct verify *v, struct str dir, const struct sign_key *key, struct err *err)
{
    struct bundle_list files;
    struct value statement;
    struct map there, subject;
    if (!read_statement(v, &statement, dir, key, err) || !bundle_list(&files, v->arena, dir, err))
        return false;
    const struct value *list = value_get(statement, STR("subject"));
    if (!list || list->kind != VALUE_LIST || !list->n)
        return err_set(err, ERR_INPUT, "the statement of \"%.*s\" names no files", STR_ARG(dir));
    map_init(&there, v->arena);
    map_init(&subject, v->arena);
    for (size_t i = 0; i < files.item.count; i++)
        map_put(&there, files.item.item[i].name, &files.item.item[i]);
    for (uint32_t i = 0; i < list->n; i++) {
        struct str name = value_text_at(value_item(*list, i), "name", NULL);
        const struct bundle_file *f = map_get(&there, name);
        (void)map_at(&subject, name, NULL);
        if (f)
            compare_file(v, f, value_text_at(value_item(*list, i), "digest", "sha256", NULL));
        else
            verify_tell(v, FAULT_INCOMPLETE, "%.*s is missing", STR_ARG(name));
    }
    for (size_t i = 0; i < files.item.count; i++)
        if (!map_has(&subject, files.item.item[i].name))
            verify_tell(v, FAULT_INCOMPLETE, "%.*s is there, and was not when it was signed",
                        STR_ARG(files.item.item[i].name));
    return true;
}

static bool read_sealed(struct buf *out, struct arena *a, struct str dir, struct err *err)
{
    struct err missing = { 0 };
    if (bundle_read(out, a, dir, STR(BUNDLE_SIGNED), &missing))
        return true;
    buf_reset(out);
    return bundle_read(out, a, dir, STR(BUNDLE_UNSIGNED), err);
}

bool verify_timestamp(struct str *when, struct verify *v, struct str dir, struct str response_file,
                      struct str ca_file, struct err *err)
{
    struct buf sealed CLEANUP(buf_release) = BUF_INIT(ENVELOPE_BYTES_MAX),
                      request CLEANUP(buf_release) = BUF_INIT(ENVELOPE_BYTES_MAX),
                      asked CLEANUP(buf_release) = BUF_INIT(4096);
    struct buf response CLEANUP(buf_release) = BUF_INIT((size_t)1 << 20);
    struct err missing = { 0 };
    if (!read_sealed(&sealed, v->arena, dir, err))
        return false;
    if (bundle_read(&request, v->arena, dir, STR(BUNDLE_REQUEST), &missing)) {
        if (!timestamp_request(&asked, buf_str(&sealed), err))
            return false;
        if (!str_eq(buf_str(&asked), buf_str(&request)))
            verify_tell(v, FAULT_ALTERED, "%s asks for a time-stamp of something else",
                        BUNDLE_REQUEST);
    }
    if (!response_file.n)
        return true;
    return file_read(str_to_c(v->arena, response_file), &response, err) &&
           timestamp_check(when, v, buf_str(&sealed), buf_str(&response), ca_file, err);
}
