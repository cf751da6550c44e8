/* The command line: struct options out of option.def. */
#ifndef KUBEVOUCH_CLI_OPTION_H
#define KUBEVOUCH_CLI_OPTION_H

#include "kube/config.h"

enum option_commands {
    IN_AUDIT = 1, IN_DEMO = 2, IN_LINT = 4, IN_EXPLAIN = 8, IN_VERSION = 16, IN_HELP = 32, IN_ALL = 63
};
struct option_strs {
    struct str *item;
    size_t count;
};
struct options {
    /* reports */
    struct str output, fail_on, cluster_name, purpose, evidence_reference;
    struct option_strs format;
    bool strict_coverage, quiet;
    /* checks */
    struct str benchmark, profile, framework;
    struct option_strs include, exclude, param;
    /* source */
    struct str snapshot, manifests, record, encryption_config;
    struct kube_overrides kube;
    struct str token_file, exec_plugin;
    struct option_strs as_group;
    /* limits; 0: the default */
    int64_t parallel, retries, timeout_s, page_items, max_item_bytes, max_list_items, max_list_bytes, max_depth;
    bool http2;
    /* other */
    bool help, verbose, no_color;
    /* what is left */
    struct option_strs argument;
    struct str command_line; /* as given, credentials redacted */
    bool stdout_is_terminal, stderr_is_terminal;
};
enum option_type { OPTION_FLAG, OPTION_STR, OPTION_STRS, OPTION_INT };
struct option_info {
    const char *name;
    char short_name;
    enum option_type type;
    const char *value, *group;
    unsigned commands;
    const char *help;
    size_t offset;
};
extern const struct option_info option_info[];
extern const size_t option_info_count;

/* Parses argv after the command's name. Options may stand anywhere; -- ends them. ERR_USAGE with a
 * suggestion for a misspelt one. */
bool options_parse(struct options *out, struct arena *a, unsigned command_bit, int argc, char **argv, struct err *err) WARN_UNUSED;

#endif
