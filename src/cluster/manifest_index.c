/* What stands where in the files of a scan: read once to know what they hold, and a document again
 * when its objects are asked for. */
#include "cluster/manifest_index.h"

#include "base/enc.h"
#include "cluster/manifest_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOUBLES_TOLD_MAX 1000u

static void close_all(void *object)
{
    struct manifest_index *x = object;
    for (size_t i = 0; i < x->source.count; i++)
        if (x->source.item[i].is_spooled)
            (void)close(x->source.item[i].fd);
    if (x->open_file != UINT32_MAX)
        (void)close(x->open_fd);
}

/* ---- objects as they go by the first time */

struct digest_asked {
    const struct manifest_index *index;
    uint8_t digest[SHA256_BYTES];
};

static bool is_key_of(const void *key, uint32_t row)
{
    const struct digest_asked *d = key;
    return memcmp(ROWS_AT(&d->index->key, row - 1)->digest, d->digest, MANIFEST_DIGEST_BYTES) == 0;
}

static uint64_t hash_of(const struct digest_asked *d)
{
    uint64_t hash;
    memcpy(&hash, d->digest, sizeof hash);
    return hash;
}

static struct digest_asked digest_of(const struct manifest_index *x, struct arena *a, enum kind k,
                                     struct str ns, struct str name)
{
    struct digest_asked d = { .index = x };
    sha256_of(str_printf(a, "%d|%.*s|%.*s", (int)k, STR_ARG(ns), STR_ARG(name)), d.digest);
    return d;
}

/* NULL: there is none. */
static struct manifest_key *key_of(const struct manifest_index *x, struct arena *a, enum kind k,
                                   struct str ns, struct str name)
{
    struct digest_asked d = digest_of(x, a, k, ns, name);
    uint32_t row = index_find(&x->key_by_digest, hash_of(&d), is_key_of, &d);
    return row ? ROWS_AT(&x->key, row - 1) : NULL;
}

static struct str place_of(struct arena *a, const char *file, uint32_t line, uint32_t column)
{
    return line ? str_printf(a, "%s:%u:%u", file, line, column) : str_dup(a, str_from_c(file));
}

static void note_double(struct manifest_index *x, const struct manifest_key *before,
                        const struct manifest_object *o, bool is_part)
{
    struct arena *a = x->set.arena;
    x->twice_count += !is_part;
    x->superseded.item[before->object] |= !is_part;
    if (x->twice.count == DOUBLES_TOLD_MAX)
        return;
    struct manifest_double *d = VEC_PUSH(&x->twice, a);
    struct object_ref ref = object_ref_of(o->object);
    d->is_part = is_part;
    ref.kind = str_from_c(kind_info(o->kind)->name);
    d->what = str_dup(a, object_ref_text(x->set.scratch, ref));
    d->first = place_of(a, x->source.item[x->doc.item[before->doc].file].name, before->line,
                        before->column);
    d->last = place_of(a, o->pos.file, o->pos.line, o->pos.column);
}

/* An object whose name is made anew for each is no second of its like. */
static bool has_own_name(const struct manifest_object *o)
{
    struct str name = value_text_at(o->object, "metadata", "name", NULL),
               generate = value_text_at(o->object, "metadata", "generateName", NULL);
    return !generate.n || !str_eq(name, generate);
}

static void take_first(void *ctx, const struct manifest_object *o)
{
    struct manifest_index *x = ctx;
    struct arena *a = x->set.arena;
    struct manifest_doc *doc = &x->doc.item[x->doc.count - 1];
    struct manifest_key here = { .object = (uint32_t)x->superseded.count,
                                 .doc = (uint32_t)x->doc.count - 1,
                                 .line = o->pos.line,
                                 .column = o->pos.column };
    kind_set_add(&doc->kinds, o->kind);
    *VEC_PUSH(&x->superseded, a) = false;
    if (!has_own_name(o))
        return;
    struct digest_asked d = digest_of(x, x->set.scratch, o->kind,
                                      value_text_at(o->object, "metadata", "namespace", NULL),
                                      value_text_at(o->object, "metadata", "name", NULL));
    uint32_t row = index_find(&x->key_by_digest, hash_of(&d), is_key_of, &d);
    bool is_part = row && manifest_is_part(o->kind, o->object);
    memcpy(here.digest, d.digest, sizeof here.digest);
    if (row) {
        note_double(x, ROWS_AT(&x->key, row - 1), o, is_part);
        if (!is_part)
            *ROWS_AT(&x->key, row - 1) = here;
        return;
    }
    *ROWS_PUSH(&x->key, a) = here;
    index_add(&x->key_by_digest, a, hash_of(&d), (uint32_t)x->key.count);
}

/* ---- files */

