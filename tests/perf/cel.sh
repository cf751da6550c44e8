#!/usr/bin/env bash
# The benchmark's own checks over recorded pods, in nanoseconds an evaluation, by kubevouch and by cel-go.
#   PERF_DIR=build tests/perf/cel.sh [BENCHMARK.yaml [PODS.json]]
# Needs go for the other evaluator; no cluster.
set -euo pipefail
PERF=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
: "${PERF_DIR:?names the folder that has tests/perf/perf_cel}"
TOP=$PERF/../..
BENCHMARK=${1:-$TOP/benchmarks/cis-kubernetes-2.0.1.yaml} PODS=${2:-$TOP/tests/clusters/mix/answers/038-api-v1-pods.json}
OUT=$(mktemp -d "${TMPDIR:-/tmp}/kubevouch-perf-cel.XXXXXX")
trap 'rm -rf "$OUT"' EXIT
(cd "$TOP/tests/celgo" && GOFLAGS="-buildvcs=false" CGO_ENABLED=0 go build -o "$OUT/celgo" ./perf)
"$PERF_DIR/tests/perf/perf_cel" --export "$BENCHMARK" >"$OUT/exported"
"$OUT/celgo" "$OUT/exported" "$PODS" >"$OUT/celgo.txt"
"$PERF_DIR/tests/perf/perf_cel" "$BENCHMARK" "$PODS" "$OUT/celgo.txt"
