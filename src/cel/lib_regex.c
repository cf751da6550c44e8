/* Regular expressions: matches of the language, Kubernetes' find and findAll, cel-go's regex
 * extension. */
#include "cel/lib.h"
#include "cel/regex.h"

/* A compiled pattern for one call: the program's own when the pattern is a constant, else made
 * here. */
struct pattern {
    const struct regex *regex;
    struct regex *own; /* to free, or NULL */
};

static void pattern_release(struct pattern *p)
{
    if (p->own)
        regex_free(p->own);
}

/* A pattern that is refused may have taken as much memory as one may before that was known. */
#define REFUSED_UNITS 50000u

/* Work of a search: every byte of the text may go through the whole machine of the pattern, which
 * counted repetitions and classes of letters make much larger than its text. */
static bool charge_search(struct cel_call *call, struct str text, struct str pattern,
                          const struct regex *r, struct value *bad)
{
    uint64_t written = pattern.n / 4, machine = regex_size(r) / 16;
    return lib_charge_items(call, (text.n / 10 + 1) * ((written > machine ? written : machine) + 1),
                            bad);
}

static struct regex *compile(struct cel_call *call, struct str pattern, struct value *bad)
{
    struct str problem;
    if (!lib_charge_items(call, 20 + pattern.n, bad))
        return NULL;
    struct regex *r = regex_compile(pattern, call->scratch, &problem);
    if (r && lib_charge_items(call, regex_size(r), bad))
        return r;
    if (r)
        regex_free(r);
    else if (lib_charge_items(call, REFUSED_UNITS, bad))
        *bad = lib_error(call, "the regular expression \"%.*s\" is wrong: %.*s",
                         STR_ARG(str_sub(pattern, 0, 80)), STR_ARG(problem));
    return NULL;
}

static bool pattern_open(struct pattern *out, struct cel_call *call, struct value text,
                         struct value pattern, struct value *bad)
{
    *out = (struct pattern){ .regex = call->prepared };
    if (!out->regex)
        out->regex = out->own = compile(call, value_text(pattern), bad);
    return out->regex &&
           charge_search(call, value_text(text), value_text(pattern), out->regex, bad);
}

static void free_prepared(void *regex)
{
    regex_free(regex);
}

const void *cel_regex_prepare(struct arena *a, const struct value *constant, size_t count,
                              struct err *err)
{
    if (count < 2 || constant[1].kind != VALUE_STRING)
        return NULL;
    struct str problem, text = value_text(constant[1]);
    struct regex *r = regex_compile(text, a, &problem);
    if (!r) {
        err_set(err, ERR_INPUT, "the regular expression \"%.*s\" is wrong: %.*s",
                STR_ARG(str_sub(text, 0, 80)), STR_ARG(problem));
        return NULL;
    }
    arena_defer(a, free_prepared, r);
    return r;
}

static struct str spanned(struct str text, struct regex_span span)
{
    return span.from == SIZE_MAX ? STR("") : str_sub(text, span.from, span.to);
}

struct value cel_string_matches(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct value bad;
    struct pattern p CLEANUP(pattern_release) = { 0 };
    if (!pattern_open(&p, call, arg[0], arg[1], &bad))
        return bad;
    return value_bool(regex_find(p.regex, value_text(arg[0]), 0, NULL, 0));
}

struct value cel_string_find(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct value bad;
    struct regex_span span;
    struct pattern p CLEANUP(pattern_release) = { 0 };
    if (!pattern_open(&p, call, arg[0], arg[1], &bad))
        return bad;
    bool found = regex_find(p.regex, value_text(arg[0]), 0, &span, 1);
    return value_str(found ? spanned(value_text(arg[0]), span) : STR(""));
}

/* A search that goes on may read the rest of the text again. */
static bool charge_match(struct cel_call *call, struct str text, const struct regex_walk *w,
                         struct value *bad)
{
    return lib_charge_items(call, 1 + (w->at < text.n ? text.n - w->at : 0) / 1000, bad);
}

struct value cel_string_find_all(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    int64_t limit = arg_count > 2 ? arg[2].as.i : -1;
    struct str text = value_text(arg[0]);
    struct value bad;
    struct regex_span span;
    struct value_builder list;
    struct regex_walk walk = REGEX_WALK_START;
    struct pattern p CLEANUP(pattern_release) = { 0 };
    if (!pattern_open(&p, call, arg[0], arg[1], &bad))
        return bad;
    value_builder_init(&list, call->scratch);
    while ((limit < 0 || (int64_t)list.count < limit) &&
           regex_next(&walk, p.regex, text, &span, 1)) {
        if (!charge_match(call, text, &walk, &bad))
            return bad;
        value_builder_push(&list, value_str(spanned(text, span)));
    }
    return value_builder_list(&list);
}

