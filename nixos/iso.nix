# A bootable image for CD and USB, BIOS and UEFI. Its root is in memory: keys, revocations and all else are gone with the power.
{ lib, modulesPath, ... }:
{
  imports = [
    "${modulesPath}/installer/cd-dvd/iso-image.nix"
    "${modulesPath}/profiles/all-hardware.nix"
  ];

  isoImage = {
    volumeID = "STRATA";
    appendToMenuLabel = lib.mkForce "";
    makeEfiBootable = true;
    makeUsbBootable = true;
    squashfsCompression = "zstd -Xcompression-level 19";
  };
}
