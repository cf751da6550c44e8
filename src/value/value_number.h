/* Numbers by their mathematical value, whatever kind holds them. Inside the value room only. */
#ifndef KUBEVOUCH_VALUE_VALUE_NUMBER_H
#define KUBEVOUCH_VALUE_VALUE_NUMBER_H

#include "value/value.h"

/* Equal numbers have equal forms and magnitudes: every whole number that an int64 or uint64 can
 * hold is WHOLE or NEGATIVE, even as a double; the rest keep the bits of their double (one NaN, no
 * -0). */
enum value_number_form { NUMBER_WHOLE, NUMBER_NEGATIVE, NUMBER_OTHER };
struct value_number {
    enum value_number_form form;
    uint64_t magnitude;
};
/* False if v is no int, uint or double. */
bool value_number_of(struct value v, struct value_number *out);

#endif
