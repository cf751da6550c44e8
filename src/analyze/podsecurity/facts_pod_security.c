/* What Pod Security enforces in a namespace: its labels, the API servers' own defaults, and who is
 * exempt. */
#include "analyze/facts_state.h"

#define LABEL     "pod-security.kubernetes.io/"
#define FILE_FLAG "admission-control-config-file"

/* ---- the API servers' own configuration */

static int64_t count_of(struct value row)
{
    const struct value *v = value_get(row, STR("value"));
    return v && v->kind == VALUE_DOUBLE && v->as.d > 0
               ? (v->as.d < 9e15 ? (int64_t)v->as.d : INT64_C(9000000000000000))
               : 0;
}

static struct value evaluations(struct facts *f, struct value rows)
{
    struct value_builder list, b;
    value_builder_init(&list, f->arena);
    for (uint32_t i = 0; i < rows.n; i++) {
        value_builder_init(&b, f->arena);
        value_builder_set(&b, "mode", value_str(value_text_at(value_item(rows, i), "mode", NULL)));
        value_builder_set(&b, "decision",
                          value_str(value_text_at(value_item(rows, i), "decision", NULL)));
        value_builder_set(&b, "level",
                          value_str(value_text_at(value_item(rows, i), "policy_level", NULL)));
        value_builder_set(&b, "count", value_int(count_of(value_item(rows, i))));
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

/* The series is made with the first exemption. */
static struct value exemptions(struct facts *f)
{
    struct value rows = facts_metric(f, "pod_security_exemptions_total");
    if (!rows.n)
        return facts_metrics_whole(f) ? value_int(0) : facts_gap_metrics(f, f->arena);
    return value_int(count_of(value_item(rows, 0)));
}

/* Neither a command line nor the metrics tell whether the plugin runs. */
static struct value pod_security_gap(struct facts *f)
{
    const struct coverage *c = &f->cluster->endpoint[ENDPOINT_METRICS];
    return facts_unavailable(f->arena,
                             "whether admission plugin PodSecurity enforces labels is not seen: no "
                             "kube-apiserver's command line is "
                             "wholly visible, and /metrics %s%s%.*s",
                             c->state == COVERAGE_COMPLETE
                                 ? "count no pod evaluated in mode enforce"
                                 : "could not be read",
                             c->remedy.n ? "; " : "", STR_ARG(c->remedy));
}

/* The file of one API server: its name, empty without one. False: not told. */
static bool file_of(const struct component *c, struct str *file)
{
    const struct value *v = value_get(c->flags, STR(FILE_FLAG));
    *file = v && v->kind == VALUE_STRING ? value_text(*v) : STR("");
    return file->n || (!c->doubt.n && !(v && value_is_error(*v)));
}

/* OpenShift's ConfigMap holds the configuration itself. */
static bool read_inline(struct facts *f, const struct component *c)
{
    const struct value *plugin = value_get(c->admission, STR("PodSecurity")),
                       *v = plugin ? value_get(*plugin, STR("configuration")) : NULL;
    struct admission_config *config = arena_new(f->arena, struct admission_config);
    struct err err = { 0 };
    if (c->source != COMPONENT_FROM_OPENSHIFT || c->admission.kind != VALUE_MAP ||
        (plugin && value_text_at(*plugin, "location", NULL).n))
        return false;
    config->defaults = pod_security_policy_default();
    if (v && v->kind == VALUE_MAP &&
        !admission_config_of_value(config, f->arena, *v, "admission.pluginConfig.PodSecurity",
                                   &err))
        return false;
    f->pod_security_file.config = config;
    f->pod_security_file.source = component_text(f->arena, c);
    return true;
}

static struct str exemptions_seen(struct facts *f)
{
    struct value rows = facts_metric(f, "pod_security_exemptions_total");
    int64_t sum = 0;
    for (uint32_t i = 0; i < rows.n; i++)
        sum += count_of(value_item(rows, i)) > 0;
    return sum ? STR("metric pod_security_exemptions_total counts exempt requests, so that an API "
                     "server has a configuration file of Pod Security")
               : (struct str){ 0 };
}

#define GIVE_IT "give a copy of it with --admission-config"

/* Finds it, once the components are known. */
void pod_security_close(struct facts *f)
{
    struct pod_security_file *p = &f->pod_security_file;
    bool all_told = f->apiserver.count > 0 && facts_listed(f, KIND_PODS);
    size_t count = 0, with = 0, read = 0;
    struct str file, seen = exemptions_seen(f);
    *p = (struct pod_security_file){ 0 };
    for (size_t i = 0; i < f->apiserver.count; i++) {
        const struct component *c = &f->apiserver.item[i];
        if (c->unvouched) { /* what any node may say hides no namespace without a label */
            all_told = false;
            continue;
        }
        count++;
        all_told = file_of(c, &file) && all_told;
        with += file.n > 0;
        read += file.n > 0 && read_inline(f, c);
        if (file.n && !seen.n)
            seen = str_printf(f->arena,
                              "%.*s configures admission plugins in a file (--" FILE_FLAG "=%.*s)",
                              STR_ARG(component_text(f->arena, c)), STR_ARG(file));
    }
    p->none = all_told && !with && !seen.n;
    if (with && read == count)
        return; /* every instance that was seen, by its own words */
    p->config = NULL;
    if (f->given_admission && !p->none && (!with || with == count)) {
        p->config = f->given_admission;
        p->source = STR("the file of --admission-config");
    } else if (with && f->given_admission) {
        p->unseen = STR("one API server configures admission plugins in a file (--" FILE_FLAG
                        ") and another does not: which of them answers decides");
    } else if (with || seen.n) {
        p->unseen = str_printf(f->arena,
                               "%.*s: its defaults and exemptions for Pod Security are not seen, "
                               "so that labels alone prove nothing; " GIVE_IT,
                               STR_ARG(seen));
    }
}

static void say_file(const struct facts *f, struct value_builder *evidence)
{
    const struct pod_security_file *p = &f->pod_security_file;
    if (p->unseen.n)
        facts_say(evidence, f->arena, "%.*s", STR_ARG(p->unseen));
    else if (p->config)
        facts_say(evidence, f->arena, "%.*s says what holds without labels, and who is exempt",
                  STR_ARG(p->source));
    else if (p->none)
        facts_say(evidence, f->arena,
                  "no API server has --" FILE_FLAG
                  ": nothing holds without labels, and nobody is exempt");
    else
        facts_say(evidence, f->arena,
                  "whether the API servers have a configuration file of Pod Security (--" FILE_FLAG
                  "), with defaults and exemptions of its "
                  "own, was not seen: namespaces are judged by their labels");
    if (f->given_admission && p->config != f->given_admission)
        facts_say(evidence, f->arena, "the file of --admission-config is not used: %s",
                  p->none ? "no API server names such a file" : "another one is in force");
}

static struct value texts_of(struct arena *a, const struct names *n)
{
    return value_strs(a, n->item.item, n->item.count);
}

static struct value configuration_value(const struct facts *f)
{
    static const struct names nobody = { 0 };
    const struct pod_security_file *p = &f->pod_security_file;
    struct pod_security_policy built_in = pod_security_policy_default();
    const struct pod_security_policy *d = p->config ? &p->config->defaults : &built_in;
    struct value_builder b;
    if (p->unseen.n)
        return facts_unavailable(f->arena, "%.*s", STR_ARG(p->unseen));
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "known", value_bool(p->config || p->none));
    value_builder_set(&b, "enforce", value_cstr(pod_security_level_name(d->enforce.level)));
    value_builder_set(&b, "version",
                      value_str(pod_security_version_text(f->arena, d->enforce.version)));
    value_builder_set(&b, "usernames",
                      texts_of(f->arena, p->config ? &p->config->usernames : &nobody));
    value_builder_set(&b, "namespaces",
                      texts_of(f->arena, p->config ? &p->config->namespaces : &nobody));
    value_builder_set(&b, "runtimeClasses",
                      texts_of(f->arena, p->config ? &p->config->runtime_classes : &nobody));
    return value_builder_map(&b);
}

struct value make_pod_security_admission(struct facts *f)
{
    struct value_builder b, evidence;
    struct value on;
    bool all_known = f->apiserver.count > 0 && facts_listed(f, KIND_PODS), off = false;
    value_builder_init(&evidence, f->arena);
    for (size_t i = 0; i < f->apiserver.count; i++) {
        const struct component *c = &f->apiserver.item[i];
        struct str old = value_text_at(c->flags, "admission-control", NULL);
        bool readable =
            !component_refused(
                 c, (const char *const[]){ "admission-control", "disable-admission-plugins" }, 2)
                 .n;
        bool named = component_list_has(value_text_at(c->flags, "disable-admission-plugins", NULL),
                                        "PodSecurity");
        bool disabled =
            readable &&
            (named || (old.n && !c->doubt.n && !component_list_has(old, "PodSecurity")));
        bool known = disabled || (readable && !c->doubt.n);
        off = off || disabled;
        all_known = all_known && known;
        facts_say(&evidence, f->arena, "%.*s: %s", STR_ARG(component_text(f->arena, c)),
                  disabled ? named ? "--disable-admission-plugins names PodSecurity"
                                   : "--admission-control does not name PodSecurity"
                  : known  ? "PodSecurity is not disabled (it is on by default)"
                           : "its command line is not wholly known");
    }
    struct value rows = facts_metric(f, "pod_security_evaluations_total");
    bool at_work = false;
    for (uint32_t i = 0; i < rows.n; i++) {
        const struct value *n = value_get(value_item(rows, i), STR("value"));
        at_work =
            at_work || (n && n->kind == VALUE_DOUBLE && n->as.d > 0 &&
                        str_eq_c(value_text_at(value_item(rows, i), "mode", NULL), "enforce"));
    }
    if (at_work)
        facts_say(&evidence, f->arena,
                  "metric pod_security_evaluations_total counts evaluations in mode enforce");
    if (off || all_known || at_work)
        on = value_bool(!off);
    else
        on = pod_security_gap(f);
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "on", on);
    value_builder_set(&b, "off", value_bool(off));
    value_builder_set(&b, "evaluations", evaluations(f, rows));
    value_builder_set(&b, "exemptions", exemptions(f));
    say_file(f, &evidence);
    value_builder_set(&b, "configuration", configuration_value(f));
    value_builder_set(&b, "evidence", value_builder_list(&evidence));
    return value_builder_map(&b);
}

