#!/bin/sh
# Whole audits of a server that refuses, fails or lies: nothing readable is no audit, one list less is an
# incomplete one.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
server=
cleanup() { exec 9>&-; [ -z "$server" ] || wait "$server" 2>/dev/null || true; rm -rf "$tmp"; }
trap cleanup EXIT
fail() { echo "$*" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }
mkfifo "$tmp/life"

serve() { # serve OPTION...: a server until the next; its kubeconfig is $tmp/kc
  if [ -n "$server" ]; then exec 9>&-; wait "$server" 2>/dev/null || true; fi
  : >"$tmp/ready"
  "$builddir/tests/kube/fakeapi" --serve "$srcdir/tests/clusters/mix" --kubeconfig "$tmp/kc" "$@" <"$tmp/life" >"$tmp/ready" &
  server=$!
  exec 9>"$tmp/life"
  for _ in $(seq 200); do grep -q ready "$tmp/ready" && return; sleep 0.05; done
  fail "the server did not start"
}
audit() { # audit STATUS TEXT OPTION...: the exit status, and what standard error must say
  want=$1 text=$2; shift 2
  rm -rf "$tmp/out"
  status=0; "$kv" audit --kubeconfig "$tmp/kc" -o "$tmp/out" --retries 0 "$@" >"$tmp/summary" 2>"$tmp/told" || status=$?
  [ "$status" -eq "$want" ] || fail "exit $status, not $want"
  grep -qF -- "$text" "$tmp/told" || fail "does not say \"$text\""
}

serve
audit 0 'wrote'
audit 0 'wrote' --qps 50 --parallel 2
# HOST:PORT with TLS settings is https, and the credential goes there
sed -i 's|server: https://|server: |' "$tmp/kc"
audit 0 'wrote'
[ -s "$tmp/out/report.html" ]
audit 4 '401' --token some-other
[ ! -e "$tmp/out" ] || fail "a report of an audit that could not be made"

# ---- nothing can be read: exit 4, the reason, no report
for fault in 403 404 500 503 garbage html empty; do
  serve --fault "/=$fault"
  audit 4 'nothing could be read from the server'
  [ ! -e "$tmp/out" ] || fail "$fault to everything: a report of nothing"
done
grep -q 'check that server in the kubeconfig' "$tmp/told"

# ---- some is read: a report that says what is missing
serve --fault '/api/v1/pods=403'
audit 0 'wrote' --fail-on never --summary full
grep -q 'UNKNOWN' "$tmp/summary"
grep -q 'Not seen:' "$tmp/summary"
audit 3 'the audit is incomplete' --strict-coverage
serve --fault '/version=403'
audit 0 'wrote'

# ---- answers broke off: exit 3 whatever the options, and the better report of before stays
serve
audit 0 'wrote' --format html --format json --format jsonl
cp -r "$tmp/out" "$tmp/whole"
beside() { # beside STATUS OPTION...: an audit into the folder of the whole one
  want=$1; shift
  status=0; "$kv" audit --kubeconfig "$tmp/kc" -o "$tmp/whole" --format html --format json --format jsonl --retries 0 "$@" >"$tmp/summary" 2>"$tmp/told" || status=$?
  [ "$status" -eq "$want" ] || fail "exit $status, not $want"
}
for row in cut:/api/v1/pods stall:/api/v1/pods reset:/api/v1/namespaces short:/api/v1/pods garbage:/apis/rbac.authorization.k8s.io/v1/clusterrolebindings \
  500:/apis/rbac.authorization.k8s.io/v1/roles; do
  serve --fault "${row#*:}=${row%%:*}"
  beside 3 --fail-on low --request-timeout 2
  grep -q 'the audit broke off' "$tmp/told" && grep -q 'This audit broke off' "$tmp/summary" || fail "$row: not said"
  for f in report.html report.json findings.jsonl; do cmp -s "$tmp/out/$f" "$tmp/whole/$f" || fail "$row: $f was replaced"; done
  [ -s "$tmp/whole/report.incomplete.json" ] && [ -s "$tmp/whole/report.incomplete.html" ] && [ -s "$tmp/whole/findings.incomplete.jsonl" ] ||
    fail "$row: nothing beside"
done
audit 3 'the audit broke off' # in a folder of its own it is the report
grep -q '"brokenOff"' "$tmp/out/report.json"
serve --fault /api/v1/pods=cut
audit 0 'the audit broke off' --allow-incomplete
serve --fault /api/v1/pods=403 # refused rights are another thing
audit 0 'wrote'
! grep -q brokenOff "$tmp/out/report.json"

# ---- a server whose certificate is not checked: told on standard error, in the summary and in report.json, and by a replay of its recording
serve
audit 0 'is not checked' --insecure-skip-tls-verify --record "$tmp/kept-insecure"
grep -q 'not proven  whose answers these are' "$tmp/summary" || fail 'not in the summary'
grep -q "gets this audit's credential (.*token.*)" "$tmp/told" || fail 'what was sent is not told'
trust() { python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(r["target"].get("connection"), any("was not checked" in n for n in r["summary"]["notes"]))' "$tmp/$1/report.json"; }
[ "$(trust out)" = 'unverified True' ] || fail "the report says $(trust out)"
"$kv" audit --snapshot "$tmp/kept-insecure" -o "$tmp/replayed" -q >/dev/null && [ "$(trust replayed)" = 'unverified True' ] || fail 'a replay forgets it'
audit 0 'wrote'
[ "$(trust out)" = 'verified False' ] || fail "the report says $(trust out)"
if grep -q 'not proven' "$tmp/summary"; then fail 'told of a server that was checked'; fi

# ---- what is waited for: with -v a line, on a terminal from the first second on
serve --fault '/version=stall'
status=0; "$kv" audit -v --kubeconfig "$tmp/kc" -o "$tmp/out" --retries 0 --stall-timeout 3 >"$tmp/summary" 2>"$tmp/told" || status=$?
grep -qE 'debug: waiting: GET /version: (reading|no answer) for 2[0-9]{3} ms' "$tmp/told" || fail 'a wait is not told'
grep -qE 'debug: GET /version: .* ms' "$tmp/told" || fail 'a call that ended is not told'
serve --fault '/version=503@1'
"$kv" audit -v --kubeconfig "$tmp/kc" -o "$tmp/out" >"$tmp/summary" 2>"$tmp/told" || fail 'an audit with one retry'
grep -qE 'debug: GET /version: 503, again in [0-9]+ ms' "$tmp/told" || fail 'a retry is not told'
grep -qE 'debug: GET /version: 200, [0-9]+ bytes .* ms, 1 retry' "$tmp/told" || fail 'retries are not counted'
serve --fault '/version=stall'
python3 - "$kv" audit --kubeconfig "$tmp/kc" -o "$tmp/out" --retries 0 --stall-timeout 3 <<'P' || fail 'progress on a terminal'
import os, pty, re, subprocess, sys, time
parent, child = pty.openpty()
began = time.monotonic()
p = subprocess.Popen(sys.argv[1:], stdout=child, stderr=child, stdin=subprocess.DEVNULL)
os.close(child)
seen = []
try:
    while part := os.read(parent, 65536):
        seen.append((time.monotonic() - began, part.decode()))
except OSError:
    pass
p.wait()
text = "".join(part for _, part in seen)
assert "asking the server" in text and next(at for at, part in seen if "asking the server" in part) < 1, seen
assert re.search(r"\d+ of \d+ calls  GET /version: (reading|no answer) for [12] s", text), text
P
