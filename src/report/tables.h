/* The tables of report.json: what many findings say stands there once, and findings refer to it by
 * its row, from 0.
 *
 * Rows go to a spool as they are met. What was met is remembered by its digest in a table of a
 * bounded size, so a text can stand twice where very many others lie between: a reader goes by rows
 * alone. */
#ifndef KUBEVOUCH_REPORT_TABLES_H
#define KUBEVOUCH_REPORT_TABLES_H

#include "report/json_pieces.h"

enum report_table {
    TABLE_EXPRESSIONS, /* texts: of subexpressions */
    TABLE_VALUES,      /* texts: what they gave */
    TABLE_MESSAGES,    /* texts */
    TABLE_EVIDENCE,    /* maps */
    TABLE_OBJECTS,     /* maps of apiVersion, kind, namespace, name, uid, resourceVersion */
    TABLE_COUNT
};
extern const char *const report_table_name[TABLE_COUNT]; /* "expressions" ... */

struct tables;
/* findings: about how many there will be. Released with the arena. spool_dir NULL: the system's
 * folder for temporary files. */
struct tables *tables_open(struct arena *a, const char *spool_dir, size_t findings);
/* The row that holds the text, or the value; key: what tells it from others of the table. */
struct value tables_text(struct tables *t, enum report_table which, struct str text);
struct value tables_value(struct tables *t, enum report_table which, struct str key,
                          struct value v);
/* {"expressions": [...], ...}; nothing is added after it. */
void tables_write(struct tables *t, struct json_pieces *p);

#endif
