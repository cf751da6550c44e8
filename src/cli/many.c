/* --contexts, --kubeconfig-dir: many clusters, one after the other, each into a folder of its own.
 */
#include "cli/many.h"

#include "base/file.h"
#include "base/log.h"
#include "base/vec.h"
#include "cli/auditing.h"
#include "cli/stop.h"
#include "kube/config.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#define NAME_BYTES_MAX 200u
#define CLUSTERS_MAX   10000u
#define LIST_BYTES_MAX ((size_t)4 << 20)

struct target {
    struct str name, folder, kubeconfig, context;
};
typedef VEC(struct target) targets;

bool many_wanted(const struct options *o)
{
    return o->contexts.n || o->kubeconfig_dir.n || o->shard.n;
}

struct str many_folder(struct arena *a, struct str name)
{
    struct str s = str_dup(a, name.n > NAME_BYTES_MAX ? str_sub(name, 0, NAME_BYTES_MAX) : name);
    char *p = str_to_c(a, s);
    for (size_t i = 0; i < s.n; i++)
        if (!((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z') ||
              (p[i] >= '0' && p[i] <= '9') || p[i] == '_' || (i && (p[i] == '.' || p[i] == '-'))))
            p[i] = '_';
    return str_of(p, s.n);
}

/* What would be one thing for all of them. */
static bool options_agree(const struct options *o, struct err *err)
{
    const struct {
        const char *name;
        bool given;
    } one[] = { { "--context", o->kube.context.n },
                { "--cluster", o->kube.cluster.n },
                { "--user", o->kube.user.n },
                { "--server", o->kube.server.n },
                { "--cluster-name", o->cluster_name.n },
                { "--snapshot", o->snapshot.n },
                { "--manifests", o->manifests.n },
                { "--record", o->record.n },
                { "--bundle", o->bundle.n },
                { "--baseline", o->baseline.n },
                { "--node-facts", o->node_facts.n },
                { "--token", o->kube.token.n },
                { "--token-file", o->token_file.n },
                { "--encryption-config", o->encryption_config.n },
                { "--admission-config", o->admission_config.n },
                { "--authentication-config", o->authentication_config.n },
                { "--certificate-authority", o->kube.ca_file.n },
                { "--tls-server-name", o->kube.tls_server_name.n },
                { "--client-certificate", o->kube.cert_file.n },
                { "--client-key", o->kube.key_file.n },
                { "--import", o->import_file.count },
                { "--output -", reports_to_stdout(o) } };
    if (!o->contexts.n == !o->kubeconfig_dir.n)
        return err_set(err, ERR_USAGE,
                       o->shard.n && !o->contexts.n
                           ? "--shard goes with --contexts or --kubeconfig-dir"
                           : "--contexts and --kubeconfig-dir do not go together");
    if (o->kubeconfig_dir.n && o->kube.kubeconfig.n)
        return err_set(err, ERR_USAGE, "--kubeconfig and --kubeconfig-dir do not go together");
    for (size_t i = 0; i < COUNT_OF(one); i++)
        if (one[i].given)
            return err_set(
                err, ERR_USAGE,
                "%s is of one cluster: it does not go with --contexts or --kubeconfig-dir",
                one[i].name);
    return true;
}

static const char *environment(const char *name)
{
    return getenv(name);
}

static bool of_contexts(targets *out, const struct options *o, struct arena *a, struct err *err)
{
    struct kube_environment env = { .get = environment };
    struct kubeconfig k = { 0 };
    if (!kubeconfig_load(&k, a, &o->kube, &env, err))
        return false;
    for (size_t i = 0; i < k.context.count; i++)
        if (str_glob(o->contexts, k.context.item[i].name))
            *VEC_PUSH(out, a) = (struct target){ .name = k.context.item[i].name,
                                                 .context = k.context.item[i].name,
                                                 .kubeconfig = o->kube.kubeconfig };
    return out->count ||
           err_set(err, ERR_USAGE, "--contexts: none of the %zu contexts in %.*s matches \"%.*s\"",
                   k.context.count, STR_ARG(k.files), STR_ARG(o->contexts));
}

static struct str without_ending(struct str file)
{
    static const char *const ending[] = { ".yaml", ".yml", ".json", ".conf", ".kubeconfig" };
    for (size_t i = 0; i < COUNT_OF(ending); i++)
        if (file.n > strlen(ending[i]) && str_has_suffix(file, str_from_c(ending[i])))
            return str_sub(file, 0, file.n - strlen(ending[i]));
    return file;
}

/* A mounted Secret has its keys as links, and folders of its own that begin with "..". */
static bool of_folder(targets *out, const struct options *o, struct arena *a, struct err *err)
{
    DIR *d = opendir(str_to_c(a, o->kubeconfig_dir));
    if (!d)
        return err_set(err, ERR_IO, "--kubeconfig-dir: cannot list \"%.*s\": %s",
                       STR_ARG(o->kubeconfig_dir), strerrordesc_np(errno));
    for (struct dirent *e; (e = readdir(d)) && out->count <= CLUSTERS_MAX;) {
        struct str file = str_dup(a, str_from_c(e->d_name)),
                   path = file_join(a, o->kubeconfig_dir, file);
        struct stat st;
        if (file.p[0] != '.' && stat(str_to_c(a, path), &st) == 0 && S_ISREG(st.st_mode))
            *VEC_PUSH(out, a) = (struct target){ .name = without_ending(file), .kubeconfig = path };
    }
    (void)closedir(d);
    return out->count || err_set(err, ERR_INPUT, "--kubeconfig-dir: \"%.*s\" holds no kubeconfig",
                                 STR_ARG(o->kubeconfig_dir));
}

static int by_folder(const void *a, const void *b)
{
    return str_cmp(((const struct target *)a)->folder, ((const struct target *)b)->folder);
}

static bool settle(targets *t, struct arena *a, struct err *err)
{
    if (t->count > CLUSTERS_MAX)
        return err_set(err, ERR_LIMIT, "more than %u clusters", CLUSTERS_MAX);
    for (size_t i = 0; i < t->count; i++)
        t->item[i].folder = many_folder(a, t->item[i].name);
    qsort(t->item, t->count, sizeof *t->item, by_folder);
    for (size_t i = 1; i < t->count; i++)
        if (str_eq(t->item[i].folder, t->item[i - 1].folder))
            return err_set(
                err, ERR_USAGE,
                "\"%.*s\" and \"%.*s\" would both be written to the folder %.*s: rename one",
                STR_ARG(t->item[i - 1].name), STR_ARG(t->item[i].name), STR_ARG(t->item[i].folder));
    return true;
}

static bool shard_of(uint64_t *index, uint64_t *count, struct str text, struct err *err)
{
    struct str left, right;
    *index = 0;
    *count = 1;
    if (!text.n)
        return true;
    if (str_cut(text, '/', &left, &right) && str_to_uint64(left, index) &&
        str_to_uint64(right, count) && *count && *count <= CLUSTERS_MAX && *index < *count)
        return true;
    return err_set(err, ERR_USAGE,
                   "--shard: expected I/N such as 0/4, with I from 0 and below N, got \"%.*s\"",
                   STR_ARG(text));
}

static bool write_list(const targets *t, struct str dir, struct arena *a, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(LIST_BYTES_MAX);
    buf_add_c(
        &text,
        "# The clusters whose reports must be here for kubevouch merge, in all shards together.\n");
    for (size_t i = 0; i < t->count; i++) {
        buf_add(&text, t->item[i].folder);
        buf_add_char(&text, '\n');
    }
    return buf_ok(&text, "the list of clusters", err) && file_make_dir(str_to_c(a, dir), err) &&
           file_write_atomic(str_to_c(a, file_join(a, dir, STR(MANY_LIST))), buf_str(&text), err);
}

static enum exit_status audit_one(const struct target *t, const struct options *o, struct str dir)
{
    struct arena own CLEANUP(arena_release) = { 0 };
    struct options one = *o;
    struct err err = { 0 };
    one.contexts = one.kubeconfig_dir = one.shard = (struct str){ 0 };
    one.kube.kubeconfig = t->kubeconfig;
    one.kube.context = t->context;
    one.cluster_name = t->name;
    one.output = file_join(&own, dir, t->folder);
    if (o->upload.n)
        one.upload = str_printf(&own, "%.*s/%.*s", STR_ARG(o->upload), STR_ARG(t->folder));
    enum exit_status status = auditing_run(&one, NULL, &own, &err);
    if (err.code == ERR_USAGE)
        status = EXIT_USAGE;
    if (err.text[0])
        log_line(LOG_ERROR, "%.*s: %s%s%s", STR_ARG(t->folder), err.pos.file ? err.pos.file : "",
                 err.pos.file ? ": " : "", err.text);
    return status;
}

enum exit_status many_audit(const struct options *o, struct arena *run, struct err *err)
{
    targets t = { 0 };
    uint64_t index, count;
    struct str dir = o->output.n ? o->output : STR(".");
    enum exit_status worst = EXIT_DONE;
    size_t failed = 0, mine = 0;
    if (!options_agree(o, err) || !shard_of(&index, &count, o->shard, err) ||
        !(o->contexts.n ? of_contexts(&t, o, run, err) : of_folder(&t, o, run, err)) ||
        !settle(&t, run, err))
        return EXIT_USAGE;
    if (!write_list(&t, dir, run, err))
        return EXIT_COULD_NOT_RUN;
    for (size_t i = index; i < t.count && !*stop_flag(); i += count) {
        enum exit_status status = audit_one(&t.item[i], o, dir);
        worst = status > worst ? status : worst;
        failed += status == EXIT_COULD_NOT_RUN || status == EXIT_USAGE;
        mine++;
    }
    if (failed || *stop_flag()) {
        (void)err_set(err, ERR_SERVER,
                      *stop_flag()
                          ? "ended by a signal after %zu clusters"
                          : "of %zu clusters %zu could not be audited: they are named above",
                      mine, failed);
        return EXIT_COULD_NOT_RUN;
    }
    return worst;
}
