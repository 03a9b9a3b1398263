using System.Globalization;

namespace Strata.Fuzz.Tests;

/// <summary>How long and from where. The same settings give the same inputs.</summary>
internal sealed record FuzzSettings
{
    internal const string ExecutionsVariable = "STRATA_FUZZ_EXECUTIONS";
    internal const string SeedVariable = "STRATA_FUZZ_SEED";

    /// <summary>How many inputs: 1 000 000, or what the variable says.</summary>
    internal long Executions { get; init; } = 1_000_000;

    /// <summary>Where the random numbers begin.</summary>
    internal ulong Seed { get; init; } = 4;

    /// <summary>Where the committed inputs of all targets lie.</summary>
    internal string Corpus { get; init; } = Checkout.At("tests/Fuzz.Tests/Corpus");

    /// <summary>Where inputs go that break something.</summary>
    internal string Failures { get; init; } = Checkout.At("tests/Fuzz.Tests/TestResults");

    /// <summary>What the environment asks for.</summary>
    internal static FuzzSettings FromEnvironment()
    {
        var settings = new FuzzSettings();
        return settings with
        {
            Executions = Number(ExecutionsVariable) ?? settings.Executions,
            Seed = (ulong?)Number(SeedVariable) ?? settings.Seed,
        };
    }

    private static long? Number(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
        ? long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new ArgumentException($"{variable} must be a whole number, not \"{text}\"")
        : null;
}
