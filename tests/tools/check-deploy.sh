#!/bin/sh
# deploy/: every file is what its source makes, our own scan and audit find nothing in it, and facts of nodes come out of pods' logs.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir" PYTHONPATH="$srcdir/tests/tools" PYTHONDONTWRITEBYTECODE=1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() { echo "$*" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }

# ---- one source
MANIFESTS_TO="$tmp/made" sh "$srcdir/deploy/make-manifests.sh"
made=0
for f in $(cd "$tmp/made" && find . -type f); do
  cmp -s "$tmp/made/$f" "$srcdir/deploy/$f" || fail "deploy/$f is not what deploy/source makes: deploy/make-manifests.sh"
  made=$((made + 1))
done
[ "$made" -ge 8 ] || fail "only $made files are made"
for f in "$srcdir"/deploy/chart/templates/*.yaml; do
  [ -f "$tmp/made/chart/templates/${f##*/}" ] || fail "$f comes from no source"
done
if grep -n '{{\|#helm\|#@' "$srcdir/deploy/base/cronjob.yaml" "$srcdir/deploy/node-facts/node-facts.yaml"; then fail "marks of the source in plain files"; fi
python3 - "$srcdir/deploy/chart" <<'P' || fail "values.yaml and values.schema.json do not agree"
import json, re, sys
schema = json.load(open(sys.argv[1] + "/values.schema.json"))
top = [m[1] for m in re.finditer(r"^([A-Za-z]+):", open(sys.argv[1] + "/values.yaml").read(), re.M)]
assert schema["additionalProperties"] is False and set(top) == set(schema["properties"]) - {"global"}, set(top) ^ set(schema["properties"])
P

# ---- nothing to find in it; as files of their own, and as all of a cluster
for how in scan whole audit; do
  case $how in
  scan) "$kv" scan "$srcdir/deploy/base" -o "$tmp/$how" --format json -q >/dev/null 2>"$tmp/told" || fail "scan deploy/base" ;;
  whole) "$kv" scan --whole "$srcdir/deploy/base" -o "$tmp/$how" --format json -q >/dev/null 2>"$tmp/told" || fail "scan --whole deploy/base" ;;
  audit) "$kv" audit --benchmark kubevouch-hardening --manifests "$srcdir/deploy/base" -o "$tmp/$how" --format json -q >/dev/null 2>"$tmp/told" || fail "audit of deploy/base" ;;
  esac
  python3 - "$tmp/$how/report.json" <<'P' || fail "$how of deploy/base finds something"
import sys, report_doc
r = report_doc.load(sys.argv[1])
bad = [(f["check"], f["object"], f.get("message")) for f in r["findings"] if f["verdict"] == "fail" and f["object"].get("kind") != "cluster"]
assert not bad, bad
assert any(c["verdict"] == "pass" for c in r["checks"])
P
done
"$kv" scan "$srcdir/deploy/base" "$srcdir/deploy/fleet" --fail-on info -o "$tmp/fleet" --format json -q >/dev/null 2>"$tmp/told" || fail "scan of deploy/fleet finds something"
"$kv" pss --manifests "$srcdir/deploy/base" >"$tmp/said" 2>"$tmp/told" || fail "pss deploy/base"
grep -q 'CronJob kubevouch/kubevouch: restricted' "$tmp/said" || fail "the CronJob is not restricted: $(cat "$tmp/said")"

# ---- the options of the CronJob and of the DaemonSet are ones that there are
python3 - "$srcdir/deploy/base/cronjob.yaml" "$srcdir/deploy/node-facts/node-facts.yaml" "$srcdir/deploy/fleet/indexed-job.yaml" "$("$kv" audit --help; "$kv" node-facts --help; "$kv" merge --help)" <<'P' || fail "options that there are not"
import re, sys
for path in sys.argv[1:4]:
    text = re.sub(r"^ *#.*", "", open(path).read(), flags=re.M)
    for o in re.findall(r"[ \[](--[a-z-]+)", text):
        assert re.search(re.escape(o) + r"[ =\n]", sys.argv[4]), (path, o)
P

# ---- facts out of logs: of each node its own pod's, and of no other's
mkdir "$tmp/facts"
for n in $("$kv" eval --snapshot "$srcdir/tests/clusters/mix" --over nodes --print jsonl object.metadata.name 2>/dev/null | sed -n 's/.*"value": *"\([^"]*\)".*/\1/p' | sort); do
  "$kv" node-facts --root "$tmp/facts" --node-name "$n" >"$tmp/facts/$n.json"
done
nodes=$(find "$tmp/facts" -name '*.json' | wc -l)
[ "$nodes" -ge 3 ] || fail "the recording has $nodes nodes"
python3 - "$srcdir/tests/clusters/mix" "$tmp" <<'P'
import json, os, shutil, sys
mix, tmp = sys.argv[1:]
names = sorted(f[:-5] for f in os.listdir(tmp + "/facts"))
log = {n: open(f"{tmp}/facts/{n}.json").read() for n in names}
def pod(name, node, owner="DaemonSet"):
    p = {"metadata": {"name": name, "namespace": "nf", "labels": {"app.kubernetes.io/name": "kubevouch-node-facts"}}, "spec": {"nodeName": node}}
    if owner: p["metadata"]["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": owner, "name": "node-facts", "uid": "u", "controller": True}]
    return p
