#!/usr/bin/env bash
# Random command lines read here and by pflag: any difference is told and fails. make check-pflag
#   TEST_FLAG_LINES=build/tests/unit/test_flag_lines tests/pflag/compare.sh [COUNT [SEED]]
# The recorded lines of the unit test: go run . 600 1 >lines.jsonl
set -euo pipefail
HERE=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
: "${TEST_FLAG_LINES:?names the program tests/unit/test_flag_lines}"
TEST_FLAG_LINES=$(readlink -f "$TEST_FLAG_LINES")
command -v go >/dev/null || { echo "compare.sh needs go: the other reader is a Go module; install Go 1.24 or later" >&2; exit 2; }
OUT=$(mktemp -d "${TMPDIR:-/tmp}/kubevouch-pflag.XXXXXX")
trap 'rm -rf "$OUT"' EXIT
(cd "$HERE" && GOFLAGS="-buildvcs=false" CGO_ENABLED=0 go build -o "$OUT/lines" .)
"$OUT/lines" "${1:-100000}" "${2:-$(date +%s)}" >"$OUT/lines.jsonl"
FLAG_LINES="$OUT/lines.jsonl" "$TEST_FLAG_LINES"
