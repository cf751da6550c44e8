#!/bin/sh
# The command line: ranges and values, standard output that fails, the completions, the summary's width.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() { echo "$*" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }

expect() { # expect STATUS TEXT COMMAND...: the exit status, and what standard error must say
  want=$1 text=$2; shift 2
  status=0; "$@" >"$tmp/out" 2>"$tmp/told" </dev/null || status=$?
  [ "$status" -eq "$want" ] || fail "exit $status, not $want: $*"
  grep -qF -- "$text" "$tmp/told" || fail "does not say \"$text\": $*"
}

# ---- numbers have ranges, and the help shows them
for bad in parallel=0 parallel=-1 parallel=65 parallel=4294967297 parallel=99999999999999999999 parallel=x parallel= chunk-size=0 \
           chunk-size=4294967296 retries=-1 timeout=-5 timeout=9223372036854775807 max-depth=0 max-item-bytes=10 max-list-items=0; do
  expect 2 "--${bad%%=*}: \"${bad#*=}\" is not a whole number from" "$kv" audit "--$bad"
done
expect 2 'from 1 to 64' "$kv" audit --parallel 0
"$kv" audit --help >"$tmp/out"
grep -q 'requests in flight (1 to 64; default: 4)' "$tmp/out"

# ---- closed lists of values
expect 2 '--format: "jsn" is none of html, json, jsonl' "$kv" demo --format jsn
expect 2 'did you mean json?' "$kv" demo --format jsn
expect 2 '--fail-on: "hihg" is none of info, low, medium, high, critical, never; did you mean high?' "$kv" demo --fail-on hihg
expect 2 '--framework: "pci" is none of pci-dss, hipaa, soc2, bsi-app-4.4, iso-27001, nist-800-53, cis-controls, nsa-cisa, pci-containers' "$kv" demo --framework pci
expect 2 '--exec-plugin: "perhaps" is none of allow, deny' "$kv" audit --exec-plugin perhaps
expect 2 'has no profile "L9"; there are L1, L2' "$kv" demo --profile L9
expect 2 'there are bash, zsh, fish' "$kv" help completion tcsh
expect 2 'no help on "nothing"' "$kv" help nothing

# ---- output that is lost is not done
for words in "--help" "help" "version" "audit --help" "explain" "explain 5.1.1" "help man" "help completion bash" "help completion zsh"; do
  # shellcheck disable=SC2086
  status=0; "$kv" $words >/dev/full 2>"$tmp/told" || status=$?
  [ "$status" -eq 4 ] && grep -q 'standard output: No space left' "$tmp/told" || fail "kubevouch $words >/dev/full: exit $status"
  # shellcheck disable=SC2086
  status=0; "$kv" $words >&- 2>"$tmp/told" || status=$?
  [ "$status" -eq 4 ] && grep -q 'standard output: Bad file' "$tmp/told" || fail "kubevouch $words >&-: exit $status"
done
# a severity fails its own and those above it: 5.1.2 is high, and fails
for words in 'critical 0' 'high 1' 'medium 1' 'low 1'; do
  status=0; "$kv" demo -q -o "$tmp/formats" -c 5.1.2 --allow-incomplete --fail-on "${words% *}" >/dev/null 2>&1 || status=$?
  [ "$status" -eq "${words#* }" ] || fail "--fail-on ${words% *} of a high failure: exit $status"
done
rm -r "$tmp/formats"
# several formats, with commas or one after the other; nothing between two commas is no format
"$kv" demo -q -o "$tmp/formats" -f csv,junit -f jsonl >/dev/null
[ "$(cd "$tmp/formats" && echo *)" = "findings.csv findings.jsonl junit.xml" ] || fail "-f csv,junit -f jsonl wrote $(ls "$tmp/formats")"
for words in 'csv,' ',csv' 'csv,,json' 'csv,jason'; do
  status=0; "$kv" demo -q -o "$tmp/formats" -f "$words" >/dev/null 2>"$tmp/told" || status=$?
  [ "$status" -eq 2 ] && grep -q 'is none of html' "$tmp/told" || fail "-f $words: exit $status"
done
status=0; "$kv" demo -o "$tmp/full" >/dev/full 2>"$tmp/told" || status=$?
[ "$status" -eq 4 ] || fail "demo >/dev/full: exit $status"
# no report takes the number of a closed stream
status=0; "$kv" demo -q -o "$tmp/closed" <&- >&- 2>&- || status=$?
[ "$status" -eq 4 ] || fail "demo with closed streams: exit $status"
"$kv" demo -q -o "$tmp/open"
[ "$(wc -c <"$tmp/closed/report.html")" -gt 1000 ]
"$kv" lint "$srcdir/benchmarks/cis-kubernetes-2.0.1.yaml" >/dev/full 2>"$tmp/told" && fail "lint >/dev/full"

