/* Ending a run by a signal or by its time. */
#include "cli/stop.h"

#include "cli/command.h"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

/* From a signal to the end of what does not look at the flag: with what the flag's users need, less
 * than a second. */
#define GRACE_US 600000

/* The things a handler may touch. */
static volatile sig_atomic_t got_signal;
static volatile int cancelled;
static const char *volatile phase = "reading its options";

static void put(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

_Noreturn static void end_now(const char *why, const char *advice)
{
    put("\nkubevouch: error: ");
    put(why);
    put(" while ");
    put(phase);
    put(advice);
    _exit(EXIT_COULD_NOT_RUN);
}

static void on_alarm(int number)
{
    (void)number;
    if (got_signal)
        end_now("ended by a signal", "; reports of an earlier run stay as they were\n");
    end_now("the time limit for the whole run was reached",
            ": raise --timeout; reports of an earlier run stay as they were\n");
}

static void on_signal(int number)
{
    struct itimerval grace = { .it_value = { .tv_usec = GRACE_US } };
    if (got_signal) /* whoever asks twice means now */
        on_alarm(number);
    got_signal = number;
    cancelled = 1;
    (void)setitimer(ITIMER_REAL, &grace, NULL);
}

void stop_catch(int64_t limit_s)
{
    struct sigaction signalled = { .sa_handler = on_signal }, rung = { .sa_handler = on_alarm },
                     ignored = { .sa_handler = SIG_IGN };
    struct itimerval limit = { .it_value = { .tv_sec = (time_t)limit_s } };
    (void)sigaction(SIGALRM, &rung, NULL);
    (void)sigaction(SIGINT, &signalled, NULL);
    (void)sigaction(SIGTERM, &signalled, NULL);
    (void)sigaction(SIGPIPE, &ignored, NULL);
    (void)setitimer(ITIMER_REAL, &limit, NULL);
}

volatile const int *stop_flag(void)
{
    return &cancelled;
}

void stop_phase(const char *doing)
{
    phase = doing;
}

bool stop_may_go_on(struct err *err)
{
    return !cancelled ||
           err_set(err, ERR_CANCELLED, "ended by a signal while %s; no report was written", phase);
}

void stop_hold(bool on)
{
    sigset_t held;
    (void)sigemptyset(&held);
    (void)sigaddset(&held, SIGINT);
    (void)sigaddset(&held, SIGTERM);
    (void)sigaddset(&held, SIGALRM);
    (void)sigprocmask(on ? SIG_BLOCK : SIG_UNBLOCK, &held, NULL);
}
