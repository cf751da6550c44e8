/* node-facts: what a node's own files say, printed as JSON. */
#include "cli/command.h"
#include "node/node.h"
#include "value/json_doc.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#define NODE_FACTS_BYTES_MAX ((size_t)32 << 20)

/* Until a signal asks to end: the first process of a container has no other way to be told. */
static void stay(int64_t seconds)
{
    struct timespec limit = { .tv_sec = (time_t)seconds };
    sigset_t ending;
    (void)sigemptyset(&ending);
    (void)sigaddset(&ending, SIGTERM);
    (void)sigaddset(&ending, SIGINT);
    if (!seconds || sigprocmask(SIG_BLOCK, &ending, NULL) != 0)
        return;
    (void)sigtimedwait(&ending, NULL, &limit);
}

enum exit_status cmd_node_facts(const struct options *o, struct arena *run, struct err *err)
{
    char host[256] = "";
    struct node_facts facts;
    struct buf text CLEANUP(buf_release) = BUF_INIT(NODE_FACTS_BYTES_MAX);
    (void)gethostname(host, sizeof host - 1);
    struct node_options n = {
        .root = o->root.n ? str_to_c(run, o->root) : "/",
        .mount = o->mount.item,
        .mount_count = o->mount.count,
        .node_name = o->node_name.n ? o->node_name : str_from_c(getenv("NODE_NAME")),
        .host_name = str_from_c(host),
        .tool_version = STR(PACKAGE_VERSION),
        .now = clock_now(),
    };
    if (o->argument.count) {
        (void)err_set(err, ERR_USAGE, "node-facts takes no arguments, got \"%.*s\"",
                      STR_ARG(o->argument.item[0]));
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < o->mount.count; i++) {
        if (o->mount.item[i].n && o->mount.item[i].p[0] == '/')
            continue;
        (void)err_set(err, ERR_USAGE,
                      "--mount: expected an absolute path as it is on the node, got \"%.*s\"",
                      STR_ARG(o->mount.item[i]));
        return EXIT_USAGE;
    }
    if (!node_gather(&facts, run, &n, err))
        return EXIT_COULD_NOT_RUN;
    json_doc_write(&text, node_facts_value(run, &facts), JSON_DOC_INDENT);
    buf_add_char(&text, '\n');
    if (!buf_ok(&text, "the node's facts", err))
        return EXIT_COULD_NOT_RUN;
    if (fwrite(text.p, 1, text.n, stdout) == text.n && fflush(stdout) == 0) {
        stay(o->then_wait_s);
        return EXIT_DONE;
    }
    (void)err_set(err, ERR_IO, "writing the facts to standard output");
    return EXIT_COULD_NOT_RUN;
}
