/* Components of the control plane found by their command lines. */
#include "analyze/control_plane/component.h"
#include "base/buf.h"
#include "unit/from_yaml.h"

static struct arena arena;

static void teardown(void)
{
    arena_release(&arena);
}

/* Arguments, separated by '|'. */
static struct value flags_of(const char *line, bool go_flags)
{
    VEC(struct str) arg = { 0 };
    struct str rest = str_from_c(line), field;
    while (str_next_field(&rest, '|', &field))
        *VEC_PUSH(&arg, &arena) = field;
    return (go_flags ? component_go_flags : component_flags)(&arena, arg.item, arg.count);
}

static const struct {
    const char *line, *flag, *want; /* want NULL: not there; "!": an error */
} flag_row[] = {
    { "--profiling=false", "profiling", "false" },
    { "--profiling=False", "profiling", "false" },
    { "--profiling=0", "profiling", "false" },
    { "--profiling=f", "profiling", "false" },
    { "--profiling", "profiling", "true" },
    { "--profiling|false", "profiling", "true" },
    { "--profiling=maybe", "profiling", "!" },
    { "--profiling=", "profiling", "!" },
    { "--profiling=TRUE|--profiling=maybe|--profiling=false", "profiling", "!" },
    { "--anonymous_auth=FALSE", "anonymous-auth", "false" },
    { "--token-auth-file|/x", "token-auth-file", "/x" },
    { "--token-auth-file|--profiling", "token-auth-file", "--profiling" },
    { "--token-auth-file|--profiling", "profiling", NULL },
    { "--token-auth-file", "token-auth-file", "!" },
    { "--nobody-knows|--profiling=false", "nobody-knows", "true" },
    { "--nobody-knows|--profiling=false", "profiling", "false" },
    { "--nobody-knows|x", "nobody-knows", "x" },
    { "--audit-log-maxage=0x1E", "audit-log-maxage", "30" },
    { "--audit-log-maxage=010", "audit-log-maxage", "8" },
    { "--audit-log-maxage=1_000", "audit-log-maxage", "1000" },
    { "--audit-log-maxage=30d", "audit-log-maxage", "!" },
    { "--audit-log-maxage=99999999999999999999", "audit-log-maxage", "!" },
    { "--request-timeout=60", "request-timeout", "!" },
    { "--request-timeout=1m", "request-timeout", "1m" },
    { "--bind-address= 0:0:0:0:0:0:0:1", "bind-address", "::1" },
    { "--bind-address=localhost", "bind-address", "!" },
    { "--authorization-mode=\"AlwaysAllow\"", "authorization-mode", "AlwaysAllow" },
    { "--authorization-mode=\"Node\",\"RBAC\"", "authorization-mode", "Node,RBAC" },
    { "--authorization-mode=\"Node,RBAC\"", "authorization-mode", "!" },
    { "--authorization-mode=\"RBAC", "authorization-mode", "!" },
    { "--authorization-mode=Node, RBAC", "authorization-mode", "Node, RBAC" },
    { "--authorization-mode=RB\"AC", "authorization-mode", "!" },
    { "--authorization-mode=RBAC|--authorization-mode=\"AlwaysAllow\"", "authorization-mode", "RBAC,AlwaysAllow" },
    { "--authorization-mode=", "authorization-mode", "" },
    { "--authorization-mode=\n\nRBAC\nNode", "authorization-mode", "RBAC" },
    { "--feature-gates= A = TRUE , B=f", "feature-gates", "A=true,B=false" },
    { "--feature-gates=A", "feature-gates", "!" },
    { "--feature-gates=A=maybe", "feature-gates", "!" },
    { "--runtime-config=api/all", "runtime-config", "api/all" },
    { "--token-auth-file=", "token-auth-file", "" },
    { "--terminated-pod-gc-threshold|-1", "terminated-pod-gc-threshold", "-1" },
    { "--secure-port=1|--secure-port=2", "secure-port", "2" },
    { "--enable-admission-plugins=A,B|--enable-admission-plugins|C", "enable-admission-plugins", "A,B,C" },
    { "--service-account-key-file=/a|--service_account_key_file=/b", "service-account-key-file", "/a,/b" },
    { "--feature-gates=A=true,B=true|--feature-gates=A=false", "feature-gates", "B=true,A=false" },
    { "-v=2", "v", "2" },
    { "-v2", "v", "2" },
    { "-v|4|--profiling=false", "profiling", "false" },
    { "-profiling=false", "profiling", "!" },
    { "--|--profiling=false", "profiling", NULL },
    { "profiling=false", "profiling", NULL },
    { "--profiling=false=x", "profiling", "!" },
    { "--|", "", NULL },
    { "-", "", NULL },
    { "--=x", "", NULL },
};

