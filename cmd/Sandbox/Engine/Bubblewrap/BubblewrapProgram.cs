namespace Strata.Sandbox;

/// <summary>Where bubblewrap is. Pure.</summary>
internal static class BubblewrapProgram
{
    private const string Name = "bwrap";

    private static readonly string[] Usual = ["/usr/bin", "/bin", "/usr/local/bin"];

    /// <summary>Its path; null when it is nowhere.</summary>
    /// <param name="path">The variable.</param>
    /// <param name="exists">Whether there is a file.</param>
    internal static string? Find(string? path, Func<string, bool> exists) => HostProgram.Find(Name, Usual, path, exists);
}
