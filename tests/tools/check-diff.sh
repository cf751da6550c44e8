#!/bin/sh
# diff: each way a report can be another, what must never be told as fixed or new, and reports that are damaged.
set -eu
export KUBEVOUCH_DATA_DIR="$srcdir" PYTHONPATH="$srcdir/tests/tools" PYTHONDONTWRITEBYTECODE=1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
kv=$builddir/kubevouch
"$kv" demo -q -f json -o "$tmp/new" >/dev/null
"$kv" demo -q -f json -b 1.12 -o "$tmp/old" >/dev/null
"$kv" demo -q -f json -c 5.1 -o "$tmp/part" >/dev/null
KV="$kv" python3 - "$tmp" <<'PY'
import copy, json, os, random, subprocess, sys
import report_doc
tmp, kv = sys.argv[1], os.environ["KV"]
base, old, part = (json.load(open(f"{tmp}/{n}/report.json")) for n in ("new", "old", "part"))
for r in (base, old, part):  # what is not compared only takes time
    r["calls"], r["coverage"], r["frameworks"] = [], [], []
    for c in r["checks"]:
        for k in ("requirements", "description", "rationale", "remediation"): c.pop(k, None)
        for p in c["parts"]: p.pop("observations", None)
    for f in r["findings"]:
        for k in ("evidence", "explained", "observation"): f.pop(k, None)

def run(a, b, *more):
    for name, doc in (("a", a), ("b", b)):
        with open(f"{tmp}/{name}.json", "w") as f:
            f.write(doc) if isinstance(doc, str) else json.dump(doc, f)
    return subprocess.run([kv, "diff", f"{tmp}/a.json", f"{tmp}/b.json", *more], capture_output=True, text=True)

def diff(a, b, *more, status=0):
    p = run(a, b, "--print", "json", *more)
    assert p.returncode == status, (p.returncode, status, p.stderr)
    d = json.loads(p.stdout)
    for of in ("checks", "findings"):
        counted = {k: sum(x["change"] == k for x in d[of]) for k in ("new", "fixed", "changed", "unchanged", "incomparable")}
        assert counted == d["summary"][of], (counted, d["summary"][of])
        assert all(("cause" in x) == (x["change"] == "incomparable") for x in d[of]), of
    return d

def check(r, i): return next(c for c in r["checks"] if c["id"] == i)
def change(d, i): return next(c for c in d["checks"] if (c["to"] or c["from"])["id"] == i)
def without(r, i, verdict="pass"):
    """The report in which check i came to another verdict and found nothing."""
    r = copy.deepcopy(r)
    r["run"]["id"] = "other"
    c = check(r, i)
    c["verdict"], c["findings"] = verdict, 0
    for p in c["parts"]:
        p["verdict"], p["failed"], p["unknown"] = verdict, 0, 0
    r["findings"] = [f for f in r["findings"] if f["check"] != i]
    return r

failing = [c["id"] for c in base["checks"] if c["verdict"] == "fail" and "remedy" not in c and any(f["check"] == c["id"] and f["verdict"] == "fail" for f in base["findings"])]
I = "5.2.2"
assert I in failing
n = sum(f["check"] == I and f["verdict"] == "fail" for f in base["findings"])
deviations = sum(f["verdict"] in ("fail", "waived") for f in base["findings"])
unknown = sum(c["verdict"] == "unknown" for c in base["checks"])

# itself
d = diff(base, base, "--fail-on-new")
assert d["summary"]["checks"] == dict(new=0, fixed=0, changed=0, unchanged=len(base["checks"]) - unknown, incomparable=unknown), d["summary"]
assert d["summary"]["findings"]["unchanged"] == deviations == sum(d["summary"]["findings"].values())
# fixed one way, new the other, and the gate
d = diff(base, without(base, I), "--fail-on-new")
assert change(d, I)["change"] == "fixed" and d["summary"]["findings"]["fixed"] == n and d["summary"]["findings"]["new"] == 0, d["summary"]
d = diff(without(base, I), base, "--fail-on-new", status=1)
assert change(d, I)["change"] == "new" and d["summary"]["findings"]["new"] == n, d["summary"]
assert run(without(base, I), base).returncode == 0
# one finding more
less = copy.deepcopy(base)
gone = next(f for f in less["findings"] if f["check"] == I)
less["findings"].remove(gone)
d = diff(less, base, "--fail-on-new", status=1)
assert [f["to"]["fingerprint"] for f in d["findings"] if f["change"] == "new"] == [gone["fingerprint"]] and change(d, I)["change"] == "unchanged"
d = diff(base, less)
assert [f["from"]["fingerprint"] for f in d["findings"] if f["change"] == "fixed"] == [gone["fingerprint"]]
# other verdicts are neither
for verdict in ("waived", "manual", "attested", "not-applicable"):
    assert change(diff(base, without(base, I, verdict)), I)["change"] == "changed", verdict
