#!/bin/sh
# Builds everything and runs every test. The last line is "N passed, N failed"; exits non-zero on any failure.
# usage: ./test.sh [--full]     --full also tries a release in a clean system and boots images, as root: half an hour more
set -eu
full=no
case ${1:-} in
  '') ;;
  --full) full=yes ;;
  *) echo "error: unknown argument $1; usage: ./test.sh [--full]" >&2; exit 64 ;;
esac
cd "$(dirname "$0")"
. scripts/prerequisites.sh
need_dotnet
need_packages libsodium23 libseccomp2 libzstd1 bubblewrap nftables iproute2 python3 procps util-linux perl-base zsh fish nix-bin docker-registry skopeo busybox-static
command -v node >/dev/null 2>&1 || need_packages nodejs
command -v npm >/dev/null 2>&1 || need_packages npm
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

./build.sh
say "building the tests"
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
if ! dotnet build StrataOS.sln -nologo -v:q >"$log/build" 2>&1; then
  cat "$log/build" >&2
  fail "the build failed"
fi
scripts/npm-interop.sh >"$log/npm" 2>&1 || { cat "$log/npm" >&2; fail "the npm package for the token cross-check could not be installed"; }

passed=0
failed=0
# count FILE: adds the totals of a finished run, "Total: 12, Errors: 0, Failed: 1, Skipped: 0".
number() { sed -n "s/.*$1: \([0-9][0-9]*\).*/\1/p" "$2" | tail -n 1; }
for project in tests/*.Tests; do
  name=$(basename "$project")
  program=$project/bin/Debug/net10.0/Strata.$name
  started=$(date +%s)
  ended=0
  timeout -k 10 1200 "$program" -noLogo -noColor >"$log/$name" 2>&1 || ended=$?
  total=$(number Total "$log/$name"); errors=$(number Errors "$log/$name"); bad=$(number Failed "$log/$name"); skipped=$(number Skipped "$log/$name")
  total=${total:-0}; errors=${errors:-0}; bad=${bad:-0}; skipped=${skipped:-0}
  wrong=$((errors + bad))
  # A runner that died, or ran nothing, is a failure though it counted none.
  if [ "$wrong" = 0 ] && { [ "$ended" != 0 ] || [ "$total" = 0 ]; }; then wrong=1; fi
  [ "$wrong" = 0 ] || { say "---- $name"; cat "$log/$name"; }
  good=$((total - bad - skipped)); [ "$good" -ge 0 ] || good=0
  passed=$((passed + good))
  failed=$((failed + wrong))
  say "$name: $good passed, $wrong failed ($(($(date +%s) - started)) s)"
done

# long NAME COMMAND...: a test of many minutes, shown as it goes; its last line has its counts.
long() {
  name=$1
  shift
  started=$(date +%s)
  { "$@" 2>&1 || echo "ended with $?"; } | tee "$log/long" || true
  counts=$(grep -Ex '[0-9]+ passed, [0-9]+ failed' "$log/long" | tail -n 1)
  good=$(printf %s "$counts" | cut -d ' ' -f 1)
  wrong=$(printf %s "$counts" | cut -d ' ' -f 3)
  # One that breaks off is a failure though it counted none.
  if [ -z "$counts" ] || { [ "${wrong:-0}" = 0 ] && grep -q '^ended with' "$log/long"; }; then wrong=$((${wrong:-0} + 1)); fi
  passed=$((passed + ${good:-0}))
  failed=$((failed + wrong))
  say "$name: ${good:-0} passed, $wrong failed ($(($(date +%s) - started)) s)"
}
if [ "$full" = yes ]; then
  long packaging packaging/test.sh
  images/build.sh --iso --qcow2 || { failed=$((failed + 1)); say "the images could not be made"; }
  long images images/test.sh
fi

scripts/test-nsec.sh || failed=$((failed + 1))
say "$passed passed, $failed failed"
[ "$failed" = 0 ]
