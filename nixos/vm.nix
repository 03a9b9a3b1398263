# A virtual machine whose disk, strata.qcow2 in the directory it is started from, keeps the node's state.
{ modulesPath, ... }:
{
  imports = [ "${modulesPath}/virtualisation/qemu-vm.nix" ];

  virtualisation = {
    graphics = false;
    cores = 2;
    memorySize = 1024;
    diskSize = 2048;
  };
}
