#!/bin/sh
# Runs the policy tests over the NSec.Cryptography provider, where the package can be restored, and says plainly when it cannot.
# Builds in a copy, so that neither lock files nor build outputs of the checkout change. NSEC_VERSION picks another version.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$copy/lib" "$copy/tests" "$copy/docs"
cp "$root"/Directory.*.props "$root"/global.json "$root"/.editorconfig "$root"/BannedSymbols.txt "$root"/StrataOS.sln "$copy"
cp "$root/docs/reason-codes.md" "$copy/docs"
(cd "$root" && tar -cf - --exclude=bin --exclude=obj lib/Policy tests/Policy.Tests) | tar -xf - -C "$copy"
set -- -p:StrataNSec=true
if [ -n "${NSEC_VERSION:-}" ]; then
  set -- "$@" "-p:StrataNSecVersion=$NSEC_VERSION"
fi
cd "$copy/tests/Policy.Tests"
if ! output=$(dotnet restore -nologo "$@" 2>&1); then
  # Only a missing package is a reason to skip; anything else is a failure.
  if printf '%s\n' "$output" | grep -Eq 'NU110[123].*(NSec\.Cryptography|libsodium)'; then
    echo "SKIPPED: NSec.Cryptography cannot be restored from the configured package sources; its provider was not tested."
    exit 0
  fi
  printf '%s\n' "$output" >&2
  exit 1
fi
dotnet build --no-restore -nologo -v q "$@"
./bin/Debug/net10.0/Strata.Policy.Tests
echo "PASSED: the policy tests ran over NSec.Cryptography."
