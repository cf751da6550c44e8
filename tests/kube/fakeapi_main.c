/* Serves a recorded cluster as a live API server on 127.0.0.1, with faults on request: what a whole audit is
 * tested against.
 *
 *   fakeapi --serve DIR --kubeconfig FILE [--fault PATH=FAULT[@TIMES]]... [--certificate NAME] [--token TEXT] [--http2]
 *
 * DIR is what "kubevouch audit --record DIR" wrote. FILE gets a kubeconfig for it. FAULT is a status (401, 403,
 * 404, 410, 429, 500, 503 ...) or one of cut, stall, drip (a byte a second), day (429, Retry-After a day), reset, close, slow, garbage,
 * html, empty; it holds for requests whose path begins with PATH, the first TIMES of them if given. NAME is good, expired, stranger or
 * misnamed. Without the right token every request gets a 401. Prints "ready PORT" and ends when its standard
 * input ends. */
#include "base/file.h"
#include "cluster/snapshot.h"
#include "kube/fakeapi.h"

#include <getopt.h>
#include <unistd.h>

#define FAULT_COUNT_MAX  32
#define ANSWER_BYTES_MAX ((size_t)1 << 30)

struct served {
    struct str verb, path, request_body;
    struct fake_answer answer;
};
struct fault {
    struct str path, kind;
    struct fake_answer answer;
    int64_t times; /* INT64_MAX: always */
    atomic_int_least64_t used;
};
struct server {
    struct arena arena;
    struct served *row;
    size_t row_count;
    struct fault fault[FAULT_COUNT_MAX];
    size_t fault_count;
    const char *token;
};

_Noreturn static void die(const struct err *err)
{
    fprintf(stderr, "fakeapi: %s\n", err->text);
    exit(1);
}

/* A path without what only paging adds: recorded lists are whole. */
static struct str unpaged(char out[2048], struct str path)
{
    struct str bare, query = { 0 }, field;
    (void)str_cut(path, '?', &bare, &query);
    size_t n = (size_t)snprintf(out, 2048, "%.*s", STR_ARG(bare));
    char mark = '?';
    while (n < 2048 && str_next_field(&query, '&', &field)) {
        if (str_has_prefix(field, STR("limit=")) || str_has_prefix(field, STR("continue=")))
            continue;
        n += (size_t)snprintf(out + n, 2048 - n, "%c%.*s", mark, STR_ARG(field));
        mark = '&';
    }
    return str_of(out, n < 2048 ? n : 2047);
}

static const struct fake_answer *find_served(const struct server *s, const struct fake_request *r)
{
    char path[2048];
    struct str wanted = unpaged(path, str_from_c(r->path));
    for (size_t i = 0; i < s->row_count; i++)
        if (str_eq_c(s->row[i].verb, r->method) && str_eq(s->row[i].path, wanted) &&
            (s->row[i].request_body.n == 0 || str_eq_c(s->row[i].request_body, r->body)))
            return &s->row[i].answer;
    return NULL;
}

static bool is_authorized(const struct server *s, const struct fake_request *r)
{
    char line[4200];
    (void)snprintf(line, sizeof line, "authorization: bearer %s\n", s->token);
    return strcasestr(r->header, line) != NULL;
}

static bool answer(void *ctx, const struct fake_request *r, struct fake_answer *out)
{
    static const struct fake_answer unauthorized = {
        .status = 401,
        .body = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"Unauthorized\",\"code\":401}"
    };
    struct server *s = ctx;
    if (!is_authorized(s, r)) {
        *out = unauthorized;
        return true;
    }
    const struct fake_answer *found = find_served(s, r);
    for (size_t i = 0; i < s->fault_count; i++) {
        struct fault *f = &s->fault[i];
        if (!str_has_prefix(str_from_c(r->path), f->path) || atomic_fetch_add(&f->used, 1) >= f->times)
            continue;
        *out = f->answer;
        if (f->answer.fault != FAKE_WHOLE || f->answer.delay_ms) {
            if (!found)
                return false;
            out->body = found->body;
            out->body_bytes = found->body_bytes;
            out->cut_bytes = found->body_bytes / 2;
        }
        return true;
    }
    if (found)
        *out = *found;
    return found != NULL;
}

/* ---- setting up ---- */

static void load(struct server *s, const char *dir)
{
    struct err err = { 0 };
    struct snapshot snapshot;
    if (!snapshot_read(&snapshot, &s->arena, dir, &err))
        die(&err);
    s->row = arena_array(&s->arena, struct served, snapshot.answer_count);
    for (size_t i = 0; i < snapshot.answer_count; i++) {
        const struct snapshot_answer *a = &snapshot.answer[i];
        struct buf body = BUF_INIT(ANSWER_BYTES_MAX);
        if (!file_read(str_to_c(&s->arena, file_join(&s->arena, snapshot.dir, a->file)), &body, &err))
            die(&err);
        struct served *row = &s->row[s->row_count++];
        *row = (struct served){ .verb = a->verb, .path = a->path, .request_body = a->request_body };
        row->answer = (struct fake_answer){ .status = (int)a->status,
                                            .body = str_to_c(&s->arena, buf_str(&body)),
                                            .body_bytes = body.n,
                                            .type = str_to_c(&s->arena, a->content_type) };
        if (!row->answer.type[0])
            row->answer.type = NULL;
        buf_release(&body);
    }
}

