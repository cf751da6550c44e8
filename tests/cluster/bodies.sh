#!/usr/bin/env bash
# bodies.sh DIR OUT: every list of a cluster that an audit may read as protobuf, as protobuf and as JSON, into OUT/KIND.pb and OUT/KIND.json:
# what tests/unit/test_proto_read compares (PROTO_BODIES=OUT)
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib.sh"
DIR=${1:?which cluster} OUT=${2:?to where}
. "$DIR/env"
mkdir -p "$OUT"
get() { # get TYPE FILE PATH
  curl -sS --fail -A kubevouch-test --cacert "$CA" --cert "$CERT" --key "$KEY" -H "Accept: $1" -o "$2" "$API$3" || die "$3 could not be read as $1"
}
# of src/cluster/kind.def, but for custom resources and their definitions
while IFS='"' read -r _ group _ resource _ kind _; do
  [ "$kind" != CustomResourceDefinition ] || continue
  path=/api/v1/$resource name=v1_$kind
  [ -z "$group" ] || { path=/apis/$group/v1/$resource; name=${group}_v1_$kind; }
  # the same snapshot twice, whatever changes in between
  get application/json "$OUT/$name.json" "$path"
  version=$(grep -om1 '"resourceVersion":"[0-9]*"' "$OUT/$name.json" | sed -n 1p | tr -dc 0-9)
  get application/vnd.kubernetes.protobuf "$OUT/$name.pb" "$path?resourceVersion=$version&resourceVersionMatch=Exact"
done < <(grep '^KIND(' "$HERE/../../src/cluster/kind.def")
