#!/bin/sh
# The recorded cluster's reports: written whole, valid against the published schema, the same each time but
# for the run's own facts, and left alone by a run that fails.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir" PYTHONPATH="$srcdir/tests/tools" PYTHONDONTWRITEBYTECODE=1
export KV="$kv"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$kv" demo -o "$tmp/a" -f html -f json -f jsonl --cluster-name 'a <b> & "c"' >"$tmp/summary"
"$kv" demo -q -o "$tmp/b" -f json --cluster-name 'a <b> & "c"'
grep -q 'FAIL' "$tmp/summary"
python3 - "$tmp" "$srcdir" <<'PY'
import json, sys, report_doc
from jsonschema import Draft202012Validator
tmp, src = sys.argv[1:]
published = json.load(open(src + "/reports/report.schema.json"))
Draft202012Validator.check_schema(published)
assert '"additionalProperties": false' not in json.dumps(published) # keys may be added: a reader's validator must let them through
schema = report_doc.strict(published) # and none is written that it does not describe
a, b = json.load(open(tmp + "/a/report.json")), json.load(open(tmp + "/b/report.json"))
errors = sorted(Draft202012Validator(schema).iter_errors(a), key=str)
for e in errors[:10]: print(list(e.absolute_path), e.message, file=sys.stderr)
assert not errors
assert len(a["checks"]) == 131 and len(a["findings"]) > 100
shown = [o for c in a["checks"] for p in c["parts"] for o in p.get("observations", [])]
assert {o["grade"] for o in shown if "grade" in o} >= {"effective"} and any(o.get("default") for o in shown), shown[:3]
assert any("observation" in f for f in a["findings"])
# a control that waits for a person asks something and says what the API hints at; one of sections 1 to 4 that is decided tells on what it rests
for c in a["checks"]:
    told = [o for p in c["parts"] for o in p.get("observations", [])]
    if c["verdict"] == "manual": assert c.get("questions") and (c["findings"] or told), c["id"]
    if c["section"][0] in "1234" and c["verdict"] in ("pass", "fail"):
        assert told and all(o.get("grade") and o.get("source") and o.get("instances") and "seen" in o for o in told) and all(p.get("wanted") for p in c["parts"] if p.get("observations")), (c["id"], told)
for key in ("checks", "findings", "summary", "coverage", "frameworks", "params", "sections"):
    assert a[key] == b[key], key
