#!/bin/sh
# Boots the images in QEMU and walks through a node: from boot over limits, attacks, crashes, a full disk and an upgrade to a power cut.
# usage: images/test.sh [--images DIR] [--next DEB] [--logs DIR] [--no-next]
# DIR is by default dist/images; images that are not there are made. --next is the package to upgrade to, by default these sources under the next version;
# --no-next leaves the upgrade out. Consoles are kept in DIR of --logs, by default dist/images/logs. The last line is "N passed, N failed".
set -eu
called_from=$PWD
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh

usage='usage: images/test.sh [--images DIR] [--next DEB] [--logs DIR] [--no-next]'
images=$PWD/dist/images
logs=
next=made
while [ $# -gt 0 ]; do
  case $1 in
    --no-next) next= ;;
    --images | --next | --logs)
      [ $# -gt 1 ] || fail "$1 needs a path; $usage"
      case $2 in /*) path=$2 ;; *) path=$called_from/$2 ;; esac
      case $1 in --images) images=$path ;; --next) next=$path ;; --logs) logs=$path ;; esac
      shift ;;
    *) fail "unknown argument $1; $usage" ;;
  esac
  shift
done
[ "$(uname -m)" = x86_64 ] || fail "the images are for x86_64; this machine is $(uname -m)"
need_packages git python3 cpio e2fsprogs qemu-system-x86 qemu-utils ovmf zstd
logs=${logs:-$images/logs}
mkdir -p "$logs"

version=${STRATA_VERSION:-$(sed -n 's/.*<Version>\(.*\)<\/Version>.*/\1/p' Directory.Build.props | head -n 1)}
prefix=$images/strata-$(printf %s "$version" | tr - '~')-amd64
[ -f "$prefix.initrd" ] || images/build.sh --output "$images"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# The next version is built of the same sources elsewhere, for bin/ keeps this one.
next_version=
if [ "$next" = made ]; then
  next_version=$(printf %s "${version%%-*}" | awk -F. '{ print $1 "." $2 "." $3 + 1 }')
  say "building version $next_version to upgrade to"
  git clone -q . "$work/next"
  git diff HEAD | (cd "$work/next" && git apply --allow-empty)
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
  export SOURCE_DATE_EPOCH
  (cd "$work/next" && STRATA_VERSION=$next_version ./build.sh >"$work/log" 2>&1 && packaging/deb.sh "$next_version" "$work") || { cat "$work/log" >&2; fail "the next version could not be built"; }
  next=$(echo "$work"/*.deb)
  rm -rf "$work/next"
elif [ -n "$next" ]; then
  next_version=$(dpkg-deb --field "$next" Version)
fi

# What tests need goes behind the initrd, as a second archive: the image itself knows nothing of tests.
extra=$work/extra
mkdir -p "$extra/root/strata-test" "$extra/etc/systemd/system/sysinit.target.wants"
chmod 700 "$extra/root"
cp scripts/smoke.sh images/testing/capabilities.pl "$extra/root/strata-test/"
cp images/testing/test-shell.service "$extra/etc/systemd/system/"
ln -s ../test-shell.service "$extra/etc/systemd/system/sysinit.target.wants/"
if [ -n "$next" ]; then
  # Unpacked time and again while emulated, hence not compressed.
  dpkg-deb -R "$next" "$work/back"
  dpkg-deb --build --root-owner-group -Znone "$work/back" "$extra/root/strata-test/next.deb" >/dev/null
  # Lower than the next version, and none that is installed: it stands for the way back.
  sed -i "s/^Version: .*/Version: $version/" "$work/back/DEBIAN/control"
  dpkg-deb --build --root-owner-group -Znone "$work/back" "$extra/root/strata-test/this.deb" >/dev/null
fi
size=$(stat -c %s "$prefix.initrd")
cp "$prefix.initrd" "$work/initrd"
# An archive begins at a multiple of four bytes.
truncate -s $(((size + 511) / 512 * 512)) "$work/initrd"
(cd "$extra" && find . -print0 | LC_ALL=C sort -z | cpio --null -o -H newc -R 0:0 --quiet) >> "$work/initrd"

set -- --logs "$logs" --kernel "$prefix.vmlinuz" --initrd "$work/initrd"
[ -z "$next" ] || set -- "$@" --next "$next" --next-version "$next_version"
[ ! -f "$prefix.iso" ] || set -- "$@" --iso "$prefix.iso"
[ ! -f "$prefix.qcow2" ] || set -- "$@" --qcow2 "$prefix.qcow2"
ended=0
python3 -B images/testing/test.py "$@" || ended=$?
[ "$ended" = 0 ] || echo "consoles are in $logs" >&2
exit "$ended"
