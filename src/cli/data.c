/* Where the program's own data is: benchmarks, frameworks, the recorded cluster. */
#include "cli/data.h"

#include "base/file.h"
#include "base/log.h"
#include "bench/sources.h"

#include <dirent.h>
#include <unistd.h>

#ifndef KUBEVOUCH_DATA_DIR
#define KUBEVOUCH_DATA_DIR "/usr/share/kubevouch"
#endif

const char *const data_framework[] = { "pci-dss",      "hipaa",     "soc2",
                                       "bsi-app-4.4",  "iso-27001", "nist-800-53",
                                       "cis-controls", "nsa-cisa",  "pci-containers" };
const size_t data_framework_count = sizeof data_framework / sizeof *data_framework;

static struct str program_dir(struct arena *a)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    return n > 0 && n < (ssize_t)sizeof path ? str_dup(a, file_dir_of(str_of(path, (size_t)n)))
                                             : STR(".");
}

bool data_path(char **out, struct arena *a, const char *name, struct err *err)
{
    const char *given = getenv("KUBEVOUCH_DATA_DIR");
    struct str here = program_dir(a);
    struct str folder[] = { str_from_c(given), here, file_join(a, here, STR("data")),
                            file_join(a, here, STR("../share/kubevouch")),
                            STR(KUBEVOUCH_DATA_DIR) };
    for (size_t i = 0; i < sizeof folder / sizeof *folder; i++) {
        if (!folder[i].n)
            continue;
        char *path = str_to_c(a, file_join(a, folder[i], str_from_c(name)));
        if (access(path, R_OK) == 0) {
            *out = path;
            return true;
        }
    }
    return err_set(err, ERR_NOT_FOUND,
                   "\"%s\" is not among the program's data (looked beside the program and in %s); "
                   "set KUBEVOUCH_DATA_DIR",
                   name, KUBEVOUCH_DATA_DIR);
}

bool data_tell_faults(struct faults *faults, const char *what, struct err *err)
{
    faults_sort(faults);
    for (size_t i = 0; i < faults->item.count; i++)
        fprintf(stderr, "%.*s\n", STR_ARG(faults->item.item[i].text));
    return err_set(err, ERR_INPUT, "%s: %zu %s", what, faults->item.count,
                   faults->item.count == 1 ? "fault" : "faults");
}

static int by_name(const void *a, const void *b)
{
    return bench_id_compare(*(const struct str *)a, *(const struct str *)b);
}

void data_benchmark_names(struct str **name, size_t *count, struct arena *a)
{
    VEC(struct str) found = { 0 };
    struct err err = { 0 };
    char *path;
    DIR *dir = data_path(&path, a, "benchmarks", &err) ? opendir(path) : NULL;
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        struct str file = str_from_c(e->d_name);
        if (str_has_suffix(file, STR(".yaml")) && !str_has_suffix(file, STR(".test.yaml")))
            *VEC_PUSH(&found, a) = str_dup(a, str_sub(file, 0, file.n - STR(".yaml").n));
    }
    if (dir)
        (void)closedir(dir);
    if (found.count)
        qsort(found.item, found.count, sizeof *found.item, by_name);
    *name = found.item;
    *count = found.count;
}

static bool no_such_benchmark(struct arena *a, struct str name, struct err *err)
{
    struct str *known;
    size_t count;
    data_benchmark_names(&known, &count, a);
    if (str_eq_c(name, "auto"))
        return err_set(
            err, ERR_USAGE,
            "--benchmark auto needs a cluster to choose by: it goes with audit and demo");
    if (!count)
        return err_set(
            err, ERR_NOT_FOUND,
            "no benchmark \"%.*s\", and the program's own are not found; set KUBEVOUCH_DATA_DIR",
            STR_ARG(name));
    return err_set(err, ERR_USAGE,
                   "no benchmark \"%.*s\"; there are %.*s, auto, or a path to a YAML file",
                   STR_ARG(name), STR_ARG(str_join(a, known, count, STR(", "))));
}

