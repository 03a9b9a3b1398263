# What no type can refuse: each sentence says what was wrong and what to do.
{ config, lib, ... }:
let
  inherit (lib)
    attrNames
    concatLists
    elem
    filter
    hasPrefix
    mapAttrsToList
    optional
    optionals
    ;
  cfg = config.services.strata;
  variables = import ./settings.nix;
  set = filter (name: cfg.settings.${name} != null) (attrNames cfg.settings);
  beneath = path: folder: path == folder || hasPrefix "${folder}/" path;

  ofSettings =
    name:
    let
      option = variables.elsewhere.${name} or null;
    in
    if option != null then
      [ "services.strata.settings.${name}: write services.strata.${option} instead" ]
    else if elem name variables.fixed then
      [ "services.strata.settings.${name}: the unit decides it; leave it out" ]
    else if elem name variables.ofClients then
      [ "services.strata.settings.${name}: only strata-ctl reads it; set it where you call strata-ctl" ]
    else if !(variables.known ? ${name}) && builtins.match "STRATA_[A-Z0-9_]+_BIN|DOTNET_[A-Za-z0-9_]+" name == null then
      [ "services.strata.settings.${name}: the node has no such variable; there are ${lib.concatStringsSep ", " (attrNames variables.known)}" ]
    else
      optional (builtins.match ".*\n.*" (toString cfg.settings.${name}) != null) "services.strata.settings.${name}: a value is one line";

  ofRoots =
    name: root:
    map (fault: "services.strata.roots.${name}: ${fault}") (
      optional (builtins.match "[a-z][a-z0-9_-]{0,31}" name == null) "a name has lower-case letters, digits, '_' and '-', begins with a letter and has at most 32 characters"
      ++ optional (builtins.match "[^,:%\"\\[:space:]]*" root.path == null) "the path must not contain ',', ':', '%', quotes, backslashes or white space; use a bind mount of another name"
      ++ optional (beneath root.path builtins.storeDir && root.writable) "${root.path} is in the store, which nobody can write; leave writable out"
      ++ optional (beneath root.path "/tmp" || beneath root.path "/var/tmp") "the node's unit has a ${root.path} of its own; name another folder"
      ++ optional (
        root.writable && builtins.any (own: beneath root.path own || beneath own root.path || root.path == "/") [
          "/var/lib/strata"
          cfg.runtimeDir
        ]
      ) "${root.path} holds or lies in the node's state or runtime directory, and who changed those had the node's authority; leave writable out"
    );

  ofTemplates =
    name: _:
    optional (builtins.match "[a-z][a-z0-9_-]{0,63}" name == null) "services.strata.templates.${name}: a name has lower-case letters, digits, '_' and '-', and begins with a letter";

  ofOperators =
    operator:
    optionals (builtins.isString operator) (
      if !(config.users.users ? ${operator}) then
        [ "services.strata.operators: there is no users.users.${operator}; declare the user, or give a number" ]
      else
        optional (config.users.users.${operator}.uid == null) "services.strata.operators: the node knows users by number; set users.users.${operator}.uid"
    );

  ofSecrets =
    name: path:
    optional (path != null && builtins.match "/[^:%\"\\[:space:]]*" path == null) "services.strata.${name} must be an absolute path without ':', '%', quotes, backslashes or white space, not ${builtins.toJSON path}"
    ++ optional (path != null && beneath path builtins.storeDir) "services.strata.${name} must not be in the store, which everybody can read; give a path outside, in quotes";

  ofNetwork =
    optional cfg.openGateway "services.strata.openGateway: the node has no gateway yet; for a service of yours that listens set network.enable, network.ports and network.openFirewall"
    ++ optional (cfg.network.openFirewall && !cfg.network.enable) "services.strata.network.openFirewall: nothing listens without network.enable; set it as well"
    ++ optional (cfg.network.openFirewall && cfg.network.ports == [ ]) "services.strata.network.openFirewall: say which ports by network.ports"
    ++ optional (cfg.network.ports != [ ] && !cfg.network.openFirewall) "services.strata.network.ports: they are for network.openFirewall, which is not set; set it or leave the ports out";

  ofUsers =
    optional (cfg.user != "strata" && !(config.users.users ? ${cfg.user})) "services.strata.user: there is no users.users.${cfg.user}; declare it, or leave user out"
    ++ optional (cfg.group != "strata" && !(config.users.groups ? ${cfg.group})) "services.strata.group: there is no users.groups.${cfg.group}; declare it, or leave group out";

  # Quoted as systemd reads it, and so kept to what needs no quotes.
  ofFlags = map (flag: "services.strata.extraFlags: ${builtins.toJSON flag} has characters that a unit would read otherwise") (
    filter (flag: builtins.match "[A-Za-z0-9_./:=,@+-]+" flag == null) cfg.extraFlags
  );

  faults =
    (import ./manifests.nix lib cfg.services).faults
    ++ lib.concatMap ofSettings set
    ++ concatLists (mapAttrsToList ofRoots cfg.roots)
    ++ optional (builtins.length (attrNames cfg.roots) > 64) "services.strata.roots: a node serves at most 64"
    ++ concatLists (mapAttrsToList ofTemplates (if cfg.templates == null then { } else cfg.templates))
    ++ lib.concatMap ofOperators cfg.operators
    ++ ofSecrets "identity.passphraseFile" cfg.identity.passphraseFile
    ++ ofSecrets "identity.oldPassphraseFile" cfg.identity.oldPassphraseFile
    ++ optional (cfg.identity.oldPassphraseFile != null && cfg.identity.passphraseFile == null) "services.strata.identity.oldPassphraseFile: the new one is missing; set identity.passphraseFile as well"
    ++ ofSecrets "environmentFile" cfg.environmentFile
    ++ ofNetwork
    ++ ofUsers
    ++ ofFlags;
in
{
  config = lib.mkIf cfg.enable {
    assertions = map (message: {
      assertion = false;
      inherit message;
    }) faults;
    warnings = optional (cfg.user == "root") "services.strata.user is root: every file of root's is then the node's, though its unit leaves it no other privilege. Leave user out unless you need that.";
  };
}
