namespace Strata.Fuzz.Tests;

/// <summary>A committed input. One whose name begins with <c>good</c> is taken for good, one with <c>bad</c> is not, whatever else is changed.</summary>
internal sealed record FuzzCorpus(string Name, byte[] Bytes)
{
    private const string Good = "good";
    private const string Bad = "bad";

    /// <summary>Whether it must be taken for good.</summary>
    internal bool IsGood => Name.StartsWith(Good, StringComparison.Ordinal);

    /// <summary>The corpus of a target, by name.</summary>
    /// <exception cref="InvalidDataException">A name does not say what the input is.</exception>
    internal static IReadOnlyList<FuzzCorpus> Of(FuzzTarget target, string folder)
    {
        FuzzCorpus[] all = [.. Directory.EnumerateFiles(Path.Combine(folder, target.Name)).Order(StringComparer.Ordinal).Select(f => new FuzzCorpus(Path.GetFileName(f), File.ReadAllBytes(f)))];
        return all.FirstOrDefault(e => !e.IsGood && !e.Name.StartsWith(Bad, StringComparison.Ordinal)) is { } unclear
            ? throw new InvalidDataException($"{target.Name}/{unclear.Name}: the name must begin with {Good} or {Bad}")
            : all;
    }
}
