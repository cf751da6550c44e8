#!/bin/sh
# No file that collects odds and ends, no loose ends in the text, no mutable globals but the log's and the kinds that benchmarks declare.
set -eu
cd "$srcdir"
bad=0
for f in $(find src tests -name '*util*' -o -name '*common*' -o -name '*helper*' -o -name '*misc*'); do echo "$f: say what belongs here"; bad=1; done
if grep -rnE 'FIXME|TODO|XXX:' src benchmarks deploy docs README.md; then bad=1; fi
cd "$builddir"
for o in $(find src -name '*.o' ! -name 'log.o' ! -name 'kind_own.o' ! -name '*_main.o'); do
  # data that is written to: not constants, not tables of pointers that the loader fills in, not coverage
  objdump -t "$o" | awk -v o="$o" '$0 ~ / O (\.bss|\.data)[ \t]/ && $0 !~ /__|\.L|san|cancelled|got_signal/ { print o ": mutable global " $NF; bad = 1 } END { exit bad }' || bad=1
done
exit $bad