static bool read_documents(struct manifest_index *x, int fd, struct err *err)
{
    uint32_t file = (uint32_t)x->source.count - 1;
    struct manifest_stream s CLEANUP(manifest_stream_release);
    bool more = true, ok = true;
    manifest_stream_init(&s, fd);
    while (ok) {
        struct str text;
        struct manifest_place place;
        ok = manifest_stream_next(&s, &text, &place, &more, err);
        if (!ok || !more)
            break;
        arena_reset(x->set.scratch);
        *VEC_PUSH(&x->doc, x->set.arena) = (struct manifest_doc){
            .file = file, .first = (uint32_t)x->superseded.count, .place = place
        };
        manifest_set_read_text(&x->set, text, x->source.item[file].name, place.lines_before);
        if (!x->doc.item[x->doc.count - 1].kinds.bits)
            x->doc.count--;
    }
    return ok;
}

static uint64_t change_time(const struct stat *st)
{
    return (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec;
}

/* A file that is regular now, too; given by its own name it may be a link. */
static int open_regular(const char *path, bool follow, struct stat *st, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
    if (fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode))
        return fd;
    if (fd >= 0)
        (void)close(fd);
    (void)err_set(err, ERR_IO, "the file could not be opened");
    return -1;
}

static int open_file(struct manifest_index *x, const struct manifest_file *f, struct err *err)
{
    struct manifest_source *s = VEC_PUSH(&x->source, x->set.arena);
    bool is_stdin = strcmp(f->path, "-") == 0, utf16 = false;
    struct stat st = { 0 };
    *s = (struct manifest_source){ .name = is_stdin ? "(standard input)" : f->path, .fd = -1 };
    int fd =
        is_stdin ? manifest_spool(STDIN_FILENO, err) : open_regular(f->path, f->is_given, &st, err);
    if (fd < 0)
        return -1;
    s->is_spooled = is_stdin;
    s->bytes = (uint64_t)st.st_size;
    s->changed = change_time(&st);
    int other = manifest_spool_utf16(fd, &utf16, err);
    if (utf16) {
        (void)close(fd);
        fd = other;
        s->is_spooled = other >= 0;
    }
    s->fd = s->is_spooled ? fd : -1;
    return fd;
}

static void on_file(void *ctx, const struct manifest_file *f)
{
    struct manifest_index *x = ctx;
    struct err err = { 0 };
    x->set.file_count++;
    int fd = open_file(x, f, &err);
    bool ok = fd >= 0 && read_documents(x, fd, &err);
    struct manifest_source *s = &x->source.item[x->source.count - 1];
    if (!ok)
        manifest_set_fault(&x->set, manifest_any_kind(), (struct pos){ .file = s->name }, "%s",
                           err.text);
    if (fd >= 0 && !s->is_spooled)
        (void)close(fd);
}

static void on_passed(void *ctx, enum manifest_pass why, const char *path)
{
    struct manifest_index *x = ctx;
    manifest_set_pass(&x->set, why, (struct pos){ .file = path });
}

static void on_unreadable(void *ctx, const char *folder)
{
    struct manifest_index *x = ctx;
    manifest_set_fault(&x->set, manifest_any_kind(), (struct pos){ .file = folder },
                       "the folder could not be opened");
}

bool manifest_index_open(struct manifest_index *x, struct arena *a, const struct manifest_ask *ask,
                         struct err *err)
{
    *x = (struct manifest_index){ .open_file = UINT32_MAX, .open_fd = -1 };
    x->set = (struct manifest_set){ .arena = a,
                                    .scratch = arena_new(a, struct arena),
                                    .values_max = ask->values_max,
                                    .whole = ask->whole,
                                    .gather = ask->gather,
                                    .ns = ask->ns,
                                    .defaults = true,
                                    .take = take_first,
                                    .ctx = x };
    arena_defer(a, close_all, x);
    struct manifest_found found = { on_file, on_passed, on_unreadable, x };
    bool ok = manifest_find(ask, &found, a, err);
    arena_release(x->set.scratch);
    if (!ok)
        return false;
    if (ask->gather)
        manifest_set_settle(&x->set);
    if (!x->set.file_count)
        return err_set(err, ERR_INPUT, "%.*s holds no .yaml, .yml or .json file",
                       STR_ARG(ask->path_count ? ask->path[0] : STR("what was given")));
    if (x->set.object_count || !x->set.fault.count)
        return true;
    return err_set(err, ERR_INPUT, "%.*s; nothing else could be read",
                   STR_ARG(x->set.fault.item[0].text));
}

/* ---- again */

static bool open_again(struct manifest_index *x, uint32_t file, int *fd, struct err *err)
{
    const struct manifest_source *s = &x->source.item[file];
    struct stat st;
    if (s->is_spooled) {
        *fd = s->fd;
        return true;
    }
    if (x->open_file != file) {
        if (x->open_file != UINT32_MAX)
            (void)close(x->open_fd);
        x->open_file = UINT32_MAX;
        x->open_fd = open_regular(s->name, true, &st, err);
        if (x->open_fd < 0)
            return false;
        x->open_file = file;
        if ((uint64_t)st.st_size != s->bytes || change_time(&st) != s->changed)
            return err_set(err, ERR_IO, "it was changed while it was read");
    }
    *fd = x->open_fd;
    return true;
}

