using Strata.StrataCtl.CommandLine;

namespace Strata.StrataCtl.Commands;

/// <summary>A path in a session, as SESSION:PATH, or in a workspace without a session, as @WORKSPACE:PATH.</summary>
/// <param name="Session">The session; null for a workspace.</param>
/// <param name="Workspace">The workspace; null for a session.</param>
/// <param name="Path">The path inside.</param>
internal sealed record SandboxPlace(string? Session, string? Workspace, string Path)
{
    /// <summary>What calls are about, for advice when one is refused.</summary>
    public string Resource => Session ?? "@" + Workspace;

    /// <summary>Reads one; null for a path here: without a colon, or with a slash or dot before it as the first sign.</summary>
    public static SandboxPlace? TryRead(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || text[0] is '.' or '/' || text.AsSpan(0, colon).Contains('/'))
        {
            return null;
        }

        var (name, path) = (text[..colon], colon + 1 < text.Length ? text[(colon + 1)..] : ".");
        return name[0] == '@' ? new SandboxPlace(null, name[1..], path) : new SandboxPlace(name, null, path);
    }

    /// <summary>Reads one that must be one.</summary>
    /// <exception cref="UsageException">It is a path here.</exception>
    public static SandboxPlace Read(string text) =>
        TryRead(text) ?? throw new UsageException($"{text} names no place in a sandbox; write SESSION:PATH, or @WORKSPACE:PATH without a session");
}
