/* Reads who refused a pod out of the API server's words. The form of each is of k8s.io/apiserver
 * (admission/errors.go, admission/plugin/policy/validating, admission/plugin/webhook/errors) and of
 * k8s.io/pod-security-admission (admission.go). */
#include "analyze/podsecurity/refusal.h"

#include "value/json_read.h"

/* What stands behind front, up to the next end. */
static bool between(struct str text, const char *front, char end, struct str *out)
{
    struct str f = str_from_c(front);
    if (!str_has_prefix(text, f))
        return false;
    size_t stop = str_find_char(text, end, f.n);
    if (stop == SIZE_MAX)
        return false;
    *out = str_sub(text, f.n, stop);
    return true;
}

static struct refusal unsure(struct arena *a, const char *why, struct str text)
{
    return (struct refusal){ .kind = REFUSAL_UNSURE,
                             .text = str_printf(a, "%s%s%.*s", why, text.n ? ": " : "",
                                                STR_ARG(text)) };
}

/* Webhooks speak first: their words are their own, and could look like anything. */
static bool of_webhook(struct arena *a, struct str text, struct refusal *out)
{
    struct str name;
    if (!between(text, "admission webhook \"", '"', &name))
        return false;
    struct str rest = str_sub(text, sizeof "admission webhook \"" - 1 + name.n + 1, text.n);
    if (str_has_prefix(rest, STR(" denied the request")))
        *out = (struct refusal){ REFUSAL_TOLD, str_printf(a, "webhook %.*s", STR_ARG(name)), text };
    else
        *out = unsure(a, "a webhook did not answer to a dry run", text);
    return true;
}

/* "pods "NAME" is forbidden: WORDS" -> WORDS; empty: it is not of that form. */
static struct str words_of(struct str text)
{
    static const struct str is = STR_INIT("is forbidden: ");
    struct str name;
    if (!between(text, "pods \"", '"', &name))
        return STR("");
    struct str rest = str_sub(text, sizeof "pods \"" - 1 + name.n + 2, text.n);
    return str_has_prefix(rest, is) ? str_sub(rest, is.n, rest.n) : STR("");
}

static struct refusal of_words(struct arena *a, struct str words, struct str text)
{
    struct str name;
    if (between(words, "violates PodSecurity \"", '"', &name))
        return (struct refusal){ REFUSAL_TOLD, str_printf(a, "PodSecurity %.*s", STR_ARG(name)),
                                 text };
    if (between(words, "ValidatingAdmissionPolicy '", '\'', &name))
        return (struct refusal){ REFUSAL_TOLD,
                                 str_printf(a, "ValidatingAdmissionPolicy %.*s", STR_ARG(name)),
                                 text };
    if (str_has_prefix(words, STR("unable to create new content in namespace")))
        return unsure(a, "the namespace is being deleted", (struct str){ 0 });
    if (str_has_prefix(words, STR("User \"")))
        return unsure(a, "the identity in use may not do it", text);
    return (struct refusal){ REFUSAL_TOLD, STR("an admission plugin"), text };
}

struct refusal refusal_of(struct arena *a, int status, struct str body)
{
    struct value v = value_null();
    struct err err = { 0 };
    struct refusal r;
    if (status >= 200 && status <= 299)
        return (struct refusal){ .kind = REFUSAL_NONE };
    if (!status)
        return unsure(a, "the API server gave no answer", body);
    (void)!json_read(&v, a, body, NULL, NULL, 0, &err);
    struct str text = str_dup(a, value_text_at(v, "message", NULL)), words = words_of(text);
    if (!text.n || !str_eq_c(value_text_at(v, "kind", NULL), "Status"))
        return unsure(a,
                      str_to_c(a, str_printf(a, "HTTP %d, and no words of an API server", status)),
                      (struct str){ 0 });
    if (of_webhook(a, text, &r))
        return r;
    if (status == 409 && str_eq_c(value_text_at(v, "reason", NULL), "AlreadyExists"))
        /* admission was over when the name was found taken */
        return (struct refusal){ .kind = REFUSAL_NONE };
    if (words.n)
        return of_words(a, words, text);
    if (status == 422)
        return (struct refusal){ REFUSAL_INVALID, STR("the API server's own validation"),
                                 str_printf(a, "the API server takes it for no valid pod: %.*s",
                                            STR_ARG(text)) };
    return unsure(
        a, status == 403 ? "the identity in use may not do it" : "the API server did not say",
        text);
}
