#!/bin/sh
# Each line that tests/mutants breaks is still there, once.
set -eu
command -v python3 >/dev/null || exit 77
python3 "$srcdir/tests/mutants/run.py" "$srcdir" /nonexistent --check