static const struct {
    const char *line, *flag, *want;
} go_flag_row[] = {
    { "-auto-tls=true", "auto-tls", "true" },
    { "--auto-tls=T", "auto-tls", "true" },
    { "-auto-tls", "auto-tls", "true" },
    { "--cert_file=/x", "cert-file", NULL },
    { "--cert-file|/x|--key-file=/y", "key-file", "/y" },
    { "word|--cert-file=/x", "cert-file", NULL },
    { "--cert-file=/x|--|--key-file=/y", "key-file", NULL },
    { "--cert-file=/x|--cert-file=/y", "cert-file", "/y" },
};

static void expect_flag(struct value flags, const char *line, const char *flag, const char *want)
{
    const struct value *v = value_get(flags, str_from_c(flag));
    if (!want) {
        ck_assert_msg(v == NULL, "%s", line);
        return;
    }
    ck_assert_msg(v != NULL, "%s", line);
    ck_assert_msg(value_is_error(*v) == !strcmp(want, "!"), "%s: %.*s", line, STR_ARG(value_text(*v)));
    if (!value_is_error(*v))
        ck_assert_text(value_text(*v), want);
}

START_TEST(flags_are_read_as_the_component_reads_them)
{
    expect_flag(flags_of(flag_row[_i].line, false), flag_row[_i].line, flag_row[_i].flag, flag_row[_i].want);
}
END_TEST

START_TEST(flags_are_read_as_etcd_reads_them)
{
    expect_flag(flags_of(go_flag_row[_i].line, true), go_flag_row[_i].line, go_flag_row[_i].flag, go_flag_row[_i].want);
}
END_TEST

