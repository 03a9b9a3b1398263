# Holds a value to a JSON schema, as far as api/service.schema.json uses it. faults PATH SCHEMA VALUE: a list of sentences.
let
  show = builtins.toJSON;
  join = path: name: if path == "" then name else "${path}.${name}";
  concat = builtins.concatLists;

  ofObject =
    path: schema: value:
    let
      known = schema.properties or { };
      rest = schema.additionalProperties or true;
      member =
        name:
        if known ? ${name} then
          faults (join path name) known.${name} value.${name}
        else if rest == false then
          [ "${join path name} is no field; there are ${builtins.concatStringsSep ", " (builtins.attrNames known)}" ]
        else if builtins.isAttrs rest then
          faults (join path name) rest value.${name}
        else
          [ ];
      missing = builtins.filter (name: !(value ? ${name})) (schema.required or [ ]);
      most = schema.maxProperties or null;
    in
    concat (map member (builtins.attrNames value))
    ++ map (name: "${join path name} is missing") missing
    ++ (if most != null && builtins.length (builtins.attrNames value) > most then [ "${path} has more than ${show most} members" ] else [ ]);

  ofList =
    path: schema: value:
    let
      count = builtins.length value;
      item = index: faults "${path}[${show index}]" (schema.items or { }) (builtins.elemAt value index);
    in
    concat (builtins.genList item count)
    ++ (if count < schema.minItems or 0 then [ "${path} must have at least ${show schema.minItems}" ] else [ ])
    ++ (if schema ? maxItems && count > schema.maxItems then [ "${path} must have at most ${show schema.maxItems}" ] else [ ]);

  ofText =
    path: schema: value:
    (if schema ? maxLength && builtins.stringLength value > schema.maxLength then [ "${path} must have at most ${show schema.maxLength} characters" ] else [ ])
    ++ (if schema ? pattern && builtins.match schema.pattern value == null then [ "${path} must match ${schema.pattern}, not be ${show value}" ] else [ ]);

  ofNumber =
    path: schema: value:
    if (schema ? minimum && value < schema.minimum) || (schema ? maximum && value > schema.maximum) then
      [ "${path} must be ${show schema.minimum} to ${show schema.maximum}, not ${show value}" ]
    else
      [ ];

  kinds = {
    object = {
      is = builtins.isAttrs;
      further = ofObject;
    };
    array = {
      is = builtins.isList;
      further = ofList;
    };
    string = {
      is = builtins.isString;
      further = ofText;
    };
    integer = {
      is = builtins.isInt;
      further = ofNumber;
    };
    number = {
      is = value: builtins.isInt value || builtins.isFloat value;
      further = ofNumber;
    };
    boolean = {
      is = builtins.isBool;
      further =
        _: _: _:
        [ ];
    };
    null = {
      is = value: value == null;
      further =
        _: _: _:
        [ ];
    };
  };

  faults =
    path: schema: value:
    let
      named = schema.type or [ ];
      types = if builtins.isList named then named else [ named ];
      fitting = builtins.filter (type: kinds.${type}.is value) types;
    in
    if schema ? enum then
      (if builtins.elem value schema.enum then [ ] else [ "${path} must be one of ${builtins.concatStringsSep ", " (map show schema.enum)}, not ${show value}" ])
    else if types == [ ] then
      [ ]
    else if fitting == [ ] then
      [ "${path} must be of type ${builtins.concatStringsSep " or " types}" ]
    else
      kinds.${builtins.head fitting}.further path schema value;
in
faults
