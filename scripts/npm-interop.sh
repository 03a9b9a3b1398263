#!/bin/sh
# Installs the npm package that the token tests are cross-checked with, exactly as locked. Needs node and npm; runs offline afterwards.
set -eu
cd "$(dirname "$0")/../tests/Policy.Tests/interop"
for tool in node npm; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "npm-interop: $tool is missing; install it with: apt-get install nodejs npm" >&2
    exit 1
  fi
done
# Nothing to do when the installed tree is the locked one.
if [ -f node_modules/.package-lock.json ] && [ node_modules/.package-lock.json -nt package-lock.json ]; then
  exit 0
fi
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
touch node_modules/.package-lock.json
