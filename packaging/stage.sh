#!/bin/sh
# Lays bin/ out as an installed system would have it. usage: packaging/stage.sh DIRECTORY
set -eu
cd "$(dirname "$0")/.."
root=$1
lib=$root/usr/lib/strata
mkdir -p "$lib" "$root/usr/bin" "$root/etc/strata/services.d"

# The runtime's own debugging tools and event tracing are of no use without diagnostics, which are off.
(cd bin && find . -maxdepth 1 -type f ! -name '*.pdb' ! -name '.sources' ! -name createdump ! -name 'libmscordbi.so' ! -name 'libmscordaccore.so' \
  ! -name 'libcoreclrtraceptprovider.so' -print) | LC_ALL=C sort | while read -r file; do
  mode=644
  [ ! -x "bin/$file" ] || case $file in *.so | *.dll | *.json) ;; *) mode=755 ;; esac
  install -m "$mode" "bin/$file" "$lib/$file"
done
ln -s ../lib/strata/strata-ctl "$root/usr/bin/strata-ctl"
ln -s ../lib/strata/supervisor "$root/usr/bin/strata-supervisor"
ln -s ../lib/strata/strata-exec "$root/usr/bin/strata-exec"

install -D -m 644 packaging/systemd/strata.service "$root/usr/lib/systemd/system/strata.service"
install -D -m 644 packaging/systemd/strata.sysusers "$root/usr/lib/sysusers.d/strata.conf"
install -D -m 644 packaging/systemd/strata.env "$root/etc/strata/strata.env"

mkdir -p "$root/usr/share/bash-completion/completions" "$root/usr/share/zsh/vendor-completions" "$root/usr/share/fish/vendor_completions.d"
bin/strata-ctl completion bash > "$root/usr/share/bash-completion/completions/strata-ctl"
bin/strata-ctl completion zsh > "$root/usr/share/zsh/vendor-completions/_strata-ctl"
bin/strata-ctl completion fish > "$root/usr/share/fish/vendor_completions.d/strata-ctl.fish"

for page in bin/man/man*/*; do
  target=$root/usr/share/man/$(basename "$(dirname "$page")")/$(basename "$page").gz
  mkdir -p "$(dirname "$target")"
  gzip -9n < "$page" > "$target"
done

ln -s supervisor.8.gz "$root/usr/share/man/man8/strata-supervisor.8.gz"

doc=$root/usr/share/doc/strata
mkdir -p "$doc/examples"
install -m 644 README.md api/protocol.md api/service.schema.json docs/*.md "$doc/"
cp -R examples/. "$doc/examples/"
find "$root" -type d -exec chmod 755 {} +
