#!/bin/sh
# Walks a running node from end to end and asserts each step.
# Usage: STRATA_RUNTIME_DIR=DIR scripts/smoke.sh      (STRATA_CTL names another strata-ctl)
# Needs: the right to issue capabilities, which root and the node's own user have. The fs service must see the
# directory for temporary files; STRATA_SMOKE_DIR names another.
set -u

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
ctl=${STRATA_CTL:-$root/bin/strata-ctl}
unset STRATA_TOKEN STRATA_TOKEN_FILE
passed=0
failed=0
fs_stopped=no

if [ ! -x "$ctl" ]; then
    echo "FAIL  no program at $ctl: build it first, or name it by STRATA_CTL" >&2
    exit 1
fi

work=$(mktemp -d "${STRATA_SMOKE_DIR:-${TMPDIR:-/tmp}}/strata-smoke.XXXXXX") || exit 1
cleanup() {
    if [ "$fs_stopped" = yes ]; then
        "$ctl" svc start fs >/dev/null 2>&1
    fi
    rm -rf -- "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

ok() {
    passed=$((passed + 1))
    echo "ok    $1"
}

fail() {
    failed=$((failed + 1))
    echo "FAIL  $1"
    for shown in "$work/out" "$work/err"; do
        [ -s "$shown" ] && head -c 2000 "$shown" | LC_ALL=C tr -cd '\11\12\40-\176' | sed 's/^/      | /'
    done
    return 0
}

# check NAME COMMAND...: the command must succeed.
check() {
    name=$1
    shift
    if "$@"; then ok "$name"; else fail "$name"; fi
}

# run ARGS...: runs strata-ctl, keeping its output and exit code.
run() {
    "$ctl" "$@" >"$work/out" 2>"$work/err"
    code=$?
    return "$code"
}

# denied NAME_OF_ERROR ARGS...: strata-ctl must end with 1 and name the error.
denied() {
    expected=$1
    shift
    run "$@"
    [ "$code" -eq 1 ] && grep -q "$expected" "$work/err"
}

healthy() {
    run svc list && awk -v name="$1" '$1 == name && $2 == "Healthy" { found = 1 } END { exit !found }' "$work/out"
}

in_state() {
    run svc list && awk -v name="$1" -v state="$2" '$1 == name && $2 == state { found = 1 } END { exit !found }' "$work/out"
}

# await COMMAND...: tries for ten seconds.
await() {
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        [ "$tries" -ge 10 ] && return 1
        sleep 1
    done
}

issue() {
    run token issue -q --service fs --rights fs.open,fs.read,fs.list,fs.stat --prefix "$work/data" --ttl 5m --subject smoke || return 1
    token=$(cat "$work/out")
    [ -n "$token" ]
}

lists() {
    run --token "$token" fs ls && grep -q 'hello\.txt$' "$work/out" && grep -q 'large\.bin$' "$work/out"
}

opens() {
    run -token "$token" fs.open '{"path":"hello.txt"}' && grep -q '"handle": ".' "$work/out"
}

reads() {
    run --token "$token" fs cat "$1" && cmp -s "$work/out" "$work/data/$1"
}

resolves() {
    run registry.resolve '{"service":"fs"}' || return 1
    socket=$(sed -n 's|^ *"endpoint": "unix://\(.*\)",*$|\1|p' "$work/out")
    [ -S "$socket" ]
}

stops() {
    fs_stopped=yes
    run svc stop fs && await in_state fs Stopped
}

starts() {
    run svc start fs && await healthy fs && fs_stopped=no
}

mkdir "$work/data" "$work/outside" || exit 1
chmod 755 "$work" "$work/data" "$work/outside"
printf 'hello, strata\n' >"$work/data/hello.txt"
head -c 1500000 /dev/urandom >"$work/data/large.bin"
printf 'not for you\n' >"$work/outside/secret.txt"
chmod 644 "$work/data/hello.txt" "$work/data/large.bin" "$work/outside/secret.txt"
token=

check 'status answers' run status
for service in registry identity fs; do
    check "$service is Healthy" await healthy "$service"
done
check 'a token is issued' issue
check 'the directory is listed' lists
check 'a file is opened' opens
check 'a text file is read as it is' reads hello.txt
check 'a large binary file is read as it is' reads large.bin
check 'a path outside the prefix is denied' denied PERMISSION_DENIED --token "$token" fs cat "$work/outside/secret.txt"
check 'a path that climbs out is denied' denied 'PERMISSION_DENIED\|INVALID_ARGUMENT' --token "$token" fs cat ../outside/secret.txt
check 'no token is denied' denied UNAUTHENTICATED fs cat hello.txt
check 'the token is revoked' run token revoke "$token"
check 'the revoked token is denied' denied UNAUTHENTICATED --token "$token" fs cat hello.txt
check 'fs stops' stops
check 'fs starts again' starts
check 'a token works after the restart' issue
check 'a file is read after the restart' reads hello.txt
check 'the registry resolves fs' resolves
if [ -n "$token" ]; then
    run token revoke "$token"
fi

echo
echo "$passed ok, $failed failed"
[ "$failed" -eq 0 ]
