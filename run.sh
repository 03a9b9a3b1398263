#!/bin/sh
# Builds when sources changed, starts a node in the foreground, says what to try next. Ctrl-C stops it cleanly.
# STRATA_RUNTIME_DIR chooses where, and is kept; the default is .run in this checkout, for as long as the node runs.
set -eu
cd "$(dirname "$0")"
./build.sh
. scripts/prerequisites.sh
want_bubblewrap

kept=${STRATA_RUNTIME_DIR:+yes}
STRATA_RUNTIME_DIR=${STRATA_RUNTIME_DIR:-$PWD/.run}
export STRATA_RUNTIME_DIR
# The runtime's port for debuggers would stay in /tmp when a process is killed.
export DOTNET_EnableDiagnostics="${DOTNET_EnableDiagnostics:-0}"
mkdir -p "$STRATA_RUNTIME_DIR"
if [ "$(printf %s "$STRATA_RUNTIME_DIR/supervisor.sock" | wc -c)" -gt 107 ]; then
  echo "error: $STRATA_RUNTIME_DIR is too long for a Unix socket; set STRATA_RUNTIME_DIR to a shorter folder" >&2
  exit 1
fi
ctl=$PWD/bin/strata-ctl
if [ -S "$STRATA_RUNTIME_DIR/supervisor.sock" ] && "$ctl" status >/dev/null 2>&1; then
  echo "error: a node runs in $STRATA_RUNTIME_DIR already; stop it, or set STRATA_RUNTIME_DIR to another folder" >&2
  exit 73
fi

# The sandbox service is there for the asking: by a file of its name, where no other configuration was named.
if [ -z "${STRATA_CONFIG_DIR:-}" ] && [ ! -d /etc/strata/services.d ] && command -v bwrap >/dev/null 2>&1; then
  STRATA_CONFIG_DIR=$STRATA_RUNTIME_DIR/config
  export STRATA_CONFIG_DIR
  mkdir -p "$STRATA_CONFIG_DIR/services.d"
  chmod 755 "$STRATA_CONFIG_DIR" "$STRATA_CONFIG_DIR/services.d"
  printf '{ "name": "sandbox" }\n' > "$STRATA_CONFIG_DIR/services.d/sandbox.service.json"
fi

bin/supervisor --exit-with-children &
supervisor=$!
# The terminal sends Ctrl-C to the supervisor as well; this shell only waits for it to finish.
trap 'kill -TERM "$supervisor" 2>/dev/null || true' INT TERM
trap 'kill -TERM "$supervisor" 2>/dev/null || true' EXIT

if "$ctl" status --wait 15s; then
  demo=$STRATA_RUNTIME_DIR/demo
  mkdir -p "$demo"
  [ -e "$demo/hello.txt" ] || echo 'Hello from Strata.' > "$demo/hello.txt"
  sandboxes=
  if [ -S "$STRATA_RUNTIME_DIR/sandbox.sock" ]; then
    sandboxes="
A sandbox for code that nobody has read:

  export STRATA_TOKEN=\$($ctl token issue --service sandbox --rights sandbox.create,sandbox.exec,sandbox.shell,sandbox.read,sandbox.write --subject you --ttl 1h -q)
  $ctl run host -- sh -c 'id; ls /'
  $ctl sandbox create work
  $ctl sandbox shell work
"
  fi
  cat <<EOF

The node runs. In another terminal:

  export STRATA_RUNTIME_DIR=$STRATA_RUNTIME_DIR
  export STRATA_TOKEN=\$($ctl token issue --service fs --rights fs.open,fs.read,fs.list,fs.stat --prefix $demo --ttl 10m -q)
  $ctl fs ls
  $ctl fs cat hello.txt
$sandboxes
Ctrl-C stops it$([ "$kept" ] || echo " and removes $STRATA_RUNTIME_DIR"). Its log follows.

EOF
fi

# A signal ends a wait before the supervisor has finished its drain: ask again until the status is its own.
status=0
wait "$supervisor" || status=$?
while [ "$status" -gt 128 ] && kill -0 "$supervisor" 2>/dev/null; do
  status=0
  wait "$supervisor" || status=$?
done
if [ "$status" -gt 128 ]; then
  status=0
  wait "$supervisor" || status=$?
fi
trap - EXIT
# 73: the directory belongs to another node that runs.
[ "$kept" ] || [ "$status" = 73 ] || rm -rf "$STRATA_RUNTIME_DIR"
exit "$status"
