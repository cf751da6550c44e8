#!/usr/bin/env bash
# Audits real control planes on 127.0.0.1, and holds the reports against what is known about them.
#   KUBEVOUCH=build/kubevouch tests/cluster/run.sh [GROUP...]
# Groups: planted rights cronjob charts replay refused broken namespace kubelets nodes truth encryption vap podsecurity sar admission protobuf found defaults (all, in this order, if none is named).
# The programs are built from Go modules into the user's cache on the first run. KEEP=1 leaves reports and logs.
set -uo pipefail
. "$(dirname "$(readlink -f "$0")")/lib.sh"
ROOT=$(cd "$HERE/../.." && pwd)
: "${KUBEVOUCH:?names the program to test}"
[ -x "$KUBEVOUCH" ] || die "$KUBEVOUCH is no program: run make first"
KUBEVOUCH=$(readlink -f "$KUBEVOUCH")
for p in "python3 asserts over the reports" "openssl makes the cluster's certificates" "curl asks whether a server is ready" \
  "setsid starts servers" "sha256sum tells whether programs are up to date" "base64 writes kubeconfigs"; do
  need "${p%% *}" "it ${p#* }"
done
built || "$HERE/build.sh" || die "the control plane's programs could not be built"

OUT=$(mktemp -d "${TMPDIR:-/tmp}/kubevouch-cluster.XXXXXX")
MAIN=$OUT/main SMALL=$OUT/small PASSED=0 FAILED=0
finish() {
  local d; for d in "$MAIN" "$SMALL"; do [ -d "$d" ] && "$HERE/down.sh" "$d"; done
  if [ -n "${KEEP:-}" ] || [ "$FAILED" -gt 0 ]; then echo "reports and logs: $OUT"; else rm -rf "$OUT"; fi
}
# Checks whose evidence an audit gathers only when it is told to: left out where that is not the question.
OPT_IN=(--skip '4.2.*' --skip '1.1.*' --skip '4.1.*' --skip 3.2.2)
trap finish EXIT
trap 'exit 130' INT TERM

say() { printf '%s\n' "$*"; }
check() { # check NAME COMMAND...: one assertion
  local name=$1; shift
  if "$@"; then PASSED=$((PASSED + 1)); say "ok    $name"; else FAILED=$((FAILED + 1)); say "FAIL  $name"; fi
}
expect() { python3 "$HERE/expect.py" "$@"; }
k() { "$BIN/kubectl" --kubeconfig "$MAIN/admin.kubeconfig" "$@"; }
ks() { "$BIN/kubectl" --kubeconfig "$SMALL/admin.kubeconfig" "$@"; }
# From here on a cluster's nodes (those of the small one, if none is named) are reached by their addresses; to_nodes_end
to_nodes() { # to_nodes [DIR]
  rm -f "$OUT/node-proxy.port"; python3 "$HERE/node-proxy.py" "${1:-$SMALL}/egress.sock" >"$OUT/node-proxy.port" & NODE_PROXY=$!
  local i; for i in $(seq 100); do [ -s "$OUT/node-proxy.port" ] && break; sleep 0.05; done
  export HTTPS_PROXY="http://127.0.0.1:$(cat "$OUT/node-proxy.port")"
}
to_nodes_end() { unset HTTPS_PROXY; kill "$NODE_PROXY"; }
# facts TO NODE...: of each node's tree
facts() {
  local to=$1 n as_root=(); shift; mkdir -p "$to"
  [ "$(id -u)" = 0 ] || as_root=(unshare -r) # what is ours is root's there, as on a node
  for n in "$@"; do "${as_root[@]}" "$KUBEVOUCH" node-facts --root "$OUT/trees/$n" --node-name "$n" >"$to/$n.json" || return 1; done
}

# audit NAME ARGS...: into $OUT/NAME (REPORTS, if it is set); what it said in $OUT/NAME.err, its exit status in RC
audit() {
  local name=$1; shift; mkdir -p "$OUT/$name"
  "$KUBEVOUCH" audit --quiet --output "${REPORTS:-$OUT/$name}" "${OPT_IN[@]}" "$@" >"$OUT/$name.out" 2>"$OUT/$name.err"; RC=$?
}
report() { echo "$OUT/$1/report.json"; }
ended() { # ended STATUS: the last audit did
  [ "$RC" = "$1" ] || { say "    ended with $RC, not $1: $(head -c 400 "$OUT"/"$2".err)" >&2; return 1; }
}
said() { # said NAME TEXT: on standard error
  grep -qiE -- "$2" "$OUT/$1.err" || { say "    did not say '$2': $(head -c 600 "$OUT/$1.err")" >&2; return 1; }
}
all() { # all 'cmd' 'cmd': each holds
  local c bad=0; for c in "$@"; do eval "$c" || bad=1; done; return $bad
}

# could_not_run NAME TEXT ARGS...: ends with 4, says TEXT, and leaves an earlier run's reports as they were
could_not_run() {
  local name=$1 text=$2 before; shift 2
  mkdir -p "$OUT/$name"; echo '{"earlier": true}' >"$OUT/$name/report.json"; echo earlier >"$OUT/$name/report.html"
  before=$(cat "$OUT/$name"/report.* | sha256sum)
  audit "$name" "$@"
  check "$name: ends with 4, says why, leaves earlier reports" all "ended 4 $name" "said $name '$text'" \
    "[ '$before' = \"\$(cat '$OUT/$name'/report.* | sha256sum)\" ]"
}

main_up() {
  [ ! -f "$MAIN/planted.json" ] || return 0
  "$HERE/up.sh" "$MAIN" --workers 3 || die "the cluster did not start: see $MAIN/logs"
  "$HERE/populate.sh" "$MAIN" mix || die "the cluster could not be populated"
  baseline
}
baseline() { audit admin --kubeconfig "$MAIN/admin.kubeconfig"; }

group_planted() {
  check "an administrator's audit ends with 0" ended 0 admin
  check "it is complete" expect complete "$(report admin)"
  check "every planted fault is found, and nothing that is sound" expect planted "$(report admin)" "$MAIN/planted.json"
  audit failing --kubeconfig "$MAIN/admin.kubeconfig" --fail-on high
  check "--fail-on high ends with 1" ended 1 failing
  audit again --kubeconfig "$MAIN/admin.kubeconfig"
  check "a second audit says the same" expect verdicts-same "$(report admin)" "$(report again)"
}

group_rights() {
  audit auditor --kubeconfig "$MAIN/auditor.kubeconfig" --strict-coverage
  check "a read-only auditor's audit is complete, and ends with 0" all "ended 0 auditor" "expect complete '$(report auditor)'"
  check "it has an administrator's verdicts" expect verdicts-same "$(report admin)" "$(report auditor)"
  check "and an administrator's findings" expect findings-same "$(report admin)" "$(report auditor)"
  audit nobody --kubeconfig "$MAIN/nobody.kubeconfig"
  check "without rights: ends with 0, or with 3 when asked to be strict" \
    all "ended 0 nobody" "audit nobody-strict --kubeconfig '$MAIN/nobody.kubeconfig' --strict-coverage; ended 3 nobody-strict"
  check "without rights: nothing is green, and each gap names the right" expect nobody "$(report nobody)"
  check "without rights: no verdict but UNKNOWN differs from an administrator's" expect weaker "$(report admin)" "$(report nobody)"
  least_rights
  all_controls
  baseline
}

