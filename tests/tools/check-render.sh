#!/bin/sh
# render: every format there is, made of a stored report.json, is byte for byte what the audit itself wrote; and what is no such report is refused.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir" PYTHONPATH="$srcdir/tests/tools" PYTHONDONTWRITEBYTECODE=1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() { echo "$*" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }

formats=$("$kv" render --help | tr '\n' ' ' | sed -E 's/  +/ /g; s/.*; one of (html, [a-z0-9, -]*[a-z0-9]) --[a-z].*/\1/; s/,//g')
set -- $formats
[ "$#" -ge 8 ] || fail "only these formats are told: $formats"
all=; for f in $formats; do all="$all -f $f"; done

# same NAME ARGS...: an audit with all formats, and each again from its report.json
same() {
  name=$1; shift
  "$kv" "$@" $all -o "$tmp/$name" >"$tmp/told" 2>&1 || [ $? -eq 3 ] || fail "$name: the audit failed"
  "$kv" render "$tmp/$name/report.json" $all -o "$tmp/again" >"$tmp/told" 2>&1 || fail "$name: render failed"
  [ "$(ls "$tmp/$name")" = "$(ls "$tmp/again")" ] || fail "$name: other files"
  for f in "$tmp/$name"/*; do cmp "$f" "$tmp/again/${f##*/}" >"$tmp/told" 2>&1 || fail "$name: ${f##*/} is not the same"; done
  rm -rf "$tmp/again"
}
soon=$(date -u -d '+90 days' +%Y-%m-%d 2>/dev/null || echo 2027-02-01)
cat >"$tmp/statements.yaml" <<Y
attestations:
- {check: "5.6.1", by: "Jane <script>", date: 2026-11-01, expires: $soon, conclusion: satisfied, statement: "Looked at \"it\"."}
waivers:
- {check: "5.2.2", owner: "Jane, risk", approver: Ann, reason: "=agreed & <done>", expires: $soon}
- {check: "5.2.3", object: "Pod no/such", owner: Jane, approver: Ann, reason: none, expires: $soon}
Y
mkdir "$tmp/files"
python3 - "$tmp/files" <<'P'
import json, sys
evil = ["<script>alert(1)</script>", "\u202eevil", "=HYPERLINK(1)", "a\tb\r\nc", "\u001b[31m", "nul\u0000", "::error::x", "%0A", "]]>", "\u2028", "\ud7ff\U0001f600", "'\"--"]
for i, e in enumerate(evil):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": e, "namespace": e, "annotations": {"a": e}},
           "spec": {"hostNetwork": True, "hostPID": True, "containers": [{"name": e, "image": e, "securityContext": {"privileged": True, "capabilities": {"add": [e]}}}],
                    "volumes": [{"name": e, "hostPath": {"path": e}}]}}
    bind = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": f"b{i}"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}, "subjects": [{"kind": "User", "name": e, "apiGroup": "rbac.authorization.k8s.io"}]}
    open(f"{sys.argv[1]}/a{i}.json", "w").write(json.dumps(pod))
    open(f"{sys.argv[1]}/b {i}<&>.json", "w").write(json.dumps(bind))
open(f"{sys.argv[1]}/values.yaml", "w").write("a: 1\n")
P
same demo demo --cluster-name 'a <b> & "c"' --purpose "$(printf 'x\ty')"
same framework demo --framework pci-dss --param auditLogHistoryDays=30 -c '5.1' -c 1.2
same stated audit --snapshot "$srcdir/tests/clusters/mix" --attestations "$tmp/statements.yaml" --param 'allowedSubjects=[User:bob]' --scope 'cde=payments/*' -c '5.*'
same hostile audit --manifests "$tmp/files" --whole
same open scan "$tmp/files"
same before audit --snapshot "$srcdir/tests/clusters/mix" -c 5.2 --baseline "$tmp/framework/report.json"
same kubelets audit --snapshot "$srcdir/tests/clusters/kubelets"
same nothing audit --manifests "$tmp/statements.yaml"
grep -q 'newFailures' "$tmp/before/report.json" && grep -q '"waiver"' "$tmp/stated/report.json" && grep -q '"scopes"' "$tmp/stated/report.json" && grep -q '"location"' "$tmp/open/report.json" ||
  fail "the reports do not have what they are for"

