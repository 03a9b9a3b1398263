# The flake's outputs with a nixpkgs of which only what they name is there: what a test looks at, as data.
let
  stub = import ./lib.nix;
  lib = stub // {
    inherit (builtins) head;
    genAttrs =
      names: f:
      builtins.listToAttrs (
        map (name: {
          inherit name;
          value = f name;
        }) names
      );
    getLib = package: package;
    getExe' = package: program: "${package}/bin/${program}";
    makeLibraryPath = builtins.concatStringsSep ":";
    licenses.mit = "MIT";
    # A set of files is the list of what it is made of; the files that are taken away are left in it.
    fileset = {
      unions = paths: paths;
      difference = paths: _: paths;
      fileFilter = _: path: [ path ];
      toSource = { root, fileset }: { paths = map toString fileset; };
    };
    nixosSystem = arguments: arguments;
  };

  package = name: { outPath = "/nix/store/stub-${name}"; };
  packagesOf = system: {
    inherit lib;
    stdenv = {
      buildPlatform.canExecute = _: true;
      hostPlatform = { inherit system; };
    };
    buildDotnetModule = arguments: package "strata" // arguments;
    runCommand =
      name: attributes: _:
      package name // attributes;
    mkShell = arguments: package "shell" // arguments;
    testers.runNixOSTest = test: package "test-${test.name}";
    dotnetCorePackages.sdk_10_0 = package "sdk";
    installShellFiles = package "installShellFiles";
    patchelf = package "patchelf";
    libsodium = package "libsodium";
    libseccomp = package "libseccomp";
    zstd = package "zstd";
    openssl = package "openssl";
    coreutils = package "coreutils";
    runtimeShell = "/nix/store/stub-bash/bin/bash";
    python3 = package "python3";
    nodejs = package "nodejs";
    nixfmt-tree = package "nixfmt-tree";
  };

  flake = import ../../flake.nix;
  self = flake.outputs {
    inherit self;
    nixpkgs = {
      inherit lib;
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] packagesOf;
    };
  };

  names = builtins.mapAttrs (_: builtins.attrNames);
  strata = self.packages.x86_64-linux.default;
  test = import ../../nixos/tests/strata.nix { module = { }; };
in
{
  inputs = builtins.attrNames flake.inputs;
  outputs = builtins.attrNames self;
  packages = names self.packages;
  checks = names self.checks;
  devShells = names self.devShells;
  shell = self.devShells.x86_64-linux.default.LD_LIBRARY_PATH;
  devenv = (import ../../devenv.nix { pkgs = packagesOf "x86_64-linux"; }).env.LD_LIBRARY_PATH;
  formatters = builtins.attrNames self.formatter;
  modules = builtins.attrNames self.nixosModules;
  machines = builtins.mapAttrs (_: machine: {
    inherit (machine) system;
    files = map toString (builtins.filter builtins.isPath machine.modules);
  }) self.nixosConfigurations;
  overlay = builtins.attrNames (self.overlays.default (packagesOf "x86_64-linux") { });
  main = builtins.mapAttrs (_: package: package.meta.mainProgram) self.packages.x86_64-linux;
  strata = {
    inherit (strata) pname version projectFile postInstall;
    deps = toString strata.nugetDeps;
    sources = strata.src.paths;
  };
  testScript = test.testScript { nodes.machine.system.build.toplevel = "/nix/store/stub-toplevel"; };
}
