/* The borders of scopes in report.html: a map, every connection that crosses as a table, and what
 * is open from outside. */
#include "report/html.h"

#define MAP_NODES  24u /* of a column; the rest is in the table */
#define ROWS_SHOWN 500u
#define ROW_PX     26u

static const struct value *list_at(struct value v, const char *key)
{
    static const struct value none = { .kind = VALUE_LIST };
    const struct value *found = value_get(v, str_from_c(key));
    return found && found->kind == VALUE_LIST ? found : &none;
}

/* ---- the map: outside, inside, outside */

enum column { COMES_FROM, INSIDE, GOES_TO, COLUMNS };
struct map_node {
    struct str name;
};
struct border_map {
    VEC(struct map_node) node[COLUMNS];
    bool over;
};

static size_t node_at(struct border_map *m, struct arena *a, enum column c, struct str name)
{
    for (size_t i = 0; i < m->node[c].count; i++)
        if (str_eq(m->node[c].item[i].name, name))
            return i;
    if (m->node[c].count == MAP_NODES) {
        m->over = true;
        return SIZE_MAX;
    }
    VEC_PUSH(&m->node[c], a)->name = name;
    return m->node[c].count - 1;
}

static void put_label(struct html *h, unsigned x, size_t row, struct str name, bool inside)
{
    html_raw(h, "<rect x=\"");
    html_number(h, x);
    html_raw(h, "\" y=\"");
    html_number(h, row * ROW_PX + 4);
    html_raw(h, "\" width=\"280\" height=\"20\" rx=\"4\" class=\"");
    html_c(h, inside ? "in" : "out");
    html_raw(h, "\"/><text x=\"");
    html_number(h, x + 8);
    html_raw(h, "\" y=\"");
    html_number(h, row * ROW_PX + 18);
    html_raw(h, "\">");
    html_text(h, name.n > 44 ? str_printf(&h->scratch, "%.*s...", 41, name.p) : name);
    html_raw(h, "</text>\n");
}

static void put_line(struct html *h, unsigned x, size_t from, size_t to, bool unsure)
{
    html_raw(h, "<line x1=\"");
    html_number(h, x);
    html_raw(h, "\" y1=\"");
    html_number(h, from * ROW_PX + 14);
    html_raw(h, "\" x2=\"");
    html_number(h, x + 60);
    html_raw(h, "\" y2=\"");
    html_number(h, to * ROW_PX + 14);
    html_raw(h, "\" class=\"");
    html_c(h, unsure ? "unsure" : "open");
    html_raw(h, "\"/>\n");
}

static void put_map(struct html *h, struct value scope)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct border_map m = { 0 };
    const struct value *rows = list_at(scope, "connections");
    size_t most = 1;
    for (uint32_t i = 0; i < rows->n; i++) {
        struct value r = value_item(*rows, i);
        bool out = str_eq_c(value_text_at(r, "direction", NULL), "out");
        (void)node_at(&m, &a, INSIDE, value_text_at(r, "inside", NULL));
        (void)node_at(&m, &a, out ? GOES_TO : COMES_FROM, value_text_at(r, "outside", NULL));
    }
    for (size_t c = 0; c < COLUMNS; c++)
        most = m.node[c].count > most ? m.node[c].count : most;
    html_raw(h, "<div class=\"wide\"><svg class=\"border\" role=\"img\" viewBox=\"0 0 960 ");
    html_number(h, most * ROW_PX + 8);
    html_raw(h, "\" width=\"960\"><title>What may connect into the scope (left), its pods "
                "(middle), and what they may connect to (right)</title>\n");
    for (uint32_t i = 0; i < rows->n; i++) {
        struct value r = value_item(*rows, i);
        bool out = str_eq_c(value_text_at(r, "direction", NULL), "out"),
             unsure = str_eq_c(value_text_at(r, "answer", NULL), "unknown");
        size_t in = node_at(&m, &a, INSIDE, value_text_at(r, "inside", NULL)),
               other =
                   node_at(&m, &a, out ? GOES_TO : COMES_FROM, value_text_at(r, "outside", NULL));
        if (in != SIZE_MAX && other != SIZE_MAX)
            put_line(h, out ? 620 : 280, out ? in : other, out ? other : in, unsure);
    }
    for (unsigned c = 0; c < COLUMNS; c++)
        for (size_t i = 0; i < m.node[c].count; i++)
            put_label(h, c * 340, i, m.node[c].item[i].name, c == INSIDE);
    html_raw(h, "</svg></div>\n");
    if (m.over)
        html_raw(h, "<p>The map shows a part; the table below has the rest.</p>\n");
    html_flush(h);
}

