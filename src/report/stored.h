/* A report.json that was written before, as the result that it was written from: every format can
 * be made of it, without the cluster. */
#ifndef KUBEVOUCH_REPORT_STORED_H
#define KUBEVOUCH_REPORT_STORED_H

#include "audit/result.h"

/* *out holds all that formats tell, and no more: nothing can be judged by it. text must live as
 * long as *out, whose findings are read from it one by one. ERR_INPUT, naming what is wrong in
 * name: no report.json, another version, cut off, or a reference to what is not there. */
bool stored_parse(struct result *out, struct arena *a, struct str text, const char *name,
                  struct err *err) WARN_UNUSED;
/* The same of a file, which is mapped. ERR_IO, ERR_NOT_FOUND beside. */
bool stored_read(struct result *out, struct arena *a, const char *path,
                 struct err *err) WARN_UNUSED;

#endif
