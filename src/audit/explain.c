/* The subexpressions of a validation that failed, as a report quotes them. */
#include "audit/part.h"
#include "cluster/redact.h"

#define EXPLAINED_VALUE_BYTES 120u

void explain_failure(struct audit *au, struct finding *f, const struct cel_program *p, const struct cel_explained *row, size_t count,
                     struct arena *scratch)
{
    f->explained_count = (uint32_t)(count < EXPLAINED_ROWS ? count : EXPLAINED_ROWS);
    f->explained = arena_array(au->arena, struct explained, f->explained_count);
    for (size_t i = 0; i < f->explained_count; i++) {
        f->explained[i].text = str_sub(cel_source(p), row[i].offset, (size_t)row[i].offset + row[i].length);
        f->explained[i].value = cel_value_text(au->arena, redact_quoted(scratch, row[i].value), EXPLAINED_VALUE_BYTES);
    }
}
