using Strata.Linux;

namespace Strata.Exec;

/// <summary>What came of running a program.</summary>
/// <param name="End">Why it is over.</param>
/// <param name="Exit">How the process ended; null for one that survived its kill.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Errors">The beginning of what it said on standard error.</param>
internal sealed record RunOutcome(RunEnd End, ProcessExit? Exit, ReadOnlyMemory<byte> Output, ReadOnlyMemory<byte> Errors)
{
    /// <summary>Bytes of errors that were left out.</summary>
    internal long ErrorsLost { get; init; }
}
