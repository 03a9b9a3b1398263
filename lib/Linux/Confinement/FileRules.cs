namespace Strata.Linux;

/// <summary>The files a child may reach (Landlock); every other path is denied. Each is a file, or a directory with all beneath it, and must exist.</summary>
/// <param name="Read">To read and list.</param>
/// <param name="Write">To read, change, make and remove.</param>
/// <param name="Execute">To read and execute.</param>
public sealed record FileRules(IReadOnlyList<string> Read, IReadOnlyList<string> Write, IReadOnlyList<string> Execute);
