#!/bin/sh
# A cluster in which everything fails, under a limit of memory that the findings alone would go beyond: thousands of bare pods that fail about
# twenty checks each, namespaces without labels, bindings to cluster-admin, workloads. And a disk that is full where what is found goes.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() { echo "$*" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }
# A sanitizer maps terabytes for itself: under one there is nothing to limit.
! grep -qE '__(asan|tsan)_init' "$kv" || exit 77
LIMIT=$((56 << 20))

python3 "$srcdir/tests/perf/bad_cluster.py" "$srcdir/tests/clusters/mix" "$tmp/cluster" pods=2400 namespaces=600 bindings=600 workloads=200
prlimit --data="$LIMIT" "$kv" audit -q --snapshot "$tmp/cluster" -o "$tmp/out" -f jsonl >/dev/null 2>"$tmp/told" || fail "under the limit: $?"
python3 - "$tmp/out" <<'P'
import json, sys
lines = {}
for line in open(sys.argv[1] + "/findings.jsonl", encoding="utf-8"):
    f = json.loads(line)
    lines.setdefault(f["check"], []).append(f)
sizes = [sum(f["object"]["name"].startswith(p) for f in lines["5.2.2"]) for p in ("bare-", "work-")]
assert sizes == [2400, 200], sizes
order = [(f["object"].get("namespace", ""), f["object"]["kind"], f["object"]["name"]) for f in lines["5.2.2"] if f["verdict"] == "fail"]
assert order == sorted(order)
work = next(f for f in lines["5.2.2"] if f["object"]["name"] == "work-000007")
assert work["object"]["kind"] == "Deployment" and work["pods"] == 3 and work["inTemplate"], work
assert work["podExamples"] == ["work-000007-7d-" + k for k in "abz"], work["podExamples"]
bare = next(f for f in lines["5.2.2"] if f["object"]["name"] == "bare-000123")
assert bare["podExamples"] == ["bare-000123"] and bare["explained"] and bare["evidence"], bare
P

# Nowhere to put it: 4, and the reports of before as they were.
sum=$(cksum "$tmp/out"/*) names=$(ls -A "$tmp/out")
status=0
"$kv" audit -q --snapshot "$tmp/cluster" -o "$tmp/out" --spool-dir /proc/self -f json -f jsonl >/dev/null 2>"$tmp/told" || status=$?
[ "$status" -eq 4 ] || fail "without a spool: exit $status, not 4"
grep -q -- "--spool-dir names another" "$tmp/told" || fail "without a spool: it does not say what to do"
[ "$sum" = "$(cksum "$tmp/out"/*)" ] || fail "without a spool: the old reports changed"
[ "$names" = "$(ls -A "$tmp/out")" ] || fail "something was left behind"

# Files of many objects that all fail a few checks: what is kept of each is some words
python3 "$srcdir/tests/perf/many_files.py" write "$tmp/many.yaml" 6000
prlimit --data="$((31 << 20))" "$kv" scan -q "$tmp/many.yaml" -o "$tmp/scan" >/dev/null 2>"$tmp/told" || fail "many files under the limit: $?"
grep -q '"location"' "$tmp/scan/report.json" || fail "many files: no places"
