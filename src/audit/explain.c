/* The subexpressions of a validation that failed, as a report quotes them. */
#include "audit/part.h"

#include "value/taint.h"

#define EXPLAINED_VALUE_BYTES 120u

/* Of a long list what can be shown: every item takes a byte or more. */
static struct value shown_of(struct value v)
{
    return v.kind == VALUE_LIST && !taint_is(v) && v.n > EXPLAINED_VALUE_BYTES ? value_list(v.as.item, EXPLAINED_VALUE_BYTES) : v;
}

void explain_failure(struct audit *au, struct finding *f, const struct cel_program *p, const struct cel_explained *row, size_t count)
{
    f->explained_count = (uint32_t)(count < EXPLAINED_ROWS ? count : EXPLAINED_ROWS);
    f->explained = arena_array(au->arena, struct explained, f->explained_count);
    for (size_t i = 0; i < f->explained_count; i++) {
        f->explained[i].text = str_sub(cel_source(p), row[i].offset, (size_t)row[i].offset + row[i].length);
        f->explained[i].value = cel_value_text(au->arena, shown_of(row[i].value), EXPLAINED_VALUE_BYTES);
    }
}
