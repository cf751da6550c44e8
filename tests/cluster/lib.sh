# Shared by the scripts beside it. Sourced, not run.
HERE=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
# The programs are kept outside the clone, so that a second run is quick.
BIN=${KUBEVOUCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kubevouch}/bin
KVER=v1.35.4
HELMVER=v3.22.0
IMAGES=registry.example.internal/kubernetes   # image names only: nothing is pulled
PROGRAMS=(etcd kube-apiserver kube-controller-manager kube-scheduler kubectl kubeadm hollowkubelet populate egressmap podsecurity)

die() { echo "cluster: $*" >&2; exit 1; }

need() { # need PROGRAM WHY
  command -v "$1" >/dev/null 2>&1 || die "$1 is missing: $2"
}

# built: are the programs there, and of these sources?
built() {
  [ "$(cat "$HERE"/go.mod "$HERE"/go.sum "$HERE"/cmd/*/*.go | sha256sum)" = "$(cat "$BIN/sources.sha256" 2>/dev/null)" ] || return 1
  local p; for p in "${PROGRAMS[@]}"; do [ -x "$BIN/$p" ] || return 1; done
}
freeports() { # freeports N: N free TCP ports on 127.0.0.1, one a line
  python3 - "$1" <<'PY'
import socket, sys
s = [socket.socket() for _ in range(int(sys.argv[1]))]
for x in s: x.bind(("127.0.0.1", 0))
print("\n".join(str(x.getsockname()[1]) for x in s))
PY
}

# start NAME CMD...: in the background, own session, log in $DIR/logs, PID in $DIR/pids
start() {
  local name=$1; shift
  setsid nohup "$@" </dev/null >>"$DIR/logs/$name.log" 2>&1 &
  echo "$name $!" >>"$DIR/pids"
}

ca() { # ca NAME CN
  openssl ecparam -name prime256v1 -genkey -noout -out "$PKI/$1.key"
  openssl req -x509 -new -key "$PKI/$1.key" -sha256 -days 3650 -subj "/CN=$2" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign" \
    -out "$PKI/$1.crt" 2>/dev/null
}

cert() { # cert CA NAME SUBJECT USAGE [SANS]   NAME is a path without suffix, under $PKI unless absolute
  local out=$2; [[ $out = /* ]] || out=$PKI/$out
  mkdir -p "$(dirname "$out")"
  openssl ecparam -name prime256v1 -genkey -noout -out "$out.key"
  chmod 600 "$out.key"
  { echo "basicConstraints=critical,CA:FALSE"
    echo "keyUsage=critical,digitalSignature,keyEncipherment"
    echo "extendedKeyUsage=$4"
    [ -z "${5:-}" ] || echo "subjectAltName=$5"; } >"$out.ext"
  openssl req -new -key "$out.key" -subj "$3" -out "$out.csr" 2>/dev/null
  openssl x509 -req -in "$out.csr" -CA "$PKI/$1.crt" -CAkey "$PKI/$1.key" -set_serial "0x$(openssl rand -hex 16)" \
    -sha256 -days 365 -extfile "$out.ext" -out "$out.crt" 2>/dev/null
  rm -f "$out.csr" "$out.ext"
}

kubeconfig() { # kubeconfig FILE USER CERT_PREFIX   (client certificate)
  local b; b=$(base64 -w0 <"$PKI/ca.crt")
  cat >"$1" <<Y
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "https://127.0.0.1:$API_PORT", certificate-authority-data: $b}}]
users: [{name: "$2", user: {client-certificate-data: $(base64 -w0 <"$3.crt"), client-key-data: $(base64 -w0 <"$3.key")}}]
contexts: [{name: "$2@test", context: {cluster: test, user: "$2"}}]
current-context: "$2@test"
Y
  chmod 600 "$1"
}

tokenconfig() { # tokenconfig FILE USER TOKEN
  local b; b=$(base64 -w0 <"$PKI/ca.crt")
  cat >"$1" <<Y
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "https://127.0.0.1:$API_PORT", certificate-authority-data: $b}}]
users: [{name: "$2", user: {token: "$3"}}]
contexts: [{name: "$2@test", context: {cluster: test, user: "$2"}}]
current-context: "$2@test"
Y
  chmod 600 "$1"
}

# args MANIFEST: the command line of a static pod manifest, paths moved under $ROOTFS
args() {
  awk '/^    command:|^  - command:/{f=1;next} f&&/^    - /{sub(/^    - /,"");print;next} f{exit}' "$1" \
    | tail -n +2 | sed -E "s#=(/etc/kubernetes|/var/lib|/var/log)#=$ROOTFS\1#g"
}
