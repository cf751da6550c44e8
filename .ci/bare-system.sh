#!/bin/sh
# The front door on a bare system: what a stranger types, in a Debian stable that debootstrap made minimal and that holds nothing else.
#   bare-system.sh root|user [BASE]
#   root  as root: ./bootstrap demo, then "make check" is refused (no unit test could be built yet), then ./bootstrap check
#   user  as a user with sudo: the same two
# BASE: the folder the minimal system is made in, and copied from if it is there already; without it, it is made and thrown away.
# The mirror, the proxy and whatever else apt needs to reach it come from this machine's apt: none of them is written here.
set -eu

who=${1:-}
case $who in root|user) ;; *) echo "usage: bare-system.sh root|user [BASE]" >&2; exit 2;; esac
top=$(cd "$(dirname "$0")/.." && pwd)
[ "$(id -u)" -eq 0 ] || { echo "bare-system: a chroot takes root" >&2; exit 1; }
for tool in debootstrap unshare apt-get; do
  command -v "$tool" >/dev/null || { echo "bare-system: this takes $tool" >&2; exit 1; }
done
tmp=$(mktemp -d "${TMPDIR:-/tmp}/kubevouch-bare.XXXXXX")
trap 'rm -rf --one-file-system "$tmp"' EXIT
trap 'exit 1' INT TERM
base=${2:-$tmp/base}
system=$tmp/system
mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian //p' | head -n 1)
[ -n "$mirror" ] || { echo "bare-system: this machine's apt knows no mirror of Debian (apt-get update was not run, or it is another system)" >&2; exit 1; }

# Mounts and processes live in namespaces of their own, and end with them however this ends.
apart() { unshare --mount --pid --fork --kill-child "$@"; }
within() { # within COMMAND...: in the system
  apart sh -c 'root=$1; shift; mount -t proc proc "$root/proc" && mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts" &&
    exec chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
      ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} "$@"' within "$system" "$@" </dev/null
}

if [ ! -f "$base/etc/debian_version" ]; then
  apart debootstrap --variant=minbase stable "$base" "$mirror" >"$tmp/debootstrap.log" 2>&1 || { tail -n 20 "$tmp/debootstrap.log" >&2; exit 1; }
fi
cp -a "$base" "$system"
apt-config dump | grep '^Acquire::' | grep -v '^Acquire::IndexTargets' >"$system/etc/apt/apt.conf.d/90machine"
for f in /etc/apt/auth.conf /etc/apt/auth.conf.d /etc/resolv.conf /etc/hosts; do
  if [ -e "$f" ]; then cp -rL "$f" "$system${f%/*}/"; fi
done
case $mirror in https:*) mkdir -p "$system/etc/ssl"; cp -rL /etc/ssl/certs "$system/etc/ssl/";; esac

# A clone as it is without git: the tree, and a .git that nothing can read.
clone=/home/stranger/kubevouch
mkdir -p "$system$clone/.git"
(cd "$top" && git ls-files -co --exclude-standard | while read -r f; do [ ! -e "$f" ] || echo "$f"; done | tar -cf - -T -) | tar -xf - --no-same-owner -C "$system$clone"

# The demo's last two lines, whoever reads no more.
ends_well() {
  tail -n 2 "$tmp/demo" | sed -n 1p | grep -q "^report  $clone/report.html\$" && tail -n 1 "$tmp/demo" | grep -qE '^[0-9]+ critical, [0-9]+ high failures$' &&
    [ "$(grep -c '^bootstrap: installing, ' "$tmp/demo")" -eq 1 ] && ! grep -qE '^ +(CC|CXX|AR|GEN) |warning:' "$tmp/demo" ||
    { echo "bare-system: the demo does not end with its report and the failures that cannot wait, or is not quiet" >&2; exit 1; }
}
if [ "$who" = root ]; then
  within sh -c "cd $clone && ./bootstrap demo" >"$tmp/demo" 2>&1 || { tail -n 40 "$tmp/demo"; exit 1; }
  ends_well
  if within make -C "$clone/build" -s check >"$tmp/refused" 2>&1 || ! grep -q 'no test ran' "$tmp/refused"; then
    tail -n 5 "$tmp/refused"; echo "bare-system: a check without a unit test was not refused" >&2; exit 1
  fi
  within sh -c "cd $clone && ./bootstrap check"
else
  within sh -c "apt-get update -qq && apt-get install -y -qq --no-install-recommends sudo >/dev/null 2>&1 && useradd --create-home --shell /bin/sh stranger &&
    echo 'stranger ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/stranger && chown -R stranger: /home/stranger"
  within su stranger -c "cd $clone && ./bootstrap demo" >"$tmp/demo" 2>&1 || { tail -n 40 "$tmp/demo"; exit 1; }
  ends_well
  within su stranger -c "cd $clone && ./bootstrap check"
fi
echo "bare system, as $who: demo and check passed"
