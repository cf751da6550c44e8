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
  tree "$1" | sed -n "s|^\($1/$2[a-z0-9_]*\)\.c\$|\1|p"
}
# The files of the project: what git tracks, or in a release everything.
tree() { # tree FOLDER...
  if [ -e .git ]; then git ls-files -- "$@" 2>/dev/null; else find "$@" -type f; fi | LC_ALL=C sort
}
generated() {
  list libkubevouch_a_SOURCES $(tree src | grep -E '\.(c|h|def|cc)$' | grep -v '^src/cli/main.c$')
  list UNIT_TESTS $(programs tests/unit test_)
  list CASES_NAMES $(programs tests/cases run_)
  list FUZZ_NAMES $(programs tests/fuzz fuzz_)
  list PERF_NAMES $(programs tests/perf perf_)
  list DATA_FILES $(tree benchmarks reports deploy)
  list EXTRA_TREE $(tree tests docs | grep -v '\.c$' | grep -v '^tests/kube/.*\.h$') $(tree tests/kube | grep '_main.c$')
  for p in $(programs tests/unit test_) $(programs tests/cases run_) $(programs tests/fuzz fuzz_) $(programs tests/perf perf_); do
    v=$(echo "$p" | tr '/.-' '___')
    extra=
    case $p in
      tests/fuzz/*) extra=' tests/fuzz/driver.c';;
    esac
    printf '%s_SOURCES = %s.c%s\n%s_CFLAGS = $(TEST_CFLAGS)\n%s_LDADD = $(TEST_LDADD)\n' "$v" "$p" "$extra" "$v" "$v"
  done
  list libtestkube_a_SOURCES $(tree tests/kube | grep '\.[ch]$' | grep -v '_main.c$')
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
