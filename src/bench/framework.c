/* Frameworks: their requirements, read and linked. */
#include "base/map.h"
#include "bench/sources.h"

bool framework_parse(struct framework *out, struct arena *a, struct str text, const char *name, struct bench_faults *faults)
{
    struct framework_doc d = { 0 };
    struct reading r = { a, text, name, faults };
    size_t before = faults->item.count;
    const struct node *doc = read_document(&r);
    if (!doc || (!decode_node_all(&d, &framework_table, doc, a, fault_decoded, &r) && !d.requirement.count))
        return false;
    const struct framework_requirement_doc *q = d.requirement.item;
    struct framework f = { .id = d.id, .title = d.title, .version = d.version, .file = str_from_c(name) };
    struct map by_id;
    map_init(&by_id, a);
    f.requirement = arena_array(a, struct requirement, d.requirement.count);
    f.requirement_count = d.requirement.count;
    for (size_t i = 0; i < d.requirement.count; i++) {
        if (q[i].id.n && map_has(&by_id, q[i].id))
            (void)fault_at(&r, q[i].pos, "requirement \"%.*s\" is listed twice", STR_ARG(q[i].id));
        f.requirement[i] = (struct requirement){ q[i].id, q[i].title, (enum evidenceable)q[i].evidenceable, q[i].note };
        map_put(&by_id, q[i].id, &f.requirement[i]);
    }
    sha256_of(text, f.sha256);
    *out = f;
    return faults->item.count == before;
}

bool framework_load(struct framework *out, struct arena *a, const char *path, struct bench_faults *faults)
{
    struct str text;
    return bench_file_read(a, path, faults, &text) && framework_parse(out, a, text, path, faults);
}
