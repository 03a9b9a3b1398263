# What of the unit sandboxes take: the drop-in that other distributions copy, read from there. sandbox-unit LIB: its directives.
lib:
let
  inherit (builtins)
    elemAt
    filter
    isString
    match
    readFile
    split
    ;
  lines = filter (line: isString line && match "[A-Z][A-Za-z]*=.*" line != null) (split "\n" (readFile ../../examples/systemd/sandbox.conf));
  directives = map (
    line:
    let
      parts = match "([A-Za-z]*)=(.*)" line;
    in
    {
      name = elemAt parts 0;
      value = elemAt parts 1;
    }
  ) lines;
  # Options have more to add to this one.
  isFamilies = directive: directive.name == "RestrictAddressFamilies";
in
{
  directives = builtins.listToAttrs (filter (directive: !isFamilies directive) directives);
  addressFamilies = lib.concatMap (directive: filter isString (split " " directive.value)) (filter isFamilies directives);
}
