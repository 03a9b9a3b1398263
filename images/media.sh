#!/bin/sh
# Makes media that boot PREFIX.vmlinuz and PREFIX.initrd: images/media.sh PREFIX ISO QCOW2, where ISO and QCOW2 are yes or no.
# PREFIX.iso boots by BIOS and UEFI, from CD and USB; PREFIX.qcow2 is the same medium with a partition for state.
set -eu
cd "$(dirname "$0")/.."
. scripts/prerequisites.sh
prefix=$1
iso=$2
qcow2=$3
# What the disk image keeps: a gigabyte, of which the file takes only what is written.
state_size=1G
need_packages grub-pc-bin grub-efi-amd64-bin grub-common xorriso mtools
[ "$qcow2" = no ] || need_packages qemu-utils e2fsprogs

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tree/boot/grub"
cp "$prefix.vmlinuz" "$work/tree/boot/vmlinuz"
cp "$prefix.initrd" "$work/tree/boot/initrd"
cp images/grub.cfg "$work/tree/boot/grub/grub.cfg"
find "$work/tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

make() {
  file=$1
  shift
  if ! grub-mkrescue -o "$file.new" "$work/tree" -- -volid STRATA "$@" >"$work/log" 2>&1; then
    cat "$work/log" >&2
    fail "$file could not be made"
  fi
}

if [ "$iso" = yes ]; then
  make "$prefix.iso"
  mv "$prefix.iso.new" "$prefix.iso"
fi
if [ "$qcow2" = yes ]; then
  truncate -s "$state_size" "$work/state"
  mkfs.ext4 -q -F -L strata-state -m 0 -E lazy_itable_init=1,lazy_journal_init=1 "$work/state"
  make "$prefix.raw" -append_partition 4 0x83 "$work/state"
  qemu-img convert -f raw -O qcow2 "$prefix.raw.new" "$prefix.qcow2.new"
  rm "$prefix.raw.new"
  mv "$prefix.qcow2.new" "$prefix.qcow2"
fi
