#!/bin/sh
# SARIF, OSCAL, OCSF, OpenReports, Prometheus and JUnit by the validators of those who read them: Go modules as tests/formats/go.sum has them, and
# py-ocsf-models from PyPI. Over the demo, an empty cluster, one that forbids everything, hostile names, and one in which everything fails. Where go,
# pip or the packages are not to be had this is skipped, and says so; KUBEVOUCH_NO_SKIP=1, as CI has it, makes that a failure.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
skip() { echo "$1, so no format was validated by others"; [ -z "${KUBEVOUCH_NO_SKIP:-}" ] || exit 1; exit 77; }
[ "${KUBEVOUCH_PAGES:-}" != no ] || { echo "KUBEVOUCH_PAGES=no: no format was validated by others"; exit 77; }
if ldd "$kv" | grep -qE 'lib(a|t|ub)san'; then echo "the formats of a program with sanitizers are the same"; exit 77; fi
OCSF=0.10.0
command -v go >/dev/null || skip "go is not installed"
python3 -m pip --version >/dev/null 2>&1 || skip "pip is not installed"
cache=${KUBEVOUCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kubevouch}
mkdir -p "$cache"
# built aside: the sources may be read-only
cp -R "$srcdir/tests/formats" "$tmp/go" && chmod -R u+w "$tmp/go"
(cd "$tmp/go" && GOFLAGS=-buildvcs=false CGO_ENABLED=0 go build -o "$tmp/validate" .) >"$tmp/told" 2>&1 || { cat "$tmp/told"; skip "the validators could not be built from Go modules"; }
sarif=$(cd "$tmp/go" && go list -m -f '{{.Dir}}' github.com/owenrumney/go-sarif/v3)
reports=$(cd "$tmp/go" && go list -m -f '{{.Dir}}' github.com/openreports/reports-api)
if [ ! -d "$cache/ocsf-$OCSF/py_ocsf_models" ]; then
  python3 -m pip install -q --target "$tmp/ocsf" "py-ocsf-models==$OCSF" >"$tmp/told" 2>&1 || { cat "$tmp/told"; skip "py-ocsf-models could not be had"; }
  rm -rf "$cache/ocsf-$OCSF" && mv "$tmp/ocsf" "$cache/ocsf-$OCSF"
fi

formats=sarif,junit,prometheus,ocsf,openreports,oscal
run() { name=$1; shift; status=0; "$kv" "$@" -q -f $formats -o "$tmp/out/$name" >"$tmp/told" 2>&1 || status=$?; [ $status -eq 0 ] || [ $status -eq 3 ] || { cat "$tmp/told"; exit 1; }; }
python3 "$srcdir/tests/tools/awkward_inputs.py" "$tmp" "$srcdir" "$tmp/evil <&>.json" '["=HYPERLINK(\"x\")", "\u0000"]'
python3 "$srcdir/tests/perf/bad_cluster.py" "$srcdir/tests/clusters/mix" "$tmp/bad" pods=200 namespaces=60 bindings=60 workloads=30
run demo demo
run empty audit --snapshot "$tmp/snap-empty"
run forbidden audit --allow-incomplete --snapshot "$tmp/snap-forbidden"
run nothing audit --snapshot "$srcdir/tests/clusters/mix" -c 1.1.1
run hostile audit --manifests "$tmp/evil <&>.json" --whole --cluster-name '</x>"y\' --purpose 'a|b`c`'
run files scan "$tmp/evil <&>.json"
run bad audit --snapshot "$tmp/bad"
"$tmp/validate" "$sarif" "$reports" "$tmp"/out/*
PYTHONPATH="$cache/ocsf-$OCSF" PYTHONDONTWRITEBYTECODE=1 python3 - "$tmp"/out/*/findings.ocsf.jsonl <<'P'
import json, sys
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
count = 0
for path in sys.argv[1:]:
    for line in open(path, encoding="utf-8"):
        ComplianceFinding.model_validate(json.loads(line))
        count += 1
assert count > 1000, count
print(f"{count} OCSF findings, 0 faults")
P
# they would see a fault
cp -R "$tmp/out/nothing" "$tmp/broken"
python3 - "$tmp/broken" <<'P'
import json, sys
def edit(name, change):
    d = json.load(open(f"{sys.argv[1]}/{name}")); change(d); json.dump(d, open(f"{sys.argv[1]}/{name}", "w"))
edit("report.sarif", lambda d: d["runs"][0]["tool"]["driver"].pop("name"))
edit("oscal-assessment-results.json", lambda d: d["assessment-results"].pop("uuid"))
edit("openreports.json", lambda d: d["items"][0]["results"][0].update(more=1))
open(f"{sys.argv[1]}/metrics.prom", "a").write("a{ 1\n"); open(f"{sys.argv[1]}/junit.xml", "a").write("<")
P
if "$tmp/validate" "$sarif" "$reports" "$tmp/broken" >"$tmp/told"; then echo "damaged files are taken for valid" >&2; exit 1; fi
grep -q '5 faults' "$tmp/told" || { cat "$tmp/told" >&2; echo "not every damage was seen" >&2; exit 1; }
