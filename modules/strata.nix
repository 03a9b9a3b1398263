# services.strata: a node on NixOS. The unit comes with the package (packaging/systemd/strata.service), so both distributions run the same one;
# what is here is only what an option changes of it.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib)
    concatStringsSep
    filterAttrs
    hasPrefix
    literalExpression
    mapAttrs'
    mapAttrsToList
    mkEnableOption
    mkIf
    mkOption
    nameValuePair
    optional
    optionals
    types
    ;
  cfg = config.services.strata;

  scalar = types.oneOf [
    types.bool
    types.int
    types.str
  ];
  # A variable's value: 1 and 0 are what the programs read for yes and no.
  valueOf = value: if value == true then "1" else if value == false then "0" else toString value;
  variables =
    cfg.settings
    // {
      STRATA_NODE_ID = cfg.nodeId;
      STRATA_RUNTIME_DIR = cfg.runtimeDir;
    }
    // lib.optionalAttrs (cfg.roots != { }) { STRATA_FS_ROOTS = concatStringsSep "," (mapAttrsToList rootOf cfg.roots); };
  rootOf = name: root: "${name}:${root.path}${lib.optionalString root.writable ":rw"}";
  settingsFile = pkgs.writeText "strata.env" (
    concatStringsSep "" (mapAttrsToList (name: value: "${name}=${valueOf value}\n") variables)
  );

  enabled = filterAttrs (_: service: service.enable) cfg.services;
  manifestOf =
    name: service:
    {
      inherit name;
      exec = (if service.package != null then [ (lib.getExe service.package) ] else service.exec) ++ service.args;
    }
    // lib.optionalAttrs (service.environment != { }) { inherit (service) environment; }
    // lib.optionalAttrs (service.dependsOn != [ ]) { requires = service.dependsOn; }
    // lib.optionalAttrs (service.restart != null) { restart.policy = service.restart; }
    // lib.optionalAttrs (service.limits != { }) { inherit (service) limits; }
    // lib.optionalAttrs (service.capabilities != [ ]) { inherit (service) capabilities; }
    // service.manifest;
  manifests = lib.mapAttrs (
    name: service: pkgs.writeText "${name}.service.json" (builtins.toJSON (manifestOf name service))
  ) enabled;
  # The node's own check of all of it together, so that what does not start does not build.
  checked = pkgs.runCommand "strata-services" { } ''
    mkdir -p $out/services.d
    ${concatStringsSep "\n" (mapAttrsToList (name: file: "cp ${file} $out/services.d/${name}.service.json") manifests)}
    ${lib.optionalString cfg.validateServices "${cfg.package}/bin/strata-ctl config check $out/services.d"}
  '';
  runtimeName = lib.removePrefix "/run/" cfg.runtimeDir;
  writableRoots = map (root: root.path) (lib.filter (root: root.writable) (lib.attrValues cfg.roots));
  underHome = path: hasPrefix "/home/" path || hasPrefix "/root/" path;
