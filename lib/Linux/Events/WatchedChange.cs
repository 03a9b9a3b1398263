namespace Strata.Linux;

/// <summary>One event; valid until the next is taken.</summary>
/// <param name="watch">The watch, -1 for <see cref="WatchedChanges.Overflow"/>.</param>
/// <param name="changes">What happened.</param>
/// <param name="cookie">The same for both halves of a move.</param>
/// <param name="name">The entry's raw bytes; empty when it is what is watched itself.</param>
public readonly ref struct WatchedChange(int watch, WatchedChanges changes, uint cookie, ReadOnlySpan<byte> name)
{
    /// <summary>The watch, -1 for <see cref="WatchedChanges.Overflow"/>.</summary>
    public int Watch { get; } = watch;

    /// <summary>What happened.</summary>
    public WatchedChanges Changes { get; } = changes;

    /// <summary>The same for both halves of a move.</summary>
    public uint Cookie { get; } = cookie;

    /// <summary>The entry's raw bytes; empty when it is what is watched itself.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;
}
