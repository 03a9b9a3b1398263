using System.Text;
using Strata.Policy;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>
/// Prefix, requested path and named roots, a line each: what is resolved lies beneath the prefix by a plain reading of its parts, and
/// means the same when it is asked for again.
/// </summary>
internal sealed class PathTarget : FuzzTarget
{
    internal override string Name => "path";

    internal override int MaxBytes => 6000;

    internal override IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. Texts("\n", "/", "//", "/./", "/../", "..", ".", "...", "../", "./", "/srv/data", "/srv/database", "/srv", "home:", "home:/", "docs:/a", ":", ":rw", ":ro", ",", "home:/srv/home:rw", "~", "\\", "%2e%2e", "%2f", "\u2024\u2024", "\uff0e\uff0e/", "a", "A"),
        Encoding.ASCII.GetBytes(new string('a', ClaimLimits.MaxPathSegmentBytes)), Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("a/", ClaimLimits.MaxPathDepth))),
    ];

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        var lines = TextOf(input).Split('\n', 3);
        var roots = lines.Length > 2 ? RootsOutcome(lines[2]) : 0;
        var isPrefix = PathPrefix.TryParse(lines[0], out var prefix, out var fault);
        Unless(isPrefix == (PlainPath.PrefixOf(lines[0]) is not null), $"the prefix is taken by one reading and not by the other: {fault}");
        if (prefix is null || lines.Length < 2)
        {
            return new Outcome(false, fault, roots);
        }

        Unless(PathPrefix.TryParse(prefix.Value, out var again, out _) && again == prefix, "a prefix means something else when it is read again");
        var resolution = PathScope.Resolve(prefix, lines[1]);
        var expected = PlainPath.Resolve(lines[0], lines[1]);
        Unless(resolution.RelativePath == expected, $"resolved to {resolution.RelativePath ?? "nothing"}, not {expected ?? "nothing"}");
        if (!resolution.IsResolved)
        {
            Unless(resolution.Reason is DenyReason.InvalidPath or DenyReason.PathOutsidePrefix, "denied for another reason");
            return new Outcome(false, resolution.Reason.ToString(), roots);
        }

        AssertBeneath(prefix, resolution.RelativePath);
        return new Outcome(true, null, (roots * 16) + (prefix.RootName is null ? 0 : 8) + (prefix.Path == "/" ? 4 : 0) + (lines[1].StartsWith('/') ? 2 : 0) + (resolution.RelativePath == "." ? 1 : 0));
    }

    private static void AssertBeneath(PathPrefix prefix, string path)
    {
        Unless(path == "." || path.Split('/').All(part => part is not ("" or "." or "..")), "a resolved path has parts that lead elsewhere");
        Unless(!path.Contains('\0', StringComparison.Ordinal) && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(path)) == path, "a resolved path is not what would be opened");
        // Beneath a named root, a first folder called as the root needs the dot; with it every path stays what it is.
        var dotted = "./" + path;
        if (dotted.Length <= ClaimLimits.MaxPathBytes && Encoding.UTF8.GetByteCount(dotted) <= ClaimLimits.MaxPathBytes)
        {
            Unless(PathScope.Resolve(prefix, dotted).RelativePath == path, "a resolved path means something else when it is asked for again");
        }

        var whole = prefix.Value + "/" + path;
        if (Encoding.UTF8.GetByteCount(whole) <= ClaimLimits.MaxPathBytes && PathScope.Resolve(prefix, whole) is { IsResolved: true } same)
        {
            Unless(same.RelativePath == path, "the path in full is another one");
        }
    }

    private static int RootsOutcome(string text)
    {
        if (!NamedRoots.TryParse(text, out var roots, out var fault))
        {
            Unless(fault.Length > 0, "a fault without words");
            return 1;
        }

        var printed = string.Join(',', roots.All.Select(root => $"{root.Name}:{root.Path}:{(root.IsWritable ? "rw" : "ro")}"));
        Unless(NamedRoots.TryParse(printed, out var again, out _) && again.All.SequenceEqual(roots.All), "roots mean something else when they are read again");
        Unless(roots.All.All(root => NamedRoot.IsName(root.Name) && root.Path.RootName is null && roots.Of(root.Path) is not null), "a root that is none");
        return 2 + Math.Min(roots.All.Length, 4);
    }

    // Bytes that are no UTF-8 become halves of surrogate pairs: a request may hold those too, as escapes.
    private static string TextOf(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            var isRune = Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == System.Buffers.OperationStatus.Done;
            _ = isRune ? text.Append(rune.ToString()) : text.Append((char)(0xd800 + bytes[0]));
            bytes = bytes[consumed..];
        }

        return text.ToString();
    }
}
