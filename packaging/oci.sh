#!/bin/sh
# Makes the container image: an OCI layout as a directory and as an archive. No container tool is needed.
# usage: packaging/oci.sh VERSION OUTPUT-DIRECTORY [TREE]; SOURCE_DATE_EPOCH must be set. TREE keeps the layers' contents, in TREE/base and TREE/strata.
set -eu
umask 022
cd "$(dirname "$0")/.."
case $(uname -m) in
  x86_64) architecture=x64 ;;
  aarch64) architecture=arm64 ;;
  *) echo "error: no architecture is known for $(uname -m)" >&2; exit 1 ;;
esac
name=strata-$1-linux-$architecture
user=10001
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
trees=${3:-$work/trees}

# The programs, without what only a whole system has a use for.
strata=$trees/strata
mkdir -p "$trees"
packaging/stage.sh "$strata"
rm -rf "$strata/usr/lib/systemd" "$strata/usr/lib/sysusers.d" "$strata/etc" "$strata/usr/share/man" "$strata/usr/share/zsh" "$strata/usr/share/fish" "$strata/usr/share/bash-completion"
find "$strata/usr/share/doc/strata" -mindepth 1 ! -name 'dotnet-*' -delete
install -m 644 LICENSE "$strata/usr/share/doc/strata/LICENSE"

# Beneath them exactly what they are linked to, and the few files that the C library reads.
base=$trees/base
mkdir -p "$base/usr/lib" "$base/usr/bin" "$base/etc/strata/services.d" "$base/run/strata" "$base/var/lib/strata" "$base/tmp" "$base/dev" "$base/proc" "$base/sys"
libraries=$(python3 -B packaging/release/libraries.py needed "$strata/usr/lib/strata")
for library in $libraries; do
  install -D -m 755 "$library" "$base/usr/${library#/usr/}"
done
ln -s usr/lib "$base/lib"
ln -s usr/bin "$base/bin"
[ ! -d "$base/usr/lib64" ] || ln -s usr/lib64 "$base/lib64"
# shellcheck disable=SC2086 # paths without spaces
python3 -B packaging/release/components.py copyrights "$base/usr/share/doc" $libraries
printf 'root:x:0:0:root:/:/nonexistent\nstrata:x:%s:%s:Strata node:/var/lib/strata:/nonexistent\n' $user $user > "$base/etc/passwd"
printf 'root:x:0:\nstrata:x:%s:\n' $user > "$base/etc/group"
printf 'passwd: files\ngroup: files\nhosts: files dns\n' > "$base/etc/nsswitch.conf"
chmod -R u=rwX,go=rX "$base"
chmod 700 "$base/var/lib/strata"
chmod 1777 "$base/tmp"

python3 -B packaging/release/oci.py --version "$1" --epoch "$SOURCE_DATE_EPOCH" --config packaging/oci/config.json \
  --own var/lib/strata=$user --own run/strata=$user --layer "$base" --layer "$strata" "$2/$name.oci"
python3 -B packaging/release/oci.py --pack "$2/$name.oci" --epoch "$SOURCE_DATE_EPOCH" "$2/$name.oci.tar"
