#!/usr/bin/env bash
# Random expressions evaluated here and by cel-go: any difference is told and fails. make check-cel-go
#   RUN_CEL=build/tests/cases/run_cel tests/celgo/diff.sh [COUNT [SEED]]
set -euo pipefail
HERE=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
: "${RUN_CEL:?names the program tests/cases/run_cel}"
RUN_CEL=$(readlink -f "$RUN_CEL")
command -v go >/dev/null || { echo "diff.sh needs go: the other evaluator is a Go module; install Go 1.25 or later" >&2; exit 2; }
OUT=$(mktemp -d "${TMPDIR:-/tmp}/kubevouch-cel-go.XXXXXX")
trap 'rm -rf "$OUT"' EXIT
mkdir "$OUT/cel"
: >"$OUT/cel/k8s.jsonl"
: >"$OUT/cel/policies.jsonl"
(cd "$HERE" && GOFLAGS="-buildvcs=false" CGO_ENABLED=0 go build -o "$OUT/diff" ./diff)
"$OUT/diff" "${1:-100000}" "${2:-$(date +%s)}" "$HERE"/../cel/*.test >"$OUT/cel/spec.jsonl"
KUBEVOUCH_CASES_VERBOSE=1 "$RUN_CEL" "$OUT" "$OUT/failing"
