#!/bin/sh
# A benchmark outside the source tree brings kinds of its own: linted, judged in files, recordings and by a server, missing, forbidden and of
# another version, in the least rights, and refused where they cannot be.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
server=
cleanup() { exec 9>&-; [ -z "$server" ] || wait "$server" 2>/dev/null || true; rm -rf "$tmp"; }
trap cleanup EXIT
fail() { echo "$*" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }
mkfifo "$tmp/life"
cp "$srcdir"/tests/kinds/*.yaml "$tmp"
bench=$tmp/widgets.yaml
"$kv" lint -q "$bench" 2>"$tmp/told" || fail "the tests of a benchmark with kinds fail"
if (cd "$tmp" && "$kv" lint faulty.yaml 2>told); then fail "faulty kinds passed"; fi
diff "$srcdir/tests/kinds/faulty.expected" "$tmp/told" >&2 || fail "faults of kinds are told otherwise"

# ---- files
mkdir "$tmp/files"
cat >"$tmp/files/w.yaml" <<EOF
apiVersion: factory.example.com/v2
kind: Widget
metadata: {name: lid, namespace: shop}
spec: {closed: false, material: tin}
EOF
verdict() { # verdict REPORT ID: the verdict of a check
  python3 -c 'import json, sys; print([c["verdict"] for c in json.load(open(sys.argv[1]))["checks"] if c["id"] == sys.argv[2]][0])' "$1/report.json" "$2"
}
is() { # is FOLDER ID VERDICT
  got=$(verdict "$1" "$2"); [ "$got" = "$3" ] || fail "$1: check $2 is $got, not $3"
}
"$kv" scan -q -b "$bench" -o "$tmp/scan" --fail-on never "$tmp/files" >"$tmp/summary" 2>"$tmp/told" || fail "scan fails"
is "$tmp/scan" 1.1 fail
grep -q 'Widget shop/lid\|"lid"' "$tmp/scan/report.json" || fail "the object is not named"
if grep -q undeclared "$tmp/scan/report.json" "$tmp/scan/report.html"; then fail "rows of no kind are shown"; fi

# ---- least rights
"$kv" rbac -b "$bench" >"$tmp/rbac" 2>"$tmp/told"
grep -A 1 'apiGroups: \[factory.example.com\]' "$tmp/rbac" | grep -q 'resources: \[widgets, services\]' || fail "the least rights leave the kinds out"

# ---- a recording, and a server that gives its answers
record() { # record FOLDER VERSIONS ITEMS: a cluster that serves widgets in these versions
  python3 - "$srcdir/tests/clusters/mix" "$tmp/$1" "$2" "$3" <<'EOF'
import json, os, shutil, sys
source, target, versions, items = sys.argv[1:]
shutil.copytree(source, target, copy_function=shutil.copyfile)
for folder, _, files in os.walk(target):
    os.chmod(folder, 0o755)
    for f in files:
        os.chmod(os.path.join(folder, f), 0o644)
with open(target + "/snapshot.json") as f:
    index = json.load(f)
apis = next(a for a in index["answers"] if a["path"] == "/apis")
with open(target + "/" + apis["file"]) as f:
    groups = json.load(f)
def resource(v, plural, kind, scope):
    return {"resource": plural, "scope": scope, "verbs": ["get", "list"], "responseKind": {"group": "factory.example.com", "version": v, "kind": kind}}
if versions:
    groups["items"].append({"metadata": {"name": "factory.example.com"}, "versions": [
        {"version": v, "resources": [resource(v, "widgets", "Widget", "Namespaced")]} for v in versions.split()]})
    with open(target + "/" + apis["file"], "w") as f:
        json.dump(groups, f)
    del apis["received"]
    for v in versions.split():
        name = "answers/widgets-%s.json" % v
        with open(target + "/" + name, "w") as f:
            json.dump({"kind": "WidgetList", "apiVersion": "factory.example.com/" + v, "metadata": {"resourceVersion": "1"}, "items": json.loads(items)}, f)
        index["answers"].append({"verb": "GET", "path": "/apis/factory.example.com/%s/widgets" % v, "status": 200, "contentType": "application/json", "file": name})
with open(target + "/snapshot.json", "w") as f:
    json.dump(index, f)
EOF
}
replay() { # replay FOLDER
  "$kv" audit -q --snapshot "$tmp/$1" -b "$bench" -o "$tmp/$1.out" --fail-on never >"$tmp/summary" 2>"$tmp/told" || [ -s "$tmp/$1.out/report.json" ] || fail "the audit of $1 fails"
}
open='[{"metadata": {"name": "a", "namespace": "shop"}, "spec": {"closed": true}}, {"metadata": {"name": "b", "namespace": "shop"}, "spec": {"closed": false, "material": "tin"}}]'
closed='[{"metadata": {"name": "a", "namespace": "shop"}, "spec": {"closed": true}}]'
record open "v1 v2" "$open"; replay open; is "$tmp/open.out" 1.1 fail
record closed "v1" "$closed"; replay closed; is "$tmp/closed.out" 1.1 pass
record none "" "[]"; replay none; is "$tmp/none.out" 1.1 not-applicable; is "$tmp/none.out" 1.2 not-applicable
record other "v9" "$closed"; replay other; is "$tmp/other.out" 1.1 unknown
grep -q 'serves version v9, which is not understood' "$tmp/other.out/report.json" || fail "an unknown version is not told"

serve() { # serve FOLDER OPTION...: a server until the next
  folder=$1; shift
  if [ -n "$server" ]; then exec 9>&-; wait "$server" 2>/dev/null || true; fi
  : >"$tmp/ready"
  "$builddir/tests/kube/fakeapi" --serve "$tmp/$folder" --kubeconfig "$tmp/kc" "$@" <"$tmp/life" >"$tmp/ready" &
  server=$!
  exec 9>"$tmp/life"
  for _ in $(seq 200); do grep -q ready "$tmp/ready" && return; sleep 0.05; done
  fail "the server did not start"
}
live() {
  rm -rf "$tmp/live"
  "$kv" audit -q --kubeconfig "$tmp/kc" -b "$bench" -o "$tmp/live" --retries 0 --fail-on never >"$tmp/summary" 2>"$tmp/told" || [ -s "$tmp/live/report.json" ] || fail "the audit of the server fails"
}
serve open; live; is "$tmp/live" 1.1 fail
serve closed; live; is "$tmp/live" 1.1 pass
serve closed --fault /apis/factory.example.com/=403; live; is "$tmp/live" 1.1 unknown
grep -q 'list on widgets in API group' "$tmp/live/report.json" || fail "the right that is missing is not named"
