#!/bin/sh
# Attestations and waivers on the recorded cluster: what each changes, what it does not, and how the report tells.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
audit() { "$kv" demo --quiet --output "$tmp/$1" --check 5.1.7 --check 5.6.1 --check 5.2.2 --check 5.2.3 ${2+--attestations "$2"}; }
audit plain
cat >"$tmp/s.yaml" <<'E'
attestations:
- {check: "5.6.1", by: "Jane <script>", date: 2020-01-01, expires: 9999-01-01, conclusion: satisfied, statement: "Teams have namespaces & quotas."}
- {check: "5.1.7", by: Joe, date: 2020-01-01, expires: 2020-02-01, conclusion: satisfied, statement: "Long ago."}
waivers:
- {check: "5.2.2", by: Jane, reason: "agreed in ticket 7", expires: 9999-01-01}
- {check: "5.2.3", object: "Pod no/such", by: Jane, reason: none, expires: 9999-01-01}
E
audit stated "$tmp/s.yaml"
python3 - "$tmp/plain/report.json" "$tmp/stated/report.json" <<'PY'
import json, sys
plain, stated = (json.load(open(p)) for p in sys.argv[1:])
def verdicts(r): return {c["id"]: c["verdict"] for c in r["checks"]}
a, b = verdicts(plain), verdicts(stated)
assert a["5.6.1"] == "manual" and b["5.6.1"] == "attested", (a, b)
assert a["5.2.2"] == "fail" and b["5.2.2"] == "waived", (a, b)
assert a["5.2.3"] == b["5.2.3"] == "fail" and a["5.1.7"] == b["5.1.7"], (a, b)
of = {c["id"]: c for c in stated["checks"]}
assert of["5.6.1"]["attestation"]["by"] == "Jane <script>" and "Teams have" in of["5.6.1"]["reason"]
waived = [f for f in stated["findings"] if f["check"] == "5.2.2"]
assert waived and all(f["verdict"] == "waived" and f["waiver"]["reason"] == "agreed in ticket 7" for f in waived)
assert not any("waiver" in f for f in stated["findings"] if f["check"] != "5.2.2")
notes = " ".join(stated["summary"]["notes"])
assert "expired on 2020-02-01" in notes and "matches nothing that fails" in notes, notes
s, p = stated["summary"]["score"], plain["summary"]["score"]
assert s["counts"]["attested"] == 1 and s["counts"]["waived"] == 1, s
assert s["lowPercent"] == p["lowPercent"] and s["highPercent"] <= p["highPercent"], "a statement raised the score"
PY
grep -q 'Jane &lt;script&gt;' "$tmp/stated/report.html"
grep -q 'id="attested"' "$tmp/stated/report.html" && grep -q 'agreed in ticket 7' "$tmp/stated/report.html"
sed 's/satisfied, statement: "Teams/not-satisfied, statement: "Teams/' "$tmp/s.yaml" >"$tmp/not.yaml"
audit not "$tmp/not.yaml"
python3 -c 'import json, sys; c, = [c for c in json.load(open(sys.argv[1]))["checks"] if c["id"] == "5.6.1"]; assert c["verdict"] == "fail", c' "$tmp/not/report.json"
if audit bad /dev/null 2>"$tmp/told"; then echo "an empty file of statements was taken" >&2; exit 1; fi
sed 's/5.6.1/5.6.111/' "$tmp/s.yaml" >"$tmp/bad.yaml"
if audit bad "$tmp/bad.yaml" 2>"$tmp/told"; then echo "an unknown check was attested" >&2; exit 1; fi
grep -q 'bad.yaml:2:11: .*no check "5.6.111"' "$tmp/told"
# that something fails is not hidden by a waiver where the platform would rule the control out
cp -R "$srcdir/benchmarks" "$tmp/benchmarks"
chmod -R u+w "$tmp/benchmarks"
cat >"$tmp/benchmarks/ruled.yaml" <<Y
benchmark: ruled
version: "1"
title: Ruled out
kubernetes: "1.30 - 1.40"
description: One control, ruled out everywhere.
base: cis-kubernetes-2.0.1.yaml
sections: [{id: "5.2", title: "Pods"}]
profiles: [{id: L1, title: "Level 1", level: 1}]
notApplicable:
- {checks: ["5.2.2"], expression: "true", reason: "it is ruled out"}
checks:
- {id: "5.2.2", like: "5.2.2", section: "5.2"}
Y
printf 'waivers:\n- {check: "5.2.2", by: Jane, reason: "agreed in ticket 7", expires: 9999-01-01}\n' >"$tmp/all.yaml"
"$kv" demo -q -b "$tmp/benchmarks/ruled.yaml" -o "$tmp/ruled" --attestations "$tmp/all.yaml"
grep -q '"verdict": *"waived"' "$tmp/ruled/report.json"
if grep -q '"verdict": *"not-applicable"' "$tmp/ruled/report.json"; then echo "a waived failure became not applicable" >&2; exit 1; fi
