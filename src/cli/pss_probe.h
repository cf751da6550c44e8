/* pss --probe admission: what the API server really refuses, namespace by namespace. */
#ifndef KUBEVOUCH_CLI_PSS_PROBE_H
#define KUBEVOUCH_CLI_PSS_PROBE_H

#include "cli/command.h"

enum exit_status pss_probe_admission(const struct options *o, struct arena *run, struct err *err);

#endif
