/* Images that run, by the names that pods ask for them. */
#include "analyze/images/running.h"

void running_images_init(struct running_images *r, struct arena *a)
{
    r->arena = a;
    map_init(&r->image, a);
}

/* The first part is a registry when it could be a host. Source: distribution/reference,
 * ParseNormalizedNamed. */
static bool has_registry(struct str image)
{
    struct str first, rest;
    return str_cut(image, '/', &first, &rest) &&
           (str_find_char(first, '.', 0) != SIZE_MAX || str_find_char(first, ':', 0) != SIZE_MAX ||
            str_eq_c(first, "localhost"));
}

struct str image_full_name(struct arena *a, struct str image)
{
    struct str path, digest;
    bool pinned = str_cut(image, '@', &path, &digest),
         within = str_find_char(image, '/', 0) != SIZE_MAX;
    size_t slash = str_find_last_char(path, '/'), colon = str_find_last_char(path, ':');
    bool tagged = colon != SIZE_MAX && (slash == SIZE_MAX || colon > slash);
    return str_printf(a, "%s%.*s%s",
                      has_registry(image) ? ""
                      : within            ? "docker.io/"
                                          : "docker.io/library/",
                      STR_ARG(image), pinned || tagged ? "" : ":latest");
}

struct str image_digest_of(struct str image_id)
{
    size_t at = str_find_last_char(image_id, '@');
    struct str digest = at == SIZE_MAX ? (struct str){ 0 } : str_sub(image_id, at + 1, image_id.n);
    return str_has_prefix(digest, STR("sha256:")) || str_has_prefix(digest, STR("sha512:"))
               ? digest
               : (struct str){ 0 };
}

static struct running_image *image_of(struct running_images *r, struct str name)
{
    bool created;
    void **at = map_at(&r->image, name, &created);
    if (created) {
        struct running_image *i = arena_new(r->arena, struct running_image);
        i->name = str_dup(r->arena, name);
        *at = i;
    }
    return *at;
}

static struct running_digest *digest_of(struct running_images *r, struct running_image *i,
                                        struct str digest)
{
    for (size_t k = 0; k < i->digest.count; k++)
        if (str_eq(i->digest.item[k].digest, digest))
            return &i->digest.item[k];
    struct running_digest *d = VEC_PUSH(&i->digest, r->arena);
    d->digest = str_dup(r->arena, digest);
    return d;
}

static void add_example(struct running_images *r, struct str example[RUNNING_EXAMPLES],
                        uint32_t known, struct value pod)
{
    if (known < RUNNING_EXAMPLES)
        example[known] = str_printf(r->arena, "%.*s/%.*s",
                                    STR_ARG(value_text_at(pod, "metadata", "namespace", NULL)),
                                    STR_ARG(value_text_at(pod, "metadata", "name", NULL)));
}

static struct value status_of(const struct value *statuses, struct str container)
{
    for (uint32_t i = 0; statuses && statuses->kind == VALUE_LIST && i < statuses->n; i++)
        if (str_eq(value_text_at(value_item(*statuses, i), "name", NULL), container))
            return value_item(*statuses, i);
    return value_null();
}

static void add_container(struct running_images *r, struct value pod, struct value container,
                          struct value status, struct arena *scratch)
{
    struct str asked = value_text_at(container, "image", NULL),
               took = value_text_at(status, "imageID", NULL), digest = image_digest_of(took);
    bool seen = status.kind == VALUE_MAP;
    if (!asked.n || (seen && !took.n))
        return; /* what was not started yet is no image */
    struct running_image *i = image_of(r, image_full_name(scratch, asked));
    i->containers++;
    if (!seen) {
        i->unseen++;
        return;
    }
    if (!digest.n) {
        add_example(r, i->untold_example, i->untold++, pod);
        return;
    }
    struct running_digest *d = digest_of(r, i, digest);
    add_example(r, d->example, d->containers++, pod);
}

void running_images_add(struct running_images *r, struct value pod, struct arena *scratch)
{
    static const struct {
        const char *containers, *statuses;
    } part[] = {
        { "containers", "containerStatuses" },
        { "initContainers", "initContainerStatuses" },
    };
    if (!str_eq_c(value_text_at(pod, "status", "phase", NULL), "Running"))
        return;
    for (size_t p = 0; p < COUNT_OF(part); p++) {
        const struct value *list = value_at(pod, "spec", part[p].containers, NULL),
                           *statuses = value_at(pod, "status", part[p].statuses, NULL);
        for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->n; i++) {
            struct value container = value_item(*list, i);
            add_container(r, pod, container,
                          status_of(statuses, value_text_at(container, "name", NULL)), scratch);
        }
    }
}