group_cronjob() {
  k create namespace kubevouch >/dev/null
  check "deploy/base/cronjob.yaml: the API server accepts every object" apply_cronjob --dry-run=server
  k delete namespace kubevouch >/dev/null
  check "deploy/base/cronjob.yaml: applied as it is" apply_cronjob
  check "its pod is admitted under Pod Security 'restricted', without a warning" job_admitted
  tokenconfig_main cronjob "$(k -n kubevouch create token kubevouch --duration=1h)"
  audit cronjob --kubeconfig "$OUT/cronjob.kubeconfig" --strict-coverage
  check "an audit with its token is complete" all "ended 0 cronjob" "expect complete '$(report cronjob)'"
  check "it has an administrator's verdicts" expect verdicts-same "$(report admin)" "$(report cronjob)"
  k get clusterrole kubevouch -o json >"$OUT/role.json"
  check "its role grants what the audit read, and nothing else" expect role "$OUT/role.json" "$(report cronjob)"
  check "it finds nothing in its own namespace, and no check on rights names it" all "expect clean '$(report cronjob)' kubevouch" "expect unnamed '$(report cronjob)' kubevouch"
  in_pod_audit
}
# The chart and the kustomize folders: the same objects; admitted where only restricted pods are; and the job's own command line, run as its own
# account by what a pod has: a mounted token and CA, and two variables.
group_charts() {
  local chart=$ROOT/deploy/chart ns=kubevouch-helm
  [ -x "$BIN/helm" ] || "$HERE/build.sh" helm || die "helm could not be built"
  k get namespace kubevouch >/dev/null 2>&1 || apply_cronjob || die "deploy/base could not be applied"
  template() { helm_run template "$@" --kube-version "$KVER"; }
  helm_run() { HELM_CACHE_HOME=$OUT/helm HELM_CONFIG_HOME=$OUT/helm HELM_DATA_HOME=$OUT/helm "$BIN/helm" --kubeconfig "$MAIN/admin.kubeconfig" "$@"; }
  as_json() { k create --dry-run=client --validate=false -o json -f - >"$1"; }
  check "helm lint: the chart has no fault" all "helm_run lint --strict '$chart' >'$OUT/helm.out' 2>&1 || { cat '$OUT/helm.out' >&2; false; }"
  check "the chart's defaults and deploy/base are the same objects" all \
    "template kubevouch '$chart' -n kubevouch --skip-tests | as_json '$OUT/chart.json'" "k kustomize '$ROOT/deploy/base' | as_json '$OUT/base.json'" \
    "python3 '$HERE/same_objects.py' '$OUT/chart.json' '$OUT/base.json' Namespace//kubevouch ServiceAccount/kubevouch/default"
  check "with facts of nodes too" all \
    "template kubevouch '$chart' -n kubevouch --skip-tests --set nodeFacts.enabled=true | as_json '$OUT/chart.json'" "k kustomize '$ROOT/deploy/node-facts' | as_json '$OUT/base.json'" \
    "python3 '$HERE/same_objects.py' '$OUT/chart.json' '$OUT/base.json' Namespace//kubevouch ServiceAccount/kubevouch/default ServiceAccount/kubevouch-node-facts/default"
  local wrong; for wrong in keep=0 typo=1 image.digest=sha256:1 image.pullPolicy=Sometimes networkPolicy.enabled=yes persistence.sizes=5Gi; do
    check "values that the chart does not take: $wrong" all "! template kubevouch '$chart' --set '$wrong' >'$OUT/helm.out' 2>&1" "grep -q 'meet the specifications' '$OUT/helm.out'"
  done
  k create namespace $ns >/dev/null; k label namespace $ns pod-security.kubernetes.io/enforce=restricted pod-security.kubernetes.io/warn=restricted >/dev/null
  check "helm install: the API server takes every object, without a warning" all \
    "helm_run install nightly '$chart' -n $ns --set clusterName=planted --set nodeFacts.enabled=true >'$OUT/helm.out' 2>&1 || { cat '$OUT/helm.out' >&2; false; }" "! grep -i 'warning:' '$OUT/helm.out' | grep -v placeholder"
  check "its pod and that of helm test are admitted under Pod Security 'restricted'" all "job_admitted $ns nightly-kubevouch" \
    "template nightly '$chart' -n $ns --show-only templates/tests/version.yaml | k apply --dry-run=server -f - >'$OUT/helm.out' 2>&1 || { cat '$OUT/helm.out' >&2; false; }" "! grep -i warning: '$OUT/helm.out'"
  in_pod_command $ns nightly-kubevouch first 0 planted
  check "the job's own command line, as its own account: ends with 0, and its last line says how it stands and where the report is" all \
    "ended 0 first" "tail -n 1 '$OUT/first.out' | grep -qE '^planted: score [0-9.]+ - [0-9.]+ %, .*, report $OUT/reports/kubevouch-[0-9TZ-]+/report.html\$'"
  in_pod_command $ns nightly-kubevouch again 0 planted
  check "the night after: nothing is new" all "ended 0 again" "tail -n 1 '$OUT/again.out' | grep -q ', 0 new failures, '"
  check "an API server that is away: 4, which the Job tries again; a verdict is 1, which it does not" all \
    "in_pod_command $ns nightly-kubevouch away 1 planted; ended 4 away" "in_pod_command $ns nightly-kubevouch verdict 0 planted --fail-on=info; ended 1 verdict" \
    "[ \"\$(k -n $ns get cronjob nightly-kubevouch -o jsonpath='{.spec.jobTemplate.spec.podFailurePolicy.rules[0].onExitCodes.values}{.spec.jobTemplate.spec.podFailurePolicy.rules[0].action}')\" = '[1,2,3]FailJob' ]"
  audit chart --kubeconfig "$MAIN/admin.kubeconfig"
  check "an audit finds nothing in the release's namespace, and no check on rights names its account" all "expect clean '$(report chart)' $ns" "expect unnamed '$(report chart)' nightly-kubevouch"
  check "deploy/fleet: the API server takes every object, without a warning" all \
    "k apply --dry-run=server -f '$ROOT/deploy/fleet/indexed-job.yaml' >'$OUT/helm.out' 2>&1 || { cat '$OUT/helm.out' >&2; false; }" "! grep -i warning: '$OUT/helm.out'"
  helm_run uninstall nightly -n $ns >/dev/null; k delete namespace $ns >/dev/null
}
# in_pod_command NAMESPACE CRONJOB NAME AWAY CLUSTER [ARGS...]: the container's arguments as the API server keeps them, where a pod's files are; AWAY=1: no server there
in_pod_command() {
  local ns=$1 job=$2 name=$3 away=$4 args=() a port; shift 4; local cluster=$1; shift
  while IFS= read -r a; do
    a=${a//'$(CLUSTER_NAME)'/$cluster}; a=${a/#--output=\/reports/--output=$OUT/reports}
    case $a in --node-facts-pods=*) ;; *) args+=("$a") ;; esac # no kubelet here runs containers
  done < <(k -n "$ns" get cronjob "$job" -o json | python3 -c 'import json, sys; print("\n".join(json.load(sys.stdin)["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"]))')
  k -n "$ns" create token "$job" --duration=1h >"$OUT/token"; port=$(. "$MAIN/env"; echo "${API##*:}"); [ "$away" = 0 ] || port=1
  unshare -rm sh -c 'mount -t tmpfs none /run && mkdir -p /run/secrets/kubernetes.io/serviceaccount && cp "$1" /run/secrets/kubernetes.io/serviceaccount/token &&
    cp "$2" /run/secrets/kubernetes.io/serviceaccount/ca.crt && echo "$3" >/run/secrets/kubernetes.io/serviceaccount/namespace && shift 3 && exec "$@"' sh \
    "$OUT/token" "$MAIN/pki/ca.crt" "$ns" env -i PATH="$PATH" KUBERNETES_SERVICE_HOST=127.0.0.1 KUBERNETES_SERVICE_PORT="$port" "$KUBEVOUCH" "${args[@]}" "$@" \
    >"$OUT/$name.out" 2>"$OUT/$name.err"; RC=$?
}
# An account that holds what `kubevouch rbac` prints and nothing else: for the whole benchmark, then for one check.
least_rights() {
  k create serviceaccount least -n audit >/dev/null
  least() { # least ROLES ARGS...: applies the roles of `rbac ARGS`, under the names in ROLES, and binds them
    local tag=$1; shift
    "$KUBEVOUCH" rbac "$@" | sed "s/^  name: kubevouch/  name: $tag/" >"$OUT/$tag.yaml"
    k apply -f "$OUT/$tag.yaml" >/dev/null || return 1
    k create clusterrolebinding "$tag" --clusterrole="$tag" --serviceaccount="audit:$tag" >/dev/null || return 1
    ! grep -q '^kind: Role$' "$OUT/$tag.yaml" || k create rolebinding "$tag" -n kube-system --role="$tag-settings" --serviceaccount="audit:$tag" >/dev/null || return 1
    tokenconfig_main "$tag" "$(k -n audit create token "$tag" --duration=1h)"
  }
  check "kubevouch rbac: the API server takes its roles" least least
  baseline
  audit least --kubeconfig "$OUT/least.kubeconfig" --strict-coverage
  check "an audit with exactly these rights is complete" all "ended 0 least" "expect complete '$(report least)'"
  check "it has an administrator's verdicts" expect verdicts-same "$(report admin)" "$(report least)"
  k create serviceaccount least-one -n audit >/dev/null
  check "kubevouch rbac --check 5.3.2: the API server takes its roles" least least-one --check 5.3.2
  audit one-admin --kubeconfig "$MAIN/admin.kubeconfig" --check 5.3.2
  audit one-least --kubeconfig "$OUT/least-one.kubeconfig" --check 5.3.2
  check "an audit by that check alone says the same with these rights" all "ended 0 one-least" "expect verdicts-same '$(report one-admin)' '$(report one-least)'"
}
# The kubelets too, asked directly: all 131 controls.
all_controls() {
  local OPT_IN=() who
  k create serviceaccount least-all -n audit >/dev/null
  check "kubevouch rbac --kubelet direct: the API server takes its roles" least least-all --kubelet direct
  to_nodes "$MAIN"
  for who in admin auditor; do audit "all-$who" --kubeconfig "$MAIN/$who.kubeconfig" --kubelet direct; done
  audit all-least --kubeconfig "$OUT/least-all.kubeconfig" --kubelet direct
  to_nodes_end
  check "with exactly these rights, all 131 controls: an administrator's verdicts and findings" all "expect verdicts-same '$(report all-admin)' '$(report all-least)'" "expect findings-same '$(report all-admin)' '$(report all-least)'"
  check "no finding on rights names their account" expect unnamed "$(report all-admin)" least-all
  check "a read-only auditor, all 131 controls: nothing differs but to UNKNOWN, and that only in 4.2" expect weaker-in "$(report all-admin)" "$(report all-auditor)" 4.2.
}
apply_cronjob() {
  k apply -f "$ROOT/deploy/base/cronjob.yaml" "$@" >"$OUT/apply.out" 2>&1 || { cat "$OUT/apply.out" >&2; return 1; }
}
job_admitted() { # job_admitted [NAMESPACE CRONJOB]
  local ns=${1:-kubevouch} cronjob=${2:-kubevouch}
  k -n "$ns" create job --from="cronjob/$cronjob" now >"$OUT/job.out" 2>&1 || { cat "$OUT/job.out" >&2; return 1; }
  ! grep -i warning "$OUT/job.out" >&2 || return 1
  local i; for i in $(seq 50); do [ -n "$(k -n "$ns" get pods -l job-name=now -o name)" ] && break; sleep 0.2; done
  k -n "$ns" get pods -l job-name=now -o name | grep -q pod/ || { k -n "$ns" describe job now >&2; return 1; }
  k -n "$ns" delete job now >/dev/null
}
# As in the pod: only the token file and the CA, no kubeconfig.
in_pod_audit() {
  k -n kubevouch create token kubevouch --duration=1h >"$OUT/token"; . "$MAIN/env"
  audit in-pod --kubeconfig /dev/null --server "$API" --certificate-authority "$CA" --token-file "$OUT/token"
  check "an audit with server, CA and token file alone has the same verdicts" all "ended 0 in-pod" "expect verdicts-same '$(report cronjob)' '$(report in-pod)'"
}
tokenconfig_main() { # tokenconfig_main NAME TOKEN
  PKI=$MAIN/pki API_PORT=$(. "$MAIN/env"; echo "${API##*:}") tokenconfig "$OUT/$1.kubeconfig" "$1" "$2"
}

