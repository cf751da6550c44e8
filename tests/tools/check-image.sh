#!/bin/sh
# make oci: the same image twice, a small one without a shell, and kubevouch demo runs out of it with nothing of this machine in sight.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() { echo "$*" >&2; cat "$tmp/told" >&2 2>/dev/null || true; exit 1; }
for p in umoci dpkg-query strip python3 tar; do
  command -v $p >/dev/null || { echo "$p is not installed, so the image was not made"; exit 77; }
done
if ldd "$builddir/kubevouch" | grep -qE 'lib(a|t|ub)san'; then echo "an image of a program with sanitizers is not made"; exit 77; fi
[ -s /etc/ssl/certs/ca-certificates.crt ] || { echo "ca-certificates is not installed, so the image was not made"; exit 77; }
# ---- the other way to it: a base that is pinned or nothing, and of that nothing but what rootfs.sh collects
python3 - "$srcdir/Dockerfile" >"$tmp/guard" <<'P' || fail "the Dockerfile is not as it should be"
import re, sys
text = re.sub(r"\\\n", "", re.sub(r"(?m)^#.*\n", "", open(sys.argv[1]).read()))
lines = [l.split(None, 1) for l in text.splitlines() if l.strip()]
words = [l[0] for l in lines]
assert set(words) <= {"ARG", "FROM", "RUN", "COPY", "WORKDIR", "ENV", "USER", "ENTRYPOINT"}, words
assert [l[1] for l in lines if l[0] == "FROM"] == ["${BASE} AS build", "scratch"] and lines[0] == ["ARG", "BASE"], lines
last = lines[len(words) - words[::-1].index("FROM"):]
assert all(w != "RUN" and (w != "COPY" or "--from=build" in v) for w, v in last), last
assert ["USER", "65532:65532"] in last and ["ENTRYPOINT", '["/usr/bin/kubevouch"]'] in last and last[-1][0] == "ENTRYPOINT", last
runs = [v for w, v in lines if w == "RUN"]
assert "deploy/image/rootfs.sh /build /rootfs" in runs[-1], runs
print(runs[0])
P
for base in debian debian:bookworm-slim debian@sha256:1 "debian@sha256:$(printf '%064d' 0)x" ""; do
  ! BASE=$base sh "$tmp/guard" 2>"$tmp/told" || fail "the Dockerfile builds on \"$base\", which is not pinned"
done
BASE=debian:x@sha256:$(printf '%064d' 0) sh "$tmp/guard" 2>"$tmp/told" || fail "the Dockerfile refuses a base that is pinned"
for n in 1 2; do
  SOURCE_DATE_EPOCH=1700000000 sh "$srcdir/deploy/image/oci.sh" "$builddir" "$tmp/$n" >"$tmp/told" 2>&1 || fail "make oci"
done
grep -qE '^sha256:[0-9a-f]{64}$' "$tmp/1/digest.txt" || fail "no digest"
cmp -s "$tmp/1/digest.txt" "$tmp/2/digest.txt" || fail "the same program gives two images"
cmp -s "$tmp/1/sbom.spdx.json" "$tmp/2/sbom.spdx.json" || fail "the same program gives two bills of materials"
[ "$(du -sm "$tmp/1/image" | cut -f1)" -le 20 ] || fail "the image has $(du -sm "$tmp/1/image" | cut -f1) MiB"

umoci unpack --rootless --image "$tmp/1/image:kubevouch" "$tmp/bundle" >"$tmp/told" 2>&1 || fail "the image cannot be unpacked"
root=$tmp/bundle/rootfs
python3 - "$tmp/1/image" "$root" "$tmp/1/sbom.spdx.json" <<'P' || fail "the image is not as it should be"
import hashlib, json, os, stat, sys
layout, root, sbom = sys.argv[1:]
blob = lambda d: json.load(open(f"{layout}/blobs/{d.replace(':', '/')}"))
for algorithm, digests in [("sha256", os.listdir(layout + "/blobs/sha256"))]:
    for d in digests:
        assert hashlib.sha256(open(f"{layout}/blobs/sha256/{d}", "rb").read()).hexdigest() == d
