#!/bin/sh
# Every C file is as .clang-format has it: lint-format.sh; with `apply` (make format) they are made so.
# One version of the formatter, since each breaks lines in its own way.
set -eu
cd "$srcdir"
format=
for f in clang-format-14 clang-format; do
  if [ -z "$format" ] && "$f" --version 2>/dev/null | grep -q "version 14\."; then format=$f; fi
done
if [ -z "$format" ]; then
  echo "clang-format 14 is not here (Debian: clang-format-14): the format of the C files is not looked at" >&2
  exit 77
fi
files=$(find src tests -name '*.[ch]' | LC_ALL=C sort)
if [ "${1:-}" = apply ]; then exec "$format" -i $files; fi
"$format" --dry-run --Werror $files || { echo "make format does it" >&2; exit 1; }
