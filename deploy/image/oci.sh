#!/bin/sh
# Makes an OCI image without Docker, by umoci: deploy/image/oci.sh BUILD_FOLDER TO, or make oci.
#
# TO/image is an OCI layout (skopeo copy oci:TO/image:kubevouch docker://...), beside it the bill of materials, the list of shared
# objects and the digest. The same program, packages and SOURCE_DATE_EPOCH give the same digest.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=$2
for p in umoci tar; do command -v "$p" >/dev/null || { echo "make oci takes $p: apt-get install $p" >&2; exit 1; }; done
[ ! -e "$to/image" ] || { echo "oci.sh: $to/image is there already: remove it first" >&2; exit 1; }
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then # of the last commit, or of what is new in this version
  SOURCE_DATE_EPOCH=$(git -C "$here" log -1 --format=%ct 2>/dev/null || stat -c %Y "$here/../../CHANGES")
fi
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${SHELL:-/bin/sh}" "$here/rootfs.sh" "$1" "$work/root"
# /reports is the account's: a volume that is mounted there may be another's
tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu -C "$work/root" --exclude=./reports -cf "$work/layer.tar" .
tar --mtime="@$SOURCE_DATE_EPOCH" --owner=65532 --group=65532 --numeric-owner --format=gnu -C "$work/root" --no-recursion -rf "$work/layer.tar" ./reports
mkdir -p "$to"
time=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
program=$(cd "$work/root" && find . -type f -name kubevouch -path '*/bin/*' | cut -c3-) # wherever --prefix put it
version=$("$work/root/$program" version)
version=$(echo "$version" | awk 'NR == 1 { print $2 }')
umoci init --layout "$work/image"
umoci new --image "$work/image:kubevouch"
umoci raw add-layer --image "$work/image:kubevouch" --history.created "$time" --history.created_by "make oci" --history.author "" --history.comment "" "$work/layer.tar"
umoci config --image "$work/image:kubevouch" --no-history --created "$time" --architecture "$(dpkg --print-architecture)" --os linux \
  --config.user 65532:65532 --config.env "PATH=/$(dirname "$program"):/usr/bin" --config.entrypoint "/$program" --config.workingdir / \
  --config.label "org.opencontainers.image.title=kubevouch" --config.label "org.opencontainers.image.version=$version" \
  --config.label "org.opencontainers.image.description=Audits a Kubernetes cluster's configuration by read-only API access"
umoci gc --layout "$work/image"
mv "$work/image" "$to/image"
cp "$work/root/usr/share/doc/kubevouch/sbom.spdx.json" "$to/"
(cd "$work/root" && find usr/lib usr/lib64 -type f -name '*.so*' -printf '%s %f\n' | sort -k2) >"$to/shared-objects.txt"
sed -n 's/.*"digest":"\(sha256:[0-9a-f]*\)".*/\1/p' "$to/image/index.json" >"$to/digest.txt"
echo "$(cat "$to/digest.txt")  $(du -sb "$work/root" | cut -f1) bytes unpacked, $(du -sb "$to/image" | cut -f1) in $to/image, $(wc -l <"$to/shared-objects.txt") shared objects"