group_replay() {
  audit recorded --kubeconfig "$MAIN/admin.kubeconfig" --record "$OUT/recording"
  audit replayed --snapshot "$OUT/recording"
  check "a recorded audit, replayed, says the same of every object" all "ended 0 replayed" "expect same '$(report recorded)' '$(report replayed)'"
  check "a recording holds no token and no key" all "! grep -rqE 'eyJhbGciOi|PRIVATE KEY' '$OUT/recording'"
}

# One kind refused at a time.
group_refused() {
  k delete clusterrolebinding everyone-config >/dev/null 2>&1 # it lets everyone list deployments
  baseline
  python3 - "$(report admin)" >"$OUT/kinds" <<'PY'
import json, re, sys
asked = (re.fullmatch(r"/(?:api|apis/([^/]+))/v[^/]+/([a-z]+)", c["path"].split("?")[0]) for c in json.load(open(sys.argv[1]))["calls"] if c["method"] == "GET" and not c.get("anonymous"))
print("\n".join(f"{m.group(1) or '-'} {m.group(2)}" for m in dict.fromkeys(asked) if m))
PY
  python3 - "$OUT/kinds" <<'PY' | k apply -f - >/dev/null
import json, sys
kinds = [l.split() for l in open(sys.argv[1])]
for refused in kinds + [["-", "metrics"], ["-", "kubeadm-config"]]:
    name = "all-but-" + refused[1]
    rules = [{"apiGroups": [g.replace("-", "") if g == "-" else g], "resources": [r], "verbs": ["get", "list"]} for g, r in kinds if [g, r] != refused]
    rules.append({"nonResourceURLs": ["/flagz", "/readyz"] + ["/metrics"] * (refused[1] != "metrics"), "verbs": ["get"]})
    if refused[1] != "kubeadm-config":
        rules.append({"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["kubeadm-config", "kubelet-config", "kube-proxy", "extension-apiserver-authentication"], "verbs": ["get"]})
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}
    user = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}
    for o in ({"kind": "ClusterRole", "rules": rules}, {"kind": "ClusterRoleBinding", "roleRef": ref, "subjects": [user]}):
        print("---\n" + json.dumps({"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": name}, **o}))
