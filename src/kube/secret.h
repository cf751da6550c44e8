/* Credentials in an arena: overwritten when the arena gives the memory back. */
#ifndef KUBEVOUCH_KUBE_SECRET_H
#define KUBEVOUCH_KUBE_SECRET_H

#include "base/str.h"

/* s.p[0..s.n) must be writable memory of arena a, or live at least as long as it. Empty text is
 * fine. */
void secret_wipe_later(struct arena *a, struct str s);
/* No byte that could end or split a header line: what a token may consist of. */
bool secret_fits_header(struct str s);

#endif
