#!/bin/sh
# Prints what others call this machine's architecture. usage: packaging/architecture.sh dotnet|debian
set -eu
case $(uname -m):$1 in
  x86_64:dotnet) echo x64 ;;
  x86_64:debian) echo amd64 ;;
  aarch64:*) echo arm64 ;;
  *) echo "error: nothing is released for $(uname -m)" >&2; exit 1 ;;
esac