static const struct {
    const char *script, *words; /* joined by '|' */
    bool doubt;
} shell_row[] = {
    { "exec kube-apiserver --a=1 --b", "exec|kube-apiserver|--a=1|--b", false },
    { "kube-apiserver '--a=x y' \"--b=\\\"q\\\"\" --c=\\ z", "kube-apiserver|--a=x y|--b=\"q\"|--c= z", false },
    { "kube-apiserver --a 2>&1 | tee log", "kube-apiserver|--a", false },
    { "kube-apiserver --a >/var/log/x 2>&1 --b", "kube-apiserver|--a|--b", false },
    /* bash; sh starts it with --a alone */
    { "kube-apiserver --a &>/var/log/x --b", "kube-apiserver|--a|--b", true },
    { "kube-apiserver --a &>>/var/log/x --b", "kube-apiserver|--a|--b", true },
    { "kube-apiserver --a & >/var/log/x --b", "kube-apiserver|--a", false },
    { "kube-apiserver --a=2 && echo done", "kube-apiserver|--a=2", false },
    { "mkdir -p /x; cd /x\nkube-apiserver --a \\\n --b", "kube-apiserver|--a|--b", false },
    { "A=1 B=2 kube-apiserver --a", "kube-apiserver|--a", false },
    { "kube-apiserver $ARGS --z", "kube-apiserver|--one|--two=2|--z", false },
    { "kube-apiserver \"${ARGS}\"", "kube-apiserver|--one --two=2", false },
    { "kube-apiserver '$ARGS'", "kube-apiserver|$ARGS", false },
    { "kube-apiserver $UNKNOWN", "kube-apiserver|", true },
    { "kube-apiserver $SECRET", "kube-apiserver|", true },
    { "kube-apiserver --a=$(cat /x)", "kube-apiserver|--a=$", true },
    { "kube-apiserver `cat /x`", "kube-apiserver|cat|/x", true },
    { "kube-apiserver --a # not --b", "kube-apiserver|--a", false },
    { "kube-apiserver --a=#x", "kube-apiserver|--a=#x", false },
    { "kube-apiserver 'open", "kube-apiserver|open", false },
    { "kube-apiserver ''", "kube-apiserver|", false },
    { "", "", false },
    /* which command runs, and with which words */
    { "test -x kube-apiserver && exec kube-apiserver --a", "exec|kube-apiserver|--a", false },
    { "if [ -x /kube-apiserver ]; then exec /kube-apiserver --a; fi", "exec|/kube-apiserver|--a", false },
    { "if x; then kube-apiserver --a; else kube-apiserver --b; fi", "kube-apiserver|--a", true },
    { "kube-apiserver --a || kube-apiserver --b", "kube-apiserver|--a", true },
    { "which kube-apiserver; echo etcd", "echo|etcd", false },
    { "ARGS=--three; kube-apiserver $ARGS", "kube-apiserver|", true },
    { "export ARGS=--three; kube-apiserver $ARGS", "kube-apiserver|", true },
    { ". /etc/x; kube-apiserver $ARGS", "kube-apiserver|", true },
    { "source /etc/x && kube-apiserver --a=$ARGS", "kube-apiserver|--a=", true },
    { "eval x; kube-apiserver $ARGS", "kube-apiserver|", true },
    { "read ARGS </x; kube-apiserver $ARGS", "kube-apiserver|", true },
    { "read -r ARGS; kube-apiserver $ARGS", "kube-apiserver|", true },
    { "unset -v ARGS; kube-apiserver $ARGS", "kube-apiserver|", true },
    { "for ARGS in a b; do kube-apiserver $ARGS; done", "kube-apiserver|", true },
    { "set -e; kube-apiserver $ARGS", "kube-apiserver|--one|--two=2", false },
    { "kube-apiserver \"$@\"", "kube-apiserver|$@", true },
    { "kube-apiserver $1", "kube-apiserver|", true },
    { "kube-apiserver --a={b,c}", "kube-apiserver|--a={b,c}", true },
    { "command nice -n 5 kube-apiserver --a", "nice|-n|5|kube-apiserver|--a", false },
    /* here-documents and the files of redirections are no commands */
    { "cat <<EOF >/tmp/x\nkube-apiserver --a\nEOF\nexec /start.sh", "exec|/start.sh", true },
    { "cat <<'E F' <<-G\nkube-apiserver --a\nE F\n\tkube-apiserver --b\n\tG\nkube-apiserver --c", "kube-apiserver|--c", false },
    { "kube-apiserver --a <<\\EOF --b\n${ARGS=x}\nEOF\n", "kube-apiserver|--a|--b", false },
    { "cat <<EOF\n${ARGS:=x}\nEOF\nkube-apiserver $ARGS", "kube-apiserver|", true },
    { "cat <<EOF\nx=${ARGS}\nEOF\nkube-apiserver $ARGS", "kube-apiserver|--one|--two=2", false },
    { "cat <<$ARGS\nkube-apiserver", "", true },
    { "cat <<EOF\nkube-apiserver --a", "", false },
    { "cat <<< EOF\nkube-apiserver --a", "kube-apiserver|--a", false },
    { "echo >'/x;kube-apiserver --a'; kube-apiserver --b", "kube-apiserver|--b", false },
    { "kube-apiserver --a <(x)", "kube-apiserver|--a", true },
    { "kube-apiserver --a > $LOG --b", "kube-apiserver|--a|--b", false },
    { "exec /start.sh\nkube-apiserver --a", "kube-apiserver|--a", true },
    { "exit; kube-apiserver --a", "kube-apiserver|--a", true },
    { "test -f /x || exit 1; kube-apiserver --a", "kube-apiserver|--a", false },
    { "exec 2>/log; kube-apiserver --a", "kube-apiserver|--a", false },
    /* where words are parted */
    { "IFS=,; kube-apiserver $ARGS", "kube-apiserver|--one|--two=2", true },
    { "export IFS=,\nkube-apiserver $ARGS", "kube-apiserver|--one|--two=2", true },
    { "IFS=,; kube-apiserver \"$ARGS\"", "kube-apiserver|--one --two=2", false },
    { "set -euo pipefail; kube-apiserver $ARGS", "kube-apiserver|--one|--two=2", false },
    { "set -k; kube-apiserver $ARGS", "kube-apiserver|", true },
};

