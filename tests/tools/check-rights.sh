#!/bin/sh
# kubevouch who-can, paths and access-review, from the command line to the exit status.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0
cat >"$tmp/objects.yaml" <<'EOF'
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: reader}, rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}, {nonResourceURLs: [/metrics], verbs: [get]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: maker}, rules: [{apiGroups: [apps], resources: [deployments], verbs: ["=1+1", create]}, {apiGroups: [""], resources: [pods/exec], verbs: [create]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: all}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}, subjects: [{kind: Group, name: "=cmd|' /C calc'!A0"}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: one, namespace: shop}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: maker}, subjects: [{kind: User, name: "jane\e[31m<b>"}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: gone, namespace: shop}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: missing}, subjects: [{kind: User, name: joe}]}
EOF
# expect NAME STATUS TEXT ARGUMENT...: standard output and error hold TEXT (or not, if it begins with !)
expect() {
  name=$1 status=$2 want=$3; shift 3
  got=0; "$kv" "$@" --manifests "$tmp/objects.yaml" >"$tmp/out" 2>&1 || got=$?
  case $want in !*) grep -qF -- "${want#!}" "$tmp/out" && found=0 || found=1 ;; *) grep -qF -- "$want" "$tmp/out" && found=1 || found=0 ;; esac
  if [ "$got" != "$status" ] || [ "$found" = 0 ]; then
    echo "$name: status $got (wanted $status), or not as wanted (\"$want\"):" >&2; cat "$tmp/out" >&2; bad=1
  fi
}
expect 'in the whole cluster' 0 'ClusterRoleBinding all (ClusterRole reader)' who-can get secrets
expect 'another verb' 0 '!ClusterRole reader' who-can list secrets
expect 'a URL' 0 'ClusterRole reader' who-can get /metrics
expect 'a group that is known' 0 'RoleBinding shop/one (ClusterRole maker)' who-can create deployments -n shop
expect 'a group by name' 0 'RoleBinding shop/one' who-can create deployments.apps -n shop
expect 'another group' 0 '!RoleBinding shop/one' who-can create deployments.example.com -n shop
expect 'a subresource' 0 'RoleBinding shop/one' who-can create pods/exec -n shop
expect 'another namespace' 0 '!RoleBinding shop/one' who-can create deployments -n web
expect 'a hostile name' 0 'jane\x1b[31m' who-can create deployments -n shop
expect 'no resource' 2 'needs a verb' who-can get
cat >"$tmp/questions.yaml" <<'EOF'
- {user: joe, groups: ["=cmd|' /C calc'!A0"], verb: get, resource: secrets, namespace: shop}
- {user: joe, verb: get, resource: secrets, namespace: shop}
- {user: "jane\e[31m<b>", verb: create, group: apps, resource: deployments, namespace: shop, name: a}
- {user: "jane\e[31m<b>", verb: create, group: apps, resource: deployments, namespace: web}
- {user: "jane\e[31m<b>", verb: create, resource: pods, subresource: exec, namespace: shop}
- {groups: ["=cmd|' /C calc'!A0"], verb: get, path: /metrics}
- {groups: [system:masters], verb: delete, path: /}
EOF
cat >"$tmp/want" <<'EOF'
{"allowed":true,"by":"ClusterRoleBinding all","role":"ClusterRole reader"}
{"allowed":false}
{"allowed":true,"by":"RoleBinding shop/one","role":"ClusterRole maker"}
{"allowed":false}
{"allowed":true,"by":"RoleBinding shop/one","role":"ClusterRole maker"}
{"allowed":true,"by":"ClusterRoleBinding all","role":"ClusterRole reader"}
{"allowed":true}
EOF
expect 'many questions' 0 '"allowed":true' who-can --questions "$tmp/questions.yaml" --whole
cmp "$tmp/out" "$tmp/want" >&2 || { cat "$tmp/out" >&2; bad=1; }
expect 'many questions about files that need not be all' 0 '{"allowed":null,"unknown":"the files need not hold' who-can --questions "$tmp/questions.yaml"
grep -q '"allowed":false' "$tmp/out" && { echo 'a right was denied that no file need hold' >&2; bad=1; }
asked() { # asked NAME TEXT QUESTIONS: they are refused
  printf '%s\n' "$3" >"$tmp/asked.yaml"; expect "$1" 2 "$2" who-can --questions "$tmp/asked.yaml" --whole
}
asked 'no list' 'a list of questions is wanted' '{user: joe, verb: get, resource: secrets}'
asked 'nobody asks' 'asked.yaml:1: a question names a user, groups, or both' '[{verb: get, resource: secrets}]'
asked 'nothing is asked' 'asked.yaml:2: a question names a resource (pods) or a path' '[{user: joe, verb: get, resource: ""},
 {user: joe, verb: get}]'
