#!/bin/sh
# Measures a node against a raw echo server that moves frames of the same sizes, in one run. bench/README.md explains.
# usage: bench/run.sh [--quick] [--rounds N] [--json FILE] [--report FILE] [--bin DIR] [--operations "resolve issue ..."]
set -eu
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh

rounds=3 seconds=1 warmup=0.3 launches=10 json='' page='' bin=bin max_seconds=900
operations='resolve issue read-4k read-512k open-read-close'
while [ $# -gt 0 ]; do
  case "$1" in
    --quick) rounds=1 seconds=0.3 warmup=0.1 launches=3 ;;
    --rounds) rounds=$2; shift ;;
    --json) json=$2; shift ;;
    --report) page=$2; shift ;;
    --bin) bin=$2; shift ;;
    --operations) operations=$2; shift ;;
    *) sed -n '2,3s/^# //p' "$0"; exit 2 ;;
  esac
  shift
done

need_packages gcc libc6-dev python3
[ "$bin" != bin ] || ./build.sh
bin=$(cd "$bin" && pwd)
dir=$(mktemp -d)
chmod 700 "$dir"
started= # pids of the raw echo servers
node=    # pid of the supervisor

# Waits until a process has gone; kills it when it does not go by itself.
await_end() {
  tries=0
  while kill -0 "$1" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { kill -KILL "$1" 2>/dev/null || true; return 1; }
    sleep 0.05
  done
}

stop_node() {
  [ -n "$node" ] || return 0
  kill -TERM "$node" 2>/dev/null || true
  await_end "$node" || say "the supervisor had to be killed" >&2
  node=
}

cleanup() {
  status=$?
  trap - EXIT
  stop_node
  for pid in $started; do kill "$pid" 2>/dev/null || true; done
  [ $status = 0 ] || tail -n 20 "$dir/node.log" >&2 2>/dev/null || true
  rm -rf "$dir"
  exit $status
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

for tool in raw_echo load node; do
  gcc -O2 -Wall -Wextra -Werror -o "$dir/$tool" "bench/$tool.c"
done
export STRATA_RUNTIME_DIR="$dir/run"
unset STRATA_STATE_DIR STRATA_TOKEN
deadline=$(($(date +%s) + max_seconds))

start_node() {
  rm -rf "$dir/run"
  mkdir -m 700 "$dir/run"
  line=$("$dir/node" launch "$bin/supervisor" "$dir/run/supervisor.sock" 3 "$dir/node.log")
  node=${line%%	*}
  launch_ms=${line##*	}
}

# call SOCKET METHOD PARAMS [TOKEN]: prints the answer, fails unless it is ok.
call() {
  auth=
  [ -z "${4:-}" ] || auth=',"auth":{"token":"'$4'"}'
  answer=$(printf '{"v":1,"req_id":"bench","method":"%s","params":%s%s}' "$2" "$3" "$auth" | "$dir/node" call "$dir/run/$1.sock")
  case "$answer" in
    *'"ok":true'*) printf '%s' "$answer" ;;
    *) fail "$2 answered: $answer" ;;
  esac
}

field() { sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p"; }

# pid_of SERVICE
pid_of() { "$dir/node" pid "$dir/run/supervisor.sock" "$1"; }

say "launch and restart, $launches times"
i=0
while [ $i -lt "$launches" ]; do
  stop_node
  start_node
  printf 'launch\t%s\n' "$launch_ms" >> "$dir/times"
  printf 'restart\t%s\n' "$("$dir/node" restart "$dir/run/supervisor.sock" fs)" >> "$dir/times"
  i=$((i + 1))
done
stop_node
start_node
sleep 2

# memory WHEN: proportional set size of each process of the node.
memory() {
  for name in supervisor registry identity fs; do
    pid=$node
    [ $name = supervisor ] || pid=$(pid_of $name)
    printf '%s\t%s\t%s\n' "$1" $name "$(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")" >> "$dir/memory"
  done
}
memory idle

