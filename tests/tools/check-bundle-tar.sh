#!/bin/sh
# Bundles as tar files, and time-stamps over them: the same twice, read by tar and python, every hostile form refused with nothing
# written outside; requests and responses by openssl's own authority; a key in a token where SoftHSM is installed.
set -eu
export KUBEVOUCH_DATA_DIR="$srcdir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
kv=$builddir/kubevouch
openssl genpkey -algorithm ed25519 -out "$tmp/mine.pem" 2>/dev/null; openssl pkey -in "$tmp/mine.pem" -pubout -out "$tmp/mine.pub"
audit() { "$kv" audit -q --snapshot "$srcdir/tests/clusters/mix" -c 5.2 -f json -o "$tmp/out" "$@" >/dev/null; }
fails() { want=$1; shift; status=0; "$@" >"$tmp/told" 2>&1 || status=$?; [ "$status" -eq "$want" ] || { cat "$tmp/told" >&2; echo "exit $status, not $want: $*" >&2; exit 1; }; }
audit --bundle "$tmp/b.tar" --bundle-full --sign-key "$tmp/mine.pem"
[ ! -e "$tmp/b.tar.unpacked" ]
fails 2 audit --bundle "$tmp/b.tar"
mkdir "$tmp/c.tar.unpacked"; fails 2 audit --bundle "$tmp/c.tar"
# read back by others; the folder is the same bundle
mkdir "$tmp/by-tar" "$tmp/tmpdir"; tar -xf "$tmp/b.tar" -C "$tmp/by-tar"
(cd "$tmp/by-tar" && sha256sum -c --quiet SHA256SUMS)
export TMPDIR="$tmp/tmpdir"
fails 0 "$kv" verify "$tmp/b.tar" --key "$tmp/mine.pub"; grep -q 'judged again, [1-9]' "$tmp/told"
fails 0 "$kv" verify "$tmp/by-tar" --key "$tmp/mine.pub"
# ---- time-stamps by an authority of our own
mkdir "$tmp/tsa"
cat >"$tmp/tsa/conf" <<C
[req]
distinguished_name = dn
[dn]
[tsa]
default_tsa = own
[own]
serial = $tmp/tsa/serial
crypto_device = builtin
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[stamp]
extendedKeyUsage = critical,timeStamping
basicConstraints = critical,CA:FALSE
[ca]
basicConstraints = critical,CA:TRUE
C
echo 01 >"$tmp/tsa/serial"
for ca in ca other; do openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/tsa/$ca.key" -out "$tmp/tsa/$ca.pem" -subj "/CN=$ca" -days 30 -config "$tmp/tsa/conf" -extensions ca 2>/dev/null; done
openssl req -newkey rsa:2048 -nodes -keyout "$tmp/tsa/stamp.key" -out "$tmp/tsa/stamp.csr" -subj "/CN=stamp" -config "$tmp/tsa/conf" 2>/dev/null
openssl x509 -req -in "$tmp/tsa/stamp.csr" -CA "$tmp/tsa/ca.pem" -CAkey "$tmp/tsa/ca.key" -CAcreateserial -days 10 -extfile "$tmp/tsa/conf" -extensions stamp -out "$tmp/tsa/stamp.pem" 2>/dev/null
reply() { openssl ts -reply -config "$tmp/tsa/conf" -queryfile "$1" -signer "$tmp/tsa/stamp.pem" -inkey "$tmp/tsa/stamp.key" -out "$2" 2>/dev/null; }
openssl ts -query -in "$tmp/by-tar/statement.tsq" -text 2>/dev/null >"$tmp/query"; grep -q 'Hash Algorithm: sha256' "$tmp/query"; grep -q 'Certificate required: yes' "$tmp/query"
openssl ts -query -data "$tmp/by-tar/statement.dsse.json" -sha256 -cert -no_nonce -out "$tmp/theirs.tsq" 2>/dev/null
cmp "$tmp/theirs.tsq" "$tmp/by-tar/statement.tsq"
reply "$tmp/by-tar/statement.tsq" "$tmp/good.tsr"
openssl ts -verify -data "$tmp/by-tar/statement.dsse.json" -in "$tmp/good.tsr" -CAfile "$tmp/tsa/ca.pem" >/dev/null 2>&1
fails 0 "$kv" verify "$tmp/b.tar" --key "$tmp/mine.pub" --tsa-response "$tmp/good.tsr" --tsa-ca "$tmp/tsa/ca.pem"; grep -q "^time-stamped $(date -u +%Y)-" "$tmp/told"
fails 3 "$kv" verify "$tmp/b.tar" --key "$tmp/mine.pub" --tsa-response "$tmp/good.tsr"; grep -q 'who made the time-stamp was not checked' "$tmp/told"
fails 1 "$kv" verify "$tmp/b.tar" --key "$tmp/mine.pub" --tsa-response "$tmp/good.tsr" --tsa-ca "$tmp/tsa/other.pem"; grep -q 'signed by another: the time-stamp does not hold' "$tmp/told"
echo other >"$tmp/other"; openssl ts -query -data "$tmp/other" -sha256 -cert -no_nonce -out "$tmp/other.tsq" 2>/dev/null; reply "$tmp/other.tsq" "$tmp/other.tsr"
fails 1 "$kv" verify "$tmp/b.tar" --key "$tmp/mine.pub" --tsa-response "$tmp/other.tsr" --tsa-ca "$tmp/tsa/ca.pem"; grep -q 'altered: the time-stamp is of another statement' "$tmp/told"
fails 1 "$kv" verify "$tmp/b.tar" --key "$tmp/mine.pub" --tsa-response "$tmp/other"; grep -q 'no response of a time-stamping authority' "$tmp/told"
fails 1 "$kv" verify "$tmp/b.tar" --key "$tmp/mine.pub" --tsa-response "$tmp/good.tsr" --tsa-ca "$tmp/other"; grep -q 'no certificates' "$tmp/told"
fails 2 "$kv" verify "$tmp/b.tar" --key "$tmp/mine.pub" --tsa-ca "$tmp/tsa/ca.pem"
cp -r "$tmp/by-tar" "$tmp/asks"; cp "$tmp/other.tsq" "$tmp/asks/statement.tsq"
fails 1 "$kv" verify "$tmp/asks" --key "$tmp/mine.pub"; grep -q 'altered: statement.tsq asks' "$tmp/told"
KV="$kv" python3 - "$tmp" <<'PY'
import hashlib, io, os, random, subprocess, sys, tarfile
tmp, kv = sys.argv[1], os.environ["KV"]
good = open(f"{tmp}/b.tar", "rb").read()
def verify(data, *more):
    open(f"{tmp}/x.tar", "wb").write(data)
    p = subprocess.run([kv, "verify", f"{tmp}/x.tar", "--key", f"{tmp}/mine.pub", *more], capture_output=True, text=True)
    assert not os.listdir(f"{tmp}/tmpdir"), "something was left"
    return p