asked 'a URL and a resource' 'is about that URL alone' '[{user: joe, verb: get, path: /a, resource: secrets}]'
asked 'an empty URL' 'is about that URL alone' '[{user: joe, verb: get, path: ""}]'
asked 'a key that is none' 'unknown key' '[{user: joe, verb: get, resources: secrets}]'
cp "$tmp/objects.yaml" "$tmp/sound.yaml"
printf -- '---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: bad, namespace: web}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: missing}, subjects: [{kind: Userr, name: joe}]}\n' >>"$tmp/objects.yaml"
expect 'a binding that cannot be read' 0 '{"allowed":null,"unknown":"RoleBinding web/bad: a subject has no kind that is known' who-can --questions "$tmp/questions.yaml" --whole
grep -q '"allowed":true' "$tmp/out" || { echo 'a right that was seen is no longer told' >&2; bad=1; }
mv "$tmp/sound.yaml" "$tmp/objects.yaml"
expect 'questions and a verb' 2 'the questions say what is asked' who-can get secrets --questions "$tmp/questions.yaml"
expect 'paths' 0 'RoleBinding shop/one (ClusterRole maker, rule 1)' paths --from "user:$(printf 'jane\033[31m<b>')" --to node
expect 'no way' 0 'to node: no way was found' paths --from user:joe --to node
expect 'no subject' 2 'is no subject' paths --from joe
expect 'half a service account' 2 'names no service account' paths --from serviceaccount:joe
expect 'no target' 2 'is no target' paths --from user:joe --to moon
expect 'a review is safe in a spreadsheet' 0 "\"'=1+1, create on" access-review
expect 'of a missing role' 0 'the role does not exist' access-review
expect 'a review is safe in a browser' 0 '!<b>' access-review --write html
expect 'a review that is not there' 2 'none.json' access-review --since "$tmp/none.json"
printf '{"review": "other", "rights": []}' >"$tmp/none.json"
expect 'a review that is none' 2 'is no access review' access-review --since "$tmp/none.json"
"$kv" access-review --write json --manifests "$tmp/objects.yaml" >"$tmp/before.json"
expect 'nothing is new' 0 '!"new"' access-review --write json --since "$tmp/before.json"
sed -i 's/verbs: \[get\]}, {nonResourceURLs/verbs: [list]}, {nonResourceURLs/' "$tmp/objects.yaml"
expect 'what is new' 0 '"change":"new"' access-review --write json --since "$tmp/before.json"
expect 'what is gone' 0 '"change":"gone"' access-review --write json --since "$tmp/before.json"

# ---- what follows from who the subject is, whatever its rules say
bound() { # bound NAME KIND SUBJECT [NAMESPACE]: may read pods
  echo "---"
  echo "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: $1}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: plain}, subjects: [{kind: $2, name: \"$3\"${4:+, namespace: $4}}]}"
}
{ echo '{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: plain}, rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]}'
  bound a User system:anonymous; bound b Group system:unauthenticated; bound c Group system:serviceaccounts; bound d Group system:authenticated
  bound e ServiceAccount default shop; bound f User system:serviceaccount:web:default; bound g ServiceAccount cloudy shop; bound h ServiceAccount plain shop; bound i User default; bound j Group system:nodes
  echo '---'; echo '{apiVersion: v1, kind: ServiceAccount, metadata: {name: cloudy, namespace: shop, annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::1:role/r"}}}'
  echo '---'; echo '{apiVersion: v1, kind: ServiceAccount, metadata: {name: plain, namespace: shop}}'; } >"$tmp/who.yaml"
"$kv" eval --over risks derived.id --manifests "$tmp/who.yaml" 2>/dev/null | sort >"$tmp/out"
cat >"$tmp/want" <<'EOF'
Group system:authenticated: "R40"
Group system:serviceaccounts: "R40"
Group system:unauthenticated: "R39"
ServiceAccount shop/cloudy: "R43"
ServiceAccount shop/default: "R41"
User system:anonymous: "R39"
User system:serviceaccount:web:default: "R41"
EOF
diff "$tmp/want" "$tmp/out" >&2 || { echo 'risks of who a subject is are not these' >&2; bad=1; }
"$kv" access-review --manifests "$tmp/who.yaml" 2>/dev/null | grep -q '^"User system:anonymous".*"R39"' || { echo 'the review does not tell of R39' >&2; bad=1; }
cat >>"$tmp/objects.yaml" <<'EOF'
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: default, namespace: shop}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}, subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: eve}]}
EOF
expect 'a default role that files leave out' 3 'RoleBinding shop/default gives what ClusterRole edit does' paths --from user:eve
expect 'which may give the right, too' 3 'not all rights were seen' who-can create pods -n shop
exit $bad
