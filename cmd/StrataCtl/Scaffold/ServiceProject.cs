using System.Security;
using System.Text.Json;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Scaffold;

/// <summary>The files of a new service: one method, its right, a manifest, and a test that runs it on a node of its own.</summary>
/// <param name="Name">Name of the service.</param>
/// <param name="Folder">Where it will lie; absolute.</param>
/// <param name="Programs">Where the supervisor, strata-ctl and the packages lie; absolute.</param>
/// <param name="Version">Version of the packages.</param>
internal sealed record ServiceProject(string Name, string Folder, string Programs, string Version)
{
    /// <summary>Most characters of a name: as a manifest's.</summary>
    public const int MaxNameChars = 63;

    /// <summary>The files by path below the folder; those named <c>*.sh</c> are to be run.</summary>
    public IReadOnlyDictionary<string, string> Files => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        [$"{Name}.csproj"] = Fill(ProjectFile, Xml),
        ["Program.cs"] = Fill(ProgramFile, value => value),
        [$"{Name}.service.json"] = Fill(ManifestFile, value => JsonEncodedText.Encode(value).Value),
        ["nuget.config"] = Fill(PackageSources, Xml),
        ["test.sh"] = Fill(TestFile, ShellQuote.Of),
        [".gitignore"] = "bin/\nobj/\n",
    };

    /// <summary>Why a name cannot be a service's; null when it can.</summary>
    public static string? FaultOf(string name) => name switch
    {
        "" => "is empty",
        { Length: > MaxNameChars } => $"has more than {MaxNameChars} characters",
        "supervisor" or "registry" or "identity" or "fs" => "is a service of every node",
        "sandbox" => "is a service of the node's own",
        _ when !char.IsAsciiLetterLower(name[0]) => "must start with a lower-case letter",
        _ when name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-') => "may hold lower-case letters, digits and hyphens only",
        _ => null,
    };

    /// <summary>Puts the values in the places that a template marks as <c>@NAME@</c>, each written as the file's language wants it.</summary>
    private string Fill(string template, Func<string, string> write) =>
        string.Concat(template.Split('@').Select((part, i) => i % 2 == 0 ? part : write(part switch
        {
            "NAME" => Name,
            "FOLDER" => Folder,
            "PROGRAMS" => Programs,
            "VERSION" => Version,
            _ => throw new InvalidOperationException($"no value for {part}"),
        })));

    private static string Xml(string value) => SecurityElement.Escape(value);

    private const string ProjectFile = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <AssemblyName>@NAME@</AssemblyName>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <InvariantGlobalization>true</InvariantGlobalization>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Strata.Sdk" Version="@VERSION@" />
            <AssemblyAttribute Include="System.Runtime.Versioning.SupportedOSPlatformAttribute">
              <_Parameter1>linux</_Parameter1>
            </AssemblyAttribute>
          </ItemGroup>
        </Project>

        """;

    private const string ProgramFile = """
        using System.ComponentModel;
        using System.ComponentModel.DataAnnotations;
        using System.Text.Json;
        using System.Text.Json.Serialization;
        using Strata.Hosting;
        using Strata.Ipc;

        return await ServiceHost.RunAsync(
            "@NAME@",
            new UnaryMethod<HelloParams, HelloResult>(
                "@NAME@.hello", "Greets somebody.", Access.Right("@NAME@.hello"), Wire.Default.HelloParams, Wire.Default.HelloResult,
                (p, call) => (Reply<HelloResult>)new HelloResult($"Hello, {p.Name}.")));

        internal sealed record HelloParams([property: Description("who is greeted")][property: StringLength(100, MinimumLength = 1)] string Name);

        internal sealed record HelloResult([property: Description("the greeting")] string Greeting);

        // The protocol's own rules: snake_case, nothing unknown, nothing missing, nothing twice.
        [JsonSourceGenerationOptions(
            PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
            AllowDuplicateProperties = false)]
        [JsonSerializable(typeof(HelloParams))]
        [JsonSerializable(typeof(HelloResult))]
        internal sealed partial class Wire : JsonSerializerContext;

        """;

    private const string ManifestFile = """
        // Copy this to services.d in the node's configuration directory.
        {
          "name": "@NAME@",
          "description": "Greets.",
          "exec": ["@FOLDER@/bin/@NAME@"],
          // It checks capabilities, and for that needs the keys that identity gives out.
          "requires": ["identity"],
          "watchdog": { "interval": "10s" }
        }

        """;

    private const string PackageSources = """
        <configuration>
          <packageSources>
            <add key="strata" value="@PROGRAMS@/sdk" />
          </packageSources>
        </configuration>

        """;

    private const string TestFile = """
        #!/bin/sh
        # Builds the service, starts a node of its own with it in a private directory, and calls it as the holder of a capability would.
        set -eu
        cd "$(dirname "$0")"
        programs=@PROGRAMS@
        PATH=${STRATA_BIN:-$programs}:$PATH
        dotnet build -nologo -v:q -o bin

        dir=$(mktemp -d)
        export STRATA_RUNTIME_DIR="$dir/run" STRATA_CONFIG_DIR="$dir/config"
        unset STRATA_STATE_DIR STRATA_TOKEN
        mkdir -m 700 "$dir/run" "$dir/config" "$dir/config/services.d"
        cp @NAME@.service.json "$dir/config/services.d/"
        supervisor 2>"$dir/log" &
        node=$!
        trap 'kill "$node" 2>/dev/null || true; wait "$node" 2>/dev/null || true; rm -rf "$dir"' EXIT

        fail() {
          echo "failed: $1" >&2
          cat "$dir/log" >&2
          exit 1
        }
        strata-ctl status --wait 20s || fail "the node did not become healthy"
        token=$(strata-ctl token issue --service @NAME@ --rights @NAME@.hello --ttl 1m -q)
        answer=$(strata-ctl --token "$token" call @NAME@.hello '{"name":"world"}')
        case "$answer" in
          *'Hello, world.'*) ;;
          *) fail "it answered: $answer" ;;
        esac
        if strata-ctl call @NAME@.hello '{"name":"world"}' >/dev/null 2>&1; then fail "it answered without a capability"; fi
        echo "ok: @NAME@ greets whoever may be greeted, and nobody else"

        """;
}
