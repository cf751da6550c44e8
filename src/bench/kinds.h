/* The kinds that a benchmark brings with it, held against what such a kind can be, and declared
 * (cluster/kind_own.h). */
#ifndef KUBEVOUCH_BENCH_KINDS_H
#define KUBEVOUCH_BENCH_KINDS_H

#include "bench/document.h"
#include "value/faults.h"

/* docs: of struct kind_doc, in the file of r. Each fault is told at its place; a kind with one is
 * not declared. */
void kinds_declare(const struct reading *r, const struct decode_list *docs);

#endif