lines = [json.loads(l) for l in open(tmp + "/a/findings.jsonl")]
line_schema = Draft202012Validator({**schema, **schema["$defs"]["line"], "properties": schema["$defs"]["line"]["properties"]})
for l in lines: assert not list(line_schema.iter_errors(l)), (l, list(line_schema.iter_errors(l))[:3])
# what the rows hold is all that a line tells, each finding's own; its command is made of them, as check-commands.sh has it
told = report_doc.resolved(a)["findings"]
flat = [{k: v for k, v in l.items() if k not in ("schemaVersion", "runId", "time", "cluster", "benchmark", "command")} for l in lines]
assert len(flat) == len(told)
for x, y in zip(flat, told): assert x == y, (x, y)
rows = {k: [json.dumps(x) for x in v] for k, v in a["tables"].items()}
for k, v in rows.items(): assert v and len(v) == len(set(v)), k
report_doc.assert_counted(a)
# what is unknown has a cause, and nothing else has
for c in a["checks"] + [p for c in a["checks"] for p in c["parts"]] + a["findings"]: assert ("cause" in c) == (c["verdict"] == "unknown"), c
for c in a["coverage"]: assert ("cause" in c) == (c["state"] != "complete"), c
assert a["run"]["evidenceFirst"].startswith("2026-11-21T13:05:43") and a["run"]["evidenceFirst"] <= a["run"]["evidenceLast"] < a["run"]["started"]
assert len({f["fingerprint"] for f in a["findings"]}) == len(a["findings"])
html = open(tmp + "/a/report.html").read()
assert "<script" not in html and 'a &lt;b&gt; &amp; &quot;c&quot;' in html
for f in a["findings"][:50]: assert f["check"] in html
# a requirement has no verdict: what was found follows from its checks, failures before all others; none stands for the assessor's conclusion
order = ["fail", "unknown", "waived", "manual", "attested", "pass", "not-applicable"]
verdict, narrowed = {c["id"]: c["verdict"] for c in a["checks"]}, set()
def by_name(o): return o["kind"], o["name"]
def is_person(kind, name): return kind in ("User", "Group") and not name.startswith("system:serviceaccount")
for f in a["frameworks"]:
    assert f["requirementsContributed"] == sum(q["contributes"] for q in f["requirements"]) and f["conclusions"]
    assert f["requirementsContributed"] + f["requirementsWithout"] == len(f["requirements"])
    for q in f["requirements"]:
        assert "verdict" not in q and not set(q) & {c.lower() for c in f["conclusions"]}, q["id"]
        # what a condition keeps out stands last, and is counted nowhere
        counts = [p for p in q["checks"] if p.get("condition", "holds") == "holds"]
        assert counts == q["checks"][:len(counts)] and q.get("notCounted", 0) == len(q["checks"]) - len(counts), q["id"]
        assert all(("when" in p) == ("condition" in p) and ("only" in p) == ("rows" in p) for p in q["checks"]), q["id"]
        told = [order.index(p["verdict"]) for p in counts]
        assert told == sorted(told) and all(verdict[p["check"]] == p["verdict"] for p in q["checks"] if "only" not in p), q["id"]
        assert sum(q.get("verdicts", {}).values()) == sum(q.get("strengths", {}).values()) == len(counts), q["id"]
        own = [p["verdict"] for p in counts if p["strength"] != "support"]
        assert (q["found"] == "exceptions") == bool({"fail", "waived"} & set(own)), q["id"]
        assert q["found"] != "no-exception" or "pass" in own, q["id"]
    # rows about people and about programs, against the findings: a subject that fails is told of by name
    for q in f["requirements"]:
        for p in q["checks"]:
            if p.get("only") not in ("users and groups that are no service accounts", "service accounts, and groups that hold them"): continue
            failed = [o for o in (by_name(a["tables"]["objects"][x["object"]]) for x in a["findings"] if x["check"] == p["check"] and x["verdict"] == "fail")
                      if is_person(*o) == (p["only"][:5] == "users") or o[1] == "system:authenticated"]
            assert p["rows"]["failed"] == len(failed) and (p["verdict"] == "fail") == bool(failed), (q["id"], p, len(failed))
            narrowed.add((p["only"], p["check"], bool(failed)))
    said = [p["rationale"] for q in f["requirements"] for p in q["checks"]]
    assert len(said) == len(set(said)), f["id"]
import os, re
listed = re.findall(r"^\| `([a-z0-9.-]+)` \| .* \| (\d+) \|$", open(os.environ["KUBEVOUCH_DATA_DIR"] + "/docs/frameworks.md").read(), re.M)
assert listed == [(f["id"], str(len(f["requirements"]))) for f in a["frameworks"]], listed
# techniques of attackers stand in the report, on the page and in explain as the benchmark has them
import subprocess
told = {c["id"]: c["attack"] for c in a["checks"] if "attack" in c}
assert len(told) > 40 and {"T1610", "T1611", "T1552.007"} <= {t["technique"] for v in told.values() for t in v}
for v in told.values():
    for t in v: assert t["reason"].split()[4:] and t["name"] and html.count(t["reason"].replace("&", "&amp;").replace("'", "&#39;")) >= 1, t