START_TEST(shell_words)
{
    struct component_words w;
    struct value env = from_yaml(&arena, "{ARGS: '--one --two=2', SECRET: null}");
    component_split_shell(&w, &arena, str_from_c(shell_row[_i].script), env);
    ck_assert_text(str_join(&arena, w.word.item, w.word.count, STR("|")), shell_row[_i].words);
    ck_assert_msg((w.doubt.n > 0) == shell_row[_i].doubt, "%s: %.*s", shell_row[_i].script, STR_ARG(w.doubt));
}
END_TEST

#define MIRROR "annotations: {kubernetes.io/config.mirror: x}, ownerReferences: [{apiVersion: v1, kind: Node, name: n1}]"
#define POD(meta, container)                                        \
    "{kind: Pod, metadata: {name: p, namespace: kube-system, " meta \
    "}, spec: {nodeName: n1, containers: [{name: side, image: x, command: [sleep]}, {name: c, " container "}]}}"

static const struct {
    const char *pod;
    int kind; /* -1: none */
    const char *flag, *want;
    bool doubt;
} pod_row[] = {
    { POD(MIRROR, "command: [kube-apiserver, --a=1]"), COMPONENT_APISERVER, "a", "1", false },
    { POD(MIRROR, "command: [/usr/local/bin/kube-apiserver], args: [--a=1]"), COMPONENT_APISERVER, "a", "1", false },
    { POD(MIRROR, "command: [/go-runner, --log-file=/x, --also-stdout, /usr/local/bin/kube-apiserver, --a=1]"), COMPONENT_APISERVER, "a",
      "1", false },
    { POD(MIRROR, "command: [/go-runner, --a=0, /usr/local/bin/kube-apiserver]"), COMPONENT_APISERVER, "a", NULL, false },
    { POD(MIRROR, "command: [/bin/sh, -c, 'exec kube-apiserver --a=1']"), COMPONENT_APISERVER, "a", "1", false },
    { POD(MIRROR, "command: [/bin/sh, -ec], args: ['exec kube-apiserver $X'], env: [{name: X, value: '--a=1'}]"), COMPONENT_APISERVER, "a",
      "1", false },
    { POD(MIRROR, "command: [sh, -c, 'kube-apiserver $X'], env: [{name: X, valueFrom: {fieldRef: {}}}]"), COMPONENT_APISERVER, "a", NULL,
      true },
    { POD(MIRROR, "command: [kube-apiserver, --a=$(X)], env: [{name: X, value: '1'}]"), COMPONENT_APISERVER, "a", "1", false },
    { POD(MIRROR, "command: [kube-apiserver, '--a=$$(X)'], env: [{name: X, value: '1'}]"), COMPONENT_APISERVER, "a", "$(X)", false },
    { POD(MIRROR, "command: [kube-apiserver, '--a=$(Y)']"), COMPONENT_APISERVER, "a", "$(Y)", false },
    { POD(MIRROR, "command: [kube-apiserver, '--a=$(X)'], env: [{name: X, valueFrom: {}}]"), COMPONENT_APISERVER, "a", "$(X)", true },
    { POD(MIRROR, "command: [kube-apiserver, '--a=$(Y)'], envFrom: [{configMapRef: {name: x}}]"), COMPONENT_APISERVER, "a", "$(Y)", true },
    { POD(MIRROR, "command: [kube-apiserver, '--a=$(Z)'], env: [{name: X, value: '1'}, {name: Z, value: '$(X)2'}]"), COMPONENT_APISERVER,
      "a", "12", false },
    { POD(MIRROR, "command: [kube-apiserver, '--a=$(Z)'], env: [{name: X, valueFrom: {}}, {name: Z, value: '$(X)2'}]"), COMPONENT_APISERVER,
      "a", "$(Z)", true },
    { POD(MIRROR, "command: [tini, --, sh, -c, 'exec kube-apiserver --a=1']"), COMPONENT_APISERVER, "a", "1", false },
    { POD(MIRROR, "command: [bash, -o, pipefail, -c, 'exec kube-apiserver --a=1', --, --a=2]"), COMPONENT_APISERVER, "a", "1", false },
    { POD(MIRROR, "command: [sh, /start.sh, -c, 'kube-apiserver --a=1']"), -1, NULL, NULL, false },
    { POD(MIRROR, "command: [kube-apiserver, '--authorization-mode=\"RBAC', --a=1]"), COMPONENT_APISERVER, "a", "1", false },
    { POD(MIRROR, "command: [kube-proxy, --config]"), COMPONENT_KUBE_PROXY, "a", NULL, true },
    { POD(MIRROR, "command: [etcd], env: [{name: ETCD_CLIENT_CERT_AUTH, value: '1'}]"), COMPONENT_ETCD, "client-cert-auth", "true", false },
    { POD(MIRROR, "command: [etcd], env: [{name: ETCD_CERT_FILE, value: ''}]"), COMPONENT_ETCD, "cert-file", NULL, false },
    { POD(MIRROR, "command: [etcd], env: [{name: ETCD_cert_file, value: '/x'}]"), COMPONENT_ETCD, "cert-file", NULL, false },
    { POD(MIRROR, "command: [etcd], envFrom: [{configMapRef: {name: x}}]"), COMPONENT_ETCD, "cert-file", NULL, true },
    { POD(MIRROR, "command: [/hyperkube, apiserver, --a=1]"), COMPONENT_APISERVER, "a", "1", false },
    { POD(MIRROR, "image: 'registry.k8s.io/kube-apiserver:v1.35.4', args: [--a=1]"), COMPONENT_APISERVER, "a", "1", false },
    { POD(MIRROR, "image: 'x:5000/kube-scheduler@sha256:00', args: [--a=1]"), COMPONENT_SCHEDULER, "a", "1", false },
    { POD(MIRROR, "command: [kube-controller-manager, --a=1]"), COMPONENT_CONTROLLER_MANAGER, "a", "1", false },
    { POD(MIRROR, "command: [etcd, --a=1], env: [{name: ETCD_CLIENT_CERT_AUTH, value: 'true'}]"), COMPONENT_ETCD, "client-cert-auth",
      "true", false },
    { POD(MIRROR, "command: [etcd, --data-dir=/y], env: [{name: ETCD_DATA_DIR, value: /x}]"), COMPONENT_ETCD, "data-dir", "/y", false },
    { POD(MIRROR, "command: [etcd, --config-file=/x]"), COMPONENT_ETCD, "config-file", "/x", true },
/* What the command line sets in etcd's environment. */
#define ETCD(script) POD(MIRROR, "command: [sh, -c, \"" script "\"]")
    { ETCD("ETCD_AUTO_TLS=1 exec etcd"), COMPONENT_ETCD, "auto-tls", "true", false },
    { ETCD("export ETCD_AUTO_TLS=1; exec etcd"), COMPONENT_ETCD, "auto-tls", "true", false },
    { ETCD("set -a; ETCD_AUTO_TLS=1; exec etcd"), COMPONENT_ETCD, "auto-tls", "true", false },
    { ETCD("set -o allexport; ETCD_AUTO_TLS=1; exec etcd"), COMPONENT_ETCD, "auto-tls", "true", false },
    { ETCD("ETCD_AUTO_TLS=1; exec etcd"), COMPONENT_ETCD, "auto-tls", NULL, false },
    { ETCD("ETCD_AUTO_TLS=1; export ETCD_AUTO_TLS; exec etcd"), COMPONENT_ETCD, "auto-tls", "", false },
    { ETCD("declare -x ETCD_AUTO_TLS=1; exec etcd"), COMPONENT_ETCD, "auto-tls", "", false },
    { ETCD("if x; then export ETCD_AUTO_TLS=0; fi; exec etcd"), COMPONENT_ETCD, "auto-tls", "", false },
    { ETCD("x && export ETCD_AUTO_TLS=0; exec etcd"), COMPONENT_ETCD, "auto-tls", "", false },
    { ETCD("f() { etcd; }; export ETCD_AUTO_TLS=1; f"), COMPONENT_ETCD, "auto-tls", "", false },
    { ETCD("ETCD_AUTO_TLS=1 exec env ETCD_AUTO_TLS=0 etcd"), COMPONENT_ETCD, "auto-tls", "false", false },
    { ETCD("ETCD_AUTO_TLS+=1 etcd"), COMPONENT_ETCD, "auto-tls", "", false },
    { ETCD("export ETCD_CONFIG_FILE=/x; exec etcd"), COMPONENT_ETCD, "config-file", "/x", true },
    { ETCD("export -n ETCD_AUTO_TLS; exec etcd"), COMPONENT_ETCD, "auto-tls", NULL, true },
    { ETCD(". /etc/etcd.env; exec etcd"), COMPONENT_ETCD, "auto-tls", NULL, true },
    { ETCD("set -a; . /etc/etcd.env; exec etcd"), COMPONENT_ETCD, "auto-tls", NULL, true },
    { ETCD("exec -c etcd"), COMPONENT_ETCD, "auto-tls", NULL, true },
    { ETCD("exec etcd --auto-tls=false"), COMPONENT_ETCD, "auto-tls", "false", false },
    { POD(MIRROR, "command: [sh, -c, 'ETCD_AUTO_TLS=1; exec etcd'], env: [{name: ETCD_AUTO_TLS, value: '0'}]"), COMPONENT_ETCD, "auto-tls",
      "true", false },
    { POD(MIRROR, "command: [sh, -lc, 'exec etcd']"), COMPONENT_ETCD, "auto-tls", NULL, true },
    { POD(MIRROR, "command: [bash, --login, -c, 'exec kube-apiserver $X'], env: [{name: X, value: '--a=1'}]"), COMPONENT_APISERVER, "a",
      "1", true },
    { POD(MIRROR, "command: [bash, -c, 'exec etcd'], env: [{name: BASH_ENV, value: /x}]"), COMPONENT_ETCD, "auto-tls", NULL, true },
    { POD(MIRROR, "command: [sh, -a, -c, 'X=1; exec etcd']"), COMPONENT_ETCD, "auto-tls", NULL, true },
    { POD(MIRROR, "command: [env, ETCD_AUTO_TLS=1, etcd]"), COMPONENT_ETCD, "auto-tls", "true", false },
    { POD(MIRROR, "command: [/usr/bin/env, --, ETCD_AUTO_TLS=1, nice, -n, '5', etcd]"), COMPONENT_ETCD, "auto-tls", "true", false },
    { POD(MIRROR, "command: [env, ETCD_AUTO_TLS=1, sh, -c, 'exec etcd']"), COMPONENT_ETCD, "auto-tls", "true", false },
    { POD(MIRROR, "command: [env, X=--a=1, sh, -c, 'exec kube-apiserver $X']"), COMPONENT_APISERVER, "a", "1", false },
    { POD(MIRROR, "command: [env, -i, etcd]"), COMPONENT_ETCD, "auto-tls", NULL, true },
    { POD(MIRROR, "command: [env, -u, ETCD_AUTO_TLS, etcd]"), COMPONENT_ETCD, "auto-tls", NULL, true },
    { POD(MIRROR, "command: [env, --file=/x, etcd]"), COMPONENT_ETCD, "auto-tls", NULL, true },
    { POD(MIRROR, "command: [runuser, -l, x, etcd]"), COMPONENT_ETCD, "auto-tls", NULL, true },
    { POD(MIRROR, "command: [runuser, -u, x, etcd]"), COMPONENT_ETCD, "auto-tls", NULL, false },
#undef ETCD
    /* Names prove nothing. */
    { POD(MIRROR, "command: [sleep, kube-apiserver]"), -1, NULL, NULL, false },
    { POD(MIRROR, "command: [/bin/kube-apiserver-proxy]"), -1, NULL, NULL, false },
    { POD("ownerReferences: [{apiVersion: v1, kind: Node, name: n1}]", "command: [kube-apiserver]"), -1, NULL, NULL, false },
    { POD("annotations: {kubernetes.io/config.mirror: x}", "command: [kube-apiserver]"), -1, NULL, NULL, false },
    { POD("annotations: {kubernetes.io/config.mirror: x}, ownerReferences: [{kind: ReplicaSet}]", "command: [kube-apiserver]"), -1, NULL,
      NULL, false },
    /* Shapes no server sends. */
    { POD(MIRROR, "command: 7, args: {a: b}, env: [1, {name: 3}]"), -1, NULL, NULL, false },
    { POD(MIRROR, "command: [7, [], {}]"), -1, NULL, NULL, false },
    { "{metadata: {" MIRROR "}, spec: {containers: [3, []]}}", -1, NULL, NULL, false },
    { "{metadata: {" MIRROR "}, spec: 3}", -1, NULL, NULL, false },
};

