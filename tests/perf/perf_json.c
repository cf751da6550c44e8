/* How fast API bytes become values: json_read against jansson on the same page, in the same process.
 *
 *   perf_json [PAGE]
 *
 * PAGE is a file with a Kubernetes list; without one a page of 500 pods is made here. Each reader goes
 * over the page until it has used ROUND_MS of the processor, the readers in turn, ROUNDS times; the best
 * round counts. Prints megabytes (10^6 bytes) a second. Ends with 1 if json_read is not RATIO_MIN times jansson. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "value/json_read.h"

#include <jansson.h>
#include <stdio.h>

#define PAGE_BYTES_MAX ((size_t)1 << 30)
#define POD_COUNT      500
#define ROUNDS         5
#define ROUND_MS       300
#define RATIO_MIN      8.0

/* ---- a page of pods ---- */

/* Numbers that are the same in every run. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void add_hex(struct buf *b, uint32_t *random, const char *groups)
{
    for (; *groups; groups++) {
        if (*groups == '-')
            buf_add_char(b, '-');
        else
            buf_addf(b, "%0*x", *groups - '0', next_random(random) & ((1u << 4 * (*groups - '0')) - 1));
    }
}

static void add_managed_fields(struct buf *b, unsigned container_count)
{
    buf_add_c(b, "\"managedFields\":[{\"manager\":\"kube-controller-manager\",\"operation\":\"Update\",\"apiVersion\":\"v1\","
                 "\"time\":\"2026-03-04T09:12:31Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:metadata\":{"
                 "\"f:annotations\":{\".\":{},\"f:checksum/config\":{}},\"f:generateName\":{},\"f:labels\":{\".\":{},"
                 "\"f:app.kubernetes.io/instance\":{},\"f:app.kubernetes.io/name\":{},\"f:pod-template-hash\":{}},"
                 "\"f:ownerReferences\":{\".\":{},\"k:{\\\"uid\\\":\\\"7f1d1f0e-1c1f-4f0e-9b43-5d2f7a8c9e10\\\"}\":{}}},"
                 "\"f:spec\":{\"f:containers\":{");
    for (unsigned i = 0; i < container_count; i++)
        buf_addf(b,
                 "%s\"k:{\\\"name\\\":\\\"worker-%u\\\"}\":{\".\":{},\"f:args\":{},\"f:env\":{\".\":{},"
                 "\"k:{\\\"name\\\":\\\"LOG_LEVEL\\\"}\":{\".\":{},\"f:name\":{},\"f:value\":{}}},\"f:image\":{},"
                 "\"f:imagePullPolicy\":{},\"f:name\":{},\"f:ports\":{\".\":{},"
                 "\"k:{\\\"containerPort\\\":8080,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},\"f:containerPort\":{},"
                 "\"f:name\":{},\"f:protocol\":{}}},\"f:resources\":{\".\":{},\"f:limits\":{\".\":{},\"f:memory\":{}}},"
                 "\"f:securityContext\":{\".\":{},\"f:allowPrivilegeEscalation\":{}},"
                 "\"f:terminationMessagePath\":{},\"f:volumeMounts\":{\".\":{},"
                 "\"k:{\\\"mountPath\\\":\\\"/etc/app\\\"}\":{\".\":{},\"f:mountPath\":{},\"f:name\":{}}}}",
                 i ? "," : "", i);
    buf_add_c(b, "},\"f:dnsPolicy\":{},\"f:enableServiceLinks\":{},\"f:restartPolicy\":{},\"f:schedulerName\":{},"
                 "\"f:securityContext\":{},\"f:serviceAccountName\":{},\"f:terminationGracePeriodSeconds\":{}}}},"
                 "{\"manager\":\"kubelet\",\"operation\":\"Update\",\"apiVersion\":\"v1\",\"time\":\"2026-03-04T09:12:40Z\","
                 "\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:status\":{\"f:conditions\":{"
                 "\"k:{\\\"type\\\":\\\"Ready\\\"}\":{\".\":{},\"f:lastProbeTime\":{},\"f:lastTransitionTime\":{},"
                 "\"f:status\":{},\"f:type\":{}}},\"f:containerStatuses\":{},\"f:hostIP\":{},\"f:phase\":{},\"f:podIP\":{},"
                 "\"f:podIPs\":{},\"f:startTime\":{}}},\"subresource\":\"status\"}]");
}

static void add_container(struct buf *b, unsigned i, uint32_t *random)
{
    buf_addf(b,
             "%s{\"name\":\"worker-%u\",\"image\":\"registry.example.com/team/worker:v1.%u.0\",\"args\":[\"--listen=:8080\","
             "\"--config=/etc/app/config.yaml\",\"--workers=%u\"],\"ports\":[{\"name\":\"http\",\"containerPort\":8080,"
             "\"protocol\":\"TCP\"}],\"env\":[{\"name\":\"LOG_LEVEL\",\"value\":\"info\"}],\"resources\":{\"limits\":{"
             "\"memory\":\"256Mi\"},\"requests\":{\"cpu\":\"100m\",\"memory\":\"128Mi\"}},\"volumeMounts\":[{\"name\":\"config\","
             "\"mountPath\":\"/etc/app\"},{\"name\":\"kube-api-access\",\"readOnly\":true,"
             "\"mountPath\":\"/var/run/secrets/kubernetes.io/serviceaccount\"}],"
             "\"terminationMessagePath\":\"/dev/termination-log\",\"terminationMessagePolicy\":\"File\","
             "\"imagePullPolicy\":\"IfNotPresent\",\"securityContext\":{\"capabilities\":{\"drop\":[\"ALL\"]},"
             "\"runAsNonRoot\":true,\"allowPrivilegeEscalation\":false}}",
             i ? "," : "", i, next_random(random) % 40, next_random(random) % 64);
}

static void add_status(struct buf *b, unsigned container_count, uint32_t *random)
{
    static const char *const condition[] = { "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled" };
    buf_add_c(b, "\"status\":{\"phase\":\"Running\",\"conditions\":[");
    for (unsigned i = 0; i < sizeof condition / sizeof condition[0]; i++)
        buf_addf(b, "%s{\"type\":\"%s\",\"status\":\"True\",\"lastProbeTime\":null,\"lastTransitionTime\":\"2026-03-04T09:12:%02uZ\"}",
                 i ? "," : "", condition[i], 31 + i);
    buf_addf(b, "],\"hostIP\":\"10.0.0.%u\",\"podIP\":\"10.244.%u.%u\",\"startTime\":\"2026-03-04T09:12:31Z\",\"containerStatuses\":[",
             next_random(random) % 250, next_random(random) % 250, next_random(random) % 250);
    for (unsigned i = 0; i < container_count; i++) {
        buf_addf(b,
                 "%s{\"name\":\"worker-%u\",\"state\":{\"running\":{\"startedAt\":\"2026-03-04T09:12:35Z\"}},\"lastState\":{},"
                 "\"ready\":true,\"restartCount\":%u,\"image\":\"registry.example.com/team/worker:v1\",\"imageID\":\"sha256:",
                 i ? "," : "", i, next_random(random) % 3);
        add_hex(b, random, "4444444444444444");
        buf_add_c(b, "\",\"containerID\":\"containerd://");
        add_hex(b, random, "4444444444444444");
        buf_add_c(b, "\",\"started\":true}");
    }
    buf_add_c(b, "],\"qosClass\":\"Burstable\"}");
}

static void add_pod(struct buf *b, unsigned number, uint32_t *random)
{
    unsigned container_count = 1 + (number % 3 == 0);
    buf_addf(b, "%s{\"metadata\":{\"name\":\"shop-%u-", number ? "," : "", number);
    add_hex(b, random, "41");
    buf_addf(b, "\",\"generateName\":\"shop-%u-\",\"namespace\":\"team-%u\",\"uid\":\"", number, number % 20);
    add_hex(b, random, "44-4-4-4-444");
    buf_addf(b,
             "\",\"resourceVersion\":\"%u\",\"creationTimestamp\":\"2026-03-04T09:12:31Z\",\"labels\":{"
             "\"app.kubernetes.io/instance\":\"shop\",\"app.kubernetes.io/name\":\"shop-%u\",\"pod-template-hash\":\"",
             100000 + number, number);
    add_hex(b, random, "44");
    buf_add_c(b, "\"},\"annotations\":{\"checksum/config\":\"");
    add_hex(b, random, "4444444444444444");
    buf_add_c(b, "\"},\"ownerReferences\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"ReplicaSet\",\"name\":\"shop\",\"uid\":\"");
    add_hex(b, random, "44-4-4-4-444");
    buf_add_c(b, "\",\"controller\":true,\"blockOwnerDeletion\":true}],");
    add_managed_fields(b, container_count);
    buf_add_c(b,
              "},\"spec\":{\"volumes\":[{\"name\":\"config\",\"configMap\":{\"name\":\"shop\",\"defaultMode\":420}},"
              "{\"name\":\"kube-api-access\",\"projected\":{\"sources\":[{\"serviceAccountToken\":{\"expirationSeconds\":3607,"
              "\"path\":\"token\"}},{\"configMap\":{\"name\":\"kube-root-ca.crt\",\"items\":[{\"key\":\"ca.crt\",\"path\":\"ca.crt\"}]}}],"
              "\"defaultMode\":420}}],\"containers\":[");
    for (unsigned i = 0; i < container_count; i++)
        add_container(b, i, random);
    buf_addf(b,
             "],\"restartPolicy\":\"Always\",\"terminationGracePeriodSeconds\":30,\"dnsPolicy\":\"ClusterFirst\","
             "\"serviceAccountName\":\"shop\",\"nodeName\":\"worker-%u\",\"securityContext\":{},\"schedulerName\":\"default-scheduler\","
             "\"tolerations\":[{\"key\":\"node.kubernetes.io/not-ready\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","
             "\"tolerationSeconds\":300},{\"key\":\"node.kubernetes.io/unreachable\",\"operator\":\"Exists\","
             "\"effect\":\"NoExecute\",\"tolerationSeconds\":300}],\"priority\":0,\"enableServiceLinks\":true},",
             number % 50);
    add_status(b, container_count, random);
    buf_add_char(b, '}');
}

static void make_page(struct buf *b)
{
    uint32_t random = 1;
    buf_add_c(b, "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"214748\"},\"items\":[");
    for (unsigned i = 0; i < POD_COUNT; i++)
        add_pod(b, i, &random);
    buf_add_c(b, "]}\n");
}

/* ---- the ways to read it ---- */

