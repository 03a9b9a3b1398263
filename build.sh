#!/bin/sh
# Builds bin/{supervisor,registry,identity,fs,sandbox,strata-ctl,strata-exec}, the packages in bin/sdk and the manual pages in bin/man; does nothing when no source has changed since the last build.
set -eu
cd "$(dirname "$0")"
. scripts/prerequisites.sh
need_dotnet
need_sodium
# The version stands in Directory.Build.props; STRATA_VERSION takes its place.
export STRATA_VERSION="${STRATA_VERSION:-}"
if [ -n "$STRATA_VERSION" ] && ! printf '%s\n' "$STRATA_VERSION" | grep -Eqx '(0|[1-9][0-9]{0,3})([.](0|[1-9][0-9]{0,3})){2}(-[0-9A-Za-z]+([.-][0-9A-Za-z]+)*)?'; then
  fail "STRATA_VERSION is $STRATA_VERSION; it must be three numbers of at most four digits and may have a suffix, as in 1.2.3 or 1.2.3-rc.1"
fi
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

sources() {
  { printf 'version %s\n' "$STRATA_VERSION"
    files | LC_ALL=C sort | xargs sha256sum; } | sha256sum
}
files() {
  { find cmd lib docs/man -type f \( -name '*.cs' -o -name '*.csproj' -o -name '*.json' -o -name '*.txt' -o -name '*.[18]' \) -not -path '*/obj/*' -not -path '*/bin/*'
    printf '%s\n' build.sh build/Programs.csproj build/Sdk.proj build/startup-methods.txt build/StartupProfile/*.cs* Directory.Build.props Directory.Packages.props global.json BannedSymbols.txt; }
}

stamp=$(sources)
if [ -x bin/strata-ctl ] && [ "$(cat bin/.sources 2>/dev/null)" = "$stamp" ]; then
  say "bin/ is up to date"
  exit 0
fi

say "building (about a minute the first time)"
log=$(mktemp)
made=$PWD/build/bin/programs
rm -rf "$made"
# The publication's file list is not made anew when only what the linker keeps has changed.
find build -name '*.deps.json' -delete
# SelfContained must reach the referenced programs too, hence the command line.
if ! dotnet publish build/Programs.csproj -c Release -p:SelfContained=true -o "$made" -nologo -v:q >"$log" 2>&1; then
  cat "$log" >&2
  rm -f "$log"
  fail "the build failed"
fi
# A version for each state of the sources: restores keep what they once got under a version.
if ! dotnet msbuild build/Sdk.proj -p:OutputFolder="$made/sdk/" -p:StrataSuffix="dev.g$(printf %.12s "$stamp")" -nologo -v:q >"$log" 2>&1; then
  cat "$log" >&2
  rm -f "$log"
  fail "packing the SDK failed"
fi
rm -f "$log"
"$made/strata-ctl" man --to "$made/man" >/dev/null
for page in docs/man/*; do
  section=$made/man/man${page##*.}
  mkdir -p "$section"
  cp "$page" "$section/"
done
# Exchanged whole: a node that runs from bin/ keeps its files, and no program meets another's build.
printf '%s\n' "$stamp" > "$made/.sources"
rm -rf bin
mv "$made" bin
say "built bin/supervisor, bin/registry, bin/identity, bin/fs, bin/sandbox, bin/strata-ctl, bin/strata-exec, bin/sdk"
