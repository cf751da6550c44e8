#!/usr/bin/env bash
# Random objects of every kind as protobuf, read here and by Kubernetes' own code: any difference is told and fails. make check-proto
#   TEST_PROTO_READ=build/tests/unit/test_proto_read tests/proto/compare.sh [COUNT [SEED]]
# Also: the table is what the modules say. The recorded lines of the unit test: go run ./oracle 90 1 >lines.jsonl
set -euo pipefail
HERE=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
: "${TEST_PROTO_READ:?names the program tests/unit/test_proto_read}"
TEST_PROTO_READ=$(readlink -f "$TEST_PROTO_READ")
command -v go >/dev/null || { echo "compare.sh needs go: the other reader is a Go module; install Go 1.25 or later" >&2; exit 2; }
OUT=$(mktemp -d "${TMPDIR:-/tmp}/kubevouch-proto.XXXXXX")
trap 'rm -rf "$OUT"' EXIT
export GOFLAGS="-buildvcs=false" CGO_ENABLED=0
(cd "$HERE" && go build -o "$OUT/" ./gen ./oracle)
"$OUT/gen" | cmp - "$HERE/../../src/kube/proto_table.def" || { echo "src/kube/proto_table.def is not what gen makes: run it again" >&2; exit 1; }
"$OUT/oracle" "${1:-5000}" "${2:-$(date +%s)}" >"$OUT/lines.jsonl"
PROTO_LINES="$OUT/lines.jsonl" "$TEST_PROTO_READ"