manifest = blob(json.load(open(layout + "/index.json"))["manifests"][0]["digest"])
assert len(manifest["layers"]) == 1, manifest
config = blob(manifest["config"]["digest"])
assert config["config"]["User"] == "65532:65532" and config["config"]["Entrypoint"] == ["/" + os.path.relpath(p, root) for p in
    [os.path.join(d, "kubevouch") for d, _, f in os.walk(root) if "kubevouch" in f and d.endswith("bin")]], config
assert config["created"] == "2023-11-14T22:13:20Z" and all(h["created"] == "2023-11-14T22:13:20Z" for h in config["history"]), config
found = {}
for d, dirs, files in os.walk(root):
    for f in files:
        p = os.path.join(d, f); found[p[len(root):]] = p
        s = os.lstat(p)
        assert not s.st_mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWGRP | stat.S_IWOTH) or stat.S_ISLNK(s.st_mode), p
        assert s.st_mtime == 1700000000, p
shells = [p for p in found if os.path.basename(p) in ("sh", "bash", "dash", "busybox", "apt", "dpkg", "perl", "python3", "curl", "openssl")]
assert not shells, shells
doc = json.load(open(sbom))
named = {f["fileName"][1:]: {c["algorithm"]: c["checksumValue"] for c in f["checksums"]}["SHA256"] for f in doc["files"]}
for path, digest in named.items():
    assert hashlib.sha256(open(root + path, "rb").read()).hexdigest() == digest, path
binaries = {p for p, at in found.items() if not os.path.islink(at) and open(at, "rb").read(4) == b"\x7fELF"}
assert binaries and binaries <= named.keys(), binaries - named.keys()
unlisted = {p for p, at in found.items() if not os.path.islink(at)} - named.keys()
assert all(p.endswith("/sbom.spdx.json") for p in unlisted), unlisted
owners = {r["relatedSpdxElement"] for r in doc["relationships"] if r["relationshipType"] == "CONTAINS"}
assert all(f["SPDXID"] in owners for f in doc["files"]), [f["fileName"] for f in doc["files"] if f["SPDXID"] not in owners]
ids = [p["SPDXID"] for p in doc["packages"]] + [f["SPDXID"] for f in doc["files"]] + ["SPDXRef-DOCUMENT"]
assert len(ids) == len(set(ids)) and all(r["spdxElementId"] in ids and r["relatedSpdxElement"] in ids for r in doc["relationships"])
assert doc["spdxVersion"] == "SPDX-2.3" and all(p["versionInfo"] for p in doc["packages"])
P

# ---- and it runs, as its own account, on a root that nothing may write to
mkdir "$tmp/reports"; chmod 777 "$tmp/reports"
program=$(cd "$root" && find . -type f -name kubevouch -path '*/bin/*' | cut -c3-)
if command -v bwrap >/dev/null && bwrap --ro-bind "$root" / --dev /dev --proc /proc "/$program" version >/dev/null 2>&1; then
  run() { bwrap --unshare-all --die-with-parent --uid 65532 --gid 65532 --ro-bind "$root" / --proc /proc --dev /dev --bind "$tmp/reports" /reports --clearenv "$@"; }
elif [ "$(id -u)" = 0 ]; then
  run() { mkdir -p "$root/reports"; chroot --userspec=65532:65532 "$root" "$@"; }
elif unshare -r true 2>/dev/null; then
  run() { unshare -r chroot "$root" "$@"; }
else
  echo "neither bwrap nor chroot works here, so the image was not run"; exit 77
fi
[ "$(id -u)" != 0 ] || chmod 777 "$root/reports"; chmod 711 "$tmp" "$tmp/bundle"
run "/$program" demo --keep 3 --summary line -o /reports >"$tmp/said" 2>"$tmp/told" || fail "kubevouch demo in the image"
grep -q ': score 2[0-9.]* - 6[0-9.]* %, .*report /reports/kubevouch-.*/report.html' "$tmp/said" || fail "it says something else: $(cat "$tmp/said")"
[ "$(find "$tmp/reports" "$root/reports" -name report.html | wc -l)" -eq 1 ] || fail "there is no report"
run "/$program" version >"$tmp/said" 2>"$tmp/told" || fail "kubevouch version in the image"
# certificate authorities are found: what cannot be reached is not for want of them
run "/$program" audit --server https://127.0.0.1:1 --timeout 5 -o /reports >"$tmp/said" 2>"$tmp/told" && fail "an audit of nothing"
! grep -qiE 'certificate|CAfile' "$tmp/told" || fail "the image has no certificate authorities"
