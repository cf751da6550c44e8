#!/bin/sh
# Every shipped benchmark is faultless and passes its own tests; a broken copy is refused with its place.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
for f in "$srcdir"/benchmarks/*.yaml; do
  case $f in *.test.yaml) continue;; esac
  "$kv" lint "$f"
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
policies=cis-kubernetes-2.0.1/5-policies.yaml
fresh() { rm -rf "$tmp/b"; mkdir "$tmp/b"; cp -R "$srcdir/benchmarks/." "$tmp/b"; chmod -R u+w "$tmp/b"; }
refused() { # refused WHAT PATTERN: lint of the copy says PATTERN
  if "$kv" lint "$tmp/b/cis-kubernetes-2.0.1.yaml" 2>"$tmp/told"; then echo "$1 passed lint" >&2; exit 1; fi
  grep -q "$2" "$tmp/told" || { echo "$1: lint did not say: $2" >&2; cat "$tmp/told" >&2; exit 1; }
}
fresh; sed 's/allowPrivilegeEscalation.orValue(true) == false/allowPrivilegeEscalation.orVlaue(true) == false/' "$srcdir/benchmarks/$policies" >"$tmp/b/$policies"
refused "a misspelt function" '5-policies.yaml:[0-9]*:[0-9]*: .*orVlaue.*did you mean "orValue"'
grep -q '\^' "$tmp/told"
fresh; sed 's/^  severity: critical/  sevrity: critical/' "$srcdir/benchmarks/$policies" >"$tmp/b/$policies"
refused "an unknown key" '5-policies.yaml:[0-9]*:[0-9]*: .*sevrity'
fresh; printf -- '- cis-kubernetes-2.0.1/none.yaml\n' >>"$tmp/b/cis-kubernetes-2.0.1.yaml"
refused "an included file that is not there" '2.0.1.yaml:[0-9]*:[0-9]*: .*none.yaml'
fresh; printf -- '- %s\n' $policies >>"$tmp/b/cis-kubernetes-2.0.1.yaml"
refused "a file included twice" '2.0.1.yaml:[0-9]*:[0-9]*: .*included twice'
fresh; cp "$tmp/b/$policies" "$tmp/b/again.yaml"; printf -- '- again.yaml\n' >>"$tmp/b/cis-kubernetes-2.0.1.yaml"
refused "a check in two files" 'again.yaml:[0-9]*:[0-9]*: check "5.1.1" is defined twice'
fresh; printf 'checks: []\ninclude: []\n' >"$tmp/b/more.yaml"; printf -- '- more.yaml\n' >>"$tmp/b/cis-kubernetes-2.0.1.yaml"
refused "an included file that includes" 'more.yaml:[0-9]*:[0-9]*: .*include'
fresh; rm "$tmp/b/cis-kubernetes-2.0.1/5-policies.test.yaml"
refused "a file without tests" '5-policies.test.yaml'
