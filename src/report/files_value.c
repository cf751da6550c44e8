/* What was read of files, and what was not, by the keys of report.json. */
#include "cluster/manifest_index.h"
#include "report/result_value.h"
#include "value/set.h"

static struct value passed_over(struct arena *a, const struct manifest_set *m)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t p = 0; p < MANIFEST_PASS_COUNT; p++) {
        struct value_builder b;
        if (!m->passed_count[p])
            continue;
        value_builder_init(&b, a);
        set_count(&b, "count", m->passed_count[p]);
        value_builder_set(&b, "what", value_cstr(manifest_pass_what((enum manifest_pass)p)));
        if (*manifest_pass_hint((enum manifest_pass)p))
            value_builder_set(&b, "hint", value_cstr(manifest_pass_hint((enum manifest_pass)p)));
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

struct value files_value(struct arena *a, const struct result *r)
{
    const struct manifest_set *m = &r->files->set;
    struct value_builder b;
    size_t other = 0;
    for (size_t i = 0; i < m->other.count; i++)
        other += m->other.item[i].count;
    value_builder_init(&b, a);
    set_count(&b, "files", m->file_count);
    set_count(&b, "documents", m->document_count);
    set_count(&b, "objects", m->object_count);
    set_count(&b, "ofOtherKinds", other);
    set_count(&b, "superseded", r->files->twice_count);
    set_count(&b, "unreadable", m->fault_count);
    value_builder_set(&b, "passedOver", passed_over(a, m));
    return value_builder_map(&b);
}
