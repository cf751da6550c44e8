#!/bin/sh
# Ledgers: lines made again by python, every way to alter one told apart, torn ends, writers at once; and what held over a period against
# a second implementation (period_plain.py) on random ledgers.
set -eu
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
for k in mine other; do openssl genpkey -algorithm ed25519 -out "$tmp/$k.pem" 2>/dev/null; openssl pkey -in "$tmp/$k.pem" -pubout -out "$tmp/$k.pub"; done
KV=$builddir/kubevouch PYTHONPATH="$srcdir/tests/tools" PYTHONDONTWRITEBYTECODE=1 python3 - "$tmp" "$srcdir" <<'PY'
import base64, csv, hashlib, html.parser, io, json, os, random, re, shutil, subprocess, sys, time
import jsonschema
from datetime import datetime, timezone
import period_plain as plain
tmp, src = sys.argv[1:]
kv = os.environ["KV"]
snapshot = f"{src}/tests/clusters/mix"
line_schema, period_schema = (json.load(open(f"{src}/reports/{n}.schema.json")) for n in ("ledger-line", "period"))
for s in (line_schema, period_schema): jsonschema.Draft202012Validator.check_schema(s)

def run(*a): return subprocess.run([kv, *a], capture_output=True, text=True)
def audit(ledger, *more, snapshot=snapshot, out="out", quiet=("-q",)):
    return run("audit", *quiet, "--snapshot", snapshot, "-f", "json", "-f", "jsonl", "-o", f"{tmp}/{out}", "--ledger", ledger, *more)
def lines_of(ledger): return open(f"{ledger}/ledger.jsonl", encoding="utf-8").read().split("\n")[:-1]
def verify(ledger, *more): return run("verify", ledger, *more)
def kinds(p): return {line.split(":")[0] for line in p.stdout.split("\n") if ": " in line and not line.startswith("not checked")}

# ---- lines of audits: the digest, the chain, what changed
L = f"{tmp}/ledger"
open(f"{tmp}/house.yaml", "w").write("""
benchmark: house
version: "1"
title: Rules of the house
kubernetes: "1.30 - 1.40"
description: What our own clusters must hold.
sections: [{id: "1", title: All}]
profiles: [{id: L1, title: Level 1, level: 1}]
params: [{name: word, default: x, description: of nothing}]
checks:
- {id: "1.1", section: "1", title: No pod is privileged, level: 1, role: control-plane, severity: high, assessment: automated, rationale: It is root on its node., remediation: Take it away.,
   over: pods, validations: [{expression: "!has(object.spec.containers) || object.spec.containers.all(c, !c.?securityContext.?privileged.orValue(false))", message: privileged}]}
- {id: "1.2", section: "1", title: There are namespaces, level: 1, role: control-plane, severity: low, assessment: automated, rationale: A cluster has some., remediation: None.,
   over: namespaces, validations: [{expression: "params.word != ''", message: "no"}]}
""")
small = ("-b", f"{tmp}/house.yaml")
def recorded_at(when, name, edit=None):
    """The recording as if made at another time, and in another state."""
    d = f"{tmp}/{name}"
    shutil.copytree(snapshot, d)
    s = json.load(open(f"{d}/snapshot.json"))
    s["recordedAt"] = when
    json.dump(s, open(f"{d}/snapshot.json", "w"))
    if edit: edit(d)
    return d
def without_pods(d):
    """No workload runs as root's equal any more: privileged is gone from every object."""
    for f in os.listdir(f"{d}/answers"):
        t = open(f"{d}/answers/{f}").read()
        open(f"{d}/answers/{f}", "w").write(re.sub(r'"privileged": ?true', '"privileged":false', t))
