#!/bin/sh
# How fast whole files leave fs: as a stream, read by read, by the descriptor itself, and without fs for comparison; from the page cache, medians.
# Usage: bench/files.sh [MIB [ROUNDS]]
set -eu
cd "$(dirname "$0")/.."
mib="${1:-256}" rounds="${2:-7}"
./build.sh
dir=$(mktemp -d)
node=
cleanup() {
  [ -z "$node" ] || { kill "$node" 2>/dev/null || true; wait "$node" 2>/dev/null || true; }
  rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
gcc -O2 -Wall -Wextra -Werror -o "$dir/carry" bench/carry.c
mkdir "$dir/data" "$dir/run" "$dir/services.d"
chmod 755 "$dir" "$dir/services.d"
head -c "$((mib * 1024 * 1024))" /dev/urandom > "$dir/data/file"
export STRATA_RUNTIME_DIR="$dir/run" STRATA_CONFIG_DIR="$dir" STRATA_FS_ROOTS="data:$dir/data" STRATA_JOURNAL=off
bin/supervisor 2> "$dir/log" &
node=$!
bin/strata-ctl status --wait 60s > /dev/null
token=$(bin/strata-ctl token issue -q --service fs --rights fs.open,fs.read,fs.download,fs.open_fd --prefix data: --ttl 1h)
socket="$dir/run/fs.sock"
"$dir/carry" compare "$dir/data/file" "$socket" "$token" file "$((rounds * 4))" > "$dir/compared"
# median COLUMN of the comparison
median() { sort -n -k "$1,$1" "$dir/compared" | awk -v c="$1" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'; }
for round in $(seq 0 "$rounds"); do
  for way in native pipe fd download read; do
    case "$way" in
      native | pipe) result=$("$dir/carry" "$way" "$dir/data/file") ;;
      *) result=$("$dir/carry" "$way" "$socket" "$token" file) ;;
    esac
    # The first round warms up.
    [ "$round" = 0 ] || echo "$way $result"
  done
done | sort -k1,1 -k2,2n | awk -v size="$((mib * 1024 * 1024))" -v native="$(median 1)" -v descriptor="$(median 2)" -v open_native="$(median 3)" -v open_fd="$(median 4)" '
  $3 != size { print "error: " $1 " read " $3 " bytes of " size; failed = 1; exit 1 }
  { values[$1, ++count[$1]] = $2 }
  function median(way) { return values[way, int((count[way] + 1) / 2)] }
  END {
    if (failed) exit 1
    printf "%-10s %9s\n", "way", "MB/s"
    split("native fd pipe download read", ways, " ")
    for (i = 1; i <= 5; i++) printf "%-10s %9.0f\n", ways[i], median(ways[i])
    printf "\n%-38s %5s %6s\n", "", "ratio", "target"
    printf "%-38s %5.2f %6s\n", "reading by the descriptor / natively", descriptor / native, "1"
    printf "%-38s %5.2f %6s\n", "download / cat through a pipe", median("download") / median("pipe"), "0.5"
    printf "\nin turns: %.0f MB/s natively, %.0f by the descriptor; to open takes %.0f us natively, %.0f us through fs\n", native, descriptor, open_native, open_fd
  }'
