/* Levels, versions and controls of the Pod Security Standards: which rows of control.def are in
 * force, and what they find. */
#include "analyze/podsecurity/control.h"

enum relaxed { NOBODY, WINDOWS, USER_NAMESPACE };
static const struct control {
    const char *id;
    enum pod_security_level level;
    int since;
    const char *overrides;
    enum relaxed relaxed;
    control_judge *judge;
} control[] = {
#define CONTROL(id, level, since, overrides, relaxed, judge) \
    { id, POD_SECURITY_##level, since, overrides, relaxed, judge },
#include "analyze/podsecurity/control.def"
#undef CONTROL
};
enum { CONTROL_ROWS = sizeof control / sizeof *control };

static const char *const level_name[] = { "privileged", "baseline", "restricted" };

const char *pod_security_level_name(enum pod_security_level level)
{
    return level_name[level];
}

bool pod_security_level_of(enum pod_security_level *out, struct str text)
{
    for (size_t i = 0; i < sizeof level_name / sizeof *level_name; i++) {
        if (str_eq_c(text, level_name[i])) {
            *out = (enum pod_security_level)i;
            return true;
        }
    }
    return false;
}

bool pod_security_version_of(int *out, struct str text)
{
    uint64_t minor;
    struct str digits = str_sub(text, 3, text.n);
    if (str_eq_c(text, "latest")) {
        *out = POD_SECURITY_LATEST;
        return true;
    }
    if (!str_has_prefix(text, STR("v1.")) || !str_to_uint64(digits, &minor) ||
        minor >= POD_SECURITY_LATEST || (digits.n > 1 && digits.p[0] == '0'))
        return false;
    *out = (int)minor;
    return true;
}

struct str pod_security_version_text(struct arena *a, int version)
{
    return version == POD_SECURITY_LATEST ? STR("latest") : str_printf(a, "v1.%d", version);
}

static int known_version(int version)
{
    return version > POD_SECURITY_NEWEST ? POD_SECURITY_NEWEST : version;
}

/* The row is its control's newest at version. */
static bool is_in_force(size_t row, int version)
{
    bool is_last = row + 1 == CONTROL_ROWS || strcmp(control[row].id, control[row + 1].id) != 0;
    return control[row].since <= version && (is_last || control[row + 1].since > version);
}

static bool is_overridden(const char *id, int version)
{
    for (size_t i = 0; i < CONTROL_ROWS; i++)
        if (is_in_force(i, version) && strcmp(control[i].overrides, id) == 0)
            return true;
    return false;
}

static void judge_row(struct pod_security_result *out, struct pod_view *p, const struct control *c,
                      int version)
{
    struct pod_security_violation v = { .control = c->id, .level = c->level };
    if ((c->relaxed == WINDOWS && p->windows) ||
        (c->relaxed == USER_NAMESPACE && p->user_namespace))
        return;
    if (!c->judge(p, version, &v))
        *VEC_PUSH(&out->violation, p->arena) = v;
}

struct pod_security_result pod_security_evaluate(struct arena *a, struct value pod,
                                                 enum pod_security_level level, int version)
{
    struct pod_security_result out = { 0 };
    struct pod_view p;
    int known = known_version(version);
    pod_view_open(&p, a, pod);
    for (size_t i = 0; i < CONTROL_ROWS; i++) {
        if (control[i].level > level || !is_in_force(i, known))
            continue;
        if (level == POD_SECURITY_RESTRICTED && control[i].level == POD_SECURITY_BASELINE &&
            is_overridden(control[i].id, known))
            continue;
        judge_row(&out, &p, &control[i], known);
    }
    if (level != POD_SECURITY_PRIVILEGED)
        out.fault = p.fault;
    return out;
}

bool pod_security_evaluate_control(struct pod_security_result *out, struct arena *a,
                                   struct value pod, struct str id, int version)
{
    int known = known_version(version);
    for (size_t i = 0; i < CONTROL_ROWS; i++) {
        if (!str_eq_c(id, control[i].id) || !is_in_force(i, known))
            continue;
        struct pod_view p;
        *out = (struct pod_security_result){ 0 };
        pod_view_open(&p, a, pod);
        p.undefaulted = true;
        judge_row(out, &p, &control[i], known);
        out->fault = p.fault;
        return true;
    }
    return false;
}

struct value pod_security_controls(struct arena *a, enum pod_security_level level, int version)
{
    struct value_builder ids;
    value_builder_init(&ids, a);
    for (size_t i = 0; i < CONTROL_ROWS; i++)
        if (control[i].level <= level && is_in_force(i, known_version(version)))
            value_builder_push(&ids, value_cstr(control[i].id));
    return value_builder_list(&ids);
}

static const struct {
    enum allowed_list list;
    int since;
    struct str word;
} allowed_row[] = {
#define ALLOWED(list, since, word) { ALLOWED_##list, since, STR_INIT(word) },
#include "analyze/podsecurity/allowed.def"
#undef ALLOWED
};

bool allowed_has(enum allowed_list list, int version, struct str word)
{
    for (size_t i = 0; i < sizeof allowed_row / sizeof *allowed_row; i++)
        if (allowed_row[i].list == list && allowed_row[i].since <= version &&
            str_eq(allowed_row[i].word, word))
            return true;
    return false;
}