# ---- the summary: one screen, or all, or a line
"$kv" demo -o "$tmp/a" >"$tmp/brief" 2>/dev/null
[ "$(wc -l <"$tmp/brief")" -le 60 ] || fail "the brief summary has $(wc -l <"$tmp/brief") lines"
grep -qE '^  critical 5\.2\.2 .*: DaemonSet [a-z-]+/[a-z-]+ and [0-9]+ more$' "$tmp/brief" || fail "the brief summary does not name the worst object"
"$kv" demo --summary full -o "$tmp/a" 2>/dev/null | grep -qE '^ +and [0-9]+ more$' || fail "--summary full lists no findings"
python3 - "$tmp/brief" "$tmp/a/report.json" <<'P'
import json, re, sys
text, report = open(sys.argv[1], encoding="utf-8").read(), json.load(open(sys.argv[2], encoding="utf-8"))
rows = {m[1]: [int(n) for n in m[2].split()] for m in re.finditer(r"^(FAIL|UNKNOWN|MANUAL|PASS) +((?:\d+ *){6})$", text, re.M)}
names = ["critical", "high", "medium", "low", "info"]
assert len(rows) == 4, rows
for label, row in rows.items():
    of = [c for c in report["checks"] if c["verdict"] == label.lower()]
    assert row == [len(of)] + [sum(c["severity"] == n for c in of) for n in names], (label, row)
named = text.split("cannot wait\n")[1].split("\n\n")[0]
urgent = [c for c in report["checks"] if c["verdict"] == "fail" and c["severity"] in ("critical", "high")]
lines = [line for line in named.split("\n") if line.startswith(("  critical", "  high"))]
more = re.search(r"and (\d+) more: [\d., -]+$", named)
assert len(lines) + int(more[1]) == len(urgent), named
undecided = text.split("by cause\n")[1].split("\n\n")[0]
assert sum(int(n) for n in re.findall(r"^  (?:and )?(\d+) (?:checks?:|more)", undecided, re.M)) == sum(c["verdict"] == "unknown" for c in report["checks"]), undecided
P
[ "$("$kv" demo -q -o "$tmp/a" 2>&1 | wc -l)" -eq 1 ] || fail "-q does not say one line"
"$kv" demo -q -o "$tmp/a" | grep -qE ': score 24\.8 - 61\.6 %, 48 failed \(4 critical, 21 high\), 46 unknown, report .*/report\.html$' || fail "-q says something else"

# ---- --output -: the report and nothing else on standard output, of audit, scan and render; one format
for f in json csv html; do
  "$kv" audit --snapshot "$srcdir/tests/clusters/mix" -q -o - -f $f >"$tmp/piped" 2>"$tmp/told" || fail "-o - -f $f: exit $?"
  grep -q 'score 24\.8 - 61\.6 %.*, report on standard output$' "$tmp/told" || { cat "$tmp/told"; fail "-o - -f $f: the summary is not on standard error"; }
  [ "$f" != json ] || cp "$tmp/piped" "$tmp/piped.json"
  "$kv" render "$tmp/piped.json" -o - -f $f 2>"$tmp/told" >"$tmp/again" && [ ! -s "$tmp/told" ] || fail "render -o - -f $f"
  cmp -s "$tmp/again" "$tmp/piped" || [ $f != csv ] || fail "render -o - writes other bytes"
done
printf '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"hostPID": true, "containers": [{"name": "c", "image": "i"}]}}' >"$tmp/pod.json"
"$kv" scan "$tmp/pod.json" -o - -f jsonl 2>/dev/null | python3 -c 'import json, sys; assert [1 for x in sys.stdin if json.loads(x)["object"]["name"] == "p"]' || fail "scan -o -"
[ ! -e ./- ] || fail "-o - made a file"
for words in "demo -o -" "demo -o - -f json,csv" "demo -o - -f csv --keep 2" "audit --contexts * -o - -f csv" "render $tmp/piped.json -o -"; do
  status=0; set -f; "$kv" $words >"$tmp/out" 2>"$tmp/told" || status=$?; set +f
  [ "$status" -eq 2 ] && [ ! -s "$tmp/out" ] && grep -q -- '--output -' "$tmp/told" || { cat "$tmp/told"; fail "$words: exit $status"; }
