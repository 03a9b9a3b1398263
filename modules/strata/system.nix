# What the options make of the system: files, users, and what is changed of the package's unit.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib)
    attrValues
    concatStringsSep
    filter
    mapAttrs
    mapAttrs'
    mapAttrsToList
    mkIf
    optional
    optionalAttrs
    optionalString
    ;
  cfg = config.services.strata;
  sandboxUnit = import ./sandbox-unit.nix lib;

  # 1 and 0 are what the programs read for yes and no; the quotes are those of systemd's environment files.
  textOf = value: if value == true then "1" else if value == false then "0" else toString value;
  quoted = value: "\"${builtins.replaceStrings [ "\\" "\"" "$" "`" ] [ "\\\\" "\\\"" "\\$" "\\`" ] (textOf value)}\"";
  rootOf = name: root: "${name}:${root.path}${optionalString root.writable ":rw"}";
  uidOf = operator: toString (if builtins.isInt operator then operator else config.users.users.${operator}.uid or null);
  variables =
    lib.filterAttrs (_: value: value != null) cfg.settings
    // {
      STRATA_NODE_ID = cfg.nodeId;
      STRATA_RUNTIME_DIR = cfg.runtimeDir;
    }
    // optionalAttrs (cfg.roots != { }) { STRATA_FS_ROOTS = concatStringsSep "," (mapAttrsToList rootOf cfg.roots); }
    // optionalAttrs (cfg.operators != [ ]) { STRATA_AUTHORITY_UIDS = concatStringsSep "," (map uidOf cfg.operators); }
    // optionalAttrs cfg.sandbox.enable { STRATA_SANDBOX_NETWORKS = if cfg.sandbox.networks == [ ] then "none" else concatStringsSep "," cfg.sandbox.networks; }
    // optionalAttrs (cfg.sandbox.registries != [ ]) { STRATA_SANDBOX_REGISTRIES = concatStringsSep "," cfg.sandbox.registries; }
    // optionalAttrs (cfg.identity.oldPassphraseFile != null) {
      STRATA_IDENTITY_OLD_PASSPHRASE_FILE = "/run/credentials/strata.service/strata.identity-old-passphrase";
    };
  settingsFile = pkgs.writeText "strata.env" (concatStringsSep "" (mapAttrsToList (name: value: "${name}=${quoted value}\n") variables));

  manifestFiles = mapAttrs (name: manifest: pkgs.writeText "${name}.service.json" (builtins.toJSON manifest)) (import ./manifests.nix lib cfg.services).manifests;
  # The node's own check of all of them together, so that what would not start does not build.
  services = pkgs.runCommand "strata-services" { } ''
    mkdir -p $out/services.d
    ${concatStringsSep "\n" (mapAttrsToList (name: file: "cp ${file} $out/services.d/${name}.service.json") manifestFiles)}
    ${optionalString cfg.validateServices "${cfg.package}/bin/strata-ctl config check $out/services.d"}
  '';

  given = template: lib.filterAttrs (_: value: value != null) template;
  templatesFile = pkgs.writeText "templates.json" (builtins.toJSON (mapAttrs (_: given) cfg.templates));

  templates = "/var/lib/strata/identity/templates.json";
  # Replaced as a whole, and made anew at each start: what a crash leaves of it is never read.
  putTemplates = "mkdir -p -m 0700 /var/lib/strata/identity && install -m 0600 ${templatesFile} ${templates}.new && mv -f ${templates}.new ${templates}";

  rootsThat = is: map (root: root.path) (filter is (attrValues cfg.roots));
  underHome = root: builtins.any (home: root.path == home || lib.hasPrefix "${home}/" root.path) [ "/home" "/root" "/run/user" ];
