# Sourced by build.sh, run.sh and test.sh: makes sure of what a fresh Debian machine may lack, or says exactly what to do.
# need_packages PACKAGE... installs with apt when it may, otherwise names the command.

say() { printf '%s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

need_dotnet() {
  command -v dotnet >/dev/null 2>&1 || fail "the .NET 10 SDK is missing (no 'dotnet' on PATH); install it as https://learn.microsoft.com/dotnet/core/install/linux describes"
  case "$(dotnet --version 2>/dev/null)" in
    10.*) ;;
    *) fail "the .NET 10 SDK is needed, 'dotnet --version' says: $(dotnet --version 2>&1 | head -n 1)" ;;
  esac
}

need_packages() {
  # The flake's shell brings its own.
  [ -z "${IN_NIX_SHELL:-}" ] || return 0
  missing=
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
  done
  [ -z "$missing" ] && return 0
  command -v apt-get >/dev/null 2>&1 || fail "these packages are missing and there is no apt-get to install them:$missing"
  if [ "$(id -u)" = 0 ]; then
    as_root=
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root='sudo -n'
  else
    fail "these packages are missing:$missing
       run: sudo apt-get install -y$missing"
  fi
  say "installing:$missing"
  log=$(mktemp)
  $as_root apt-get update -q >"$log" 2>&1 || true
  # shellcheck disable=SC2086 # a list of package names
  if ! DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -q --no-install-recommends $missing >>"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    fail "could not install:$missing"
  fi
  rm -f "$log"
}

need_sodium() {
  # Any libsodium with the stable interface will do; Debian's package is installed only when none is found.
  for name in libsodium.so.23 libsodium.so.26; do
    if ldconfig -p 2>/dev/null | grep -q "$name" || /sbin/ldconfig -p 2>/dev/null | grep -q "$name"; then return 0; fi
  done
  need_packages libsodium23 libseccomp2
}

# Sandboxes need bubblewrap, and the rest of a node does not: without the right to install it, the node runs without them.
# Those with network bridge need nftables besides, which is nowhere by default; sandbox doctor names it.
want_bubblewrap() {
  command -v bwrap >/dev/null 2>&1 && return 0
  if command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; }; }; then
    (need_packages bubblewrap) && return 0
  fi
  say "there will be no sandboxes: bubblewrap is missing; run: sudo apt-get install -y bubblewrap"
}

# The machine's apt sources of Debian itself, for a clean system: what else its apt knows has no place there.
debian_sources() {
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  found=
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    if [ -f "$file" ] && grep -Eq "^[^#]*\b$codename\b" "$file" && grep -Eq 'debian-archive-keyring|^[^#]*\bmain\b' "$file"; then found="$found $file"; fi
  done
  [ -n "$found" ] || fail "no apt source of $codename in /etc/apt/sources.list or /etc/apt/sources.list.d"
  printf '%s\n' "$found"
}
