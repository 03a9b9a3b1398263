#!/bin/sh
# Compiles the programs to native code, where the registry has what that takes. usage: packaging/native.sh VERSION DIRECTORY
# Says why not in one line, exit code 1, otherwise. Works in a copy: neither lock files nor outputs of the checkout change.
set -eu
umask 022
cd "$(dirname "$0")/.."
root=$PWD
version=$1
out=$2
architecture=$(packaging/architecture.sh dotnet)
framework=$(sed -n 's/.*<TargetFramework>\(.*\)<\/TargetFramework>.*/\1/p' Directory.Build.props | head -n 1)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 130' INT TERM
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

# A project of nothing shows in seconds whether the packages can be had.
mkdir "$copy/probe"
cp global.json "$copy/"
cat > "$copy/probe/probe.csproj" <<END
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>$framework</TargetFramework>
    <RuntimeIdentifier>linux-$architecture</RuntimeIdentifier>
    <PublishAot>true</PublishAot>
  </PropertyGroup>
</Project>
END
if ! said=$(cd "$copy" && timeout 60 dotnet restore probe/probe.csproj -nologo -v:q 2>&1); then
  missing=$(printf '%s\n' "$said" | sed -n 's/.*Unable to find package \([A-Za-z0-9.-]*[A-Za-z0-9]\).*/\1/p' | head -n 1)
  if [ -n "$missing" ]; then echo "the package source has no $missing"; else echo "NativeAOT could not be restored"; fi
  exit 1
fi
command -v clang >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || { echo "NativeAOT links with clang or gcc, and neither is installed"; exit 1; }

find cmd lib docs api build BannedSymbols.txt .editorconfig Directory.Build.props Directory.Packages.props StrataOS.sln \
  -type d \( -name bin -o -name obj \) -prune -o -type f ! -name packages.lock.json -print0 | xargs -0 cp --parents -t "$copy"
cd "$copy"
for project in cmd/*/*.csproj; do
  if ! dotnet publish "$project" -c Release -r "linux-$architecture" -p:PublishAot=true -p:SelfContained=true -p:StripSymbols=true -p:RestorePackagesWithLockFile=false -p:GenerateDocumentationFile=false \
    -p:Version="$version" -o "$copy/native" -nologo -v:q > "$copy/log" 2>&1; then
    cat "$copy/log" >&2
    echo "$project could not be compiled to native code"
    exit 1
  fi
done
for program in supervisor registry identity fs sandbox strata-ctl strata-exec; do
  [ -x "native/$program" ] || { echo "$program was not made"; exit 1; }
done
native/supervisor --version | grep -qF "$version" && native/strata-ctl --version | grep -qF "$version" || { echo "the native programs do not run"; exit 1; }
cd "$root"
mkdir -p "$out"
# Symbols are as large as the programs, and nothing at run time reads them.
rm -f "$copy"/native/*.pdb "$copy"/native/*.dbg
cp -R "$copy/native/." "$out/"
