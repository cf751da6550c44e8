#!/bin/sh
# Objects in files: what cannot be read is told by its place and leaves nothing green, the rest is audited.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir" PYTHONPATH="$srcdir/tests/tools" PYTHONDONTWRITEBYTECODE=1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() { echo "$*" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }
audit() { # audit STATUS OPTION...
  want=$1; shift
  status=0; "$kv" audit -o "$tmp/out" "$@" >"$tmp/summary" 2>"$tmp/told" || status=$?
  [ "$status" -eq "$want" ] || fail "exit $status, not $want: audit $*"
}
mkdir "$tmp/good" "$tmp/good/inside" "$tmp/bad" "$tmp/worse"

# every way to write objects: documents, Lists, lists of one kind, JSON, empty documents, other kinds
cat >"$tmp/good/a.yaml" <<'Y'
%YAML 1.1
---
apiVersion: v1
kind: Pod
metadata: {name: first, namespace: x}
spec: {containers: [{name: c, image: i, securityContext: {privileged: true}}]}
---
---
# nothing here
--- # a comment
apiVersion: v1
kind: PodList
items:
- metadata: {name: second}
  spec: {containers: [{name: c, image: i, securityContext: {privileged: true}}]}
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {generateName: third-}
  spec: {containers: [{name: c, image: i, securityContext: {privileged: true}}]}
- {apiVersion: v1, kind: Endpoints, metadata: {name: c}}
- {apiVersion: v1, kind: Endpoints, metadata: {name: d}}
- {apiVersion: example.test/v1, kind: AllowList, spec: {}}
Y
printf '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"x"}}' >"$tmp/good/b.json"
printf 'apiVersion: v1\r\nkind: Namespace\r\nmetadata:\r\n  name: w\r\n---\r\napiVersion: v1\r\nkind: Namespace\r\nmetadata:\r\n  name: z\r\n' >"$tmp/good/c.yml"
: >"$tmp/good/d.yaml"
printf 'not: [a manifest' >"$tmp/good/readme.txt"
audit 0 --manifests "$tmp/good"
[ ! -s "$tmp/told" ] || ! grep -q warning "$tmp/told" || fail "a fault where there is none"
python3 - "$tmp/out/report.json" <<'P'
import sys, report_doc
r = report_doc.load(sys.argv[1])
rows = {c["source"]: c for c in r["coverage"]}
assert rows["pods"]["items"] == 3 and rows["pods"]["state"] == "complete", rows["pods"]
assert rows["namespaces"]["items"] == 3, rows["namespaces"]
found = {f["object"]["name"] for f in r["findings"] if f["check"] == "5.2.2" and f["object"].get("kind") == "Pod"}
assert found == {"first", "second", "third-"}, found
notes = " ".join(r["summary"]["notes"])
assert "No check looks at these objects: 2 v1 Endpoints, 1 example.test/v1 AllowList." in notes, notes
assert "1 times a file not named .yaml, .yml or .json" in notes, notes
assert "Not read" not in notes
assert any(c["verdict"] == "pass" for c in r["checks"])
P

