/* --by namespace: a page for each namespace, in the folder "namespaces" of the reports. */
#ifndef KUBEVOUCH_CLI_BY_NAMESPACE_H
#define KUBEVOUCH_CLI_BY_NAMESPACE_H

#include "report/report.h"

/* Pages that are written and not yet in their place; zeroed: none are. */
struct by_namespace {
    const char *waiting, *place;
    int lock;
    bool exchanged, placed;
};
#define BY_NAMESPACE_PLACE "namespaces"
/* Writes all pages into a folder of its own beside their place, which is in folder. ERR_IO;
 * ERR_USAGE where the place holds what is no page of kubevouch. */
bool by_namespace_write(struct by_namespace *out, const struct result *r, struct str folder,
                        struct str place, struct arena *a, struct err *err) WARN_UNUSED;
/* All pages take their place at once; those of an earlier run wait in theirs until
 * by_namespace_end. */
bool by_namespace_place(struct by_namespace *b, struct err *err) WARN_UNUSED;
/* Removes the pages of the earlier run, or, if done is false, the new ones: the earlier ones are
 * then where they were. */
void by_namespace_end(struct by_namespace *b, bool done);

#endif
