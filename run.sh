#!/bin/sh
# Builds when sources changed, starts a node in the foreground, says what to try next. Ctrl-C stops it cleanly.
# STRATA_RUNTIME_DIR chooses where; the default is .run in this checkout.
set -eu
cd "$(dirname "$0")"
./build.sh

STRATA_RUNTIME_DIR=${STRATA_RUNTIME_DIR:-$PWD/.run}
export STRATA_RUNTIME_DIR
mkdir -p "$STRATA_RUNTIME_DIR"
if [ "$(printf %s "$STRATA_RUNTIME_DIR/supervisor.sock" | wc -c)" -gt 107 ]; then
  echo "error: $STRATA_RUNTIME_DIR is too long for a Unix socket; set STRATA_RUNTIME_DIR to a shorter folder" >&2
  exit 1
fi
ctl=$PWD/bin/strata-ctl

bin/supervisor &
supervisor=$!
# The terminal sends Ctrl-C to the supervisor as well; this shell only waits for it to finish.
trap 'kill -TERM "$supervisor" 2>/dev/null || true' INT TERM
trap 'kill -TERM "$supervisor" 2>/dev/null || true' EXIT

if "$ctl" status --wait 15s; then
  demo=$STRATA_RUNTIME_DIR/demo
  mkdir -p "$demo"
  [ -e "$demo/hello.txt" ] || echo 'Hello from Strata.' > "$demo/hello.txt"
  cat <<EOF

The node runs. In another terminal:

  export STRATA_RUNTIME_DIR=$STRATA_RUNTIME_DIR
  export STRATA_TOKEN=\$($ctl token issue --service fs --rights fs.open,fs.read,fs.list,fs.stat --prefix $demo --ttl 10m -q)
  $ctl fs ls
  $ctl fs cat hello.txt

Ctrl-C stops it. Its log follows.

EOF
fi

status=0
wait "$supervisor" || status=$?
# A signal ends the first wait before the supervisor has finished its drain.
while kill -0 "$supervisor" 2>/dev/null; do wait "$supervisor" || status=$?; done
trap - EXIT
exit "$status"
