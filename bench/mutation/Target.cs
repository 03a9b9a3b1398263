using System.Globalization;

namespace Strata.Mutation;

/// <summary>A library and the tests that must notice what is changed in it.</summary>
/// <param name="Name">How it is asked for.</param>
/// <param name="Library">The library's folder in <c>lib</c>; its tests are in <c>tests/LIBRARY.Tests</c>.</param>
/// <param name="Areas">The folders of it that are changed.</param>
/// <param name="Left">Beginnings of the names of files that are left as they are.</param>
/// <param name="Skipped">Tests that do not take part, by the beginning of CLASS.METHOD.</param>
/// <param name="Runs">The variable that says how often random tests try; how often usually, and in a process that is for one change.</param>
internal sealed record Target(string Name, string Library, string[] Areas, string[] Left, string[] Skipped, (string Variable, int Usually, int Once) Runs)
{
    public static Target Policy { get; } = new(
        "policy", "Policy", ["Authorization", "Verification", "Tokens", "Claims", "Constraints", "Issuing", "Audit", "Signatures", "Explanation", "Proof"],
        // What only calls libsodium has nothing to decide.
        ["Sodium", "NSec", "Sha256Hash", "Blake2b"],
        // They ask Node.js, and erase keys a hundred thousand times.
        ["NpmInteropTests.", "Ed25519ProviderTests.A_key_erased_while_it_signs"],
        ("STRATA_CHAIN_RUNS", 2_000, 500));

    public static Target Supervision { get; } = new(
        "supervision", "Supervision", ["Machine", "Graph", "Explain", "Timers", "Takeover", "Reconfiguration", "Routing", "Log", "Output"],
        [], [], ("STRATA_SIM_RUNS", 20, 3));

    /// <summary>Where the changes stand that no test can notice, and why; none need be there.</summary>
    public string Equivalents => $"bench/mutation/equivalents-{Name}.txt";

    public static Target Of(string? name) =>
        Array.Find([Supervision, Policy], t => t.Name == (name ?? "supervision")) ?? throw new ArgumentException($"--target must be supervision or policy, not {name}");

    public bool IsChanged(string file) =>
        Areas.Any(a => file.Contains($"/{a}/", StringComparison.Ordinal)) && !Left.Any(l => Path.GetFileName(file).StartsWith(l, StringComparison.Ordinal));

    /// <summary>What a process of the tests is told.</summary>
    public Dictionary<string, string?> EnvironmentFor(int mutant) => new()
    {
        // A change that fills the memory ends its worker, and not the machine.
        ["DOTNET_GCHeapHardLimit"] = "60000000",
        ["MUTANT"] = mutant.ToString(CultureInfo.InvariantCulture),
        ["MUTANT_SKIPPED"] = string.Join(',', Skipped),
        [Runs.Variable] = (mutant == 0 ? Runs.Usually : Runs.Once).ToString(CultureInfo.InvariantCulture),
    };
}