PY
  sleep 1; baseline
  local group kind source
  while read -r group kind; do
    source=${group#-}${group:+/}$kind; [ "$group" != - ] || source=$kind
    audit "without-$kind" --kubeconfig "$MAIN/admin.kubeconfig" --as "all-but-$kind"
    check "403 on $source alone: it is named, nothing else changes but to UNKNOWN" \
      all "ended 0 without-$kind" "expect denied '$(report admin)' '$(report "without-$kind")' '$source' 'list on $kind'"
  done <"$OUT/kinds"
  audit without-metrics --kubeconfig "$MAIN/admin.kubeconfig" --as all-but-metrics
  check "403 on /metrics alone: UNKNOWN at most" all "ended 0 without-metrics" "expect weaker '$(report admin)' '$(report without-metrics)'"
  audit without-kubeadm --kubeconfig "$MAIN/admin.kubeconfig" --as all-but-kubeadm-config
  check "403 on kubeadm-config alone: UNKNOWN at most" all "ended 0 without-kubeadm" "expect weaker '$(report admin)' '$(report without-kubeadm)'"
}

# relay BYTES ACTION...: sets RELAY_PORT; the relay ends with relay_end
relay() {
  rm -f "$OUT/relay".*; mkfifo "$OUT/relay.in"
  python3 "$HERE/proxy.py" "$API_PORT_MAIN" "$OUT/relay" "$@" <"$OUT/relay.in" & RELAY_PID=$!
  exec 9>"$OUT/relay.in"
  local i; for i in $(seq 100); do [ -s "$OUT/relay.port" ] && break; sleep 0.05; done
  RELAY_PORT=$(cat "$OUT/relay.port")
}
relay_end() { exec 9>&-; wait "$RELAY_PID" 2>/dev/null; }

