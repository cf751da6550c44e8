#!/usr/bin/env bash
# What an audit costs beside what it takes to fetch the same lists, and the readers beside others: `make perf`.
#   KUBEVOUCH=build/kubevouch PERF_DIR=build tests/perf/run.sh
# PODS=N (default 10,000) sets the population, ROUNDS=N (default 3) the repetitions. The cluster is a control plane
# on 127.0.0.1, frozen: nothing but the audit moves. Its programs are built from Go modules on the first run.
set -euo pipefail
PERF=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
CLUSTER=$PERF/../cluster
. "$CLUSTER/lib.sh"
: "${KUBEVOUCH:?names the program to measure}" "${PERF_DIR:?names the folder that has tests/perf/perf_json and perf_cel}"
KUBEVOUCH=$(readlink -f "$KUBEVOUCH") PERF_DIR=$(cd "$PERF_DIR" && pwd)
export PERF_DIR
need python3 "it takes the times"
need openssl "it makes the cluster's certificates"
need curl "the audit is measured beside it"
need go "the control plane and the other CEL evaluator are built from Go modules, and this measures against both; install Go 1.25 or later (https://go.dev/dl) and put it on PATH"
built || "$CLUSTER/build.sh"

OUT=$(mktemp -d "${TMPDIR:-/tmp}/kubevouch-perf.XXXXXX")
finish() { [ ! -d "$OUT/run" ] || "$CLUSTER/down.sh" "$OUT/run"; rm -rf "$OUT"; }
trap finish EXIT
trap 'exit 130' INT TERM

STATUS=0
echo "== every format of some 100,000 findings (of a release build: CFLAGS=-O2)"
python3 "$PERF/formats.py" "$KUBEVOUCH" "$(cd "$PERF/../.." && pwd)" "$OUT" || STATUS=1
"$CLUSTER/up.sh" "$OUT/run" --workers 1 --frozen >"$OUT/up.log" || { cat "$OUT/up.log" >&2; die "the control plane did not start"; }
"$CLUSTER/populate.sh" "$OUT/run" scale "${PODS:-10000}" || die "the cluster could not be populated"
python3 "$PERF/measure.py" "$KUBEVOUCH" "$OUT/run" "$OUT" "${ROUNDS:-3}" || STATUS=1

echo "== files: the memory of a scan"
python3 "$PERF/many_files.py" measure "$KUBEVOUCH" "$OUT" || STATUS=1
echo "== JSON: a page of this cluster's pods"
"$PERF_DIR/tests/perf/perf_json" "$OUT/pods.json" || STATUS=1
echo "== CEL: the benchmark's checks over recorded pods, beside cel-go"
"$PERF/cel.sh" || STATUS=1
echo "== hostile and large RBAC"
python3 "$PERF/rbac_shapes.py" "$KUBEVOUCH" "$PERF/../clusters/mix" || STATUS=1
echo "== hostile and large network policies"
python3 "$PERF/network_shapes.py" "$KUBEVOUCH" "$PERF/../clusters/mix" || STATUS=1
exit $STATUS
