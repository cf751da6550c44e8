#!/bin/sh
# Functions up to 60 lines (fail at 100), files up to 600 (fail at 900).
set -eu
cd "$srcdir"
find src tests -name '*.[ch]' | LC_ALL=C sort | xargs awk '
FNR == 1 { if (file != "" && lines > 900) { print file ": " lines " lines"; bad = 1 } file = FILENAME; open = 0 }
{ lines = FNR }
/^\{/ { open = FNR }
/^\}/ { if (open && FNR - open > 100) { print FILENAME ":" open ": a function of " FNR - open " lines"; bad = 1 }; open = 0 }
END { if (lines > 900) { print file ": " lines " lines"; bad = 1 }; exit bad }'
