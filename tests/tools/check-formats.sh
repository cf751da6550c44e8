#!/bin/sh
# Markdown, Prometheus, OCSF, OpenReports and OSCAL: each valid, by a strict reader of its own, and telling the same as report.json, for the
# demo, an empty cluster, one that forbids everything, and hostile names.
set -eu
export KUBEVOUCH_DATA_DIR="$srcdir" PYTHONPATH="$srcdir/tests/tools" PYTHONDONTWRITEBYTECODE=1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
KV=$builddir/kubevouch python3 - "$tmp" "$srcdir" <<'PY'
import collections, json, os, re, subprocess, sys
tmp, src = sys.argv[1:]
kv = os.environ["KV"]
FORMATS = {"markdown": "report.md", "prometheus": "metrics.prom", "ocsf": "findings.ocsf.jsonl", "openreports": "openreports.json", "oscal": "oscal-assessment-results.json", "json": "report.json", "jsonl": "findings.jsonl"}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*\Z")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")
SEVERITIES, VERDICTS = ["info", "low", "medium", "high", "critical"], ["not-applicable", "pass", "attested", "manual", "waived", "unknown", "fail"]

def strict(pairs):
    assert len({k for k, _ in pairs}) == len(pairs), "a key stands twice"
    return dict(pairs)
def keys(o, required, optional=()):
    assert set(required) <= set(o) <= set(required) | set(optional), (sorted(o), required)
def text(s, limit=None):
    assert isinstance(s, str) and s.strip() and not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", s), repr(s)
    assert limit is None or len(s) <= limit

