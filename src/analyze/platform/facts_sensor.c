/* Runtime sensors and image scanners, by what shows of them: a fact. */
#include "analyze/facts_state.h"

static const struct {
    const char *name, *does, *resources, *images;
} sensor[] = {
#define SENSOR(name, does, resources, images) { name, does, resources, images },
#include "analyze/platform/sensor.def"
};

static bool globs_match(const char *globs, struct str s)
{
    struct str rest = str_from_c(globs), glob;
    while (str_next_field(&rest, ' ', &glob))
        if (glob.n && str_glob(glob, s))
            return true;
    return false;
}

/* "registry/path/name" of "registry/path/name:tag@digest". */
static struct str without_tag(struct str image)
{
    struct str path, digest;
    (void)str_cut(image, '@', &path, &digest);
    size_t slash = str_find_last_char(path, '/'), colon = str_find_last_char(path, ':');
    return colon != SIZE_MAX && (slash == SIZE_MAX || colon > slash) ? str_sub(path, 0, colon)
                                                                     : path;
}

static bool is_agent(const struct workload_row *row, const char *images)
{
    for (size_t i = 0; row->kind == KIND_DAEMONSETS && i < row->image_count; i++)
        if (globs_match(images, without_tag(row->image[i])))
            return true;
    return false;
}

static struct value agents_of(struct facts *f, const char *images)
{
    struct value_builder list, b;
    value_builder_init(&list, f->arena);
    for (size_t i = 0; i < f->cluster->workload.count; i++) {
        const struct workload_row *row = &f->cluster->workload.item[i];
        if (!is_agent(row, images))
            continue;
        value_builder_init(&b, f->arena);
        value_builder_set(&b, "daemonSet",
                          value_str(str_printf(f->arena, "%.*s/%.*s", STR_ARG(row->ref.ns),
                                               STR_ARG(row->ref.name))));
        value_builder_set(&b, "desired", value_int(row->desired));
        value_builder_set(&b, "ready", value_int(row->ready));
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

static struct value resources_of(struct facts *f, const char *names)
{
    struct value_builder list;
    struct str rest = str_from_c(names), name;
    value_builder_init(&list, f->arena);
    while (str_next_field(&rest, ' ', &name))
        if (cluster_find(f->cluster, KIND_CRDS, STR(""), name))
            value_builder_push(&list, value_str(name));
    return value_builder_list(&list);
}

struct value make_sensors(struct facts *f)
{
    struct value_builder list, b;
    value_builder_init(&list, f->arena);
    for (size_t i = 0; i < COUNT_OF(sensor); i++) {
        struct value resources = resources_of(f, sensor[i].resources),
                     agents = agents_of(f, sensor[i].images);
        if (!resources.n && !agents.n)
            continue;
        value_builder_init(&b, f->arena);
        value_builder_set(&b, "name", value_cstr(sensor[i].name));
        value_builder_set(&b, "does", value_cstr(sensor[i].does));
        value_builder_set(&b, "resources", resources);
        value_builder_set(&b, "agents", agents);
        value_builder_push(&list, value_builder_map(&b));
    }
    /* One that was not seen is not absent. */
    if (!facts_saw(f, KIND_CRDS))
        return facts_gap_kind(f, f->arena, KIND_CRDS);
    return facts_saw(f, KIND_DAEMONSETS) ? value_builder_list(&list)
                                         : facts_gap_kind(f, f->arena, KIND_DAEMONSETS);
}
