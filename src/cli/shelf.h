/* --keep: each run's reports in a folder of their own below --output, of which the newest stay. */
#ifndef KUBEVOUCH_CLI_SHELF_H
#define KUBEVOUCH_CLI_SHELF_H

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

/* Makes "DIR/kubevouch-2026-11-29T021700Z", named for when the run began, or that with "-02" ...
 * where runs of that second are there already: names sort as the runs began, whichever of them were
 * removed. ERR_IO. */
bool shelf_make(struct str *folder, struct str dir, struct instant began, struct arena *a,
                struct err *err) WARN_UNUSED;
/* The newest folder of an earlier run in dir that holds name; empty: there is none. */
struct str shelf_newest(struct str dir, struct str name, struct arena *a);
/* Removes all but the newest `keep` folders of runs, and never the folder `mine`. A folder that
 * holds anything but files that kubevouch writes stays whole, and so does what is no folder or is
 * not named as above; both are told. A folder takes another name before its first file goes: nobody
 * finds half of a run, and the next run removes the rest. */
void shelf_prune(struct str dir, struct str mine, size_t keep, struct arena *a);

#endif
