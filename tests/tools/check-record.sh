#!/bin/sh
# A recording holds no credential, and an audit of it says what the audit of the cluster says: what is masked is missing, and never passes.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
server=
cleanup() { exec 9>&-; [ -z "$server" ] || wait "$server" 2>/dev/null || true; rm -rf "$tmp"; }
trap cleanup EXIT
fail() { echo "$*" >&2; exit 1; }
mkfifo "$tmp/life"
serve() { # serve RECORDING: a server until the next; its kubeconfig is $tmp/kc
  if [ -n "$server" ]; then exec 9>&-; wait "$server" 2>/dev/null || true; fi
  : >"$tmp/ready"
  "$builddir/tests/kube/fakeapi" --serve "$1" --kubeconfig "$tmp/kc" <"$tmp/life" >"$tmp/ready" &
  server=$!
  exec 9>"$tmp/life"
  for _ in $(seq 200); do grep -q ready "$tmp/ready" && return; sleep 0.05; done
  fail "the server did not start"
}
# compare ALLOWED: the verdicts of live and again; none may get better, and no more than ALLOWED become unknown
compare() {
  python3 - "$tmp/live/report.json" "$tmp/again/report.json" "$1" <<'P' || fail "the recording is judged otherwise than the cluster"
import json, sys
live, again = ({c["id"]: (c["verdict"], c["reason"]) for c in json.load(open(f))["checks"]} for f in sys.argv[1:3])
assert len(live) > 100 and live.keys() == again.keys()
differ = [f"{i}: {live[i]}, recorded {again[i]}" for i in live if live[i][0] != again[i][0]]
worse = [d for d, i in zip(differ, [i for i in live if live[i][0] != again[i][0]]) if again[i][0] != "unknown"]
if worse or len(differ) > int(sys.argv[3]):
    sys.exit("\n".join(differ))
P
}
marker=pLaNtEd7q
for cluster in mix kubelets; do
  # as it is: what decides stays
  serve "$srcdir/tests/clusters/$cluster"
  rm -rf "$tmp/live" "$tmp/again" "$tmp/record"
  "$kv" audit -q --kubeconfig "$tmp/kc" -o "$tmp/live" --allow-incomplete --record "$tmp/record" >"$tmp/told" 2>&1 || { cat "$tmp/told" >&2; fail "the audit of $cluster failed"; }
  "$kv" audit -q --snapshot "$tmp/record" -o "$tmp/again" --allow-incomplete >"$tmp/told"
  compare 0
  # with markers: none of them is recorded
  python3 "$srcdir/tests/tools/plant.py" "$srcdir/tests/clusters/$cluster" "$tmp/planted-$cluster" "$marker" >"$tmp/count"
  serve "$tmp/planted-$cluster"
  rm -rf "$tmp/live" "$tmp/again" "$tmp/record"
  "$kv" audit -q --kubeconfig "$tmp/kc" -o "$tmp/live" --allow-incomplete --record "$tmp/record" >"$tmp/told"
  "$kv" audit -q --snapshot "$tmp/record" -o "$tmp/again" --allow-incomplete >"$tmp/told"
  if grep -rli "$marker" "$tmp/record"; then fail "the recording of $cluster holds what was planted"; fi
  grep -rq '(masked: [0-9]* bytes)' "$tmp/record" || fail "nothing in the recording of $cluster is masked"
  compare 0
done
