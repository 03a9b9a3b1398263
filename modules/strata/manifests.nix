# Services as manifests, and what is wrong with them, before anything is built. manifests LIB SERVICES: those that are enabled.
lib: services:
let
  inherit (lib)
    attrNames
    concatLists
    concatMap
    concatStringsSep
    elem
    filter
    filterAttrs
    mapAttrs
    mapAttrsToList
    optional
    optionalAttrs
    ;
  schema = builtins.fromJSON (builtins.readFile ../../api/service.schema.json);
  faultsBySchema = import ./schema.nix;

  builtIns = {
    registry = [ ];
    identity = [ ];
    fs = [ "identity" ];
  };
  # Part of the node when it is told to be.
  atWish = {
    sandbox = [ "identity" ];
  };
  isBuiltIn = name: builtIns ? ${name} || atWish ? ${name};

  enabled = filterAttrs (_: service: service.enable) services;
  manifests = mapAttrs manifestOf enabled;

  execOf = service: (if service.package != null then [ (lib.getExe service.package) ] else service.exec) ++ service.args;

  manifestOf =
    name: service:
    optionalAttrs (execOf service != [ ]) { exec = execOf service; }
    // optionalAttrs (service.environment != { }) { inherit (service) environment; }
    // optionalAttrs (service.dependsOn != [ ]) { requires = service.dependsOn; }
    // optionalAttrs (service.limits != { }) { inherit (service) limits; }
    // optionalAttrs (service.capabilities != [ ]) { inherit (service) capabilities; }
    // service.manifest
    // optionalAttrs (service.restart != null) {
      restart = (if builtins.isAttrs (service.manifest.restart or null) then service.manifest.restart else { }) // {
        policy = service.restart;
      };
    }
    // {
      inherit name;
    };

  # What an option says is not said a second time, where one of the two would be lost without a word.
  optionOf = {
    name = "the attribute's name";
    exec = "package, exec and args";
    environment = "environment";
    requires = "dependsOn";
    limits = "limits";
    capabilities = "capabilities";
  };

  # The unit leaves the node no privilege, so what takes one cannot be had by a manifest either.
  beyondTheUnit =
    confinement:
    filter (field: confinement ? ${field} && !(elem confinement.${field} [ "host" false [ ] ])) [
      "user"
      "group"
      "network"
      "private_tmp"
      "keep_capabilities"
    ];

  declared = attrNames (builtIns // enabled);
  listOf = value: if builtins.isList value then filter builtins.isString value else [ ];
  holds = manifest: builtins.isList (manifest.capabilities or null) && manifest.capabilities != [ ];
  edgesOf =
    name:
    let
      manifest = manifests.${name} or { };
      named = concatMap (field: listOf (manifest.${field} or [ ])) [
        "requires"
        "wants"
        "after"
      ];
    in
    filter (other: other != name && elem other declared) (named ++ (builtIns.${name} or atWish.${name} or [ ]) ++ optional (holds manifest) "identity");

  # What can be started in some order falls away; what is left waits for itself, or for what does.
  stuck =
    names:
    let
      left = filter (name: builtins.any (other: elem other names) (edgesOf name)) names;
    in
    if left == names then names else stuck left;
  around = path: name: if elem name path then path ++ [ name ] else around (path ++ [ name ]) (builtins.head (filter (other: elem other onCycles) (edgesOf name)));
  onCycles = stuck declared;
  since = name: path: if builtins.head path == name then path else since name (builtins.tail path);
  cycle =
    let
      path = around [ ] (builtins.head onCycles);
    in
    since (lib.last path) path;

  ofPrograms =
    name: service:
    if isBuiltIn name then
      optional (execOf service != [ ]) "it is part of the node, which has its program: leave package, exec and args out"
    else
      optional ((service.package != null) == (service.exec != [ ])) "say either package or exec, and not both"
      ++ optional (
        service.package == null && service.exec != [ ] && builtins.match "/.*|[^/]+" (builtins.head service.exec) == null
      ) "exec must begin with an absolute path, not ${builtins.head service.exec}, which would depend on where the node was started";

  ofNames =
    name:
    optional (builtins.match "[a-z][a-z0-9-]{0,62}" name == null) "a name has lower-case letters, digits and dashes, begins with a letter and has at most 63 characters"
    ++ optional (name == "supervisor") "the supervisor is no service; choose another name";

  ofFields =
    service:
    map (field: "manifest.${field}: write ${optionOf.${field}} instead") (filter (field: service.manifest ? ${field}) (attrNames optionOf))
    ++ optional (service.restart != null && service.manifest ? restart.policy) "manifest.restart.policy: write restart instead"
    ++ map (field: "manifest.confinement.${field} takes a privilege that the node's unit does not have; leave it out, or make the service a unit of its own") (
      let
        confinement = service.manifest.confinement or { };
      in
      if builtins.isAttrs confinement then beyondTheUnit confinement else [ ]
    );

  ofSchema = name: faultsBySchema "" (if isBuiltIn name then schema // { required = [ "name" ]; } else schema) manifests.${name};

  ofDependencies =
    name:
    map (
      other:
      "dependsOn: ${other} is ${if services ? ${other} then "not enabled" else "not a service of this node"}; there are ${concatStringsSep ", " (filter (known: known != name) declared)}"
    ) (filter (other: !(elem other declared)) (listOf (manifests.${name}.requires or [ ])))
    ++ optional (elem name (listOf (manifests.${name}.requires or [ ]))) "dependsOn: it cannot wait for itself";

  faultsOf =
    name: service:
    map (fault: "services.strata.services.${name}: ${fault}") (
      ofNames name ++ ofPrograms name service ++ ofFields service ++ ofSchema name ++ ofDependencies name
    );
in
{
  inherit manifests;
  faults =
    concatLists (mapAttrsToList faultsOf enabled)
    ++ optional (onCycles != [ ]) "services.strata.services: ${concatStringsSep " -> " cycle} wait for one another; remove one of these from dependsOn, wants or after";
}
