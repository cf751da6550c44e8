/* Reading the parts of a report.json: words, times, and the checks with what was seen of them. */
#include "report/stored_value.h"

#include "base/names.h"
#include "bench/attack.h"
#include "cluster/third_party.h"

bool stored_fault(struct stored_reading *s, const char *fmt, ...)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(8192);
    va_list ap;
    if (!s->ok)
        return false;
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    s->ok = err_set(s->err, ERR_INPUT, "%s: %.*s", s->name, STR_ARG(buf_str(&text)));
    return false;
}

struct str stored_text(struct value v, const char *key)
{
    return value_text_at(v, key, NULL);
}

uint64_t stored_count(struct value v, const char *key)
{
    int64_t n = value_int_at(v, 0, key, NULL);
    return n > 0 ? (uint64_t)n : 0;
}

bool stored_flag(struct value v, const char *key)
{
    return value_bool_at(v, false, key, NULL);
}

struct value stored_list(struct value v, const char *key)
{
    const struct value *list = value_get(v, str_from_c(key));
    return list && list->kind == VALUE_LIST ? *list : value_list(NULL, 0);
}

struct str *stored_texts(struct stored_reading *s, struct value v, const char *key, size_t *count)
{
    struct value list = stored_list(v, key);
    struct str *out = arena_array(s->a, struct str, list.n);
    for (uint32_t i = 0; i < list.n; i++)
        out[i] = value_text(value_item(list, i));
    *count = list.n;
    return out;
}

struct instant stored_time(struct stored_reading *s, struct value v, const char *key)
{
    struct instant t = { 0 };
    struct str text = stored_text(v, key);
    if (text.n && !clock_parse_rfc3339(text, &t))
        (void)stored_fault(s, "%s is no time: \"%.*s\"", key, STR_ARG(str_sub(text, 0, 100)));
    return t;
}

int stored_word(struct stored_reading *s, struct value v, const char *key, const char *const *word,
                size_t count, const char *what)
{
    struct str text = stored_text(v, key);
    int at = names_find(word, count, text);
    if (at < 0)
        (void)stored_fault(s, "\"%.*s\" is not %s that this kubevouch knows",
                           STR_ARG(str_sub(text, 0, 100)), what);
    return at < 0 ? 0 : at;
}

enum verdict stored_verdict(struct stored_reading *s, struct value v)
{
    struct str text = stored_text(v, "verdict");
    for (size_t i = 0; i < VERDICT_COUNT; i++)
        if (str_eq_c(text, verdict_name((enum verdict)i)))
            return (enum verdict)i;
    (void)stored_fault(s, "\"%.*s\" is not a verdict that this kubevouch knows",
                       STR_ARG(str_sub(text, 0, 100)));
    return VERDICT_UNKNOWN;
}

/* A newer one's word is told as what it is: another cause. */
enum cause stored_cause(struct stored_reading *s, struct value v)
{
    enum cause c = cause_find(stored_text(v, "cause"));
    (void)s;
    return c == CAUSE_COUNT ? CAUSE_OTHER : c;
}

void stored_observation(struct stored_reading *s, struct observation *out, struct value v)
{
    struct value instance = stored_list(v, "instances");
    const struct value *defaulted = value_get(v, STR("default"));
    *out = (struct observation){
        .grade = stored_text(v, "grade"),
        .source = stored_text(v, "source"),
        .seen = stored_text(v, "seen"),
        .has_seen = value_get(v, STR("seen")) != NULL,
        .defaulted = defaulted && defaulted->kind == VALUE_BOOL ? defaulted->as.b : -1,
        .count = 1,
        .instance = { stored_text(v, "instance") },
    };
    if (!value_get(v, STR("verdict")))
        return;
    out->outcome = stored_verdict(s, v);
    out->count = stored_count(v, "count");
    for (uint32_t i = 0; i < instance.n && i < COUNT_OF(out->instance); i++)
        out->instance[i] = value_text(value_item(instance, i));
}

struct waiver *stored_waiver(struct stored_reading *s, struct value v)
{
    const struct value *w = value_get(v, STR("waiver"));
    if (!w)
        return NULL;
    struct waiver *out = arena_new(s->a, struct waiver);
    *out = (struct waiver){ .by = stored_text(*w, "by"),
                            .reason = stored_text(*w, "reason"),
                            .expires = stored_time(s, *w, "expires") };
    return out;
}

/* ---- checks */

static struct expression *expressions(struct stored_reading *s, struct value v, const char *key,
                                      size_t *count)
{
    struct value list = stored_list(v, key);
    struct expression *out = arena_array(s->a, struct expression, list.n);
    for (uint32_t i = 0; i < list.n; i++)
        out[i] = (struct expression){ .name = stored_text(value_item(list, i), "name"),
                                      .text = stored_text(value_item(list, i), "expression") };
    *count = list.n;
    return out;
}

