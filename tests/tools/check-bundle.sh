#!/bin/sh
# Bundles of evidence: signed and checked by openssl and python too, every file and kind of field altered, verdicts that the recording does not give.
set -eu
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
kv=$builddir/kubevouch
for k in mine other; do openssl genpkey -algorithm ed25519 -out "$tmp/$k.pem" 2>/dev/null; openssl pkey -in "$tmp/$k.pem" -pubout -out "$tmp/$k.pub"; done
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$tmp/ec.pem" 2>/dev/null; openssl pkey -in "$tmp/ec.pem" -pubout -out "$tmp/ec.pub"
openssl genrsa -out "$tmp/rsa.pem" 2048 2>/dev/null
soon=$(python3 -c 'import datetime; print(datetime.date.today() + datetime.timedelta(100))')
cat >"$tmp/s.yaml" <<Y
waivers:
- {check: "5.2.2", by: Jane, reason: "agreed in ticket 7", expires: $soon}
Y
audit() { "$kv" audit -q --snapshot "$srcdir/tests/clusters/mix" -c 5.2 -c 5.1 -f json -o "$tmp/out" "$@" >/dev/null; }
audit --attestations "$tmp/s.yaml" --bundle "$tmp/full" --bundle-full --sign-key "$tmp/mine.pem"
audit --bundle "$tmp/ec" --sign-key "$tmp/ec.pem"
audit --bundle "$tmp/plain"
refused() { want=$1; shift; status=0; "$@" >"$tmp/told" 2>&1 || status=$?; [ "$status" -eq "$want" ] || { cat "$tmp/told" >&2; echo "exit $status, not $want: $*" >&2; exit 1; }; }
refused 2 audit --bundle "$tmp/full"
refused 2 audit --bundle-full
refused 2 audit --sign-key "$tmp/mine.pem"
refused 2 audit --bundle "$tmp/no" --sign-key "$tmp/rsa.pem"
refused 2 audit --bundle "$tmp/no" --sign-key "$tmp/mine.pub"
refused 2 audit --bundle "$tmp/no" --sign-key "$tmp/none.pem"
[ ! -e "$tmp/no" ]
for b in full ec plain; do (cd "$tmp/$b" && sha256sum -c --quiet SHA256SUMS); done
refused 0 "$kv" verify "$tmp/full" --key "$tmp/mine.pub"; grep -q 'judged again, [1-9][0-9]* verdicts and [1-9][0-9]* findings came out as told' "$tmp/told"
refused 0 "$kv" verify "$tmp/ec" --key "$tmp/ec.pub"; grep -q 'holds no recording' "$tmp/told"
refused 3 "$kv" verify "$tmp/full"; grep -q 'not checked: who signed' "$tmp/told"
refused 3 "$kv" verify "$tmp/plain"; grep -q 'not checked: the bundle is not signed' "$tmp/told"
refused 1 "$kv" verify "$tmp/plain" --key "$tmp/mine.pub"; grep -q 'incomplete: the bundle has no signature' "$tmp/told"
refused 1 "$kv" verify "$tmp/full" --key "$tmp/other.pub"; grep -q 'signed by another: ' "$tmp/told"
refused 1 "$kv" verify "$tmp/full" --key "$tmp/ec.pub"; grep -q 'signed by another: ' "$tmp/told"
refused 2 "$kv" verify "$tmp/full" --key "$tmp/none.pub"
refused 2 "$kv" verify
refused 1 "$kv" verify "$tmp/out" --key "$tmp/mine.pub"; grep -q 'is no bundle' "$tmp/told"
KV="$kv" python3 - "$tmp" <<'PY'
import base64, hashlib, json, os, shutil, subprocess, sys
tmp, kv = sys.argv[1], os.environ["KV"]
TYPE = "application/vnd.in-toto+json"
def pae(payload): return b"DSSEv1 %d %s %d " % (len(TYPE), TYPE.encode(), len(payload)) + payload
def envelope(b): return json.load(open(f"{b}/statement.dsse.json"))
def openssl(*a): return subprocess.run(["openssl", *a], capture_output=True)

