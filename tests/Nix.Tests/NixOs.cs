using System.Text.Json;
using Strata.Supervision;

namespace Strata.Nix.Tests;

/// <summary>The module with a configuration: what tests/nix/evaluate.nix tells of the system it makes.</summary>
internal sealed class NixOs
{
    // Where nixpkgs' own lib is, the module is tried with it instead of the tests' own.
    private static readonly string? RealLib = Environment.GetEnvironmentVariable("STRATA_NIXPKGS_LIB");

    private NixOs(JsonElement system) => System = system;

    private JsonElement System { get; }

    internal string[] Failed => Texts("failed");

    internal string[] Warnings => Texts("warnings");

    /// <summary>Directives that the module sets in the unit's drop-in, as JSON.</summary>
    internal Dictionary<string, string> Overrides =>
        System.GetProperty("unit").TryGetProperty("serviceConfig", out var overrides)
            ? overrides.EnumerateObject().ToDictionary(d => d.Name, d => d.Value.GetRawText())
            : [];

    internal string Settings => System.GetProperty("settings").GetString()!;

    internal JsonElement this[string name] => System.GetProperty(name);

    /// <summary>What a node finds wrong with the manifests that the machine has.</summary>
    internal IReadOnlyList<LocatedFault> FaultsOfManifests() => NodeConfiguration.Read(ManifestFiles()).Faults;

    internal List<ManifestFile> ManifestFiles() =>
        [.. System.GetProperty("manifests").EnumerateObject().Select(m => new ManifestFile($"{m.Name}.service.json", JsonSerializer.SerializeToUtf8Bytes(m.Value)))];

    internal static bool UsesRealLib => RealLib is not null;

    /// <summary>A machine whose services.strata is enabled and has these options, and beside it what else is given.</summary>
    internal static Task<NixOs> WithAsync(string options, string others = "") => OfAsync($"{{ services.strata = {{ enable = true; {options} }}; {others} }}");

    internal static async Task<NixOs> OfAsync(string configuration) =>
        new(JsonDocument.Parse(await NixEvaluator.RunAsync(Arguments(configuration))).RootElement);

    /// <summary>Why a configuration cannot be evaluated at all.</summary>
    internal static async Task<string> ErrorAsync(string options)
    {
        var (output, errors, code) = await NixEvaluator.TryAsync(Arguments($"{{ services.strata = {{ enable = true; {options} }}; }}"));
        Assert.True(code != 0, $"{options} was taken: {output}");
        return errors;
    }

    internal string[] Texts(string name) => [.. System.GetProperty(name).EnumerateArray().Select(e => e.GetString()!)];

    private static string[] Arguments(string configuration) =>
    [
        "--eval", "--strict", "--json", Checkout.At("tests/nix/evaluate.nix"), "--arg", "configuration", configuration,
        .. RealLib is null ? Array.Empty<string>() : ["--arg", "lib", $"import {RealLib}"],
    ];
}
