# services.strata: a node on NixOS. docs/nixos.md tells how it is used.
#
# The unit comes with the package (packaging/systemd/strata.service), so that every distribution runs the same one;
# what is here is only what an option changes of it.
{
  imports = [
    ./strata/node.nix
    ./strata/reach.nix
    ./strata/services.nix
    ./strata/sandbox.nix
    ./strata/faults.nix
    ./strata/system.nix
  ];
}