days = [recorded_at(f"2026-03-0{i}T06:00:00Z", f"day{i}", without_pods if i == 3 else None) for i in range(1, 5)]
for i, d in enumerate(days):
    p = audit(L, *small, snapshot=d)
    assert p.returncode == 0, p.stderr
    got = lines_of(L)
    assert len(got) == i + 1
    line = json.loads(got[-1])
    jsonschema.validate(line, line_schema)
    report = open(f"{tmp}/out/report.json", "rb").read()
    told = json.loads(report)
    findings = [json.loads(x) for x in open(f"{tmp}/out/findings.jsonl", encoding="utf-8")]
    assert line["report"] == {"sha256": hashlib.sha256(report).hexdigest(), "bytes": len(report)}
    assert line["runId"] == told["run"]["id"] and line["sequence"] == i + 1 and line["observed"].startswith(f"2026-03-0{i + 1}T06:00:00")
    assert line["benchmarkSha256"] == told["benchmark"]["sha256"] and sum(line["counts"].values()) == len(told["checks"])
    rest = {k: v for k, v in line.items() if k not in ("hash", "previous")}
    assert got[-1] == plain.seal(rest, json.loads(got[-2])["hash"] if i else "0" * 64)[0]
    # what held is what the report tells
    (key, runs), = plain.replay(map(json.loads, got)).items()
    assert {c: e["verdict"] for c, e in runs[-1][3].items()} == {c["id"]: c["verdict"] for c in told["checks"]}
    for c, e in runs[-1][3].items():
        of = [f["object"] for f in findings if f["check"] == c and f["verdict"] == e["verdict"]] if e["verdict"] in ("fail", "waived") else []
        assert e.get("findings", 0) == len(of), (c, e)
        distinct = []
        for o in of:
            o = {k: o[k] for k in ("kind", "namespace", "name") if k in o}
            if o not in distinct: distinct.append(o)
        assert e.get("objects", []) == distinct[:50], c
changed = [[c["check"] for c in json.loads(x)["changed"]] for x in lines_of(L)]
assert changed[1] == [] and changed[2] == changed[3] == ["1.1"] and len(changed[0]) == 2, changed
back = {c["check"]: (c["was"], c["verdict"]) for c in json.loads(lines_of(L)[3])["changed"]}
assert back["1.1"] == ("pass", "fail"), back
head = json.loads(lines_of(L)[-1])["hash"]
assert verify(L).returncode == 3 and verify(L, "--head", head).returncode == 0 and head in verify(L).stdout

def documents(ledger, *more):
    p = run("period", "--ledger", ledger, "--write", "json", *more)
    assert p.returncode in (0, 3), p.stderr
    d = json.loads(p.stdout)
    jsonschema.validate(d, period_schema)
    return d, p.returncode
def normal(x):
    """Times as milliseconds; what the plain implementation does not tell is left out."""
    if isinstance(x, list): return [normal(v) for v in x]
    if not isinstance(x, dict): return x
    out = {k: plain.ms(v) if k in ("from", "to", "firstRun", "lastRun", "heldBefore", "firstSeen", "lastSeen", "ended") and isinstance(v, str) else normal(v) for k, v in x.items()}
    for k in ("title", "severity", "cluster", "clusterId", "benchmark", "key"): out.pop(k, None)
    return out
