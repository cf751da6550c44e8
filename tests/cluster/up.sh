#!/usr/bin/env bash
# up.sh DIR [options]: a Kubernetes control plane on 127.0.0.1, shaped by kubeadm's own manifests and add-ons.
#   --profile weak|kubeadm|hardened   the configuration of every component, conf/profile-*.yaml (default kubeadm)
#   --workers N          worker nodes, each a real kubelet on a fake container runtime (default 3)
#   --frozen             only etcd and kube-apiserver: nothing changes by itself
#   --enc none|identity-first|aescbc|aesgcm|secretbox|other   encryption at rest (default none; hardened: aescbc; other: not of Secrets)
#   --zpages             /flagz and /statusz of every component (alpha in 1.35, on by default from 1.36)
#   --drift              the last worker's kubelet has a weak configuration of its own
#   --api-port N         the API server's port (default: a free one)
#   --api-arg ARG        one more kube-apiserver argument (repeatable)
# Run again on the same DIR (after down.sh) it starts what is there; --enc then changes the encryption of a cluster that has data.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib.sh"
built || "$HERE/build.sh"
DIR= PROFILE= WORKERS= FROZEN= ENC= DRIFT= ZPAGES= EXTRA=()
while [ $# -gt 0 ]; do case $1 in
  --profile) PROFILE=$2; shift 2;; --zpages) ZPAGES=1; shift;; --api-port) WANTED_PORT=$2; shift 2;;
  --workers) WORKERS=$2; shift 2;; --frozen) FROZEN=1; shift;; --enc) ENC=$2; shift 2;; --drift) DRIFT=1; shift;;
  --api-arg) EXTRA+=("$2"); shift 2;; -*) die "unknown option $1";; *) DIR=$1; shift;; esac; done
[ -n "$DIR" ] || die "which folder?"
[ ! -s "$DIR/pids" ] || die "$DIR/pids is there: run down.sh $DIR first"
mkdir -p "$DIR/logs"; DIR=$(cd "$DIR" && pwd)
if [ -f "$DIR/state" ]; then . "$DIR/state"; PROFILE=$SAVED_PROFILE WORKERS=$SAVED_WORKERS; REMAKE=; [ -z "$ENC" ] || [ "$ENC" = "$SAVED_ENC" ] || REMAKE=1; ENC=${ENC:-$SAVED_ENC}; fi
PROFILE=${PROFILE:-kubeadm} WORKERS=${WORKERS:-3} AUTHZ=Node,RBAC
case $PROFILE in weak) AUTHZ=AlwaysAllow;; kubeadm) ;; hardened) ENC=${ENC:-aescbc};; *) die "unknown profile $PROFILE";; esac
ENC=${ENC:-none}
ROOTFS=$DIR/rootfs PKI=$DIR/rootfs/etc/kubernetes/pki
NODES=(cp-1); for i in $(seq "$WORKERS"); do NODES+=("worker-$i"); done
nodeip() { case $1 in cp-1) echo 10.0.0.11;; *) echo "10.0.0.$((20 + ${1#worker-}))";; esac; }

