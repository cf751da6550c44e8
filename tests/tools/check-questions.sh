#!/bin/sh
# docs/assessor-questions.md: every question is there once, and the headings, options and commands it sends to are there, in a report of a
# server's recording, of one framework, and of files.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
doc=$srcdir/docs/assessor-questions.md
fail() { echo "$*" >&2; exit 1; }
grep '^| [0-9]' "$doc" >"$tmp/rows"
cut -d '|' -f 2 "$tmp/rows" | tr -d ' ' >"$tmp/numbers"
seq 22 | diff - "$tmp/numbers" >&2 || fail "the questions are not those from 1 to 22"
awk -F '|' 'NF != 9 { print; bad = 1 } { for (i = 5; i <= 7; i++) if ($i !~ /^ (yes|partly|no) $/) { print; bad = 1 } } END { exit bad }' "$tmp/rows" >&2 ||
  fail "a row does not say yes, partly or no for a live run, a replay and files"
# whoever says less than yes somewhere says why
awk -F '|' '$5 $6 $7 ~ /partly|no/ && $8 !~ /[a-z]/ && !($5 ~ /yes/ && $6 ~ /yes/) { print; bad = 1 } END { exit bad }' "$tmp/rows" >&2 || fail "a row does not say what is left"
"$kv" demo -q --framework pci-dss -o "$tmp/led" >/dev/null 2>&1 || [ -s "$tmp/led/report.html" ] || fail "no report of one framework"
"$kv" demo -q -o "$tmp/plain" >/dev/null 2>&1 || [ -s "$tmp/plain/report.html" ] || fail "no report of the demo"
mkdir "$tmp/files"
printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n' >"$tmp/files/a.yaml"
"$kv" scan -q --fail-on never -o "$tmp/scan" "$tmp/files" >/dev/null 2>&1 || [ -s "$tmp/scan/report.html" ] || fail "no report of files"
# a report of files does not say that a server answered
! grep -qE 'API server (returned|does not show)|answers of the kube-apiserver' "$tmp/scan/report.html" "$tmp/scan/report.json" || fail "a report of files tells of an API server's answers"
grep -q 'No sampling: every object that was read out of the files was judged' "$tmp/scan/report.html" && grep -q 'No sampling: every object that the API server returned' "$tmp/plain/report.html" || fail "what was judged is not told"
grep -o '`#[a-z-]*`' "$tmp/rows" | tr -d '`#' | sort -u >"$tmp/anchors"
[ "$(wc -l <"$tmp/anchors")" -gt 8 ] || fail "few anchors were found"
while read -r anchor; do
  for report in led plain scan; do
    [ "$anchor" = leading ] && [ $report != led ] && continue
    grep -q "<h2 id=\"$anchor\"" "$tmp/$report/report.html" || fail "report $report has no heading #$anchor"
  done
done <"$tmp/anchors"
"$kv" help man >"$tmp/man"
grep -o '`[a-z-]* --[a-z-]*`' "$doc" | tr -d '`' | sort -u >"$tmp/options"
while read -r command option; do
  "$kv" "$command" --help 2>/dev/null | grep -q -- "$option" || fail "$command has no $option"
done <"$tmp/options"
for command in verify period lint scan; do
  "$kv" help "$command" >/dev/null 2>&1 || fail "there is no command $command"
done
