/* --upload: the reports of a run to S3-compatible storage, or to an HTTP server that takes PUT. */
#ifndef KUBEVOUCH_CLI_UPLOAD_H
#define KUBEVOUCH_CLI_UPLOAD_H

#include "base/clock.h"
#include "cli/option.h"

/* Where it goes and as whom, before anything is asked of a cluster; true where nothing is to be
 * uploaded. ERR_USAGE, ERR_IO. */
bool upload_may_be(const struct options *o, struct arena *a, struct err *err) WARN_UNUSED;
/* Each file to URL/FOLDER/NAME: FOLDER is that of --keep, or named like it for when the run began.
 * The files here stay as they are. */
bool upload_files(char *const *path, size_t count, const struct options *o, struct instant began,
                  volatile const int *cancelled, struct arena *a, struct err *err) WARN_UNUSED;

#endif
