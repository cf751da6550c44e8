/* An expression that stands in a document. */
#ifndef KUBEVOUCH_CEL_EXPRESSION_H
#define KUBEVOUCH_CEL_EXPRESSION_H

#include "cel/program.h"

/* Its text, its place, its program. program NULL: not given. */
struct expression {
    struct str name; /* of a variable, condition or piece of evidence */
    struct str text;
    struct pos pos;
    struct cel_program *program;
};

#endif
