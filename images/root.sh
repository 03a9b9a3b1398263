#!/bin/sh
# Installs Strata in a copy of the base system and packs it: images/root.sh BASE DEB OUTPUT-PREFIX
# BASE is what images/base.sh made; OUTPUT-PREFIX.vmlinuz is the kernel, OUTPUT-PREFIX.initrd the whole system. Run as root.
set -eu
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh
base=$1
deb=$2
out=$3
need_packages cpio zstd kmod

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
cp -a "$base/root" "$root"
cp "$deb" "$root/strata.deb"
DEBIAN_FRONTEND=noninteractive chroot "$root" dpkg -i /strata.deb >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$deb does not install"; }
rm "$root/strata.deb"

cp -R --no-preserve=ownership images/system/. "$root/"
chmod 755 "$root/usr/lib/strata-image/state"
ln -sf /usr/lib/systemd/systemd "$root/init"
# A machine makes its own identity at its first boot.
: > "$root/etc/machine-id"
# What an image has no use for: no disk to check or trim, no package lists, no bus and so no seats, no modules or mounts that nothing here asks for.
for unit in e2scrub_all.timer e2scrub_reap.service fstrim.timer dpkg-db-backup.timer systemd-logind.service systemd-pstore.service \
  getty-static.service dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount \
  modprobe@configfs.service modprobe@dm_mod.service modprobe@fuse.service modprobe@loop.service systemd-random-seed.service systemd-update-utmp.service \
  systemd-update-utmp-runlevel.service proc-sys-fs-binfmt_misc.automount systemd-binfmt.service \
  systemd-remount-fs.service systemd-machine-id-commit.service systemd-hwdb-update.service systemd-firstboot.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
rm -rf "$root/usr/share/man" "$root/usr/share/locale" "$root/usr/share/i18n" "$root/usr/share/info" "$root/usr/share/zsh" "$root/usr/share/fish" \
  "$root/usr/lib/x86_64-linux-gnu/gconv" "$root/var/cache/apt" "$root/var/lib/apt" "$root/var/log/"* "$root/var/cache/debconf/"*-old "$root/var/lib/dpkg/"*-old
# The passwords of an image are no secret, so it has none: root logs in on its own consoles only.
sed -i 's/^root:[^:]*:/root:*:/' "$root/etc/shadow"

# Modules for virtual machines, disks, USB sticks and compact discs.
release=$(basename "$base"/kernel/lib/modules/*)
modules=$root/usr/lib/modules/$release
mkdir -p "$modules"
cp "$base/kernel/lib/modules/$release"/modules.* "$modules/"
(cd "$base/kernel/lib/modules/$release" && find kernel -name '*.ko' | grep -E -f "$OLDPWD/images/modules.txt" | cpio -pdm --quiet "$modules")
chroot "$root" depmod "$release"
cp "$base/kernel/boot/vmlinuz-$release" "$out.vmlinuz"
(cd "$root" && find . -print0 | LC_ALL=C sort -z | cpio --null -o -H newc --reproducible --quiet) | zstd -q -T0 -10 > "$out.initrd.new"
mv "$out.initrd.new" "$out.initrd"
