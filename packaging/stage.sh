#!/bin/sh
# Lays the built programs out as an installed system would have them. usage: packaging/stage.sh DIRECTORY
# STRATA_PROGRAMS names another directory of programs than bin/.
set -eu
umask 022
cd "$(dirname "$0")/.."
root=$1
programs=${STRATA_PROGRAMS:-bin}
lib=$root/usr/lib/strata
mkdir -p "$lib" "$root/usr/bin" "$root/etc/strata/services.d"

# The runtime's own debugging tools and event tracing are of no use without diagnostics, which are off.
(cd "$programs" && find . -maxdepth 1 -type f ! -name '*.pdb' ! -name '*.dbg' ! -name '.sources' ! -name createdump ! -name 'libmscordbi.so' ! -name 'libmscordaccore.so' \
  ! -name 'libcoreclrtraceptprovider.so' -print) | LC_ALL=C sort | while read -r file; do
  mode=644
  [ ! -x "$programs/$file" ] || case $file in *.so | *.dll | *.json) ;; *) mode=755 ;; esac
  install -m "$mode" "$programs/$file" "$lib/$file"
done
# What `strata-ctl new service` builds against.
mkdir "$lib/sdk"
install -m 644 bin/sdk/* "$lib/sdk/"
ln -s ../lib/strata/strata-ctl "$root/usr/bin/strata-ctl"
ln -s ../lib/strata/supervisor "$root/usr/bin/strata-supervisor"
ln -s ../lib/strata/strata-exec "$root/usr/bin/strata-exec"

install -D -m 644 packaging/systemd/strata.service "$root/usr/lib/systemd/system/strata.service"
install -D -m 644 packaging/systemd/strata.sysusers "$root/usr/lib/sysusers.d/strata.conf"
install -D -m 644 packaging/systemd/strata.env "$root/etc/strata/strata.env"

mkdir -p "$root/usr/share/bash-completion/completions" "$root/usr/share/zsh/vendor-completions" "$root/usr/share/fish/vendor_completions.d"
"$programs/strata-ctl" completion bash > "$root/usr/share/bash-completion/completions/strata-ctl"
"$programs/strata-ctl" completion zsh > "$root/usr/share/zsh/vendor-completions/_strata-ctl"
"$programs/strata-ctl" completion fish > "$root/usr/share/fish/vendor_completions.d/strata-ctl.fish"

for page in bin/man/man*/*; do
  target=$root/usr/share/man/$(basename "$(dirname "$page")")/$(basename "$page").gz
  mkdir -p "$(dirname "$target")"
  gzip -9n < "$page" > "$target"
done

ln -s supervisor.8.gz "$root/usr/share/man/man8/strata-supervisor.8.gz"

doc=$root/usr/share/doc/strata
mkdir -p "$doc/examples"
install -m 644 README.md api/protocol.md api/service.schema.json docs/*.md "$doc/"
python3 -B packaging/release/components.py notices "$doc"
cp -R examples/. "$doc/examples/"
find "$doc/examples" \( -name bin -o -name obj -o -name __pycache__ \) -type d -prune -exec rm -rf {} +
# Whatever a checkout's files may do, by the umask of whoever made it, an installed file is read by all and written by root.
find "$root" -type d -exec chmod 755 {} +
find "$root" -type f -perm /111 -exec chmod 755 {} +
find "$root" -type f ! -perm /111 -exec chmod 644 {} +
