/* Where the values of options and arguments come from: the tables they are rows of. */
#include "analyze/facts.h"
#include "audit/result.h"
#include "base/buf.h"
#include "cli/command.h"
#include "cli/data.h"
#include "report/report.h"

#define HELP_BYTES_MAX 4096

static void add(struct option_strs *s, const char *name)
{
    s->item[s->count++] = str_from_c(name);
}

static struct option_strs room_for(struct arena *a, size_t count)
{
    return (struct option_strs){ .item = arena_array(a, struct str, count) };
}

static struct option_strs formats(struct arena *a)
{
    struct option_strs s = room_for(a, renderer_count);
    for (size_t i = 0; i < renderer_count; i++)
        add(&s, renderer[i].name);
    return s;
}

static struct option_strs severities(struct arena *a)
{
    struct option_strs s = room_for(a, SEVERITY_COUNT + 1);
    for (size_t i = 0; i < SEVERITY_COUNT; i++)
        add(&s, severity_name[i]);
    add(&s, "never");
    return s;
}

static struct option_strs frameworks(struct arena *a)
{
    struct option_strs s = room_for(a, data_framework_count);
    for (size_t i = 0; i < data_framework_count; i++)
        add(&s, data_framework[i]);
    return s;
}

static struct option_strs shells(struct arena *a)
{
    struct option_strs s = room_for(a, completion_count);
    for (size_t i = 0; i < completion_count; i++)
        add(&s, completion[i].name);
    return s;
}

static struct option_strs topics(struct arena *a)
{
    struct option_strs s = room_for(a, command_count + manual_count + 2);
    for (size_t i = 0; i < command_count; i++)
        add(&s, command[i].name);
    for (size_t i = 0; i < manual_count; i++)
        add(&s, manual[i].name);
    add(&s, "completion");
    add(&s, "contexts");
    return s;
}

static struct option_strs of_benchmark(struct arena *a, enum value_source source)
{
    struct benchmark b;
    struct err err = { 0 };
    if (!data_benchmark(&b, a, (struct str){ 0 }, &err))
        return (struct option_strs){ 0 };
    struct option_strs s = room_for(a, b.profile_count + b.check_count);
    for (size_t i = 0; source == VALUES_PROFILE && i < b.profile_count; i++)
        s.item[s.count++] = b.profile[i].id;
    for (size_t i = 0; source == VALUES_CHECK && i < b.check_count; i++)
        s.item[s.count++] = b.check[i].id;
    return s;
}

/* Tables first; a kind that has one stands there by it. */
static struct option_strs populations(struct arena *a)
{
    struct option_strs s = room_for(a, table_count + KIND_COUNT);
    for (size_t i = 0; i < table_count; i++)
        add(&s, table_info[i].name);
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        struct str name = str_from_c(kind_info(k)->resource);
        /* KIND_UNDECLARED is none to ask for */
        if (name.n && name.p[0] != '(' && !table_find(name) && kind_by_resource(name) == k)
            s.item[s.count++] = name;
    }
    return s;
}

/* Values that are words of one enum, or known to the command alone. */
#define WORDS(...)                                                      \
    {                                                                   \
        .name = (const char *const[]){ __VA_ARGS__ },                   \
        .count = sizeof(const char *[]){ __VA_ARGS__ } / sizeof(char *) \
    }
static const struct {
    struct option_strs (*make)(struct arena *);
    const char *const *name;
    size_t count;
} closed[] = {
    [VALUES_FORMAT] = { .make = formats },
    [VALUES_FAIL_ON] = { .make = severities },
    [VALUES_FRAMEWORK] = { .make = frameworks },
    [VALUES_SHELL] = { .make = shells },
    [VALUES_TOPIC] = { .make = topics },
    [VALUES_KUBELET_WAY] = { .name = kubelet_way_name, .count = KUBELET_WAY_COUNT },
    [VALUES_PRINT] = { .name = print_name, .count = PRINT_COUNT },
    [VALUES_REVIEW] = { .name = review_form_name, .count = REVIEW_COUNT },
    [VALUES_READABLE_BY] = { .name = readable_by_name, .count = READABLE_BY_COUNT },
    [VALUES_SUMMARY] = { .name = summary_name, .count = SUMMARY_COUNT },
    [VALUES_EXEC_POLICY] = WORDS("allow", "deny"),
    [VALUES_LIST_FORMAT] = WORDS("protobuf", "json"),
    [VALUES_BY] = WORDS("namespace"),
    [VALUES_PROBE] = WORDS("admission"),
    [VALUES_ACTION] = WORDS("audit", "warn", "deny"),
};
#undef WORDS

static struct option_strs closed_values(struct arena *a, enum value_source source)
{
    if (closed[source].make)
        return closed[source].make(a);
    struct option_strs s = room_for(a, closed[source].count);
    for (size_t i = 0; i < closed[source].count; i++)
        add(&s, closed[source].name[i]);
    return s;
}

struct option_strs option_values(struct arena *a, enum value_source source)
{
    if (source == VALUES_ANY || source == VALUES_CONTEXT)
        return (struct option_strs){ 0 };
    if (source <= VALUES_CLOSED)
        return closed_values(a, source);
    if (source == VALUES_POPULATION)
        return populations(a);
    if (source != VALUES_BENCHMARK)
        return of_benchmark(a, source);
    struct str *name;
    size_t count;
    data_benchmark_names(&name, &count, a);
    struct option_strs s = room_for(a, count + 1);
    add(&s, "auto");
    for (size_t i = 0; i < count; i++)
        s.item[s.count++] = name[i];
    return s;
}

struct str option_values_text(struct arena *a, enum value_source source)
{
    struct option_strs s = option_values(a, source);
    return str_join(a, s.item, s.count, STR(", "));
}

struct str option_help(struct arena *a, const struct option_info *i)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(HELP_BYTES_MAX);
    buf_add_c(&text, i->help);
    if (i->values != VALUES_ANY && i->values <= VALUES_CLOSED)
        buf_addf(&text, "; one of %.*s", STR_ARG(option_values_text(a, i->values)));
    if (i->type == OPTION_INT)
        buf_addf(&text, " (%lld to %lld; default: %lld)", (long long)i->least,
                 (long long)i->greatest, (long long)i->initial);
    return str_dup(a, buf_str(&text));
}
