#!/bin/sh
# Writes deploy/base, deploy/node-facts and the chart's templates out of deploy/source, their one source:
#
#   deploy/make-manifests.sh [KUBEVOUCH]     # with a kubevouch program: puts the roles that it prints into the source first
#
# A line "TEXT #helm OTHER" of the source is TEXT in the plain file and OTHER in the chart; "#helm OTHER" alone is in the chart
# only; "#@file NAME" begins a file of the chart, "#@plain" what only the plain file has. MANIFESTS_TO: where to write (deploy).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=${MANIFESTS_TO:-$here}
mkdir -p "$to/base" "$to/node-facts" "$to/chart/templates"

if [ $# -gt 0 ]; then
  "$1" rbac >"$here/source/rbac.tmp"
  awk -v roles="$here/source/rbac.tmp" '
    /^# BEGIN kubevouch rbac/ { print; while ((getline line <roles) > 0) print line; skip = 1; next }
    /^# END kubevouch rbac/ { skip = 0 }
    !skip { print }' "$here/source/cronjob.yaml" >"$here/source/cronjob.tmp"
  rm "$here/source/rbac.tmp"
  mv "$here/source/cronjob.tmp" "$here/source/cronjob.yaml"
fi

plain() { # plain NAME
  awk '/^#@/ || /^ *#helm / { next } { sub(/ #helm .*/, ""); print }' "$here/source/$1"
}
chart() { # chart NAME: each file of the chart
  awk -v to="$to/chart/templates" -v from="deploy/source/$1" '
    function put(line) { print line >out }
    /^#@plain/ { out = ""; next }
    /^#@file / { out = to "/" $2; held = ""; put("{{- /* Made by deploy/make-manifests.sh from " from ". */ -}}"); next }
    !out { next }
    /^---$/ { held = "---"; next }
    { if (held) { put(held); held = "" } }
    /^# BEGIN kubevouch rbac/ { roles = 1 }
    /^# END kubevouch rbac/ { roles = 0 }
    roles && /^  name: kubevouch(-settings)?$/ { sub(/kubevouch/, "{{ include \"kubevouch.fullname\" . }}") }
    roles && /^    app.kubernetes.io\/name: kubevouch$/ { put($0); put("    {{- include \"kubevouch.labels\" . | nindent 4 }}"); next }
    /^ *#helm / { sub(/#helm /, ""); put($0); next }
    / #helm / { match($0, /^ */); space = substr($0, 1, RLENGTH); sub(/^.* #helm /, ""); put(space $0); next }
    { put($0) }' "$here/source/$1"
}
plain cronjob.yaml >"$to/base/cronjob.yaml"
plain node-facts.yaml >"$to/node-facts/node-facts.yaml"
chart cronjob.yaml
chart node-facts.yaml
