#!/bin/sh
# Makes the system that images are built on, from Debian packages of the machine's own apt sources: images/base.sh DIRECTORY
# DIRECTORY/root is the system, DIRECTORY/kernel its kernel and modules. Run as root.
set -eu
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh
into=$1

[ "$(id -u)" = 0 ] || fail "the system of an image is made as root; run: sudo images/build.sh"
. /etc/os-release
[ "${ID:-}" = debian ] || fail "images are made of Debian's packages, and this machine is ${PRETTY_NAME:-not Debian}"
need_packages mmdebstrap

sources=$(debian_sources)
rm -rf "$into.new"
mkdir -p "$into.new/kernel"
kernel=linux-image-cloud-$(dpkg --print-architecture)
# The kernel's package is only unpacked: an installed one brings a maker of initrds, and the image is one already.
# shellcheck disable=SC2016,SC2086 # $1 is the hook's; a list of files
APT_LISTCHANGES_FRONTEND=none SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date +%s)} mmdebstrap --quiet --variant=essential --mode=root \
  --include=bubblewrap,systemd-sysv,udev,kmod,libsodium23,libseccomp2,libstdc++6,procps,e2fsprogs,login,init-system-helpers \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' --dpkgopt='path-include=/usr/share/doc/strata/*' \
  --customize-hook="cd '$into.new/kernel' && name=\$(apt-cache depends $kernel | sed -n 's/^ *Depends: //p' | head -n 1) && apt-get -q download \"\$name\" >/dev/null && dpkg-deb -x ./*.deb . && rm ./*.deb" \
  "$VERSION_CODENAME" "$into.new/root" $sources
rm -rf "$into"
mv "$into.new" "$into"
