#!/bin/sh
# Many clusters: audited one after the other by contexts and by a folder of kubeconfigs, shared out, and merged. A fleet's report has every
# cluster that was expected or is not written, and how they were shared out between folders makes no difference.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
life= pid=
trap '[ -z "$pid" ] || { exec 9>&-; wait $pid 2>/dev/null || true; }; rm -rf "$tmp"' EXIT
fail() { echo "$*" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }
merge() { # merge STATUS TEXT ARGS...
  want=$1 text=$2; shift 2; status=0
  "$kv" merge "$@" >"$tmp/said" 2>"$tmp/told" || status=$?
  [ "$status" -eq "$want" ] || fail "exit $status, not $want: merge $*"
  [ -z "$text" ] || grep -qF -- "$text" "$tmp/told" "$tmp/said" || fail "does not say \"$text\": merge $*"
}

# ---- audits
mkfifo "$tmp/life"
"$builddir/tests/kube/fakeapi" --serve "$srcdir/tests/clusters/mix" --kubeconfig "$tmp/kc" <"$tmp/life" >"$tmp/ready" & pid=$!
exec 9>"$tmp/life"
i=0; until grep -q ready "$tmp/ready"; do i=$((i + 1)); [ $i -lt 400 ] || fail "the server does not start"; sleep 0.05; done
python3 - "$tmp" <<'P'
import os, re, sys
tmp = sys.argv[1]
text = open(tmp + "/kc").read()
os.mkdir(tmp + "/configs")
for c in ("b", "a", "arn:aws:eks/c"):
    open(f"{tmp}/configs/{re.sub('[:/]', '-', c)}.yaml", "w").write(text)