group_broken() {
  . "$MAIN/env"; API_PORT_MAIN=${API##*:}
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /dev/null -subj /CN=stranger -days 1 -out "$OUT/stranger.crt" 2>/dev/null
  could_not_run wrong-ca 'certificate' --kubeconfig "$MAIN/admin.kubeconfig" --certificate-authority "$OUT/stranger.crt"
  could_not_run wrong-name 'certificate|name' --kubeconfig "$MAIN/admin.kubeconfig" --tls-server-name elsewhere.example
  tokenconfig_main garbage "not-a-token"
  could_not_run garbage '401|unauthorized' --kubeconfig "$OUT/garbage.kubeconfig"
  tokenconfig_main expired "$(expired_token)"
  could_not_run expired '401|unauthorized|expired' --kubeconfig "$OUT/expired.kubeconfig"
  could_not_run refused 'refused|connect' --kubeconfig "$MAIN/admin.kubeconfig" --server "https://127.0.0.1:$(freeports 1)" --retries 1
  kill -STOP "$API_PID"
  could_not_run silent 'within 2000 ms' --kubeconfig "$MAIN/admin.kubeconfig" --request-timeout 2 --retries 1
  kill -CONT "$API_PID"
  REPORTS="$OUT/wrong-ca.err/x" could_not_run unwritable 'output|folder|directory|not a' --kubeconfig "$MAIN/admin.kubeconfig"

  relay 1000000000 close
  audit relayed --kubeconfig "$MAIN/admin.kubeconfig" --server "https://127.0.0.1:$RELAY_PORT" --disable-compression --parallel 1
  relay_end
  local whole; whole=$(cat "$OUT/relay.bytes")
  check "an audit through a relay says the same ($whole bytes)" expect verdicts-same "$(report admin)" "$(report relayed)"
  relay $((whole / 2)) drop
  audit dropped --kubeconfig "$MAIN/admin.kubeconfig" --server "https://127.0.0.1:$RELAY_PORT" --disable-compression --parallel 1
  relay_end
  check "a connection lost half-way is made again: nothing is missing" all "ended 0 dropped" "expect complete '$(report dropped)'" "expect verdicts-same '$(report admin)' '$(report dropped)'"
  local percent action
  for action in close stall; do
    for percent in 15 60 90; do
      relay $((whole * percent / 100)) $action
      audit "$action-$percent" --kubeconfig "$MAIN/admin.kubeconfig" --server "https://127.0.0.1:$RELAY_PORT" --disable-compression --parallel 1 \
        --strict-coverage --request-timeout 2 --retries 1 --timeout 20
      relay_end
      check "the server is gone after $percent % of its bytes ($action): ends with 3, nothing is said that was not seen" \
        all "ended 3 $action-$percent" "expect incomplete '$(report "$action-$percent")'" "expect weaker '$(report admin)' '$(report "$action-$percent")'"
    done
  done
}
expired_token() { # signed with the cluster's own key, an hour ago
  local head body now; now=$(date +%s)
  b64() { base64 -w0 | tr '+/' '-_' | tr -d =; }
  head=$(printf '{"alg":"RS256","kid":""}' | b64)
  body=$(printf '{"iss":"https://kubernetes.default.svc.cluster.local","aud":["https://kubernetes.default.svc.cluster.local"],"sub":"system:serviceaccount:audit:auditor","iat":%s,"nbf":%s,"exp":%s,"kubernetes.io":{"namespace":"audit","serviceaccount":{"name":"auditor"}}}' \
    $((now - 7200)) $((now - 7200)) $((now - 3600)) | b64)
  printf '%s.%s.%s' "$head" "$body" "$(printf '%s.%s' "$head" "$body" | openssl dgst -sha256 -sign "$MAIN/pki/sa.key" | b64)"
}

# The cluster changes while it is read.
group_namespace() {
  . "$MAIN/env"; API_PORT_MAIN=${API##*:}
  local whole=${WHOLE:-$(stat -c %s "$(report admin)")}
  relay $((whole / 3)) run "$BIN/kubectl" --kubeconfig "$MAIN/admin.kubeconfig" delete namespace games --wait=true --timeout=60s
  audit deleted --kubeconfig "$MAIN/admin.kubeconfig" --server "https://127.0.0.1:$RELAY_PORT" --disable-compression --parallel 1 --request-timeout 90
  relay_end
  check "a namespace deleted while listing: ends with 0, and is complete" all "ended 0 deleted" "expect complete '$(report deleted)'" "! k get namespace games >/dev/null 2>&1"
  relay $((whole / 3)) run bash -c "'$BIN/kubectl' --kubeconfig '$MAIN/admin.kubeconfig' create namespace late && '$BIN/kubectl' --kubeconfig '$MAIN/admin.kubeconfig' -n late run late --image=registry.example.internal/late:1 --privileged"
  audit created --kubeconfig "$MAIN/admin.kubeconfig" --server "https://127.0.0.1:$RELAY_PORT" --disable-compression --parallel 1
  relay_end
  check "a namespace created while listing: ends with 0, and is complete" all "ended 0 created" "expect complete '$(report created)'"
}

# Kubelets asked what they run with: real ones, of which one is configured otherwise.
group_kubelets() {
  local OPT_IN=() way sa=node-auditor
  "$HERE/up.sh" "$SMALL" --workers 2 --drift >/dev/null || die "the small cluster did not start: see $SMALL/logs"
  . "$SMALL/env"
  local API_PORT=${API##*:} PKI=$SMALL/pki
  { ks -n audit create serviceaccount $sa
    ks create clusterrole configz --verb=get --resource=nodes/configz
    ks create clusterrolebinding $sa --clusterrole=test:auditor --serviceaccount=audit:$sa
    ks create clusterrolebinding $sa-configz --clusterrole=configz --serviceaccount=audit:$sa
    ks -n kube-system create rolebinding $sa --role=test:auditor-config --serviceaccount=audit:$sa; } >/dev/null
  tokenconfig "$OUT/$sa.kubeconfig" $sa "$(ks -n audit create token $sa --duration=1h)"
  to_nodes

  audit kubelet-none --kubeconfig "$SMALL/admin.kubeconfig"
  check "unasked kubelets: all of 4.2 is UNKNOWN, whatever the ConfigMap says" expect kubelets "$(report kubelet-none)" none
  check "kubeadm's kube-proxy: 4.3.1 passes by its ConfigMap's default" expect verdict "$(report kubelet-none)" 4.3.1 pass
  audit kubelet-direct --kubeconfig "$OUT/$sa.kubeconfig" --kubelet direct --record "$OUT/kubelets"
  check "asked directly with nodes/configz alone: each control as it was configured, each node by name" expect kubelets "$(report kubelet-direct)" direct
  audit kubelet-proxy --kubeconfig "$SMALL/admin.kubeconfig" --kubelet proxy
  check "asked by way of the API server: the same, and the report warns" expect kubelets "$(report kubelet-proxy)" proxy
  audit kubelet-replayed --snapshot "$OUT/kubelets"
  check "recorded and replayed: the same of every object" all "ended 0 kubelet-replayed" "expect same '$(report kubelet-direct)' '$(report kubelet-replayed)'"
  check "the recording holds no token" all "! grep -rqE 'eyJhbGciOi' '$OUT/kubelets'"
  audit kubelet-refused --kubeconfig "$SMALL/auditor.kubeconfig" --kubelet direct
  check "without the right: only the kubelet that lets everyone in has answered" expect kubelets "$(report kubelet-refused)" refused
  audit kubelet-proxy-refused --kubeconfig "$SMALL/auditor.kubeconfig" --kubelet proxy
  check "without nodes/proxy: nothing is said" expect kubelets "$(report kubelet-proxy-refused)" proxy-refused
  audit kubelet-wrong-ca --kubeconfig "$OUT/$sa.kubeconfig" --kubelet direct --kubelet-certificate-authority "$SMALL/pki/etcd/ca.crt"
  check "certificates of another CA: the certificates fail, and no kubelet is given the token" expect kubelets "$(report kubelet-wrong-ca)" unverified
  audit kubelet-insecure --kubeconfig "$OUT/$sa.kubeconfig" --kubelet direct --kubelet-certificate-authority "$SMALL/pki/etcd/ca.crt" --kubelet-insecure-skip-tls-verify
  check "told to ask them all the same: it does, and says so" all "expect verdict '$(report kubelet-insecure)' 4.2.3 pass" "grep -q 'was not verified' '$(report kubelet-insecure)'"
  audit kubelet-as --kubeconfig "$SMALL/admin.kubeconfig" --kubelet direct --as someone-else --as-group system:masters
  check "impersonating: a kubelet is not asked as somebody else" all "expect verdict '$(report kubelet-as)' 4.2.3 unknown =impersonation"
  kill -STOP "$(awk '$1 == "kubelet-worker-1" { print $2 }' "$SMALL/pids")"
  for way in direct proxy; do
    audit "kubelet-silent-$way" --kubeconfig "$SMALL/admin.kubeconfig" --kubelet $way
    check "one kubelet is silent ($way): its row is unknown, the others are judged" \
      expect kubelets "$(report "kubelet-silent-$way")" "silent-$way"
  done
  kill -CONT "$(awk '$1 == "kubelet-worker-1" { print $2 }' "$SMALL/pids")"
  to_nodes_end
  "$HERE/down.sh" "$SMALL"; rm -rf "$SMALL"
}

# Files of nodes: trees with known modes, the control plane's made by kubeadm itself, and a cluster with those nodes.
group_nodes() {
  local OPT_IN=() d=$OUT/facts
  "$HERE/up.sh" "$SMALL" --workers 2 >/dev/null || die "the small cluster did not start: see $SMALL/logs"
  node_trees cp-1 worker-1 worker-2; loose_ends
  files() { local name=$1; shift; audit "$name" --kubeconfig "$SMALL/admin.kubeconfig" --check '1.1.*' --check '4.1.*' --check 3.2.2 --check 4.2.7 "$@"; }

  files nodes-none
  check "no facts of nodes: all 33 controls are UNKNOWN and name node-facts" expect nodes "$(report nodes-none)" none
  find "$OUT/trees" -printf '%p %m %s %T@ %C@\n' | sort >"$OUT/trees.before"
  check "node-facts reads each tree" facts "$d" cp-1 worker-1 worker-2
  find "$OUT/trees" -printf '%p %m %s %T@ %C@\n' | sort >"$OUT/trees.after"
  check "it changes nothing there" cmp "$OUT/trees.before" "$OUT/trees.after"
  check "it prints no key, no certificate and no token" all "! grep -rqE 'PRIVATE KEY|BEGIN CERT|client-key-data|eyJhbGci|hunter2' '$d'"
  files nodes-all --node-facts "$d"
  check "facts of all nodes: each control as the files were made" expect nodes "$(report nodes-all)" all
  rm -rf "$OUT/facts-part"; facts "$OUT/facts-part" cp-1 worker-2
  files nodes-part --node-facts "$OUT/facts-part"
  check "one node's facts are missing: what passed is UNKNOWN and names the node, what failed still does" all \
    "expect weaker '$(report nodes-all)' '$(report nodes-part)'" "expect nodes '$(report nodes-part)' part"
  facts "$d" cp-1; cp -r "$d" "$OUT/facts-more"; sed 's/"worker-1"/"stranger"/' "$d/worker-1.json" >"$OUT/facts-more/stranger.json"
  files nodes-stranger --node-facts "$OUT/facts-more"
  check "facts of a node that the cluster does not have: told, not judged" all "expect nodes '$(report nodes-stranger)' all" "grep -q 'stranger' '$(report nodes-stranger)'"
  cp -r "$d" "$OUT/facts-old"; sed -i 's/"collectedAt": "20[0-9][0-9]/"collectedAt": "2020/' "$OUT"/facts-old/*.json
  files nodes-old --node-facts "$OUT/facts-old"
  check "old facts decide nothing" expect nodes "$(report nodes-old)" none
  mkdir -p "$OUT/facts-liar"; cp "$d/worker-1.json" "$OUT/facts-liar/cp-1.json"
  files nodes-liar --node-facts "$OUT/facts-liar"
  check "a node that speaks for another: refused, no report" all "ended 2 nodes-liar" "said nodes-liar 'named for its node'" "! test -e '$(report nodes-liar)'"
  node_policy
  facts "$d" cp-1; files nodes-policy --node-facts "$d"
  check "an audit policy that records everything: 3.2.2 PASS" expect verdict "$(report nodes-policy)" 3.2.2 pass
  ks create namespace kubevouch-node-facts >/dev/null; ks label namespace kubevouch-node-facts pod-security.kubernetes.io/enforce=privileged >/dev/null
  check "deploy/node-facts/node-facts.yaml: the API server accepts every object, without a warning" \
    all "ks apply --dry-run=server -f '$ROOT/deploy/node-facts/node-facts.yaml' >'$OUT/node-facts.out' 2>&1 || { cat '$OUT/node-facts.out' >&2; false; }" "! grep -i warning: '$OUT/node-facts.out' | grep -v last-applied"
  "$HERE/down.sh" "$SMALL"; rm -rf "$SMALL"
}
# node_trees NODE...: each with the strictest modes; its kubelet is a process in its tree's own /proc.
node_trees() {
  local n t
  rm -rf "$OUT/trees"; mkdir -p "$OUT/trees"
  for n in "$@"; do
    t=$OUT/trees/$n
    if [ "$n" = cp-1 ]; then cp -a "$SMALL/rootfs" "$t"; else mkdir -p "$t/etc/kubernetes/pki" "$t/var/lib/kubelet"; cp "$SMALL/pki/ca.crt" "$t/etc/kubernetes/pki/"; fi
    mkdir -p "$t/etc/cni/net.d" "$t/usr/lib/systemd/system/kubelet.service.d" "$t/proc/77" "$t/var/lib/kubelet" "$t/etc/kubernetes/manifests"
    echo 'root:x:0:0::/:/bin/sh' >"$t/etc/passwd"; echo 'root:x:0:' >"$t/etc/group"
    cp "$SMALL/nodes/$n/kubelet.conf" "$t/etc/kubernetes/kubelet.conf"
    printf 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nstaticPodPath: /etc/kubernetes/manifests\nauthentication: {x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}}\n' >"$t/var/lib/kubelet/config.yaml"
    echo '{}' >"$t/etc/cni/net.d/10-net.conflist"; echo '[Service]' >"$t/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf"
    printf '/usr/bin/kubelet\0--config=/var/lib/kubelet/config.yaml\0--kubeconfig=/etc/kubernetes/kubelet.conf\0--token=hunter2\0' >"$t/proc/77/cmdline"
    echo '0::/system.slice/kubelet.service' >"$t/proc/77/cgroup"
    find "$t" -type f -exec chmod 600 {} +; find "$t" -name '*.crt' -exec chmod 644 {} +; find "$t" -type d -exec chmod 755 {} +
  done
  chmod 700 "$OUT/trees/cp-1/var/lib/etcd"
}
loose_ends() { # NODES in expect.py has them too
  chmod 644 "$OUT/trees/cp-1/etc/kubernetes/manifests/kube-controller-manager.yaml" "$OUT/trees/cp-1/etc/kubernetes/super-admin.conf"
  chmod 640 "$OUT/trees/cp-1/etc/kubernetes/pki/etcd/server.key"
  chmod 644 "$OUT/trees/worker-2/etc/kubernetes/kubelet.conf" "$OUT/trees/worker-2/etc/cni/net.d/10-net.conflist"
  chmod 644 "$OUT/trees/worker-1/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf"
  printf -- '--hostname-override=other\0' >>"$OUT/trees/worker-2/proc/77/cmdline"
}
node_policy() { # kubeadm's pod mounts /etc/kubernetes/pki
  local k=$OUT/trees/cp-1/etc/kubernetes
  printf 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n' >"$k/pki/policy.yaml"; chmod 600 "$k/pki/policy.yaml"
  sed -i 's|^    - kube-apiserver$|&\n    - --audit-policy-file=/etc/kubernetes/pki/policy.yaml|' "$k/manifests/kube-apiserver.yaml"
}

# Three clusters whose whole configuration is known: each of the 131 verdicts is in truth.tsv.
group_truth() {
  local OPT_IN=() profile
  truth() { # truth NAME KUBECONFIG COLUMN CHANGE... -- ARGS...: audits with all evidence, and compares
    local name=$1 config=$2 said=(); shift 2
    while [ "$1" != -- ]; do said+=("$1"); shift; done; shift
    to_nodes
    audit "$name" --kubeconfig "$config" --kubelet direct --node-facts "$OUT/truth-facts" "$@"
    to_nodes_end
    check "profile ${said[*]}, as $(basename "$config" .kubeconfig): each of the 131 controls is as the configuration makes it" all "ended 0 $name" "expect truth '$(report "$name")' '$HERE/truth.tsv' ${said[*]}"
  }
  for profile in weak kubeadm hardened; do
    "$HERE/up.sh" "$SMALL" --profile $profile --workers 1 >/dev/null || die "the small cluster did not start: see $SMALL/logs"
    truth_objects $profile || die "the small cluster could not be populated"
    truth_files $profile; rm -rf "$OUT/truth-facts"; facts "$OUT/truth-facts" cp-1 worker-1 || die "no facts of the nodes"
    local enc=(); [ $profile != hardened ] || enc=(--encryption-config "$SMALL/rootfs/etc/kubernetes/enc/encryption.yaml" --admission-config "$SMALL/rootfs/etc/kubernetes/admission/admission.yaml")
    truth "truth-$profile" "$SMALL/admin.kubeconfig" $profile -- "${enc[@]}"
    if [ "$(id -u)" != 0 ]; then say "      (not root: no files of other owners)"; elif [ $profile != kubeadm ]; then truth_owners $profile; fi
    if [ $profile = hardened ]; then
      truth truth-least "$OUT/least.kubeconfig" $profile -- "${enc[@]}"
      check "deploy/base/cronjob.yaml with the rights of kubevouch rbac: its findings are an administrator's" expect findings-same "$(report truth-hardened)" "$(report truth-least)"
      check "and nothing is found about it" expect clean "$(report truth-hardened)" kubevouch
      to_nodes; audit truth-auditor --kubeconfig "$SMALL/auditor.kubeconfig" --kubelet direct --node-facts "$OUT/truth-facts" "${enc[@]}"; to_nodes_end
      check "an auditor without nodes/configz: nothing differs but to UNKNOWN, and that only in 4.2" expect weaker-in "$(report truth-hardened)" "$(report truth-auditor)" '4.2.'
    fi
    if [ $profile = kubeadm ]; then
      "$HERE/down.sh" "$SMALL"; "$HERE/up.sh" "$SMALL" --zpages --drift >/dev/null || die "the small cluster did not start: see $SMALL/logs"
      truth_running; truth truth-drift "$SMALL/admin.kubeconfig" kubeadm @drift --
      check "with /flagz it is the source of the API server's flags" expect flags-from "$(report truth-drift)" flagz
      "$HERE/down.sh" "$SMALL"; "$HERE/up.sh" "$SMALL" --zpages --frozen >/dev/null || die "the small cluster did not start: see $SMALL/logs"
      ks -n kube-system delete pods --all --force --grace-period=0 >/dev/null 2>&1
      audit truth-flagz --kubeconfig "$SMALL/admin.kubeconfig" --check '1.2.*' --check 3.2.1
      check "without a mirror pod /flagz alone gives the same verdicts" expect truth "$(report truth-flagz)" "$HERE/truth.tsv" kubeadm 31
    fi
    "$HERE/down.sh" "$SMALL"; rm -rf "$SMALL"
  done
}
# Files of others, which only root can make: in weak all belong to user backup, in hardened etcd's data to etcd.
truth_owners() {
  local n t=$OUT/trees whose=@owner-backup; rm -rf "$OUT/trees-root"; cp -a "$t" "$OUT/trees-root"
  case $1 in
    weak) for n in cp-1 worker-1; do echo 'backup:x:1001:1001::/:/bin/sh' >>"$t/$n/etc/passwd"; echo 'backup:x:1001:' >>"$t/$n/etc/group"; chown -R 1001:1001 "$t/$n/etc" "$t/$n/usr" "$t/$n/var"; done;;
    hardened) whose=@etcd-user
      echo 'etcd:x:2379:2379::/var/lib/etcd:/sbin/nologin' >>"$t/cp-1/etc/passwd"; echo 'etcd:x:2379:' >>"$t/cp-1/etc/group"; chown -R 2379:2379 "$t/cp-1/var/lib/etcd";;
  esac
  facts "$OUT/truth-facts" cp-1 worker-1 && truth "truth-owners-$1" "$SMALL/admin.kubeconfig" "$1" $whose -- "${enc[@]}"
  rm -rf "$t"; mv "$OUT/trees-root" "$t"; facts "$OUT/truth-facts" cp-1 worker-1
}
truth_running() {
  local i; for i in $(seq 100); do
    ks get pods -A --no-headers 2>/dev/null | awk '{ n++; if ($4 != "Running") waits++ } END { exit !(n >= 8 && !waits) }' && return
    sleep 0.3
  done
  ks get pods -A >&2; return 1
}
truth_objects() { # truth_objects PROFILE
  ks apply -f "$HERE/conf/objects-$1.yaml" >"$OUT/objects.out" 2>&1 || { cat "$OUT/objects.out" >&2; return 1; }
  if [ "$1" = hardened ]; then
    { ks apply -f "$ROOT/deploy/base/cronjob.yaml" && "$KUBEVOUCH" rbac --kubelet direct | ks apply -f -; } >"$OUT/objects.out" 2>&1 || { cat "$OUT/objects.out" >&2; return 1; }
    API_PORT=$(. "$SMALL/env"; echo "${API##*:}") PKI=$SMALL/pki tokenconfig "$OUT/least.kubeconfig" kubevouch "$(ks -n kubevouch create token kubevouch --duration=1h)"
    local ns i; for ns in $(ks get namespaces -o name); do
      for i in $(seq 50); do ks -n "${ns#*/}" patch serviceaccount default -p '{"automountServiceAccountToken": false}' >/dev/null 2>&1 && break; sleep 0.2; done
    done
    ks -n kube-system patch deployment coredns -p '{"spec": {"template": {"spec": {"securityContext": {"runAsNonRoot": true, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}}}}}}' >/dev/null
    ks -n kube-system rollout status deployment coredns --timeout=60s >/dev/null
  fi
  truth_running
}
truth_files() { # truth_files PROFILE: as packages and kubeadm leave them; weak: everyone may write; hardened: nobody else may read
  local n t
  node_trees cp-1 worker-1
  for n in cp-1 worker-1; do
    t=$OUT/trees/$n; cat "$SMALL/nodes/$n/config.yaml" >"$t/var/lib/kubelet/config.yaml"
    case $1 in
      weak) find "$t/etc/kubernetes" "$t/etc/cni" "$t/usr" "$t/var/lib/kubelet" -type f -exec chmod 666 {} +; printf -- '--hostname-override=%s\0' "$n" >>"$t/proc/77/cmdline";;
      kubeadm) chmod 644 "$t/var/lib/kubelet/config.yaml" "$t/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf" "$t/etc/cni/net.d/10-net.conflist";;
    esac
  done
  [ "$1" != weak ] || chmod 755 "$OUT/trees/cp-1/var/lib/etcd"
}

