namespace Strata.Linux;

/// <summary>A file of a <see cref="TrustedDirectory"/>.</summary>
/// <param name="Path">The directory's path as it was given, and the file's name.</param>
/// <param name="Content">Its bytes, at most one more than was asked for; empty when there is a fault.</param>
/// <param name="Fault">Why it must not be used; continues a sentence that begins with the path. Null when it may be.</param>
public sealed record TrustedFile(string Path, ReadOnlyMemory<byte> Content, string? Fault);
