# Types of options, as far as the module uses them. A type has a name, a check of one value, a merge of what was defined, and the
# options within it where it has some.
let
  inherit (builtins)
    all
    attrNames
    concatLists
    concatMap
    elem
    elemAt
    filter
    foldl'
    genList
    head
    isAttrs
    isBool
    isFloat
    isInt
    isList
    isString
    length
    listToAttrs
    map
    mapAttrs
    match
    ;

  isA = type: value: isAttrs value && (value._type or null) == type;

  # Definitions that hold, by strength: the default of an option is the weakest, then mkDefault, then what is simply said.
  discharge =
    definition:
    if isA "if" definition then
      (if definition.condition then discharge definition.content else [ ])
    else if isA "merge" definition then
      concatMap discharge definition.contents
    else if isA "override" definition then
      map (inner: inner // { inherit (definition) priority; }) (discharge definition.content)
    else
      [
        {
          value = definition;
          priority = 100;
        }
      ];
  strongest =
    definitions:
    let
      least = foldl' (least: definition: if definition.priority < least then definition.priority else least) 1500 definitions;
    in
    map (definition: definition.value) (filter (definition: definition.priority == least) definitions);

  evaluate =
    path: type: definitions:
    let
      values = strongest (concatMap discharge definitions);
      wrong = filter (value: !(type.check value)) values;
    in
    if wrong != [ ] then throw "A definition for option `${path}' is not of type `${type.name}'." else type.merge path values;

  names = values: attrNames (foldl' (found: value: found // value) { } values);
  having = name: values: map (value: value.${name}) (filter (value: value ? ${name}) values);

  one =
    path: values:
    if all (value: value == head values) values then head values else throw "The option `${path}' has conflicting definition values.";
  simple = name: check: {
    inherit name check;
    merge = one;
  };

  anything = {
    name = "anything";
    check = _: true;
    merge =
      path: values:
      if all isAttrs values && !(head values ? outPath) then
        listToAttrs (
          concatMap (
            name:
            let
              held = concatMap discharge (having name values);
            in
            if held == [ ] then
              [ ]
            else
              [
                {
                  inherit name;
                  value = evaluate "${path}.${name}" anything (having name values);
                }
              ]
          ) (names values)
        )
      else if all isList values then
        concatLists values
      else
        one path values;
  };

  attrsOf = inner: {
    name = "attribute set of ${inner.name}";
    check = isAttrs;
    within = if inner ? within then { "<name>" = inner.within; } else { };
    merge =
      path: values:
      let
        defined = filter (name: concatMap discharge (having name values) != [ ]) (names values);
      in
      listToAttrs (
        map (name: {
          inherit name;
          value = evaluate "${path}.${name}" inner (having name values);
        }) defined
      );
  };

  listOf = inner: {
    name = "list of ${inner.name}";
    check = isList;
    merge =
      path: values:
      let
        items = concatLists values;
      in
      genList (index: evaluate "${path}.[${toString index}]" inner [ (elemAt items index) ]) (length items);
  };

  nullOr = inner: {
    name = "null or ${inner.name}";
    within = inner.within or { };
    check = value: value == null || inner.check value;
    merge = path: values: if all (value: value == null) values then null else evaluate path inner values;
  };

  oneOf = inner: {
    name = foldl' (text: type: "${text} or ${type.name}") (head inner).name (builtins.tail inner);
    check = value: builtins.any (type: type.check value) inner;
    merge = path: values: evaluate path (head (filter (type: all type.check values) inner)) values;
  };

  # Options and what was defined for them, as the values; what is no option goes by the free form, or is refused.
  tree =
    path: freeform: options: values:
    let
      join = name: if path == "" then name else "${path}.${name}";
      known = mapAttrs (
        name: option:
        if isA "option" option then
          (
            if concatMap discharge (having name values) != [ ] then
              evaluate (join name) option.type (having name values)
            else if option ? default then
              evaluate (join name) option.type [ option.default ]
            else
              throw "The option `${join name}' was accessed but has no value defined. Try setting the option."
          )
        else
          tree (join name) null option (concatMap contents (having name values))
      ) options;
      others = filter (name: !(options ? ${name})) (names values);
    in
    if others == [ ] then
      known
    else if freeform == null then
      throw "The option `${join (head others)}' does not exist."
    else
      known // freeform.merge path (map (value: removeAttrs value (attrNames options)) values);

  # A set of definitions that may stand under conditions, as sets of conditional definitions: their names do not depend on the conditions.
  contents =
    definition:
    if isA "if" definition then
      map (mapAttrs (
        _: content: {
          _type = "if";
          inherit (definition) condition;
          inherit content;
        }
      )) (contents definition.content)
    else if isA "merge" definition then
      concatMap contents definition.contents
    else
      [ definition ];

  submodule = module: {
    name = "submodule";
    check = isAttrs;
    within = module.options or { };
    merge = path: values: tree path (module.freeformType or null) (module.options or { }) values;
  };

  between = least: most: simple "integer between ${toString least} and ${toString most} (both inclusive)" (value: isInt value && value >= least && value <= most);
in
{
  inherit tree contents;
  types = {
    inherit
      anything
      attrsOf
      listOf
      nullOr
      oneOf
      submodule
      ;
    either = one: other: oneOf [ one other ];
    bool = simple "boolean" isBool;
    int = simple "signed integer" isInt;
    float = simple "floating point number" isFloat;
    str = simple "string" isString;
    port = between 0 65535;
    package = simple "package" (value: isAttrs value && value ? outPath);
    enum = values: simple "one of ${builtins.toJSON values}" (value: elem value values);
    strMatching = pattern: simple "string matching the pattern ${pattern}" (value: isString value && match pattern value != null);
    ints = {
      inherit between;
      positive = simple "positive integer, meaning >0" (value: isInt value && value > 0);
      unsigned = simple "unsigned integer, meaning >=0" (value: isInt value && value >= 0);
    };
  };
}
