#!/bin/sh
# Tries a release as its users will: from a clean Debian system, as an unprivileged user, upgraded, removed. Takes minutes; ./test.sh --full runs it.
# usage: packaging/test.sh [DIST]     DIST: the release of these sources to try; without it, one is made
# Root makes the clean system, from the apt sources of this machine. The last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh
case ${1:-} in -*) fail "unknown argument $1; usage: packaging/test.sh [DIST]" ;; esac
[ "$(id -u)" = 0 ] || fail "a clean system is made as root; run: sudo packaging/test.sh"
need_packages lintian mmdebstrap python3 skopeo umoci util-linux
[ "$(cat /proc/sys/user/max_user_namespaces)" -gt 0 ] || fail "the container image is tried in a user namespace, and this machine has none: sysctl user.max_user_namespaces=1000"

# Alone with its processes and mounts: nodes on this machine are not seen, and nothing outlives the end, however that comes.
if [ "${STRATA_TEST_ALONE:-}" != yes ]; then
  exec unshare --mount --pid --fork --kill-child --mount-proc env STRATA_TEST_ALONE=yes "$PWD/packaging/test.sh" "$@"
fi

passed=0
failed=0
work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM

# check NAME COMMAND...: the command must succeed; what it printed is shown when it does not.
check() {
  name=$1
  shift
  if "$@" >"$work/out" 2>&1; then
    passed=$((passed + 1))
    say "ok    $name"
  else
    failed=$((failed + 1))
    say "FAIL  $name"
    tail -n 40 "$work/out" | sed 's/^/      | /'
  fi
}

# start LOG COMMAND...: starts a node; its pid is then in $started.
start() {
  log=$1
  shift
  "$@" >"$log" 2>&1 &
  started=$!
}

# stops PID: asks a node to end and waits until it has.
stops() {
  kill -TERM "$1" 2>/dev/null || return 1
  timeout 60 tail --pid="$1" -f /dev/null
}

# An unprivileged user that no account has.
user=4242
unprivileged() { setpriv --reuid "$user" --regid "$user" --clear-groups env -i PATH="$PATH" HOME="$work/user" "$@"; }
mkdir "$work/user"
chown "$user:$user" "$work/user"

. packaging/tests/artefacts
. packaging/tests/package
. packaging/tests/tarball
. packaging/tests/image

say "$passed passed, $failed failed"
[ "$failed" = 0 ]
