namespace Strata.Fuzz.Tests;

/// <summary>What became of an input. Outcomes of other classes are other ways through the code: an input with a new one is kept.</summary>
/// <param name="IsAccepted">Whether it was taken for good.</param>
/// <param name="Fault">What was said of it; what stands between quotes, and which number, makes no other class.</param>
/// <param name="Detail">Whatever else tells ways apart, of few values.</param>
internal readonly record struct Outcome(bool IsAccepted, string? Fault, int Detail = 0)
{
    /// <summary>The class, as a hash.</summary>
    internal ulong Class()
    {
        var hash = ((ulong)(uint)Detail << 1 | (IsAccepted ? 1u : 0u)) * 0x9e3779b97f4a7c15;
        var quoted = false;
        foreach (var c in Fault ?? "")
        {
            quoted ^= c == '"';
            if (!quoted && !char.IsAsciiDigit(c))
            {
                hash = (hash ^ c) * 0x100000001b3;
            }
        }

        return hash;
    }
}
