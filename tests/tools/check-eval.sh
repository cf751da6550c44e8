#!/bin/sh
# kubevouch eval, from the command line to the exit status.
set -eu
kv=$builddir/kubevouch
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0
pod=$tmp/pod.yaml
cat >"$pod" <<'EOF'
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers: [{name: a, image: "r/a:1"}, {name: "\e[31mred\u202e", image: other/b}]
EOF
{ cat "$pod"; printf -- '---\napiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t}\nspec: {any: 1}\n'; } >"$tmp/both.yaml"
printf '{"kind": "List", "apiVersion": "v1", "items": [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "b"}}]}' >"$tmp/list.json"
printf 'a: [1\n' >"$tmp/broken.yaml"

# expect NAME STATUS OUTPUT ARGUMENT...: standard output and error, joined by lines, hold OUTPUT
expect() {
  name=$1 status=$2 want=$3; shift 3
  got=0; "$kv" eval "$@" >"$tmp/out" 2>&1 <"$pod" || got=$?
  if [ "$got" != "$status" ] || ! grep -qF -- "$want" "$tmp/out"; then
    echo "eval, $name: status $got (wanted $status), and not \"$want\" in:" >&2; cat "$tmp/out" >&2; bad=1
  fi
}
expect 'a value' 0 '3' '1 + 2'
expect 'of a file' 0 '"web"' 'object.metadata.name' "$pod"
expect 'of standard input' 0 '["a"' 'object.spec.containers.map(c, c.name)' -
expect 'as CEL' 0 "['r/a:1', 'other/b']" --print cel 'object.spec.containers.map(c, c.image)' "$pod"
expect 'as lines for programs' 0 '{"kind":"Thing","namespace":"","name":"t","value":1}' --print jsonl 'object.?spec.?any.orValue(0)' "$tmp/both.yaml"
expect 'an error among lines' 1 '{"kind":"Thing","namespace":"","name":"t","error":"no such key:' --print jsonl 'object.spec.containers.size()' "$tmp/both.yaml"
expect 'many documents' 0 'Thing t: {"any":1}' 'object.spec' "$tmp/both.yaml"
expect 'a list' 0 'Namespace b: "b"' 'object.metadata.name' "$tmp/list.json"
expect 'parameters' 0 'true' -p 'systemNamespaces=[shop]' 'object.metadata.namespace in params.systemNamespaces' "$pod"
expect 'variables' 0 '2' 'variables.containers.size()' "$pod"
expect 'explained' 0 '                                 ^----------------------------^ false' --explain 'object.spec.containers.exists(c, c.name == object.metadata.name || true)' "$pod"
expect 'explained, with the value under its text' 0 "^-----------------------^ {'name': 'a', 'image': 'r/a:1'}" --explain 'object.spec.containers[0].name' "$pod"
expect 'an error with its place' 1 'EXPRESSION:1:3: division by zero' '1 / 0'
expect 'a fault of the syntax' 2 'EXPRESSION:1:4: expected an expression, found "*"' '1 +* 2'
expect 'a caret under it' 2 '       ^' '1 +* 2'
expect 'a misspelt field' 2 'no field "contaners"; did you mean "containers"?' 'object.spec.contaners' "$pod"
expect 'a misspelt parameter' 2 'no field "systemNamespace"; did you mean "systemNamespaces"?' 'params.systemNamespace'
expect 'a file that is not there' 2 'no-such-file.yaml' '1' "$tmp/no-such-file.yaml"
expect 'a file that is broken' 2 'broken.yaml:' '1' "$tmp/broken.yaml"
expect 'no object' 1 'there is no object: name a file' 'object.metadata'
expect 'a fact of no cluster' 1 'needs a cluster: use --over' 'facts.serverMinor' "$pod"
expect 'no expression' 2 'eval needs an expression'
expect 'files and a population' 2 'files or --over, not both' --over pods 'true' "$pod"
expect 'a population that is none' 2 'did you mean "pods"?' --over pds --manifests "$pod" 'true'
expect 'a population' 0 'Pod shop/web: true' --over pods --manifests "$pod" 'derived.automount'
expect 'a population of rows' 0 'cluster (none: manifests): 1' --over cluster --manifests "$pod" 'derived.pods'
expect 'a form that is none' 2 'json, cel, jsonl' --print xml '1'

# What an object says never reaches a terminal as it is.
"$kv" eval --explain 'object.spec.containers[1].name == "x"' "$pod" >"$tmp/out"
if grep -q "$(printf '\033')" "$tmp/out" || grep -q "$(printf '\342\200\256')" "$tmp/out"; then
  echo 'eval --explain lets escapes of an object through' >&2; bad=1
fi
exit $bad