members = []
with tarfile.open(f"{tmp}/b.tar") as t:
    for m in t:
        assert m.isfile() and (m.uid, m.gid, m.mtime, m.mode, m.uname, m.gname) == (0, 0, 0, 0o644, "", ""), m
        members.append((m.name, t.extractfile(m).read()))
names = [n for n, _ in members]
assert names[:-2] == sorted(names[:-2], key=str.encode) and names[-2:] == ["statement.dsse.json", "statement.tsq"]
for n, data in members: assert open(f"{tmp}/by-tar/{n}", "rb").read() == data
def pack(entries):
    """Plain ustar by python: entries of (name, bytes) or TarInfo."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as t:
        for e in entries:
            info, data = e if isinstance(e[0], tarfile.TarInfo) else (tarfile.TarInfo(e[0]), e[1])
            if not isinstance(e[0], tarfile.TarInfo): info.size = len(data)
            t.addfile(info, io.BytesIO(data) if data is not None else None)
    raw = out.getvalue()
    return raw.rstrip(b"\0") + b"\0" * ((-len(raw.rstrip(b"\0"))) % 512 + 1024)  # python fills a record
assert verify(good).returncode == 0
assert verify(pack(members)).returncode == 0  # another's ustar of the same files is as good
assert verify(pack(members[::-1])).returncode == 0
def special(name, kind, link=""):
    i = tarfile.TarInfo(name); i.type, i.linkname = kind, link
    return (i, None)
mark = f"{tmp}/mark"
def refused(data, *words):
    p = verify(data)
    assert p.returncode == 1 and "no bundle that kubevouch wrote" in p.stderr and any(w in p.stderr for w in words), (p, words)
    assert not os.path.exists(mark) and not os.path.exists("/kubevouch-mark")
for evil in ("../mark", "a/../../mark", "/kubevouch-mark", "./a", "a//b", "a/./b", "..", "a/"):
    entry = tarfile.TarInfo(evil); entry.size = 1
    refused(pack(members + [(entry, b"x")]), "absolute or leads elsewhere", "a folder")
for n in (0, len(members) // 2, len(members) - 1): refused(pack(members + [members[n]]), "twice")
refused(pack(members + [("report.json/x", b"x")]), "twice")
refused(pack([("recording", b"x")] + members), "twice")
for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE, b"g", b"x", b"L", b"S", b"7", b"\0"):
    refused(pack(members + [special("link", kind, mark)]), "something else", "a folder")
link = special("out", tarfile.SYMTYPE, tmp); refused(pack([link] + members + [("out/mark", b"x")]), "something else")
gnu = io.BytesIO()
with tarfile.open(fileobj=gnu, mode="w", format=tarfile.GNU_FORMAT) as t:
    for n, data in members: i = tarfile.TarInfo(n); i.size = len(data); t.addfile(i, io.BytesIO(data))
refused(gnu.getvalue(), "no ustar header")
refused(good + b"x", "after its end"); refused(good + b"\0" * 512, "after its end"); refused(good[:-1], "cut"); refused(good[:-512], "cut"); refused(b"", "cut"); refused(good[:512], "cut")
def header(i): return sum(512 + (len(d) + 511) // 512 * 512 for _, d in members[:i])
def with_field(at, value, offset=header(1)):
    h = bytearray(good[offset:offset + 512]); h[at:at + len(value)] = value
    h[148:156] = b"        "; h[148:156] = b"%06o\0 " % sum(h)
    return good[:offset] + bytes(h) + good[offset + 512:]
p = verify(with_field(124, b"77777777777\0")); assert p.returncode == 1 and ("cut" in p.stderr or "more than" in p.stderr), p
p = verify(b"".join([good[:header(1)]] + [with_field(124, b"77777777777\0")[header(1):header(1) + 512]])); assert p.returncode == 1
for at, value in ((124, b"-0000000001\0"), (124, b"\x80" + b"\0" * 10 + b"\1"), (124, b"0000000000x\0"), (157, b"link"), (257, b"ustar  \0"), (500, b"x")): refused(with_field(at, value), "header")
rng = random.Random(5)
for i in (0, 1, len(members) - 1):
    for at in rng.sample(range(512), 12):
        bad = bytearray(good); bad[header(i) + at] ^= 1 << rng.randrange(8)
        p = verify(bytes(bad)); assert p.returncode == 1, (i, at, p)
for _ in range(12):  # any byte
    bad = bytearray(good); bad[rng.randrange(len(good))] ^= 1 << rng.randrange(8)
    assert verify(bytes(bad)).returncode == 1
# every file: altered, left out; one more
for i, (n, data) in enumerate(members):
    if n.startswith(("recording/answers/", "benchmark/cis-kubernetes-2.0.1/")) and rng.random() < 0.95: continue
    p = verify(pack(members[:i] + [(n, data + b" ")] + members[i + 1:]))
    if n == "statement.tsq": assert p.returncode == 1 and "altered" in p.stdout; continue
    assert p.returncode == 1 or n == "statement.dsse.json", (n, p)
    p = verify(pack(members[:i] + members[i + 1:])); assert p.returncode == 1, (n, p)
p = verify(pack(members + [("more", b"x")])); assert p.returncode == 1 and "incomplete" in p.stdout
# names that are longer than a hundred bytes are parted, and come back
long = "d" * 90 + "/" + "f" * 90
p = verify(pack(members + [(long, b"x")])); assert p.returncode == 1 and f"{long} is there" in p.stdout, p
PY
# ---- a key in a token
# OpenSSL's engine for tokens (libp11) keeps a table of its own until the process is gone: from here on a sanitizer does not look for leaks
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
fails 2 audit --bundle "$tmp/no.tar" --sign-key 'pkcs11:token=none;object=none?pin-value=4711'; grep -q 'it takes a pkcs11 provider' "$tmp/told"; ! grep -q 4711 "$tmp/told"
module=$(find /usr/lib -name libsofthsm2.so 2>/dev/null | head -n 1)
engine=$(find /usr/lib -path '*engines-3/pkcs11.so' 2>/dev/null | head -n 1)
if [ -n "$module" ] && [ -n "$engine" ] && command -v softhsm2-util >/dev/null; then
  mkdir "$tmp/tokens"; printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\n' "$tmp" >"$tmp/softhsm2.conf"
  export SOFTHSM2_CONF="$tmp/softhsm2.conf" PKCS11_MODULE_PATH="$module"
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$tmp/token.pem" 2>/dev/null; openssl pkey -in "$tmp/token.pem" -pubout -out "$tmp/token.pub"
  softhsm2-util --init-token --free --label vouch --pin 4711 --so-pin 4712 >/dev/null
  softhsm2-util --import "$tmp/token.pem" --token vouch --label signer --id 01 --pin 4711 >/dev/null
  audit --bundle "$tmp/token.tar" --sign-key 'pkcs11:token=vouch;object=signer;type=private?pin-value=4711' --ledger "$tmp/ledger"
  fails 0 "$kv" verify "$tmp/token.tar" --key "$tmp/token.pub"
  fails 0 "$kv" verify "$tmp/ledger" --key "$tmp/token.pub"
  fails 1 "$kv" verify "$tmp/token.tar" --key "$tmp/mine.pub"
  ! tar -xOf "$tmp/token.tar" | grep -q 4711
  ! grep -q 4711 "$tmp/out/report.json"
  fails 2 audit --bundle "$tmp/no.tar" --sign-key 'pkcs11:token=vouch;object=nobody;type=private?pin-value=4711'
else
  echo "no SoftHSM with OpenSSL's pkcs11 engine here: keys in tokens were not tried"
fi
[ ! -e "$tmp/no.tar" ]
