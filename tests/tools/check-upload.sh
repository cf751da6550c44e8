#!/bin/sh
# --upload: to S3-compatible storage, signed, and by PUT with a token; TLS is verified, no credential is shown, and a failure leaves the local report.
set -eu
kv=$builddir/kubevouch
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || { exec 9>&-; wait $pid 2>/dev/null || true; }; rm -rf "$tmp"' EXIT
fail() { echo "$*" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }
unset AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3 AWS_REGION AWS_SESSION_TOKEN https_proxy HTTPS_PROXY http_proxy all_proxy ALL_PROXY
key_id=AKIDHUNTER1 secret=hunter2/+secret token=hunter3.token session='hunter4+/session=='
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$tmp/key" -out "$tmp/ca" -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null
mkfifo "$tmp/life"; mkdir "$tmp/taken"
start() { # start [SESSION]
  if [ -n "$pid" ]; then exec 9>&-; wait $pid 2>/dev/null || true; fi
  : >"$tmp/ready"
  python3 "$srcdir/tests/tools/put_server.py" "$tmp/taken" "$tmp/ca" "$tmp/key" $key_id $secret eu-test-1 $token "$@" <"$tmp/life" >"$tmp/ready" & pid=$!
  exec 9>"$tmp/life"
  i=0; until grep -q ready "$tmp/ready"; do i=$((i + 1)); [ $i -lt 400 ] || fail "the server does not start"; sleep 0.05; done
  read -r _ http https <"$tmp/ready"
}
upload() { # upload STATUS TEXT ARGS...: the local report is there either way, no credential anywhere
  want=$1 text=$2; shift 2; status=0; rm -rf "$tmp/out" "$tmp/taken"/*
  "$kv" demo -c 5.2.2 --keep 3 --summary line -o "$tmp/out" "$@" >"$tmp/said" 2>"$tmp/told" || status=$?
  [ "$status" -eq "$want" ] || fail "exit $status, not $want: $*"
  [ -z "$text" ] || grep -qF -- "$text" "$tmp/told" || fail "does not say \"$text\": $*"
  ! grep -rqE 'hunter[0-9]' "$tmp/said" "$tmp/told" "$tmp/out" 2>/dev/null || fail "a credential is shown: $*"
  if [ "$want" != 2 ]; then
    [ "$(find "$tmp/out" -name report.json | wc -l)" -eq 1 ] || fail "the local report is gone: $*"
    grep -q ', report ' "$tmp/said" || fail "the summary is missing: $*"
  fi
}
taken() { # taken PATH: what was uploaded is what is here
  set=$(ls "$tmp/out"); case $set in kubevouch-*Z) ;; *) fail "folder $set" ;; esac
  for f in report.html report.json; do cmp "$tmp/out/$set/$f" "$tmp/taken/$1/$set/$f" || fail "$f was not uploaded as it is"; done
  [ "$(cat "$tmp/taken/$1/$set/report.html.type")" = text/html ] || grep -q '^text/html' "$tmp/taken/$1/$set/report.html.type" || fail "another type"
  [ "$(find "$tmp/taken/$1" -name 'report*' ! -name '*.type' | wc -l)" -eq 2 ] || fail "other files were uploaded"
}
start
printf '%s\n' $token >"$tmp/token"
export AWS_REGION=eu-test-1 AWS_ENDPOINT_URL=https://localhost:$https
AWS_ACCESS_KEY_ID=$key_id AWS_SECRET_ACCESS_KEY=$secret; export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
upload 0 "uploaded https://localhost:$https/s3/pre/fix/kubevouch-" --upload s3://s3/pre/fix --upload-certificate-authority "$tmp/ca"; taken s3/pre/fix
upload 0 "" --upload s3://s3/ --upload-certificate-authority "$tmp/ca"; taken s3
AWS_ENDPOINT_URL_S3=http://127.0.0.1:$http upload 0 "" --upload s3://s3/x; taken s3/x
upload 0 "" --upload "https://localhost:$https/put/a" --upload-certificate-authority "$tmp/ca" --upload-token-file "$tmp/token"; taken put/a
upload 0 "" --upload "http://127.0.0.1:$http/fail/2"; taken fail/2
# refused, and told
AWS_SECRET_ACCESS_KEY=hunter5 upload 4 'the server answered 403: <Error><Code>SignatureDoesNotMatch' --upload s3://s3/x --upload-certificate-authority "$tmp/ca"
! grep -q "$(printf '\033')" "$tmp/told" || fail "what the server said reaches the terminal as it is"
grep -q "the report stays in $tmp/out/kubevouch-" "$tmp/told" || fail "does not say where the report is"
AWS_REGION=other upload 4 'another key, region' --upload s3://s3/x --upload-certificate-authority "$tmp/ca"
upload 4 'the server answered 401' --upload "https://localhost:$https/put/a" --upload-certificate-authority "$tmp/ca"
upload 4 'the server answered 403' --upload "http://127.0.0.1:$http/403"
upload 4 'the server answered 302' --upload "http://127.0.0.1:$http/302"
upload 4 'the server answered 503' --upload "http://127.0.0.1:$http/fail/9"
upload 4 "certificate is not trusted" --upload s3://s3/x
[ -z "$(find "$tmp/taken" -type f)" ] || fail "something was sent to a server that is not trusted"
upload 4 'uploading to http://127.0.0.1:1/x' --upload http://127.0.0.1:1/x
# storage says where the bucket is, and what is wrong with the clock; neither is followed with the credential
upload 4 'the server answered 403: <Error><Code>RequestTimeTooSkewed' --upload s3://skew/x --upload-certificate-authority "$tmp/ca"
for code in 301 307 400; do upload 4 'the bucket is in region eu-test-2: set AWS_REGION to that' --upload s3://moved/$code --upload-certificate-authority "$tmp/ca"; done
upload 4 'it is not followed elsewhere: give the address that it names' --upload "http://127.0.0.1:$http/302"
# what a signature would write with %, or a client take away
for path in a:b 'a[1]' a//b a/./b a/.. .. .; do upload 2 'between single slashes' --upload "s3://s3/$path"; done
upload 2 'between single slashes' --upload https://example.com/a:b
upload 0 "" --upload 's3://s3/A~z._-9/' --upload-certificate-authority "$tmp/ca"; taken 's3/A~z._-9'
# what cannot be, before a cluster is asked
upload 2 'http:// is for this machine alone' --upload http://example.com/x
upload 2 'no user, query or fragment' --upload https://user:hunter6@example.com/x
upload 2 'no user, query or fragment' --upload 'https://example.com/x?sig=hunter7'
upload 2 'no bucket is named' --upload s3://
upload 2 'begins with https:// or s3://' --upload bucket/x
upload 2 'without . and ..' --upload https://example.com/../x
upload 2 '--upload-token-file goes with https://' --upload s3://s3/x --upload-token-file "$tmp/token"
upload 2 'go with --upload URL' --upload-token-file "$tmp/token"
: >"$tmp/empty"; upload 2 'holds no token' --upload https://example.com/x --upload-token-file "$tmp/empty"
AWS_ENDPOINT_URL=http://example.com upload 2 'http:// is for this machine alone' --upload s3://s3/x
AWS_ACCESS_KEY_ID= upload 2 'takes AWS_ACCESS_KEY_ID' --upload s3://s3/x
# with a session's token, which is signed too
start "$session"
export AWS_ENDPOINT_URL=https://localhost:$https
upload 4 'no session token' --upload s3://s3/x --upload-certificate-authority "$tmp/ca"
AWS_SESSION_TOKEN=$session upload 0 "" --upload s3://s3/x --upload-certificate-authority "$tmp/ca"; taken s3/x
