/* A bundle as one file: ustar, deterministic, and read back strictly. */
#include "evidence/tar.h"

#include "base/file.h"
#include "evidence/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK            512u
#define CHUNK_BYTES      ((size_t)1 << 16)
#define NAME_MAX_BYTES   100u
#define PREFIX_MAX_BYTES 155u

/* Offsets and lengths of POSIX's header. */
enum {
    AT_NAME = 0,
    AT_MODE = 100,
    AT_UID = 108,
    AT_GID = 116,
    AT_SIZE = 124,
    AT_MTIME = 136,
    AT_SUM = 148,
    AT_TYPE = 156,
    AT_LINK = 157,
    AT_MAGIC = 257,
    AT_VERSION = 263,
    AT_PREFIX = 345,
    AT_END = 500
};

static void put_octal(char *at, size_t n, uint64_t value)
{
    for (size_t i = n - 1; i-- > 0; value >>= 3)
        at[i] = (char)('0' + (value & 7));
    at[n - 1] = '\0';
}

/* Every byte, those of the sum taken as spaces. */
static uint64_t sum_of(const char *block)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= AT_SUM && i < AT_TYPE ? ' ' : (unsigned char)block[i];
    return sum;
}

/* ---- writing ---- */

/* Long names are parted at a "/". */
static bool put_name(char *block, struct str name)
{
    size_t cut = 0;
    if (name.n > NAME_MAX_BYTES) {
        cut = name.n - NAME_MAX_BYTES - 1;
        while (cut < name.n && name.p[cut] != '/')
            cut++;
        if (!cut || cut > PREFIX_MAX_BYTES || cut + 1 >= name.n)
            return false;
        memcpy(block + AT_PREFIX, name.p, cut++);
    }
    memcpy(block + AT_NAME, name.p + cut, name.n - cut);
    return true;
}

struct packing {
    struct file_writer out;
    uint64_t bytes;
    struct err *err;
};

static bool pack_chunk(void *ctx, struct str bytes)
{
    struct packing *p = ctx;
    p->bytes += bytes.n;
    return file_writer_add(&p->out, bytes, p->err);
}

static bool put_zeros(struct packing *p, size_t n)
{
    static const char zero[2 * BLOCK];
    return file_writer_add(&p->out, str_of(zero, n), p->err);
}

/* The size stands before the bytes: a file that changes meanwhile is told. */
static bool pack_file(struct packing *p, struct arena *a, const char *dir, struct str name)
{
    char block[BLOCK] = { 0 };
    struct stat st;
    if (stat(str_to_c(a, file_join(a, str_from_c(dir), name)), &st) != 0 || !S_ISREG(st.st_mode))
        return err_set(p->err, ERR_IO, "\"%.*s\" in the bundle is no file that can be read",
                       STR_ARG(name));
    if (!put_name(block, name))
        return err_set(p->err, ERR_LIMIT,
                       "the name \"%.*s\" is too long for a tar file: write the bundle as a folder",
                       STR_ARG(name));
    put_octal(block + AT_MODE, 8, 0644);
    put_octal(block + AT_UID, 8, 0);
    put_octal(block + AT_GID, 8, 0);
    put_octal(block + AT_SIZE, 12, (uint64_t)st.st_size);
    put_octal(block + AT_MTIME, 12, 0);
    block[AT_TYPE] = '0';
    memcpy(block + AT_MAGIC,
           "ustar\0"
           "00",
           8);
    put_octal(block + AT_SUM, 7, sum_of(block));
    block[AT_SUM + 7] = ' ';
    p->bytes = 0;
    if (!file_writer_add(&p->out, str_of(block, BLOCK), p->err) ||
        !file_stream_inside(dir, name, CHUNK_BYTES, pack_chunk, p, p->err) || p->err->code)
        return false;
    if (p->bytes != (uint64_t)st.st_size)
        return err_set(p->err, ERR_IO, "\"%.*s\" changed while the bundle was packed",
                       STR_ARG(name));
    return put_zeros(p, (size_t)((BLOCK - p->bytes % BLOCK) % BLOCK));
}

