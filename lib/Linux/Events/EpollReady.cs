namespace Strata.Linux;

/// <summary>One descriptor that is ready.</summary>
/// <param name="Events">What came true.</param>
/// <param name="UserData">The number given when the descriptor was added.</param>
public readonly record struct EpollReady(EpollEvents Events, ulong UserData);
