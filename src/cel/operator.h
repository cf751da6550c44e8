/* The operators as functions: rows of overload.def like any other. Logical ones are eval's own. */
#ifndef KUBEVOUCH_CEL_OPERATOR_H
#define KUBEVOUCH_CEL_OPERATOR_H

#include "cel/overload.h"

cel_function cel_op_add, cel_op_sub, cel_op_mul, cel_op_div, cel_op_mod, cel_op_negate, cel_op_not;
cel_function cel_op_eq, cel_op_ne, cel_op_lt, cel_op_le, cel_op_gt, cel_op_ge, cel_op_in;

#endif