bool tar_write(struct arena *a, struct str dir, struct str archive, struct err *err)
{
    static const char *const apart[] = { BUNDLE_SIGNED, BUNDLE_UNSIGNED, BUNDLE_REQUEST };
    const char *root = str_to_c(a, dir);
    struct packing p = { .err = err };
    struct bundle_list files;
    struct stat st;
    if (!bundle_list(&files, a, dir, err) || !file_writer_open(&p.out, str_to_c(a, archive), err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < files.item.count && ok; i++)
        ok = pack_file(&p, a, root, files.item.item[i].name);
    for (size_t i = 0; i < COUNT_OF(apart) && ok; i++)
        if (lstat(str_to_c(a, file_join(a, dir, str_from_c(apart[i]))), &st) == 0)
            ok = pack_file(&p, a, root, str_from_c(apart[i]));
    ok = ok && put_zeros(&p, 2 * BLOCK) && file_writer_commit(&p.out, err);
    file_writer_abandon(&p.out);
    return ok;
}

/* ---- reading ---- */

struct unpacking {
    struct arena *arena;
    FILE *in;
    struct str archive, dir;
    /* of files, and of folders that names go through: which, by the address of one of these two */
    struct map name;
    char as_file, as_folder;
    uint64_t bytes;
    size_t files;
    struct err *err;
};

static bool refuse(struct unpacking *u, const char *why)
{
    return err_set(u->err, ERR_INPUT, "\"%.*s\" is no bundle that kubevouch wrote: %s",
                   STR_ARG(u->archive), why);
}

/* Octal digits to the end of the field or its first NUL or space, nothing else after. */
static bool get_octal(uint64_t *out, const char *at, size_t n)
{
    size_t i = 0;
    for (*out = 0; i < n && at[i] >= '0' && at[i] <= '7'; i++)
        *out = *out << 3 | (uint64_t)(at[i] - '0');
    bool some = i > 0;
    while (i < n && (at[i] == '\0' || at[i] == ' '))
        i++;
    return some && i == n;
}

/* Text up to the first NUL; after it, only NULs. */
static bool get_text(struct str *out, const char *at, size_t n)
{
    *out = str_of(at, strnlen(at, n));
    for (size_t i = out->n; i < n; i++)
        if (at[i])
            return false;
    return true;
}

static bool is_zero(const char *block, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (block[i])
            return false;
    return true;
}

/* Relative, without "." and ".." and empty steps, no file twice, and none that another's name goes
 * through. */
static bool take_name(struct unpacking *u, struct str name)
{
    void *as_file = &u->as_file, *as_folder = &u->as_folder;
    struct str rest = name, step;
    if (!name.n || name.p[name.n - 1] == '/')
        return refuse(u, "a name in it is empty or that of a folder");
    while (str_next_field(&rest, '/', &step)) {
        if (!step.n || str_eq_c(step, ".") || str_eq_c(step, ".."))
            return refuse(u, "a name in it is absolute or leads elsewhere");
        bool last = !rest.n;
        struct str so_far = str_sub(name, 0, (size_t)(step.p - name.p) + step.n);
        void **at = map_at(&u->name, so_far, NULL);
        if (*at && (last || *at == as_file))
            return refuse(u, "a name in it stands there twice");
        *at = last ? as_file : as_folder;
    }
    return true;
}

static bool copy_bytes(struct unpacking *u, FILE *out, uint64_t left)
{
    char chunk[BLOCK * 16];
    while (left) {
        size_t want = left < sizeof chunk ? (size_t)left : sizeof chunk;
        if (fread(chunk, 1, want, u->in) != want)
            return refuse(u, "it is cut");
        if (fwrite(chunk, 1, want, out) != want)
            return err_set(u->err, ERR_IO, "cannot unpack \"%.*s\" into \"%.*s\": %s",
                           STR_ARG(u->archive), STR_ARG(u->dir), strerrordesc_np(errno));
        left -= want;
    }
    return true;
}

/* Not synced: it is there to be read once. */
static bool unpack_file(struct unpacking *u, struct str name, uint64_t size)
{
    char pad[BLOCK];
    size_t rest = (size_t)((BLOCK - size % BLOCK) % BLOCK);
    struct str path = file_join(u->arena, u->dir, name);
    FILE *out = file_make_dir(str_to_c(u->arena, file_dir_of(path)), u->err)
                    ? fopen(str_to_c(u->arena, path), "wbxe")
                    : NULL;
    if (!out)
        return err_set(u->err, ERR_IO, "cannot unpack \"%.*s\": %s", STR_ARG(name),
                       strerrordesc_np(errno));
    bool ok = copy_bytes(u, out, size);
    if (fclose(out) != 0 && ok)
        ok = err_set(u->err, ERR_IO, "cannot unpack \"%.*s\": %s", STR_ARG(name),
                     strerrordesc_np(errno));
    if (ok && fread(pad, 1, rest, u->in) != rest)
        ok = refuse(u, "it is cut");
    return ok && (is_zero(pad, rest) || refuse(u, "bytes stand between its files"));
}

static bool unpack_entry(struct unpacking *u, const char *block)
{
    uint64_t sum, size;
    struct str name, prefix, link;
    if (memcmp(block + AT_MAGIC,
               "ustar\0"
               "00",
               8) != 0 ||
        !get_octal(&sum, block + AT_SUM, AT_TYPE - AT_SUM) || sum != sum_of(block))
        return refuse(u, "a header in it is no ustar header, or was altered");
    if (block[AT_TYPE] != '0')
        return refuse(u, "it holds something else than regular files, such as a link");
    if (!get_text(&name, block + AT_NAME, NAME_MAX_BYTES) ||
        !get_text(&prefix, block + AT_PREFIX, PREFIX_MAX_BYTES) ||
        !get_text(&link, block + AT_LINK, AT_MAGIC - AT_LINK) || link.n ||
        !get_octal(&size, block + AT_SIZE, AT_MTIME - AT_SIZE) ||
        !is_zero(block + AT_END, BLOCK - AT_END))
        return refuse(u, "a header in it is not as kubevouch writes it");
    if (size > TAR_BYTES_MAX - u->bytes || ++u->files > BUNDLE_FILES_MAX)
        return err_set(u->err, ERR_LIMIT, "\"%.*s\" holds more than %llu bytes or %u files",
                       STR_ARG(u->archive), (unsigned long long)TAR_BYTES_MAX, BUNDLE_FILES_MAX);
    u->bytes += size;
    name = prefix.n ? str_printf(u->arena, "%.*s/%.*s", STR_ARG(prefix), STR_ARG(name))
                    : str_dup(u->arena, name);
    return take_name(u, name) && unpack_file(u, name, size);
}

/* The end is two blocks of zeros and nothing after. */
static bool unpack_end(struct unpacking *u)
{
    char block[BLOCK];
    if (fread(block, 1, BLOCK, u->in) != BLOCK || !is_zero(block, BLOCK))
        return refuse(u, "it is cut");
    return fread(block, 1, 1, u->in) == 0 || refuse(u, "bytes stand after its end");
}

bool tar_unpack(struct arena *a, struct str archive, struct str dir, struct err *err)
{
    struct unpacking u = { .arena = a, .archive = archive, .dir = dir, .err = err };
    char block[BLOCK];
    bool ok = true;
    map_init(&u.name, a);
    u.in = fopen(str_to_c(a, archive), "rbe");
    if (!u.in)
        return err_set(err, ERR_IO, "cannot open \"%.*s\": %s", STR_ARG(archive),
                       strerrordesc_np(errno));
    for (;;) {
        ok = fread(block, 1, BLOCK, u.in) == BLOCK || refuse(&u, "it is cut");
        if (!ok || is_zero(block, BLOCK))
            break;
        ok = unpack_entry(&u, block);
        if (!ok)
            break;
    }
    ok = ok && unpack_end(&u);
    (void)fclose(u.in);
    return ok;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    (void)remove(path);
    return 0;
}

void tar_remove_folder(struct str dir)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    (void)nftw(str_to_c(&a, dir), remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
