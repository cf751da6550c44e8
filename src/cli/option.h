/* The command line: struct options out of option.def. */
#ifndef KUBEVOUCH_CLI_OPTION_H
#define KUBEVOUCH_CLI_OPTION_H

#include "kube/config.h"

enum option_commands {
    IN_AUDIT = 1 << 0,
    IN_DEMO = 1 << 1,
    IN_LINT = 1 << 2,
    IN_EXPLAIN = 1 << 3,
    IN_VERSION = 1 << 4,
    IN_HELP = 1 << 5,
    IN_NODE_FACTS = 1 << 6,
    IN_RBAC = 1 << 7,
    IN_CROSSWALK = 1 << 8,
    IN_EVAL = 1 << 9,
    IN_EXPORT = 1 << 10,
    IN_PSS = 1 << 11,
    IN_WHO_CAN = 1 << 12,
    IN_PATHS = 1 << 13,
    IN_REVIEW = 1 << 14,
    IN_REACH = 1 << 15,
    IN_SCAN = 1 << 16,
    IN_DIFF = 1 << 17,
    IN_VERIFY = 1 << 18,
    IN_PERIOD = 1 << 19,
    IN_MERGE = 1 << 20,
    IN_RENDER = 1 << 21,
    IN_ALL = (1 << 22) - 1,
    IN_RIGHTS = IN_WHO_CAN | IN_PATHS | IN_REVIEW,
    /* who reads a cluster, a recording or files */
    IN_READS = IN_AUDIT | IN_EVAL | IN_PSS | IN_RIGHTS | IN_REACH,
};
struct option_strs {
    struct str *item;
    size_t count;
};
/* More than there are rows in option.def. */
#define OPTIONS_MAX 128

struct options {
    /* reports */
    struct str output, by, spool_dir, readable_by, summary, fail_on, cluster_name, purpose,
        evidence_reference;
    struct option_strs format;
    int64_t keep, merge_max_age;
    struct str contexts, kubeconfig_dir, shard, expect, upload, upload_token_file, upload_ca;
    bool strict_coverage, allow_incomplete, quiet;
    /* checks */
    struct str benchmark, profile, framework;
    struct option_strs include, tag, exclude, param, policy, statements, action, except_namespace;
    /* expression */
    struct str over, print, pss_version, probe;
    bool explain;
    /* source */
    /* files and folders of a scan, and globs of what is not read of them */
    struct option_strs path, leave_out;
    bool whole;
    struct str baseline;
    bool fail_on_new, any_cluster;
    /* evidence */
    struct str bundle, sign_key, verify_key, ledger, head, tsa_response, tsa_ca;
    int64_t max_gap;
    bool bundle_full;
    struct str snapshot, manifests, record, encryption_config, admission_config,
        authentication_config;
    struct kube_overrides kube;
    struct str token_file, exec_plugin, list_format;
    struct option_strs as_user_extra;
    bool no_probes;
    /* rights */
    struct str from, to, port, since, review_format, questions;
    struct option_strs as_group;
    struct str node_facts, node_facts_pods, root, node_name;
    int64_t then_wait_s;
    int64_t node_facts_max_age;
    struct option_strs mount, import_file, scope;
    struct str kubelet, kubelet_ca;
    bool kubelet_insecure;
    int64_t kubelet_timeout_s;
    /* limits, in their range; the default where none was given */
    int64_t parallel, qps, retries, timeout_s, connect_timeout_s, stall_timeout_s, retry_wait_s,
        plugin_timeout_s, page_items, max_item_bytes, max_list_items, max_list_bytes, max_depth;
    int64_t max_yaml_values;
    bool http2;
    /* other */
    bool help, verbose, no_color;
    bool text;
    /* what is left */
    struct option_strs argument;
    bool given[OPTIONS_MAX]; /* as option_info */
    struct str command_line; /* as given, credentials redacted */
    bool stdout_is_terminal, stderr_is_terminal;
};
enum option_type { OPTION_FLAG, OPTION_STR, OPTION_STRS, OPTION_INT };
/* --readable-by: what others keep of the files that are made. */
enum readable_by { READABLE_BY_OWNER, READABLE_BY_GROUP, READABLE_BY_ALL, READABLE_BY_COUNT };
extern const char *const readable_by_name[READABLE_BY_COUNT];
/* Where the values of an option or argument come from. Up to VALUES_CLOSED: whole lists, others are
 * refused. */
enum value_source {
    VALUES_ANY,
    VALUES_FORMAT,
    VALUES_FAIL_ON,
    VALUES_FRAMEWORK,
    VALUES_EXEC_POLICY,
    VALUES_LIST_FORMAT,
    VALUES_KUBELET_WAY,
    VALUES_PRINT,
    VALUES_REVIEW,
    VALUES_READABLE_BY,
    VALUES_SUMMARY,
    VALUES_BY,
    VALUES_PROBE,
    VALUES_ACTION,
    VALUES_SHELL,
    VALUES_TOPIC,
    VALUES_CLOSED = VALUES_TOPIC,
    /* of the default benchmark: another may have more */
    VALUES_PROFILE,
    VALUES_CHECK,
    VALUES_POPULATION,
    VALUES_BENCHMARK,
    VALUES_CONTEXT /* of the kubeconfig, when they are asked for */
};
/* How the report's copy of the command line shows a value: one that can hold a credential never
 * stands there whole. */
enum option_shown { SHOWN_WHOLE, SHOWN_AS_URL, SHOWN_TO_EQUALS, SHOWN_TO_PIN, SHOWN_NOT };
struct option_info {
    const char *name;
    char short_name;
    enum option_type type;
    const char *value, *group;
    unsigned commands;
    enum value_source values;
    int64_t least, greatest, initial; /* of a number */
    enum option_shown shown;
    const char *help;
    size_t offset;
};
extern const struct option_info option_info[];
extern const size_t option_info_count;

/* The values there are, in their table's order; none for VALUES_ANY, VALUES_CONTEXT and where the
 * benchmark cannot be read. */
struct option_strs option_values(struct arena *a, enum value_source source);
/* "html, json, jsonl" */
struct str option_values_text(struct arena *a, enum value_source source);
/* The help with what the table knows besides: the values, the range, the default. */
struct str option_help(struct arena *a, const struct option_info *i);

/* Parses argv after the command's name. Options may stand anywhere; -- ends them. ERR_USAGE with a
 * suggestion for a misspelt one. */
bool options_parse(struct options *out, struct arena *a, unsigned command_bit, int argc,
                   char **argv, struct err *err) WARN_UNUSED;

#endif
