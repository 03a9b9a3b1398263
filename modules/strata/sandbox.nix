# Options of the sandbox service; what it takes of the unit is in sandbox-unit.nix.
{ config, lib, ... }:
let
  inherit (lib)
    attrNames
    elem
    filter
    hasPrefix
    mkIf
    mkOption
    optional
    types
    ;
  cfg = config.services.strata;
  sandbox = cfg.sandbox;

  faults =
    optional (elem "bridge" sandbox.networks) "services.strata.sandbox.networks: bridge takes a node that root runs, and the unit leaves nobody any privilege; use proxy"
    ++ optional (
      (sandbox.networks != [ ] || sandbox.registries != [ ]) && !cfg.network.enable
    ) "services.strata.sandbox: networks and registries take the machine's network; set network.enable as well, or leave both out"
    ++ map (registry: "services.strata.sandbox.registries: ${builtins.toJSON registry} must not contain ',', quotes or white space") (
      filter (registry: builtins.match "[^,\"[:space:]]+" registry == null) sandbox.registries
    );
  faultsWithout =
    optional (sandbox.networks != [ ] || sandbox.registries != [ ]) "services.strata.sandbox: networks and registries are for the sandbox service; set sandbox.enable, or leave both out"
    ++ optional (cfg.services ? sandbox) "services.strata.services.sandbox: set sandbox.enable as well, which lets the unit do what sandboxes take"
    ++ map (name: "services.strata.settings.${name}: only the sandbox service reads it; set sandbox.enable, or leave it out") (
      filter (name: hasPrefix "STRATA_SANDBOX_" name && cfg.settings.${name} != null) (attrNames cfg.settings)
    );
in
{
  options.services.strata.sandbox = {
    enable = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the node has the sandbox service (docs/sandbox.md). It loosens the hardening of the unit, and so of all its services.";
    };

    networks = mkOption {
      type = types.listOf (
        types.enum [
          "proxy"
          "bridge"
          "host"
        ]
      );
      default = [ ];
      example = [ "proxy" ];
      description = "Kinds of network that sessions may have beside none; they take network.enable.";
    };

    registries = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "docker.io" ];
      description = "Registries that images may be pulled from; they take network.enable.";
    };
  };

  config = {
    services.strata.services = mkIf sandbox.enable { sandbox = { }; };
    assertions = mkIf cfg.enable (
      map (message: {
        assertion = false;
        inherit message;
      }) (if sandbox.enable then faults else faultsWithout)
    );
  };
}
