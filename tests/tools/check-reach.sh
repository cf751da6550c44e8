#!/bin/sh
# kubevouch reach, from the command line to the exit status: who decides, what is enforced, what cannot be told.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0
cat >"$tmp/objects.yaml" <<'EOF'
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: db, labels: {tier: data}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {containers: [{name: c, image: i}]}, status: {podIP: 10.0.0.5}}
---
{apiVersion: v1, kind: Pod, metadata: {name: job, namespace: shop, labels: {app: job}}, spec: {containers: [{name: c, image: i}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: job2, namespace: shop, labels: {app: job, other: x}}, spec: {containers: [{name: c, image: i}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: pg, namespace: db}, spec: {selector: {matchLabels: {app: pg}}, template: {metadata: {labels: {app: pg}}, spec: {containers: [{name: c, image: i, ports: [{name: sql, containerPort: 5432}]}]}}}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: in, namespace: db}, spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}, podSelector: {matchLabels: {app: web}}}], ports: [{port: sql}]}]}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: out, namespace: shop}, spec: {podSelector: {matchLabels: {app: job}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: n1}}
EOF
agent() { # agent NAME IMAGE: the DaemonSet of a network plugin
  cp "$tmp/objects.yaml" "$tmp/$1.yaml"
  cat >>"$tmp/$1.yaml" <<EOF
---
{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: $1, namespace: kube-system}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {hostNetwork: true, containers: [{name: c, image: $2}]}}}, status: {desiredNumberScheduled: 1, currentNumberScheduled: 1, numberReady: 1}}
EOF
}
agent calico-node docker.io/calico/node:v3.30.0
agent kube-flannel ghcr.io/flannel-io/flannel:v0.26.1
agent cilium quay.io/cilium/cilium:v1.18.0
mv "$tmp/cilium.yaml" "$tmp/runs-cilium.yaml"
cat >>"$tmp/runs-cilium.yaml" <<'EOF'
---
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: some, namespace: db}, spec: {endpointSelector: {}, ingress: [{fromEndpoints: [{matchLabels: {io.kubernetes.pod.namespace: shop}}], toPorts: [{ports: [{port: "9999", protocol: TCP}]}]}]}}
EOF
cp "$tmp/calico-node.yaml" "$tmp/cilium.yaml"
cat >>"$tmp/cilium.yaml" <<'EOF'
---
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: some, namespace: db}, spec: {endpointSelector: {}, ingress: [{}]}}
EOF
cp "$tmp/calico-node.yaml" "$tmp/admin.yaml"
cat >>"$tmp/admin.yaml" <<'EOF'
---
{apiVersion: policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy, metadata: {name: first}, spec: {priority: 1, subject: {namespaces: {}}, ingress: [{name: stop, action: Deny, from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}], ports: [{portNumber: {protocol: TCP, port: 5432}}]}]}}
EOF
cp "$tmp/calico-node.yaml" "$tmp/nodes.yaml"
cat >>"$tmp/nodes.yaml" <<'EOF'
---
{apiVersion: v1, kind: Pod, metadata: {name: host1, namespace: shop, labels: {app: host}}, spec: {hostNetwork: true, nodeName: n1, containers: [{name: c, image: i}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: host2, namespace: shop, labels: {app: host}}, spec: {hostNetwork: true, nodeName: n2, containers: [{name: c, image: i}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: pg1, namespace: db, labels: {app: pg}}, spec: {nodeName: n1, containers: [{name: c, image: i}]}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: none, namespace: db}, spec: {podSelector: {}, policyTypes: [Ingress, Egress]}}
EOF
sed 's/node:v3.30.0/node:v3.29.4/' "$tmp/admin.yaml" >"$tmp/admin-old.yaml"
# expect NAME FILE STATUS TEXT ARGUMENT...: standard output and error hold TEXT (or not, if it begins with !)
expect() {
  name=$1 file=$2 status=$3 want=$4; shift 4
  got=0; "$kv" reach "$@" --manifests "$tmp/$file.yaml" >"$tmp/out" 2>&1 || got=$?
  case $want in !*) grep -qF -- "${want#!}" "$tmp/out" && found=0 || found=1 ;; *) grep -qF -- "$want" "$tmp/out" && found=1 || found=0 ;; esac
  if [ "$got" != "$status" ] || [ "$found" = 0 ]; then
    echo "$name: status $got (wanted $status), or not as wanted (\"$want\"):" >&2; cat "$tmp/out" >&2; bad=1
  fi
}
expect 'a rule lets it through' calico-node 0 'Pod shop/web to Deployment db/pg, port 5432: allowed' --from shop/web --to db/pg --port 5432
expect 'and is named' calico-node 0 'ingress, TCP 5432: NetworkPolicy db/in, ingress rule 1, allows it' --from shop/web --to db/pg --port 5432
expect 'nothing decides about the other end' calico-node 0 'egress, TCP 5432: no policy decides: allowed' --from shop/web --to db/pg --port 5432
expect 'by the name of a port' calico-node 0 'port sql: allowed' --from shop/web --to db/pg --port sql
expect 'another protocol' calico-node 0 'port 5432/udp: denied' --from shop/web --to db/pg --port 5432/udp
expect 'a name of another protocol' calico-node 0 'no container of the second end has a port of that name' --from shop/web --to db/pg --port sql/udp
expect 'all ports' calico-node 0 'Deployment db/pg: partly (by the policies on TCP 5432)' --from shop/web --to db/pg
expect 'isolated' calico-node 0 'NetworkPolicy db/in isolates the second end for ingress, and no rule lets it through: denied' --from shop/job --to db/pg
expect 'who enforces' calico-node 0 'policies are enforced: yes, calico' --from shop/job --to db/pg
expect 'an address' calico-node 0 'Pod shop/job to 10.1.2.3: allowed' --from shop/job --to 10.1.2.3
expect 'another address' calico-node 0 'Pod shop/job to 11.1.2.3: denied' --from shop/job --to 11.1.2.3
expect 'IPv6' calico-node 0 'Pod shop/job to 2001:db8::1: denied' --from shop/job --to 2001:DB8::1
expect 'an address that is not known' calico-node 0 'speaks of peers that cannot be told from here' --from shop/job --to db/pg
expect 'the address of a pod' calico-node 0 'Pod shop/job to Pod shop/web: allowed' --from shop/job --to shop/web
expect 'a kind' calico-node 0 'Deployment db/pg' --from shop/web --to db/deployment/pg
expect 'another kind' calico-node 2 'no such pod or workload' --from shop/web --to db/pod/pg
expect 'by labels' calico-node 0 'the first of 2 like it' --from 'shop/app=job' --to db/pg
expect 'by the want of a label' calico-node 0 '!Pod shop/job ' --from 'shop/app!=job' --to db/pg
expect 'all of them' calico-node 0 'Pod shop/web to Deployment' --from 'shop/*' --to '*/app=pg'
expect 'the namespace of the option' calico-node 0 'Pod shop/web to' --from web --to db/pg -n shop
expect 'a plugin that enforces nothing' kube-flannel 0 'port 22: allowed (by the policies denied)' --from shop/job --to db/pg --port 22
expect 'and is named as such' kube-flannel 0 'policies are enforced: no, flannel' --from shop/job --to db/pg --port 22
expect 'no plugin is known' objects 0 'port 22: unknown (by the policies denied)' --from shop/web --to db/pg --port 22
expect 'no plugin, and allowed' objects 0 'port 5432: allowed' --from shop/web --to db/pg --port 5432
expect 'another plugin'"'"'s policy' cilium 0 'port 5432: unknown' --from shop/web --to db/pg --port 5432
expect 'a policy of the plugin that runs' runs-cilium 0 'CiliumNetworkPolicy db/some, ingress rule 1, allows it' --from shop/web --to db/pg --port 9999
expect 'and what it lets through' runs-cilium 0 'port 9999: allowed' --from shop/web --to db/pg --port 9999
expect 'beside a NetworkPolicy' runs-cilium 0 'port 5432: allowed' --from shop/web --to db/pg --port 5432
expect 'and what neither does' runs-cilium 0 'port 9998: denied' --from shop/web --to db/pg --port 9998
expect 'and is named too' cilium 0 'covered by CiliumNetworkPolicy db/some, which is not evaluated' --from shop/web --to db/pg --port 5432
expect 'the administrator first' admin 0 'port 5432: denied' --from shop/web --to db/pg --port 5432
expect 'an administrator whom the plugin does not know' admin-old 0 'port 5432: unknown' --from shop/web --to db/pg --port 5432
expect 'and whose policy is named' admin-old 0 'AdminNetworkPolicy first, which is not evaluated' --from shop/web --to db/pg --port 5432
expect 'the name of a rule' admin 0 'AdminNetworkPolicy first, ingress rule 1 (stop), denies it' --from shop/web --to db/pg --port 5432
expect 'JSON' calico-node 0 '"answer":"allowed","byPolicies":"allowed","allowedByPolicies":"TCP 5432","enforced":true' --from shop/web --to db/pg --port 5432 --print json
expect 'the node of the pod' nodes 0 'Pod shop/host1 to Pod db/pg1, port 22: allowed' --from shop/host1 --to db/pg1 --port 22
expect 'and back' nodes 0 'Pod db/pg1 to Pod shop/host1, port 22: allowed' --from db/pg1 --to shop/host1 --port 22
expect 'which is said' nodes 0 '  the two are on one node' --from shop/host1 --to db/pg1 --port 22
expect 'another node' nodes 0 'port 22: denied' --from shop/host2 --to db/pg1 --port 22
expect 'a node that is not known' nodes 0 'port 22: unknown (by the policies denied)' --from shop/host1 --to db/deployment/pg --port 22
expect 'pods of many nodes' nodes 0 'port 22: unknown (by the policies denied)' --from shop/app=host --to db/pg1 --port 22
expect 'no pod of a node'"'"'s network' nodes 0 'port 22: denied' --from shop/web --to db/pg1 --port 22
expect 'a pod to itself' nodes 0 'Pod db/pg1 to Pod db/pg1, port 22: allowed' --from db/pg1 --to db/pg1 --port 22
expect 'a pod to itself, in JSON' nodes 0 '"answer":"allowed","byPolicies":"denied","allowedByPolicies":"none","enforced":true,"enforcement":"yes, calico","note":"within one pod all is allowed' --from db/pg1 --to db/pg1 --port 22 --print json
expect 'pods of one workload' nodes 0 'Deployment db/pg to Deployment db/pg, port 22: denied' --from db/deployment/pg --to db/deployment/pg --port 22
expect 'one a line' calico-node 0 '"rule":1,' --from shop/web --to db/pg --port 5432 --print jsonl
expect 'CEL' calico-node 2 'json or jsonl' --from shop/web --to db/pg --print cel
expect 'one end' calico-node 2 'needs two ends' --from shop/web
expect 'no port' calico-node 2 'is no port' --from shop/web --to db/pg --port 5/x
expect 'a port too high' calico-node 2 'not from 1 to 65535' --from shop/web --to db/pg --port 65536
expect 'no kind' calico-node 2 'is no kind of pods' --from shop/web --to db/service/pg
expect 'no labels' calico-node 2 'selects by no label' --from 'shop/=x' --to db/pg
expect 'a pod that is not there' calico-node 2 '"shop/none": no such pod' --from shop/none --to db/pg
printf '%s\n' '---' '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: "' >>"$tmp/calico-node.yaml"
expect 'what could not be read' calico-node 3 'unknown' --from shop/job --to db/pg --port 22
exit $bad