START_TEST(components_are_told_by_what_they_run)
{
    struct component c;
    bool found = component_of_pod(&c, &arena, from_yaml(&arena, pod_row[_i].pod));
    ck_assert_msg(found == (pod_row[_i].kind >= 0), "row %d", _i);
    if (!found)
        return;
    ck_assert_int_eq((int)c.kind, pod_row[_i].kind);
    ck_assert_msg((c.doubt.n > 0) == pod_row[_i].doubt, "row %d: %.*s", _i, STR_ARG(c.doubt));
    ck_assert_text(c.pod, "p");
    ck_assert_text(c.node, "n1");
    const struct value *v = value_get(c.flags, str_from_c(pod_row[_i].flag));
    ck_assert_msg((v != NULL) == (pod_row[_i].want != NULL), "row %d", _i);
    if (v)
        ck_assert_text(value_text(*v), pod_row[_i].want);
}
END_TEST

START_TEST(each_container_is_an_instance)
{
    struct component_list all = { 0 };
    component_add_all(&all, &arena,
                      from_yaml(&arena,
                                "{kind: Pod, metadata: {name: p, namespace: kube-system}, spec: {nodeName: n1, containers: ["
                                "{name: a, command: [kube-apiserver, --a=1]}, {name: b, command: [etcd]}, {name: c, command: "
                                "[kube-apiserver, --a=2]}], initContainers: ["
                                "{name: d, command: [kube-apiserver, --a=3]}, {name: e, restartPolicy: Always, command: [etcd]}]}}"));
    ck_assert_uint_eq(all.found.count, 4);
    static const struct {
        const char *container;
        enum component_kind kind;
        bool further;
    } want[] = { { "a", COMPONENT_APISERVER, false },
                 { "b", COMPONENT_ETCD, false },
                 { "c", COMPONENT_APISERVER, true },
                 { "e", COMPONENT_ETCD, true } };
    for (size_t i = 0; i < 4; i++) {
        ck_assert_text(all.found.item[i].container, want[i].container);
        ck_assert_int_eq((int)all.found.item[i].kind, (int)want[i].kind);
        ck_assert_int_eq(all.found.item[i].further, want[i].further);
    }
    ck_assert_text(component_text(&arena, &all.found.item[2]), "container c of pod kube-system/p");
    ck_assert_text(value_text_at(all.found.item[2].flags, "a", NULL), "2");
}
END_TEST

