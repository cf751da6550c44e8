#!/bin/sh
# Commands that mend a finding: each is what a shell takes for these words and no others, whatever objects are called; none for names that cannot be
# pasted; the page, findings.jsonl and what render makes of report.json have the same ones.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() { echo "$*" >&2; exit 1; }
mkdir "$tmp/bin" "$tmp/in"
# stands in for every program that a command could call: says its words, and does nothing
for p in kubectl sudo sudoedit systemctl; do printf '#!/bin/sh\nprintf "%%s\\0" %s "$@" >>"$WORDS"\n' $p >"$tmp/bin/$p"; chmod +x "$tmp/bin/$p"; done
python3 - "$tmp/in/all.json" <<'P'
import json, sys
names = ["plain", "a'b", "$(touch pwned)", "`touch pwned`", "; touch pwned", "| touch pwned", "a b", "\"", "\\", "#x", "!x", "a\nb", "a\tb", "-x", "--all", "\u202egnp", "\u00e9", "*", "~", "{name}", "'; touch pwned; '", "a\x7f", "a\u0000b", "x" * 300]
spec = {"hostPID": True, "containers": [{"name": "c", "image": "i", "securityContext": {"privileged": True}}]}
items = []
for n in names:
    items.append({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n}})
    meta = {"name": n, "namespace": n}
    items.append({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": spec}}})
    items.append({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": meta, "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": {"spec": {**spec, "restartPolicy": "Never"}}}}}})
    items.append({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
# a Deployment whose pods say what its template does not any more: changing the template would mend nothing
def owned(kind, name): return [{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": name, "controller": True}]
clean = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
chosen = {"matchLabels": {"a": "b"}}
items.append({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "mended", "namespace": "plain", "uid": "mended"}, "spec": {"selector": chosen, "template": clean}})
items.append({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "mended-1", "namespace": "plain", "uid": "mended-1", "labels": {"a": "b"}, "ownerReferences": owned("Deployment", "mended")}, "spec": {"selector": chosen, "template": clean}})
items.append({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "mended-1-x", "namespace": "plain", "labels": {"a": "b"}, "ownerReferences": owned("ReplicaSet", "mended-1")}, "spec": spec})
json.dump({"apiVersion": "v1", "kind": "List", "items": items}, open(sys.argv[1], "w"))
P
"$kv" audit --manifests "$tmp/in" --whole -q -o "$tmp/out" -f json,jsonl,html -c 5.2 >/dev/null 2>&1 || true
"$kv" audit --snapshot "$srcdir/tests/clusters/mix" -q -o "$tmp/mix" -f json,jsonl,html >/dev/null 2>&1 || true
cd "$tmp"
cat >run.py <<'P'
import html, json, os, re, subprocess, sys, unicodedata
out, seen, kinds = sys.argv[1], 0, set()
page = open(f"{out}/report.html", encoding="utf-8").read()
shown = {html.unescape(c) for c in re.findall(r'<span class="soft">Command</span> <code>(.*?)</code>', page, re.S)}
told = set()
checks = {c["id"]: c for c in json.load(open(f"{out}/report.json"))["checks"]}
assert all(c.get("commands") or c.get("noCommand") for c in checks.values())
def words(command):
    if os.path.exists("words"): os.remove("words")
    # stdin and what it would read are nobody's; the commands are pasted one by one
    subprocess.run(["sh", "-c", command], env={"PATH": f"{os.getcwd()}/bin:/usr/bin:/bin", "WORDS": os.getcwd() + "/words"}, check=True, stdin=subprocess.DEVNULL, timeout=20)
    return open("words", encoding="utf-8").read().split("\0")[:-1]
def pastable(s): return bool(s) and s[0] != "-" and s.isprintable() and not any(unicodedata.category(c) in ("Cf", "Cc", "Zl", "Zp") for c in s)
for line in open(f"{out}/findings.jsonl", encoding="utf-8"):
    f = json.loads(line); o = f["object"]; command = f.get("command")
    if f["verdict"] != "fail": assert not command, f; continue
    c = checks[f["check"]]
    if command is None:
        hostile = not all(pastable(o[k]) for k in ("name", "namespace") if o.get(k))
        assert hostile or c.get("noCommand"), f
        continue
    assert all(pastable(o[k]) for k in ("name", "namespace") if o.get(k)) and f.get("inTemplate", True), f
    told.add(command)
    if command in kinds: continue
    kinds.add(command); seen += 1
    assert command.isprintable(), command
    got = words(command)
    run = next(x for x in c["commands"] if x.get("of", o["kind"]) == o["kind"])["run"]
    if o["kind"] in ("Deployment", "CronJob", "StatefulSet", "DaemonSet"):
        assert got[0] == "kubectl" and got[2:6] == [o["kind"], o["name"], "-n", o["namespace"]], (got, o)
        if got[1] == "patch":
            patch = json.loads(got[-1])["spec"]
            if o["kind"] == "CronJob": patch = patch["jobTemplate"]["spec"]
            assert set(patch["template"]["spec"]) <= {"hostPID", "hostIPC", "hostNetwork", "securityContext", "automountServiceAccountToken"}, got
    elif o["kind"] == "Namespace": assert o["name"] in got, (got, o)
    assert o["kind"] not in ("Pod", "Job"), f
assert shown and shown <= told, shown - told
assert not os.path.exists("pwned"), "a name was run"
assert seen > int(sys.argv[2]), seen
P
python3 run.py "$tmp/out" 60 || fail "hostile names"
python3 run.py "$tmp/mix" 100 || fail "a cluster"
[ ! -e pwned ] || fail "a name was run"
"$kv" render out/report.json -o again -f jsonl,html >/dev/null 2>&1
cmp out/findings.jsonl again/findings.jsonl && cmp out/report.html again/report.html || fail "render has other commands"
# templates at fault
lint() { cp -R "$srcdir/benchmarks/." "$tmp/b"; chmod -R u+w "$tmp/b"; sed "$2" "$srcdir/benchmarks/pss.yaml" >"$tmp/b/pss.yaml"; cmp -s "$tmp/b/pss.yaml" "$srcdir/benchmarks/pss.yaml" && fail "$1: nothing was changed"
  if "$kv" lint "$tmp/b/pss.yaml" >"$tmp/told" 2>&1; then fail "$1 passed lint"; fi; grep -q "$3" "$tmp/told" || { cat "$tmp/told" >&2; fail "$1"; }; }
mkdir "$tmp/b"
lint "an unknown placeholder" 's/{workload}/{worklode}/' 'a placeholder is unknown'
lint "a brace that is not closed" 's/{workload}/{workload/' 'a brace is not closed'
lint "a quote that is not closed" "s/edit {workload}/edit 'x {workload}/" 'a quote is not closed'
lint "evidence that is not shown" 's/{workload}/{evidence.nothing}/' 'shows no evidence "nothing"'
lint "a check without" '/^- id: "privileged"/,/^  references:/{/^  commands:/d; /^    - {.*run:/d; /^  noCommand:/d}' 'check privileged has neither commands nor noCommand'
