/* What one flag's text is worth: the value that the component's own parser makes of it, in one
 * spelling, so that whoever compares it compares values. Source: github.com/spf13/pflag,
 * k8s.io/component-base (cli/flag, featuregate), and Go's encoding/csv and strconv. */
#ifndef KUBEVOUCH_ANALYZE_CONTROL_PLANE_FLAG_VALUE_H
#define KUBEVOUCH_ANALYZE_CONTROL_PLANE_FLAG_VALUE_H

#include "base/vec.h"
#include "value/value.h"

enum flag_type {
    FLAG_TEXT,     /* any text; the last one counts */
    FLAG_BOOL,     /* "true" or "false"; takes no word behind it */
    FLAG_INT,      /* decimal digits; 0x, 0o, 0b, a leading 0 and _ are read */
    FLAG_DURATION, /* as written: whoever reads it knows Go's durations */
    FLAG_IP,       /* an address in its shortest spelling */
    FLAG_LIST,     /* items of one CSV record, joined with commas; given again it adds */
    FLAG_ARRAY,    /* each text is one item; given again it adds; joined with commas */
    FLAG_MAP,   /* key=value pairs between commas; given again it adds, the last of a key counts */
    FLAG_GATES, /* the same, and every value is a boolean */
};

/* A flag of flag.def; a flag that is not there is known: false, type: FLAG_TEXT. */
struct flag_info {
    enum flag_type type;
    bool known;
};
struct flag_info flag_info_of(struct str name);

/* Of one flag, all that was given of it together: real ones stay far below. What is more is an
 * unavailable error. */
#define FLAG_VALUE_BYTES_MAX 16384u
#define FLAG_PAIRS_MAX       1024u

/* The flag's value after text was given once more. old: NULL or what was there before. A text, or
 * an unavailable error when the component refuses to start with it, or when the parts of a list
 * cannot stand in one text. The error never holds the text. */
struct value flag_value_add(struct arena *a, struct str name, const struct value *old,
                            struct str text);

/* The items of the first record of text, as Go's encoding/csv reads it; "" has none. False: it is
 * no record. */
struct flag_items {
    VEC(struct str) item;
};
bool flag_read_record(struct flag_items *out, struct arena *a, struct str text) WARN_UNUSED;

/* As strconv.ParseBool and strconv.ParseInt(s, 0, 64). */
bool flag_read_bool(struct str s, bool *out) WARN_UNUSED;
bool flag_read_int(struct str s, int64_t *out) WARN_UNUSED;

#endif