static bool fault_by_name(struct str kind, struct fake_answer *out)
{
    static const struct {
        const char *name;
        struct fake_answer answer;
    } row[] = {
        { "cut", { .status = 200, .fault = FAKE_CUT } },
        { "stall", { .status = 200, .fault = FAKE_STALL } },
        { "short", { .status = 200, .fault = FAKE_SHORT } },
        { "reset", { .status = 200, .fault = FAKE_RESET } },
        { "close", { .status = 200, .fault = FAKE_CLOSE } },
        { "drip", { .status = 200, .fault = FAKE_DRIP } },
        { "day",
          { .status = 429,
            .header = "Retry-After: 86400\r\n",
            .body = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"come again tomorrow\"}" } },
        { "slow", { .status = 200, .delay_ms = 3000 } },
        { "garbage", { .status = 200, .body = "{\"kind\":\"PodList\",\"items\":[{\"metadata\":" } },
        { "html", { .status = 200, .type = "text/html", .body = "<html>log in</html>" } },
        { "empty", { .status = 200, .body = "" } },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        if (!str_eq_c(kind, row[i].name))
            continue;
        *out = row[i].answer;
        return true;
    }
    int64_t status;
    if (!str_to_int64(kind, &status) || status < 300 || status > 599)
        return false;
    *out = (struct fake_answer){
        .status = (int)status,
        .header = status == 429 ? "Retry-After: 1\r\n" : "",
        .body = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"as the test has asked for\"}"
    };
    return true;
}

static bool add_fault(struct server *s, const char *text)
{
    struct str path, rest, kind, times = { 0 };
    if (s->fault_count >= FAULT_COUNT_MAX || !str_cut(str_from_c(text), '=', &path, &rest))
        return false;
    struct fault *f = &s->fault[s->fault_count];
    f->times = INT64_MAX;
    if (str_cut(rest, '@', &kind, &times) && !str_to_int64(times, &f->times))
        return false;
    f->path = path;
    if (!fault_by_name(kind, &f->answer))
        return false;
    s->fault_count++;
    return true;
}

static const struct fake_cert *certificate_by_name(const struct fake_pki *pki, const char *name)
{
    const struct {
        const char *name;
        const struct fake_cert *cert;
    } row[] = {
        { "good", &pki->server },
        { "expired", &pki->server_expired },
        { "stranger", &pki->server_stranger },
        { "misnamed", &pki->server_misnamed },
        { "nameless", &pki->server_nameless },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (strcmp(row[i].name, name) == 0)
            return row[i].cert;
    return NULL;
}

static void write_kubeconfig(const struct server *s, const char *path, const struct fake_pki *pki, uint16_t port)
{
    struct err err = { 0 };
    struct buf b = BUF_INIT((size_t)1 << 20);
    buf_addf(&b,
             "apiVersion: v1\nkind: Config\ncurrent-context: fake\ncontexts:\n- name: fake\n  context: {cluster: fake, user: fake}\n"
             "users:\n- name: fake\n  user: {token: \"%s\"}\nclusters:\n- name: fake\n  cluster:\n    server: https://127.0.0.1:%u\n"
             "    certificate-authority-data: ",
             s->token, port);
    enc_base64(&b, str_from_c(pki->ca.cert));
    buf_add_c(&b, "\n");
    if (!file_write_atomic(path, buf_str(&b), &err))
        die(&err);
    buf_release(&b);
}

int main(int argc, char **argv)
{
    static const struct option option[] = {
        { "serve", required_argument, NULL, 's' },
        { "kubeconfig", required_argument, NULL, 'k' },
        { "fault", required_argument, NULL, 'f' },
        { "certificate", required_argument, NULL, 'c' },
        { "token", required_argument, NULL, 't' },
        { "http2", no_argument, NULL, '2' },
        { 0 },
    };
    static struct server s = { .token = "recorded" };
    const char *dir = NULL, *kubeconfig = NULL, *certificate = "good";
    struct fake_pki pki;
    struct fake_options o = { .answer = answer, .ctx = &s };
    bool ok = true;
    for (int c; (c = getopt_long(argc, argv, "", option, NULL)) != -1;) {
        dir = c == 's' ? optarg : dir;
        kubeconfig = c == 'k' ? optarg : kubeconfig;
        certificate = c == 'c' ? optarg : certificate;
        s.token = c == 't' ? optarg : s.token;
        o.http2 = o.http2 || c == '2';
        ok = ok && c != '?' && (c != 'f' || add_fault(&s, optarg));
    }
    fake_pki_make(&pki);
    o.cert = certificate_by_name(&pki, certificate);
    if (!ok || !dir || !kubeconfig || !o.cert || optind != argc) {
        fprintf(stderr, "usage: fakeapi --serve DIR --kubeconfig FILE [--fault PATH=FAULT[@TIMES]]... [--certificate "
                        "good|expired|stranger|misnamed] [--token TEXT] [--http2]\n");
        return 2;
    }
    load(&s, dir);
    struct fake_api *api = fake_api_open(&o);
    write_kubeconfig(&s, kubeconfig, &pki, fake_api_port(api));
    printf("ready %u\n", fake_api_port(api));
    fflush(stdout);
    for (char ignored[256]; read(STDIN_FILENO, ignored, sizeof ignored) > 0;)
        ;
    fake_api_close(api);
    fake_pki_free(&pki);
    arena_release(&s.arena);
    return 0;
}