open(tmp + "/configs/.hidden", "w").write("no")
os.mkdir(tmp + "/configs/..data")
os.symlink("a.yaml", tmp + "/configs/link.conf")
away = re.sub(r"https://127\.0\.0\.1:\d+", "https://127.0.0.1:1", text)
os.mkdir(tmp + "/away"); open(tmp + "/away/up", "w").write(text); open(tmp + "/away/down", "w").write(away)
P
many() { # many STATUS TEXT ARGS...
  want=$1 text=$2; shift 2; status=0
  "$kv" audit --summary line --format json -c 5.1.1 -c 5.2.2 "$@" >"$tmp/said" 2>"$tmp/told" || status=$?
  [ "$status" -eq "$want" ] || fail "exit $status, not $want: audit $*"
  [ -z "$text" ] || grep -qF -- "$text" "$tmp/told" "$tmp/said" || fail "does not say \"$text\": audit $*"
}
many 0 "" --kubeconfig-dir "$tmp/configs" -o "$tmp/out"
[ "$(ls "$tmp/out" | tr '\n' ' ')" = "a arn-aws-eks-c b clusters.txt link " ] || fail "other folders: $(ls "$tmp/out")"
[ "$(grep -v '^#' "$tmp/out/clusters.txt" | tr '\n' ' ')" = "a arn-aws-eks-c b link " ] || fail "another list"
grep -q '"name": *"b"' "$tmp/out/b/report.json" || fail "the report does not call the cluster by its name"
[ "$(grep -c ': score' "$tmp/said")" -eq 4 ] || fail "not a line for each cluster"
for n in 0 1 2; do many 0 "" --kubeconfig-dir "$tmp/configs" --shard "$n/3" -o "$tmp/shard-$n"; done
[ "$(ls -d "$tmp"/shard-*/*/report.json | wc -l)" -eq 4 ] && cmp -s "$tmp/shard-0/clusters.txt" "$tmp/out/clusters.txt" || fail "shards do not have each cluster once, or not the whole list"
many 4 "down: " --kubeconfig-dir "$tmp/away" -o "$tmp/part"
[ -s "$tmp/part/up/report.json" ] && [ ! -e "$tmp/part/down/report.json" ] || fail "a cluster that is away takes others with it"
grep -q 'of 2 clusters 1 could not be audited' "$tmp/told" || fail "does not count"
merge 2 "1 clusters have no report: down" "$tmp/part" -o "$tmp/fleet-part"
[ ! -e "$tmp/fleet-part" ] || fail "a fleet's report without a cluster"
# contexts: by glob, and names that are no names of folders
python3 - "$tmp" <<'P'
import re, sys
tmp = sys.argv[1]; text = open(tmp + "/kc").read()
name = re.search(r'current-context"?:\s*"?([^"\n,}]+)', text)[1].strip()
open(tmp + "/many", "w").write(text)
open(tmp + "/name", "w").write(name)
P
many 0 "" --kubeconfig "$tmp/many" --contexts '*' -o "$tmp/contexts"
python3 - "$tmp" <<'P'
import json, re, sys
tmp = sys.argv[1]; text = open(tmp + "/kc").read()
one = re.search(r"^- name: \S+\n(  context: .*\n)", text, re.M)
names = ("prod-a", "prod/b<&\"'>", "dev-c", "arn:aws:eks:eu:1:cluster/prod-d")
open(tmp + "/several", "w").write(text.replace(one[0], "".join(f"- name: {json.dumps(n)}\n{one[1]}" for n in names)))
P
many 0 "" --kubeconfig "$tmp/several" --contexts 'prod*' -o "$tmp/globbed"
[ "$(grep -v '^#' "$tmp/globbed/clusters.txt" | wc -l)" -eq 2 ] && [ "$(ls "$tmp"/globbed/*/report.json | wc -l)" -eq 2 ] && [ -s "$tmp/globbed/prod-a/report.json" ] || fail "contexts by glob: $(ls "$tmp/globbed")"
many 0 "" --kubeconfig "$tmp/several" --contexts '*prod-*' -o "$tmp/globbed-2"
[ "$(ls -d "$tmp"/globbed-2/*/ | wc -l)" -eq 2 ] && [ ! -e "$tmp/globbed-2/dev-c" ] || fail "contexts by another glob: $(ls "$tmp/globbed-2")"
# a file that is no kubeconfig, one that may not be read, one of a context that is not there: the others are judged
mkdir "$tmp/broken"; cp "$tmp/configs/b.yaml" "$tmp/broken/good"; cp "$tmp/configs/b.yaml" "$tmp/broken/sound"
printf 'apiVersion: v1\nkind: Config\nclusters: [\n' >"$tmp/broken/cut"; printf '\000\377' >"$tmp/broken/bytes"; printf 'current-context: nowhere\n' >"$tmp/broken/empty"
many 4 "of 5 clusters 3 could not be audited" --kubeconfig-dir "$tmp/broken" -o "$tmp/others"
for n in cut bytes empty; do grep -q "$n: " "$tmp/told" && [ ! -e "$tmp/others/$n/report.json" ] || fail "$n: not told, or a report of nothing"; done
for n in good sound; do [ -s "$tmp/others/$n/report.json" ] || fail "$n: a broken file takes others with it"; done
merge 2 "3 clusters have no report: bytes, cut, empty" "$tmp/others" -o "$tmp/fleet-broken"
[ ! -e "$tmp/fleet-broken" ] || fail "a fleet's report without its broken clusters"
many 2 "matches \"nothing-*\"" --kubeconfig "$tmp/many" --contexts 'nothing-*' -o "$tmp/contexts"
for wrong in 3/3 1 a/b -1/2 1/0 /; do many 2 "--shard: expected I/N" --kubeconfig-dir "$tmp/configs" --shard="$wrong" -o "$tmp/contexts"; done
many 2 "--shard goes with" --shard 0/2 -o "$tmp/contexts"
many 2 "do not go together" --kubeconfig-dir "$tmp/configs" --contexts '*' -o "$tmp/contexts"
many 2 "--cluster-name is of one cluster" --kubeconfig-dir "$tmp/configs" --cluster-name x -o "$tmp/contexts"
many 2 "--server is of one cluster" --kubeconfig-dir "$tmp/configs" --server https://x -o "$tmp/contexts"
cp "$tmp/configs/a.yaml" "$tmp/configs/a.yml"
many 2 "both be written to the folder a" --kubeconfig-dir "$tmp/configs" -o "$tmp/contexts"
mkdir "$tmp/none"; many 2 "holds no kubeconfig" --kubeconfig-dir "$tmp/none" -o "$tmp/contexts"