# what is no report, or a damaged one, is refused with its cause; never a crash, and nothing is written
KV="$kv" python3 - "$tmp" <<'P'
import copy, json, os, random, subprocess, sys
tmp, kv = sys.argv[1], os.environ["KV"]
text = open(f"{tmp}/framework/report.json", encoding="utf-8").read()
base = json.loads(text)
def pair(d, wanted): return next(p for f in d["frameworks"] for q in f["requirements"] for p in q["checks"] if wanted(p))
base["frameworks"], base["calls"] = base["frameworks"][:1], base["calls"][:3]

def render(doc, *formats):
    with open(f"{tmp}/x.json", "w", encoding="utf-8", newline="") as f:
        f.write(doc if isinstance(doc, str) else json.dumps(doc))
    return subprocess.run([kv, "render", f"{tmp}/x.json", "-o", f"{tmp}/refused", *formats], capture_output=True, text=True)

def refused(doc, what):
    p = render(doc)
    assert p.returncode == 2 and what in p.stderr and f"{tmp}/x.json" in p.stderr, (p.returncode, what, p.stderr)
    assert not os.path.exists(f"{tmp}/refused/report.html"), what

def edited(edit):
    d = copy.deepcopy(base)
    edit(d)
    return d

assert render(base).returncode == 0 and os.path.exists(f"{tmp}/refused/report.html")
os.remove(f"{tmp}/refused/report.html")
for doc, what in (("", "empty"), ("[]", "no JSON object"), ("{}", "no findings"), ('{"findings": []}', "no tables"), (json.dumps({"review": "x", "rights": []}), "no findings"),
                  (edited(lambda d: d.update(schemaVersion="1.0.0")), "version 2"), (edited(lambda d: d.update(schemaVersion="3.0.0")), '"3.0.0"'), (edited(lambda d: d.pop("schemaVersion")), "version 2"),
                  (edited(lambda d: d["findings"].pop()), "its checks tell of"), (edited(lambda d: d["findings"].reverse()), "order of the checks"),
                  (edited(lambda d: d["findings"][0].update(object=10**6)), "tables.objects"), (edited(lambda d: d["findings"][0].update(message=-1)), "tables.messages"),
                  (edited(lambda d: d["findings"][0].update(evidence="x")), "tables.evidence"), (edited(lambda d: d["tables"]["objects"].__setitem__(d["findings"][0]["object"], 1)), "not what it should be"),
                  (edited(lambda d: d["findings"][0].update(verdict="passed")), '"passed"'), (edited(lambda d: d["findings"][0].pop("fingerprint")), "fingerprint"),
                  (edited(lambda d: d["findings"][0].update(part="x")), "part"), (edited(lambda d: d["findings"][0].pop("object")), "no object"),
                  (edited(lambda d: next(f for f in d["findings"] if "explained" in f).update(explained=[[0]])), "pair of rows"),
                  (edited(lambda d: d["summary"]["score"].update(lowPercent=99.9)), "not those of its checks"),
                  (edited(lambda d: d["summary"]["score"]["counts"].update(unknown=d["summary"]["score"]["counts"]["unknown"] + 1)), "not those of its checks"),
                  (edited(lambda d: next(c for c in d["checks"] if c["verdict"] == "fail").update(verdict="pass")), "not those of its checks"),
                  (edited(lambda d: d["sections"][0]["score"].update(highPercent=100.0)), "not that of its checks"),
                  (edited(lambda d: d["checks"][0].update(severity="worst")), '"worst"'), (edited(lambda d: d["checks"][0].pop("id")), "no id"),
                  (edited(lambda d: d["run"].update(finished="yesterday")), "no time"), (edited(lambda d: d["run"].update(id="x" * 99)), "run.id"), (edited(lambda d: d["benchmark"].update(sha256="x")), "SHA-256"),
                  (edited(lambda d: d["coverage"][0].update(state="x")), '"x"'), (edited(lambda d: d["calls"][0].update(method="PUT")), "PUT"),
                  (edited(lambda d: next(q for f in d["frameworks"] for q in f["requirements"] if q["checks"])["checks"][0].update(check="9.9")), '"9.9"'),
                  (edited(lambda d: pair(d, lambda p: "rows" not in p and p["verdict"] == "fail").update(verdict="pass")), "not what the check found"),
                  (edited(lambda d: pair(d, lambda p: "rows" in p and p["verdict"] == "fail").update(verdict="pass")), "not what the check found"),
                  (edited(lambda d: pair(d, lambda p: "rows" in p and p["verdict"] == "fail").update(verdict="passed")), '"passed"'),
                  (edited(lambda d: pair(d, lambda p: "when" in p).update(condition="perhaps")), '"perhaps"')):
    refused(doc, what)
