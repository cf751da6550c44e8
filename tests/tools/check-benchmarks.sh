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
sed 's/allowPrivilegeEscalation.orValue(true) == false/allowPrivilegeEscalation.orVlaue(true) == false/' "$srcdir/benchmarks/cis-kubernetes-2.0.1.yaml" >"$tmp/broken.yaml"
if "$kv" lint "$tmp/broken.yaml" 2>"$tmp/told"; then echo "a broken benchmark passed lint" >&2; exit 1; fi
grep -q 'broken.yaml:[0-9]*:[0-9]*: .*orVlaue.*did you mean "orValue"' "$tmp/told" || { cat "$tmp/told" >&2; exit 1; }
grep -q '\^' "$tmp/told"
sed 's/^  severity: critical/  sevrity: critical/' "$srcdir/benchmarks/cis-kubernetes-2.0.1.yaml" >"$tmp/broken.yaml"
if "$kv" lint "$tmp/broken.yaml" 2>"$tmp/told"; then echo "an unknown key passed lint" >&2; exit 1; fi
grep -q 'sevrity' "$tmp/told" || { cat "$tmp/told" >&2; exit 1; }
