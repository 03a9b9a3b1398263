# The packages, from a nixpkgs: one build with every program, and a thin package for each of them.
pkgs:
let
  inherit (pkgs) lib;
  version = lib.head (builtins.match ".*<Version>([^<]+)</Version>.*" (builtins.readFile ../Directory.Build.props));
  programs = [
    "supervisor"
    "registry"
    "identity"
    "fs"
    "strata-ctl"
    "strata-exec"
  ];
  strata = pkgs.buildDotnetModule {
    pname = "strata";
    inherit version;
    src = lib.fileset.toSource {
      root = ../.;
      fileset = lib.fileset.unions [
        ../cmd
        ../lib
        ../build
        ../docs/man
        ../packaging/systemd
        ../Directory.Build.props
        ../Directory.Packages.props
        ../BannedSymbols.txt
        ../.editorconfig
        ../global.json
      ];
    };
    projectFile = "build/Programs.csproj";
    nugetDeps = ./deps.json;
    dotnet-sdk = pkgs.dotnetCorePackages.sdk_10_0;
    selfContainedBuild = true;
    # The programs start one another from the directory they lie in, so nothing stands between them and it.
    executables = [ ];
    nativeBuildInputs = [ pkgs.installShellFiles ];
    postInstall = ''
      for library in ${lib.getLib pkgs.libsodium}/lib/libsodium.so.* ${lib.getLib pkgs.libseccomp}/lib/libseccomp.so.*; do
        ln -s "$library" "$out/lib/strata/$(basename "$library")"
      done
      mkdir -p $out/bin
      for program in ${lib.concatStringsSep " " programs}; do ln -s ../lib/strata/$program $out/bin/$program; done
      install -Dm644 packaging/systemd/strata.service $out/lib/systemd/system/strata.service
      substituteInPlace $out/lib/systemd/system/strata.service \
        --replace-fail /usr/lib/strata/supervisor $out/lib/strata/supervisor \
        --replace-fail /bin/kill ${lib.getExe' pkgs.coreutils "kill"}
      $out/lib/strata/strata-ctl man --to man
      installManPage man/man*/* docs/man/*
      installShellCompletion --cmd strata-ctl \
        --bash <($out/bin/strata-ctl completion bash) \
        --zsh <($out/bin/strata-ctl completion zsh) \
        --fish <($out/bin/strata-ctl completion fish)
    '';
    meta = {
      description = "Capability-based microservice runtime";
      license = lib.licenses.mit;
      platforms = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      mainProgram = "strata-ctl";
    };
  };
  only =
    program:
    pkgs.runCommand "strata-${program}-${version}" { meta = strata.meta // { mainProgram = program; }; } ''
      mkdir -p $out/bin
      ln -s ${strata}/bin/${program} $out/bin/${program}
    '';
in
lib.genAttrs programs only // { default = strata; }
