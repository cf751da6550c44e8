/* The language's own functions: sizes, conversions, text basics, optionals. */
#ifndef KUBEVOUCH_CEL_LIB_CORE_H
#define KUBEVOUCH_CEL_LIB_CORE_H

#include "cel/overload.h"

cel_function cel_size, cel_type_of, cel_dyn;
cel_function cel_to_int, cel_to_uint, cel_to_double, cel_to_string, cel_to_bytes, cel_to_bool;
cel_function cel_contains, cel_starts_with, cel_ends_with;
cel_function cel_optional_of, cel_optional_none, cel_optional_of_non_zero;
cel_function cel_optional_has_value, cel_optional_value, cel_optional_or, cel_optional_or_value,
    cel_optional_unwrap;

/* The name of a value's type as type() gives it. */
struct value cel_type_value(struct value v);

#endif
