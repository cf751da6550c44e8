#!/bin/sh
# Attestations and waivers on the recorded cluster: what each changes, what it does not, and how the report tells.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
audit() { "$kv" demo --quiet --output "$tmp/$1" --check 5.1.7 --check 5.6.1 --check 5.2.2 --check 5.2.3 ${2+--attestations "$2"}; }
audit plain
soon=$(python3 -c 'import datetime; print(datetime.date.today() + datetime.timedelta(100))')
created=$(python3 -c 'import datetime; print(datetime.date.today() - datetime.timedelta(60))')
cat >"$tmp/s.yaml" <<E
attestations:
- {check: "5.6.1", by: "Jane <script>", date: 2020-01-01, expires: 9999-01-01, conclusion: satisfied, statement: "Teams have namespaces & quotas."}
- {check: "5.1.7", by: Joe, date: 2020-01-01, expires: 2020-02-01, conclusion: satisfied, statement: "Long ago."}
waivers:
- {check: "5.2.2", by: Jane, reason: "agreed in ticket 7", expires: $soon}
- {check: "5.2.3", object: "Pod no/such", by: Jane, reason: none, expires: $soon}
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
# of two on one day the one that says no, in whichever order; of two days' the later
for dates in "2020-01-01 2020-01-01 fail" "2020-01-01 2020-01-02 fail" "2020-01-02 2020-01-01 attested"; do
    set -- $dates
    row() { echo "- {check: '5.6.1', by: Jane, date: $1, expires: 2999-01-01, conclusion: $2, statement: looked}"; }
    { echo attestations:; row "$1" satisfied; row "$2" not-satisfied; } >"$tmp/two1.yaml"
    { echo attestations:; row "$2" not-satisfied; row "$1" satisfied; } >"$tmp/two2.yaml"
    for n in 1 2; do
        audit "two$n" "$tmp/two$n.yaml"
        python3 -c 'import json, sys; c, = [c for c in json.load(open(sys.argv[1]))["checks"] if c["id"] == "5.6.1"]; assert c["verdict"] == sys.argv[2], c' \
            "$tmp/two$n/report.json" "$3"
    done
done
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
printf 'waivers:\n- {check: "5.2.2", by: Jane, reason: "agreed in ticket 7", expires: %s}\n' "$soon" >"$tmp/all.yaml"
"$kv" demo -q -b "$tmp/benchmarks/ruled.yaml" -o "$tmp/ruled" --attestations "$tmp/all.yaml"
grep -q '"verdict": *"waived"' "$tmp/ruled/report.json"
if grep -q '"verdict": *"not-applicable"' "$tmp/ruled/report.json"; then echo "a waived failure became not applicable" >&2; exit 1; fi

# exceptions have owners: what nobody approved, what ran out, what is for ever and what is for nothing stands in one register
audit_all() { "$kv" demo --output "$tmp/$1" -f json -f html --check '5.*' --check 1.2.17 --attestations "$tmp/x.yaml" --param 'allowedSubjects=["Group:system:masters","Group:kubeadm:cluster-admins","Group:developers-leads","User:bob"]' --param auditLogMaxAgeDays="$2" >"$tmp/told"; }
cat >"$tmp/x.yaml" <<E
waivers:
- {check: "5.2.2", owner: Jane, approver: Ann, ticket: T-7, compensatingControl: "it is <watched>", reason: agreed, created: $created, expires: $soon}
- {check: "5.2.3", owner: Jane, reason: agreed, expires: $soon}
- {check: "5.2.4", owner: Joe, reason: agreed, expires: 2020-01-01}
- {check: "5.2.5", owner: Joe, reason: agreed, expires: 9999-01-01}
parameters:
- {parameter: allowedSubjects, value: "Group:developers-leads", owner: Jane, approver: Ann, reason: they run it, created: $created, expires: $soon}
- {parameter: allowedSubjects, value: "Group:nobody", owner: Jane, approver: Ann, reason: they ran it, created: $created, expires: $soon}
E
audit_all exceptions 7
grep -q 'accepted, and approved by nobody (3): .*auditLogMaxAgeDays 7.*User:bob.*5.2.3 for' "$tmp/told" || { cat "$tmp/told" >&2; exit 1; }
grep -q 'waiver of check 5.2.4 .* expired on 2020-01-01' "$tmp/told"
grep -q 'it is &lt;watched&gt;' "$tmp/exceptions/report.html"
audit_all tighter 60
python3 - "$tmp/exceptions/report.json" "$tmp/tighter/report.json" <<'PY'
import json, sys
wider, tighter = (json.load(open(p)) for p in sys.argv[1:])
def register(r): return {e.get("check") or e["parameter"] + " " + e["value"]: (e["state"], e["approved"]) for e in r["exceptions"]}
want = {"auditLogMaxAgeDays 7": ("in-force", False), "allowedSubjects User:bob": ("in-force", False), "5.2.3": ("in-force", False),
        "allowedSubjects Group:developers-leads": ("in-force", True), "5.2.2": ("in-force", True),
        "allowedSubjects Group:nobody": ("unused", False), "5.2.4": ("expired", False), "5.2.5": ("too-long", False)}
assert register(wider) == want, register(wider)
assert [register({"exceptions": [e]}).popitem()[1] for e in wider["exceptions"]][:3] == [("in-force", False)] * 3, "unapproved ones do not stand first"
del want["auditLogMaxAgeDays 7"]
assert register(tighter) == want, register(tighter)
v = {c["id"]: c["verdict"] for c in wider["checks"]}
assert v["5.2.2"] == v["5.2.3"] == "waived" and v["5.2.4"] == v["5.2.5"] == "fail", v
jane, = [e for e in wider["exceptions"] if e.get("check") == "5.2.2"]
assert jane["findings"] == len([f for f in wider["findings"] if f["check"] == "5.2.2"]) > 0, jane
PY
# nothing that names nobody is taken for a name
for p in 'allowedSubjects=["Group:*"]' 'allowedSubjects=["ServiceAccount:*:*"]' 'allowedSubjects=["*"]' 'acceptedWorkloads=["*/*"]' 'allowedVolumeHostPaths=["/*"]'; do
  status=0; "$kv" demo -q -o "$tmp/bad" --param "$p" 2>"$tmp/told" || status=$?
  [ "$status" -eq 2 ] && grep -q 'accepts every one there is' "$tmp/told" || { echo "$p was taken" >&2; exit 1; }
done
"$kv" demo -q -o "$tmp/good" -f json --param 'allowedSubjects=["ServiceAccount:kube-system:*"]'