/* More than one group would leave open which of them is meant. */
static bool one_group(struct cel_call *call, const struct pattern *p, struct value *bad)
{
    if (regex_group_count(p->regex) <= 1)
        return true;
    *bad = lib_error(call, "the regular expression has more than one capturing group");
    return false;
}

struct value cel_regex_extract(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct value bad;
    struct regex_span span[2];
    struct pattern p CLEANUP(pattern_release) = { 0 };
    if (!pattern_open(&p, call, arg[0], arg[1], &bad) || !one_group(call, &p, &bad))
        return bad;
    size_t groups = regex_group_count(p.regex);
    if (!regex_find(p.regex, value_text(arg[0]), 0, span, groups + 1))
        return value_optional_none();
    struct str found = spanned(value_text(arg[0]), span[groups]);
    if (groups && !found.n)
        return value_optional_none();
    return value_optional(call->scratch, value_str(found));
}

struct value cel_regex_extract_all(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct str text = value_text(arg[0]);
    struct value bad;
    struct regex_span span[2];
    struct value_builder list;
    struct regex_walk walk = REGEX_WALK_START;
    struct pattern p CLEANUP(pattern_release) = { 0 };
    if (!pattern_open(&p, call, arg[0], arg[1], &bad) || !one_group(call, &p, &bad))
        return bad;
    size_t groups = regex_group_count(p.regex);
    value_builder_init(&list, call->scratch);
    while (regex_next(&walk, p.regex, text, span, groups + 1)) {
        struct str found = spanned(text, span[groups]);
        if (!charge_match(call, text, &walk, &bad))
            return bad;
        if (!groups || found.n)
            value_builder_push(&list, value_str(found));
    }
    return value_builder_list(&list);
}

/* A match to be replaced: its text and groups. */
struct replaced {
    struct str text, with;
    const struct regex_span *span;
    size_t groups;
};

/* Appends the replacement for one match: "\1" is group 1, "\0" the match, "\\" a backslash. */
static bool add_replacement(struct buf *out, struct cel_call *call, const struct replaced *r,
                            struct value *bad)
{
    struct str with = r->with;
    for (size_t i = 0; i < with.n; i++) {
        if (with.p[i] != '\\') {
            buf_add_char(out, with.p[i]);
            continue;
        }
        char next = ++i < with.n ? with.p[i] : 0;
        if (next == '\\') {
            buf_add_char(out, '\\');
            continue;
        }
        if (next < '0' || next > '9') {
            *bad = lib_error(
                call, "invalid replacement string: \"\\\" must be followed by a digit or \"\\\"");
            return false;
        }
        if ((size_t)(next - '0') > r->groups) {
            *bad = lib_error(call, "replacement string references group %c but the pattern has %zu",
                             next, r->groups);
            return false;
        }
        buf_add(out, spanned(r->text, r->span[next - '0']));
    }
    return true;
}

#define REPLACED_BYTES_MAX ((size_t)8 << 20)

struct value cel_regex_replace(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct str text = value_text(arg[0]), with = value_text(arg[2]);
    int64_t limit = arg_count > 3 ? arg[3].as.i : -1;
    struct value bad;
    struct regex_span span[REGEX_GROUPS_MAX + 1];
    struct regex_walk walk = REGEX_WALK_START;
    struct pattern p CLEANUP(pattern_release) = { 0 };
    struct buf out CLEANUP(buf_release) = BUF_INIT(REPLACED_BYTES_MAX);
    if (limit > INT32_MAX)
        return lib_error(call, "integer overflow");
    if (!limit)
        return arg[0];
    if (!pattern_open(&p, call, arg[0], arg[1], &bad))
        return bad;
    size_t groups = regex_group_count(p.regex), copied = 0;
    for (int64_t i = 0;
         (limit < 0 || i < limit) && regex_next(&walk, p.regex, text, span, groups + 1); i++) {
        size_t before = out.n;
        buf_add(&out, str_sub(text, copied, span[0].from));
        if (!add_replacement(&out, call, &(struct replaced){ text, with, span, groups }, &bad))
            return bad;
        if (!charge_match(call, text, &walk, &bad) || !lib_charge_bytes(call, out.n - before, &bad))
            return bad;
        copied = span[0].to;
    }
    buf_add(&out, str_sub(text, copied, text.n));
    return lib_take_text(call, &out);
}
