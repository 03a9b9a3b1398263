namespace Strata.Identity;

/// <summary>
/// What is kept in memory of an issued capability: enough to choose by, and where the rest is. A million of them must stay
/// small, so texts are kept as hashes, and what a hash finds is compared with the record itself.
/// </summary>
internal struct IssuedEntry
{
    internal PackedId Id;
    internal PackedId Parent;
    internal long Offset;
    internal uint Serial;
    internal int Length;
    internal uint IssuedAt;
    internal uint ExpiresAt;
    internal uint SubjectHash;
    internal uint ServiceHash;
    internal uint TemplateHash;

    /// <summary>How many capabilities were derived from it, counted at the root of each chain.</summary>
    internal int Derived;
}
