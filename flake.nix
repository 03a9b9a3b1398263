{
  description = "Strata: a capability-based microservice runtime for Linux";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      eachSystem = f: nixpkgs.lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
      machine =
        system: module:
        nixpkgs.lib.nixosSystem {
          inherit system;
          modules = [
            self.nixosModules.strata
            ./nixos/machine.nix
            module
          ];
        };
    in
    {
      packages = eachSystem (pkgs: import ./nix/packages.nix pkgs);

      overlays.default = final: prev: { strata = (import ./nix/packages.nix final).default; };

      nixosModules = {
        strata =
          { pkgs, lib, ... }:
          {
            imports = [ ./modules/strata.nix ];
            services.strata.package = lib.mkDefault self.packages.${pkgs.stdenv.hostPlatform.system}.default;
          };
        default = self.nixosModules.strata;
      };

      nixosConfigurations = {
        strata-iso-x86_64 = machine "x86_64-linux" ./nixos/iso.nix;
        strata-iso-aarch64 = machine "aarch64-linux" ./nixos/iso.nix;
        strata-vm-x86_64 = machine "x86_64-linux" ./nixos/vm.nix;
        strata-vm-aarch64 = machine "aarch64-linux" ./nixos/vm.nix;
      };

      checks = eachSystem (pkgs: {
        package = self.packages.${pkgs.stdenv.hostPlatform.system}.default;
        node = pkgs.testers.runNixOSTest (import ./nixos/tests/strata.nix { module = self.nixosModules.strata; });
      });

      formatter = eachSystem (pkgs: pkgs.nixfmt-tree);

      devShells = eachSystem (
        pkgs:
        let
          tools = import ./nix/tools.nix pkgs;
        in
        {
          default = pkgs.mkShell {
            inherit (tools) packages;
            LD_LIBRARY_PATH = tools.libraryPath;
            DOTNET_NOLOGO = "1";
            DOTNET_CLI_TELEMETRY_OPTOUT = "1";
          };
        }
      );
    };
}
