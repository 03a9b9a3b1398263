# The module with a configuration, on a system of which only what it touches is declared: everything a test looks at, as data.
{
  configuration ? { },
  lib ? import ./lib.nix,
}:
let
  inherit (lib) mkOption types;
  stored = name: attributes: attributes // { outPath = "/nix/store/stub-${name}"; };
  pkgs = {
    strata = stored "strata" {
      type = "derivation";
      name = "strata";
      meta.mainProgram = "strata-ctl";
    };
    hello = stored "hello" {
      type = "derivation";
      name = "hello";
      meta.mainProgram = "hello";
    };
    writeText = name: text: stored name { inherit text; };
    writeShellApplication =
      { name, ... }:
      stored name {
        type = "derivation";
        inherit name;
        meta.mainProgram = name;
      };
    coreutils = stored "coreutils" { };
    bubblewrap = stored "bubblewrap" { };
    util-linux = stored "util-linux" { };
    runCommand =
      name: _: script:
      stored name { inherit script; };
    stdenv = {
      buildPlatform.canExecute = _: true;
      hostPlatform = {
        system = "x86_64-linux";
        isAarch64 = false;
      };
    };
  };

  anything =
    default:
    mkOption {
      type = types.anything;
      inherit default;
    };
  list = mkOption {
    type = types.listOf types.anything;
    default = [ ];
  };
  system.options = {
    assertions = list;
    warnings = list;
    networking.hostName = anything "machine";
    networking.firewall.allowedTCPPorts = list;
    environment.systemPackages = list;
    environment.etc = mkOption {
      type = types.attrsOf types.anything;
      default = { };
    };
    environment.variables = anything { };
    systemd.packages = list;
    systemd.tmpfiles.rules = list;
    systemd.services = mkOption {
      type = types.attrsOf types.anything;
      default = { };
    };
    users.groups = anything { };
    # What nixos/ sets beside the module; nothing here looks at it.
    users.motd = anything "";
    boot.kernelParams = list;
    documentation.nixos.enable = anything true;
    networking.firewall.enable = anything true;
    services.getty.autologinUser = anything null;
    specialisation = anything { };
    system.stateVersion = anything "";
    system.preSwitchChecks = anything { };
    system.switch.enable = anything true;
    users.users = mkOption {
      type = types.attrsOf (
        types.submodule {
          freeformType = types.attrsOf types.anything;
          options.uid = mkOption {
            type = types.nullOr types.int;
            default = null;
          };
        }
      );
      default = { };
    };
  };

  evaluated = lib.evalModules {
    specialArgs = { inherit pkgs; };
    modules = [
      system
      ../../modules/strata.nix
      configuration
    ];
  };
  inherit (evaluated) config;
  unit = config.systemd.services.strata or { };

  # Every option of the module, those within others too: its name, and what is said of it.
  optionsOf =
    path: node:
    if (node._type or null) == "option" then
      [
        {
          name = path;
          description = node.description or "";
          default = node.defaultText.text or (if node ? default then builtins.toJSON node.default else "");
        }
      ]
      ++ optionsOf path (node.type.within or { })
    else
      builtins.concatLists (map (name: optionsOf (if path == "" then name else "${path}.${name}") node.${name}) (builtins.filter (name: name != "_module") (builtins.attrNames node)));
in
{
  failed = map (assertion: assertion.message) (builtins.filter (assertion: !assertion.assertion) config.assertions);
  inherit (config) warnings;
  settings = config.environment.etc."strata/strata.env".source.text or null;
  etc = builtins.mapAttrs (_: file: file.mode or "") config.environment.etc;
  variables = config.environment.variables;
  packages = map (package: package.name) config.environment.systemPackages;
  ports = config.networking.firewall.allowedTCPPorts;
  inherit (config.users) users groups;
  checks = config.system.preSwitchChecks;
  unitPackages = map (package: package.name) config.systemd.packages;
  unit = removeAttrs unit [
    "restartTriggers"
    "reloadTriggers"
  ];
  restarts = map (trigger: trigger.text) (unit.restartTriggers or [ ]);
  reloads = map (trigger: trigger.script) (unit.reloadTriggers or [ ]);
  inherit (import ../../modules/strata/manifests.nix lib config.services.strata.services) manifests;
  options = optionsOf "" evaluated.options.services.strata;
}