# ---- ports (new ones each time) and kubeconfigs
mapfile -t P < <(freeports $((7 + ${#NODES[@]})))
ETCD_PORT=${P[0]} ETCD_PEER=${P[1]} ETCD_METRICS=${P[2]} API_PORT=${WANTED_PORT:-${P[3]}} KCM_PORT=${P[4]} KS_PORT=${P[5]}
export API_PORT PKI DIR

# ---- PKI
if [ ! -f "$PKI/sa.key" ]; then
  mkdir -p "$PKI/etcd" "$ROOTFS/var/lib/etcd" "$ROOTFS/etc/kubernetes/"{manifests,enc} "$ROOTFS/tmp"
  chmod 700 "$ROOTFS/var/lib/etcd"
  ca ca kubernetes; ca front-proxy-ca front-proxy-ca; ca etcd/ca etcd-ca
  cert ca apiserver /CN=kube-apiserver serverAuth \
    "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:cp-1,DNS:localhost,IP:10.96.0.1,IP:10.0.0.11,IP:127.0.0.1"
  cert ca apiserver-kubelet-client /O=kubeadm:cluster-admins/CN=kube-apiserver-kubelet-client clientAuth
  cert front-proxy-ca front-proxy-client /CN=front-proxy-client clientAuth
  S="DNS:cp-1,DNS:localhost,IP:10.0.0.11,IP:127.0.0.1"
  cert etcd/ca etcd/server /CN=cp-1 serverAuth,clientAuth "$S"
  cert etcd/ca etcd/peer /CN=cp-1 serverAuth,clientAuth "$S"
  cert etcd/ca etcd/healthcheck-client /CN=kube-etcd-healthcheck-client clientAuth
  cert etcd/ca apiserver-etcd-client /CN=kube-apiserver-etcd-client clientAuth
  openssl genrsa -out "$PKI/sa.key" 2048 2>/dev/null; openssl rsa -in "$PKI/sa.key" -pubout -out "$PKI/sa.pub" 2>/dev/null
  U=$DIR/users; mkdir -p "$U"
  cert ca "$U/admin" /O=system:masters/CN=kubernetes-super-admin clientAuth
  cert ca "$U/cluster-admin" /O=kubeadm:cluster-admins/CN=kubernetes-admin clientAuth
  cert ca "$U/controller-manager" /CN=system:kube-controller-manager clientAuth
  cert ca "$U/scheduler" /CN=system:kube-scheduler clientAuth
  cert ca "$U/nobody" /O=developers/CN=jane clientAuth
  for n in "${NODES[@]}"; do
    cert ca "$U/kubelet-$n" "/O=system:nodes/CN=system:node:$n" clientAuth
    cert ca "$DIR/nodes/$n/pki/kubelet" "/O=system:nodes/CN=system:node:$n" serverAuth "DNS:$n,IP:$(nodeip "$n")"
  done
fi
ln -sfn "$PKI" "$DIR/pki"
U=$DIR/users
kubeconfig "$DIR/admin.kubeconfig" kubernetes-super-admin "$U/admin"
kubeconfig "$DIR/nobody.kubeconfig" jane "$U/nobody"
kubeconfig "$ROOTFS/etc/kubernetes/super-admin.conf" kubernetes-super-admin "$U/admin"
kubeconfig "$ROOTFS/etc/kubernetes/admin.conf" kubernetes-admin "$U/cluster-admin"
kubeconfig "$ROOTFS/etc/kubernetes/controller-manager.conf" system:kube-controller-manager "$U/controller-manager"
kubeconfig "$ROOTFS/etc/kubernetes/scheduler.conf" system:kube-scheduler "$U/scheduler"
for n in "${NODES[@]}"; do kubeconfig "$DIR/nodes/$n/kubelet.conf" "system:node:$n" "$U/kubelet-$n"; done

# ---- kubeadm configuration and static pod manifests, made by kubeadm itself
if [ ! -f "$ROOTFS/etc/kubernetes/manifests/etcd.yaml" ] || [ -n "${REMAKE:-}" ]; then
  K32=$(openssl rand -base64 32)
  case $ENC in
    none) ;;
    identity-first) printf 'apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  providers:\n  - identity: {}\n  - aescbc: {keys: [{name: key1, secret: %s}]}\n' "$K32";;
    other) printf 'apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: [configmaps]\n  providers:\n  - aescbc: {keys: [{name: key1, secret: %s}]}\n  - identity: {}\n' "$K32";;
    *) printf 'apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  providers:\n  - %s: {keys: [{name: key1, secret: %s}]}\n  - identity: {}\n' "$ENC" "$K32";;
  esac >"$ROOTFS/etc/kubernetes/enc/encryption.yaml"
  case $PROFILE in
    weak) mkdir -p "$ROOTFS/etc/kubernetes/static"; cp "$HERE/conf/files/tokens.csv" "$ROOTFS/etc/kubernetes/static/";;
    hardened) mkdir -p "$ROOTFS/etc/kubernetes/"{admission,audit} "$ROOTFS/var/log/kubernetes/audit"
      cp "$HERE"/conf/files/{admission,eventratelimit}.yaml "$ROOTFS/etc/kubernetes/admission/"; cp "$HERE/conf/files/audit-policy.yaml" "$ROOTFS/etc/kubernetes/audit/policy.yaml";;
  esac
  sed -e "s#@IMAGES@#$IMAGES#g; s#@KVER@#$KVER#g; s#@AUTHZ@#$AUTHZ#g" "$HERE/conf/profile-$PROFILE.yaml" >"$ROOTFS/tmp/kubeadm.yaml"
  if [ "$ENC" = none ]; then sed -i '/ENCRYPTION-BEGIN/,/ENCRYPTION-END/d' "$ROOTFS/tmp/kubeadm.yaml"; else sed -i '/ENCRYPTION-/d' "$ROOTFS/tmp/kubeadm.yaml"; fi
  "$BIN/kubeadm" init phase control-plane all --rootfs "$ROOTFS" --config /tmp/kubeadm.yaml >>"$DIR/logs/kubeadm.log" 2>&1 || die "kubeadm control-plane: see $DIR/logs/kubeadm.log"
  "$BIN/kubeadm" init phase etcd local --rootfs "$ROOTFS" --config /tmp/kubeadm.yaml >>"$DIR/logs/kubeadm.log" 2>&1 || die "kubeadm etcd: see $DIR/logs/kubeadm.log"
