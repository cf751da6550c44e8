#!/bin/sh
# The roles in deploy/base/cronjob.yaml are what `kubevouch rbac` prints, comments aside; a selection of checks takes less.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# roles: the documents that are roles, without comments
roles() {
  sed '/^ *#/d' | awk 'BEGIN { RS = "---\n" } /\nkind: (Cluster)?Role\n/ { printf "---\n%s", $0 }'
}
"$kv" rbac >"$tmp/all"
roles <"$tmp/all" >"$tmp/printed"
roles <"$srcdir/deploy/base/cronjob.yaml" >"$tmp/deployed"
[ "$(grep -c '^kind: ' "$tmp/printed")" -ge 2 ]
if ! diff -u "$tmp/deployed" "$tmp/printed" >&2; then
  echo 'deploy/base/cronjob.yaml grants other rights than the checks take: put what "kubevouch rbac" prints there' >&2
  exit 1
fi
# each rule is said to be for something, and nothing is a wildcard
if grep -q '\*' "$tmp/printed"; then echo "a wildcard is granted" >&2; exit 1; fi
# (long lists go on in the next line)
sed -e ':a' -e 'N' -e '$!ba' -e 's/\n#   / /g' "$tmp/all" | grep -q '^# pods: .*5\.2\.[12] - 5\.2\.12'
# one check alone takes what it reads and no more
"$kv" rbac --check 5.3.2 | sed '/^#/d' >"$tmp/one"
grep -q 'resources: \[.*networkpolicies.*\]' "$tmp/one"
for not in configmaps secrets serviceaccounts /metrics; do # (nodes tell whether the plugin enforces policies, its cluster role who vouches for it)
  if grep -q "[[ ]$not[],]" "$tmp/one"; then echo "check 5.3.2 does not read $not" >&2; cat "$tmp/one" >&2; exit 1; fi
done
# kubelets only when they are asked
if grep -q 'nodes/' "$tmp/printed"; then echo "rights on kubelets, which were not asked for" >&2; exit 1; fi
"$kv" rbac --check 5.1.1 --scope 'cde=a/*' >"$tmp/scoped"
grep -q '^ *# *ingresses: the scopes (--scope)' "$tmp/scoped" || grep -q '# services: the scopes (--scope)' "$tmp/scoped"
! "$kv" rbac --check 5.1.1 | grep -q -- --scope
"$kv" rbac --check '4.2.*' --kubelet direct | grep -q 'resources: \[nodes/configz\]'
"$kv" rbac --check '4.2.*' --kubelet proxy | grep -q 'resources: \[nodes/proxy\]'

# an audit asks for no more than that: the checks of each section alone say what they say among the others
"$kv" demo --quiet --format json --output "$tmp/all-checks"
for section in $("$kv" explain | sed -n 's/^\([0-9][0-9.]*\)\.[0-9][0-9]*  *L[12] .*/\1/p' | sort -u); do
  "$kv" demo --quiet --format json --check "$section.*" --output "$tmp/alone-$section"
done
python3 - "$tmp"/all-checks/report.json "$tmp"/alone-*/report.json <<'PY'
import json, sys
def said(path): return {c["id"]: (c["verdict"], c.get("findings", 0), c["reason"]) for c in json.load(open(path))["checks"]}
whole, alone = said(sys.argv[1]), {}
for path in sys.argv[2:]:
    alone.update(said(path))
assert len(whole) > 100 and alone.keys() == whole.keys(), (len(whole), whole.keys() ^ alone.keys())
wrong = [f"{i}: alone {alone[i]}, with the others {whole[i]}" for i in whole if alone[i][:2] != whole[i][:2]]
sys.exit("\n".join(wrong) or 0)
PY
