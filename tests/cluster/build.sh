#!/usr/bin/env bash
# Builds the programs of a Kubernetes control plane from Go modules: build.sh [program...]
# The first build takes some ten minutes on two cores; Go's own cache makes later ones quick.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib.sh"
need go "the control plane's programs are built from Go modules: install Go 1.25 or later (https://go.dev/dl) and put it on PATH"
cd "$HERE"
export GOFLAGS="-p=2 -buildvcs=false" CGO_ENABLED=0
X=k8s.io/component-base/version
C=k8s.io/client-go/pkg/version
LD="-s -w -X $X.gitVersion=$KVER -X $X.gitMajor=1 -X $X.gitMinor=35 -X $X.gitTreeState=clean -X $X.buildDate=2026-04-15T00:00:00Z"
LD+=" -X $C.gitVersion=$KVER -X $C.gitMajor=1 -X $C.gitMinor=35"
[ $# -gt 0 ] || set -- "${PROGRAMS[@]}" helm
mkdir -p "$BIN"
for c in "$@"; do
  SECONDS=0
  # Of another module, whose own requirements it is built by.
  if [ "$c" = helm ]; then (cd / && GOBIN=$BIN go install -trimpath helm.sh/helm/v3/cmd/helm@$HELMVER); echo "built $c in $SECONDS s"; continue; fi
  go build -trimpath -ldflags "$LD" -o "$BIN/$c" "./cmd/$c"
  echo "built $c in $SECONDS s"
done
cat "$HERE"/go.mod "$HERE"/go.sum "$HERE"/cmd/*/*.go | sha256sum >"$BIN/sources.sha256"
