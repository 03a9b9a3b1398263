#!/bin/sh
# Makes bootable images of a node from Debian packages.
# usage: images/build.sh [--iso] [--qcow2] [--deb FILE] [--output DIR] [--fresh]
# Always makes kernel and initrd for direct boot; --iso also a hybrid ISO for BIOS and UEFI, CD and USB; --qcow2 a disk image that keeps state.
# --deb installs that package instead of building one; DIR is by default dist/images; --fresh fetches Debian's packages anew, which are kept for a week.
set -eu
umask 022
called_from=$PWD
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh

usage='usage: images/build.sh [--iso] [--qcow2] [--deb FILE] [--output DIR] [--fresh]'
iso=no
qcow2=no
fresh=no
deb=
output=$PWD/dist/images
while [ $# -gt 0 ]; do
  case $1 in
    --iso) iso=yes ;;
    --qcow2) qcow2=yes ;;
    --fresh) fresh=yes ;;
    --deb | --output)
      [ $# -gt 1 ] || fail "$1 needs a path; $usage"
      case $2 in /*) path=$2 ;; *) path=$called_from/$2 ;; esac
      if [ "$1" = --deb ]; then deb=$path; else output=$path; fi
      shift ;;
    *) fail "unknown argument $1; $usage" ;;
  esac
  shift
done

[ "$(uname -m)" = x86_64 ] || fail "images are made on and for x86_64; on $(uname -m) take the flake's strata-iso-aarch64 or strata-vm-aarch64"
[ "$(id -u)" = 0 ] || fail "images are made as root, for they are systems of their own; run: sudo $0"
[ -z "$deb" ] || [ -f "$deb" ] || fail "there is no file $deb"
need_packages git
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}"
mkdir -p "$output"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

if [ -z "$deb" ]; then
  ./build.sh
  version=${STRATA_VERSION:-$(sed -n 's/.*<Version>\(.*\)<\/Version>.*/\1/p' Directory.Build.props | head -n 1)}
  packaging/deb.sh "$version" "$work"
  deb=$(echo "$work"/*.deb)
fi
version=$(dpkg-deb --field "$deb" Version)
prefix=$output/strata-$version-amd64

# Debian's packages change seldom and take a minute; what the list of them is made from is in the name.
base=images/.base/$(cat images/base.sh /etc/debian_version | sha256sum | cut -c 1-16)
if [ "$fresh" = yes ] || [ -n "$(find images/.base -mindepth 1 -maxdepth 1 -mtime +7 2>/dev/null)" ]; then rm -rf images/.base; fi
if [ ! -d "$base" ]; then
  say "fetching Debian's packages"
  rm -rf images/.base
  images/base.sh "$base"
fi
say "installing strata $version in a system of its own"
images/root.sh "$base" "$deb" "$prefix"
if [ "$iso" = yes ] || [ "$qcow2" = yes ]; then images/media.sh "$prefix" "$iso" "$qcow2"; fi

say "images in $output:"
(cd "$output" && du -h --apparent-size -- "strata-$version-amd64".* | sed 's/^/  /')
