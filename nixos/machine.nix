# What the ISO and the virtual machine have in common: a node, something to read, and a shell for whoever is at the console.
{ lib, pkgs, ... }:
{
  networking.hostName = lib.mkDefault "strata";

  services.strata = {
    enable = true;
    roots.welcome.path = "/srv/welcome";
  };
  systemd.tmpfiles.rules = [
    "d /srv/welcome 0755 root root -"
    "L+ /srv/welcome/hello.txt - - - - ${pkgs.writeText "hello.txt" "Hello from Strata.\n"}"
  ];

  # The console is the machine's: whoever has it has everything. No other way in is open.
  services.getty.autologinUser = "root";
  networking.firewall.enable = true;
  users.motd = ''

    A Strata node. It is started with the machine; try
      strata-ctl status
      export STRATA_TOKEN=$(strata-ctl token issue --service fs --rights fs.open,fs.read,fs.list --prefix welcome: --ttl 1h -q)
      strata-ctl fs ls && strata-ctl fs cat hello.txt
      strata-ctl --help, man strata-ctl

  '';

  boot.kernelParams = [
    "console=tty0"
    (if pkgs.stdenv.hostPlatform.isAarch64 then "console=ttyAMA0,115200" else "console=ttyS0,115200")
  ];
  documentation.nixos.enable = lib.mkDefault false;
  system.stateVersion = "25.11";
}
