namespace Strata.Supervision;

/// <summary>What a field may hold, both ends included.</summary>
/// <param name="Least">The least.</param>
/// <param name="Most">The most.</param>
public readonly record struct ValueRange<T>(T Least, T Most)
    where T : IComparable<T>;
