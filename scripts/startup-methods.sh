#!/bin/sh
# Adds to build/startup-methods.txt what the programs of bin/ still compile while a node starts, is used and ends; ./build.sh then compiles it ahead of time.
# Usage: scripts/startup-methods.sh           after a change of what is called at the start
#        scripts/startup-methods.sh --anew    first empties the list; for a new version of .NET
set -eu
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh
list=$PWD/build/startup-methods.txt
rounds=3
work=$(mktemp -d)
chmod 755 "$work"
node=
finish() {
  [ -z "$node" ] || { kill -TERM "$node" 2>/dev/null && wait "$node"; } || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

case ${1:-} in
  '') ;;
  --anew) : > "$list" ;;
  *) fail "unknown argument $1; usage: scripts/startup-methods.sh [--anew]" ;;
esac
./build.sh

# A service has nothing of the supervisor's environment and may write no file of ours: it says on standard error, and so in the log, what it compiles.
speaks() {
  printf '#!/bin/sh\nexport DOTNET_JitDisasmSummary=1 DOTNET_JitStdOutFile=%s\nexec %s/bin/%s "$@"\n' "$2" "$PWD" "$1" > "$work/$1"
  chmod 755 "$work/$1"
}
for service in registry identity fs; do speaks "$service" /proc/self/fd/2; done
speaks supervisor "$work/compiled"
speaks strata-ctl "$work/compiled"
export STRATA_REGISTRY_BIN="$work/registry" STRATA_IDENTITY_BIN="$work/identity" STRATA_FS_BIN="$work/fs"
export STRATA_CONFIG_DIR="$work/config" STRATA_CTL="$work/strata-ctl" STRATA_SMOKE_DIR="$work" DOTNET_EnableDiagnostics=0
mkdir -p "$STRATA_CONFIG_DIR/services.d"

# Threads may write into each other's lines: what is left of those is no method.
whole() {
  awk '!/ / { opened = $0; closed = $0; if (gsub(/\[/, "", opened) == gsub(/\]/, "", closed) && /(^|\])[^][]*:/) print }'
}

round=0
while [ "$round" -lt "$rounds" ]; do
  round=$((round + 1))
  say "node $round of $rounds"
  export STRATA_RUNTIME_DIR="$work/run.$round" STRATA_STATE_DIR="$work/state.$round"
  mkdir "$STRATA_RUNTIME_DIR"
  "$work/supervisor" 2>> "$work/log" &
  node=$!
  "$STRATA_CTL" status --wait 60s > /dev/null || fail "the node did not start: $(tail -n 5 "$work/log")"
  scripts/smoke.sh > "$work/smoke" || fail "the node does not work: $(cat "$work/smoke")"
  for command in status 'svc list' graph 'top --once' 'logs fs' 'audit verify' doctor --help --version; do
    # shellcheck disable=SC2086 # words of a command
    "$STRATA_CTL" $command > /dev/null 2>&1 < /dev/null || true
  done
  kill -TERM "$node"
  # The runtime may fail to close its own report at the end.
  wait "$node" || true
  node=
done

# Parameters are left out, and what the C# compiler counts in its names, which changes with every method before it. What is compiled for speed at once
# asks for that, and stubs have no name to find them by.
{ cat "$list"
  cat "$work/compiled" "$work/log" | sed -n 's/.*: JIT compiled \([^(]*\)(.* \[Tier-\{0,1\}0.*/\1/p' | grep -v ':IL_STUB_' \
    | sed -E 's/(>[a-z]__|>c__DisplayClass|>g__[A-Za-z0-9_]+\|)[0-9]+(_[0-9]+)?/\1*/g' | whole; } | grep . | LC_ALL=C sort -u > "$work/list"
# A line that was torn may still look whole; what is not in the programs is none that they called.
dotnet exec build/StartupProfile/bin/Release/net10.0/startup-profile.dll "$work/list" build/obj/Release/net10.0/linux-*/linked "$work/profile" \
  | sed -n 's/^nothing here is called //p' | grep -vxF -f "$list" > "$work/torn" || true
before=$(grep -c . "$list" || true)
grep -vxF -f "$work/torn" "$work/list" > "$work/kept"
cp "$work/kept" "$list"
say "build/startup-methods.txt has $(grep -c . "$list") methods, $before before; ./build.sh compiles them ahead of time"
