#!/usr/bin/env bash
# down.sh DIR: ends exactly the processes that up.sh started there, by the PIDs in DIR/pids.
set -u
. "$(dirname "$(readlink -f "$0")")/lib.sh"
DIR=$(cd "${1:?which folder}" 2>/dev/null && pwd) || exit 0
[ -f "$DIR/pids" ] || exit 0
gone() { [ ! -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }
# all at once but etcd, which goes last so that the others can still write
tac "$DIR/pids" >"$DIR/ending"
end() { # end SIGNAL FILTER: those whose PID still is one of our programs
  while read -r name pid; do
    [[ $name =~ $2 ]] || continue
    case $(readlink "/proc/$pid/exe" 2>/dev/null) in "$BIN"/*) kill "-$1" "$pid" 2>/dev/null; kill -CONT "$pid" 2>/dev/null;; esac
  done <"$DIR/ending"
}
wait_gone() { # wait_gone FILTER SECONDS
  local n=0 left
  while [ $n -lt $(($2 * 10)) ]; do
    left=0
    while read -r name pid; do [[ $name =~ $1 ]] && ! gone "$pid" && left=1; done <"$DIR/ending"
    [ $left = 1 ] || return 0
    sleep 0.1; n=$((n + 1))
  done
  return 1
}
for set in '^(kubelet|kube-controller|kube-scheduler|egressmap)' '^kube-apiserver' '^etcd'; do
  end TERM "$set"; wait_gone "$set" 8 || { end KILL "$set"; wait_gone "$set" 5; }
done
rm -f "$DIR/pids" "$DIR/ending"
