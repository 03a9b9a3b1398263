#!/bin/sh
# Makes the Debian package. usage: packaging/deb.sh VERSION OUTPUT-DIRECTORY; SOURCE_DATE_EPOCH must be set.
set -eu
umask 022
cd "$(dirname "$0")/.."
# What comes before a release sorts before it: 1.0.0-rc.1 is 1.0.0~rc.1 to Debian.
version=$(printf %s "$1" | tr - '~')
out=$2
case $(uname -m) in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  *) echo "error: no Debian architecture is known for $(uname -m)" >&2; exit 1 ;;
esac
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
trap 'exit 130' INT TERM
chmod 755 "$root"
packaging/stage.sh "$root"

doc=$root/usr/share/doc/strata
{ cat packaging/debian/copyright; sed -n '3,$p' LICENSE | sed 's/^$/./; s/^/ /'; } > "$doc/copyright"
printf 'strata (%s) unstable; urgency=medium\n\n  * See the release notes of this version.\n\n -- The Strata authors <strata@localhost>  %s\n' \
  "$version" "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n > "$doc/changelog.gz"
install -D -m 644 packaging/debian/lintian-overrides "$root/usr/share/lintian/overrides/strata"

control=$root/DEBIAN
mkdir "$control"
for script in preinst postinst prerm postrm; do install -m 755 "packaging/debian/$script" "$control/$script"; done
format=$(sed -n 's/.*const int Current = \([0-9][0-9]*\);.*/\1/p' lib/Contracts/StateFormat.cs)
[ -n "$format" ] || { echo "error: lib/Contracts/StateFormat.cs does not say which format of state this version knows" >&2; exit 1; }
sed -i "s/@STATE_FORMAT@/$format/" "$control/preinst"
printf '/etc/strata/strata.env\n' > "$control/conffiles"
(cd "$root" && find . -path ./DEBIAN -prune -o -type f -print | LC_ALL=C sort | sed 's#^\./##' | xargs -d '\n' md5sum) > "$control/md5sums"
size=$(find "$root" -path "$control" -prune -o -type f -printf '%s\n' | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }')
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" packaging/debian/control > "$control/control"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
# One thread: the blocks of several would depend on how many processors there are.
dpkg-deb --build --root-owner-group --threads-max=1 -Zxz "$root" "$out/strata_${version}_$architecture.deb" >/dev/null