/* Objects of one document as they go by again. */
struct again {
    struct manifest_index *index;
    enum kind kind;
    manifest_take *take;
    void *ctx;
};

static void take_again(void *ctx, const struct manifest_object *o)
{
    struct again *g = ctx;
    struct manifest_index *x = g->index;
    uint32_t object = x->next++;
    if (o->kind != g->kind || object >= x->superseded.count || x->superseded.item[object])
        return;
    g->take(g->ctx, o);
}

static bool read_again(struct manifest_index *x, const struct manifest_doc *doc,
                       manifest_take *take, void *ctx, bool defaults, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(MANIFEST_BYTES_MAX + ((size_t)1 << 20));
    struct arena scratch CLEANUP(arena_release) = { 0 }, told CLEANUP(arena_release) = { 0 };
    struct manifest_set s = { .arena = &told,
                              .scratch = &scratch,
                              .values_max = x->set.values_max,
                              .ns = x->set.ns,
                              .defaults = defaults,
                              .take = take,
                              .ctx = ctx };
    int fd = -1;
    if (!open_again(x, doc->file, &fd, err) || !manifest_stream_again(fd, &doc->place, &text, err))
        return err_prefix(err, "%s", x->source.item[doc->file].name);
    x->next = doc->first;
    manifest_set_read_text(&s, buf_str(&text), x->source.item[doc->file].name,
                           doc->place.lines_before);
    return true;
}

bool manifest_index_each(struct manifest_index *x, enum kind kind, manifest_take *take, void *ctx,
                         struct err *err)
{
    struct again g = { x, kind, take, ctx };
    bool ok = true;
    for (size_t i = 0; i < x->doc.count && ok; i++)
        if (kind_set_has(x->doc.item[i].kinds, kind))
            ok = read_again(x, &x->doc.item[i], take_again, &g, true, err);
    return ok;
}

static const struct manifest_key *find_key(const struct manifest_index *x, struct arena *a,
                                           struct object_ref ref)
{
    enum kind k = kind_by_api(ref.api_version, ref.kind);
    const struct manifest_key *key = k == KIND_NONE ? NULL : key_of(x, a, k, ref.ns, ref.name);
    for (size_t i = 0; !key && !ref.api_version.n && i < KIND_COUNT; i++)
        if (str_eq_c(ref.kind, kind_info((enum kind)i)->name))
            key = key_of(x, a, (enum kind)i, ref.ns, ref.name);
    return key;
}

bool manifest_index_look(const struct manifest_index *x, struct object_ref ref,
                         struct manifest_wanted *out, struct arena *scratch)
{
    const struct manifest_key *key = find_key(x, scratch, ref);
    if (key)
        out->object = key->object;
    return key != NULL;
}

static bool stands_before(struct manifest_wanted a, struct manifest_wanted b)
{
    return a.object != b.object ? a.object < b.object : a.whose < b.whose;
}

/* The greatest of a heap's sons rises until at has none that is greater. */
static void sift(struct manifest_wanted *w, size_t at, size_t count)
{
    for (size_t son = 2 * at + 1; son < count; at = son, son = 2 * at + 1) {
        son += son + 1 < count && stands_before(w[son], w[son + 1]);
        if (!stands_before(w[at], w[son]))
            return;
        struct manifest_wanted up = w[son];
        w[son] = w[at];
        w[at] = up;
    }
}

/* In place: qsort takes as much again. */
static void sort_by_place(struct manifest_wanted *w, size_t count)
{
    for (size_t i = count / 2; i-- > 0;)
        sift(w, i, count);
    for (size_t end = count; end-- > 1;) {
        struct manifest_wanted last = w[end];
        w[end] = w[0];
        w[0] = last;
        sift(w, 0, end);
    }
}

/* Wanted objects of one document, in their order, as it is read. */
struct finding_again {
    struct manifest_index *index;
    const struct manifest_wanted *next, *end;
    manifest_there *there;
    void *ctx;
};

static void take_wanted(void *ctx, const struct manifest_object *o)
{
    struct finding_again *g = ctx;
    uint32_t object = g->index->next++;
    for (; g->next < g->end && g->next->object == object; g->next++)
        g->there(g->ctx, g->next, o);
}

void manifest_index_find(struct manifest_index *x, struct manifest_wanted *wanted, size_t count,
                         manifest_there *there, void *ctx)
{
    struct err err = { 0 };
    sort_by_place(wanted, count);
    for (size_t i = 0, end, doc = 0; i < count; i = end) {
        while (doc + 1 < x->doc.count && x->doc.item[doc + 1].first <= wanted[i].object)
            doc++;
        for (end = i; end < count &&
                      (doc + 1 == x->doc.count || wanted[end].object < x->doc.item[doc + 1].first);
             end++)
            ;
        struct finding_again g = { x, &wanted[i], &wanted[end], there, ctx };
        err_clear(&err);
        /* a file that is gone has no places */
        (void)read_again(x, &x->doc.item[doc], take_wanted, &g, false, &err);
    }
}
