#!/bin/sh
# Files as an open world: rows of tests/scan, every file and document accounted for, places, formats of CI systems, baselines, and
# that taking a document away makes nothing that is left pass.
set -eu
export KUBEVOUCH_DATA_DIR="$srcdir"
case $builddir in /*) ;; *) builddir=$PWD/$builddir ;; esac
case $srcdir in /*) ;; *) srcdir=$PWD/$srcdir; KUBEVOUCH_DATA_DIR=$srcdir ;; esac
exec python3 "$srcdir/tests/scan/check_scan.py" "$builddir/kubevouch" "$srcdir/tests/scan"
