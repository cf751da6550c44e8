#!/bin/sh
# Every page that is written, by the validators that others use: html-validate, axe-core in a browser (narrow and wide, light and dark, folded and
# unfolded), the Nu checker. They come from npm, as tests/html/package-lock.json has them, into the cache. Where node, npm, Chromium or the packages
# are not to be had this is skipped, and says so; KUBEVOUCH_NO_SKIP=1, as CI has it, makes that a failure.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
skip() { echo "$1, so no page was validated"; [ -z "${KUBEVOUCH_NO_SKIP:-}" ] || exit 1; exit 77; }
[ "${KUBEVOUCH_PAGES:-}" != no ] || { echo "KUBEVOUCH_PAGES=no: no page was validated"; exit 77; }
# under a sanitizer the pages are the same
if ldd "$kv" | grep -qE 'lib(a|t|ub)san'; then echo "the pages of a program with sanitizers are the same"; exit 77; fi
for p in node npm; do command -v $p >/dev/null || skip "$p is not installed"; done
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "Chromium is not installed"
modules=${KUBEVOUCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kubevouch}/html
if ! cmp -s "$srcdir/tests/html/package-lock.json" "$modules/package-lock.json" || [ ! -d "$modules/node_modules/axe-core" ]; then
  mkdir -p "$modules" && cp "$srcdir/tests/html/package.json" "$modules/" && cp "$srcdir/tests/html/package-lock.json" "$modules/package-lock.json"
  (cd "$modules" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >"$tmp/npm" 2>&1 ||
    { cat "$tmp/npm"; rm -f "$modules/package-lock.json"; skip "the validators' packages could not be had from npm"; }
fi
java=$(command -v java) || java=
[ -n "$java" ] || [ -z "${KUBEVOUCH_NO_SKIP:-}" ] || { echo "java is not installed, so the Nu checker did not run"; exit 1; }

run() { name=$1; shift; status=0; "$kv" "$@" -q -o "$tmp/$name" >"$tmp/told" 2>&1 || status=$?; [ $status -eq 0 ] || [ $status -eq 3 ] || { cat "$tmp/told"; exit 1; }; }
run demo demo -f html
run framework demo --framework pci-dss -c '5.1' -c 1.2.1 -c 1.1.1 -f html,framework
run frameworks demo -c 5.2 -f framework
run names demo -c 5.2 -f html --by namespace
cat >"$tmp/statements.yaml" <<Y
attestations:
- {check: "5.6.1", by: "Jane <script>", date: 2026-11-01, expires: $(date -u -d '+90 days' +%Y-%m-%d), conclusion: satisfied, statement: "Looked at \"it\"."}
waivers:
- {check: "5.2.2", owner: "Jane, risk", approver: Ann, reason: "=agreed & <done>", expires: $(date -u -d '+90 days' +%Y-%m-%d)}
- {check: "5.2.3", object: "Pod no/such", owner: Jane, approver: Ann, reason: none, expires: $(date -u -d '+90 days' +%Y-%m-%d)}
Y
run stated audit --snapshot "$srcdir/tests/clusters/mix" --attestations "$tmp/statements.yaml" --param 'allowedSubjects=[User:bob]' --scope 'cde=payments/*' -c 5.2.2 -c 5.2.3 -c 5.6.1 -c 5.1.1 -f html
python3 "$srcdir/tests/tools/awkward_inputs.py" "$tmp" "$srcdir" "$tmp/evil.json" '["</style><b>", "--><!--"]'
run empty audit --snapshot "$tmp/snap-empty" -f html
run forbidden audit --allow-incomplete --snapshot "$tmp/snap-forbidden" -f html
run nothing audit --snapshot "$srcdir/tests/clusters/mix" -c 1.1.1 -f html
run hostile audit --manifests "$tmp/evil.json" --whole --cluster-name '</style><script>"x\' --purpose 'a|b`c`' -f html --by namespace
run files scan "$tmp/evil.json" -f html,framework
mkdir "$tmp/fleet"
run fleet/a audit --snapshot "$srcdir/tests/clusters/mix" --cluster-name 'a<b>&"c"' -f json
run fleet/b audit --snapshot "$srcdir/tests/clusters/kubelets" --cluster-name b -f json
printf 'a\nb\n' >"$tmp/fleet/clusters.txt"
"$kv" merge "$tmp/fleet" -o "$tmp/merged" --max-age 87600 >"$tmp/told" 2>&1 || [ -s "$tmp/merged/fleet.html" ] || { cat "$tmp/told"; exit 1; }
"$kv" audit --snapshot "$srcdir/tests/clusters/mix" -q -o "$tmp/ledgered" -f json --ledger "$tmp/ledger" >"$tmp/told" 2>&1
"$kv" period --ledger "$tmp/ledger" --from 2026-11-01 --to 2027-12-31 --write html >"$tmp/period.html" 2>"$tmp/told" || [ -s "$tmp/period.html" ] || { cat "$tmp/told"; exit 1; }
"$kv" access-review --manifests "$tmp/evil.json" --write html >"$tmp/review.html" 2>"$tmp/told" || [ -s "$tmp/review.html" ] || { cat "$tmp/told"; exit 1; }

set -- "$tmp"/demo/report.html "$tmp"/framework/*.html "$tmp"/frameworks/framework.html "$tmp"/names/report.html "$tmp"/names/namespaces/_index.html "$tmp"/names/namespaces/billing.html \
  "$tmp"/stated/report.html "$tmp"/empty/*.html "$tmp"/forbidden/*.html "$tmp"/nothing/report.html "$tmp"/hostile/report.html "$tmp"/hostile/namespaces/*.html "$tmp"/files/*.html \
  "$tmp"/merged/fleet.html "$tmp"/period.html "$tmp"/review.html
PICTURES=${PICTURES:-} JAVA=$java timeout "${PAGES_SECONDS:-1500}" node "$srcdir/tests/html/check.mjs" "$modules" "$chromium" "$@"