/* ---- a namespace */

static struct str label_of(struct value object, const char *key)
{
    return value_text_at(object, "metadata", "labels", key, NULL);
}

/* Why nothing is enforced although labels or defaults ask for it; empty: it is enforced. */
static struct str exemption_of(const struct facts *f, struct arena *row, struct str ns)
{
    const struct admission_config *c = f->pod_security_file.config;
    if (!c)
        return (struct str){ 0 };
    struct str maker = admission_config_exempt_controller(c);
    if (names_have(&c->namespaces, ns))
        return str_printf(row, "%.*s exempts the namespace", STR_ARG(f->pod_security_file.source));
    if (maker.n)
        return str_printf(row, "%.*s exempts %.*s, which makes the pods of workloads",
                          STR_ARG(f->pod_security_file.source), STR_ARG(maker));
    if (c->usernames.item.count)
        return str_printf(row, "%.*s exempts %.*s, whatever pods that one makes",
                          STR_ARG(f->pod_security_file.source), STR_ARG(c->usernames.item.item[0]));
    if (c->runtime_classes.item.count)
        return str_printf(row, "%.*s exempts pods of RuntimeClass %.*s, whoever makes them",
                          STR_ARG(f->pod_security_file.source),
                          STR_ARG(c->runtime_classes.item.item[0]));
    return (struct str){ 0 };
}

