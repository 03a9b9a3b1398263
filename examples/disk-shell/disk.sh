#!/bin/sh
# A Strata service in shell: how full a disk is, and what fills a folder. strata-exec runs this once a call, after it has checked the
# caller's capability and the params. A param is a variable here, PARAM_PATH, and JSON on standard input; the result goes to standard
# output. The exit codes of sysexits(3) become errors, and the last line on standard error their message.
set -eu

refuse() { # CODE MESSAGE
  echo "$2" >&2
  exit "$1"
}

need_folder() {
  case $PARAM_PATH in
    /*) [ -d "$PARAM_PATH" ] || refuse 66 "there is no such folder" ;;
    *) refuse 64 "the path must be absolute" ;;
  esac
}

case $1 in
  usage)
    need_folder
    df -Pk -- "$PARAM_PATH" | awk 'NR == 2 { printf "{\"total_kib\": %d, \"used_kib\": %d, \"free_kib\": %d}\n", $2, $3, $4 }'
    ;;
  largest)
    need_folder
    # Text as it comes: what a name holds is no longer this script's concern.
    du -xk --max-depth=1 -- "$PARAM_PATH" 2>/dev/null | sort -rn | head -n "${PARAM_COUNT:-10}"
    ;;
  *) refuse 64 "usage: disk.sh usage|largest" ;;
esac
