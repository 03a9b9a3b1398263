using Strata.Ipc;
using Strata.Linux;

namespace Strata.Fs;

/// <summary>What came of work on a path.</summary>
/// <param name="Result">A descriptor or count, or a negated error number.</param>
/// <param name="Status">The status of what was opened.</param>
/// <param name="Error">What the caller is told; null when it went well.</param>
/// <param name="IsEscape">Whether the kernel stopped the path from leaving the prefix.</param>
internal readonly record struct PathOutcome(int Result, FileStatus Status, RpcError? Error, bool IsEscape)
{
    /// <summary>Whether an opened file was made by it.</summary>
    internal bool Made { get; init; }

    /// <summary>Of following a path beneath the prefix.</summary>
    internal static PathOutcome Of(int result, FileStatus status = default) =>
        new(result, status, result < 0 ? FileErrors.Of(result) : null, FileErrors.IsEscape(result));

    /// <summary>Of a change where the path led, which can no longer leave anything.</summary>
    internal static PathOutcome OfChange(int result) => new(result, default, result < 0 ? FileErrors.OfChange(result) : null, IsEscape: result == KeptOut.Refused);

    /// <summary>Of opening the prefix itself.</summary>
    internal static PathOutcome OfPrefix(int result) => new(result, default, FileErrors.OfPrefix(result), IsEscape: false);

    /// <summary>Refused for a reason of this service's own.</summary>
    internal static PathOutcome Refused(RpcError error) => new(0, default, error, IsEscape: false);
}