# Encryption at rest, on a control plane without nodes, switched on late.
group_encryption() {
  local ka="$SMALL/admin.kubeconfig"
  restart() { "$HERE/down.sh" "$SMALL"; "$HERE/up.sh" "$SMALL" --workers 1 --frozen "$@" >/dev/null || die "the small control plane did not start: see $SMALL/logs"; }
  secrets() { local i; for i in 1 2 3; do ks -n kube-system create secret generic "$1-$i" --from-literal=password=x >/dev/null; done; }
  # encrypted NAME: the two verdicts are those of @enc-NAME in truth.tsv, from metrics alone and with the file as well
  encrypted() {
    local name=$1; ks get secrets -A >/dev/null
    audit "enc-$name" --kubeconfig "$ka" --check 1.2.27 --check 1.2.28
    [ "$name" = other ] || check "encryption $name, from metrics: 1.2.27, 1.2.28" expect truth "$(report "enc-$name")" "$HERE/truth.tsv" kubeadm "@enc-$name" 2
    [ "$name" != none ] || return 0
    audit "enc-$name-file" --kubeconfig "$ka" --check 1.2.27 --check 1.2.28 --encryption-config "$SMALL/rootfs/etc/kubernetes/enc/encryption.yaml"
    check "encryption $name, with its file: the same" expect truth "$(report "enc-$name-file")" "$HERE/truth.tsv" kubeadm "@enc-$name" 2
  }
  local mode
  for mode in identity-first other aesgcm secretbox; do
    restart --enc $mode; secrets fresh; encrypted $mode
    [ $mode != other ] || check "encryption of other kinds, from metrics: 1.2.28 is UNKNOWN, and says what it may be" expect verdict "$(report enc-other)" 1.2.28 unknown "=or its encryption configuration leaves Secrets out"
    "$HERE/down.sh" "$SMALL"; rm -rf "$SMALL"
  done
  restart --enc none; secrets before; encrypted none
  restart --enc aescbc; secrets after; encrypted late
  ks get secrets -A -o json | ks replace -f - >/dev/null
  restart; secrets new; encrypted rewritten
  "$HERE/down.sh" "$SMALL"; rm -rf "$SMALL"
  restart --enc aescbc; secrets sealed; encrypted aescbc
  # and the server ends half-way, for real
  local pid; pid=$(awk '$1 == "kube-apiserver" { print $2 }' "$SMALL/pids")
  API_PORT_MAIN=$(. "$SMALL/env"; echo "${API##*:}")
  audit killed-before --kubeconfig "$ka"
  relay 120000 run kill -KILL "$pid"
  audit killed --kubeconfig "$ka" --server "https://127.0.0.1:$RELAY_PORT" --disable-compression --parallel 1 --strict-coverage --retries 1
  relay_end
  check "kube-apiserver killed while it answers: ends with 3, nothing is said that was not seen" \
    all "ended 3 killed" "expect incomplete '$(report killed)'" "expect weaker '$(report killed-before)' '$(report killed)'"
  "$HERE/down.sh" "$SMALL"
}