said = subprocess.run([os.environ["KV"], "explain", "5.2.2"], capture_output=True, text=True, check=True).stdout
assert "T1611 Escape to Host: " + told["5.2.2"][0]["reason"] in " ".join(said.split()), said
# what screen readers go by: no level of headings is left out, each table has a caption and headers with a scope,
# what scrolls can be reached by keyboard, no id is there twice
from html.parser import HTMLParser
class Structure(HTMLParser):
    level, table, ids = 0, None, set()
    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            assert int(tag[1]) <= self.level + 1, (tag, "after", self.level, self.getpos())
            self.level = int(tag[1])
        if tag == "div" and at.get("class") == "wide": self.wide = at
        if tag == "table":
            self.table = {"caption": 0, "narrow": at.get("class") == "narrow", "columns": 0}
            assert at.get("class", "") in ("stack", "narrow", "stack requirements") or self.wide.get("tabindex") == "0" and self.wide.get("aria-label"), self.getpos()
        if tag == "caption": self.table["caption"] += 1
        if tag == "th":
            assert at.get("scope") in ("col", "row"), self.getpos()
            self.table["columns"] += at["scope"] == "col"
            assert not self.table["narrow"] or self.table["columns"] <= 5, self.getpos() # fits a telephone as it is
        if "id" in at:
            assert at["id"] not in self.ids, at["id"]
            self.ids.add(at["id"])
    def handle_endtag(self, tag):
        if tag == "table": assert self.table["caption"] == 1, self.getpos()
Structure().feed(html)
PY
# what docs/report.md shows works, where there is a jq
if command -v jq >/dev/null; then
  awk '/^```sh$/ { n++; next } /^```$/ { next } n && /^(jq|  )/ { print >(dir "/jq-" n ".sh") }' dir="$tmp" "$srcdir/docs/report.md"
  for f in "$tmp"/jq-*.sh; do
    (cd "$tmp/a" && sh "$f" >"$tmp/told" && [ -s "$tmp/told" ]) || { cat "$f" >&2; echo "docs/report.md: this tells nothing" >&2; exit 1; }
  done
  [ "$(sh -c 'ls "$1"/jq-*.sh | wc -l' - "$tmp")" -eq 4 ]
fi
# a framework's thresholds are in force where it leads, and both values are told; what is given goes before them
"$kv" demo -q -o "$tmp/f" --framework pci-dss
python3 - "$tmp/f" <<'PY'
import collections, json, re, sys
import report_doc
page, report = open(sys.argv[1] + "/framework.html", encoding="utf-8").read(), report_doc.load(sys.argv[1] + "/report.json")
# it stands alone: cover, scope, what was not seen, requirements, checks, exceptions, population, calls, sign-off; every link leads somewhere on it
heads = re.findall(r'<h2 id="([a-z-]+)">', page)
assert heads == ["verdict", "coverage", "leading", "checks", "exceptions", "population", "identity", "parameters", "calls", "sign-off"], heads
assert page.index('class="cover"') < page.index("<main") and "<script" not in page
assert all(page.count(f' id="{x}"') == 1 for x in re.findall(r'href="#([^"]+)"', page))
pci = next(f for f in report["frameworks"] if f["id"] == "pci-dss")
assert re.findall(r'<h3 id="framework-([^"]+)">', page) == ["pci_2ddss"]
for q in pci["requirements"]: assert f'<th scope="row">{q["id"]}<br>' in page or f'<li><strong>{q["id"]}</strong>' in page, q["id"]
named = {p["check"] for q in pci["requirements"] for p in q["checks"]}
assert named and set(re.findall(r'<details id="check-([0-9-]+)"', page)) == {c.replace(".", "-") for c in named}
# of each verdict at most four rows a part, and what is left out is counted: together all there are
found = collections.Counter((f["check"], f["verdict"]) for f in report["findings"])
for check in named:
    at = page.index(f'<details id="check-{check.replace(".", "-")}"')
    mine = page[at:page.find('<details id="check-', at + 1)] if '<details id="check-' in page[at + 1:] else page[at:]
    rows = collections.Counter(re.findall(r'<tr class="f[^>]*><td class="keep"><span class="v ([a-z-]+)">', mine))
    for left, v in re.findall(r'(\d[\d\u202f]*) <span class="v ([a-z-]+)">', "".join(re.findall(r'; left out here, and told in findings.jsonl[^<]*(?:<span.*?</span> ?[A-Z -]*</span>| [\d\u202f]+)*', mine))): rows[v] += int(left.replace("\u202f", ""))
    want = collections.Counter({v: n for (c, v), n in found.items() if c == check})
    assert rows == want or not rows and sum(want.values()) == 1, (check, rows, want)
