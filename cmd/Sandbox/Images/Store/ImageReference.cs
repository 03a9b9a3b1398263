using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>Where an image is fetched from: <c>registry/repository:tag</c> or <c>registry/repository@sha256:…</c>. Nothing is added but the tag <c>latest</c>.</summary>
/// <param name="Registry">The host, with a port where it has one, small letters.</param>
/// <param name="Repository">The path there.</param>
/// <param name="Tag">The tag; null when a digest is given.</param>
/// <param name="Digest">The digest; null when a tag is given.</param>
internal sealed record ImageReference(string Registry, string Repository, string? Tag, Digest? Digest)
{
    internal const string LatestTag = ":latest";

    private const int MaxTagChars = 128;

    /// <summary>The name by which it is stored.</summary>
    internal string Name => Digest is { } digest ? PinnedName(digest) : $"{Registry}/{Repository}:{Tag}";

    /// <summary>The name that always means the same.</summary>
    internal string PinnedName(Digest digest) => $"{Registry}/{Repository}@{digest}";

    /// <summary>Whether a name says the image's content and so goes with it.</summary>
    internal static bool IsPinned(string name) => name.Contains('@', StringComparison.Ordinal);

    /// <summary>Reads one.</summary>
    /// <exception cref="SandboxException">It is none.</exception>
    internal static ImageReference Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var registry = slash < 0 ? "" : text[..slash];
        var rest = text[(slash + 1)..];
        if (!IsRegistry(registry))
        {
            throw Bad(text, "begin with the registry, as docker.io/library/alpine:3.20 does");
        }

        if (rest.Split('@') is [var repository, var said])
        {
            return IsRepository(repository) && Sandbox.Digest.TryParse(said) is { } digest ? new ImageReference(registry, repository, null, digest) : throw Bad(text, "name a repository and @sha256: with 64 small hexadecimal digits");
        }

        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        var tag = colon < 0 ? LatestTag[1..] : rest[(colon + 1)..];
        var path = colon < 0 ? rest : rest[..colon];
        return IsRepository(path) && IsTag(tag) ? new ImageReference(registry, path, tag, null) : throw Bad(text, "name a repository in small letters and a tag");
    }

    internal static bool IsTag(string tag) =>
        tag.Length is > 0 and <= MaxTagChars && tag[0] is not ('.' or '-') && tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    /// <summary>A host as a registry has it: with a dot or port, or localhost.</summary>
    internal static bool IsRegistry(string host) =>
        (host.Contains('.', StringComparison.Ordinal) || host.Contains(':', StringComparison.Ordinal) || host == "localhost") && host.Length <= 255
        && host.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or ':') && Uri.TryCreate("https://" + host, UriKind.Absolute, out var uri) && uri.AbsolutePath == "/"
        && (uri.Authority == host || uri.Authority + ":443" == host) && char.IsAsciiLetterOrDigit(host[0]); // What is connected to is what was said: no 0x7f.1, no closing colon.

    private static bool IsRepository(string path) => path.Length is > 0 and <= 200 && path.Split('/').All(part =>
        part.Length > 0 && char.IsAsciiLetterOrDigit(part[0]) && char.IsAsciiLetterOrDigit(part[^1]) && part.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '.' or '-'));

    private static SandboxException Bad(string text, string what) => new(ErrorCode.InvalidArgument, SandboxReasons.BadImageName, $"'{text}' is no image of a registry: it must {what}");
}
