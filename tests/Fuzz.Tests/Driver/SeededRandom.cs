namespace Strata.Fuzz.Tests;

/// <summary>Numbers that a seed decides, the same on every runtime: SplitMix64 (Steele, Lea, Flood 2014).</summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    internal ulong Next()
    {
        _state += 0x9e3779b97f4a7c15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to below the bound, which is at least 1.</summary>
    internal int Below(int bound) => (int)(((UInt128)Next() * (ulong)bound) >> 64);

    internal bool OneIn(int times) => Below(times) == 0;

    internal T Of<T>(IReadOnlyList<T> list) => list[Below(list.Count)];
}