# what is broken: each told with its place, the rest is judged, nothing is green
cp "$tmp/good/a.yaml" "$tmp/bad/a.yaml"
cat >"$tmp/bad/b.yaml" <<'Y'
spec: {}
---
kind: Pod
metadata: {name: p}
---
apiVersion: v1
kind: Pod
metadata: {namespace: x}
---
a: [1,
---
apiVersion: v1
kind: List
items:
- 5
- apiVersion: v1
  kind: Service
---
apiVersion: v1
kind: ServiceAccountList
---
- 1
Y
printf 'a\0b' >"$tmp/bad/c.yml"
printf '{"apiVersion":"v1","kind":"Pod",' >"$tmp/bad/d.json"
audit 0 --manifests "$tmp/bad"
for place in 'b.yaml:3:1: an object without apiVersion' 'b.yaml:6:1: a Pod without metadata.name' \
             'b.yaml:11:1: ' 'b.yaml:15:3: expected an object' 'b.yaml:16:3: a Service without metadata.name' \
             'b.yaml:19:1: a ServiceAccountList without a list of items' \
             'c.yml:1:2: control character' 'd.json:1:33: '; do
  grep -qF "$place" "$tmp/told" || fail "does not say $place"
  grep -qF "$place" "$tmp/out/report.html" || fail "the report does not say $place"
done
python3 - "$tmp/out/report.json" <<'P'
import sys, report_doc
r = report_doc.load(sys.argv[1])
assert not [c["id"] for c in r["checks"] if c["verdict"] in ("pass", "not-applicable")], [(c["id"], c["reason"]) for c in r["checks"] if c["verdict"] in ("pass", "not-applicable")]
assert [c for c in r["checks"] if c["id"] == "5.2.2"][0]["verdict"] == "fail"
assert len({f["object"]["name"] for f in r["findings"] if f["check"] == "5.2.2" and f["object"].get("kind") == "Pod"}) == 3
rows = {c["source"]: c for c in r["coverage"]}
assert all(rows[k]["state"] == "cut" and "repair or remove" in rows[k]["remedy"] for k in ("pods", "services", "namespaces")), rows
assert len([n for n in r["summary"]["notes"] if n.startswith("Not read: ")]) == 8, r["summary"]["notes"]
assert [n for n in r["summary"]["notes"] if "2 times no Kubernetes object" in n], r["summary"]["notes"]
P
audit 3 --manifests "$tmp/bad" --strict-coverage
# a fault of a known kind concerns the lists of that kind alone
cp "$tmp"/good/*.yaml "$tmp/worse"
printf 'apiVersion: v1\nkind: PersistentVolume\nmetadata: {}\n' >"$tmp/worse/x.yaml"
audit 0 --manifests "$tmp/worse"
grep -q 'persistentvolumes: .*x.yaml:1:1: a PersistentVolume without metadata.name' "$tmp/summary" || grep -q 'x.yaml:1:1' "$tmp/out/report.html" || fail "not told"
python3 -c 'import json,sys; r=json.load(open(sys.argv[1])); assert {c["source"]: c for c in r["coverage"]}["pods"]["state"] == "complete"' "$tmp/out/report.json"

# nothing at all: no audit
rm -rf "$tmp/out"
audit 4 --manifests "$tmp/bad/c.yml"
grep -q 'c.yml:1:2: control character.*nothing else could be read' "$tmp/told" || fail "no reason"
audit 4 --manifests "$tmp/none"
audit 4 --manifests "$tmp/good/inside"
[ ! -e "$tmp/out" ]
# the number of values is a limit like the others
awk 'BEGIN { print "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:"; for (i = 0; i < 1000; i++) print "  k" i ": v" }' >"$tmp/good/large.yaml"
audit 0 --manifests "$tmp/good" --max-yaml-values 1000
grep -q 'large.yaml:[0-9]*:[0-9]*: more than 1000 values: raise --max-yaml-values' "$tmp/told" || fail "no limit"
audit 0 --manifests "$tmp/good" --max-yaml-values 3000
! grep -q warning "$tmp/told" || fail "within the limit"
# what people leave in command lines, environments and annotations is quoted in no report, whatever an expression over it shows
cat >"$tmp/leaky.yaml" <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: leaky, namespace: a, annotations: {note: leaked-1}}
spec:
  containers:
  - name: c
    image: x:latest
    command: [sh, -c, "run --password=leaked-2"]
    args: ["--token", leaked-3]
    env: [{name: DB_PASSWORD, value: leaked-4}]
    securityContext: {privileged: true}
Y
"$kv" audit -q --manifests "$tmp/leaky.yaml" -o "$tmp/leaky" --format html --format json --format jsonl
grep -q '(list of 2)' "$tmp/leaky/report.json" || { echo "no subexpression shows the pod: the test shows nothing" >&2; exit 1; }
if grep -o 'leaked-[0-9]' "$tmp/leaky"/*; then echo "a report quotes what may be a credential" >&2; exit 1; fi
# no server is blamed where there is none
grep -q 'these are objects in files: no server tells it' "$tmp/leaky/report.json" || { echo "what files cannot tell is not said" >&2; exit 1; }
if grep -o 'the server answered [0-9]*[^"]*' "$tmp/leaky/report.json" | sort -u | grep .; then echo "a server is blamed that was not asked" >&2; exit 1; fi

# a ConfigMap that an audit asks for by its name is read from files as well; one beside a file that cannot be read is not taken for the last word
cat >"$tmp/proxy.yaml" <<'Y'
apiVersion: v1
kind: Node
metadata: {name: n}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kube-proxy, namespace: kube-system}
data: {config.conf: "kind: KubeProxyConfiguration\nmetricsBindAddress: 0.0.0.0:10249\n"}
Y
proxy() { # proxy VERDICT FILE...
  want=$1; shift
  files=; for f in "$@"; do files="$files --manifests $f"; done
  # shellcheck disable=SC2086
  "$kv" audit -q $files --whole -o "$tmp/proxied" >/dev/null 2>"$tmp/told" || true
  python3 - "$tmp/proxied/report.json" "$want" <<'P' || fail "4.3.1 is not $want of $*"
import sys, report_doc
verdict = {c["id"]: c["verdict"] for c in report_doc.load(sys.argv[1])["checks"]}["4.3.1"]
assert verdict == sys.argv[2], verdict
P
}
proxy fail "$tmp/proxy.yaml"
sed 's/kube-proxy, /kube-other, /' "$tmp/proxy.yaml" >"$tmp/other.yaml"
proxy unknown "$tmp/other.yaml"
printf '%s\n' '{' >"$tmp/torn.yaml"
proxy unknown "$tmp/proxy.yaml" "$tmp/torn.yaml"

# deploy/: what the collector on nodes is found to do is what it says of itself, and the waivers it shows accept that and no more
sed -n '/^#   waivers:$/,/^#$/s/^#   //p' "$srcdir/deploy/node-facts/node-facts.yaml" | sed "s/expires: .*/expires: $(date -u -d '+30 days' +%Y-%m-%d 2>/dev/null || echo 2099-01-01)/" >"$tmp/waivers.yaml"
"$kv" audit -o "$tmp/plain" --manifests "$srcdir/deploy/node-facts/node-facts.yaml" >/dev/null 2>"$tmp/told" || fail "the audit of deploy/node-facts/node-facts.yaml"
"$kv" audit -o "$tmp/waived" --manifests "$srcdir/deploy/node-facts/node-facts.yaml" --attestations "$tmp/waivers.yaml" >/dev/null 2>"$tmp/told" || fail "the audit of deploy/node-facts/node-facts.yaml with its waivers"
python3 - "$tmp/plain/report.json" "$tmp/waived/report.json" <<'P' || fail "deploy/node-facts/node-facts.yaml: other findings than it says"
import sys, report_doc
plain, waived = (report_doc.load(f) for f in sys.argv[1:])
def own(r, verdict):
    return sorted((f["check"], f["object"]["kind"]) for f in r["findings"] if f["verdict"] == verdict and "node-facts" in f["object"]["name"])
expected = sorted([("5.2.%d" % i, "Namespace") for i in range(1, 13)] + [(c, "DaemonSet") for c in ("5.2.7", "5.2.9", "5.2.11", "5.6.3")])
assert own(plain, "fail") == expected, own(plain, "fail")
assert own(waived, "fail") == [] and own(waived, "waived") == expected, own(waived, "fail")
P
# without a server to ask, the flags that decided are what was seen
cat >"$tmp/server.yaml" <<'Y'
apiVersion: v1
kind: Pod
metadata:
  name: kube-apiserver-cp-1
  namespace: kube-system
  annotations: {kubernetes.io/config.mirror: x}
  ownerReferences: [{apiVersion: v1, kind: Node, name: cp-1, controller: true, uid: u}]
spec:
  nodeName: cp-1
  containers:
  - name: kube-apiserver
    image: r/kube-apiserver:v1.35.4
    command: [kube-apiserver, --tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, --anonymous-auth=false, --client-ca-file=/ca, --tls-cert-file=/c]
Y
"$kv" audit -q --manifests "$tmp/server.yaml" -o "$tmp/server" --format json --check 1.2.1 --check 1.2.24 --check 1.2.25 --check 1.2.29
for flag in --anonymous-auth=false --tls-cert-file=/c --client-ca-file=/ca --tls-cipher-suites=TLS_ECDHE_RSA; do
  grep -q "\"seen\": *\"\['kube-apiserver-cp-1: $flag" "$tmp/server/report.json" || fail "the report does not show $flag as seen"
done