# what a second implementation says of the signature, and of the statement
for b, key in (("full", "mine"), ("ec", "ec")):
    e = envelope(f"{tmp}/{b}")
    payload, sig = base64.b64decode(e["payload"], validate=True), base64.b64decode(e["signatures"][0]["sig"], validate=True)
    assert e["payloadType"] == TYPE
    open(f"{tmp}/pae", "wb").write(pae(payload)); open(f"{tmp}/sig", "wb").write(sig)
    how = ["pkeyutl", "-verify", "-pubin", "-inkey", f"{tmp}/{key}.pub", "-rawin", "-in", f"{tmp}/pae", "-sigfile", f"{tmp}/sig"]
    p = openssl(*how)
    assert p.returncode == 0, p
    der = openssl("pkey", "-pubin", "-in", f"{tmp}/{key}.pub", "-outform", "DER").stdout
    assert e["signatures"][0]["keyid"] == hashlib.sha256(der).hexdigest()
    s = json.loads(payload)
    assert s["_type"] == "https://in-toto.io/Statement/v1" and s["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1" and s["predicate"]["result"] == "FAILED"
    there = {os.path.relpath(os.path.join(d, f), f"{tmp}/{b}") for d, _, fs in os.walk(f"{tmp}/{b}") for f in fs} - {"statement.dsse.json", "statement.tsq"}
    assert {x["name"]: x["digest"]["sha256"] for x in s["subject"]} == {n: hashlib.sha256(open(f"{tmp}/{b}/{n}", "rb").read()).hexdigest() for n in there}
files = sorted(x["name"] for x in json.loads(base64.b64decode(envelope(f"{tmp}/full")["payload"]))["subject"])
assert {"report.json", "report.html", "findings.jsonl", "calls.jsonl", "inputs.json", "SHA256SUMS", "statements/1.yaml", "recording/snapshot.json", "benchmark/cis-kubernetes-2.0.1.yaml"} <= set(files)
report = json.load(open(f"{tmp}/full/report.json"))
assert [json.loads(line) for line in open(f"{tmp}/full/calls.jsonl")] == report["calls"]

def verify(b, key="mine"): return subprocess.run([kv, "verify", b, "--key", f"{tmp}/{key}.pub"], capture_output=True, text=True)
def copy():
    shutil.rmtree(f"{tmp}/x", ignore_errors=True)
    shutil.copytree(f"{tmp}/full", f"{tmp}/x", symlinks=True)
    os.remove(f"{tmp}/x/statement.tsq")  # of the statement as it was: check-bundle-tar.sh alters that
    return f"{tmp}/x"
def told(p, *faults):
    assert p.returncode == 1, (p.returncode, p.stdout, p.stderr)
    kinds = {line.split(":")[0] for line in p.stdout.split("\n") if ": " in line and "nothing was judged" not in line}
    if faults == ("wrongly judged",): kinds.discard("not checked")  # what cannot be judged again stands beside it
    assert kinds == set(faults), (kinds, p.stdout)
def judged_again(p): return "judged again, " in p.stdout

# every file: a byte, cut, taken away, a link in its place; a file more
x = copy()
for name in files:
    path = f"{x}/{name}"
    old = open(path, "rb").read()
    for new in (old[:-1], bytes([old[0] ^ 1]) + old[1:], b"") if old else (b"x",):
        open(path, "wb").write(new)
        p = verify(x)
        told(p, "altered"); assert name in p.stdout and not judged_again(p)
        if name.startswith(("recording/answers/", "benchmark/cis-kubernetes-2.0.1/")): break
    os.remove(path)
    p = verify(x)
    told(p, "incomplete"); assert f"{name} is missing" in p.stdout
    if not name.startswith("recording/answers/"):
        os.symlink(f"{tmp}/full/{name}", path)
        told(verify(x), "altered")
        os.remove(path)
    open(path, "wb").write(old)
assert verify(x).returncode == 0
for extra in ("more", "recording/answers/more.json", "benchmark/x.yaml"):
    open(f"{x}/{extra}", "w").write("{}")
    p = verify(x); told(p, "incomplete"); assert extra in p.stdout
    os.remove(f"{x}/{extra}")
# the statement: each field, and all digests made anew without the key
def with_statement(x, edit):
    e = envelope(x)
    s = json.loads(base64.b64decode(e["payload"]))
    edit(e, s)
    if "payload" in e and e["payload"] != "!": e["payload"] = base64.b64encode(json.dumps(s).encode()).decode()
    json.dump(e, open(f"{x}/statement.dsse.json", "w"))
def anew(e, s):
    for f in s["subject"]: f["digest"]["sha256"] = hashlib.sha256(open(f"{x}/{f['name']}", "rb").read()).hexdigest()
for edit in (lambda e, s: s["predicate"].update(result="PASSED"), lambda e, s: s["predicate"]["kubevouch"].update(clusterId="x"), lambda e, s: s["predicate"]["failedTests"].pop(),
             lambda e, s: s["predicate"].update(configuration=[]), lambda e, s: s.update(predicateType="x"), lambda e, s: s.update(_type="x")):
    x = copy(); with_statement(x, edit); told(verify(x), "altered")
x = copy(); with_statement(x, lambda e, s: e["signatures"][0].update(sig=base64.b64encode(bytes(64)).decode(), keyid="0" * 64)); told(verify(x), "signed by another")
x = copy(); with_statement(x, lambda e, s: e["signatures"].clear()); told(verify(x), "incomplete")
for edit in (lambda e, s: e.pop("payload"), lambda e, s: e.update(payload="!"), lambda e, s: e.update(payloadType="text/plain"), lambda e, s: s.update(subject=[])):
    x = copy(); with_statement(x, edit); p = verify(x); assert p.returncode == 1 and (p.stderr or "altered" in p.stdout), p
def rewrite(path, edit):
    d = json.load(open(path)); edit(d); json.dump(d, open(path, "w"))
def bindings(x): return next(f"{x}/{n}" for n in files if "clusterrolebindings" in n)
x = copy(); rewrite(bindings(x), lambda d: d["items"].pop()); with_statement(x, anew); told(verify(x), "altered")

# signed by the key itself, and not what the recording gives
def seal(x, key="mine"):
    names = sorted(os.path.relpath(os.path.join(d, f), x) for d, _, fs in os.walk(x) for f in fs if not f.startswith("statement."))
    s = json.loads(base64.b64decode(envelope(x)["payload"]))
    s["subject"] = [{"name": n, "digest": {"sha256": hashlib.sha256(open(f"{x}/{n}", "rb").read()).hexdigest()}} for n in names]
    payload = json.dumps(s).encode()
    open(f"{tmp}/pae", "wb").write(pae(payload))
    p = openssl("pkeyutl", "-sign", "-inkey", f"{tmp}/{key}.pem", "-rawin", "-in", f"{tmp}/pae", "-out", f"{tmp}/sig")
    assert p.returncode == 0, p
    der = openssl("pkey", "-in", f"{tmp}/{key}.pem", "-pubout", "-outform", "DER").stdout
    json.dump({"payloadType": TYPE, "payload": base64.b64encode(payload).decode(), "signatures": [{"keyid": hashlib.sha256(der).hexdigest(), "sig": base64.b64encode(open(f"{tmp}/sig", "rb").read()).decode()}]},
              open(f"{x}/statement.dsse.json", "w"))
x = copy(); seal(x); p = verify(x); assert p.returncode == 0 and judged_again(p), p
x = copy(); seal(x, "other"); told(verify(x), "signed by another")
check = next(c["id"] for c in report["checks"] if c["verdict"] == "fail")
def of(d, i): return next(c for c in d["checks"] if c["id"] == i)
for edit in (lambda d: of(d, check).update(verdict="pass"), lambda d: d["checks"].remove(of(d, check)) or d.update(findings=[f for f in d["findings"] if f["check"] != check]),
             lambda d: d["findings"].pop(), lambda d: d["findings"][0].update(verdict="waived"), lambda d: d["tables"]["objects"][d["findings"][0]["object"]].update(name="somebody-else"),
             lambda d: d["findings"][0].update(fingerprint="0" * 32), lambda d: d["findings"].append(dict(d["findings"][0], fingerprint="1" * 32)),
             lambda d: d["benchmark"].update(sha256="0" * 64), lambda d: d["target"].update(clusterId="another"), lambda d: d["params"][0].update(value="x")):
    x = copy(); rewrite(f"{x}/report.json", edit); seal(x); told(verify(x), "wrongly judged")
x = copy(); rewrite(bindings(x), lambda d: d["items"].clear()); seal(x); told(verify(x), "wrongly judged")
x = copy(); rewrite(f"{x}/inputs.json", lambda d: d["statements"].clear()); seal(x); told(verify(x), "wrongly judged")
x = copy(); rewrite(f"{x}/inputs.json", lambda d: d.update(skip=[check])); seal(x); told(verify(x), "wrongly judged")
# by a benchmark that is a shipped one by its name alone
weak = f"{tmp}/weak"
shutil.copytree(os.environ["KUBEVOUCH_DATA_DIR"] + "/benchmarks", weak)
subprocess.run(["chmod", "-R", "u+w", weak], check=True)
section = f"{weak}/cis-kubernetes-2.0.1/5-policies.yaml"
text = open(section).read()
head, tail = text.split('id: "5.2.2"', 1)
open(section, "w").write(head + 'id: "5.2.2"' + tail.replace('- expression: "', '- expression: "true || ', 1))
p = subprocess.run([kv, "audit", "--quiet", "--snapshot", os.environ["KUBEVOUCH_DATA_DIR"] + "/tests/clusters/mix", "--format", "json", "--benchmark", f"{weak}/cis-kubernetes-2.0.1.yaml", "--output", f"{tmp}/weaker", "--bundle", f"{tmp}/weakly", "--bundle-full", "--sign-key", f"{tmp}/mine.pem"])
assert p.returncode == 0, p
p = verify(f"{tmp}/weakly"); assert p.returncode == 3 and "calls itself cis-kubernetes-2.0.1" in p.stdout, p
assert any("calls itself cis-kubernetes-2.0.1" in n for n in json.load(open(f"{tmp}/weaker/report.json"))["summary"]["notes"])
assert not any("calls itself" in n for n in report["summary"]["notes"])
# the recording of another cluster
uid = report["target"]["clusterId"]
x = copy()
for n in files:
    if n.startswith("recording/"):
        t = open(f"{x}/{n}").read().replace(uid, "11111111-1111-1111-1111-111111111111"); open(f"{x}/{n}", "w").write(t)
seal(x); told(verify(x), "wrongly judged")
# inputs lead nowhere outside; what the bundle does not hold is told
for edit in (lambda d: d.update(benchmark="../../etc/passwd"), lambda d: d.update(benchmark="/etc/passwd"), lambda d: d.update(statements=["../s.yaml"])):
    x = copy(); rewrite(f"{x}/inputs.json", edit); seal(x); p = verify(x); assert p.returncode == 1 and "outside the bundle" in p.stderr, p
x = copy(); rewrite(f"{x}/inputs.json", lambda d: d.update(notCarried=["--node-facts"])); seal(x); p = verify(x); assert p.returncode == 3 and "not checked: the bundle does not hold" in p.stdout, p
PY