assert '<span class="v pass">' in page[page.index('id="checks"'):page.index('id="exceptions"')]
PY
"$kv" demo -o "$tmp/g" -f json --framework pci-dss --param auditLogHistoryDays=30 >"$tmp/told"
grep -q 'judged by its thresholds: auditLogMaxAgeDays 90 (benchmark 30)$' "$tmp/told" || { cat "$tmp/told" >&2; exit 1; }
grep -q 'asks for <span class="mono">365</span>' "$tmp/f/report.html"
grep -q 'Not in force in this run' "$tmp/a/report.html"
if grep -q 'Not in force in this run' "$tmp/f/report.html"; then echo "a threshold in force is told as if it were not" >&2; exit 1; fi
python3 - "$tmp" <<'PY'
import json, sys
for run, days, history in ("a", 30, 0), ("f", 90, 365), ("g", 90, 30):
    p = {x["name"]: x for x in json.load(open("%s/%s/report.json" % (sys.argv[1], run)))["params"]}
    assert (p["auditLogMaxAgeDays"]["value"], p["auditLogHistoryDays"]["value"]) == (days, history), run
    assert (p["auditLogMaxAgeDays"]["default"], p["auditLogHistoryDays"]["default"]) == (30, 0), run
    assert p["auditLogHistoryDays"]["asked"][0]["value"] == 365 and p["auditLogHistoryDays"]["asked"][0]["inForce"] == (history == 365), run
PY
"$kv" demo -q -o "$tmp/derived" -f json -b cis-k3s-1.12
# a replay tells of each call what was recorded of it, beside what was read; each digest can be made again
python3 - "$tmp/a/report.json" "$srcdir" <<'PY'
import hashlib, json, sys
r, src = json.load(open(sys.argv[1])), sys.argv[2]
dir = src + "/tests/clusters/mix"
rows = json.load(open(dir + "/snapshot.json"))["answers"]
told = {x["received"]["auditId"]: x for x in rows if "received" in x}
seen = 0
for c in r["calls"]:
    assert c["replayed"], c
    if "auditId" not in c: continue
    x = told[c["auditId"]]
    assert c["received"]["bytes"] == x["received"]["bytes"] and c["received"].get("sha256") == x["received"].get("sha256"), c
    assert c["sha256"] == hashlib.sha256(open(dir + "/" + x["file"], "rb").read()).hexdigest(), c
    seen += 1
assert seen > 20, seen
for name in "a", "derived":
    d = json.load(open(sys.argv[1].replace("/a/", "/" + name + "/")))["benchmark"]
    b = hashlib.sha256()
    for f in d["files"]: b.update(open(f, "rb").read())
    assert b.hexdigest() == d["sha256"], d
PY
grep -q 'This run judged a recording, and asked no server' "$tmp/a/report.html"
# a folder with nothing to judge contributes evidence to nothing
mkdir "$tmp/nothing"; printf "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" >"$tmp/nothing/a.yaml"
"$kv" audit -q --manifests "$tmp/nothing" -o "$tmp/e" -f json || [ $? -eq 3 ]
python3 -c '
import json, sys
for f in json.load(open(sys.argv[1]))["frameworks"]:
    assert f["requirementsContributed"] == 0 and {q["found"] for q in f["requirements"]} == {"nothing-tested"}, f["id"]' "$tmp/e/report.json"