# ---- merging: the same clusters, shared out in every way, with and without --keep
merge 2 "are reports of the same cluster" "$tmp/out" -o "$tmp/fleet"
python3 - "$tmp" <<'P'
import glob, json, os, random, shutil, sys
tmp = sys.argv[1]
base = json.load(open(tmp + "/out/a/report.json"))
names = ["prod-%d" % i for i in range(5)] + ["<script>x"[1:7] + "_&"[:1]]
verdicts = ["fail", "pass", "unknown", "manual", "not-applicable", "waived"]
rnd = random.Random(7)
reports = {}
for i, n in enumerate(names):
    r = json.loads(json.dumps(base))
    r["target"]["clusterId"] = "id-%d" % i; r["target"]["name"] = n if i else "<b>prod & 'zero'"
    r["run"]["id"] = "run-%d" % i; r["run"]["finished"] = "2026-11-29T0%d:00:00Z" % i
    r["findings"] = []
    for c in r["checks"]:
        c["verdict"] = rnd.choice(verdicts)
    counts = r["summary"]["score"]["counts"]
    counts.update({v: sum(c["verdict"] == v for c in r["checks"]) for v in counts})
    reports[n] = r
def put(folder, names, keep=False):
    os.makedirs(folder)
    open(folder + "/clusters.txt", "w").write("# all\n" + "".join(n + "\n" for n in (sorted(reports) if not keep else reversed(sorted(reports)))))
    for n in names:
        d = f"{folder}/{n}" + ("/kubevouch-2026-11-29T010000Z" if keep else "")
        os.makedirs(d); json.dump(reports[n], open(d + "/report.json", "w"), indent=rnd.choice([None, 1]))
        if keep:
            os.makedirs(f"{folder}/{n}/kubevouch-2026-11-28T010000Z"); json.dump(base, open(f"{folder}/{n}/kubevouch-2026-11-28T010000Z/report.json", "w"))
put(tmp + "/one", names)
for k in range(2, 7):
    for s in range(k):
        put(f"{tmp}/of-{k}/{s}", [n for i, n in enumerate(names) if i % k == s], k == 3)
# a report that somebody has been at
failing = next(c for c in base["checks"] if c["verdict"] == "fail")
def at(edit):
    r = json.loads(json.dumps(reports[names[1]])); edit(r); return r
def better(r): next(c for c in r["checks"] if c["verdict"] != "pass")["verdict"] = "pass"
def quiet(r):
    r["findings"] = [f for f in base["findings"] if f["check"] == failing["id"]]
    c = next(c for c in r["checks"] if c["id"] == failing["id"]); k = r["summary"]["score"]["counts"]
    k[c["verdict"]] -= 1; k["pass"] += 1; c["verdict"] = "pass"
for folder, r in (("better", at(better)), ("quiet", at(quiet)), ("uncounted", at(lambda r: r["summary"]["score"].pop("counts")))):
    put(f"{tmp}/{folder}", names); json.dump(r, open(f"{tmp}/{folder}/{names[1]}/report.json", "w"))