def prometheus(raw, report, lines):
    """Text format 0.0.4: HELP, TYPE and the series of a metric together, no series twice, values that are numbers."""
    assert raw.endswith("\n")
    seen, metric, typed, value = set(), None, {}, {}
    for line in raw[:-1].split("\n"):
        m = re.fullmatch(r"# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)", line)
        if m:
            if m[1] == "HELP": assert m[2] not in typed, m[2]; metric = m[2]
            else: assert m[2] == metric and m[3] == "gauge"; typed[metric] = True
            continue
        m = re.fullmatch(r'([a-z_]+)\{((?:[a-z_]+="(?:[^"\\\n]|\\\\|\\"|\\n)*",?)+)\} (-?[0-9]+(?:\.[0-9]+)?)', line)
        assert m and m[1] == metric and typed.get(metric) and not m[2].endswith(","), line
        labels = tuple((k, v) for k, v in re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', m[2]))
        assert len(dict(labels)) == len(labels) and (metric, labels) not in seen, line
        assert not re.search(r"[\x00-\x1f\u202e]", m[2])
        seen.add((metric, labels)); value[metric, tuple(sorted(dict(labels).items()))] = float(m[3])
    def total(name, **want): return sum(v for (n, l), v in value.items() if n == "kubevouch_" + name and all(dict(l).get(k) == w for k, w in want.items()))
    for v in VERDICTS:
        for s in SEVERITIES:
            assert total("checks", verdict=v, severity=s) == sum(c["verdict"] == v and c["severity"] == s and not c.get("outside") for c in report["checks"]), (v, s)
    inside = {c["id"] for c in report["checks"] if not c.get("outside")}
    failed = [f for f in lines if f["verdict"] == "fail" and f["check"] in inside]
    assert total("findings", verdict="fail") == len(failed) == total("namespace_failures") + total("other_namespaces_failures"), len(failed)
    score = report["summary"]["score"]
    if "lowPercent" in score: assert abs(total("score_ratio", bound="low") * 100 - score["lowPercent"]) < 0.06
    else: assert not any(n == "kubevouch_score_ratio" for n, _ in value)
    assert total("unknown_checks") == sum(c["verdict"] == "unknown" and not c.get("outside") for c in report["checks"])
    for f in report["frameworks"]:
        for k, n in f["found"].items(): assert total("framework_requirements", framework=f["id"], found=k) == n
    assert len(seen) < 1000

def ocsf(raw, report, lines):
    events = [json.loads(x, object_pairs_hook=strict) for x in raw.split("\n")[:-1]]
    STATUS = {"pass": (1, "Pass"), "fail": (3, "Fail"), "unknown": (0, "Unknown")}
    verdict_of = {f["fingerprint"]: f["verdict"] for f in lines}
    checks = {c["id"]: c for c in report["checks"]}
    for e in events:
        keys(e, ["activity_id", "activity_name", "category_uid", "category_name", "class_uid", "class_name", "type_uid", "type_name", "time", "severity_id", "severity", "message", "metadata", "finding_info", "compliance"], ["remediation", "resources"])
        assert (e["activity_id"], e["category_uid"], e["class_uid"], e["type_uid"]) == (1, 2, 2003, 200301) and isinstance(e["time"], int) and e["time"] > 10**12
        keys(e["metadata"], ["version", "product", "correlation_uid"]); keys(e["metadata"]["product"], ["name", "vendor_name", "version"]); assert e["metadata"]["version"] == "1.5.0"
        keys(e["finding_info"], ["uid", "title", "desc"]); keys(e["compliance"], ["control", "standards", "requirements", "status_id", "status"], ["status_detail"])
        c = checks[e["compliance"]["control"]]
        assert e["severity_id"] == SEVERITIES.index(c["severity"]) + 1 and e["severity"] == ["Informational", "Low", "Medium", "High", "Critical"][e["severity_id"] - 1]
        v = verdict_of[e["finding_info"]["uid"]] if "resources" in e else c["verdict"]
        assert (e["compliance"]["status_id"], e["compliance"]["status"]) == STATUS[v] if v in STATUS else e["compliance"]["status_id"] == 99, (v, e)
        for x in e.get("resources", []): keys(x, ["type", "name", "group"], ["namespace"])
    assert collections.Counter(e["finding_info"]["uid"] for e in events if "resources" in e) == collections.Counter(f["fingerprint"] for f in lines)
    assert {e["compliance"]["control"] for e in events} == set(checks)

def openreports(raw, report, lines):
    d = json.loads(raw, object_pairs_hook=strict)
    keys(d, ["apiVersion", "kind", "items"]); assert (d["apiVersion"], d["kind"]) == ("v1", "List")
    OUT = {"pass": "pass", "fail": "fail", "manual": "warn", "unknown": "error"}
    told, names = collections.Counter(), set()
    for item in d["items"]:
        keys(item, ["apiVersion", "kind", "source", "metadata", "results", "summary"])
        assert (item["apiVersion"], item["kind"]) == ("openreports.io/v1alpha1", "ClusterReport") and len(json.dumps(item)) < 1_400_000
        name = item["metadata"]["name"]
        assert re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", name) and len(name) <= 253 and name not in names; names.add(name)
        keys(item["summary"], ["pass", "fail", "warn", "error", "skip"])
        assert item["summary"] == {k: sum(r["result"] == k for r in item["results"]) for k in item["summary"]} and item["results"]
        for r in item["results"]:
            keys(r, ["source", "policy", "rule", "category", "severity", "timestamp", "result", "scored", "message", "properties"], ["resources"])
            keys(r["timestamp"], ["seconds", "nanos"]); assert r["severity"] in SEVERITIES and all(isinstance(v, str) for v in r["properties"].values())
            assert r["result"] == OUT.get(r["properties"]["verdict"], "skip"); text(r["message"])
            for x in r.get("resources", []): keys(x, ["kind", "name"], ["apiVersion", "namespace"]); text(x["name"])
            told[r["rule"], r["properties"]["verdict"]] += 1
    want = collections.Counter((f["check"], f["verdict"]) for f in lines)
    for c in report["checks"]:
        if not any(f["check"] == c["id"] for f in lines): want[c["id"], c["verdict"]] += 1
    assert told == want, (told - want, want - told)

def oscal(raw, report, lines):
    d = json.loads(raw, object_pairs_hook=strict)
    keys(d, ["assessment-results"]); d = d["assessment-results"]
    keys(d, ["uuid", "metadata", "import-ap", "results", "back-matter"]); keys(d["metadata"], ["title", "last-modified", "version", "oscal-version"])
    assert d["metadata"]["oscal-version"] == "1.1.3" and TIME.match(d["metadata"]["last-modified"]) and len(d["results"]) == 1
    r = d["results"][0]
    keys(r, ["uuid", "title", "description", "start", "end", "reviewed-controls"], ["observations", "findings"])
    uuids = [d["uuid"], r["uuid"], d["back-matter"]["resources"][0]["uuid"]]
    assert d["import-ap"]["href"] == "#" + uuids[2] and TIME.match(r["start"]) and TIME.match(r["end"])
    for s in (d["metadata"]["title"], r["title"], r["description"]): text(s)
    selection, = r["reviewed-controls"]["control-selections"]
    ids = [c["control-id"] for c in selection["include-controls"]] if report["checks"] else []
    assert len(set(ids)) == len(report["checks"]) and all(TOKEN.match(i) for i in ids)
    for key in ("observations", "findings"): assert key not in r or r[key]
    observed = set()
    for o in r.get("observations", []):
        keys(o, ["uuid", "title", "description", "methods", "collected"]); text(o["title"]); text(o["description"])
        assert o["methods"] == ["TEST"] and TIME.match(o["collected"]); observed.add(o["uuid"]); uuids.append(o["uuid"])
    by_target = {}
    for f in r.get("findings", []):
        keys(f, ["uuid", "title", "description", "target", "related-observations"]); text(f["title"]); text(f["description"]); uuids.append(f["uuid"])
        keys(f["target"], ["type", "target-id", "status"]); keys(f["target"]["status"], ["state", "reason"], ["remarks"]); assert f["target"]["type"] == "objective-id" and f["target"]["target-id"] in ids
        by_target[f["target"]["target-id"]] = f["target"]["status"]
        assert f["related-observations"] and {o["observation-uuid"] for o in f["related-observations"]} <= observed
    assert all(UUID.match(u) for u in uuids) and len(set(uuids)) == len(uuids)
    assert len(observed) == len(lines) + sum(not any(f["check"] == c["id"] for f in lines) for c in report["checks"])
    for c, i in zip(report["checks"], ids):
        want = {"pass": ("satisfied", "pass"), "fail": ("not-satisfied", "fail"), "waived": ("not-satisfied", "other")}.get(c["verdict"])
        got = by_target.get(i); assert (want is None) == (got is None) and (not want or (got["state"], got["reason"]) == want), (c["id"], got)

def markdown(raw, report, lines):
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", raw) and "<script" not in raw.lower() and "](http" not in raw
    bare = re.sub(r"\\.", "", raw)
    assert set(re.findall(r"<[^>]*>", bare)) <= {"<br>"} and "://" not in bare and "@" not in bare and "`" not in bare
    for table in re.findall(r"(?:^\|.*\n)+", bare, re.M):
        assert len({row.count("|") for row in table.split("\n")[:-1]}) == 1, table
    failed = [c["id"] for c in report["checks"] if c["verdict"] == "fail" and not c.get("outside")]
    section = raw.split("\n## Failed\n")[1].split("\n## ")[0] if failed else ""
    assert section.count("\n| ") - 2 * bool(failed) == len(failed), (section.count("\n| "), len(failed))

def check(name, *command):
    out = f"{tmp}/{name}"
    p = subprocess.run([kv, *command, "-q", "-o", out] + [x for f in FORMATS for x in ("-f", f)], capture_output=True, text=True)
    assert p.returncode in (0, 3), (name, p)
    raw = {f: open(f"{out}/{n}", encoding="utf-8", newline="").read() for f, n in FORMATS.items()}
    report = json.loads(raw["json"], object_pairs_hook=strict)
    lines = [json.loads(x) for x in raw["jsonl"].split("\n")[:-1]]
    for f in (prometheus, ocsf, openreports, oscal, markdown): f(raw[f.__name__], report, lines)
    return report

assert any(c["verdict"] == "fail" for c in check("demo", "demo")["checks"])
# the board and the alerts ask for metrics, labels and values that there are
metrics = open(f"{tmp}/demo/metrics.prom").read()
board = json.load(open(f"{src}/docs/dashboards/grafana.json"))
for asked in [t["expr"] for p in board["panels"] for t in p["targets"]] + [v["query"] for v in board["templating"]["list"]] + open(f"{src}/docs/dashboards/alerts.yaml").read().split("\n"):
    for name in re.findall(r"kubevouch_[a-z_]+", asked): assert f"# TYPE {name} gauge" in metrics, name
    for pair in re.findall(r'[a-z]+="[a-z]+"', asked): assert pair in metrics, pair
    for labels in re.findall(r"by \(([a-z, ]+)\)", asked):
        for label in labels.split(", "): assert f'{label}="' in metrics, label
from awkward_inputs import emptied, forbidden, snapshot
check("empty", "audit", "--snapshot", snapshot(tmp, src, "empty", emptied))
r = check("forbidden", "audit", "--allow-incomplete", "--snapshot", snapshot(tmp, src, "forbidden", forbidden))
assert not any(c["verdict"] == "pass" for c in r["checks"])
check("nothing", "audit", "--allow-incomplete", "--snapshot", f"{src}/tests/clusters/mix", "-c", "1.1.1")
evil = ["<script>alert(1)</script>", "a|b`c`*d*[x](http://evil)", "=HYPERLINK(\"x\")", "\u202egnp.exe", "x\x1b[31m", "line\nbreak\t\"quote\"\\", "@everyone www.evil.example https://evil.example", "{}\",evil=\"1", " ", "'; --", "\u00e9\U0001f600"]
docs = [{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": f"b{i}"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
         "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": n}]} for i, n in enumerate(evil)]
docs += [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": n, "namespace": n}, "spec": {"hostNetwork": True, "containers": [{"name": "c", "image": n, "securityContext": {"privileged": True}}]}} for n in evil]
json.dump({"apiVersion": "v1", "kind": "List", "items": docs}, open(f"{tmp}/evil.json", "w"))
r = check("hostile", "audit", "--manifests", f"{tmp}/evil.json", "--whole", "--cluster-name", evil[7], "--purpose", evil[1])
assert sum(c["verdict"] == "fail" for c in r["checks"]) > 3
PY
