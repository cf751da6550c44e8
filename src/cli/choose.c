/* --benchmark auto: the shipped benchmark for the platform and version that a server shows. */
#include "cli/choose.h"

#include "analyze/facts.h"
#include "bench/edition.h"
#include "cli/data.h"

static const struct {
    const char *platform, *benchmark;
} by_platform[] = {
#define BY_PLATFORM(platform, benchmark) { platform, benchmark },
#include "cli/choose.def"
#undef BY_PLATFORM
};
static const struct {
    int last_minor;
    const char *benchmark;
} by_version[] = {
#define BY_VERSION(last_minor, benchmark) { last_minor, benchmark },
#include "cli/choose.def"
#undef BY_VERSION
};

static size_t platform_fact(void)
{
    size_t i = 0;
    while (i < fact_count && strcmp(fact_info[i].name, "platform") != 0)
        i++;
    INVARIANT(i < fact_count);
    return i;
}

/* "the platform is k3s (the API server's version v1.33.4+k3s1)" */
static struct str platform_text(struct arena *a, struct value platform)
{
    const struct value *evidence = value_get(platform, STR("evidence"));
    struct str name = value_text_at(platform, "name", NULL);
    if (platform.kind == VALUE_ERROR)
        return platform.as.error->text;
    if (!name.n)
        return STR("nothing tells of a platform that has a benchmark of its own");
    struct str first =
        evidence && evidence->n ? value_text(value_item(*evidence, 0)) : (struct str){ 0 };
    return str_printf(a, "the platform is %.*s (%.*s)", STR_ARG(name), STR_ARG(first));
}

static struct choice by_minor(struct arena *a, const struct cluster *cluster, struct str platform)
{
    size_t i = 0;
    if (cluster->minor < 0)
        return (
            struct choice){ STR(DATA_BENCHMARK_DEFAULT),
                            str_printf(a, "the server's version is not known and %.*s: the default",
                                       STR_ARG(platform)),
                            cluster->minor };
    while (i + 1 < COUNT_OF(by_version) && cluster->minor > by_version[i].last_minor)
        i++;
    bool newer = cluster->minor > by_version[i].last_minor;
    return (struct choice){
        str_from_c(by_version[i].benchmark),
        str_printf(a, "the server is Kubernetes %.*s and %.*s%s", STR_ARG(cluster->git_version),
                   STR_ARG(platform),
                   newer ? "; no final benchmark is written for so new a version yet" : ""),
        cluster->minor
    };
}

struct choice choose_of(struct arena *a, const struct cluster *cluster)
{
    struct value platform = facts_get(facts_open(a, cluster), platform_fact());
    struct str text = platform_text(a, platform);
    for (size_t i = 0; i < COUNT_OF(by_platform); i++)
        if (platform.kind == VALUE_MAP &&
            str_eq_c(value_text_at(platform, "name", NULL), by_platform[i].platform))
            return (struct choice){ str_from_c(by_platform[i].benchmark), text, cluster->minor };
    return by_minor(a, cluster, text);
}

struct str choose_reason(struct arena *a, const struct choice *c, const struct benchmark *b)
{
    const struct edition *e = &b->superseded_by;
    return !e->title.n || !edition_covers(e->kubernetes, c->minor)
               ? c->reason
               : str_printf(a, "%.*s; a newer edition, %.*s, is written for this version",
                            STR_ARG(c->reason), STR_ARG(e->title));
}

static void no_object(void *ctx, enum kind kind, struct value object, struct arena *scratch)
{
    (void)ctx, (void)kind, (void)object, (void)scratch;
}
static void no_end(void *ctx)
{
    (void)ctx;
}

bool choose_benchmark(struct choice *out, struct arena *a, struct client *client, struct err *err)
{
    struct cluster *cluster = arena_new(a, struct cluster);
    struct collected collected = { .cluster = cluster };
    const struct fact_info *platform = &fact_info[platform_fact()];
    struct collect_options needs = { .kinds = platform->needs,
                                     .endpoints = platform->endpoints,
                                     .no_probes = true };
    struct collect_observer observer = { .object = no_object, .early_done = no_end };
    cluster_init(cluster, a);
    if (!collect_run(&collected, client, &needs, &observer, err))
        return false;
    *out = choose_of(a, cluster);
    return true;
}
