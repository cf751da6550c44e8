#!/usr/bin/env bash
# populate.sh DIR mix        some 585 pods in 30 namespaces, through the API; what was planted is listed in DIR/planted.json
# populate.sh DIR scale N    N pods and what goes with them (nodes, deployments, ...) straight into etcd; meant for up.sh --frozen
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib.sh"
DIR=${1:?which folder}; shift
. "$DIR/env"
case ${1:?mix or scale} in
  mix) "$BIN/populate" mix --truth "$DIR/planted.json"
    # until the kubelets have the pods running
    for _ in $(seq 60); do
      read -r total run < <(kubectl get pods -A --no-headers 2>/dev/null | awk '{t++; if ($4=="Running"||$4=="Completed") r++} END{print t+0, r+0}')
      [ "$total" -gt 400 ] && [ $((total - run)) -le 3 ] && break; sleep 2
    done; echo "$run of $total pods run or are complete";;
  scale) "$BIN/populate" scale --pods "${2:-10000}";;
  *) die "unknown mode $1";;
esac