fi
printf 'SAVED_PROFILE=%s\nSAVED_WORKERS=%s\nSAVED_ENC=%s\n' "$PROFILE" "$WORKERS" "$ENC" >"$DIR/state"

# ---- etcd, kube-apiserver: the manifests' own command lines, moved to loopback ports
M=$ROOTFS/etc/kubernetes/manifests Z=()
[ -z "$ZPAGES" ] || Z=(--feature-gates=ComponentFlagz=true,ComponentStatusz=true)
mapfile -t A < <(args "$M/etcd.yaml" | grep -vE '^--(advertise-client|listen-client|initial-advertise-peer|listen-peer|listen-metrics)-urls=|^--initial-cluster=')
start etcd "$BIN/etcd" "${A[@]}" --listen-client-urls=https://127.0.0.1:$ETCD_PORT --advertise-client-urls=https://127.0.0.1:$ETCD_PORT \
  --listen-peer-urls=https://127.0.0.1:$ETCD_PEER --initial-advertise-peer-urls=https://127.0.0.1:$ETCD_PEER \
  --initial-cluster=cp-1=https://127.0.0.1:$ETCD_PEER --listen-metrics-urls=http://127.0.0.1:$ETCD_METRICS \
  --quota-backend-bytes=$((8<<30)) --auto-compaction-mode=periodic --auto-compaction-retention=5m --log-level=warn
i=6; MAP=(); for n in "${NODES[@]}"; do eval "PORT_${n//-/_}=${P[$i]}"; MAP+=("$(nodeip "$n"):10250=127.0.0.1:${P[$i]}"); i=$((i+1)); done
start egressmap "$BIN/egressmap" "$DIR/egress.sock" "${MAP[@]}"
cat >"$DIR/egress.yaml" <<Y
apiVersion: apiserver.k8s.io/v1beta1
kind: EgressSelectorConfiguration
egressSelections:
- name: cluster
  connection: {proxyProtocol: HTTPConnect, transport: {uds: {udsName: "$DIR/egress.sock"}}}
Y
mapfile -t A < <(args "$M/kube-apiserver.yaml" | grep -vE '^--(secure-port|etcd-servers|bind-address)=')
start kube-apiserver "$BIN/kube-apiserver" "${A[@]}" --bind-address=127.0.0.1 --secure-port=$API_PORT \
  --etcd-servers=https://127.0.0.1:$ETCD_PORT --egress-selector-config-file="$DIR/egress.yaml" "${Z[@]}" "${EXTRA[@]}"
