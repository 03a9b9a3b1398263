namespace Strata.Supervisor;

/// <summary>Where the lines of one service are kept. Used by one thread at a time.</summary>
internal interface ILogFile
{
    /// <summary>Appends whole lines, all of them or none.</summary>
    /// <exception cref="IOException">Nothing was appended; a later call tries anew.</exception>
    void Append(ReadOnlySpan<byte> lines);

    /// <summary>Lets go of the file; a later append opens it again.</summary>
    void Close();
}
