#!/bin/sh
# Makes what is released: tarball, Debian package, container image, checksums, SPDX bill of materials. The same sources and version give the same bytes.
# usage: packaging/build.sh [VERSION] [--output DIR] [--readytorun]
# VERSION is by default the one in Directory.Build.props; DIR, by default dist/, is exchanged whole. --readytorun does not ask for NativeAOT.
# SOURCE_DATE_EPOCH, the time in the archives, is by default that of the last commit.
set -eu
umask 022
export LC_ALL=C TZ=UTC
called_from=$PWD
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh

version=
output=dist
code=auto
while [ $# -gt 0 ]; do
  case $1 in
    --output) [ $# -gt 1 ] || fail "--output needs a directory"; output=$2; shift 2 ;;
    --output=*) output=${1#--output=}; shift ;;
    --readytorun) code=readytorun; shift ;;
    -*) fail "unknown argument $1; usage: packaging/build.sh [VERSION] [--output DIR] [--readytorun]" ;;
    *) [ -z "$version" ] || fail "one version, not also $1"; version=$1; shift ;;
  esac
done
own=$(sed -n 's/.*<Version>\(.*\)<\/Version>.*/\1/p' Directory.Build.props | head -n 1)
version=${version:-$own}
packaging/version.sh "$version"
case $output in /*) ;; dist) output=$PWD/dist ;; *) output=$called_from/$output ;; esac
if [ -e "$output" ] && { [ ! -d "$output" ] || { [ -n "$(ls -A "$output")" ] && [ ! -f "$output/SHA256SUMS" ]; }; }; then
  fail "$output exists and holds something else than a release; name another directory"
fi

need_packages git python3 libsodium23 libseccomp2
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || fail "this is no git checkout: set SOURCE_DATE_EPOCH to the time of the sources, in seconds since 1970"
fi
export SOURCE_DATE_EPOCH
[ -z "$(git status --porcelain 2>/dev/null)" ] || say "note: the checkout has changes that are not committed; the release has them too"

mkdir -p "$(dirname "$output")"
work=$(mktemp -d)
made=$(mktemp -d "$(dirname "$output")/.release.XXXXXX")
before=$made.before
finish() {
  ended=$?
  [ ! -d "$before" ] || [ -e "$output" ] || mv "$before" "$output"
  rm -rf "$work" "$made" "$before"
  [ "$ended" = 0 ] || echo "error: nothing was released, $output is as it was; the reason is above (free space there: $(df -h --output=avail "$(dirname "$output")" | tail -n 1 | tr -d ' '))" >&2
}
trap finish EXIT
trap 'exit 130' INT TERM

unset STRATA_VERSION
[ "$version" = "$own" ] || export STRATA_VERSION="$version"
./build.sh
if [ "$code" = readytorun ]; then
  say "code: ReadyToRun, as asked for"
elif packaging/native.sh "$version" "$work/native" > "$work/why"; then
  export STRATA_PROGRAMS="$work/native"
  say "code: NativeAOT"
else
  say "code: ReadyToRun, as NativeAOT cannot be had: $(cat "$work/why")"
fi

chmod 755 "$made"
packaging/deb.sh "$version" "$made"
packaging/tarball.sh "$version" "$made"
packaging/oci.sh "$version" "$made" "$work/image"

deb=$(echo "$made"/*.deb)
tarball=$(echo "$made"/*.tar.gz)
mkdir "$work/deb" "$work/tarball"
dpkg-deb -x "$deb" "$work/deb"
tar -xzf "$tarball" -C "$work/tarball"
programs=$work/image/strata/usr/lib/strata
# shellcheck disable=SC2046 # paths without spaces
python3 -B packaging/release/components.py list "$programs" $(python3 -B packaging/release/libraries.py needed "$programs") > "$work/components"
python3 -B packaging/release/sbom.py --version "$version" --epoch "$SOURCE_DATE_EPOCH" --components "$work/components" \
  --artefact "$deb=$work/deb" --artefact "$tarball=$work/tarball" --artefact "$(echo "$made"/*.oci.tar)=$work/image/base,$work/image/strata" "$made/strata-$version.spdx.json"
(cd "$made" && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\n' | sort | xargs sha256sum > "$work/sums" && cp "$work/sums" SHA256SUMS)

# What was there is away only for the moment between two renames.
if [ -d "$output" ]; then mv "$output" "$before"; fi
mv "$made" "$output"
say "released in $output:"
(cd "$output" && du -sh --apparent-size -- * | sed 's/^/  /')