# a run that cannot be made leaves the reports as they are
before=$(cat "$tmp/a/report.json" | cksum)
status=0
"$kv" audit -q -o "$tmp/a" --kubeconfig "$tmp/none" 2>/dev/null || status=$?
[ "$status" -eq 4 ]
[ "$before" = "$(cat "$tmp/a/report.json" | cksum)" ]
# exit statuses
status=0; "$kv" demo -q -o "$tmp/c" --fail-on high 2>/dev/null || status=$?; [ "$status" -eq 1 ]
status=0; "$kv" demo -q -o "$tmp/c" --no-such-option 2>/dev/null || status=$?; [ "$status" -eq 2 ]
status=0; "$kv" demo -q -o "$tmp/c" --check '9.9.*' 2>/dev/null || status=$?; [ "$status" -eq 2 ]
"$kv" help man | grep -q '^.TH KUBEVOUCH 1'
for s in bash zsh fish; do "$kv" help completion $s | grep -q kubevouch; done
"$kv" explain 5.1.8 | grep -q 'escalate'
# tags select, and code scanning is told of techniques
"$kv" demo -q --tag attack:T1611 -o "$tmp/t" -f sarif
python3 -c '
import json, sys
rules = json.load(open(sys.argv[1]))["runs"][0]["tool"]["driver"]["rules"]
assert len(rules) > 5 and all("attack:T1611" in r["properties"]["tags"] for r in rules), rules' "$tmp/t/report.sarif"
status=0; "$kv" demo -q --tag attack:T9999 -o "$tmp/t" 2>"$tmp/told" || status=$?
[ "$status" -eq 2 ] && grep -q 'no check of cis-kubernetes-2.0.1 bears "attack:T9999"' "$tmp/told"
# a finding about the cluster is the same one, whatever the kubeconfig of whoever asks calls the cluster
cp -R "$srcdir/tests/clusters/mix" "$tmp/other"
chmod -R u+w "$tmp/other"
sed 's/"context": "[^"]*"/"context": "somebody@elsewhere"/' "$srcdir/tests/clusters/mix/snapshot.json" >"$tmp/other/snapshot.json"
"$kv" audit -q --snapshot "$tmp/other" -o "$tmp/d" -f json
python3 - "$tmp" <<'PY'
import sys, report_doc
own, other = ([(f["fingerprint"], f["object"]) for f in report_doc.load(f"{sys.argv[1]}/{run}/report.json")["findings"]] for run in "bd")
assert any(o.get("name") == "somebody@elsewhere" for _, o in other), "no finding is about the cluster: the test shows nothing"
assert [f for f, _ in own] == [f for f, _ in other], "fingerprints depend on the kubeconfig"
PY

# ---- an expression that fails is told with its file, line, check, variable and what of it failed
cat >"$tmp/bad.yaml" <<'B'
benchmark: house
version: "1"
title: Rules
kubernetes: "1.30 - 1.40"
description: d.
sections: [{id: "1", title: Namespaces}]
profiles: [{id: L1, title: Level 1, level: 1}]
checks:
- {id: "1.1", section: "1", title: t, level: 1, role: control-plane, severity: medium, assessment: automated, rationale: r., remediation: r.,
   over: namespaces, variables: [{name: bad, expression: "1 / (size(object.metadata.name) - size(object.metadata.name))"}],
   validations: [{expression: "variables.bad == 1", message: m}]}
- {id: "1.2", section: "1", title: t, level: 1, role: control-plane, severity: medium, assessment: automated, rationale: r., remediation: r.,
   over: namespaces, validations: [{expression: "true && object.metadata.labels['nope'] == 'x'", message: m}]}
B
"$kv" audit --snapshot "$srcdir/tests/clusters/mix" -b "$tmp/bad.yaml" -o "$tmp/bad" --summary full >"$tmp/summary" 2>/dev/null
grep -qF "division by zero (bad.yaml:10, check 1.1, bad, at \"/ (size(object.metadata.name)" "$tmp/summary" || { cat "$tmp/summary"; echo "a variable's error is not placed" >&2; exit 1; }
grep -qF "no such key: 'nope' (bad.yaml:13, check 1.2, at \"'nope'] == 'x'\")" "$tmp/summary" || { cat "$tmp/summary"; echo "an error is not placed" >&2; exit 1; }
