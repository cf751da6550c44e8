#!/bin/sh
# What people leave in command lines, variables, probes, annotations, data and volumes is in no output: markers are planted there in the
# recorded clusters, and looked for, in any case and in base64, in every report of every benchmark, in eval, pss, paths and the log.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
marker=pLaNtEd7q
bad=0
clean() { # NAME FILE...
  name=$1; shift
  python3 - "$marker" "$@" <<'P' || { echo "$name shows what was planted" >&2; bad=1; }
import base64, sys
marker = sys.argv[1].encode()
wanted = [marker.lower()] + [base64.b64encode(b"x" * skip + marker)[4 if skip else 0:-4].lower() for skip in range(3)]
found = False
for path in sys.argv[2:]:
    text = open(path, "rb").read().lower()
    for w in wanted:
        at = text.find(w)
        if at >= 0:
            print(f"{path}: {text[max(0, at - 160):at + 60]!r}", file=sys.stderr)
            found = True
sys.exit(found)
P
}
all=$(for f in "$srcdir"/benchmarks/*.yaml; do case $f in *.test.yaml) ;; *) basename "$f" .yaml ;; esac; done)
for cluster in mix kubelets; do
  python3 "$srcdir/tests/tools/plant.py" "$srcdir/tests/clusters/$cluster" "$tmp/$cluster" "$marker" >"$tmp/count"
  [ "$(cat "$tmp/count")" -ge 100 ] || { echo "few markers are planted in $cluster" >&2; exit 1; }
  for b in $all; do
    out=$tmp/out-$cluster-$b
    "$kv" audit -v --allow-incomplete --snapshot "$tmp/$cluster" --benchmark "$b" --output "$out" --format html --format json --format jsonl >"$tmp/log" 2>&1 ||
      { echo "the audit of $cluster by $b failed" >&2; tail -3 "$tmp/log" >&2; exit 1; }
    clean "$cluster by $b" "$tmp/log" "$out"/*
  done
  for over in pods deployments daemonsets nodes namespaces serviceaccounts persistentvolumes storageclasses apiservers etcds controllermanagers schedulers kubeproxies; do
    "$kv" eval --explain --snapshot "$tmp/$cluster" --over $over '[object, derived]' >>"$tmp/eval-$cluster" 2>&1 || true
    case $over in pods | apiservers) "$kv" eval --print cel --snapshot "$tmp/$cluster" --over $over '[object, derived]' >>"$tmp/eval-$cluster" 2>&1 || true ;; esac
  done
  "$kv" eval --snapshot "$tmp/$cluster" --over pods --explain "object.spec.containers.map(c, c.args.join(' ') + c.command[0].upperAscii() + string(c.env)) == [] ||
    object.metadata.annotations.all(k, v, k.split('').join('').lowerAscii() == v.replace('-', '_') || base64.encode(bytes(v)) == int(v))" >>"$tmp/eval-$cluster" 2>&1 || true
  "$kv" pss --snapshot "$tmp/$cluster" --print json >"$tmp/pss-$cluster" 2>&1 || true
  "$kv" paths --snapshot "$tmp/$cluster" >"$tmp/paths-$cluster" 2>&1 || true
  "$kv" access-review --snapshot "$tmp/$cluster" >"$tmp/review-$cluster" 2>&1 || true
  "$kv" audit --allow-incomplete --snapshot "$tmp/$cluster" --policy cluster --output "$tmp/policy-$cluster" >"$tmp/log-policy-$cluster" 2>&1 || true
  mkdir -p "$tmp/policy-$cluster"; touch "$tmp/policy-$cluster/none"
  clean "$cluster, other commands," "$tmp"/eval-$cluster "$tmp"/pss-$cluster "$tmp"/paths-$cluster "$tmp"/review-$cluster "$tmp"/log-policy-$cluster "$tmp"/policy-$cluster/*
  # ... and the test shows something: what was hidden is told by its size
  for want in '(list of ' '(map of ' '(string of '; do
    grep -qF "$want" "$tmp/eval-$cluster" || { echo "nothing in $cluster is told as \"$want\"" >&2; bad=1; }
  done
done
exit $bad