static void read_validations(struct stored_reading *s, struct check_part *d, struct value v)
{
    struct value list = stored_list(v, "validations");
    d->validation = arena_array(s->a, struct validation, list.n);
    d->validation_count = list.n;
    for (uint32_t i = 0; i < list.n; i++) {
        struct value row = value_item(list, i);
        d->validation[i].expression.text = stored_text(row, "expression");
        d->validation[i].otherwise =
            str_eq_c(stored_text(row, "otherwise"), "manual") ? OTHERWISE_MANUAL : OTHERWISE_FAIL;
    }
}

static void read_part(struct stored_reading *s, struct check_part *d, struct part_result *p,
                      struct value v)
{
    struct value seen = stored_list(v, "observations"),
                 excepted = stored_list(v, "exceptedExamples");
    d->name = stored_text(v, "name");
    d->over = stored_text(v, "over");
    d->kind = KIND_NONE;
    d->match = expressions(s, v, "matchConditions", &d->match_count);
    d->except = expressions(s, v, "exceptions", &d->except_count);
    d->variable = expressions(s, v, "variables", &d->variable_count);
    read_validations(s, d, v);
    d->seen.text = stored_text(v, "seen");
    *p = (struct part_result){
        .verdict = stored_verdict(s, v),
        .cause = stored_cause(s, v),
        .reason = stored_text(v, "reason"),
        .population = stored_count(v, "population"),
        .templates = stored_count(v, "templates"),
        .passed = stored_count(v, "passed"),
        .failed = stored_count(v, "failed"),
        .waived = stored_count(v, "waived"),
        .unknown = stored_count(v, "unknown"),
        .manual = stored_count(v, "manual"),
        .excepted = stored_count(v, "excepted"),
        .wanted = stored_text(v, "wanted"),
        .observation = arena_array(s->a, struct observation, seen.n),
        .observation_count = seen.n,
        .observations_left_out = stored_count(v, "observationsLeftOut"),
    };
    for (uint32_t i = 0; i < excepted.n && i < COUNT_OF(p->excepted_name); i++)
        p->excepted_name[i] = value_text(value_item(excepted, i));
    for (uint32_t i = 0; i < seen.n; i++)
        stored_observation(s, &p->observation[i], value_item(seen, i));
}

/* NULL: it has none. */
static const struct not_applicable *read_when(struct stored_reading *s, struct value row)
{
    struct str text = stored_text(row, "when");
    struct not_applicable *when = text.n ? arena_new(s->a, struct not_applicable) : NULL;
    if (when)
        *when =
            (struct not_applicable){ .reason = text,
                                     .expression = { .text = stored_text(row, "whenExpression") } };
    return when;
}

static void read_requirements(struct stored_reading *s, struct check *d, struct value v)
{
    struct value list = stored_list(v, "requirements");
    d->requirement = arena_array(s->a, struct requirement_ref, list.n);
    d->requirement_count = list.n;
    for (uint32_t i = 0; i < list.n; i++) {
        struct value row = value_item(list, i);
        d->requirement[i] = (struct requirement_ref){
            .framework = stored_text(row, "framework"),
            .requirement = stored_text(row, "requirement"),
            .only = stored_text(row, "only"),
            .only_expression = stored_text(row, "onlyExpression"),
            .when = read_when(s, row),
            .rationale = stored_text(row, "rationale"),
            .strength = (enum strength)stored_word(s, row, "strength", strength_name,
                                                   STRENGTH_COUNT, "a strength"),
        };
    }
}

/* A technique that this kubevouch knows; of a later one's the rest is passed over. */
static void read_attack(struct stored_reading *s, struct check *d, struct value v)
{
    struct value list = stored_list(v, "attack");
    d->attack = arena_array(s->a, struct attack_ref, list.n);
    for (uint32_t i = 0; i < list.n; i++)
        if (attack_name(stored_text(value_item(list, i), "technique")))
            d->attack[d->attack_count++] =
                (struct attack_ref){ .technique = stored_text(value_item(list, i), "technique"),
                                     .reason = stored_text(value_item(list, i), "reason") };
}

static const struct attestation *read_attestation(struct stored_reading *s, struct value v)
{
    const struct value *x = value_get(v, STR("attestation"));
    if (!x)
        return NULL;
    struct attestation *out = arena_new(s->a, struct attestation);
    *out =
        (struct attestation){ .by = stored_text(*x, "by"),
                              .statement = stored_text(*x, "statement"),
                              .date = stored_time(s, *x, "date"),
                              .expires = stored_time(s, *x, "expires"),
                              .satisfied = str_eq_c(stored_text(*x, "conclusion"), "satisfied") };
    return out;
}

