#!/bin/sh
# Makes the archive that unpacks anywhere. usage: packaging/tarball.sh VERSION OUTPUT-DIRECTORY; SOURCE_DATE_EPOCH must be set.
set -eu
umask 022
cd "$(dirname "$0")/.."
case $(uname -m) in
  x86_64) architecture=x64 ;;
  aarch64) architecture=arm64 ;;
  *) echo "error: no architecture is known for $(uname -m)" >&2; exit 1 ;;
esac
name=strata-$1-linux-$architecture
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
packaging/stage.sh "$work/staged"

tree=$work/tree
mkdir "$tree"
mv "$work/staged/etc" "$work"/staged/usr/* "$tree/"
# The programs look beside themselves first.
libraries=$(python3 -B packaging/release/libraries.py opened)
for library in $libraries; do install -m 644 "$library" "$tree/lib/strata/$(basename "$library")"; done
# shellcheck disable=SC2086 # paths without spaces
python3 -B packaging/release/components.py copyrights "$tree/share/doc" $libraries
install -m 755 packaging/tarball/install.sh "$tree/install.sh"
install -m 644 LICENSE "$tree/LICENSE"
sed "s/@VERSION@/$1/g" packaging/tarball/README.md > "$tree/README.md"
chmod -R u=rwX,go=rX "$tree"
python3 -B packaging/release/tarball.py "$tree" "$name" "$SOURCE_DATE_EPOCH" "$2/$name.tar.gz"