/* The words of a name are those between its dashes; all of short_name's stand in name, in their
 * order. */
static bool means(struct str short_name, struct str name)
{
    struct str word, known;
    while (str_next_field(&short_name, '-', &word)) {
        bool found = false;
        while (!found && str_next_field(&name, '-', &known))
            found = str_eq(known, word);
        if (!found)
            return false;
    }
    return true;
}

/* "1.12" and "cis-1.12" stand for cis-kubernetes-1.12, "eks" for the one of that platform: the
 * whole name, or name as it is where it is one, or stands for none or for several. */
static struct str full_name(struct arena *a, struct str name)
{
    struct str *known, found = name;
    size_t count, hits = 0;
    data_benchmark_names(&known, &count, a);
    struct str plain =
        str_printf(a, "cis-kubernetes-%.*s",
                   STR_ARG(str_has_prefix(name, STR("cis-")) ? str_sub(name, 4, name.n) : name));
    for (size_t i = 0; i < count; i++)
        if (str_eq(known[i], name))
            return name;
    for (size_t i = 0; i < count; i++) {
        if (str_eq(known[i], plain))
            return plain;
        if (means(name, known[i])) {
            found = known[i];
            hits++;
        }
    }
    return hits == 1 ? found : name;
}

bool data_benchmark(struct benchmark *out, struct arena *a, struct str file_or_name,
                    struct err *err)
{
    struct faults faults = { 0 };
    struct str name = file_or_name.n ? file_or_name : STR(DATA_BENCHMARK_DEFAULT);
    char *path = str_to_c(a, name);
    bool is_file = str_find_char(name, '/', 0) != SIZE_MAX || str_has_suffix(name, STR(".yaml"));
    struct err unknown = { 0 };
    if (!is_file)
        name = full_name(a, name);
    if (!is_file &&
        !data_path(&path, a, str_to_c(a, str_printf(a, "benchmarks/%.*s.yaml", STR_ARG(name))),
                   &unknown))
        return no_such_benchmark(a, name, err);
    if (benchmark_load(out, a, path, &faults))
        return true;
    (void)data_tell_faults(&faults, path, err);
    err->code = ERR_USAGE;
    return false;
}

bool data_is_only_named_so(struct arena *a, struct str id, struct str sha256)
{
    struct benchmark *own = arena_new(a, struct benchmark);
    struct faults faults = { 0 };
    struct err none = { 0 };
    char hex[SHA256_HEX_BYTES], *path;
    struct str *known;
    size_t count;
    bool is_known = false;
    data_benchmark_names(&known, &count, a);
    for (size_t i = 0; i < count; i++)
        is_known = is_known || str_eq(known[i], id);
    if (!is_known ||
        !data_path(&path, a, str_to_c(a, str_printf(a, "benchmarks/%.*s.yaml", STR_ARG(id))),
                   &none) ||
        !benchmark_load(own, a, path, &faults))
        return false;
    sha256_hex(own->sha256, hex);
    return !str_eq_c(sha256, hex);
}

bool data_frameworks_checked(struct framework **out, size_t *count, struct arena *a,
                             const struct benchmark *b, struct faults *faults, struct err *err)
{
    size_t n = data_framework_count;
    struct framework *f = arena_array(a, struct framework, n);
    bool whole = true;
    for (size_t i = 0; i < n; i++) {
        char *path;
        if (!data_path(
                &path, a,
                str_to_c(a, str_printf(a, "benchmarks/frameworks/%s.yaml", data_framework[i])),
                err))
            return false;
        whole &= framework_load(&f[i], a, path, faults);
    }
    if (whole && benchmark_check_frameworks(b, f, n, a, faults)) {
        *out = f;
        *count = n;
    }
    return true;
}

bool data_frameworks(struct framework **out, size_t *count, struct arena *a,
                     const struct benchmark *b, struct err *err)
{
    struct faults faults = { 0 };
    return data_frameworks_checked(out, count, a, b, &faults, err) &&
           (!faults.item.count ||
            data_tell_faults(&faults, "the frameworks, or what the benchmark says of them", err));
}
