/* Reports that broke off, beside those that did not. */
#include "cli/beside.h"

#include "base/clock.h"
#include "base/file.h"
#include "cli/many.h"
#include "value/json_read.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* What stands before the checks in report.json, and more than that. */
#define HEAD_BYTES_MAX ((size_t)4 << 20)
#define HEAD_DEPTH_MAX 64
#define REPORT_JSON    "report.json"

struct head {
    struct str cluster_id;
    size_t broken_off;
    bool known;
};

static bool read_head(struct buf *out, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    ssize_t n = -1;
    if (fd < 0)
        return false;
    char *room = buf_reserve(out, HEAD_BYTES_MAX);
    if (room)
        n = read(fd, room, HEAD_BYTES_MAX);
    (void)close(fd);
    buf_commit(out, n > 0 ? (size_t)n : 0);
    return n > 0;
}

/* The value of a key of the document, which stands on a line of its own: "\n"KEY": VALUE,\n". */
static struct value value_of(struct arena *a, struct str text, const char *key)
{
    struct json_limits limits = { .depth = HEAD_DEPTH_MAX };
    struct err ignored = { 0 };
    struct value v = { 0 };
    struct str mark = str_printf(a, "\n\"%s\": ", key);
    size_t at = str_find(text, mark, 0);
    if (at == SIZE_MAX)
        return v;
    size_t end = str_find_char(text, '\n', at + mark.n);
    if (end == SIZE_MAX || text.p[end - 1] != ',' ||
        !json_read(&v, a, str_sub(text, at + mark.n, end - 1), &limits, NULL, 0, &ignored))
        return (struct value){ 0 };
    return v;
}

static struct head head_of(struct arena *a, struct str folder)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(HEAD_BYTES_MAX + 1);
    struct head h = { 0 };
    if (!read_head(&text, str_to_c(a, file_join(a, folder, STR(REPORT_JSON)))))
        return h;
    struct str copy = str_dup(a, buf_str(&text));
    struct value target = value_of(a, copy, "target"), summary = value_of(a, copy, "summary");
    const struct value *broken = value_get(summary, STR("brokenOff"));
    h.cluster_id = value_text_at(target, "clusterId", NULL);
    h.broken_off = broken && broken->kind == VALUE_LIST ? broken->n : 0;
    h.known = target.kind == VALUE_MAP && summary.kind == VALUE_MAP;
    return h;
}

/* Only what a cluster says of itself tells two apart: one may be reached by many addresses. */
static bool is_other_cluster(const struct head *h, const struct cluster *c)
{
    return h->cluster_id.n && c->cluster_id.n && !str_eq(h->cluster_id, c->cluster_id);
}

bool beside_wanted(const struct result *r, struct arena *a, struct str folder, struct str name)
{
    struct stat st;
    if (!r->broken_off_count || lstat(str_to_c(a, file_join(a, folder, name)), &st) != 0 ||
        !S_ISREG(st.st_mode))
        return false;
    struct head h = head_of(a, folder);
    return !h.known || (!is_other_cluster(&h, r->cluster) && h.broken_off < r->broken_off_count);
}

static struct str with_mark(struct arena *a, struct str name, struct str mark)
{
    size_t dot = str_find_last_char(name, '.');
    if (dot == SIZE_MAX)
        return str_printf(a, "%.*s.%.*s", STR_ARG(name), STR_ARG(mark));
    return str_printf(a, "%.*s.%.*s%.*s", STR_ARG(str_sub(name, 0, dot)), STR_ARG(mark),
                      STR_ARG(str_sub(name, dot, name.n)));
}

struct str beside_name(struct arena *a, struct str name)
{
    return with_mark(a, name, STR("incomplete"));
}

bool beside_other_cluster(const struct result *r, struct arena *a, struct str folder)
{
    struct head h = head_of(a, folder);
    return h.known && is_other_cluster(&h, r->cluster);
}

struct str beside_other_name(struct arena *a, const struct result *r, struct str name)
{
    enum { NAME_BYTES = 60 };
    struct civil c = clock_civil(r->run.started.s);
    struct str cluster =
        many_folder(a, str_sub(r->run.cluster_name.n ? r->run.cluster_name : r->cluster->cluster_id,
                               0, NAME_BYTES));
    return with_mark(a, name,
                     str_printf(a, "%.*s-%04lld%02d%02dT%02d%02d%02dZ", STR_ARG(cluster),
                                (long long)c.year, c.month, c.day, c.hour, c.minute, c.second));
}