in
{
  config = mkIf cfg.enable {
    environment.systemPackages = optional cfg.installCli cfg.package;
    environment.variables = mkIf (cfg.installCli && cfg.runtimeDir != "/run/strata") { STRATA_RUNTIME_DIR = cfg.runtimeDir; };

    environment.etc = {
      "strata/strata.env".source = settingsFile;
    }
    # Copied, not linked: a node takes no manifest by a link that leads out of its directory.
    // mapAttrs' (
      name: _:
      lib.nameValuePair "strata/services.d/${name}.service.json" {
        source = "${services}/services.d/${name}.service.json";
        mode = "0444";
      }
    ) manifestFiles;

    users.users = mkIf (cfg.user == "strata") {
      strata = {
        isSystemUser = true;
        inherit (cfg) group;
        home = "/var/lib/strata";
        description = "Strata node";
      };
    };
    users.groups = mkIf (cfg.group == "strata") { strata = { }; };

    networking.firewall.allowedTCPPorts = if cfg.network.openFirewall then cfg.network.ports else [ ];

    # A version that does not know the format of the state is refused before the one that runs is stopped.
    system.preSwitchChecks.strata = ''
      if [ -e /var/lib/strata/format.json ] && ${pkgs.coreutils}/bin/id ${cfg.user} >/dev/null 2>&1; then
        STRATA_STATE_DIR=/var/lib/strata ${pkgs.util-linux}/bin/setpriv --reuid ${cfg.user} --regid ${cfg.group} --clear-groups \
          ${cfg.package}/lib/strata/supervisor --check-state >&2
      fi
    '';

    systemd.packages = [ cfg.package ];
    systemd.services.strata = {
      wantedBy = [ "multi-user.target" ];
      # One restart with everything new in place, instead of a stop before the switch and a start after it.
      stopIfChanged = false;
      # The unit of the package has none of its own; what is found there are the programs that services start.
      path = optional cfg.sandbox.enable pkgs.bubblewrap;
      restartTriggers = [ settingsFile ] ++ optional (cfg.templates != null) templatesFile;
      reloadTriggers = [ services ];

      # Before identity reads them; but the first to write into new state is the node, which says there which format it has.
      preStart = optionalString (cfg.templates != null) ''
        if [ -e /var/lib/strata/format.json ]; then
          ${putTemplates}
        fi
      '';
      postStart = optionalString (cfg.templates != null) ''
        if [ "$(cat ${templatesFile})" != "$(cat ${templates} 2>/dev/null)" ]; then
          ${putTemplates}
          ${cfg.package}/bin/strata-ctl svc restart identity || echo "the templates hold when identity is started again" >&2
        fi
      '';

      # Of the unit's own directives nothing is changed but what an option says. A list in a drop-in adds to the unit's; "" empties it first.
      serviceConfig =
        optionalAttrs (cfg.user != "strata") { User = cfg.user; }
        // optionalAttrs (cfg.group != "strata") { Group = cfg.group; }
        // optionalAttrs (cfg.runtimeDir != "/run/strata") {
          RuntimeDirectory = [
            ""
            (lib.removePrefix "/run/" cfg.runtimeDir)
          ];
        }
        // optionalAttrs (cfg.watchdogSec != 30) { WatchdogSec = cfg.watchdogSec; }
        // optionalAttrs (cfg.startTimeoutSec != 90) { TimeoutStartSec = cfg.startTimeoutSec; }
        // optionalAttrs (cfg.environmentFile != null) { EnvironmentFile = [ cfg.environmentFile ]; }
        // optionalAttrs (cfg.identity.passphraseFile != null) {
          LoadCredential = [ "strata.identity-passphrase:${cfg.identity.passphraseFile}" ]
          ++ optional (cfg.identity.oldPassphraseFile != null) "strata.identity-old-passphrase:${cfg.identity.oldPassphraseFile}";
        }
        // optionalAttrs (cfg.extraFlags != [ ]) {
          ExecStart = [
            ""
            "${cfg.package}/lib/strata/supervisor ${concatStringsSep " " cfg.extraFlags}"
          ];
        }
        // optionalAttrs (rootsThat (root: root.writable) != [ ]) { ReadWritePaths = rootsThat (root: root.writable); }
        # Homes are out of sight of the unit; those that are roots, and no others, are brought back into it.
        // optionalAttrs (builtins.any underHome (attrValues cfg.roots)) {
          ProtectHome = "tmpfs";
          BindPaths = rootsThat (root: underHome root && root.writable);
          BindReadOnlyPaths = rootsThat (root: underHome root && !root.writable);
        }
        // optionalAttrs cfg.network.enable {
          PrivateNetwork = false;
          IPAddressDeny = "";
        }
        // optionalAttrs cfg.sandbox.enable sandboxUnit.directives
        // optionalAttrs (cfg.network.enable || cfg.sandbox.enable) {
          RestrictAddressFamilies =
            lib.optionals cfg.network.enable [
              "AF_INET"
              "AF_INET6"
            ]
            ++ lib.optionals cfg.sandbox.enable sandboxUnit.addressFamilies;
        };
    };
  };
}