/* ---- the tables */

static void put_end(struct html *h, struct value r, const char *name, const char *count)
{
    int64_t n = value_int_at(r, 0, count, NULL);
    html_raw(h, "<td>");
    html_text(h, value_text_at(r, name, NULL));
    if (n > 1) {
        html_raw(h, " (");
        html_number(h, (uint64_t)n);
        html_raw(h, " alike)");
    }
    html_raw(h, "</td>");
}

static void put_connections(struct html *h, struct value scope)
{
    const struct value *rows = list_at(scope, "connections");
    uint64_t left_out = (uint64_t)value_int_at(scope, 0, "connectionsLeftOut", NULL) +
                        (rows->n > ROWS_SHOWN ? rows->n - ROWS_SHOWN : 0);
    if (!rows->n) {
        html_raw(h, "<p>Nothing was found that crosses the border.</p>\n");
        return;
    }
    html_raw(h, "<div class=\"wide\"><table><caption>Connections that cross the "
                "border</caption><thead><tr><th scope=\"col\">From</th><th "
                "scope=\"col\">To</th><th scope=\"col\">Answer</th>"
                "<th scope=\"col\">Ports</th><th scope=\"col\">Because</th></tr></thead><tbody>\n");
    for (uint32_t i = 0; i < rows->n && i < ROWS_SHOWN; i++) {
        struct value r = value_item(*rows, i);
        bool out = str_eq_c(value_text_at(r, "direction", NULL), "out");
        const struct value *by = list_at(r, "by");
        html_raw(h, "<tr>");
        put_end(h, r, out ? "inside" : "outside", out ? "insideCount" : "outsideCount");
        put_end(h, r, out ? "outside" : "inside", out ? "outsideCount" : "insideCount");
        html_raw(h, "<td>");
        html_text(h, value_text_at(r, "answer", NULL));
        if (!str_eq(value_text_at(r, "answer", NULL), value_text_at(r, "byPolicies", NULL))) {
            html_raw(h, " (by the policies seen: ");
            html_text(h, value_text_at(r, "byPolicies", NULL));
            html_raw(h, ")");
        }
        html_raw(h, "</td><td>");
        html_text(h, value_text_at(r, "ports", NULL));
        html_raw(h, "</td><td>");
        for (uint32_t k = 0; k < by->n; k++) {
            if (k)
                html_raw(h, "<br>");
            html_text(h, value_text(value_item(*by, k)));
        }
        html_raw(h, "</td></tr>\n");
        html_flush(h);
    }
    html_raw(h, "</tbody></table></div>\n");
    if (left_out) {
        html_raw(h, "<p>");
        html_number(h, left_out);
        html_raw(h, " more are not shown here.</p>\n");
    }
}

