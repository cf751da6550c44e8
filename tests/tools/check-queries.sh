#!/bin/sh
# docs/dashboards/queries.md: every question is answered, and by jq and DuckDB alike. DuckDB is its wheel, through pip; without jq, pip or the wheel this
# is skipped, and says so; KUBEVOUCH_NO_SKIP=1, as CI has it, makes that a failure.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
DUCKDB=2.0.1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
skip() { echo "$1, so docs/dashboards/queries.md was not run"; [ -z "${KUBEVOUCH_NO_SKIP:-}" ] || exit 1; exit 77; }
if ldd "$kv" | grep -qE 'lib(a|t|ub)san'; then echo "the reports of a program with sanitizers are the same"; exit 77; fi
command -v jq >/dev/null || skip "jq is not installed"
cache=${KUBEVOUCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kubevouch}
mkdir -p "$cache"
if [ ! -d "$cache/duckdb-$DUCKDB/duckdb" ]; then
  python3 -m pip --version >/dev/null 2>&1 || skip "pip is not installed"
  python3 -m pip install -q --only-binary :all: --target "$tmp/duckdb" "duckdb==$DUCKDB" >"$tmp/told" 2>&1 || { cat "$tmp/told"; skip "DuckDB could not be had"; }
  rm -rf "$cache/duckdb-$DUCKDB" && mv "$tmp/duckdb" "$cache/duckdb-$DUCKDB"
fi
run() { status=0; "$kv" "$@" >"$tmp/told" 2>&1 || status=$?; [ $status -eq 0 ] || [ $status -eq 3 ] || { cat "$tmp/told"; exit 1; }; }
mkdir "$tmp/in"
run demo -q -o "$tmp/in" -f json,jsonl
run demo -q --keep 9 -o "$tmp/in/shelf" -f json
run demo -q --keep 9 -o "$tmp/in/shelf" -f json -c 5.2
# of hostile names and of objects without a namespace too
cat >"$tmp/hostile.json" <<'J'
{"apiVersion": "v1", "kind": "List", "items": [
 {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a\tb' OR '1'='1", "namespace": "x\"y;--"}, "spec": {"hostPID": true, "containers": [{"name": "c", "image": "i"}]}},
 {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "plain"}, "spec": {"hostNetwork": true, "containers": [{"name": "c", "image": "i"}]}}]}
J
mkdir "$tmp/odd"
run audit --manifests "$tmp/hostile.json" --whole -q -o "$tmp/odd" -f json,jsonl
run audit --manifests "$tmp/hostile.json" --whole -q -o "$tmp/odd/shelf" --keep 3 -f json
PYTHONPATH="$cache/duckdb-$DUCKDB" PYTHONDONTWRITEBYTECODE=1 python3 - "$srcdir/docs/dashboards/queries.md" "$tmp/in" "$tmp/odd" <<'P'
import os, re, subprocess, sys
import duckdb
page = open(sys.argv[1]).read()
parts = re.split(r"^## ", page, flags=re.M)[1:]
assert len(parts) == 5, [p.split("\n")[0] for p in parts]
for folder in sys.argv[2:]:
    os.chdir(folder)
    for part in parts:
        title = part.split("\n")[0]
        (shell,), (sql,) = (re.findall(rf"^```{kind}\n(.*?)^```$", part, re.S | re.M) for kind in ("sh", "sql"))
        told = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout
        by_jq = sorted(told.splitlines())
        def cell(v): return "" if v is None else str(v).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
        rows = duckdb.sql(sql).fetchall()
        def same(v): return re.sub(r"\.0$", "", cell(v))
        by_sql = sorted("\t".join(same(v) for v in row) for row in rows)
        by_jq = sorted("\t".join(re.sub(r"\.0$", "", c) for c in line.split("\t")) for line in by_jq)
        assert by_jq == by_sql, (title, folder, by_jq[:5], by_sql[:5])
        assert by_jq or folder == sys.argv[3], f"{title}: nothing was answered"
print(f"{len(parts)} questions, answered alike by jq and DuckDB")
P