# The requests. load replaces the letters I by a fresh id and the letters H by the handle just opened.
mkdir "$dir/files"
head -c 4096 /dev/urandom > "$dir/files/4k"
head -c 524288 /dev/urandom > "$dir/files/512k"
call registry registry.register '{"service":"bench","endpoint":"unix:///run/strata/bench.sock"}' > "$dir/out"
grant='{"service":"fs","rights":["fs.open","fs.read"],"path_prefix":"'"$dir/files"'","ttl_seconds":3600,"subject":"bench"}'
open_handle() { call fs fs.open '{"path":"'"$1"'"}' "$token" > "$dir/out"; field handle < "$dir/out"; }
# request FILE METHOD PARAMS [auth]
request() {
  auth=
  [ -z "${4:-}" ] || auth=',"auth":{"token":"'$token'"}'
  printf '{"v":1,"req_id":"IIIIIIIIIIIIIIII","method":"%s"%s,"params":%s}\n' "$2" "$auth" "$3" >> "$dir/$1.plan"
}
new_token() { call identity identity.issue "$grant" > "$dir/out"; token=$(field token < "$dir/out"); }
new_token
request resolve registry.resolve '{"service":"bench"}'
request issue identity.issue "$grant"
handle=$(open_handle 4k)
request read-4k fs.read '{"handle":"'"$handle"'","offset":0,"size":4096}' auth
handle_512k=$(open_handle 512k)
request read-512k fs.read '{"handle":"'"$handle_512k"'","offset":0,"size":524288}' auth
# A capability of its own: open handles are limited for each.
new_token
slot=$(printf '%s' "$handle" | tr -c H H)
request open-read-close fs.open '{"path":"4k"}' auth
request open-read-close fs.read '{"handle":"'"$slot"'","offset":0,"size":4096}' auth
request open-read-close fs.close '{"handle":"'"$slot"'"}' auth

service_of() { case "$1" in resolve) echo registry ;; issue) echo identity ;; *) echo fs ;; esac; }

for operation in $operations; do
  service=$(service_of "$operation")
  "$dir/load" --probe "$dir/run/$service.sock" "$dir/$operation.plan" > "$dir/$operation.sizes"
  # shellcheck disable=SC2046 # one argument a line is meant
  "$dir/raw_echo" "$dir/raw-$operation.sock" $(cat "$dir/$operation.sizes") &
  echo $! > "$dir/$operation.raw"
  started="$started $!"
  pid_of "$service" > "$dir/$operation.strata"
  # The runtime compiles what is hot while it runs: measured is the state it settles in.
  "$dir/load" --connections 8 --warmup 0 --seconds 1.5 "$dir/run/$service.sock" "$dir/$operation.plan" > /dev/null
done

# measure OPERATION CONNECTIONS MODE SIDE
measure() {
  [ "$(date +%s)" -lt "$deadline" ] || fail "the benchmark did not end within $max_seconds s"
  socket=$dir/run/$(service_of "$1").sock extra=
  [ "$4" = strata ] || { socket=$dir/raw-$1.sock extra=--raw; }
  [ "$3" = kept ] || extra="$extra --reconnect"
  expect=$(sed 's/.*://' "$dir/$1.sizes" | paste -s -d , -)
  # shellcheck disable=SC2086 # a list of options
  line=$("$dir/load" --connections "$2" --warmup "$warmup" --seconds "$seconds" --pid "$(cat "$dir/$1.$4")" --expect "$expect" $extra "$socket" "$dir/$1.plan") \
    || fail "$1 over $2 connections ($3) against $4 went wrong"
  printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$3" "$2" "$4" "$line" >> "$dir/results"
}

round=1
while [ $round -le "$rounds" ]; do
  say "round $round of $rounds"
  for operation in $operations; do
    for connections in 1 8 64; do
      for mode in kept new; do
        [ "$mode $operation" != 'new read-512k' ] || continue
        measure "$operation" $connections $mode raw
        measure "$operation" $connections $mode strata
      done
    done
  done
  round=$((round + 1))
done

memory loaded
stop_node
say "authorization"
quick=
[ "$rounds" != 1 ] || quick=--quick
python3 bench/authorization.py $quick --tsv --bin "$bin" > "$dir/authorization"
busy=$(cut -d ' ' -f 1 /proc/loadavg)
awk -f bench/report.awk -v json="${json:+$dir/report.json}" "$dir/times" "$dir/memory" "$dir/authorization" "$dir/results" | tee "$dir/report"
[ -z "$json" ] || cp "$dir/report.json" "$json"
if [ -n "$page" ]; then
  {
    cat bench/page.md
    printf 'Median of %s rounds of %s s, on %s processors (%s), Linux %s, .NET %s; %s processes wanted to run (load average, 1 minute)\n' \
      "$rounds" "$seconds" "$(nproc)" "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(uname -r | cut -d - -f 1)" \
      "$(dotnet --list-runtimes | sed -n 's/^Microsoft.NETCore.App \(10[^ ]*\).*/\1/p' | tail -n 1)" "$busy"
    printf 'at the end, about two of them the benchmark'"'"'s own.\n\n```\n'
    cat "$dir/report"
    printf '```\n\n'
    cat bench/sandbox/page.md
  } > "$page"
fi