group_vap() {
  local ka="$MAIN/admin.kubeconfig" how
  for how in audited cluster; do
    check "audit --policy says of every pod what the server does ($how)" \
      python3 "$HERE/vap.py" $how "$KUBEVOUCH" "$ka" "$HERE/policies.yaml"
  done
  check "lint refuses the policies that the server refuses, and takes those that it takes" \
    python3 "$HERE/lint_policies.py" "$KUBEVOUCH" "$ka" 400
  "$HERE/up.sh" "$SMALL" --frozen >/dev/null || die "the small cluster did not start: see $SMALL/logs"
  check "checks exported as policies refuse what their tests fail, and admit what they pass" \
    python3 "$HERE/vap.py" exported "$KUBEVOUCH" "$SMALL/admin.kubeconfig" "$ROOT"/benchmarks/cis-kubernetes-2.0.1/5-policies.test.yaml
  "$HERE/down.sh" "$SMALL"; rm -rf "$SMALL"
}

group_podsecurity() { # no cluster: the API server's own code is asked
  check "podSecurity() says of generated pods what Pod Security admission does, at every level and version, in its words" \
    python3 "$HERE/podsecurity.py" "$KUBEVOUCH" "$BIN/podsecurity" "${PODS:-1000}" "${SEED:-$RANDOM}"
}

