/* A JSON document written piece by piece: one key or one item in memory at a time. What report.json
 * and report.sarif are made with. */
#ifndef KUBEVOUCH_REPORT_JSON_PIECES_H
#define KUBEVOUCH_REPORT_JSON_PIECES_H

#include "report/report.h"
#include "value/value.h"

struct json_pieces {
    struct sink *out;
    struct err *err;
    struct arena scratch; /* of one piece; emptied when it is written */
    struct buf text;
    bool ok; /* false after the first failure, which err tells: nothing more is written */
};
void json_piece_text(struct json_pieces *p, const char *text);
void json_piece(struct json_pieces *p, struct value v);

#endif
