#!/bin/sh
# Says whether a version can be released. usage: packaging/version.sh VERSION
# MAJOR.MINOR.PATCH, or with what comes before it, as 1.2.0-rc.1: what NuGet, Debian and container tags all take.
set -eu
version=$1
refuse() {
  printf 'error: %s is no version: %s; write MAJOR.MINOR.PATCH such as 1.2.0, or 1.2.0-rc.1 for what comes before it\n' "'$version'" "$1" >&2
  exit 64
}
[ "${#version}" -le 64 ] || refuse "it has more than 64 characters"
case $version in *[!0-9A-Za-z.-]* | '') refuse "it may hold letters, digits, dots and one hyphen" ;; esac
numbers=${version%%-*}
printf '%s\n' "$numbers" | grep -Eqx '(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)' || refuse "it does not begin with three numbers"
for number in $(printf %s "$numbers" | tr . ' '); do
  [ "${#number}" -le 4 ] || refuse "$number has more than four digits"
done
case $version in
  *-*) printf '%s\n' "${version#*-}" | grep -Eqx '(0|[1-9][0-9]*|[0-9]*[A-Za-z][0-9A-Za-z]*)(\.(0|[1-9][0-9]*|[0-9]*[A-Za-z][0-9A-Za-z]*))*' || refuse "what follows the hyphen is not words or numbers between dots" ;;
esac