done
status=0; "$kv" render "$tmp/piped.json" -o - -f html >/dev/full 2>"$tmp/told" || status=$?
[ "$status" -eq 4 ] && grep -q 'standard output' "$tmp/told" || fail "-o - >/dev/full: exit $status"

# ---- a report of another cluster is not replaced: the new one carries its name and time, and says so
"$kv" demo -q -o "$tmp/two" -f json,html >/dev/null 2>&1
python3 - "$srcdir/tests/clusters/mix" "$tmp/other" <<'P'
import os, shutil, sys
shutil.copytree(sys.argv[1], sys.argv[2]); os.system(f"chmod -R u+w {sys.argv[2]}")
for d, _, files in os.walk(sys.argv[2]):
    for f in files:
        p = os.path.join(d, f); b = open(p, "rb").read()
        if b"337a7223-61be-416b-accf-775da4b73492" in b: open(p, "wb").write(b.replace(b"337a7223-61be", b"447a7223-61be"))
P
sum=$(cksum "$tmp/two"/*)
"$kv" audit --snapshot "$tmp/other" -o "$tmp/two" -f json,html --cluster-name '../north <b>' >/dev/null 2>"$tmp/told" || true
[ "$(ls "$tmp/two" | wc -l)" -eq 4 ] && [ "$(ls "$tmp/two" | grep -cE '^report\.[A-Za-z0-9_.-]*north__b_-[0-9]{8}T[0-9]{6}Z\.(html|json)$')" -eq 2 ] &&
  grep -q 'a report of another cluster' "$tmp/told" || { ls "$tmp/two" >&2; fail "another cluster's report"; }
[ "$sum" = "$(cksum "$tmp/two/report.html" "$tmp/two/report.json")" ] || fail "another cluster's report was replaced"
"$kv" demo -o "$tmp/two" -f json,html >/dev/null 2>"$tmp/told"; [ "$(ls "$tmp/two" | wc -l)" -eq 4 ] && ! grep -q 'another cluster' "$tmp/told" || fail "its own report is not replaced"
# the same of every format alone, most of which have no room to say whose they are
formats=$("$kv" demo -f nope 2>&1 | sed -n 's/.*is none of //; s/,//gp'); [ "$(echo "$formats" | wc -w)" -ge 14 ] || fail "the formats are not told: $formats"
for f in $formats; do
  d=$tmp/alone-$f
  "$kv" demo -q --framework pci-dss -o "$d" -f $f >/dev/null 2>&1; first=$(ls "$d"); sum=$(cksum <"$d/$first")
  "$kv" audit --snapshot "$tmp/other" --framework pci-dss -o "$d" -f $f >/dev/null 2>"$tmp/told" || true
  [ "$(ls "$d" | wc -l)" -eq 2 ] && [ "$sum" = "$(cksum <"$d/$first")" ] && grep -q 'a report of another cluster, which stays' "$tmp/told" || { ls -la "$d" >&2; fail "$f of another cluster was replaced"; }
  ls "$d" | grep -qE '\.447a7223-61be-416b-accf-775da4b73492-[0-9]{8}T[0-9]{6}Z\.' || { ls "$d" >&2; fail "$f: the name does not carry cluster and time"; }
  "$kv" demo -q --framework pci-dss -o "$d" -f $f >/dev/null 2>"$tmp/told"; [ "$(ls "$d" | wc -l)" -eq 2 ] && [ ! -s "$tmp/told" ] || { cat "$tmp/told" >&2; fail "$f of its own cluster is not replaced"; }
  [ $f = json ] && continue
  # nothing tells whose it is: it stays; another format beside it is nobody's loss
  rm "$d/.kubevouch-cluster"; "$kv" demo --framework pci-dss -o "$d" -f $f >/dev/null 2>"$tmp/told"
  [ "$(ls "$d" | wc -l)" -eq 3 ] && grep -q 'do not say which cluster they are of' "$tmp/told" || { ls -la "$d" >&2; fail "$f of nobody knows whom was replaced"; }
done
"$kv" demo -q -o "$tmp/alone-csv" -f json >/dev/null 2>"$tmp/told"; [ ! -s "$tmp/told" ] || fail "report.json where none was"
# files are no cluster: their report is not put over a cluster's; pages by namespace are reports too
echo 337a7223-61be-416b-accf-775da4b73492 >"$tmp/alone-sarif/.kubevouch-cluster"
"$kv" scan "$tmp/pod.json" -o "$tmp/alone-sarif" -f sarif >/dev/null 2>"$tmp/told" || true
ls "$tmp/alone-sarif" | grep -qE '^report\.files-[0-9]{8}T[0-9]{6}Z\.sarif$' || { cat "$tmp/told" >&2; ls "$tmp/alone-sarif" >&2; fail "files over a cluster's report"; }
"$kv" demo -q --by namespace -o "$tmp/alone-ns" -f csv >/dev/null 2>&1; sum=$(cat "$tmp/alone-ns/namespaces"/* | cksum)
"$kv" audit -q --snapshot "$tmp/other" --by namespace -o "$tmp/alone-ns" -f csv >/dev/null 2>&1 || true
[ "$(ls "$tmp/alone-ns" | wc -l)" -eq 4 ] && [ "$sum" = "$(cat "$tmp/alone-ns/namespaces"/* | cksum)" ] || { ls "$tmp/alone-ns" >&2; fail "another cluster's pages by namespace were replaced"; }

# ---- short names, sections, words; an option of one value stands once
"$kv" explain -b 1.12 1.2.1 | grep -q '^CIS Kubernetes Benchmark 1.12,' || fail "-b 1.12"
"$kv" explain -b cis-2.0.1 1.2.1 >/dev/null && "$kv" explain -b eks | head -n 1 | grep -q 'EKS' || fail "-b eks"
if "$kv" explain -b cis 2>/dev/null; then fail "-b cis is one of several"; fi
[ "$("$kv" explain 5.2 | grep -c '^5\.2\.')" -eq 12 ] || fail "explain 5.2"
"$kv" explain privileged | grep -q '^5\.2\.2 ' || fail "explain privileged"
"$kv" demo -q -c 5.2 -o "$tmp/b" >/dev/null && python3 -c 'import json, sys; assert len(json.load(open(sys.argv[1]))["checks"]) == 12' "$tmp/b/report.json" || fail "-c 5.2"
if "$kv" demo -q --cluster-name a --cluster-name b -o "$tmp/b" >/dev/null 2>"$tmp/told"; then fail "an option twice"; fi
grep -q -- '--cluster-name stands twice' "$tmp/told" || fail "an option twice: not said"

# ---- policies to apply: how they are in force; what cannot be one is told with -v alone
"$kv" export vap -b cis-1.12 -c 5.2.2 -c 5.1.1 --action audit,warn --exclude-namespace kube-system --exclude-namespace 1e3 >"$tmp/out" 2>"$tmp/told"
grep -q 'policies of 1 check; 1 cannot be any: -v says which, and why' "$tmp/told" || fail "export vap: does not say what is left out"
if grep -q '^#' "$tmp/out"; then fail "export vap: comments without -v"; fi
"$kv" eval object "$tmp/out" --print jsonl >"$tmp/rows"
python3 - "$tmp/rows" <<'P'
import json, sys
docs = [json.loads(line)["value"] for line in open(sys.argv[1], encoding="utf-8")]
bindings = [d for d in docs if d["kind"].endswith("Binding")]
assert len(docs) == 2 * len(bindings) > 0
for b in bindings:
    assert b["spec"]["validationActions"] == ["Warn", "Audit"], b
    assert b["spec"]["matchResources"] == {"namespaceSelector": {"matchExpressions": [
        {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system", "1e3"]}]}}, b
P
"$kv" export vap -b cis-1.12 -c 5.1.1 -c 5.2.2 -v 2>/dev/null | grep -q '^# 5\.1\.1 is not written: ' || fail "export vap -v: does not say why"
expect 2 'only apart' "$kv" export vap --action warn,deny
expect 2 'is none of audit, warn, deny' "$kv" export vap --action refuse
expect 2 'the benchmark stands twice' "$kv" export vap pss --benchmark pss
for name in 'a b' 'a
kind: x' 'kube-*' 'A' '-' '' 'x"' "$(printf 'a%.0s' $(seq 64))"; do
  expect 2 'is no name of a namespace' "$kv" export vap --exclude-namespace "$name"
done
expect 4 'none of the checks can be an admission policy; -v says why' "$kv" export vap -c 5.1.1

# ---- the summary is cut for a terminal only; nothing ends in blanks
"$kv" demo --summary full -o "$tmp/a" >"$tmp/summary" 2>/dev/null
[ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' "$tmp/summary")" -gt 120 ] || fail "the summary is cut in a file"
if grep -n '\.\.\.$' "$tmp/summary" >"$tmp/told"; then fail "the summary is cut in a file"; fi
for words in "explain" "explain 5.1.1" "explain 5.2.2" "help" "audit --help" "lint --help"; do
  # shellcheck disable=SC2086
  "$kv" $words >"$tmp/out"
  if grep -n '[[:space:]]$' "$tmp/out" >"$tmp/told"; then fail "kubevouch $words: lines end in blanks"; fi
done

# ---- completions: what bash's own function offers
"$kv" help completion bash >"$tmp/completion"
cat >"$tmp/complete" <<'B'
. "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=() COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
_kubevouch
printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
B
offers() { # offers "WORDS OFFERED" WORD...: the last word is being typed
  want=$1; shift
  got=$(cd "$tmp/files" && bash "$tmp/complete" "$tmp/completion" "$@" 2>"$tmp/told")
  [ "${got% }" = "$want" ] && [ ! -s "$tmp/told" ] || fail "completion of \"$*\": \"$got\", not \"$want\""
}
mkdir -p "$tmp/files/folder"; : >"$tmp/files/a.yaml"
offers 'access-review audit crosswalk demo diff eval explain export help lint merge node-facts paths period pss rbac reach render scan verify version who-can' kubevouch ''
offers 'explain' kubevouch expla
offers '--fail-on --fail-on-new --format --framework' kubevouch audit --f

offers 'csv framework github gitlab html json jsonl junit markdown ocsf openreports oscal prometheus sarif' kubevouch audit --format ''
offers 'json jsonl' kubevouch audit --format = js
offers 'csv framework github gitlab html json jsonl junit markdown ocsf openreports oscal prometheus sarif' kubevouch demo -f =
offers 'critical high info low medium never' kubevouch audit --fail-on ''
offers 'bsi-app-4.4 cis-controls hipaa iso-27001 nist-800-53 nsa-cisa pci-containers pci-dss soc2' kubevouch demo --framework ''
offers 'allow deny' kubevouch audit --exec-plugin ''
offers 'L1 L2' kubevouch demo --profile ''
offers '5.1.1 5.1.10 5.1.11 5.1.12 5.1.13' kubevouch explain 5.1.1
offers '5.6.1 5.6.2 5.6.3 5.6.4' kubevouch demo --check 5.6.
offers 'access-review audit benchmark cel completion contexts crosswalk demo diff eval explain export help lint man merge node-facts paths period pss rbac reach render report scan verify version who-can' kubevouch help ''
offers 'bash fish zsh' kubevouch help completion ''
offers 'folder' kubevouch audit --output ''
offers 'a.yaml folder' kubevouch audit --kubeconfig ''
offers 'a.yaml folder' kubevouch lint ''
offers 'a.yaml auto cis-aks-1.8 cis-eks-1.8 cis-gke-1.9 cis-k3s-1.12 cis-kubernetes-1.10 cis-kubernetes-1.11 cis-kubernetes-1.12 cis-kubernetes-2.0.1 cis-kubernetes-2.1.0 cis-openshift-1.9 cis-rke2-1.12 disa-stig-kubernetes folder kubevouch-hardening nsa-cisa-1.2 pss' kubevouch demo --benchmark ''
# a benchmark that is not there: those that are, and auto
"$kv" audit --benchmark nope 2>"$tmp/told" && fail "an unknown benchmark was taken"
grep -q 'no benchmark "nope"; there are .*cis-kubernetes-1.12.*cis-rke2-1.12, disa-stig-kubernetes, kubevouch-hardening, nsa-cisa-1.2, pss, auto' "$tmp/told" || { cat "$tmp/told" >&2; fail "the shipped benchmarks are not named"; }
"$kv" explain --benchmark auto 2>"$tmp/told" && fail "auto without a cluster"
grep -q 'needs a cluster' "$tmp/told" || { cat "$tmp/told" >&2; fail "auto without a cluster"; }
"$kv" demo --benchmark auto --verbose -o "$tmp/auto" >"$tmp/summary" 2>"$tmp/told"
grep -q 'benchmark cis-kubernetes-2.0.1: the server is Kubernetes v1.35' "$tmp/told" || { cat "$tmp/told" >&2; fail "auto does not say why"; }
grep -q '^chosen because the server is Kubernetes v1.35.* and the platform is kubeadm (ConfigMap' "$tmp/summary" || { head -5 "$tmp/summary" >&2; fail "the summary does not say why"; }
grep -q '"benchmarkReason": *"the server is Kubernetes' "$tmp/auto/report.json" || fail "the report does not say why"
grep -q 'Chosen because' "$tmp/auto/report.html" || fail "the page does not say why"
# names of contexts, whatever stands in them: compared, quoted, never run
mkdir "$tmp/path"; ln -s "$(cd "$builddir" && pwd)/kubevouch" "$tmp/path/kubevouch"
PATH=$tmp/path:$PATH
cat >"$tmp/files/config" <<'Y'
apiVersion: v1
kind: Config
contexts:
- {name: "prod-eu", context: {cluster: c, user: u}}
- {name: "prod us", context: {cluster: c, user: u}}
- {name: "arn:aws:eks:eu-1:7:cluster/a", context: {cluster: c, user: u}}
- {name: "$(touch run)`touch run`", context: {cluster: c, user: u}}
- {name: "two\nlines", context: {cluster: c, user: u}}
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {token: t}}]
Y
KUBECONFIG=$tmp/files/config; export KUBECONFIG
offers 'prod-eu prod\ us' kubevouch audit --context pr
offers 'prod-eu' kubevouch audit --contexts = prod-
offers 'arn:aws:eks:eu-1:7:cluster/a' kubevouch pss --context ar
[ "$(COMP_WORDBREAKS=: bash -c '. "$1"; COMP_LINE="kubevouch audit --context arn:aws:eks:e"; COMP_POINT=${#COMP_LINE}; COMP_WORDS=(kubevouch audit --context arn : aws : eks : e)
  COMP_CWORD=9 COMPREPLY=(); COMP_WORDBREAKS=:; _kubevouch_contexts; echo "${COMPREPLY[*]}"' bash "$tmp/completion")" = eu-1:7:cluster/a ] || fail "a context's name with colons"
offers "$(bash -c 'printf "%q " "\$(touch run)\`touch run\`"' | sed 's/ $//')" kubevouch audit --context '\$'
[ ! -e "$tmp/files/run" ] || fail "a context's name was run"
[ "$("$kv" help contexts | wc -l)" -eq 4 ] || fail "help contexts"
KUBECONFIG=/dev/null
offers 'prod-eu prod\ us' kubevouch audit --kubeconfig config --context pr
offers 'prod-eu prod\ us' kubevouch audit --kubeconfig = config --context pr
# whatever is offered for --over can be asked over
COMP='subjects namespaces pods deployments networkpolicies cluster'
for name in $COMP; do "$kv" help completion bash | grep -F -- '--over)' | grep -qw "$name" || fail "--over lacks $name"; done
offers 'deployments' kubevouch eval --over deploy
for name in $("$kv" help completion bash | sed -n "s/^  --over).*words='\(.*\)' ;;/\1/p"); do
  case $name in *[!a-z0-9.-]*) fail "--over offers $name" ;; esac
  status=0; "$kv" eval true --over "$name" --manifests /dev/null >/dev/null 2>"$tmp/told" || status=$?
  [ "$status" -ne 2 ] || fail "--over $name is offered, and is none"
done
unset KUBECONFIG
offers '' kubevouch audit --cluster-name ''
offers '' kubevouch audit ''
for shell in zsh fish; do
  "$kv" help completion $shell >"$tmp/completion"
  grep -q "help contexts" "$tmp/completion" || fail "the completion for $shell has no contexts"
  for words in 'html json jsonl sarif junit github gitlab csv' 'pci-dss hipaa soc2 bsi-app-4.4 iso-27001 nist-800-53 cis-controls nsa-cisa pci-containers' 'allow deny' 'L1 L2' '5.6.3 5.6.4' 'bash zsh fish'; do
    grep -qF "$words" "$tmp/completion" || fail "the completion for $shell lacks $words"
  done
  if command -v $shell >/dev/null; then $shell -n "$tmp/completion"; fi
  if [ $shell = fish ] && command -v fish >/dev/null; then
    got=$(KUBECONFIG=$tmp/files/config HOME=$tmp fish -c 'source $argv[1]; complete -C "kubevouch audit --context pr"; complete -C "kubevouch eval --over deploy"' "$tmp/completion" 2>"$tmp/told" | cut -f 1 | sort | tr '\n' ' ')
    [ "$got" = "deployments prod us prod-eu " ] && [ ! -s "$tmp/told" ] || fail "fish offers \"$got\""
  fi
done
