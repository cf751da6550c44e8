#!/bin/sh
# The manual pages in man/ are what the tables say.
set -eu
kv=$builddir/kubevouch
bad=0
for page in man:kubevouch.1 cel:kubevouch-cel.7 benchmark:kubevouch-benchmark.5; do
  if ! "$kv" help "${page%%:*}" | cmp -s - "$srcdir/man/${page#*:}"; then
    echo "man/${page#*:} is not up to date: kubevouch help ${page%%:*} >man/${page#*:}" >&2; bad=1
  fi
done
exit $bad
