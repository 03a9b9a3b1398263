# Options of what the node reaches and who reaches it: folders, templates of capabilities, the network.
{ lib, ... }:
let
  inherit (lib) mkOption types;
  maybe =
    type: description:
    mkOption {
      type = types.nullOr type;
      default = null;
      inherit description;
    };
in
{
  options.services.strata = {
    roots = mkOption {
      type = types.attrsOf (
        types.submodule {
          options = {
            path = mkOption {
              type = types.strMatching "/.*";
              description = "Absolute path of the folder; it must exist when the node starts.";
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
        home = {
          path = "/srv/home";
          writable = true;
        };
      };
      description = "Folders that fs serves, by the name under which capabilities name them. Without any it serves what the node's user may read, and changes nothing.";
    };

    templates = mkOption {
      type = types.nullOr (
        types.attrsOf (
          types.submodule {
            options = {
              service = maybe types.str "Service the capability is for.";
              rights = maybe (types.listOf types.str) "Rights granted, such as fs.read.";
              actions = maybe (types.listOf types.str) "Legacy short actions.";
              path_prefix = maybe types.str "Path beneath which paths must lie; without one no path is allowed.";
              ttl_seconds = maybe types.ints.positive "Lifetime in seconds.";
              rate_limit = maybe (types.strMatching "[0-9]+rps") "Calls a second, such as 50rps.";
              methods_denied = maybe (types.listOf types.str) "Methods that may not be called whatever the rights say.";
              max_bytes = maybe types.ints.positive "Most bytes of one read, write or transfer.";
              quota_bytes = maybe types.ints.positive "Most bytes written in all.";
              read_only = maybe types.bool "Whether nothing may be changed.";
              not_before = maybe types.str "First instant of use, RFC 3339.";
              uid = maybe types.ints.unsigned "The only user who may use it.";
              once = maybe types.bool "Whether it is for one call.";
              holder_key = maybe types.str "The Ed25519 key that must sign each request.";
              sandbox = maybe (types.attrsOf types.anything) "Bounds of its sandboxes, such as max_memory_bytes, max_sessions and images.";
            };
          }
        )
      );
      default = null;
      example = {
        agent-readonly = {
          service = "fs";
          rights = [
            "fs.open"
            "fs.read"
          ];
          path_prefix = "docs:";
          ttl_seconds = 600;
        };
      };
      description = "Templates of capabilities for strata-ctl token issue --template, put where identity reads them at every start. null leaves alone what an operator wrote there; an empty set means none.";
    };

    network.enable = mkOption {
      type = types.bool;
      default = false;
      description = "Whether services may use the machine's network; without it the node has Unix sockets only.";
    };

    network.ports = mkOption {
      type = types.listOf types.port;
      default = [ ];
      example = [ 8443 ];
      description = "TCP ports on which services of the node listen, for openFirewall.";
    };

    network.openFirewall = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the firewall lets network.ports in.";
    };

    openGateway = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the node is reached from other machines through a gateway of its own. There is none yet, so this is refused; network is for services of yours that listen.";
    };
  };
}
