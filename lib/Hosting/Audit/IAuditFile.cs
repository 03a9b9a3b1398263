using Strata.Policy;

namespace Strata.Hosting;

/// <summary>Where audit lines are kept. Used by one thread at a time.</summary>
internal interface IAuditFile
{
    /// <summary>Opens the file unless it is open, and tells where the log ends: the last line on disk.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    AuditHead Open();

    /// <summary>What somebody else did to the file since it was opened, in words; null when nothing.</summary>
    string? Disturbance();

    /// <summary>Appends lines, all of them or none.</summary>
    /// <exception cref="IOException">Nothing was appended; a later call tries anew.</exception>
    void Append(ReadOnlySpan<byte> lines);

    /// <summary>Returns when everything appended is on disk.</summary>
    /// <exception cref="IOException">Whether it is cannot be known.</exception>
    void Sync();

    /// <summary>Lets go of the file; a later append opens it again.</summary>
    void Close();
}