START_TEST(the_flag_table_is_sorted)
{
    static const char *const name[] = {
#define FLAG(name, type) name,
#include "analyze/control_plane/flag.def"
#undef FLAG
    };
    for (size_t i = 1; i < sizeof name / sizeof *name; i++)
        ck_assert_msg(strcmp(name[i - 1], name[i]) < 0, "%s, %s", name[i - 1], name[i]);
}
END_TEST

START_TEST(lists_are_searched_by_item)
{
    ck_assert(component_list_has(STR("Node,RBAC"), "RBAC"));
    /* no mode that the API server knows */
    ck_assert(!component_list_has(STR("Node, RBAC"), "RBAC"));
    ck_assert(!component_list_has(STR("NodeRBAC"), "RBAC"));
    ck_assert(!component_list_has(STR(""), "RBAC"));
}
END_TEST

START_TEST(a_long_word_is_doubted)
{
    char *script = arena_alloc(&arena, COMPONENT_WORD_BYTES_MAX + 100);
    struct component_words w;
    memset(script, 'x', COMPONENT_WORD_BYTES_MAX + 100);
    component_split_shell(&w, &arena, str_of(script, COMPONENT_WORD_BYTES_MAX + 100), value_null());
    ck_assert_uint_gt(w.doubt.n, 0);
}
END_TEST

