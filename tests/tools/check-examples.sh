#!/bin/sh
# Every example of the manual runs as it stands: the command lines of kubevouch(1) in a folder that holds what they name, against a recorded
# cluster that is served, and the files of kubevouch-benchmark(5), each given to what takes it. The pages themselves are laid out for readers.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
servers=
cleanup() { exec 8>&- 9>&-; for pid in $servers; do wait "$pid" 2>/dev/null || true; done; rm -rf "$tmp"; }
trap cleanup EXIT
fail() { echo "$*" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }

# ---- files: what stands between .EX and .EE, under the name before it
"$kv" help benchmark >"$tmp/benchmark.5"
mkdir "$tmp/run" "$tmp/bin"
python3 - "$tmp/benchmark.5" "$tmp/run" <<'P'
import re, sys
page = open(sys.argv[1], encoding="utf-8").read()
def plain(text):
    for a, b in ((r"\-", "-"), (r"\(aq", "'"), (r"\(ha", "^"), (r"\(ti", "~"), (r"\(ga", "`"), (r"\&", ""), (r"\e", "\\")):
        text = text.replace(a, b)
    return text
found = re.findall(r"^\.PP\n\\fB(\S+)\\fR: [^\n]*\n\.PP\n\.EX\n(.*?)\n?\.EE$", page, re.M | re.S)
assert len(found) == page.count(".EX\n") == page.count(".EE\n") >= 6, len(found)
for name, text in found:
    open(f"{sys.argv[2]}/{plain(name)}", "w", encoding="utf-8").write(plain(text) + "\n")
P
cd "$tmp/run"
"$kv" lint house.yaml >"$tmp/told" 2>&1 || fail "house.yaml: lint"
grep -q '2 cases' "$tmp/told" || fail "house.yaml: its tests were not run"
"$kv" demo -q -o stated --attestations statements.yaml --scope cde=cde.yaml >"$tmp/told" 2>&1 || fail "statements.yaml, cde.yaml"
"$kv" demo -q -b house.yaml -o house >"$tmp/told" 2>&1 || fail "house.yaml: demo"
python3 - stated/report.json <<'P' || fail "what statements.yaml and cde.yaml say is not in the report"
import json, sys
r = json.load(open(sys.argv[1], encoding="utf-8"))
text = json.dumps(r)
assert "looked at on 2 November" in text and "platform-admins" in text and "OPS-1234" in text, "statements"
assert r["scopes"][0]["owner"] == "Payments team" and r["scopes"][0]["members"] == ["payments/*", "*/pci=true"]
P

# ---- command lines, with what they name
for other in kubectl kustomize; do
  { echo '#!/bin/sh'; [ $other = kubectl ] && echo 'exec grep "^kind: " >/dev/null' || echo 'cat deploy/pod.yaml'; } >"$tmp/bin/$other"
  chmod +x "$tmp/bin/$other"
done
ln -s "$(cd "$builddir" && pwd)/kubevouch" "$tmp/bin/kubevouch"
mkdir -p deploy/vendor overlays/prod main before after facts
printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {containers: [{name: c, image: i}]}\n' >deploy/pod.yaml
cp deploy/pod.yaml pod.yaml
cp house.yaml benchmark.yaml && cp house.test.yaml benchmark.test.yaml
"$kv" export vap -c 5.2.2 >policies.yaml 2>/dev/null
for folder in main before after; do "$kv" scan -q deploy -f json -o $folder >/dev/null; done
openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null && openssl pkey -in key.pem -pubout -out signer.pub 2>/dev/null
mkfifo "$tmp/eu" "$tmp/us"
"$builddir/tests/kube/fakeapi" --serve "$srcdir/tests/clusters/mix" --kubeconfig "$tmp/kc-eu" <"$tmp/eu" >"$tmp/ready-eu" &
servers=$!
exec 8>"$tmp/eu"
"$builddir/tests/kube/fakeapi" --serve "$srcdir/tests/clusters/kubelets" --kubeconfig "$tmp/kc-us" <"$tmp/us" >"$tmp/ready-us" 8>&- &
servers="$servers $!"
exec 9>"$tmp/us"
for _ in $(seq 200); do grep -q ready "$tmp/ready-eu" && grep -q ready "$tmp/ready-us" && break; sleep 0.05; done
sed -i 's/\bfake\b/prod-eu/g' "$tmp/kc-eu"
sed -i 's/\bfake\b/prod-us/g' "$tmp/kc-us"
export KUBECONFIG="$tmp/kc-eu:$tmp/kc-us" PATH="$tmp/bin:$PATH"
"$kv" help man >"$tmp/kubevouch.1"
python3 - "$tmp/kubevouch.1" >"$tmp/lines" <<'P'
import re, sys
page = open(sys.argv[1], encoding="utf-8").read().split("\n.SH EXAMPLES\n")[1].split("\n.SH ")[0]
for line in re.findall(r"^\.TP\n\\fB(.*)\\fR$", page, re.M):
    for a, b in ((r"\-", "-"), (r"\(aq", "'"), (r"\(ha", "^"), (r"\(ti", "~"), (r"\(ga", "`"), (r"\&", ""), (r"\e", "\\")):
        line = line.replace(a, b)
    print(line)
