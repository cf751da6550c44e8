#!/bin/sh
# kubevouch pss, from the command line to the exit status; kinds of old API groups in files.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0
cat >"$tmp/all.yaml" <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: hardened, namespace: a}
spec: {hostPID: null, initContainers: null, containers: [{name: c, image: i, securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}}]}
---
apiVersion: extensions/v1beta1
kind: Deployment
metadata: {name: old, namespace: b}
spec: {template: {spec: {hostPID: true, containers: [{name: c, image: i}]}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: a}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: i}]}}}}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: rs, namespace: c}
spec: {template: {spec: {containers: [{name: c, image: i}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: as-told, namespace: c, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: rs, uid: u, controller: true}]}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: worse, namespace: c, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: rs, uid: u, controller: true}]}
spec: {hostIPC: true, containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: typed, namespace: d}
spec: {hostPID: "true", containers: [{name: c, image: i}]}
---
apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: psp}
Y
expect() { # expect NAME STATUS OUTPUT ARGUMENT...: standard output and error hold OUTPUT; NOT before it: they do not
  name=$1 status=$2 want=$3; shift 3
  got=0; "$kv" pss "$@" >"$tmp/out" 2>&1 || got=$?
  found=yes; grep -qF -- "${want#NOT }" "$tmp/out" || found=no
  case $want in NOT*) [ $found = yes ] && found=no || found=yes;; esac
  if [ "$got" != "$status" ] || [ $found = no ]; then
    echo "pss, $name: status $got (wanted $status), \"$want\" in:" >&2; cat "$tmp/out" >&2; bad=1
  fi
}
files="--manifests $tmp/all.yaml"
expect 'the highest level' 0 'Pod a/hardened: restricted' $files
expect 'what keeps it from the next' 0 'CronJob a/nightly: baseline; not restricted: allowPrivilegeEscalation != false (container "c" must set' $files
expect 'a kind of an old API group' 0 'Deployment b/old: privileged; not baseline: host namespaces (hostPID=true)' $files
expect 'a pod that its owner tells of' 0 'NOT c/as-told' $files
expect 'a pod that is worse than its owner' 0 'Pod c/worse: privileged; not baseline: host namespaces (hostIPC=true)' $files
expect 'a value that is no flag' 0 'Pod d/typed: no level can be told: spec.hostPID is of type string' $files
expect 'the sum' 0 '6 workloads by the Pod Security Standards, version latest: 1 restricted, 2 baseline, 2 privileged, 1 that cannot be told' $files
expect 'one namespace' 0 'NOT a/hardened' $files -n c
expect 'an older version' 0 'CronJob a/nightly: baseline; not restricted: runAsNonRoot != true' $files --at v1.5
expect 'rows' 0 '"level":"privileged","next":"baseline","violations":[{"control":"hostNamespaces"' $files --print jsonl
expect 'no version' 2 '--at takes a version' $files --at 1.30
expect 'no such form' 2 'json or jsonl' $files --print cel
expect 'no arguments' 2 '--manifests' $tmp/all.yaml
expect 'a probe takes a cluster' 2 'it goes without --snapshot and --manifests' $files --probe admission
expect 'a probe is of now' 2 'it goes without --at' --probe admission --at v1.30
expect 'no such probe' 2 'admission' $files --probe pods
"$kv" rbac --check 5.2.2 | grep -q 'verbs: \[create' && { echo 'rbac grants a creation that nobody asked for' >&2; bad=1; }
"$kv" rbac --check 5.2.2 --probe admission | grep -q 'verbs: \[create, get\]' || { echo 'rbac --probe admission does not name the right' >&2; bad=1; }
"$kv" pss $files --print json | python3 -c 'import json, sys; sys.exit(len(json.load(sys.stdin)) != 6)' || { echo 'pss --print json is no document of 6 rows' >&2; bad=1; }
"$kv" audit -q -f json -o "$tmp/report" $files >"$tmp/told" 2>&1 || true
grep -q 'PodSecurityPolicy (no API server has heeded them since 1.25' "$tmp/report/report.json" "$tmp/told" || { echo 'a PodSecurityPolicy is not recognised' >&2; bad=1; }
exit $bad
