# The flake's shell, for those who use devenv.
{ pkgs, ... }:
let
  tools = import ./nix/tools.nix pkgs;
in
{
  inherit (tools) packages;
  env = {
    LD_LIBRARY_PATH = tools.libraryPath;
    DOTNET_NOLOGO = "1";
    DOTNET_CLI_TELEMETRY_OPTOUT = "1";
  };
}