r = random.Random(1)
for at in [1, len(text) - 2] + [r.randrange(2, len(text) - 2) for _ in range(40)]:
    refused(text[:at], "")
for _ in range(60):  # damaged somewhere: refused, or still a report
    at = r.randrange(len(text))
    p = render(text[:at] + r.choice('"{}[],:\\x0') + text[at + r.randrange(2):], "-f", "csv")
    assert p.returncode in (0, 2), (p.returncode, p.stderr)
# keys and rows of a later 2.x are passed over
p = render(edited(lambda d: (d.update(schemaVersion="2.9.0", more={"a": [1]}), d["findings"][0].update(more=1), d["tables"].update(more=[1]), d["coverage"].append({"source": "x/y", "state": "complete", "items": 0, "bytes": 0}))))
assert p.returncode == 0, p.stderr
P
status=0; "$kv" render >"$tmp/told" 2>&1 || status=$?; [ "$status" -eq 2 ] || fail "without a report: $status"
# another framework leads: its page is that of an audit that it led, but for the thresholds, which this one does not ask for
"$kv" render "$tmp/framework/report.json" --framework iso-27001 -f html -o "$tmp/led" >"$tmp/told" 2>&1 || fail "render --framework"
grep -q 'id="framework-iso' "$tmp/led/report.html" && ! grep -q 'id="framework-pci' "$tmp/led/report.html" || fail "another framework than asked for leads"
[ "$(grep -c 'id="leading"' "$tmp/led/report.html")" -eq 1 ] && grep -q 'Other frameworks, by what this run' "$tmp/led/report.html" || fail "the others are not told in a line each"
python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); d["frameworks"] = [f for f in d["frameworks"] if f["id"] != "soc2"]; json.dump(d, open(sys.argv[2], "w"))' "$tmp/framework/report.json" "$tmp/fewer.json"
status=0; "$kv" render "$tmp/fewer.json" --framework soc2 -f html -o "$tmp/led" >"$tmp/told" 2>&1 || status=$?
[ "$status" -eq 2 ] && grep -q 'the report says nothing of soc2' "$tmp/told" || fail "a framework that the report does not have: $status"
status=0; "$kv" render "$tmp/none.json" >"$tmp/told" 2>&1 || status=$?; [ "$status" -eq 2 ] || fail "a report that is not there: $status"
status=0; "$kv" render "$tmp" >"$tmp/told" 2>&1 || status=$?; [ "$status" -eq 2 ] || fail "a folder: $status"
status=0; "$kv" render "$tmp/demo/report.json" -f nope >"$tmp/told" 2>&1 || status=$?; [ "$status" -eq 2 ] || fail "no format: $status"
# in place, the report stays what it is
cp "$tmp/demo/report.json" "$tmp/sum"; "$kv" render "$tmp/demo/report.json" -f json -o "$tmp/demo" >"$tmp/told" 2>&1 && cmp -s "$tmp/sum" "$tmp/demo/report.json" || fail "in place"
