/* What is too busy to look ends all the same: by a signal within a second, by the time limit, never while files take their
 * places. */
#include "base/clock.h"
#include "cli/command.h"
#include "cli/stop.h"

#include <check.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLACK_MS 4000 /* of a busy machine */

struct child {
    pid_t pid;
    int says;
    int64_t began_ms;
};

/* Busy for ever, deaf to the flag: held for so long first. Its standard error is the pipe. */
static struct child start(int64_t limit_s, int64_t held_ms)
{
    int fd[2];
    ck_assert_int_eq(pipe(fd), 0);
    struct child c = { .began_ms = clock_monotonic_ms(), .says = fd[0] };
    c.pid = fork();
    if (c.pid == 0) {
        (void)dup2(fd[1], STDERR_FILENO);
        stop_catch(limit_s);
        stop_phase("counting");
        stop_hold(held_ms > 0);
        if (write(fd[1], "x", 1) != 1)
            _exit(9);
        while (clock_monotonic_ms() - c.began_ms < held_ms)
            continue;
        stop_hold(false);
        for (volatile unsigned n = 0;; n++)
            continue;
    }
    (void)close(fd[1]);
    char begun;
    ck_assert_int_eq((int)read(fd[0], &begun, 1), 1);
    return c;
}

static void finish(struct child *c, char out[256])
{
    int status = 0;
    ck_assert_int_eq(waitpid(c->pid, &status, 0), c->pid);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), EXIT_COULD_NOT_RUN);
    ssize_t n = read(c->says, out, 255);
    out[n > 0 ? n : 0] = '\0';
    (void)close(c->says);
    ck_assert_ptr_nonnull(strstr(out, "while counting"));
}

START_TEST(a_signal)
{
    char text[256];
    struct child c = start(600, 0);
    int64_t sent_ms = clock_monotonic_ms();
    (void)kill(c.pid, _i ? SIGTERM : SIGINT);
    finish(&c, text);
    ck_assert_int_lt(clock_monotonic_ms() - sent_ms, 1000 + SLACK_MS);
    ck_assert_ptr_nonnull(strstr(text, "ended by a signal"));
}
END_TEST

START_TEST(two_signals)
{
    char text[256];
    struct child c = start(600, 0);
    (void)kill(c.pid, SIGINT);
    (void)usleep(20000);
    (void)kill(c.pid, SIGTERM);
    finish(&c, text);
}
END_TEST

START_TEST(the_limit)
{
    char text[256];
    struct child c = start(1, 0);
    finish(&c, text);
    ck_assert_int_ge(clock_monotonic_ms() - c.began_ms, 900);
    ck_assert_int_lt(clock_monotonic_ms() - c.began_ms, 1000 + SLACK_MS);
    ck_assert_ptr_nonnull(strstr(text, "--timeout"));
}
END_TEST

START_TEST(held)
{
    char text[256];
    struct child c = start(600, 1500);
    (void)kill(c.pid, SIGTERM);
    finish(&c, text);
    ck_assert_int_ge(clock_monotonic_ms() - c.began_ms, 1500);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("stop");
    TCase *t = tcase_create("stop");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, a_signal, 0, 2);
    tcase_add_test(t, two_signals);
    tcase_add_test(t, the_limit);
    tcase_add_test(t, held);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
