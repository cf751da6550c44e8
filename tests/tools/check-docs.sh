#!/bin/sh
# The manual pages in man/ are what the tables say, and the README names every shipped benchmark and counts its checks.
set -eu
kv=$builddir/kubevouch
bad=0
for page in man:kubevouch.1 cel:kubevouch-cel.7 benchmark:kubevouch-benchmark.5; do
  if ! "$kv" help "${page%%:*}" | cmp -s - "$srcdir/man/${page#*:}"; then
    echo "man/${page#*:} is not up to date: kubevouch help ${page%%:*} >man/${page#*:}" >&2; bad=1
  fi
done
# Rows: | `name`, `name` | for | count, count |
awk -F'|' '/^\| `cis-/ { n = split($2, name, ","); split($4, count, ","); for (i = 1; i <= n; i++) { gsub(/[` ]/, "", name[i]); print name[i], count[i] + 0 } }' \
  "$srcdir/README.md" | LC_ALL=C sort >docs-told.txt
for f in "$srcdir"/benchmarks/cis-*.yaml; do
  case $f in *.test.yaml) continue;; esac
  f=${f##*/}; f=${f%.yaml}
  echo "$f $("$kv" explain --benchmark "$f" | grep -cE '^[0-9]+(\.[0-9]+)+ ')"
done | LC_ALL=C sort >docs-counted.txt
if ! diff docs-told.txt docs-counted.txt >&2; then echo "README.md (<) tells other benchmarks or counts than there are (>)" >&2; bad=1; fi
rm -f docs-told.txt docs-counted.txt
exit $bad
