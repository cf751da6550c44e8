/* What an answer without 2xx says: kind Status as API servers write it, or plain text as proxies
 * and flow control do. */
#include "kube/status.h"

#include "kube/proto_table.h"
#include "value/proto_wire.h"

#define STATUS_DEPTH 16

void status_clean(char *out, size_t size, struct str text)
{
    size_t at = 0, kept = 0;
    bool cut = false, spaced = true;
    text = str_trim(text);
    while (at < text.n) {
        uint32_t code = 0;
        size_t n = str_utf8_at(text, at, &code);
        /* C0, DEL, C1 and the bidirectional controls: what could change how a terminal or a page
         * shows the rest. */
        bool control = n == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0) ||
                       (code >= 0x200e && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
                       (code >= 0x2066 && code <= 0x2069);
        const char *from = control ? " " : text.p + at;
        size_t add = control ? (spaced ? 0 : 1) : n;
        if (kept + add + 4 > size) {
            cut = true;
            break;
        }
        memcpy(out + kept, from, add);
        kept += add;
        spaced = add ? from[0] == ' ' : spaced;
        at += n ? n : 1;
    }
    if (cut) {
        memcpy(out + kept, "...", 3);
        kept += 3;
    }
    out[kept] = '\0';
}

/* The envelope of proto_list_split, around a Status. */
static bool read_proto_status(struct value *out, struct arena *a, struct str body)
{
    struct err ignored = { 0 };
    struct json_limits limits = { .depth = STATUS_DEPTH };
    struct proto_small whole;
    struct proto_span s = { body.p + sizeof PROTO_MAGIC - 1, body.p + body.n };
    const unsigned fields = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4;
    if (!proto_small_read(&whole, s, fields, fields))
        return false;
    struct str status = str_of(whole.text[2].at, (size_t)(whole.text[2].end - whole.text[2].at));
    return proto_read(out, a, status, &proto_status, &limits, NULL, 0, &ignored);
}

void status_read(struct status *out, struct arena *a, const struct exchange *x)
{
    struct err ignored = { 0 };
    struct json_limits limits = { .depth = STATUS_DEPTH, .bytes = TRANSPORT_ERROR_BODY_BYTES };
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct value v = value_null();
    struct str body = buf_str(&x->error_body);
    bool is_proto = str_has_prefix(body, STR(PROTO_MAGIC));

    *out = (struct status){ .retry_after_s = -1 };
    bool read = is_proto
                    ? read_proto_status(&v, &scratch, body)
                    : body.n && json_read(&v, &scratch, body, &limits, NULL, 0, &ignored) &&
                          v.kind == VALUE_MAP && str_eq_c(value_text_at(v, "kind", NULL), "Status");
    if (read) {
        out->is_status = true;
        status_clean(out->message, sizeof out->message, value_text_at(v, "message", NULL));
        status_clean(out->reason, sizeof out->reason, value_text_at(v, "reason", NULL));
        out->retry_after_s = value_int_at(v, -1, "details", "retryAfterSeconds", NULL);
        out->continue_token = str_dup(a, value_text_at(v, "metadata", "continue", NULL));
        return;
    }
    /* A page of HTML says nothing in one line, and damaged protobuf nothing at all. */
    if (is_proto)
        return;
    if (str_trim(body).n && str_trim(body).p[0] == '<')
        status_clean(out->message, sizeof out->message,
                     STR("a web page, not an API server's answer"));
    else
        status_clean(out->message, sizeof out->message, body);
}

static bool judge_status(const struct exchange *x, const char *message, struct err *err)
{
    struct str path = str_sub(x->path, 0, 120);
    const char *verb = http_verb_name(x->verb);
    switch (x->status) {
    case 401:
        return err_set(
            err, ERR_AUTH,
            "the server did not accept the credential (401 %s): it may have expired or belong to "
            "another cluster; log in again, or check the user entry in the kubeconfig",
            message);
    case 403:
        return err_set(err, ERR_DENIED, "403 %s", message[0] ? message : "Forbidden");
    case 404:
        return err_set(err, ERR_NOT_FOUND, "%s %.*s: 404 %s", verb, STR_ARG(path),
                       message[0] ? message : "not found");
    case 410:
        return err_set(err, ERR_EXPIRED, "%s %.*s: 410 %s", verb, STR_ARG(path),
                       message[0] ? message : "expired");
    case 429:
        return err_set(
            err, ERR_SERVER,
            "%s %.*s: the server stayed too busy (429 %s): run again later, or with fewer "
            "requests at once",
            verb, STR_ARG(path), message);
    default:
        return err_set(err, ERR_SERVER, "%s %.*s: the server answered %d %s", verb, STR_ARG(path),
                       x->status, message);
    }
}

bool status_judge(const struct exchange *x, const struct status *s, struct err *err)
{
    if (x->err.code != ERR_NONE) {
        if (err->code == ERR_NONE)
            *err = x->err;
        return false;
    }
    /* A part (206), a proxy's own version (203) or nothing (204) is no answer to what was asked. */
    if (x->status == 200 ||
        ((x->verb == HTTP_POST_SELF_REVIEW || x->verb == HTTP_POST_DRY_RUN_POD) &&
         x->status == 201))
        return true;
    if (x->status >= 200 && x->status <= 299)
        return err_set(err, ERR_SERVER,
                       "%s %.*s: the server answered %d, which is not a whole answer of its own: "
                       "check what stands between it and here",
                       http_verb_name(x->verb), STR_ARG(str_sub(x->path, 0, 120)), x->status);
    if (x->status >= 300 && x->status <= 399)
        return err_set(
            err, ERR_SERVER,
            "the server redirects to \"%s\" (%d), which is not followed because credentials would "
            "go there: set server in the kubeconfig to the API server itself",
            x->location, x->status);
    return judge_status(x, s->message, err);
}

bool status_is_proto(const struct exchange *x)
{
    struct str proto = STR("application/vnd.kubernetes.protobuf");
    return str_has_prefix(x->accept, proto) &&
           str_eq_nocase(str_sub(str_from_c(x->content_type), 0, proto.n), proto);
}

bool status_check_type(const struct exchange *x, struct err *err)
{
    struct str type = str_from_c(x->content_type), json = STR("application/json");
    if (!(str_has_prefix(x->accept, json) || str_has_suffix(x->accept, json)) ||
        status_is_proto(x) || type.n == 0 || str_eq_nocase(str_sub(type, 0, json.n), json))
        return true;
    char shown[80];
    status_clean(shown, sizeof shown, type);
    return err_set(err, ERR_SERVER,
                   "%.*s: the server answered with %s instead of JSON: check that server in the "
                   "kubeconfig is an API server",
                   STR_ARG(str_sub(x->path, 0, 120)), shown);
}
