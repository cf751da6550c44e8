/* A child process for one question: started by path and argv, its output read under limits. */
#include "kube/exec_program.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often a silent program's end and a cancellation are looked for. */
#define LOOK_MS 50

char *exec_program_find(struct arena *a, struct str search_path, struct str name)
{
    struct str rest = search_path, dir;
    while (str_next_field(&rest, ':', &dir)) {
        struct stat st;
        if (!dir.n || dir.p[0] != '/')
            continue; /* a folder that depends on where we are is nobody's choice of a program */
        char *path = str_to_c(a, file_join(a, dir, name));
        if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0)
            return path;
    }
    return NULL;
}

struct child {
    pid_t pid;
    int out;
    bool has_group, has_ended;
    int wait_status;
};

/* posix_spawn, unlike the exec functions that search, never hands a file to a shell. */
static int spawn(struct child *c, const struct exec_program *p, int out)
{
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    sigset_t none, all;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int code = posix_spawn_file_actions_init(&fa);
    if (code)
        return code;
    code = posix_spawnattr_init(&at);
    if (code == 0) {
        code = posix_spawn_file_actions_adddup2(&fa, out, STDOUT_FILENO);
        if (!p->shares_stdin) {
            flags |= POSIX_SPAWN_SETPGROUP; /* so that what it starts can be ended with it */
            code = code ? code
                        : posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null", O_RDONLY,
                                                           0);
        }
        (void)posix_spawnattr_setflags(&at, flags);
        (void)posix_spawnattr_setsigmask(&at, &none);
        (void)posix_spawnattr_setsigdefault(&at, &all);
        (void)posix_spawnattr_setpgroup(&at, 0);
        code = code ? code : posix_spawn(&c->pid, p->path, &fa, &at, p->argv, p->env);
        (void)posix_spawnattr_destroy(&at);
    }
    (void)posix_spawn_file_actions_destroy(&fa);
    c->has_group = !p->shares_stdin;
    return code;
}

static bool has_ended(struct child *c)
{
    if (!c->has_ended) {
        pid_t got = waitpid(c->pid, &c->wait_status, WNOHANG);
        c->has_ended = got == c->pid || (got < 0 && errno != EINTR);
    }
    return c->has_ended;
}

static void end(struct child *c)
{
    if (c->has_ended)
        return; /* its number may be another's by now */
    if (c->has_group)
        (void)kill(-c->pid, SIGKILL);
    (void)kill(c->pid, SIGKILL);
    while (waitpid(c->pid, &c->wait_status, 0) < 0 && errno == EINTR)
        continue;
    c->has_ended = true;
}

/* One wait for output: false when there will be no more of it, or nothing to wait for. */
static bool read_some(struct child *c, struct buf *out)
{
    struct pollfd p = { .fd = c->out, .events = POLLIN };
    bool ended_before = has_ended(c);
    int ready = poll(&p, 1, ended_before ? 0 : LOOK_MS);
    if (ready < 0)
        return errno == EINTR;
    if (ready == 0)
        return !ended_before;
    char *room = buf_reserve(out, EXEC_PROGRAM_STEP_BYTES);
    ssize_t n = room ? read(c->out, room, EXEC_PROGRAM_STEP_BYTES) : 0;
    if (n > 0)
        buf_commit(out, (size_t)n);
    return n > 0 || (n < 0 && errno == EINTR);
}

static enum exec_outcome attend(struct child *c, const struct exec_program *p, struct buf *out)
{
    int64_t due = clock_monotonic_ms() + p->timeout_ms;
    bool is_open = true;
    while (is_open || !has_ended(c)) {
        if (p->cancelled && *p->cancelled)
            return EXEC_CANCELLED;
        if (clock_monotonic_ms() >= due)
            return EXEC_LATE;
        if (is_open)
            is_open = read_some(c, out);
        else
            (void)poll(NULL, 0, LOOK_MS / 10);
        if (out->n > p->output_bytes_max)
            return EXEC_TOO_LONG;
    }
    return WIFEXITED(c->wait_status) ? EXEC_EXITED : EXEC_SIGNALLED;
}

enum exec_outcome exec_program_run(const struct exec_program *p, struct buf *out, int *status)
{
    int fd[2];
    struct child c = { 0 };
    if (pipe2(fd, O_CLOEXEC) != 0) {
        *status = errno;
        return EXEC_NOT_STARTED;
    }
    c.out = fd[0];
    *status = spawn(&c, p, fd[1]);
    (void)close(fd[1]);
    enum exec_outcome outcome = EXEC_NOT_STARTED;
    if (*status == 0) {
        outcome = attend(&c, p, out);
        if (outcome != EXEC_EXITED && outcome != EXEC_SIGNALLED)
            end(&c);
        *status = WIFEXITED(c.wait_status) ? WEXITSTATUS(c.wait_status) : WTERMSIG(c.wait_status);
    }
    (void)close(fd[0]);
    return outcome;
}
