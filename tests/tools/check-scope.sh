#!/bin/sh
# audit --scope: what crosses the border of a part of the cluster, in report.json and report.html.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir" PYTHONPATH="$srcdir/tests/tools" PYTHONDONTWRITEBYTECODE=1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() { echo "$*" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }
cat >"$tmp/in.yaml" <<'EOF'
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: db}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {containers: [{name: c, image: i}]}, status: {podIP: 10.0.0.5}}
---
{apiVersion: v1, kind: Pod, metadata: {name: job, namespace: shop, labels: {app: job}}, spec: {containers: [{name: c, image: i}]}, status: {podIP: 10.0.0.6}}
---
{apiVersion: v1, kind: Pod, metadata: {name: "pg", namespace: db, labels: {app: pg, pci: "true"}}, spec: {containers: [{name: c, image: i, ports: [{name: sql, containerPort: 5432}]}]}, status: {podIP: 10.0.1.5}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: in, namespace: db}, spec: {podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}, podSelector: {matchLabels: {app: web}}}, {ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.128/25]}}], ports: [{port: sql}]}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: lb, namespace: db}, spec: {type: LoadBalancer, ports: [{port: 443}]}, status: {loadBalancer: {ingress: [{ip: 198.51.100.9}]}}}
---
{apiVersion: v1, kind: Service, metadata: {name: lb, namespace: shop}, spec: {type: LoadBalancer, ports: [{port: 443}]}}
EOF
printf 'owner: "Payments <b>"\ndate: 2026-11-01\nmembers: ["db/app=pg"]\n' >"$tmp/cde.yaml"
"$kv" audit -q --manifests "$tmp/in.yaml" --check 5.3.2 -o "$tmp/a" -f json -f html --scope "cde=$tmp/cde.yaml" --scope 'web=shop/app=web' --scope 'web=*/pci=true' --scope 'none=nowhere/*' >/dev/null
"$kv" audit -q --manifests "$tmp/in.yaml" --check 5.3.2 -o "$tmp/b" -f json -f html >/dev/null
"$kv" audit -q --snapshot "$srcdir/tests/clusters/mix" --check 5.3.2 -o "$tmp/c" -f json -f html --scope 'cde=payments/*' >/dev/null
python3 - "$tmp" "$srcdir" <<'PY'
import json, sys, report_doc
from jsonschema import Draft202012Validator
tmp, src = sys.argv[1:]
schema = Draft202012Validator(report_doc.strict(json.load(open(src + "/reports/report.schema.json"))))
a, b, c = (json.load(open(f"{tmp}/{n}/report.json")) for n in "abc")
for report in (a, b, c):
    errors = [f"{list(e.absolute_path)} {e.message}" for e in schema.iter_errors(report)]
    assert not errors, errors[:5]
assert "scopes" not in b and 'class="border"' not in open(tmp + "/b/report.html").read()
cde, web, none = a["scopes"]
assert (cde["name"], cde["owner"], cde["date"], cde["members"], cde["pods"], cde["classes"]) == ("cde", "Payments <b>", "2026-11-01", ["db/app=pg"], 1, 1), cde
# what policies let in: one pod, and half a block of addresses; what they refuse is only counted, and files never show all there is
ways = {(w["direction"], w["outside"], w["ports"], w["byPolicies"], w["answer"]) for w in cde["connections"]}
assert ways == {("in", "Pod shop/web", "TCP 5432", "partly", "unknown"), ("in", "192.0.2.0 to 192.0.2.127", "TCP 5432", "partly", "unknown")}, ways
assert all(w["inside"] == "Pod db/pg" and any("NetworkPolicy db/in, ingress rule 1, allows it" in t for t in w["by"]) for w in cde["connections"])
assert cde["enforced"] is None and cde["notSeen"] and cde["denied"] == 0 and cde["deniedByPolicies"] == cde["pairs"] - 2, cde
assert [(e["name"], e["internet"], e["namespace"]) for e in cde["exposures"]] == [("lb", True, "db")]
# one name given twice is one scope; its own pods are not outside it
assert web["members"] == ["shop/app=web", "*/pci=true"] and web["pods"] == 2 and not any(w["outside"] in ("Pod shop/web", "Pod db/pg") for w in web["connections"])
assert any(w["outside"] == "any IPv6 address" and w["direction"] == "out" for w in web["connections"])
assert none["classes"] == 0 and not none["connections"] and none["pairs"] == 0
html = open(tmp + "/a/report.html").read()
assert 'class="border"' in html and "Payments &lt;b&gt;" in html and "<b>" not in html and "192.0.2.0 to 192.0.2.127" in html and "No pod and no workload is in it" in html
mix = c["scopes"][0]
assert mix["pods"] > 3 and mix["pairs"] > 1000 and mix["connections"] and not mix["notSeen"] and {w["answer"] for w in mix["connections"]} <= {"allowed", "partly", "unknown"}
assert {(e["kind"], e["namespace"]) for e in mix["exposures"]} <= {(k, "payments") for k in ("Service", "Ingress", "Pod", "Deployment", "DaemonSet", "StatefulSet")}
PY
expect() { # expect TEXT SCOPE
  status=0; "$kv" audit -q --manifests "$tmp/in.yaml" --check 5.3.2 -o "$tmp/x" --scope "$2" >"$tmp/told" 2>&1 || status=$?
  [ "$status" -eq 2 ] && grep -qF -- "$1" "$tmp/told" || fail "exit $status, or not \"$1\": --scope $2"
}
expect 'is not NAME=SELECTOR' cde
expect 'is not NAME=SELECTOR' =db/*
expect 'is no part of a cluster' cde=db/pg
expect 'is no part of a cluster' cde=10.0.0.1
expect 'none.yaml' "cde=$tmp/none.yaml"
printf 'owner: x\nmembers: ["db/*"]\n' >"$tmp/bad.yaml"; expect 'date' "cde=$tmp/bad.yaml"
printf 'owner: x\ndate: yesterday\nmembers: ["db/*"]\n' >"$tmp/bad.yaml"; expect 'the day on which' "cde=$tmp/bad.yaml"
printf 'owner: x\ndate: 2026-11-01\nmembers: []\n' >"$tmp/bad.yaml"; expect 'names none' "cde=$tmp/bad.yaml"
printf 'owner: x\ndate: 2026-11-01\nmembers: ["db/*"]\nextra: 1\n' >"$tmp/bad.yaml"; expect 'extra' "cde=$tmp/bad.yaml"
exit 0