P
[ "$(wc -l <"$tmp/lines")" -ge 30 ] || fail "few command lines were found"
while read -r line; do
  status=0
  bash -o pipefail -c "$line" >"$tmp/out" 2>"$tmp/told" </dev/null || status=$?
  case "$status $line" in
    0\ *) ;;
    1\ *--fail-on*|1\ *--questions*) ;;
    3\ *--strict-coverage*|3\ *reach*|3\ *pss*|3\ *"verify "*|3\ *"period "*) ;; # what was not seen is said by the status
    *) fail "exit $status: $line" ;;
  esac
done <"$tmp/lines"
# each command has an example
for command in $("$kv" help | sed -n 's/^  \([a-z-]*\) .*/\1/p'); do
  grep -qE "kubevouch $command( |\$)" "$tmp/lines" || fail "$command has no example"
  "$kv" "$command" --help | grep -q '^Examples:$' || fail "$command --help shows no example"
done

# ---- to be read
for page in man cel benchmark report; do
  "$kv" help $page --text >"$tmp/text"
  awk 'length($0) > 80 && $0 !~ /^ +[^ ]+$/ && !/^              / { print FILENAME ": " $0; bad = 1 } END { exit bad }' "$tmp/text" >"$tmp/told" || fail "$page: a line is longer than 80"
  if grep -nE '\\[a-zA-Z(&]|[[:space:]]$|^\.[A-Z]' "$tmp/text" >"$tmp/told"; then [ $page = cel ] || fail "$page: roff is left in the text"; fi
  # the words are those of the page as man sets it
  if command -v groff >/dev/null; then
    "$kv" help $page | groff -man -Tascii -P-c -P-b -P-u -rLL=80n -ww >"$tmp/groff" 2>"$tmp/told" || fail "$page: groff"
    [ ! -s "$tmp/told" ] || fail "$page: groff warns"
    python3 - "$tmp/text" "$tmp/groff" <<'P' || fail "$page: the text has other words than the page"
import re, sys
def words(name):
    text = open(name, encoding="utf-8").read().split("\n", 1)[1]
    text = text.replace("+\bo", "*")
    text = re.sub(r"\nkubevouch [^\n]*\n?$", "", text.rstrip("\n"))
    return re.sub(r"[\s-]", "", text)
a, b = words(sys.argv[1]), words(sys.argv[2])
at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), None)
if at is not None or abs(len(a) - len(b)) > 80:
    sys.exit(f"{a[at - 40:at + 60] if at else a[-80:]!r}\n{b[at - 40:at + 60] if at else b[-80:]!r}")
P
  fi
done
# on a terminal it is laid out, elsewhere it is roff
python3 - "$kv" <<'P' || fail "a page on a terminal"
import os, pty, subprocess, sys
def on_terminal(*words):
    parent, child = pty.openpty()
    p = subprocess.Popen([sys.argv[1], *words], stdout=child, stderr=child, stdin=subprocess.DEVNULL)
    os.close(child)
    text = b""
    try:
        while part := os.read(parent, 65536):
            text += part
    except OSError:
        pass
    assert p.wait() == 0, text
    return text.decode()
shown = on_terminal("help", "man")
assert "\033[1mNAME\033[0m" in shown and ".SH" not in shown
assert "\033" not in on_terminal("help", "man", "--no-color")
P
"$kv" help man | grep -q '^\.SH NAME$' || fail "help man into a pipe is no roff"
