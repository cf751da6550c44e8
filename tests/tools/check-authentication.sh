#!/bin/sh
# audit --authentication-config: what the file behind the flag of that name comes to, by check platform-identity-provider.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0
cat >"$tmp/objects.yaml" <<'EOF'
{apiVersion: v1, kind: Pod, metadata: {name: kube-apiserver-cp-1, namespace: kube-system, annotations: {kubernetes.io/config.mirror: x}, ownerReferences: [{apiVersion: v1, kind: Node, name: cp-1, controller: true, uid: u}]}, spec: {nodeName: cp-1, hostNetwork: true, containers: [{name: kube-apiserver, image: "r/kube-apiserver:v1.35.4", command: [kube-apiserver, --authentication-config=/etc/authn.yaml]}]}}
EOF
url='url: "https://login.example", audiences: [cluster-1]'
# expect NAME VERDICT TEXT ISSUER MAPPINGS [MORE]
expect() {
  printf 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\njwt:\n- {issuer: {%s}, claimMappings: {%s}%s}\n' "$4" "$5" "${6:-}" >"$tmp/authn.yaml"
  "$kv" audit -q --manifests "$tmp/objects.yaml" --benchmark kubevouch-hardening --check platform-identity-provider --authentication-config "$tmp/authn.yaml" -o "$tmp/out" -f json -f csv >/dev/null 2>"$tmp/told" || { cat "$tmp/told" >&2; bad=1; return 0; }
  python3 - "$tmp/out/report.json" "$2" "$3" <<'PY' || { echo "$1: not so" >&2; bad=1; }
import json, sys
report = json.load(open(sys.argv[1]))
check = report["checks"][0]
text = json.dumps(report)
if check["verdict"] != sys.argv[2] or sys.argv[3] not in text:
    sys.exit(f"{check['verdict']}: {check.get('reason')}, wanted {sys.argv[2]} and {sys.argv[3]!r}")
PY
}
user='username: {claim: sub, prefix: "oidc:"}'
expect 'users with a prefix' pass authn.yaml "$url" "$user"
expect 'groups with a prefix' pass authn.yaml "$url" "$user, groups: {claim: groups, prefix: \"oidc:\"}"
expect 'users by address' pass authn.yaml "$url" 'username: {claim: email, prefix: ""}'
expect 'groups without a prefix' fail 'have no prefix' "$url" "$user, groups: {claim: groups, prefix: \"\"}"
expect 'users without a prefix' fail 'have no prefix' "$url" 'username: {claim: sub, prefix: ""}'
expect 'without a prefix, and a rule' manual 'needs a person' "$url" 'username: {claim: sub, prefix: ""}' ', userValidationRules: [{expression: "!user.username.startsWith(\"system:\")", message: m}]'
expect 'an expression' manual 'needs a person' "$url" 'username: {expression: claims.sub}'
expect 'a prefix of the cluster' fail 'own' "$url" 'username: {claim: sub, prefix: "system:serviceaccount:"}'
expect 'no audience' fail 'without audiences' 'url: "https://login.example"' "$user"
expect 'no https' fail 'without an https address' 'url: "http://login.example", audiences: [c]' "$user"
# what the API server would not start with is no evidence
printf 'kind: AuthenticationConfiguration\n' >"$tmp/broken.yaml"
if "$kv" audit -q --manifests "$tmp/objects.yaml" --check 1.2.1 --authentication-config "$tmp/broken.yaml" -o "$tmp/none" >/dev/null 2>"$tmp/told"; then echo 'a broken file was taken' >&2; bad=1; fi
grep -q 'broken.yaml:1:1: --authentication-config' "$tmp/told" || { cat "$tmp/told" >&2; bad=1; }
exit $bad
