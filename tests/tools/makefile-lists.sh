#!/bin/sh
# The lists of files in Makefile.am, from what is in the tree: makefile-lists.sh SRCDIR [check|update]
# Between "# BEGIN x" and "# END x" stand generated lines; check fails when they are not up to date.
set -eu
cd "$1"
mode=${2:-check}
list() { # list VARIABLE FILE...
  v=$1; shift
  printf '%s =' "$v"
  for f in "$@"; do printf ' \\\n\t%s' "$f"; done
  printf '\n'
}
programs() { # programs DIR PREFIX: names of the C programs DIR/PREFIX*.c
  for f in "$1"/"$2"*.c; do [ -e "$f" ] || continue; n=${f%.c}; printf '%s\n' "$n"; done
}
generated() {
  list libkubevouch_a_SOURCES $(find src -name '*.c' ! -path src/cli/main.c -o -name '*.h' -o -name '*.def' -o -name '*.cc' | LC_ALL=C sort)
  list UNIT_TESTS $(programs tests/unit test_)
  list CASES_NAMES $(programs tests/cases run_)
  list FUZZ_NAMES $(programs tests/fuzz fuzz_)
  list PERF_NAMES $(programs tests/perf perf_)
  list DATA_FILES $(find benchmarks reports deploy -type f 2>/dev/null | LC_ALL=C sort)
  list EXTRA_TREE $(find tests docs -type f ! -name '*.c' ! -path 'tests/clusters/*' | LC_ALL=C sort) $(find tests/clusters -type f 2>/dev/null | LC_ALL=C sort)
  for p in $(programs tests/unit test_) $(programs tests/cases run_) $(programs tests/fuzz fuzz_) $(programs tests/perf perf_); do
    v=$(echo "$p" | tr '/.-' '___')
    extra=
    case $p in
      tests/fuzz/*) extra=' tests/fuzz/driver.c';;
    esac
    printf '%s_SOURCES = %s.c%s\n%s_CFLAGS = $(TEST_CFLAGS)\n%s_LDADD = $(TEST_LDADD)\n' "$v" "$p" "$extra" "$v" "$v"
  done
  list libtestkube_a_SOURCES $(find tests/kube -name '*.[ch]' ! -name '*_main.c' 2>/dev/null | LC_ALL=C sort)
}
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
{ sed '/^# BEGIN lists/q' Makefile.am; generated; sed -n '/^# END lists/,$p' Makefile.am; } >"$tmp"
if [ "$mode" = update ]; then
  cat "$tmp" >Makefile.am
elif ! cmp -s "$tmp" Makefile.am; then
  echo "the lists in Makefile.am are not what is in the tree: run sh tests/tools/makefile-lists.sh . update" >&2
  exit 1
fi
