namespace Strata.Sandbox;

/// <summary>What is kept of a snapshot beside its files.</summary>
/// <param name="Version">Of this form: <see cref="CurrentVersion"/>.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Name">What that owner calls it; it is in no path.</param>
/// <param name="Session">Name of the session it was taken of.</param>
/// <param name="Created">When it was taken.</param>
/// <param name="Terms">What that session was asked to be; without the values of secrets, which are nowhere on disk.</param>
/// <param name="Bytes">Bytes of content in it.</param>
/// <param name="Files">Entries in it.</param>
internal sealed record SnapshotRecord(int Version, string Owner, string Name, string Session, DateTimeOffset Created, SessionTerms Terms, long Bytes, long Files)
{
    internal const int CurrentVersion = 1;
}