/* A hostile node may write any command line: its length costs time and memory in proportion, no more. */
START_TEST(long_lines_cost_no_more_than_their_length)
{
    static const char *const part[] = { "$X ", "A=1 $A ", "{", "{a ", "for X ", "kube-apiserver;", "'", "<<X ", "<<X\n", "export X=1;" };
    struct buf text = BUF_INIT((size_t)1 << 21);
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        struct component_words w;
        buf_reset(&text);
        while (text.n < ((size_t)1 << 20))
            buf_add_c(&text, part[i]);
        component_split_shell(&w, &arena, buf_str(&text), from_yaml(&arena, "{X: '1'}"));
        ck_assert_uint_le(w.word.count, COMPONENT_WORDS_MAX);
        arena_reset(&arena);
    }
    buf_reset(&text);
    buf_add_c(&text, "--feature-gates=");
    for (unsigned i = 0; i < 100000; i++)
        buf_addf(&text, "A%u=true,", i);
    struct str arg = buf_str(&text);
    struct value flags = component_flags(&arena, &arg, 1);
    ck_assert(value_is_error(*value_get(flags, STR("feature-gates"))));
    buf_release(&text);
}
END_TEST

#define COUNT(x) (int)(sizeof(x) / sizeof *(x))

int main(void)
{
    Suite *s = suite_create("component");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_loop_test(t, flags_are_read_as_the_component_reads_them, 0, COUNT(flag_row));
    tcase_add_loop_test(t, flags_are_read_as_etcd_reads_them, 0, COUNT(go_flag_row));
    tcase_add_loop_test(t, shell_words, 0, COUNT(shell_row));
    tcase_add_loop_test(t, components_are_told_by_what_they_run, 0, COUNT(pod_row));
    tcase_add_test(t, each_container_is_an_instance);
    tcase_add_test(t, the_flag_table_is_sorted);
    tcase_add_test(t, lists_are_searched_by_item);
    tcase_add_test(t, a_long_word_is_doubted);
    tcase_add_test(t, long_lines_cost_no_more_than_their_length);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