static const struct json_skip metadata_skip[] = { { STR_INIT("managedFields"), NULL, 0 } };
static const struct json_skip item_skip[] = { { STR_INIT("metadata"), metadata_skip, 1 } };
static const struct json_skip page_skip[] = { { STR_INIT("items"), item_skip, 1 } };

static bool with_jansson(struct str page, struct arena *a, struct err *err)
{
    json_error_t fault;
    json_t *root = json_loadb(page.p, page.n, JSON_ALLOW_NUL | JSON_DECODE_ANY, &fault);
    (void)a;
    if (!root)
        return err_set(err, ERR_INPUT, "jansson: %s", fault.text);
    json_decref(root);
    return true;
}

static bool whole(struct str page, struct arena *a, struct err *err)
{
    const struct json_limits limits = { .bytes = PAGE_BYTES_MAX };
    struct value v;
    return json_read(&v, a, page, &limits, NULL, 0, err);
}

static bool whole_projected(struct str page, struct arena *a, struct err *err)
{
    const struct json_limits limits = { .bytes = PAGE_BYTES_MAX };
    struct value v;
    return json_read(&v, a, page, &limits, page_skip, 1, err);
}

static bool read_item(void *ctx, struct str bytes, struct err *err)
{
    struct arena *a = ctx;
    struct value v;
    arena_reset(a);
    return json_read(&v, a, bytes, NULL, item_skip, 1, err);
}

