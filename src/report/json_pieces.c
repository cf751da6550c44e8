/* A JSON document written piece by piece. */
#include "report/json_pieces.h"

#include "value/json_doc.h"

void json_piece_text(struct json_pieces *p, const char *text)
{
    p->ok = p->ok && p->out->add(p->out, str_from_c(text), p->err);
}

void json_piece(struct json_pieces *p, struct value v)
{
    if (!p->ok)
        return;
    buf_reset(&p->text);
    json_doc_write(&p->text, v, 0);
    p->ok = buf_ok(&p->text, "one piece of the report", p->err) &&
            p->out->add(p->out, buf_str(&p->text), p->err);
    arena_reset(&p->scratch);
}
