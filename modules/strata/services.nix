# Options of the services that the node runs: manifests, as Nix.
{ lib, pkgs, ... }:
let
  inherit (lib) literalExpression mkOption types;
in
{
  options.services.strata = {
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
              description = "Program, by its absolute path, and first arguments; when there is no package.";
            };
            args = mkOption {
              type = types.listOf types.str;
              default = [ ];
              description = "Further arguments.";
            };
            environment = mkOption {
              type = types.attrsOf types.str;
              default = { };
              description = "Variables set for the process. They are in the store, which everybody can read: no secrets.";
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
              description = "What follows when its process ends by itself; null is always.";
            };
            limits = mkOption {
              type = types.attrsOf (
                types.oneOf [
                  types.int
                  types.float
                  types.str
                ]
              );
              default = { };
              example = {
                memory = "64M";
                cpu = 0.5;
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
              description = "Capabilities that the service is handed, and no others.";
            };
            manifest = mkOption {
              type = types.attrsOf types.anything;
              default = { };
              example = {
                readiness.timeout = "20s";
                confinement.seccomp = "strict";
              };
              description = "Any other field of a manifest, as docs/manifests.md has it.";
            };
          };
        }
      );
      default = { };
      description = "Services of your own, by name. Those of the node (registry, identity, fs, sandbox) take environment and manifest only.";
    };

    validateServices = mkOption {
      type = types.bool;
      default = pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform;
      defaultText = literalExpression "whether the machine that builds can run the package";
      description = "Whether the build runs strata-ctl config check on the services, after what the evaluation has checked.";
    };
  };
}