static void read_third_party(struct stored_reading *s, struct check_result *c, struct value v)
{
    struct value list = stored_list(v, "thirdParty");
    if (!list.n)
        return;
    if (!s->r->third_party)
        s->r->third_party = arena_new(s->a, struct third_party);
    struct third_party *all = (struct third_party *)(uintptr_t)s->r->third_party; /* made here */
    c->third_party = arena_array(s->a, uint32_t, list.n);
    for (uint32_t i = 0; i < list.n; i++) {
        struct value row = value_item(list, i);
        c->third_party[c->third_party_count++] = (uint32_t)all->result.count;
        *VEC_PUSH(&all->result, s->a) = (struct third_party_result){
            .tool = stored_text(row, "tool"),
            .benchmark = stored_text(row, "benchmark"),
            .id = stored_text(row, "id"),
            .where = stored_text(row, "where"),
            .verdict = stored_text(row, "verdict"),
            .detail = stored_text(row, "detail"),
            .file = stored_text(row, "file"),
            .seen = stored_time(s, row, "seen"),
            .dated_by_file = stored_flag(row, "datedByFile"),
        };
    }
}

static void read_commands(struct stored_reading *s, struct check *d, struct value v)
{
    struct value list = stored_list(v, "commands");
    d->command = arena_array(s->a, struct command_line, list.n);
    d->command_count = list.n;
    for (uint32_t i = 0; i < list.n; i++)
        d->command[i] = (struct command_line){ stored_text(value_item(list, i), "of"),
                                               stored_text(value_item(list, i), "run") };
}

static void read_check(struct stored_reading *s, struct check *d, struct check_result *c,
                       struct value v)
{
    struct value part = stored_list(v, "parts"), call = stored_list(v, "calls");
    struct check_part *parts = arena_array(s->a, struct check_part, part.n);
    *d = (struct check){
        .id = stored_text(v, "id"),
        .section = stored_text(v, "section"),
        .title = stored_text(v, "title"),
        .description = stored_text(v, "description"),
        .rationale = stored_text(v, "rationale"),
        .remediation = stored_text(v, "remediation"),
        .level = (int)value_int_at(v, 0, "level", NULL),
        .role = stored_text(v, "role"),
        .severity = (enum severity)stored_word(s, v, "severity", severity_name, SEVERITY_COUNT,
                                               "a severity"),
        .assessment = stored_text(v, "assessment"),
        .part = parts,
        .part_count = part.n,
    };
    d->question = stored_texts(s, v, "questions", &d->question_count);
    d->tag = stored_texts(s, v, "tags", &d->tag_count);
    d->reference = stored_texts(s, v, "references", &d->reference_count);
    d->no_command = stored_text(v, "noCommand");
    read_commands(s, d, v);
    read_attack(s, d, v);
    read_requirements(s, d, v);
    *c = (struct check_result){
        .check = d,
        .verdict = stored_verdict(s, v),
        .cause = stored_cause(s, v),
        .reason = stored_text(v, "reason"),
        .remedy = stored_text(v, "remedy"),
        .is_outside = stored_flag(v, "outside"),
        .attestation = read_attestation(s, v),
        .part = arena_array(s->a, struct part_result, part.n),
        .finding_count = stored_count(v, "findings"),
        .call = arena_array(s->a, uint32_t, call.n),
        .call_count = call.n,
    };
    for (uint32_t i = 0; i < part.n; i++)
        read_part(s, &parts[i], &c->part[i], value_item(part, i));
    for (uint32_t i = 0; i < call.n; i++)
        c->call[i] =
            (uint32_t)(value_item(call, i).kind == VALUE_INT ? value_item(call, i).as.i : 0);
    read_third_party(s, c, v);
    if (!d->id.n)
        (void)stored_fault(s, "a check has no id");
}

void stored_checks(struct stored_reading *s, struct value checks)
{
    struct result *r = s->r;
    struct check *def = arena_array(s->a, struct check, checks.n);
    r->check = arena_array(s->a, struct check_result, checks.n);
    s->bench->check = def;
    s->bench->check_count = r->check_count = checks.n;
    for (uint32_t i = 0; i < checks.n && s->ok; i++) {
        read_check(s, &def[i], &r->check[i], value_item(checks, i));
        r->check[i].first_finding = r->finding_count;
        if (r->check[i].finding_count > UINT32_MAX)
            (void)stored_fault(s, "check %.*s has more findings than there can be",
                               STR_ARG(def[i].id));
        r->finding_count += r->check[i].finding_count;
    }
}
