/* Editions of a benchmark: which range of Kubernetes one is written for, and what is known of a
 * newer one. */
#ifndef KUBEVOUCH_BENCH_EDITION_H
#define KUBEVOUCH_BENCH_EDITION_H

#include "bench/document.h"
#include "value/faults.h"

/* "1.34 - 1.35" or "1.34": minor versions of Kubernetes, both ends included. False: it is no such
 * range. */
bool edition_range(struct str kubernetes, int64_t *from, int64_t *to) WARN_UNUSED;
/* The server's minor version (negative: not known) is within a range that can be read. */
bool edition_covers(struct str kubernetes, int minor);
/* Faults of supersededBy in the benchmark of this version: no range, a version that is not newer, a
 * date that is none, a file that is not beside the benchmark's. An absent one (no title, no place)
 * has none. */
void edition_check(const struct reading *r, const struct edition_doc *d, struct str version);
/* "CIS Amazon EKS Benchmark 2.0.0, for Kubernetes 1.34 - 1.35, published 2026: NOTE", with the name
 * to judge by it where its file is there. Empty if the benchmark knows of none. */
struct str edition_text(struct arena *a, const struct benchmark *b);

#endif