static void put_exposures(struct html *h, struct value scope)
{
    const struct value *rows = list_at(scope, "exposures");
    if (!rows->n)
        return;
    html_raw(h, "<div class=\"wide\"><table><caption>Open from outside the cluster, in its "
                "namespaces</caption><thead><tr><th scope=\"col\">Object</th><th "
                "scope=\"col\">What is open</th>"
                "<th scope=\"col\">To the internet</th></tr></thead><tbody>\n");
    for (uint32_t i = 0; i < rows->n && i < ROWS_SHOWN; i++) {
        struct value r = value_item(*rows, i);
        const struct value *internet = value_get(r, STR("internet"));
        html_raw(h, "<tr><td>");
        html_text(h,
                  str_printf(&h->scratch, "%.*s %.*s/%.*s", STR_ARG(value_text_at(r, "kind", NULL)),
                             STR_ARG(value_text_at(r, "namespace", NULL)),
                             STR_ARG(value_text_at(r, "name", NULL))));
        html_raw(h, "</td><td>");
        html_text(h, value_text_at(r, "text", NULL));
        html_raw(h, "</td><td>");
        html_c(h, internet && internet->kind == VALUE_BOOL ? internet->as.b ? "yes" : "no"
                                                           : "not known");
        html_raw(h, "</td></tr>\n");
        html_flush(h);
    }
    html_raw(h, "</tbody></table></div>\n");
}

static void put_facts(struct html *h, struct value scope)
{
    const struct value *enforced = value_get(scope, STR("enforced")),
                       *members = list_at(scope, "members"), *unseen = list_at(scope, "notSeen");
    struct str text = { 0 };
    for (uint32_t i = 0; i < members->n; i++)
        text = str_printf(&h->scratch, "%.*s%s%.*s", STR_ARG(text), i ? ", " : "",
                          STR_ARG(value_text(value_item(*members, i))));
    html_raw(h, "<dl class=\"facts\">\n");
    html_fact(h, "Answers for it", value_text_at(scope, "owner", NULL));
    html_fact(h, "Confirmed", value_text_at(scope, "date", NULL));
    html_fact(h, "Holds", text);
    html_fact(h, "Pods",
              str_printf(&h->scratch, "%lld, and %lld workloads",
                         (long long)value_int_at(scope, 0, "pods", NULL),
                         (long long)value_int_at(scope, 0, "workloads", NULL)));
    html_fact(h, "Policies are enforced",
              enforced && enforced->kind == VALUE_BOOL
                  ? enforced->as.b ? STR("yes") : STR("no: everything may connect")
                  : STR("not known"));
    html_fact(h, "Refused",
              str_printf(&h->scratch, "%lld of %lld pairs of ends",
                         (long long)value_int_at(scope, 0, "denied", NULL),
                         (long long)value_int_at(scope, 0, "pairs", NULL)));
    html_fact(h, "Refused if enforced",
              str_printf(&h->scratch,
                         "%lld, by the policies that were seen; whether something enforces them, "
                         "or others allow it, is not known",
                         (long long)value_int_at(scope, 0, "deniedByPolicies", NULL)));
    html_raw(h, "</dl>\n");
    for (uint32_t i = 0; i < unseen->n; i++) {
        html_raw(h, "<p class=\"gap\">Not seen: ");
        html_text(h, value_text(value_item(*unseen, i)));
        html_raw(h, "</p>\n");
    }
    if (!value_int_at(scope, 0, "classes", NULL))
        html_raw(
            h, "<p class=\"gap\">No pod and no workload is in it: its border says nothing.</p>\n");
}

void html_scopes(struct html *h)
{
    const struct value *all = &h->r->scopes;
    if (all->kind != VALUE_LIST || !all->n)
        return;
    html_raw(h, "<section id=\"scopes\"><h2>Borders</h2>\n<p>What network policies let across the "
                "border of each scope. Pods that no policy tells apart are one row.</p>\n");
    for (uint32_t i = 0; i < all->n; i++) {
        struct value scope = value_item(*all, i);
        html_raw(h, "<h3>Scope ");
        html_text(h, value_text_at(scope, "name", NULL));
        html_raw(h, "</h3>\n");
        put_facts(h, scope);
        if (list_at(scope, "connections")->n)
            put_map(h, scope);
        put_connections(h, scope);
        put_exposures(h, scope);
        html_flush(h);
    }
    html_raw(h, "</section>\n");
}