in
{
  options.services.strata = {
    enable = mkEnableOption "a Strata node: supervisor, registry, identity and fs";

    package = mkOption {
      type = types.package;
      defaultText = literalExpression "the flake's package";
      description = "Package with every program in one directory, and the unit.";
    };

    installCli = mkOption {
      type = types.bool;
      default = true;
      description = "Whether strata-ctl is on everybody's PATH.";
    };

    nodeId = mkOption {
      type = types.strMatching "[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}";
      default = config.networking.hostName;
      defaultText = literalExpression "config.networking.hostName";
      description = "Name of the node; capabilities are issued by and for identity@NODE. Changing it makes every capability issued so far void.";
    };

    settings = mkOption {
      type = types.submodule {
        freeformType = types.attrsOf scalar;
        options = {
          STRATA_TOKEN_VERSION = mkOption {
            type = types.enum [
              "v2"
              "v4"
            ];
            default = "v2";
            description = "Version of new tokens; both are always verified.";
          };
          STRATA_MAX_TTL_SECONDS = mkOption {
            type = types.ints.between 1 31536000;
            default = 86400;
            description = "Longest lifetime of a capability, in seconds.";
          };
        };
      };
      default = { };
      example = {
        STRATA_AUDIT_READS = "all";
      };
      description = "The node's configuration by the variables of docs/configuration.md; true and false are written as 1 and 0.";
    };

    services = mkOption {
      type = types.attrsOf (
        types.submodule {
          options = {
            enable = mkOption {
              type = types.bool;
              default = true;
              description = "Whether it is part of the node.";
            };
            package = mkOption {
              type = types.nullOr types.package;
              default = null;
              description = "Package whose main program is the service; null when exec names it.";
            };
            exec = mkOption {
              type = types.listOf types.str;
              default = [ ];
              description = "Program and first arguments, when there is no package.";
            };
            args = mkOption {
              type = types.listOf types.str;
              default = [ ];
              description = "Further arguments.";
            };
            environment = mkOption {
              type = types.attrsOf types.str;
              default = { };
              description = "Variables set for the process.";
            };
            dependsOn = mkOption {
              type = types.listOf types.str;
              default = [ ];
              description = "Services that must be healthy before it is started.";
            };
            restart = mkOption {
              type = types.nullOr (
                types.enum [
                  "always"
                  "on_failure"
                  "never"
                ]
              );
              default = null;
              description = "What follows when its process ends by itself; null for always.";
            };
            limits = mkOption {
              type = types.attrsOf scalar;
              default = { };
              example = {
                memory = "64M";
                pids = 16;
              };
              description = "Limits of the whole service: memory, cpu, pids, open_files.";
            };
            capabilities = mkOption {
              type = types.listOf (types.attrsOf types.anything);
              default = [ ];
              example = [
                {
                  service = "fs";
                  rights = [ "fs.read" ];
                  constraints.path_prefix = "/srv/pictures";
                }
              ];
              description = "Capabilities that the service is handed.";
            };
            manifest = mkOption {
              type = types.attrsOf types.anything;
              default = { };
              description = "Any further field of a manifest (docs/manifests.md), as it is written there.";
            };
          };
        }
      );
      default = { };
      description = "Services of your own, by name; checked together by strata-ctl when the system is built.";
    };

    validateServices = mkOption {
      type = types.bool;
      default = pkgs.stdenv.buildPlatform == pkgs.stdenv.hostPlatform;
      defaultText = literalExpression "whether the machine that builds can run the package";
      description = "Whether the build runs strata-ctl config check on the services.";
    };

    roots = mkOption {
      type = types.attrsOf (
        types.submodule {
          options = {
            path = mkOption {
              type = types.strMatching "/.*";
              description = "Absolute path of the folder.";
            };
            writable = mkOption {
              type = types.bool;
              default = false;
              description = "Whether capabilities may change what is in it.";
            };
          };
        }
      );
      default = { };
      example = {
        docs.path = "/srv/docs";
      };
      description = "Folders that fs serves, by the name under which capabilities name them. Without any it serves what the node's user may read.";
    };

    templates = mkOption {
      type = types.attrsOf (types.attrsOf types.anything);
      default = { };
      example = {
        agent-readonly = {
          service = "fs";
          rights = [ "fs.read" ];
          ttl_seconds = 600;
        };
      };
      description = "Templates of capabilities for strata-ctl token issue --template.";
    };

    user = mkOption {
      type = types.str;
      default = "strata";
      description = "User the node runs as; made when it is strata.";
    };

    group = mkOption {
      type = types.str;
      default = "strata";
      description = "Group the node runs as; made when it is strata.";
    };

    authorities = mkOption {
      type = types.listOf types.ints.unsigned;
      default = [ ];
      example = [ 1000 ];
      description = "User ids that act without a capability, as root and the node's own user do.";
    };

    runtimeDir = mkOption {
      type = types.strMatching "/run/[a-zA-Z0-9_-]+";
      default = "/run/strata";
      description = "Directory of the sockets.";
    };

    environmentFile = mkOption {
      type = types.nullOr types.str;
      default = null;
      description = "File with further variables, read when the node starts and not copied to the store.";
    };

    identity.passphraseFile = mkOption {
      type = types.nullOr types.str;
      default = null;
      description = "File with the passphrase by which identity's keys are encrypted at rest, handed over as a systemd credential.";
    };

    extraFlags = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "Further arguments of the supervisor.";
    };

    watchdogSec = mkOption {
      type = types.ints.positive;
      default = 30;
      description = "Silence after which systemd takes the supervisor for hung, in seconds.";
    };

    startTimeoutSec = mkOption {
      type = types.ints.positive;
      default = 90;
      description = "How long a start may take, in seconds.";
    };

    network.enable = mkOption {
      type = types.bool;
      default = false;
      description = "Whether services may use the network; without it the node has Unix sockets only.";
    };

    openGateway = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the firewall lets the ports of gatewayPorts in.";
    };

    gatewayPorts = mkOption {
      type = types.listOf types.port;
      default = [ ];
      description = "Ports on which services of the node are reached from outside.";
    };
  };

  config = mkIf cfg.enable {
    assertions =
      mapAttrsToList (name: service: {
        assertion = (service.package != null) != (service.exec != [ ]);
        message = "services.strata.services.${name}: say either package or exec, and not both.";
      }) enabled
      ++ mapAttrsToList (name: _: {
        assertion = builtins.match "[a-z][a-z0-9-]{0,62}" name != null;
        message = "services.strata.services.${name}: a name has lower-case letters, digits and dashes, begins with a letter and has at most 63 characters.";
      }) enabled
      ++ mapAttrsToList (name: root: {
        assertion = !(hasPrefix builtins.storeDir root.path && root.writable);
        message = "services.strata.roots.${name}: ${root.path} is in the store, which nobody can write; set writable = false.";
      }) cfg.roots
      ++ mapAttrsToList (name: root: {
        assertion = builtins.match "[^,:]*" root.path != null;
        message = "services.strata.roots.${name}: the path must not contain ',' or ':'; use a bind mount of another name.";
      }) cfg.roots
      ++ mapAttrsToList (name: _: {
        assertion = hasPrefix "STRATA_" name || hasPrefix "DOTNET_" name;
        message = "services.strata.settings.${name}: variables of the node begin with STRATA_ (docs/configuration.md).";
      }) cfg.settings
      ++ [
        {
          assertion = cfg.identity.passphraseFile == null || !(hasPrefix builtins.storeDir cfg.identity.passphraseFile);
          message = "services.strata.identity.passphraseFile must not be in the store, which everybody can read; give a path as a string.";
        }
        {
          assertion = cfg.environmentFile == null || !(hasPrefix builtins.storeDir cfg.environmentFile);
          message = "services.strata.environmentFile must not be in the store, which everybody can read; give a path as a string.";
        }
        {
          assertion = !cfg.openGateway || (cfg.gatewayPorts != [ ] && cfg.network.enable);
          message = "services.strata.openGateway needs gatewayPorts and network.enable: without a network nothing listens.";
        }
        {
          assertion = !(cfg.settings ? STRATA_NODE_ID || cfg.settings ? STRATA_RUNTIME_DIR || cfg.settings ? STRATA_FS_ROOTS || cfg.settings ? STRATA_AUTHORITY_UIDS);
          message = "services.strata.settings: STRATA_NODE_ID, STRATA_RUNTIME_DIR, STRATA_FS_ROOTS and STRATA_AUTHORITY_UIDS have options of their own: nodeId, runtimeDir, roots, authorities.";
        }
      ];

    warnings = optional (cfg.user == "root") "services.strata.user is root: the node then holds every privilege that its unit leaves it.";

    environment.systemPackages = optional cfg.installCli cfg.package;

    environment.etc =
      {
        "strata/strata.env".source = settingsFile;
      }
      # Copied, not linked: the node takes manifests only from files that nobody else could replace.
      // mapAttrs' (
        name: _:
        nameValuePair "strata/services.d/${name}.service.json" {
          source = "${checked}/services.d/${name}.service.json";
          mode = "0444";
        }
      ) enabled;

    users.users = mkIf (cfg.user == "strata") {
      strata = {
        isSystemUser = true;
        inherit (cfg) group;
        home = "/var/lib/strata";
        description = "Strata node";
      };
    };
    users.groups = mkIf (cfg.group == "strata") { strata = { }; };

    networking.firewall.allowedTCPPorts = optionals cfg.openGateway cfg.gatewayPorts;

    systemd.packages = [ cfg.package ];
    systemd.services.strata = {
      wantedBy = [ "multi-user.target" ];
      restartTriggers = [ settingsFile ];
      reloadTriggers = [ checked ];
      preStart = lib.optionalString (cfg.templates != { }) ''
        mkdir -p /var/lib/strata/identity
        install -m 0600 ${pkgs.writeText "templates.json" (builtins.toJSON cfg.templates)} /var/lib/strata/identity/templates.json
      '';
      serviceConfig =
        {
          User = cfg.user;
          Group = cfg.group;
          RuntimeDirectory = runtimeName;
          WatchdogSec = cfg.watchdogSec;
          TimeoutStartSec = cfg.startTimeoutSec;
          ReadWritePaths = writableRoots;
        }
        // lib.optionalAttrs (cfg.authorities != [ ]) {
          Environment = "STRATA_AUTHORITY_UIDS=${concatStringsSep "," (map toString cfg.authorities)}";
        }
        // lib.optionalAttrs (cfg.environmentFile != null) { EnvironmentFile = cfg.environmentFile; }
        // lib.optionalAttrs (cfg.identity.passphraseFile != null) {
          LoadCredential = "strata.identity.passphrase:${cfg.identity.passphraseFile}";
        }
        // lib.optionalAttrs (cfg.extraFlags != [ ]) {
          ExecStart = [
            ""
            "${cfg.package}/lib/strata/supervisor ${lib.escapeShellArgs cfg.extraFlags}"
          ];
        }
        // lib.optionalAttrs (lib.any (root: underHome root.path) (lib.attrValues cfg.roots)) { ProtectHome = "tmpfs"; BindPaths = map (root: root.path) (lib.attrValues cfg.roots); }
        // lib.optionalAttrs cfg.network.enable {
          PrivateNetwork = false;
          IPAddressDeny = "";
          RestrictAddressFamilies = [
            "AF_UNIX"
            "AF_INET"
            "AF_INET6"
          ];
        };
    };
  };
}
