namespace Strata.Hosting;

/// <summary>Where audit lines are kept. Used by one thread at a time.</summary>
internal interface IAuditFile
{
    /// <summary>Appends lines, all of them or none.</summary>
    /// <exception cref="IOException">Nothing was appended; a later call tries anew.</exception>
    void Append(ReadOnlySpan<byte> lines);

    /// <summary>Returns when everything appended is on disk.</summary>
    /// <exception cref="IOException">Whether it is cannot be known.</exception>
    void Sync();

    /// <summary>Lets go of the file; a later append opens it again.</summary>
    void Close();
}
