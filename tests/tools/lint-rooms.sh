#!/bin/sh
# A file includes only its own room and rooms to its left; only named files touch a foreign library.
set -eu
cd "$srcdir/src"
find . -name '*.[ch]' -o -name '*.def' | LC_ALL=C sort | xargs awk '
BEGIN {
  n = split("base value cel tls kube cluster analyze node vap bench audit report evidence cli", room, " ")
  for (i = 1; i <= n; i++) order[room[i]] = i
  library["curl/"] = "./kube/http"; library["jansson.h"] = "./value/json_doc.c"; library["yaml.h"] = "./value/yaml"
}
FNR == 1 { split(FILENAME, part, "/"); mine = part[2] }
/^#include "/ {
  target = $2; gsub(/"/, "", target); split(target, t, "/")
  if (!(t[1] in order)) { print FILENAME ":" FNR ": includes " target ", which is in no room"; bad = 1; next }
  if (order[t[1]] > order[mine]) { print FILENAME ":" FNR ": room " mine " includes " target " to its right"; bad = 1 }
  if ((mine == "kube" || mine == "tls") && t[1] == "cel") { print FILENAME ":" FNR ": " mine " does not know cel"; bad = 1 }
}
/^#include </ {
  for (l in library) if (index($2, l) == 2 && index(FILENAME, library[l]) != 1 && FILENAME != "./cli/cmd_version.c" && FILENAME !~ "./kube/http")
    { print FILENAME ":" FNR ": " $2 " belongs to " library[l]; bad = 1 }
}
END { exit bad }'
# Each folder of analyze is a row of its table.
ls -d analyze/*/ | sed 's,analyze/\(.*\)/,\1,' | LC_ALL=C sort >"$builddir/analyses-folders.txt"
sed -n 's/^ANALYSIS(\([a-z_]*\),.*/\1/p' analyze/analyses.def | LC_ALL=C sort >"$builddir/analyses-rows.txt"
diff "$builddir/analyses-folders.txt" "$builddir/analyses-rows.txt" || { echo "src/analyze has other folders (<) than analyses.def has rows (>)"; exit 1; }
rm -f "$builddir/analyses-folders.txt" "$builddir/analyses-rows.txt"
