/* Markers in every place of an object where people leave credentials, and looking for them in what is shown. */
#ifndef KUBEVOUCH_TESTS_PLANTED_H
#define KUBEVOUCH_TESTS_PLANTED_H

#include "base/buf.h"
#include "bench/benchmark.h"
#include "cluster/taint.h"
#include "value/json_doc.h"

#define PLANTED "pLaNtEd7q"

/* Every text below becomes a marker with what it was behind it: numbers stay, so that shapes do. */
static inline struct value plant_all(struct arena *a, struct value v)
{
    if (v.kind == VALUE_STRING)
        return value_str(str_printf(a, PLANTED "%.*s", STR_ARG(value_text(v))));
    if (v.kind == VALUE_LIST) {
        struct value *item = arena_array(a, struct value, v.n);
        for (uint32_t i = 0; i < v.n; i++)
            item[i] = plant_all(a, value_item(v, i));
        return value_list(item, v.n);
    }
    if (v.kind != VALUE_MAP)
        return v;
    struct value_entry *entry = arena_array(a, struct value_entry, v.n);
    for (uint32_t i = 0; i < v.n; i++)
        entry[i] = (struct value_entry){ v.as.map->entry[i].key, plant_all(a, v.as.map->entry[i].val) };
    return value_map(a, entry, v.n);
}

static inline struct value plant(struct arena *a, struct value v, struct str above)
{
    if (v.kind == VALUE_LIST) {
        struct value *item = arena_array(a, struct value, v.n);
        for (uint32_t i = 0; i < v.n; i++)
            item[i] = plant(a, value_item(v, i), above);
        return value_list(item, v.n);
    }
    if (v.kind != VALUE_MAP)
        return v;
    struct value_builder b, notes;
    bool is_meta = str_eq_c(above, "metadata");
    value_builder_init(&b, a);
    value_builder_init(&notes, a);
    value_builder_set(&notes, "note", value_cstr(PLANTED));
    for (uint32_t i = 0; i < v.n; i++) {
        struct value key = v.as.map->entry[i].key, val = v.as.map->entry[i].val;
        bool is_place = taint_is_place(value_text(key), above), is_notes = is_meta && str_eq_c(value_text(key), "annotations");
        val = is_place ? plant_all(a, val) : plant(a, val, value_text(key));
        for (uint32_t k = 0; is_notes && val.kind == VALUE_MAP && k < val.n; k++)
            value_builder_put(&notes, val.as.map->entry[k].key, val.as.map->entry[k].val);
        if (!is_notes)
            value_builder_put(&b, key, val);
    }
    if (is_meta)
        value_builder_set(&b, "annotations", value_builder_map(&notes));
    return value_builder_map(&b);
}

/* In whatever case, forwards or backwards. */
static inline bool shows_planted(struct str text)
{
    char low[sizeof PLANTED], back[sizeof PLANTED];
    size_t n = sizeof PLANTED - 1;
    for (size_t i = 0; i < n; i++)
        low[i] = (char)(PLANTED[i] | 0x20), back[n - 1 - i] = low[i];
    for (size_t at = 0; at + n <= text.n; at++)
        if (str_eq_nocase(str_sub(text, at, at + n), str_of(low, n)) || str_eq_nocase(str_sub(text, at, at + n), str_of(back, n)))
            return true;
    return false;
}

/* As an expression, as JSON, as an error's text. */
static inline bool value_shows_planted(struct arena *a, struct value v)
{
    struct buf json CLEANUP(buf_release) = BUF_INIT((size_t)64 << 20);
    json_doc_write(&json, v, 0);
    return shows_planted(buf_str(&json)) || shows_planted(cel_value_text(a, v, (size_t)1 << 20));
}

/* Evaluates p and shows its value and that of every part of it. The first that shows a marker is told in *part. */
static inline bool program_shows_planted(const struct cel_program *p, struct cel_activation *act, struct arena *scratch, struct str *part)
{
    enum { ROWS = 256 };
    struct cel_explained *row = arena_array(scratch, struct cel_explained, ROWS);
    act->cost_left = CEL_COST_MAX;
    *part = cel_source(p);
    if (value_shows_planted(scratch, cel_eval(p, act, scratch)))
        return true;
    act->cost_left = CEL_COST_MAX;
    size_t count = cel_explain(p, act, scratch, row, ROWS);
    for (size_t i = 0; i < count && i < ROWS; i++) {
        *part = str_sub(cel_source(p), row[i].offset, (size_t)row[i].offset + row[i].length);
        if (value_shows_planted(scratch, row[i].value))
            return true;
    }
    return false;
}

#endif