def rfc(t): return datetime.fromtimestamp(t // 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S") + f".{t % 1000:03d}Z"
def differ(at, got, want):
    if isinstance(got, (list, dict)) and type(got) is type(want) and len(got) == len(want):
        for k in range(len(got)) if isinstance(got, list) else got: differ(f"{at}.{k}", got[k], want[k])
    assert got == want, (at, got, want)
def compare(ledger, start, end, hours):
    d, status = documents(ledger, "--from", rfc(start), "--to", rfc(end), "--max-gap", str(hours))
    want = plain.period([json.loads(x) for x in lines_of(ledger)], start, end, hours * 3600000)
    differ("streams", normal(d["streams"]), [normal(s) for s in want])
    for s in d["streams"]:
        for c in s["checks"]: assert sum(c["milliseconds"].values()) == end - start
    lacks = any(c["milliseconds"]["notObserved"] for s in d["streams"] for c in s["checks"]) or any(s["gaps"] for s in d["streams"]) or not d["streams"]
    assert status == (3 if lacks else 0), status
    return d
day = 86400000
start = plain.ms("2026-03-01T00:00:00Z")
d = compare(L, start, start + 5 * day, 25)
c = next(c for c in d["streams"][0]["checks"] if c["id"] == "1.1")
assert [b["endedAs"] for b in c["breaches"]] == ["pass", None] and all(b["objects"] for b in c["breaches"]), c["breaches"]
assert c["milliseconds"]["inBreach"] == day and c["milliseconds"]["inForce"] == 0
assert compare(L, start, start + 5 * day, 23)["streams"][0]["observedMilliseconds"] == 0
# days as they are meant: the last belongs to it
d, _ = documents(L, "--from", "2026-03-01", "--to", "2026-03-04")
assert (d["from"], d["to"]) == ("2026-03-01T00:00:00Z", "2026-03-05T00:00:00Z")
# the other forms
p = run("period", "--ledger", L, "--from", "2026-03-01", "--to", "2026-03-04")
assert p.returncode == 3 and "not seen to end" in p.stdout and "4 runs" in p.stdout, p
rows = list(csv.reader(io.StringIO(run("period", "--ledger", L, "--from", "2026-03-01", "--to", "2026-03-04", "--write", "csv").stdout)))
assert len(rows) == 1 + len(d["streams"][0]["checks"]) and all(len(r) == len(rows[0]) for r in rows)
page = run("period", "--ledger", L, "--from", "2026-03-01", "--to", "2026-03-04", "--write", "html").stdout
style = re.search(r"<style>(.*?)</style>", page, re.S)[1]
assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in page and "<script" not in page and "No pod is privileged" in page
for bad in (("--from", "2026-03-05", "--to", "2026-03-01"), ("--from", "yesterday", "--to", "2026-03-01"), ("--from", "2026-03-01")):
    assert run("period", "--ledger", L, *bad).returncode == 2

# ---- other checks of a run, other parameters, another cluster
for more in (small + ("-c", "1.2"), small, small + ("-p", "word=other")):
    p = audit(L, *more, snapshot=days[3]); assert p.returncode == 0, p.stderr
last = [json.loads(x) for x in lines_of(L)[-3:]]
assert {c["verdict"] for c in last[0]["changed"]} == {"not-run"} and {c["was"] for c in last[1]["changed"]} == {"not-run"} and last[2]["paramsSha256"] != last[1]["paramsSha256"]
compare(L, start, start + 5 * day, 25)

# ---- altered, missing, reordered
X = f"{tmp}/x"
good = lines_of(L)
def put(lines, end="\n"):
    os.makedirs(X, exist_ok=True)
    open(f"{X}/ledger.jsonl", "w", encoding="utf-8").write("\n".join(lines) + end)
    return X
def refused(*want):
    p = verify(X)
    assert p.returncode == 1 and kinds(p) == set(want), (want, p.stdout)
    assert run("period", "--ledger", X, "--from", "2026-03-01", "--to", "2026-03-04").returncode == 1
    before = open(f"{X}/ledger.jsonl", "rb").read()
    return p, before
put(good); assert verify(X, "--head", head).returncode == 0
rng = random.Random(7)
for i, line in enumerate(good):
    for at in sorted(rng.sample(range(len(line)), 5)):
        new = line[:at] + chr((ord(line[at]) % 94) + 33) + line[at + 1:]
        if new == line: continue
        put(good[:i] + [new] + good[i + 1:]); p, _ = refused("altered")
        assert f"line {i + 1} " in p.stdout, p.stdout
    for key in json.loads(line):  # each field, by its own
        v = json.loads(line); v[key] = [] if v[key] else ["x"]
        put(good[:i] + [json.dumps(v, separators=(",", ":"), ensure_ascii=False)] + good[i + 1:]); refused("altered")
    put(good[:i] + [line[:-1] + ',"counts":{}}'] + good[i + 1:]); refused("altered")  # what is not hashed
    if i < len(good) - 1:
        put(good[:i] + good[i + 1:]); p, _ = refused("incomplete"); assert f"run {i + 1} is missing" in p.stdout
        put(good[:i] + [good[i + 1], line] + good[i + 2:]); p, _ = refused("reordered"); assert f"run {i + 1} stands after run {i + 2}" in p.stdout
        # a line made anew with its hash: the next one does not follow it
        v = json.loads(line); previous = v.pop("previous"); v.pop("hash"); v["counts"]["fail"] += 1
        put(good[:i] + [plain.seal(v, previous)[0]] + good[i + 1:]); p, _ = refused("altered"); assert "made anew" in p.stdout
    put(good[:i] + [line, line] + good[i + 1:]); p = verify(X); assert p.returncode == 1 and "twice" in p.stdout
put(good[3:] + good[:3]); refused("reordered")
put(good[:2] + good[5:]); p, _ = refused("incomplete"); assert "runs 3 to 5 are missing" in p.stdout
# cut at its end, or made anew as a whole: only what was noted elsewhere, or a signature, tells
put(good[:-1]); assert verify(X).returncode == 3
p = verify(X, "--head", json.loads(good[-1])["hash"]); assert p.returncode == 1 and kinds(p) == {"incomplete"}
anew, previous = [], "0" * 64
for line in good:
    v = json.loads(line); v.pop("previous"); v.pop("hash"); v["counts"]["fail"] = 0
    text, previous = plain.seal(v, previous); anew.append(text)
put(anew); assert verify(X).returncode == 3 and verify(X, "--head", head).returncode == 1
p = verify(X, "--key", f"{tmp}/mine.pub"); assert p.returncode == 1 and kinds(p) == {"incomplete"}
# nothing is added to what is at fault
put(good[:2] + good[3:])
p = audit(X, "-c", "5.2.2"); assert p.returncode == 4 and "at fault" in p.stderr and len(lines_of(X)) == len(good) - 1, p

# ---- signed
S = f"{tmp}/signed"
for _ in range(2): assert audit(S, "-c", "5.2.2", "--sign-key", f"{tmp}/mine.pem").returncode == 0
signed = lines_of(S)
jsonschema.validate(json.loads(signed[0]), line_schema)
assert verify(S, "--key", f"{tmp}/mine.pub").returncode == 0
p = verify(S, "--key", f"{tmp}/other.pub"); assert p.returncode == 1 and kinds(p) == {"signed by another"}
v = json.loads(signed[0])
open(f"{tmp}/m", "w").write("kubevouch ledger line " + v["hash"]); open(f"{tmp}/s", "wb").write(base64.b64decode(v["signature"]))
assert subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", f"{tmp}/mine.pub", "-rawin", "-in", f"{tmp}/m", "-sigfile", f"{tmp}/s"], capture_output=True).returncode == 0
put([signed[0], signed[1].replace(json.loads(signed[1])["signature"], v["signature"])])
p = verify(X, "--key", f"{tmp}/mine.pub"); assert p.returncode == 1 and kinds(p) == {"altered"}, p.stdout
bare = [re.sub(r',"keyId":.*', "}", x) for x in signed]
put(bare); assert verify(X).returncode == 3
p = verify(X, "--key", f"{tmp}/mine.pub"); assert p.returncode == 1 and kinds(p) == {"incomplete"}

# ---- torn: cut anywhere in the last line, no other is lost, and the repair is told
first = good[:2]
cuts = [1, 2, len(good[2]) - 1] + rng.sample(range(3, len(good[2]) - 1), 3)
for cut in cuts:
    put(first + [good[2][:cut]], end="")
    p = verify(X); assert p.returncode == 1 and kinds(p) == {"incomplete"} and "not written to its end" in p.stdout, (cut, p)
    p = audit(X, *small, snapshot=days[2], quiet=()); assert p.returncode == 0 and f"{cut} bytes were taken off" in p.stderr, p.stderr
    got = lines_of(X)
    assert got[:2] == first and len(got) == 3 and json.loads(got[2])["repairedBytes"] == cut and verify(X).returncode == 3
    jsonschema.validate(json.loads(got[2]), line_schema)
put(good[:3], end="")  # all but the end of line: nothing is lost
assert verify(X).returncode == 3
assert audit(X, *small, snapshot=days[3]).returncode == 0 and lines_of(X)[:3] == good[:3] and len(lines_of(X)) == 4 and verify(X).returncode == 3

# ---- writers at once, and some of them killed
W = f"{tmp}/writers"
def writer(i): return subprocess.Popen([kv, "audit", "-q", "--snapshot", snapshot, "-f", "json", "-c", "5.2.2", "-o", f"{tmp}/w{i}", "--ledger", W], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
ps = [writer(i) for i in range(8)]
assert all(p.wait() == 0 for p in ps)
got = [json.loads(x) for x in lines_of(W)]
assert [x["sequence"] for x in got] == list(range(1, 9)) and len({x["runId"] for x in got}) == 8 and verify(W).returncode == 3
for i in range(8):
    p = writer(i); time.sleep(rng.random() * 0.4); p.kill(); p.wait()
assert audit(W, "-c", "5.2.2").returncode == 0 and verify(W).returncode == 3 and [json.loads(x) for x in lines_of(W)][:8] == got

# ---- what cannot be
assert run("audit", "-q", "--snapshot", snapshot, "-f", "html", "-o", f"{tmp}/out", "--ledger", f"{tmp}/no").returncode == 2
assert run("audit", "-q", "--manifests", f"{src}/tests/scan/world.yaml", "-f", "json", "-o", f"{tmp}/out", "--ledger", f"{tmp}/no").returncode == 2
assert run("audit", "-q", "--snapshot", snapshot, "-o", f"{tmp}/out", "--sign-key", f"{tmp}/mine.pem").returncode == 2
assert not os.path.exists(f"{tmp}/no")
os.makedirs(f"{tmp}/linked"); os.symlink(f"{L}/ledger.jsonl", f"{tmp}/linked/ledger.jsonl")
assert audit(f"{tmp}/linked", "-c", "5.2.2").returncode == 4 and lines_of(L) == good

# ---- random ledgers against the plain implementation
VERDICTS = ["pass"] * 6 + ["fail"] * 4 + ["unknown", "manual", "waived", "attested", "not-applicable", "not-run"]
hostile = "<script>alert(1)</script>\u202e=HYPERLINK(\"x\")\n\x1b[31m"
def changed_entry(check, was, verdict):
    c = dict(check=check, title="t " + hostile, severity="high", was=was, verdict=verdict)
    if verdict in ("fail", "waived"):
        n = rng.choice([0, 1, 3, 50])
        objects = [dict(kind="Pod", namespace="ns", name=f"p{rng.randrange(60)}") if rng.random() < 0.8 else dict(kind="ClusterRole", name=hostile) for _ in range(n)]
        c.update(findings=n + rng.randrange(3), objects=objects, objectsSha256="%064x" % rng.getrandbits(256))
    return c
for case in range(30):
    lines, state, previous, at = [], {}, "0" * 64, start
    clusters = rng.choice([[("a", "u1")], [("a", "u1"), ("b", "")], [("a", "u1"), ("renamed", "u1")]])
    checks = [f"1.{i}" for i in range(rng.randrange(1, 4))]
    sealed = []
    for n in range(rng.randrange(0, 25)):
        at += rng.choice([0, 1, 3600000, 12 * 3600000, 24 * 3600000, 25 * 3600000, 25 * 3600000 + 1, 60 * 3600000])
        cluster, uid = rng.choice(clusters)
        now = state.setdefault((uid or cluster), {})
        entries = []
        for c in checks:
            if c not in now or rng.random() < 0.4:
                v = rng.choice(VERDICTS)
                entries.append(changed_entry(c, now.get(c), v)); now[c] = v
        observed = at if rng.random() < 0.9 else start + rng.randrange(20 * day)  # a recording that is judged late
        line = dict(sequence=n + 1, observed=rfc(observed), finished=rfc(at), runId=f"r{n}", tool="t", source="live", cluster=cluster, clusterId=uid, benchmark="b", benchmarkVersion="1",
                    benchmarkSha256=rng.choice("aaaab") * 64, paramsSha256="c" * 64, score=None, counts={}, coverage=dict(complete=True), report=dict(sha256="d" * 64, bytes=1), changed=entries)
        text, previous = plain.seal(line, previous); sealed.append(text)
    put(sealed, end="\n" if sealed else "")
    assert verify(X).returncode == 3, verify(X).stdout
    a = start + rng.randrange(10 * day); b = a + rng.choice([1, day, 30 * day])
    compare(X, a, b, rng.choice([1, 24, 25, 100]))
    if case < 5:
        page = run("period", "--ledger", X, "--from", rfc(a), "--to", rfc(b), "--write", "html").stdout
        assert "<script" not in page and "\x1b" not in page and "\u202e" not in page
        assert "\x1b" not in run("period", "--ledger", X, "--from", rfc(a), "--to", rfc(b)).stdout
        assert '"=' not in run("period", "--ledger", X, "--from", rfc(a), "--to", rfc(b), "--write", "csv").stdout.replace('"t <', "")
PY
