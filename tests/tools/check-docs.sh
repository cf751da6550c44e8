#!/bin/sh
# The manual pages in man/ are what the tables say, and the README names every shipped benchmark and counts its checks.
set -eu
kv=$builddir/kubevouch
bad=0
for page in man:kubevouch.1 cel:kubevouch-cel.7 benchmark:kubevouch-benchmark.5 report:kubevouch-report.5; do
  if ! "$kv" help "${page%%:*}" | cmp -s - "$srcdir/man/${page#*:}"; then
    echo "man/${page#*:} is not up to date: kubevouch help ${page%%:*} >man/${page#*:}" >&2; bad=1
  fi
done
# kubevouch-report(5) has every key that report.schema.json has, and each says what it is
python3 - "$srcdir/reports/report.schema.json" "$srcdir/man/kubevouch-report.5" <<'P' || bad=1
import json, sys
schema, page = json.load(open(sys.argv[1])), open(sys.argv[2]).read().replace("\\-", "-")
bad, seen = [], 0
def walk(path, s):
    global seen
    for key, sub in s.get("properties", {}).items():
        at = f"{path}.{key}" if path else key
        seen += 1
        if not sub.get("description", "").strip(): bad.append(f"report.schema.json: {at} has no description")
        elif f".TP\n\\fB{at}\\fR\n" not in page: bad.append(f"man/kubevouch-report.5 does not have {at}")
        walk(at, sub)
    if isinstance(s.get("items"), dict): walk(path + "[]", s["items"])
walk("", schema)
for name, s in schema["$defs"].items(): walk(name, s)
print(*bad, sep="\n", file=sys.stderr)
sys.exit(bool(bad) or seen < 400)
P
# Rows: | `name`, `name` | for | count, count |
awk -F'|' '/^\| `cis-/ { n = split($2, name, ","); split($4, count, ","); for (i = 1; i <= n; i++) { gsub(/[` ]/, "", name[i]); print name[i], count[i] + 0 } }' \
  "$srcdir/README.md" | LC_ALL=C sort >docs-told.txt
for f in "$srcdir"/benchmarks/cis-*.yaml; do
  case $f in *.test.yaml) continue;; esac
  f=${f##*/}; f=${f%.yaml}
  echo "$f $("$kv" explain --benchmark "$f" | grep -cE '^[0-9]+(\.[0-9]+)+ ')"
done | LC_ALL=C sort >docs-counted.txt
if ! diff docs-told.txt docs-counted.txt >&2; then echo "README.md (<) tells other benchmarks or counts than there are (>)" >&2; bad=1; fi
# Commands: each that the program has is a row of the table, but for version and help.
sed -n '/^## Commands/,/^## /p' "$srcdir/README.md" | sed -nE 's/^\| (`[^|]*) \|.*/\1/p' | grep -o '`[a-z][a-z-]*' | tr -d '`' | LC_ALL=C sort >docs-told.txt
"$kv" --help | awk '/^Commands:/ { on = 1; next } on && !NF { exit } on && $1 != "version" && $1 != "help" { print $1 }' | LC_ALL=C sort >docs-counted.txt
if ! diff docs-told.txt docs-counted.txt >&2; then echo "README.md (<) tells other commands than there are (>)" >&2; bad=1; fi
# docs/trust.md has the column of forgers of each table: | `over: pods` | who |, | `facts.platform` | who |, | `PLUGIN` | what | who |.
sed -nE 's/^\| `(over: |facts\.)/&/p' "$srcdir/docs/trust.md" >docs-told.txt
"$kv" help benchmark | awk '
  /^\.SH/ { at = /^\.SH TABLES/ ? "over: " : /^\.SH FACTS/ ? "facts." : "" }
  at != "" && /^\\fB/ { name = $0; gsub(/\\fB|\\fR|\\/, "", name) }
  at != "" && sub(/^Written by: /, "") { sub(/\.$/, ""); print "| `" at name "` | " $0 " |" }' >docs-counted.txt
if ! diff docs-told.txt docs-counted.txt >&2; then echo "docs/trust.md (<) tells of other facts or other writers than facts.def and tables.def (>)" >&2; bad=1; fi
sed -nE 's/^\| `([A-Z_ ]+)` \| [^|]* \| ([^|]*) \|$/\1: \2/p' "$srcdir/docs/trust.md" | LC_ALL=C sort >docs-told.txt
sed -nE 's/^(PLUGIN|PLUGIN_CRD|ENGINE|VERIFIER|VERIFIER_CRD|STORE)\(.*, BY[0-9]\(([A-Z, ]+)\)\)$/\1: \2/p
  s/^TRACE\([^,]*, +([A-Z_]+),.*, BY[0-9]\(([A-Z, ]+)\)\)$/TRACE \1: \2/p' "$srcdir/src/analyze/platform/detect.def" "$srcdir/src/analyze/platform/platform.def" |
  sed -E ':a; s/^([^:]*: .*)SERVER/\1API server/; s/^([^:]*: .*)ADMIN/\1cluster administrator/; s/^([^:]*: .*)\bNODE\b/\1one node/' | LC_ALL=C sort -u >docs-counted.txt
if ! diff docs-told.txt docs-counted.txt >&2; then echo "docs/trust.md (<) tells of other detections or other writers than platform/detect.def and platform.def (>)" >&2; bad=1; fi
rm -f docs-told.txt docs-counted.txt
exit $bad
