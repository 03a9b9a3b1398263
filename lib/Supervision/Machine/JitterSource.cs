namespace Strata.Supervision;

/// <summary>
/// Seeded random fractions as a value: the same seed gives the same backoffs, which is what lets a simulation be replayed.
/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). Not for secrets.
/// </summary>
/// <param name="Seed">Any value; the state of the generator.</param>
public readonly record struct JitterSource(ulong Seed)
{
    /// <summary>A fraction in [0, 1) and the source of the next one.</summary>
    public (double Fraction, JitterSource Next) Draw()
    {
        var next = unchecked(Seed + 0x9E3779B97F4A7C15UL);
        var mixed = unchecked((next ^ (next >> 30)) * 0xBF58476D1CE4E5B9UL);
        mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL);
        mixed ^= mixed >> 31;
        return ((mixed >> 11) * (1.0 / (1UL << 53)), new JitterSource(next));
    }
}
