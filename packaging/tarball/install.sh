#!/bin/sh
# Installs this archive below a prefix, with a unit where systemd runs; run it again from a newer archive to upgrade.
# usage: ./install.sh [--prefix DIR] [--uninstall]     default prefix: /usr/local; DESTDIR writes into a tree and touches nothing else
set -eu
umask 022
cd "$(dirname "$0")"
say() { printf '%s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

prefix=/usr/local
action=install
while [ $# -gt 0 ]; do
  case $1 in
    --prefix) [ $# -gt 1 ] || fail "--prefix needs a directory"; prefix=$2; shift 2 ;;
    --prefix=*) prefix=${1#--prefix=}; shift ;;
    --uninstall) action=uninstall; shift ;;
    *) fail "unknown argument $1; usage: ./install.sh [--prefix DIR] [--uninstall]" ;;
  esac
done
case $prefix in
  /*[!A-Za-z0-9/._-]*) fail "--prefix may hold letters, digits and / . _ - only: $prefix" ;;
  /usr | /usr/) fail "/usr belongs to the system's packages; choose another prefix, such as /usr/local" ;;
  /*) prefix=${prefix%/} ;;
  *) fail "--prefix must be an absolute path: $prefix" ;;
esac
root=${DESTDIR:-}
unit=/etc/systemd/system/strata.service
live=
[ -n "$root" ] || [ ! -d /run/systemd/system ] || live=yes
if [ -z "$root" ]; then
  [ "$(id -u)" = 0 ] || fail "run this as root, or set DESTDIR"
  [ ! -e /usr/lib/strata/supervisor ] || fail "the Debian package of Strata is installed; remove it first (apt remove strata): one machine, one node"
fi

if [ "$action" = uninstall ]; then
  [ -z "$live" ] || systemctl disable --now strata.service || true
  rm -rf "$root$prefix/lib/strata" "$root$prefix/share/doc/strata"
  for file in bin/* share/man/man*/* share/*completion*/*/strata-ctl share/zsh/vendor-completions/_strata-ctl share/fish/vendor_completions.d/strata-ctl.fish; do rm -f "$root$prefix/$file"; done
  rm -f "$root$unit"
  [ -z "$live" ] || systemctl daemon-reload
  say "removed; /etc/strata (configuration), /var/lib/strata (keys, revocations, audit) and the user strata stay"
  exit 0
fi

if [ -z "$root" ]; then
  # A node's state of a later version is not touched: its supervisor says so and what to do.
  id strata >/dev/null 2>&1 || useradd --system --home-dir /var/lib/strata --no-create-home --shell /usr/sbin/nologin strata
fi
mkdir -p "$root$prefix" "$root/etc/strata/services.d" "$root/etc/systemd/system"
# Files are exchanged, not written over: programs that run keep theirs.
tar -cf - --owner=0 --group=0 bin lib/strata share | (cd "$root$prefix" && tar -xf - --no-same-owner)
sed "s#/usr/lib/strata/#$prefix/lib/strata/#g" lib/systemd/system/strata.service > "$root$unit.new"
mv "$root$unit.new" "$root$unit"
[ -e "$root/etc/strata/strata.env" ] || cp etc/strata/strata.env "$root/etc/strata/strata.env"

if [ -n "$live" ]; then
  systemctl daemon-reload
  if systemctl --quiet is-active strata.service; then
    # The new supervisor takes the place of the old one in the same process, while the services serve.
    "$prefix/bin/strata-ctl" supervisor upgrade || systemctl restart strata.service
    say "installed below $prefix; the running node was upgraded"
  else
    say "installed below $prefix; start the node with: systemctl enable --now strata"
  fi
elif [ -z "$root" ]; then
  say "installed below $prefix; systemd does not run here: start $prefix/lib/strata/supervisor as the user strata, with /run/strata and /var/lib/strata its own"
else
  say "installed below $root$prefix"
fi
