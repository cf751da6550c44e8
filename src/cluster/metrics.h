/* The Prometheus text of /metrics, read line by line as it arrives: megabytes go by, the few
 * families of metrics.def stay.
 *
 * The result is a map {family: [{label: text, ..., value: double}]}; a family without series is not
 * in it. Labels that metrics.def does not keep are gone, and their series added up. Families come
 * sorted by name, and process_start_time_seconds, which every Go program has, is behind all others
 * here but the serviceaccount_ ones: when it is there, what is missing before it was not cut off.
 * Source: prometheus.io, Exposition formats, text format 0.0.4. */
#ifndef KUBEVOUCH_CLUSTER_METRICS_H
#define KUBEVOUCH_CLUSTER_METRICS_H

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "value/value.h"

#define METRICS_LINE_BYTES_MAX 16384u /* of a line of a family that is kept */
#define METRICS_SERIES_MAX     20000u /* of all families that are kept */
#define METRICS_LABELS_MAX     64u    /* of one line */

struct metric_family;
struct metrics {
    struct arena *arena;
    struct buf line; /* the beginning of a line whose end has not come */
    bool skipping;   /* in a line too long to hold, of a family that is not kept */
    uint32_t line_number;
    struct metric_family *family; /* as in metrics.def */
    uint32_t series_count;
};
void metrics_open(struct metrics *m, struct arena *a);
/* The next bytes, cut anywhere. ERR_INPUT naming the line, for a line of a kept family that is not
 * understood; ERR_LIMIT. */
bool metrics_feed(struct metrics *m, struct str chunk, struct err *err) WARN_UNUSED;
/* ERR_INPUT if the text ends inside a line. */
bool metrics_end(struct metrics *m, struct value *out, struct err *err) WARN_UNUSED;
void metrics_close(struct metrics *m);

/* Whether a line of the text is of a family that is kept. */
bool metrics_keeps_line(struct str line);

/* All of it at once. */
bool metrics_read(struct value *out, struct arena *a, struct str text, struct err *err) WARN_UNUSED;

#endif
