namespace Strata.Policy;

/// <summary>Where an audit log ends: the number of its last record and that record's hash, which the next one repeats.</summary>
/// <param name="Seq">Number of the record, counted from 1; 0 before the first.</param>
/// <param name="Hash">SHA-256 of the record's line without its newline, 64 lower-case hex digits.</param>
public readonly record struct AuditHead(long Seq, string Hash)
{
    /// <summary>Digits of a hash.</summary>
    public const int HashDigits = 64;

    /// <summary>What the first record of a log builds on: number 0 and a hash of zeros.</summary>
    public static AuditHead Genesis { get; } = new(0, new string('0', HashDigits));
}
