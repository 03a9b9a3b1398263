#!/bin/sh
# Builds bin/{supervisor,registry,identity,fs,strata-ctl}; does nothing when no source has changed since the last build.
set -eu
cd "$(dirname "$0")"
. scripts/prerequisites.sh
need_dotnet
need_sodium
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

sources() {
  { find cmd lib -type f \( -name '*.cs' -o -name '*.csproj' -o -name '*.json' -o -name '*.txt' \) -not -path '*/obj/*' -not -path '*/bin/*'
    printf '%s\n' build.proj Directory.Build.props Directory.Packages.props global.json BannedSymbols.txt; } | LC_ALL=C sort | xargs sha256sum | sha256sum
}

stamp=$(sources)
if [ -x bin/strata-ctl ] && [ "$(cat bin/.sources 2>/dev/null)" = "$stamp" ]; then
  say "bin/ is up to date"
  exit 0
fi

say "building (about half a minute the first time)"
rm -f bin/.sources
log=$(mktemp)
if ! dotnet msbuild build.proj -nologo -v:q -m >"$log" 2>&1; then
  cat "$log" >&2
  rm -f "$log"
  fail "the build failed"
fi
rm -f "$log"
printf '%s\n' "$stamp" > bin/.sources
say "built bin/supervisor, bin/registry, bin/identity, bin/fs, bin/strata-ctl"
