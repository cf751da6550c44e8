/* Images that run, as rows. */
#include "analyze/facts_state.h"

#include <stdlib.h>

void images_see(struct facts *f, const struct seen_object *seen)
{
    if (f->images && seen->kind == KIND_PODS)
        running_images_add(f->images, seen->object, seen->scratch);
}

static int by_name(const void *a, const void *b)
{
    return str_cmp((*(const struct running_image *const *)a)->name,
                   (*(const struct running_image *const *)b)->name);
}

static int by_digest(const void *a, const void *b)
{
    return str_cmp(((const struct running_digest *)a)->digest,
                   ((const struct running_digest *)b)->digest);
}

static struct value examples(struct arena *a, const struct str example[RUNNING_EXAMPLES],
                             uint32_t count)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; i < count && i < RUNNING_EXAMPLES; i++)
        value_builder_push(&b, value_str(example[i]));
    return value_builder_list(&b);
}

static struct value digests(struct arena *a, struct running_image *i)
{
    struct value_builder list, b;
    value_builder_init(&list, a);
    if (i->digest.count)
        qsort(i->digest.item, i->digest.count, sizeof *i->digest.item, by_digest);
    for (size_t k = 0; k < i->digest.count; k++) {
        const struct running_digest *d = &i->digest.item[k];
        value_builder_init(&b, a);
        value_builder_set(&b, "digest", value_str(d->digest));
        value_builder_set(&b, "containers", value_int(d->containers));
        value_builder_set(&b, "pods", examples(a, d->example, d->containers));
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

void facts_make_images(struct facts *f, struct facts_rows *out)
{
    size_t count = f->images ? f->images->image.count : 0;
    struct running_image **row = arena_array(f->arena, struct running_image *, count);
    for (size_t i = 0; i < count; i++)
        row[i] = f->images->image.entry[i].val;
    if (count)
        qsort(row, count, sizeof *row, by_name);
    for (size_t i = 0; i < count; i++) {
        struct str path, asked;
        struct value_builder object, derived;
        bool pinned = str_cut(row[i]->name, '@', &path, &asked);
        value_builder_init(&object, out->arena);
        value_builder_set(&object, "kind", value_cstr("Image"));
        value_builder_set(&object, "name", value_str(row[i]->name));
        value_builder_init(&derived, out->arena);
        value_builder_set(&derived, "asked", value_str(pinned ? asked : STR("")));
        value_builder_set(&derived, "containers", value_int(row[i]->containers));
        value_builder_set(&derived, "digests", digests(out->arena, row[i]));
        value_builder_set(&derived, "untold",
                          row[i]->unseen
                              ? facts_unavailable(out->arena,
                                                  "of %u containers that run it no status was seen",
                                                  row[i]->unseen)
                              : value_int(row[i]->untold));
        value_builder_set(&derived, "untoldPods",
                          examples(out->arena, row[i]->untold_example, row[i]->untold));
        facts_add_row(f, out, value_builder_map(&object), value_builder_map(&derived));
    }
}