group_sar() {
  check "the API server's own roles and bindings are what default_role.def and default_binding.def have" \
    python3 "$HERE/default_roles.py" check "$BIN/kubectl" "$MAIN/admin.kubeconfig" "$HERE/../.."
  check "who-can --questions says of random and adversarial questions what the API server says of the same SubjectAccessReviews" \
    python3 "$HERE/sar.py" "$KUBEVOUCH" "$MAIN/admin.kubeconfig" "${QUESTIONS:-20000}" "${SEED:-$RANDOM}"
}

# Every list that is read as protobuf, in both forms of one snapshot: the same objects. And the reports of both.
group_protobuf() {
  : "${TEST_PROTO_READ:?names the program tests/unit/test_proto_read}"
  k apply -f "$HERE/kinds.yaml" >/dev/null || die "kinds.yaml could not be applied"
  openssl req -new -newkey rsa:2048 -nodes -keyout "$OUT/csr.key" -subj /O=a/CN=b -out "$OUT/csr.pem" 2>/dev/null
  k apply -f - >/dev/null <<Y
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: kinds}
spec: {request: $(base64 -w0 <"$OUT/csr.pem"), signerName: kubernetes.io/kube-apiserver-client, usages: [client auth]}
Y
  check "every list can be had in both forms" "$HERE/bodies.sh" "$MAIN" "$OUT/bodies"
  check "each object is the same as protobuf and as JSON" env PROTO_BODIES="$OUT/bodies" CK_RUN_CASE=bodies "$TEST_PROTO_READ"
  audit as-json --kubeconfig "$MAIN/admin.kubeconfig" --list-format json
  audit as-protobuf --kubeconfig "$MAIN/admin.kubeconfig"
  check "an audit of protobuf has the verdicts of one of JSON" all "ended 0 as-protobuf" "expect verdicts-same '$(report as-json)' '$(report as-protobuf)'"
  check "and its findings" expect findings-same "$(report as-json)" "$(report as-protobuf)"
  check "lists were protobuf, and none had to be read again" python3 - "$(report as-protobuf)" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))
pods = next(c for c in r["calls"] if c["path"] == "/api/v1/pods")
assert pods["accept"] == "application/vnd.kubernetes.protobuf,application/json", pods
assert not [c for c in r["coverage"] if "readAgainAsJson" in c]
PY
}

# What the API server really refuses, asked by dry runs: of namespaces whose admission is known.
group_admission() {
  printf 'apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n- name: PodSecurity\n  configuration:\n    apiVersion: pod-security.admission.config.k8s.io/v1\n    kind: PodSecurityConfiguration\n    defaults: {enforce: privileged}\n    exemptions: {namespaces: [adm-exempt]}\n' >"$OUT/exempt.yaml"
  "$HERE/up.sh" "$SMALL" --frozen --api-arg "--admission-control-config-file=$OUT/exempt.yaml" >/dev/null || die "the small cluster did not start: see $SMALL/logs"
  check "namespaces of each level, exempt and under policies are made" python3 "$HERE/admission.py" make "$SMALL/admin.kubeconfig"
  "$KUBEVOUCH" rbac --probe admission | ks apply -f - >/dev/null
  # nobody else makes them here, and an API server waits a second for the account of each pod
  local ns; for ns in default kube-system kube-public kube-node-lease audit; do ks -n "$ns" create serviceaccount default >/dev/null; done
  { ks -n audit create serviceaccount prober; ks -n audit create serviceaccount reader
    ks create clusterrolebinding probe-reads --clusterrole=kubevouch --serviceaccount=audit:prober --serviceaccount=audit:reader
    ks create clusterrolebinding probe --clusterrole=kubevouch-probe-admission --serviceaccount=audit:prober; } >/dev/null
  local who; for who in prober reader; do
    API_PORT=$(. "$SMALL/env"; echo "${API##*:}") PKI=$SMALL/pki tokenconfig "$OUT/$who.kubeconfig" $who "$(ks -n audit create token $who --duration=1h)"
    "$KUBEVOUCH" pss --probe admission --print jsonl --kubeconfig "$OUT/$who.kubeconfig" >"$OUT/$who.jsonl" 2>"$OUT/$who.err"; eval "RC_$who=$?"
  done
  check "pss --probe admission, with the roles of rbac --probe admission: who is refused by whom is as it was made, and no pod was stored" \
    all '[ "$RC_prober" = 3 ]' "python3 '$HERE/admission.py' hold '$SMALL/admin.kubeconfig' '$OUT/prober.jsonl'"
  check "without the right to create pods: nothing is told of any namespace, and it ends with 3" all '[ "$RC_reader" = 3 ]' "python3 '$HERE/admission.py' nothing '$OUT/reader.jsonl'"
  "$HERE/down.sh" "$SMALL"; rm -rf "$SMALL"
}

# What breaches begin with, each beside a sound twin (found.yaml), on a cluster that has nothing else.
group_found() {
  local OPT_IN=() # checks of another benchmark
  "$HERE/up.sh" "$SMALL" --frozen >/dev/null || die "the small cluster did not start: see $SMALL/logs"
  ks create -f "$HERE/found.yaml" >/dev/null || die "found.yaml could not be applied"
  ks get -A -o json deployments,configmaps,pods,networkpolicies,rolebindings,clusterrolebindings >"$OUT/found.json"
  audit found --kubeconfig "$SMALL/admin.kubeconfig" --benchmark kubevouch-hardening
  check "an audit by kubevouch-hardening ends with 0" ended 0 found
  check "each planted fault is found on its object, and not on its sound twin; no credential is shown" expect found "$(report found)" "$OUT/found.json"
  "$HERE/down.sh" "$SMALL"; rm -rf "$SMALL"
}

# What the API server fills in, of generated objects with fields left out, against what a scan does; the kinds that it serves; and policies over
# kinds that no table has.
group_defaults() {
  "$HERE/up.sh" "$SMALL" --frozen >/dev/null || die "the small cluster did not start: see $SMALL/logs"
  ks -n default create serviceaccount default >/dev/null # nobody else makes it here
  check "a scan fills in what the API server does, of every kind" python3 "$HERE/defaults.py" "$KUBEVOUCH" "$SMALL/admin.kubeconfig" "${OBJECTS:-60}" "${SEED:-$RANDOM}"
  ks api-resources --verbs=create,get --no-headers -o wide >"$OUT/resources" || die "the kinds that it serves could not be listed"
  check "every kind that the API server serves is in kind.def or kind_served.def, as it calls it" python3 "$HERE/served.py" "$ROOT/src/cluster" "$OUT/resources"
  check "scan --policy says of objects of other kinds what the API server's dry runs do" python3 "$HERE/any_kind.py" "$KUBEVOUCH" "$SMALL/admin.kubeconfig" "${OBJECTS:-200}" "${SEED:-$RANDOM}"
  "$HERE/down.sh" "$SMALL"; rm -rf "$SMALL"
}

[ $# -gt 0 ] || set -- planted rights cronjob charts replay refused broken namespace kubelets nodes truth encryption vap podsecurity sar admission protobuf found defaults
for g in "$@"; do
  declare -F "group_$g" >/dev/null || die "no group $g"
  case $g in encryption|kubelets|nodes|truth|admission|found|defaults) ;; *) main_up;; esac
  SECONDS=0; say "== $g"; "group_$g"; say "   $SECONDS s"
done
say "$PASSED passed, $FAILED failed"
[ "$FAILED" = 0 ]
