# What it takes to work on Strata, from a nixpkgs: for the flake's shell and for devenv.
pkgs:
let
  libraries = [
    pkgs.libsodium
    pkgs.libseccomp
    pkgs.zstd
  ];
in
{
  packages = libraries ++ [
    pkgs.dotnetCorePackages.sdk_10_0
    pkgs.python3
    pkgs.nodejs
  ];
  # Programs of a checkout find these libraries by name.
  libraryPath = pkgs.lib.makeLibraryPath libraries;
}