cat >"$DIR/env" <<Y
export KUBECONFIG=$DIR/admin.kubeconfig PATH=$BIN:\$PATH
API=https://127.0.0.1:$API_PORT CA=$PKI/ca.crt CERT=$U/admin.crt KEY=$U/admin.key
ETCD_METRICS=http://127.0.0.1:$ETCD_METRICS KCM=https://127.0.0.1:$KCM_PORT KS=https://127.0.0.1:$KS_PORT
API_PID=$(awk '$1=="kube-apiserver"{print $2}' "$DIR/pids") ETCD_PID=$(awk '$1=="etcd"{print $2}' "$DIR/pids")
export ETCDCTL_ENDPOINTS=https://127.0.0.1:$ETCD_PORT ETCDCTL_CACERT=$PKI/etcd/ca.crt ETCDCTL_CERT=$PKI/etcd/server.crt ETCDCTL_KEY=$PKI/etcd/server.key
Y
for n in "${NODES[@]}"; do v=PORT_${n//-/_}; echo "KUBELET_${n//-/_}=https://127.0.0.1:${!v}" >>"$DIR/env"; done
. "$DIR/env"
for t in $(seq 600); do
  [ "$(curl -s -o /dev/null -w '%{http_code}' --cacert "$CA" --cert "$CERT" --key "$KEY" "$API/readyz")" = 200 ] && break
  [ -d "/proc/$API_PID" ] || { tail -5 "$DIR/logs/kube-apiserver.log"; die "kube-apiserver ended"; }
  [ "$t" -lt 600 ] || die "not ready after 2 minutes"; sleep 0.2
done
echo "ready: $API"

# ---- what kubeadm init leaves in the cluster
k() { "$BIN/kubectl" --kubeconfig "$DIR/admin.kubeconfig" "$@"; }
if [ ! -f "$DIR/initialised" ]; then
  for _ in $(seq 50); do k get ns kube-system default kube-public >/dev/null 2>&1 && break; sleep 0.2; done
  for n in "${NODES[@]}"; do
    role=; [ "$n" != cp-1 ] || role=$'    node-role.kubernetes.io/control-plane: ""\n    node.kubernetes.io/exclude-from-external-load-balancers: ""\n'
    zone=eu-1$(echo abc | cut -c$(( ($(nodeip "$n" | cut -d. -f4) % 3) + 1 )))
    { printf 'apiVersion: v1\nkind: Node\nmetadata:\n  name: %s\n  annotations: {"node.alpha.kubernetes.io/ttl": "0", "volumes.kubernetes.io/controller-managed-attach-detach": "true"}\n  labels:\n    kubernetes.io/arch: amd64\n    kubernetes.io/os: linux\n    kubernetes.io/hostname: %s\n    topology.kubernetes.io/zone: %s\n    topology.kubernetes.io/region: eu-1\n%s' "$n" "$n" "$zone" "$role"
    } | k create -f - >/dev/null
    RES='{"cpu":"16","memory":"67108864Ki","ephemeral-storage":"209715200Ki","pods":"250","hugepages-2Mi":"0"}'
    k patch node "$n" --subresource=status --type=merge -p "{\"status\":{\"capacity\":$RES,\"allocatable\":$RES,\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"$(nodeip "$n")\"},{\"type\":\"Hostname\",\"address\":\"$n\"}]}}" >/dev/null
  done
  KA=("$BIN/kubeadm" init phase); KC=(--config "$ROOTFS/tmp/kubeadm.yaml" --kubeconfig "$DIR/admin.kubeconfig")
  for ph in "upload-config all" "bootstrap-token" "addon all"; do
    "${KA[@]}" $ph "${KC[@]}" >>"$DIR/logs/kubeadm.log" 2>&1 || die "kubeadm $ph: see $DIR/logs/kubeadm.log"
  done
  k taint node cp-1 node-role.kubernetes.io/control-plane=:NoSchedule --overwrite >/dev/null
  k create clusterrolebinding kubeadm:cluster-admins --clusterrole=cluster-admin --group=kubeadm:cluster-admins >/dev/null 2>&1 || true
  k apply -f "$HERE/conf/auditor-rbac.yaml" >/dev/null
  touch "$DIR/initialised"
elif [ -n "${REMAKE:-}" ]; then
  "$BIN/kubeadm" init phase upload-config all --config "$ROOTFS/tmp/kubeadm.yaml" --kubeconfig "$DIR/admin.kubeconfig" >>"$DIR/logs/kubeadm.log" 2>&1 || die "kubeadm upload-config: see $DIR/logs/kubeadm.log"
fi
tokenconfig "$DIR/auditor.kubeconfig" auditor "$(k -n audit create token auditor --duration=720h 2>/dev/null)"

if [ -z "$FROZEN" ]; then
  mapfile -t A < <(args "$M/kube-controller-manager.yaml" | grep -vE '^--bind-address=')
  start kube-controller-manager "$BIN/kube-controller-manager" "${A[@]}" --bind-address=127.0.0.1 --secure-port=$KCM_PORT "${Z[@]}"
  mapfile -t A < <(args "$M/kube-scheduler.yaml" | grep -vE '^--bind-address=')
  start kube-scheduler "$BIN/kube-scheduler" "${A[@]}" --bind-address=127.0.0.1 --secure-port=$KS_PORT "${Z[@]}"
  for n in "${NODES[@]}"; do
    d=$DIR/nodes/$n; v=PORT_${n//-/_}; mkdir -p "$d/root/pki"; cp "$d/pki/kubelet.crt" "$d/pki/kubelet.key" "$d/root/pki/"
    k -n kube-system get cm kubelet-config -o jsonpath='{.data.kubelet}' >"$d/config.yaml"
    [ "$n" = cp-1 ] || sed -i '/^staticPodPath:/d' "$d/config.yaml"
    if [ -n "$ZPAGES" ]; then
      grep -q '^featureGates:' "$d/config.yaml" || echo 'featureGates:' >>"$d/config.yaml"
      sed -i 's/^featureGates:.*/&\n  ComponentFlagz: true\n  ComponentStatusz: true/' "$d/config.yaml"
    fi
    if [ -n "$DRIFT" ] && [ "$n" = "worker-$WORKERS" ]; then
      python3 - "$d/config.yaml" <<'PY'
import re, sys
p = sys.argv[1]; s = open(p).read()
s, n = re.subn(r"(anonymous:\n\s+enabled:) \w+", r"\1 true", s)
s, m = re.subn(r"(authorization:\n\s+mode:) \w+", r"\1 AlwaysAllow", s)
assert n == m == 1, "the kubelet's configuration has another form than it used to"
open(p, "w").write(re.sub(r"^readOnlyPort:.*\n", "", s, flags=re.M) + "readOnlyPort: 10255\n")
PY
    fi
    ip=$(nodeip "$n")
    start "kubelet-$n" "$BIN/hollowkubelet" --name="$n" --kubeconfig="$d/kubelet.conf" --config="$d/config.yaml" --port="${!v}" \
      --root="$d/root" --rootfs="$ROOTFS" --pod-prefix="10.244.${ip##*.}" --v=1
  done
  cp -f "$DIR/nodes/cp-1/config.yaml" "$ROOTFS/var/lib/kubelet/config.yaml" 2>/dev/null || { mkdir -p "$ROOTFS/var/lib/kubelet"; cp "$DIR/nodes/cp-1/config.yaml" "$ROOTFS/var/lib/kubelet/config.yaml"; }
  for t in $(seq 200); do
    r=$(k get nodes --no-headers 2>/dev/null | awk '$2=="Ready"' | wc -l); [ "$r" = "${#NODES[@]}" ] && break
    [ "$t" -lt 200 ] || { k get nodes; die "nodes not ready"; }; sleep 0.3
  done
  echo "nodes ready: $r"
fi
echo "kubeconfigs: $DIR/{admin,auditor,nobody}.kubeconfig"
