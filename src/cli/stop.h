/* How a run is ended from outside, in every phase: by SIGINT or SIGTERM within a second, and by its
 * time limit.
 *
 * Reading a cluster looks at the flag and ends by itself, with what it had to say. What is too busy
 * to look, or waits for what never comes (judging, an expression, a name server, a pipe), is ended
 * from the handler of a timer: nothing is half done then but temporary files, which the next run
 * sweeps. */
#ifndef KUBEVOUCH_CLI_STOP_H
#define KUBEVOUCH_CLI_STOP_H

#include "base/err.h"

/* From here on signals are caught, and the process ends with EXIT_COULD_NOT_RUN when limit_s
 * seconds have passed (0: never). */
void stop_catch(int64_t limit_s);
/* Not 0 once a signal has come. */
volatile const int *stop_flag(void);
/* What is being done, for the message: "judging". It must live for ever. */
void stop_phase(const char *doing);
/* False, with ERR_CANCELLED, once a signal has come. */
bool stop_may_go_on(struct err *err) WARN_UNUSED;
/* While on, neither signals nor the limit end the process: for the moment in which files take their
 * places. */
void stop_hold(bool on);

#endif
