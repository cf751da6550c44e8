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

static struct option_strs parts_of_reports(struct arena *a)
{
    struct option_strs s = room_for(a, 1);
    add(&s, "namespace");
    return s;
}

static struct option_strs exec_policies(struct arena *a)
{
    struct option_strs s = room_for(a, 2);
    add(&s, "allow");
    add(&s, "deny");
    return s;
}
static struct option_strs kubelet_ways(struct arena *a)
{
    struct option_strs s = room_for(a, KUBELET_WAY_COUNT);
    for (size_t i = 0; i < KUBELET_WAY_COUNT; i++)
        add(&s, kubelet_way_name[i]);
    return s;
}

static struct option_strs print_forms(struct arena *a)
{
    struct option_strs s = room_for(a, PRINT_COUNT);
    for (size_t i = 0; i < PRINT_COUNT; i++)
        add(&s, print_name[i]);
    return s;
}

static struct option_strs list_formats(struct arena *a)
{
    struct option_strs s = room_for(a, 2);
    add(&s, "protobuf");
    add(&s, "json");
    return s;
}

static struct option_strs review_forms(struct arena *a)
{
    struct option_strs s = room_for(a, REVIEW_COUNT);
    for (size_t i = 0; i < REVIEW_COUNT; i++)
        add(&s, review_form_name[i]);
    return s;
}

static struct option_strs readers(struct arena *a)
{
    struct option_strs s = room_for(a, READABLE_BY_COUNT);
    for (size_t i = 0; i < READABLE_BY_COUNT; i++)
        add(&s, readable_by_name[i]);
    return s;
}

static struct option_strs summaries(struct arena *a)
{
    struct option_strs s = room_for(a, SUMMARY_COUNT);
    for (size_t i = 0; i < SUMMARY_COUNT; i++)
        add(&s, summary_name[i]);
    return s;
}

static struct option_strs probes(struct arena *a)
{
    struct option_strs s = room_for(a, 1);
    add(&s, "admission");
    return s;
}

static struct option_strs actions(struct arena *a)
{
    struct option_strs s = room_for(a, 3);
    add(&s, "audit");
    add(&s, "warn");
    add(&s, "deny");
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

struct option_strs option_values(struct arena *a, enum value_source source)
{
    static struct option_strs (*const closed[])(struct arena *) = {
        [VALUES_FORMAT] = formats,
        [VALUES_FAIL_ON] = severities,
        [VALUES_FRAMEWORK] = frameworks,
        [VALUES_EXEC_POLICY] = exec_policies,
        [VALUES_LIST_FORMAT] = list_formats,
        [VALUES_SHELL] = shells,
        [VALUES_TOPIC] = topics,
        [VALUES_KUBELET_WAY] = kubelet_ways,
        [VALUES_PRINT] = print_forms,
        [VALUES_REVIEW] = review_forms,
        [VALUES_READABLE_BY] = readers,
        [VALUES_SUMMARY] = summaries,
        [VALUES_BY] = parts_of_reports,
        [VALUES_PROBE] = probes,
        [VALUES_ACTION] = actions,
    };
    if (source == VALUES_ANY || source == VALUES_CONTEXT)
        return (struct option_strs){ 0 };
    if (source <= VALUES_CLOSED)
        return closed[source](a);
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