def make(name, pods, logs):
    to = f"{tmp}/{name}"; shutil.copytree(mix, to); os.system(f"chmod -R u+w {to}")
    index = json.load(open(to + "/snapshot.json"))
    def put(path, status, kind, text):
        f = f"answers/x{len(index['answers'])}.txt"; open(f"{to}/{f}", "w").write(text)
        index["answers"].append({"verb": "GET", "path": path, "status": status, "contentType": kind, "file": f})
    put("/api/v1/namespaces/nf/pods?labelSelector=app.kubernetes.io%2Fname%3Dkubevouch-node-facts", 200, "application/json",
        json.dumps({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": pods}))
    for p, (status, text) in logs.items():
        put(f"/api/v1/namespaces/nf/pods/{p}/log?container=node-facts&limitBytes=8388608", status, "text/plain", text)
    json.dump(index, open(to + "/snapshot.json", "w"))
good = {f"p{i}": (200, log[n]) for i, n in enumerate(names)}
pods = [pod(f"p{i}", n) for i, n in enumerate(names)]
make("good", pods, good)
make("noise", pods, {p: (s, "kubevouch: warning: one\n" + t + "kubevouch: warning: two\n") for p, (s, t) in good.items()})
make("twice", pods + [pod("p9", names[0])], {**good, "p9": (200, log[names[0]].replace('"collectedAt": "20', '"collectedAt": "19'))})
make("liar", [pod("p0", names[1])] + pods[1:], good)                      # its pod is on another node than it speaks of
make("stranger", [pod("p0", names[0], None)] + pods[1:], good)
make("set", [pod("p0", names[0], "ReplicaSet")] + pods[1:], good)
make("refused", pods, {**good, "p0": (403, '{"kind":"Status","message":"no"}')})
make("broken", pods, {**good, "p0": (200, log[names[0]][:-40])})
make("waiting", [pod("p0", "")] + pods[1:], good)
make("nobody", [], {})
P
facts_of() { # facts_of NAME COUNT TEXT: how many nodes' facts are judged, and what is told
  "$kv" audit --snapshot "$tmp/$1" --node-facts-pods nf --node-facts-max-age 87600 -c 4.1.1 -o "$tmp/out" --format json --summary line >"$tmp/said" 2>"$tmp/told" || fail "$1: an audit that did not end"
  python3 - "$tmp/out/report.json" "$2" "$3" <<'P' || fail "$1: other facts, or it does not say $3"
import json, sys
r = json.load(open(sys.argv[1])); notes = " ".join(r["summary"]["notes"])
given = [f.get("node") or f.get("nodeName") for f in r.get("nodeFacts") or []]
assert len(given) == int(sys.argv[2]) and given == sorted(given), given
assert (sys.argv[3] in notes) if sys.argv[3] else "could not be had" not in notes, notes
P
  [ -z "$3" ] || grep -q -- '--node-facts-pods' "$tmp/told" || fail "$1: nothing is told on standard error"
}
facts_of good "$nodes" ""
facts_of noise "$nodes" ""
facts_of twice "$nodes" ""
facts_of liar $((nodes - 1)) "speaks of node"
facts_of stranger $((nodes - 1)) "is of no DaemonSet"
facts_of set $((nodes - 1)) "is of no DaemonSet"
facts_of refused $((nodes - 1)) "p0"
facts_of broken $((nodes - 1)) "p0"
facts_of waiting $((nodes - 1)) "on no node yet"
facts_of nobody 0 "no pod of a DaemonSet has the label"
status=0; "$kv" audit --snapshot "$tmp/good" --node-facts-pods other -o "$tmp/out" >"$tmp/said" 2>"$tmp/told" || status=$?
[ "$status" -eq 4 ] && grep -q 'its pods could not be listed' "$tmp/told" || fail "pods that cannot be listed: exit $status"
for bad in 'a/b' 'a?b' 'A'; do
  status=0; "$kv" audit --snapshot "$tmp/good" --node-facts-pods "$bad" -o "$tmp/out" >"$tmp/said" 2>"$tmp/told" || status=$?
  [ "$status" -eq 2 ] || fail "namespace $bad: exit $status"
done
# the Role for it is what the manifest has
"$kv" rbac --node-facts-pods kubevouch-node-facts | sed '/^ *#/d' | awk 'BEGIN { RS = "---\n" } /name: kubevouch-node-facts\n/' >"$tmp/printed"
sed '/^ *#/d' "$srcdir/deploy/node-facts/node-facts.yaml" | awk 'BEGIN { RS = "---\n" } /\nkind: Role\n/' >"$tmp/deployed"
[ -s "$tmp/printed" ] && cmp -s "$tmp/printed" "$tmp/deployed" || fail "the Role that reads logs is not what kubevouch rbac prints"

# ---- --then-wait ends when it is told to, and by itself
"$kv" node-facts --root "$tmp/facts" --node-name n --then-wait 600 >"$tmp/waits" & pid=$!
i=0; until tail -n 1 "$tmp/waits" | grep -q '^}$'; do i=$((i + 1)); [ $i -lt 200 ] || fail "printed nothing"; sleep 0.05; done
kill -TERM $pid; status=0; wait $pid || status=$?
[ "$status" -eq 0 ] || fail "a signal while it waits: exit $status"
"$kv" node-facts --root "$tmp/facts" --node-name n --then-wait 1 >/dev/null || fail "--then-wait 1"