/* As it comes from a connection: in pieces of 16 KiB. */
static bool split_page(struct str page, struct arena *a, bool (*item)(void *, struct str, struct err *), struct err *err)
{
    struct arena own CLEANUP(arena_release) = { 0 };
    struct json_list_split s = { .item_bytes_max = (size_t)8 << 20, .item = item, .ctx = a };
    bool ok = json_list_split_open(&s, &own, err);
    for (size_t at = 0; ok && at < page.n; at += 16384)
        ok = json_list_split_feed(&s, str_sub(page, at, at + 16384), err);
    ok = ok && json_list_split_end(&s, err);
    json_list_split_close(&s);
    return ok;
}

static bool split_only(struct str page, struct arena *a, struct err *err)
{
    return split_page(page, a, NULL, err);
}

static bool split_and_read(struct str page, struct arena *a, struct err *err)
{
    return split_page(page, a, read_item, err);
}

/* ---- measuring ---- */

struct way {
    const char *name;
    bool (*read)(struct str page, struct arena *a, struct err *err);
    double best; /* bytes a second */
    size_t arena_bytes;
};

/* Of this process alone: others on the machine do not count. */
static int64_t now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool run_round(struct way *way, struct str page, struct err *err)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    int64_t start = now_ns(), spent = 0;
    uint64_t bytes = 0;
    while (spent < (int64_t)ROUND_MS * 1000000) {
        arena_reset(&a);
        if (!way->read(page, &a, err))
            return err_prefix(err, "%s", way->name);
        bytes += page.n;
        spent = now_ns() - start;
    }
    double speed = (double)bytes / ((double)spent / 1e9);
    if (speed > way->best)
        way->best = speed;
    way->arena_bytes = a.used_bytes;
    return true;
}