static struct str text_of(const struct facts *f, struct arena *row, struct str label,
                          const struct pod_security_policy *p, struct str exempt)
{
    const struct pod_security_file *file = &f->pod_security_file;
    const char *level = pod_security_level_name(p->enforce.level);
    if (exempt.n)
        return str_printf(row, "nothing: %.*s", STR_ARG(exempt));
    if (label.n && p->enforce.level != POD_SECURITY_PRIVILEGED &&
        p->enforce.version != POD_SECURITY_LATEST)
        return str_printf(row, "%.*s as of %.*s", STR_ARG(label),
                          STR_ARG(pod_security_version_text(row, p->enforce.version)));
    if (label.n)
        return label;
    if (p->enforce.level == POD_SECURITY_PRIVILEGED)
        return file->config ? str_printf(row,
                                         "nothing (no label " LABEL
                                         "enforce, and the default of %.*s is privileged)",
                                         STR_ARG(file->source))
                            : STR("nothing (no label " LABEL "enforce)");
    return str_printf(row, "%s (%.*s), the default of %.*s", level,
                      STR_ARG(pod_security_version_text(row, p->enforce.version)),
                      STR_ARG(file->source));
}

static struct pod_security_policy policy_of(const struct facts *f, struct value object)
{
    const struct pod_security_file *file = &f->pod_security_file;
    const struct value *labels = value_at(object, "metadata", "labels", NULL);
    struct pod_security_policy built_in = pod_security_policy_default();
    return pod_security_policy_of(labels ? *labels : value_null(),
                                  file->config ? &file->config->defaults : &built_in);
}

