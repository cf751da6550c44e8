#!/bin/sh
# --by namespace: a page for each namespace, whatever it is called, inside the folder; all change together or none does, and nothing else is removed.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
fail() { echo "$*" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }
pages=$tmp/out/namespaces

"$kv" demo -q -o "$tmp/out" -f json,html --by namespace >"$tmp/told" 2>&1
python3 - "$tmp/out" <<'P'
import html, json, os, re, sys
out = sys.argv[1]
report = json.load(open(f"{out}/report.json", encoding="utf-8"))
objects, checks = report["tables"]["objects"], {c["id"]: c for c in report["checks"]}
found = {}
for f in report["findings"]:
    o = objects[f["object"]]
    found.setdefault(o.get("namespace") or (o["name"] if o["kind"] == "Namespace" else ""), []).append(f)
files = set(os.listdir(f"{out}/namespaces"))
assert files == {f"{n}.html" for n in found if n} | {"_no-namespace.html", "_index.html"}, files
for n, rows in found.items():
    page = open(f"{out}/namespaces/{n or '_no-namespace'}.html", encoding="utf-8").read()
    assert page.count('<tr class="f') == len(rows), n
    assert set(re.findall(r'<section aria-labelledby="check-([0-9-]+)">', page)) == {f["check"].replace(".", "-") for f in rows}, n
    for id in {f["check"] for f in rows}: assert html.escape(checks[id]["remediation"], quote=True) in page.replace("&#39;", "&#x27;"), (n, id)
    # nobody else's objects; links stay on the page
    told = re.findall(r'<th scope="row" class="object">(\S+) <span class="mono">([^<]*)</span>', page)
    assert len(told) == len(rows) and all((o.split("/")[0] if "/" in o else o if k == "Namespace" else "") == n for k, o in told if n or "/" not in o), n
    assert all(f'id="{x}"' in page for x in re.findall(r'href="#([^"]+)"', page)) and "<script" not in page, n
    assert report["run"]["id"] in page and report["target"]["clusterId"] in page
index = open(f"{out}/namespaces/_index.html", encoding="utf-8").read()
assert set(re.findall(r'href="([^"#]+\.html)"', index)) == files - {"_index.html"}
# of a stored report the same pages
P
"$kv" render "$tmp/out/report.json" -f csv -o "$tmp/again" --by namespace >"$tmp/told" 2>&1 && diff -r "$pages" "$tmp/again/namespaces" >"$tmp/told" || fail "render makes other pages"

# hostile names: each has a page of its own inside the folder, and no name is another's
mkdir "$tmp/files"
python3 - "$tmp/files" <<'P'
import json, sys
names = ["../../escaped", "..", ".", "a/b", "<script>alert(1)</script>", "_index", "_no-namespace", "UPPER", "upper", "\u202egnp", "a\nb", "-x", "x-", "x" * 300, "\u0000", "%2e%2e", "index", " ", "ok"]
pods = [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": n}, "spec": {"hostPID": True, "containers": [{"name": "c", "image": "i", "securityContext": {"privileged": True}}]}} for n in names]
json.dump({"apiVersion": "v1", "kind": "List", "items": pods}, open(f"{sys.argv[1]}/a.json", "w"))
P
"$kv" audit --manifests "$tmp/files" --whole -q -o "$tmp/evil/deep/er" -f json --by namespace >"$tmp/told" 2>&1 || fail "hostile names"
python3 - "$tmp" <<'P'
import json, os, re, sys
out = sys.argv[1] + "/evil/deep/er"
files = os.listdir(out + "/namespaces")
assert all(re.fullmatch(r"(_index|_no-namespace|_[0-9a-f]{32}|[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)\.html", f) for f in files), files
r = json.load(open(out + "/report.json"))
assert len(files) - 2 == len({r["tables"]["objects"][f["object"]].get("namespace") for f in r["findings"]} - {None}), files
assert os.listdir(sys.argv[1] + "/evil") == ["deep"] and os.listdir(sys.argv[1] + "/evil/deep") == ["er"] and set(os.listdir(out)) == {"report.json", "namespaces"}
P

# what is there and is no page stays, and the reports with it
: >"$pages/notes.txt"; cp "$tmp/out/report.json" "$tmp/before"
status=0; "$kv" demo -q -o "$tmp/out" -f json --by namespace >"$tmp/told" 2>&1 || status=$?
[ "$status" -eq 4 ] && grep -q 'notes.txt' "$tmp/told" && cmp -s "$tmp/before" "$tmp/out/report.json" && [ -f "$pages/billing.html" ] || fail "a folder with something else: exit $status"
rm "$pages/notes.txt"
# a report that cannot take its place leaves the earlier pages in theirs
cp -R "$pages" "$tmp/pages"
mkdir "$tmp/out/findings.csv"
status=0; "$kv" demo -q -o "$tmp/out" -f json,csv -c 5.2 --by namespace >"$tmp/told" 2>&1 || status=$?
[ "$status" -eq 4 ] && diff -r "$pages" "$tmp/pages" >&2 && cmp -s "$tmp/before" "$tmp/out/report.json" || fail "a report that cannot be written: exit $status"
rmdir "$tmp/out/findings.csv"
# a run that a limit on files ends: the earlier ones stay
if (ulimit -f 100; "$kv" demo -q -o "$tmp/out" -f csv --by namespace) >"$tmp/told" 2>&1; then fail "a limit on files ended nothing"; fi
diff -r "$pages" "$tmp/pages" >&2 || fail "a run that was ended changed pages"
# a link is not followed
mv "$pages" "$tmp/elsewhere"; ln -s "$tmp/elsewhere" "$pages"
status=0; "$kv" demo -q -o "$tmp/out" -f json --by namespace >"$tmp/told" 2>&1 || status=$?
[ "$status" -eq 4 ] && diff -r "$tmp/elsewhere" "$tmp/pages" >&2 || fail "a link: exit $status"
rm "$pages"
# pages of fewer namespaces replace those of more, and what a killed run left is swept
mv "$tmp/elsewhere" "$pages"; mkdir "$tmp/out/.namespaces.kubevouch-1.pages"; : >"$tmp/out/.namespaces.kubevouch-1.pages/a.html"
"$kv" demo -q -o "$tmp/out" -f json -c 5.1.1 --by namespace >"$tmp/told" 2>&1 || fail "again"
[ ! -e "$pages/billing.html" ] && [ -s "$pages/_index.html" ] || fail "pages of the earlier run are left"
[ "$(ls -A "$tmp/out" | grep -c '^\.')" -eq 0 ] || fail "left: $(ls -A "$tmp/out")"
for words in '--keep 2' '-o - -f json' '--upload https://h.invalid/'; do
  # shellcheck disable=SC2086
  status=0; "$kv" demo -q --by namespace $words >"$tmp/told" 2>&1 || status=$?
  [ "$status" -eq 2 ] && grep -q -- '--by namespace writes a folder' "$tmp/told" || fail "--by namespace $words: exit $status"
done