put(tmp + "/late", names); reports[names[2]]["run"]["finished"] = "2026-11-27T00:00:00Z"; json.dump(reports[names[2]], open(f"{tmp}/late/{names[2]}/report.json", "w"))
P
merge 2 "counts in its summary are not those of its checks" "$tmp/better" -o "$tmp/fleet-no"
merge 2 "counts in its summary are not those of its checks" "$tmp/uncounted" -o "$tmp/fleet-no"
merge 2 "passes, and a finding of it fails" "$tmp/quiet" -o "$tmp/fleet-no"
[ ! -e "$tmp/fleet-no/fleet.json" ] || fail "a report that somebody has been at was merged"
merge 0 "6 clusters" "$tmp/one" -o "$tmp/fleet"
for k in 2 3 4 5 6; do
  merge 0 "" "$tmp/of-$k"/* -o "$tmp/fleet-$k"
  for f in fleet.json fleet.html; do cmp -s "$tmp/fleet/$f" "$tmp/fleet-$k/$f" || fail "$k shards give another $f than one"; done
done
set -- $(ls -d "$tmp/of-4"/* | sort -r); merge 0 "" "$@" -o "$tmp/fleet-r"
cmp -s "$tmp/fleet/fleet.json" "$tmp/fleet-r/fleet.json" || fail "the order of folders matters"
python3 - "$tmp" <<'P' || fail "the fleet's report is not what its clusters' reports say"
import json, sys
tmp = sys.argv[1]
fleet = json.load(open(tmp + "/fleet/fleet.json")); page = open(tmp + "/fleet/fleet.html").read()
assert [c["cluster"] for c in fleet["clusters"]] == sorted(c["cluster"] for c in fleet["clusters"]) and len(fleet["clusters"]) == 6
assert len(fleet["controls"]) == 2
for c in fleet["clusters"]:
    r = json.load(open(f"{tmp}/one/{c['cluster']}/report.json"))
    assert c["clusterId"] == r["target"]["clusterId"] and c["runId"] == r["run"]["id"] and c["name"] == r["target"]["name"]
    for k in r["checks"]:
        control = [x for x in fleet["controls"] if x["id"] == k["id"]][0]
        assert control["verdicts"][c["cluster"]] == k["verdict"], (c, k["id"])
    assert sum(c["verdicts"].values()) == len(r["checks"]) and c["verdicts"]["fail"] == sum(k["verdict"] == "fail" for k in r["checks"])
for x in fleet["controls"]:
    assert sum(x["clusters"].values()) == 6 == len(x["verdicts"])
assert "<b>prod" not in page and "&lt;b&gt;prod" in page and "<script" not in page and "Content-Security-Policy" in page
assert page.count("<h1>") == 1 and "<main" in page and all(f'<th scope="row">{c["cluster"]}' in page for c in fleet["clusters"])
P
before=$(cat "$tmp"/fleet/* | cksum)
same() { [ "$before" = "$(cat "$tmp"/fleet/* | cksum)" ] || fail "what was refused changed the fleet's report"; }
merge 2 "have no report" "$tmp/of-3/0" "$tmp/of-3/2" -o "$tmp/fleet"; same
merge 2 "is there twice" "$tmp/of-2"/* "$tmp/of-3/0" -o "$tmp/fleet"; same
merge 2 "are older than the newest" "$tmp/late" -o "$tmp/fleet"; same
merge 0 "" "$tmp/late" --max-age 100 -o "$tmp/fleet-late"
grep -v prod-3 "$tmp/one/clusters.txt" >"$tmp/fewer"
merge 2 "were not expected: prod-3" "$tmp/one" --expect "$tmp/fewer" -o "$tmp/fleet"; same
{ cat "$tmp/one/clusters.txt"; echo another; } >"$tmp/more"
merge 2 "1 clusters have no report: another" "$tmp/one" --expect "$tmp/more" -o "$tmp/fleet"; same
cp "$tmp/more" "$tmp/of-2/1/clusters.txt"; merge 2 "are of other lists" "$tmp/of-2"/* -o "$tmp/fleet"; same
rm "$tmp/of-2/1/clusters.txt"; merge 2 "which clusters must be there is not known" "$tmp/of-2"/* -o "$tmp/fleet"; same
echo ../x >"$tmp/evil"; merge 2 "is no name of a cluster's folder" "$tmp/one" --expect "$tmp/evil" -o "$tmp/fleet"; same
printf 'a\na\n' >"$tmp/evil"; merge 2 "names a twice" "$tmp/one" --expect "$tmp/evil" -o "$tmp/fleet"; same
: >"$tmp/evil"; merge 2 "names no cluster" "$tmp/one" --expect "$tmp/evil" -o "$tmp/fleet"; same
echo '{}' >"$tmp/one/prod-1/report.json"; merge 2 "prod-1/report.json" "$tmp/one" -o "$tmp/fleet"; same
merge 2 "merge needs the folders"
