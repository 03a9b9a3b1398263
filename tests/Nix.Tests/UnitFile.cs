namespace Strata.Nix.Tests;

/// <summary>packaging/systemd/strata.service, the one unit of every distribution.</summary>
internal static class UnitFile
{
    internal const string Path = "packaging/systemd/strata.service";

    /// <summary>Its directives in order, without comments and sections.</summary>
    internal static IReadOnlyList<(string Name, string Value)> Directives { get; } =
    [
        .. Checkout.Read(Path).Split('\n').Where(line => line.Length > 0 && line[0] is not ('#' or '[')).Select(line => line.Split('=', 2)).Select(parts => (parts[0], parts[1])),
    ];

    internal static string Value(string name) => Assert.Single(Directives, d => d.Name == name).Value;
}
