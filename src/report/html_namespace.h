/* A page for each namespace, which can be handed to those whose it is. */
#ifndef KUBEVOUCH_REPORT_HTML_NAMESPACE_H
#define KUBEVOUCH_REPORT_HTML_NAMESPACE_H

#include "report/report.h"

struct namespace_findings {
    struct str name;   /* empty: of no namespace */
    uint32_t *finding; /* indexes of the result's, in its order */
    size_t count;
    uint64_t verdict[VERDICT_COUNT], failures[SEVERITY_COUNT];
};
struct namespaces {
    struct namespace_findings *item; /* the worst first */
    size_t count;
};
/* Of every namespace in which something was found; a Namespace is in its own. ERR_LIMIT of very
 * many, ERR_IO. */
bool namespaces_of(struct namespaces *out, struct arena *a, const struct result *r,
                   struct err *err) WARN_UNUSED;
/* "payments.html"; a name that Kubernetes would refuse gives "_", 32 hexadecimal digits of its
 * SHA-256, ".html": no name leads out of a folder or is another's. */
struct str namespace_file_name(struct arena *a, struct str name);
/* Whether a page or the index could have this name. */
bool namespace_file_is(struct str file);
/* Each a file without a script, as report_html. */
#define NAMESPACE_INDEX "_index.html"
bool namespace_page(const struct result *r, const struct namespace_findings *p, struct sink *out,
                    struct err *err) WARN_UNUSED;
bool namespace_index(const struct result *r, const struct namespaces *all, struct sink *out,
                     struct err *err) WARN_UNUSED;

#endif