struct value facts_refused_controls(const struct facts *f, struct arena *row, struct value object)
{
    struct pod_security_policy p = policy_of(f, object);
    if (f->pod_security_file.unseen.n)
        return facts_unavailable(row, "%.*s", STR_ARG(f->pod_security_file.unseen));
    bool exempt = exemption_of(f, row, value_text_at(object, "metadata", "name", NULL)).n > 0;
    return pod_security_controls(row, exempt ? POD_SECURITY_PRIVILEGED : p.enforce.level,
                                 p.enforce.version);
}

struct value facts_pod_security(const struct facts *f, struct arena *row, struct value object)
{
    const struct pod_security_file *file = &f->pod_security_file;
    struct pod_security_policy p = policy_of(f, object);
    struct str label = label_of(object, LABEL "enforce"),
               exempt = exemption_of(f, row, value_text_at(object, "metadata", "name", NULL));
    struct value gap = facts_unavailable(row, "%.*s", STR_ARG(file->unseen));
    struct value_builder b;
    value_builder_init(&b, row);
    value_builder_set(&b, "enforce", value_str(label));
    value_builder_set(&b, "version", value_str(label_of(object, LABEL "enforce-version")));
    value_builder_set(&b, "valid", value_bool(p.valid));
    value_builder_set(
        &b, "level",
        file->unseen.n
            ? gap
            : value_cstr(exempt.n ? "privileged" : pod_security_level_name(p.enforce.level)));
    value_builder_set(
        &b, "levelVersion",
        file->unseen.n ? gap : value_str(pod_security_version_text(row, p.enforce.version)));
    value_builder_set(&b, "audit",
                      file->unseen.n ? gap : value_cstr(pod_security_level_name(p.audit.level)));
    value_builder_set(&b, "warn",
                      file->unseen.n ? gap : value_cstr(pod_security_level_name(p.warn.level)));
    value_builder_set(&b, "exempt", file->unseen.n ? gap : value_bool(exempt.n > 0));
    value_builder_set(&b, "text",
                      file->unseen.n ? gap : value_str(text_of(f, row, label, &p, exempt)));
    return value_builder_map(&b);
}
