# The packages, from a nixpkgs: one build with every program, and a thin package for each of them.
pkgs:
let
  inherit (pkgs) lib stdenv;
  version = lib.head (builtins.match ".*<Version>([^<]+)</Version>.*" (builtins.readFile ../Directory.Build.props));
  programs = [
    "supervisor"
    "registry"
    "identity"
    "fs"
    "sandbox"
    "strata-ctl"
    "strata-exec"
  ];
  canRun = stdenv.buildPlatform.canExecute stdenv.hostPlatform;

  # What is loaded by name while a program runs. It is looked for beside the programs, which therefore need no wrapper.
  libraries = [
    "${lib.getLib pkgs.libsodium}/lib/libsodium.so.*"
    "${lib.getLib pkgs.libseccomp}/lib/libseccomp.so.*"
    "${lib.getLib pkgs.zstd}/lib/libzstd.so.*"
  ];

  strata = pkgs.buildDotnetModule {
    pname = "strata";
    inherit version;
    src = lib.fileset.toSource {
      root = ../.;
      # Without lock files: the SDK here is another patch version than theirs, and comes with packs of its own. deps.json pins all the rest.
      fileset = lib.fileset.difference (lib.fileset.unions [
        ../api
        ../build
        ../cmd
        ../docs/man
        ../lib
        ../packaging/systemd
        ../scripts/smoke.sh
        ../.editorconfig
        ../BannedSymbols.txt
        ../Directory.Build.props
        ../Directory.Packages.props
        ../global.json
        ../LICENSE
      ]) (lib.fileset.fileFilter (file: file.name == "packages.lock.json") ../.);
    };
    projectFile = "build/Programs.csproj";
    nugetDeps = ./deps.json;
    dotnet-sdk = pkgs.dotnetCorePackages.sdk_10_0;
    dotnet-runtime = null;
    # Trimmed and compiled ahead of time with the runtime, as build/Programs.csproj says; linker, compiler and runtime are the SDK's own packages.
    selfContainedBuild = true;
    # The programs start one another from the directory they lie in: links to them, not wrappers.
    executables = [ ];
    # Which warnings there are is the SDK's word, and this is not the one the project is developed with.
    dotnetFlags = [ "-p:TreatWarningsAsErrors=false" ];
    # The hooks would pad the version to four numbers; the project's own, of which this one is read, stands.
    preConfigure = "unset versionForDotnet";
    nativeBuildInputs = [
      pkgs.installShellFiles
      pkgs.patchelf
    ];

    postInstall = ''
      programs=$out/lib/strata
      # The runtime's debugging tools and event tracing are of no use without diagnostics, which are off.
      rm -f $programs/*.pdb $programs/createdump $programs/libmscordbi.so $programs/libmscordaccore.so $programs/libcoreclrtraceptprovider.so
      for library in ${lib.concatStringsSep " " libraries}; do ln -s "$library" "$programs/$(basename "$library")"; done
      # What strata-ctl new service builds against.
      dotnet msbuild build/Sdk.proj -p:OutputFolder="$programs/sdk/" -p:NuGetAudit=false -nologo -v:q

      mkdir -p $out/bin
      ln -s ../lib/strata/strata-ctl $out/bin/strata-ctl
      ln -s ../lib/strata/strata-exec $out/bin/strata-exec
      ln -s ../lib/strata/supervisor $out/bin/strata-supervisor

      install -Dm644 packaging/systemd/strata.service $out/lib/systemd/system/strata.service
      substituteInPlace $out/lib/systemd/system/strata.service \
        --replace-fail /usr/lib/strata/supervisor $out/lib/strata/supervisor \
        --replace-fail /bin/kill ${lib.getExe' pkgs.coreutils "kill"} \
        --replace-fail /bin/sh ${pkgs.runtimeShell}
      installManPage docs/man/*
    ''
    + lib.optionalString canRun ''
      $out/bin/strata-ctl man --to man
      installManPage man/man*/*
      installShellCompletion --cmd strata-ctl \
        --bash <($out/bin/strata-ctl completion bash) \
        --zsh <($out/bin/strata-ctl completion zsh) \
        --fish <($out/bin/strata-ctl completion fish)
    '';

    # The runtime loads OpenSSL by name; shrinking has taken away what it did not see used.
    postFixup = ''
      patchelf --add-rpath ${lib.makeLibraryPath [ pkgs.openssl ]} $out/lib/strata/libSystem.Security.Cryptography.Native.OpenSsl.so
    '';

    # A node of the built programs, walked from end to end.
    doInstallCheck = canRun;
    installCheckPhase = ''
      runHook preInstallCheck
      export STRATA_RUNTIME_DIR=$(mktemp -d) DOTNET_EnableDiagnostics=0
      $out/bin/strata-supervisor 2> "$STRATA_RUNTIME_DIR/log" &
      node=$!
      if ! $out/bin/strata-ctl status --wait 60s || ! STRATA_CTL=$out/bin/strata-ctl sh scripts/smoke.sh; then
        cat "$STRATA_RUNTIME_DIR/log" >&2
        exit 1
      fi
      kill $node && wait $node
      runHook postInstallCheck
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
    pkgs.runCommand "${if lib.hasPrefix "strata" program then program else "strata-${program}"}-${version}" { meta = strata.meta // { mainProgram = program; }; } ''
      mkdir -p $out/bin
      ln -s ${strata}/lib/strata/${program} $out/bin/${program}
    '';
in
lib.genAttrs programs only // { default = strata; }
