using Strata.Ipc;
using Strata.Linux;

namespace Strata.Fs;

/// <summary>What came of opening a path.</summary>
/// <param name="Result">A descriptor, or a negated error number.</param>
/// <param name="Status">The status of what was opened.</param>
/// <param name="Error">What the caller is told; null when it was opened.</param>
internal readonly record struct PathOutcome(int Result, FileStatus Status, RpcError? Error)
{
    /// <summary>Whether the kernel stopped the path from leaving the prefix.</summary>
    internal bool IsEscape => Error is not null && FileErrors.IsEscape(Result) && Error.Reason != FsReasons.PrefixMissing;
}
