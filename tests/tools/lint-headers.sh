#!/bin/sh
# Every header compiles alone.
set -eu
bad=0
cd "$srcdir/src"
for h in $(find . -name '*.h' | LC_ALL=C sort); do
  printf '#include "%s"\n' "${h#./}" | ${CC:-cc} -std=c17 -D_GNU_SOURCE -fsyntax-only -I. -x c - || { echo "$h does not compile alone"; bad=1; }
done
exit $bad
