# What the module uses of nixpkgs' lib, written for the tests: they run where nixpkgs is not, without a network.
let
  inherit (builtins)
    attrNames
    attrValues
    concatLists
    concatMap
    concatStringsSep
    elem
    filter
    foldl'
    isFunction
    isPath
    listToAttrs
    map
    mapAttrs
    stringLength
    substring
    ;
  modules = import ./types.nix;

  optional = condition: value: if condition then [ value ] else [ ];
  nameValuePair = name: value: { inherit name value; };
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  isOption = value: builtins.isAttrs value && (value._type or null) == "option";
  override = priority: content: {
    _type = "override";
    inherit priority content;
  };

  # The options of several modules together; each may be declared once.
  joined =
    path: one: other:
    one
    // mapAttrs (
      name: value:
      if !(one ? ${name}) then
        value
      else if isOption value || isOption one.${name} then
        throw "The option `${path}${name}' is already declared."
      else
        joined "${path}${name}." one.${name} value
    ) other;

  lib = {
    inherit (builtins)
      attrNames
      attrValues
      concatLists
      concatMap
      concatStringsSep
      elem
      filter
      mapAttrs
      ;
    inherit (modules) types;
    inherit optional nameValuePair hasPrefix;

    optionals = condition: values: if condition then values else [ ];
    optionalAttrs = condition: values: if condition then values else { };
    optionalString = condition: text: if condition then text else "";
    mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
    mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
    filterAttrs = keep: set: listToAttrs (map (name: nameValuePair name set.${name}) (filter (name: keep name set.${name}) (attrNames set)));
    removePrefix = prefix: text: if hasPrefix prefix text then substring (stringLength prefix) (stringLength text) text else text;
    last = list: builtins.elemAt list (builtins.length list - 1);
    getExe = package: "${package}/bin/${package.meta.mainProgram}";
    literalExpression = text: {
      _type = "literalExpression";
      inherit text;
    };

    mkOption = option: option // { _type = "option"; };
    mkEnableOption =
      what:
      lib.mkOption {
        type = modules.types.bool;
        default = false;
        description = "Whether to enable ${what}.";
      };
    mkIf = condition: content: {
      _type = "if";
      inherit condition content;
    };
    mkMerge = contents: {
      _type = "merge";
      inherit contents;
    };
    mkDefault = override 1000;
    mkForce = override 50;

    evalModules =
      { modules, specialArgs }:
      let
        load =
          module:
          let
            content = if isPath module then import module else module;
            called = if isFunction content then content (specialArgs // { inherit lib config; }) else content;
          in
          concatMap load (called.imports or [ ]) ++ [ (if called ? config || called ? options then called else { config = removeAttrs called [ "imports" ]; }) ];
        loaded = concatMap load modules;
        options = foldl' (joined "") { } (map (module: module.options or { }) loaded);
        config = (import ./types.nix).tree "" null options (concatMap (module: (import ./types.nix).contents (module.config or { })) loaded);
      in
      {
        inherit config options;
      };
  };
in
lib
