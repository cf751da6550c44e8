#!/bin/sh
# Every shipped benchmark is faultless and passes its own tests; a broken copy is refused with its place.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
for f in "$srcdir"/benchmarks/*.yaml; do
  case $f in *.test.yaml) continue;; esac
  "$kv" lint "$f"
done
# none leaves a control out: the numbers are those of the published benchmarks; of 2.1.0 one more is publicly known, of OpenShift's see its file
while read -r id count first; do
  got=$("$kv" explain --benchmark "$id" | grep -c "^${first:-[0-9]}")
  [ "$got" = "$count" ] || { echo "$id has $got controls, not $count" >&2; exit 1; }
done <<EOF
cis-kubernetes-1.10 130
cis-kubernetes-1.11 133
cis-kubernetes-1.12 131
cis-kubernetes-2.0.1 131
cis-kubernetes-2.1.0 132
cis-rke2-1.12 131
cis-k3s-1.12 131
cis-eks-1.8 50
cis-gke-1.9 57
cis-aks-1.8 51
cis-openshift-1.9 116
disa-stig-kubernetes 94 V-2[0-9][0-9][0-9][0-9][0-9]
nsa-cisa-1.2 68 [a-z-]*-[a-z-]*
EOF
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# each check names public documentation, its own or that of the check it is like; so do the page and what SARIF links to
for f in "$srcdir"/benchmarks/*.yaml; do
  case $f in *.test.yaml) continue;; esac
  "$kv" audit -q --snapshot "$srcdir/tests/clusters/mix" --benchmark "$f" -o "$tmp/refs" -f json,html,sarif,ocsf >/dev/null 2>&1 || true
  python3 - "$tmp/refs" "$f" <<'P'
import json, re, sys
folder, name = sys.argv[1:]
report, page = json.load(open(folder + "/report.json")), open(folder + "/report.html").read()
bare = [c["id"] for c in report["checks"] if not c.get("references")]
assert not bare, f"{name}: no documentation for {bare}"
urls = {u for c in report["checks"] for u in c["references"]}
assert all(re.fullmatch(r"https://[a-z0-9.-]+/[A-Za-z0-9._~/-]*", u) for u in urls), urls
assert urls == set(re.findall(r'<a rel="noreferrer" href="([^"]+)">', page)), name
first = {c["id"]: c["references"][0] for c in report["checks"]}
rules = json.load(open(folder + "/report.sarif"))["runs"][0]["tool"]["driver"]["rules"]
assert rules and all(r["helpUri"] == first[r["id"]] for r in rules), name
assert all(json.loads(x)["remediation"]["references"] for x in open(folder + "/findings.ocsf.jsonl")), name
P
  rm -r "$tmp/refs"
done
policies=cis-kubernetes-2.0.1/5-policies.yaml
fresh() { rm -rf "$tmp/b"; mkdir "$tmp/b"; cp -R "$srcdir/benchmarks/." "$tmp/b"; chmod -R u+w "$tmp/b"; }
refused() { # refused WHAT PATTERN: lint of the copy says PATTERN
  if "$kv" lint "$tmp/b/cis-kubernetes-2.0.1.yaml" 2>"$tmp/told"; then echo "$1 passed lint" >&2; exit 1; fi
  grep -q "$2" "$tmp/told" || { echo "$1: lint did not say: $2" >&2; cat "$tmp/told" >&2; exit 1; }
}
fresh; sed 's/allowPrivilegeEscalation.orValue(true) == false/allowPrivilegeEscalation.orVlaue(true) == false/' "$srcdir/benchmarks/$policies" >"$tmp/b/$policies"
refused "a misspelt function" '5-policies.yaml:[0-9]*:[0-9]*: .*orVlaue.*did you mean "orValue"'
grep -q '\^' "$tmp/told"
fresh; sed '/^- id: "5.1.1"/,/^  references:/{/^  references:/d}' "$srcdir/benchmarks/$policies" >"$tmp/b/$policies"
refused "a check without documentation" '5-policies.yaml:[0-9]*:[0-9]*: check 5.1.1 names no documentation'
fresh; sed 's|references: \["https://|references: ["javascript://|' "$srcdir/benchmarks/$policies" >"$tmp/b/$policies"
refused "a reference that is no address" 'check 5.1.1: "javascript://.*" is no address of documentation'
fresh; sed 's/^  severity: critical/  sevrity: critical/' "$srcdir/benchmarks/$policies" >"$tmp/b/$policies"
refused "an unknown key" '5-policies.yaml:[0-9]*:[0-9]*: .*sevrity'
fresh; sed 's/ strength: direct,//' "$srcdir/benchmarks/$policies" >"$tmp/b/$policies"
refused "evidence that does not say how far" '5-policies.yaml:[0-9]*:[0-9]*: check 5.1.1 does not say how far'
fresh; sed 's/rationale: "Names persons.*"}/rationale: "Names persons who hold a right."}/' "$srcdir/benchmarks/$policies" >"$tmp/b/$policies"
refused "a sentence for many pairs" '5-policies.yaml:[0-9]*:[0-9]*: the rationale is that of another pair'
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
# all faults of all stages and files are told in one go, in the order of their places
mkdir "$tmp/lint"
cp "$srcdir"/tests/lint/*.yaml "$tmp/lint"
if (cd "$tmp/lint" && KUBEVOUCH_DATA_DIR="$srcdir" "$kv" lint faulty.yaml 2>"$tmp/told"); then echo "a faulty benchmark passed lint" >&2; exit 1; fi
sed "s|$srcdir/||g" "$tmp/told" | diff "$srcdir/tests/lint/faulty.expected" - >&2
# checks that are like those of another benchmark: judged alike, renumbered, changed, left unanswered, ruled out
cp "$srcdir"/tests/derive/*.yaml "$tmp/lint"
for f in first second third; do (cd "$tmp/lint" && KUBEVOUCH_DATA_DIR="$srcdir" "$kv" lint --quiet $f.yaml); done
if (cd "$tmp/lint" && KUBEVOUCH_DATA_DIR="$srcdir" "$kv" lint faulty.yaml 2>"$tmp/told"); then echo "a faulty derived benchmark passed lint" >&2; exit 1; fi
diff "$srcdir/tests/derive/faulty.expected" "$tmp/told" >&2
sed 's/base: first.yaml/base: second.yaml/' "$srcdir/tests/derive/second.yaml" >"$tmp/lint/second.yaml"
if (cd "$tmp/lint" && "$kv" lint second.yaml 2>"$tmp/told"); then echo "a benchmark that is its own base passed lint" >&2; exit 1; fi
grep -q 'second.yaml:6:7: base: .* of itself' "$tmp/told" || { cat "$tmp/told" >&2; exit 1; }
# the same numbers found by way of what they are like
cp "$srcdir/tests/derive/second.yaml" "$tmp/lint/second.yaml"
(cd "$tmp/lint" && "$kv" crosswalk third.yaml first.yaml) >"$tmp/walk"
sed 1d "$tmp/walk" | awk '{ print $1, $2 }' >"$tmp/walk.ids"
printf '3.1 1.1\n3.2 1.1\n3.3 1.1\n3.4 1.1\n- 1.2\n' | diff - "$tmp/walk.ids" >&2
# a fault of a framework's file has its place too
mkdir -p "$tmp/data/benchmarks/frameworks"
cp -R "$srcdir"/benchmarks/. "$tmp/data/benchmarks"
chmod -R u+w "$tmp/data"
first=$(sed -n '/^requirements:/,$s/^ *- {*id: *"*\([^",]*\).*/\1/p' "$tmp/data/benchmarks/frameworks/soc2.yaml" | head -n 1)
printf -- '- {id: "%s", title: again, evidence: some}\n' "$first" >>"$tmp/data/benchmarks/frameworks/soc2.yaml"
if KUBEVOUCH_DATA_DIR="$tmp/data" "$kv" demo -q -o "$tmp/out" 2>"$tmp/told"; then echo "a faulty framework passed" >&2; exit 1; fi
grep -q 'soc2.yaml:[0-9]*:[0-9]*: "some" is no "evidence"' "$tmp/told" || { cat "$tmp/told" >&2; exit 1; }
grep -q 'soc2.yaml:[0-9]*:[0-9]*: requirement .* is listed twice' "$tmp/told" || { cat "$tmp/told" >&2; exit 1; }
grep -q ': 2 faults$' "$tmp/told" || { cat "$tmp/told" >&2; exit 1; }
# one fault is not "1 faults"
printf 'benchmark: [\n' >"$tmp/broken.yaml"
"$kv" lint "$tmp/broken.yaml" 2>"$tmp/told" || true
grep -q ': 1 fault$' "$tmp/told" || { cat "$tmp/told" >&2; exit 1; }
