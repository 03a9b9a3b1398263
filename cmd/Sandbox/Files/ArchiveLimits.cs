namespace Strata.Sandbox;

/// <summary>The bounds of one archive, either way.</summary>
/// <param name="MaxEntries">Most entries.</param>
/// <param name="MaxBytes">Most bytes of all files in it.</param>
/// <param name="MaxDepth">Most parts of an entry's path.</param>
internal sealed record ArchiveLimits(int MaxEntries = 1_000_000, long MaxBytes = 64L * 1024 * 1024 * 1024, int MaxDepth = 64)
{
    /// <summary>The longest path of an entry, in bytes.</summary>
    internal const int MaxPathBytes = 4095;

    /// <summary>Judges what came so far.</summary>
    /// <exception cref="SandboxException">It is more than may be.</exception>
    internal void Check(int entries, long bytes)
    {
        if (entries > MaxEntries || bytes > MaxBytes)
        {
            throw new SandboxException(
                Ipc.ErrorCode.ResourceExhausted, SandboxReasons.ArchiveTooLarge, $"an archive has at most {MaxEntries} entries and {MaxBytes} bytes of files; send it in parts");
        }
    }
}
