/* The subexpressions of a validation that failed, as a report quotes them. */
#include "audit/explain.h"

#include "value/taint.h"

/* Of a long list what can be shown: every item takes a byte or more. */
static struct value shown_of(struct value v)
{
    return v.kind == VALUE_LIST && !taint_is(v) && v.n > EXPLAINED_VALUE_BYTES
               ? value_list(v.as.item, EXPLAINED_VALUE_BYTES)
               : v;
}

struct str explained_text(struct arena *scratch, struct value v)
{
    return cel_value_text(scratch, shown_of(v), EXPLAINED_VALUE_BYTES);
}