waived = copy.deepcopy(base)
check(waived, I)["verdict"] = "waived"
for f in waived["findings"]:
    if f["check"] == I: f["verdict"] = "waived"
d = diff(base, waived)
assert change(d, I)["change"] == "changed" and d["summary"]["findings"]["changed"] == n
d = diff(waived, base, "--fail-on-new")
assert change(d, I)["change"] == "changed" and d["summary"]["findings"]["changed"] == n
# not decided is never fixed, and never new
for one in failing[::5] + [I]:
    d = diff(base, without(base, one, "unknown"))
    assert change(d, one)["change"] == "incomparable" and d["summary"]["findings"]["fixed"] == 0, one
    d = diff(without(base, one, "unknown"), base, "--fail-on-new", status=3)
    assert change(d, one)["change"] == "incomparable" and d["summary"]["findings"]["new"] == 0, one
# a failure that was seen beside what was not
for hide in (lambda c: c.update(remedy="grant list on pods"), lambda c: c["parts"][0].update(unknown=1), lambda c: c.update(outside=True)):
    cut = copy.deepcopy(less)
    hide(check(cut, I))
    assert diff(base, cut)["summary"]["findings"]["fixed"] == 0, check(cut, I)
    assert diff(cut, base, status=3, *["--fail-on-new"])["summary"]["findings"]["new"] == 0
one_unknown = copy.deepcopy(less)
one_unknown["findings"].append(dict(gone, verdict="unknown", fingerprint="0" * 32))
d = diff(base, one_unknown)
assert d["summary"]["findings"]["fixed"] == 0 and "could not be judged" in next(f["cause"] for f in d["findings"] if f["change"] == "incomparable")
# random damage: what one side does not know makes nothing fixed or new
rng = random.Random(5)
for _ in range(4):
    r = copy.deepcopy(base)
    for c in r["checks"]:
        if rng.random() < 0.3: c["verdict"] = "unknown"
    lost = {c["id"] for c in r["checks"] if c["verdict"] == "unknown"}
    r["findings"] = [f for f in r["findings"] if f["check"] not in lost]
    for x in (diff(base, r), diff(r, base)):
        for of in ("checks", "findings"):
            assert x["summary"][of]["fixed"] == x["summary"][of]["new"] == x["summary"][of]["changed"] == 0, x["summary"]
# judged otherwise
for edit in (lambda r: check(r, I)["parts"][0]["validations"][0].update(expression="true"), lambda r: check(r, I)["parts"][0].update(over="deployments"),
             lambda r: check(r, I)["parts"][0]["exceptions"].append({"name": "x", "expression": "true"})):
    r = without(base, I)
    edit(r)
    d = diff(base, r)
    assert change(d, I)["change"] == "incomparable" and d["summary"]["findings"]["fixed"] == 0 and "other expressions" in change(d, I)["cause"]
