#!/bin/sh
# Runs that somebody ends, that have no memory, or that a server, a plugin or a name holds up: each ends by itself, in the
# time that is said, with status 4 and the reports of before as they were.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
server=
cleanup() { exec 9>&-; [ -z "$server" ] || wait "$server" 2>/dev/null || true; rm -rf "$tmp"; }
trap cleanup EXIT
fail() { echo "$*" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }
mkfifo "$tmp/life"
now() { date +%s%N | sed 's/......$//'; }

serve() { # serve OPTION...: a server until the next; its kubeconfig is $tmp/kc
  if [ -n "$server" ]; then exec 9>&-; wait "$server" 2>/dev/null || true; fi
  : >"$tmp/ready"
  "$builddir/tests/kube/fakeapi" --serve "$srcdir/tests/clusters/mix" --kubeconfig "$tmp/kc" "$@" <"$tmp/life" >"$tmp/ready" &
  server=$!
  exec 9>"$tmp/life"
  for _ in $(seq 200); do grep -q ready "$tmp/ready" && return; sleep 0.05; done
  fail "the server did not start"
}
audit() { # audit STATUS SECONDS TEXT OPTION...: the status, the time at most, and what standard error must say
  want=$1 most=$2 text=$3; shift 3
  begun=$(now); status=0
  "$kv" audit --kubeconfig "$tmp/kc" -o "$tmp/out" -q "$@" >/dev/null 2>"$tmp/told" || status=$?
  took=$(($(now) - begun))
  [ "$status" -eq "$want" ] || fail "exit $status, not $want"
  [ "$took" -le $((most * 1000)) ] || fail "took $took ms, not $most s"
  [ -z "$text" ] || grep -qF -- "$text" "$tmp/told" || fail "does not say \"$text\""
}
same() { cmp -s "$tmp/out/report.json" "$tmp/kept" || fail "$1: the report of before is not as it was"; }

serve
audit 0 300 ''
cp "$tmp/out/report.json" "$tmp/kept"

# ---- signals: within a second (on a busy machine: three), wherever the run is
ended() { # ended SIGNAL NAME OPTION...
  signal=$1 name=$2; shift 2
  "$kv" audit --kubeconfig "$tmp/kc" -o "$tmp/out" "$@" >/dev/null 2>"$tmp/told" &
  pid=$!
  sleep 0.7
  kill -0 "$pid" 2>/dev/null || fail "$name: over before the signal"
  begun=$(now); kill "-$signal" "$pid"; status=0; wait "$pid" || status=$?
  took=$(($(now) - begun))
  [ "$status" -eq 4 ] || fail "$name: exit $status, not 4"
  [ "$took" -le 3000 ] || fail "$name: took $took ms"
  grep -q -e 'signal' -e 'stopped' "$tmp/told" || fail "$name: does not say why"
  same "$name"
}
serve --fault /api/v1/pods=stall
ended TERM 'a list that stalls'
ended INT 'a list that stalls'
serve --fault /=stall
ended TERM 'the first answer'
serve --fault '/api/v1/pods=503'
ended TERM 'waiting before a try'
plugin() { # plugin COMMAND: the kubeconfig's user becomes a plugin
  printf '#!/bin/sh\n%s\n' "$1" >"$tmp/plugin"; chmod 700 "$tmp/plugin"
  sed "s|user: {token: .*|user: {exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: $tmp/plugin}}|" "$tmp/kc" >"$tmp/kc2"
  mv "$tmp/kc2" "$tmp/kc"
}
plugin 'exec sleep 30'
ended TERM 'the credential plugin'

# ---- what holds up
audit 4 10 'was not done within 1.0 seconds' --exec-plugin-timeout 1
plugin 'echo "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"recorded\",\"expirationTimestamp\":\"2001-01-01T00:00:00Z\"}}"'
audit 4 10 'gives only credentials that have expired'
serve --fault /=stall
audit 4 20 'sent nothing for 1 s' --stall-timeout 1
audit 4 20 'raise --timeout' --timeout 2
serve --fault /=close
audit 4 20 'was cut before an answer came' --stall-timeout 2
serve --fault /api/v1/pods=stall
audit 3 60 'the audit broke off: pods were not read whole' --stall-timeout 1
same 'a list that stalls'
grep -q 'sent nothing for 1 s (or next to nothing) to /api/v1/pods' "$tmp/told" || fail 'does not say which request'
serve --fault /api/v1/pods=day
audit 3 60 'come back in 86400 s' 
serve --fault /api/v1/pods=drip
audit 3 60 'or next to nothing' --stall-timeout 2

# ---- a full disk: all reports of a run change together or none does, whatever file the space ends in, and nothing half written stays
formats=$("$kv" audit --help | tr ',' ' ' | tr -s ' ' '\n' | grep -xE 'json|html|jsonl|csv|sarif|junit|github|gitlab|markdown|ocsf|oscal' | sort -u | paste -sd, -)
whole() { (cd "$tmp/full" && find . -type f -exec sha256sum {} + | sort -k 2); }
full() { status=0; (trap '' XFSZ; ulimit -f "$1"; exec "$kv" audit --snapshot "$srcdir/tests/clusters/mix" -o "$tmp/full" -f "$formats" -q >/dev/null 2>"$tmp/told") || status=$?; }
full unlimited
[ "$status" -eq 0 ] && [ "$(whole | wc -l)" -ge 8 ] || fail "a whole set of reports: exit $status"
some=
for blocks in 1 50 200 500 1000 2000 2500 3000 4000 5000; do
  before=$(whole)
  full $blocks
  case $status in
    0) [ "$before" != "$(whole)" ] || fail "$blocks blocks: nothing was written" ;;
    4) some=1; grep -qiE 'too large|no space|cannot write' "$tmp/told" || fail "$blocks blocks: status 4 without a reason"
       [ "$before" = "$(whole)" ] || fail "$blocks blocks: the reports of before are not as they were" ;;
    *) fail "$blocks blocks: exit $status" ;;
  esac
done
[ -n "$some" ] || fail "no disk was full"

# ---- no memory: status 4 with a word, or done; nothing between. A sanitizer maps terabytes for itself: under one there is nothing to limit.
! grep -qE '__(asan|tsan)_init' "$kv" || exit 0
for mib in 30 40 50 60 70 80 100 120 150 200; do
  status=0
  prlimit --as=$((mib * 1048576)) "$kv" audit --snapshot "$srcdir/tests/clusters/mix" -o "$tmp/out" -q >/dev/null 2>"$tmp/told" || status=$?
  case $status in
    0) ;;
    4) grep -q 'out of memory' "$tmp/told" || fail "$mib MiB: status 4 without a reason"; same "$mib MiB" ;;
    127) ;; # the loader itself had none
    *) fail "$mib MiB: exit $status" ;;
  esac
  [ "$status" -ne 0 ] || cp "$tmp/out/report.json" "$tmp/kept"
done
