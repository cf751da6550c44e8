#!/bin/sh
# Every fuzz target runs its corpus, and a short fixed sequence of mutations of it.
set -eu
n=0
for p in $FUZZ_PROGRAMS; do
  name=${p##*/fuzz_}
  corpus=$srcdir/tests/fuzz/corpus/$name
  [ -d "$corpus" ] || { echo "fuzz target $name has no corpus" >&2; exit 1; }
  "$builddir/$p" -n 2000 -t 10 "$corpus"
  n=$((n + 1))
done
[ "$n" -gt 0 ] || { echo "no fuzz target was built" >&2; exit 1; }
# a time alone is enough: this is how "make fuzz" calls them
"$builddir/$p" -t 1 "$corpus" | grep -q ' [1-9][0-9]* mutations run' || { echo "$p -t 1 mutates nothing" >&2; exit 1; }
