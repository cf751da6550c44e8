#!/bin/sh
# Puts what an image of kubevouch holds into a folder: the program, its data, the shared objects it runs with, certificate
# authorities, two accounts, a bill of materials (SPDX). No shell, no package manager.
#
#   deploy/image/rootfs.sh BUILD_FOLDER TO       # after make; TO must not be there
#
# Works on Debian, whose packages it names. SOURCE_DATE_EPOCH: the time of all files.
set -eu
build=$(cd "$1" && pwd)
to=$2
here=$(cd "$(dirname "$0")" && pwd)
: "${SOURCE_DATE_EPOCH:?the time of all files, in seconds}"
for p in ldd dpkg-query strip python3; do command -v "$p" >/dev/null || { echo "rootfs.sh takes $p" >&2; exit 1; }; done
[ ! -e "$to" ] || { echo "rootfs.sh: $to is there already" >&2; exit 1; }
authorities=/etc/ssl/certs/ca-certificates.crt
[ -s "$authorities" ] || { echo "rootfs.sh takes $authorities: install ca-certificates" >&2; exit 1; }
umask 022
staged=$(mktemp -d)
trap 'rm -rf "$staged"' EXIT
make -s -C "$build" install DESTDIR="$staged" >/dev/null
program=$(cd "$staged" && find . -type f -name kubevouch -path '*/bin/*' | head -n 1)
data=$(cd "$staged" && find . -type d -name kubevouch -path '*/share/kubevouch' | head -n 1)
[ -n "$program" ] && [ -n "$data" ] || { echo "rootfs.sh: make install installed no program" >&2; exit 1; }

mkdir -p "$to/usr/bin" "$to/usr/lib" "$to/usr/lib64" "$to/etc/ssl/certs" "$to/tmp" "$to/reports" "$to/$(dirname "$program")" "$to/$(dirname "$data")"
ln -s usr/bin "$to/bin"; ln -s usr/lib "$to/lib"; ln -s usr/lib64 "$to/lib64"
strip -o "$to/$program" "$staged/$program"
cp -R "$staged/$data" "$to/$(dirname "$data")/"

# The shared objects by their own names, where the loader looks first.
ldd "$staged/$program" | awk '/=> \// { print $3 } /^\t\/.*ld-/ { print $1 }' | sort -u >"$staged/objects"
[ -s "$staged/objects" ] || { echo "rootfs.sh: $program needs no shared object?" >&2; exit 1; }
while read -r object; do
  from=$(readlink -f "$object")
  case $from in /usr/*) ;; *) from=/usr$from ;; esac
  case $object in /usr/*) place=$object ;; *) place=/usr$object ;; esac
  mkdir -p "$to/$(dirname "$place")"
  cp "$from" "$to/$place"
  package=$(dpkg-query -S "$from" 2>/dev/null || dpkg-query -S "${from#/usr}" 2>/dev/null || true)
  [ -n "$package" ] || { echo "rootfs.sh: no Debian package has $from" >&2; exit 1; }
  printf '%s %s\n' "$place" "${package%%: *}" >>"$staged/closure"
done <"$staged/objects"
printf '%s %s\n' "$authorities" ca-certificates >>"$staged/closure"
cp "$authorities" "$to/$authorities"
sed 's/^[^ ]* //; s/:.*//' "$staged/closure" | sort -u | while read -r package; do
  mkdir -p "$to/usr/share/doc/$package"
  cp -L "/usr/share/doc/$package/copyright" "$to/usr/share/doc/$package/copyright"
done
printf 'root:x:0:0:root:/:/sbin/nologin\nkubevouch:x:65532:65532:kubevouch:/:/sbin/nologin\n' >"$to/etc/passwd"
printf 'root:x:0:\nkubevouch:x:65532:\n' >"$to/etc/group"
echo 'hosts: files dns' >"$to/etc/nsswitch.conf"
python3 "$here/sbom.py" "$to" "$program" "$staged/closure" >"$staged/sbom.spdx.json"
mkdir -p "$to/usr/share/doc/kubevouch"
cp "$staged/sbom.spdx.json" "$to/usr/share/doc/kubevouch/"
find "$to" -type d -exec chmod 755 {} +
find "$to" -type f ! -perm -u=x -exec chmod 644 {} +
find "$to" -type f -perm -u=x -exec chmod 755 {} +
chmod 1777 "$to/tmp"
find "$to" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
