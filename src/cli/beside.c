/* Reports that broke off or are of another cluster, beside those that are there. */
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
#define FILES          "manifests" /* as a report's run.source */

struct head {
    struct str whose; /* identity() of the run that wrote it */
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
    struct value target = value_of(a, copy, "target"), summary = value_of(a, copy, "summary"),
                 run = value_of(a, copy, "run");
    const struct value *broken = value_get(summary, STR("brokenOff"));
    h.whose = value_text_at(target, "clusterId", NULL);
    if (!h.whose.n && !str_eq_c(value_text_at(run, "source", NULL), FILES))
        h.whose = value_text_at(target, "server", NULL);
    h.broken_off = broken && broken->kind == VALUE_LIST ? broken->n : 0;
    h.known = target.kind == VALUE_MAP && summary.kind == VALUE_MAP;
    return h;
}

/* What a cluster says of itself, as one may be reached by many addresses; without that, the
 * address. Empty: files. */
static struct str identity(const struct result *r)
{
    if (str_eq(r->run.source, STR(FILES)))
        return (struct str){ 0 };
    return r->cluster->cluster_id.n ? r->cluster->cluster_id : r->cluster->server_url;
}

bool beside_wanted(const struct result *r, struct arena *a, struct str folder, struct str name)
{
    struct stat st;
    if (!r->broken_off_count || lstat(str_to_c(a, file_join(a, folder, name)), &st) != 0 ||
        !S_ISREG(st.st_mode))
        return false;
    struct head h = head_of(a, folder);
    return !h.known || (str_eq(h.whose, identity(r)) && h.broken_off < r->broken_off_count);
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

static bool is_there(struct arena *a, struct str folder, const char *name)
{
    struct stat st;
    return lstat(str_to_c(a, file_join(a, folder, str_from_c(name))), &st) == 0;
}

/* The line of BESIDE_RECORD; an empty text: none that can be read. */
static struct str recorded(struct arena *a, struct str folder)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(HEAD_BYTES_MAX + 1);
    struct str line;
    if (!read_head(&text, str_to_c(a, file_join(a, folder, STR(BESIDE_RECORD)))))
        return (struct str){ 0 };
    line = str_trim(buf_str(&text));
    return str_dup(a, line);
}

bool beside_record_wanted(struct str *line, const struct result *r, struct arena *a,
                          struct str folder, bool json)
{
    struct str whose = identity(r);
    *line = str_printf(a, "%.*s\n", STR_ARG(whose));
    return is_there(a, folder, BESIDE_RECORD) ||
           (whose.n && !json && !is_there(a, folder, REPORT_JSON));
}

enum beside_whose beside_whose(const struct result *r, struct arena *a, struct str folder,
                               const char *const *name, size_t count)
{
    struct str whose = identity(r), of;
    struct head h = head_of(a, folder);
    bool known = h.known;
    of = h.whose;
    if (!known && !is_there(a, folder, REPORT_JSON)) {
        of = recorded(a, folder);
        known = of.n > 0;
    }
    if (known)
        return str_eq(of, whose) ? BESIDE_OWN : BESIDE_OTHER;
    for (size_t i = 0; whose.n && i < count; i++)
        if (is_there(a, folder, name[i]))
            return BESIDE_NOBODYS;
    return BESIDE_OWN;
}

struct str beside_other_name(struct arena *a, const struct result *r, struct str name)
{
    enum { NAME_BYTES = 60 };
    struct civil c = clock_civil(r->run.started.s);
    struct str whose = r->run.cluster_name.n ? r->run.cluster_name : identity(r);
    whose = whose.n ? many_folder(a, str_sub(whose, 0, NAME_BYTES)) : STR("files");
    return with_mark(a, name,
                     str_printf(a, "%.*s-%04lld%02d%02dT%02d%02d%02dZ", STR_ARG(whose),
                                (long long)c.year, c.month, c.day, c.hour, c.minute, c.second));
}