named = next((c["id"], p["name"]) for c in base["checks"] if c["id"] in failing for p in base["params"] if f"params.{p['name']}" in json.dumps(c["parts"]))
r = without(base, named[0])
next(p for p in r["params"] if p["name"] == named[1])["value"] = ["another"]
d = diff(base, r)
assert change(d, named[0])["change"] == "incomparable" and named[1] in change(d, named[0])["cause"] and any(named[1] in x for x in d["notes"]), named
# fewer checks
d = diff(base, part)
assert d["summary"]["checks"]["fixed"] == 0 and d["summary"]["findings"]["fixed"] == 0 and "not judged in the later report" in change(d, "5.2.2")["cause"]
# across benchmarks by the crosswalk; without one nothing is compared
d = diff(old, base)
assert d["summary"]["findings"] == dict(new=0, fixed=0, changed=0, unchanged=deviations, incomparable=0), d["summary"]
moved = [c for c in d["checks"] if c["from"] and c["to"] and c["from"]["id"] != c["to"]["id"]]
there = {c["from"]["id"]: c["to"]["id"] for c in d["checks"] if c["from"] and c["to"]}
assert there["5.2.2"] == "5.2.2" or there["5.2.2"], there
was = next(k for k, v in there.items() if v == I)
d = diff(old, without(base, I))
assert change(d, I)["change"] == "fixed" and d["summary"]["findings"]["fixed"] == n, d["summary"]
d = diff(without(old, was), base)
assert change(d, I)["change"] == "new" and d["summary"]["findings"]["new"] == n, d["summary"]
own = copy.deepcopy(base)
own["benchmark"]["id"] = "of-our-own"
d = diff(own, base)
assert all(c["change"] == "incomparable" and "no crosswalk" in c["cause"] for c in d["checks"] + d["findings"])
# clusters
other = copy.deepcopy(base)
other["target"]["clusterId"] = "another"
p = run(base, other)
assert p.returncode == 2 and "two clusters" in p.stderr and not p.stdout, p.stderr
assert any("two clusters" in x for x in diff(base, other, "--any-cluster")["notes"])
del other["target"]["clusterId"]
assert any("no id of its cluster" in x for x in diff(base, other)["notes"])
# what is no report
for edit in (lambda r: r.pop("checks"), lambda r: r.pop("findings"), lambda r: r.pop("run"), lambda r: r.pop("benchmark"), lambda r: r.update(schemaVersion="3.0.0"), lambda r: r.update(schemaVersion=1),
             lambda r: r["checks"][0].update(verdict="passed"), lambda r: r["checks"][0].pop("id"), lambda r: r["checks"].append(r["checks"][0]), lambda r: r["findings"][0].pop("fingerprint"),
             lambda r: r["findings"][0].update(check="9.9"), lambda r: r["findings"][0].pop("object"), lambda r: r["findings"][0].update(verdict=1), lambda r: r["checks"].append(1),
             lambda r: r.pop("tables"), lambda r: r["tables"].pop("objects"), lambda r: r["findings"][0].update(object=len(r["tables"]["objects"])), lambda r: r["findings"][0].update(object=-1),
             lambda r: r["tables"]["objects"].__setitem__(r["findings"][0]["object"], "x")):
    r = copy.deepcopy(base)
    edit(r)
    for a, b in ((r, base), (base, r)):
        p = run(a, b)
        assert p.returncode == 2 and p.stderr and not p.stdout, (p.returncode, p.stderr)
for text in ("", "[]", json.dumps(base)[:-3], "{\"a\":1}"):
    assert run(text, base).returncode == 2
# a later version of the document, with keys that nobody knows; and version 1, whose findings hold what is told of them
later = copy.deepcopy(base)
later["schemaVersion"], later["more"], later["findings"][0]["more"] = "2.7.0", [1], {"a": 1}
first = report_doc.resolved(base)
first["schemaVersion"] = "1.0.0"
del first["tables"]
for pair in ((base, later), (later, base), (first, base), (base, first), (first, first)):
    assert diff(*pair)["summary"]["findings"] == dict(new=0, fixed=0, changed=0, unchanged=deviations, incomparable=0)
assert diff(first, without(base, I))["summary"]["findings"]["fixed"] == n
# for people: one line a finding, hostile names shown
evil = copy.deepcopy(base)
f = next(f for f in evil["findings"] if f["check"] == I)
evil["tables"]["objects"].append(dict(evil["tables"]["objects"][f["object"]], name="x\x1b[31m\nchecks 0 new\u202e"))
f["object"], f["fingerprint"] = len(evil["tables"]["objects"]) - 1, "f" * 32
p = run(base, evil)
assert "\x1b" not in p.stdout and "\u202e" not in p.stdout and "\\x1b" in p.stdout.lower(), p.stdout
assert not any(line.startswith("checks 0 new") for line in p.stdout.split("\n"))
assert "Findings new" in p.stdout and "Findings fixed" in p.stdout
PY
status=0; "$kv" diff "$tmp/new/report.json" >/dev/null 2>&1 || status=$?; [ "$status" -eq 2 ]
status=0; "$kv" diff "$tmp/new/report.json" "$tmp/none.json" >/dev/null 2>&1 || status=$?; [ "$status" -eq 2 ]
status=0; "$kv" diff --print cel "$tmp/new/report.json" "$tmp/new/report.json" >/dev/null 2>&1 || status=$?; [ "$status" -eq 2 ]
