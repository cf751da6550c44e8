#!/bin/sh
# --keep: a folder for each run, the newest stay, nothing else is ever removed, and what is new since the run before is told.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
fail() { echo "$*" >&2; ls -lRa "$tmp/shelf" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }
run() { # run STATUS OPTION...
  want=$1; shift; status=0
  "$kv" audit --snapshot "$srcdir/tests/clusters/mix" --summary line -o "$tmp/shelf" "$@" >"$tmp/said" 2>"$tmp/told" || status=$?
  [ "$status" -eq "$want" ] || fail "exit $status, not $want: $*"
}
sets() { find "$tmp/shelf" -mindepth 1 -maxdepth 1 -name 'kubevouch-*Z*' | wc -l; }
old() { mkdir -p "$tmp/shelf/$1"; for f in "$@"; do [ "$f" = "$1" ] || cp "$tmp/first/$f" "$tmp/shelf/$1/"; done; }
"$kv" demo -q -o "$tmp/first" >/dev/null

run 0 --keep 3
grep -qE ", report $tmp/shelf/kubevouch-[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}Z/report.html\$" "$tmp/said" || fail "the line does not say where the report is"
! grep -q 'new failures' "$tmp/said" || fail "new failures of a first run"
first=$(ls "$tmp/shelf")
# what was not found by the run before is new, and decides the exit status if it is asked
python3 - "$tmp/shelf/$first/report.json" <<'P'
import json, sys
r = json.load(open(sys.argv[1])); failed = [f for f in r["findings"] if f["verdict"] == "fail"]
r["findings"] = [f for f in r["findings"] if f is not failed[0]]
json.dump(r, open(sys.argv[1], "w"))
P
run 1 --keep 3 --fail-on-new
grep -q ', 1 new failures, ' "$tmp/said" || fail "does not say what is new"
run 0 --keep 3 --fail-on-new
grep -q ', 0 new failures, ' "$tmp/said" || fail "compares with another than the run before"
[ "$(sets)" -eq 3 ] || fail "not three runs"

# ---- what is no report of kubevouch stays, whatever it is called
old kubevouch-2020-01-01T000000Z report.html report.json
old kubevouch-2020-01-02T000000Z report.json; echo mine >"$tmp/shelf/kubevouch-2020-01-02T000000Z/notes.txt"
old kubevouch-2020-01-03T000000Z report.json; mkdir "$tmp/shelf/kubevouch-2020-01-03T000000Z/findings.csv"
old kubevouch-2020-01-04T000000Z; ln -s "$tmp/first/report.json" "$tmp/shelf/kubevouch-2020-01-04T000000Z/report.json"
ln -s "$tmp/first" "$tmp/shelf/kubevouch-2020-01-05T000000Z"
echo mine >"$tmp/shelf/kubevouch-2020-01-06T000000Z"
old kubevouch-2020-01-07 report.json
old kubevouch-2020-01-08T000000Z-backup report.json
old my-report report.json
old .kubevouch-2020-01-09T000000Z.going report.json
old .kubevouch-2020-01-10T000000Z.going report.json; echo mine >"$tmp/shelf/.kubevouch-2020-01-10T000000Z.going/notes.txt"
old kubevouch-2020-01-11T000000Z; touch -d 2020-01-11 "$tmp/shelf/kubevouch-2020-01-11T000000Z"
old kubevouch-2020-01-12T000000Z
cp "$tmp/first/report.json" "$tmp/shelf/report.json"
run 0 --keep 2
for gone in kubevouch-2020-01-01T000000Z .kubevouch-2020-01-09T000000Z.going kubevouch-2020-01-11T000000Z "$first"; do
  [ ! -e "$tmp/shelf/$gone" ] || fail "$gone is still there"
done
for stays in kubevouch-2020-01-02T000000Z/notes.txt kubevouch-2020-01-02T000000Z/report.json kubevouch-2020-01-03T000000Z/findings.csv \
             kubevouch-2020-01-03T000000Z/report.json kubevouch-2020-01-04T000000Z/report.json kubevouch-2020-01-05T000000Z/report.json \
             kubevouch-2020-01-06T000000Z kubevouch-2020-01-07/report.json kubevouch-2020-01-08T000000Z-backup/report.json my-report/report.json \
             .kubevouch-2020-01-10T000000Z.going/notes.txt kubevouch-2020-01-12T000000Z report.json; do
  [ -e "$tmp/shelf/$stays" ] || fail "$stays is gone"
done
cmp -s "$tmp/first/report.json" "$tmp/shelf/report.json" && [ -s "$tmp/first/report.html" ] || fail "what a link leads to was changed"
for told in 2020-01-02T000000Z 2020-01-03T000000Z 2020-01-04T000000Z 2020-01-05T000000Z 2020-01-06T000000Z 2020-01-10T000000Z; do
  grep -q "$told" "$tmp/told" || fail "does not tell that $told stays"
done
rm -r "$tmp/shelf"/kubevouch-2020-* "$tmp/shelf"/.kubevouch-* "$tmp/shelf/report.json" "$tmp/shelf/my-report"
[ "$(sets)" -eq 2 ] || fail "not the two newest"

# ---- a run that ends without a report removes nothing, and leaves no folder
before=$(ls -lRa "$tmp/shelf" | grep -v '^total')
run 2 --keep 1 --profile L9
status=0; (trap '' XFSZ; ulimit -f 1000; run 4 --keep 1) || fail "an audit on a full disk"
status=0; "$kv" audit -q --snapshot "$tmp/none" -o "$tmp/shelf" --keep 1 2>"$tmp/told" || status=$?
[ "$status" -eq 4 ] || fail "an audit of nothing: exit $status"
[ "$before" = "$(ls -lRa "$tmp/shelf" | grep -v '^total')" ] || fail "a run without a report changed what was there"
# what is there and cannot be compared with is told; a gate says so
for f in "$tmp/shelf"/kubevouch-*/report.json; do echo '{"broken":' >"$f"; done
run 4 --keep 4 --fail-on-new
[ "$(sets)" -eq 2 ] || fail "a folder of a run without a report"
run 0 --keep 4
grep -q 'cannot be compared with' "$tmp/told" || fail "does not tell that nothing was compared"
for f in "$tmp/shelf"/kubevouch-*/report.json; do sed -i 's/"clusterId": *"[^"]*"/"clusterId": "00000000-0000-0000-0000-000000000000"/' "$f"; done
run 0 --keep 4
grep -q 'is of another cluster' "$tmp/told" && ! grep -q 'new failures' "$tmp/said" || fail "compares two clusters"
# runs of one second have folders of their own
rm -r "$tmp/shelf"; for i in 1 2 3 4; do "$kv" demo -q -c 5.2.2 -o "$tmp/shelf" --keep 9 >/dev/null 2>&1 & done; wait
[ "$(sets)" -eq 4 ] && [ "$(find "$tmp/shelf" -name report.json | wc -l)" -eq 4 ] || fail "runs of one second share a folder"