static bool measure(struct way *way, size_t way_count, struct str page, struct err *err)
{
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < way_count; i++) {
            if (!run_round(&way[i], page, err))
                return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct way way[] = {
        { .name = "json_read", .read = whole },
        { .name = "jansson", .read = with_jansson },
        { .name = "json_read without managedFields", .read = whole_projected },
        { .name = "json_list_split", .read = split_only },
        { .name = "json_list_split, json_read of each item without managedFields", .read = split_and_read },
    };
    struct buf made CLEANUP(buf_release) = BUF_INIT(PAGE_BYTES_MAX);
    struct err err = { 0 };
    bool ok = true;
    if (argc > 1)
        ok = file_read(argv[1], &made, &err);
    else
        make_page(&made);
    struct str page = buf_str(&made);
    if (!ok || !measure(way, sizeof way / sizeof way[0], page, &err)) {
        fprintf(stderr, "perf_json: %s\n", err.text);
        return 2;
    }
    double ratio = way[0].best / way[1].best;
    printf("page: %zu bytes, %s\n", page.n, argc > 1 ? argv[1] : "500 pods made here");
    for (size_t i = 2; i < sizeof way / sizeof way[0]; i++)
        printf("%s %.0f MB/s\n", way[i].name, way[i].best / 1e6);
    printf("arena: %.2f bytes for a byte of the page\n", (double)way[0].arena_bytes / (double)page.n);
    printf("json_read %.0f MB/s, jansson %.0f MB/s, ratio %.1f\n", way[0].best / 1e6, way[1].best / 1e6, ratio);
    return ratio >= RATIO_MIN ? 0 : 1;
}
