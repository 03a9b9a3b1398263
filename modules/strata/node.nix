# Options of the node itself: its name, its programs, its settings, how systemd starts it.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) literalExpression mkEnableOption mkOption types;
  inherit (import ./settings.nix) known;

  # A setting that is left alone is the program's own default.
  typeOf = {
    flag = types.bool;
    text = types.str;
    count = types.ints.positive;
    version = types.enum [
      "v2"
      "v4"
    ];
    reads = types.enum [
      "first"
      "all"
    ];
  };
  setting =
    _: known:
    mkOption {
      type = types.nullOr typeOf.${known.kind};
      default = null;
      inherit (known) description;
    };
in
{
  options.services.strata = {
    enable = mkEnableOption "a Strata node: supervisor, registry, identity and fs";

    package = mkOption {
      type = types.package;
      default = pkgs.strata or (throw "services.strata.package is not set: import nixosModules.strata of Strata's flake, or its overlay, which give it");
      defaultText = literalExpression "the flake's package";
      description = "Package with every program in one directory, and the unit.";
    };

    installCli = mkOption {
      type = types.bool;
      default = true;
      description = "Whether strata-ctl, its manual and completion are there for everybody.";
    };

    nodeId = mkOption {
      type = types.strMatching "[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}";
      default = config.networking.hostName;
      defaultText = literalExpression "config.networking.hostName";
      description = "Name of the node: capabilities are issued by and for identity@NAME. Another name makes every capability issued so far void.";
    };

    settings = mkOption {
      type = types.submodule {
        freeformType = types.attrsOf (
          types.oneOf [
            types.bool
            types.int
            types.str
          ]
        );
        options = builtins.mapAttrs setting known;
      };
      default = { };
      example = {
        STRATA_AUDIT_READS = "all";
      };
      description = "Variables of docs/configuration.md that have no option of their own; null leaves one at its default, true and false are written as 1 and 0.";
    };

    environmentFile = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "/var/lib/secrets/strata.env";
      description = "File with further variables, read by systemd when the node starts and never copied to the store. What it says goes before settings.";
    };

    identity.passphraseFile = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "/var/lib/secrets/strata-passphrase";
      description = "File with the passphrase by which identity's keys are encrypted at rest, handed over as a systemd credential; the node's user need not be able to read it.";
    };

    identity.oldPassphraseFile = mkOption {
      type = types.nullOr types.str;
      default = null;
      description = "File with the passphrase before, while it is being changed (docs/keys.md, Locked at rest).";
    };

    user = mkOption {
      type = types.str;
      default = "strata";
      description = "User the node runs as, and who owns its state; made when it is strata.";
    };

    group = mkOption {
      type = types.str;
      default = "strata";
      description = "Group the node runs as; made when it is strata.";
    };

    operators = mkOption {
      type = types.listOf (types.either types.ints.unsigned types.str);
      default = [ ];
      example = [ "alice" ];
      description = "Users who issue, revoke and control services without a capability, as root and the node's own user do. The node knows them by number: of one that is given by name, users.users.NAME.uid must be set.";
    };

    runtimeDir = mkOption {
      type = types.strMatching "/run/[a-zA-Z0-9_][a-zA-Z0-9_-]{0,30}";
      default = "/run/strata";
      description = "Directory of the sockets. Everybody may connect; what a caller may do is decided by user and capability.";
    };

    extraFlags = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "--exit-with-children" ];
      description = "Further arguments of the supervisor.";
    };

    watchdogSec = mkOption {
      type = types.ints.positive;
      default = 30;
      description = "Silence after which systemd takes the supervisor for hung and restarts it, in seconds.";
    };

    startTimeoutSec = mkOption {
      type = types.ints.positive;
      default = 90;
      description = "How long a start may take, in seconds.";
    };
  };
}
